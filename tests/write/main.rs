//! What the write engine promises, promise by promise: faults (R2, R3), holds (R6), receipts
//! (R4), stale plans (R12), metadata, links, live writers, remanence, keys, two runs at once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::print_stdout,
    reason = "tests print their figures and what they skip"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

mod bench;
mod content;
mod faults;
mod holds;
mod live;
mod metadata;
mod places;
mod races;
mod receipts;
mod refusals;
mod remanence;
#[path = "../kill/scenario.rs"]
mod scenario;
mod states;
