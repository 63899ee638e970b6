//! Recordings in RIFF, with their tags.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::file("wav", data));
