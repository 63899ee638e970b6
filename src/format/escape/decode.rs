//! Decodes one stretch: every escape in it, in one pass.

use std::ops::Range;

use super::Decoded;
use super::fold::{Fold, LEADS, fold};
use crate::view::Codec;

/// Bytes at which decoding has to look closer.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    special[b'%' as usize] = true;
    special[b'\\' as usize] = true;
    special[0x1b] = true;
    special[b'+' as usize] = true;
    special[b'&' as usize] = true;
    let mut i = 0;
    while i < LEADS.len() {
        special[LEADS[i] as usize] = true;
        i += 1;
    }
    special
};

/// Appends `text[range]` decoded.
pub(super) fn stretch(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    let Some(owned) = text.get(..range.end) else {
        return;
    };
    let form = owned
        .get(range.start..)
        .is_some_and(|s| memchr::memchr_iter(b'%', s).any(|i| percent(&s[i..]).is_some()));
    let mut plain_from = range.start;
    let mut at = range.start;
    while let Some(&byte) = owned.get(at) {
        if !SPECIAL[usize::from(byte)] {
            at += 1;
            continue;
        }
        let rest = owned.get(at..).unwrap_or_default();
        let width = match byte {
            b'%' => percent(rest).map(|octet| (Unit::Octet(octet, Codec::Percent), 3)),
            b'\\' => slash(rest),
            0x1b => ansi(rest).map(|width| (Unit::Gap, width)),
            b'&' => reference(rest),
            b'+' => (form && blank(owned, at)).then_some((Unit::Octet(b' ', Codec::Plain), 1)),
            _ => fold(rest).map(|(to, width)| match to {
                Fold::To(ascii) => (Unit::Octet(ascii, Codec::Plain), width),
                Fold::Gap => (Unit::Gap, width),
            }),
        };
        let Some((unit, width)) = width else {
            at += 1;
            continue;
        };
        out.plain(owned.get(plain_from..at).unwrap_or_default(), plain_from);
        match unit {
            Unit::Octet(octet, codec) => out.unit(&[octet], at, width, codec),
            Unit::Char(ch, codec) => {
                let mut utf8 = [0; 4];
                out.unit(ch.encode_utf8(&mut utf8).as_bytes(), at, width, codec);
            }
            Unit::Gap => {}
        }
        at += width;
        plain_from = at;
    }
    out.plain(owned.get(plain_from..).unwrap_or_default(), plain_from);
}

/// What an escape stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// One byte.
    Octet(u8, Codec),
    /// One character.
    Char(char, Codec),
    /// Nothing.
    Gap,
}

/// The octet of `%XX` at the start of `bytes`.
pub(super) fn percent(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [b'%', high, low, ..] => Some(hex(*high)? << 4 | hex(*low)?),
        _ => None,
    }
}

/// The most backslashes before an escape: more are an escape deeper than is looked for, and a file of
/// nothing else is not to be looked through from each of them.
const MOST_SLASHES: usize = 8;

/// What `\xXX`, `\uXXXX` or a pair of them stands for, and its width. A `\n`, `\r` or `\t` counts
/// only before a number: elsewhere it is as likely part of a Windows path. Two backslashes before such
/// an escape are the one of an escape that was escaped.
pub(super) fn slash(bytes: &[u8]) -> Option<(Unit, usize)> {
    match bytes {
        [b'\\', b'x', high, low, ..] => {
            let octet = hex(*high)? << 4 | hex(*low)?;
            Some((Unit::Octet(octet, Codec::HexEscape), 4))
        }
        [b'\\', b'\\', ..] => {
            let run = bytes.iter().take(MOST_SLASHES);
            let slashes = run.take_while(|byte| **byte == b'\\').count();
            let last = bytes.get(slashes - 1..)?;
            let escaped = matches!(last, [_, b'u' | b'x', ..]) && slash(last).is_some();
            escaped.then_some((Unit::Octet(b'\\', Codec::Json), 2))
        }
        [b'\\', b'u', ..] => unicode(bytes).map(|(ch, width)| (Unit::Char(ch, Codec::Json), width)),
        [b'\\', letter @ (b'n' | b'r' | b't'), next, ..]
            if next.is_ascii_digit() || b"+(".contains(next) =>
        {
            let octet = match letter {
                b'n' => b'\n',
                b'r' => b'\r',
                _ => b'\t',
            };
            Some((Unit::Octet(octet, Codec::Json), 2))
        }
        _ => None,
    }
}

/// What a reference by number at the start of `bytes` stands for, as pages and mails in HTML write
/// characters (HTML Standard, 13.5), and its width; or a blank that does not break.
pub(super) fn reference(bytes: &[u8]) -> Option<(Unit, usize)> {
    const BLANK: &[u8] = b"&nbsp;";
    match bytes {
        [b'&', b'#', ..] => match crate::format::xml::references::reference(bytes)? {
            ('\u{a0}', width) => Some((Unit::Octet(b' ', Codec::Xml), width)),
            (ch, width) => Some((Unit::Char(ch, Codec::Xml), width)),
        },
        [b'&', b'n', ..] if bytes.starts_with(BLANK) => {
            Some((Unit::Octet(b' ', Codec::Xml), BLANK.len()))
        }
        _ => None,
    }
}

/// The character of `\uXXXX` or of a surrogate pair at the start of `bytes`, and its width.
///
/// Half a pair stands for U+FFFD, as in the Encoding Standard.
pub(crate) fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let high = unit(bytes)?;
    if let Some(ch) = char::from_u32(high) {
        return Some((ch, 6));
    }
    if (0xd800..0xdc00).contains(&high)
        && let Some(low) = bytes.get(6..).and_then(unit)
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return Some((char::from_u32(code)?, 12));
    }
    Some((char::REPLACEMENT_CHARACTER, 6))
}

/// The UTF-16 unit of `\uXXXX` at the start of `bytes`.
fn unit(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [b'\\', b'u', digits @ ..] => digits
            .get(..4)?
            .iter()
            .try_fold(0, |code, &digit| Some(code << 4 | u32::from(hex(digit)?))),
        _ => None,
    }
}

/// The width of a colour or cursor code (ECMA-48, section 5.4: CSI) at the start of `bytes`.
pub(super) fn ansi(bytes: &[u8]) -> Option<usize> {
    /// Longer ones do not occur; a bound keeps hostile input linear.
    const LONGEST: usize = 32;
    let [0x1b, b'[', rest @ ..] = bytes else {
        return None;
    };
    let end = rest
        .iter()
        .take(LONGEST)
        .position(|b| !matches!(b, 0x20..=0x3f))?;
    rest.get(end)
        .filter(|b| matches!(b, 0x40..=0x7e))
        .map(|_| end + 3)
}

/// Whether the `+` at `at` stands between digits, where form encoding means a blank.
fn blank(text: &[u8], at: usize) -> bool {
    let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
    digit(at.checked_sub(1).and_then(|i| text.get(i))) && digit(text.get(at + 1))
}

pub(super) fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|d| d as u8)
}
