//! The state folder (`--state DIR`): its key, its sealed files, its locks. It owns how these are
//! made, checked, read and replaced; it must not know what a hold, a journal or a receipt says.
//!
//! Layout: `key` (or the file named with `--key-file`), `NAME.KEYID` for every sealed file,
//! `journal/` and `receipts/`. A file that is being made has the suffix `.new` until it is
//! complete and synced; what a killed run left under that suffix is taken away at the next start.
//! The key is put in place last, so a key without its holds is damage, never a fresh start.

pub mod key;
mod rotate;

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::{Io, name_bytes};
use super::lock::Held;
use super::place::Identity;
pub use key::{Key, KeyId, Purpose, Tagger};
pub use rotate::{new_key_file, rotate};

/// The folder of run journals.
pub(crate) const JOURNALS: &str = "journal";
/// The folder of receipts.
pub const RECEIPTS: &str = "receipts";
/// The sealed list of holds.
pub(crate) const HOLDS: &str = "holds";
/// The sealed list of legal duties.
pub(crate) const DUTIES: &str = "duties";
/// The sealed list of keys that were rotated away, for old receipts.
pub(crate) const RETIRED: &str = "retired";
/// The sealed end of the audit log.
pub(crate) const AUDIT: &str = "audit";
/// The sealed list of cases.
pub(crate) const CASES: &str = "cases";
/// The sealed list of what stays out.
pub(crate) const SUPPRESSED: &str = "suppressed";
/// The sealed files that every state has.
const SEALED: [&str; 6] = [HOLDS, DUTIES, RETIRED, AUDIT, CASES, SUPPRESSED];
const KEY: &str = "key";
const KEY_ID: &str = "key-id";
const NEW: &str = ".new";
/// The largest sealed file that is read: a million holds, and a limit all the same.
const SEALED_MAX: u64 = 256 << 20;

/// An open state folder.
pub struct State {
    path: PathBuf,
    dir: OwnedFd,
    key: Key,
}

impl State {
    /// The folder used without `--state`: `$XDG_STATE_HOME/efface`, else
    /// `$HOME/.local/state/efface`.
    pub fn default_path() -> Option<PathBuf> {
        let set = |name| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|p| p.is_absolute())
        };
        let base = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")))?;
        Some(base.join("efface"))
    }

    /// Opens the state folder, making it and its key on first need. `key_file` names a key kept
    /// elsewhere; it must exist. A key other than the one the state was made with is refused.
    pub fn open(io: &Io, path: &Path, key_file: Option<&Path>) -> Outcome<Self> {
        make_dirs(io, path)?;
        let dir = io
            .open_root(path)
            .map_err(|errno| state_failure(errno, "cannot open the state folder"))?;
        let stat = io.stat(&dir).doing("cannot look at the state folder")?;
        if stat.st_uid != rustix::process::geteuid().as_raw() || stat.st_mode & 0o077 != 0 {
            return Err(Failure::new(
                Reason::State,
                "the state folder is open to others",
            ));
        }
        for name in [JOURNALS, RECEIPTS] {
            match io.make_dir(dir.as_fd(), Path::new(name)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(state_failure(errno, "cannot make the state folder")),
            }
        }
        io.lock_wait(&dir, true)
            .doing("cannot lock the state folder")?;
        let key = match key_file {
            Some(file) => outside_key(io, dir.as_fd(), file),
            None => inside_key(io, dir.as_fd()),
        };
        let key = key.and_then(|key| tidy(io, dir.as_fd(), key.id()).map(|()| key));
        io.unlock(&dir).doing("cannot unlock the state folder")?;
        Ok(Self {
            path: path.to_path_buf(),
            dir,
            key: key?,
        })
    }

    /// The folder as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key of this state.
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// The open folder.
    pub(crate) fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// A folder of the state, open.
    pub(crate) fn folder(&self, io: &Io, name: &str) -> Outcome<OwnedFd> {
        io.open_dir(self.dir(), Path::new(name))
            .map_err(|errno| state_failure(errno, "cannot open a folder of the state"))
    }

    /// Holds the state's lock until the guard is dropped: shared while a group of files is being
    /// written, exclusive while holds change, so that a hold that was added is never overtaken.
    /// Each guard has its own open file, so that two threads of one process exclude each other.
    pub(crate) fn lock(&self, io: &Io, exclusive: bool) -> Outcome<StateLock> {
        let file = self.folder(io, ".")?;
        io.lock_wait(&file, exclusive)
            .doing("cannot lock the state folder")?;
        Ok(StateLock { _file: Held(file) })
    }

    /// Reads the sealed file `name`. That it is missing is damage: it is made with the key.
    pub(crate) fn read_sealed(&self, io: &Io, name: &str) -> Outcome<Vec<u8>> {
        let gone = Failure::new(Reason::Guard, "cannot read a file of the state");
        let file = sealed_name(name, self.key.id());
        let sealed = read_small(io, self.dir(), &file, SEALED_MAX)
            .map_err(|failure| failure.because(Reason::Guard))?;
        self.key
            .open(Purpose::State, name.as_bytes(), &sealed)
            .ok_or(gone)
    }

    /// What the sealed file `name` is on disk; every replacement of it has another identity.
    pub(crate) fn stamp(&self, io: &Io, name: &str) -> Outcome<Identity> {
        let gone = Failure::new(Reason::Guard, "cannot read a file of the state");
        let file = sealed_name(name, self.key.id());
        let seen = io.stat_name(self.dir(), &file).map_err(|_| gone)?;
        seen.map(|stat| Identity::of(&stat)).ok_or(gone)
    }

    /// Replaces the sealed file `name`; whole or not at all, durable on return.
    pub(crate) fn write_sealed(&self, io: &Io, name: &str, plain: &[u8]) -> Outcome<()> {
        put_sealed(io, self.dir(), &self.key, name, plain)
    }
}

