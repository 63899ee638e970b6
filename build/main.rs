//! Turns the knowledge in `patterns/` into tables that need no parsing when `efface` starts.

use std::path::PathBuf;
use std::process::ExitCode;

mod phone_plan;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).ok_or(format!("{name} is unset"));
    let (root, out) = (folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?);
    println!("cargo::rerun-if-changed=patterns/phone");
    phone_plan::generate(&root.join("patterns/phone"), &out)
}
