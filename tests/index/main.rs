//! `efface index`: answers as the sources do, reads only what changed, holds no value.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

mod kills;
mod library;
mod random;
mod secret;
mod states;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

struct Bench(tempfile::TempDir);

/// Waits until the clock that an index asks is behind whatever was written, so that no file is taken
/// for one that may still change within the same tick. A file's own stamp may be ahead of that
/// clock: the kernel gives finer ones to files that are looked at ("Multigrain Timestamps").
fn tick(folder: &Path) {
    use std::os::unix::fs::MetadataExt;
    let probe = folder.join("probe");
    std::fs::write(&probe, b"x").unwrap();
    let seen = std::fs::metadata(&probe).unwrap();
    std::fs::remove_file(&probe).unwrap();
    let now = || {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
        (now.tv_sec, now.tv_nsec)
    };
    while now() <= (seen.ctime(), seen.ctime_nsec()) {
        std::thread::yield_now();
    }
}

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(bench.path("in")).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path("in").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_efface"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .env_remove("XDG_CONFIG_HOME")
            .env("HOME", self.0.path());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        tick(self.0.path());
        self.command(args).output().unwrap()
    }

    /// What a command printed that ends with `code`.
    fn say(&self, args: &[&str], code: i32) -> String {
        let ran = self.run(args);
        let (out, err) = (String::from_utf8(ran.stdout), String::from_utf8(ran.stderr));
        assert_eq!(ran.status.code(), Some(code), "{args:?}: {out:?} {err:?}");
        out.unwrap() + &err.unwrap()
    }

    /// Every look-up answers through the index as without it; `who` are the identifiers.
    fn answers_as_sources_do(&self, who: &[&str]) {
        for ident in who {
            for format in ["jsonl", "table"]
                .into_iter()
                .take(if *ident == who[0] { 2 } else { 1 })
            {
                let find = |more: &[&str]| {
                    let args = [&["find", "--format", format, ident, "in"], more].concat();
                    let ran = self.run(&args);
                    assert_eq!(String::from_utf8(ran.stderr).unwrap(), "", "{ident}");
                    let out = String::from_utf8(ran.stdout).unwrap();
                    (ran.status.code(), without_times(&out))
                };
                assert_eq!(find(&[]), find(&["--no-index"]), "{ident} {format}");
            }
        }
    }
}

/// A report without what differs from run to run.
fn without_times(report: &str) -> String {
    let mut kept = String::new();
    for line in report.lines() {
        let line = line.split("\"seconds\":").next().unwrap();
        let line = line.split(", in 0.").next().unwrap();
        writeln!(kept, "{line}").unwrap();
    }
    kept
}

/// Rows of calls; the same two people stand in some of them. Long enough for several windows.
fn calls(rows: u32) -> String {
    let mut text = "src,dst,start\n".to_owned();
    for row in 0..rows {
        let number = match row % 97 {
            13 => "+14165550123".to_owned(),
            14 => "(416) 555-0199".to_owned(),
            _ => format!("+1416555{:04}", 200 + row % 700),
        };
        writeln!(
            text,
            "{number},16475550148,2024-05-02 10:{:02}:00",
            row % 60
        )
        .unwrap();
    }
    text
}

const WHO: [&str; 4] = [
    "+1 416 555 0123",
    "416 555 0199",
    "jane.doe@example.com",
    "+1 416 555 0100",
];

fn filled() -> Bench {
    let bench = Bench::new();
    bench.write("cdr.csv", calls(8_000));
    bench.write("small.csv", calls(60));
    bench.write("notes/a.txt", "call 416.555.0123 or Jane.Doe@example.com\n");
    bench.write("notes/b.txt", "nothing here\n");
    bench.write("raw.bin", [0_u8, 159, 146, 150, 0, 1, 2, 3].repeat(40));
    bench
}

#[test]
fn an_index_answers_as_the_sources_do() {
    let bench = filled();
    // Unknown binary is not wholly read, and told of.
    bench.say(&["index", "build", "in"], 3);
    bench.answers_as_sources_do(&WHO);
    let told = bench.say(&["index", "verify"], 0);
    assert!(told.contains("every byte is right: 5 sources"), "{told}");
    let told = bench.say(&["index", "status"], 0);
    assert!(
        told.contains("sources   5, 1 of them not wholly read"),
        "{told}"
    );

    // Without files it answers for all it covers, and says as of when.
    let alone = bench.run(&["find", "--format", "jsonl", "+1 416 555 0123"]);
    assert_eq!(alone.status.code(), Some(3));
    let (out, err) = (
        String::from_utf8(alone.stdout),
        String::from_utf8(alone.stderr),
    );
    assert!(err.unwrap().contains("from the index, updated "));
    let found = |text: &str| text.matches("\"type\":\"finding\"").count();
    let sources = bench.run(&["find", "--format", "jsonl", "+1 416 555 0123", "in"]);
    let sources = String::from_utf8(sources.stdout).unwrap();
    let out = out.unwrap();
    assert_eq!(found(&out), found(&sources));
    assert!(out.contains("\"files\":5,\"incomplete\":1"), "{out}");
}

