//! Recordings that are read more than once: what was heard in the first reading is known in the
//! others.
//!
//! Owns when that may be relied on: where the bytes that take the place of others take the place of
//! the very bytes that were listened to, by their keyed digest. Knows neither how keys are heard nor
//! what they are.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::work::Work;
use crate::format::recording::Heard;
use crate::redact::content::{ContentDigest, Reader};
use crate::redact::edits::Survey;
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::state::Purpose;
use crate::scan::Opened;
use crate::source::Compression;

/// The digest of a recording, taken while it is read.
pub(super) struct Listening(Arc<Mutex<Option<ContentDigest>>>);

impl Listening {
    fn digest(&self) -> MutexGuard<'_, Option<ContentDigest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The digest of all that was read.
    pub(super) fn finish(self) -> Option<[u8; 32]> {
        self.digest().take().map(ContentDigest::finish)
    }
}

impl Work<'_> {
    /// Has what is heard in `source` remembered, together with what its bytes are; `None` where it
    /// is no recording that stands in its file as it is.
    pub(super) fn listen(
        &self,
        source: &mut Opened,
        compression: Compression,
    ) -> Option<Listening> {
        let feed = source.windows.recording_mut()?;
        if compression != Compression::None {
            return None;
        }
        let digest = ContentDigest::new(self.state.key().digest(Purpose::Content));
        let digest = Arc::new(Mutex::new(Some(digest)));
        let shown = Listening(digest.clone());
        feed.remember();
        feed.watch(Box::new(move |bytes| {
            if let Some(digest) = &mut *shown.digest() {
                digest.update(bytes);
            }
        }));
        Some(Listening(digest))
    }
}

/// What goes was gathered by the survey, in times: whoever takes its edits needs the tags alone.
pub(super) fn only_tags(source: &mut Opened) {
    if let Some(feed) = source.windows.recording_mut() {
        feed.deafen();
    }
}

/// What is known of a recording whose new content is checked.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    heard: &'k Arc<Heard>,
    content: [u8; 32],
    /// What is silent now, in milliseconds.
    spans: &'k [Range<u64>],
}

impl<'k> Known<'k> {
    /// What `survey` knows of a recording that becomes silent in `spans`.
    pub(super) fn of(survey: &'k Survey, spans: &'k [Range<u64>]) -> Option<Known<'k>> {
        Some(Known {
            heard: survey.heard.as_ref()?,
            content: survey.content?,
            spans,
        })
    }

    /// Refuses a content that takes the place of another one than was listened to.
    pub(super) fn fits(&self, new: &Reader<'_>) -> Outcome<()> {
        const DOING: &str = "cannot check the new content";
        if new.before() == Some(self.content) {
            Ok(())
        } else {
            Err(Failure::new(Cause::Changed, DOING))
        }
    }

    /// Has only that of `source`, the new content, listened to which is silent now.
    pub(super) fn recall(&self, source: &mut Opened) {
        if let Some(feed) = source.windows.recording_mut() {
            feed.recall(self.heard.clone(), self.spans);
        }
    }
}
