//! What a running scan tells of itself, and how it is asked to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters that the engine adds to and a progress display reads, and the flag that asks the
/// engine to stop. Shared between threads; the counts order nothing, so they are relaxed.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    findings: AtomicU64,
    files: AtomicU64,
    stop: AtomicBool,
}

impl Progress {
    /// Adds decoded bytes that were read.
    pub fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Adds findings.
    pub fn add_findings(&self, findings: u64) {
        self.findings.fetch_add(findings, Ordering::Relaxed);
    }

    /// Adds one source that is done.
    pub fn add_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Decoded bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Findings so far.
    pub fn findings(&self) -> u64 {
        self.findings.load(Ordering::Relaxed)
    }

    /// Sources done so far.
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Asks the engine to stop; true when it had been asked before.
    pub fn stop(&self) -> bool {
        self.stop.swap(true, Ordering::Relaxed)
    }

    /// Whether the engine was asked to stop; it polls this between chunks and between files.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
