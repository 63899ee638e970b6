//! `efface redact` and `efface erase`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde::{Deserialize, Serialize};

use super::{ReadArgs, RunArgs, SeekArgs, StateArgs};

const REDACT_EXAMPLES: &str = "\
Examples:
  efface redact --in-place exports/          masks, in the files themselves
  efface redact --out pack/ exports/         redacted copies; the files stay
  tail -f app.log | efface redact            a filter
  efface redact --operator phone=token --operator email=label --out pack/ cdr.csv";

const ERASE_EXAMPLES: &str = "\
Examples:
  efface erase --subject '+1 416 555 0123' exports/           shows the plan
  efface erase --subject '+1 416 555 0123' --apply exports/   carries it out
  efface erase --subject-file who --apply --certificate done.txt exports/
  efface erase --only special --values --apply notes/";

const EXIT_CODES: &str = "\
Exit status:
  0  done as asked, also when there was nothing to do
  1  no record of the subject was found (erase)
  2  misuse, wrong configuration or a fatal error; nothing was changed
  3  incomplete: something was not read or not done; each file is old or new,
     and those left as they were are listed";

/// Whose data.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubjectArgs {
    /// Only of this person: a phone number, an address, [entity:]value
    #[arg(long, value_name = "VALUE", help_heading = "What to find")]
    pub(in crate::cli) subject: Vec<String>,

    /// Only of the persons in this file, one value a line; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to find")]
    pub(in crate::cli) subject_file: Option<PathBuf>,
}

/// What the company says of its sources.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct PolicyArgs {
    /// The policy, which says of sources whose they are and who gets them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to read")]
    pub(in crate::cli) policy: Option<PathBuf>,
}

/// What comes in the place of a value.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(in crate::cli) struct ReplaceArgs {
    /// [ENTITY=]NAME: mask, label, partial, token, fpe, remove
    #[arg(long, value_name = "OPERATOR", help_heading = "What to write")]
    pub(in crate::cli) operator: Vec<String>,
}

/// How files are written.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(in crate::cli) struct WriteArgs {
    /// Leave the old blocks of replaced files as they are
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) no_scrub: bool,

    /// Nobody else writes to these files; needed on network file systems
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) assume_quiescent: bool,

    /// Leave a recording and its transcript as they are unless all of it can be muted word by word
    #[arg(long, help_heading = "What to write")]
    #[serde(default)]
    pub(in crate::cli) strict: bool,
}

/// What every command that changes values takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct EditArgs {
    #[command(flatten)]
    pub(in crate::cli) replace: ReplaceArgs,

    #[command(flatten)]
    pub(in crate::cli) write: WriteArgs,

    #[command(flatten)]
    pub(in crate::cli) find: SeekArgs,

    #[command(flatten)]
    pub(in crate::cli) subjects: SubjectArgs,

    /// Only in this column or key; repeatable
    #[arg(long, value_name = "NAME", help_heading = "What to find")]
    pub(in crate::cli) field: Vec<String>,

    #[command(flatten)]
    pub(in crate::cli) read: ReadArgs,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,

    #[command(flatten)]
    pub(in crate::cli) run: RunArgs,
}

/// `efface redact`
#[derive(Debug, Args)]
#[command(before_long_help = REDACT_EXAMPLES, after_long_help = EXIT_CODES)]
pub struct RedactArgs {
    /// Files or folders; none, or `-`: from standard input to standard output
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Write into the files themselves
    #[arg(short, long, conflicts_with = "out", help_heading = "What to write")]
    pub(in crate::cli) in_place: bool,

    /// Write redacted copies into this folder
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "What to write")]
    pub(in crate::cli) out: Option<PathBuf>,

    /// Give files whose names hold a value another name, and rewrite what refers to them
    #[arg(long, requires = "in_place", help_heading = "What to write")]
    pub(in crate::cli) rename: bool,

    #[command(flatten)]
    pub(in crate::cli) edit: EditArgs,

    /// As a filter: let through what is recognised and cannot be read
    #[arg(long, help_heading = "What to read")]
    pub(in crate::cli) pass_unscanned: bool,
}

/// `efface erase`
#[derive(Debug, Args)]
#[command(before_long_help = ERASE_EXAMPLES, after_long_help = EXIT_CODES)]
pub struct EraseArgs {
    /// Files or folders
    #[arg(required_unless_present = "plan", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Carry it out; without it the plan is shown
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) apply: bool,

    /// Write the plan to a new file, to be carried out later
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["apply", "plan"],
        help_heading = "What to write"
    )]
    pub(in crate::cli) save_plan: Option<PathBuf>,

    /// Follow a saved plan; what changed since is left as it is
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with = "paths",
        help_heading = "What to write"
    )]
    pub(in crate::cli) plan: Option<PathBuf>,

    /// Remove whole records, whoever else is in them
    #[arg(long, conflicts_with = "values", help_heading = "What to write")]
    pub(in crate::cli) records: bool,

    /// Replace only the values, and keep the records
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) values: bool,

    /// Write a certificate to a new file: what went, what stayed and why
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        requires = "apply",
        help_heading = "What to write"
    )]
    pub(in crate::cli) certificate: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) policy: PolicyArgs,

    #[command(flatten)]
    pub(in crate::cli) why: super::WhyArgs,

    #[command(flatten)]
    pub(in crate::cli) edit: EditArgs,

    /// Many persons, one a line: {"id","identifiers","from","to"}
    ///
    /// What is theirs from a day to a day goes from records of that time alone.
    #[arg(
        long = "subjects",
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["subject", "subject_file", "save_plan", "plan"],
        help_heading = "What to find"
    )]
    pub(in crate::cli) many: Option<PathBuf>,
}
