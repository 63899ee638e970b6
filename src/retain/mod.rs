//! Retention: what goes when, what stays until when, and the sweep that carries it out.
//!
//! Owns the policy, its resolution and what a run remembers from one time to the next. Knows no
//! format and writes no user file: the engine in `redact` asks it about records and carries out.

mod explain;
pub mod period;
pub mod policy;
mod remembered;
mod rules;
mod run;

pub use explain::{Unexplained, explain};
pub use run::{Budget, Sweep, SweepError, Swept, sweep, sweep_on};

#[cfg(test)]
mod tests;
