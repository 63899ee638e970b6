//! Showing: the printer, and a sink per way of showing findings.
//!
//! Owns everything that leaves the program by its standard streams. Knows findings and accounts of
//! sources; it never reads a source and never changes one.

mod certificate;
mod csv;
mod escape;
mod html;
mod jsonl;
mod known;
mod labelled;
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

pub use certificate::{Certificate, Certified};
pub use csv::Csv;
pub use escape::Shown;
pub(crate) use escape::html as html_text;
pub use html::Html;
pub(crate) use html::{HEAD as PAGE_HEAD, POLICY as PAGE_POLICY};
pub use jsonl::Jsonl;
pub use labelled::Labeller;
pub use printer::{Color, Printer, Target, hush_panics};
pub use redaction::Redaction;
pub use sarif::Sarif;
pub use sink::{Null, Options, ReportFormat, open};
pub use sweep::{Sweeping, sweep_check, sweep_json, sweep_metrics};
pub use sweep_page::sweep_page;
pub use table::Table;
