//! `efface man`: the manual, from the same source as the help.

use super::args::{ManArgs, command};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use crate::report::{Printer, Shown};

/// Writes the page of the program or of one command, as roff, to standard output.
pub(super) fn run(args: &ManArgs, printer: Printer) -> ExitStatus {
    let mut root = command();
    root.build();
    let page = match &args.command {
        None => Some(&root),
        Some(name) => root.find_subcommand(name),
    };
    let Some(page) = page.cloned() else {
        let name = args.command.as_deref().unwrap_or_default();
        printer.error(&Misuse::new(
            format!("there is no command '{}'", Shown::text(name)),
            "'efface --help' lists the commands",
        ));
        return ExitStatus::Refused;
    };
    let mut roff = Vec::new();
    match clap_mangen::Man::new(page).render(&mut roff) {
        Ok(()) => super::print(printer, &roff),
        Err(cause) => {
            printer.error(&Misuse::new(
                format!("cannot render the manual: {cause}"),
                "'efface --help' says the same",
            ));
            ExitStatus::Refused
        }
    }
}
