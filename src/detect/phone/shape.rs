//! How the digits of a phone are set off from what stands beside them, and grouped.

use super::super::digits::Group;

/// Prefixes that make what follows a number to call (RFC 3966, RFC 3261, and their kin).
const URIS: &[&[u8]] = &[
    b"tel:", b"sip:", b"sips:", b"callto:", b"sms:", b"smsto:", b"wa.me/", b"phone=",
];

/// Channel technologies before the number they call: `SIP/4165550123-00001a2b`.
const CHANNELS: &[&[u8]] = &[
    b"sip",
    b"pjsip",
    b"iax2",
    b"iax",
    b"dahdi",
    b"local",
    b"zap",
    b"sofia",
    b"internal",
    b"external",
    b"loopback",
    b"user",
    b"gateway",
    b"skinny",
    b"sccp",
    b"h323",
    b"ooh323",
    b"mgcp",
    b"motif",
];

/// Words before the numbers in the names of recordings: `in-4165550123-204-20240502-090012`
/// (FreePBX and Issabel name recordings so).
const RECORDINGS: &[&[u8]] = &[
    b"in",
    b"out",
    b"force",
    b"exten",
    b"external",
    b"internal",
    b"rg",
    b"q",
    b"rec",
    b"call",
];

/// Digits of the sequence number behind a channel name.
const CHANNEL_SEQUENCE: usize = 8;

/// What stands to the left of a number.
pub(super) struct Left {
    /// Where the number starts, with its plus and opening parenthesis.
    pub(super) start: usize,
    pub(super) plus: bool,
    pub(super) paren: bool,
    /// The number stands in the name of a recording, between hyphens.
    pub(super) recording: bool,
    /// A delimiter or the start of the text.
    pub(super) cell: bool,
    pub(super) quoted: bool,
    /// Other digits stand close by.
    pub(super) crowded: bool,
    /// An underscore joins it to a name.
    pub(super) named: bool,
    /// The byte before; at the start of the text a line end.
    byte: u8,
}

impl Left {
    /// Whether it is what an address says to dial.
    pub(super) fn is_uri(&self, text: &[u8]) -> bool {
        let head = text.get(..self.start).unwrap_or_default();
        matches!(self.byte, b':' | b'/' | b'=')
            && URIS.iter().any(|uri| {
                head.len() >= uri.len() && head[head.len() - uri.len()..].eq_ignore_ascii_case(uri)
            })
    }

    /// Whether it is what a channel calls: `SIP/4165550123`.
    pub(super) fn is_channel(&self, text: &[u8]) -> bool {
        let head = text.get(..self.start.saturating_sub(1)).unwrap_or_default();
        self.byte == b'/' && CHANNELS.iter().any(|c| word_ends(head, c))
    }
}

/// What stands to the right of a number.
#[derive(Default)]
pub(super) struct Right {
    pub(super) cell: bool,
    pub(super) quoted: bool,
    pub(super) crowded: bool,
    pub(super) named: bool,
    /// A channel's sequence number follows, or a host.
    pub(super) channel: bool,
    /// Letters follow; only an extension makes that a number.
    pub(super) letters: bool,
}

/// What a byte beside a number means, as bits.
mod beside {
    /// Joined to a number on its right, makes that part of a name, a price or a mask.
    pub(super) const JOINED: u8 = 1;
    /// Has to be looked at together with what stands beyond it.
    pub(super) const LOOK: u8 = 2;
    /// To the left, the end of what comes before the cell.
    pub(super) const CELL: u8 = 4;
    /// To the left, opens a quotation or a value.
    pub(super) const QUOTED: u8 = 8;
}

/// What bytes to the left mean.
static LEFT: [u8; 256] = {
    use beside::{CELL, JOINED, LOOK, QUOTED};
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let byte = i as u8;
        table[i] = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0x80.. => JOINED,
            b'$' | b'*' | b'#' | b'&' => JOINED,
            b'(' | b'+' | b'-' | b'.' => LOOK,
            b',' | b';' | b'|' | b'\t' | b'\n' | b'\r' | b'<' | b'[' => CELL | QUOTED,
            b'"' => CELL | QUOTED,
            b'\'' | b'=' | b':' | b'>' => QUOTED,
            _ => 0,
        };
        i += 1;
    }
    table
};