#[test]
fn an_update_reads_what_changed_and_answers_as_a_new_build_does() {
    let bench = filled();
    bench.say(&["index", "build", "in"], 3);
    let told = bench.say(&["index", "update"], 0);
    assert!(told.starts_with("read 0, 5 unchanged; 0 places"), "{told}");

    let path = |name: &str| bench.path("in").join(name);
    // Changed, grown, renamed, gone, new.
    bench.write("notes/b.txt", "now jane.doe@example.com\n");
    let mut grown = calls(8_000);
    grown.push_str("+14165550123,+14165550199,2024-06-01 00:00:00\n");
    grown.push_str(&calls(5_000));
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(path("cdr.csv"))
        .unwrap();
    let old = std::fs::metadata(path("cdr.csv")).unwrap().len() as usize;
    std::io::Write::write_all(&mut file, &grown.as_bytes()[old..]).unwrap();
    std::fs::rename(path("small.csv"), path("notes/renamed.csv")).unwrap();
    std::fs::remove_file(path("raw.bin")).unwrap();
    bench.write("new.txt", "(416) 555-0123\n");

    let told = bench.say(&["index", "update", "--dry-run"], 0);
    let expected = "read 3, 1 of them from where they had grown, 1 unchanged, 1 renamed, 1 gone";
    assert!(told.contains(expected), "{told}");
    // Files that the index does not know yet are read; those that are gone are no more.
    bench.answers_as_sources_do(&WHO);
    let told = bench.say(&["index", "update"], 0);
    assert!(told.starts_with(expected), "{told}");
    bench.say(&["index", "verify"], 0);
    bench.answers_as_sources_do(&WHO);
    let told = bench.say(&["index", "update"], 0);
    assert!(told.starts_with("read 0, 5 unchanged"), "{told}");
}

#[test]
fn names_that_are_handed_on_are_followed() {
    let bench = Bench::new();
    for (name, number) in [
        ("app.log", "0111"),
        ("app.log.1", "0112"),
        ("app.log.2", "0113"),
    ] {
        bench.write(name, format!("call 416-555-{number}\n"));
    }
    bench.say(&["index", "build", "in"], 0);
    let path = |name: &str| bench.path("in").join(name);
    std::fs::rename(path("app.log.2"), path("app.log.3")).unwrap();
    std::fs::rename(path("app.log.1"), path("app.log.2")).unwrap();
    std::fs::rename(path("app.log"), path("app.log.1")).unwrap();
    bench.write("app.log", "call 416-555-0114\n");
    let told = bench.say(&["index", "update"], 0);
    assert!(told.starts_with("read 1, 3 renamed; 1 places"), "{told}");
    bench.say(&["index", "verify"], 0);
    let who = ["4165550111", "4165550112", "4165550113", "4165550114"];
    bench.answers_as_sources_do(&who);
    let told = bench.say(&["index", "update"], 0);
    assert!(told.starts_with("read 0, 4 unchanged"), "{told}");
}

#[test]
fn a_person_or_a_source_is_forgotten() {
    let bench = filled();
    bench.say(&["index", "build", "in"], 3);
    let told = bench.say(&["index", "forget", "--subject", "+1 416 555 0123"], 0);
    assert!(told.starts_with("forgot 85 places"), "{told}");
    bench.say(&["index", "verify"], 0);
    // The index cannot tell any more, so the sources are read; alone it does not pretend to know.
    let told = bench.say(&["find", "+1 416 555 0123", "in"], 3);
    assert!(told.contains("the index is not used"), "{told}");
    let told = bench.say(&["find", "+1 416 555 0123"], 2);
    assert!(told.contains("told to forget"), "{told}");
    // Nor does it learn anew.
    bench.write("new.txt", "416-555-0123\n");
    let told = bench.say(&["index", "update"], 0);
    assert!(told.contains("; 0 places added"), "{told}");
    bench.answers_as_sources_do(&["416 555 0199"]);

    let told = bench.say(&["index", "forget", "in/notes"], 0);
    assert!(told.contains("2 sources"), "{told}");
    bench.say(&["index", "verify"], 0);
    bench.answers_as_sources_do(&["jane.doe@example.com"]);
    let told = bench.say(&["index", "forget", "in/nowhere"], 2);
    assert!(told.contains("holds nothing of that"), "{told}");
}

