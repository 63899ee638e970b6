//! The manifest: the one small file that says what belongs to an index. Who replaces it, in one
//! step, publishes. It must not know what is in the files it names.

use serde::{Deserialize, Serialize};

use super::IndexError;
use super::keys::{KeyIds, Keys};
use crate::redact::io::Io;
use crate::redact::state::key::{hex, unhex};
use crate::scan::{AcceptUnread, Selection, globs};

/// The version of all formats of an index.
const FORMAT: u32 = 3;
/// Raised when the same bytes give other findings or canonical values than before, for another
/// reason than other knowledge.
const CANONICALISER: u32 = 1;
/// What `patterns/` held when this program was built, numbering plans among it.
const KNOWLEDGE: &str = env!("EFFACE_KNOWLEDGE");

/// What an index is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Tells indexes apart, drawn at random; hexadecimal.
    pub(super) id: String,
    pub(super) canonicaliser: u32,
    pub(super) knowledge: String,
    /// How national numbers were read, in order.
    pub(super) regions: Vec<String>,
    /// Format that every source was read as, if one was asked for.
    pub(super) as_format: Option<String>,
    pub(super) chosen: Chosen,
    pub(super) segments: Vec<Named>,
    /// The catalogue; `postings` counts sources.
    pub(super) catalogue: Named,
    /// Sources of each status and the bytes of them that were read, by the number of the status.
    pub(super) counts: Vec<(u8, u64, u64)>,
    /// Numbers that are free from here on.
    pub(super) next: Next,
    /// Postings of windows that are no source's any more.
    pub(super) dead: u64,
    /// When it was first built and last brought up to date, in seconds since 1970.
    pub(super) built: i64,
    pub(super) updated: i64,
    /// Whether the last run saw all it was to see.
    pub(super) complete: bool,
}

/// Which files an index was built from, as it was asked for; an update asks for the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Patterns of files that are read; all where there are none.
    pub include: Vec<String>,
    /// Patterns of files and folders that are left out.
    pub exclude: Vec<String>,
    /// Larger files are left out.
    pub max_size: Option<u64>,
    /// Formats and patterns of files that are known to be unreadable.
    pub accept_unread: Vec<String>,
}

impl Chosen {
    /// The same for the engine; `None` for what is no pattern.
    pub(super) fn of_plan(&self) -> Option<(Selection, AcceptUnread)> {
        let set = |patterns: &[String]| match patterns {
            [] => Ok(None),
            patterns => globs(patterns).map(Some),
        };
        let selection = Selection {
            include: set(&self.include).ok()?,
            exclude: set(&self.exclude).ok()?,
            max_size: self.max_size,
        };
        let accept = AcceptUnread {
            globs: set(&self.accept_unread).ok()?,
            names: self.accept_unread.clone(),
        };
        Some((selection, accept))
    }
}

/// A file of the index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) number: u64,
    pub(super) bytes: u64,
    pub(super) postings: u64,
    /// A keyed digest of the file; empty where its parts are signed.
    pub(super) digest: String,
}

/// The next free numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Next {
    /// Of segments and catalogues.
    pub(super) file: u64,
    pub(super) source: u64,
    pub(super) window: u32,
}

impl Manifest {
    /// Of an index without any source.
    pub(super) fn new(
        id: [u8; 16],
        regions: Vec<String>,
        as_format: Option<String>,
        chosen: Chosen,
    ) -> Manifest {
        Manifest {
            chosen,
            id: hex(&id),
            canonicaliser: CANONICALISER,
            knowledge: KNOWLEDGE.to_owned(),
            regions,
            as_format,
            segments: Vec::new(),
            catalogue: Named::default(),
            counts: Vec::new(),
            next: Next::default(),
            dead: 0,
            built: 0,
            updated: 0,
            complete: false,
        }
    }

    /// What tells indexes apart.
    pub(super) fn index(&self) -> [u8; 16] {
        let mut id = [0; 16];
        // It was written by `hex`.
        let _ = unhex(&self.id, &mut id);
        id
    }

    /// Postings in all segments, dead ones too.
    pub(super) fn postings(&self) -> u64 {
        self.segments.iter().map(|one| one.postings).sum()
    }

    /// Whether what is found today is what was found when it was built.
    pub(super) fn knows_the_same(&self) -> bool {
        self.canonicaliser == CANONICALISER && self.knowledge == KNOWLEDGE
    }

    /// As a file: a line that tells version and keys, then the rest encrypted for who builds.
    pub(super) fn to_bytes(&self, io: &Io, keys: &Keys) -> Result<Vec<u8>, IndexError> {
        let mut bytes = first_line(keys.ids()).into_bytes();
        let body = serde_json::to_vec(self).map_err(|_| IndexError::Damaged)?;
        let sealed = keys.seal(io, &bytes, &body)?;
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// Reads a file.
    pub(super) fn parse(bytes: &[u8], keys: &Keys) -> Result<Manifest, IndexError> {
        let end = memchr::memchr(b'\n', bytes).ok_or(IndexError::Damaged)? + 1;
        let (line, sealed) = bytes.split_at(end);
        let line_text = std::str::from_utf8(line).map_err(|_| IndexError::Damaged)?;
        let version = line_text
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split(' ').next())
            .ok_or(IndexError::Damaged)?;
        if version != FORMAT.to_string() {
            let is_number = version.bytes().all(|byte| byte.is_ascii_digit());
            return Err(if is_number && !version.is_empty() {
                IndexError::Version
            } else {
                IndexError::Damaged
            });
        }
        if line_text != first_line(keys.ids()) {
            return Err(IndexError::Key);
        }
        let body = keys.open(line, sealed).ok_or(IndexError::Damaged)?;
        serde_json::from_slice(&body).map_err(|_| IndexError::Damaged)
    }
}

const MAGIC: &str = "efface-index-";

fn first_line(ids: &KeyIds) -> String {
    let [tag, build, look_up] = ids.0.map(|id| hex(&id));
    format!("{MAGIC}{FORMAT} tag:{tag} build:{build} look-up:{look_up}\n")
}
