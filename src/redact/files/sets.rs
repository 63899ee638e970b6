//! Which recordings, transcripts and sidecars belong together: by the stem of their names, by the
//! name of the recording in the transcript, or by the id of the call in both.
//!
//! Owns the rules of names. Knows neither formats nor edits.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::Order;
use super::roots::Walked;
use crate::redact::derive::Way;
use crate::source::{open_stream, open_to_read};
use crate::walk::Met;

/// Endings of recordings.
const RECORDINGS: &[&str] = &[
    "wav", "wave", "wav49", "gsm", "ulaw", "ul", "alaw", "al", "sln", "sln16", "mp3", "flac",
    "ogg", "oga", "opus", "m4a", "mp4", "aac", "g729", "amr", "aif", "aiff", "caf", "webm",
];
/// Endings of transcripts, and of what else stands beside recordings.
const TRANSCRIPTS: &[&str] = &["json", "jsonl", "vtt", "srt", "txt"];
const SIDECARS: &[&str] = &["xml", "peaks", "dat", "png"];
/// Endings of compressed files.
const PACKED: &[&str] = &["gz", "zst"];
/// What names of transcripts have behind the stem.
const WORDS: &[&str] = &[
    "transcript",
    "transcription",
    "captions",
    "subtitles",
    "redacted",
];

/// How much of a transcript is looked through for the name or id of its recording.
const HEAD: u64 = 64 << 10;

/// What a file is to its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Recording,
    Transcript,
    /// It goes where the recording goes; what is in it is its own.
    Sidecar,
}

/// One file of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// As it is walked.
    pub(super) path: PathBuf,
    /// Below which root.
    pub(super) root: usize,
    pub(super) role: Role,
}

/// The sets of a run.
#[derive(Default)]
pub(super) struct Sets {
    sets: Vec<Vec<Part>>,
    of: HashMap<PathBuf, usize>,
}

impl Sets {
    /// The sets below the roots of `order`. Where there is no recording nothing is opened.
    pub(super) fn below(order: &Order, walked: &Walked) -> Sets {
        let mut found = Vec::new();
        for root in 0..walked.roots.len() {
            for met in walked.walk(order, root) {
                if let Met::File(path) = met
                    && let Some(role) = role(&path)
                {
                    found.push(Part { path, root, role });
                }
            }
        }
        if found.iter().any(|part| part.role == Role::Recording) {
            // Where records go a recording is one, and others refer to it.
            let least = match order.way {
                Way::Records | Way::Side => 1,
                _ => 2,
            };
            Sets::of(found, least)
        } else {
            Sets::default()
        }
    }

    /// The sets of at least `least` files among some.
    pub(super) fn of(mut found: Vec<Part>, least: usize) -> Sets {
        // A file that two roots lead to is one.
        let mut known = HashSet::new();
        found.retain(|part| known.insert(part.path.clone()));
        let mut by_stem: BTreeMap<(PathBuf, Vec<u8>), Vec<Part>> = BTreeMap::new();
        for part in found {
            let folder = part.path.parent().map(Path::to_path_buf);
            let key = (folder.unwrap_or_default(), stem(&part.path));
            by_stem.entry(key).or_default().push(part);
        }
        let (mut sets, alone): (Vec<_>, Vec<_>) = by_stem
            .into_values()
            .partition(|set| set.iter().any(|part| part.role == Role::Recording));
        join(&mut sets, alone.into_iter().flatten());
        sets.retain(|set| set.len() >= least);
        let mut of = HashMap::new();
        for (number, set) in sets.iter_mut().enumerate() {
            set.sort();
            of.extend(set.iter().map(|part| (part.path.clone(), number)));
        }
        Sets { sets, of }
    }

    /// The set of the file that was walked as `path`.
    pub(super) fn around(&self, path: &Path) -> Option<&[Part]> {
        let number = *self.of.get(path)?;
        self.sets.get(number).map(Vec::as_slice)
    }
}

/// Puts transcripts that stand alone with the recording that they name, or whose call they name.
fn join(sets: &mut [Vec<Part>], alone: impl Iterator<Item = Part>) {
    // `None`: several recordings are called so.
    let mut named: HashMap<Vec<u8>, Option<usize>> = HashMap::new();
    for (number, set) in sets.iter().enumerate() {
        let recordings = set.iter().filter(|part| part.role == Role::Recording);
        for name in recordings.map(|part| file_name(&part.path)) {
            let ids = ids(name).into_iter().map(<[u8]>::to_vec);
            for key in ids.chain([name.to_vec()]) {
                let slot = named.entry(key).or_insert(Some(number));
                if *slot != Some(number) {
                    *slot = None;
                }
            }
        }
    }
    for part in alone.filter(|part| part.role == Role::Transcript) {
        let head = head(&part.path);
        let names = names(&head).into_iter().chain(ids(&head));
        let own = ids(file_name(&part.path)).into_iter();
        let mut sure = names.chain(own).filter_map(|key| *named.get(key)?);
        let set = sure.next();
        // What names two calls is no transcript of one.
        if let Some(number) = set
            && sure.all(|other| other == number)
            && let Some(set) = sets.get_mut(number)
        {
            set.push(part);
        }
    }
}

