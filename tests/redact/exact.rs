//! R1, R7, R8: outside the values nothing changes, independent readers still read the file, a
//! second run changes nothing, and a scan finds nothing.

use std::io::Write;

use crate::bench::Bench;

fn gzip(name: &str, text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new()
        .filename(name)
        .mtime(1_700_000_000)
        .write(Vec::new(), flate2::Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd_of(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).unwrap()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let mark = [0xfeff_u16];
    let units = mark.into_iter().chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        })
        .collect()
}

const CSV: &str = "id,src,note\r\n1,4165550123,\"said \"\"hi, 416-555-0123\"\"\"\r\n2,,plain\r\n";
const CSV_MASKED: &str =
    "id,src,note\r\n1,**********,\"said \"\"hi, ************\"\"\"\r\n2,,plain\r\n";
const JSON: &str = "{\"from\": \"+14165550123\", \"uniqueid\": 4165550123, \"phone\":4165550123, \
                    \"mail\":\"jane\\u0040example.com\"}\n";
const JSON_MASKED: &str = "{\"from\": \"************\", \"uniqueid\": 4165550123, \
                           \"phone\":1000000000, \"mail\":\"****\\u002a***********\"}\n";
const LOG: &str = "2024-05-02 10:11:12 call from +1 (416) 555-0123 card 4111 1111 1111 1111\n";
const LOG_MASKED: &str =
    "2024-05-02 10:11:12 call from ***************** card *******************\n";

#[test]
fn every_kind_of_file_keeps_all_bytes_but_the_values() {
    let latin = |text: &str| -> Vec<u8> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect()
    };
    let cases: Vec<(&str, Vec<u8>, Vec<u8>)> = vec![
        ("a.csv", CSV.into(), CSV_MASKED.into()),
        (
            "bom.csv",
            format!("\u{feff}{CSV}").into(),
            format!("\u{feff}{CSV_MASKED}").into(),
        ),
        ("a.jsonl", JSON.into(), JSON_MASKED.into()),
        ("a.json", JSON.into(), JSON_MASKED.into()),
        ("app.log", LOG.into(), LOG_MASKED.into()),
        (
            "no-end.log",
            LOG.trim_end().into(),
            LOG_MASKED.trim_end().into(),
        ),
        ("le.txt", utf16(LOG, true), utf16(LOG_MASKED, true)),
        ("be.csv", utf16(CSV, false), utf16(CSV_MASKED, false)),
        (
            "latin.txt",
            latin(&format!("Jos\u{e9} {LOG}")),
            latin(&format!("Jos\u{e9} {LOG_MASKED}")),
        ),
    ];
    let bench = Bench::new();
    for (name, old, _) in &cases {
        bench.put(name, old);
    }
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for (name, _, masked) in &cases {
        assert!(
            bench.get(name) == *masked,
            "{name}: {:?}",
            String::from_utf8_lossy(&bench.get(name))
        );
    }
    for (name, old, masked) in &cases {
        let piped = bench.filter(&[], old);
        assert!(
            piped == *masked,
            "{name} through the filter: {:?}",
            String::from_utf8_lossy(&piped)
        );
    }
    let mut expected: Vec<_> = cases.iter().map(|(name, ..)| (*name).to_owned()).collect();
    expected.sort();
    assert_eq!(bench.names(), expected, "nothing stays beside the files");
    assert_eq!(bench.found(&["."]), 0, "the id is no phone number");
    let again = bench.run(&["redact", "--in-place", "."]);
    assert!(again.out.starts_with("nothing to change"), "{}", again.out);
}

#[test]
fn only_the_member_that_is_touched_is_compressed_anew() {
    let bench = Bench::new();
    let plain = gzip("one.log", b"nothing to see\n");
    let touched = gzip("two.log", LOG.as_bytes());
    let halves = LOG.split_at(LOG.find("(416)").unwrap());
    let split = [
        gzip("a", halves.0.as_bytes()),
        gzip("b", halves.1.as_bytes()),
    ]
    .concat();
    bench.put("a.log.gz", [&plain[..], &touched, &plain].concat());
    bench.put("split.log.gz", [&split[..], &plain].concat());
    bench.put(
        "a.log.zst",
        [zstd_of(b"before\n"), zstd_of(LOG.as_bytes())].concat(),
    );
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let new = bench.get("a.log.gz");
    assert!(new.starts_with(&plain) && new.ends_with(&plain));
    let middle = &new[plain.len()..new.len() - plain.len()];
    let mut member = flate2::read::GzDecoder::new(middle);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut member, &mut text).unwrap();
    assert_eq!(text, LOG_MASKED);
    let header = member.header().unwrap();
    assert_eq!(
        (header.filename(), header.mtime()),
        (Some(&b"two.log"[..]), 1_700_000_000)
    );
    let all = |bytes: &[u8]| {
        let mut text = String::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(bytes);
        std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
        text
    };
    let split = bench.get("split.log.gz");
    assert!(split.ends_with(&plain));
    assert_eq!(all(&split), format!("{LOG_MASKED}nothing to see\n"));
    let zst = bench.get("a.log.zst");
    assert!(zst.starts_with(&zstd_of(b"before\n")));
    assert_eq!(
        zstd::decode_all(&zst[..]).unwrap(),
        format!("before\n{LOG_MASKED}").as_bytes()
    );
    assert_eq!(bench.found(&["."]), 0);
}

#[test]
fn copies_go_to_another_folder_and_the_files_stay() {
    let bench = Bench::new();
    bench.put("in/a/cdr.csv", CSV);
    bench.put("in/clean.txt", "nothing here\n");
    bench.put("in/blob.bin", [0, 159, 146, 150, 0, 1, 2, 3]);
    let ran = bench.run(&["redact", "--out", "out/pack", "--operator", "label", "in"]);
    assert_eq!(
        ran.code, 3,
        "what was not read is not given away: {}",
        ran.out
    );
    assert!(ran.out.contains("blob.bin"), "{}", ran.out);
    assert_eq!(bench.get("in/a/cdr.csv"), CSV.as_bytes());
    let labelled = CSV
        .replace("4165550123", "[PHONE]")
        .replace("416-555-0123", "[PHONE]");
    assert_eq!(bench.get("out/pack/a/cdr.csv"), labelled.as_bytes());
    assert_eq!(bench.get("out/pack/clean.txt"), b"nothing here\n");
    assert!(!bench.path("out/pack/blob.bin").exists());
}

#[test]
fn a_large_table_is_masked_as_its_rows_are() {
    let bench = Bench::new();
    let row = |n: usize, phone: &str| format!("{n},{phone},ANSWERED,{}\n", n * 7);
    let (mut old, mut new) = (
        "id,src,state,secs\n".to_owned(),
        "id,src,state,secs\n".to_owned(),
    );
    for n in 0..60_000 {
        let phone = format!("416555{:04}", 100 + n % 100);
        old.push_str(&row(n, &phone));
        new.push_str(&row(n, "**********"));
    }
    bench.put("cdr.csv", &old);
    for threads in ["1", "2"] {
        bench.put("cdr.csv", &old);
        let ran = bench.run(&["redact", "--in-place", "-j", threads, "cdr.csv"]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(bench.get("cdr.csv") == new.as_bytes(), "{threads} threads");
    }
    let rows = csv::Reader::from_reader(new.as_bytes())
        .into_records()
        .count();
    assert_eq!(rows, 60_000);
}
