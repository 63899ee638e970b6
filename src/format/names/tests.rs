//! What is a value in a name, and what only looks like one.

use super::{NAME, reader};
use crate::detect::phone::plan::Region;
use crate::detect::{Detectors, Scratch};
use crate::entity::EntitySet;
use crate::finding::Confidence;
use crate::format::{Chunk, Torn, Width};

fn found(name: &str) -> Vec<(&'static str, String)> {
    let us = vec![Region::parse("US").unwrap()];
    let detectors = Detectors::new(us, EntitySet::all(), Confidence(50));
    let reader = reader(NAME, Width::Same);
    let chunk = Chunk {
        text: name.as_bytes(),
        start: 0,
        end: name.len(),
        offset: 0,
        torn: Torn::default(),
    };
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    let mut all = Vec::new();
    for view in &content.views {
        let mut hits = Vec::new();
        detectors.scan(view, &mut Scratch::default(), &mut hits);
        for hit in hits {
            for part in view.parts(hit.range.clone()) {
                let part = part.start as usize..part.end as usize;
                all.push((part.start, (hit.entity.name(), name[part].to_owned())));
            }
        }
    }
    all.sort();
    all.into_iter().map(|(_, one)| one).collect()
}

#[test]
fn values_in_names_are_found() {
    for (name, values) in [
        (
            "out-4165550123-101-20240115-093012-1705329012.1.wav",
            &["4165550123"][..],
        ),
        (
            "in-14165550123-6475550148-20240115-093012-1705329012.17.wav",
            &["14165550123", "6475550148"],
        ),
        ("rec_14165550123_20240425T160000.wav", &["14165550123"]),
        ("+14165550123.wav", &["+14165550123"]),
        (
            "rec/+14165550123/+16475550148.ulaw",
            &["+14165550123", "+16475550148"],
        ),
        ("cdr-csv/4165550123.csv", &["4165550123"]),
        ("PTT-20240115-WA0001 416-555-0123.opus", &["416-555-0123"]),
        ("Call with (416) 555-0123.m4a", &["(416) 555-0123"]),
        ("jane.doe@example.com.mbox", &["jane.doe@example.com.mbox"]),
        ("mail/jane@example.com/inbox", &["jane@example.com"]),
        ("exten-101-4165550123-20240115-093012.WAV", &["4165550123"]),
        ("Call recording 4165550123_240115.amr", &["4165550123"]),
        (
            "q-600-+442079460958-20240115-093012-1705329012.4.wav",
            &["+442079460958"],
        ),
    ] {
        let found = found(name);
        let shown: Vec<&str> = found.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(shown, values, "{name}: {found:?}");
    }
}

#[test]
fn times_and_ids_in_names_are_none() {
    for name in [
        "1705329012.1.wav",
        "1705329012.17.M123456P7890.host,S=1234,W=1260:2,S",
        "1705329012123.json",
        "20240115-093012.wav",
        "20240115093012.wav",
        "2024/01/15/20240115-093012-1705329012.1-in.wav",
        "PTT-20240115-WA0001.opus",
        "IMG-20240115-WA0023.jpg",
        "IMG_20240115_093012123.jpg",
        "VID_20240115_093012.mp4",
        "110bcd25-a55d-453a-8046-129790123456.json",
        "00000000-0000-0000-0000-123456789012.json",
        "access.log.12.gz",
        "access-2024-01-15T09-30-12Z.log",
        "cdr_cluster_01_202401150930_123456",
        "invoice-4165550123.pdf",
        "a_110bcd25-a55d-453a-8046-129790123456.cdr.xml",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "CA0123456789abcdef0123456789abcdef.json",
        "python-3.11.4.tar.xz",
        "out-xxxxxxxxxx-101-20240115-093012-1705329012.1.wav",
    ] {
        assert_eq!(found(name), [], "{name}");
    }
}
