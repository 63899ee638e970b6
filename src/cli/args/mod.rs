//! What can be typed: the one place that knows the argument parser.
//!
//! A flag does nothing here but be read; the subcommand checks what it means. Help, completions
//! and the manual are made from these types.

mod again;
mod case;
mod disclose;
mod find;
mod index;
mod reading;
mod redact;
mod scan;
mod state;
mod sweep;

pub(super) use again::{CorrectArgs, ReplayArgs};
pub(super) use case::{AuditArgs, CaseArgs, CaseCommand, CaseOpen, WhyArgs};
pub(super) use disclose::{DiscloseArgs, LevelName};
pub(super) use find::FindArgs;
pub(super) use index::{IndexArgs, IndexCommand, IndexDir, IndexForget};
pub(super) use reading::{ListArgs, ReadArgs, RunArgs, SeekArgs, ShowArgs};
pub(super) use redact::{
    EditArgs, EraseArgs, PolicyArgs, RedactArgs, ReplaceArgs, SubjectArgs, WriteArgs,
};
pub(super) use scan::ScanArgs;
pub(super) use state::{
    DoctorArgs, HoldAdd, HoldArgs, HoldCommand, KeyArgs, KeyCommand, RecoverArgs, RevealArgs,
    StateArgs, VerifyArgs,
};
pub(super) use sweep::SweepArgs;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::config;
use super::exit::ExitStatus;
use super::misuse::Misuse;
use crate::report::{Color, Printer, Shown};

/// Help never grows wider; narrower terminals wrap it.
const HELP_WIDTH: usize = 80;

const EXAMPLES: &str = "\
Examples:
  efface scan exports/
  efface scan --format jsonl exports/ > findings.jsonl
  efface find '+1 416 555 0123' exports/
  efface redact --in-place exports/
  tail -f app.log | efface redact
  efface scan --help";

const EXIT_CODES: &str = "\
Exit status:
  0  done as asked
  1  the other answer: `scan` found something
  2  misuse, wrong configuration or a fatal error; nothing was changed
  3  incomplete: something was not read or not done; wins over 0 and 1";

/// Find personal data in telecom files
#[derive(Debug, Parser)]
#[command(
    name = "efface",
    version,
    max_term_width = HELP_WIDTH,
    disable_help_subcommand = true,
    args_override_self = true,
    before_long_help = EXAMPLES,
    after_long_help = EXIT_CODES
)]
pub struct Cli {
    /// When to colour what people read
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    #[arg(help = "When to colour: auto, always, never")]
    color: When,

    /// Settings instead of those in ~/.config/efface/config.toml
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: Option<std::path::PathBuf>,

    /// Without any settings
    #[arg(long, global = true, conflicts_with = "config")]
    no_config: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// When to colour.
    pub fn color(&self) -> Color {
        match self.color {
            When::Auto => Color::Auto,
            When::Always => Color::Always,
            When::Never => Color::Never,
        }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find personal data in files and folders, changing nothing
    Scan(Box<ScanArgs>),
    /// Find all data of one person, by any spelling of a number or address
    Find(Box<FindArgs>),
    /// Replace personal data in files, or in a stream
    Redact(Box<RedactArgs>),
    /// Remove the records, or the data, of a selection
    Erase(Box<EraseArgs>),
    /// Let go what is old enough, and keep what has to be kept, by a policy
    Sweep(Box<SweepArgs>),
    /// Make the package that goes to a person: their data, nobody else's
    Disclose(Box<DiscloseArgs>),
    /// Put a right value in the place of a wrong one
    Correct(Box<CorrectArgs>),
    /// Erase again what was erased, after a backup came back
    Replay(Box<ReplayArgs>),
    /// Keep requests of persons with their dates
    Case(CaseArgs),
    /// Show who looked for whom, and check that nothing of it was changed
    Audit(AuditArgs),
    /// Keep data from being changed: add, list or release a hold
    Hold(Box<HoldArgs>),
    /// Build and keep an index, by which `find` reads only what it has to
    Index(Box<IndexArgs>),
    /// Check a receipt against the files it speaks of
    Verify(VerifyArgs),
    /// Finish or undo what a killed run left
    Recover(RecoverArgs),
    /// Turn `fpe` replacements back, with the key
    Reveal(RevealArgs),
    /// Make or rotate a key
    Key(KeyArgs),
    /// Tell what a place allows and how far erasure goes there
    Doctor(DoctorArgs),
    /// Tell what this build knows to look for
    Patterns(PatternsArgs),
    /// Write a shell's completion script
    Completions(CompletionsArgs),
    /// Write the manual page
    Man(ManArgs),
}

/// `auto`, `always`, `never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

/// `efface patterns`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface patterns list",
    arg_required_else_help = false
)]
pub struct PatternsArgs {
    /// What to tell.
    #[command(subcommand)]
    pub(super) command: PatternsCommand,
}

/// The subcommands of `efface patterns`.
#[derive(Debug, Subcommand)]
pub(super) enum PatternsCommand {
    /// List the entities there are detectors for, and what they go by
    List,
    /// Tell why a text is a finding or is none
    Explain(ExplainArgs),
    /// Check rules of your own, as --patterns takes them
    Check {
        /// A folder of .toml files
        #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
        folder: std::path::PathBuf,
    },
}

