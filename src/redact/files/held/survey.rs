//! What the sources of one file come to, one after the other.
//!
//! Owns which of them have edits and which are let be. Writes nothing.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::aged::refused;
use crate::container::slab::{Beside, Slab};
use crate::container::{Budget, DEEPEST, Kind, Members, Words};
use crate::edit::Refusal;
use crate::format::{Reason, sqlite};
use crate::redact::ageing::Link;
use crate::redact::derive::{Derived, Way, add_held, derive_words};
use crate::redact::edits::{Edits, Survey, digest_splices};
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::files::Plan;
use crate::redact::files::spot::Spot;
use crate::redact::files::told::{Fate, FileDone};
use crate::redact::files::work::{Pace, Work, receipt_counts};
use crate::redact::guard::EditContext;
use crate::redact::receipt::Counts;
use crate::redact::state::Purpose;
use crate::scan::{Look, Opened, Progress, SourcePath, look_within, rows};
use crate::source::{Input, Told, open_stream, reason_of};

/// Which source of a file: the number of the member it is in its container, of that in the one
/// around it, and so on. The file itself is none.
pub(super) type Number = Vec<u32>;

/// What the sources of a file come to.
#[derive(Default)]
pub(super) struct Nested {
    /// All of them together.
    pub(super) all: Survey,
    /// Each one, in order, the file itself last.
    pub(super) done: Vec<FileDone>,
    /// Those with edits, and how many records they lose.
    pub(super) touched: BTreeMap<Number, u64>,
    /// For the receipt.
    pub(super) members: Vec<(String, Counts)>,
}

/// One way through the sources of a file.
pub(super) struct Nest<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) spot: &'a Spot<'a>,
    pub(super) pace: Pace,
    pub(super) beside: Beside,
    pub(super) budget: Arc<Budget>,
    /// The last change of the file, in seconds since 1970.
    pub(super) changed: i64,
    /// Whether it is the new content that is looked at.
    pub(super) checks: bool,
    pub(super) progress: &'a Progress,
    /// Takes which records name files that go with them, where only that is asked.
    pub(super) links: Option<&'a Mutex<Vec<Link>>>,
}

/// A source on the way.
pub(super) struct At {
    pub(super) number: Number,
    pub(super) path: SourcePath,
}

impl At {
    pub(super) fn within(&self, number: u32, name: &str) -> At {
        let mut inner = self.number.clone();
        inner.push(number);
        At {
            number: inner,
            path: self.path.within(name),
        }
    }
}

