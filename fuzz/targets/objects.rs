//! Typed streams and binary property lists.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["typedstream", "binary-plist"], data));
