//! `efface completions`: a shell's completion script.

use super::args::{CompletionsArgs, command};
use super::exit::ExitStatus;
use crate::report::Printer;

/// Writes the script for one shell to standard output.
pub(super) fn run(args: &CompletionsArgs, printer: Printer) -> ExitStatus {
    let mut script = Vec::new();
    clap_complete::generate(args.shell(), &mut command(), "efface", &mut script);
    super::print(printer, &script)
}