/// `efface patterns explain`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface patterns explain 'order 4165550123'\n  efface patterns explain --label caller_id 4165550123\n  efface patterns explain - < line.txt"
)]
pub(super) struct ExplainArgs {
    /// The text; `-` reads it from standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) text: String,

    /// As a value below this column or key
    #[arg(long, value_name = "NAME")]
    pub(super) label: Option<String>,

    /// As written: prose, talk, log, cell
    #[arg(
        long,
        value_name = "NAME",
        default_value = "prose",
        hide_possible_values = true
    )]
    pub(super) register: RegisterName,

    /// Country of national numbers; default US
    #[arg(
        long,
        value_name = "COUNTRY",
        default_value = "US",
        hide_default_value = true
    )]
    pub(super) region: Vec<String>,

    /// Show values, not only their masked form
    #[arg(long)]
    pub(super) show_values: bool,
}

/// `--register` as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RegisterName {
    Prose,
    Talk,
    Log,
    Cell,
}

/// `efface completions`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface completions bash > ~/.local/share/bash-completion/completions/efface"
)]
pub struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    shell: Shell,
}

impl CompletionsArgs {
    /// The shell that will read the script.
    pub(super) fn shell(&self) -> Shell {
        self.shell
    }
}

/// `efface man`
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  efface man scan | man -l -")]
pub struct ManArgs {
    /// A command; the program itself when left out
    #[arg(value_name = "COMMAND")]
    pub(super) command: Option<String>,
}

/// The whole command line as data, for completions and the manual.
pub(super) fn command() -> clap::Command {
    Cli::command()
}

/// Reads the command line.
///
/// # Errors
/// The exit status, after help or a message was printed.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, ExitStatus> {
    let command = command();
    let args = config::settled(args.into_iter().collect(), &command).map_err(|misuse| {
        Printer::default().error(&misuse);
        ExitStatus::Refused
    })?;
    let parsed = command
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(|error| {
        let printer = Printer::default();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let text = error.render();
                let text = if printer.target().color {
                    text.ansi().to_string()
                } else {
                    text.to_string()
                };
                super::print(printer, text.as_bytes())
            }
            _ => {
                printer.error(&misuse(&error));
                ExitStatus::Refused
            }
        }
    })
}

/// An argument without the decoration of usage lines: `<PATH>...` is `PATH`.
fn bare(argument: &str) -> String {
    let flag = argument.split(' ').next().unwrap_or(argument);
    flag.trim_matches(['<', '>', '.', '[', ']']).to_owned()
}

/// The parser's complaint in our words.
fn misuse(error: &clap::Error) -> Misuse {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(Shown::text(text).to_string()),
        Some(ContextValue::Strings(texts)) => Some(Shown::text(&texts.join(", ")).to_string()),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg).map_or("an argument".to_owned(), |a| bare(&a));
    let see_help = "'efface --help' and 'efface COMMAND --help' list what there is".to_owned();
    match error.kind() {
        ErrorKind::UnknownArgument => Misuse::new(
            format!("unknown argument '{argument}'"),
            text(ContextKind::SuggestedArg)
                .map_or(see_help, |near| format!("did you mean '{near}'?")),
        ),
        ErrorKind::InvalidSubcommand => Misuse::new(
            match text(ContextKind::InvalidSubcommand) {
                // A number or address that was typed in the wrong place is nobody's business.
                Some(word) if !word.contains(|c: char| c.is_ascii_digit() || c == '@') => {
                    format!("unknown command '{word}'")
                }
                _ => "what stands first is no command".to_owned(),
            },
            text(ContextKind::SuggestedSubcommand)
                .map_or(see_help, |near| format!("did you mean '{near}'?")),
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            let sentence = if value.is_empty() {
                format!("{argument} needs a value")
            } else {
                format!("{argument} cannot be '{value}'")
            };
            Misuse::new(
                sentence,
                text(ContextKind::ValidValue)
                    .filter(|values| !values.is_empty())
                    .map_or(see_help, |values| format!("choose one of {values}")),
            )
        }
        ErrorKind::MissingRequiredArgument => Misuse::new(
            format!("{argument} is missing"),
            if argument == "PATH" {
                "'.' is the current folder, '-' is standard input".to_owned()
            } else {
                see_help
            },
        ),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Misuse::new(
                "no command is given",
                "'efface scan .' scans this folder; 'efface --help' lists the commands",
            )
        }
        ErrorKind::ArgumentConflict => {
            let other = match error.get(ContextKind::PriorArg) {
                Some(ContextValue::String(other)) => bare(other),
                Some(ContextValue::Strings(others)) => {
                    others.first().map_or_else(String::new, |other| bare(other))
                }
                _ => "another argument".to_owned(),
            };
            Misuse::new(
                format!("{argument} and {other} exclude each other"),
                "leave one of them away",
            )
        }
        ErrorKind::InvalidUtf8 => {
            Misuse::new("an argument is not UTF-8", "only paths may be any bytes")
        }
        _ => Misuse::new(format!("{argument} cannot be understood"), see_help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_accepts_its_own_definition() {
        command().debug_assert();
    }
}