/// See [`State::lock`].
pub(crate) struct StateLock {
    _file: Held,
}

fn state_failure(errno: Errno, doing: &'static str) -> Failure {
    Failure::system(errno, doing).because(Reason::State)
}

pub(super) fn sealed_name(name: &str, id: KeyId) -> OsString {
    OsString::from(format!("{name}.{id}"))
}

pub(super) fn put_sealed(
    io: &Io,
    dir: BorrowedFd<'_>,
    key: &Key,
    name: &str,
    plain: &[u8],
) -> Outcome<()> {
    let sealed = key.seal(io, Purpose::State, name.as_bytes(), plain)?;
    put(io, dir, &sealed_name(name, key.id()), &sealed)
}

/// Puts a small file in place: written under a second name, synced, renamed, folder synced.
pub(super) fn put(io: &Io, dir: BorrowedFd<'_>, name: &OsStr, bytes: &[u8]) -> Outcome<()> {
    const DOING: &str = "cannot write to the state folder";
    let mut new = name.to_os_string();
    new.push(NEW);
    io.unlink(dir, &new).doing(DOING)?;
    let file = io.create_file(dir, &new).doing(DOING)?;
    let written = io
        .write_full(&file, bytes, 0)
        .and_then(|()| io.sync(&file))
        .and_then(|()| io.rename_over(dir, &new, name))
        .and_then(|()| io.sync_dir(dir));
    if let Err(errno) = written {
        // The next start takes it away if this cannot.
        let _ = io.unlink(dir, &new);
        return Err(Failure::system(errno, DOING));
    }
    Ok(())
}

/// Reads a whole small file of the state, never through a symbolic link.
fn read_small(io: &Io, dir: BorrowedFd<'_>, name: &OsStr, most: u64) -> Outcome<Vec<u8>> {
    const DOING: &str = "cannot read a file of the state";
    let file = io.open_file(dir, name, OFlags::RDONLY).doing(DOING)?;
    let size = io.stat(&file).doing(DOING)?.st_size.cast_unsigned();
    if size > most {
        return Err(Failure::new(Reason::State, DOING));
    }
    let mut bytes = vec![0; size as usize];
    let read = io.read_full(&file, &mut bytes, 0).doing(DOING)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Makes the state folder and what is missing above it, each for its owner alone.
fn make_dirs(io: &Io, path: &Path) -> Outcome<()> {
    match io.make_dir(rustix::fs::CWD, path) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(Errno::NOENT) => {
            let above = path.parent().filter(|above| !above.as_os_str().is_empty());
            let above = above.ok_or(state_failure(Errno::NOENT, "cannot make the state folder"))?;
            make_dirs(io, above)?;
            match io.make_dir(rustix::fs::CWD, path) {
                Ok(()) | Err(Errno::EXIST) => Ok(()),
                Err(errno) => Err(state_failure(errno, "cannot make the state folder")),
            }
        }
        Err(errno) => Err(state_failure(errno, "cannot make the state folder")),
    }
}

/// The key inside the state folder, made with its sealed files when there is none.
fn inside_key(io: &Io, dir: BorrowedFd<'_>) -> Outcome<Key> {
    match read_key(io, dir, OsStr::new(KEY)) {
        Err(Failure {
            reason: Reason::Vanished,
            ..
        }) => {}
        done => return done,
    }
    if io
        .stat_name(dir, OsStr::new(KEY_ID))
        .doing("cannot look for the key")?
        .is_some()
    {
        return Err(Failure::new(
            Reason::Key,
            "the state was made with a key file",
        ));
    }
    let key = Key::generate(io)?;
    make_sealed(io, dir, &key)?;
    put(io, dir, OsStr::new(KEY), &key.to_text())?;
    Ok(key)
}

