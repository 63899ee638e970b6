//! The command line: what was typed becomes a plan, and what came of it an exit code.
//!
//! Owns flags, help, messages of misuse and exit codes. It decides nothing about data: each
//! subcommand checks its arguments, calls one library function and maps the result.

mod again;
mod args;
mod asked;
mod case;
mod clients;
mod completions;
mod config;
mod disclose;
mod doctor;
mod erase;
mod exit;
mod explain;
mod find;
mod hold;
mod index;
mod key;
mod links;
mod lists;
mod lookup;
mod man;
mod misuse;
mod patterns;
mod plan;
mod progress;
mod recover;
mod redact;
mod reveal;
mod rules;
mod sample;
mod scan;
mod state;
mod sweep;
mod verify;

pub use args::{Cli, Command, parse};
pub use exit::ExitStatus;
pub use misuse::Misuse;

use std::ffi::OsString;

use crate::report::Printer;
use crate::scan::SinkError;

/// What is typed most often in pipes needs no parser: a filter is to start as fast as it can.
/// `None` when something else was typed.
pub fn run_at_once(args: &[OsString]) -> Option<ExitStatus> {
    match args {
        [_, command] if command == "redact" && !config::is_there() => {
            Some(redact::plain_filter(Printer::default()))
        }
        _ => None,
    }
}

/// Carries out a command.
pub fn run(cli: Cli) -> ExitStatus {
    let printer = Printer::new(cli.color());
    match cli.command {
        Command::Scan(args) => scan::run(*args, printer),
        Command::Find(args) => find::run(*args, printer),
        Command::Redact(args) => redact::run(*args, printer),
        Command::Erase(args) => erase::run(*args, printer),
        Command::Sweep(args) => sweep::run(*args, printer),
        Command::Disclose(args) => disclose::run(*args, printer),
        Command::Correct(args) => again::correct(*args, printer),
        Command::Replay(args) => again::replay(*args, printer),
        Command::Case(args) => case::run(args, printer),
        Command::Audit(args) => case::audit(&args, printer),
        Command::Hold(args) => hold::run(*args, printer),
        Command::Index(args) => index::run(*args, printer),
        Command::Verify(args) => verify::run(&args, printer),
        Command::Recover(args) => recover::run(&args, printer),
        Command::Reveal(args) => reveal::run(&args, printer),
        Command::Key(args) => key::run(args, printer),
        Command::Doctor(args) => doctor::run(&args, printer),
        Command::Completions(args) => completions::run(&args, printer),
        Command::Patterns(args) => patterns::run(&args, printer),
        Command::Man(args) => man::run(&args, printer),
    }
}

/// Writes a text to standard output and says how that went.
fn print(printer: Printer, text: &[u8]) -> ExitStatus {
    match printer.text(text) {
        Ok(()) => ExitStatus::Done,
        Err(error) => sink_failed(printer, &error),
    }
}

/// Says why nothing more is done.
fn refused(printer: Printer, why: &dyn std::fmt::Display) -> ExitStatus {
    printer.error(why);
    ExitStatus::Refused
}

/// Says why output ended early, unless its reader ended it.
fn sink_failed(printer: Printer, error: &SinkError) -> ExitStatus {
    if !matches!(error, SinkError::ReaderLeft) {
        printer.error(error);
    }
    ExitStatus::of_sink_error(error)
}
