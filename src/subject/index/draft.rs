//! A new state of an index in the making: nothing of it counts before it is published.
//!
//! Owns the numbers that are given out, the segments that were written and the copy of the
//! catalogue, made at the first change. It must not know where postings come from.

use std::collections::HashSet;
use std::os::fd::OwnedFd;

use super::IndexError;
use super::catalogue::Catalogue;
use super::keys::{Content, Keys, Tag};
use super::manifest::{Manifest, Named};
use super::runs::Runs;
use super::segment::{Segment, SegmentId, Writer, merge};
use super::spills::{Spills, Written};
use super::store::{Store, Writing, told};
use crate::redact::io::Io;
use crate::redact::state::key::hex;

/// The draft.
pub(super) struct Draft<'io> {
    pub(super) io: &'io Io,
    pub(super) store: &'io Store,
    writing: &'io Writing,
    /// What is published at the end.
    pub(super) manifest: Manifest,
    /// Tags that are not to be held.
    pub(super) forgotten: HashSet<Tag>,
    catalogue: Option<(Catalogue, OwnedFd, u64)>,
    content: Option<(Content, u64, u64)>,
    /// Segments of this run, which it can read whatever key it has.
    own: Vec<(Named, Segment)>,
}

/// Segments that are looked through for an answer; more are merged.
const MOST_SEGMENTS: usize = 6;
/// Bytes copied at a time.
const COPIED: usize = 1 << 20;

impl<'io> Draft<'io> {
    /// Goes on from `manifest`.
    pub(super) fn new(
        io: &'io Io,
        store: &'io Store,
        writing: &'io Writing,
        manifest: Manifest,
    ) -> Self {
        Draft {
            io,
            store,
            writing,
            manifest,
            forgotten: HashSet::new(),
            catalogue: None,
            content: None,
            own: Vec::new(),
        }
    }

    // ---- numbers -------------------------------------------------------------------------

    /// The number of a window of the source that is coming in.
    pub(super) fn window(&self, of_source: usize) -> Result<u32, IndexError> {
        let next = self.manifest.next.window;
        let more = u32::try_from(of_source).ok();
        more.and_then(|more| next.checked_add(more))
            .ok_or(IndexError::Full)
    }

    /// Gives the numbers of a source's windows away.
    pub(super) fn skip_windows(&mut self, count: usize) -> Result<(), IndexError> {
        self.manifest.next.window = self.window(count)?;
        Ok(())
    }

    /// The number of a new source.
    pub(super) fn next_source(&mut self) -> u64 {
        let id = self.manifest.next.source;
        self.manifest.next.source += 1;
        id
    }

    fn next_file(&mut self) -> u64 {
        let number = self.manifest.next.file;
        self.manifest.next.file += 1;
        number
    }

    // ---- the catalogue -------------------------------------------------------------------

    /// Whether anything was changed.
    pub(super) const fn is_changed(&self) -> bool {
        self.catalogue.is_some()
    }

    /// The catalogue to change.
    pub(super) fn catalogue(&mut self, keys: &Keys) -> Result<&Catalogue, IndexError> {
        if self.catalogue.is_none() {
            let number = self.next_file();
            let (file, path) = self.store.new_catalogue(self.io, number)?;
            let is_new = self.manifest.catalogue == Named::default();
            if !is_new {
                self.copy_catalogue(keys, &file)?;
            }
            self.catalogue = Some((Catalogue::change(&path, is_new)?, file, number));
        }
        match &self.catalogue {
            Some((catalogue, ..)) => Ok(catalogue),
            None => Err(IndexError::Damaged),
        }
    }

    fn copy_catalogue(&self, keys: &Keys, to: &OwnedFd) -> Result<(), IndexError> {
        let named = &self.manifest.catalogue;
        let (from, _) = self.store.catalogue(self.io, named)?;
        let (mut at, mut digest) = (0, keys.digest());
        let mut buffer = vec![0; COPIED];
        while at < named.bytes {
            let read = self.io.read_full(&from, &mut buffer, at);
            let read = read.map_err(|errno| told(errno, "cannot read the catalogue"))?;
            let bytes = buffer.get(..read).filter(|bytes| !bytes.is_empty());
            let bytes = bytes.ok_or(IndexError::Damaged)?;
            digest.update(bytes);
            let written = self.io.write_full(to, bytes, at);
            written.map_err(|errno| told(errno, "cannot write the catalogue"))?;
            at += read as u64;
        }
        // What is copied and changed would else become right.
        if hex(digest.finalize().as_bytes()) == named.digest {
            Ok(())
        } else {
            Err(IndexError::Damaged)
        }
    }

