//! What the write engine promises, promise by promise: faults (R2, R3), holds (R6), receipts
//! (R4), stale plans (R12), metadata, links, live writers, remanence, keys, two runs at once.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::drop_non_drop,
    clippy::type_complexity,
    clippy::needless_for_each,
    clippy::bool_to_int_with_if,
    clippy::default_trait_access,
    dropping_copy_types,
    unreachable_pub,
    dead_code,
    reason = "a test program makes its own files, says what it did and stops at a surprise"
)]

mod bench;
mod content;
mod faults;
mod holds;
mod live;
mod metadata;
mod receipts;
mod refusals;
mod remanence;
#[path = "../kill/scenario.rs"]
mod scenario;
mod states;
