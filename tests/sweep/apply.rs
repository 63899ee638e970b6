//! What a sweep does to files.

use super::world::World;

/// One rule for everything, eighteen months.
const ERASE: &str = "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"18 months\"\naction = \"erase\"\n";

const CSV: &str = "caller,start_time,status\n4165550123,2022-11-30 23:59:59,ok\n4165550124,2022-12-01 00:00:01,ok\n4165550125,2023-11-01 12:00:00,ok\n";

#[test]
fn the_due_records_go_in_every_format_and_nothing_else() {
    let world = World::new(ERASE);
    world
        .put("cdr.csv", CSV)
        .put(
            "a.jsonl",
            "{\"ts\":1600000000,\"n\":\"4165550123\"}\n{\"ts\":1700000000,\"n\":\"4165550124\"}\n",
        )
        .put(
            "m.json",
            "{\"messages\":[\n {\"date\":\"2020-01-01T00:00:00Z\",\"text\":\"a\"},\n {\"date\":\"2024-01-01T00:00:00Z\",\"text\":\"b\"},\n {\"date\":\"2021-01-01T00:00:00Z\",\"text\":\"c\"}\n]}\n",
        )
        .put(
            "sms.xml",
            "<?xml version='1.0'?>\n<smses count=\"2\">\n  <sms address=\"+14165550123\" date=\"1600000000000\" type=\"1\" body=\"old\" />\n  <sms address=\"+14165550124\" date=\"1700000000000\" type=\"1\" body=\"new\" />\n</smses>\n",
        )
        .put(
            "app.log",
            "2020-01-01 10:00:00 one\n\tgoes on\n2024-01-01 10:00:00 two\n\tgoes on\n",
        )
        .put(
            "mail.mbox",
            "From a@example.com Thu Apr 23 16:00:01 2020\nFrom: a@example.com\nDate: Thu, 23 Apr 2020 12:00:00 -0400\n\nold\n\nFrom a@example.com Thu Apr 25 16:00:01 2024\nFrom: a@example.com\nDate: Thu, 25 Apr 2024 12:00:00 -0400\n\nnew\n",
        )
        .put("2020-01-01-call.vtt", "WEBVTT\n\n00:00.000 --> 00:02.000\nhello\n")
        .put("2024-01-01-call.vtt", "WEBVTT\n\n00:00.000 --> 00:02.000\nhello\n");
    let before = world.all();
    let shown = world.sweep(&[]);
    assert_eq!(shown.code, 0, "{}{}", shown.out, shown.err);
    assert!(shown.out.contains("would be erased"), "{}", shown.out);
    assert_eq!(world.all(), before, "nothing is changed without --apply");
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(
        world.text("cdr.csv"),
        "caller,start_time,status\n4165550124,2022-12-01 00:00:01,ok\n4165550125,2023-11-01 12:00:00,ok\n"
    );
    assert_eq!(
        world.text("a.jsonl"),
        "{\"ts\":1700000000,\"n\":\"4165550124\"}\n"
    );
    assert_eq!(
        world.text("m.json"),
        "{\"messages\":[\n {\"date\":\"2024-01-01T00:00:00Z\",\"text\":\"b\"}\n \n]}\n"
    );
    assert_eq!(
        world.text("sms.xml"),
        "<?xml version='1.0'?>\n<smses count=\"1\">\n  <sms address=\"+14165550124\" date=\"1700000000000\" type=\"1\" body=\"new\" />\n</smses>\n"
    );
    assert_eq!(
        world.text("app.log"),
        "2024-01-01 10:00:00 two\n\tgoes on\n"
    );
    assert!(
        world
            .text("mail.mbox")
            .starts_with("From a@example.com Thu Apr 25")
    );
    assert!(!world.has("2020-01-01-call.vtt") && world.has("2024-01-01-call.vtt"));
    let after = world.all();
    let again = world.apply();
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    assert!(again.out.contains(" 0 changed"), "{}", again.out);
    assert_eq!(world.all(), after, "a second run changes nothing");
}

