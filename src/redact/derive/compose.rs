//! Two rounds of edits as one.
//!
//! Owns the arithmetic alone; a text is a row of pieces that are kept or new.

use std::ops::Range;

use crate::edit::{Bytes, Splice};

/// A piece of an edited text.
enum Piece {
    /// These bytes of the original.
    Kept(Range<u64>),
    /// These new bytes.
    New(Bytes),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Piece::Kept(range) => range.end - range.start,
            Piece::New(bytes) => bytes.len() as u64,
        }
    }

    /// Its first `len` bytes, and the rest.
    fn split(self, len: u64) -> (Piece, Piece) {
        match self {
            Piece::Kept(range) => {
                let middle = range.start + len;
                (
                    Piece::Kept(range.start..middle),
                    Piece::Kept(middle..range.end),
                )
            }
            Piece::New(mut bytes) => {
                let rest: Bytes = bytes.drain((len as usize).min(bytes.len())..).collect();
                (Piece::New(bytes), Piece::New(rest))
            }
        }
    }
}

/// The splices of a text of `len` bytes that do at once what `first` does to it and then `second`
/// to the result. All are sorted and disjoint; those that touch come out as one.
pub(super) fn compose(len: u64, first: Vec<Splice>, second: Vec<Splice>) -> Vec<Splice> {
    let mut pieces = Vec::with_capacity(first.len() * 2 + 1);
    let mut done = 0;
    for splice in first {
        pieces.push(Piece::Kept(done..splice.range.start));
        pieces.push(Piece::New(splice.bytes));
        done = splice.range.end;
    }
    pieces.push(Piece::Kept(done..len));
    collapse(len, edited(pieces, second))
}

/// The pieces that `splices` leave, with what they put in.
fn edited(pieces: Vec<Piece>, splices: Vec<Splice>) -> Vec<Piece> {
    let mut out = Vec::with_capacity(pieces.len() + splices.len());
    let mut pieces = pieces.into_iter();
    let mut rest: Option<Piece> = None;
    let mut at = 0;
    for splice in splices {
        for (until, keep) in [(splice.range.start, true), (splice.range.end, false)] {
            while at < until {
                let Some(piece) = rest.take().or_else(|| pieces.next()) else {
                    break;
                };
                let wanted = until - at;
                let piece = if piece.len() > wanted {
                    let (head, tail) = piece.split(wanted);
                    rest = Some(tail);
                    head
                } else {
                    piece
                };
                at += piece.len();
                if keep {
                    out.push(piece);
                }
            }
        }
        out.push(Piece::New(splice.bytes));
    }
    out.extend(rest);
    out.extend(pieces);
    out
}

/// Pieces as splices of the original: what is not kept is replaced by what stands there.
fn collapse(len: u64, pieces: Vec<Piece>) -> Vec<Splice> {
    let mut out = Vec::new();
    let (mut done, mut new) = (0, Bytes::new());
    let end = Piece::Kept(len..len);
    for piece in pieces.into_iter().chain([end]) {
        match piece {
            Piece::New(bytes) => new.extend(bytes),
            Piece::Kept(range) if range.is_empty() && range.start < len => {}
            Piece::Kept(range) => {
                if range.start > done || !new.is_empty() {
                    out.push(Splice {
                        range: done..range.start,
                        bytes: std::mem::take(&mut new),
                    });
                }
                done = range.end;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;
    use proptest::prelude::*;

    fn splices(gaps: Vec<(usize, usize, Vec<u8>)>, len: usize) -> Vec<Splice> {
        let mut at = 0;
        let mut out = Vec::new();
        for (gap, cut, bytes) in gaps {
            let start = at + gap;
            if start + cut > len {
                break;
            }
            // Two that touch could be told apart by their order alone.
            at = start + cut + 1;
            out.push(Splice {
                range: start as u64..(start + cut) as u64,
                bytes: bytes.into(),
            });
        }
        out
    }

    proptest! {
        #[test]
        fn one_round_does_what_two_did(
            text in proptest::collection::vec(any::<u8>(), 0..60),
            first in proptest::collection::vec(
                (0_usize..12, 0_usize..6, proptest::collection::vec(any::<u8>(), 0..6)), 0..6),
            second in proptest::collection::vec(
                (0_usize..12, 0_usize..6, proptest::collection::vec(any::<u8>(), 0..6)), 0..6),
        ) {
            let first = splices(first, text.len());
            let once = apply(&text, &first).unwrap();
            let second = splices(second, once.len());
            let twice = apply(&once, &second).unwrap();
            let both = compose(text.len() as u64, first, second);
            prop_assert!(apply(&text, &both).unwrap() == twice);
        }
    }
}
