//! What a file or an archive says of itself and of what it holds, in words: names, comments, owners.
//!
//! Owns the kinds of such words and what reads each. Knows neither where they are stored nor who
//! asks.

use super::reader;
use crate::format::{self, Head, Reader, Width};

/// What such words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// What something is called.
    Name,
    /// What a link leads to.
    Link,
    /// Whose it is.
    Owner,
    /// What somebody wrote about it.
    Comment,
    /// What a program keeps beside it.
    Extra,
}

impl Says {
    /// What reports call the field.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Says::Name => super::NAME,
            Says::Link => "link",
            Says::Owner => "owner",
            Says::Comment => "comment",
            Says::Extra => "extra",
        }
    }
}

/// Words that stand in no content.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Words {
    /// What they are.
    pub(crate) says: Says,
    /// Where they stand in what is told with them, in bytes; of a name that is told by itself 0.
    pub(crate) at: u64,
    /// What stands there.
    pub(crate) text: Vec<u8>,
    /// Whether what replaces a part of them may be of another length.
    pub(crate) width: Width,
}

impl Words {
    /// What reads them.
    pub(crate) fn reader(&self) -> Box<dyn Reader> {
        if self.says != Says::Comment {
            return reader(self.says.field(), self.width);
        }
        let head = Head {
            text: &self.text,
            name: "",
            whole: true,
        };
        format::tell_and_open(&head).1
    }
}
