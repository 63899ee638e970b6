//! The receipt of a run: what was done, without personal data, in JSON Lines that are chained and
//! signed with the state's key. It owns the lines, the chain and the check; it must not know how
//! files are written.
//!
//! Every line ends with `"mac"`: the keyed digest of the line without it and of the mac before.
//! The first line names the run and the key, the last one counts the lines, so a line that is
//! changed, moved, repeated, added or missing is found. Paths are sealed: only the key's owner
//! reads them, and a keyed digest of the path tells two files apart. Digests of contents are
//! keyed, so a value cannot be found by trying.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde_json::{Map, Value, json};

use super::apply::{FileOutcome, GroupOutcome};
use super::content::{ContentDigest, digest_file};
use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::{Io, name_bytes};
use super::place::Identity;
use super::state::key::{digest_with, hex, unhex};
use super::state::{KeyId, Purpose, RECEIPTS, State};

/// How many values of which entity got which operator.
pub type Counts = BTreeMap<(String, String), u64>;

/// The version of the lines.
const SCHEMA: u64 = 1;
/// The longest receipt that is read whole: millions of files.
const SIZE_MAX: u64 = 4 << 30;

/// A receipt in the making.
pub struct Receipt<'a> {
    io: &'a Io,
    state: &'a State,
    file: OwnedFd,
    path: PathBuf,
    chain: [u8; 32],
    lines: u64,
    written: u64,
}

impl<'a> Receipt<'a> {
    /// Makes the receipt of run `run` (`Run::id`), readable by its owner alone. `about` goes into
    /// the first line: command, operators, policy; never values.
    pub fn create(
        io: &'a Io,
        state: &'a State,
        run: &str,
        started: i64,
        about: &Map<String, Value>,
    ) -> Outcome<Self> {
        const DOING: &str = "cannot make the receipt";
        let name = format!("{run}.jsonl");
        let folder = state.folder(io, RECEIPTS)?;
        let file = io
            .create_file(folder.as_fd(), OsStr::new(&name))
            .doing(DOING)?;
        io.sync_dir(&folder).doing(DOING)?;
        let path = state.path().join(RECEIPTS).join(name);
        let mut receipt = Self {
            io,
            state,
            file,
            path,
            chain: [0; 32],
            lines: 0,
            written: 0,
        };
        let mut line = Map::new();
        line.insert("type".into(), json!("run"));
        line.insert("schema".into(), json!(SCHEMA));
        line.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
        line.insert("run".into(), json!(run));
        line.insert("key".into(), json!(state.key().id().to_string()));
        line.insert("started".into(), json!(started));
        line.insert("about".into(), Value::Object(about.clone()));
        receipt.line(line)?;
        receipt.sync()?;
        Ok(receipt)
    }

    /// Where the receipt is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a group; durable on return.
    pub fn group(&mut self, number: u64, group: &GroupOutcome) -> Outcome<()> {
        for file in &group.files {
            let line = self.file_line(number, group.pending, file)?;
            self.line(line)?;
        }
        self.sync()
    }

    fn file_line(
        &self,
        group: u64,
        pending: bool,
        file: &FileOutcome,
    ) -> Outcome<Map<String, Value>> {
        let path = file
            .out
            .clone()
            .unwrap_or_else(|| file.root.join(&file.path));
        let bytes = name_bytes(path.as_os_str());
        let sealed = self
            .state
            .key()
            .seal(self.io, Purpose::Path, b"receipt", bytes)?;
        let tag = self.state.key().mac(Purpose::Path, &[bytes]);
        let status = match (&file.failure, pending) {
            (None, _) => "done",
            (Some(_), true) => "pending",
            (Some(_), false) => "not-done",
        };
        let mut line = Map::new();
        line.insert("type".into(), json!("file"));
        line.insert("group".into(), json!(group));
        line.insert("file".into(), json!(hex(tag.split_at(16).0)));
        line.insert("path".into(), json!(hex(&sealed)));
        line.insert("status".into(), json!(status));
        line.insert(
            "reason".into(),
            json!(file.failure.map(|failure| failure.reason.code())),
        );
        line.insert(
            "mode".into(),
            json!(file.choice.map(|choice| choice.kind.code())),
        );
        line.insert(
            "why".into(),
            json!(file.choice.map(|choice| choice.why.code())),
        );
        line.insert(
            "before".into(),
            json!(file.digests.map(|(before, _)| hex(&before))),
        );
        line.insert(
            "after".into(),
            json!(file.digests.map(|(_, after)| hex(&after))),
        );
        line.insert("bytes".into(), json!(file.size));
        line.insert("edits".into(), json!(file.edits));
        line.insert("scrubbed".into(), json!(file.scrubbed));
        let remnants: Vec<_> = file.remnants.iter().map(|one| one.code()).collect();
        line.insert("remnants".into(), json!(remnants));
        line.insert("counts".into(), counted(&file.counts));
        if !file.members.is_empty() {
            let members = file.members.iter().map(|(name, counts)| {
                let key = self.state.key();
                let sealed = key.seal(self.io, Purpose::Path, b"receipt", name.as_bytes())?;
                Ok(json!({"path": hex(&sealed), "counts": counted(counts)}))
            });
            let members = members.collect::<Outcome<Vec<Value>>>()?;
            line.insert("members".into(), json!(members));
        }
        Ok(line)
    }

