//! Compiles the numbering plans in `patterns/phone/` to the tables of `detect::phone::plan`.
//!
//! Per calling code one automaton over the digits of the national number gives validity, region,
//! kind and fiction class at once; per region smaller ones match the international prefix, the
//! national prefix and the general description. All of them share one minimal automaton.

use std::collections::HashMap;
use std::path::Path;

mod dag;
mod data;
mod emit;
mod judge;
mod prefix;
mod regex;
mod sets;
mod shortcut;

use dag::{Dag, Numbered};
use data::{FictionClass, FictionRange, Region};
use judge::{Answer, CodeJudge, GeneralJudge};
use prefix::Found;
use regex::Program;
use shortcut::{Patterns, Shortcuts};

/// One region as the emitted tables describe it. A digit set has bit n set for digit n, a set of
/// lengths has bit n set for n digits.
struct Row {
    id: String,
    code: usize,
    idd: u32,
    idd_first: u16,
    prefix: u32,
    prefix_first: u16,
    rewrite: Option<String>,
    general: u32,
    general_covers: bool,
    shortcuts: Shortcuts,
    /// By the first two digits, lengths of which no number of the region comes.
    refused: Vec<u32>,
    lengths: u32,
    local: u32,
}

/// One calling code: its regions as places in the rows, main region first.
struct Code {
    calling: u16,
    plan: u32,
    accepted: u32,
    lengths: u32,
    /// By the first two digits, the code's among them, lengths of numbers in international form.
    whole: Vec<u32>,
    regions: Vec<usize>,
}

/// Reads the data under `patterns` and writes the tables into `out`.
pub(crate) fn generate(patterns: &Path, out: &Path) -> Result<(), String> {
    let plan: data::Plan = data::read(&patterns.join("plan.toml"))?;
    let fiction: data::Fiction = data::read(&patterns.join("fiction.toml"))?;
    let mut dag = Dag::default();
    dag.constant(0);
    let mut answers = Numbered::with_zero(judge::REFUSED);
    let mut found = Numbered::with_zero(prefix::NOTHING);

    // Regions come in alphabetical order, entities that are no region after them.
    let mut order: Vec<&Region> = plan.region.iter().collect();
    order.sort_by_key(|region| (!region.is_geographic(), &region.id, region.code));
    let mut calling: Vec<u16> = plan.region.iter().map(|region| region.code).collect();
    calling.sort_unstable();
    calling.dedup();

    let mut codes = Vec::new();
    for code in calling {
        let regions: Vec<&Region> = plan.region.iter().filter(|r| r.code == code).collect();
        let ranges: Vec<_> = fiction
            .range
            .iter()
            .filter(|range| range.code == code)
            .collect();
        let plan = compile_code(&mut dag, &regions, &ranges, &mut answers)?;
        let place = |region: &Region| order.iter().position(|other| std::ptr::eq(*other, region));
        let possible = lengths(&regions[0].lengths);
        codes.push(Code {
            calling: code,
            plan,
            lengths: possible,
            whole: Vec::new(),
            accepted: possible | dag.lengths(plan, &mut HashMap::new()),
            regions: regions.iter().filter_map(|region| place(region)).collect(),
        });
    }
    let mut rows = Vec::new();
    for region in &order {
        let Some(code) = codes.iter().position(|code| code.calling == region.code) else {
            return Err(format!(
                "{}: calling code {} is missing",
                region.id, region.code
            ));
        };
        let mut row = compile_region(&mut dag, region, code, &mut found)?;
        row.general_covers = dag.covers(row.general, codes[code].plan, |answer| {
            answers.values[usize::from(answer)].valid.is_some()
        });
        rows.push(row);
    }
    for place in 0..rows.len() {
        let (row, code) = (&rows[place], &codes[rows[place].code]);
        let patterns = Patterns {
            dag: &dag,
            found: &found.values,
            region: order[place],
            idd: row.idd,
            idd_first: row.idd_first,
            prefix: row.prefix,
            main_prefix: rows[code.regions[0]].prefix,
            main: order[code.regions[0]],
            general_lengths: dag.lengths(row.general, &mut HashMap::new()),
            accepted: code.accepted,
        };
        let (shortcuts, refused) = (patterns.shortcuts(), patterns.refused_by_two());
        if code.regions[0] == place {
            let whole = patterns.whole_by_two();
            codes[rows[place].code].whole = whole;
        }
        rows[place].shortcuts = shortcuts;
        rows[place].refused = refused;
    }
    let tables = emit::Tables {
        version: &plan.version,
        geographic: order.iter().filter(|region| region.is_geographic()).count(),
        rows: &rows,
        codes: &codes,
        answers: &answers.values,
        found: &found.values,
        dag: &dag,
    };
    tables.write(out)
}

fn compile_code(
    dag: &mut Dag,
    regions: &[&Region],
    ranges: &[&FictionRange],
    answers: &mut Numbered<Answer>,
) -> Result<u32, String> {
    let mut program = Program::default();
    let mut starts = Vec::new();
    for (place, region) in regions.iter().enumerate() {
        starts.push(program.add(&region.general, judge::general_tag(place), false)?);
        if let Some(leading) = &region.leading {
            starts.push(program.add(leading, judge::leading_tag(place), true)?);
        }
        for (i, kind) in region.kinds().into_iter().enumerate() {
            if let Some(kind) = kind {
                starts.push(program.add(&kind.pattern, judge::kind_tag(place, i), false)?);
            }
        }
    }
    for range in ranges {
        let tag = match range.class {
            FictionClass::Placeholder => judge::PLACEHOLDER_TAG,
            FictionClass::Reserved => judge::RESERVED_TAG,
        };
        for number in &range.numbers {
            starts.push(program.add(&number.replace('x', "\\d"), tag, false)?);
        }
    }
    sets::build(dag, &program, &starts, &mut CodeJudge { regions, answers })
}

fn compile_region(
    dag: &mut Dag,
    region: &Region,
    code: usize,
    found: &mut Numbered<Found>,
) -> Result<Row, String> {
    let mut optional = |dag: &mut Dag, pattern: Option<&String>| match pattern {
        Some(pattern) => prefix::build(dag, pattern, found),
        None => Ok(dag.constant(0)),
    };
    let idd = optional(dag, region.idd.as_ref())?;
    let prefix = optional(dag, region.prefix.as_ref())?;
    let mut program = Program::default();
    let start = program.add(&region.general, 0, false)?;
    let general = sets::build(dag, &program, &[start], &mut GeneralJudge)?;
    let rewrite = match &region.rewrite {
        None => None,
        Some(rule) => {
            let digits = rule.split('\\').next().unwrap_or_default();
            if !digits.bytes().all(|b| b.is_ascii_digit()) || rule.len() != digits.len() + 2 {
                return Err(format!(
                    "{}: rewrite must be digits and one group",
                    region.id
                ));
            }
            Some(digits.to_owned())
        }
    };
    Ok(Row {
        id: region.id.clone(),
        code,
        idd,
        idd_first: dag.first_digits(idd),
        prefix,
        prefix_first: dag.first_digits(prefix),
        rewrite,
        general,
        general_covers: false,
        shortcuts: Shortcuts::default(),
        refused: Vec::new(),
        lengths: lengths(&region.lengths),
        local: lengths(&region.local),
    })
}

fn lengths(lengths: &[usize]) -> u32 {
    lengths.iter().fold(0, |set, &n| set | 1 << n)
}
