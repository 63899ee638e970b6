//! Whatever becomes of a recording on its way, reading and muting it ends, stays within the file
//! and does not panic: containers with bytes changed, stretches doubled, ends cut off, lengths that
//! lie. `EFFACE_CAMPAIGN` makes the 400 of each container 20,000.

use super::{Kind, Stream, feed, mute};
use crate::format::{Chunk, Torn};
use crate::source::open_stream;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((self.0 >> 33) as usize) % most.max(1)
    }
}

/// What happens to a file: up to four mishaps.
fn befallen(file: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..=dice.below(4) {
        if file.is_empty() {
            break;
        }
        // The beginning is where headers are.
        let near = if dice.below(2) == 0 { 200 } else { usize::MAX };
        let at = dice.below(file.len().min(near));
        let behind = (at + 1 + dice.below(60)).min(file.len());
        match dice.below(6) {
            0 => file[at] = dice.below(256) as u8,
            1 => file[at] ^= 1 << dice.below(8),
            2 => file[at..behind.min(at + 4)].fill(0xff),
            3 => drop(file.drain(at..behind)),
            4 => {
                let twice = file[at..behind].to_vec();
                file.splice(at..at, twice);
            }
            _ => file.truncate(at),
        }
    }
    file
}

fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = [id.as_slice(), &(content.len() as u32).to_le_bytes()].concat();
    out.extend(content);
    out
}

/// A small file of each container, with tags.
fn files() -> Vec<(Kind, Vec<u8>)> {
    let id3 = {
        let text = b"\x01\xff\xfe4\x001\x006\x00";
        let mut frame = [
            b"TPE1".as_slice(),
            &(text.len() as u32).to_be_bytes(),
            &[0, 0],
        ]
        .concat();
        frame.extend(text);
        frame.extend(b"APIC\0\0\0\x12\0\0\0image/png\0\x03\0\x89PNG..");
        [
            b"ID3\x03\0\0\0\0\0".as_slice(),
            &[frame.len() as u8],
            &frame,
        ]
        .concat()
    };
    let info = [b"INFO".as_slice(), &chunk(b"ICMT", b"416-555-0123\0")].concat();
    let tags = [chunk(b"LIST", &info), chunk(b"id3 ", &id3)].concat();
    let wav = |tag: u16, block: u16, bits: u16, sound: &[u8]| {
        let numbers = [tag, 1, 8000, 0, 8000, 0, block, bits].map(u16::to_le_bytes);
        let format = chunk(b"fmt ", &numbers.concat());
        let content = [
            b"WAVE".to_vec(),
            format,
            chunk(b"data", sound),
            tags.clone(),
        ]
        .concat();
        chunk(b"RIFF", &content)
    };
    let noise: Vec<u8> = (0..650_u32).map(|at| ((at * at) >> 3) as u8).collect();
    let mut frame = vec![0xff, 0xe3, 0x18, 0xc4];
    frame.extend(noise.iter().take(68));
    let ape = {
        let edge = |flags: u32| {
            let numbers = [2000, 51, 1, flags].map(u32::to_le_bytes).concat();
            [b"APETAGEX".as_slice(), &numbers, &[0; 8]].concat()
        };
        let item = [b"\x0c\0\0\0\0\0\0\0Who\0".as_slice(), b"416-555-0123"].concat();
        [edge(0xa000_0000), item, edge(0x8000_0000)].concat()
    };
    let mp3 = [
        id3.clone(),
        frame.repeat(12),
        ape,
        [b"TAG".as_slice(), &[b'a'; 125]].concat(),
    ];
    vec![
        (Kind::Wav, wav(1, 2, 16, &noise)),
        (Kind::Wav, wav(7, 1, 8, &noise)),
        (Kind::Wav, wav(0x31, 65, 0, &noise)),
        (Kind::Mp3, mp3.concat()),
        (
            Kind::of(None, &[0xd5; 33], "a.gsm").unwrap(),
            vec![0xd5; 33 * 4],
        ),
        (
            Kind::Ogg,
            include_bytes!("../../../fixtures/recordings/mono.ogg")[..].to_vec(),
        ),
        (Kind::M4a, m4a()),
        // Two frames, and the beginning of a third.
        (
            Kind::Flac,
            include_bytes!("../../../fixtures/recordings/mono.flac")[..9500].to_vec(),
        ),
    ]
}

