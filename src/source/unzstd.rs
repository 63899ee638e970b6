//! Zstandard (RFC 8878), read frame by frame, and what stands between the frames in words.
//!
//! Owns where a frame ends and the next begins. Knows nothing of what is in them.

use std::io::{self, BufRead, BufReader, Read};

use super::gunzip::Told;
use crate::format::Width;
use crate::format::names::{Says, Words};

/// Bytes of the magic number and the size of a skippable frame (RFC 8878, 3.1.2).
pub(crate) const SKIPPABLE_HEAD: usize = 8;
/// The most bytes of a skippable frame that are read; what programs put there is shorter.
pub(crate) const LONGEST_SKIPPABLE: u32 = 64 << 10;

/// Whether `head` begins a frame that decoders pass over: sixteen magic numbers do.
pub(crate) fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The words of a skippable frame with this content.
pub(crate) fn aside(content: Vec<u8>) -> Words {
    Words {
        says: Says::Extra,
        at: 0,
        text: content,
        width: Width::Same,
    }
}

/// Reads all frames one after the other.
pub(super) struct Unzstd<R: Read + Send> {
    at: At<R>,
    told: Told,
}

/// Where it is.
enum At<R: Read + Send> {
    /// Before a frame or the end.
    Between(BufReader<R>),
    /// In a frame.
    Within(Box<zstd::Decoder<'static, BufReader<R>>>),
    /// Behind the last one, or behind an error.
    Ended,
}

impl<R: Read + Send> Unzstd<R> {
    pub(super) fn new(stored: R, told: Told) -> Self {
        Unzstd {
            at: At::Between(BufReader::new(stored)),
            told,
        }
    }

    /// Takes the skippable frames at the position, and opens the frame behind them.
    fn open(&mut self, mut stored: BufReader<R>) -> io::Result<()> {
        loop {
            let mut head = [0; SKIPPABLE_HEAD];
            // The magic number may stand across two reads of what is below.
            let known = stored.fill_buf()?;
            if known.is_empty() {
                return Ok(());
            }
            if !matches!(known, [first, ..] if (0x50..=0x5f).contains(first)) {
                let frame = zstd::Decoder::with_buffer(stored)?.single_frame();
                self.at = At::Within(Box::new(frame));
                return Ok(());
            }
            stored.read_exact(&mut head)?;
            let [magic @ .., a, b, c, d] = head;
            if !is_skippable(&magic) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let len = u32::from_le_bytes([a, b, c, d]);
            if len > LONGEST_SKIPPABLE {
                self.told.passed_over();
                let passed = io::copy(&mut (&mut stored).take(u64::from(len)), &mut io::sink())?;
                if passed < u64::from(len) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                continue;
            }
            let mut content = vec![0; len as usize];
            stored.read_exact(&mut content)?;
            self.told.note([aside(content)]);
        }
    }
}

impl<R: Read + Send> Read for Unzstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.at, At::Ended) {
                At::Ended => return Ok(0),
                At::Between(stored) => {
                    self.open(stored)?;
                    if matches!(self.at, At::Ended) {
                        return Ok(0);
                    }
                }
                At::Within(mut frame) => {
                    // What is no frame has an error of no kind.
                    let read = frame.read(buffer).map_err(|error| match error.kind() {
                        io::ErrorKind::Other => io::ErrorKind::InvalidData.into(),
                        _ => error,
                    })?;
                    if read > 0 {
                        self.at = At::Within(frame);
                        return Ok(read);
                    }
                    self.at = At::Between(frame.finish());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Reason;

    fn skippable(content: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x53, 0x2a, 0x4d, 0x18];
        frame.extend((content.len() as u32).to_le_bytes());
        frame.extend(content);
        frame
    }

    #[test]
    fn what_stands_between_frames_is_told_in_words() {
        let frame = |text: &[u8]| zstd::encode_all(text, 1).unwrap();
        let long = vec![b'x'; LONGEST_SKIPPABLE as usize + 1];
        let stored = [
            skippable(b"before"),
            frame(b"one "),
            skippable(b"between"),
            skippable(&long),
            skippable(b""),
            frame(b"two"),
            skippable(b"behind"),
        ];
        let told = Told::default();
        let mut text = String::new();
        let mut reader = Unzstd::new(io::Cursor::new(stored.concat()), told.clone());
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one two");
        let (words, more) = told.take();
        let texts: Vec<_> = words.iter().map(|words| words.text.as_slice()).collect();
        assert_eq!(texts, [&b"before"[..], b"between", b"behind"]);
        assert_eq!(more, Some(Reason::Limit));
    }

    #[test]
    fn what_is_no_frame_is_malformed() {
        for behind in [&b"call"[..], b"Pall me now", &skippable(b"cut short")[..12]] {
            let stored = [&zstd::encode_all(&b"text"[..], 1).unwrap()[..], behind].concat();
            let mut text = Vec::new();
            let mut reader = Unzstd::new(io::Cursor::new(stored), Told::default());
            let error = reader.read_to_end(&mut text).unwrap_err();
            assert_eq!(text, b"text");
            let kinds = [io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof];
            assert!(kinds.contains(&error.kind()), "{error:?}");
        }
    }
}
