//! Tells what is not text: known binary files by their first bytes, and unknown ones by what text
//! does not hold.

use crate::raw::with_best_instructions;

/// Signatures: name, offset, bytes. From the formats' own specifications; the first match wins.
const SIGNATURES: &[(&str, usize, &[u8])] = &[
    ("sqlite", 0, b"SQLite format 3\0"),
    ("gzip", 0, &[0x1f, 0x8b]),
    ("zstd", 0, &[0x28, 0xb5, 0x2f, 0xfd]),
    ("bzip2", 0, b"BZh"),
    ("xz", 0, &[0xfd, b'7', b'z', b'X', b'Z', 0]),
    ("7z", 0, &[b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c]),
    ("lz4", 0, &[0x04, 0x22, 0x4d, 0x18]),
    ("rar", 0, b"Rar!\x1a\x07"),
    ("cab", 0, b"MSCF\0\0\0\0"),
    ("tar", 257, b"ustar"),
    ("pdf", 0, b"%PDF-"),
    ("ole", 0, &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    ("outlook", 0, b"!BDN"),
    ("parquet", 0, b"PAR1"),
    ("avro", 0, b"Obj\x01"),
    ("orc", 0, b"ORC"),
    ("arrow", 0, b"ARROW1\0\0"),
    ("hdf5", 0, b"\x89HDF\r\n\x1a\n"),
    ("binary-plist", 0, b"bplist0"),
    ("typedstream", 0, b"\x04\x0bstreamtyped"),
    ("pcap", 0, &[0xd4, 0xc3, 0xb2, 0xa1]),
    ("pcap", 0, &[0xa1, 0xb2, 0xc3, 0xd4]),
    ("pcap", 0, &[0x4d, 0x3c, 0xb2, 0xa1]),
    ("pcapng", 0, &[0x0a, 0x0d, 0x0d, 0x0a]),
    ("age", 0, b"age-encryption.org/v"),
    ("openssl", 0, b"Salted__"),
    ("luks", 0, b"LUKS\xba\xbe"),
    ("keepass", 0, &[0x03, 0xd9, 0xa2, 0x9a]),
    ("journal", 0, b"LPKSHHRH"),
    ("rf64", 0, b"RF64"),
    ("flac", 0, b"fLaC"),
    ("amr", 0, b"#!AMR"),
    ("caf", 0, b"caff\0\x01"),
    ("au", 0, b".snd\0\0\0"),
    ("mp3", 0, b"ID3"),
    ("matroska", 0, &[0x1a, 0x45, 0xdf, 0xa3]),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpeg", 0, &[0xff, 0xd8, 0xff]),
    ("gif", 0, b"GIF87a"),
    ("gif", 0, b"GIF89a"),
    ("tiff", 0, b"II*\0"),
    ("tiff", 0, b"MM\0*"),
    ("elf", 0, b"\x7fELF"),
    ("java-class", 0, &[0xca, 0xfe, 0xba, 0xbe]),
    ("wasm", 0, b"\0asm"),
];

/// Bytes that some signature has at its start, where it stands at the start of the source.
const STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let mut i = 0;
    while i < SIGNATURES.len() {
        let (_, at, signature) = SIGNATURES[i];
        if at == 0 {
            starts[signature[0] as usize] = true;
        }
        i += 1;
    }
    starts
};