/// Boxes of tags, of tables and of what those call sound.
fn m4a() -> Vec<u8> {
    let atom = |kind: &[u8; 4], content: &[u8]| {
        let len = (content.len() as u32 + 8).to_be_bytes();
        [&len, kind.as_slice(), content].concat()
    };
    let data = atom(b"data", b"\0\0\0\x01\0\0\0\0call 416-555-0123");
    let tag = [
        atom(b"hdlr", &[0; 25]),
        atom(b"ilst", &atom(b"\xa9cmt", &data)),
    ]
    .concat();
    let meta = atom(b"meta", &[&[0; 4], tag.as_slice()].concat());
    let numbers = |numbers: &[u32]| {
        numbers
            .iter()
            .flat_map(|n| n.to_be_bytes())
            .collect::<Vec<_>>()
    };
    let esds = b"\0\0\0\0\x03\x19\0\0\0\x04\x11\x40\x15\0\0\0\0\0\0\0\0\0\0\0\x05\x02\x15\x88";
    let entry = [
        &[0; 16][..],
        &[0, 1, 0, 16, 0, 0, 0, 0, 0x1f, 0x40, 0, 0],
        &atom(b"esds", esds),
    ];
    let tables = [
        atom(
            b"stsd",
            &[
                &[0, 0, 0, 0, 0, 0, 0, 1],
                atom(b"mp4a", &entry.concat()).as_slice(),
            ]
            .concat(),
        ),
        atom(b"stsz", &numbers(&[0, 0, 3, 6, 6, 6])),
        atom(b"stsc", &numbers(&[0, 1, 1, 3, 1])),
        atom(b"stco", &numbers(&[0, 1, 16 + 8])),
    ];
    let minf = atom(b"minf", &atom(b"stbl", &tables.concat()));
    let handler = atom(
        b"hdlr",
        &[&[0; 8], b"soun".as_slice(), &[0; 12], b"Sound\0"].concat(),
    );
    let track = atom(b"trak", &atom(b"mdia", &[handler, minf].concat()));
    let moov = [track, atom(b"udta", &meta)].concat();
    [
        atom(b"ftyp", b"M4A \0\0\0\0"),
        // A channel without a spectrum, and the end.
        atom(b"mdat", &[0, 0, 0, 7, 0, 0].repeat(3)),
        atom(b"moov", &moov),
        atom(b"free", b"416-555-0123"),
    ]
    .concat()
}

/// Reads and mutes a file; how many bytes were come past.
fn ask(kind: Kind, file: &[u8]) -> u64 {
    let stream = || open_stream(std::io::Cursor::new(file.to_vec()));
    let mut feed = feed(kind, stream());
    // Each window holds a byte at least.
    for _ in 0..=file.len() {
        let Some((text, offset, part)) = feed.next() else {
            break;
        };
        assert!(part.keys().is_some() || offset + text.len() as u64 <= file.len() as u64);
        let chunk = Chunk {
            text: &text,
            start: 0,
            end: text.len(),
            offset,
            torn: Torn::default(),
        };
        let index = part.reader().index(chunk);
        for view in part.reader().read(chunk, &*index).views {
            for range in view.parts(0..view.text().len()) {
                assert!(range.end <= text.len() as u64);
            }
        }
    }
    assert!(feed.is_done());
    if let Ok(muted) = mute(kind, stream(), file.len() as u64, &[0..40, 30..90_000]) {
        let mut behind = 0;
        for splice in muted.splices {
            // What is damaged may not be muted.
            let Ok(splice) = splice else {
                break;
            };
            assert!(behind <= splice.range.start && splice.range.end <= file.len() as u64);
            let len = splice.range.end - splice.range.start;
            assert!(len == splice.bytes.len() as u64 || !muted.same_width);
            behind = splice.range.end;
        }
    }
    feed.bytes().0
}

#[test]
fn every_container_is_read_to_its_end_whatever_became_of_it() {
    let mut dice = Dice(5);
    let campaign = std::env::var_os("EFFACE_CAMPAIGN").is_some();
    let rounds = if campaign { 20_000 } else { 400 };
    for (kind, file) in files() {
        assert_eq!(ask(kind, &file), file.len() as u64, "{kind:?}");
        for _ in 0..rounds {
            let file = befallen(&file, &mut dice);
            assert_eq!(ask(kind, &file), file.len() as u64, "{kind:?}");
        }
    }
}

#[test]
fn a_stream_is_looked_ahead_and_passed_over_in_any_steps() {
    let bytes: Vec<u8> = (0..200_000_u32).map(|at| at as u8).collect();
    let mut stream = Stream::new(Box::new(std::io::Cursor::new(bytes.clone())));
    let mut at = 0;
    for step in [1, 70_000, 3, 60_000, 65_536, 9999, 1] {
        let seen = stream.peek(step).to_vec();
        let end = (at + step).min(bytes.len());
        assert_eq!(seen, bytes[at..end]);
        at += stream.skip(step as u64) as usize;
        assert_eq!(stream.offset(), at as u64);
    }
    assert_eq!(at, bytes.len());
    assert!(stream.peek(1).is_empty());
}
