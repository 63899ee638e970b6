//! Other names for files whose names hold what is to go, and for every reference to them.
//!
//! Owns which files get which names, and which are done together: a file and what refers to it are
//! one group of the write engine, so that after a kill both are old or both are new. No name that
//! is taken is ever given, and nothing but a name and references to it is changed here.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::RunError;
use super::references::{Reference, References};
use super::roots::Walked;
use super::spot::Spot;
use super::told::{Fate, FileDone};
use super::work::{Found, Seen, Work, Writing, receipt_counts};
use crate::edit::Bytes;
use crate::format::names::Words;
use crate::format::{Reason, sqlite};
use crate::redact::apply::{FileEdit, FileOutcome, GroupOutcome};
use crate::redact::content::Reader;
use crate::redact::derive::{Count, reworded};
use crate::redact::edit::{Change, Splice};
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::place::Identity;
use crate::redact::receipt::Counts;
use crate::source::open_to_read;
use crate::walk::Met;

const DOING: &str = "cannot rename the file";
/// Files that get their names in one group: each is open until all are done.
const MOST_TOGETHER: usize = 64;
/// How many names may become alike but for a number.
const MOST_COPIES: u32 = 99_999;

/// A file that was met.
struct File {
    path: PathBuf,
    root: usize,
}

/// A file whose name holds what is to go.
struct Named {
    /// Which of the files.
    file: usize,
    words: Words,
    splices: Vec<Splice>,
    counts: Vec<Count>,
    new: OsString,
}

/// Which files refer to those that get other names.
#[derive(Default)]
struct Referred {
    /// By the number of the named, those of the files.
    by: BTreeMap<usize, BTreeSet<usize>>,
    /// Those that are referred to where it cannot be rewritten.
    bound: BTreeSet<usize>,
}

/// What in a file may refer to others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refers {
    /// Text, which is rewritten.
    Text,
    /// Rows of a database, which are not.
    Rows,
}

/// What was met below the roots.
#[derive(Default)]
struct Tree {
    files: Vec<File>,
    /// Where links lead, whose files keep their names.
    linked: HashSet<PathBuf>,
}

impl Tree {
    /// Files of a group are called by their new names.
    fn take_names(&mut self, named: &[Named], group: &[usize]) {
        for one in group.iter().filter_map(|at| named.get(*at)) {
            if let Some(file) = self.files.get_mut(one.file) {
                file.path.set_file_name(&one.new);
            }
        }
    }
}

