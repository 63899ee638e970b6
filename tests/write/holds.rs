//! R6: what a hold covers is changed by nothing. The expected coverage is decided here, record by
//! record, by rules written apart from the guard's.

use std::path::Path;

use efface::redact::apply::{FileEdit, Run};
use efface::redact::edit::{Change, Splice};
use efface::redact::failure::Reason;
use efface::redact::guard::{EditContext, Guard};
use efface::redact::hold::{self, Cover, DutyText, HoldText};
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::place::{Identity, Root};
use efface::redact::receipt::Counts;
use efface::redact::state::key::hex;

use crate::bench::{Bench, Way, readable, scan};

fn hold(cover: Cover) -> HoldText {
    HoldText {
        id: String::new(),
        cover,
        case: None,
        reason: "litigation".into(),
        created: 0,
        expires: None,
    }
}

/// A small deterministic generator (splitmix64): the cases are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

#[derive(Clone)]
struct Record {
    subject: u64,
    client: Option<&'static str>,
    time: Option<i64>,
}

const CLIENTS: [&str; 3] = ["acme", "globex", "initech"];
const FILES: [&str; 3] = ["cdr/a.csv", "cdr/b.csv", "logs/c.csv"];
const LINE: usize = 16;

#[test]
fn ten_thousand_random_holds_and_no_held_byte_changes() {
    let mut random = Random(7);
    let (mut holds, mut held, mut changed) = (0, 0, 0);
    for round in 0..100 {
        let bench = Bench::new();
        let io = Io::real();
        let state = bench.state();
        let root = Root::open(&io, &bench.tree()).unwrap();
        let mut covers = Vec::new();
        for _ in 0..100 {
            let mut cover = Cover::default();
            // Every hold is on a subject, on a span of time, or on both; some are narrower.
            let kind = random.below(3);
            if kind != 0 {
                let tag = state.key().tag("phone", &random.below(200).to_string());
                cover.subjects = vec![hex(&tag)];
            }
            if kind != 1 {
                let from = random.below(1000) as i64;
                cover.from = Some(from);
                cover.to = Some(from + random.below(12) as i64);
            }
            if random.below(2) == 0 {
                let all = ["cdr", "cdr/*.csv", "logs/**", "**/b.csv", "cdr/?.csv"];
                cover.paths = vec![all[random.below(5) as usize].to_string()];
            }
            if random.below(2) == 0 {
                cover.client = Some(CLIENTS[random.below(3) as usize].to_string());
            }
            covers.push(cover);
        }
        // Written in one step, as a policy import would; `add` is tested on its own.
        let texts: Vec<HoldText> = covers
            .iter()
            .map(|cover| {
                let mut cover = cover.clone();
                for path in &mut cover.paths {
                    *path = format!("{}/{path}", root.path().display());
                }
                HoldText {
                    id: "h".into(),
                    ..hold(cover)
                }
            })
            .collect();
        hold::replace_all(&io, &state, &texts).unwrap();
        holds += texts.len();
        let guard = Guard::load(&io, &state, 0).unwrap();
        for name in FILES {
            let records: Vec<Record> = (0..40)
                .map(|_| Record {
                    subject: random.below(200),
                    client: (random.below(8) > 0).then(|| CLIENTS[random.below(3) as usize]),
                    time: (random.below(30) > 0).then(|| random.below(1000) as i64),
                })
                .collect();
            let lines = records.iter().map(|one| {
                format!(
                    "555-{:04},xxxxxx
",
                    one.subject
                )
            });
            let text = lines.collect::<Vec<_>>().concat();
            bench.put(name, text.as_bytes());
            let mut permit = None;
            let mut edits = Vec::new();
            let now = bench.get(name);
            for (at, record) in records.iter().enumerate() {
                let tag = state.key().tag("phone", &record.subject.to_string());
                let context = EditContext {
                    path: root.path().join(name),
                    subject_tags: Some(vec![tag]),
                    client: record.client.map(String::from),
                    time: record.time,
                    format: None,
                    last: None,
                };
                let Ok(given) = guard.permits(&context) else {
                    continue;
                };
                permit = Some(match permit {
                    None => given,
                    Some(before) => given.merge(before).unwrap(),
                });
                let start = (at * LINE) as u64;
                // Odd rounds erase the record, even ones mask the number.
                let (range, new) = if round % 2 == 0 {
                    (start..start + 8, b"########".to_vec())
                } else {
                    (start..start + LINE as u64, Vec::new())
                };
                edits.push(Splice {
                    old: Some(
                        now[range.start as usize..range.end as usize]
                            .to_vec()
                            .into(),
                    ),
                    range,
                    new: new.into(),
                });
            }
            if let Some(permit) = permit {
                let file = std::fs::File::open(bench.path(name)).unwrap();
                let expect = Identity::of_file(&file).unwrap();
                drop(file);
                let options = WriteOptions::default();
                let (mut run, _) = Run::begin(&io, &state, &guard, &[&root], options).unwrap();
                let mut edits = edits.into_iter().map(Ok);
                let outcome = run.apply(vec![FileEdit {
                    root: &root,
                    path: name.into(),
                    expect,
                    change: if round % 2 == 0 {
                        Change::SameWidth(&mut edits)
                    } else {
                        Change::Splices(&mut edits)
                    },
                    verify: &readable,
                    permit,
                    out: None,
                    counts: Counts::new(),
                }]);
                assert!(outcome.is_done(), "{outcome:?}");
                run.finish().unwrap();
            }
            let after = bench.get(name);
            let mut at = 0;
            for record in &records {
                let line = format!("555-{:04},xxxxxx\n", record.subject);
                let is_held = covers
                    .iter()
                    .any(|cover| covered(cover, name, record, &state));
                if is_held {
                    held += 1;
                    assert_eq!(
                        &after[at..at + LINE],
                        line.as_bytes(),
                        "a held record changed"
                    );
                    at += LINE;
                } else if round % 2 == 0 {
                    changed += 1;
                    assert_eq!(&after[at..at + 8], b"########", "a free record was left");
                    at += LINE;
                } else {
                    changed += 1;
                }
            }
            assert_eq!(at, after.len());
        }
    }
    println!("{holds} holds, {held} held records, {changed} changed");
    assert!(holds >= 10_000 && held > 1000 && changed > 1000);
}