/// The recording that belongs to the transcript at `path`, where it is no part of a set: the one
/// that it names, or the one beside it.
pub(super) fn partner(path: &Path) -> Option<PathBuf> {
    if role(path) != Some(Role::Transcript) {
        return None;
    }
    let head = head(path);
    let mut named = names(&head);
    named.sort_unstable();
    named.dedup();
    match named.as_slice() {
        [] => {
            let stem = stem(path);
            let beside = |ending: &&str| {
                let name = [stem.as_slice(), b".", ending.as_bytes()].concat();
                let beside = path.with_file_name(OsStr::from_bytes(&name));
                beside.is_file().then_some(beside)
            };
            RECORDINGS.iter().find_map(beside)
        }
        [name] => Some(PathBuf::from(OsStr::from_bytes(name))),
        // What names several is no transcript of one.
        _ => None,
    }
}

pub(super) fn file_name(path: &Path) -> &[u8] {
    path.file_name().map(OsStr::as_bytes).unwrap_or_default()
}

fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(file) = open_to_read(path) {
        // What cannot be read is told when it is met.
        let _ = open_stream(file)
            .into_stream()
            .take(HEAD)
            .read_to_end(&mut head);
    }
    head
}

fn is_one_of(ending: &[u8], endings: &[&str]) -> bool {
    endings
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(ending))
}

/// A name without its last ending, and that.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = memchr::memrchr(b'.', name).filter(|dot| *dot > 0)?;
    Some((name.get(..dot)?, name.get(dot + 1..)?))
}

/// What a file is by its name; `None` for what stands beside no recording.
pub(super) fn role(path: &Path) -> Option<Role> {
    let mut name = file_name(path);
    if let Some((rest, ending)) = split(name)
        && is_one_of(ending, PACKED)
    {
        name = rest;
    }
    let (_, ending) = split(name)?;
    [
        (RECORDINGS, Role::Recording),
        (TRANSCRIPTS, Role::Transcript),
        (SIDECARS, Role::Sidecar),
    ]
    .into_iter()
    .find_map(|(endings, role)| is_one_of(ending, endings).then_some(role))
}

/// What the names of a set have in common: `call` of `call.wav`, `call.wav.json`, `call.en.vtt`
/// and `call_transcript.json`.
pub(super) fn stem(path: &Path) -> Vec<u8> {
    let mut name = file_name(path);
    while let Some((rest, ending)) = split(name) {
        let language = ending.len() == 2 && ending.iter().all(u8::is_ascii_lowercase);
        let known = [RECORDINGS, TRANSCRIPTS, SIDECARS, PACKED, WORDS];
        if !language && !known.iter().any(|endings| is_one_of(ending, endings)) {
            break;
        }
        name = rest;
    }
    let word = WORDS.iter().find_map(|word| {
        let at = name.len().checked_sub(word.len() + 1)?;
        let (rest, end) = name.split_at(at);
        let (mark, end) = end.split_first()?;
        let ends = matches!(mark, b'-' | b'_' | b' ') && end.eq_ignore_ascii_case(word.as_bytes());
        (ends && !rest.is_empty()).then_some(rest)
    });
    word.unwrap_or(name).to_vec()
}

/// The names of recordings in a text: what ends like one, behind the last slash.
fn names(text: &[u8]) -> Vec<&[u8]> {
    let ends_name = |byte: &u8| {
        matches!(
            byte,
            b'"' | b'\'' | b'/' | b'\\' | b'?' | b'#' | b'<' | b'>' | b'\n' | b'\r'
        )
    };
    text.split(ends_name)
        .map(|name| {
            let start = memchr::memrchr2(b'=', b'\t', name).map_or(0, |at| at + 1);
            name.get(start..).unwrap_or_default().trim_ascii()
        })
        .filter(|name| split(name).is_some_and(|(_, ending)| is_one_of(ending, RECORDINGS)))
        .collect()
}

