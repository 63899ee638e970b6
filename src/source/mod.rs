//! Where bytes come from: files and standard input, decompressed, in windows cut at records.
//!
//! Owns opening, compression, character encoding and the cutting of windows. Knows what a format
//! offers for cutting and nothing of records, fields or entities. Nothing here writes.

mod charset;
mod compression;
mod gunzip;
mod open;
mod unzstd;
mod window;

pub use charset::Charset;
pub use compression::Compression;
pub(crate) use compression::{Limits, xz_decoder, xz_error};
pub(crate) use gunzip::{Told, words};
pub(crate) use open::open_stream_in;
pub(crate) use open::reason_of;
pub use open::{Input, OpenError, open_file, open_stream, open_to_read, standard_input};
pub(crate) use unzstd::{LONGEST_SKIPPABLE, SKIPPABLE_HEAD, aside, is_skippable};
pub(crate) use window::holds_binary;
pub use window::{Window, WindowAt, Windows};
