//! WebVTT and SubRip.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["vtt", "srt"], data));
