//! Tables with commas and tabs.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["csv", "tsv"], data));
