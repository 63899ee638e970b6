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

/// What stands beside a number, as bits.
pub(super) mod beside {
    /// A delimiter or an end of the text.
    pub(in super::super) const CELL: u16 = 1;
    pub(in super::super) const QUOTED: u16 = 2;
    /// An underscore joins it to a name.
    pub(in super::super) const NAMED: u16 = 4;
    /// Other digits stand close by.
    pub(in super::super) const CROWDED: u16 = 8;
    /// To the right, a channel's sequence number or a host.
    pub(in super::super) const CHANNEL: u16 = 16;
    /// Letters follow on the right; only an extension makes that a number.
    pub(in super::super) const LETTERS: u16 = 32;
    pub(in super::super) const PLUS: u16 = 64;
    pub(in super::super) const PAREN: u16 = 128;
    /// To the left, between hyphens in the name of a recording.
    pub(in super::super) const RECORDING: u16 = 256;
    /// Makes a number part of a name, a price or a mask.
    pub(super) const JOINED: u16 = 512;
    /// Has to be looked at together with what stands beyond it.
    pub(super) const LOOK: u16 = 1024;
}
use beside::{
    CELL, CHANNEL, CROWDED, JOINED, LETTERS, LOOK, NAMED, PAREN, PLUS, QUOTED, RECORDING,
};

/// What stands to the left of a number.
pub(super) struct Left {
    /// Where the number starts, with its plus and opening parenthesis.
    pub(super) start: usize,
    /// Bits of [`beside`].
    pub(super) bits: u16,
    /// The byte before; at the start of the text a line end.
    byte: u8,
}

impl Left {
    #[inline(always)]
    pub(super) fn is(&self, bit: u16) -> bool {
        self.bits & bit != 0
    }

    /// Whether it is what an address says to dial.
    #[inline(always)]
    pub(super) fn is_uri(&self, text: &[u8]) -> bool {
        matches!(self.byte, b':' | b'/' | b'=') && self.follows_scheme(text)
    }

    #[inline(never)]
    fn follows_scheme(&self, text: &[u8]) -> bool {
        let head = text.get(..self.start).unwrap_or_default();
        URIS.iter().any(|uri| {
            head.len() >= uri.len() && head[head.len() - uri.len()..].eq_ignore_ascii_case(uri)
        })
    }

    /// Whether it is what a channel calls: `SIP/4165550123`.
    #[inline(always)]
    pub(super) fn is_channel(&self, text: &[u8]) -> bool {
        self.byte == b'/' && self.follows_technology(text)
    }

    #[inline(never)]
    fn follows_technology(&self, text: &[u8]) -> bool {
        let head = text.get(..self.start.saturating_sub(1)).unwrap_or_default();
        CHANNELS.iter().any(|c| word_ends(head, c))
    }
}

/// What bytes to the left mean.
static LEFT: [u16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = match i as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0x80.. => JOINED,
            b'$' | b'*' | b'#' | b'&' => JOINED,
            b'(' | b'+' | b'-' | b'.' => LOOK,
            b',' | b';' | b'|' | b'\t' | b'\n' | b'\r' | b'<' | b'[' | b'"' => CELL | QUOTED,
            b'\'' | b'=' | b':' | b'>' => QUOTED,
            b'_' => NAMED,
            _ => 0,
        };
        i += 1;
    }
    table
};

