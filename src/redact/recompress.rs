//! Compressed files with edits to what they hold.
//!
//! Owns the way through members (gzip, RFC 1952), frames (Zstandard, RFC 8878) and streams (bzip2,
//! xz): one that no edit touches is copied as it is stored, one that is touched is decompressed, edited and
//! compressed anew with the time it had, and the name and comment that are left of it (R1).

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::iter::Peekable;
use std::ops::Range;

use super::edit::Splice;
use super::failure::{Failure, Outcome, Reason};
use crate::format::names::Words;
use crate::source::{
    Compression, LONGEST_SKIPPABLE, SKIPPABLE_HEAD, aside, is_skippable, xz_decoder,
};

mod gzip;

/// Bytes moved at a time.
const BUFFER: usize = 256 << 10;

/// Splices in the order of the decompressed bytes.
pub(crate) type Splices<'a> = dyn Iterator<Item = Outcome<Splice>> + 'a;

/// What words in a header become; `None`: they stay.
pub(crate) type Rewording<'a> = dyn FnMut(&Words) -> io::Result<Option<Vec<u8>>> + 'a;

/// Writes to `out` what `old`, compressed as `compression`, becomes by `splices`, whose offsets
/// count decompressed bytes. What members say of themselves in words becomes what `reword` says.
///
/// # Errors
/// What reading and writing say, and `InvalidData` when the splices do not fit.
pub(crate) fn recompress<R: Read + Seek>(
    compression: Compression,
    old: R,
    splices: &mut Splices<'_>,
    reword: &mut Rewording<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut through = Through {
        compression,
        reword,
        stored: BufReader::with_capacity(BUFFER, old),
        splices: splices.peekable(),
        base: 0,
        buffer: vec![0; BUFFER],
    };
    loop {
        if compression == Compression::Xz {
            copy_padding(&mut through.stored, out)?;
        }
        if through.stored.stream_position()? >= through.end()? {
            break;
        }
        through.member(out)?;
    }
    match through.splices.next() {
        None => Ok(()),
        Some(Ok(_)) => Err(misfit()),
        Some(Err(failure)) => Err(io::Error::other(failure)),
    }
}

fn misfit() -> io::Error {
    io::Error::other(Failure::new(Reason::BadEdits, "cannot apply the edits"))
}

struct Through<'a, 's, R: Read + Seek> {
    compression: Compression,
    reword: &'a mut Rewording<'a>,
    stored: BufReader<R>,
    splices: Peekable<&'a mut Splices<'s>>,
    /// Decompressed bytes of the members before.
    base: u64,
    buffer: Vec<u8>,
}

impl<R: Read + Seek> Through<'_, '_, R> {
    fn end(&mut self) -> io::Result<u64> {
        let here = self.stored.stream_position()?;
        let end = self.stored.seek(SeekFrom::End(0))?;
        self.stored.seek(SeekFrom::Start(here))?;
        Ok(end)
    }

    /// Takes the next member through, with those behind it into which an edit reaches.
    fn member(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.compression == Compression::Zstd
            && let Some(frame) = self.aside()?
        {
            return out.write_all(&frame);
        }
        let stored = self.stored.stream_position()?;
        let len = self.measure()?;
        let behind = self.stored.stream_position()?;
        let next = match self.splices.peek() {
            None => None,
            Some(Ok(splice)) => Some(splice.range.clone()),
            Some(Err(failure)) => return Err(io::Error::other(*failure)),
        };
        self.stored.seek(SeekFrom::Start(stored))?;
        if next.is_none_or(|next| next.start >= self.base + len) {
            self.base += len;
            let header = match self.compression {
                Compression::Gzip => gzip::renamed(&mut self.stored, self.reword)?,
                _ => None,
            };
            self.stored.seek(SeekFrom::Start(stored))?;
            let Some((header, old)) = header else {
                return self.copy(stored..behind, out);
            };
            // What is packed does not change with its name.
            out.write_all(&header)?;
            self.stored.seek(SeekFrom::Start(stored + old))?;
            return self.copy(stored + old..behind, out);
        }
        let mut writer = self.encoder(out)?;
        let asides = self.rewrite(&mut writer)?;
        writer.finish()?;
        out.write_all(&asides)
    }

    /// The skippable frame at the position (RFC 8878, 3.1.2) with its words as they are to be; `None`
    /// where there is none, or one too long to have been read.
    fn aside(&mut self) -> io::Result<Option<Vec<u8>>> {
        let start = self.stored.stream_position()?;
        let mut frame = Vec::new();
        let mut head = (&mut self.stored).take(SKIPPABLE_HEAD as u64);
        head.read_to_end(&mut frame)?;
        let len = match *frame {
            [_, _, _, _, a, b, c, d] if is_skippable(&frame) => u32::from_le_bytes([a, b, c, d]),
            _ => u32::MAX,
        };
        if len > LONGEST_SKIPPABLE {
            self.stored.seek(SeekFrom::Start(start))?;
            return Ok(None);
        }
        let mut content = vec![0; len as usize];
        self.stored.read_exact(&mut content)?;
        let words = aside(content);
        match (self.reword)(&words)? {
            Some(new) if new.len() != words.text.len() => Err(io::ErrorKind::Unsupported.into()),
            new => {
                frame.extend_from_slice(&new.unwrap_or(words.text));
                Ok(Some(frame))
            }
        }
    }

