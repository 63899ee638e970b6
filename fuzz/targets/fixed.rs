//! Call records by column.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["fixed-width"], data));
