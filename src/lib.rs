//! `efface` finds personal data in files, says whose it is, and removes it in place, with proof.
pub mod detect;
pub mod entity;