impl Work<'_> {
    /// Gives other names to files whose names hold what is to go, and says what became of each.
    pub(super) fn rename(
        &self,
        walked: &Walked,
        mut writing: Option<&mut Writing<'_>>,
    ) -> Result<Vec<FileDone>, RunError> {
        let mut tree = self.tree(walked);
        let named = self.named(&tree, walked);
        let referred = self.referred(&tree, walked, &named);
        let mut done = Vec::new();
        for group in groups(&named, &referred) {
            // Whose record a reference stands in is not asked here.
            let held = |at: &usize| self.ask && referred.by.contains_key(at);
            let group: Vec<usize> = group.into_iter().filter(|at| !held(at)).collect();
            if group.is_empty() {
                continue;
            }
            let Some(writing) = writing.as_deref_mut() else {
                done.extend(
                    group
                        .iter()
                        .filter_map(|at| self.would(&tree, named.get(*at)?)),
                );
                continue;
            };
            // One that cannot be renamed keeps no other from it, and is told when it is met.
            let mut parts = vec![group];
            while let Some(group) = parts.pop() {
                match self.give(&tree, walked, (&named, &referred), &group, writing)? {
                    Some(told) => {
                        done.extend(told);
                        tree.take_names(&named, &group);
                    }
                    None if group.len() > 1 => {
                        parts.extend(group.into_iter().rev().map(|at| vec![at]));
                    }
                    None => {}
                }
            }
        }
        Ok(done)
    }

    fn tree(&self, walked: &Walked) -> Tree {
        let mut tree = Tree::default();
        for root in 0..walked.roots.len() {
            let Some(at) = walked.at(self.order, root) else {
                continue;
            };
            for met in walked.walk(self.order, root) {
                match met {
                    Met::File(path) if !self.is_own(&path, &at) => {
                        tree.files.push(File { path, root });
                    }
                    Met::Refused(path, Reason::Symlink) => {
                        tree.linked.extend(std::fs::canonicalize(path));
                    }
                    _ => {}
                }
            }
        }
        tree
    }

    /// The files whose names hold what is to go, with the names they get.
    fn named(&self, tree: &Tree, walked: &Walked) -> Vec<Named> {
        let mut named = Vec::new();
        for (file, met) in tree.files.iter().enumerate() {
            let Some(at) = walked.at(self.order, met.root) else {
                continue;
            };
            let Some((words, derived)) = self.in_name(&met.path, &at) else {
                continue;
            };
            if derived.splices.is_empty() || self.is_bound(tree, &met.path) {
                continue;
            }
            named.push(Named {
                file,
                words,
                splices: derived.splices,
                counts: derived.counts,
                new: OsString::new(),
            });
        }
        choose(tree, &mut named);
        named.retain(|one| !one.new.is_empty());
        named
    }

    /// Whether something that is not rewritten goes by the name of a file: a link, or what lies
    /// beside a database.
    fn is_bound(&self, tree: &Tree, path: &Path) -> bool {
        let linked = std::fs::canonicalize(path).is_ok_and(|real| tree.linked.contains(&real));
        let beside = |side: &str| {
            let mut beside = path.as_os_str().to_os_string();
            beside.push(side);
            Path::new(&beside).exists()
        };
        let sides = ["-wal", "-shm", "-journal"].into_iter().any(beside);
        linked || sides || sqlite::owner(path).is_some()
    }

    /// Which files refer to which of the renamed ones.
    fn referred(&self, tree: &Tree, walked: &Walked, named: &[Named]) -> Referred {
        let mut referred = Referred::default();
        let olds: Vec<&[u8]> = named.iter().map(|one| one.words.text.as_slice()).collect();
        let Some(references) = References::to(&olds).filter(|_| !olds.is_empty()) else {
            return referred;
        };
        for (number, file) in tree.files.iter().enumerate() {
            if self.progress.stopped() {
                break;
            }
            let Some(kind) = self.refers(walked, file) else {
                continue;
            };
            let Ok(content) = open_to_read(&file.path) else {
                continue;
            };
            // What cannot be read is told when it is met.
            let _ = references.each(content, |one| match kind {
                Refers::Text => {
                    referred.by.entry(one.name).or_default().insert(number);
                }
                Refers::Rows => {
                    referred.bound.insert(one.name);
                }
            });
        }
        referred
    }

    /// What in a file may refer to others; `None` where that is not looked for.
    fn refers(&self, walked: &Walked, file: &File) -> Option<Refers> {
        let at = walked.at(self.order, file.root)?;
        let spot = Spot::of(file.path.clone(), &at, self.order, self.as_format).ok()?;
        match self.open(&spot, None).ok()? {
            Found::Source(source, seen) if seen.is_plain() && source.doubt.is_none() => {
                Some(Refers::Text)
            }
            Found::Source(_, seen) if seen.database.is_some() => Some(Refers::Rows),
            _ => None,
        }
    }

    fn would(&self, tree: &Tree, named: &Named) -> Option<FileDone> {
        let path = tree.files.get(named.file)?.path.clone();
        let mut done = FileDone::new(path, Some("name"), Fate::Would);
        done.counts.clone_from(&named.counts);
        done.renamed = true;
        Some(done)
    }

    /// Has the write engine rename the files of a group and rewrite what refers to them; `None`
    /// where that was refused.
    fn give(
        &self,
        tree: &Tree,
        walked: &Walked,
        (named, referred): (&[Named], &Referred),
        group: &[usize],
        writing: &mut Writing<'_>,
    ) -> Result<Option<Vec<FileDone>>, RunError> {
        let Ok((spots, mut changes)) = self.changes(tree, walked, (named, referred), group) else {
            return Ok(None);
        };
        let unchecked = |_: &mut Reader<'_>| Ok(());
        let mut edits: Vec<FileEdit<'_>> = Vec::new();
        for (one, change) in spots.iter().zip(&mut changes) {
            let Ok(permit) = self.permit(&one.spot, None) else {
                return Ok(None);
            };
            let seen = Seen::unread(one.identity, None);
            let change = match change {
                How::Name(new) => Change::Rename(new.clone()),
                How::Same(splices) => Change::SameWidth(splices),
                How::Splices(splices) => Change::Splices(splices),
            };
            edits.push(
                one.spot
                    .edit(&seen, (change, one.counts.clone()), permit, &unchecked),
            );
        }
        let outcome: GroupOutcome = writing.run.apply(edits);
        if outcome.files.iter().any(|file| file.failure.is_some()) && !outcome.pending {
            return Ok(None);
        }
        writing.groups += 1;
        writing.receipt.group(writing.groups, &outcome)?;
        for one in group.iter().filter_map(|at| named.get(*at)) {
            if let Some(file) = tree.files.get(one.file) {
                walked.note_renamed(file.root, &file.path, &one.new);
            }
        }
        let told = outcome.files.iter().zip(&spots).zip(&changes);
        let told = told
            .map(|((file, one), how)| told_of(file, one, how))
            .collect();
        Ok(Some(told))
    }

    /// What is to be done for a group, file by file.
    fn changes<'w>(
        &'w self,
        tree: &Tree,
        walked: &'w Walked,
        (named, referred): (&[Named], &Referred),
        group: &[usize],
    ) -> Outcome<(Vec<Changed<'w>>, Vec<How>)> {
        let (mut spots, mut changes) = (Vec::new(), Vec::new());
        let members: Vec<&Named> = group.iter().filter_map(|at| named.get(*at)).collect();
        for one in &members {
            spots.push(self.changed(tree, walked, one.file, &one.counts)?);
            changes.push(How::Name(one.new.clone()));
        }
        let olds: Vec<&[u8]> = members
            .iter()
            .map(|one| one.words.text.as_slice())
            .collect();
        let references = References::to(&olds).ok_or(Failure::new(Cause::Io, DOING))?;
        let files: BTreeSet<usize> = group
            .iter()
            .filter_map(|at| referred.by.get(at))
            .flatten()
            .copied()
            .collect();
        for file in files {
            let changed = self.changed(tree, walked, file, &[])?;
            let mut splices = Vec::new();
            let failed = |_| Failure::new(Cause::Io, DOING);
            let content = open_to_read(&changed.spot.path).map_err(failed)?;
            let content = std::io::Read::take(content, changed.identity.size);
            let each = references.each(content, |found| {
                splices.extend(members.get(found.name).map(|one| splice(&found, one)));
            });
            each.map_err(failed)?;
            let width = |splice: &Splice| splice.range.end - splice.range.start;
            let same = splices.iter().all(|one| width(one) == one.new.len() as u64);
            let splices = splices.into_iter().map(Ok).collect::<Vec<_>>().into_iter();
            spots.push(changed);
            changes.push(if same {
                How::Same(splices)
            } else {
                How::Splices(splices)
            });
        }
        Ok((spots, changes))
    }

    fn changed<'w>(
        &'w self,
        tree: &Tree,
        walked: &'w Walked,
        file: usize,
        counts: &[Count],
    ) -> Outcome<Changed<'w>> {
        let gone = Failure::new(Cause::Vanished, DOING);
        let file = tree.files.get(file).ok_or(gone)?;
        let at = walked.at(self.order, file.root).ok_or(gone)?;
        let spot = Spot::of(file.path.clone(), &at, self.order, None);
        let spot = spot.map_err(|(_, failure)| failure)?;
        let open = open_to_read(&spot.path).map_err(|_| gone)?;
        let identity = Identity::of_file(&open).map_err(|_| gone)?;
        Ok(Changed {
            spot,
            identity,
            counts: receipt_counts(counts),
            values: counts.to_vec(),
        })
    }
}

