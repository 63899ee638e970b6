//! Holds and duties as they lie in the state: sealed, with subjects only as keyed tags. It owns
//! their form, adding and releasing them, and what each covers; it must not know edits' bytes.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

use super::failure::{Failure, Outcome, Reason};
use super::guard::{EditContext, Held};
use super::io::Io;
use super::paths::{may_fit_within, regular, regular_or_above, through_links};
use super::state::key::{hex, unhex};
use super::state::{DUTIES, HOLDS, State};

/// What a hold or duty covers; everything that is given must fit, and at least one must be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// Any of these keyed tags, in hexadecimal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// Any of these globs, against the absolute path and the folders above it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Any of these formats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<String>,
    /// This client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Records from this time on, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Records before this time, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
}

/// What nobody may change until it is released or has run out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldText {
    /// Its name, given when it is added.
    #[serde(default)]
    pub id: String,
    /// What it covers.
    pub cover: Cover,
    /// The case it belongs to, for listing and releasing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Why.
    pub reason: String,
    /// When it was added, seconds since 1970.
    #[serde(default)]
    pub created: i64,
    /// From when on it counts no more, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
}

/// What the law wants kept for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyText {
    /// Its name in the policy.
    pub id: String,
    /// What it covers.
    pub cover: Cover,
    /// Records younger than this are kept. The policy computes it from the calendar when the
    /// duties are written: what happened at or after this time is covered.
    pub keep_since: i64,
    /// The law.
    pub citation: String,
    /// Which policy it is from, as a keyed tag: its next run replaces its duties, and no others.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
}

/// A hold, ready to be asked.
pub struct Hold {
    text: HoldText,
    paths: Vec<GlobMatcher>,
    tags: Vec<[u8; 16]>,
}

/// A duty, ready to be asked.
pub struct Duty {
    text: DutyText,
    paths: Vec<GlobMatcher>,
    tags: Vec<[u8; 16]>,
}

const UNREADABLE: Failure = Failure::new(Reason::Guard, "cannot read holds and duties");

fn globs(paths: &[String]) -> Outcome<Vec<GlobMatcher>> {
    let one = |path: &String| {
        // What was taken in before patterns were made regular may be written in any way.
        GlobBuilder::new(&regular_or_above(path))
            .literal_separator(true)
            .build()
            .map(|glob| glob.compile_matcher())
            .map_err(|_| UNREADABLE)
    };
    paths.iter().map(one).collect()
}

fn tags(subjects: &[String]) -> Outcome<Vec<[u8; 16]>> {
    let one = |subject: &String| {
        let mut tag = [0; 16];
        unhex(subject, &mut tag).map(|()| tag).ok_or(UNREADABLE)
    };
    subjects.iter().map(one).collect()
}

/// Whether a cover fits; what is not known about the edit counts as fitting.
fn fits(cover: &Cover, paths: &[GlobMatcher], tags: &[[u8; 16]], edit: &EditContext) -> bool {
    fits_else(cover, tags, edit) && fits_place(paths, edit)
}

/// Whether it may fit something within the archive that the edit is about.
fn may_fit(cover: &Cover, paths: &[GlobMatcher], tags: &[[u8; 16]], edit: &EditContext) -> bool {
    let reaches = || {
        // What is not text has no pattern but one that fits the archive itself.
        let path = edit.path.to_string_lossy();
        let mut patterns = paths.iter().map(|glob| glob.glob().glob());
        patterns.any(|pattern| may_fit_within(pattern, &path))
    };
    fits_else(cover, tags, edit) && (fits_place(paths, edit) || reaches())
}

fn fits_place(paths: &[GlobMatcher], edit: &EditContext) -> bool {
    // A glob that names a folder covers everything in it.
    paths.is_empty()
        || edit
            .path
            .ancestors()
            .any(|above| paths.iter().any(|glob| glob.is_match(above)))
}

/// Whether everything but the place fits.
fn fits_else(cover: &Cover, tags: &[[u8; 16]], edit: &EditContext) -> bool {
    let subject = tags.is_empty()
        || edit
            .subject_tags
            .as_ref()
            .is_none_or(|has| has.iter().any(|tag| tags.contains(tag)));
    let client = cover
        .client
        .as_ref()
        .is_none_or(|held| edit.client.as_ref().is_none_or(|is| is == held));
    let time = edit.time.is_none_or(|time| {
        cover.from.is_none_or(|from| time >= from) && cover.to.is_none_or(|to| time < to)
    });
    let format = cover.formats.is_empty()
        || edit
            .format
            .is_none_or(|format| cover.formats.iter().any(|one| one == format));
    subject && client && format && time
}

