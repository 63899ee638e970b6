//! Hands over what of a recording can be read, in windows: tags as they come, keys as they are
//! heard.
//!
//! Owns the account of what was not read. Knows no container.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::ear::Ear;
use super::fields::Fields;
use super::heard::Heard;
use super::keys::Keys;
use super::stream::{Stream, Watch};
use super::talk::Talk;
use super::{Container, Kind};
use crate::format::{Reader, Reason};

/// What a window of a recording is read by.
pub(crate) enum Part {
    /// Tags, which stand in the file as they are.
    Tags(Fields),
    /// Keys that were heard in one channel; their text is theirs alone.
    Keys(Keys),
}

impl Part {
    /// What reads the window.
    pub(crate) fn reader(&self) -> &dyn Reader {
        match self {
            Part::Tags(fields) => fields,
            Part::Keys(keys) => keys,
        }
    }

    /// The keys, where it is keys.
    pub(crate) fn keys(&self) -> Option<&Keys> {
        match self {
            Part::Tags(_) => None,
            Part::Keys(keys) => Some(keys),
        }
    }
}

/// A window: its text, its offset in the file, and what reads it.
pub(crate) type Piece = (Vec<u8>, u64, Part);

/// What containers give.
#[derive(Default)]
pub(super) struct Out {
    ready: VecDeque<Piece>,
    unread: Option<Reason>,
    unread_bytes: u64,
    /// What is said in it, where that is known.
    talk: Option<Arc<Talk>>,
    /// What hears the sound.
    pub(super) ear: Ear,
}

impl Out {
    /// One that listens to nothing, for who only wants to know where sound lies.
    pub(super) fn deaf() -> Out {
        Out {
            ear: Ear::deaf(),
            ..Out::default()
        }
    }

    /// Tags that stand at `offset` of the file.
    pub(super) fn tags(&mut self, text: Vec<u8>, offset: u64, fields: Fields) {
        if !fields.is_empty() {
            self.ready.push_back((text, offset, Part::Tags(fields)));
        }
    }

    /// Takes over what was heard: in stretches, and the rest once all was `heard`.
    fn listen(&mut self, heard: bool) {
        for (text, keys) in self.ear.keys(heard) {
            let keys = keys.amid(self.talk.clone());
            self.ready.push_back((text, 0, Part::Keys(keys)));
        }
        if heard && let Some(reason) = self.ear.unheard() {
            self.unread = self.unread.or(Some(reason));
        }
    }

    /// Says that `bytes` were not read, or that something is not as its container says where they
    /// are none.
    pub(super) fn unread(&mut self, bytes: u64, reason: Reason) {
        self.unread = self.unread.or(Some(reason));
        self.unread_bytes += bytes;
    }
}

/// The windows of a recording.
pub(crate) struct Feed {
    container: Box<dyn Container>,
    stream: Stream,
    out: Out,
    ended: bool,
}

impl Feed {
    pub(super) fn new(kind: Kind, stream: Stream) -> Feed {
        Feed {
            container: kind.container(),
            stream,
            out: Out::default(),
            ended: false,
        }
    }

    /// Has what is heard remembered; asked before the first window.
    pub(crate) fn remember(&mut self) {
        self.out.ear.remember();
    }

    /// What was heard, behind the last window; `None` where it was not remembered or cannot be
    /// recalled.
    pub(crate) fn heard(&mut self) -> Option<Heard> {
        self.out.ear.heard()
    }

    /// Has only that listened to which is otherwise than when `heard` was heard: what lies in
    /// `spans`, in milliseconds. Asked before the first window.
    pub(crate) fn recall(&mut self, heard: Arc<Heard>, spans: &[Range<u64>]) {
        self.out.ear.recall(heard, spans);
    }

    /// Tells what is said in it; asked before the first window.
    pub(crate) fn amid(&mut self, talk: Arc<Talk>) {
        self.out.talk = Some(talk);
    }

    /// Has nothing listened to, only tags read; asked before the first window.
    pub(crate) fn deafen(&mut self) {
        self.out.ear = Ear::deaf();
    }

    /// Shows every byte of the source to `watch`, in order; asked before the first window.
    pub(crate) fn watch(&mut self, watch: Watch) {
        self.stream.watch(watch);
    }

    /// The next window.
    pub(crate) fn next(&mut self) -> Option<Piece> {
        self.look_ahead(1);
        let piece = self.out.ready.pop_front();
        // Whether it was the last has to be known when it is handed out.
        self.look_ahead(1);
        piece
    }

    fn look_ahead(&mut self, pieces: usize) {
        while !self.ended && self.out.ready.len() < pieces {
            self.ended = !self.container.step(&mut self.stream, &mut self.out);
            self.out.listen(self.ended);
            if self.ended {
                self.stream.show_rest();
            }
        }
    }

    /// Whether all windows were handed out.
    pub(crate) fn is_done(&self) -> bool {
        self.ended && self.out.ready.is_empty()
    }

    /// Why reading ended before the end of the file.
    pub(crate) fn failed(&self) -> Option<Reason> {
        self.stream.failed()
    }

    /// Why something was left out that could be told from the rest, beside what windows say.
    pub(crate) fn unread(&self) -> Option<Reason> {
        self.out.unread
    }

    /// Bytes that were come past, and those of them that were left out.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.stream.offset(), self.out.unread_bytes)
    }
}
