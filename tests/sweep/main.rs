//! Retention sweeps from outside: what goes, what stays, and that it can be proved.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test makes its own files, and one that cannot go on fails"
)]

mod apply;
mod calls;
mod cascade;
mod live;
mod model;
mod policy;
mod world;
