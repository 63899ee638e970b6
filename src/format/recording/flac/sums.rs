//! The two checksums of FLAC (RFC 9639, sections 9.1.8 and 9.3).

use crate::format::recording::crc::Crc;

static HEADER: Crc = Crc::new(8, 0x07);
static FRAME: Crc = Crc::new(16, 0x8005);

/// The checksum of a frame's header; over a header with it, 0.
pub(super) fn sum8(bytes: &[u8]) -> u8 {
    HEADER.of(bytes.iter().copied()) as u8
}

/// The checksum of a frame with one byte more; over a frame with it, 0.
#[inline]
pub(super) fn add16(sum: u16, byte: u8) -> u16 {
    FRAME.add(sum.into(), byte) as u16
}

/// The checksum of a frame.
pub(super) fn sum16(bytes: &[u8]) -> u16 {
    FRAME.of(bytes.iter().copied()) as u16
}
