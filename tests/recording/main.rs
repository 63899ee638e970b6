//! Recordings of calls: what is keyed in and what tags say is found, what was keyed in is silent
//! afterwards and nothing else is changed, and headers that lie are named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

#[path = "../redact/bench.rs"]
#[allow(dead_code, reason = "it is the bench of another test too")]
mod bench;
mod calls;
mod flac;
mod headers;
mod layer3;
mod mp4;
mod ogg;
mod outside;
mod packed;
mod spans;
mod synth;
mod tags;