/// A file of a group.
struct Changed<'w> {
    spot: Spot<'w>,
    identity: Identity,
    counts: Counts,
    values: Vec<Count>,
}

type Ready = std::vec::IntoIter<Outcome<Splice>>;

/// How a file of a group is changed.
enum How {
    Name(OsString),
    Same(Ready),
    Splices(Ready),
}

fn told_of(file: &FileOutcome, one: &Changed<'_>, how: &How) -> FileDone {
    let fate = file.choice.map_or(Fate::Unchanged, Fate::Done);
    let format = match how {
        How::Name(_) => "name",
        How::Same(_) | How::Splices(_) => "reference",
    };
    let mut done = FileDone::new(one.spot.path.clone(), Some(format), fate);
    done.counts.clone_from(&one.values);
    done.renamed = true;
    done
}

/// The new text of a reference.
fn splice(found: &Reference, named: &Named) -> Splice {
    let spell = |name: &[u8]| Bytes::from_vec(found.spelling.of(name));
    Splice {
        range: found.range.clone(),
        old: Some(spell(&named.words.text)),
        new: spell(named.new.as_bytes()),
    }
}

/// Chooses names that nobody has. Files of one stem stay of one stem.
fn choose(tree: &Tree, named: &mut [Named]) {
    let mut by_stem: BTreeMap<(PathBuf, Vec<u8>), Vec<usize>> = BTreeMap::new();
    for (number, one) in named.iter().enumerate() {
        let Some(file) = tree.files.get(one.file) else {
            continue;
        };
        let folder = file.path.parent().unwrap_or(Path::new("")).to_path_buf();
        let stem = super::sets::stem(&file.path);
        by_stem.entry((folder, stem)).or_default().push(number);
    }
    let mut taken: HashSet<Vec<u8>> = HashSet::new();
    let mut present = None;
    for ((folder, _), members) in by_stem {
        if present.as_ref() != Some(&folder) {
            taken = names_in(&folder);
            present = Some(folder);
        }
        for copy in 0..=MOST_COPIES {
            let new = |at: &usize| {
                let one = named.get(*at)?;
                reworded(&one.words, one.splices.clone(), copy)
            };
            let all: Option<Vec<Vec<u8>>> = members.iter().map(new).collect();
            // A name that cannot take a number keeps the old one.
            let Some(all) = all else {
                break;
            };
            if all.iter().any(|name| taken.contains(name)) {
                continue;
            }
            for (at, name) in members.iter().zip(all) {
                taken.insert(name.clone());
                if let Some(one) = named.get_mut(*at) {
                    one.new = OsString::from_vec(name);
                }
            }
            break;
        }
    }
}

