//! `efface disclose`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{IndexDir, PolicyArgs, ReadArgs, RunArgs, StateArgs, SubjectArgs, WhyArgs, WriteArgs};

const DISCLOSE_EXAMPLES: &str = "\
Examples:
  efface disclose --subject-file who --out pack/ exports/
  efface disclose --subject-file who --policy policy.toml --names others --out pack/ exports/
  efface disclose --level categories --subject jane@example.com --out pack/ exports/
  efface disclose --subjects requests.jsonl --out packs/ exports/
  efface disclose --approve pack/";

const DISCLOSE_EXIT_CODES: &str = "\
Exit status:
  0  the package is made, everything was read
  1  nothing of the subject was found; there is no package
  2  misuse, wrong configuration or a fatal error
  3  incomplete: something was not read, or records could not be given; the
     package says what";

/// `--level` as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LevelName {
    Categories,
    Pieces,
}

/// `efface disclose`
#[derive(Debug, Args)]
#[command(before_long_help = DISCLOSE_EXAMPLES, after_long_help = DISCLOSE_EXIT_CODES)]
pub struct DiscloseArgs {
    /// Files or folders
    #[arg(required_unless_present = "approve", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// The folder that is made; one that exists is refused
    #[arg(
        short,
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        required_unless_present = "approve",
        help_heading = "What to write"
    )]
    pub(in crate::cli) out: Option<PathBuf>,

    /// What is shown: pieces (the records), or categories only
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "pieces",
        hide_possible_values = true,
        help_heading = "What to write"
    )]
    pub(in crate::cli) level: LevelName,

    /// Names of other people, one a line, to be taken out of texts
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to write")]
    pub(in crate::cli) names: Option<PathBuf>,

    /// Keep all records of a file that holds one of the subject
    #[arg(long, help_heading = "What to write")]
    pub(in crate::cli) whole_files: bool,

    #[command(flatten)]
    pub(in crate::cli) why: WhyArgs,

    /// Make the draft in this folder a package that may be sent
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        conflicts_with_all = ["paths", "out", "names", "whole_files", "subject", "subject_file", "many"],
        help_heading = "What to write"
    )]
    pub(in crate::cli) approve: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) subjects: SubjectArgs,

    /// Many persons, one a line: {"id","identifiers","from","to"}
    ///
    /// The sources are searched once. Each person with data gets a package of their own, in a
    /// folder of --out named by the id.
    #[arg(
        long = "subjects",
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["subject", "subject_file"],
        help_heading = "What to find"
    )]
    pub(in crate::cli) many: Option<PathBuf>,

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

    #[command(flatten)]
    pub(in crate::cli) policy: PolicyArgs,

    #[command(flatten)]
    pub(in crate::cli) read: ReadArgs,

    #[command(flatten)]
    pub(in crate::cli) index: IndexDir,

    /// Search every source, also where an index knows it
    #[arg(long, conflicts_with = "dir", help_heading = "What to read")]
    pub(in crate::cli) no_index: bool,

    #[command(flatten)]
    pub(in crate::cli) write: WriteArgs,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,

    #[command(flatten)]
    pub(in crate::cli) run: RunArgs,
}