/// The name of the binary format that `head`, the raw first bytes of a source, belongs to.
pub fn recognise(head: &[u8]) -> Option<&'static str> {
    let starts = head.first().is_some_and(|&b| STARTS[usize::from(b)]);
    if let Some((name, ..)) = SIGNATURES.iter().find(|(name, at, signature)| {
        (starts || *at > 0)
            && head
                .get(*at..)
                .is_some_and(|rest| rest.starts_with(signature))
            && plausible(name, head)
    }) {
        return Some(name);
    }
    match head {
        [b'P', b'K', 3, 4, ..] => Some(zipped(head)),
        [b'P', b'K', 5, 6, ..] => Some("zip"),
        [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] => Some(match kind.get(..4) {
            Some(b"WAVE") => "wav",
            Some(b"AVI ") => "avi",
            Some(b"WEBP") => "webp",
            _ => "riff",
        }),
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', ..] => Some("aiff"),
        [b'O', b'g', b'g', b'S', ..] => {
            let opus = memchr::memmem::find(head.get(..64)?, b"OpusHead").is_some();
            Some(if opus { "opus" } else { "ogg" })
        }
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Some(if brand.starts_with(b"M4A") {
            "m4a"
        } else {
            "mp4"
        }),
        // An MPEG audio frame of layer II or III: eleven set bits, and no reserved version, rate
        // or frequency. Layer I is not used, and a UTF-16 mark would look like it.
        [0xff, second, third, ..]
            if second & 0xe0 == 0xe0
                && second & 0x18 != 0x08
                && matches!(second & 0x06, 0x02 | 0x04)
                && third & 0xf0 != 0xf0
                && third & 0x0c != 0x0c
                && !is_text(head) =>
        {
            Some("mp3")
        }
        [0x61, rest @ ..] if tap3(rest) && !is_text(head) => Some("tap3"),
        _ if ebcdic(head) => Some("ebcdic"),
        _ => gsm(head).then_some("gsm"),
    }
}

/// Whether a short signature that letters could spell stands in a file that is not text.
fn plausible(name: &str, head: &[u8]) -> bool {
    match name {
        "bzip2" => {
            matches!(head.get(3), Some(b'1'..=b'9'))
                && matches!(
                    head.get(4..10),
                    Some([0x31, 0x41, 0x59, 0x26, 0x53, 0x59] | [0x17, ..])
                )
        }
        "orc" | "mp3" | "parquet" | "rf64" | "flac" | "outlook" | "openssl" => !is_text(head),
        _ => true,
    }
}

/// Whether a batch of transferred accounts (TAP3, GSMA TD.57: `TransferBatch`, in BER) goes on as
/// `rest`: the length of the whole, and then what controls the batch.
fn tap3(rest: &[u8]) -> bool {
    /// `BatchControlInfo`: application 4, constructed.
    const CONTROL: u8 = 0x64;
    let more = match rest.first() {
        Some(octets @ 0x81..=0x84) => usize::from(octets & 0x7f),
        Some(0x80) => 0,
        _ => return false,
    };
    rest.get(1 + more) == Some(&CONTROL)
}

/// What a ZIP is by its first member's name.
fn zipped(head: &[u8]) -> &'static str {
    let holds = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    if holds(b"word/") {
        "docx"
    } else if holds(b"xl/") {
        "xlsx"
    } else if holds(b"ppt/") {
        "pptx"
    } else if holds(b"mimetypeapplication/vnd.oasis") {
        "opendocument"
    } else {
        "zip"
    }
}

/// Whether a head is text as mainframes write it (IBM code pages 037, 1047 and their like): letters
/// and digits above 0x80, blanks at 0x40, and none of the blanks that other text has.
fn ebcdic(head: &[u8]) -> bool {
    /// Less tells too little; more tells no more.
    const LEAST: usize = 32;
    const MOST: usize = 4096;
    let head = head.get(..head.len().min(MOST)).unwrap_or_default();
    let letter = |b: &u8| {
        matches!(b, 0x81..=0x89 | 0x91..=0x99 | 0xa2..=0xa9 | 0xc1..=0xc9 | 0xd1..=0xd9)
            || matches!(b, 0xe2..=0xe9 | 0xf0..=0xf9)
    };
    let sign = |b: &u8| {
        matches!(b, 0x05 | 0x0d | 0x15 | 0x25 | 0x40 | 0x4a..=0x50 | 0x5a..=0x61)
            || matches!(b, 0x6a..=0x6f | 0x79..=0x7f)
    };
    if head.len() < LEAST || !head.first().is_some_and(|b| letter(b) || sign(b)) {
        return false;
    }
    let count = |which: &dyn Fn(&u8) -> bool| head.iter().filter(|b| which(b)).count();
    // One blank in sixteen, half letters, and next to nothing else.
    count(&|b| *b == 0x40) * 16 >= head.len()
        && count(&letter) * 2 >= head.len()
        && count(&|b| !letter(b) && !sign(b)) * 20 <= head.len()
        && !head.contains(&b' ')
}