    /// Encrypts for who looks up what a row of kind `kind` and number `id` holds; gives the content
    /// key's number as well.
    pub(super) fn sealed(
        &mut self,
        keys: &Keys,
        kind: &str,
        id: u64,
        mut plain: Vec<u8>,
    ) -> Result<(Vec<u8>, u64), IndexError> {
        if self.content.is_none() {
            let (content, sealed) = keys.content(self.io)?;
            let number = self.catalogue(keys)?.put_content(&sealed)?;
            self.content = Some((content, number, 0));
        }
        let Some((content, number, next)) = &mut self.content else {
            return Err(IndexError::Damaged);
        };
        content.seal(*next, &row_context(kind, id), &mut plain);
        let mut sealed = next.to_le_bytes().to_vec();
        sealed.extend_from_slice(&plain);
        *next += 1;
        Ok((sealed, *number))
    }

    // ---- segments ------------------------------------------------------------------------

    /// Has what `runs` holds written as a segment, and takes those that are written.
    pub(super) fn spill<'scope>(
        &mut self,
        keys: &Keys,
        runs: &mut Runs,
        spills: &mut Spills<'scope, '_>,
    ) -> Result<(), IndexError>
    where
        'io: 'scope,
    {
        let (number, writer) = self.new_segment(keys)?;
        *runs = spills.write(number, writer, std::mem::take(runs))?;
        self.own(keys, spills.take(false)?)
    }

    /// Has the last of `runs` written, and takes all that are written.
    pub(super) fn spill_last<'scope>(
        &mut self,
        keys: &Keys,
        runs: &mut Runs,
        spills: &mut Spills<'scope, '_>,
    ) -> Result<(), IndexError>
    where
        'io: 'scope,
    {
        if !runs.is_empty() {
            self.spill(keys, runs, spills)?;
        }
        self.own(keys, spills.take(true)?)
    }

    fn own(&mut self, keys: &Keys, written: Vec<Written>) -> Result<(), IndexError> {
        for (number, segment, bytes) in written {
            self.own_segment(number, segment, bytes);
        }
        if self.own.len() > MOST_SEGMENTS {
            self.merge_own(keys)?;
        }
        Ok(())
    }

    fn new_segment(&mut self, keys: &Keys) -> Result<(u64, Writer<'io>), IndexError> {
        let number = self.next_file();
        let file = self.store.new_segment(self.io, number)?;
        let index = self.manifest.index();
        let writer = Writer::new(self.io, file, keys, SegmentId { index, number })?;
        Ok((number, writer))
    }

    fn own_segment(&mut self, number: u64, segment: Segment, bytes: u64) {
        let named = Named {
            number,
            bytes,
            postings: segment.postings(),
            digest: String::new(),
        };
        self.own.push((named, segment));
    }

    fn merge_own(&mut self, keys: &Keys) -> Result<(), IndexError> {
        let own = std::mem::take(&mut self.own);
        let segments: Vec<_> = own.into_iter().map(|(_, segment)| segment).collect();
        self.merge(keys, &segments, |_| true)
    }

    fn merge(
        &mut self,
        keys: &Keys,
        segments: &[Segment],
        keep: impl FnMut(&super::posting::Posting) -> bool,
    ) -> Result<(), IndexError> {
        let (number, mut writer) = self.new_segment(keys)?;
        merge(segments, &mut writer, keep)?;
        let (segment, bytes) = writer.finish()?;
        self.own_segment(number, segment, bytes);
        Ok(())
    }

    /// Merges the segments there are when they are many, or when much in them is dead; all of them
    /// without what `unwanted` names when `whole`. Who has no look-up key leaves that to who has.
    pub(super) fn compact(&mut self, keys: &Keys, whole: bool) -> Result<(), IndexError> {
        if !keys.can_look_up() {
            return if self.own.len() > 1 {
                self.merge_own(keys)
            } else {
                Ok(())
            };
        }
        let own: u64 = self.own.iter().map(|(named, _)| named.postings).sum();
        let (all, dead) = (self.manifest.postings() + own, self.manifest.dead);
        let count = self.manifest.segments.len() + self.own.len();
        let clean = whole || (dead > 0 && dead >= all / 4);
        if !clean && count <= MOST_SEGMENTS {
            return Ok(());
        }
        // The small ones, until what comes next is larger than all of them together.
        let mut old = std::mem::take(&mut self.manifest.segments);
        old.sort_by_key(|named| named.postings);
        let mut sum = own;
        let mut taken = 0;
        for named in &old {
            if !clean && taken > 0 && named.postings > 2 * sum && count - taken <= MOST_SEGMENTS {
                break;
            }
            sum += named.postings;
            taken += 1;
        }
        self.manifest.segments = old.split_off(taken);
        let index = self.manifest.index();
        let mut segments = Vec::new();
        for named in &old {
            segments.push(self.store.segment(self.io, keys, index, named)?);
        }
        let mine = std::mem::take(&mut self.own);
        segments.extend(mine.into_iter().map(|(_, segment)| segment));
        let live = self.catalogue(keys)?.windows()?;
        let forgotten = std::mem::take(&mut self.forgotten);
        let before: u64 = segments.iter().map(Segment::postings).sum();
        self.merge(keys, &segments, |one| {
            !forgotten.contains(&one.tag) && is_live(&live, one.window)
        })?;
        self.forgotten = forgotten;
        let after: u64 = self.own.iter().map(|(named, _)| named.postings).sum();
        let left = dead.saturating_sub(before - after);
        self.manifest.dead = if self.manifest.segments.is_empty() {
            0
        } else {
            left
        };
        Ok(())
    }

    // ---- the end -------------------------------------------------------------------------

    /// Has everything reach the disk and makes it the state of the index.
    pub(super) fn publish(mut self, keys: &Keys) -> Result<Manifest, IndexError> {
        if let Some((catalogue, file, number)) = self.catalogue.take() {
            catalogue.drop_contents()?;
            self.manifest.counts = catalogue.count()?;
            catalogue.finish()?;
            let (bytes, digest) = digest(self.io, keys, &file)?;
            let synced = self.io.sync(&file);
            synced.map_err(|errno| told(errno, "cannot sync the catalogue"))?;
            self.manifest.catalogue = Named {
                number,
                bytes,
                postings: 0,
                digest,
            };
        }
        let own = std::mem::take(&mut self.own);
        let own = own.into_iter().map(|(named, _)| named);
        self.manifest
            .segments
            .extend(own.filter(|named| named.postings > 0));
        self.store
            .publish(self.writing, self.io, keys, &self.manifest)?;
        self.store
            .tidy(self.writing, self.io, Some(&self.manifest))?;
        Ok(self.manifest)
    }
}

/// What is signed with a sealed field of a row.
pub(super) fn row_context(kind: &str, id: u64) -> Vec<u8> {
    format!("{kind} {id}").into_bytes()
}

/// Whether a window is some source's.
pub(super) fn is_live(windows: &[(u32, u32)], window: u32) -> bool {
    let behind = windows.partition_point(|(first, _)| *first <= window);
    behind
        .checked_sub(1)
        .and_then(|at| windows.get(at))
        .is_some_and(|(first, count)| window - first < *count)
}

/// The length of a file and its keyed digest.
pub(super) fn digest(io: &Io, keys: &Keys, file: &OwnedFd) -> Result<(u64, String), IndexError> {
    let (mut at, mut digest) = (0, keys.digest());
    let mut buffer = vec![0; COPIED];
    loop {
        let read = io
            .read_full(file, &mut buffer, at)
            .map_err(|errno| told(errno, "cannot read the catalogue"))?;
        if read == 0 {
            return Ok((at, hex(digest.finalize().as_bytes())));
        }
        digest.update(buffer.get(..read).unwrap_or_default());
        at += read as u64;
    }
}
