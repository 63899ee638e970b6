//! Sound without a container, known by the name of its file alone.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for name in ["ulaw", "alaw", "sln", "sln16"] {
        efface_fuzz::file(name, data);
    }
});
