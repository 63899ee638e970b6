//! What recordings say of themselves, in every form tags have.
//!
//! Owns one file for each form. A form is given the bytes of a stretch and names the values in it.

pub(super) mod ape;
pub(super) mod bytes;
pub(super) mod id3;
pub(super) mod riff;
pub(super) mod tail;
pub(super) mod xiph;
