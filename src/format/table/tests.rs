use proptest::prelude::*;

use std::ops::Range;

use super::outline::{Outline, last_end};
use super::record::{LONGEST_QUOTED, Records, Row, last_cell_end};
use super::*;
use crate::edit::Refusal;
use crate::format::{Location, SlotKind, Torn, tell};
use crate::view::{Codec, Party, Register};

fn head<'a>(text: &'a [u8], name: &'a str) -> Head<'a> {
    Head {
        text,
        name,
        whole: true,
    }
}

/// The bounds of every cell of a row, in order.
fn bounds(row: &Row, text: &[u8]) -> Vec<(usize, usize)> {
    let last = last_cell_end(text, row.start, row.end);
    let mut start = row.start;
    let ends = row.dividers().map(|divider| (divider, divider + 1));
    ends.chain([(last, last)])
        .map(|(end, next)| {
            let cell = (start, end);
            start = next;
            cell
        })
        .collect()
}

/// Every record's cells, decoded, by the code under test.
fn cells_of(text: &[u8], dialect: Dialect) -> Vec<Vec<Vec<u8>>> {
    let mut records = Records::new(dialect, 0);
    let mut row = Row::default();
    let mut out = Vec::new();
    while records.next(text, true, &mut row) {
        if last_cell_end(text, row.start, row.end) > row.start {
            let cell =
                |(start, end): (usize, usize)| cells::decoded(&text[start..end]).into_owned();
            out.push(bounds(&row, text).into_iter().map(cell).collect());
        }
    }
    out
}

/// The same by the csv crate.
fn oracle(text: &[u8], delimiter: u8) -> Vec<Vec<Vec<u8>>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text)
        .byte_records()
        .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
        .collect()
}

const COMMA: Dialect = Dialect {
    delimiter: b',',
    quotes: true,
};

fn piece() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        3 => Just("a"),
        3 => Just("4165550123"),
        3 => Just(","),
        2 => Just("\n"),
        1 => Just("\r\n"),
        2 => Just("\""),
        2 => Just("\"\""),
        2 => Just(",\"x,y\","),
        1 => Just("\"line\nbreak\""),
        1 => Just(" "),
        1 => Just("a longer cell that fills more than one block of sixty-four bytes, nearly two"),
        1 => Just("\u{e9}"),
    ]
}

fn cell() -> impl Strategy<Value = String> {
    prop::string::string_regex("[a-z0-9 ,\";\n\u{e9}+()-]{0,90}").unwrap()
}

