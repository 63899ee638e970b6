//! The two checksums of FLAC (RFC 9639, sections 9.1.8 and 9.3), byte by byte by tables.

const fn table8() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut sum = at as u8;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x80 == 0 {
                sum << 1
            } else {
                sum << 1 ^ 0x07
            };
            bit += 1;
        }
        table[at] = sum;
        at += 1;
    }
    table
}

const fn table16() -> [u16; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut sum = (at as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x8000 == 0 {
                sum << 1
            } else {
                sum << 1 ^ 0x8005
            };
            bit += 1;
        }
        table[at] = sum;
        at += 1;
    }
    table
}

static TABLE8: [u8; 256] = table8();
static TABLE16: [u16; 256] = table16();

/// The checksum of a frame's header; over a header with it, 0.
pub(super) fn sum8(bytes: &[u8]) -> u8 {
    let add = |sum: u8, byte: &u8| TABLE8[usize::from(sum ^ byte)];
    bytes.iter().fold(0, add)
}

/// The checksum of a frame with one byte more; over a frame with it, 0.
#[inline]
pub(super) fn add16(sum: u16, byte: u8) -> u16 {
    sum << 8 ^ TABLE16[usize::from((sum >> 8) as u8 ^ byte)]
}

/// The checksum of a frame.
pub(super) fn sum16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| add16(sum, *byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_give_what_their_catalogue_says() {
        // The check values of CRC-8/SMBUS and CRC-16/UMTS.
        assert_eq!(sum8(b"123456789"), 0xf4);
        assert_eq!(sum16(b"123456789"), 0xfee8);
    }
}
