//! Which files a record names: by the name of the file, by the id of the call in it, or by a number
//! and the time in it.
//!
//! Owns the names of files. Knows no format: a record is its bytes.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

use super::super::sets::{Part, Role, Sets, file_name, ids, role, stem};
use crate::time::{self, Clock, Zone};

/// The shortest word that can be a name or an id, in bytes; a shorter one stands anywhere.
const SHORTEST: usize = 8;
/// The fewest digits of a number that, with the time, tells a call.
const NUMBER: usize = 7;
/// How far the time in a name may be from the record's, in seconds: a recording starts when the
/// call is answered, and the record when it rings; beyond a few seconds it may be another call.
const NEAR: i64 = 5;

/// A file that may go with a record.
pub(super) struct File {
    /// As it is walked.
    pub(super) path: PathBuf,
    /// Below which root.
    pub(super) root: usize,
    /// The rules, as bits by their numbers, with whose records it goes.
    pub(super) rules: u64,
}

/// Files that are one: a recording, its transcripts, and what stands beside them.
pub(super) struct Unit {
    pub(super) files: Vec<File>,
    /// The rules with whose records any of them goes.
    rules: u64,
    /// Numbers in the names, where there is a time as well.
    numbers: Vec<Box<[u8]>>,
}

/// Every file that may go with a record, by what records call it.
#[derive(Default)]
pub(super) struct Names {
    pub(super) units: Vec<Unit>,
    hasher: RandomState,
    /// The unit that a word names, by the hash of the word; what the word is stands in the names.
    by_word: HashMap<u64, u32>,
    /// Further units with the same word.
    more: HashMap<u64, Vec<u32>>,
    /// By the time in the name, as a clock on the wall shows it, in seconds.
    by_time: BTreeMap<i64, Vec<u32>>,
    longest: usize,
}

impl Names {
    /// The names of some files. What belongs together is one; `now` is the clock of the run.
    pub(super) fn of(files: Vec<File>, now: i64) -> Names {
        let parts = files.iter().filter_map(|file| {
            Some(Part {
                path: file.path.clone(),
                root: file.root,
                role: role(&file.path)?,
            })
        });
        let parts: Vec<Part> = parts.collect();
        let sets = if parts.iter().any(|part| part.role == Role::Recording) {
            Sets::of(parts, 2)
        } else {
            Sets::default()
        };
        // Transcripts in a folder of their own are of the one recording that is called like them.
        let mut like: HashMap<Vec<u8>, Option<PathBuf>> = HashMap::new();
        for file in &files {
            if role(&file.path) == Some(Role::Recording) {
                let slot = like.entry(stem(&file.path));
                slot.and_modify(|other| *other = None)
                    .or_insert_with(|| Some(file.path.clone()));
            }
        }
        let mut names = Names::default();
        // The unit of a set, by the first of its files.
        let mut begun: HashMap<PathBuf, usize> = HashMap::new();
        for file in files {
            let set_of = |path: &Path| sets.around(path).and_then(<[Part]>::first);
            let of = set_of(&file.path).map(|first| first.path.clone());
            let of = of.or_else(|| {
                let recording = like.get(&stem(&file.path))?.as_ref()?;
                let first = set_of(recording).map(|first| first.path.clone());
                Some(first.unwrap_or_else(|| recording.clone()))
            });
            let at = of.as_ref().and_then(|of| begun.get(of).copied());
            let at = at.unwrap_or(names.units.len());
            if let Some(of) = of {
                begun.insert(of, at);
            }
            if at == names.units.len() {
                names.units.push(Unit {
                    files: Vec::new(),
                    rules: 0,
                    numbers: Vec::new(),
                });
            }
            names.add(at, file, now);
        }
        names
    }

