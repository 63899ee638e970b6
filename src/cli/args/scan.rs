//! `efface scan`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{ReadArgs, RunArgs, SeekArgs, ShowArgs};

const SCAN_EXAMPLES: &str = "\
Examples:
  efface scan exports/                    a folder with all below it
  zcat app.log.gz | efface scan -         standard input
  efface scan --only phone,email --region CA --region GB calls.csv
  efface scan --format jsonl exports/ > findings.jsonl";

const SCAN_EXIT_CODES: &str = "\
Exit status:
  0  nothing found, everything read
  1  something found, everything read
  2  misuse, wrong configuration or a fatal error
  3  incomplete: something was not read, the reader of the output left, or
     Ctrl-C; wins over 0 and 1";

/// `efface scan`
#[derive(Debug, Args)]
#[command(before_long_help = SCAN_EXAMPLES, after_long_help = SCAN_EXIT_CODES)]
pub struct ScanArgs {
    /// Files or folders; `-` is standard input
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) find: SeekArgs,

    #[command(flatten)]
    pub(in crate::cli) read: ReadArgs,

    #[command(flatten)]
    pub(in crate::cli) show: ShowArgs,

    /// Show so many findings drawn at random, ask of each whether it is right,
    /// and estimate the precision
    ///
    /// Answers are y or n, one a line; without any the findings are only shown.
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "format",
        help_heading = "What to show"
    )]
    pub(in crate::cli) sample: Option<usize>,

    /// Draw another sample
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        requires = "sample",
        hide_short_help = true,
        help_heading = "What to show"
    )]
    pub(in crate::cli) seed: u64,

    #[command(flatten)]
    pub(in crate::cli) run: RunArgs,
}