impl Nest<'_> {
    pub(super) fn top(&self) -> At {
        At {
            number: Vec::new(),
            path: SourcePath {
                file: self.spot.path.clone(),
                member: None,
            },
        }
    }

    pub(super) fn look_at_file(&self, stored: &Slab) -> Look {
        let name = self.spot.path.file_name().unwrap_or_default();
        self.look(&name.to_string_lossy(), open_stream(stored.reader()))
    }

    pub(super) fn look(&self, name: &str, input: Input) -> Look {
        let name = name.rsplit('/').next().unwrap_or_default();
        look_within(name, input, self.work.as_format)
    }

    /// Takes one source in, with all within it.
    pub(super) fn survey(&self, at: &At, look: Look, depth: usize, nested: &mut Nested) {
        match look {
            Look::Open(source) => self.source(at, source, nested),
            Look::Skip(name) => {
                nested.unread(at, Some(name), Reason::Unsupported(name));
            }
            Look::Rows(_) if self.by_age() => {
                nested.unread(at, Some(sqlite::NAME), Reason::Unsupported(sqlite::NAME));
            }
            Look::Pack(kind, _) if self.by_age() && !renames(kind) => {
                nested.unread(at, Some(kind.name()), Reason::Unsupported(kind.name()));
            }
            Look::Rows(input) => match rows(input, &self.beside) {
                Ok(source) => self.source(at, Box::new(source), nested),
                Err(error) => nested.unread(at, Some(sqlite::NAME), reason_of(&error)),
            },
            Look::Pack(kind, _) if depth >= DEEPEST => {
                nested.unread(at, Some(kind.name()), Reason::Limit);
            }
            Look::Pack(kind, input) => {
                let told = input.told.clone();
                match self.members(kind, input) {
                    Ok(members) => self.container(at, kind, (members, told), depth, nested),
                    Err(error) => nested.unread(at, Some(kind.name()), reason_of(&error)),
                }
            }
        }
    }

    fn members(&self, kind: Kind, input: Input) -> io::Result<Members> {
        Ok(match kind {
            Kind::Tar => Members::of_tar(input.into_stream()),
            Kind::Zip(_) => {
                let slab = self.beside.spool(&mut input.into_stream())?;
                Members::of_zip(slab, &self.budget)
            }
        })
    }

    fn container(
        &self,
        at: &At,
        kind: Kind,
        (mut members, told): (Members, Option<Told>),
        depth: usize,
        nested: &mut Nested,
    ) {
        let touched_before = nested.touched.len();
        let mut survey = Survey::default();
        let mut digest = self.work.state.key().digest(Purpose::Content);
        while !self.progress.stopped() {
            let Some(member) = members.next() else {
                break;
            };
            let inner = at.within(member.number, &member.name);
            let readable = !matches!(member.content, Some(Err(_)));
            for words in &member.words {
                let mut derived = self.reword(&inner, words);
                // Parts of a document name each other, and a header that differs from its twin
                // has no one name to change.
                if !(readable && renames(kind)) {
                    derived.refuse_all(Refusal::Name);
                }
                digest.update(words.says.field().as_bytes());
                digest_splices(&derived.splices, &mut digest);
                survey.join(&mut derived);
            }
            match member.content {
                None => {}
                Some(Err(reason)) => nested.unread(&inner, None, reason),
                Some(Ok(content)) => {
                    let look = self.look(&member.name, open_stream(content));
                    self.survey(&inner, look, depth + 1, nested);
                }
            }
        }
        let own = members.own();
        let mut done = FileDone::new(at.path.shown(), Some(kind.name()), Fate::Unchanged);
        let (told, more) = told.map(|told| told.take()).unwrap_or_default();
        for words in own.words.iter().chain(&told) {
            let mut derived = self.reword(at, words);
            digest.update(&words.at.to_le_bytes());
            digest_splices(&derived.splices, &mut digest);
            survey.join(&mut derived);
        }
        let noted = !matches!(self.work.order.plan, Plan::None) && !self.checks;
        survey.digest = noted.then(|| digest.finish());
        if self.progress.stopped() {
            survey.broken = Some(Reason::Interrupted);
        }
        survey.unread = own.reason.or(more);
        // What is not laid out as it says cannot be laid out anew.
        let is_whole = matches!(own.reason, None | Some(Reason::Opaque));
        let touches = nested.touched.len() > touched_before || survey.splices > 0;
        if !is_whole && touches {
            survey.broken = survey.broken.or(own.reason);
        }
        self.permit(at, &mut survey);
        done.came_to(&survey);
        nested.take(at, survey, done, self.work);
    }

    /// Takes in a source that holds no others.
    fn source(&self, at: &At, source: Box<Opened>, nested: &mut Nested) {
        let mut done = FileDone::new(at.path.shown(), Some(source.format), Fate::Unchanged);
        let absolute = self.absolute(at);
        let work = self.work;
        let aged = match self.rules_of(at, &source) {
            Ok(aged) => aged,
            Err(done) => {
                nested.done.push(*done);
                return;
            }
        };
        let noted = !matches!(work.order.plan, Plan::None) && !self.checks;
        let digest = noted.then(|| work.state.key().digest(Purpose::Content));
        let mut job = if self.checks {
            work.check(&absolute)
        } else {
            let mut job = work.job(&absolute, self.pace);
            job.count_only =
                !noted && !job.tell && self.pace != Pace::Careful && job.way == Way::Values;
            job
        };
        job.aged = self.aged(aged.as_ref());
        if let Some(links) = self.links {
            Edits::new(source, job, work.pool, self.progress).survey_with(
                None,
                &mut |_, derived| {
                    let mut links = links.lock().unwrap_or_else(PoisonError::into_inner);
                    links.append(&mut derived.links);
                },
            );
            return;
        }
        let is_recording = source.windows.recording().is_some();
        let mut survey = Edits::new(source, job, work.pool, self.progress).survey(digest);
        self.permit(at, &mut survey);
        done.came_to(&survey);
        done.changes = std::mem::take(&mut survey.changes);
        done.more_changes = survey.more_changes;
        if let Some(failure) = aged.as_ref().and_then(|aged| self.keeps(aged, &survey)) {
            done.fate = Fate::NotDone(failure);
            done.within = !at.number.is_empty();
            done.tally = refused(&done.tally);
            done.counts.clear();
            done.records = 0;
            nested.done.push(done);
            return;
        }
        let is_sound = !survey.spans.is_empty() || survey.whole;
        if is_recording && !at.number.is_empty() && (survey.splices > 0 || is_sound) {
            // Sound is muted in a file of its own only.
            const DOING: &str = "cannot change a recording in an archive";
            done.fate = Fate::NotDone(Failure::new(Cause::Sound, DOING));
            done.counts.clear();
            done.records = 0;
            nested.done.push(done);
            return;
        }
        // A member that is not read whole stays as it is; the others do not depend on it.
        if let Some(reason) = survey.broken.filter(|_| !at.number.is_empty()) {
            done.fate = Fate::Unread(reason);
            done.counts.clear();
            let interrupted = (reason == Reason::Interrupted).then_some(reason);
            nested.all.broken = nested.all.broken.or(interrupted);
            nested.done.push(done);
            return;
        }
        nested.take(at, survey, done, work);
    }

    /// Asks for the containers around a source as well: who holds them holds all within. What is
    /// held is not touched.
    fn permit(&self, at: &At, survey: &mut Survey) {
        if survey.splices == 0 || !self.work.ask || self.checks {
            return;
        }
        let given = survey.permit.take();
        let mut permit = given
            .as_ref()
            .map(|permit| permit.for_side(self.spot.absolute.clone()));
        let member = at.path.member.as_deref().unwrap_or_default();
        let ends = member.match_indices('!').map(|(end, _)| end);
        let above = ends.map(Some).chain([None]).map(|end| {
            let mut path = self.spot.absolute.clone().into_os_string();
            if let Some(end) = end {
                path.push("!");
                path.push(member.get(..end).unwrap_or_default());
            }
            path
        });
        for path in above {
            let context = EditContext {
                path: path.into(),
                subject_tags: Some(Vec::new()),
                ..EditContext::default()
            };
            // When its records are from was asked of each of them.
            let asked = match &given {
                Some(given) if self.by_age() => {
                    let guard = self.work.guard;
                    guard.permits_side(given, context.path)
                }
                _ => self.work.guard.permits(&context),
            };
            match asked {
                Ok(own) => {
                    let own = own.for_side(self.spot.absolute.clone());
                    permit = match permit {
                        Some(permit) => permit.merge(own).ok(),
                        None => Some(own),
                    };
                }
                Err(held) => {
                    let values = survey.counts.drain(..).map(|count| count.values).sum();
                    add_held(&mut survey.held, held.id, values);
                    (survey.splices, survey.records) = (0, 0);
                    survey.permit = None;
                    return;
                }
            }
        }
        survey.permit = permit;
    }

    /// The path by which a source is held, absolute.
    pub(super) fn absolute(&self, at: &At) -> PathBuf {
        let path = SourcePath {
            file: self.spot.absolute.clone(),
            member: at.path.member.clone(),
        };
        path.shown()
    }

    /// What is to become of a container's own words.
    pub(super) fn reword(&self, at: &At, words: &Words) -> Derived {
        // Rules go by records: a name is in none.
        if self.by_age() {
            return Derived::default();
        }
        let absolute = self.absolute(at);
        let job = if self.checks {
            self.work.check(&absolute)
        } else {
            self.work.job(&absolute, self.pace)
        };
        derive_words(words, &job)
    }
}

