//! Transcripts in JSON: words, segments and utterances that stand in items of their own, each with
//! its time.
//!
//! Owns which strings are said one after the other, whatever the service that wrote them: a string
//! under a key for text in an object with a time. Those of one key path are joined to one text, in
//! which a number that was told word by word can be read. Knows no entity.
//!
//! Sources of the keys: the published responses of AWS Transcribe, Call Analytics and Contact Lens,
//! Azure batch transcription, `AssemblyAI`, Deepgram, Google Speech-to-Text, Rev.ai and Whisper.

use std::collections::BTreeMap;
use std::ops::Range;

use super::strings::decode;
use super::walk::{Kind, Walk};
use crate::format::Chunk;
use crate::format::captions::{comes_on, goes_on};
use crate::format::escape::{Decoded, stacked};
use crate::view::{Break, BreakKind, NoHints, Register, View};

/// Keys of what was said.
const TEXTS: &[&[u8]] = &[
    b"word",
    b"Word",
    b"text",
    b"Text",
    b"content",
    b"Content",
    b"punctuated_word",
    b"transcript",
    b"value",
    b"OriginalText",
    b"DisplayText",
    b"lexical",
    b"display",
    b"itn",
    b"maskedITN",
];

/// Keys of when something began or ended.
const BEGINS: &[&[u8]] = &[
    b"start",
    b"start_time",
    b"startTime",
    b"StartTime",
    b"startOffset",
    b"BeginOffsetMillis",
    b"SegmentStartTime",
    b"offset",
    b"from",
    b"ts",
    b"timestamps",
];
const ENDS: &[&[u8]] = &[
    b"end",
    b"end_time",
    b"endTime",
    b"EndTime",
    b"endOffset",
    b"EndOffsetMillis",
    b"SegmentEndTime",
    b"duration",
    b"to",
    b"end_ts",
    b"resultEndTime",
    b"offsets",
];

/// Keys that only transcripts have; one of them has to be there.
const TELLING: &[&[u8]] = &[
    b"word",
    b"words",
    b"punctuated_word",
    b"transcript",
    b"transcripts",
    b"Transcript",
    b"segments",
    b"utterances",
    b"SpeechSegments",
    b"recognizedPhrases",
    b"transcription",
    b"monologues",
    b"ParticipantId",
];

/// Keys of offsets of characters into what was said, which no change of width may move.
const OFFSETS: &[&[u8]] = &[b"CharacterOffsets", b"BeginOffset", b"BeginOffsetMillis"];

/// Containers that are followed; deeper ones hold nothing that was said.
const DEEPEST: usize = 64;
/// Words before an item that tell whether what they say goes on.
const WORDS: usize = 4;

/// What the head of a source says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// It is a transcript.
    pub(super) talk: bool,
    /// Offsets point into its texts.
    pub(super) fixed: bool,
    /// Texts are repeated as tokens.
    pub(super) tokens: bool,
}

/// Something said, with a time of its own.
struct Item {
    /// The keys around it, as a hash.
    path: u64,
    /// Where the array it stands in begins.
    array: usize,
    text: Range<usize>,
}

/// What is known of a container that is open.
#[derive(Default)]
struct Frame {
    array: bool,
    /// The keys around it, as a hash, and those around its current member.
    path: u64,
    member: u64,
    open: usize,
    /// Whether the current member is what was said.
    said: bool,
    texts: Vec<(u64, Range<usize>)>,
    begins: bool,
    ends: bool,
    /// Elements closed, of an array.
    closed: usize,
}

/// Tells a source by its head.
pub(super) fn tell(head: &[u8]) -> Told {
    let named = |key: &&[u8]| {
        memchr::memmem::find_iter(head, key).any(|at| {
            let before = at.checked_sub(1).and_then(|at| head.get(at));
            before == Some(&b'"') && head.get(at + key.len()) == Some(&b'"')
        })
    };
    // What costs next to nothing tells nearly all that is none.
    if !TELLING.iter().any(named) {
        return Told::default();
    }
    let mut finder = Finder::default();
    finder.walk(head, 0);
    let told = finder.telling && finder.timed > 1;
    Told {
        talk: told,
        fixed: told && finder.fixed,
        tokens: told && memchr::memmem::find(head, b"\"tokens\"").is_some(),
    }
}

/// Whether `key` names what was said.
pub(super) fn is_said(key: &[u8]) -> bool {
    TEXTS.contains(&key)
}

