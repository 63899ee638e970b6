//! The first values of a column, for who can tell from them what the others are.
//!
//! Owns the values and what was once made of them. A format fills it from the head of its source,
//! so that it is the same on any number of threads and in a pipe; what the values mean it is not
//! told.

use std::fmt;
use std::sync::OnceLock;

/// The longest value that is kept; longer ones are texts.
const LONGEST: usize = 40;

/// Some of the first values of a column.
#[derive(Default)]
pub struct Sampled {
    values: Vec<u8>,
    count: usize,
    told: OnceLock<u8>,
}

impl fmt::Debug for Sampled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sampled({} values)", self.count)
    }
}

impl Sampled {
    /// Adds the next value, unless it is empty; of a text only that there is one.
    pub fn push(&mut self, value: &[u8]) {
        let value = value.trim_ascii();
        if value.is_empty() {
            return;
        }
        self.count += 1;
        if value.len() <= LONGEST && !value.contains(&b'\n') {
            self.values.extend_from_slice(value);
            self.values.push(b'\n');
        }
    }

    /// How many values there were.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there was no value.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The values that are no texts, without blanks around them.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.values.split(|b| *b == b'\n').filter(|v| !v.is_empty())
    }

    /// What `judge` makes of the values, as bits that are its own; it is asked once, so whoever asks
    /// must always ask the same.
    pub fn told(&self, judge: impl FnOnce(&Sampled) -> u8) -> u8 {
        *self.told.get_or_init(|| judge(self))
    }
}
