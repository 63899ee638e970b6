//! Detectors: they know text and evidence, never formats.

pub mod phone;
