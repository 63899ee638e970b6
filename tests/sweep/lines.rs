//! What counts as the time of a line, and how far what it begins goes on.

use super::world::World;

/// One rule for everything, a year.
const YEAR: &str = "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"1 year\"\naction = \"erase\"\n";

#[test]
fn nothing_that_is_not_due_goes_from_logs_and_chats() {
    let new = "30/May/2024:16:00:00 +0000";
    let kept = [
        // Addresses are no dates.
        ("access.log", format!("10.1.19.5 - - [{new}] \"GET / HTTP/1.1\" 200 1\n192.0.2.9 - - [{new}] \"GET / HTTP/1.1\" 200 1\n10.10.10.10 - - [{new}] \"GET / HTTP/1.1\" 200 1\n")),
        ("bracket.log", format!("[10.1.19.5] [{new}] a\n[10.1.19.6] [{new}] b\n")),
        // A record goes on in lines that tell of other times.
        ("inner.log", "2024-05-30 10:00:00 ERROR import failed\n  row time=\"2019-01-01 00:00:00\"\njava.sql.SQLException: bad row [2019-01-01 00:00:00]\n  2019-01-01 00:00:00 row\nX-Time: [2019-01-01 00:00:00]\n2024-05-30 10:00:01 INFO ok\n".into()),
        // A key within a line is not its time, and one that begins it may be.
        ("keys.log", "INFO 2024-05-30 10:00:00 loaded date=2019-01-01\nI0530 16:00:00.1 123 f.cc:12] a ts=1500000000\n000123: May 30 2024 10:00:00.1: %SYS date=2019-01-01\n\"2024-05-30 10:00:00\" INFO dob date=2019-01-01\n192.0.2.1 [cust-12] [2019-01-01 report] 2024-05-30 10:00:00 x\nINFO loaded date=2019-01-01\n".into()),
        // What goes on in a chat may begin with a day.
        ("chat.txt", "30.05.24, 10:00 - Ann: hi\n1.1.19 war fein\n1.2.19 auch\n30.05.24, 10:01 - Bob: yes\n".into()),
        ("spark.log", "24/05/10 16:00:00 INFO a\n24/05/11 16:00:00 INFO b\n".into()),
        ("dotted.csv", "start,number\n24.05.10 10:00:00,4165550123\n24.05.11 10:00:00,4165550124\n".into()),
    ];
    let world = World::new(YEAR);
    for (name, text) in &kept {
        world.put(name, text);
    }
    let done = world.apply();
    for (name, text) in &kept {
        assert_eq!(world.text(name), *text, "{name}: {}", done.out);
    }
}

#[test]
fn due_entries_go_with_all_they_go_on_in_and_no_more() {
    let old = "2023-01-01 00:00:00.123456 [NOTICE] old call\n\tat a\nnot indented\n";
    let long = format!("2023-01-01 00:00:00 trace\n{}", "  at line\n".repeat(1_000));
    let new = "0f0f0f0f-1111-2222-3333-444444444444 2024-05-30 10:00:00.123456 [DEBUG] new\n2024-05-30 10:00:02.123456 [NOTICE] new\n\tat b\n";
    let banner = "2023-01-01 00:00:00 banner\n";
    let access = "192.0.2.1 - - [30/May/2024:16:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n";
    let world = World::new(YEAR);
    world
        .put("fs.log", format!("{old}{long}{new}{old}"))
        .put("access.log", format!("{banner}{}", access.repeat(3)))
        .put("keyed.log", "ts=2023-01-01T00:00:00Z level=info msg=a\nts=2024-05-30T00:00:00Z level=info msg=b\n")
        // Seven hours west: it is due three and a half hours later than its clock shows.
        .put("west.log", "2023-06-01 20:30:00-07 [12] LOG: z\n2023-06-01 20:30:00.123 EST [12] LOG: z\n2023-06-01 10:30:00-07 [12] LOG: z\n");
    let done = world.sweep(&["--apply", "--now", "2024-06-02T00:00:00Z"]);
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert_eq!(world.text("fs.log"), new);
    // Nobody can tell that the line is none of an access log's.
    assert_eq!(
        world.text("access.log"),
        format!("{banner}{}", access.repeat(3))
    );
    assert_eq!(
        world.text("keyed.log"),
        "ts=2024-05-30T00:00:00Z level=info msg=b\n"
    );
    assert_eq!(
        world.text("west.log"),
        "2023-06-01 20:30:00-07 [12] LOG: z\n2023-06-01 20:30:00.123 EST [12] LOG: z\n"
    );
}

#[test]
fn a_line_whose_time_nobody_reads_takes_none_from_before_it() {
    let old = "2020-01-01 10:00:00 an old call\n".repeat(10_000);
    let unread = "10:00:00 nobody knows of which day\n\tgoes on\n";
    let world = World::new(YEAR);
    world.put("long.log", format!("{old}{unread}{old}{unread}"));
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert_eq!(world.text("long.log"), format!("{unread}{unread}"));
}

#[test]
fn an_order_that_is_given_holds_for_every_sign() {
    let policy = |dates: &str| format!("{YEAR}[[source]]\npaths = [\"**\"]\ndates = \"{dates}\"\n");
    let rows = "start,number\n12.01.2023,1\n05.20.2024,2\n";
    for (dates, text, left) in [
        ("month-first", rows, rows),
        (
            "year-first",
            "start,number\n10/05/24,1\n24/05/10,2\n",
            "start,number\n24/05/10,2\n",
        ),
        (
            "day-first",
            "start,number\n24/05/10,1\n10/05/24,2\n",
            "start,number\n10/05/24,2\n",
        ),
    ] {
        let world = World::new(&policy(dates));
        world.put("a.csv", text);
        let now = if dates == "month-first" {
            "2023-06-01"
        } else {
            "2024-06-01"
        };
        let done = world.sweep(&["--apply", "--now", now]);
        assert!(done.code != 2, "{dates}: {}", done.err);
        assert_eq!(world.text("a.csv"), left, "{dates}: {}", done.out);
    }
}

#[test]
fn of_several_dates_in_a_name_the_latest_counts() {
    let policy = YEAR.replace("erase", "delete-file");
    let world = World::new(&policy);
    let kept = [
        "in-20101112-20240425.wav",
        "acct-20100101-call-20240530.wav",
        "ticket-2019-01-01-reopened-2024-05-30.wav",
        "202305301200-20240530.wav",
    ];
    for name in kept {
        world.put(name, "x");
    }
    world.put("in-20101112-20120425.wav", "x");
    let done = world.apply();
    assert_ne!(done.code, 2, "{}", done.err);
    for name in kept {
        assert!(world.has(name), "{name}");
    }
    assert!(!world.has("in-20101112-20120425.wav"), "{}", done.out);
}
