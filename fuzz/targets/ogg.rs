//! Recordings in Ogg Vorbis, with their comments.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::file("ogg", data));
