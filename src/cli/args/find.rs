//! `efface find`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{IndexDir, PolicyArgs, ReadArgs, RunArgs, ShowArgs, StateArgs, SubjectArgs, WhyArgs};
use crate::report::ReportFormat;

const FIND_EXAMPLES: &str = "\
Examples:
  efface find '+1 416 555 0123' exports/
  efface find --exists jane@example.com exports/ mail/
  efface find --subject-file - exports/ < identifiers.txt
  efface find --explain '+1 416 555 0123' exports/
  efface find --by-client --policy policy.toml jane@example.com exports/
  efface find --subjects requests.jsonl --format jsonl exports/
  efface find --format jsonl --show-values '(416) 555-0123' exports/";

const FIND_EXIT_CODES: &str = "\
Exit status:
  0  found, everything read
  1  nothing found, everything read
  2  misuse, wrong configuration or a fatal error
  3  incomplete: something was not read, the reader of the output left, or
     Ctrl-C; wins over 0 and 1";

/// `efface find`
#[derive(Debug, Args)]
#[command(before_long_help = FIND_EXAMPLES, after_long_help = FIND_EXIT_CODES)]
pub struct FindArgs {
    /// Whose data, then files or folders; `-` is standard input
    ///
    /// A phone number, an e-mail address or another identifier in any spelling. With --subject,
    /// --subject-file or --subjects there are files and folders only. Without any the index answers
    /// for all that it covers, as it was when it was last updated.
    #[arg(value_name = "IDENT] [PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) words: Vec<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) subjects: SubjectArgs,

    /// Many persons at once, one a line: {"id","identifiers","from","to"}
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

    /// Least confidence, from 0 to 1: lower than a scan's, for the value is known
    #[arg(
        long,
        value_name = "N",
        default_value = "0.2",
        help_heading = "What to find"
    )]
    pub(in crate::cli) min_confidence: String,

    #[command(flatten)]
    pub(in crate::cli) read: ReadArgs,

    #[command(flatten)]
    pub(in crate::cli) index: IndexDir,

    /// Read every source, also where an index knows it
    #[arg(long, conflicts_with = "dir", help_heading = "What to read")]
    pub(in crate::cli) no_index: bool,

    /// Only say whether there is anything: yes or no, and what was read
    #[arg(long, conflicts_with = "format", help_heading = "What to show")]
    pub(in crate::cli) exists: bool,

    /// Only list the clients that hold data, by the policy, and show none
    #[arg(long, requires = "policy", conflicts_with_all = ["format", "exists"], help_heading = "What to show")]
    pub(in crate::cli) by_client: bool,

    /// What else is the person's by the records, with the evidence; nothing else is searched
    #[arg(long, conflicts_with_all = ["exists", "by_client", "many"], help_heading = "What to show")]
    pub(in crate::cli) explain: bool,

    /// Search for what else is the person's by the records as well, to be confirmed by somebody
    #[arg(long, conflicts_with_all = ["explain", "many"], help_heading = "What to find")]
    pub(in crate::cli) linked: bool,

    #[command(flatten)]
    pub(in crate::cli) policy: PolicyArgs,

    #[command(flatten)]
    pub(in crate::cli) why: WhyArgs,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,

    #[command(flatten)]
    pub(in crate::cli) show: ShowArgs,

    #[command(flatten)]
    pub(in crate::cli) run: RunArgs,
}

impl FindArgs {
    /// How the report is written.
    pub(in crate::cli) fn format(&self) -> ReportFormat {
        match self.show.format() {
            _ if self.exists => ReportFormat::Answer,
            ReportFormat::Table => ReportFormat::Places,
            other => other,
        }
    }
}