    fn add(&mut self, at: usize, file: File, now: i64) {
        let number = at as u32;
        let name = file_name(&file.path).to_vec();
        for word in words_of(&file.path) {
            self.longest = self.longest.max(word.len());
            let hash = self.hasher.hash_one(&word);
            match self.by_word.get(&hash) {
                Some(known) if *known == number => {}
                Some(_) => {
                    let more = self.more.entry(hash).or_default();
                    if !more.contains(&number) {
                        more.push(number);
                    }
                }
                None => {
                    self.by_word.insert(hash, number);
                }
            }
        }
        let clock = Clock::new(Zone::utc(), None, now, now);
        let wall = time::in_name(&name).and_then(|read| match read {
            time::Read::Instant(_) => None,
            time::Read::Written(_) => clock.of(read).ok(),
        });
        // The day is no number, however many records have it.
        let day = wall.and_then(|wall| Zone::utc().civil(wall));
        let days = day.map(|day| {
            let (year, month, day) = (day.year(), day.month(), day.day());
            [
                format!("{year:04}{month:02}{day:02}"),
                format!("{day:02}{month:02}{year:04}"),
                format!("{month:02}{day:02}{year:04}"),
            ]
        });
        let is_day = |run: &[u8]| {
            let mut days = days.iter().flatten();
            days.any(|day| run.starts_with(day.as_bytes()))
        };
        let numbers = runs(&name).filter(|run| run.len() >= NUMBER && !is_day(run));
        let numbers: Vec<Box<[u8]>> = numbers.map(Box::from).collect();
        // Where there is an id it says which call it is.
        if let Some(wall) = wall.filter(|_| !numbers.is_empty() && ids(&name).is_empty()) {
            self.by_time.entry(wall).or_default().push(number);
        }
        if let Some(unit) = self.units.get_mut(at) {
            unit.rules |= file.rules;
            unit.files.push(file);
            if wall.is_some() {
                unit.numbers.extend(numbers);
            }
        }
    }

    /// The units, in order, that a record names which goes by one of `rules`; `wall` is its time.
    pub(super) fn named(&self, rules: u64, record: &[u8], wall: Option<i64>) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for word in record.split(|byte| !is_word(*byte)) {
            if word.len() < SHORTEST || !word.iter().any(u8::is_ascii_digit) {
                continue;
            }
            for word in [Some(word), without_ending(word)].into_iter().flatten() {
                if (SHORTEST..=self.longest).contains(&word.len()) {
                    self.look_up(word, &mut found);
                }
            }
            // The name of a recording has the id of the call, by which others of it may be called.
            if word.iter().any(|byte| !byte.is_ascii_alphanumeric()) {
                for id in ids(word).into_iter().filter(|id| id.len() < word.len()) {
                    self.look_up(id, &mut found);
                }
            }
        }
        if let Some(wall) = wall {
            found.extend(self.at_the_time(record, wall));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|number| {
            let unit = self.units.get(*number as usize);
            unit.is_some_and(|unit| unit.rules & rules != 0)
        });
        found
    }

    /// The units nearest in time to `wall` with a number that the record has as well: on a busy line
    /// there are more a few seconds off, and they are other calls.
    fn at_the_time(&self, record: &[u8], wall: i64) -> Vec<u32> {
        let (mut found, mut nearest) = (Vec::new(), NEAR);
        for (at, units) in self.by_time.range(wall - NEAR..=wall + NEAR) {
            let far = (at - wall).abs();
            for number in units {
                let Some(unit) = self.units.get(*number as usize) else {
                    continue;
                };
                let named = |number: &[u8]| runs(record).any(|run| ends_alike(run, number));
                if far <= nearest && unit.numbers.iter().any(|number| named(number)) {
                    if far < nearest {
                        found.clear();
                    }
                    nearest = far;
                    found.push(*number);
                }
            }
        }
        found
    }

    fn look_up(&self, word: &[u8], found: &mut Vec<u32>) {
        let hash = self.hasher.hash_one(word);
        let Some(first) = self.by_word.get(&hash) else {
            return;
        };
        let more = self.more.get(&hash).into_iter().flatten();
        for number in std::iter::once(first).chain(more) {
            // Two words may have one hash.
            let stands = |file: &File| memchr::memmem::find(file_name(&file.path), word).is_some();
            let unit = self.units.get(*number as usize);
            if unit.is_some_and(|unit| unit.files.iter().any(stands)) {
                found.push(*number);
            }
        }
    }
}

