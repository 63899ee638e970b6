//! The labelled texts of `fixtures/labelled/written.jsonl`: every written spelling is found at its
//! exact place with its canonical value, and no look-alike is, whatever carries the text and
//! wherever a source is cut.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a text holds: start, end, entity, canonical value.
type Found = Vec<(u64, u64, String, String)>;

struct Label {
    id: String,
    text: String,
    expected: Found,
    regions: Vec<String>,
    /// Whether it stands for itself wherever it is, and not only as a line.
    anywhere: bool,
    golden: bool,
}

/// The text without its marks, and where the marked values stand in it.
fn unmarked(text: &str) -> (String, Vec<(u64, u64)>) {
    let (mut plain, mut places, mut start) = (String::new(), Vec::new(), 0);
    for ch in text.chars() {
        match ch {
            '«' => start = plain.len() as u64,
            '»' => places.push((start, plain.len() as u64)),
            other => plain.push(other),
        }
    }
    (plain, places)
}

/// The canonical value of a term is the packs' own spelling, and not compared.
fn compared(entity: &str, canonical: &str) -> String {
    if entity.starts_with("special.") {
        String::new()
    } else {
        canonical.to_owned()
    }
}

fn labels() -> Vec<Label> {
    include_str!("../fixtures/labelled/written.jsonl")
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let label: Value = serde_json::from_str(line).expect("each label is JSON");
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (text, places) = unmarked(label["text"].as_str().expect("a label has a text"));
            let all = |key: &str| label[key].as_array().into_iter().flatten();
            Label {
                id: word(&label["id"]),
                expected: places
                    .iter()
                    .zip(all("find"))
                    .map(|((start, end), what)| {
                        let entity = word(&what["entity"]);
                        let canonical = compared(&entity, &word(&what["canonical"]));
                        (*start, *end, entity, canonical)
                    })
                    .collect(),
                regions: all("regions").map(word).collect(),
                anywhere: label["carry"] == "any",
                golden: label["golden"] == true,
                text,
            }
        })
        .collect()
}

/// A source that carries a text, and where in it each byte of the text begins; one more for the
/// end.
struct Carried {
    bytes: Vec<u8>,
    at: Vec<u64>,
    /// Where each byte ends that ends a value, where that is not where the next begins.
    ends: Option<Vec<u64>>,
}

impl Carried {
    /// `before`, then each character as `spelled`, then `after`.
    fn new(before: &[u8], text: &str, spelled: impl Fn(char) -> Vec<u8>, after: &[u8]) -> Self {
        let (mut bytes, mut at) = (before.to_vec(), Vec::new());
        for ch in text.chars() {
            at.extend(std::iter::repeat_n(bytes.len() as u64, ch.len_utf8()));
            bytes.extend(spelled(ch));
        }
        at.push(bytes.len() as u64);
        bytes.extend_from_slice(after);
        Self {
            bytes,
            at,
            ends: None,
        }
    }
}

fn plain(ch: char) -> Vec<u8> {
    ch.to_string().into_bytes()
}

fn wide(ch: char) -> Vec<u8> {
    let mut units = [0; 2];
    let units = ch.encode_utf16(&mut units).iter();
    units.flat_map(|unit| unit.to_le_bytes()).collect()
}

/// As JSON writers spell it that keep to ASCII.
fn escaped(ch: char) -> Vec<u8> {
    let mut units = [0; 2];
    match ch {
        '"' | '\\' => format!("\\{ch}").into_bytes(),
        ' '..='~' => plain(ch),
        _ => ch
            .encode_utf16(&mut units)
            .iter()
            .flat_map(|unit| format!("\\u{unit:04x}").into_bytes())
            .collect(),
    }
}

/// As XML writers spell it that keep to ASCII.
fn referred(ch: char) -> Vec<u8> {
    match ch {
        '&' => b"&amp;".to_vec(),
        '<' => b"&lt;".to_vec(),
        '>' => b"&gt;".to_vec(),
        ' '..='~' => plain(ch),
        _ => format!("&#{};", u32::from(ch)).into_bytes(),
    }
}

