//! The times of transcripts in JSON: a text in an object that says when it begins and ends.
//!
//! Owns the keys and units of the services that write such. A text without times of its own takes
//! those of what it stands in: the ways to hear a word, the sentence of a phrase.
//!
//! Sources: the published responses of AWS Transcribe (seconds in strings), Call Analytics and
//! Contact Lens (milliseconds), Azure (ticks of 100 ns, or ISO 8601), `AssemblyAI` (milliseconds),
//! Deepgram, Rev.ai and Whisper (seconds), whisper.cpp (milliseconds) and Google (`1.300s`).

use std::ops::Range;

use super::walk::{Kind, Walk};
use crate::format::captions::clock;
use crate::format::times::{Grain, Spoken};

/// What a key says that a time is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Begins,
    Ends,
    Lasts,
}

/// In which unit a number is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Millis,
    Ticks,
    /// Seconds or milliseconds: all of a file are the same.
    Open,
}

/// A time as it was written.
#[derive(Clone, Copy)]
struct Time {
    value: f64,
    unit: Unit,
}

/// Containers that are followed.
const DEEPEST: usize = 64;

struct Frame {
    array: bool,
    /// The role of the member under way.
    role: Option<(Role, Unit)>,
    /// Whether it is what was said.
    said: bool,
    texts: Vec<Text>,
    begins: Option<Time>,
    ends: Option<Time>,
    lasts: Option<Time>,
}

impl Frame {
    fn new(array: bool) -> Self {
        Frame {
            array,
            role: None,
            said: false,
            texts: Vec::new(),
            begins: None,
            ends: None,
            lasts: None,
        }
    }

    fn set(&mut self, role: Role, time: Time) {
        match role {
            Role::Begins => self.begins = Some(time),
            Role::Ends => self.ends = Some(time),
            Role::Lasts => self.lasts = Some(time),
        }
    }
}

/// A text with the times around it.
struct Timed {
    texts: Vec<Text>,
    begins: Time,
    ends: Time,
    /// Whether `ends` counts from `begins`.
    lasts: bool,
}

/// Keys of what was said, where no time stands beside it.
const TEXTS: &[&[u8]] = &[
    b"text",
    b"Text",
    b"transcript",
    b"Content",
    b"content",
    b"OriginalText",
    b"DisplayText",
    b"lexical",
    b"display",
    b"itn",
    b"maskedITN",
    b"Display",
    b"transcription",
];

/// What is said in each timed object of `text`, and where something is said without a time.
pub(in crate::format) fn times(text: &[u8]) -> (Vec<Spoken>, Vec<Range<usize>>) {
    let mut finder = Finder::default();
    finder.walk(text);
    // What has a fraction are seconds, and segments are Whisper's, which rounds to whole ones.
    let open = if finder.fractions || finder.segments {
        1000.0
    } else {
        1.0
    };
    let millis = |time: &Time| {
        time.value
            * match time.unit {
                Unit::Millis => 1.0,
                Unit::Ticks => 1e-4,
                Unit::Open => open,
            }
    };
    let mut spoken = Vec::new();
    for timed in finder.timed {
        let start = millis(&timed.begins);
        let end = millis(&timed.ends) + if timed.lasts { start } else { 0.0 };
        if !(start >= 0.0 && end >= start && end.is_finite()) {
            continue;
        }
        let ms = start.floor() as u64..(end.ceil() as u64).max(start.floor() as u64 + 1);
        spoken.extend(timed.texts.into_iter().map(|(place, _)| Spoken {
            grain: grain(text.get(place.clone()).unwrap_or_default()),
            place,
            ms: ms.clone(),
        }));
    }
    let flat = finder.untimed.into_iter().filter(|(_, said)| *said);
    (spoken, flat.map(|(place, _)| place).collect())
}

/// A string, and whether its key says that it was said.
type Text = (Range<usize>, bool);

fn grain(text: &[u8]) -> Grain {
    match text.trim_ascii().contains(&b' ') {
        true => Grain::Segment,
        false => Grain::Word,
    }
}

#[derive(Default)]
struct Finder {
    stack: Vec<Frame>,
    deeper: usize,
    timed: Vec<Timed>,
    /// Strings around which no time stands.
    untimed: Vec<Text>,
    fractions: bool,
    segments: bool,
}

impl Finder {
    fn walk(&mut self, text: &[u8]) {
        let mut walk = Walk::new(0);
        while let Some(token) = walk.next(text) {
            let bytes = text.get(token.start..token.end).unwrap_or_default();
            match token.kind {
                Kind::Bracket if matches!(bytes, b"{" | b"[") => self.open(bytes == b"["),
                Kind::Bracket => self.close(),
                _ if self.deeper > 0 => {}
                Kind::Key => {
                    self.segments |= bytes == b"segments";
                    if let Some(frame) = self.stack.last_mut() {
                        frame.role = role(bytes);
                        frame.said = TEXTS.contains(&bytes);
                    }
                }
                Kind::Bare => self.number(bytes),
                Kind::Text => self.text(bytes, token.start..token.end),
            }
        }
        while !self.stack.is_empty() {
            self.close();
        }
    }

