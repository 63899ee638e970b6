//! Archives made by hand, so that no code under test makes what it is to read.

use std::io::Write;

/// One member of a zip archive and how it is written.
#[derive(Clone)]
pub(crate) struct Zipped {
    pub(crate) name: &'static str,
    pub(crate) content: Vec<u8>,
    pub(crate) method: u16,
    /// Bits of the general purpose flag; bit 3 moves sums and sizes behind the content.
    pub(crate) flags: u16,
    /// Whether sizes stand in the extra field of 64 bits.
    pub(crate) wide: bool,
    pub(crate) comment: &'static [u8],
}

impl Zipped {
    pub(crate) fn new(name: &'static str, content: &[u8]) -> Zipped {
        Zipped {
            name,
            content: content.to_vec(),
            method: 8,
            flags: 0,
            wide: false,
            comment: b"",
        }
    }

    pub(crate) fn stored(name: &'static str, content: &[u8]) -> Zipped {
        Zipped {
            method: 0,
            ..Zipped::new(name, content)
        }
    }

    fn folded(&self) -> Vec<u8> {
        match self.method {
            8 => {
                let level = flate2::Compression::default();
                let mut out = flate2::write::DeflateEncoder::new(Vec::new(), level);
                out.write_all(&self.content).unwrap();
                out.finish().unwrap()
            }
            12 => {
                let level = bzip2::Compression::best();
                let mut out = bzip2::write::BzEncoder::new(Vec::new(), level);
                out.write_all(&self.content).unwrap();
                out.finish().unwrap()
            }
            93 => zstd::encode_all(&*self.content, 3).unwrap(),
            95 => {
                let mut out = liblzma::write::XzEncoder::new(Vec::new(), 6);
                out.write_all(&self.content).unwrap();
                out.finish().unwrap()
            }
            _ => self.content.clone(),
        }
    }
}

/// The time of every member: 2024-03-01 12:30:00.
const TIME: [u8; 4] = [0xc0, 0x63, 0x61, 0x58];

/// An archive of `members` with a comment.
pub(crate) fn zip(members: &[Zipped], comment: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        let folded = member.folded();
        let mut crc = flate2::Crc::new();
        crc.update(&member.content);
        let (crc, size) = (crc.sum(), member.content.len() as u64);
        let stored = folded.len() as u64;
        let at = out.len() as u32;
        let described = member.flags & 8 != 0;
        let mut fields = Vec::new();
        fields.extend(member.flags.to_le_bytes());
        fields.extend(member.method.to_le_bytes());
        fields.extend(TIME);
        let mut sums = Vec::new();
        sums.extend(crc.to_le_bytes());
        for size in [stored, size] {
            let size = if member.wide { u32::MAX } else { size as u32 };
            sums.extend(size.to_le_bytes());
        }
        // A stamp of the time, as unzip writes it, stays as it is.
        let mut extra = vec![0x55, 0x54, 5, 0, 1, 0x78, 0x56, 0x34, 0x12];
        let mut wide = Vec::new();
        if member.wide {
            wide.extend([1, 0, 16, 0]);
            wide.extend(size.to_le_bytes());
            wide.extend(stored.to_le_bytes());
        }
        extra.extend(&wide);
        out.extend(b"PK\x03\x04\x2d\0");
        out.extend(&fields);
        if described {
            out.extend([0; 12]);
        } else {
            out.extend(&sums);
        }
        out.extend((member.name.len() as u16).to_le_bytes());
        out.extend((extra.len() as u16).to_le_bytes());
        out.extend(member.name.as_bytes());
        out.extend(&extra);
        out.extend(&folded);
        if described {
            out.extend(b"PK\x07\x08");
            out.extend(crc.to_le_bytes());
            for size in [stored, size] {
                if member.wide {
                    out.extend(size.to_le_bytes());
                } else {
                    out.extend((size as u32).to_le_bytes());
                }
            }
        }
        directory.extend(b"PK\x01\x02\x2d\x03\x2d\0");
        directory.extend(&fields);
        directory.extend(&sums);
        directory.extend((member.name.len() as u16).to_le_bytes());
        directory.extend((extra.len() as u16).to_le_bytes());
        directory.extend((member.comment.len() as u16).to_le_bytes());
        directory.extend([0; 4]);
        // -rw-r-----
        directory.extend((0o100_640_u32 << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(member.name.as_bytes());
        directory.extend(&extra);
        directory.extend(member.comment);
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend((members.len() as u16).to_le_bytes());
    }
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment);
    out
}

/// A block of a tape archive that begins a member.
pub(crate) fn header(name: &str, kind: u8, size: usize) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000640\0");
    block[108..116].copy_from_slice(b"0001750\0");
    block[116..124].copy_from_slice(b"0001750\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"14570341470\0");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[265..270].copy_from_slice(b"efuid");
    sealed(block)
}

/// The block with its sum.
pub(crate) fn sealed(mut block: Vec<u8>) -> Vec<u8> {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// A member: its header, its content, and what fills the last block.
pub(crate) fn tarred(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut out = header(name, kind, content.len());
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// An archive of `members`.
pub(crate) fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    let mut out = members.concat();
    out.resize((out.len() + 1024).next_multiple_of(10240), 0);
    out
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::default();
    let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(3));
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    let mut out = liblzma::write::XzEncoder::new(Vec::new(), 6);
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 3).unwrap()
}
