//! Telephone numbers.

pub mod plan;
