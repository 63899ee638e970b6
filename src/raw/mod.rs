//! The one reviewed module that may say `unsafe`: processor instructions, the system calls that no
//! safe crate offers, and the callbacks through which SQLite reads and writes.
//!
//! Everything here is safe to call. Knows bytes and bits only.
#![expect(
    unsafe_code,
    reason = "vector instructions, leases and SQLite's callbacks have no safe form; reviewed line \
              by line"
)]

mod classes;
pub(crate) mod database;
pub(crate) mod lease;
mod needles;
mod sets;

pub use classes::{
    BLOCK, Bits, Classes, Hot, SPAN, STRIP, classify, run_hot, with_best_instructions,
};
pub(crate) use needles::{Marks, between, block, mark, masks, places};
pub(crate) use sets::{Set, find_foreign, sets};
