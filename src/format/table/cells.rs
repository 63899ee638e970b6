//! What stands in a cell: its value without quotes and padding.

use std::borrow::Cow;

/// The bounds of the value within a cell's bounds, without its quotes.
pub(super) fn value(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    match text.get(start..end) {
        Some([b'"', .., b'"']) => (start + 1, end - 1),
        Some([b'"', ..]) => (start + 1, end),
        _ => (start, end),
    }
}

/// Whether a cell is quoted.
pub(super) fn is_quoted(text: &[u8], start: usize, end: usize) -> bool {
    end > start && text.get(start) == Some(&b'"')
}

/// The value of a cell as a reader of tables gives it: unquoted, doubled quotes single.
pub(super) fn decoded(cell: &[u8]) -> Cow<'_, [u8]> {
    let [b'"', rest @ ..] = cell else {
        return Cow::Borrowed(cell);
    };
    if let [inner @ .., b'"'] = rest
        && memchr::memchr(b'"', inner).is_none()
    {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(rest.len());
    let mut bytes = rest.iter().peekable();
    let mut quoted = true;
    while let Some(&byte) = bytes.next() {
        if quoted && byte == b'"' {
            if bytes.peek() == Some(&&b'"') {
                bytes.next();
                out.push(b'"');
            } else {
                quoted = false;
            }
        } else {
            out.push(byte);
        }
    }
    Cow::Owned(out)
}
