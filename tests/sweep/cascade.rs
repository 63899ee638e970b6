//! A record and the files it names go together, or none of them does.

use std::fs::OpenOptions;
use std::io::Write as _;

use super::make::{Zipped, gzip, tar, tarred, zip};
use super::world::World;

/// Rows of calls take with them what lies beneath `rec`.
const RULE: &str = r#"version = 1
[[rule]]
id = "calls"
match = { paths = ["cdr/**"] }
max_age = "18 months"
action = "erase"
cascade = ["rec/**", "text/**"]
"#;

/// A row of Asterisk.
fn row(caller: &str, at: &str, id: &str) -> String {
    format!(
        "\"\",\"{caller}\",\"15075550144\",\"from-trunk\",\"x\",\"SIP/t-2\",\"SIP/108-3\",\"Dial\",\
         \"SIP/108,30,tr\",\"{at}\",\"{at}\",\"{at}\",863,845,\"ANSWERED\",\"DOCUMENTATION\",\"{id}\",\"\"\n"
    )
}

const OLD: &str = "2020-01-01 10:00:00";
const NEW: &str = "2024-01-01 10:00:00";

/// Everything but what the receipt says changes, and a second run changes nothing.
fn settles(world: &World) {
    let after = world.all();
    let again = world.apply();
    assert_eq!((again.code, world.all()), (0, after), "{}", again.out);
}

#[test]
fn a_call_goes_with_its_recording_transcript_and_sidecars() {
    let world = World::new(RULE);
    let old = row("4165550123", OLD, "1577872800.1");
    let new = row("4165550125", NEW, "1704103200.3");
    world
        .put("cdr/Master.csv", [old, new.clone()].concat())
        .put("rec/out-1-20200101-100000-1577872800.1.wav", "sound")
        .put("rec/out-1-20200101-100000-1577872800.1.peaks", "peaks")
        .put("text/1577872800.1.json", "{}")
        .put("text/fr/out-1-20200101-100000-1577872800.1.json", "{}")
        .put("rec/in-4165550123-20200101-100002.vtt", "WEBVTT\n")
        .put("rec/out-1-20240101-100000-1704103200.3.wav", "sound")
        .put("rec/in-4165550123-20200101-110002.vtt", "WEBVTT\n");
    let before = world.all();
    let shown = world.sweep(&[]);
    assert_eq!((shown.code, world.all()), (0, before));
    assert!(
        shown.out.contains("5 files would go with a record"),
        "{}",
        shown.out
    );
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(done.out.contains("1 record erased"), "{}", done.out);
    assert!(
        done.out.contains("5 files gone with a record"),
        "{}",
        done.out
    );
    assert_eq!(world.text("cdr/Master.csv"), new);
    let left: Vec<String> = world.all().into_iter().map(|(name, _)| name).collect();
    let kept = [
        "/cdr/Master.csv",
        "/rec/in-4165550123-20200101-110002.vtt",
        "/rec/out-1-20240101-100000-1704103200.3.wav",
    ];
    assert_eq!(left, kept);
    settles(&world);
}

