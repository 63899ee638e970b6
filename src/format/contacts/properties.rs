//! Takes cards apart: lines with a name, parameters and a value, each with the lines it goes on in.

use std::ops::Range;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    QuotedPrintable,
    Base64,
}

/// One property.
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// Its name, without a group.
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    /// Whether its value goes on in other lines.
    pub(super) folded: bool,
    pub(super) encoding: Encoding,
    /// The name of its charset, in lower case.
    pub(super) charset: Vec<u8>,
}

/// The properties of `text[from..]`, in order.
pub(super) fn properties(text: &[u8], from: usize) -> Vec<Property> {
    let mut out = Vec::new();
    let mut at = from;
    while at < text.len() {
        let first = line_end(text, at);
        let line = text.get(at..first).unwrap_or_default();
        let Some(colon) = colon(line) else {
            at = first;
            continue;
        };
        let head = line.get(..colon).unwrap_or_default();
        let (encoding, charset) = parameters(head);
        let mut end = first;
        while end < text.len() && goes_on(text, at, end, encoding) {
            end = line_end(text, end);
        }
        let semicolon = memchr::memchr(b';', head).unwrap_or(head.len());
        let named = head.get(..semicolon).unwrap_or_default();
        let group = memchr::memchr(b'.', named).map_or(0, |dot| dot + 1);
        let whole = text.get(at..end).unwrap_or_default();
        let last = at + whole.trim_ascii_end().len();
        let mut start = at + colon + 1;
        let mut encoding = encoding;
        // RFC 2397: what is packed stands behind a comma.
        let value = text.get(start..last).unwrap_or_default();
        if value.starts_with(b"data:")
            && let Some(found) = memchr::memmem::find(
                value.get(..value.len().min(256)).unwrap_or_default(),
                b";base64,",
            )
        {
            start += found + b";base64,".len();
            encoding = Encoding::Base64;
        }
        out.push(Property {
            name: at + group..at + semicolon,
            value: start.min(last)..last,
            folded: end > first,
            encoding,
            charset,
        });
        at = end;
    }
    out
}

/// Behind the line end of the line at `at`.
fn line_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |end| at + end + 1)
}

/// Whether the property that begins at `start` goes on behind `end`.
fn goes_on(text: &[u8], start: usize, end: usize, encoding: Encoding) -> bool {
    if matches!(text.get(end), Some(b' ' | b'\t')) {
        return true;
    }
    let before = text.get(start..end).unwrap_or_default().trim_ascii_end();
    encoding == Encoding::QuotedPrintable && before.last() == Some(&b'=')
}

/// Where the value of a line begins: its first colon that no quotes hold.
fn colon(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let colon = line.iter().position(|&byte| {
        quoted ^= byte == b'"';
        byte == b':' && !quoted
    })?;
    let named = line.first().is_some_and(u8::is_ascii_alphabetic);
    named.then_some(colon)
}

/// What the parameters of a property say of its value.
fn parameters(head: &[u8]) -> (Encoding, Vec<u8>) {
    let (mut encoding, mut charset) = (Encoding::Plain, Vec::new());
    for parameter in head.split(|&byte| byte == b';').skip(1) {
        let lower = parameter.to_ascii_lowercase();
        let value = lower.strip_prefix(b"encoding=").unwrap_or(&lower);
        match value {
            b"quoted-printable" => encoding = Encoding::QuotedPrintable,
            b"base64" | b"b" => encoding = Encoding::Base64,
            _ => {}
        }
        if let Some(name) = lower.strip_prefix(b"charset=") {
            charset = name.to_vec();
        }
    }
    (encoding, charset)
}