#[test]
fn rows_of_databases_go_by_their_own_time() {
    let world = World::new(ERASE);
    let db = rusqlite::Connection::open(world.path("mmssms.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE sms(_id INTEGER PRIMARY KEY, address TEXT, date INTEGER, body TEXT);
         CREATE TABLE canonical_addresses(_id INTEGER PRIMARY KEY, address TEXT);
         INSERT INTO sms(address, date, body) VALUES ('+14165550123', 1600000000000, 'old'), ('+14165550124', 1700000000000, 'new');
         INSERT INTO canonical_addresses(address) VALUES ('+14165550124');",
    )
    .unwrap();
    drop(db);
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let db = rusqlite::Connection::open(world.path("mmssms.db")).unwrap();
    let rows: Vec<(i64, String)> = db
        .prepare("SELECT _id, body FROM sms")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows, [(2, "new".to_owned())]);
    let addresses: i64 = db
        .query_row("SELECT count(*) FROM canonical_addresses", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(addresses, 1);
}

#[test]
fn duties_and_holds_win_and_are_told() {
    let policy = "version = 1\n[[rule]]\nid = \"short\"\nmatch = { paths = [\"**\"] }\nmax_age = \"1 month\"\naction = \"erase\"\n[[duty]]\nid = \"us-toll\"\nmatch = { paths = [\"cdr/**\"] }\nmin_age = \"18 months\"\ncitation = \"47 CFR 42.6\"\n";
    let world = World::new(policy);
    world.put("cdr/a.csv", CSV).put("b.csv", CSV);
    let added = world.run(&[
        "hold",
        "add",
        "--subject",
        "416-555-0124",
        "--reason",
        "lawsuit",
    ]);
    assert_eq!(added.code, 0, "{}", added.err);
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(
        world.text("cdr/a.csv"),
        "caller,start_time,status\n4165550124,2022-12-01 00:00:01,ok\n4165550125,2023-11-01 12:00:00,ok\n"
    );
    assert_eq!(
        world.text("b.csv"),
        "caller,start_time,status\n4165550124,2022-12-01 00:00:01,ok\n"
    );
    assert!(
        done.out.contains("kept by the duty us-toll (47 CFR 42.6)"),
        "{}",
        done.out
    );
    assert!(done.out.contains("kept by a hold"), "{}", done.out);
    // Other commands are held to the duty too.
    let erased = world.run(&[
        "erase",
        "--subject",
        "416-555-0125",
        "--records",
        "--apply",
        "data",
    ]);
    assert_eq!(erased.code, 3, "{}", erased.out);
    assert!(world.text("cdr/a.csv").contains("4165550125"));
}

#[test]
fn a_file_goes_once_everything_in_it_is_due() {
    let policy = ERASE.replace("\"erase\"", "\"delete-file\"");
    let world = World::new(&policy);
    world
        .put("mixed.csv", CSV)
        .put("old.csv", "caller,start_time,status\n4165550123,2020-11-30 23:59:59,ok\n4165550123,2021-11-30 23:59:59,ok\n")
        .put("in-4165550123-20200425-160000.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0")
        .put("in-4165550123-20240425-160000.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0");
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(world.text("mixed.csv"), CSV);
    assert!(!world.has("old.csv"));
    assert!(!world.has("in-4165550123-20200425-160000.wav"));
    assert!(world.has("in-4165550123-20240425-160000.wav"));
}

#[test]
fn what_is_due_by_two_rules_does_not_wait_for_its_file() {
    let rule = |id: &str, age: &str, more: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nmatch = {{ paths = [\"**\"]{} }}\nmax_age = \"{age}\"\n{}\n",
            if more.contains("redact") {
                ", entity = \"phone\""
            } else {
                ""
            },
            more
        )
    };
    let file = rule("file", "1 year", "action = \"delete-file\"");
    let rows = |deed: &str| rule("rows", "6 months", &format!("action = \"{deed}\""));
    // From 2020, from half a year and more ago, and from yesterday.
    let (old, due, new) = (
        "4165550123,2020-11-30 23:59:59,ok\n",
        "4165550124,2023-11-01 00:00:00,ok\n",
        "4165550125,2024-05-31 00:00:00,ok\n",
    );
    let head = "caller,start_time,status\n";
    for deed in ["erase", "redact"] {
        let world = World::new(&format!("version = 1\n{file}{}", rows(deed)));
        world
            .put("mixed.csv", format!("{head}{old}{due}{new}"))
            .put("old.csv", format!("{head}{old}{old}"));
        let done = world.apply();
        assert_eq!(done.code, 0, "{deed}: {}{}", done.out, done.err);
        assert!(!world.has("old.csv"), "{deed}: {}", done.out);
        let left = world.text("mixed.csv");
        let gone = if deed == "erase" {
            format!("{head}{new}")
        } else {
            format!("{head}{old}{due}{new}")
                .replace("4165550123", "**********")
                .replace("4165550124", "**********")
        };
        assert_eq!(left, gone);
    }
}

#[test]
fn values_are_replaced_where_a_rule_says_so() {
    let policy = "version = 1\n[[rule]]\nid = \"numbers\"\nmatch = { paths = [\"**\"], entity = \"phone\", field = \"caller\" }\nmax_age = \"18 months\"\naction = \"redact\"\noperator = \"label\"\n";
    let world = World::new(policy);
    world.put(
        "a.csv",
        "caller,callee,start_time\n4165550123,4165550129,2020-11-30 23:59:59\n4165550124,4165550129,2024-01-01 00:00:01\n",
    );
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let text = world.text("a.csv");
    let rows: Vec<&str> = text.lines().collect();
    assert!(
        !rows[1].contains("4165550123") && rows[1].contains("4165550129"),
        "{text}"
    );
    assert_eq!(rows[2], "4165550124,4165550129,2024-01-01 00:00:01");
    let after = world.all();
    let again = world.apply();
    assert_eq!((again.code, world.all()), (0, after), "{}", again.out);
}

#[test]
fn what_has_no_time_that_can_be_believed_stays_and_is_told() {
    let world = World::new(ERASE);
    let text = "caller,start_time,status\n4165550123,,ok\n4165550124,1970-01-01 00:00:00,ok\n4165550125,2031-01-01 00:00:00,ok\n4165550126,soon,ok\n";
    world.put("a.csv", text);
    let done = world.apply();
    assert_eq!(done.code, 3, "{}", done.out);
    for why in ["undated", "absurd-date", "future-date", "unreadable-date"] {
        assert!(done.out.contains(why), "{why}: {}", done.out);
    }
    assert_eq!(world.text("a.csv"), text);
    let keep = ERASE.replace("action", "undated = \"keep\"\naction");
    std::fs::write(world.folder.path().join("retention.toml"), keep).unwrap();
    assert_eq!(world.apply().code, 0);
    let by_file = ERASE.replace("action", "undated = \"file\"\naction");
    std::fs::write(world.folder.path().join("retention.toml"), by_file).unwrap();
    let file = std::fs::File::options()
        .write(true)
        .open(world.path("a.csv"))
        .unwrap();
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
    file.set_modified(old).unwrap();
    drop(file);
    let done = world.apply();
    assert_eq!(done.code, 0, "{}", done.out);
    assert_eq!(
        world.text("a.csv"),
        "caller,start_time,status\n4165550124,1970-01-01 00:00:00,ok\n4165550125,2031-01-01 00:00:00,ok\n"
    );
}

#[test]
fn a_file_that_nothing_is_left_in_is_of_no_age() {
    let world = World::new(ERASE);
    world.put("app.log", "2020-01-01 10:00:00 one\n");
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(world.text("app.log"), "");
    let again = world.apply();
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    assert!(again.out.contains(" 0 changed"), "{}", again.out);
}

#[test]
fn a_quiet_run_says_why_it_is_incomplete() {
    let world = World::new(
        "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"18 months\"\naction = \"erase\"\n",
    );
    world.put("a.csv", "caller,start_time,status\n4165550123,,ok\n");
    let said = world.sweep(&["--apply", "-q"]);
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    assert!(said.err.contains("1 record has no time"), "{}", said.err);
    assert!(said.err.contains("hint: "), "{}", said.err);
}

#[test]
fn a_database_beside_its_log_goes_once_it_is_out_of_duty() {
    let world = World::new(
        "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"18 months\"\naction = \"erase\"\n\
         [[duty]]\nid = \"law\"\nmatch = { paths = [\"**\"] }\nmin_age = \"2 years\"\ncitation = \"law\"\n",
    );
    let db = rusqlite::Connection::open(world.path("cdr.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
         CREATE TABLE cdr(id INTEGER PRIMARY KEY, calldate TEXT, src TEXT);
         INSERT INTO cdr VALUES(1, '2020-01-01 10:00:00', '4165550123');
         INSERT INTO cdr VALUES(2, '2024-01-01 10:00:00', '4165550124');",
    )
    .unwrap();
    // The log stays when the last to have it open dies.
    for name in ["cdr.db", "cdr.db-wal"] {
        let bytes = std::fs::read(world.path(name)).unwrap();
        world.put(&format!("left/{name}"), bytes);
    }
    drop(db);
    for name in ["cdr.db", "cdr.db-wal", "cdr.db-shm"] {
        let _ = std::fs::remove_file(world.path(name));
    }
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let db = rusqlite::Connection::open(world.path("left/cdr.db")).unwrap();
    let left: i64 = db
        .query_row("SELECT sum(id) FROM cdr", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 2, "{}", done.out);
}