proptest! {
    #[test]
    fn well_formed_tables_are_read_as_the_oracle_reads_them(
        rows in prop::collection::vec(prop::collection::vec(cell(), 1..9), 1..12),
        always in any::<bool>(),
        crlf in any::<bool>(),
        delimiter in prop::sample::select(b",;|\t".to_vec()),
        unfinished in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .delimiter(delimiter)
            .quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let mut text = writer.into_inner().unwrap();
        if unfinished {
            while matches!(text.last(), Some(b'\n' | b'\r')) {
                text.pop();
            }
        }
        let dialect = Dialect { delimiter, quotes: true };
        prop_assert_eq!(cells_of(&text, dialect), oracle(&text, delimiter));
    }

    #[test]
    fn odd_quotes_are_read_as_the_oracle_reads_them(
        pieces in prop::collection::vec(piece(), 0..60),
    ) {
        let text = pieces.concat();
        // A quote left open at the end is where the oracle gives up and lines are read instead.
        let closed = format!("{text}\n");
        let mut row = Row::default();
        let mut records = Records::new(COMMA, 0);
        let mut broken = false;
        while records.next(closed.as_bytes(), true, &mut row) {
            broken |= row.text;
        }
        prop_assume!(!broken);
        prop_assert_eq!(
            cells_of(closed.as_bytes(), COMMA),
            oracle(closed.as_bytes(), b',')
        );
    }

    #[test]
    fn rows_cover_every_byte_and_cells_lie_in_their_rows(
        pieces in prop::collection::vec(piece(), 0..60),
    ) {
        let text = pieces.concat();
        let mut records = Records::new(COMMA, 0);
        let mut row = Row::default();
        let mut at = 0;
        while records.next(text.as_bytes(), true, &mut row) {
            prop_assert_eq!(row.start, at);
            prop_assert!(row.end > at);
            at = row.end;
        }
        prop_assert_eq!(at, text.len());
    }

    /// The sweep over blocks is held to the reading of single records.
    #[test]
    fn an_outline_divides_a_text_as_its_records_do(
        pieces in prop::collection::vec(piece(), 0..200),
        skipped in 0usize..130,
        quotes in any::<bool>(),
    ) {
        let text = format!("{}{}", "\n".repeat(skipped), pieces.concat());
        let text = text.as_bytes();
        let dialect = Dialect { quotes, ..COMMA };
        let outline = Outline::of(text, skipped, dialect, true);
        let mut records = Records::new(dialect, skipped);
        let mut row = Row::default();
        while records.next(text, true, &mut row) {
            for at in row.start..row.end {
                prop_assert_eq!(outline.row_start(at, skipped), row.start);
                prop_assert_eq!(outline.row_end(at, text.len()), row.end);
            }
            prop_assert_eq!(outline.is_broken(row.start), row.text);
            let mut expected = row.dividers();
            let mut at = row.start;
            let mut number = 0;
            while let Some(divider) = outline.divider_from(at).filter(|&at| at < row.end) {
                prop_assert_eq!(expected.next(), Some(divider));
                prop_assert_eq!(outline.dividers_in(row.start..divider), number);
                at = divider + 1;
                number += 1;
            }
            prop_assert_eq!(expected.next(), None);
            let end = last_cell_end(text, row.start, row.end);
            let cells = outline.cells(row.start..row.end, end);
            let found: Vec<(usize, usize)> = cells.map(|cell| (cell.start, cell.end)).collect();
            prop_assert_eq!(found, bounds(&row, text));
        }
        let rows: usize = outline.rows(skipped, text.len()).map(|row| row.len()).sum();
        prop_assert_eq!(rows, text.len() - skipped);
    }

    #[test]
    fn a_window_is_cut_behind_its_last_whole_record(
        pieces in prop::collection::vec(piece(), 0..200),
    ) {
        let text = pieces.concat();
        let mut records = Records::new(COMMA, 0);
        let mut row = Row::default();
        let mut end = None;
        while records.next(text.as_bytes(), false, &mut row) && row.whole {
            end = Some(row.end);
        }
        prop_assert_eq!(last_end(text.as_bytes(), COMMA), end);
    }

    #[test]
    fn a_cut_anywhere_leaves_every_place_in_its_record_and_column(
        pieces in prop::collection::vec(piece(), 0..80),
        split in any::<prop::sample::Index>(),
    ) {
        let text = pieces.concat();
        let reader = CSV.open(&head(b"src,dst\n1,2\n", "a.csv"));
        let whole = places(&*reader, text.as_bytes(), 0..text.len());
        let window = &text.as_bytes()[..split.index(text.len() + 1)];
        if let Some(cut) = last_end(window, COMMA) {
            let mut parts = places(&*reader, text.as_bytes(), 0..cut);
            let before = reader.index(chunk(text.as_bytes(), 0..cut)).records();
            parts.extend(places(&*reader, text.as_bytes(), cut..text.len()).into_iter().map(
                |mut location| {
                    location.record = location.record.map(|record| record + before);
                    location
                },
            ));
            prop_assert_eq!(whole, parts);
        }
    }
}

fn chunk(text: &[u8], owned: Range<usize>) -> Chunk<'_> {
    Chunk {
        text: &text[..owned.end],
        start: owned.start,
        end: owned.end,
        offset: 0,
        torn: Torn::default(),
    }
}

fn places(reader: &dyn Reader, text: &[u8], owned: Range<usize>) -> Vec<Location> {
    let index = reader.index(chunk(text, owned.clone()));
    owned.map(|at| index.locate(at)).collect()
}

