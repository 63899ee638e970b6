//! `efface key`: makes a key file, or gives the state a new key.

use super::args::{KeyArgs, KeyCommand};
use super::exit::ExitStatus;
use super::{print, refused, state};
use crate::redact::io::Io;
use crate::redact::state::{new_key_file, rotate};
use crate::report::Printer;

/// Carries out what was asked.
pub(super) fn run(args: KeyArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let id = match args.command {
        KeyCommand::New { file } => {
            new_key_file(&io, &file).map_err(|failure| state::told(&failure, &file))
        }
        KeyCommand::Rotate => state::open(&io, &args.state).and_then(|opened| {
            let folder = opened.path().to_path_buf();
            rotate(&io, opened)
                .map(|rotated| rotated.key().id())
                .map_err(|failure| state::told(&failure, &folder))
        }),
    };
    match id {
        Ok(id) => print(printer, format!("{id}\n").as_bytes()),
        Err(misuse) => refused(printer, &misuse),
    }
}
