//! A saved plan: what a run would change, to be carried out later and only if it is still so.
//!
//! Owns the file: identities of sources, a keyed digest of the edits of each (never the edits),
//! and the order as it was typed, with subjects sealed. Knows neither formats nor detectors.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::place::Identity;
use super::state::key::{hex, unhex};
use super::state::{Purpose, State};

/// The version of the file.
const SCHEMA: u32 = 1;
/// The longest plan that is read: millions of files.
const LONGEST: u64 = 4 << 30;
/// What sealed subjects belong to.
const SUBJECTS: &[u8] = b"plan";

/// A plan as it lies in its file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    schema: u32,
    version: String,
    key: String,
    order: Value,
    /// Sealed with the key of the state.
    subjects: Option<String>,
    files: Vec<FileText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    /// Bytes of the absolute path, in hexadecimal: names need not be text.
    path: String,
    dev: u64,
    ino: u64,
    size: u64,
    mtime: String,
    ctime: String,
    edits: u64,
    digest: String,
}

/// What is planned for one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub identity: Identity,
    pub edits: u64,
    pub digest: [u8; 32],
}

/// A plan.
#[derive(Default)]
pub struct Saved {
    /// The order as it was typed, but for subjects.
    pub order: Value,
    /// The subjects as they were typed.
    pub subjects: Vec<String>,
    pub(crate) files: BTreeMap<PathBuf, Planned>,
}

impl Saved {
    /// Writes the plan to a file that does not exist yet, readable by its owner alone.
    ///
    /// # Errors
    /// What the system says, and [`Reason::Exists`].
    pub fn write(&self, io: &Io, state: &State, path: &Path) -> Outcome<()> {
        const DOING: &str = "cannot write the plan";
        let subjects = if self.subjects.is_empty() {
            None
        } else {
            let plain =
                serde_json::to_vec(&self.subjects).map_err(|_| Failure::new(Reason::Io, DOING))?;
            let sealed = state.key().seal(io, Purpose::State, SUBJECTS, &plain)?;
            Some(hex(&sealed))
        };
        let text = Text {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            key: state.key().id().to_string(),
            order: self.order.clone(),
            subjects,
            files: self.files.iter().map(file_text).collect(),
        };
        let mut bytes =
            serde_json::to_vec_pretty(&text).map_err(|_| Failure::new(Reason::Io, DOING))?;
        bytes.push(b'\n');
        write_new(io, path, &bytes, DOING)
    }

    /// Reads a plan that was made with the key of `state`.
    ///
    /// # Errors
    /// What the system says; [`Reason::Key`] for a plan made with another key, and
    /// [`Reason::Stale`] for one that is none.
    pub fn read(io: &Io, state: &State, path: &Path) -> Outcome<Self> {
        const DOING: &str = "cannot read the plan";
        let none = || Failure::new(Reason::Stale, DOING);
        let (folder, name) = place(path, DOING)?;
        let dir = io.open_root(folder).doing(DOING)?;
        let file = io
            .open_file(dir.as_fd(), name, OFlags::RDONLY)
            .doing(DOING)?;
        let size = io.stat(&file).doing(DOING)?.st_size.unsigned_abs();
        if size > LONGEST {
            return Err(none());
        }
        let mut bytes = vec![0; size as usize];
        let read = io.read_full(&file, &mut bytes, 0).doing(DOING)?;
        bytes.truncate(read);
        let text: Text = serde_json::from_slice(&bytes).map_err(|_| none())?;
        if text.schema != SCHEMA {
            return Err(none());
        }
        if text.key != state.key().id().to_string() {
            return Err(Failure::new(Reason::Key, DOING));
        }
        let subjects = match text.subjects {
            None => Vec::new(),
            Some(sealed) => {
                let mut bytes = vec![0; sealed.len() / 2];
                unhex(&sealed, &mut bytes).ok_or_else(none)?;
                let plain = state.key().open(Purpose::State, SUBJECTS, &bytes);
                serde_json::from_slice(&plain.ok_or_else(none)?).map_err(|_| none())?
            }
        };
        let files: Option<BTreeMap<_, _>> = text.files.iter().map(planned).collect();
        Ok(Self {
            order: text.order,
            subjects,
            files: files.ok_or_else(none)?,
        })
    }
}

/// Writes a whole file that does not exist yet, readable by its owner alone; durable on return.
///
/// # Errors
/// What the system says, and [`Reason::Exists`].
pub(crate) fn write_new(io: &Io, path: &Path, bytes: &[u8], doing: &'static str) -> Outcome<()> {
    let (folder, name) = place(path, doing)?;
    let dir = io.open_root(folder).doing(doing)?;
    let file = io.create_file(dir.as_fd(), name).doing(doing)?;
    io.write_full(&file, bytes, 0).doing(doing)?;
    io.sync(&file).doing(doing)?;
    io.sync_dir(&dir).doing(doing)
}

fn place<'p>(path: &'p Path, doing: &'static str) -> Outcome<(&'p Path, &'p std::ffi::OsStr)> {
    let name = path
        .file_name()
        .ok_or(Failure::new(Reason::Outside, doing))?;
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    Ok((above.unwrap_or(Path::new(".")), name))
}

fn file_text((path, planned): (&PathBuf, &Planned)) -> FileText {
    let id = planned.identity;
    FileText {
        path: hex(path.as_os_str().as_bytes()),
        dev: id.dev,
        ino: id.ino,
        size: id.size,
        mtime: id.mtime.to_string(),
        ctime: id.ctime.to_string(),
        edits: planned.edits,
        digest: hex(&planned.digest),
    }
}

fn planned(text: &FileText) -> Option<(PathBuf, Planned)> {
    let mut path = vec![0; text.path.len() / 2];
    unhex(&text.path, &mut path)?;
    let mut digest = [0; 32];
    unhex(&text.digest, &mut digest)?;
    let identity = Identity {
        dev: text.dev,
        ino: text.ino,
        size: text.size,
        mtime: text.mtime.parse().ok()?,
        ctime: text.ctime.parse().ok()?,
    };
    let planned = Planned {
        identity,
        edits: text.edits,
        digest,
    };
    Some((PathBuf::from(OsString::from_vec(path)), planned))
}
