//! The progress line on standard error, and Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::finding::Finding;
use crate::scan::{FileReport, Progress, Sink, SinkError, SourcePath, Summary, Wants};

/// Redraws a second; more would cost and not be seen.
const HERTZ: u8 = 10;

/// Time between two looks at the counters.
const TICK: Duration = Duration::from_millis(100);

/// The line, drawn until the summary comes.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A line that shows the counters of `progress`, or none.
    pub(super) fn new(progress: &Arc<Progress>, shown: bool) -> Self {
        if !shown {
            return Bar(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(HERTZ));
        let counters = Arc::clone(progress);
        let line = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // A line that cannot be formatted is not drawn; nothing depends on it.
            let _ = write_line(&counters, state.elapsed(), out);
        };
        // The template is a constant; if it were wrong, the plain spinner would show.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {counters}") {
            bar.set_style(style.with_key("counters", line));
        }
        bar.enable_steady_tick(TICK);
        Bar(bar)
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn write_line(
    counters: &Progress,
    elapsed: Duration,
    out: &mut dyn std::fmt::Write,
) -> std::fmt::Result {
    let bytes = counters.bytes();
    let rate = bytes as f64 / elapsed.as_secs_f64().max(0.001);
    write!(
        out,
        "{} files, {:.1} MB, {:.0} MB/s, {} findings",
        HumanCount(counters.files()),
        bytes as f64 / 1e6,
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
