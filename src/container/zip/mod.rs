//! Zip archives (PKWARE APPNOTE 6.3.10): members anywhere in the file, named by a directory at its
//! end.
//!
//! Owns the directory, where each member lies, and every byte between members. A member is read by
//! what the directory says of it; where its own header says something else it is not read, so that
//! nobody who believes the other one finds what we did not.

mod decode;
mod directory;
mod rewrite;

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

pub(crate) use rewrite::rewrite;

use super::slab::Slab;
use super::{Budget, MOST_MEMBERS, MOST_TEXT, Member, Metered, Own, Says, Words};
use crate::format::{Reason, Width};
use crate::source::reason_of;
use decode::unfold;
use directory::{Directory, Entry, Local, twins, worded};

/// An archive and its members.
pub(crate) struct Zip {
    slab: Slab,
    budget: Arc<Budget>,
    directory: Directory,
    next: usize,
    own: Own,
}

impl Zip {
    /// Reads the directory of the archive that `slab` is.
    pub(crate) fn open(slab: Slab, budget: Arc<Budget>) -> Zip {
        let mut own = Own::default();
        let directory = Directory::read(&slab, MOST_MEMBERS).unwrap_or_else(|error| {
            own.bytes = slab.len();
            own.unread = slab.len();
            own.reason = Some(reason_of(&error));
            Directory::default()
        });
        let mut zip = Zip {
            slab,
            budget,
            directory,
            next: 0,
            own,
        };
        if zip.own.reason.is_none() {
            zip.account();
        }
        zip
    }

    /// Whether members and directory are each where they are said to be and lie in nothing else.
    fn account(&mut self) {
        let slab = &self.slab;
        let mut taken: Vec<Range<u64>> = Vec::with_capacity(self.directory.entries.len() + 1);
        let mut contents = 0;
        for entry in &self.directory.entries {
            if let Ok(local) = Local::read(slab, &self.directory, entry) {
                contents += local.data.end - local.data.start;
                taken.push(local.whole);
            }
        }
        taken.extend(self.directory.structure.iter().cloned());
        taken.sort_unstable_by_key(|range| (range.start, range.end));
        let (mut at, mut unread, mut overlaps) = (0, 0, false);
        for range in &taken {
            if range.start > at {
                unread += strange(slab, at..range.start);
            }
            overlaps |= range.start < at;
            at = at.max(range.end);
        }
        if slab.len() > at {
            unread += strange(slab, at..slab.len());
        }
        self.own.bytes = slab.len().saturating_sub(contents);
        self.own.unread = unread.min(self.own.bytes);
        if unread > 0 {
            self.own.reason = Some(Reason::Opaque);
        }
        if overlaps {
            // Bytes that belong to two members are how small archives burst.
            self.own.unread = slab.len();
            self.own.bytes = slab.len();
            self.own.reason = Some(Reason::Malformed);
            self.directory.entries.clear();
            return;
        }
        self.own.reason = self.own.reason.or(self.directory.doubt);
        self.words();
    }

    /// Gathers the comments.
    fn words(&mut self) {
        let mut left = MOST_TEXT;
        let places = self.directory.comments();
        for place in places {
            let len = (place.end - place.start) as usize;
            let Some(rest) = left.checked_sub(len) else {
                self.own.unread += len as u64;
                self.own.reason = self.own.reason.or(Some(Reason::Limit));
                continue;
            };
            left = rest;
            match self.slab.bytes(place.clone()) {
                Ok(text) => self.own.words.push(comment(place.start, text)),
                Err(error) => self.own.reason = self.own.reason.or(Some(reason_of(&error))),
            }
        }
    }

    /// The next member.
    pub(crate) fn next(&mut self) -> Option<Member> {
        let number = self.next;
        let entry = self.directory.entries.get(number)?;
        self.next += 1;
        let name = match self.slab.bytes(entry.name()) {
            Ok(name) => String::from_utf8_lossy(&name).into_owned(),
            Err(_) => String::new(),
        };
        // A folder has a name and nothing in it.
        let is_folder = name.ends_with('/') && entry.size == 0 && entry.stored <= 2;
        let content = (!is_folder).then(|| self.content(entry));
        let mut words = names(&self.slab, entry).unwrap_or_default();
        if let Ok(local) = Local::read(&self.slab, &self.directory, entry) {
            words.extend(extras(&self.slab, entry, &local).unwrap_or_default());
        }
        Some(Member {
            name,
            number: number as u32,
            content,
            stored: entry.stored,
            words,
        })
    }

    fn content(&self, entry: &Entry) -> Result<Box<dyn Read + Send>, Reason> {
        let local = Local::read(&self.slab, &self.directory, entry)?;
        let content = unfold(&self.slab, entry, local.data)?;
        Ok(Box::new(Metered {
            input: content,
            budget: self.budget.clone(),
        }))
    }

    /// What there is besides the members.
    pub(crate) fn own(self) -> Own {
        self.own
    }
}

/// A comment that stands at `at`.
fn comment(at: u64, text: Vec<u8>) -> Words {
    Words {
        says: Says::Comment,
        at,
        text,
        width: Width::Free,
    }
}

/// What an entry is called: as its header says, and as its extra fields do where that differs.
fn names(slab: &Slab, entry: &Entry) -> io::Result<Vec<Words>> {
    let own = slab.bytes(entry.name())?;
    let extra = slab.bytes(entry.extra())?;
    let twins = twins(&extra).into_iter();
    let others = twins.filter_map(|twin| extra.get(twin.text).filter(|text| **text != own[..]));
    let mut names: Vec<Words> = others.map(|text| name(text.to_vec())).collect();
    names.insert(0, name(own));
    Ok(names)
}

/// What the extra fields of an entry say in words, and those of its own header where these differ.
fn extras(slab: &Slab, entry: &Entry, local: &Local) -> io::Result<Vec<Words>> {
    let mut all: Vec<Words> = Vec::new();
    for place in [entry.extra(), local.extra.clone()] {
        let extra = slab.bytes(place)?;
        for field in worded(&extra) {
            let words = extra_field(extra.get(field).unwrap_or_default());
            if !all.contains(&words) {
                all.push(words);
            }
        }
    }
    Ok(all)
}

/// An extra field, whose length others count.
fn extra_field(text: &[u8]) -> Words {
    Words {
        says: Says::Extra,
        at: 0,
        text: text.to_vec(),
        width: Width::Same,
    }
}

/// A name, of which the same number of bytes is left whatever goes in it.
fn name(text: Vec<u8>) -> Words {
    Words {
        says: Says::Name,
        at: 0,
        text,
        width: Width::Same,
    }
}

/// How many bytes of `range` are none of padding.
fn strange(slab: &Slab, range: Range<u64>) -> u64 {
    const PIECE: usize = 64 << 10;
    let mut reader = slab.part(range.clone()).reader();
    let mut piece = vec![0; PIECE.min((range.end - range.start) as usize)];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return 0,
            Ok(len) if piece.iter().take(len).all(|b| *b == 0) => {}
            Ok(_) => return range.end - range.start,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return range.end - range.start,
        }
    }
}
