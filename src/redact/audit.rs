//! The audit log: who looked for whom, why, and what came of it, in lines that are chained and signed
//! with the state's key. A subject is in it as keyed tags only, so it outlives their erasure.
//!
//! It owns the lines, the chain and the check. The log is `audit-log.jsonl` in the state; how many lines
//! it has and the mac of the last one lie sealed beside it, so that a tail that was cut off is missed.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::state::key::{digest_with, hex, unhex};
use super::state::{AUDIT, KeyId, State};

const LOG: &str = "audit-log.jsonl";
/// The longest log that is read whole: years of look-ups.
const SIZE_MAX: u64 = 1 << 30;
const DOING: &str = "cannot write the audit log";
const DAMAGED: Failure = Failure::new(Reason::Damaged, "cannot trust the audit log");

/// Where the log ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    lines: u64,
    bytes: u64,
    mac: String,
}

/// What a line tells.
#[derive(Clone, Debug, Default)]
pub struct Entry<'a> {
    /// Seconds since 1970.
    pub time: i64,
    /// `begun` before anything is read, `done` after.
    pub phase: &'static str,
    /// The command.
    pub command: &'a str,
    /// The case.
    pub case: Option<&'a str>,
    /// Why, as typed.
    pub reason: Option<&'a str>,
    /// Keyed tags of the identifiers, in hexadecimal.
    pub tags: &'a [String],
    /// Findings or values.
    pub found: Option<u64>,
    /// The exit code.
    pub exit: Option<u8>,
}

fn head(io: &Io, state: &State) -> Outcome<Head> {
    let text = state.read_sealed(io, AUDIT)?;
    if text == b"[]" {
        return Ok(Head::default());
    }
    serde_json::from_slice(&text).map_err(|_| DAMAGED)
}

fn mac(
    io: &Io,
    state: &State,
    id: KeyId,
    before: &str,
    line: &Map<String, Value>,
) -> Outcome<String> {
    let keys = state.receipt_keys(io, id)?;
    let (key, _) = keys.ok_or(Failure::new(Reason::Key, "cannot check the audit log"))?;
    let mut digest = digest_with(&key);
    // Receipts start with 32 bytes of mac, so no line of the one passes for one of the other.
    digest.update(b"audit");
    digest.update(before.as_bytes());
    digest.update(Value::Object(line.clone()).to_string().as_bytes());
    Ok(hex(&digest.finish()))
}

fn open(io: &Io, state: &State) -> Outcome<OwnedFd> {
    match io.open_file(state.dir(), OsStr::new(LOG), OFlags::RDWR) {
        Err(Errno::NOENT) => {
            let file = io.create_file(state.dir(), OsStr::new(LOG)).doing(DOING)?;
            io.sync_dir(state.dir()).doing(DOING)?;
            Ok(file)
        }
        opened => opened.doing(DOING),
    }
}

/// Adds a line; durable on return.
///
/// # Errors
/// What the system says; [`Reason::Damaged`] when the log is shorter than it was.
pub fn append(io: &Io, state: &State, entry: &Entry<'_>) -> Outcome<()> {
    let _lock = state.lock(io, true)?;
    let mut head = head(io, state)?;
    let file = open(io, state)?;
    let size = io.stat(&file).doing(DOING)?.st_size.unsigned_abs();
    if size < head.bytes {
        return Err(DAMAGED);
    }
    // A line that a killed run wrote and did not count: what it tells of never began.
    if size > head.bytes {
        io.truncate(&file, head.bytes).doing(DOING)?;
    }
    let mut line = Map::new();
    line.insert("n".into(), json!(head.lines + 1));
    line.insert("time".into(), json!(entry.time));
    line.insert("user".into(), json!(rustix::process::getuid().as_raw()));
    line.insert("key".into(), json!(state.key().id().to_string()));
    line.insert("phase".into(), json!(entry.phase));
    line.insert("command".into(), json!(entry.command));
    line.insert("case".into(), json!(entry.case));
    line.insert("reason".into(), json!(entry.reason));
    line.insert("subjects".into(), json!(entry.tags));
    line.insert("found".into(), json!(entry.found));
    line.insert("exit".into(), json!(entry.exit));
    head.mac = mac(io, state, state.key().id(), &head.mac, &line)?;
    line.insert("mac".into(), json!(head.mac));
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    io.write_full(&file, text.as_bytes(), head.bytes)
        .doing(DOING)?;
    io.sync(&file).doing(DOING)?;
    head.lines += 1;
    head.bytes += text.len() as u64;
    let text = serde_json::to_vec(&head).map_err(|_| DAMAGED)?;
    state.write_sealed(io, AUDIT, &text)
}

/// Every line, checked: none changed, added, moved or missing.
///
/// # Errors
/// [`Reason::Damaged`] when the log is not what was written.
pub fn read(io: &Io, state: &State) -> Outcome<Vec<Map<String, Value>>> {
    let _lock = state.lock(io, false)?;
    let head = head(io, state)?;
    if head.lines == 0 {
        return Ok(Vec::new());
    }
    let file = io
        .open_file(state.dir(), OsStr::new(LOG), OFlags::RDONLY)
        .map_err(|_| DAMAGED)?;
    let size = io.stat(&file).doing(DOING)?.st_size.unsigned_abs();
    if size < head.bytes || head.bytes > SIZE_MAX {
        return Err(DAMAGED);
    }
    let mut bytes = vec![0; head.bytes as usize];
    let read = io.read_full(file.as_fd(), &mut bytes, 0).doing(DOING)?;
    if read as u64 != head.bytes {
        return Err(DAMAGED);
    }
    let text = bytes.strip_suffix(b"\n").ok_or(DAMAGED)?;
    let mut before = String::new();
    let mut lines = Vec::new();
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let parsed: Map<String, Value> = serde_json::from_slice(line).map_err(|_| DAMAGED)?;
        // One spelling only: a line that parses the same but reads differently is another.
        if Value::Object(parsed.clone()).to_string().as_bytes() != line {
            return Err(DAMAGED);
        }
        let mut unsigned = parsed.clone();
        let said = unsigned.shift_remove("mac").ok_or(DAMAGED)?;
        let mut id = [0; 8];
        let key = parsed.get("key").and_then(Value::as_str).ok_or(DAMAGED)?;
        unhex(key, &mut id).ok_or(DAMAGED)?;
        before = mac(io, state, KeyId(id), &before, &unsigned)?;
        let counted = parsed.get("n").and_then(Value::as_u64) == Some(number as u64 + 1);
        if said.as_str() != Some(&before) || !counted {
            return Err(DAMAGED);
        }
        lines.push(parsed);
    }
    if lines.len() as u64 == head.lines && before == head.mac {
        Ok(lines)
    } else {
        Err(DAMAGED)
    }
}
