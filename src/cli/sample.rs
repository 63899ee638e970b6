//! `efface scan --sample`: some findings in their context, for a person to judge.

use std::fs::File;
use std::io::{BufRead, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use super::exit::ExitStatus;
use super::progress::stop_on_interrupt;
use crate::detect::phone::plan::Region;
use crate::detect::redacted;
use crate::report::sample::{Drawn, Sample, precision};
use crate::report::{Printer, Shown};
use crate::scan::{Progress, Root, ScanError, ScanPlan};

/// Bytes of context shown on either side.
const CONTEXT: u64 = 60;

/// Scans, draws, shows and asks.
pub(super) fn run(plan: &ScanPlan, (wanted, seed): (usize, u64), printer: Printer) -> ExitStatus {
    let mut sample = Sample::new(wanted, seed, plan.show_values);
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    let summary = match crate::scan::run(plan, &mut sample, &progress) {
        Ok(summary) => summary,
        Err(ScanError::Output(error)) => return super::sink_failed(printer, &error),
        Err(error) => return super::refused(printer, &error),
    };
    let (seen, drawn) = (sample.seen, sample.into_drawn());
    match ask(plan, &drawn, seen, printer) {
        Ok(()) => ExitStatus::of_scan(&summary),
        // Who reads the sample has seen enough.
        Err(_) => ExitStatus::Incomplete,
    }
}

fn ask(plan: &ScanPlan, drawn: &[Drawn], seen: u64, printer: Printer) -> std::io::Result<()> {
    let mut out = printer.stdout();
    let regions: Vec<Region> = plan
        .regions
        .iter()
        .filter_map(|code| Region::parse(code))
        .collect();
    // Where the input is searched, nobody can answer on it.
    let asks = !plan.roots.contains(&Root::Stdin);
    let mut answers = std::io::stdin().lock();
    let (mut right, mut judged, mut over) = (0, 0, !asks);
    for (number, one) in drawn.iter().enumerate() {
        let place = match (&one.field, one.line) {
            (Some(field), 0) => format!(", {}", Shown::text(field)),
            (Some(field), line) => format!(":{line}, {}", Shown::text(field)),
            (None, 0) => String::new(),
            (None, line) => format!(":{line}"),
        };
        writeln!(
            out,
            "{}/{}  {}  {}  {:.2}  {}  {}{place}",
            number + 1,
            drawn.len(),
            one.entity,
            Shown::text(&one.value),
            one.confidence.fraction(),
            one.evidence.join(" "),
            Shown::path(&one.path),
        )?;
        match context(one, plan.show_values, &regions) {
            Some(context) => writeln!(out, "    {}", Shown::text(&context))?,
            None => writeln!(out, "    (no context: not in plain text)")?,
        }
        if !over {
            if printer.input_is_typed() {
                write!(out, "    right? [y]es, [n]o, [s]kip, [q]uit ")?;
            }
            out.flush()?;
            let mut answer = String::new();
            over = answers.read_line(&mut answer)? == 0 || answer.trim_start().starts_with('q');
            match answer.trim_start().chars().next() {
                Some('y' | 'Y') => (right, judged) = (right + 1, judged + 1),
                Some('n' | 'N') => judged += 1,
                _ => {}
            }
        }
    }
    writeln!(out)?;
    match precision(right, judged) {
        Some((share, bounds)) => writeln!(
            out,
            "{right} of {judged} right: precision {share:.2}, between {:.2} and {:.2} (95 %); \
             {} drawn of {seen} findings",
            bounds.start,
            bounds.end,
            drawn.len()
        )?,
        None => writeln!(out, "{} drawn of {seen} findings, none judged", drawn.len())?,
    }
    out.flush()
}

/// The text around a finding on its line, with the finding in brackets. Unless values are shown, it
/// and all else that is personal in the line is masked.
fn context(one: &Drawn, show_values: bool, regions: &[Region]) -> Option<String> {
    if one.member.is_some() || one.line == 0 {
        return None;
    }
    let (before, found, behind) = around(&one.path, one.span.start, one.span.end)?;
    let parts = if show_values {
        [before, found, behind].map(|part| String::from_utf8_lossy(&part).into_owned())
    } else {
        let whole = [&before[..], &found, &behind].concat();
        let masked = redacted(&whole, before.len()..before.len() + found.len(), regions);
        let (first, rest) = masked.split_at_checked(before.len())?;
        let (second, third) = rest.split_at_checked(found.len())?;
        [first, second, third].map(|part| String::from_utf8_lossy(part).into_owned())
    };
    let [before, found, behind] = parts;
    Some(format!("{before}[{found}]{behind}"))
}

/// What stands before, in and behind a range of a file that is text as it lies there.
fn around(path: &Path, start: u64, end: u64) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    /// A finding longer than this is no value that somebody judges at a glance.
    const LONGEST: u64 = 4096;
    let mut file = File::open(path).ok().filter(|_| end - start <= LONGEST)?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut head = [0; 4];
    let len = file.read(&mut head).ok()?;
    // Compressed files and databases have other bytes there than were read.
    if !crate::format::is_text(&head[..len]) || head[..len].contains(&0) {
        return None;
    }
    let from = start.saturating_sub(CONTEXT);
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    file.take(end + CONTEXT - from)
        .read_to_end(&mut bytes)
        .ok()?;
    let (lead, len) = ((start - from) as usize, (end - start) as usize);
    let before = bytes.get(..lead)?;
    let line = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let behind = bytes.get(lead + len..)?;
    let close = behind.iter().position(|b| matches!(b, b'\n' | b'\r'));
    Some((
        before.get(line..)?.to_vec(),
        bytes.get(lead..lead + len)?.to_vec(),
        behind.get(..close.unwrap_or(behind.len()))?.to_vec(),
    ))
}
