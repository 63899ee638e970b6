//! `efface doctor`: what a place allows, and how far erasure goes there.

use std::fmt::Write;

use super::args::DoctorArgs;
use super::exit::ExitStatus;
use super::print;
use crate::redact::doctor::examine;
use crate::redact::failure::Failure;
use crate::redact::io::Io;
use crate::report::{Printer, Shown};

/// Examines each path.
pub(super) fn run(args: &DoctorArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let mut out = String::new();
    let mut failed = false;
    for path in &args.paths {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", Shown::path(path));
        match examine(&io, path) {
            Err(failure) => {
                failed = true;
                let _ = writeln!(out, "  {failure}");
            }
            Ok(advice) => {
                let said = |may: Result<(), Failure>| match may {
                    Ok(()) => "yes".to_owned(),
                    Err(failure) => format!("no: {failure}"),
                };
                let _ = writeln!(out, "  file system  {}", advice.medium.name);
                let _ = writeln!(out, "  overwrite    {}", said(advice.overwrite));
                let _ = writeln!(out, "  swap         {}", said(advice.swap));
                let _ = writeln!(out, "  erasure      {}", advice.level.code());
                for remnant in &advice.medium.remnants {
                    let _ = writeln!(out, "  may keep old bytes: {}", remnant.code());
                }
            }
        }
    }
    match print(printer, out.as_bytes()) {
        ExitStatus::Done if failed => ExitStatus::Incomplete,
        status => status,
    }
}
