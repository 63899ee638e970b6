//! The only writer of user files: plan, guard, apply, receipt (docs/ARCHITECTURE.md).
//! It owns how bytes reach the disk and what is promised about it; it must not know how edits
//! are found.

pub mod apply;
pub mod content;
pub mod doctor;
pub mod edit;
pub mod failure;
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
pub mod place;
pub(crate) mod publish;
pub mod receipt;
pub mod recover;
pub(crate) mod stage;
pub mod state;
