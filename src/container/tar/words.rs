//! What the headers of a member say in words: names, links and owners, in fields of the header, in
//! long names of GNU tar and in extended attributes of pax.
//!
//! Owns where such words stand in the blocks of a member. New ones are as long as the old, so that
//! no length that is written beside them changes.

use std::io;
use std::ops::Range;

use super::LONGEST_EXTRA;
use super::header::{self, BLOCK, Header};
use crate::container::{Says, Words, unfit};
use crate::format::Width;

/// Where words stand in a header (POSIX.1-2017, "ustar Interchange Format").
const NAME: Range<usize> = 0..100;
const LINK: Range<usize> = 157..257;
const MAGIC: Range<usize> = 257..263;
const USER: Range<usize> = 265..297;
const GROUP: Range<usize> = 297..329;
const PREFIX: Range<usize> = 345..500;

/// Words in the blocks of a member, and where.
struct Place {
    says: Says,
    range: Range<usize>,
}

/// What the blocks `raw` of a member that is called `name` say in words, its name first.
pub(super) fn words(raw: &[u8], name: &str) -> Vec<Words> {
    let own = told(Says::Name, name.as_bytes());
    let mut all = Vec::new();
    for place in places(raw) {
        let text = raw.get(place.range).unwrap_or_default();
        let words = told(place.says, text);
        if !text.is_empty() && words != own {
            all.push(words);
        }
    }
    all.insert(0, own);
    all
}

pub(super) fn told(says: Says, text: &[u8]) -> Words {
    Words {
        says,
        at: 0,
        text: text.to_vec(),
        width: Width::Same,
    }
}

/// The blocks `raw` with what `make` puts in the place of words, with a right sum in each header.
///
/// # Errors
/// Those of `make`, and `Unsupported` where new words have another length.
pub(super) fn reworded(
    raw: &[u8],
    mut make: impl FnMut(&Words) -> io::Result<Option<Vec<u8>>>,
) -> io::Result<Vec<u8>> {
    let mut new = raw.to_vec();
    for place in places(raw) {
        let text = raw.get(place.range.clone()).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        if let Some(words) = make(&told(place.says, text))? {
            let field = new.get_mut(place.range).filter(|f| f.len() == words.len());
            field.ok_or_else(unfit)?.copy_from_slice(&words);
        }
    }
    for at in headers(raw) {
        let same = raw.get(at..at + BLOCK) == new.get(at..at + BLOCK);
        let block = new.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<BLOCK>);
        if !same && let Some(block) = block {
            header::set_sum(block);
        }
    }
    Ok(new)
}

/// Where the headers of a member start, its own last.
fn headers(raw: &[u8]) -> Vec<usize> {
    let (mut at, mut all) = (0, Vec::new());
    while let Some(block) = raw.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        let Some(header) = Header::of(block) else {
            break;
        };
        all.push(at);
        if !header.is_extra() {
            break;
        }
        let len = header.size.min(LONGEST_EXTRA) as usize;
        at += BLOCK + len.next_multiple_of(BLOCK);
    }
    all
}

fn places(raw: &[u8]) -> Vec<Place> {
    let mut places = Vec::new();
    for at in headers(raw) {
        let Some(block) = raw.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) else {
            break;
        };
        in_header(block, at, &mut places);
        let Some(header) = Header::of(block).filter(Header::is_extra) else {
            continue;
        };
        let start = at + BLOCK;
        let end = start + header.size.min(LONGEST_EXTRA) as usize;
        let content = raw.get(start..end).unwrap_or_default();
        match header.kind {
            b'L' | b'K' => {
                let len = memchr::memchr(0, content).unwrap_or(content.len());
                let says = if header.kind == b'L' {
                    Says::Name
                } else {
                    Says::Link
                };
                places.push(Place {
                    says,
                    range: start..start + len,
                });
            }
            _ => {
                for (_, key, value) in header::records(content).map_while(|record| record) {
                    let says = match key {
                        b"path" => Says::Name,
                        b"linkpath" => Says::Link,
                        b"uname" | b"gname" => Says::Owner,
                        b"size" | b"mtime" | b"atime" | b"ctime" | b"uid" | b"gid" => continue,
                        _ => Says::Extra,
                    };
                    places.push(Place {
                        says,
                        range: value.start + start..value.end + start,
                    });
                }
            }
        }
    }
    places
}

fn in_header(block: &[u8; BLOCK], at: usize, places: &mut Vec<Place>) {
    let magic = block.get(MAGIC).unwrap_or_default();
    let mut fields = vec![(Says::Name, NAME), (Says::Link, LINK)];
    if magic.starts_with(b"ustar") {
        fields.extend([(Says::Owner, USER), (Says::Owner, GROUP)]);
    }
    if magic == b"ustar\0" {
        fields.push((Says::Name, PREFIX));
    }
    for (says, field) in fields {
        let text = block.get(field.clone()).unwrap_or_default();
        let len = memchr::memchr(0, text).unwrap_or(text.len());
        places.push(Place {
            says,
            range: at + field.start..at + field.start + len,
        });
    }
}
