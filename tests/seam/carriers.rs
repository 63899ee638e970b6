//! The nine carriers of one number, with what an independent reader reads before and after.

use std::f64::consts::TAU;
use std::io::Read;
use std::ops::Range;

use efface::edit::Refusal;

use crate::engine::Found;
use crate::{here, pcm, within};

/// A source that holds the number, and what is to become of it.
pub(crate) struct Carrier {
    /// The source's name.
    pub(crate) name: &'static str,
    pub(crate) source: Vec<u8>,
    /// Where the number is.
    pub(crate) found: Vec<Found>,
    /// All that may change when it is masked, where the bytes outside are to be the same.
    pub(crate) places: Option<Vec<Range<usize>>>,
    /// Whether a mask keeps the length of the source.
    pub(crate) same_length: bool,
    /// An independent reader.
    pub(crate) read: fn(&[u8]) -> Vec<String>,
    pub(crate) before: Vec<String>,
    pub(crate) masked: Vec<String>,
    pub(crate) labelled: Result<Vec<String>, Refusal>,
    pub(crate) emptied: Result<Vec<String>, Refusal>,
}

pub(crate) fn all() -> [Carrier; 9] {
    [
        cell(),
        json(),
        gzip(),
        utf16(),
        mail(),
        vtt(),
        words(),
        sqlite(),
        tones(),
    ]
}

fn owned<const N: usize>(lines: [&str; N]) -> Vec<String> {
    lines.map(str::to_owned).to_vec()
}

/// Where `needle` stands, the `nth` time from 0.
fn place(source: &[u8], needle: &str, nth: usize) -> Range<usize> {
    let needle = needle.as_bytes();
    let starts = (0..source.len()).filter(|&at| source[at..].starts_with(needle));
    let start = starts.clone().nth(nth).unwrap();
    start..start + needle.len()
}

fn csv_fields(text: &[u8]) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let records = reader.records().map(Result::unwrap);
    records
        .flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn cell() -> Carrier {
    let source = "id,note,sent\r\n6,none,2026-01-01\r\n\
        7,\"said \"\"416-555-0123\"\" twice, \u{20ac}9\",2026-01-02\r\n"
        .as_bytes()
        .to_vec();
    let number = place(&source, "416-555-0123", 0);
    let fields = |note| {
        owned([
            "id",
            "note",
            "sent",
            "6",
            "none",
            "2026-01-01",
            "7",
            note,
            "2026-01-02",
        ])
    };
    Carrier {
        name: "calls.csv",
        found: vec![here(Some("note"), std::slice::from_ref(&number))],
        places: Some(vec![number]),
        same_length: true,
        read: csv_fields,
        before: fields("said \"416-555-0123\" twice, \u{20ac}9"),
        masked: fields("said \"************\" twice, \u{20ac}9"),
        labelled: Ok(fields("said \"[PHONE]\" twice, \u{20ac}9")),
        emptied: Ok(fields("said \"\" twice, \u{20ac}9")),
        source,
    }
}

fn json() -> Carrier {
    let escaped = r"\u0034\u0031\u0036-555\u002d\u0030123";
    let source = format!(
        "{{\"id\":1,\"note\":\"none\"}}\n{{\"id\":2,\"note\":\"r\\u00e9ring {escaped} \\ud83d\\ude00 \\\"now\\\"\"}}\n"
    )
    .into_bytes();
    let number = place(&source, escaped, 0);
    let notes = |note| owned(["none", note]);
    Carrier {
        name: "messages.jsonl",
        found: vec![here(Some("note"), std::slice::from_ref(&number))],
        places: Some(vec![number]),
        same_length: true,
        read: |bytes| {
            let values =
                serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
            values
                .map(|value| value.unwrap()["note"].as_str().unwrap().to_owned())
                .collect()
        },
        before: notes("r\u{e9}ring 416-555-0123 \u{1f600} \"now\""),
        masked: notes("r\u{e9}ring ************ \u{1f600} \"now\""),
        labelled: Ok(notes("r\u{e9}ring [PHONE] \u{1f600} \"now\"")),
        emptied: Ok(notes("r\u{e9}ring  \u{1f600} \"now\"")),
        source,
    }
}

