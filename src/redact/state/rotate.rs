//! Making and rotating keys. It owns the order of steps that leaves the state readable with
//! exactly one key after a kill at any point; it must not know what the sealed files say.

use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::super::failure::{Doing, Failure, Outcome, Reason};
use super::super::guard::Guard;
use super::super::io::Io;
use super::super::suppressed;
use super::key::{KEY_FILE_MAX, hex, unhex};
use super::{
    AUDIT, CASES, DUTIES, HOLDS, JOURNALS, KEY, Key, KeyId, Purpose, RETIRED, SUPPRESSED, State,
    put, put_sealed, write_secret,
};

/// What is kept of a key that was rotated away: enough to check old receipts, not to read or
/// make anything else.
#[derive(Serialize, Deserialize)]
pub(super) struct Retired {
    id: String,
    receipt: String,
    content: String,
}

/// Writes a new key file (mode 0600) for use with `--key-file`; refuses to replace anything.
pub fn new_key_file(io: &Io, file: &Path) -> Outcome<KeyId> {
    let key = Key::generate(io)?;
    write_secret(io, file, &key.to_text())?;
    Ok(key.id())
}

/// Gives the state a new key and destroys the old one. Holds, duties and the keys of old
/// receipts are carried over; pseudonyms made with the old key cannot be made again.
///
/// Refused while a journal waits for recovery (it is sealed with the old key), for a state whose
/// key is kept elsewhere, and while persons are held or stay out, who are known by tags of the key.
pub fn rotate(io: &Io, state: State) -> Outcome<State> {
    const DOING: &str = "cannot rotate the key";
    let journals = state.folder(io, JOURNALS)?;
    let lock = state.lock(io, true)?;
    if !io
        .list(journals.as_fd())
        .doing("cannot look for journals")?
        .is_empty()
    {
        return Err(Failure::new(Reason::Locked, "a run is unfinished"));
    }
    if io
        .stat_name(state.dir(), OsStr::new(KEY))
        .doing("cannot look for the key")?
        .is_none()
    {
        return Err(Failure::new(
            Reason::Key,
            "the key of this state is kept elsewhere",
        ));
    }
    // Their tags cannot be made anew: nobody is held who is not recognised (R6).
    let holds_persons = Guard::load(io, &state, i64::MIN)?.holds_subjects();
    if holds_persons || !suppressed::tags(io, &state)?.is_empty() {
        return Err(Failure::new(Reason::KeyInUse, DOING));
    }
    let new = Key::generate(io)?;
    for name in [HOLDS, DUTIES, AUDIT, CASES, SUPPRESSED] {
        put_sealed(io, state.dir(), &new, name, &state.read_sealed(io, name)?)?;
    }
    let mut retired = retired(io, &state)?;
    retired.push(Retired {
        id: state.key.id().to_string(),
        receipt: hex(&state.key.subkey(Purpose::Receipt)[..]),
        content: hex(&state.key.subkey(Purpose::Content)[..]),
    });
    let text = serde_json::to_vec(&retired)
        .map_err(|_| Failure::new(Reason::State, "cannot write retired keys"))?;
    put_sealed(io, state.dir(), &new, RETIRED, &text)?;
    let old = io
        .open_file(state.dir(), OsStr::new(KEY), OFlags::RDWR)
        .doing(DOING)?;
    // From here the new key counts: one rename decides.
    put(io, state.dir(), OsStr::new(KEY), &new.to_text())?;
    // The old secret has no name any more; its block is overwritten too.
    io.write_full(&old, &[0; KEY_FILE_MAX], 0).doing(DOING)?;
    io.sync(&old).doing(DOING)?;
    drop(lock);
    let path = state.path.clone();
    drop(state);
    State::open(io, &path, None)
}

fn retired(io: &Io, state: &State) -> Outcome<Vec<Retired>> {
    serde_json::from_slice(&state.read_sealed(io, RETIRED)?)
        .map_err(|_| Failure::new(Reason::State, "cannot read retired keys"))
}

impl State {
    /// The sub-keys that check a receipt made with key `id`: of the chain and of contents.
    pub(crate) fn receipt_keys(&self, io: &Io, id: KeyId) -> Outcome<Option<([u8; 32], [u8; 32])>> {
        if id == self.key.id() {
            let both = (
                *self.key.subkey(Purpose::Receipt),
                *self.key.subkey(Purpose::Content),
            );
            return Ok(Some(both));
        }
        let text = id.to_string();
        Ok(retired(io, self)?
            .iter()
            .find(|old| old.id == text)
            .and_then(|old| {
                let (mut receipt, mut content) = ([0; 32], [0; 32]);
                unhex(&old.receipt, &mut receipt)?;
                unhex(&old.content, &mut content)?;
                Some((receipt, content))
            }))
    }
}
