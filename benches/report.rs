//! What a finding costs in each report, in nanoseconds of one thread.
//!
//! `cargo bench --bench report`. The findings are made up of phones, e-mails, addresses and cards
//! as call records and logs have them; the output goes nowhere. The best of several rounds is
//! shown, which is what the code costs when nothing else runs.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use efface::entity::Entity;
use efface::finding::{Canonical, Confidence, Evidence, Finding};
use efface::report::{Options, ReportFormat, Target, open};
use efface::scan::{SourcePath, Summary};
use efface::view::Party;

const FINDINGS: usize = 4096;
const BATCHES: usize = 2;
const ROUNDS: usize = 500;

fn finding(i: u64) -> Finding {
    let (entity, canonical) = match i % 8 {
        0..=4 => {
            let digits = 14_165_550_100 + i % 100;
            let country_len = 1;
            (
                Entity::Phone,
                Canonical::Phone {
                    digits,
                    country_len,
                },
            )
        }
        5 => {
            let text = format!("user{i}@example.com");
            (Entity::Email, Canonical::Text(text.into_bytes().into()))
        }
        6 => (
            Entity::IpAddress,
            Canonical::Ip([203, 0, 113, i as u8].into()),
        ),
        _ => {
            let value = 4_111_111_111_111_111;
            (Entity::PaymentCard, Canonical::Digits { value, len: 16 })
        }
    };
    let start = 1_000_000 + i * 57;
    Finding {
        entity,
        confidence: Confidence(if i.is_multiple_of(3) { 99 } else { 95 }),
        evidence: Evidence::PLAN_VALID.with(Evidence::COLUMN),
        span: start..start + 12,
        parts: None,
        via: &[],
        group: i as u32,
        canonical,
        extension: None,
        value: None,
        line: 20_000 + i,
        column: 13 + i % 40,
        record: Some(19_999 + i),
        field: Some(Arc::from("src")),
        party: Some(Party::Caller),
        time: None,
        cell: None,
        heard: None,
    }
}

fn main() -> io::Result<()> {
    let found: Vec<Finding> = (0..FINDINGS as u64).map(finding).collect();
    let path = SourcePath {
        file: "exports/2026/cdr-master.csv".into(),
        member: None,
    };
    let regions = ["US".to_owned()];
    let mut out = io::stdout();
    for format in [
        ReportFormat::Table,
        ReportFormat::Jsonl,
        ReportFormat::Csv,
        ReportFormat::Sarif,
    ] {
        let mut best = f64::MAX;
        for _ in 0..ROUNDS {
            let options = Options {
                regions: &regions,
                show_values: false,
                subjects: None,
                target: Target::PLAIN,
            };
            let mut sink = open(format, io::sink(), &options);
            let started = Instant::now();
            for _ in 0..BATCHES {
                sink.findings(&path, &found).map_err(io::Error::other)?;
            }
            let each = started.elapsed().as_nanos() as f64 / (FINDINGS * BATCHES) as f64;
            sink.summary(&Summary::default())
                .map_err(io::Error::other)?;
            best = best.min(each);
        }
        writeln!(out, "{format:?}: {best:.1} ns a finding")?;
    }
    Ok(())
}
