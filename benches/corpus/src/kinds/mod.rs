//! The kinds of corpus: each writes one record after another into the sink.

mod cdr;
mod log;
mod messages;
mod prose;
mod transcript;

use std::io;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::sink::Sink;
use crate::words::Words;

/// What every kind draws from and moves on.
pub struct Stage {
    pub chance: Chance,
    pub words: Words,
    pub clock: Clock,
    /// Records written so far.
    pub serial: u64,
}

impl Stage {
    /// The stage that belongs to `seed`, at its first record.
    pub fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            words: Words::new(),
            clock: Clock::START,
            serial: 0,
        }
    }
}

/// Writes one record.
pub type Record = fn(&mut Stage, &mut Sink<'_>) -> io::Result<()>;

/// A kind: its name on the command line, what a file begins with, and its records.
pub struct Kind {
    pub name: &'static str,
    pub head: &'static str,
    pub record: Record,
}

/// All kinds, in the order the comparison prints them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "cdr",
        head: "",
        record: cdr::record,
    },
    Kind {
        name: "log",
        head: "",
        record: log::record,
    },
    Kind {
        name: "messages",
        head: "",
        record: messages::record,
    },
    Kind {
        name: "transcript",
        head: "WEBVTT\n\n",
        record: transcript::record,
    },
    Kind {
        name: "prose",
        head: "",
        record: prose::record,
    },
];

impl Kind {
    /// Writes records until the sink holds `bytes`.
    pub fn fill(&self, seed: u64, sink: &mut Sink<'_>, bytes: u64) -> io::Result<()> {
        let mut stage = Stage::new(seed);
        sink.text(self.head);
        while sink.offset() < bytes {
            (self.record)(&mut stage, sink)?;
            sink.settle()?;
        }
        Ok(())
    }
}
