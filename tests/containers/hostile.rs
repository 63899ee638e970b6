//! Archives that lie, burst, or go on for ever: named, and never followed further than the limits
//! (R5, R9).

use crate::bench::Bench;
use crate::make::{Zipped, header, sealed, tar, tarred, zip};
use crate::{CALLS, QUIET};

fn sources(name: &str, bytes: &[u8]) -> Vec<String> {
    let bench = Bench::new();
    bench.put(name, bytes);
    bench.sources(name)
}

/// What each archive is told as; nothing that is not read is called scanned.
#[test]
fn what_cannot_be_read_is_named() {
    let calls = || Zipped::new("c.csv", CALLS);
    let encrypted = Zipped {
        flags: 1,
        ..calls()
    };
    let unknown = Zipped {
        method: 98,
        ..calls()
    };
    let lzma = Zipped {
        method: 14,
        ..calls()
    };
    let good = zip(&[calls()], b"");
    let mut hidden = good.clone();
    hidden.splice(0..0, *b"hidden +14165550123 ");
    let behind = [&good[..], b"more +14165550123"].concat();
    let mut wrong = zip(&[Zipped::stored("c.csv", CALLS)], b"");
    let digit = memchr::memmem::find(&wrong, b"0123").unwrap();
    wrong[digit] = b'9';
    let mut other_name = good.clone();
    other_name[30] = b'x';
    let sparse = tar(&[tarred("s", b'S', QUIET)]);
    let long = [&header("c.csv", b'0', 0o77777)[..], CALLS].concat();
    let junk = [tarred("q", b'0', QUIET), vec![b'j'; 700]].concat();
    let mut dirty = tar(&[tarred("q", b'0', QUIET)]);
    dirty[512 + QUIET.len() + 3] = b'4';
    let mut misled = header("c.csv", b'0', CALLS.len());
    misled[124..136].copy_from_slice(b"0000000zzzz\0");
    let misled = tar(&[sealed(misled)]);
    for (name, bytes, expected) in [
        (
            "e.zip",
            zip(&[encrypted, Zipped::new("q", QUIET)], b""),
            &[
                "e.zip!c.csv - skipped unsupported:encrypted",
                "e.zip!q text scanned -",
                "e.zip zip scanned -",
            ][..],
        ),
        (
            "u.zip",
            zip(&[unknown, lzma], b""),
            &[
                "u.zip!c.csv - skipped unsupported:zip-method",
                "u.zip!c.csv - skipped unsupported:zip-lzma",
                "u.zip zip scanned -",
            ],
        ),
        (
            "b.zip",
            behind,
            &["b.zip!c.csv csv scanned -", "b.zip zip partial opaque"],
        ),
        (
            "w.zip",
            wrong,
            &["w.zip!c.csv csv partial malformed", "w.zip zip scanned -"],
        ),
        (
            "n.zip",
            other_name,
            &["n.zip!c.csv - failed malformed", "n.zip zip partial opaque"],
        ),
        (
            "t.zip",
            good[..good.len() - 30].to_vec(),
            &["t.zip zip failed truncated"],
        ),
        (
            "s.tar",
            sparse,
            &[
                "s.tar!s - skipped unsupported:sparse",
                "s.tar tar scanned -",
            ],
        ),
        (
            "l.tar",
            long,
            &[
                "l.tar!c.csv csv partial truncated",
                "l.tar tar partial truncated",
            ],
        ),
        (
            "j.tar",
            junk,
            &["j.tar!q text scanned -", "j.tar tar partial opaque"],
        ),
        (
            "d.tar",
            dirty,
            &["d.tar!q text scanned -", "d.tar tar partial opaque"],
        ),
        ("m.tar", misled, &["m.tar tar failed opaque"]),
    ] {
        assert_eq!(sources(name, &bytes), expected, "{name}");
    }
    // What stands before an archive moves it; it is read, and what stands there is named.
    let shown = sources("h.zip", &hidden);
    assert!(
        shown.iter().all(|one| !one.contains("zip scanned")),
        "{shown:?}"
    );
}

