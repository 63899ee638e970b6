//! What commands that read have in common: what to find, what to read, how to go about it.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use serde::{Deserialize, Serialize};

use super::When;
use crate::report::ReportFormat;

/// What to find.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(in crate::cli) struct SeekArgs {
    /// Only these, comma-separated; `special` is its family
    #[arg(
        long,
        value_name = "ENTITY",
        value_delimiter = ',',
        help_heading = "What to find"
    )]
    pub(in crate::cli) only: Vec<String>,

    /// All but these
    #[arg(
        long,
        value_name = "ENTITY",
        value_delimiter = ',',
        help_heading = "What to find"
    )]
    pub(in crate::cli) except: Vec<String>,

    /// Least confidence, from 0 to 1
    #[arg(
        long,
        value_name = "N",
        default_value = "0.5",
        help_heading = "What to find"
    )]
    pub(in crate::cli) min_confidence: String,

    /// Country of national numbers; default US
    ///
    /// ISO 3166. Repeatable: a number is read by the first that it fits.
    #[arg(
        long,
        value_name = "COUNTRY",
        default_value = "US",
        hide_default_value = true,
        help_heading = "What to find"
    )]
    pub(in crate::cli) region: Vec<String>,
}

/// What to read.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
pub(in crate::cli) struct ReadArgs {
    /// Read every source as this format
    #[arg(long = "as", value_name = "FORMAT", help_heading = "What to read")]
    pub(in crate::cli) as_format: Option<String>,

    /// Read only files that match
    #[arg(long, value_name = "GLOB", help_heading = "What to read")]
    pub(in crate::cli) include: Vec<String>,

    /// Leave out files and folders that match
    #[arg(long, value_name = "GLOB", help_heading = "What to read")]
    pub(in crate::cli) exclude: Vec<String>,

    /// Leave out larger files, such as 64M
    #[arg(long, value_name = "SIZE", help_heading = "What to read")]
    pub(in crate::cli) max_size: Option<String>,

    /// Known to be unreadable: a format or a glob
    #[arg(long, value_name = "WHAT", help_heading = "What to read")]
    pub(in crate::cli) accept_unread: Vec<String>,

    #[command(flatten)]
    #[serde(default)]
    pub(in crate::cli) lists: ListArgs,
}

/// What is said of values in files of one a line.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
pub(in crate::cli) struct ListArgs {
    /// The company's own numbers, addresses and domains: never a subject
    ///
    /// One a line, or a range FROM..TO of numbers; comments start with #. What is found of them has
    /// the party `own`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to find")]
    pub(in crate::cli) own: Option<PathBuf>,

    /// Values that are no findings, left as they are
    ///
    /// One a line: [entity:]value, a range FROM..TO, a network 192.0.2.0/24, a domain, or
    /// column:NAME; comments start with #. The summary counts what they leave out.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to find")]
    pub(in crate::cli) allow: Option<PathBuf>,

    /// Rules of your own, from the .toml files of a folder
    ///
    /// A [[rule]] has an id, an entity, a regex, and examples in which what it finds is marked «so»;
    /// all are checked before anything is read.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "What to find")]
    pub(in crate::cli) patterns: Option<PathBuf>,
}

/// How to go about it.
#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    /// Progress on standard error: auto, always, never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true,
        help_heading = "What to show"
    )]
    pub(in crate::cli) progress: When,

    /// Nothing on standard error but errors
    #[arg(short, long, help_heading = "What to show")]
    pub(in crate::cli) quiet: bool,

    /// Threads; 0 is one for each processor
    #[arg(short = 'j', long, value_name = "N", default_value = "0")]
    pub(in crate::cli) threads: String,

    /// Change nothing, and say what would be done
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
}

/// `--format` as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    Table,
    Jsonl,
    Csv,
    Sarif,
    Html,
}

/// What is shown of what was found.
#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// The report: table, jsonl, csv, sarif, html
    #[arg(
        long,
        value_name = "NAME",
        default_value = "table",
        hide_possible_values = true,
        help_heading = "What to show"
    )]
    format: FormatName,

    /// Show values, not only their masked form
    #[arg(long, help_heading = "What to show")]
    pub(in crate::cli) show_values: bool,
}

impl ShowArgs {
    /// How the report is written.
    pub(in crate::cli) fn format(&self) -> ReportFormat {
        match self.format {
            FormatName::Table => ReportFormat::Table,
            FormatName::Jsonl => ReportFormat::Jsonl,
            FormatName::Csv => ReportFormat::Csv,
            FormatName::Sarif => ReportFormat::Sarif,
            FormatName::Html => ReportFormat::Html,
        }
    }
}
