//! The check of a new content: read as the next run will read it, nothing in it is to go (R7, R8).
//!
//! Owns the check and the thread it reads on. Knows neither where the content lies nor what became
//! of it.

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use super::listening::Known;
use super::spot::Spot;
use super::work::{Pace, Work};
use crate::format::{self, Format};
use crate::redact::content::Reader;
use crate::redact::derive::{Job, Way};
use crate::redact::edits::Edits;
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::scan::{Look, Progress, look};
use crate::source::open_stream;

impl Work<'_> {
    /// Whether the new content holds nothing more that the same order would take (R7, R8): as the
    /// next run will see it, and read as the old content was, should that be another format.
    pub(super) fn verify(
        &self,
        spot: &Spot<'_>,
        format: &'static str,
        new: &mut Reader<'_>,
    ) -> Outcome<()> {
        self.verify_known(spot, format, None, new)
    }

    /// The same, of a recording of which only what is silent now has to be listened to.
    pub(super) fn verify_known(
        &self,
        spot: &Spot<'_>,
        format: &'static str,
        known: Option<Known<'_>>,
        new: &mut Reader<'_>,
    ) -> Outcome<()> {
        const DOING: &str = "cannot check the new content";
        let unclean = Failure::new(Cause::Unverified, DOING);
        if let Some(known) = &known {
            known.fits(new)?;
        }
        let (seen, clean) = self.is_clean(spot, spot.as_format, known, new)?;
        if !clean {
            return Err(unclean);
        }
        if seen == Some(format) {
            return Ok(());
        }
        let again = std::io::Seek::rewind(new);
        again.map_err(|_| Failure::new(Cause::Io, DOING))?;
        match self.is_clean(spot, format::by_name(format).ok(), known, new)? {
            (_, true) => Ok(()),
            (_, false) => Err(unclean),
        }
    }

    /// The job that looks for what is left.
    pub(super) fn check<'j>(&'j self, absolute: &'j Path) -> Job<'j> {
        self.checking(self.job(absolute, Pace::Surveyed))
    }

    /// The same, for a file whose records may go by their age.
    pub(super) fn check_of<'j>(&'j self, spot: &'j Spot<'_>) -> Job<'j> {
        self.checking(self.job_of(spot, Pace::Surveyed))
    }

    fn checking<'j>(&self, job: Job<'j>) -> Job<'j> {
        Job {
            overlook_fpe: true,
            tell: false,
            count_only: self.order.way == Way::Values,
            ..job
        }
    }

    /// What `content` is read as, and whether nothing in it is to go.
    fn is_clean(
        &self,
        spot: &Spot<'_>,
        as_format: Option<&'static dyn Format>,
        known: Option<Known<'_>>,
        content: &mut Reader<'_>,
    ) -> Outcome<(Option<&'static str>, bool)> {
        // A check is never cut short: what was not looked at would pass for clean.
        let steady = Progress::default();
        let job = self.check_of(spot);
        let path = &spot.path;
        let pool = self.pool;
        let known = known.as_ref();
        with_stream(content, |stream| {
            match look(path, open_stream(stream), as_format) {
                Look::Open(mut source) => {
                    if let Some(known) = known {
                        known.recall(&mut source);
                    }
                    let format = source.format;
                    let survey = Edits::new(source, job, pool, &steady).survey(None);
                    let clean = survey.splices == 0 && survey.broken.is_none();
                    (Some(format), clean)
                }
                Look::Skip(_) | Look::Pack(..) | Look::Rows(_) => (None, false),
            }
        })
    }
}

/// Bytes handed from the reading thread to the scanning one at a time.
const PIECE: usize = 256 << 10;
/// Pieces that wait between them.
const PIECES: usize = 4;

/// Lets `scan` read on a thread of its own what `content` gives on this one: the engine's content
/// belongs to this thread, a source may be read from any.
fn with_stream<R: Send>(
    content: &mut Reader<'_>,
    scan: impl FnOnce(Piped) -> R + Send,
) -> Outcome<R> {
    const DOING: &str = "cannot read the new content back";
    std::thread::scope(|scope| {
        let (pieces, piped) = sync_channel(PIECES);
        let scanning = scope.spawn(|| {
            scan(Piped {
                pieces: piped,
                piece: Vec::new(),
                at: 0,
            })
        });
        let mut broken = false;
        loop {
            let mut piece = vec![0; PIECE];
            match std::io::Read::read(content, &mut piece) {
                Ok(0) => break,
                Ok(len) => {
                    piece.truncate(len);
                    // A scan that has seen enough does not read to the end.
                    if pieces.send(piece).is_err() {
                        break;
                    }
                }
                Err(_) => {
                    broken = true;
                    break;
                }
            }
        }
        drop(pieces);
        let scanned = scanning.join();
        match scanned {
            Ok(scanned) if !broken => Ok(scanned),
            _ => Err(Failure::new(Cause::Io, DOING)),
        }
    })
}

/// The receiving end of [`with_stream`].
struct Piped {
    pieces: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl std::io::Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.piece.len() {
            match self.pieces.recv() {
                Ok(piece) => (self.piece, self.at) = (piece, 0),
                Err(_) => return Ok(0),
            }
        }
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        self.at += len;
        Ok(len)
    }
}
