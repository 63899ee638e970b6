//! Recordings in MPEG frames, with ID3 and APE tags.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::file("mp3", data));