/// Whether members of such a container may be called otherwise.
pub(super) fn renames(kind: Kind) -> bool {
    matches!(kind, Kind::Zip("zip") | Kind::Tar)
}

impl Nested {
    /// A source that is left as it is because it cannot be read.
    fn unread(&mut self, at: &At, format: Option<&'static str>, reason: Reason) {
        let done = FileDone::new(at.path.shown(), format, Fate::Unread(reason));
        self.all.unread = self.all.unread.or(Some(reason));
        self.done.push(done);
    }

    /// Takes in what a source comes to.
    fn take(&mut self, at: &At, survey: Survey, mut done: FileDone, work: &Work<'_>) {
        done.within = !at.number.is_empty();
        if survey.splices > 0 {
            done.fate = Fate::Would;
            self.touched.insert(at.number.clone(), survey.records);
            let name = at.path.member.clone().unwrap_or_default();
            self.members.push((name, receipt_counts(&survey.counts)));
        }
        let next = survey.digest;
        self.all.absorb(survey);
        if let Some(next) = next {
            let mut digest = work.state.key().digest(Purpose::Content);
            digest.update(&self.all.digest.unwrap_or_default());
            for number in &at.number {
                digest.update(&number.to_le_bytes());
            }
            digest.update(&next);
            self.all.digest = Some(digest.finish());
        }
        self.done.push(done);
    }
}
