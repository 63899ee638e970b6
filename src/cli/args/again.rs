//! `efface replay` and `efface correct`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{EditArgs, WhyArgs};

const REPLAY_EXAMPLES: &str = "\
Examples:
  efface replay restored/             shows what would be erased again
  efface replay --apply restored/
  efface replay --check --subject '+1 416 555 0123'";

const REPLAY_EXIT_CODES: &str = "\
Exit status:
  0  done as asked; --check: all of them stay out
  1  --check: one of them does not
  2  misuse, wrong configuration or a fatal error; nothing was changed
  3  incomplete: something was not read or not done";

const CORRECT_EXAMPLES: &str = "\
Examples:
  efface correct --subject '+1 416 555 0123' --to '+1 647 555 0148' exports/
  efface correct --subject jane@example.com --to jane.doe@example.com --apply exports/";

const CORRECT_EXIT_CODES: &str = "\
Exit status:
  0  done as asked
  1  the value was not found
  2  misuse, wrong configuration or a fatal error; nothing was changed
  3  incomplete: something was not read or not done";

/// `efface replay`
#[derive(Debug, Args)]
#[command(before_long_help = REPLAY_EXAMPLES, after_long_help = REPLAY_EXIT_CODES)]
pub struct ReplayArgs {
    /// Files or folders, such as those that came back from a backup
    #[arg(required_unless_present = "check", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Carry it out; without it the plan is shown
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) apply: bool,

    /// Only say whether the subjects stay out
    #[arg(long, conflicts_with_all = ["apply", "paths"], help_heading = "What to show")]
    pub(in crate::cli) check: bool,

    #[command(flatten)]
    pub(in crate::cli) why: WhyArgs,

    #[command(flatten)]
    pub(in crate::cli) edit: EditArgs,
}

/// `efface correct`
#[derive(Debug, Args)]
#[command(before_long_help = CORRECT_EXAMPLES, after_long_help = CORRECT_EXIT_CODES)]
pub struct CorrectArgs {
    /// Files or folders
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// What is right; a number takes the shape of the one before where it can
    #[arg(long, value_name = "VALUE", help_heading = "What to write")]
    pub(in crate::cli) to: String,

    /// Carry it out; without it the plan is shown
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) apply: bool,

    #[command(flatten)]
    pub(in crate::cli) policy: super::PolicyArgs,

    #[command(flatten)]
    pub(in crate::cli) why: WhyArgs,

    #[command(flatten)]
    pub(in crate::cli) edit: EditArgs,
}
