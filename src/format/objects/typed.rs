//! Typed streams, as `NSArchiver` writes them: `attributedBody` of a message store.
//!
//! Owns where their strings and data lie. A stream is walked value by value, as its own type
//! encodings say; what does not come out even is no such stream. Source: the `NSArchiver` format as
//! implemented by `GNUstep` and described by the pytypedstream project.

use std::ops::Range;

use super::Parts;

/// The first bytes.
pub(super) const MAGIC: &[u8] = b"\x04\x0bstreamtyped";

/// Objects within objects that are followed.
const DEEPEST: usize = 64;
/// The first byte that refers to what was there before.
const FIRST_REFERENCE: u8 = 0x92;
/// What stands for a new object, string or class, for none, and for the end of an object.
const NEW: u8 = 0x84;
const NIL: u8 = 0x85;
const END: u8 = 0x86;
/// What numbers of two and four bytes and floating ones begin with.
const TWO: u8 = 0x81;
const FOUR: u8 = 0x82;
const FLOAT: u8 = 0x83;

/// The strings and data of `bytes`; `None` where they are no typed stream to their end.
pub(super) fn parts(bytes: &[u8]) -> Option<Parts> {
    let mut stream = Stream {
        bytes,
        at: MAGIC.len(),
        types: Vec::new(),
        parts: Parts::default(),
    };
    bytes.starts_with(MAGIC).then_some(())?;
    stream.integer()?;
    stream.group(0)?;
    while stream.at < bytes.len() {
        stream.group(0)?;
    }
    Some(stream.parts)
}

struct Stream<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Strings that may be referred to: type encodings and names.
    types: Vec<Range<usize>>,
    parts: Parts,
}

impl<'b> Stream<'b> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, len: usize) -> Option<Range<usize>> {
        let range = self.at..self.at.checked_add(len)?;
        self.bytes.get(range.clone())?;
        self.at = range.end;
        Some(range)
    }

    /// A number, whose first byte is read already.
    fn number(&mut self, first: u8) -> Option<i64> {
        Some(match first {
            TWO => {
                let range = self.take(2)?;
                let octets: [u8; 2] = self.bytes.get(range)?.try_into().ok()?;
                i64::from(u16::from_le_bytes(octets))
            }
            FOUR => {
                let range = self.take(4)?;
                let octets: [u8; 4] = self.bytes.get(range)?.try_into().ok()?;
                i64::from(u32::from_le_bytes(octets))
            }
            FLOAT..FIRST_REFERENCE => return None,
            byte => i64::from(byte.cast_signed()),
        })
    }

    fn integer(&mut self) -> Option<i64> {
        let first = self.byte()?;
        self.number(first)
    }

    /// A string that stands here: its length, then its bytes; none is an empty one.
    fn string(&mut self) -> Option<Range<usize>> {
        let first = self.byte()?;
        if first == NIL {
            return self.take(0);
        }
        let len = usize::try_from(self.number(first)?).ok()?;
        self.take(len)
    }

    /// A string that may be referred to: new, or one that was; none is an empty one.
    fn shared(&mut self) -> Option<Range<usize>> {
        match self.byte()? {
            NIL => self.take(0),
            NEW => {
                let string = self.string()?;
                self.types.push(string.clone());
                Some(string)
            }
            reference => {
                let number = reference.checked_sub(FIRST_REFERENCE)?;
                self.types.get(usize::from(number)).cloned()
            }
        }
    }

    /// Values behind their types.
    fn group(&mut self, depth: usize) -> Option<()> {
        let types = self.shared()?;
        let types = self.bytes.get(types)?;
        self.values(types, depth)
    }

    fn values(&mut self, mut types: &'b [u8], depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        while let Some((&kind, rest)) = types.split_first() {
            types = rest;
            match kind {
                b'c' | b'C' | b'B' => drop(self.byte()?),
                b's' | b'S' | b'i' | b'I' | b'l' | b'L' | b'q' | b'Q' => drop(self.integer()?),
                b'f' | b'd' => self.float(if kind == b'f' { 4 } else { 8 })?,
                b'+' => {
                    let string = self.string()?;
                    self.parts.strings.push(string);
                }
                b':' | b'%' => self.shared().map(|_| ())?,
                b'*' => self.c_string()?,
                b'@' => self.object(depth)?,
                b'#' => self.class(depth)?,
                b'[' => {
                    let close = closing(rest, b'[', b']')?;
                    let (inner, behind) = rest.split_at(close);
                    types = behind.get(1..)?;
                    self.array(inner, depth)?;
                }
                b'{' => {
                    let close = closing(rest, b'{', b'}')?;
                    let (inner, behind) = rest.split_at(close);
                    types = behind.get(1..)?;
                    let named = memchr::memchr(b'=', inner)?;
                    self.values(inner.get(named + 1..)?, depth + 1)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn float(&mut self, width: usize) -> Option<()> {
        match self.byte()? {
            FLOAT => self.take(width).map(|_| ())?,
            first => drop(self.number(first)?),
        }
        Some(())
    }

    fn c_string(&mut self) -> Option<()> {
        match self.byte()? {
            NIL => {}
            NEW => {
                let here = self.at;
                let string = self.shared()?;
                // One that was there before is a type or a name.
                if string.start >= here {
                    self.parts.strings.push(string);
                }
            }
            reference if reference >= FIRST_REFERENCE => {}
            _ => return None,
        }
        Some(())
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        match self.byte()? {
            NIL => {}
            NEW => {
                self.class(depth)?;
                while self.bytes.get(self.at) != Some(&END) {
                    self.group(depth + 1)?;
                }
                self.at += 1;
            }
            reference if reference >= FIRST_REFERENCE => {}
            _ => return None,
        }
        Some(())
    }

    /// A class with those it descends from.
    fn class(&mut self, depth: usize) -> Option<()> {
        for _ in depth..=DEEPEST {
            match self.byte()? {
                NIL => return Some(()),
                NEW => {
                    self.shared()?;
                    self.integer()?;
                }
                reference if reference >= FIRST_REFERENCE => return Some(()),
                _ => return None,
            }
        }
        None
    }

    /// An array by what stands between its brackets: a count, and the type of its elements.
    fn array(&mut self, inner: &'b [u8], depth: usize) -> Option<()> {
        let digits = inner.iter().take_while(|b| b.is_ascii_digit()).count();
        let (count, kind) = inner.split_at(digits);
        let count: usize = std::str::from_utf8(count).ok()?.parse().ok()?;
        if matches!(kind, b"c" | b"C") {
            let data = self.take(count)?;
            self.parts.data.push(data);
            return Some(());
        }
        for _ in 0..count {
            // Each element takes a byte at least.
            self.bytes.get(self.at)?;
            self.values(kind, depth + 1)?;
        }
        Some(())
    }
}

/// Where the bracket that closes what was opened before `types` stands.
fn closing(types: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 1;
    types.iter().position(|&byte| {
        depth += usize::from(byte == open);
        depth -= usize::from(byte == close);
        depth == 0
    })
}
