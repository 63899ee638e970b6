//! What a format tells a detector about a place, in words every format shares.

use std::ops::Range;

use super::Sampled;

/// How people or programs write in this place; it decides how wide detectors read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Register {
    /// Written sentences: mail, notes, messages.
    #[default]
    Prose,
    /// Spoken words: transcripts.
    Talk,
    /// Lines that programs write.
    Log,
    /// A cell of a table or a value of a structured record.
    Cell,
    /// A place that holds identifiers, such as a file name.
    Identifier,
}

/// Whose side of the record a place belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// Who called.
    Caller,
    /// Who was called.
    Callee,
    /// Who sent a message.
    Sender,
    /// Who received a message.
    Recipient,
    /// The company's person.
    Agent,
    /// The company's own numbers.
    Own,
    /// Somebody spoken of.
    Mention,
}

impl Party {
    /// The name used in output and data files.
    pub const fn name(self) -> &'static str {
        match self {
            Party::Caller => "caller",
            Party::Callee => "callee",
            Party::Sender => "sender",
            Party::Recipient => "recipient",
            Party::Agent => "agent",
            Party::Own => "own",
            Party::Mention => "mention",
        }
    }

    /// The party of a name, if it is one.
    pub fn parse(name: &str) -> Option<Party> {
        [
            Party::Caller,
            Party::Callee,
            Party::Sender,
            Party::Recipient,
            Party::Agent,
            Party::Own,
            Party::Mention,
        ]
        .into_iter()
        .find(|p| p.name() == name)
    }
}

/// What is known about one place of a view.
#[derive(Clone, Debug, Default)]
pub struct Hints<'a> {
    /// How the place is written.
    pub register: Register,
    /// The column or key that names the place, as it stands in the source.
    pub label: Option<&'a [u8]>,
    /// Whose side of the record the place is, where the format knows.
    pub party: Option<Party>,
    /// The whole value around the place, where the format has values: in chunk offsets as a format
    /// gives it, in text offsets as [`super::View::hints`] hands it on.
    pub value: Option<Range<usize>>,
    /// The first values of the column around the place, where they are much like numbers.
    pub sampled: Option<&'a Sampled>,
}

/// Answers what is known about a chunk offset; asked only for candidates, so it may work lazily.
pub trait Hinting {
    /// What is known about the place at chunk offset `at`.
    fn hints(&self, at: usize) -> Hints<'_>;

    /// Hands over each value whose column or key `wanted` accepts, by its bounds in chunk offsets,
    /// with that name. Formats whose names stand beside their values have none to hand over.
    fn columns(&self, _wanted: &dyn Fn(&[u8]) -> bool, _each: &mut dyn FnMut(Range<usize>, &[u8])) {
    }

    /// Hands over each value of the columns whose name, where they have one, and first values
    /// `wanted` accepts, by its bounds in chunk offsets.
    fn sampled_columns(
        &self,
        _wanted: &dyn Fn(Option<&[u8]>, &Sampled) -> bool,
        _each: &mut dyn FnMut(Range<usize>),
    ) {
    }
}

/// For text without structure.
pub struct NoHints(pub Register);

impl Hinting for NoHints {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: self.0,
            ..Hints::default()
        }
    }
}
