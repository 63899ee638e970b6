//! Recordings as the write engine takes them: spans of time become splices that say what they
//! replace.
//!
//! Owns the joining of what mutes with what changes tags. Knows no container.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::edit::Splice;
use super::failure::{Failure, Outcome, Reason as Cause};
use crate::edit::Bytes;
use crate::format::recording;
use crate::source::{Compression, open_stream, open_to_read};

const DOING: &str = "cannot mute the recording";

/// Splices that make a recording silent in places.
pub struct Muting {
    /// Sorted, disjoint.
    pub splices: Box<dyn Iterator<Item = Outcome<Splice>> + Send>,
    /// Whether each is as long as what it replaces.
    pub same_width: bool,
}

/// What makes the first `size` bytes of the recording at `path` silent in `spans`, in milliseconds
/// from its beginning: at least there, in all channels, widened to whole frames where the codec has
/// such. Spans may overlap, be in any order and reach behind the end.
///
/// # Errors
/// When it is no recording whose sound can be muted in its own bytes, or cannot be read.
pub fn mute(path: &Path, size: u64, spans: &[Range<u64>]) -> Outcome<Muting> {
    let unread = |_| Failure::new(Cause::Changed, DOING);
    let file = open_to_read(path).map_err(unread)?;
    let old = file.try_clone().map_err(unread)?;
    let input = open_stream(std::io::Read::take(file, size));
    let plain = input.compression == Compression::None;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = input.compression.strip_suffix(&name).to_owned();
    let unsupported = Failure::new(Cause::Sound, DOING);
    let kind = recording::tell(input.head(), &name).ok_or(unsupported)?;
    let size = if plain { size } else { length(path)? };
    let muted = recording::mute(kind, input, size, spans).map_err(|_| unsupported)?;
    let splices = muted.splices.map(move |splice| {
        let splice = splice.map_err(|_| unsupported)?;
        Ok(Splice {
            old: if plain {
                Some(stored(&old, &splice.range)?)
            } else {
                None
            },
            range: splice.range,
            new: splice.bytes,
        })
    });
    Ok(Muting {
        splices: Box::new(splices),
        same_width: muted.same_width,
    })
}

/// How many milliseconds the first `size` bytes of the recording at `path` last; `None` where that
/// is not known without decoding it.
pub(crate) fn length_ms(path: &Path, size: u64) -> Option<u64> {
    let file = open_to_read(path).ok()?;
    let input = open_stream(std::io::Read::take(file, size));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = input.compression.strip_suffix(&name).to_owned();
    let size = match input.compression {
        Compression::None => size,
        _ => length(path).ok()?,
    };
    let kind = recording::tell(input.head(), &name)?;
    recording::length(kind, input, size)
}

/// As [`mute`], where anything is to be silent; else no splices.
pub(crate) fn mute_if_any(path: &Path, size: u64, spans: &[Range<u64>]) -> Outcome<Muting> {
    if spans.is_empty() {
        return Ok(Muting {
            splices: Box::new(std::iter::empty()),
            same_width: true,
        });
    }
    mute(path, size, spans)
}

/// How long a compressed recording is.
fn length(path: &Path) -> Outcome<u64> {
    let unread = |_| Failure::new(Cause::Changed, DOING);
    let file = open_to_read(path).map_err(unread)?;
    let mut all = open_stream(file).into_stream();
    std::io::copy(&mut all, &mut std::io::sink()).map_err(unread)
}

/// The bytes of a file that are to go.
fn stored(file: &File, range: &Range<u64>) -> Outcome<Bytes> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    let read = file.read_exact_at(&mut bytes, range.start);
    read.map_err(|_| Failure::new(Cause::Changed, DOING))?;
    Ok(bytes.into())
}

/// Two rows of splices as one, each in order.
pub(crate) fn merge<'a>(
    one: impl Iterator<Item = Outcome<Splice>> + 'a,
    other: impl Iterator<Item = Outcome<Splice>> + 'a,
) -> impl Iterator<Item = Outcome<Splice>> + 'a {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || {
        let first = match (one.peek(), other.peek()) {
            (Some(Ok(a)), Some(Ok(b))) => a.range.start <= b.range.start,
            (Some(Err(_)), _) | (Some(_), None) => true,
            _ => false,
        };
        if first { one.next() } else { other.next() }
    })
}