/// Two entries of the directory lead to the same bytes, as in archives that burst.
#[test]
fn members_that_share_bytes_are_not_read() {
    let good = zip(
        &[Zipped::new("c.csv", CALLS), Zipped::new("c.csv", CALLS)],
        b"",
    );
    let mut shared = good.clone();
    let second = memchr::memmem::rfind(&shared, b"PK\x01\x02").unwrap();
    shared[second + 42..second + 46].fill(0);
    assert_eq!(sources("o.zip", &shared), ["o.zip zip failed malformed"]);
}

/// Archives in archives are followed so far and no further, however deep they go.
#[test]
fn nesting_has_an_end() {
    let mut deep = zip(&[Zipped::stored("c.csv", CALLS)], b"");
    let mut tars = tar(&[tarred("c.csv", b'0', CALLS)]);
    for _ in 0..1000 {
        deep = zip(&[Zipped::stored("z", &deep)], b"");
        tars.truncate(tars.len().min(1 << 20));
        tars = tarred("t", b'0', &tars);
    }
    for (name, bytes) in [("d.zip", deep), ("d.tar", tars)] {
        let told = sources(name, &bytes);
        assert_eq!(told.len(), 9, "{name}: {told:?}");
        let deepest = told.first().unwrap();
        assert!(deepest.ends_with("skipped limit"), "{name}: {deepest}");
        let bench = Bench::new();
        bench.put(name, &bytes);
        let ran = bench.run(&["redact", "--in-place", name]);
        assert_eq!(ran.code, 3, "{name}: {}{}", ran.out, ran.err);
        assert_eq!(bench.get(name), bytes, "{name}");
    }
}

/// Damaged archives of every kind: nothing panics, each is told, what was whole is redacted.
#[test]
fn damage_is_survived() {
    let bench = Bench::new();
    let mut seed = 7_u64;
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % most
    };
    let mut names = Vec::new();
    for (name, _, bytes) in crate::packings() {
        for round in 0..24 {
            let mut bytes = bytes.clone();
            match round % 4 {
                0 => bytes.truncate(next(bytes.len())),
                1 => {
                    let at = next(bytes.len());
                    bytes[at] ^= 1 << next(8);
                }
                2 => {
                    let at = next(bytes.len());
                    let end = (at + 1 + next(40)).min(bytes.len());
                    bytes.drain(at..end);
                }
                _ => {
                    let at = next(bytes.len());
                    let to = next(bytes.len());
                    bytes[at] = 0xff;
                    bytes[to] = 0;
                }
            }
            let name = format!("{round}-{name}");
            bench.put(&name, &bytes);
            names.push(name);
        }
    }
    let tell = || {
        let files = bench.told("file", &["."]);
        let broken = |name: &str| {
            let of = |line: &&serde_json::Value| {
                let path = line["path"].as_str().unwrap();
                let path = path.strip_prefix("./").unwrap_or(path);
                path == name || path.starts_with(&format!("{name}!"))
            };
            let mut its = files.iter().filter(of).peekable();
            assert!(its.peek().is_some(), "{name} is told");
            its.any(|line| line["status"] != "scanned")
        };
        let broken: Vec<bool> = names.iter().map(|name| broken(name)).collect();
        broken
    };
    let before = tell();
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert!(matches!(ran.code, 0 | 3), "{}", ran.err);
    assert!(!ran.err.contains("panic"), "{}", ran.err);
    let after = tell();
    let found = bench.findings(".");
    for ((name, before), after) in names.iter().zip(before).zip(after) {
        assert_eq!(before, after, "{name}");
        let of = |one: &&String| {
            let rest = one.trim_start_matches("./").strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.starts_with(['!', ' ']))
        };
        let left = found.iter().filter(of);
        assert!(before || left.count() == 0, "{name}");
    }
}
