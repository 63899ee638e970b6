//! Recordings in MP4, with tags of all its kinds.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::file("m4a", data));
