//! What `redact`, `erase`, `hold`, `verify` and their kin do for people, by the program itself:
//! R1, R6, R7, R8 on files of every kind that is read.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

mod bench;
mod canaries;
mod erase;
mod exact;
mod filter;
mod holds;
mod names;
mod operators;
mod random;
mod refusals;
mod spoken;
