//! A new file of a package, written piece by piece, and what makes a cell safe to open.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use crate::redact::failure::{Doing, Failure, Outcome, Reason};
use crate::redact::io::Io;

/// Bytes gathered before they are written.
const BATCH: usize = 128 << 10;

/// A file in the making, readable by its owner alone.
pub(super) struct Sheet<'a> {
    io: &'a Io,
    file: OwnedFd,
    at: u64,
    pub(super) text: Vec<u8>,
}

const DOING: &str = "cannot write the package";

impl<'a> Sheet<'a> {
    /// A file that does not exist yet.
    pub(super) fn new(io: &'a Io, path: &Path) -> Outcome<Sheet<'a>> {
        let name = path
            .file_name()
            .ok_or(Failure::new(Reason::Outside, DOING))?;
        let above = path.parent().ok_or(Failure::new(Reason::Outside, DOING))?;
        let dir = io.open_root(above).doing(DOING)?;
        let file = io.create_file(dir.as_fd(), name).doing(DOING)?;
        Ok(Sheet {
            io,
            file,
            at: 0,
            text: Vec::new(),
        })
    }

    /// Writes what was gathered once it is enough.
    pub(super) fn turn(&mut self) -> Outcome<()> {
        if self.text.len() < BATCH {
            return Ok(());
        }
        self.write()
    }

    fn write(&mut self) -> Outcome<()> {
        self.io
            .write_full(&self.file, &self.text, self.at)
            .doing(DOING)?;
        self.at += self.text.len() as u64;
        self.text.clear();
        Ok(())
    }

    /// Writes the rest; durable on return.
    pub(super) fn finish(mut self) -> Outcome<()> {
        self.write()?;
        self.io.sync(&self.file).doing(DOING)
    }
}

/// Whether a spreadsheet would take the text for a formula (OWASP, CSV injection): it starts with
/// `=`, `@`, a tab or a line end, or with a sign and is no number.
pub(super) fn is_formula(text: &str) -> bool {
    let number = |rest: &str| {
        rest.bytes().any(|b| b.is_ascii_digit())
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || b" .,()-".contains(&b))
    };
    match text.as_bytes() {
        [b'=' | b'@' | b'\t' | b'\r' | b'\n', ..] => true,
        [b'+' | b'-', ..] => !number(text.get(1..).unwrap_or_default()),
        // Full-width signs, which some programs read as theirs.
        _ => text.starts_with(['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']),
    }
}

/// Appends a cell of a table that no program takes for a formula.
pub(super) fn cell(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if is_formula(text) {
        out.push(b'\'');
    }
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, shown) in [
            ("plain", "\"plain\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("+14165550123", "\"+14165550123\""),
            ("+1 (416) 555-0123", "\"+1 (416) 555-0123\""),
            ("-5", "\"-5\""),
            ("-1+cmd|'/C calc'!A0", "\"'-1+cmd|'/C calc'!A0\""),
            ("+1+HYPERLINK(\"x\")", "\"'+1+HYPERLINK(\"\"x\"\")\""),
            ("\t=1", "\"'\t=1\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ] {
            let mut out = Vec::new();
            cell(&mut out, text);
            assert_eq!(String::from_utf8(out).unwrap(), shown);
        }
    }
}
