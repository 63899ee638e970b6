//! A file that holds sources, written anew with those of them that have edits.
//!
//! Owns the way from the innermost change to the file's own bytes. What the edits are is derived
//! again, source by source.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Write};
use std::path::Path;
use std::sync::Arc;

use super::survey::{At, Nest, Number, renames};
use crate::container::slab::Slab;
use crate::container::{self, Kind, Rewriter, Says, Words};
use crate::format::sqlite::{Feed, Snapshot};
use crate::redact::database;
use crate::redact::derive::{Job, reworded};
use crate::redact::edits::{Edits, Survey};
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::files::ahead::ahead;
use crate::redact::recompress::{Encoder, recompress};
use crate::scan::{Look, Opened};
use crate::source::{Compression, open_stream};

impl Nest<'_> {
    /// Writes to `out` what the source at `at`, whose bytes are `stored`, becomes.
    pub(super) fn produce(
        &self,
        at: &At,
        stored: &Slab,
        touched: &BTreeMap<Number, u64>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let input = open_stream(stored.reader());
        let compression = input.compression;
        let shown = at.path.shown();
        let name = shown.file_name().unwrap_or_default().to_string_lossy();
        let name = name.rsplit('!').next().unwrap_or_default();
        let changed = || io::Error::other(Failure::new(Cause::Changed, "cannot read the file"));
        let mut reword = |words: &Words| self.new_words(at, words, 0);
        let mut header = |words: &Words| self.new_words(at, words, 0);
        let mut folding = |out| {
            let mut stored = BufReader::new(stored.reader());
            Encoder::like(compression, &mut stored, &mut header, out)
        };
        match self.look(name, input) {
            Look::Open(source) => {
                let absolute = self.absolute(at);
                let records = touched.get(&at.number).copied().unwrap_or(0);
                let aged = self.rules_of(at, &source).map_err(|_| changed())?;
                let job = Job {
                    aged: self.aged(aged.as_ref()),
                    ..self.job(&absolute)
                };
                let edits = self.edits(source, job).expecting(records);
                let (made, _) = ahead(edits, (Survey::default(), Vec::new()), |splices| {
                    recompress(compression, stored.reader(), splices, &mut reword, out)
                });
                made
            }
            Look::Rows(input) => {
                let old = self.beside.spool(&mut input.into_stream())?;
                let new = self.database(at, old)?;
                let mut folding = folding(out)?;
                io::copy(&mut new.reader(), &mut folding)?;
                folding.finish()
            }
            Look::Pack(kind, input) => {
                let mut members = Changed {
                    nest: self,
                    at,
                    touched,
                    renames: renames(kind),
                };
                let mut folding = folding(out)?;
                let mut content = input.into_stream();
                match kind {
                    Kind::Tar => {
                        let beside = &self.beside;
                        container::tar::rewrite(content, beside, &mut members, &mut folding)?;
                    }
                    Kind::Zip(_) => {
                        let slab = match compression {
                            Compression::None => stored.clone(),
                            _ => self.beside.spool(&mut content)?,
                        };
                        let beside = &self.beside;
                        container::zip::rewrite(&slab, beside, &mut members, &mut folding)?;
                    }
                }
                folding.finish()
            }
            Look::Skip(_) => Err(changed()),
        }
    }

    /// What `words` of the source at `at` become; `None`: they stay.
    fn new_words(&self, at: &At, words: &Words, copy: u32) -> io::Result<Option<Vec<u8>>> {
        let splices = self.reword(at, words).splices;
        if splices.is_empty() {
            return Ok(None);
        }
        let new = reworded(words, splices, copy);
        new.map(Some)
            .ok_or_else(|| io::ErrorKind::Unsupported.into())
    }

    fn job<'j>(&'j self, absolute: &'j Path) -> Job<'j> {
        Job {
            keep_old: false,
            tell: false,
            ..self.work.job(absolute, self.pace)
        }
    }

    fn edits<'e>(&'e self, source: Box<Opened>, job: Job<'e>) -> Edits<'e> {
        Edits::new(source, job, self.work.pool, self.progress)
    }

    /// What the database `old` becomes.
    fn database(&self, at: &At, old: Slab) -> io::Result<Slab> {
        let absolute = self.absolute(at);
        let snapshot = Arc::new(Snapshot::of_slab(old)?);
        let source = Box::new(Opened::of_rows(Feed::new(snapshot.clone())));
        let job = Job {
            prove: true,
            ..self.job(&absolute)
        };
        let mut edits = self.edits(source, job);
        let scrub = self.work.order.write.scrub;
        let (between, new) = (self.beside.unnamed()?, self.beside.unnamed()?);
        let made = new.try_clone()?.into();
        let done = database::rewrite(&snapshot, &mut edits, between.into(), &made, scrub)
            .and_then(|()| self.work.verify_rows(&absolute, &made));
        done.map_err(io::Error::other)?;
        Slab::of_copy(new, scrub)
    }
}

/// The members of one container that are changed.
struct Changed<'a> {
    nest: &'a Nest<'a>,
    at: &'a At,
    touched: &'a BTreeMap<Number, u64>,
    /// Whether they may be called otherwise.
    renames: bool,
}

impl Rewriter for Changed<'_> {
    fn touches(&self, number: u32) -> bool {
        let mut inner = self.at.number.clone();
        inner.push(number);
        let next = self.touched.range(inner.clone()..).next();
        next.is_some_and(|(one, _)| one.starts_with(&inner))
    }

    fn member(
        &mut self,
        number: u32,
        name: &str,
        content: Slab,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let at = self.at.within(number, name);
        self.nest.produce(&at, &content, self.touched, out)
    }

    fn words(&mut self, of: &str, words: &Words, copy: u32) -> io::Result<Option<Vec<u8>>> {
        let is_name = words.says != Says::Comment;
        if !self.touched.contains_key(&self.at.number) || is_name && !self.renames {
            return Ok(None);
        }
        if of.is_empty() {
            return self.nest.new_words(self.at, words, copy);
        }
        self.nest.new_words(&self.at.within(0, of), words, copy)
    }
}
