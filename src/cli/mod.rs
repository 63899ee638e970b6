//! The command line: what was typed becomes a plan, and what came of it an exit code.
//!
//! Owns flags, help, messages of misuse and exit codes. It decides nothing about data: each
//! subcommand checks its arguments, calls one library function and maps the result.

mod args;
mod completions;
mod exit;
mod man;
mod misuse;
mod patterns;
mod progress;
mod scan;

pub use args::{Cli, Command, parse};
pub use exit::ExitStatus;
pub use misuse::Misuse;

use crate::report::Printer;
use crate::scan::SinkError;

/// Carries out a command.
pub fn run(cli: Cli) -> ExitStatus {
    let printer = Printer::new(cli.color());
    match cli.command {
        Command::Scan(args) => scan::run(*args, printer),
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

/// Says why output ended early, unless its reader ended it.
fn sink_failed(printer: Printer, error: &SinkError) -> ExitStatus {
    if !matches!(error, SinkError::ReaderLeft) {
        printer.error(error);
    }
    ExitStatus::of_sink_error(error)
}
