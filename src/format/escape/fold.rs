//! Characters outside ASCII that stand for ASCII ones in numbers, or for nothing.

/// What a character becomes in folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// This ASCII character.
    To(u8),
    /// Nothing: it shows nothing and may stand inside a value.
    Gap,
}

/// First bytes of the characters `fold` knows.
pub(super) const LEADS: [u8; 7] = [0xc2, 0xd9, 0xdb, 0xe0, 0xe2, 0xe3, 0xef];

/// What the character at the start of `bytes` becomes, and its length.
///
/// Digits of the scripts used to write telephone numbers, full-width ASCII, hyphens and dashes,
/// fixed-width blanks, and the marks that steer direction and breaking (Unicode 16, chapters 6
/// and 23).
pub(super) fn fold(bytes: &[u8]) -> Option<(Fold, usize)> {
    let digit = |low: u8, byte: u8| Fold::To(b'0' + (byte - low));
    Some(match *bytes {
        // U+00A0 no-break space, U+00AD soft hyphen.
        [0xc2, 0xa0, ..] => (Fold::To(b' '), 2),
        [0xc2, 0xad, ..] => (Fold::Gap, 2),
        // Arabic-Indic and Extended Arabic-Indic digits.
        [0xd9, d @ 0xa0..=0xa9, ..] => (digit(0xa0, d), 2),
        [0xdb, d @ 0xb0..=0xb9, ..] => (digit(0xb0, d), 2),
        // Devanagari and Bengali digits.
        [0xe0, 0xa5 | 0xa7, d @ 0xa6..=0xaf, ..] => (digit(0xa6, d), 3),
        // U+2000-200A blanks of fixed width, U+202F narrow no-break space, U+3000.
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..] | [0xe3, 0x80, 0x80, ..] => (Fold::To(b' '), 3),
        // U+200B-200F, U+202A-202E, U+2060, U+2066-2069, U+FEFF.
        [0xe2, 0x80, 0x8b..=0x8f | 0xaa..=0xae, ..]
        | [0xe2, 0x81, 0xa0 | 0xa6..=0xa9, ..]
        | [0xef, 0xbb, 0xbf, ..] => (Fold::Gap, 3),
        // U+2010-2015 hyphens and dashes, U+2212 minus, U+FE58 and U+FE63 small dashes.
        [0xe2, 0x80, 0x90..=0x95, ..] | [0xe2, 0x88, 0x92, ..] | [0xef, 0xb9, 0x98 | 0xa3, ..] => {
            (Fold::To(b'-'), 3)
        }
        // U+FF01-FF5E, full-width ASCII.
        [0xef, 0xbc, b @ 0x81..=0xbf, ..] => (Fold::To(b - 0x60), 3),
        [0xef, 0xbd, b @ 0x80..=0x9e, ..] => (Fold::To(b - 0x20), 3),
        _ => return None,
    })
}

/// Whether the foldable character of `len` bytes at `at` belongs to a number: it is a digit, or a
/// digit stands beside it.
pub(super) fn numeric(text: &[u8], at: usize, fold_to: Fold, len: usize) -> bool {
    if matches!(fold_to, Fold::To(b'0'..=b'9')) {
        return true;
    }
    let beside = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_digit() || b"+()".contains(b));
    if at
        .checked_sub(1)
        .is_some_and(|before| beside(text.get(before)))
    {
        return true;
    }
    let mut next = at + len;
    // A mark may follow a blank; more than a few in a row are no spelling of a number.
    for _ in 0..3 {
        match text.get(next..).and_then(fold) {
            Some((Fold::To(b'0'..=b'9'), _)) => return true,
            Some((_, len)) => next += len,
            None => break,
        }
    }
    beside(text.get(next))
}
