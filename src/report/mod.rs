//! Showing: the printer, and a sink per way of showing findings.
//!
//! Owns everything that leaves the program by its standard streams. Knows findings and accounts of
//! sources; it never reads a source and never changes one.

mod csv;
mod escape;
mod jsonl;
mod known;
pub mod mask;
mod printer;
mod redaction;
pub mod sample;
mod sarif;
mod sheet;
mod sink;
mod sweep;
mod sweep_page;
mod table;

pub use csv::Csv;
pub use escape::Shown;
pub use jsonl::Jsonl;
pub use printer::{Color, Printer, Target, hush_panics};
pub use redaction::Redaction;
pub use sarif::Sarif;
pub use sink::{Null, Options, ReportFormat, open};
pub use sweep::{Sweeping, sweep_check, sweep_json, sweep_metrics};
pub use sweep_page::sweep_page;
pub use table::Table;
