//! R4 for the index: no value, no path and nothing that a value can be guessed by stands in it.

use std::collections::HashSet;
use std::path::Path;

use efface::redact::io::Io;
use efface::redact::state::State;
use efface::redact::state::key::hex;
use efface::scan::Progress;
use efface::subject::index::{Chosen, Keys, To, build, update};
use sha2::Digest as _;

use super::library::plan;

/// Every way of writing `text` that is looked for.
fn spellings(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let digits: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_digit).collect();
    let wide = |each: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(each).collect::<Vec<u8>>();
    let joined = |each: fn(&u8) -> String| bytes.iter().map(each).collect::<String>().into_bytes();
    let mut all = vec![
        bytes.to_vec(),
        text.to_ascii_uppercase().into_bytes(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        joined(|byte| format!("%{byte:02X}")),
        joined(|byte| format!("\\u{byte:04x}")),
        hex(bytes).into_bytes(),
        bytes.iter().rev().copied().collect(),
    ];
    if digits.len() >= 10 {
        all.push(digits.clone());
        all.push(digits[digits.len() - 10..].to_vec());
        // As numbers in memory.
        let number: u64 = String::from_utf8(digits).unwrap().parse().unwrap();
        all.push(number.to_le_bytes()[..5].to_vec());
        all.push(number.to_be_bytes()[3..].to_vec());
    }
    for skip in 0..3 {
        all.push(base64(&bytes[skip..]));
    }
    all
}

/// Base64 of whole groups of three bytes (RFC 4648).
fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks_exact(3).flat_map(|three| {
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        [18, 12, 6, 0].map(|shift| LETTERS[(bits >> shift & 63) as usize])
    });
    groups.collect()
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn no_value_and_no_guess_at_one_is_in_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let (io, progress) = (Io::real(), Progress::default());
    let source = folder.path().join("in");
    std::fs::create_dir(&source).unwrap();
    let phones = (0..100).map(|i| format!("+14165550{:03}", 100 + i));
    let mails = (0..60).map(|i| format!("canary.number{i}@example.com"));
    let values: Vec<String> = phones.chain(mails).collect();
    for (i, chunk) in values.chunks(20).enumerate() {
        // Names of recordings are numbers, too.
        let name = format!("recording-{}-{i}.txt", &chunk[0][1..]);
        std::fs::write(source.join(name), chunk.join("\n") + "\n").unwrap();
    }
    let state = State::open(&io, &folder.path().join("state"), None).unwrap();
    let keys = Keys::of(state.key());
    let all = plan(&[&source]);
    let place = folder.path().join("index");
    let to = To {
        io: &io,
        folder: &place,
        keys: &keys,
        dry_run: false,
    };
    let done = build(&to, &all, Chosen::default(), &progress).unwrap();
    // What is in the eight files, and the number that each is named by.
    assert_eq!(done.postings, 160 + 8);
    std::fs::write(source.join("more.txt"), values.join("\n")).unwrap();
    update(&to, &all, &progress).unwrap();

    let files = read(&place);
    let words = values
        .iter()
        .cloned()
        .chain(["recording-".to_owned(), "canary".to_owned()]);
    for word in words {
        for spelling in spellings(&word) {
            let found = files
                .iter()
                .any(|file| memchr::memmem::find(file, &spelling).is_some());
            assert!(
                !found,
                "a spelling of {} bytes stands in the index",
                spelling.len()
            );
        }
    }

    // Hashes without the key, of every number of an area code: none of their beginnings is there.
    let windows: HashSet<[u8; 8]> = files
        .iter()
        .flat_map(|file| file.windows(8).map(|eight| eight.try_into().unwrap()))
        .collect();
    let mut hits = 0;
    for line in 0..1_000_000_u64 {
        let number = 14_165_000_000 + line;
        let text = itoa::Buffer::new().format(number).to_owned();
        let blake = blake3::hash(text.as_bytes());
        let sha = sha2::Sha256::digest(text.as_bytes());
        for hash in [&blake.as_bytes()[..8], &sha[..8]] {
            hits += usize::from(windows.contains(hash));
        }
    }
    assert_eq!(hits, 0);

    // Two indexes of the same sources have no block of sixteen bytes in common but SQLite's own.
    let other = State::open(&io, &folder.path().join("other-state"), None).unwrap();
    let other_keys = Keys::of(other.key());
    let there = folder.path().join("other");
    let to = To {
        io: &io,
        folder: &there,
        keys: &other_keys,
        dry_run: false,
    };
    build(&to, &all, Chosen::default(), &progress).unwrap();
    let blocks = |folder: &Path| {
        let names = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let segments = names.filter(|path| path.to_str().unwrap().contains("segment-"));
        let bytes = segments
            .flat_map(|path| std::fs::read(path).unwrap())
            .collect::<Vec<u8>>();
        let blocks: HashSet<Vec<u8>> = bytes[64..].windows(16).map(<[u8]>::to_vec).collect();
        assert!(blocks.len() > 1_000);
        blocks
    };
    assert!(blocks(&place).is_disjoint(&blocks(&there)));
}
