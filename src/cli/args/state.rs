//! The commands about the state: holds, receipts, recovery, keys, and what a place allows.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// Where the state is.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct StateArgs {
    /// The folder of keys, holds and receipts [default: the user's state folder]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) state: Option<PathBuf>,

    /// A key kept elsewhere, mode 0600
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) key_file: Option<PathBuf>,
}

/// `efface hold`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface hold add --subject '+1 416 555 0123' --case 24-17 --reason lawsuit\n  efface hold add --path /srv/cdr --reason audit --expires 2027-01-31\n  efface hold list\n  efface hold release 24-17"
)]
pub struct HoldArgs {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: HoldCommand,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// The subcommands of `efface hold`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HoldCommand {
    /// Add a hold and print its id; everything that is given must fit
    Add(Box<HoldAdd>),
    /// List the holds
    List,
    /// Release a hold by its id, or all of a case
    Release {
        /// An id or a case
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// `efface hold add`
#[derive(Debug, Args)]
pub(in crate::cli) struct HoldAdd {
    /// Records that name any of these: a phone number, an address, [entity:]value
    #[arg(long, value_name = "VALUE")]
    pub(in crate::cli) subject: Vec<String>,

    /// The same from a file, one a line; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) subject_file: Option<PathBuf>,

    /// Files below a folder, or that match a glob
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) path: Vec<String>,

    /// Data of this client
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) client: Option<String>,

    /// Records of this day or later, as 2024-01-31 (UTC)
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) from: Option<String>,

    /// Records before this day
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) to: Option<String>,

    /// The case it belongs to
    #[arg(long, value_name = "CASE")]
    pub(in crate::cli) case: Option<String>,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,

    /// The day from which it counts no more
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) expires: Option<String>,

    /// Country of national numbers; default US
    #[arg(
        long,
        value_name = "COUNTRY",
        default_value = "US",
        hide_default_value = true
    )]
    pub(in crate::cli) region: Vec<String>,
}

/// `efface verify`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface verify ~/.local/state/efface/receipts/0123456789abcdef.jsonl",
    after_long_help = "Exit status:\n  0  every file is what the receipt says\n  1  a file differs\n  2  the receipt cannot be trusted, or another fatal error\n  3  the run it tells of did not do everything"
)]
pub struct VerifyArgs {
    /// A receipt, as redact and erase name it at their end
    #[arg(value_name = "RECEIPT", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) receipt: PathBuf,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// `efface recover`
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  efface recover")]
pub struct RecoverArgs {
    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// `efface reveal`
#[derive(Debug, Args)]
#[command(
    before_long_help = "Examples:\n  efface reveal --entity phone < replacements.txt",
    after_long_help = "Reads replacements, one a line, and writes what they replaced."
)]
pub struct RevealArgs {
    /// What they are: phone, payment_card and the like
    #[arg(long, value_name = "ENTITY", default_value = "phone")]
    pub(in crate::cli) entity: String,

    /// Country of national numbers
    #[arg(long, value_name = "COUNTRY", default_value = "US")]
    pub(in crate::cli) region: String,

    /// The key id that the run named; another key is refused
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) key_id: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// `efface key`
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  efface key new ~/efface.key\n  efface key rotate")]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: KeyCommand,

    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// The subcommands of `efface key`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Write a new key to a file that does not exist yet, and print its id
    New {
        /// Where to
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Give the state a new key and destroy the old one
    Rotate,
}

/// `efface doctor`
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  efface doctor exports/ /var/log/app.log")]
pub struct DoctorArgs {
    /// Files or folders
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,
}
