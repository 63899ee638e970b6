//! Misuse of the command line, told in one sentence and one hint.

use std::fmt::{self, Display};

/// Something typed that cannot be carried out; nothing was read or changed.
#[derive(Debug)]
pub struct Misuse {
    sentence: String,
    hint: String,
}

impl Misuse {
    /// A sentence that names the thing, and what to type instead.
    pub fn new(sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Misuse {
            sentence: sentence.into(),
            hint: hint.into(),
        }
    }

    /// The sentence alone.
    pub(super) fn sentence(&self) -> &str {
        &self.sentence
    }

    /// An error that already has the shape of a sentence and a hint.
    pub(super) fn told(error: &dyn Display) -> Self {
        let text = error.to_string();
        let (sentence, hint) = text.split_once("\n\nhint: ").unwrap_or((&text, ""));
        Misuse::new(sentence, hint)
    }
}

impl Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\nhint: {}", self.sentence, self.hint)
    }
}
