//! Recordings that cannot be muted: named, and nothing of the pair is changed.

use super::call::{self, Call};
use super::{contents, efface, told};

/// A recording of the call, its file's name, and what is wrong with it.
fn recordings(call: &Call) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let coded = |tag: u16| {
        let mut wav = call.wav();
        wav[20..22].copy_from_slice(&tag.to_le_bytes());
        wav
    };
    let flac = include_bytes!("../../fixtures/recordings/mono.flac");
    let damaged = |file: &[u8]| {
        let mut file = file.to_vec();
        let at = file.len() / 2;
        file[at..at + 64].fill(0x55);
        file
    };
    let ogg = include_bytes!("../../fixtures/recordings/mono.ogg");
    let mut opus = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13".to_vec();
    opus.extend(b"OpusHead\x01\x01\x38\x01\x40\x1f\0\0\0\0\0");
    let no_format = {
        let mut wav = call.wav();
        wav[12..16].copy_from_slice(b"fmd ");
        wav
    };
    vec![
        ("G.729 in WAV", "call.wav", coded(0x83)),
        ("IMA ADPCM in WAV", "call.wav", coded(0x11)),
        ("a codec of no name", "call.wav", coded(0x7777)),
        ("no format", "call.wav", no_format),
        (
            "a head and no more",
            "call.wav",
            b"RIFF\x10\0\0\0WAVE".to_vec(),
        ),
        ("nothing", "call.wav", Vec::new()),
        ("zeros", "call.mp3", vec![0; 4_000]),
        ("a damaged frame", "call.flac", damaged(flac)),
        ("a damaged page", "call.ogg", damaged(ogg)),
        ("Opus", "call.opus", opus),
        ("G.729 alone", "call.g729", vec![0x81; 800]),
        ("a cut head", "call.flac", flac[..30].to_vec()),
        ("less than a page", "call.ogg", ogg[..20].to_vec()),
    ]
}

#[test]
fn what_is_no_sound_that_can_be_muted_is_named_and_keeps_its_transcript() {
    let call = Call::usual();
    for (what, name, recording) in recordings(&call) {
        for strict in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let calls = dir.path().join("calls");
            std::fs::create_dir(&calls).unwrap();
            let files = [calls.join(name), calls.join("call.vtt")];
            std::fs::write(&files[0], &recording).unwrap();
            std::fs::write(&files[1], call::vtt(&call)).unwrap();
            let mut args = vec!["redact", "--in-place", "calls"];
            args.extend(strict.then_some("--strict"));
            let output = efface(dir.path(), &args);
            let told = told(&output);
            assert_eq!(output.status.code(), Some(3), "{what}: {told}");
            assert!(told.contains("call.vtt"), "{what}: {told}");
            assert!(!told.contains("0123"), "{what}: {told}");
            let before = [recording.clone(), call::vtt(&call).into_bytes()];
            assert!(contents(&files) == before, "{what}: {told}");
        }
    }
}
