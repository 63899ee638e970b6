//! Silence can be as long as anything, and is silence to a decoder that is not ours.

use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};

use super::frame::Head;
use super::*;

/// `STREAMINFO` of 8,000 samples a second.
fn info(block: u16, channels: u8, bits: u8) -> Vec<u8> {
    let mut out = [block.to_be_bytes(), block.to_be_bytes()].concat();
    out.extend([0; 6]);
    let packed = 8000_u64 << 44 | u64::from(channels - 1) << 41 | u64::from(bits - 1) << 36;
    out.extend(packed.to_be_bytes());
    out.extend([0; 16]);
    out
}

/// The header of a frame with so many samples, whose channels are assigned so.
fn header(samples: u16, assigned: u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xf8, 0x74, assigned << 4, 0];
    out.extend((samples - 1).to_be_bytes());
    out.push(sums::sum8(&out));
    out
}

fn decoded(info: &[u8], frame: &[u8]) -> Vec<Vec<i32>> {
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(CODEC_ID_FLAC)
        .with_extra_data(info.into());
    let mut decoder = FlacDecoder::try_new(&parameters, &AudioDecoderOptions::default()).unwrap();
    let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame);
    let mut planes = Vec::new();
    let sound = decoder.decode_ref(&packet).unwrap();
    sound.copy_to_vecs_planar(&mut planes);
    planes
}

#[test]
fn a_silent_frame_is_as_long_as_it_has_to_be() {
    for (samples, channels, bits, assigned) in [
        (4096, 1, 16, 0),
        (4608, 2, 16, 1),
        (4608, 2, 16, 8),
        (1152, 2, 24, 9),
        (576, 1, 8, 0),
        (192, 2, 16, 10),
    ] {
        let info = info(samples, channels, bits);
        let form = Form::read(&info).unwrap();
        let header = header(samples, assigned);
        let head = Head::read(&header, &form).unwrap();
        let full = usize::from(samples) * usize::from(channels) * usize::from(bits) / 8;
        let mut lengths: Vec<usize> = (40..full).step_by(full / 97).collect();
        lengths.extend([full + 12, full + 20]);
        for len in lengths {
            let frame = bits::silent(&head, &header, &form, len);
            assert_eq!(frame.len(), len, "{samples} samples of {bits} bits");
            let planes = decoded(&info, &frame);
            assert_eq!(planes.len(), usize::from(channels));
            for plane in planes {
                assert_eq!(plane, vec![0; usize::from(samples)]);
            }
        }
    }
}

#[test]
fn a_frame_of_any_number_of_samples_is_never_longer() {
    for samples in [1, 17, 1001, 3333] {
        let info = info(4096, 1, 16);
        let form = Form::read(&info).unwrap();
        let header = header(samples, 0);
        let head = Head::read(&header, &form).unwrap();
        for len in (15..usize::from(samples) * 2).step_by(61) {
            let frame = bits::silent(&head, &header, &form, len);
            assert!(frame.len() <= len, "{} for {len}", frame.len());
            assert_eq!(decoded(&info, &frame), [vec![0; usize::from(samples)]]);
        }
    }
}
