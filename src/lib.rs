//! `efface` finds personal data in files, says whose it is, and removes it in place, with proof.

pub mod cli;
pub(crate) mod container;
pub mod detect;
pub mod edit;
pub mod entity;
pub mod finding;
pub mod format;
pub mod lists;
pub mod raw;
pub mod redact;
pub mod report;
pub mod scan;
pub mod source;
pub mod subject;
pub mod time;
pub mod view;
pub mod walk;
