//! M4A: tags of every kind are found by name and masked in their places; what is keyed in or said
//! in AAC is not muted, and the file is told and left as it is.

use crate::bench::Bench;

const NUMBER: &str = "416-555-0123";

fn atom(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u32 + 8).to_be_bytes();
    [&len, kind.as_slice(), content].concat()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

/// A track of three silent frames, which stand at `at` of the file.
fn track(codec: &[u8; 4], at: u32) -> Vec<u8> {
    let esds = b"\0\0\0\0\x03\x19\0\0\0\x04\x11\x40\x15\0\0\0\0\0\0\0\0\0\0\0\x05\x02\x15\x88";
    let sound = [0, 1, 0, 16, 0, 0, 0, 0, 0x1f, 0x40, 0, 0];
    let entry = [&[0; 16][..], &sound, &atom(b"esds", esds)].concat();
    let entries = [numbers(&[0, 1]), atom(codec, &entry)].concat();
    let tables = [
        atom(b"stsd", &entries),
        atom(b"stsz", &numbers(&[0, 0, 3, 6, 6, 6])),
        atom(b"stsc", &numbers(&[0, 1, 1, 3, 1])),
        atom(b"stco", &numbers(&[0, 1, at])),
    ];
    let handler = atom(
        b"hdlr",
        &[&[0; 8], b"soun".as_slice(), &[0; 12], b"Sound\0"].concat(),
    );
    let minf = atom(b"minf", &atom(b"stbl", &tables.concat()));
    atom(b"trak", &atom(b"mdia", &[handler, minf].concat()))
}

/// A file whose sound stands before its tables, with this in `udta` and behind all.
fn file(codec: &[u8; 4], udta: &[u8], behind: &[u8]) -> Vec<u8> {
    let brand = atom(b"ftyp", b"M4A \0\0\0\0M4A mp42");
    let at = brand.len() as u32 + 8;
    // One channel without a spectrum, and the end.
    let sound = atom(b"mdat", &[0, 0, 0, 7, 0, 0].repeat(3));
    let moov = atom(b"moov", &[track(codec, at), atom(b"udta", udta)].concat());
    [brand, sound, moov, behind.to_vec()].concat()
}

/// Tags of iTunes.
fn itunes(items: &[u8]) -> Vec<u8> {
    let handler = atom(
        b"hdlr",
        &[&[0; 8], b"mdirappl".as_slice(), &[0; 9]].concat(),
    );
    atom(
        b"meta",
        &[&[0; 4], handler.as_slice(), &atom(b"ilst", items)].concat(),
    )
}

fn data(kind: u32, value: &[u8]) -> Vec<u8> {
    atom(b"data", &[numbers(&[kind, 0]), value.to_vec()].concat())
}

#[test]
fn tags_are_found_by_name_and_masked_in_their_places() {
    let bench = Bench::new();
    let own = |name: &str, value: Vec<u8>| {
        let name = atom(b"name", &[&[0; 4], name.as_bytes()].concat());
        let mean = atom(b"mean", b"\0\0\0\0com.example.calls");
        itunes(&atom(b"----", &[mean, name, value].concat()))
    };
    let text = NUMBER.as_bytes();
    let short = [&[0, 12, 0x15, 0xc7], text].concat();
    let wide: Vec<u8> = NUMBER.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (name, udta, behind, field, width) in [
        (
            "itunes",
            itunes(&atom(b"\xa9cmt", &data(1, text))),
            vec![],
            "mp4.\u{a9}cmt",
            12,
        ),
        (
            "wide",
            itunes(&atom(b"\xa9nam", &data(2, &wide))),
            vec![],
            "mp4.\u{a9}nam",
            24,
        ),
        ("own", own("CALLER", data(1, text)), vec![], "mp4.----", 12),
        (
            "quicktime",
            atom(b"\xa9cmt", &short),
            vec![],
            "udta.\u{a9}cmt",
            12,
        ),
        (
            "3gpp",
            atom(b"titl", &[&[0, 0, 0, 0, 0x15, 0xc7], text, &[0]].concat()),
            vec![],
            "udta.titl",
            12,
        ),
        (
            "free",
            vec![],
            atom(b"free", &[&[0; 9], text, &[0; 9]].concat()),
            "free",
            12,
        ),
    ] {
        let file = file(b"mp4a", &udta, &behind);
        let path = format!("{name}.m4a");
        bench.put(&path, &file);
        let ran = bench.run(&["scan", "--format", "jsonl", &path]);
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.out, ran.err);
        assert!(
            ran.out.contains(&format!("\"field\":\"{field}\"")),
            "{name}: {}",
            ran.out
        );
        let ran = bench.run(&["redact", "--in-place", &path]);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
        let new = bench.get(&path);
        assert_eq!(new.len(), file.len(), "{name}");
        let changed = file
            .iter()
            .zip(&new)
            .filter(|(old, new)| old != new)
            .count();
        assert!(changed <= width && changed >= 12, "{name}: {changed}");
        assert_eq!(bench.found(&[&path]), 0, "{name}");
    }
}

#[test]
fn what_is_not_heard_is_named() {
    let bench = Bench::new();
    let mut huge = file(b"mp4a", &[], &atom(b"free", &[0; 300]));
    huge.truncate(huge.len() - 100);
    for (name, file, reason) in [
        ("a.m4a", file(b"alac", &[], &[]), "unsupported:mp4-codec"),
        ("b.m4a", huge, "truncated"),
        (
            "c.m4a",
            file(b"mp4a", &[], &atom(b"mdat", &[1; 50])),
            "opaque",
        ),
        (
            "d.m4a",
            file(b"mp4a", &[], b"\xff\xff\xff\xf0free"),
            "truncated",
        ),
    ] {
        bench.put(name, file);
        let ran = bench.run(&["scan", "--format", "jsonl", name]);
        assert_eq!(ran.code, 3, "{name} {}", ran.out);
        let reason = format!("\"reason\":\"{reason}\"");
        assert!(ran.out.contains(&reason), "{name} {}", ran.out);
    }
}

#[test]
fn a_transcript_of_what_cannot_be_muted_stays_with_it() {
    let bench = Bench::new();
    let sound = file(b"mp4a", &[], &[]);
    let text = "WEBVTT\n\n00:00.000 --> 00:00.300\ncall 416-555-0123\n";
    bench.put("a.m4a", &sound);
    bench.put("a.vtt", text);
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("cannot be muted in place"), "{}", ran.out);
    assert_eq!(bench.get("a.m4a"), sound);
    assert_eq!(bench.get("a.vtt"), text.as_bytes());
}
