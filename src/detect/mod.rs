//! Finding personal data in text.
pub mod terms;
