//! `efface case` and `efface audit`, and what look-ups say of why.

use clap::{Args, Subcommand};

use super::StateArgs;

/// Why somebody is looked for.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct WhyArgs {
    /// The case it belongs to; it must be open
    #[arg(long, value_name = "CASE", help_heading = "Why")]
    pub(in crate::cli) case: Option<String>,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT", help_heading = "Why")]
    pub(in crate::cli) reason: Option<String>,
}

/// `efface audit`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface audit\n  efface audit --case 24-17 --jsonl",
    after_long_help = "Exit status:\n  0  the log is whole\n  2  it cannot be trusted, or another fatal error"
)]
pub struct AuditArgs {
    /// Only look-ups of this case
    #[arg(long, value_name = "CASE")]
    pub(in crate::cli) case: Option<String>,

    /// The lines as they are kept, one JSON object each
    #[arg(long)]
    pub(in crate::cli) jsonl: bool,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// `efface case`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface case open 24-17 --profile gdpr --received 2026-01-31 --kind access\n  efface case verify 24-17 --points 3 --declaration\n  efface case list --due\n  efface case close 24-17",
    after_long_help = "Exit status:\n  0  done\n  1  a case is overdue (list --due)\n  2  misuse, an unknown case or a fatal error"
)]
pub struct CaseArgs {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: CaseCommand,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// The subcommands of `efface case`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CaseCommand {
    /// Open a case and print its name
    Open(Box<CaseOpen>),
    /// List the cases that are open, with the day on which they are due
    List {
        /// Only those that are overdue; exit status 1 if there are any
        #[arg(long)]
        due: bool,
        /// Closed ones as well
        #[arg(long, conflicts_with = "due")]
        all: bool,
        /// Another day than today, as 2024-01-31
        #[arg(long, value_name = "DATE")]
        now: Option<String>,
    },
    /// Show what is known of a case
    Show {
        /// Its name
        id: String,
    },
    /// Note how far it is known who asks
    Verify {
        /// Its name
        id: String,
        /// Points that match what is held
        #[arg(long, value_name = "N")]
        points: u32,
        /// There is a signed declaration
        #[arg(long)]
        declaration: bool,
    },
    /// Take the extension that the law gives
    Extend {
        /// Its name
        id: String,
        /// Why; the person is to be told
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Note something that was done
    Note {
        /// Its name
        id: String,
        /// What
        text: String,
        /// The receipt of it
        #[arg(long, value_name = "NAME")]
        receipt: Option<String>,
    },
    /// Close a case
    Close {
        /// Its name
        id: String,
    },
}

/// `efface case open`
#[derive(Debug, Args)]
pub(in crate::cli) struct CaseOpen {
    /// Its name; one is made when there is none
    pub(in crate::cli) id: Option<String>,

    /// The law that it is answered by: gdpr, uk-gdpr, ccpa, ca-pipeda, hipaa
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: String,

    /// The day on which it came, as 2024-01-31
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) received: String,

    /// What is asked for: access, erase, correct and the like
    #[arg(long, value_name = "TEXT", default_value = "access")]
    pub(in crate::cli) kind: String,

    /// Who asks: a phone number, an address, [entity:]value; only keyed tags are kept
    #[arg(long, value_name = "VALUE")]
    pub(in crate::cli) subject: Vec<String>,

    /// The same from a file, one a line; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(in crate::cli) subject_file: Option<std::path::PathBuf>,

    /// Country of national numbers; default US
    #[arg(
        long,
        value_name = "COUNTRY",
        default_value = "US",
        hide_default_value = true
    )]
    pub(in crate::cli) region: Vec<String>,
}