/// The rules of a hold, said once more.
fn covered(
    cover: &Cover,
    name: &str,
    record: &Record,
    state: &efface::redact::state::State,
) -> bool {
    let tag = hex(&state.key().tag("phone", &record.subject.to_string()));
    if !cover.subjects.is_empty() && !cover.subjects.contains(&tag) {
        return false;
    }
    let path_fits = |glob: &str| match glob {
        "cdr" | "cdr/*.csv" | "cdr/?.csv" => name.starts_with("cdr/"),
        "logs/**" => name.starts_with("logs/"),
        "**/b.csv" => name.ends_with("/b.csv"),
        other => panic!("{other}"),
    };
    if !cover.paths.is_empty() && !cover.paths.iter().any(|glob| path_fits(glob)) {
        return false;
    }
    if let (Some(wanted), Some(is)) = (&cover.client, record.client)
        && wanted != is
    {
        return false;
    }
    match (record.time, cover.from, cover.to) {
        (Some(time), Some(from), Some(to)) => (from..to).contains(&time),
        _ => true,
    }
}

#[test]
fn a_hold_that_comes_up_during_a_run_stops_the_write() {
    let bench = Bench::new();
    bench.put("a.txt", b"call 555-0123");
    let io = Io::real();
    let state = bench.state();
    let guard = Guard::load(&io, &state, 0).unwrap();
    let root = Root::open(&io, &bench.tree()).unwrap();
    let (expect, edits) = scan(&bench.path("a.txt"), b"555-0123", Way::Mask);
    let (mut run, _) = Run::begin(&io, &state, &guard, &[&root], WriteOptions::default()).unwrap();
    let cover = Cover {
        paths: vec!["a.txt".into()],
        ..Cover::default()
    };
    let id = hold::add(&io, &state, root.path(), 5, hold(cover)).unwrap();
    let outcome = crate::bench::one(&mut run, &guard, &root, "a.txt", expect, edits, Way::Mask);
    assert_eq!(crate::bench::reason(&outcome), Some(Reason::Held));
    run.finish().unwrap();
    assert_eq!(bench.get("a.txt"), b"call 555-0123");
    assert_eq!(hold::release(&io, &state, &id).unwrap(), 1);
    assert!(
        bench
            .rewrite("a.txt", b"555-0123", Way::Mask)
            .unwrap()
            .is_done()
    );
    assert_eq!(bench.get("a.txt"), b"call ########");
}

