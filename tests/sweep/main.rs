//! Retention sweeps from outside: what goes, what stays, and that it can be proved.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test makes its own files, and one that cannot go on fails"
)]

mod apply;
mod archives;
mod calls;
mod cascade;
mod kept;
mod kinds;
mod lines;
mod live;
mod made;
#[path = "../containers/make.rs"]
#[allow(dead_code, reason = "other tests make more of them")]
mod make;
mod model;
mod nested;
mod policy;
mod world;
