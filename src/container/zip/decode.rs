//! The content of a zip member: unfolded by its method, within limits, and checked to its end.
//!
//! Owns the methods (APPNOTE 4.4.5) both ways. Knows nothing of headers but what they say of one
//! content.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::Range;

use super::directory::Entry;
use crate::container::slab::{Slab, SlabReader};
use crate::format::Reason;
use crate::source::{Limits, xz_decoder, xz_error};

const STORED: u16 = 0;
const DEFLATE: u16 = 8;
const BZIP2: u16 = 12;
const ZSTD: u16 = 93;
const XZ: u16 = 95;
/// Bytes read of what is stored at a time.
const BUFFER: usize = 32 << 10;

type Input = BufReader<SlabReader>;

/// What unfolds one content.
enum Unfolding {
    Stored(Input),
    Deflate(flate2::bufread::DeflateDecoder<Input>),
    Bzip2(bzip2::bufread::BzDecoder<Input>),
    Zstd(zstd::Decoder<'static, Input>),
    Xz(liblzma::bufread::XzDecoder<Input>),
}

impl Unfolding {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Unfolding::Stored(input) => input.read(buffer),
            Unfolding::Deflate(input) => input.read(buffer),
            Unfolding::Bzip2(input) => input.read(buffer),
            Unfolding::Zstd(input) => input.read(buffer),
            Unfolding::Xz(input) => input.read(buffer).map_err(xz_error),
        }
    }

    fn input(&mut self) -> &mut Input {
        match self {
            Unfolding::Stored(input) => input,
            Unfolding::Deflate(input) => input.get_mut(),
            Unfolding::Bzip2(input) => input.get_mut(),
            Unfolding::Zstd(input) => input.get_mut(),
            Unfolding::Xz(input) => input.get_mut(),
        }
    }
}

/// The content of `entry`, stored at `data` of the archive.
///
/// # Errors
/// Why it cannot be read at all: it is encrypted, or nobody knows the method.
pub(super) fn unfold(slab: &Slab, entry: &Entry, data: Range<u64>) -> Result<Checked, Reason> {
    if let Some(reason) = entry.refusal() {
        return Err(reason);
    }
    let input = BufReader::with_capacity(BUFFER, slab.part(data).reader());
    let failed = |_| Reason::Limit;
    let unfolding = match entry.method {
        STORED => Unfolding::Stored(input),
        DEFLATE => Unfolding::Deflate(flate2::bufread::DeflateDecoder::new(input)),
        BZIP2 => Unfolding::Bzip2(bzip2::bufread::BzDecoder::new(input)),
        ZSTD => Unfolding::Zstd(
            zstd::Decoder::with_buffer(input)
                .map_err(failed)?
                .single_frame(),
        ),
        XZ => Unfolding::Xz(liblzma::bufread::XzDecoder::new_stream(
            input,
            xz_decoder(true).map_err(failed)?,
        )),
        9 => return Err(Reason::Unsupported("zip-deflate64")),
        14 => return Err(Reason::Unsupported("zip-lzma")),
        _ => return Err(Reason::Unsupported("zip-method")),
    };
    Ok(Checked {
        unfolding,
        crc: flate2::Crc::new(),
        given: 0,
        said: (entry.crc, entry.size),
        allowed: Limits::DEFAULT.allowed(entry.stored),
        done: false,
    })
}

/// A content that ends with an error where it is not what its header says, or more than it may be.
pub(super) struct Checked {
    unfolding: Unfolding,
    crc: flate2::Crc,
    given: u64,
    said: (u32, u64),
    allowed: u64,
    done: bool,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.done || buffer.is_empty() {
            return Ok(0);
        }
        if self.given >= self.allowed {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let len = self.unfolding.read(buffer)?;
        let piece = buffer.get(..len).unwrap_or_default();
        self.crc.update(piece);
        self.given += len as u64;
        if len > 0 {
            return Ok(len);
        }
        self.done = true;
        // What stands behind the end of what is folded would be read by nobody.
        let rest = !self.unfolding.input().fill_buf()?.is_empty();
        if rest || (self.crc.sum(), self.given) != self.said {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(0)
    }
}

/// Folds a content anew by the method it had.
pub(super) enum Folding<W: Write> {
    Stored(W),
    Deflate(flate2::write::DeflateEncoder<W>),
    Bzip2(bzip2::write::BzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
    Xz(liblzma::write::XzEncoder<W>),
}

impl<W: Write> Folding<W> {
    /// For `method`, with the effort that `flags` tell of.
    ///
    /// # Errors
    /// `Unsupported` for a method that nobody reads either.
    pub(super) fn new(method: u16, flags: u16, out: W) -> io::Result<Self> {
        /// An encoder of this effort takes 48 MiB, one of `xz -6` 94 MiB (R9).
        const XZ_EFFORT: u32 = 4;
        let effort = match flags >> 1 & 3 {
            1 => flate2::Compression::best(),
            2 | 3 => flate2::Compression::fast(),
            _ => flate2::Compression::default(),
        };
        Ok(match method {
            STORED => Folding::Stored(out),
            DEFLATE => Folding::Deflate(flate2::write::DeflateEncoder::new(out, effort)),
            BZIP2 => Folding::Bzip2(bzip2::write::BzEncoder::new(
                out,
                bzip2::Compression::best(),
            )),
            ZSTD => Folding::Zstd(zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?),
            XZ => Folding::Xz(liblzma::write::XzEncoder::new(out, XZ_EFFORT)),
            _ => return Err(io::ErrorKind::Unsupported.into()),
        })
    }

    /// Ends it; what it was written to.
    ///
    /// # Errors
    /// What writing says.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Folding::Stored(out) => Ok(out),
            Folding::Deflate(folding) => folding.finish(),
            Folding::Bzip2(folding) => folding.finish(),
            Folding::Zstd(folding) => folding.finish(),
            Folding::Xz(folding) => folding.finish(),
        }
    }
}

impl<W: Write> Write for Folding<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Folding::Stored(out) => out.write(bytes),
            Folding::Deflate(folding) => folding.write(bytes),
            Folding::Bzip2(folding) => folding.write(bytes),
            Folding::Zstd(folding) => folding.write(bytes),
            Folding::Xz(folding) => folding.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