/// A key kept elsewhere; the state remembers its id.
fn outside_key(io: &Io, dir: BorrowedFd<'_>, file: &Path) -> Outcome<Key> {
    let key = read_key_file(io, file)?;
    if io
        .stat_name(dir, OsStr::new(KEY))
        .doing("cannot look for the key")?
        .is_some()
    {
        let own = read_key(io, dir, OsStr::new(KEY))?;
        if own.id() == key.id() {
            return Ok(key);
        }
        return Err(Failure::new(
            Reason::Key,
            "the state has another key of its own",
        ));
    }
    let id = key.id().to_string();
    match read_small(io, dir, OsStr::new(KEY_ID), KEY_ID_MAX) {
        Ok(known) if known == id.as_bytes() => Ok(key),
        Ok(_) => Err(Failure::new(
            Reason::Key,
            "the state was made with another key",
        )),
        Err(Failure {
            reason: Reason::Vanished,
            ..
        }) => {
            make_sealed(io, dir, &key)?;
            put(io, dir, OsStr::new(KEY_ID), id.as_bytes())?;
            Ok(key)
        }
        Err(failure) => Err(failure),
    }
}

/// A key id is 16 digits.
const KEY_ID_MAX: u64 = 64;

fn make_sealed(io: &Io, dir: BorrowedFd<'_>, key: &Key) -> Outcome<()> {
    SEALED
        .iter()
        .try_for_each(|name| put_sealed(io, dir, key, name, b"[]"))
}

/// Reads a key file named by the user.
pub fn read_key_file(io: &Io, file: &Path) -> Outcome<Key> {
    const DOING: &str = "cannot open the key file";
    let (dir, name) = beside(io, file, DOING)?;
    read_key(io, dir.as_fd(), name).map_err(|failure| match failure.reason {
        Reason::Vanished | Reason::Symlink => failure.because(Reason::Key),
        _ => failure,
    })
}

/// Reads a key: a regular file of ours (or root's) that nobody else can touch.
fn read_key(io: &Io, dir: BorrowedFd<'_>, name: &OsStr) -> Outcome<Key> {
    Key::parse(&read_own::<{ key::KEY_FILE_MAX }>(io, dir, name)?)
}

/// Reads at most `MOST` bytes of a secret file named by the user.
pub(crate) fn read_secret<const MOST: usize>(io: &Io, file: &Path) -> Outcome<Zeroizing<Vec<u8>>> {
    const DOING: &str = "cannot open the key file";
    let (dir, name) = beside(io, file, DOING)?;
    read_own::<MOST>(io, dir.as_fd(), name)
}

/// Writes a secret to a new file (mode 0600); refuses to replace anything.
pub(crate) fn write_secret(io: &Io, file: &Path, text: &[u8]) -> Outcome<()> {
    const DOING: &str = "cannot make the key file";
    let (dir, name) = beside(io, file, DOING)?;
    let made = io.create_file(dir.as_fd(), name).doing(DOING)?;
    io.write_full(&made, text, 0).doing(DOING)?;
    io.sync(&made).doing(DOING)?;
    io.sync_dir(&dir).doing(DOING)
}

/// The folder of a file named by the user, open, and its name there.
fn beside<'f>(io: &Io, file: &'f Path, doing: &'static str) -> Outcome<(OwnedFd, &'f OsStr)> {
    let name = file.file_name().ok_or(Failure::new(Reason::Key, doing))?;
    let above = file.parent().filter(|above| !above.as_os_str().is_empty());
    let dir = io.open_root(above.unwrap_or(Path::new("."))).doing(doing)?;
    Ok((dir, name))
}

fn read_own<const MOST: usize>(
    io: &Io,
    dir: BorrowedFd<'_>,
    name: &OsStr,
) -> Outcome<Zeroizing<Vec<u8>>> {
    const DOING: &str = "cannot read the key file";
    let file = io.open_file(dir, name, OFlags::RDONLY).doing(DOING)?;
    let stat = io.stat(&file).doing(DOING)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Failure::new(Reason::Key, DOING));
    }
    let ours = [0, rustix::process::geteuid().as_raw()].contains(&stat.st_uid);
    if !ours || stat.st_mode & 0o077 != 0 {
        return Err(Failure::new(
            Reason::Key,
            "the key file is open to others (needs mode 0600)",
        ));
    }
    let mut text = Zeroizing::new(vec![0; MOST]);
    let read = io.read_full(&file, &mut text[..], 0).doing(DOING)?;
    text.truncate(read);
    Ok(text)
}

/// Takes away what a killed run left: unfinished files, and sealed files of a key that a
/// rotation made or retired.
fn tidy(io: &Io, dir: BorrowedFd<'_>, id: KeyId) -> Outcome<()> {
    const DOING: &str = "cannot tidy the state folder";
    let current = id.to_string();
    for name in io.list(dir).doing(DOING)? {
        let bytes = name_bytes(&name);
        let left_over = bytes.ends_with(NEW.as_bytes())
            || SEALED.iter().any(|sealed| {
                bytes
                    .strip_prefix(sealed.as_bytes())
                    .and_then(|rest| rest.strip_prefix(b"."))
                    .is_some_and(|rest| rest != current.as_bytes())
            });
        if left_over {
            io.unlink(dir, &name).doing(DOING)?;
        }
    }
    Ok(())
}