/// What there is in a folder. Where it cannot be read nothing is known to be free, but no name
/// that is taken is given by the write engine.
fn names_in(folder: &Path) -> HashSet<Vec<u8>> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_vec()).collect()
}

/// The renamed files in groups, in which no file is both renamed and rewritten.
fn groups(named: &[Named], referred: &Referred) -> Vec<Vec<usize>> {
    let mut groups = Vec::new();
    let mut group = Vec::new();
    let (mut renamed, mut rewritten) = (BTreeSet::new(), BTreeSet::new());
    let nothing = BTreeSet::new();
    for (number, one) in named.iter().enumerate() {
        let refers = referred.by.get(&number).unwrap_or(&nothing);
        // A file that names itself cannot be both; it keeps its name, and so does one that rows of
        // a database name.
        if refers.contains(&one.file) || referred.bound.contains(&number) {
            continue;
        }
        let clashes = rewritten.contains(&one.file) || !renamed.is_disjoint(refers);
        if clashes || group.len() >= MOST_TOGETHER {
            groups.push(std::mem::take(&mut group));
            (renamed, rewritten) = (BTreeSet::new(), BTreeSet::new());
        }
        group.push(number);
        renamed.insert(one.file);
        rewritten.extend(refers.iter().copied());
    }
    groups.push(group);
    groups.retain(|group| !group.is_empty());
    groups
}
