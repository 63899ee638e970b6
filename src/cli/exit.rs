//! Exit codes (DESIGN section 6). Scripts branch on them, so each is reached on purpose.

use std::process::ExitCode;

use crate::scan::{SinkError, Summary};

/// What the process tells its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: done as asked; `scan`: nothing was found and everything was read.
    Done,
    /// 1: the other answer; `scan`: something was found; `find`: nothing was.
    Found,
    /// 2: misuse, wrong configuration or a fatal error; nothing was changed.
    Refused,
    /// 3: something was not read or not done; wins over 0 and 1.
    Incomplete,
}

impl ExitStatus {
    /// The number the caller sees.
    pub const fn code(self) -> u8 {
        match self {
            ExitStatus::Done => 0,
            ExitStatus::Found => 1,
            ExitStatus::Refused => 2,
            ExitStatus::Incomplete => 3,
        }
    }

    /// How a scan ends.
    pub fn of_scan(summary: &Summary) -> Self {
        if summary.interrupted || summary.incomplete > 0 {
            ExitStatus::Incomplete
        } else if summary.findings.iter().any(|(_, count)| *count > 0) {
            ExitStatus::Found
        } else {
            ExitStatus::Done
        }
    }

    /// How a look-up ends: found is what was hoped for.
    pub fn of_find(summary: &Summary) -> Self {
        match Self::of_scan(summary) {
            ExitStatus::Found => ExitStatus::Done,
            ExitStatus::Done => ExitStatus::Found,
            other => other,
        }
    }

    /// How a command ends whose output could not be written.
    pub fn of_sink_error(error: &SinkError) -> Self {
        match error {
            SinkError::ReaderLeft => ExitStatus::Incomplete,
            SinkError::Write(_) => ExitStatus::Refused,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Entity;

    #[test]
    fn the_table_of_the_contract() {
        // (findings, incomplete, interrupted) -> code
        for (found, incomplete, interrupted, code) in [
            (0, 0, false, 0),
            (5, 0, false, 1),
            (0, 1, false, 3),
            (5, 1, false, 3),
            (0, 0, true, 3),
            (5, 0, true, 3),
        ] {
            let summary = Summary {
                incomplete,
                interrupted,
                findings: vec![(Entity::Phone, found)],
                ..Summary::default()
            };
            let status = ExitStatus::of_scan(&summary);
            assert_eq!(status.code(), code, "{found} {incomplete} {interrupted}");
        }
        assert_eq!(ExitStatus::of_scan(&Summary::default()).code(), 0);
        assert_eq!(ExitStatus::of_sink_error(&SinkError::ReaderLeft).code(), 3);
        let full = SinkError::Write(std::io::ErrorKind::StorageFull.into());
        assert_eq!(ExitStatus::of_sink_error(&full).code(), 2);
    }
}
