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
    pub(super) uri: bool,
    pub(super) channel: bool,
    /// The number stands in the name of a recording, between hyphens.
    pub(super) recording: bool,
    /// A delimiter or the start of the text.
    pub(super) cell: bool,
    pub(super) quoted: bool,
    /// Other digits stand close by.
    pub(super) crowded: bool,
    /// An underscore joins it to a name.
    pub(super) named: bool,
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

/// Looks left of group `first`; `None` when the digits are part of something longer.
#[inline]
pub(super) fn left(text: &[u8], groups: &[Group], first: usize) -> Option<Left> {
    let mut start = groups[first].start;
    let before = |at: usize| at.checked_sub(1).and_then(|p| text.get(p)).copied();
    let mut paren = false;
    if before(start) == Some(b'(') {
        paren = true;
        start -= 1;
    }
    let plus = before(start) == Some(b'+');
    if plus {
        start -= 1;
    }
    let mut crowded = false;
    if first > 0 {
        let joint = text.get(groups[first - 1].end..start)?;
        match joint {
            [] => {}
            [b'-' | b'.' | b'/'] => return None,
            _ => crowded = !plus && !paren,
        }
        if joint.is_empty() && !plus {
            return None;
        }
    }
    let byte = before(start);
    let head = text.get(..start)?;
    let leads = |uri: &&[u8]| {
        head.len() >= uri.len() && head[head.len() - uri.len()..].eq_ignore_ascii_case(uri)
    };
    let uri = matches!(byte, Some(b':' | b'/' | b'=')) && URIS.iter().any(leads);
    let (mut channel, mut recording) = (false, false);
    let named = byte == Some(b'_');
    match byte {
        Some(b'/') => channel = CHANNELS.iter().any(|c| word_ends(&head[..start - 1], c)),
        // What is joined to a letter or sign on the left is part of a name, a price or a mask.
        Some(b)
            if !plus
                && (b.is_ascii_alphanumeric()
                    || b >= 0x80
                    || matches!(b, b'$' | b'*' | b'#' | b'&')) =>
        {
            return None;
        }
        Some(b'-' | b'.') => {
            recording = byte == Some(b'-')
                && first == 0
                && RECORDINGS
                    .iter()
                    .any(|word| word_ends(&head[..start - 1], word));
            let joined = before(start - 1).is_some_and(|b| b.is_ascii_alphanumeric());
            if joined && !plus && !recording {
                return None;
            }
        }
        _ => {}
    }
    let cell = matches!(
        byte,
        None | Some(b',' | b';' | b'|' | b'\t' | b'\n' | b'\r' | b'<' | b'[')
    );
    let quoted = matches!(byte, Some(b'"' | b'\'' | b'=' | b':' | b'>'));
    Some(Left {
        start,
        plus,
        paren,
        uri,
        channel,
        recording,
        cell: cell || quoted && byte == Some(b'"'),
        quoted: quoted || cell,
        crowded,
        named,
    })
}

/// Looks right of the `used` groups from `first` on; `None` when the digits go on.
#[inline]
pub(super) fn right(
    text: &[u8],
    groups: &[Group],
    first: usize,
    used: usize,
    recording: bool,
) -> Option<Right> {
    let end = groups[first + used - 1].end;
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
        [b',' | b';' | b'|' | b'\t' | b'\n' | b'\r' | b'>' | b']', ..] => {
            right.cell = true;
            right.quoted = true;
        }
        [b'"', ..] => {
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
