//! vCard and iCalendar.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| efface_fuzz::text(&["vcard", "icalendar"], data));