    /// The decompressed length of the member that starts here; the position is behind it then.
    fn measure(&mut self) -> io::Result<u64> {
        let Self {
            compression,
            stored,
            buffer,
            ..
        } = self;
        let mut len = 0;
        each_piece(*compression, stored, buffer, |piece| {
            len += piece.len() as u64;
            Ok(())
        })?;
        Ok(len)
    }

    fn copy(&mut self, stored: Range<u64>, out: &mut dyn Write) -> io::Result<()> {
        let mut raw = (&mut self.stored).take(stored.end - stored.start);
        io::copy(&mut raw, out).map(drop)
    }

    /// Decompresses the member at the present position and writes it with its edits; goes on with
    /// the next member while an edit reaches into it. Gives what stood between such members.
    fn rewrite(&mut self, out: &mut Encoder<'_>) -> io::Result<Vec<u8>> {
        let (mut cut_to, mut asides) = (self.base, Vec::new());
        loop {
            let Self {
                compression,
                stored,
                splices,
                buffer,
                ..
            } = self;
            let mut at = self.base;
            each_piece(*compression, stored, buffer, |piece| {
                write_piece(piece, at, &mut cut_to, splices, out)?;
                at += piece.len() as u64;
                Ok(())
            })?;
            self.base = at;
            if cut_to <= at {
                break;
            }
            if self.compression == Compression::Xz {
                copy_padding(&mut self.stored, &mut io::sink())?;
            }
            while self.compression == Compression::Zstd {
                let Some(frame) = self.aside()? else {
                    break;
                };
                asides.extend_from_slice(&frame);
            }
            if self.stored.fill_buf()?.is_empty() {
                return Err(misfit());
            }
        }
        // Text put in behind the last byte belongs to this member.
        let at = self.base..self.base;
        let behind = |next: &Outcome<Splice>| next.as_ref().is_ok_and(|next| next.range == at);
        while let Some(Ok(splice)) = self.splices.next_if(behind) {
            out.write_all(&splice.new)?;
        }
        Ok(asides)
    }

    fn encoder<'w>(&mut self, out: &'w mut dyn Write) -> io::Result<Encoder<'w>> {
        let here = self.stored.stream_position()?;
        let encoder = Encoder::like(self.compression, &mut self.stored, self.reword, out)?;
        self.stored.seek(SeekFrom::Start(here))?;
        Ok(encoder)
    }
}

/// Writes the decompressed `piece`, which stands at `at`, with its edits. Up to `cut_to` the old
/// bytes are gone already.
fn write_piece(
    piece: &[u8],
    at: u64,
    cut_to: &mut u64,
    splices: &mut Peekable<&mut Splices<'_>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let end = at + piece.len() as u64;
    let mut now = at;
    loop {
        now = now.max((*cut_to).min(end));
        let start = match splices.peek() {
            Some(Ok(splice)) => splice.range.start,
            Some(Err(failure)) => return Err(io::Error::other(*failure)),
            None => u64::MAX,
        };
        if start >= end {
            return out.write_all(&piece[(now - at) as usize..]);
        }
        if start < now {
            return Err(misfit());
        }
        out.write_all(&piece[(now - at) as usize..(start - at) as usize])?;
        let Some(Ok(splice)) = splices.next() else {
            return Err(misfit());
        };
        out.write_all(&splice.new)?;
        now = start;
        *cut_to = splice.range.end;
    }
}