/// RFC 2045, section 6.7.
fn printable(ch: char) -> Vec<u8> {
    match ch {
        '=' => b"=3D".to_vec(),
        ' '..='~' => plain(ch),
        _ => plain(ch)
            .iter()
            .flat_map(|octet| format!("={octet:02X}").into_bytes())
            .collect(),
    }
}

fn as_element(text: &str) -> Carried {
    let before = b"<?xml version=\"1.0\"?>\n<a>\n<b><note>no</note></b>\n<b><note>";
    Carried::new(before, text, referred, b"</note></b>\n</a>\n")
}

fn as_quoted_printable(text: &str) -> Carried {
    let before = b"From: nobody\nSubject: note\nContent-Type: text/plain; charset=utf-8\n\
Content-Transfer-Encoding: quoted-printable\n\n";
    Carried::new(before, text, printable, b"\n")
}

/// JSON in a string of JSON, as programs log what they were sent.
fn as_nested_string(text: &str) -> Carried {
    let twice = |ch| {
        escaped(ch)
            .into_iter()
            .flat_map(|byte| escaped(byte as char))
            .collect()
    };
    let before = b"{\"ref\":\"A-1\"}\n{\"ref\":\"A-2\",\"got\":\"{\\\"note\\\":\\\"";
    Carried::new(before, text, twice, b"\\\"}\",\"ok\":true}\n")
}

/// A base64 body: an octet shares its group of four characters with its neighbours, so places are
/// those of groups.
fn as_base64(text: &str) -> Carried {
    use std::fmt::Write as _;
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = b"From: nobody\nSubject: note\nContent-Type: text/plain; charset=utf-8\n\
Content-Transfer-Encoding: base64\n\n"
        .to_vec();
    let start = bytes.len();
    let mut packed = String::new();
    for group in text.as_bytes().chunks(3) {
        let octet = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for place in 0..4 {
            let sextet = ALPHABET[(bits >> (18 - 6 * place)) as usize & 63] as char;
            write!(packed, "{}", if place > group.len() { '=' } else { sextet }).unwrap();
        }
    }
    bytes.extend(packed.bytes());
    bytes.push(b'\n');
    let at = (0..=text.len())
        .map(|octet| (start + octet / 3 * 4) as u64)
        .collect();
    let ends = (0..=text.len())
        .map(|octet| (start + octet.div_ceil(3) * 4) as u64)
        .collect();
    Carried {
        bytes,
        at,
        ends: Some(ends),
    }
}

fn as_line(text: &str) -> Carried {
    Carried::new(b"", text, plain, b"\n")
}

fn as_wide_line(text: &str) -> Carried {
    Carried::new(b"\xFF\xFE", text, wide, b"\n\0")
}

fn as_cell(text: &str) -> Carried {
    let doubled = |ch| plain(ch).repeat(if ch == '"' { 2 } else { 1 });
    let before = b"ref,note,ok\r\nA-1,,yes\r\nA-2,\"";
    Carried::new(before, text, doubled, b"\",no\r\nA-3,,yes\r\n")
}

fn as_string(text: &str) -> Carried {
    let before = b"{\"ref\":\"A-1\"}\n{\"ref\":\"A-2\",\"note\":\"";
    Carried::new(before, text, escaped, b"\",\"ok\":true}\n")
}

const FILLER: &[u8] = b"the review went through without a remark from anybody at all. And so ";

/// Behind so much of filler, in lines or in one line, that a cut by size falls into the text.
fn behind(text: &str, len: usize, lines: bool) -> Carried {
    let mut before = FILLER.repeat(len / FILLER.len() - 1);
    before.resize(len, b'z');
    if lines {
        before.chunks_mut(80).for_each(|line| line[0] = b'\n');
    }
    let end: &[u8] = if lines { b"so.\n" } else { b"so. " };
    before.truncate(len - end.len());
    before.extend_from_slice(end);
    let after = if lines {
        [b"\n", FILLER, b"\n"].concat()
    } else {
        [b". ", FILLER].concat()
    };
    Carried::new(&before, text, plain, &after)
}

