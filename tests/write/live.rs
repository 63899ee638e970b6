//! Writers that go on while files are redacted: no line is lost, none gets NUL bytes, or the file
//! was refused with the reason.

use std::collections::BTreeSet;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use efface::redact::failure::Reason;

use crate::bench::{Bench, Ends, Way, reason};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Writer {
    /// O_APPEND, the descriptor is held.
    AppendHeld,
    /// No O_APPEND, the descriptor is held and keeps its own offset.
    PlainHeld,
    /// Opens, appends and closes for every line.
    Reopened,
}

/// Lines that a writer may be ahead of the redactions, for each of them: enough that writes fall
/// into every moment of a run, few enough that the file stays small.
const AHEAD: u64 = 40;

fn write_lines(
    path: &Path,
    writer: Writer,
    (stop, count, budget): (&AtomicBool, &AtomicU64, &AtomicU64),
) {
    let open = || std::fs::OpenOptions::new().append(true).open(path);
    let mut held = match writer {
        Writer::AppendHeld => Some(open().unwrap()),
        Writer::PlainHeld => {
            let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.seek(SeekFrom::End(0)).unwrap();
            Some(file)
        }
        Writer::Reopened => None,
    };
    while !stop.load(Ordering::Relaxed) {
        if count.load(Ordering::Relaxed) >= budget.load(Ordering::Relaxed) {
            std::thread::yield_now();
            continue;
        }
        let line = format!("line {} call 555-0123\n", count.load(Ordering::Relaxed));
        match &mut held {
            Some(file) => file.write_all(line.as_bytes()).unwrap(),
            None => open().unwrap().write_all(line.as_bytes()).unwrap(),
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn no_line_of_a_live_log_is_lost() {
    for writer in [Writer::AppendHeld, Writer::PlainHeld, Writer::Reopened] {
        for way in [Way::Mask, Way::Label] {
            let bench = Bench::new();
            let path = bench.put("a.log", b"");
            let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
            let budget = AtomicU64::new(AHEAD);
            let (mut done, mut busy) = (0, 0);
            std::thread::scope(|scope| {
                scope.spawn(|| write_lines(&path, writer, (&stop, &count, &budget)));
                let _until_here = Ends(&stop);
                while count.load(Ordering::Relaxed) == 0 {
                    std::hint::spin_loop();
                }
                for _ in 0..200 {
                    budget.fetch_add(AHEAD, Ordering::Relaxed);
                    let outcome = bench.rewrite("a.log", b"555-0123", way).unwrap();
                    match reason(&outcome) {
                        None => done += 1,
                        Some(Reason::Busy | Reason::Changed) => busy += 1,
                        Some(other) => panic!("{writer:?} {way:?}: {other:?}"),
                    }
                }
            });
            let bytes = bench.get("a.log");
            assert!(!bytes.contains(&0), "{writer:?} {way:?}: NUL bytes");
            let text = String::from_utf8(bytes).unwrap();
            let seen: BTreeSet<u64> = text
                .lines()
                .map(|line| {
                    let rest = line.strip_prefix("line ").expect("a whole line");
                    let (number, rest) = rest.split_once(' ').expect("a whole line");
                    assert!(
                        matches!(rest, "call 555-0123" | "call ########" | "call [X]"),
                        "{writer:?} {way:?}: {line}"
                    );
                    number.parse().unwrap()
                })
                .collect();
            let written = count.load(Ordering::Relaxed);
            assert_eq!(seen.len() as u64, written, "{writer:?} {way:?}: lines lost");
            println!("{writer:?} {way:?}: {written} lines, {done} done, {busy} refused");
            if way == Way::Mask {
                assert!(done > 100, "{writer:?}: masking works beside a writer");
            } else if writer != Writer::Reopened {
                assert_eq!(done, 0, "{writer:?}: a held log is never swapped");
            }
            assert!(bench.left_over().is_empty());
        }
    }
}