/// Decompresses one member or frame and hands it over in pieces; leaves the position behind it.
fn each_piece<R: BufRead>(
    compression: Compression,
    stored: &mut R,
    buffer: &mut [u8],
    mut piece: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut member: Box<dyn Read + '_> = match compression {
        Compression::None => Box::new(stored),
        Compression::Gzip => Box::new(flate2::bufread::GzDecoder::new(stored)),
        Compression::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(stored)),
        Compression::Xz => {
            let one = xz_decoder(true)?;
            Box::new(liblzma::bufread::XzDecoder::new_stream(stored, one))
        }
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(stored)?.single_frame()),
    };
    loop {
        match member.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(len) => piece(buffer.get(..len).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Copies the zeros between streams of xz (section 2.2 of the format).
fn copy_padding<R: BufRead>(stored: &mut R, out: &mut dyn Write) -> io::Result<()> {
    while let Some(0) = stored.fill_buf()?.first() {
        out.write_all(&[0])?;
        stored.consume(1);
    }
    Ok(())
}

/// One member, frame or stream in the making.
pub(crate) enum Encoder<'w> {
    None(&'w mut dyn Write),
    Gzip(flate2::write::GzEncoder<&'w mut dyn Write>),
    Zstd(zstd::Encoder<'static, &'w mut dyn Write>),
    Bzip2(bzip2::write::BzEncoder<&'w mut dyn Write>),
    Xz(liblzma::write::XzEncoder<&'w mut dyn Write>),
}

impl<'w> Encoder<'w> {
    /// One that makes what `stored` begins with: with the same header, effort and checksum, as far
    /// as that is told.
    ///
    /// # Errors
    /// What reading says.
    pub(crate) fn like<R: BufRead>(
        compression: Compression,
        stored: &mut R,
        reword: &mut Rewording<'_>,
        out: &'w mut dyn Write,
    ) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Encoder::None(out),
            Compression::Gzip => {
                let (header, extra_flags) = gzip::header(stored)?;
                let said = header
                    .as_ref()
                    .map(|header| gzip::Said::of(header, reword))
                    .transpose()?;
                Encoder::gzip(header.as_ref().zip(said), extra_flags, out)
            }
            Compression::Zstd => Encoder::zstd(stored, out)?,
            Compression::Bzip2 => Encoder::bzip2(stored, out)?,
            Compression::Xz => Encoder::xz(stored, out)?,
        })
    }

    fn bzip2<R: BufRead>(stored: &mut R, out: &'w mut dyn Write) -> io::Result<Self> {
        // The header names the size of a block, which is the effort.
        let level = match stored.fill_buf()?.get(3) {
            Some(digit @ b'1'..=b'9') => u32::from(digit - b'0'),
            _ => 9,
        };
        let effort = bzip2::Compression::new(level);
        Ok(Encoder::Bzip2(bzip2::write::BzEncoder::new(out, effort)))
    }

    fn xz<R: BufRead>(stored: &mut R, out: &'w mut dyn Write) -> io::Result<Self> {
        use liblzma::stream::{Check, Stream};
        /// An encoder of this effort takes 48 MiB, one of `xz -6` 94 MiB (R9).
        const EFFORT: u32 = 4;
        // The second byte of the stream flags (section 2.1.1.2 of the format).
        let check = match stored.fill_buf()?.get(7).map(|flags| flags & 0x0f) {
            Some(0) => Check::None,
            Some(1) => Check::Crc32,
            Some(10) => Check::Sha256,
            _ => Check::Crc64,
        };
        let encoder = Stream::new_easy_encoder(EFFORT, check)?;
        Ok(Encoder::Xz(liblzma::write::XzEncoder::new_stream(
            out, encoder,
        )))
    }

    fn gzip(
        header: Option<(&flate2::GzHeader, gzip::Said)>,
        extra_flags: u8,
        out: &'w mut dyn Write,
    ) -> Self {
        let level = match extra_flags {
            2 => flate2::Compression::best(),
            4 => flate2::Compression::fast(),
            _ => flate2::Compression::default(),
        };
        let mut builder = flate2::GzBuilder::new();
        if let Some((header, said)) = header {
            builder = builder
                .mtime(header.mtime())
                .operating_system(header.operating_system());
            if let Some(extra) = said.extra {
                builder = builder.extra(extra);
            }
            if let Some(name) = said.name {
                builder = builder.filename(name);
            }
            if let Some(comment) = said.comment {
                builder = builder.comment(comment);
            }
        }
        Encoder::Gzip(builder.write(out, level))
    }

    fn zstd<R: BufRead>(stored: &mut R, out: &'w mut dyn Write) -> io::Result<Self> {
        /// The bit of the frame header descriptor that tells of a checksum (RFC 8878, 3.1.1.1.1).
        const CHECKSUM: u8 = 1 << 2;
        let descriptor = stored.fill_buf()?.get(4).copied().unwrap_or(0);
        let mut encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
        encoder.include_checksum(descriptor & CHECKSUM != 0)?;
        Ok(Encoder::Zstd(encoder))
    }

    /// Ends it.
    ///
    /// # Errors
    /// What writing says.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Encoder::None(_) => Ok(()),
            Encoder::Bzip2(encoder) => encoder.finish().map(drop),
            Encoder::Xz(encoder) => encoder.finish().map(drop),
            Encoder::Gzip(encoder) => encoder.finish().map(drop),
            Encoder::Zstd(encoder) => encoder.finish().map(drop),
        }
    }
}

impl Write for Encoder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Encoder::None(out) => out.write(bytes),
            Encoder::Bzip2(encoder) => encoder.write(bytes),
            Encoder::Xz(encoder) => encoder.write(bytes),
            Encoder::Gzip(encoder) => encoder.write(bytes),
            Encoder::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Encoder::None(out) => out.flush(),
            // Whatever is written is read once it is finished.
            Encoder::Bzip2(_) | Encoder::Xz(_) => Ok(()),
            Encoder::Gzip(encoder) => encoder.flush(),
            Encoder::Zstd(encoder) => encoder.flush(),
        }
    }
}
