//! Takes messages apart: headers, parts, and what each part is encoded in.
//!
//! Owns RFC 5322 headers and RFC 2046 multiparts, tolerantly: what is no header ends them, a
//! boundary that never comes leaves a part open. Nesting is followed to a limit.

use std::ops::Range;

/// How deep parts and messages within messages are followed.
pub(super) const DEEPEST: usize = 32;
/// The most bytes of a message's headers; what comes behind is body.
const LONGEST_HEADERS: usize = 256 * 1024;

/// One header with the lines it goes on in.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) name: Range<usize>,
    /// From the name to before the next header.
    pub(super) all: Range<usize>,
}

impl Header {
    fn is(&self, text: &[u8], name: &str) -> bool {
        text.get(self.name.clone())
            .is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
    }

    pub(super) fn value(&self) -> Range<usize> {
        (self.name.end + 1).min(self.all.end)..self.all.end
    }
}

/// How the bytes of a part are written (RFC 2045, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    QuotedPrintable,
    Base64,
    /// Another one, by the name it is reported with.
    Other(&'static str),
}

/// A part that is no container.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) body: Range<usize>,
    pub(super) encoding: Encoding,
    /// The name of its charset, in lower case.
    pub(super) charset: Vec<u8>,
    /// It lies too deep for its parts to be read.
    pub(super) too_deep: bool,
}

/// A message taken apart.
#[derive(Default)]
pub(super) struct Message {
    /// Headers of the message and of all parts, in order.
    pub(super) headers: Vec<Header>,
    pub(super) leaves: Vec<Leaf>,
    /// Where the message's own body starts.
    pub(super) body: usize,
}

/// Takes `text[range]` apart, a message that starts with its headers.
pub(super) fn message(text: &[u8], range: Range<usize>) -> Message {
    let mut message = Message::default();
    message.body = part(text, range, 0, &mut message);
    message
}

/// Reads the part at `range`; gives where its body starts.
fn part(text: &[u8], range: Range<usize>, depth: usize, out: &mut Message) -> usize {
    let first = out.headers.len();
    let body = headers(text, range.clone(), &mut out.headers);
    let own = out.headers.get(first..).unwrap_or_default();
    let value = |name: &str| {
        let header = own.iter().find(|header| header.is(text, name));
        header
            .and_then(|header| text.get(header.value()))
            .unwrap_or_default()
            .to_vec()
    };
    let kind = value("content-type");
    let lower = kind.trim_ascii().to_ascii_lowercase();
    let encoding = match encoding(&value("content-transfer-encoding")) {
        Encoding::Plain if lower.starts_with(b"application/mac-binhex40") => {
            Encoding::Other("binhex")
        }
        encoding => encoding,
    };
    let within = body..range.end;
    let leaf = Leaf {
        body: within.clone(),
        encoding,
        charset: parameter(&kind, b"charset")
            .unwrap_or_default()
            .to_ascii_lowercase(),
        too_deep: false,
    };
    if lower.starts_with(b"multipart/")
        && let Some(boundary) = parameter(&kind, b"boundary").filter(|b| !b.is_empty())
    {
        if depth >= DEEPEST {
            out.leaves.push(Leaf {
                too_deep: true,
                ..leaf
            });
            return body;
        }
        for piece in pieces(text, within, &boundary) {
            part(text, piece, depth + 1, out);
        }
    } else if lower.starts_with(b"message/rfc822") && encoding == Encoding::Plain {
        if depth >= DEEPEST {
            out.leaves.push(Leaf {
                too_deep: true,
                ..leaf
            });
            return body;
        }
        part(text, within, depth + 1, out);
    } else {
        out.leaves.push(leaf);
    }
    body
}

/// Appends the headers at the start of `range`; gives where the body starts.
fn headers(text: &[u8], range: Range<usize>, out: &mut Vec<Header>) -> usize {
    let first = out.len();
    let mut at = range.start;
    let limit = range.end.min(range.start + LONGEST_HEADERS);
    while at < limit {
        let rest = text.get(at..range.end).unwrap_or_default();
        let end = at + memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
        let line = text.get(at..end).unwrap_or_default();
        if line.trim_ascii().is_empty() {
            return end;
        }
        if matches!(line.first(), Some(b' ' | b'\t')) && out.len() > first {
            if let Some(last) = out.last_mut() {
                last.all.end = end;
            }
        } else if let Some(colon) = name_len(line) {
            out.push(Header {
                name: at..at + colon,
                all: at..end,
            });
        } else {
            return at;
        }
        at = end;
    }
    at
}

/// The length of the header name that `line` begins with.
pub(super) fn name_len(line: &[u8]) -> Option<usize> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?;
    let fits = name.iter().all(|b| b.is_ascii_graphic());
    (!name.is_empty() && fits).then_some(colon)
}

/// The pieces of a multipart body between its boundary lines.
fn pieces(text: &[u8], body: Range<usize>, boundary: &[u8]) -> Vec<Range<usize>> {
    let line = [b"--", boundary].concat();
    let mut out: Vec<Range<usize>> = Vec::new();
    let owned = text.get(..body.end).unwrap_or_default();
    let mut start = None;
    for found in memchr::memmem::find_iter(owned.get(body.start..).unwrap_or_default(), &line) {
        let at = body.start + found;
        let begins = at == body.start || owned.get(at - 1) == Some(&b'\n');
        let behind = owned.get(at + line.len()..).unwrap_or_default();
        let end = memchr::memchr(b'\n', behind).map_or(behind.len(), |i| i + 1);
        let rest = behind.get(..end).unwrap_or_default().trim_ascii();
        if !begins || !(rest.is_empty() || rest == b"--") {
            continue;
        }
        if let Some(start) = start.take() {
            out.push(start..at);
        }
        if rest.is_empty() {
            start = Some((at + line.len() + end).min(body.end));
        }
    }
    if let Some(start) = start {
        out.push(start..body.end);
    }
    out
}

fn encoding(value: &[u8]) -> Encoding {
    let value = value.trim_ascii().to_ascii_lowercase();
    let word = value
        .split(|b| b.is_ascii_whitespace() || *b == b';')
        .next();
    match word.unwrap_or_default() {
        b"quoted-printable" => Encoding::QuotedPrintable,
        b"base64" => Encoding::Base64,
        b"x-uuencode" | b"uuencode" | b"x-uue" => Encoding::Other("uuencode"),
        b"x-yencode" => Encoding::Other("yenc"),
        _ => Encoding::Plain,
    }
}

/// The parameter called `name` of a header's value, without quotes.
fn parameter(value: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut rest = value;
    while let Some(at) = memchr::memchr(b';', rest) {
        rest = rest.get(at + 1..)?.trim_ascii_start();
        let equals = memchr::memchr2(b'=', b';', rest)?;
        let own = rest.get(..equals)?.trim_ascii();
        if rest.get(equals) == Some(&b'=') && own.eq_ignore_ascii_case(name) {
            let given = rest.get(equals + 1..)?.trim_ascii_start();
            return Some(match given.strip_prefix(b"\"") {
                Some(quoted) => quoted.get(..memchr::memchr(b'"', quoted)?)?.to_vec(),
                None => {
                    let ends = |b: &u8| b.is_ascii_whitespace() || *b == b';';
                    let len = given.iter().position(ends).unwrap_or(given.len());
                    given.get(..len)?.to_vec()
                }
            });
        }
    }
    None
}
