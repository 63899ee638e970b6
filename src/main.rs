//! The `efface` program: parses, calls one library function, exits with its status.

use std::process::ExitCode;

fn main() -> ExitCode {
    efface::report::hush_panics();
    let status = match efface::cli::parse(std::env::args_os()) {
        Ok(cli) => efface::cli::run(cli),
        Err(status) => status,
    };
    status.into()
}
