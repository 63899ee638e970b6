//! The header of a gzip member (RFC 1952, section 2.3) with other words in it.
//!
//! Owns the bytes of the header. Knows neither what is packed behind it nor what goes.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::Rewording;
use crate::format::names::Says;
use crate::source::words;

/// Bytes of a header before its words.
const FIXED: usize = 10;
/// Where the byte that tells the compressor's effort stands.
const EXTRA_FLAGS: usize = 8;
/// Where the flags stand, and the one that tells of a sum over the header.
const FLAGS: usize = 3;
const SUMMED: u8 = 1 << 1;

/// What a header says in words.
#[derive(Default)]
pub(super) struct Said {
    pub(super) extra: Option<Vec<u8>>,
    pub(super) name: Option<Vec<u8>>,
    pub(super) comment: Option<Vec<u8>>,
    /// Whether that is not what it said.
    changed: bool,
}

impl Said {
    /// What `header` says once it is reworded.
    pub(super) fn of(header: &flate2::GzHeader, reword: &mut Rewording<'_>) -> io::Result<Said> {
        let own = |text: Option<&[u8]>| text.map(<[u8]>::to_vec);
        let mut said = Said {
            extra: own(header.extra()),
            name: own(header.filename()),
            comment: own(header.comment()),
            changed: false,
        };
        for words in words(header) {
            let Some(new) = reword(&words)? else {
                continue;
            };
            let field = match words.says {
                Says::Name => &mut said.name,
                Says::Comment => &mut said.comment,
                _ => &mut said.extra,
            };
            // A name ends with the first zero, an extra field where its length says.
            let fits = match words.says {
                Says::Extra => new.len() == words.text.len(),
                _ => !new.contains(&0),
            };
            if !fits {
                return Err(io::ErrorKind::Unsupported.into());
            }
            *field = Some(new);
            said.changed = true;
        }
        Ok(said)
    }
}

/// The header of the member at the position, and its byte of extra flags.
pub(super) fn header<R: BufRead>(stored: &mut R) -> io::Result<(Option<flate2::GzHeader>, u8)> {
    let extra_flags = stored.fill_buf()?.get(EXTRA_FLAGS).copied().unwrap_or(0);
    let mut member = flate2::bufread::GzDecoder::new(stored);
    let _ = member.read(&mut [0; 1])?;
    Ok((member.header().cloned(), extra_flags))
}

/// The reworded header of the member at the position, and how many bytes the old one has; `None`
/// where it stays.
pub(super) fn renamed<R: BufRead + Seek>(
    stored: &mut R,
    reword: &mut Rewording<'_>,
) -> io::Result<Option<(Vec<u8>, u64)>> {
    let start = stored.stream_position()?;
    let (Some(old), _) = header(stored)? else {
        return Ok(None);
    };
    let said = Said::of(&old, reword)?;
    if !said.changed {
        return Ok(None);
    }
    stored.seek(SeekFrom::Start(start))?;
    let mut new = vec![0; FIXED];
    stored.read_exact(&mut new)?;
    let summed = new.get(FLAGS).is_some_and(|flags| flags & SUMMED != 0);
    let text = |text: Option<&[u8]>| text.map_or(0, |text| text.len() + 1);
    let mut len = FIXED + text(old.filename()) + text(old.comment());
    len += old.extra().map_or(0, |extra| extra.len() + 2) + usize::from(summed) * 2;
    if let Some(extra) = &said.extra {
        new.extend_from_slice(&(extra.len() as u16).to_le_bytes());
        new.extend_from_slice(extra);
    }
    for text in [&said.name, &said.comment].into_iter().flatten() {
        new.extend_from_slice(text);
        new.push(0);
    }
    if summed {
        let mut sum = flate2::Crc::new();
        sum.update(&new);
        new.extend_from_slice(&(sum.sum() as u16).to_le_bytes());
    }
    Ok(Some((new, len as u64)))
}
