//! Plain text, logs of all kinds and SIP traces.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["text"], data));
