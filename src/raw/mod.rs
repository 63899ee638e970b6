//! The one reviewed room with `unsafe` in it: system calls that no safe crate offers.
//!
//! It owns thin wrappers and their safety arguments; it must not know what they are used for.
#![expect(unsafe_code, reason = "fcntl lease commands have no safe wrapper")]

pub(crate) mod lease;