pub(crate) fn gzip() -> Carrier {
    let source = [
        crate::gzip::compress("one.log", 7, b"nobody called\n"),
        crate::gzip::compress("two.log", 8, b"called 416-555-0123 twice\n"),
        crate::gzip::compress("three.log", 9, b"nobody called back\n"),
    ]
    .concat();
    let lines = |line| owned(["nobody called", line, "nobody called back"]);
    Carrier {
        name: "logs.gz",
        found: vec![within("two.log", 7..19)],
        places: None,
        same_length: false,
        read: |bytes| {
            let mut text = String::new();
            flate2::read::MultiGzDecoder::new(bytes)
                .read_to_string(&mut text)
                .unwrap();
            text.lines().map(str::to_owned).collect()
        },
        before: lines("called 416-555-0123 twice"),
        masked: lines("called ************ twice"),
        labelled: Ok(lines("called [PHONE] twice")),
        emptied: Ok(lines("called  twice")),
        source,
    }
}

/// A quoted cell again, in two bytes a character.
fn utf16() -> Carrier {
    let text = "id,note\r\n7,\"\u{1f600} said \"\"416-555-0123\"\" \u{20ac}9\"\r\n";
    let bytes = text.encode_utf16().flat_map(u16::to_le_bytes);
    let source: Vec<u8> = [0xff, 0xfe].into_iter().chain(bytes).collect();
    let before: Vec<u16> = text[..text.find("416").unwrap()].encode_utf16().collect();
    let start = 2 + 2 * before.len();
    let number = start..start + 24;
    let fields = |note| owned(["id", "note", "7", note]);
    Carrier {
        name: "utf-16.csv",
        found: vec![here(Some("note"), std::slice::from_ref(&number))],
        places: Some(vec![number]),
        same_length: true,
        read: |bytes| {
            let (text, encoding, bad) = encoding_rs::UTF_8.decode(bytes);
            assert_eq!((encoding, bad), (encoding_rs::UTF_16LE, false));
            csv_fields(text.as_bytes())
        },
        before: fields("\u{1f600} said \"416-555-0123\" \u{20ac}9"),
        masked: fields("\u{1f600} said \"************\" \u{20ac}9"),
        labelled: Ok(fields("\u{1f600} said \"[PHONE]\" \u{20ac}9")),
        emptied: Ok(fields("\u{1f600} said \"\" \u{20ac}9")),
        source,
    }
}

/// The encoded lines are written out; each was made by another base64 than the toy format's.
pub(crate) fn mail() -> Carrier {
    const FIRST: &str =
        "RGVhciBhbGwsDQpwbGVhc2UgcmluZyBtZSBiYWNrIG9uIDQxNi01NTUtMDEyMyBiZWZvcmUgbm9v";
    const REST: &str = "biwgdGhlIG9sZCBsaW5lIGlzIGRlYWQuDQpUaGFua3MNCg==";
    let message = |first: &str, rest: &str| {
        format!(
            "From: a@example.com\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n--b\r\n\
             Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             {first}\r\n{rest}\r\n--b--\r\n"
        )
    };
    let source = message(FIRST, REST).into_bytes();
    let first = place(&source, FIRST, 0);
    let lines = |first, rest| message(first, rest).lines().map(str::to_owned).collect();
    Carrier {
        name: "message.eml",
        found: vec![within("2", 34..46)],
        places: Some(vec![first]),
        same_length: true,
        read: |bytes| {
            std::str::from_utf8(bytes)
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect()
        },
        before: lines(FIRST, REST),
        masked: lines(
            "RGVhciBhbGwsDQpwbGVhc2UgcmluZyBtZSBiYWNrIG9uICoqKioqKioqKioqKiBiZWZvcmUgbm9v",
            REST,
        ),
        labelled: Ok(lines(
            "RGVhciBhbGwsDQpwbGVhc2UgcmluZyBtZSBiYWNrIG9uIFtQSE9ORV0gYmVmb3JlIG5vb24sIHRo",
            "ZSBvbGQgbGluZSBpcyBkZWFkLg0KVGhhbmtzDQo=",
        )),
        emptied: Ok(lines(
            "RGVhciBhbGwsDQpwbGVhc2UgcmluZyBtZSBiYWNrIG9uICBiZWZvcmUgbm9vbiwgdGhlIG9sZCBs",
            "aW5lIGlzIGRlYWQuDQpUaGFua3MNCg==",
        )),
        source,
    }
}

