//! Frames of GSM without a container.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::file("gsm", data));
