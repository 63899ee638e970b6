//! The `efface` program: parses, calls one library function, exits with its status.

use std::process::ExitCode;

fn main() -> ExitCode {
    efface::report::hush_panics();
    let args: Vec<_> = std::env::args_os().collect();
    if let Some(status) = efface::cli::run_at_once(&args) {
        return status.into();
    }
    let status = match efface::cli::parse(args) {
        Ok(cli) => efface::cli::run(cli),
        Err(status) => status,
    };
    status.into()
}