#[test]
fn holds_run_out_are_listed_and_released_by_case() {
    let bench = Bench::new();
    let io = Io::real();
    let state = bench.state();
    let cover = Cover {
        client: Some("acme".into()),
        ..Cover::default()
    };
    let text = HoldText {
        case: Some("C-1".into()),
        expires: Some(100),
        ..hold(cover)
    };
    hold::add(&io, &state, Path::new("/"), 0, text.clone()).unwrap();
    hold::add(
        &io,
        &state,
        Path::new("/"),
        0,
        HoldText {
            expires: None,
            ..text
        },
    )
    .unwrap();
    assert_eq!(hold::list(&io, &state).unwrap().len(), 2);
    let context = EditContext {
        path: "/x".into(),
        client: Some("acme".into()),
        ..EditContext::default()
    };
    let held = |now| {
        Guard::load(&io, &state, now)
            .unwrap()
            .permits(&context)
            .unwrap_err()
    };
    let first = hold::list(&io, &state).unwrap()[0].text().id.clone();
    let second = hold::list(&io, &state).unwrap()[1].text().id.clone();
    assert_eq!(held(99).id, first);
    assert_eq!(held(100).id, second);
    assert_eq!(hold::release(&io, &state, "C-1").unwrap(), 2);
    assert!(
        Guard::load(&io, &state, 0)
            .unwrap()
            .permits(&context)
            .is_ok()
    );
    let empty = hold::add(&io, &state, Path::new("/"), 0, hold(Cover::default()));
    assert_eq!(empty.unwrap_err().reason, Reason::BadEdits);
}

#[test]
fn a_duty_keeps_what_is_younger() {
    let bench = Bench::new();
    let io = Io::real();
    let state = bench.state();
    let cover = Cover {
        paths: vec!["/data/cdr".into()],
        ..Cover::default()
    };
    let duty = DutyText {
        id: "billing".into(),
        cover,
        keep_since: 1000,
        citation: "kept 18 months".into(),
        origin: String::new(),
    };
    hold::set_duties(&io, &state, &[duty]).unwrap();
    let guard = Guard::load(&io, &state, 0).unwrap();
    for (path, time, held) in [
        ("/data/cdr/a.csv", Some(1000), true),
        ("/data/cdr/a.csv", Some(999), false),
        ("/data/cdr/a.csv", None, true),
        ("/data/logs/a.csv", Some(2000), false),
    ] {
        let context = EditContext {
            path: path.into(),
            time,
            ..EditContext::default()
        };
        assert_eq!(guard.permits(&context).is_err(), held, "{path} {time:?}");
    }
}

#[test]
fn a_guard_that_cannot_be_read_stops_the_run() {
    for damage in ["missing", "flipped", "cut"] {
        let bench = Bench::new();
        let io = Io::real();
        let state = bench.state();
        let name = format!("holds.{}", state.key().id());
        let path = bench.dir.path().join("state").join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        match damage {
            "missing" => std::fs::remove_file(&path).unwrap(),
            "flipped" => {
                *bytes.last_mut().unwrap() ^= 1;
                std::fs::write(&path, bytes).unwrap();
            }
            _ => std::fs::write(&path, &bytes[..10]).unwrap(),
        }
        let failure = Guard::load(&io, &state, 0).err().unwrap();
        assert_eq!(failure.reason, Reason::Guard, "{damage}");
        let again = Guard::load(&io, &bench.state(), 0).err().unwrap();
        assert_eq!(
            again.reason,
            Reason::Guard,
            "{damage}: opening the state must not mend it"
        );
    }
}

#[test]
fn the_state_shows_no_path_subject_or_reason_of_a_hold() {
    let bench = Bench::new();
    let io = Io::real();
    let state = bench.state();
    let cover = Cover {
        subjects: vec![hex(&state.key().tag("phone", "+14165550123"))],
        paths: vec!["/rec/4165550123".into()],
        ..Cover::default()
    };
    hold::add(&io, &state, Path::new("/"), 0, hold(cover)).unwrap();
    for entry in std::fs::read_dir(bench.dir.path().join("state")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for needle in [&b"4165550123"[..], b"litigation", b"subjects"] {
                assert!(
                    memchr::memmem::find(&bytes, needle).is_none(),
                    "{}",
                    path.display()
                );
            }
        }
    }
}