/// The number runs over two cues and through a tag.
fn vtt() -> Carrier {
    let captions = |first: &str, second: &str| {
        format!(
            "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.500\n{first}\n\n\
             2\n00:00:02.500 --> 00:00:04.000\n{second}\n"
        )
    };
    let lines = |first, second| captions(first, second).lines().map(str::to_owned).collect();
    let source = captions("my number is 416 <i>555</i>", "0123 thank you").into_bytes();
    let parts = ["416 ", "555", "0123"].map(|part| place(&source, part, 0));
    Carrier {
        name: "call.vtt",
        found: vec![here(None, &parts)],
        places: Some(parts.to_vec()),
        same_length: true,
        read: |bytes| {
            std::str::from_utf8(bytes)
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect()
        },
        before: lines("my number is 416 <i>555</i>", "0123 thank you"),
        masked: lines("my number is ****<i>***</i>", "**** thank you"),
        labelled: Ok(lines("my number is [PHONE]<i></i>", " thank you")),
        emptied: Ok(lines("my number is <i></i>", " thank you")),
        source,
    }
}

/// Every word three times; the transcript's length beside it.
pub(crate) fn words() -> Carrier {
    let document = "{\"transcript\":\"call 416 555 0123 now\",\"transcript_chars\":21,\"words\":[\
        {\"word\":\"call\",\"start\":0.1,\"punctuated_word\":\"Call\"},\
        {\"word\":\"416\",\"start\":0.4,\"punctuated_word\":\"416,\"},\
        {\"word\":\"555\",\"start\":0.9,\"punctuated_word\":\"555,\"},\
        {\"word\":\"0123\",\"start\":1.4,\"punctuated_word\":\"0123.\"},\
        {\"word\":\"now\",\"start\":2.2,\"punctuated_word\":\"Now\"}]}";
    let source = document.as_bytes().to_vec();
    let inner = |quoted: &str, nth| {
        let place = place(&source, quoted, nth);
        place.start + 1..place.end - 1
    };
    let items = ["\"416\"", "\"555\"", "\"0123\""].map(|word| inner(word, 0));
    let written = ["\"416,\"", "\"555,\"", "\"0123.\""].map(|word| inner(word, 0));
    let transcript = place(&source, "416 555 0123", 0);
    let places = [&items[..], &written[..], std::slice::from_ref(&transcript)].concat();
    let spoken = |transcript, chars, words: [&str; 3], written: [&str; 3]| {
        let pairs = std::iter::zip(words, written).flat_map(|(word, written)| [word, written]);
        let words = ["call", "Call"]
            .into_iter()
            .chain(pairs)
            .chain(["now", "Now"]);
        [transcript, chars]
            .into_iter()
            .chain(words)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    Carrier {
        name: "transcript.json",
        found: vec![
            here(Some("word"), &items),
            here(Some("transcript"), &[transcript]),
        ],
        places: Some(places),
        same_length: true,
        read: |bytes| {
            let document: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let words = document["words"].as_array().unwrap().iter();
            [
                text(&document["transcript"]),
                document["transcript_chars"].to_string(),
            ]
            .into_iter()
            .chain(words.flat_map(|w| [text(&w["word"]), text(&w["punctuated_word"])]))
            .collect()
        },
        before: spoken(
            "call 416 555 0123 now",
            "21",
            ["416", "555", "0123"],
            ["416,", "555,", "0123."],
        ),
        masked: spoken(
            "call ************ now",
            "21",
            ["***", "***", "****"],
            ["****", "****", "*****"],
        ),
        labelled: Ok(spoken(
            "call [PHONE] now",
            "16",
            ["[PHONE]", "", ""],
            ["[PHONE]", "", ""],
        )),
        emptied: Ok(spoken("call  now", "9", ["", "", ""], ["", "", ""])),
        source,
    }
}

pub(crate) fn sqlite() -> Carrier {
    let mut database = rusqlite::Connection::open_in_memory().unwrap();
    database
        .execute_batch(
            "CREATE TABLE \"odd \"\"name\" (id INTEGER PRIMARY KEY, body TEXT, tone BLOB, cost REAL);
             CREATE INDEX bodies ON \"odd \"\"name\" (body);
             INSERT INTO \"odd \"\"name\" VALUES
                 (3, 'none', x'00ff', 0.5),
                 (5, 'ring 416-555-0123 \u{20ac}', NULL, 2.25);",
        )
        .unwrap();
    let rows = |body: &str| {
        let schema = "CREATE TABLE \"odd \"\"name\" (id INTEGER PRIMARY KEY, body TEXT, tone BLOB, cost REAL)";
        let row = format!("5|'ring {body} \u{20ac}'|NULL|2.25");
        owned([
            schema,
            "CREATE INDEX bodies ON \"odd \"\"name\" (body)",
            "3|'none'|X'00FF'|0.5",
            &row,
            "ok",
        ])
    };
    Carrier {
        name: "messages.db",
        source: crate::sqlite::file(&mut database),
        found: vec![within("odd \"name/body/5", 5..17)],
        places: None,
        same_length: true,
        read: |bytes| {
            let database = crate::sqlite::open(bytes);
            let all = |sql| {
                let mut query = database.prepare(sql).unwrap();
                let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
                rows.map(Result::unwrap).collect::<Vec<_>>()
            };
            let rows =
                "SELECT rowid || '|' || quote(body) || '|' || quote(tone) || '|' || quote(cost)
                FROM \"odd \"\"name\" ORDER BY rowid";
            [
                all("SELECT sql FROM sqlite_schema ORDER BY rowid"),
                all(rows),
                all("PRAGMA integrity_check"),
            ]
            .concat()
        },
        before: rows("416-555-0123"),
        masked: rows("************"),
        labelled: Ok(rows("[PHONE]")),
        emptied: Ok(rows("")),
    }
}

/// A recording: two blocks of silence, then each key five blocks with three of silence behind.
fn tones() -> Carrier {
    let mut samples = vec![pcm::SILENCE; 2 * pcm::BLOCK];
    let mut parts = Vec::new();
    for key in b"4165550123" {
        let (low, high) = pcm::frequencies(*key);
        let start = pcm::HEADER + samples.len();
        samples.extend((0..5 * pcm::BLOCK).map(|n| {
            let time = n as f64 / pcm::RATE as f64;
            let level = (TAU * low * time).sin() + (TAU * high * time).sin();
            (f64::from(pcm::SILENCE) + 50.0 * level) as u8
        }));
        parts.push(start..pcm::HEADER + samples.len());
        samples.extend([pcm::SILENCE; 3 * pcm::BLOCK]);
    }
    let length = |bytes: usize| (bytes as u32).to_le_bytes();
    let source = [
        &b"RIFF"[..],
        &length(36 + samples.len()),
        b"WAVEfmt \x10\0\0\0\x01\0\x01\0",
        &length(pcm::RATE),
        &length(pcm::RATE),
        b"\x01\0\x08\0data",
        &length(samples.len()),
        &samples,
    ]
    .concat();
    let heard = |tone: &str| owned(["44", "6560", "..", &tone.repeat(10)]);
    Carrier {
        name: "call.wav",
        source,
        found: vec![here(None, &parts)],
        places: Some(parts),
        same_length: true,
        // Chunk lengths, then a mark for every ten milliseconds: something or exactly nothing.
        read: |bytes| {
            let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            assert_eq!(word(4) as usize + 8, bytes.len());
            let marks: String = bytes[44..]
                .chunks(80)
                .map(|block| {
                    if block.iter().all(|s| *s == 0x80) {
                        '.'
                    } else {
                        '#'
                    }
                })
                .collect();
            let header = bytes.len() - word(40) as usize;
            vec![
                header.to_string(),
                word(40).to_string(),
                marks[..2].to_owned(),
                marks[2..].to_owned(),
            ]
        },
        before: heard("#####..."),
        masked: heard("........"),
        labelled: Err(Refusal::FixedWidth),
        emptied: Err(Refusal::FixedWidth),
    }
}
