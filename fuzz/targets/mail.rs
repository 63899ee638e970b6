//! Messages and folders of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["eml", "mbox"], data));
