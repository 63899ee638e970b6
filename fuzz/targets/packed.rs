//! gzip, bzip2, xz and Zstandard.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::file("packed", data));
