//! `efface patterns explain`: why a text is a finding, or is none.

use std::fmt::Write as _;
use std::io::Read;

use super::args::{ExplainArgs, RegisterName};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use crate::detect::explain::{Reading, explain};
use crate::report::mask::masked;
use crate::report::{Printer, Shown};
use crate::scan::ScanError;
use crate::view::Register;

/// What scans take for a finding when nothing else is said.
const USUAL: u8 = 50;

/// The longest text that is explained: lines, not files.
const LONGEST: u64 = 64 << 10;

/// Explains.
pub(super) fn run(args: &ExplainArgs, printer: Printer) -> ExitStatus {
    match told(args) {
        Ok(told) => super::print(printer, told.as_bytes()),
        Err(misuse) => super::refused(printer, &misuse),
    }
}

fn told(args: &ExplainArgs) -> Result<String, Misuse> {
    let mut text = args.text.clone().into_bytes();
    if args.text == "-" {
        text.clear();
        let read = std::io::stdin().take(LONGEST).read_to_end(&mut text);
        read.map_err(|error| {
            Misuse::new(
                format!("cannot read standard input: {error}"),
                "give the text as an argument",
            )
        })?;
    }
    let regions =
        crate::scan::regions(&args.region).map_err(|error: ScanError| Misuse::told(&error))?;
    let register = match args.register {
        RegisterName::Prose => Register::Prose,
        RegisterName::Talk => Register::Talk,
        RegisterName::Log => Register::Log,
        RegisterName::Cell => Register::Cell,
    };
    let readings = explain(&text, &regions, args.label.as_deref(), register);
    let mut page = String::new();
    for reading in &readings {
        line(&mut page, reading, &text, args.show_values);
    }
    if readings.is_empty() {
        page.push_str("nothing that any detector looks at\n");
    }
    Ok(page)
}

/// One reading: where, what, how sure, and what speaks for and against it.
fn line(page: &mut String, reading: &Reading, text: &[u8], show_values: bool) {
    let (start, end) = (reading.range.start, reading.range.end);
    // Writing to memory cannot fail.
    let _ = write!(page, "{start}..{end}  {}", reading.entity);
    if let Some((confidence, canonical)) = &reading.read {
        let value = if show_values {
            String::from_utf8_lossy(text.get(start..end).unwrap_or_default()).into_owned()
        } else {
            masked(reading.entity, canonical)
        };
        let verdict = if confidence.0 >= USUAL {
            "a finding"
        } else {
            "no finding: below 0.50"
        };
        let _ = writeln!(
            page,
            "  {}  {:.2}  {verdict}",
            Shown::text(&value),
            confidence.fraction()
        );
        let against = reading.evidence.against();
        for (name, evidence) in [
            ("for", reading.evidence.without(against)),
            ("against", against),
        ] {
            let names: Vec<&str> = evidence.names().collect();
            if !names.is_empty() {
                let _ = writeln!(page, "    {name}: {}", names.join(", "));
            }
        }
    }
    if let Some(why) = reading.why_not {
        let _ = writeln!(page, "  none: {why}");
    }
}
