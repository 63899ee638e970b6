//! The arguments of `efface sweep`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{ReadArgs, RunArgs, SeekArgs, StateArgs, WriteArgs};

const EXAMPLES: &str = "\
Examples:
  efface sweep --policy retention.toml /srv/cdr
  efface sweep --policy retention.toml --apply -q /srv/cdr
  efface sweep --policy retention.toml --check
  efface sweep --policy retention.toml --explain cdr/Master.csv:17";

const EXIT_CODES: &str = "\
Exit status:
  0  done as asked, also when nothing was due, all was held or the budget was spent
  2  misuse, a wrong policy or clock, another sweep at work; nothing was changed
  3  incomplete: a file could not be swept, or a record has no time and the policy
     does not say what becomes of those; what was left is listed";

/// `efface sweep`
#[derive(Debug, Args)]
#[command(before_long_help = EXAMPLES, after_long_help = EXIT_CODES)]
pub struct SweepArgs {
    /// Files or folders
    #[arg(
        required_unless_present_any = ["check", "explain"],
        value_name = "PATH",
        value_hint = ValueHint::AnyPath
    )]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// What goes when, and what stays
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) policy: PathBuf,

    /// Carry it out; without it, what would go is shown
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) apply: bool,

    /// Check the policy, say what it means, and read nothing else
    #[arg(long, conflicts_with_all = ["apply", "explain", "paths"])]
    pub(in crate::cli) check: bool,

    /// Say which rules cover a record, counted from 1, and why it stays or goes
    #[arg(long, value_name = "FILE:RECORD", conflicts_with_all = ["apply"])]
    pub(in crate::cli) explain: Option<String>,

    /// The time to go by, for trying things out: 2026-01-31 or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) now: Option<String>,

    /// Stop after so long (30m, 2h) or so much read (10G); the next run goes on
    #[arg(long, value_name = "AMOUNT")]
    pub(in crate::cli) budget: Vec<String>,

    /// Give way to everything else that runs
    #[arg(long)]
    pub(in crate::cli) low_priority: bool,

    /// The account as one line of JSON
    #[arg(long, help_heading = "What to show")]
    pub(in crate::cli) json: bool,

    /// Write figures for the textfile collector of Prometheus
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to show")]
    pub(in crate::cli) metrics: Option<PathBuf>,

    /// Write a page with what went, what stayed and what is coming due
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to show")]
    pub(in crate::cli) report: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) write: WriteArgs,

    #[command(flatten)]
    pub(in crate::cli) find: SeekArgs,

    #[command(flatten)]
    pub(in crate::cli) read: ReadArgs,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,

    #[command(flatten)]
    pub(in crate::cli) run: RunArgs,
}