#[test]
fn every_kind_of_table_takes_its_recordings_along() {
    let gz = |text: String| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let world = World::new(RULE);
    let rows = [
        row("4165550123", OLD, "1577872800.1"),
        row("4165550123", NEW, "1704103200.3"),
    ];
    let lines = "{\"start_time\":\"2020-01-01T10:00:00Z\",\"recording\":\"https://x.example/rec/call-0002.mp3\"}\n\
                 {\"start_time\":\"2024-01-01T10:00:00Z\",\"recording\":\"call-0003.mp3\"}\n";
    world
        .put("cdr/Master.csv.gz", gz(rows.concat()))
        .put("cdr/calls.jsonl", lines)
        .put("rec/1577872800.1.wav", "sound")
        .put("rec/call-0002.mp3", "sound")
        .put("rec/call-0003.mp3", "sound")
        .put("rec/call-0004.ogg", "sound");
    let db = rusqlite::Connection::open(world.path("cdr/cdr.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE cdr(id INTEGER PRIMARY KEY, calldate TEXT, src TEXT, recordingfile TEXT);
         INSERT INTO cdr VALUES(1, '2020-01-01 10:00:00', '4165550123', 'call-0004.ogg');
         INSERT INTO cdr VALUES(2, '2024-01-01 10:00:00', '4165550123', 'call-0005.ogg');",
    )
    .unwrap();
    drop(db);
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(!world.has("rec/1577872800.1.wav") && !world.has("rec/call-0002.mp3"));
    assert!(world.has("rec/call-0003.mp3") && !world.has("rec/call-0004.ogg"));
    assert_eq!(
        world.text("cdr/calls.jsonl"),
        lines.split_inclusive('\n').next_back().unwrap()
    );
    let left = rusqlite::Connection::open(world.path("cdr/cdr.db")).unwrap();
    let left: i64 = left
        .query_row("SELECT sum(id) FROM cdr", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 2);
    settles(&world);
}

#[test]
fn what_keeps_a_part_keeps_all_of_a_call() {
    let rows = |second: &str| [row("4165550123", OLD, "1577872800.1"), second.to_owned()].concat();
    let duty = format!(
        "{RULE}[[duty]]\nid = \"kept\"\nmatch = {{ paths = [\"rec/**\"] }}\nmin_age = \"10 years\"\n\
         citation = \"law\"\n"
    );
    let leg = row("4165550199", NEW, "1577872800.1");
    let hold_folder = ["hold", "add", "--path", "data/rec", "--reason", "audit"];
    let hold_row = ["hold", "add", "--path", "data/cdr", "--reason", "audit"];
    let hold_said = [
        "hold",
        "add",
        "--subject",
        "+1 415 555 0177",
        "--reason",
        "audit",
    ];
    for (name, policy, second, hold, told) in [
        ("another leg", RULE, &*leg, None, ""),
        ("a duty", &*duty, "", None, "kept by the duty kept"),
        (
            "a held folder",
            RULE,
            "",
            Some(&hold_folder[..]),
            "kept by a hold",
        ),
        ("a held row", RULE, "", Some(&hold_row), "kept by a hold"),
        (
            "a person in the transcript",
            RULE,
            "",
            Some(&hold_said),
            "kept by a hold",
        ),
    ] {
        let world = World::new(policy);
        world
            .put("cdr/Master.csv", rows(second))
            .put("rec/1577872800.1.wav", "sound")
            .put("text/1577872800.1.txt", "call me at 415-555-0177\n");
        if let Some(hold) = hold {
            let added = world.run(hold);
            assert_eq!(added.code, 0, "{name}: {}", added.err);
        }
        let before = world.all();
        let done = world.apply();
        assert_eq!(done.code, 0, "{name}: {}{}", done.out, done.err);
        assert_eq!(world.all(), before, "{name}: {}", done.out);
        assert!(done.out.contains(told), "{name}: {}", done.out);
    }
}

#[test]
fn a_part_that_cannot_go_keeps_its_call_and_no_other() {
    let world = World::new(RULE);
    let (stays, goes) = (
        row("4165550123", OLD, "1577872800.1"),
        row("4165550123", OLD, "1577872800.2"),
    );
    world
        .put(
            "cdr/Master.csv",
            [goes.clone(), stays.clone(), goes].concat(),
        )
        .put("rec/a-1577872800.1.wav", "sound")
        .put("rec/a-1577872800.1.json", "{}")
        .put("rec/b-1577872800.2.wav", "sound");
    let writer = OpenOptions::new()
        .append(true)
        .open(world.path("rec/a-1577872800.1.wav"))
        .unwrap();
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert!(done.out.contains("a-1577872800.1.wav: "), "{}", done.out);
    assert_eq!(world.text("cdr/Master.csv"), stays, "{}", done.out);
    assert!(world.has("rec/a-1577872800.1.wav") && world.has("rec/a-1577872800.1.json"));
    assert!(!world.has("rec/b-1577872800.2.wav"));
    drop(writer);
    assert_eq!(world.apply().code, 0);
    assert_eq!(world.all(), [("/cdr/Master.csv".to_owned(), Vec::new())]);
}

#[test]
fn a_recording_takes_its_transcript_along() {
    let world = World::new(
        "version = 1\n[[rule]]\nid = \"rec\"\nmatch = { paths = [\"rec/**\"] }\nmax_age = \"6 months\"\n\
         action = \"erase\"\ncascade = [\"text/**\"]\n",
    );
    world
        .put("rec/in-20200101-100000-1577872800.1.wav", "sound")
        .put("text/1577872800.1.json", "{}")
        .put("rec/in-20240501-100000-1714557600.1.wav", "sound")
        .put("text/1714557600.1.json", "{}")
        .put("rec/in-20200101-100000-1577872800.2.wav", "sound")
        .put("text/held/1577872800.2.json", "{}");
    let held = world.run(&[
        "hold",
        "add",
        "--path",
        "data/text/held",
        "--reason",
        "audit",
    ]);
    assert_eq!(held.code, 0, "{}", held.err);
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(
        !world.has("rec/in-20200101-100000-1577872800.1.wav"),
        "{}",
        done.out
    );
    assert!(!world.has("text/1577872800.1.json"));
    assert_eq!(world.all().len(), 4, "{}", done.out);
}

#[test]
fn more_recordings_than_a_group_takes_go_one_group_after_the_other() {
    let world = World::new(RULE);
    let mut rows = String::new();
    for number in 0..40 {
        rows.push_str(&row("4165550123", OLD, &format!("1577872800.{number}")));
        world.put(&format!("rec/1577872800.{number}.wav"), "sound");
    }
    world.put("cdr/Master.csv", rows);
    let mut shell = std::process::Command::new("sh");
    let efface = env!("CARGO_BIN_EXE_efface");
    let run = format!(
        "ulimit -n 200 && exec '{efface}' sweep --policy retention.toml --now {} --apply data",
        super::world::NOW
    );
    let world_env = world.command(&[]);
    shell.current_dir(world.folder.path()).args(["-c", &run]);
    for (name, value) in world_env.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let done = shell.output().unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    assert!(
        done.status.success(),
        "{out}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert_eq!(world.text("cdr/Master.csv"), "");
    assert_eq!(world.all().len(), 1, "{out}");
    assert!(out.contains("40 records erased"), "{out}");
}

#[test]
fn a_row_whose_recording_is_gone_goes_alone() {
    let world = World::new(RULE);
    world
        .put("cdr/Master.csv", row("4165550123", OLD, "1577872800.1"))
        .put("rec/1577872800.2.wav", "sound");
    assert_eq!(world.apply().code, 0);
    assert_eq!(world.text("cdr/Master.csv"), "");
    assert!(world.has("rec/1577872800.2.wav"));
}

#[test]
fn a_recording_goes_by_its_own_rule_where_rows_do_not_come_first() {
    let world = World::new(
        "version = 1\n[[rule]]\nid = \"calls\"\nmatch = { paths = [\"cdr/**\"] }\nmax_age = \"18 months\"\n\
         action = \"erase\"\ncascade = [\"rec/**\", \"text/**\"]\n\
         [[rule]]\nid = \"rec\"\nmatch = { paths = [\"rec/**\"] }\nmax_age = \"6 months\"\n\
         action = \"delete-file\"\ncascade = [\"text/**\"]\n",
    );
    let rows = [
        row("4165550123", "2023-06-01 10:00:00", "1685613600.1"),
        row("4165550123", "2024-05-01 10:00:00", "1714557600.2"),
    ];
    world
        .put("cdr/Master.csv", rows.concat())
        // Named by a row that stays, by one that stays as it does, and by none.
        .put("rec/in-20230601-100000-1685613600.1.wav", "sound")
        .put("text/1685613600.1.json", "{}")
        .put("rec/in-20240501-100000-1714557600.2.wav", "sound")
        .put("text/1714557600.2.json", "{}")
        .put("rec/in-20230601-100000-1685613600.9.wav", "sound")
        .put("text/1685613600.9.json", "{}")
        .put("rec/in-20240501-100000-1714557600.9.wav", "sound");
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(world.text("cdr/Master.csv"), rows.concat());
    let left: Vec<String> = world.all().into_iter().map(|(name, _)| name).collect();
    let want = [
        "/cdr/Master.csv",
        "/rec/in-20240501-100000-1714557600.2.wav",
        "/rec/in-20240501-100000-1714557600.9.wav",
        "/text/1714557600.2.json",
    ];
    assert_eq!(left, want, "{}", done.out);
    settles(&world);
}

#[test]
fn legs_of_several_times_go_once_the_last_is_out_of_duty() {
    let duty = |days| {
        format!(
            "{RULE}[[duty]]\nid = \"law\"\nmatch = {{ paths = [\"rec/**\"] }}\nmin_age = \"{days} days\"\n\
             citation = \"law\"\n"
        )
    };
    // 1,612 days before the clock of the tests, and one more hour.
    let rows = [
        row("4165550123", "2020-01-01 10:00:00", "1577872800.1"),
        row("4165550123", "2020-01-02 00:00:00", "1577872800.1"),
    ];
    for (days, stays) in [(1612, false), (1613, true)] {
        let world = World::new(&duty(days));
        world
            .put("cdr/Master.csv", rows.concat())
            .put("rec/1577872800.1.wav", "sound");
        let done = world.apply();
        assert_eq!(done.code, 0, "{}{}", done.out, done.err);
        assert_eq!(
            world.has("rec/1577872800.1.wav"),
            stays,
            "{days} {}",
            done.out
        );
        assert_eq!(!world.text("cdr/Master.csv").is_empty(), stays, "{days}");
    }
}

#[test]
fn a_hold_on_any_part_keeps_the_others_from_every_other_rule() {
    let world = World::new(
        "version = 1\n[[rule]]\nid = \"calls\"\nmatch = { paths = [\"cdr/**\"] }\nmax_age = \"18 months\"\n\
         action = \"erase\"\ncascade = [\"rec/**\", \"text/**\"]\n\
         [[rule]]\nid = \"rec\"\nmatch = { paths = [\"rec/**\"] }\nmax_age = \"6 months\"\naction = \"erase\"\n",
    );
    // None of the rows is due; the recordings are, by a rule of their own.
    let rows = |held: &str| {
        [
            row(held, "2023-06-01 10:00:00", "1685613600.1"),
            row("4165550124", "2023-06-01 10:00:00", "1685613600.2"),
            row("4165550125", "2023-06-01 10:00:00", "1685613600.3"),
        ]
    };
    world
        .put("cdr/Master.csv", rows("4165550123").concat())
        .put("rec/1685613600.1.wav", "sound")
        .put("rec/1685613600.2.wav", "sound")
        .put("text/held/1685613600.2.txt", "hello\n")
        .put("rec/1685613600.3.wav", "sound");
    for what in [
        ["--subject", "+1 416 555 0123"],
        ["--path", "data/text/held"],
    ] {
        let added = world.run(&[&["hold", "add", "--reason", "audit"][..], &what].concat());
        assert_eq!(added.code, 0, "{}", added.err);
    }
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(
        world.has("rec/1685613600.1.wav"),
        "a held row: {}",
        done.out
    );
    assert!(
        world.has("rec/1685613600.2.wav"),
        "a held transcript: {}",
        done.out
    );
    assert!(!world.has("rec/1685613600.3.wav"), "{}", done.out);
}

#[test]
fn a_transcript_goes_with_a_row_that_names_its_recording_only() {
    let world = World::new(RULE);
    world
        .put(
            "cdr/calls.csv",
            "caller,start_time,recordingfile\n4165550123,2020-01-01 10:00:00,out-1577872800.1.wav\n",
        )
        .put("text/1577872800.1.txt", "hello\n");
    assert_eq!(world.apply().code, 0);
    assert!(!world.has("text/1577872800.1.txt"));
}

#[test]
fn a_newer_record_keeps_its_recording_wherever_it_stands() {
    let old = row("4165550123", OLD, "1577872800.1");
    let new = row("4165550123", NEW, "1577872800.1");
    let dump = "INSERT INTO cdr (id, recording, start) VALUES (1,'out-1577872800.1.wav','2024-01-01 10:00:00');\n";
    let member = [Zipped::stored("in/a.csv", new.as_bytes())];
    let nested = zip(&[Zipped::stored("more.zip", &zip(&member, b""))], b"");
    let cases: [(&str, Vec<u8>, bool); 7] = [
        ("cdr/u.zip", zip(&member, b""), true),
        (
            "cdr/u.tar",
            tar(&[tarred("in/a.csv", b'0', new.as_bytes())]),
            true,
        ),
        ("cdr/nested.zip", nested, true),
        ("cdr/u.csv.gz", gzip(new.as_bytes()), true),
        ("cdr/u.sql", dump.into(), true),
        (
            "cdr/u.json",
            b"[{\"time\":\"2024-01-01T10:00:00Z\",\"files\":[\"out-1577872800.1.wav\"]}]".to_vec(),
            true,
        ),
        (
            "cdr/u.log",
            b"2024-01-01 10:00:00 recorded to out-1577872800.1.wav\n".to_vec(),
            true,
        ),
    ];
    for (name, content, stays) in cases {
        let world = World::new(RULE);
        world
            .put("cdr/a.csv", &old)
            .put(name, content)
            .put("rec/out-1577872800.1.wav", "sound");
        let before = world.all();
        let done = world.apply();
        assert_eq!(done.code, 0, "{name} {}{}", done.out, done.err);
        assert_eq!(
            world.has("rec/out-1577872800.1.wav"),
            stays,
            "{name} {}",
            done.out
        );
        assert_eq!(world.all() == before, stays, "{name}");
    }
}

#[test]
fn a_recording_is_in_duty_for_as_long_as_its_rows_say() {
    let policy = format!(
        "{RULE}[[rule]]\nid = \"loose\"\nmatch = {{ paths = [\"rec/**\"] }}\nevent = \"file\"\nmax_age = \"1 year\"\n\
         action = \"delete-file\"\n[[duty]]\nid = \"law\"\nmatch = {{ paths = [\"rec/**\"] }}\nmin_age = \"3 years\"\n\
         citation = \"law\"\n"
    );
    let world = World::new(&policy);
    world
        .put(
            "cdr/a.csv",
            row("4165550123", "2022-01-01 10:00:00", "recording-0001"),
        )
        .put("rec/recording-0001.wav", "sound")
        .put("rec/recording-0002.wav", "sound");
    for name in ["rec/recording-0001.wav", "rec/recording-0002.wav"] {
        let file = OpenOptions::new()
            .write(true)
            .open(world.path(name))
            .unwrap();
        let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_hours(429_528);
        file.set_modified(at).unwrap();
    }
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(
        world.has("cdr/a.csv") && world.has("rec/recording-0001.wav"),
        "{}",
        done.out
    );
    assert!(!world.text("cdr/a.csv").is_empty());
}