#[test]
fn what_cannot_answer_is_refused_in_a_sentence_and_a_hint() {
    let bench = filled();
    let refused = |args: &[&str], sentence: &str| {
        let told = bench.say(args, 2);
        assert!(told.contains(sentence), "{args:?}: {told}");
        assert_eq!(told.matches("hint: ").count(), 1, "{told}");
    };
    refused(&["find", "+1 416 555 0123"], "there has to be an index");
    refused(&["index", "status"], "there is no index");
    refused(&["index", "update"], "there is no index");
    refused(&["index", "build", "-"], "standard input cannot be indexed");
    refused(
        &["find", "--index", "none", "+1 416 555 0123", "in"],
        "there is no index",
    );
    bench.say(&["index", "build", "in"], 3);
    refused(
        &["find", "4165550123", "--region", "GB"],
        "another --region",
    );
    refused(
        &["find", "+1 416 555 0123", "--min-confidence", "0.1"],
        "confidence below 0.2",
    );
    refused(
        &["find", "--index", "state/efface/index", "no one"],
        "no value that can be looked for",
    );
    refused(&["index", "update", "in/notes"], "overlaps");
    let other = ["--state", "other", "--index", "state/efface/index"];
    for command in [&["status"][..], &["update"], &["verify"], &["build", "in"]] {
        let args = [&["index"], command, &other].concat();
        refused(&args, "another key");
    }
    let asked = [&["find", "+1 416 555 0123", "in"][..], &other].concat();
    refused(&asked, "another key");
    // Nothing was changed.
    bench.say(&["index", "verify"], 0);
    let manifest = bench.path("state/efface/index/manifest");
    let bytes = std::fs::read(&manifest).unwrap();
    let newer = [b"efface-index-9", &bytes[14..]].concat();
    std::fs::write(&manifest, newer).unwrap();
    refused(&["index", "status"], "another version");
}

#[test]
fn two_at_once_are_safe() {
    let bench = Bench::new();
    for i in 0..40 {
        bench.write(
            &format!("{i}.txt"),
            format!("call 416-555-0123, {i}\n").repeat(5),
        );
    }
    bench.say(&["index", "build", "in"], 0);
    for round in 0..4 {
        for i in 0..40 {
            bench.write(
                &format!("{i}.txt"),
                format!("call 416-555-0123, {round}\n").repeat(5),
            );
        }
        tick(bench.0.path());
        let spawn = |args: &[&str]| {
            let mut command = bench.command(args);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let writers = [spawn(&["index", "update"]), spawn(&["index", "update"])];
        let find = ["find", "--format", "jsonl", "416 555 0123", "in"];
        let readers = [spawn(&find), spawn(&find), spawn(&find)];
        for writer in writers {
            let ran = writer.wait_with_output().unwrap();
            let told = String::from_utf8(ran.stderr).unwrap();
            match ran.status.code() {
                Some(0) => assert_eq!(told, ""),
                // One of them may find the other at work.
                Some(2) => assert!(
                    told.contains("another run is writing to the index"),
                    "{told}"
                ),
                other => panic!("{other:?}: {told}"),
            }
        }
        for reader in readers {
            let ran = reader.wait_with_output().unwrap();
            assert_eq!(ran.status.code(), Some(0));
            let out = String::from_utf8(ran.stdout).unwrap();
            assert_eq!(out.matches("\"type\":\"finding\"").count(), 200);
        }
        bench.say(&["index", "verify"], 0);
    }
}

#[test]
fn who_only_builds_cannot_read() {
    let bench = filled();
    bench.say(&["index", "key", "build.key"], 0);
    bench.say(&["index", "key", "build.key"], 2);
    bench.say(&["index", "build", "--exclude", "*.bin", "in"], 0);
    let other = [
        "--index",
        "state/efface/index",
        "--build-key",
        "build.key",
        "--state",
        "none",
    ];
    let with = |args: &[&'static str]| [args, &other[..]].concat();
    bench.write("new.txt", "call (416) 555-0123\n");
    let told = bench.say(&with(&["index", "update"]), 0);
    assert!(told.starts_with("read 1, 4 unchanged; 1 places"), "{told}");
    // What it wrote it can neither look up nor check; who has the state can.
    for command in ["status", "verify"] {
        let told = bench.say(&with(&["index", command]), 2);
        assert!(
            told.contains("cannot be read with a key that only builds"),
            "{told}"
        );
    }
    assert!(!bench.path("none").exists());
    bench.say(&["index", "verify"], 0);
    bench.answers_as_sources_do(&["+1 416 555 0123"]);
}
