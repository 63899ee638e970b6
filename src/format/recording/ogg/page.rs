//! Pages of Ogg (RFC 3533, section 6): their headers, the pieces of packets in them, and their
//! checksums.

use std::ops::Range;

use crate::format::recording::crc::Crc;
use crate::format::recording::stream::{bytes_at, le32};

/// Bytes before the lengths of the pieces.
const HEAD: usize = 27;
/// The most bytes of a header, with the lengths.
pub(in super::super) const HEADER: usize = HEAD + 255;
/// Where the checksum stands in a page.
const SUM: Range<usize> = 22..26;

/// What the header of a page says.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// Which stream it belongs to.
    pub(super) serial: u32,
    /// Whether its first piece goes on with a packet of the page before.
    pub(super) continued: bool,
    /// Whether it is the first of its stream, or the last.
    pub(super) first: bool,
    pub(super) last: bool,
    /// Samples up to the last packet that ends in it; none where none does.
    pub(super) granule: Option<u64>,
    /// The pieces of packets, as ranges of the page, and whether the packet ends with each.
    pub(super) pieces: Vec<(Range<usize>, bool)>,
    /// Bytes of the whole page.
    pub(super) len: usize,
}

/// Whether a page starts here.
pub(super) fn starts(bytes: &[u8]) -> bool {
    bytes.starts_with(b"OggS\0")
}

impl Page {
    /// Reads the header that `bytes` starts with.
    pub(super) fn read(bytes: &[u8]) -> Option<Page> {
        if !starts(bytes) {
            return None;
        }
        let count = usize::from(*bytes.get(HEAD - 1)?);
        let lens = bytes.get(HEAD..HEAD + count)?;
        let flags = *bytes.get(5)?;
        let (mut pieces, mut at) = (Vec::new(), HEAD + count);
        let mut start = at;
        for len in lens {
            at += usize::from(*len);
            if *len < 255 {
                pieces.push((start..at, true));
                start = at;
            }
        }
        if start < at || lens.last() == Some(&255) {
            pieces.push((start..at, false));
        }
        let granule = u64::from_le_bytes(bytes_at(bytes, 6)?);
        Some(Page {
            serial: le32(bytes, 14),
            continued: flags & 1 != 0,
            first: flags & 2 != 0,
            last: flags & 4 != 0,
            granule: (granule != u64::MAX).then_some(granule),
            pieces,
            len: at,
        })
    }
}

static CRC: Crc = Crc::new(32, 0x04c1_1db7);

/// The checksum of a whole page, in which its own place counts as zeros.
fn sum(page: &[u8]) -> u32 {
    let bytes = page.iter().enumerate();
    CRC.of(bytes.map(|(at, byte)| if SUM.contains(&at) { 0 } else { *byte }))
}

/// Whether a page is what its checksum says.
pub(super) fn is_whole(page: &[u8]) -> bool {
    le32(page, SUM.start) == sum(page)
}

/// Where the checksum of `page` stands in it, and what it has to be.
pub(in super::super) fn sealed(page: &[u8]) -> (Range<usize>, [u8; 4]) {
    (SUM, sum(page).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_tell_where_packets_end_and_what_they_are() {
        let file = include_bytes!("../../../../fixtures/recordings/mono.ogg");
        let (mut at, mut ends) = (0, 0);
        while at < file.len() {
            let page = Page::read(&file[at..]).unwrap();
            assert!(is_whole(&file[at..at + page.len]));
            assert_eq!(page.first, at == 0);
            ends += page.pieces.iter().filter(|(_, ends)| *ends).count();
            at += page.len;
            assert_eq!(page.last, at == file.len());
        }
        // Three headers and the sound.
        assert!(ends > 10);
    }
}