#[test]
fn a_table_is_told_by_its_content_first() {
    let cases: &[(&str, &str, &str)] = &[
        ("a,b,c\n1,2,3\n4,5,6\n", "x", "csv"),
        ("name;phone\nJane;4165550123\n", "x", "csv"),
        ("a|b|c\n1|2|3\n", "x", "csv"),
        ("a\tb\tc\n1\t2\t3\n", "x.csv", "tsv"),
        (
            "2024-04-25 16:00:00,4165550123,8005550199,63,ANSWERED",
            "x",
            "csv",
        ),
        ("one column\nonly\n", "x.csv", "text"),
        (
            "Hello, Jane, how are you, dear?\nFine, thanks, and you, sir?\n",
            "x",
            "text",
        ),
        ("Dear Jane,\nthank you.\nYours, Ann\n", "x", "text"),
        (
            "2024-04-25 16:00:00,123 INFO a\n2024-04-25 16:00:01,456 WARN b, c\n",
            "x",
            "text",
        ),
        ("", "x.csv", "text"),
        ("", "x", "text"),
    ];
    for (text, name, want) in cases {
        assert_eq!(tell(&head(text.as_bytes(), name)).name(), *want, "{text:?}");
    }
}

/// The field, party, label and value at the first place of `value` in `text`.
fn at_value(text: &str, value: &str) -> (Location, Option<String>, String, Register) {
    let reader = tell(&head(text.as_bytes(), "x")).open(&head(text.as_bytes(), "x"));
    let index = reader.index(Chunk::whole(text.as_bytes()));
    let at = text.find(value).unwrap();
    let hints = index.hints(at);
    let label = hints
        .label
        .map(|label| String::from_utf8_lossy(label).into_owned());
    let value = hints.value.map_or("", |range| &text[range]);
    (index.locate(at), label, value.to_owned(), hints.register)
}

#[test]
fn a_value_has_its_column_and_its_bounds() {
    let text = "name,src,\"the note\"\r\n\"Doe, Jane\",4165550123,\"a \"\"b\"\"\nc\"\r\nx,y,last";
    for (value, record, field, whole) in [
        ("Jane", 0, "name", "Doe, Jane"),
        ("4165550123", 0, "src", "4165550123"),
        ("b\"\"", 0, "the note", "a \"\"b\"\"\nc"),
        ("last", 1, "the note", "last"),
    ] {
        let (location, label, bounds, register) = at_value(text, value);
        assert_eq!(location.record, Some(record), "{value}");
        assert_eq!(location.field.as_deref(), Some(field), "{value}");
        assert_eq!(label.as_deref(), Some(field), "{value}");
        assert_eq!(bounds, whole, "{value}");
        assert_eq!(register, Register::Cell, "{value}");
    }
    let (location, label, ..) = at_value(text, "name");
    assert_eq!(
        (location.record, label),
        (None, None),
        "a header is no record"
    );
}

#[test]
fn records_are_counted_without_headings_and_empty_lines() {
    let text = b"name,phone\nJane,4165550123\n\nJohn,4165550124\nname,phone\nAnn,4165550125";
    let reader = CSV.open(&head(text, "a.csv"));
    let index = reader.index(Chunk::whole(text));
    assert_eq!(index.records(), 3);
    assert_eq!(index.locate(text.len() - 1).record, Some(2));
    assert_eq!(index.locate(12).record, Some(0));
    assert_eq!(index.records(), 3);
}

#[test]
fn an_unclosed_quote_costs_its_stretch_and_no_more() {
    let mut text = b"src,note\n1,\"never closed\n".to_vec();
    while text.len() < 3 * LONGEST_QUOTED {
        text.extend(b"4165550123,fine\n");
    }
    let reader = CSV.open(&head(b"src,note\n1,2\n", "a.csv"));
    let index = reader.index(Chunk::whole(&text));
    assert_eq!(index.hints(12).label, None);
    let late = 2 * LONGEST_QUOTED / 16 * 16 + 25;
    let value = index.hints(late).value.unwrap();
    assert_eq!(&text[value], b"4165550123");
    assert_eq!(index.hints(late).label, Some(&b"src"[..]));
    assert_eq!(reader.cut(&text), Cut::Record(text.len()));
}

