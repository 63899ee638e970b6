//! Walks JSON token by token, tolerantly: whatever the input is, every byte is passed once.
//!
//! Owns where strings, numbers and containers lie and under which keys. A line end ends a string,
//! as none may stand in one, so that one bad string costs its line and no more. Nesting is a list,
//! not recursion, and bounded.

/// Containers whose keys are kept; deeper ones are counted only.
const DEEPEST: usize = 512;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string that names a member.
    Key,
    /// A string that is a value.
    Text,
    /// A number or a literal.
    Bare,
    /// A bracket or brace.
    Bracket,
}

/// One token; the range of a string is what stands between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A container that is open.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    array: bool,
    /// Where its bracket stands.
    open: usize,
    /// The key of its current member.
    key: Option<(usize, usize)>,
    /// Which record it is, counted from 0: an object that stands in an array or alone.
    record: Option<u64>,
}

/// A walk through a text.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// Where the next token is looked for.
    pub(super) at: usize,
    /// Containers that are open, innermost last, below an unknown one the walk began in.
    stack: Vec<Frame>,
    bottom: Frame,
    /// Open containers beyond `DEEPEST`.
    deeper: usize,
    /// Objects begun that are records.
    pub(super) records: u64,
    /// Whether the last thing passed was a comma.
    pub(super) behind_comma: bool,
    /// Containers closed that were open before the walk began.
    pub(super) closed: usize,
}

impl Walk {
    /// A walk from `at`, which lies outside strings.
    pub(super) fn new(at: usize) -> Walk {
        Walk {
            at,
            stack: Vec::new(),
            bottom: Frame::default(),
            deeper: 0,
            records: 0,
            behind_comma: false,
            closed: 0,
        }
    }

    /// Starts over at `at`, keeping memory.
    pub(super) fn restart(&mut self, at: usize) {
        self.at = at;
        self.stack.clear();
        self.bottom = Frame::default();
        self.deeper = 0;
        self.behind_comma = false;
        self.closed = 0;
    }

    /// Passes the next token of `text`; `None` at its end.
    pub(super) fn next(&mut self, text: &[u8]) -> Option<Token> {
        let comma = self.skip(text);
        self.behind_comma = comma;
        let start = self.at;
        let kind = match text.get(start)? {
            b'"' => return Some(self.string(text, start + 1)),
            byte @ (b'{' | b'[') => {
                self.open(*byte == b'[', start);
                Kind::Bracket
            }
            b'}' | b']' => {
                self.close();
                Kind::Bracket
            }
            _ => {
                let rest = text.get(start..).unwrap_or_default();
                let len = rest
                    .iter()
                    .position(|&byte| ends_bare(byte))
                    .unwrap_or(rest.len());
                self.at = start + len.max(1);
                return Some(Token {
                    kind: Kind::Bare,
                    start,
                    end: self.at,
                });
            }
        };
        self.at = start + 1;
        Some(Token {
            kind,
            start,
            end: start + 1,
        })
    }

    /// Passes what stands between tokens; says whether a comma did.
    fn skip(&mut self, text: &[u8]) -> bool {
        /// Blanks that are passed at once: documents are indented.
        const BLANKS: [u8; 8] = [b' '; 8];
        let mut comma = false;
        while let Some(byte) = text.get(self.at) {
            match byte {
                b',' => comma = true,
                b' ' if text
                    .get(self.at..)
                    .is_some_and(|rest| rest.starts_with(&BLANKS)) =>
                {
                    self.at += BLANKS.len();
                    continue;
                }
                b' ' | b'\t' | b'\r' | b'\n' | b':' => {}
                _ => break,
            }
            self.at += 1;
        }
        comma
    }

    fn string(&mut self, text: &[u8], start: usize) -> Token {
        let (end, closed) = string_end(text, start);
        self.at = end + usize::from(closed);
        let behind = text.get(self.at..).unwrap_or_default();
        let next = behind
            .iter()
            .find(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
        let kind = if next == Some(&b':') {
            Kind::Key
        } else {
            Kind::Text
        };
        if kind == Kind::Key && self.deeper == 0 {
            self.top().key = Some((start, end));
        }
        Token { kind, start, end }
    }

    fn open(&mut self, array: bool, at: usize) {
        let parent = self.stack.last();
        let alone = parent.is_none_or(|parent| parent.array) && self.deeper == 0;
        let member = parent.is_none() && self.bottom.key.is_some();
        let record = (!array && alone && !member).then_some(self.records);
        self.records += u64::from(record.is_some());
        if self.deeper > 0 || self.stack.len() >= DEEPEST {
            self.deeper += 1;
            return;
        }
        self.stack.push(Frame {
            array,
            open: at,
            key: None,
            record,
        });
    }

    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if self.stack.pop().is_none() {
            self.bottom = Frame::default();
            self.closed += 1;
        }
    }

    fn top(&mut self) -> &mut Frame {
        self.stack.last_mut().unwrap_or(&mut self.bottom)
    }

    /// How many containers are open, less those closed that were open before.
    pub(super) fn depth(&self) -> isize {
        (self.stack.len() + self.deeper) as isize - self.closed as isize
    }

    /// Whether the innermost container is an array, or one that is not known.
    pub(super) fn in_array(&self) -> bool {
        self.stack.last().is_none_or(|frame| frame.array)
    }

    /// The key that names the place: its member's, or that of the array around it.
    pub(super) fn key(&self) -> Option<(usize, usize)> {
        self.outwards()
            .find(|frame| !frame.array || frame.key.is_some())
            .and_then(|frame| frame.key)
    }

    /// Where the braces of the records around the place stand, innermost first.
    pub(super) fn records_around(&self) -> impl Iterator<Item = usize> {
        self.outwards()
            .filter(|frame| frame.record.is_some())
            .map(|frame| frame.open)
    }

    /// The record around the place and where its brace stands.
    pub(super) fn record(&self) -> Option<(u64, usize)> {
        self.outwards()
            .find_map(|frame| Some((frame.record?, frame.open)))
    }

    /// Whether the record around the place is in no array that is known.
    pub(super) fn record_is_alone(&self) -> bool {
        let record = self.stack.iter().position(|frame| frame.record.is_some());
        let last = self.stack.iter().rposition(|frame| frame.record.is_some());
        record == Some(0) && last == Some(0) && self.closed == 0
    }

    /// The keys around the place, innermost first; `None` stands for an array.
    pub(super) fn path(&self) -> impl Iterator<Item = Option<(usize, usize)>> {
        self.outwards().filter_map(|frame| match frame.array {
            true => Some(None),
            false => frame.key.map(Some),
        })
    }

    fn outwards(&self) -> impl Iterator<Item = &Frame> {
        self.stack.iter().rev().chain([&self.bottom])
    }
}

/// Where the string that starts at `start`, behind its quote, ends, and whether a quote ends it.
pub(super) fn string_end(text: &[u8], start: usize) -> (usize, bool) {
    let mut at = start;
    while let Some(i) = text
        .get(at..)
        .and_then(|rest| memchr::memchr3(b'"', b'\\', b'\n', rest))
    {
        match text.get(at + i) {
            Some(b'"') => return (at + i, true),
            Some(b'\\') if text.get(at + i + 1) != Some(&b'\n') => at += i + 2,
            Some(b'\\') => return (at + i + 1, false),
            _ => return (at + i, false),
        }
    }
    (text.len(), false)
}

pub(super) const fn ends_bare(byte: u8) -> bool {
    matches!(
        byte,
        b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']' | b' ' | b'\t' | b'\r' | b'\n'
    )
}