/// Whether every 33-byte frame of the head starts with GSM 06.10's magic nibble.
fn gsm(head: &[u8]) -> bool {
    /// Eight in a row by chance: one in four thousand million.
    const FRAMES: usize = 8;
    head.len() >= 33 * FRAMES
        && head
            .chunks_exact(33)
            .all(|frame| frame.first().is_some_and(|b| b & 0xf0 == 0xd0))
        && !is_text(head)
}

/// Whether a head is printable ASCII with blanks, tabs and line ends: text beyond doubt, in which
/// no encoding needs to be told.
pub fn is_plain(head: &[u8]) -> bool {
    /// Blocks short enough to leave early, long enough for vectors.
    const BLOCK: usize = 256;
    // Numbers, not conditions: without branches the compiler looks at many bytes at once.
    let not = |b: u8, other: u8| u8::from(b != other);
    let odd = |b: u8| {
        let printable = u8::from((b' '..=b'~').contains(&b));
        (1 - printable) & not(b, b'\t') & not(b, b'\n') & not(b, b'\r')
    };
    with_best_instructions(|| {
        head.chunks(BLOCK)
            .all(|block| block.iter().fold(0, |any, &b| any | odd(b)) == 0)
    })
}

/// Whether the decoded beginning of a source is text: no NUL, few other control characters.
///
/// Colour codes, form feeds and backspaces occur in logs; more than one control character in
/// thirty bytes does not.
pub fn is_text(head: &[u8]) -> bool {
    const RARE: usize = 30;
    if memchr::memchr(0, head).is_some() {
        return false;
    }
    if is_plain(head) {
        return true;
    }
    let control = |b: &&u8| matches!(b, 1..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    head.iter().filter(control).count() * RARE <= head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_files_are_told_by_their_first_bytes() {
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar\0");
        let gsm: Vec<u8> = (0..330)
            .map(|i| if i % 33 == 0 { 0xd1 } else { i as u8 })
            .collect();
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"SQLite format 3\0\x10\0", Some("sqlite")),
            (b"PK\x03\x04\x14\0\0\0\x08\0xl/workbook.xml", Some("xlsx")),
            (b"PK\x03\x04\x14\0\0\0\x08\0a.csv", Some("zip")),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some("wav")),
            (b"\xff\xfb\x90\x64\0\0\0", Some("mp3")),
            (b"ID3\x03\0\0\0\0\x0f\x76", Some("mp3")),
            (b"\0\0\0\x20ftypM4A \0\0", Some("m4a")),
            (b"BZh91AY&SY\x8a", Some("bzip2")),
            (&tar, Some("tar")),
            (b"\x61\x82\x12\x34\x64\x50\x5f\x81\x44", Some("tap3")),
            (b"Salted__\x01\x02\x03\x04\x05\x06\x07\x08", Some("openssl")),
            (b"Salted__ is a word", None),
            (&gsm, Some("gsm")),
            (
                b"\x83\x81\x93\x93\x40\xf4\xf1\xf6\x60\xf5\xf5\xf5\x60\xf0\xf1\xf2\xf3\x40\x81\x87\x81\x89\x95\x40\x81\x95\x84\x40\x81\x87\x81\x89\x95\x25",
                Some("ebcdic"),
            ),
            ("\u{4f60}\u{597d} mail jo@example.com @ \u{4f60}\u{597d}".as_bytes(), None),
            (b"BZh is a prefix", None),
            (b"ORCHARD ROAD", None),
            (b"ID3 tags are text here", None),
            (b"\xff\xfeh\0e\0l\0l\0o\0", None),
            (b"plain text", None),
            (b"", None),
        ];
        for (head, want) in cases {
            assert_eq!(recognise(head), *want, "{:?}", head.get(..12));
        }
    }

    #[test]
    fn text_may_hold_colours_and_any_encoding_but_no_nul() {
        for text in [
            &b"a\x1b[31mred\x1b[0m\r\n"[..],
            b"caf\xe9 \xf9",
            "\u{4f60}\u{597d}".as_bytes(),
        ] {
            assert!(is_text(text), "{text:?}");
        }
        for binary in [&b"a\0b"[..], b"\x01\x02\x03\x04abc"] {
            assert!(!is_text(binary), "{binary:?}");
        }
    }
}
