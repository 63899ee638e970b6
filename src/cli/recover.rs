//! `efface recover`: finishes or undoes what a killed run left.

use std::fmt::Write;

use super::args::RecoverArgs;
use super::exit::ExitStatus;
use super::{print, refused, state};
use crate::redact::io::Io;
use crate::redact::recover::recover;
use crate::report::{Printer, Shown};

/// Recovers.
pub(super) fn run(args: &RecoverArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let opened = match state::open(&io, &args.state) {
        Ok(opened) => opened,
        Err(misuse) => return refused(printer, &misuse),
    };
    let recovery = match recover(&io, &opened) {
        Ok(recovery) => recovery,
        Err(failure) => return refused(printer, &state::told(&failure, opened.path())),
    };
    let mut out = if recovery.runs == 0 {
        "nothing to recover\n".to_owned()
    } else {
        format!(
            "{} unfinished runs: {} files finished, {} undone\n",
            recovery.runs, recovery.finished, recovery.undone
        )
    };
    for (path, failure) in &recovery.stuck {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  left: {}: {failure}", Shown::path(path));
    }
    match print(printer, out.as_bytes()) {
        ExitStatus::Done if !recovery.stuck.is_empty() => ExitStatus::Incomplete,
        status => status,
    }
}
