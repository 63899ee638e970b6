//! The records once more, in forms that any program reads: JSON Lines and a table, with their
//! schema. They are read back from the copies, so they hold nothing that those do not.

use std::ffi::OsStr;
use std::os::fd::AsFd;

use serde_json::{Map, Value, json};

use super::given::Given;
use super::page::{review_end, review_row, review_start};
use super::sheet::{Sheet, cell, is_formula};
use super::{Request, place};
use crate::redact::failure::{Doing, Outcome};
use crate::redact::io::Io;
use crate::scan::records::each_records;

/// Texts listed for review: more is no review.
const REVIEWED: u64 = 20_000;
/// The shortest text in which somebody could be spoken of.
const SHORTEST_TEXT: usize = 12;

/// Writes the lists and the page for who reviews; gives the number of records.
pub(super) fn write(io: &Io, request: &Request<'_>, given: &mut [Given]) -> Outcome<u64> {
    let mut lines = Sheet::new(io, &request.out.join("records.jsonl"))?;
    let mut table = Sheet::new(io, &request.out.join("records.csv"))?;
    let mut review = Sheet::new(io, &request.out.join("review.html"))?;
    review_start(&mut review.text);
    table
        .text
        .extend_from_slice(b"source,record,field,party,value\r\n");
    let (mut records, mut texts) = (0, 0);
    for one in given.iter_mut().filter(|one| one.withheld.is_none()) {
        let mut failed = Ok(());
        let mut formula = false;
        let name = one.name.clone();
        let read = each_records(&place(request, one), |page| {
            for record in page {
                one.records += 1;
                let fields = record.fields();
                let mut list = Vec::new();
                for field in &fields {
                    formula |= is_formula(&field.value);
                    let number = record
                        .number
                        .map(|number| number.to_string())
                        .unwrap_or_default();
                    let party = field.party.map_or("", |party| party.name());
                    for (at, text) in [&name, &number, &field.name, party, &field.value]
                        .into_iter()
                        .enumerate()
                    {
                        if at > 0 {
                            table.text.push(b',');
                        }
                        cell(&mut table.text, text);
                    }
                    table.text.extend_from_slice(b"\r\n");
                    if is_text(&field.value) {
                        texts += 1;
                        if texts <= REVIEWED {
                            review_row(&mut review.text, &name, &number, &field.name, &field.value);
                        }
                    }
                    list.push(json!({
                        "name": field.name,
                        "party": field.party.map(|party| party.name()),
                        "value": field.value,
                    }));
                }
                let mut line = Map::new();
                line.insert("source".into(), json!(name));
                line.insert("record".into(), json!(record.number));
                line.insert("fields".into(), Value::Array(list));
                lines
                    .text
                    .extend_from_slice(Value::Object(line).to_string().as_bytes());
                lines.text.push(b'\n');
            }
            for sheet in [&mut lines, &mut table, &mut review] {
                if failed.is_ok() {
                    failed = sheet.turn();
                }
            }
        });
        failed?;
        if let Err(reason) = read {
            one.withheld = Some(format!(
                "its copy could not be read back ({})",
                reason.name()
            ));
        }
        records += one.records;
        if formula && has_cells(&one.name) {
            rename(io, request, one)?;
        }
    }
    review_end(&mut review.text, texts, REVIEWED);
    lines.finish()?;
    table.finish()?;
    review.finish()?;
    let mut schema = Sheet::new(io, &request.out.join("schema.json"))?;
    schema.text.extend_from_slice(SCHEMA.as_bytes());
    schema.finish()?;
    Ok(records)
}

/// Whether people write in it: several words.
fn is_text(value: &str) -> bool {
    value.len() >= SHORTEST_TEXT
        && value.trim().contains(' ')
        && value.chars().any(char::is_alphabetic)
}

fn has_cells(name: &str) -> bool {
    [".csv", ".tsv", ".psv"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Gives a table in which a cell is a formula an ending that no spreadsheet opens by itself.
fn rename(io: &Io, request: &Request<'_>, one: &mut Given) -> Outcome<()> {
    const DOING: &str = "cannot rename a file of the package";
    let folder = request.out.join(super::RECORDS);
    let dir = io.open_root(&folder).doing(DOING)?;
    let name = format!("{}.txt", one.name);
    io.rename_new(
        dir.as_fd(),
        OsStr::new(&one.name),
        dir.as_fd(),
        OsStr::new(&name),
    )
    .doing(DOING)?;
    io.sync_dir(&dir).doing(DOING)?;
    one.name = name;
    Ok(())
}

/// What the lists hold (JSON Schema 2020-12; the table as W3C CSV on the Web names columns).
const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "records.jsonl: one record a line",
  "type": "object",
  "required": ["source", "record", "fields"],
  "properties": {
    "source": {"type": "string", "description": "the file below records/"},
    "record": {"type": ["integer", "null"], "description": "its number in that file, from 1"},
    "fields": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["name", "party", "value"],
        "properties": {
          "name": {"type": "string", "description": "column or key"},
          "party": {
            "enum": ["caller", "callee", "sender", "recipient", "agent", "own", "mention", null],
            "description": "whose side of the record it is"
          },
          "value": {"type": "string", "description": "[PHONE] and the like stand for data of others"}
        }
      }
    }
  },
  "records.csv": {
    "encoding": "utf-8",
    "header": true,
    "columns": ["source", "record", "field", "party", "value"],
    "description": "one field a row; a ' before a value keeps programs from taking it for a formula"
  }
}
"#;