    /// Ends the receipt with the exit code of the run; durable on return. `more` goes into the
    /// last line: totals, never values.
    pub fn finish(mut self, ended: i64, exit: u8, more: &Map<String, Value>) -> Outcome<PathBuf> {
        let mut line = Map::new();
        line.insert("type".into(), json!("end"));
        line.insert("ended".into(), json!(ended));
        line.insert("exit".into(), json!(exit));
        line.insert("lines".into(), json!(self.lines + 1));
        line.insert("totals".into(), Value::Object(more.clone()));
        self.line(line)?;
        self.sync()?;
        Ok(self.path)
    }

    fn line(&mut self, mut line: Map<String, Value>) -> Outcome<()> {
        let mac = mac(
            &self.state.key().subkey(Purpose::Receipt),
            &self.chain,
            &line,
        );
        line.insert("mac".into(), json!(hex(&mac)));
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        self.io
            .write_full(&self.file, text.as_bytes(), self.written)
            .doing("cannot write the receipt")?;
        self.written += text.len() as u64;
        self.lines += 1;
        self.chain = mac;
        Ok(())
    }

    fn sync(&self) -> Outcome<()> {
        self.io.sync(&self.file).doing("cannot write the receipt")
    }
}

/// The digest of a line (without its mac) and of the mac before it.
fn mac(key: &[u8; 32], before: &[u8; 32], line: &Map<String, Value>) -> [u8; 32] {
    let mut digest = digest_with(key);
    digest.update(before);
    digest.update(Value::Object(line.clone()).to_string().as_bytes());
    digest.finish()
}

/// What checking a receipt found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// The run in hexadecimal.
    pub run: String,
    /// Files whose content is what the receipt says.
    pub same: usize,
    /// Files that changed since or are gone, with the reason.
    pub different: Vec<(PathBuf, Reason)>,
    /// Files that the run did not finish, as the receipt says.
    pub not_done: Vec<PathBuf>,
    /// Every file of the receipt that was done and still exists, for the re-scan.
    pub files: Vec<PathBuf>,
}

/// Reads a receipt, checks every line of it, and compares every file with what it says.
/// [`Reason::Damaged`]: the receipt is not what was written, or was never ended;
/// [`Reason::Key`]: it was made with a key that is not known here.
pub fn verify_receipt(io: &Io, state: &State, path: &Path) -> Outcome<Checked> {
    let lines = read_lines(io, path)?;
    let (keys, run) = keys_of(io, state, lines.first())?;
    let mut chain = [0; 32];
    let mut checked = Checked {
        run,
        ..Checked::default()
    };
    let mut ended = false;
    for (number, line) in lines.iter().enumerate() {
        let mut unsigned = line.clone();
        let said = unsigned
            .shift_remove("mac")
            .and_then(|said| bytes32(&said))
            .ok_or(DAMAGED)?;
        if ended || said != mac(&keys.0, &chain, &unsigned) {
            return Err(DAMAGED);
        }
        chain = said;
        match text(line, "type") {
            Some("file") => check_file(io, state, &keys.1, line, &mut checked)?,
            Some("end") => {
                ended = line.get("lines").and_then(Value::as_u64) == Some(number as u64 + 1);
            }
            _ => {}
        }
    }
    if ended { Ok(checked) } else { Err(DAMAGED) }
}

const DAMAGED: Failure = Failure::new(Reason::Damaged, "cannot trust the receipt");

/// Counts as a receipt has them.
fn counted(counts: &Counts) -> Value {
    counts
        .iter()
        .map(|((entity, operator), count)| {
            json!({"entity": entity, "operator": operator, "count": count})
        })
        .collect()
}

