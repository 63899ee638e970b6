//! From a draft to a package that may be sent: what it holds is written down, and it says so.

use std::fmt::Write;
use std::io::Read;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::page::{DRAFT, DRAFT_STATUS};
use super::sheet::Sheet;
use crate::redact::failure::{Doing, Failure, Outcome, Reason};
use crate::redact::io::Io;
use crate::redact::state::key::hex;

/// What an approved package holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved {
    /// Files that are written down.
    pub files: u64,
}

const DOING: &str = "cannot approve the package";

/// Approves the draft in `folder`: its pages say so from now on, and `manifest.txt` has a SHA-256 of
/// each file, as `sha256sum -c` checks it.
///
/// # Errors
/// What the system says; [`Reason::Stale`] for a folder that is no draft.
pub fn approve(io: &Io, folder: &Path, when: &str) -> Outcome<Approved> {
    const NO_DRAFT: Failure = Failure::new(Reason::Stale, DOING);
    let index = read(&folder.join("index.html"))?;
    let coverage = read(&folder.join("coverage.json"))?;
    if !index.contains(DRAFT) || !coverage.contains(DRAFT_STATUS) {
        return Err(NO_DRAFT);
    }
    let index = index.replacen(DRAFT, &format!("<p>Approved on {when}.</p>\n"), 1);
    let approved = format!("\"status\": \"approved\",\n  \"approved\": \"{when}\"");
    let coverage = coverage.replacen(DRAFT_STATUS, &approved, 1);
    let mut files = vec![PathBuf::from("index.html"), PathBuf::from("coverage.json")];
    for below in ["", "records"] {
        let Ok(entries) = std::fs::read_dir(folder.join(below)) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = Path::new(below).join(entry.file_name());
            if entry.path().is_file() && !files.contains(&name) {
                files.push(name);
            }
        }
    }
    files.sort();
    let mut manifest = String::new();
    for name in &files {
        let digest = match name.to_str() {
            Some("index.html") => Sha256::digest(index.as_bytes()).to_vec(),
            Some("coverage.json") => Sha256::digest(coverage.as_bytes()).to_vec(),
            _ => digest(&folder.join(name))?,
        };
        // Writing to a string cannot fail.
        let _ = writeln!(manifest, "{}  {}", hex(&digest), name.display());
    }
    put(io, folder, "manifest.txt", manifest.as_bytes())?;
    put(io, folder, "coverage.json", coverage.as_bytes())?;
    put(io, folder, "index.html", index.as_bytes())?;
    Ok(Approved {
        files: files.len() as u64,
    })
}

fn from_io(error: &std::io::Error) -> Failure {
    match rustix::io::Errno::from_io_error(error) {
        Some(errno) => Failure::system(errno, DOING),
        None => Failure::new(Reason::Io, DOING),
    }
}

fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| from_io(&error))
}

fn digest(path: &Path) -> Outcome<Vec<u8>> {
    let mut file = std::fs::File::open(path).map_err(|error| from_io(&error))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = file.read(&mut buffer).map_err(|error| from_io(&error))?;
        match buffer.get(..read) {
            Some([]) | None => break,
            Some(bytes) => hasher.update(bytes),
        }
    }
    Ok(hasher.finalize().to_vec())
}

/// Puts a file in the place of an older one.
fn put(io: &Io, folder: &Path, name: &str, bytes: &[u8]) -> Outcome<()> {
    let new = format!("{name}.new");
    let mut sheet = Sheet::new(io, &folder.join(&new))?;
    sheet.text.extend_from_slice(bytes);
    sheet.finish()?;
    let dir = io.open_root(folder).doing(DOING)?;
    io.rename_over(dir.as_fd(), new.as_ref(), name.as_ref())
        .doing(DOING)?;
    io.sync_dir(&dir).doing(DOING)
}
