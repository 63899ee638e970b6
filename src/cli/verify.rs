//! `efface verify`: compares a receipt with the files it speaks of.

use std::fmt::Write;

use super::args::VerifyArgs;
use super::exit::ExitStatus;
use super::{print, refused, state};
use crate::redact::io::Io;
use crate::redact::receipt::verify_receipt;
use crate::report::{Printer, Shown};

/// Verifies.
pub(super) fn run(args: &VerifyArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let opened = match state::open(&io, &args.state) {
        Ok(opened) => opened,
        Err(misuse) => return refused(printer, &misuse),
    };
    let checked = match verify_receipt(&io, &opened, &args.receipt) {
        Ok(checked) => checked,
        Err(failure) => return refused(printer, &state::told(&failure, &args.receipt)),
    };
    let mut out = format!("run {}: the receipt is whole\n", checked.run);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  {} as the receipt says", checked.same);
    for (path, reason) in &checked.different {
        let _ = writeln!(out, "  differs ({}): {}", reason.code(), Shown::path(path));
    }
    for path in &checked.not_done {
        let _ = writeln!(out, "  was not done: {}", Shown::path(path));
    }
    match print(printer, out.as_bytes()) {
        ExitStatus::Done if !checked.not_done.is_empty() => ExitStatus::Incomplete,
        ExitStatus::Done if !checked.different.is_empty() => ExitStatus::Found,
        status => status,
    }
}
