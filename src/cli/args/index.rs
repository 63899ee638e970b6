//! `efface index`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::{RunArgs, StateArgs, SubjectArgs};

const EXAMPLES: &str = "\
Examples:
  efface index build exports/             once
  efface index update                     every night: reads what changed
  efface find '+1 416 555 0123'           answers from the index
  efface find '+1 416 555 0123' exports/  the same, and reads what is new
  efface index forget --subject '+1 416 555 0123'";

const EXIT_CODES: &str = "\
Exit status:
  0  done
  1  something differs (verify)
  2  misuse, another key or version, or a fatal error; nothing was changed
  3  incomplete: something was not read, or the run was stopped";

/// `efface index`
#[derive(Debug, Args)]
#[command(before_long_help = EXAMPLES, after_long_help = EXIT_CODES)]
pub struct IndexArgs {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: IndexCommand,

    #[command(flatten)]
    pub(in crate::cli) index: IndexDir,

    /// Build and update with this key alone, which cannot read
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) build_key: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// Where the index is.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct IndexDir {
    /// The folder of the index [default: in the state folder]
    #[arg(long = "index", global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) dir: Option<PathBuf>,
}

/// The subcommands of `efface index`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IndexCommand {
    /// Read everything and build the index; it holds no value, only keyed tags
    Build(Box<IndexBuild>),
    /// Read what is new or changed, and drop what is gone
    Update(Box<IndexUpdate>),
    /// Tell what the index covers, and how old it is
    Status,
    /// Take a person, or a source, out of the index
    Forget(IndexForget),
    /// Check every byte of the index
    Verify,
    /// Write the key that builds and updates, and cannot read, to a new file
    Key {
        /// Where to
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// `efface index build`
#[derive(Debug, Args)]
pub(in crate::cli) struct IndexBuild {
    /// Files or folders
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

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

    /// Read every source as this format
    #[arg(long = "as", value_name = "FORMAT", help_heading = "What to read")]
    pub(in crate::cli) as_format: Option<String>,

    /// Read only files that match, also at every update
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
    pub(in crate::cli) run: RunArgs,
}

/// `efface index update`
#[derive(Debug, Args)]
pub(in crate::cli) struct IndexUpdate {
    /// Folders of the index, or new ones; all that it holds when left out
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) run: RunArgs,
}

/// `efface index forget`
#[derive(Debug, Args)]
pub(in crate::cli) struct IndexForget {
    /// A file or folder, which may be gone
    #[arg(
        value_name = "PATH",
        value_hint = ValueHint::AnyPath,
        conflicts_with_all = ["subject", "subject_file"]
    )]
    pub(in crate::cli) path: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) subjects: SubjectArgs,
}