/// Writes each label's source, scans them all, and tells where a report is not what labels say.
fn wrong(labels: &[Label], name: &str, carry: impl Fn(&Label) -> Option<Carried>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut by_regions: BTreeMap<&[String], Vec<(usize, Found)>> = BTreeMap::new();
    for (number, label) in labels.iter().enumerate() {
        let Some(carried) = carry(label) else {
            continue;
        };
        let at = |offset: u64| carried.at[offset as usize];
        let ends = carried.ends.as_ref().unwrap_or(&carried.at);
        let end_at = |offset: u64| ends[offset as usize];
        let expected = label
            .expected
            .iter()
            .map(|(start, end, entity, canonical)| {
                (at(*start), end_at(*end), entity.clone(), canonical.clone())
            })
            .collect();
        let path = folder.path().join(number.to_string());
        if name == "gzip" {
            let file = std::fs::File::create(path).unwrap();
            let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            gzip.write_all(&carried.bytes).unwrap();
            gzip.finish().unwrap();
        } else {
            std::fs::write(path, &carried.bytes).unwrap();
        }
        let group = by_regions.entry(&label.regions).or_default();
        group.push((number, expected));
    }
    let mut wrong = Vec::new();
    for (regions, group) in by_regions {
        let mut found = scanned(folder.path(), regions, &group);
        for (number, expected) in group {
            let found = found.remove(&number).unwrap_or_default();
            if found != expected {
                let id = &labels[number].id;
                wrong.push(format!(
                    "{name}: {id}: expected {expected:?}, found {found:?}"
                ));
            }
        }
    }
    wrong
}

fn scanned(folder: &Path, regions: &[String], group: &[(usize, Found)]) -> BTreeMap<usize, Found> {
    let mut scan = Command::new(env!("CARGO_BIN_EXE_efface"));
    scan.args(["scan", "--format", "jsonl", "--show-values"])
        .args(group.iter().map(|(number, _)| number.to_string()))
        .current_dir(folder);
    for region in regions {
        scan.args(["--region", region]);
    }
    let output = scan.output().expect("the program starts");
    let mut found: BTreeMap<usize, Found> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).expect("each line is JSON");
        if line["type"] != "finding" {
            continue;
        }
        let word = |key: &str| line[key].as_str().unwrap_or_default();
        let place = |key: &str| line[key].as_u64().unwrap_or_default();
        let entity = word("entity");
        found
            .entry(word("path").parse().unwrap())
            .or_default()
            .push((
                place("start"),
                place("end"),
                entity.to_owned(),
                compared(entity, word("canonical")),
            ));
    }
    found
}

#[test]
fn every_labelled_text_gives_what_its_label_says_in_every_carrier() {
    let labels = labels();
    assert!(labels.iter().filter(|label| label.golden).count() > 30);
    let line = |carry: fn(&str) -> Carried| move |label: &Label| Some(carry(&label.text));
    let value = |carry: fn(&str) -> Carried| {
        move |label: &Label| label.anywhere.then(|| carry(&label.text))
    };
    let mut all = wrong(&labels, "text", line(as_line));
    all.extend(wrong(&labels, "gzip", line(as_line)));
    all.extend(wrong(&labels, "utf-16", line(as_wide_line)));
    all.extend(wrong(&labels, "cell", value(as_cell)));
    all.extend(wrong(&labels, "string", value(as_string)));
    all.extend(wrong(&labels, "xml", value(as_element)));
    all.extend(wrong(
        &labels,
        "quoted-printable",
        line(as_quoted_printable),
    ));
    all.extend(wrong(&labels, "base64", line(as_base64)));
    all.extend(wrong(&labels, "nested", value(as_nested_string)));
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// Windows of a scan: the usual one, and the longest, where a line has to be cut.
const WINDOWS: [(usize, bool); 2] = [(192 << 10, true), (1 << 20, false)];

#[test]
fn a_cut_anywhere_in_a_labelled_text_changes_nothing() {
    let labels = labels();
    let mut all = Vec::new();
    for (window, lines) in WINDOWS {
        // The cut falls before the text, into each third of it, and behind it.
        for thirds in 0..4 {
            all.extend(wrong(&labels, "cut", |label| {
                let into = label.text.len() * thirds / 3;
                (lines || label.anywhere).then(|| behind(&label.text, window - into, lines))
            }));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
