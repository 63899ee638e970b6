//! The only writer of user files: plan, guard, apply, receipt (docs/ARCHITECTURE.md).
//! It owns how bytes reach the disk and what is promised about it; it must not know how edits
//! are found.

pub mod ageing;
pub mod apply;
pub mod audit;
pub mod beside;
pub mod content;
mod database;
pub mod derive;
pub mod doctor;
pub mod edit;
pub(crate) mod edits;
pub mod failure;
pub mod files;
pub mod guard;
pub mod hold;
pub mod io;
pub(crate) mod journal;
pub(crate) mod lock;
pub mod medium;
pub(crate) mod member;
pub(crate) mod metadata;
pub mod mode;
pub mod operator;
pub(crate) mod overwrite;
pub mod paths;
pub mod place;
pub(crate) mod publish;
pub mod receipt;
pub(crate) mod recompress;
pub mod recording;
pub mod recover;
pub mod saved;
pub mod selection;
pub(crate) mod stage;
pub mod state;
pub mod stream;
pub mod suppressed;