    fn open(&mut self, array: bool) {
        if self.deeper > 0 || self.stack.len() >= DEEPEST {
            self.deeper += 1;
        } else {
            self.stack.push(Frame::new(array));
        }
    }

    fn number(&mut self, bytes: &[u8]) {
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        if let Some((role, unit)) = frame.role.take()
            && let Some(value) = decimal(bytes)
        {
            self.fractions |= unit == Unit::Open && bytes.contains(&b'.');
            frame.set(role, Time { value, unit });
        }
    }

    fn text(&mut self, bytes: &[u8], place: Range<usize>) {
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        match frame.role.take() {
            Some((role, unit)) => {
                if let Some(value) = written(bytes, unit) {
                    let unit = Unit::Millis;
                    frame.set(role, Time { value, unit });
                }
            }
            None => frame.texts.push((place, frame.said)),
        }
    }

    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let Some(frame) = self.stack.pop() else {
            return;
        };
        let parent = self.stack.last_mut();
        let ends = frame.ends.or(frame.lasts);
        match (frame.begins, ends) {
            (Some(begins), Some(ends)) if !frame.texts.is_empty() => self.timed.push(Timed {
                texts: frame.texts,
                begins,
                ends,
                lasts: frame.ends.is_none(),
            }),
            // Times that stand in an object of their own are those of what that stands in.
            (Some(begins), Some(ends)) => {
                if let Some(parent) = parent.filter(|parent| !parent.array)
                    && parent.begins.is_none()
                {
                    parent.begins = Some(begins);
                    let role = if frame.ends.is_some() {
                        Role::Ends
                    } else {
                        Role::Lasts
                    };
                    parent.set(role, ends);
                }
            }
            _ => {
                let around = parent.map_or(&mut self.untimed, |parent| &mut parent.texts);
                around.extend(frame.texts);
            }
        }
    }
}

fn role(key: &[u8]) -> Option<(Role, Unit)> {
    use Role::{Begins, Ends, Lasts};
    Some(match key {
        b"start" | b"start_time" | b"startTime" | b"StartTime" | b"startOffset"
        | b"start_offset" | b"SegmentStartTime" | b"ts" => (Begins, Unit::Open),
        b"end" | b"end_time" | b"endTime" | b"EndTime" | b"endOffset" | b"end_offset"
        | b"SegmentEndTime" | b"end_ts" => (Ends, Unit::Open),
        b"duration" => (Lasts, Unit::Open),
        b"BeginOffsetMillis" | b"offsetMilliseconds" | b"from" => (Begins, Unit::Millis),
        b"EndOffsetMillis" | b"to" => (Ends, Unit::Millis),
        b"durationMilliseconds" => (Lasts, Unit::Millis),
        b"Offset" | b"offset" | b"offsetInTicks" => (Begins, Unit::Ticks),
        b"Duration" | b"durationInTicks" => (Lasts, Unit::Ticks),
        _ => return None,
    })
}

fn decimal(bytes: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// Milliseconds of a time in a string: `1.25` and `1.250s` in seconds, `PT1M2.5S`, `00:01:02,500`;
/// a number of ticks where the key says so.
fn written(text: &[u8], unit: Unit) -> Option<f64> {
    let text = text.trim_ascii();
    if let Some(period) = text.strip_prefix(b"PT") {
        return iso(period);
    }
    if text.contains(&b':') {
        return clock(text).map(|ms| ms as f64);
    }
    if let Some(seconds) = text.strip_suffix(b"s") {
        return decimal(seconds).map(|seconds| seconds * 1e3);
    }
    let scale = match unit {
        Unit::Ticks => 1e-4,
        Unit::Millis => 1.0,
        Unit::Open => 1e3,
    };
    decimal(text).map(|value| value * scale)
}

/// Milliseconds of a period of ISO 8601 without days, behind its `PT`.
fn iso(period: &[u8]) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = period;
    while !rest.is_empty() {
        let len = rest.iter().position(u8::is_ascii_alphabetic)?;
        let value = decimal(rest.get(..len)?)?;
        total += value
            * match rest.get(len)? {
                b'H' => 3_600_000.0,
                b'M' => 60_000.0,
                b'S' => 1000.0,
                _ => return None,
            };
        rest = rest.get(len + 1..)?;
    }
    Some(total)
}