impl Hold {
    pub(super) fn new(text: HoldText) -> Outcome<Self> {
        let (paths, tags) = (globs(&text.cover.paths)?, tags(&text.cover.subjects)?);
        Ok(Self { text, paths, tags })
    }

    /// What it says.
    pub const fn text(&self) -> &HoldText {
        &self.text
    }

    /// Whether it holds what lies in some place.
    pub(crate) fn names_paths(&self, now: i64) -> bool {
        self.counts(now) && !self.paths.is_empty()
    }

    /// Whether it has not run out.
    pub(crate) fn counts(&self, now: i64) -> bool {
        self.text.expires.is_none_or(|end| now < end)
    }

    pub(crate) fn covers(&self, edit: &EditContext, now: i64) -> bool {
        self.counts(now) && fits(&self.text.cover, &self.paths, &self.tags, edit)
    }

    /// Whether it may cover something within an archive.
    pub(crate) fn may_cover(&self, archive: &EditContext, now: i64) -> bool {
        self.counts(now) && may_fit(&self.text.cover, &self.paths, &self.tags, archive)
    }

    pub(crate) fn held(&self) -> Held {
        Held {
            id: self.text.id.clone(),
            reason: self.text.reason.clone(),
        }
    }
}

impl Duty {
    fn new(text: DutyText) -> Outcome<Self> {
        let (paths, tags) = (globs(&text.cover.paths)?, tags(&text.cover.subjects)?);
        Ok(Self { text, paths, tags })
    }

    /// What it says.
    pub const fn text(&self) -> &DutyText {
        &self.text
    }

    /// As [`Hold::names_paths`].
    pub(crate) fn names_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    pub(crate) fn covers(&self, edit: &EditContext, _now: i64) -> bool {
        let time = edit.time.or(edit.last);
        time.is_none_or(|time| time >= self.text.keep_since)
            && fits(&self.text.cover, &self.paths, &self.tags, edit)
    }

    /// As [`Hold::may_cover`].
    pub(crate) fn may_cover(&self, archive: &EditContext) -> bool {
        let time = archive.time.or(archive.last);
        time.is_none_or(|time| time >= self.text.keep_since)
            && may_fit(&self.text.cover, &self.paths, &self.tags, archive)
    }

    pub(crate) fn held(&self) -> Held {
        Held {
            id: self.text.id.clone(),
            reason: self.text.citation.clone(),
        }
    }
}

/// What tells one state of the holds and duties from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp(pub(super) [super::place::Identity; 2]);

/// The present stamp.
pub(crate) fn stamp(io: &Io, state: &State) -> Outcome<Stamp> {
    Ok(Stamp([state.stamp(io, HOLDS)?, state.stamp(io, DUTIES)?]))
}

/// Every hold, in the order in which they were added.
pub fn list(io: &Io, state: &State) -> Outcome<Vec<Hold>> {
    let texts: Vec<HoldText> =
        serde_json::from_slice(&state.read_sealed(io, HOLDS)?).map_err(|_| UNREADABLE)?;
    texts.into_iter().map(Hold::new).collect()
}

/// Every duty.
pub fn duties(io: &Io, state: &State) -> Outcome<Vec<Duty>> {
    let texts: Vec<DutyText> =
        serde_json::from_slice(&state.read_sealed(io, DUTIES)?).map_err(|_| UNREADABLE)?;
    texts.into_iter().map(Duty::new).collect()
}

/// The absolute pattern that `path` is, taken from `base` where it is not absolute; `None` where it
/// cannot be made one.
pub fn absolute(base: &Path, path: &str) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    let path = regular(&rooted(base, path)?)?;
    globs(std::slice::from_ref(&path)).ok().map(|_| path)
}

fn rooted(base: &Path, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(path.to_owned());
    }
    let base = base.to_str()?.trim_end_matches('/');
    Some(format!("{}/{path}", globset::escape(base)))
}

