//! Writes the compiled tables: the automaton as bytes, everything small as Rust source.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use super::dag::{Dag, LEAF, LEAF_WIDTH};
use super::data::FictionClass;
use super::judge::Answer;
use super::prefix::Found;
use super::{Code, Row};

pub(super) struct Tables<'a> {
    pub(super) version: &'a str,
    pub(super) geographic: usize,
    pub(super) rows: &'a [Row],
    pub(super) codes: &'a [Code],
    pub(super) answers: &'a [Answer],
    pub(super) found: &'a [Found],
    pub(super) dag: &'a Dag,
}

impl Tables<'_> {
    pub(super) fn write(&self, out: &Path) -> Result<(), String> {
        let dag = self.dag;
        if dag.rows.len() > LEAF as usize || dag.leaves.len() > LEAF as usize {
            return Err("the numbering plans need more nodes than 15 bits can name".to_owned());
        }
        let next: Vec<u8> = dag
            .rows
            .iter()
            .flatten()
            .flat_map(|&id| (id as u16).to_le_bytes())
            .collect();
        save(out, "phone_plan_next.bin", &next)?;
        save(out, "phone_plan_ends.bin", &dag.ends)?;
        save(out, "phone_plan_leaves.bin", &dag.leaves.concat())?;
        save(out, "phone_plan.rs", self.source()?.as_bytes())
    }

    fn source(&self) -> Result<String, String> {
        let mut text = String::new();
        self.constants(&mut text)
            .and_then(|()| self.region_table(&mut text))
            .and_then(|()| self.two_digit_tables(&mut text))
            .and_then(|()| self.code_table(&mut text))
            .and_then(|()| self.answer_tables(&mut text))
            .map_err(|e| e.to_string())?;
        Ok(text)
    }

    fn constants(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "pub(super) const VERSION: &str = {:?};", self.version)?;
        writeln!(
            text,
            "pub(super) const GEOGRAPHIC: usize = {};",
            self.geographic
        )?;
        writeln!(text, "const LEAF: u16 = {LEAF};")?;
        writeln!(text, "const LEAF_WIDTH: usize = {LEAF_WIDTH};")?;
        writeln!(text, "const NODES: usize = {};", self.dag.rows.len())
    }

    fn region_table(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "pub(super) static REGIONS: [Row; {}] = [",
            self.rows.len()
        )?;
        for row in self.rows {
            let calling = self.codes[row.code].calling.to_string();
            let mut first = [0_u8; 10];
            for (digit, flags) in first.iter_mut().enumerate() {
                let may = |set: u16| (set >> digit & 1) as u8;
                let calling = u8::from(calling.as_bytes()[0] == b'0' + digit as u8);
                *flags = may(row.idd_first) | (may(row.prefix_first) << 1) | (calling << 2);
            }
            writeln!(
                text,
                "Row {{ id: {:?}, code: {}, calling: b{calling:?}, first: {first:?}, \
                 refused: {:?}, direct: {:?}, lengths: {}, local: {}, idd: {}, prefix: {}, rewrite: {}, \
                 general: {}, general_lengths: {}, general_covers: {} }},",
                row.id,
                row.code,
                row.shortcuts.refused,
                row.shortcuts.direct,
                row.lengths,
                row.local,
                row.idd,
                row.prefix,
                row.rewrite
                    .as_ref()
                    .map_or("None".to_owned(), |r| format!("Some(b{r:?})")),
                row.general,
                self.dag.lengths(row.general, &mut HashMap::new()),
                row.general_covers,
            )?;
        }
        writeln!(text, "];")
    }

    /// What the first two digits and the length of a number decide: per region what is refused,
    /// and for all codes together what may be a number in international form.
    fn two_digit_tables(&self, text: &mut String) -> std::fmt::Result {
        let regions = &self.rows[..self.geographic];
        writeln!(
            text,
            "pub(super) static REFUSED: [[u32; 100]; {}] = [",
            regions.len()
        )?;
        for row in regions {
            writeln!(text, "{:?},", row.refused)?;
        }
        writeln!(text, "];")?;
        let whole = |is_one: bool| {
            let mut sets = [0u32; 100];
            for code in self
                .codes
                .iter()
                .filter(|code| (code.calling == 1) == is_one)
            {
                for (set, whole) in sets.iter_mut().zip(&code.whole) {
                    *set |= whole;
                }
            }
            sets
        };
        writeln!(
            text,
            "/// Of the calling code 1, and of all others.\n\
             pub(super) static WHOLE: [[u32; 100]; 2] = [{:?}, {:?}];",
            whole(true),
            whole(false)
        )
    }

    fn code_table(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "pub(super) static CODES: [Code; {}] = [",
            self.codes.len()
        )?;
        let mut sharers = Vec::new();
        for code in self.codes {
            writeln!(
                text,
                "Code {{ calling: {}, plan: {}, accepted: {}, lengths: {}, whole: {}, main: {}, \
                 sharers: {}, first_sharer: {} }},",
                code.calling,
                code.plan,
                code.accepted,
                code.lengths,
                code.whole.iter().fold(0, |set, whole| set | whole),
                code.regions[0],
                code.regions.len(),
                sharers.len(),
            )?;
            sharers.extend_from_slice(&code.regions);
        }
        writeln!(text, "];")?;
        writeln!(
            text,
            "pub(super) static SHARERS: [u8; {}] = {sharers:?};",
            sharers.len()
        )?;
        // No calling code begins another, so the first three digits decide.
        let mut by_digits = [u8::MAX; 1000];
        for (i, code) in self.codes.iter().enumerate() {
            let width = match code.calling {
                0..10 => 100,
                10..100 => 10,
                _ => 1,
            };
            let start = usize::from(code.calling) * width;
            by_digits[start..start + width].fill(i as u8);
        }
        writeln!(text, "static CODE_BY_DIGITS: [u8; 1000] = {by_digits:?};")
    }

    fn answer_tables(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "pub(super) static ANSWERS: [Answer; {}] = [",
            self.answers.len()
        )?;
        for answer in self.answers {
            let (region, kind) = answer.valid.unwrap_or((usize::from(u8::MAX), "Unknown"));
            let fiction = match answer.fiction {
                None => "None",
                Some(FictionClass::Placeholder) => "Placeholder",
                Some(FictionClass::Reserved) => "Reserved",
            };
            writeln!(
                text,
                "Answer {{ region: {region}, kind: NumberKind::{kind}, \
                 fiction: Fiction::{fiction} }},"
            )?;
        }
        writeln!(text, "];")?;
        writeln!(
            text,
            "pub(super) static PREFIXES: [Prefix; {}] = [",
            self.found.len()
        )?;
        for Found { end, group } in self.found {
            writeln!(text, "Prefix {{ end: {end}, group: {group:?} }},")?;
        }
        writeln!(text, "];")
    }
}

fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    let path = folder.join(name);
    #[expect(
        clippy::disallowed_methods,
        reason = "the build script writes into its own folder"
    )]
    std::fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}