#[test]
fn a_cell_takes_text_in_its_own_way() {
    let text = b"INTEGER,VARCHAR(50),VARCHAR(50)\n42,\"4165550123\",bare\n";
    let reader = CSV.open(&head(text, "a.csv"));
    let chunk = Chunk::whole(text);
    let number = reader.slot(chunk, 32..34);
    assert_eq!(
        (number.kind, number.style),
        (SlotKind::Number, Codec::BareCell(b','))
    );
    let quoted = reader.slot(chunk, 36..46);
    assert_eq!(
        (quoted.kind, quoted.style),
        (SlotKind::Text, Codec::QuotedCell)
    );
    assert_eq!(
        quoted.style.text("say \"a, b\"").unwrap(),
        b"say \"\"a, b\"\""
    );
    let bare = reader.slot(chunk, 48..52);
    assert_eq!(
        (bare.kind, bare.style),
        (SlotKind::Text, Codec::BareCell(b','))
    );
    assert_eq!(bare.style.text("[PHONE]").unwrap(), b"[PHONE]");
    assert_eq!(bare.style.text("a,b"), Err(Refusal::NotEncodable));
}

#[test]
fn a_row_goes_with_its_line_end_and_headings_stay() {
    let text = b"name,phone\r\nJane,4165550123\r\nJohn,4165550124";
    let reader = CSV.open(&head(text, "a.csv"));
    let drop = |at| {
        reader
            .drop_record(Chunk::whole(text), at)
            .map(|s| s[0].range.clone())
    };
    assert_eq!(drop(2), Err(Refusal::NotDroppable));
    assert_eq!(drop(14), Ok(12..29));
    assert_eq!(drop(40), Ok(29..44));
}

mod data {
    use super::*;

    #[derive(serde::Deserialize)]
    struct File {
        name: String,
        #[serde(default)]
        example: Vec<Example>,
        #[serde(default)]
        counter_example: Vec<CounterExample>,
    }

    #[derive(serde::Deserialize)]
    struct Example {
        rows: String,
        cells: std::collections::BTreeMap<String, String>,
    }

    #[derive(serde::Deserialize)]
    struct CounterExample {
        rows: String,
    }

    fn layout_of(rows: &str) -> Option<&'static str> {
        Columns::learn(rows.as_bytes(), COMMA).layout
    }

    #[test]
    fn every_layout_tells_its_examples_and_refuses_its_counter_examples() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/patterns/layouts");
        let mut examples = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            for example in &file.example {
                let rows = &example.rows;
                assert_eq!(layout_of(rows), Some(file.name.as_str()), "{rows}");
                for (field, value) in &example.cells {
                    let place = rows.rfind(value.as_str()).unwrap();
                    let found = (0..=place)
                        .rev()
                        .filter(|&at| rows[at..].starts_with(value.as_str()))
                        .map(|at| located(rows, at))
                        .any(|location| location.field.as_deref() == Some(field.as_str()));
                    assert!(
                        found,
                        "{}: {field} = {value}: {:?}",
                        file.name,
                        located(rows, place)
                    );
                }
                assert_eq!(tell(&head(rows.as_bytes(), "x")).name(), "csv", "{rows}");
                examples += 1;
            }
            for counter in &file.counter_example {
                assert_ne!(
                    layout_of(&counter.rows),
                    Some(file.name.as_str()),
                    "{}",
                    counter.rows
                );
            }
        }
        assert!(examples >= 10);
    }

    fn located(rows: &str, at: usize) -> Location {
        let reader = CSV.open(&head(rows.as_bytes(), "x"));
        reader.index(Chunk::whole(rows.as_bytes())).locate(at)
    }

    #[test]
    fn a_layout_says_whose_a_value_is() {
        let text = "\"\",\"2025550123\",\"15075550144\",\"from-trunk\",\"2025550123\",\"SIP/a-1\",\"\",\
            \"Dial\",\"SIP/108\",\"2023-01-01 00:00:02\",\"\",\"2023-01-01 00:14:25\",863,0,\
            \"NO ANSWER\",\"BILLING\"\n";
        let party = |value| at_value(text, value).0.party;
        assert_eq!(party("2025550123"), Some(Party::Caller));
        assert_eq!(party("15075550144"), Some(Party::Callee));
        assert_eq!(party("from-trunk"), None);
    }
}