/// What bytes to the right mean.
static RIGHT: [u16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = match i as u8 {
            b'"' | b',' | b';' | b'|' | b'\t' | b'\n' | b'\r' | b'>' | b']' => CELL | QUOTED,
            b'\'' | b'<' | b'&' => QUOTED,
            b'@' => CHANNEL,
            b'_' => NAMED,
            b'-' => LOOK,
            b'*' => JOINED,
            b'A'..=b'Z' | b'a'..=b'z' | 0x80.. => LETTERS,
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
    let mut bits = LEFT[usize::from(byte)];
    if bits & LOOK != 0 {
        let mut marks = 0;
        if byte == b'(' {
            marks = PAREN;
            start -= 1;
            byte = before(start);
        }
        if byte == b'+' {
            marks |= PLUS;
            start -= 1;
            byte = before(start);
        }
        bits = LEFT[usize::from(byte)] | marks;
    }
    let plus = bits & PLUS != 0;
    if first > 0 {
        match text.get(groups[first - 1].end..start)? {
            [] if plus => {}
            [] | [b'-' | b'.' | b'/'] => return None,
            _ if bits & (PLUS | PAREN) != 0 => {}
            _ => bits |= CROWDED,
        }
    }
    if bits & JOINED != 0 && !plus && !(byte == b'*' && is_emphasised(text, start)) {
        return None;
    }
    if plus && byte.is_ascii_digit() {
        // A plus within a version or a sum.
        bits |= CROWDED;
    }
    if bits & LOOK != 0 && matches!(byte, b'-' | b'.') {
        let joined = before(start - 1).is_ascii_alphanumeric();
        let name = text.get(..start - 1)?;
        let recording = joined
            && byte == b'-'
            && first == 0
            && RECORDINGS.iter().any(|word| word_ends(name, word));
        if recording {
            bits |= RECORDING;
        } else if joined && !plus {
            return None;
        }
    }
    Some(Left { start, bits, byte })
}

/// Looks right of the `used` groups from `first` on; `None` when the digits go on, else bits of
/// [`beside`].
#[inline(always)]
pub(super) fn right(
    text: &[u8],
    groups: &[Group],
    first: usize,
    used: usize,
    left: &Left,
) -> Option<u16> {
    let end = groups.get(first + used - 1)?.end;
    let mut crowded = 0;
    if let Some(next) = groups.get(first + used) {
        let joint = text.get(end..next.start)?;
        if let [b'-'] = joint {
            let sequence = left.is(RECORDING) || is_sequence(&text[next.start..]);
            return (used == 1 && sequence).then_some(CHANNEL);
        }
        if matches!(joint, [b'.' | b'/']) {
            return None;
        }
        if joint.iter().all(|b| *b == b' ') {
            crowded = CROWDED;
        }
    }
    let Some(&byte) = text.get(end) else {
        return Some(CELL | crowded);
    };
    let mut bits = RIGHT[usize::from(byte)];
    if bits & (LOOK | JOINED) != 0 {
        if bits & JOINED != 0 {
            // Stars close what as many have opened, or are a mark behind a number in groups; others
            // hide digits or are dialled.
            let closed = stars_close(text.get(end..).unwrap_or_default());
            let own = match stars_open(text, left.start) {
                0 => used > 1 && left.byte != b'*' && closed > 0,
                opened => closed == opened,
            };
            return own.then_some(crowded);
        }
        let rest = text.get(end + 1..).unwrap_or_default();
        if rest.first().is_some_and(u8::is_ascii_alphanumeric) {
            if used != 1 || !is_sequence(rest) {
                return None;
            }
            bits = CHANNEL;
        }
    }
    Some(bits | crowded)
}

/// Whether one or two stars stand before `start`, as emphasis is marked; one has to be closed right
/// behind the number, as what is dialled or hidden is not.
fn is_emphasised(text: &[u8], start: usize) -> bool {
    match stars_open(text, start) {
        2 => true,
        1 => {
            let rest = text.get(start..).unwrap_or_default();
            let written = |b: &&u8| b.is_ascii_digit() || b" +-.()".contains(b);
            let len = rest
                .iter()
                .take(LONGEST_EMPHASISED)
                .take_while(written)
                .count();
            stars_close(rest.get(len..).unwrap_or_default()) == 1
        }
        _ => false,
    }
}

/// The longest number that is looked through for the star that closes it.
const LONGEST_EMPHASISED: usize = 24;

/// How many stars, one or two, open an emphasis right before `start`; 0 for none.
fn stars_open(text: &[u8], start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let stars = before
        .iter()
        .rev()
        .take(3)
        .take_while(|b| **b == b'*')
        .count();
    let outside = before
        .len()
        .checked_sub(stars + 1)
        .and_then(|at| before.get(at));
    let joined = outside.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-');
    if stars > 2 || joined { 0 } else { stars }
}

/// How many stars, one or two, close an emphasis at the start of `text`; 0 for none.
fn stars_close(text: &[u8]) -> usize {
    let stars = text.iter().take(3).take_while(|b| **b == b'*').count();
    let joined = text
        .get(stars)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-');
    if stars > 2 || joined { 0 } else { stars }
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
    first <= 8 && (2..=10).contains(&second)
}

/// Whether a country that is not in North America may write a number in such groups, of which one
/// may be a single digit: `0800 1 23 45`, `01 234567890`.
pub(super) fn loose(window: &[Group]) -> bool {
    let Some(([first, rest @ ..], last)) = Some(window).zip(window.last()) else {
        return false;
    };
    let single = rest.iter().filter(|group| group.len() == 1).count();
    let longest = if rest.len() == 1 { 10 } else { 8 };
    let fits = |group: &Group| (1..=longest).contains(&group.len());
    (1..=5).contains(&rest.len())
        && single <= 1
        && last.len() >= 2
        && (2..=8).contains(&(first.len() + usize::from(first.len() == 1 && rest.len() > 2)))
        && rest.iter().all(fits)
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
    lengths.iter().skip(1).all(|l| (2..=8).contains(l))
        && lengths.len() <= 6
        && lengths[0] <= 8
        && !ends_in_zone(text, window)
}

/// Whether a year and what a clock is ahead of another end the groups, as version control writes
/// its dates: `16:49:45 2023 +0100`.
fn ends_in_zone(text: &[u8], window: &[Group]) -> bool {
    let [.., year, zone] = window else {
        return false;
    };
    let joint = text.get(year.end..zone.start).unwrap_or_default();
    (year.len(), zone.len()) == (4, 4)
        && matches!(joint, b" +" | b" -")
        && matches!(text.get(year.start..year.start + 2), Some(b"19" | b"20"))
}