/// Adds a hold and gives its id. It counts from the moment this returns: a group that is being
/// written is waited for, every later one is checked against it. A path that is not absolute is
/// taken from `base`. A hold that covers nothing in particular is refused.
pub fn add(io: &Io, state: &State, base: &Path, now: i64, mut text: HoldText) -> Outcome<String> {
    const DOING: &str = "cannot add the hold";
    if text.cover == Cover::default() {
        return Err(Failure::new(
            Reason::BadEdits,
            "a hold must cover something",
        ));
    }
    let mut paths = Vec::new();
    for path in &text.cover.paths {
        let given = absolute(base, path).ok_or(Failure::new(Reason::BadEdits, DOING))?;
        // Files are known by where they lie, whatever symbolic links lead there.
        let real = rooted(base, path).and_then(|path| through_links(&path));
        paths.extend(real.filter(|real| *real != given));
        paths.push(given);
    }
    paths.sort_unstable();
    paths.dedup();
    text.cover.paths = paths;
    text.id = format!(
        "hold-{}",
        hex(&io.random::<4>().map_err(|e| Failure::system(e, DOING))?)
    );
    text.created = now;
    let id = text.id.clone();
    Hold::new(text.clone()).map_err(|failure| failure.because(Reason::BadEdits))?;
    let _lock = state.lock(io, true)?;
    let mut all: Vec<HoldText> = list(io, state)?.into_iter().map(|hold| hold.text).collect();
    all.push(text);
    write(io, state, HOLDS, &all)?;
    Ok(id)
}

/// Releases the holds with this id or of this case; says how many there were.
pub fn release(io: &Io, state: &State, id_or_case: &str) -> Outcome<usize> {
    let _lock = state.lock(io, true)?;
    let mut all: Vec<HoldText> = list(io, state)?.into_iter().map(|hold| hold.text).collect();
    let before = all.len();
    all.retain(|hold| hold.id != id_or_case && hold.case.as_deref() != Some(id_or_case));
    if all.len() != before {
        write(io, state, HOLDS, &all)?;
    }
    Ok(before - all.len())
}

/// Replaces the duties by those of the policy in force.
pub fn set_duties(io: &Io, state: &State, duties: &[DutyText]) -> Outcome<()> {
    for duty in duties {
        Duty::new(duty.clone()).map_err(|failure| failure.because(Reason::BadEdits))?;
    }
    let _lock = state.lock(io, true)?;
    write(io, state, DUTIES, duties)
}

/// Replaces the duties that came from `origin` by `new`; nothing is written where they are the same.
pub fn put_duties(io: &Io, state: &State, origin: &str, new: Vec<DutyText>) -> Outcome<()> {
    for duty in &new {
        Duty::new(duty.clone()).map_err(|failure| failure.because(Reason::BadEdits))?;
    }
    let _lock = state.lock(io, true)?;
    let before: Vec<DutyText> = duties(io, state)?
        .into_iter()
        .map(|duty| duty.text)
        .collect();
    let mut all: Vec<DutyText> = before
        .iter()
        .filter(|duty| duty.origin != origin)
        .cloned()
        .collect();
    all.extend(new);
    if all == before {
        return Ok(());
    }
    write(io, state, DUTIES, &all)
}

/// Replaces all holds, for importing them from elsewhere. Each must have an id.
pub fn replace_all(io: &Io, state: &State, holds: &[HoldText]) -> Outcome<()> {
    for hold in holds {
        Hold::new(hold.clone()).map_err(|failure| failure.because(Reason::BadEdits))?;
    }
    let _lock = state.lock(io, true)?;
    write(io, state, HOLDS, holds)
}

fn write<T: Serialize>(io: &Io, state: &State, name: &str, all: &[T]) -> Outcome<()> {
    let text = serde_json::to_vec(all).map_err(|_| UNREADABLE)?;
    state.write_sealed(io, name, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_of_an_older_store_is_on_the_place_it_was_meant_for() {
        for (path, file, want) in [
            ("/x/f/", "/x/f/a.csv", true),
            ("/x/../f", "/f/a.csv", true),
            ("/x/./f/*.csv", "/x/f/a.csv", true),
            // What cannot be told covers rather more.
            ("/x/**/../f", "/x/y", true),
            ("/x/f/", "/x/g", false),
        ] {
            let text = HoldText {
                id: String::new(),
                cover: Cover {
                    paths: vec![path.to_owned()],
                    ..Cover::default()
                },
                case: None,
                reason: String::new(),
                created: 0,
                expires: None,
            };
            let edit = EditContext {
                path: file.into(),
                ..EditContext::default()
            };
            let hold = Hold::new(text).unwrap();
            assert_eq!(hold.covers(&edit, 0), want, "{path} {file}");
        }
    }
}
