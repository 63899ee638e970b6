//! Compiles the knowledge in `patterns/` to tables that need no parsing at start.
//!
//! One module per kind of knowledge; each reads its own folder and writes one file into `OUT_DIR`.
#![allow(clippy::disallowed_methods, reason = "a build script writes generated code")]

mod cards;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(out) = std::env::var_os("OUT_DIR") else {
        println!("cargo::error=OUT_DIR is not set; run this through cargo");
        return ExitCode::FAILURE;
    };
    println!("cargo::rerun-if-changed=build");
    match cards::compile(Path::new(&out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("cargo::error={reason}");
            ExitCode::FAILURE
        }
    }
}
