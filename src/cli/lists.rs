//! `--own` and `--allow`: reading the files they name.

use std::path::Path;

use super::args::ListArgs;
use super::misuse::Misuse;
use super::state::read_list;
use crate::detect::phone::plan::Region;
use crate::lists::{Lists, WrongLine};
use crate::report::Shown;

/// The lists that were named; national numbers in them are read as `regions` do.
pub(super) fn read(args: &ListArgs, regions: &[String]) -> Result<Lists, Misuse> {
    let mut lists = Lists::default();
    // A region that is none is told by who scans.
    let regions: Vec<Region> = regions
        .iter()
        .filter_map(|code| Region::parse(code))
        .collect();
    if let Some(file) = &args.own {
        let added = lists.add_own(&text(file)?, &regions);
        added.map_err(|(line, why)| wrong_line(file, line, why))?;
    }
    if let Some(file) = &args.allow {
        let added = lists.add_allowed(&text(file)?, &regions);
        added.map_err(|(line, why)| wrong_line(file, line, why))?;
    }
    Ok(lists)
}

fn text(file: &Path) -> Result<String, Misuse> {
    // What is read from there is what is searched.
    if file.as_os_str() == "-" {
        return Err(Misuse::new(
            "a list of --own or --allow cannot come from standard input",
            "name a file",
        ));
    }
    read_list(file).map_err(|error| {
        Misuse::new(
            format!("cannot read {}: {error}", Shown::path(file)),
            "give a text file of one value a line",
        )
    })
}

fn wrong_line(file: &Path, line: usize, why: WrongLine) -> Misuse {
    let why = why.to_string();
    let (sentence, hint) = why.split_once("\n\nhint: ").unwrap_or((&why, ""));
    Misuse::new(
        format!("line {line} of {}: {sentence}", Shown::path(file)),
        hint,
    )
}