/// Whether two spellings of a number end alike: with and without a country code.
fn ends_alike(a: &[u8], b: &[u8]) -> bool {
    a.len() >= NUMBER && (a.ends_with(b) || b.ends_with(a))
}

/// Digits that stand together.
fn runs(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !byte.is_ascii_digit())
        .filter(|run| !run.is_empty())
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'@')
}

/// A name without its last ending of letters: `x.wav` is `x`.
fn without_ending(word: &[u8]) -> Option<&[u8]> {
    let dot = memchr::memrchr(b'.', word)?;
    let ending = word.get(dot + 1..)?;
    let letters = ending.first().is_some_and(u8::is_ascii_alphabetic) && ending.len() <= 5;
    letters.then(|| word.get(..dot)).flatten()
}

/// What a record may call a file by: its name, with and without endings, and the id of a call in
/// it. Digits alone are none: the same number is in many records.
pub(super) fn words_of(path: &Path) -> Vec<Vec<u8>> {
    let name = file_name(path);
    let mut words = vec![name.to_vec(), stem(path)];
    let mut rest = name;
    while let Some(shorter) = without_ending(rest) {
        words.push(shorter.to_vec());
        rest = shorter;
    }
    words.extend(ids(name).into_iter().map(<[u8]>::to_vec));
    let telling = |word: &Vec<u8>| {
        word.len() >= SHORTEST
            && word.iter().any(u8::is_ascii_digit)
            && !word.iter().all(u8::is_ascii_digit)
            && word.iter().all(|byte| is_word(*byte))
    };
    words.retain(telling);
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> Names {
        let file = |name: &&str| File {
            path: PathBuf::from(name),
            root: 0,
            rules: 1,
        };
        Names::of(of.iter().map(file).collect(), 1_700_000_000)
    }

    #[test]
    fn a_record_names_its_files() {
        let all = names(&[
            "/r/out-15075550144-108-20230101-000002-1672531202.1.wav",
            "/r/out-15075550144-108-20230101-000002-1672531202.1.json",
            "/r/4f8c1c0e-1111-2222-3333-444455556666.vtt",
            "/r/in-4165550123-20230101-000002.wav",
            "/r/4165550123.wav",
            "/r/in-4165550123-20230101-000006.wav",
            "/text/in-4165550123-20230101-000006.json",
            "/r/CA0123456789abcdef0123456789abcdef_RE.peaks",
        ]);
        assert_eq!(all.units.len(), 6, "a recording and its transcript are one");
        let wall = Some(1_672_531_202);
        for (record, want) in [
            (
                "x,out-15075550144-108-20230101-000002-1672531202.1.wav,y",
                &[0][..],
            ),
            (
                "\"/var/out-15075550144-108-20230101-000002-1672531202.1\"",
                &[0],
            ),
            ("\"1672531202.1\",5", &[0]),
            ("https://x.example/rec/other-1672531202.1.mp3", &[0]),
            ("{\"id\":\"4f8c1c0e-1111-2222-3333-444455556666\"}", &[1]),
            ("+14165550123,2023-01-01 00:00:02", &[2]),
            ("4165550123.wav", &[2, 3]),
            ("20230101", &[]),
            ("CA0123456789abcdef0123456789abcdef,x", &[5]),
            ("2125550199,2023-01-01 00:00:02", &[]),
            ("1672531202.11", &[]),
            ("out-15075550144-108", &[]),
        ] {
            let mut want = want.to_vec();
            want.sort_unstable();
            assert_eq!(all.named(1, record.as_bytes(), wall), want, "{record}");
        }
        let record = b"\"1672531202.1\"";
        assert!(all.named(2, record, wall).is_empty(), "another rule");
        for (off, want) in [
            (-6, &[][..]),
            (-5, &[2]),
            (1, &[2]),
            (2, &[2, 4]),
            (3, &[4]),
            (10, &[]),
        ] {
            let at = Some(1_672_531_202 + off);
            assert_eq!(all.named(1, b"4165550123", at), want, "{off}");
        }
    }
}
