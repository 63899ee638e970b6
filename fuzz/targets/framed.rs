//! Logs whose pieces stand behind their lengths.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["syslog-tcp", "journal-export"], data));
