//! SQL dumps.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["sql"], data));