/// The key path that `key` makes of `path`, as a hash.
fn under(path: u64, key: &[u8]) -> u64 {
    key.iter().fold(path.rotate_left(7) ^ 1, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Reads the items of a text.
#[derive(Default)]
struct Finder {
    stack: Vec<Frame>,
    deeper: usize,
    items: Vec<Item>,
    telling: bool,
    fixed: bool,
    /// Items with a beginning and an end.
    timed: usize,
}

impl Finder {
    fn walk(&mut self, text: &[u8], from: usize) {
        let mut walk = Walk::new(from);
        self.stack.push(Frame::default());
        while let Some(token) = walk.next(text) {
            let bytes = text.get(token.start..token.end).unwrap_or_default();
            match token.kind {
                Kind::Key => self.key(bytes),
                Kind::Text => {
                    if let Some(frame) = self.top().filter(|frame| frame.said) {
                        frame.said = false;
                        frame.texts.push((frame.member, token.start..token.end));
                    }
                }
                Kind::Bare => {}
                Kind::Bracket if matches!(bytes, b"{" | b"[") => {
                    self.open(bytes == b"[", token.start);
                }
                Kind::Bracket => self.close(),
            }
        }
        while self.stack.len() > 1 {
            self.close();
        }
        self.close_last();
    }

    fn top(&mut self) -> Option<&mut Frame> {
        if self.deeper > 0 {
            return None;
        }
        self.stack.last_mut()
    }

    fn key(&mut self, key: &[u8]) {
        self.telling |= TELLING.contains(&key);
        self.fixed |= OFFSETS.contains(&key);
        if let Some(frame) = self.top() {
            frame.begins |= BEGINS.contains(&key);
            frame.ends |= ENDS.contains(&key);
            frame.said = TEXTS.contains(&key);
            frame.member = under(frame.path, key);
        }
    }

    fn open(&mut self, array: bool, at: usize) {
        if self.deeper > 0 || self.stack.len() >= DEEPEST {
            self.deeper += 1;
            return;
        }
        let parent = self.stack.last_mut();
        let path = parent.map_or(0, |frame| {
            frame.said = false;
            frame.member
        });
        self.stack.push(Frame {
            array,
            path,
            member: path,
            open: at,
            ..Frame::default()
        });
    }

    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if self.stack.len() > 1 {
            self.close_last();
        } else if let Some(bottom) = self.stack.last_mut() {
            // What was open before the text began.
            *bottom = Frame::default();
        }
    }

    fn close_last(&mut self) {
        let Some(mut frame) = self.stack.pop() else {
            return;
        };
        let array = self.stack.last().filter(|parent| parent.array);
        let open = array.map_or(usize::MAX, |parent| parent.open);
        if frame.begins || frame.ends {
            self.timed += usize::from(frame.begins && frame.ends && !frame.texts.is_empty());
            let items = frame.texts.drain(..).map(|(path, text)| Item {
                path,
                array: open,
                text,
            });
            self.items.extend(items);
        } else if let Some(parent) = self.stack.last_mut() {
            // The likeliest of several ways to hear something belongs to what they stand in.
            if frame.array || parent.array && parent.closed == 0 {
                parent.texts.append(&mut frame.texts);
            }
        }
        if let Some(parent) = self.stack.last_mut() {
            parent.closed += 1;
        }
    }
}

/// The views of what was said in a chunk, and where it stands in it, sorted; in `lines` each line
/// stands for itself.
pub(super) fn views<'s>(chunk: Chunk<'_>, lines: bool) -> (Vec<View<'s>>, Vec<Range<usize>>) {
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let mut finder = Finder::default();
    finder.walk(text, chunk.start);
    let mut groups: BTreeMap<u64, Vec<Item>> = BTreeMap::new();
    for item in finder.items {
        groups.entry(item.path).or_default().push(item);
    }
    let (mut views, mut taken) = (Vec::new(), Vec::new());
    for items in groups.into_values() {
        let mut joined = joined(text, &items, lines);
        taken.append(&mut joined.holes);
        if !joined.text.is_empty() {
            stacked(&TALK, joined, &mut views);
        }
    }
    taken.sort_unstable_by_key(|place| place.start);
    (views, taken)
}

static TALK: NoHints = NoHints(Register::Talk);

/// The items that belong together, one behind the other: apart by a blank where a value may go on.
fn joined(text: &[u8], items: &[Item], lines: bool) -> Decoded {
    let mut out = Decoded::default();
    // Whether the item before is in it already.
    let mut within = false;
    for (number, item) in items.iter().enumerate() {
        let before = number.checked_sub(1).and_then(|before| items.get(before));
        let joins = before.is_some_and(|before| follows(text, items, number, before, lines));
        if !joins {
            within = false;
        }
        let next = items.get(number + 1);
        let goes = next.is_some_and(|_| follows(text, items, number + 1, item, lines));
        if !(joins || goes || is_word(said(text, item))) {
            continue;
        }
        if within {
            out.text.push(b' ');
            out.map.push_join(1);
            out.breaks.push(Break {
                at: out.text.len(),
                kind: BreakKind::Soft,
            });
            out.holes.push(item.text.clone());
        } else {
            out.begin(item.text.clone());
        }
        within = true;
        decode(text, item.text.clone(), &mut out);
    }
    out
}

fn said<'t>(text: &'t [u8], item: &Item) -> &'t [u8] {
    text.get(item.text.clone()).unwrap_or_default()
}

/// Whether what the item of this `number` says goes on what the one `before` it said.
fn follows(text: &[u8], items: &[Item], number: usize, before: &Item, lines: bool) -> bool {
    let Some(item) = items.get(number) else {
        return false;
    };
    let between = text.get(before.text.end..item.text.start);
    if lines && between.is_none_or(|between| memchr::memchr(b'\n', between).is_some()) {
        return false;
    }
    if before.array == item.array && is_word(said(text, before)) && is_word(said(text, item)) {
        return true;
    }
    let first = number.saturating_sub(if is_word(said(text, before)) {
        WORDS
    } else {
        1
    });
    let last = items.get(first..number).unwrap_or_default();
    let tail: Vec<&[u8]> = last.iter().map(|item| said(text, item)).collect();
    goes_on(&tail.join(&b' ')) || comes_on(said(text, item))
}

/// Whether a text is one word.
fn is_word(text: &[u8]) -> bool {
    !text.trim_ascii().contains(&b' ')
}
