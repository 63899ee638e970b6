//! The engine: walks sources, reads and detects on all threads, and hands results over in order.

mod report;

pub use report::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};
