//! The one reviewed module that may say `unsafe`: processor instructions, the system calls that no
//! safe crate offers, memory that is a file, and the callbacks through which SQLite reads and writes.
//!
//! Everything here is safe to call. Knows bytes and bits only.
#![expect(
    unsafe_code,
    reason = "vector instructions, leases, mapped files and SQLite's callbacks have no safe form; \
              reviewed line by line"
)]

mod classes;
pub(crate) mod database;
pub(crate) mod lease;
pub(crate) mod mapped;
mod needles;
mod runs;
mod sets;

pub use classes::{
    BLOCK, Bits, Classes, Hot, SPAN, STRIP, classify, run_hot, with_best_instructions,
};
pub(crate) use needles::{Marks, between, block, mark, masks, places};
pub(crate) use runs::{LEAST, coded_runs, is_coded};
pub(crate) use sets::{Set, find_foreign, sets};
