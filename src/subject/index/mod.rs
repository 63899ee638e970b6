//! The index: where the values of everybody are, without any value.
//!
//! Owns the folder of an index: its keys, its segments of tags and places, its catalogue of sources,
//! how they are brought up to date and asked. A segment is written once and never changed; one small
//! file, the manifest, names all that counts and is replaced in one step. It knows the engine as the
//! one who reads sources, and must not know formats or how answers are shown.

mod ask;
mod bits;
mod catalogue;
mod check;
mod collect;
mod draft;
mod facts;
mod forget;
mod growing;
mod keys;
mod known;
mod manifest;
#[doc(hidden)]
pub mod measure;
mod posting;
mod roots;
mod runs;
mod segment;
mod spills;
mod store;
mod tags;
mod update;
mod varint;

pub use ask::{Answer, Index};
pub use check::{Condition, Coverage, Damage};
pub use forget::{Forgotten, drop_changed, forget_source, forget_subjects};
pub use keys::Keys;
pub use manifest::Chosen;
pub use update::{Done, To, build, update};

use crate::finding::Confidence;
use crate::redact::failure::Failure;
use crate::scan::ScanError;

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There is none.
    #[error("there is no index\n\nhint: build one with 'efface index build PATH...'")]
    Missing,
    /// It was built with another key.
    #[error(
        "the index was built with another key\n\nhint: give its key with --key-file or --state, or \
         build it again in another folder"
    )]
    Key,
    /// With the key there is it can only be added to.
    #[error(
        "the index cannot be read with a key that only builds\n\nhint: use the state that the key \
         was made from"
    )]
    BuildOnly,
    /// It is of another version of the program.
    #[error(
        "the index is of another version of its format\n\nhint: build it again with 'efface index \
         build PATH...'"
    )]
    Version,
    /// What is found is found otherwise by now.
    #[error(
        "the index was built by an efface that finds and reads values otherwise\n\nhint: build it \
         again with 'efface index build PATH...'"
    )]
    Knowledge,
    /// Standard input was to be indexed.
    #[error("standard input cannot be indexed\n\nhint: name files or folders")]
    Stream,
    /// A root lies within another, or around it.
    #[error(
        "a path overlaps with one that the index holds\n\nhint: 'efface index status' names them; \
         give one of them, or build the index again"
    )]
    Overlap,
    /// Nothing of it is in the index.
    #[error("the index holds nothing of that\n\nhint: 'efface index status' names what it holds")]
    NotHeld,
    /// Sources would be read otherwise than they were.
    #[error(
        "the index was built with another --region or --as\n\nhint: 'efface index status' names \
         them; --no-index reads the sources themselves"
    )]
    Read,
    /// Less sure findings are asked for than it holds.
    #[error(
        "the index holds nothing of a confidence below 0.2\n\nhint: --no-index reads the sources \
         themselves"
    )]
    Confidence,
    /// It was told to forget who is asked for.
    #[error(
        "the index was told to forget one of the identifiers\n\nhint: --no-index reads the sources \
         themselves"
    )]
    Forgotten,
    /// Bytes of it are not what was written.
    #[error(
        "the index is damaged\n\nhint: build it again with 'efface index build PATH...'; 'efface \
         index verify' tells what is damaged"
    )]
    Damaged,
    /// Another run is writing to it.
    #[error("another run is writing to the index\n\nhint: wait for the other run to end")]
    Locked,
    /// More than an index can hold.
    #[error("the index is full\n\nhint: build one for each of several folders with --index")]
    Full,
    /// Reading or writing failed.
    #[error("{}", sentence(.0))]
    Failed(Failure),
    /// The scan could not start.
    #[error(transparent)]
    Scan(ScanError),
    /// Its catalogue could not be read or written.
    #[error(
        "cannot use the catalogue of the index: {0}\n\nhint: check the free space; build it again \
         with 'efface index build PATH...' if it is damaged"
    )]
    Catalogue(rusqlite::Error),
}

/// The least confidence of what an index holds: that of `find`.
pub const LEAST_CONFIDENCE: Confidence = Confidence(20);

impl From<Failure> for IndexError {
    fn from(failure: Failure) -> Self {
        IndexError::Failed(failure)
    }
}

impl From<rusqlite::Error> for IndexError {
    fn from(error: rusqlite::Error) -> Self {
        IndexError::Catalogue(error)
    }
}

/// A failure as a sentence and a hint.
fn sentence(failure: &Failure) -> String {
    failure.to_string().replacen("; ", "\n\nhint: ", 1)
}
