//! SQLite databases by the program itself: scanned without a byte of them changing, redacted and
//! erased with no trace left in any byte of any of their files, and read afterwards by SQLite
//! itself and by Python's, which share no code with the way they were written.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

mod bench;
mod hostile;
mod kept;
mod refused;
mod remnants;
mod stores;
mod traces;
