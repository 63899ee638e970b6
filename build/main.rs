//! Build script: compiles the knowledge in `patterns/` to tables that need no parsing at start.

use std::path::Path;
use std::process::ExitCode;

mod pack;
mod terms;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/detect/terms/token.rs");
    println!("cargo::rerun-if-changed=patterns/special");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    let compiled = terms::compile(Path::new("patterns/special"), &Path::new(&out).join("terms.rs"));
    match compiled {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("cargo::error={reason}");
            ExitCode::FAILURE
        }
    }
}
