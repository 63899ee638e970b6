//! Syslog messages right behind each other, each behind the number of its bytes and a blank.

use super::{Parsed, Piece};

/// The most digits of a number of bytes.
const DIGITS: usize = 6;

/// Whether a head begins with a frame, and behind it with another.
pub(super) fn tell(head: &[u8]) -> bool {
    let Some((digits, len)) = counted(head) else {
        return false;
    };
    match head.get(digits + 1 + len..) {
        None | Some([]) => len > 1,
        Some(rest) => counted(rest).is_some(),
    }
}

/// The frames of `text[from..]`. What has no length is one without.
pub(super) fn parse(text: &[u8], from: usize) -> Parsed {
    let mut out = Parsed {
        records: Vec::new(),
        pieces: Vec::new(),
    };
    let mut at = from;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let (start, len, length) = match counted(rest) {
            Some((digits, len)) => (at + digits + 1, len, Some(at..at + digits)),
            None => (at, rest.len(), None),
        };
        let end = (start + len).min(text.len());
        out.records.push(at..end);
        out.pieces.push(Piece {
            name: at..at,
            text: start..end,
            length,
        });
        at = end;
    }
    out
}

/// How many digits `rest` begins with, and the number they are, where a message follows.
fn counted(rest: &[u8]) -> Option<(usize, usize)> {
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = std::str::from_utf8(rest.get(..digits)?).ok()?;
    let message = rest.get(digits..digits + 2)? == b" <";
    let first = rest.first().is_some_and(|b| *b != b'0');
    (message && first && digits <= DIGITS).then_some(())?;
    Some((digits, number.parse().ok()?))
}
