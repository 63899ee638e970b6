//! Progress on standard error, and Ctrl-C.
//!
//! On a terminal a line is redrawn in place, which the library for it does on its own; elsewhere
//! the printer tells now and then.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::args::When;
use crate::finding::Finding;
use crate::report::Printer;
use crate::scan::{FileReport, Progress, Sink, SinkError, SourcePath, Summary, Wants};

/// Redraws a second; more would cost and not be seen.
const HERTZ: u8 = 10;

/// Time between two looks at the counters.
const TICK: Duration = Duration::from_millis(100);

/// Time between two lines where nothing can be redrawn, such as a log.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How progress is shown.
pub(super) enum Bar {
    /// Not at all.
    Hidden,
    /// As a line that is redrawn, until the summary comes.
    Drawn(ProgressBar),
    /// As a line now and then, until told to end.
    Told(Sender<()>),
}

impl Bar {
    /// Shows the counters of `progress` when asked to; of itself, where `fits`.
    pub(super) fn when(
        asked: When,
        fits: bool,
        progress: &Arc<Progress>,
        printer: Printer,
    ) -> Self {
        let shown = match asked {
            When::Auto => fits,
            When::Always => true,
            When::Never => false,
        };
        if shown {
            Bar::new(progress, printer)
        } else {
            Bar::Hidden
        }
    }

    /// Shows the counters of `progress` as fits standard error.
    fn new(progress: &Arc<Progress>, printer: Printer) -> Self {
        let counters = Arc::clone(progress);
        if printer.messages_seen() {
            Bar::drawn(counters)
        } else {
            Bar::told(counters, printer)
        }
    }

    fn drawn(counters: Arc<Progress>) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(HERTZ));
        let show = move |state: &ProgressState, out: &mut dyn Write| {
            // A line that cannot be formatted is not drawn; nothing depends on it.
            let _ = out.write_str(&line(&counters, state.elapsed()));
        };
        // The template is a constant; if it were wrong, the plain spinner would show.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {counters}") {
            bar.set_style(style.with_key("counters", show));
        }
        bar.enable_steady_tick(TICK);
        Bar::Drawn(bar)
    }

    fn told(counters: Arc<Progress>, printer: Printer) -> Self {
        let (end, ended) = channel();
        let started = Instant::now();
        thread::spawn(move || {
            while ended.recv_timeout(TELL_EVERY) == Err(RecvTimeoutError::Timeout) {
                printer.note(&line(&counters, started.elapsed()));
            }
        });
        Bar::Told(end)
    }

    /// Takes the line away, and ends the telling.
    pub(super) fn clear(&self) {
        match self {
            Bar::Hidden => {}
            Bar::Drawn(bar) => bar.finish_and_clear(),
            // Nobody listens when it was ended before.
            Bar::Told(end) => drop(end.send(())),
        }
    }
}

fn line(counters: &Progress, elapsed: Duration) -> String {
    let bytes = counters.bytes() as f64;
    let rate = bytes / elapsed.as_secs_f64().max(0.001);
    format!(
        "{} files, {:.1} MB, {:.0} MB/s, {} findings",
        HumanCount(counters.files()),
        bytes / 1e6,
        rate / 1e6,
        HumanCount(counters.findings()),
    )
}

/// A sink that takes the progress line away before the summary is shown.
pub(super) struct Cleared<'a> {
    pub(super) sink: Box<dyn Sink + 'a>,
    pub(super) bar: &'a Bar,
}

impl Sink for Cleared<'_> {
    fn wants(&self) -> Wants {
        self.sink.wants()
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        self.sink.findings(path, findings)
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        self.sink.file(report)
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        self.bar.clear();
        self.sink.summary(summary)
    }
}

/// Lets the first Ctrl-C, or a request to terminate, end the scan with what it has, and the second
/// end the process.
pub(super) fn stop_on_interrupt(progress: &Arc<Progress>) {
    let progress = Arc::clone(progress);
    let handler = move || {
        if progress.stop() {
            leave_now();
        }
    };
    // Without a handler Ctrl-C ends the process as it would any other; a scan changes nothing.
    let _ = ctrlc::set_handler(handler);
}

/// The one place that ends the process without unwinding: the user asked twice, and a reading
/// command leaves nothing behind.
#[expect(
    clippy::exit,
    reason = "the second Ctrl-C must work even if a thread is stuck"
)]
fn leave_now() {
    std::process::exit(i32::from(super::ExitStatus::Incomplete.code()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_files_bytes_rate_and_findings() {
        let progress = Progress::default();
        progress.add_bytes(12_340_000);
        progress.add_findings(1_234);
        (0..3).for_each(|_| progress.add_file());
        let shown = line(&progress, Duration::from_secs(2));
        assert_eq!(shown, "3 files, 12.3 MB, 6 MB/s, 1,234 findings");
    }
}
