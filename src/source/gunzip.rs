//! gzip (RFC 1952), read through all its members, and what each says of itself in its header.
//!
//! Owns where a member ends and the next begins. Knows nothing of what is in them.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::GzHeader;
use flate2::bufread::GzDecoder;

use crate::format::names::{Says, Words};
use crate::format::{Reason, Width};

/// Words of one source that are kept, in bytes: headers say some tens.
const MOST: usize = 1 << 20;
/// What each costs besides.
const OVERHEAD: usize = 64;
/// Words that a header has at most: as many of the last are compared.
const SAME: usize = 3;

/// What the members that were read so far say of themselves.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    words: Vec<Words>,
    bytes: usize,
    /// Whether there were more.
    more: bool,
}

impl Told {
    /// Takes what was told since the last time, and why it is not all.
    pub(crate) fn take(&self) -> (Vec<Words>, Option<Reason>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let more = kept.more.then_some(Reason::Limit);
        (std::mem::take(&mut kept.words), more)
    }

    /// Says that something stands there which is not read.
    pub(super) fn passed_over(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.more = true;
    }

    /// Takes what was said.
    pub(super) fn note(&self, said: impl IntoIterator<Item = Words>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for words in said.into_iter().filter(|words| !words.text.is_empty()) {
            // Members that a log was appended by are called alike.
            if kept
                .words
                .iter()
                .rev()
                .take(SAME)
                .any(|last| *last == words)
            {
                continue;
            }
            kept.bytes += words.text.len() + OVERHEAD;
            if kept.bytes > MOST {
                kept.more = true;
                return;
            }
            kept.words.push(words);
        }
    }
}

/// What a header says in words.
pub(crate) fn words(header: &GzHeader) -> Vec<Words> {
    let fields = [
        (Says::Name, header.filename()),
        (Says::Comment, header.comment()),
        (Says::Extra, header.extra()),
    ];
    let told = fields.into_iter().filter_map(|(says, text)| {
        let text = text.filter(|text| !text.is_empty())?;
        Some(Words {
            says,
            at: 0,
            text: text.to_vec(),
            // An extra field says how long each of its parts is.
            width: match says {
                Says::Extra => Width::Same,
                _ => Width::Free,
            },
        })
    });
    told.collect()
}

/// Reads all members one after the other.
pub(super) struct Gunzip<R: Read> {
    /// The present member; `None` behind the last one.
    member: Option<GzDecoder<BufReader<R>>>,
    /// Whether its header was noted.
    noted: bool,
    told: Told,
}

impl<R: Read> Gunzip<R> {
    pub(super) fn new(stored: R, told: Told) -> Self {
        Gunzip {
            member: Some(GzDecoder::new(BufReader::new(stored))),
            noted: false,
            told,
        }
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = self.member.as_mut().filter(|_| !buffer.is_empty()) {
            let read = member.read(buffer)?;
            if !self.noted
                && let Some(header) = member.header()
            {
                self.told.note(words(header));
                self.noted = true;
            }
            if read > 0 {
                return Ok(read);
            }
            let ended = self.member.take();
            if let Some(mut stored) = ended.map(GzDecoder::into_inner)
                && !stored.fill_buf()?.is_empty()
            {
                self.member = Some(GzDecoder::new(stored));
                self.noted = false;
            }
        }
        Ok(0)
    }
}
