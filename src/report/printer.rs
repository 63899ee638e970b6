//! The printer: the only way to the terminal.
//!
//! Owns standard output and standard error, and decides colour and width. Data goes to standard
//! output as exact bytes; messages go to standard error, where failing to write is no failure.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::scan::SinkError;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// When the stream is a terminal that can, and NO_COLOR and its kin do not object.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What standard output is, as far as showing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whether a terminal will read the bytes, so that untrusted text must be escaped.
    pub terminal: bool,
    /// Whether to colour.
    pub color: bool,
    /// Columns to fill.
    pub width: usize,
}

/// Columns when the terminal does not say.
const DEFAULT_WIDTH: usize = 80;

impl Target {
    /// A pipe or a file.
    pub const PLAIN: Target = Target {
        terminal: false,
        color: false,
        width: DEFAULT_WIDTH,
    };
}

/// The program's standard output and standard error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Printer {
    color: Color,
}

impl Printer {
    /// A printer that colours as told.
    pub fn new(color: Color) -> Self {
        Printer { color }
    }

    /// What standard output is.
    pub fn target(self) -> Target {
        let stdout = io::stdout();
        Target {
            terminal: stdout.is_terminal(),
            color: self.colors(AutoStream::choice(&stdout)),
            width: terminal_size::terminal_size_of(&stdout)
                .map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0)),
        }
    }

    /// Whether standard error is a terminal, where somebody may read along.
    pub fn messages_seen(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Whether standard input is a terminal, where somebody has to type.
    pub fn input_is_typed(self) -> bool {
        io::stdin().is_terminal()
    }

    /// Standard output, for a sink that writes whole lines in batches.
    pub fn stdout(self) -> impl Write + Send {
        io::stdout()
    }

    /// Writes a whole text to standard output.
    ///
    /// # Errors
    /// [`SinkError`] when its reader has left or it cannot be written.
    pub fn text(self, text: &[u8]) -> Result<(), SinkError> {
        let mut out = io::stdout().lock();
        out.write_all(text)
            .and_then(|()| out.flush())
            .map_err(sink_error)
    }

    /// Says on standard error why nothing more is done. The message is a sentence, then possibly
    /// an empty line and a `hint: ...`.
    pub fn error(self, message: &dyn Display) {
        self.message("error", AnsiColor::Red, message);
    }

    /// Says on standard error what the user should know.
    pub fn note(self, message: &dyn Display) {
        self.message("note", AnsiColor::Yellow, message);
    }

    fn message(self, kind: &str, color: AnsiColor, message: &dyn Display) {
        let stderr = io::stderr();
        let style = if self.colors(AutoStream::choice(&stderr)) {
            Style::new().fg_color(Some(color.into())).bold()
        } else {
            Style::new()
        };
        // Nobody is left to be told when standard error is closed.
        let _ = writeln!(stderr.lock(), "efface: {style}{kind}:{style:#} {message}");
    }

    fn colors(self, auto: ColorChoice) -> bool {
        match self.color {
            // A build server asks for colour on any terminal; one that knows no colour has none.
            Color::Auto => {
                !matches!(auto, ColorChoice::Never)
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
            Color::Always => true,
            Color::Never => false,
        }
    }
}

/// Tells a reader that left from a write that failed.
pub(super) fn sink_error(error: io::Error) -> SinkError {
    if error.kind() == io::ErrorKind::BrokenPipe {
        SinkError::ReaderLeft
    } else {
        SinkError::Write(error)
    }
}

/// Makes panics say where they happened and nothing of what they were handling (R4).
pub fn hush_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        let _ = writeln!(
            io::stderr().lock(),
            "efface: error: internal failure at {place}\n\n\
             hint: report this line; no file content is in it"
        );
    }));
}