/// The ids of calls in a text: `1700000000.123` of Asterisk, UUIDs, and `CA` or `RE` with 32
/// hexadecimal digits of Twilio.
pub(super) fn ids(text: &[u8]) -> Vec<&[u8]> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let mut ids = Vec::new();
    for word in text.split(|byte| !is_part(byte)) {
        let uuid = |at: usize| word.get(at..at + 36).filter(|id| is_uuid(id));
        let mut starts = (0..word.len().saturating_sub(35)).filter_map(uuid);
        if let Some(id) = starts.next() {
            ids.push(id);
            continue;
        }
        for piece in word.split(|byte| *byte == b'-') {
            let digits = piece
                .iter()
                .take_while(|b| b.is_ascii_digit() || **b == b'.');
            let mut id = piece.get(..digits.count()).unwrap_or_default();
            while let Some(rest) = id.strip_suffix(b".") {
                id = rest;
            }
            let twilio = piece.split(|byte| *byte == b'.').next().unwrap_or_default();
            if is_asterisk(id) {
                ids.push(id);
            } else if is_twilio(twilio) {
                ids.push(twilio);
            }
        }
    }
    ids
}

fn is_uuid(id: &[u8]) -> bool {
    id.len() == 36
        && id.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Seconds since 1970 and a count.
fn is_asterisk(id: &[u8]) -> bool {
    let mut fields = id.split(|byte| *byte == b'.');
    let (first, second) = (fields.next(), fields.next());
    fields.next().is_none()
        && first.is_some_and(|seconds| (9..=11).contains(&seconds.len()))
        && second.is_some_and(|count| !count.is_empty())
}

fn is_twilio(id: &[u8]) -> bool {
    id.len() == 34
        && id.iter().take(2).all(u8::is_ascii_uppercase)
        && id.iter().skip(2).all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem_of(name: &str) -> String {
        String::from_utf8(stem(Path::new(name))).unwrap()
    }

    #[test]
    fn names_of_a_set_have_one_stem() {
        for name in [
            "call.wav",
            "call.WAV.gz",
            "call.json",
            "call.wav.json",
            "call.en.vtt",
            "call_transcript.json",
            "call-Transcript.txt",
            "call.transcript.srt",
        ] {
            assert_eq!(stem_of(name), "call", "{name}");
        }
        assert_eq!(stem_of("1700000000.123.wav"), "1700000000.123");
        assert_eq!(stem_of("transcript.json"), "transcript");
        assert_eq!(stem_of(".wav"), ".wav");
    }

    #[test]
    fn names_and_ids_are_found_in_text() {
        let text = br#"{"url":"https://x.example/rec/call%201.wav?sig=1","u":"s3:\/\/b\/in-1.mp3","n":"wav"}"#;
        assert_eq!(names(text), [&b"call%201.wav"[..], b"in-1.mp3"]);
        let text = b"in-20240102-1700000000.123.wav 0f8fad5b-d9cb-469f-a165-70867728950e \
            CA0123456789abcdef0123456789abcdef.json 1.5 2024.1";
        let found: Vec<&[u8]> = ids(text);
        let expected: [&[u8]; 3] = [
            b"1700000000.123",
            b"0f8fad5b-d9cb-469f-a165-70867728950e",
            b"CA0123456789abcdef0123456789abcdef",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_transcript_that_names_a_recording_is_of_its_set() {
        let dir = tempfile::tempdir().unwrap();
        let part = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::OpenOptions::new()
                .create(true)
                .truncate(true)
                .write(true)
                .open(&path)
                .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
                .unwrap();
            Part {
                role: role(&path).unwrap(),
                path,
                root: 0,
            }
        };
        let sets = Sets::of(
            vec![
                part("rec/a.wav", ""),
                part("rec/b-1700000000.7.wav", ""),
                part("rec/c.wav", ""),
                part("rec/c.xml", ""),
                part(
                    "text/one.json",
                    r#"{"audio_url":"https://x.example/a.wav"}"#,
                ),
                part("text/two.json", r#"{"call_id":"1700000000.7"}"#),
                part("text/both.json", r#"["a.wav","c.wav"]"#),
                part("text/none.json", "{}"),
            ],
            2,
        );
        let around = |name: &str| {
            sets.around(&dir.path().join(name)).map(|set| {
                let names = set.iter().map(|part| file_name(&part.path));
                names
                    .map(|n| String::from_utf8_lossy(n).into_owned())
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(around("rec/a.wav").unwrap(), ["a.wav", "one.json"]);
        assert_eq!(
            around("text/two.json").unwrap(),
            ["b-1700000000.7.wav", "two.json"]
        );
        assert_eq!(around("rec/c.wav").unwrap(), ["c.wav", "c.xml"]);
        assert!(around("text/both.json").is_none() && around("text/none.json").is_none());
    }
}
