//! The checksums of containers: polynomials of any width up to 32 bits, highest bit first, byte by
//! byte by tables.
//!
//! Knows no container.

/// A checksum: what each byte adds to it.
pub(super) struct Crc {
    width: u32,
    table: [u32; 256],
}

impl Crc {
    /// The checksum of `width` bits, from 8 to 32, by `polynomial` without its highest bit.
    pub(super) const fn new(width: u32, polynomial: u32) -> Crc {
        let polynomial = polynomial << (32 - width);
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut sum = (at as u32) << 24;
            let mut bit = 0;
            while bit < 8 {
                sum = if sum >> 31 == 0 {
                    sum << 1
                } else {
                    sum << 1 ^ polynomial
                };
                bit += 1;
            }
            table[at] = sum >> (32 - width);
            at += 1;
        }
        Crc { width, table }
    }

    /// `sum` with one byte more.
    #[inline]
    pub(super) fn add(&self, sum: u32, byte: u8) -> u32 {
        let all = u32::MAX >> (32 - self.width);
        let first = (sum >> (self.width - 8)) as u8 ^ byte;
        (sum << 8 & all) ^ self.table[usize::from(first)]
    }

    /// The checksum of `bytes`, from 0 on.
    pub(super) fn of(&self, bytes: impl IntoIterator<Item = u8>) -> u32 {
        bytes.into_iter().fold(0, |sum, byte| self.add(sum, byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_give_what_their_catalogue_says() {
        // The check values of CRC-8/SMBUS and CRC-16/UMTS; that of CRC-32/CKSUM without its last step.
        for (width, polynomial, check) in [
            (8, 0x07, 0xf4),
            (16, 0x8005, 0xfee8),
            (32, 0x04c1_1db7, 0x89a1_897f),
        ] {
            let crc = Crc::new(width, polynomial);
            assert_eq!(crc.of(*b"123456789"), check, "{width}");
        }
    }
}