/// Looks left of group `first`; `None` when the digits are part of something longer.
#[inline(always)]
pub(super) fn left(text: &[u8], groups: &[Group], first: usize) -> Option<Left> {
    let before = |at: usize| match at.checked_sub(1) {
        Some(at) => text.get(at).copied().unwrap_or(b'\n'),
        None => b'\n',
    };
    let mut start = groups.get(first)?.start;
    let mut byte = before(start);
    let (mut paren, mut plus) = (false, false);
    let mut class = LEFT[usize::from(byte)];
    if class & beside::LOOK != 0 {
        if byte == b'(' {
            paren = true;
            start -= 1;
            byte = before(start);
        }
        plus = byte == b'+';
        if plus {
            start -= 1;
            byte = before(start);
        }
        class = LEFT[usize::from(byte)];
    }
    let mut crowded = false;
    if first > 0 {
        match text.get(groups[first - 1].end..start)? {
            [] if plus => {}
            [] | [b'-' | b'.' | b'/'] => return None,
            _ => crowded = !plus && !paren,
        }
    }
    if class & beside::JOINED != 0 && !plus {
        return None;
    }
    let mut recording = false;
    if matches!(byte, b'-' | b'.') {
        let joined = before(start - 1).is_ascii_alphanumeric();
        let name = text.get(..start - 1)?;
        recording = byte == b'-'
            && first == 0
            && joined
            && RECORDINGS.iter().any(|word| word_ends(name, word));
        if joined && !plus && !recording {
            return None;
        }
    }
    Some(Left {
        start,
        plus,
        paren,
        recording,
        cell: class & beside::CELL != 0,
        quoted: class & beside::QUOTED != 0,
        crowded,
        named: byte == b'_',
        byte,
    })
}

/// Looks right of the `used` groups from `first` on; `None` when the digits go on.
#[inline(always)]
pub(super) fn right(
    text: &[u8],
    groups: &[Group],
    first: usize,
    used: usize,
    recording: bool,
) -> Option<Right> {
    let end = groups.get(first + used - 1)?.end;
    let mut right = Right::default();
    let after = text.get(end..).unwrap_or_default();
    if let Some(next) = groups.get(first + used) {
        let joint = text.get(end..next.start)?;
        if let [b'-'] = joint {
            if recording && used == 1 {
                right.channel = true;
                return Some(right);
            }
            if used != 1 || !is_sequence(&text[next.start..]) {
                return None;
            }
            right.channel = true;
            return Some(right);
        }
        if matches!(joint, [b'.' | b'/']) {
            return None;
        }
        right.crowded = joint.iter().all(|b| *b == b' ');
    }
    match after {
        [] => right.cell = true,
        [
            b'"' | b',' | b';' | b'|' | b'\t' | b'\n' | b'\r' | b'>' | b']',
            ..,
        ] => {
            right.cell = true;
            right.quoted = true;
        }
        [b'\'' | b'<' | b'&', ..] => right.quoted = true,
        [b'@', ..] => right.channel = true,
        [b'_', ..] => right.named = true,
        [b'-', next, ..] if next.is_ascii_alphanumeric() => {
            if used != 1 || !is_sequence(&after[1..]) {
                return None;
            }
            right.channel = true;
        }
        [b'*', ..] => return None,
        [b, ..] if b.is_ascii_alphabetic() || *b >= 0x80 => right.letters = true,
        _ => {}
    }
    Some(right)
}

/// Eight hexadecimal digits that end there, as channel names carry.
fn is_sequence(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    digits == CHANNEL_SEQUENCE && !text.get(digits).is_some_and(u8::is_ascii_alphanumeric)
}

fn word_ends(text: &[u8], word: &[u8]) -> bool {
    let Some(start) = text.len().checked_sub(word.len()) else {
        return false;
    };
    text[start..].eq_ignore_ascii_case(word)
        && !start
            .checked_sub(1)
            .is_some_and(|p| text[p].is_ascii_alphanumeric())
}

/// Whether [`plausible`] may hold for two groups of so many digits as a North American number;
/// behind an international prefix, which starts with zero, anything may.
pub(super) fn two_american(first: usize, second: usize, digit: u8) -> bool {
    matches!((first, second), (3, 7) | (1, 10) | (6, 4)) || (first == 3 && digit == b'0')
}

/// Whether [`plausible`] may hold for two groups of so many digits as a number of another country.
pub(super) fn two(first: usize, second: usize) -> bool {
    first <= 8 && (2..=8).contains(&second)
}

/// Whether people write a number of this country in such groups.
pub(super) fn plausible(text: &[u8], window: &[Group], calling_code: u16) -> bool {
    let mut lengths = [0u8; super::MOST_GROUPS];
    for (slot, group) in lengths.iter_mut().zip(window) {
        *slot = group.len() as u8;
    }
    let lengths = &lengths[..window.len()];
    if lengths.len() == 1 {
        return true;
    }
    // Speech recognition writes digits one by one.
    if lengths.len() >= 10 && lengths.iter().all(|l| *l == 1) {
        return window
            .windows(2)
            .all(|pair| text.get(pair[0].end..pair[1].start) == Some(b" "));
    }
    if calling_code == 1 {
        return match lengths {
            [3, 3, 4] | [1, 3, 3, 4] | [3, 7] | [1, 3, 7] | [1, 10] | [6, 4] | [3, 3, 2, 2] => true,
            // An international prefix, then anything.
            [3, rest @ ..] => {
                rest.first() == Some(&1) && text[window[0].start..].starts_with(b"011")
            }
            [2, 1, 3, 3, 4] => text[window[0].start..].starts_with(b"00"),
            _ => false,
        };
    }
    lengths.iter().skip(1).all(|l| (2..=8).contains(l)) && lengths.len() <= 6 && lengths[0] <= 8
}
