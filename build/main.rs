//! Turns the knowledge in `patterns/` into tables that need no parsing when `efface` starts.
//!
//! One module per kind of knowledge; each reads its own folder and writes into `OUT_DIR`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script writes generated code and speaks to cargo"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod cards;
mod context;
mod digest;
mod identifiers;
mod labels;
mod law;
mod layouts;
mod pack;
mod parties;
mod phone_plan;
mod prompts;
mod spoken;
mod terms;
mod times;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=patterns");
    println!("cargo::rerun-if-changed=src/detect/terms/token.rs");
    println!("cargo::rerun-if-changed=src/detect/spoken/hash.rs");
    println!("cargo::rerun-if-changed=src/detect/spoken/role.rs");
    // The tables hold thousands of addresses. Linked to a fixed place they are right in the file;
    // else every start would compute each of them, which is most of what a start costs.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let folder = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .ok_or(format!("{name} is unset"))
    };
    let (root, out): (PathBuf, PathBuf) = (folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?);
    let patterns: &Path = &root.join("patterns");
    digest::generate(patterns)?;
    phone_plan::generate(&patterns.join("phone"), &out)?;
    cards::generate(&patterns.join("cards"), &out)?;
    context::generate(&patterns.join("context"), &out)?;
    let wakers = spoken::generate(&patterns.join("spoken"), &out)?;
    let identifiers = identifiers::Identifiers::read(&patterns.join("identifiers"))?;
    let terms = terms::compile(
        &patterns.join("special"),
        &patterns.join("common_words.txt"),
        (&wakers, &identifiers.wakers),
        &out.join("terms.rs"),
    )?;
    identifiers.write(&terms, &out)?;
    layouts::generate(&patterns.join("layouts"), &out)?;
    law::generate(&patterns.join("law.toml"), &out)?;
    parties::generate(&patterns.join("parties.toml"), &out)?;
    prompts::generate(&patterns.join("prompts.toml"), &out)?;
    times::generate(&patterns.join("times.toml"), &out)?;
    labels::generate(&patterns.join("labels.toml"), &out)
}