fn read_lines(io: &Io, path: &Path) -> Outcome<Vec<Map<String, Value>>> {
    const DOING: &str = "cannot read the receipt";
    let name = path
        .file_name()
        .ok_or(Failure::new(Reason::Vanished, DOING))?;
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let dir = io.open_root(above.unwrap_or(Path::new("."))).doing(DOING)?;
    let file = io
        .open_file(dir.as_fd(), name, OFlags::RDONLY)
        .doing(DOING)?;
    let size = io.stat(&file).doing(DOING)?.st_size.unsigned_abs();
    if size > SIZE_MAX {
        return Err(DAMAGED);
    }
    let mut bytes = vec![0; size as usize];
    let read = io.read_full(&file, &mut bytes, 0).doing(DOING)?;
    bytes.truncate(read);
    let text = bytes.strip_suffix(b"\n").ok_or(DAMAGED)?;
    text.split(|byte| *byte == b'\n')
        .map(|line| {
            let parsed: Map<String, Value> = serde_json::from_slice(line).map_err(|_| DAMAGED)?;
            // One spelling only: a line that parses the same but reads differently is another.
            let again = Value::Object(parsed.clone()).to_string();
            if again.as_bytes() == line {
                Ok(parsed)
            } else {
                Err(DAMAGED)
            }
        })
        .collect()
}

type Keys = ([u8; 32], [u8; 32]);

fn keys_of(io: &Io, state: &State, first: Option<&Map<String, Value>>) -> Outcome<(Keys, String)> {
    let first = first
        .filter(|line| text(line, "type") == Some("run"))
        .ok_or(DAMAGED)?;
    let mut id = [0; 8];
    unhex(text(first, "key").ok_or(DAMAGED)?, &mut id).ok_or(DAMAGED)?;
    let keys = state.receipt_keys(io, KeyId(id))?;
    let keys = keys.ok_or(Failure::new(Reason::Key, "cannot check the receipt"))?;
    Ok((keys, text(first, "run").ok_or(DAMAGED)?.to_string()))
}

fn check_file(
    io: &Io,
    state: &State,
    content: &[u8; 32],
    line: &Map<String, Value>,
    checked: &mut Checked,
) -> Outcome<()> {
    use std::os::unix::ffi::OsStringExt;
    let sealed = text(line, "path").ok_or(DAMAGED)?;
    let mut bytes = vec![0; sealed.len() / 2];
    unhex(sealed, &mut bytes).ok_or(DAMAGED)?;
    // Sealed with a key that was rotated away: the path is not readable any more, on purpose.
    let Some(path) = state.key().open(Purpose::Path, b"receipt", &bytes) else {
        return Ok(());
    };
    let path = PathBuf::from(std::ffi::OsString::from_vec(path));
    if text(line, "status") != Some("done") {
        checked.not_done.push(path);
        return Ok(());
    }
    let after = line.get("after").and_then(bytes32);
    let size = line.get("bytes").and_then(Value::as_u64).ok_or(DAMAGED)?;
    let gone = matches!(text(line, "mode"), Some("remove" | "rename"));
    match (compare(io, &path, size, content), after) {
        (
            Err(Failure {
                reason: Reason::Vanished,
                ..
            }),
            _,
        ) if gone => checked.same += 1,
        _ if gone => checked.different.push((path, Reason::Exists)),
        (Ok(is), Some(after)) if is == after => {
            checked.same += 1;
            checked.files.push(path);
        }
        (Ok(_), _) => checked.different.push((path, Reason::Changed)),
        (Err(failure), _) => checked.different.push((path, failure.reason)),
    }
    Ok(())
}

/// The digest of the first `size` bytes of a file; a log may have grown since.
fn compare(io: &Io, path: &Path, size: u64, content: &[u8; 32]) -> Outcome<[u8; 32]> {
    const DOING: &str = "cannot read the file";
    let name = path.file_name().ok_or(DAMAGED)?;
    let dir = io
        .open_absolute_dir(path.parent().ok_or(DAMAGED)?)
        .doing(DOING)?;
    let file = io
        .open_file(dir.as_fd(), name, OFlags::RDONLY)
        .doing(DOING)?;
    if Identity::of(&io.stat(&file).doing(DOING)?).size < size {
        return Err(Failure::new(Reason::Changed, DOING));
    }
    digest_file(io, &file, size, ContentDigest::new(digest_with(content)))
}

fn text<'a>(line: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    line.get(name).and_then(Value::as_str)
}

fn bytes32(value: &Value) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    unhex(value.as_str()?, &mut out).map(|()| out)
}
