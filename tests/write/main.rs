//! What the write engine promises, promise by promise: faults (R2, R3), holds (R6), receipts
//! (R4), stale plans (R12), metadata, links, live writers, remanence, keys, two runs at once.

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
