//! What counts as a record, and from when it is, in formats that do not show it by lines.

use super::world::World;

/// One rule for everything, eighteen months.
const ERASE: &str = "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"18 months\"\naction = \"erase\"\n";
/// Records after six months, the file after a year.
const BOTH: &str = "version = 1\n[[rule]]\nid = \"rows\"\nmatch = { paths = [\"**\"] }\nmax_age = \"6 months\"\naction = \"erase\"\n[[rule]]\nid = \"file\"\nmatch = { paths = [\"**\"] }\nmax_age = \"1 year\"\naction = \"delete-file\"\n";

const MYSQL: &str = "-- MySQL dump\nCREATE TABLE `people` (\n  `id` int,\n  `name` text\n);\nINSERT INTO `people` VALUES (1,'Jane'),(2,'John');\nCREATE TABLE `calls` (\n  `id` int,\n  `num` text,\n  `start_time` datetime\n);\nINSERT INTO `calls` VALUES (1,'4165550123','2020-01-01 10:00:00'),(2,'4165550124','2024-01-01 10:00:00'),(3,'4165550125','2021-01-01 10:00:00');\n";

/// A journal of two entries, the second one new.
fn journal(second: &[u8]) -> Vec<u8> {
    let first = b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1577872800000000\nMESSAGE=call 4165550123\n\n";
    [&first[..], second].concat()
}

#[test]
fn due_records_go_from_dumps_journals_and_printed_records() {
    let new = b"__CURSOR=s=2\n__REALTIME_TIMESTAMP=1704103200000000\nMESSAGE\n\x0f\0\0\0\0\0\0\0call 4165550124\n\n";
    let smdr = |day: &str, number: &str| {
        format!(" {day} 09:12 00:01:23 1001 0007 91{number}           A 2004\r\n")
    };
    let counted = |day: &str| {
        let message = format!("<13>1 {day}T10:00:00Z host app - - - call 4165550123");
        format!("{} {message}", message.len())
    };
    let world = World::new(ERASE);
    world
        .put("dump.sql", MYSQL)
        .put(
            "copy.sql",
            "COPY public.cdr (id, src, calldate) FROM stdin;\n1\t4165550123\t2020-01-01 10:00:00\n2\t4165550124\t2024-01-01 10:00:00\n\\.\n",
        )
        // Nobody says what the columns are.
        .put(
            "rows.sql",
            "INSERT INTO cdr VALUES (1,'4165550123','2020-01-01 10:00:00'),(2,'4165550124',NULL),(3,'4165550124','2024-01-01 10:00:00');\n",
        )
        .put("journal.export", journal(new))
        .put("tcp.log", counted("2020-01-01") + &counted("2024-01-01"))
        .put(
            "smdr.txt",
            smdr("2020-01-31", "4165550123") + &smdr("2024-01-31", "4165550124"),
        );
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert_eq!(
        world.text("dump.sql"),
        MYSQL
            .replace("(1,'4165550123','2020-01-01 10:00:00'),", "")
            .replace(",(3,'4165550125','2021-01-01 10:00:00')", "")
    );
    assert_eq!(
        world.text("copy.sql"),
        "COPY public.cdr (id, src, calldate) FROM stdin;\n2\t4165550124\t2024-01-01 10:00:00\n\\.\n"
    );
    assert!(done.out.contains("3 records kept: undated"), "{}", done.out);
    assert!(
        world
            .text("rows.sql")
            .contains("(1,'4165550123','2020-01-01 10:00:00')")
    );
    assert_eq!(world.text("journal.export").as_bytes(), new);
    assert_eq!(world.text("tcp.log"), counted("2024-01-01"));
    assert_eq!(world.text("smdr.txt"), smdr("2024-01-31", "4165550124"));
}

#[test]
fn events_go_by_their_end_and_those_that_come_again_stay() {
    let event = |lines: &str| format!("BEGIN:VEVENT\r\n{lines}SUMMARY:call\r\nEND:VEVENT\r\n");
    let kept = [
        event("DTSTART;TZID=Europe/Paris:20200101T100000\r\n"),
        event("DTSTART:20200101T100000Z\r\nDTEND:20240101T110000Z\r\n"),
        event("DTSTART:20200101T100000Z\r\nDURATION:P3000D\r\n"),
        event("dtstart:20200101T100000Z\r\nrrule:FREQ=DAILY\r\n"),
        event("DTSTART:20200101T100000Z\r\nRRULE:FREQ=WEEKLY\r\n"),
        event("DTSTART;VALUE=DATE:20240101\r\n"),
    ]
    .concat();
    let old = event("DTSTART:20200101T100000Z\r\n");
    let calendar = |events: &str| format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n");
    let world = World::new(ERASE);
    world.put("a.ics", calendar(&(old.clone() + &kept + &old)));
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert_eq!(world.text("a.ics"), calendar(&kept));
    let told = "old: 4 records kept: undated";
    assert!(done.out.contains(told), "{}", done.out);
}

#[test]
fn what_is_left_of_a_dump_is_one() {
    let rows = [
        (
            "INSERT INTO insert_log VALUES (1,'2020-01-01 00:00:00','a');\n",
            "",
        ),
        (
            "INSERT OR REPLACE INTO calls VALUES (1,'2020-01-01 00:00:00','a'),(2,'2020-01-01 00:00:00','b');\n",
            "",
        ),
        (
            "Insert Into calls Values (1,'2020-01-01 00:00:00','a');\n",
            "",
        ),
        (
            "INSERT INTO calls VALUES (1,'2024-01-01 00:00:00','a') /* one, two */, (2,'2020-01-01 00:00:00','b');\n",
            "INSERT INTO calls VALUES (1,'2024-01-01 00:00:00','a') /* one, two */ ;\n",
        ),
        (
            "INSERT INTO calls VALUES (1,'2020-01-01 00:00:00','a\tb (c); d''e'),(2,'2024-01-01 00:00:00','b');\n",
            "INSERT INTO calls VALUES (2,'2024-01-01 00:00:00','b');\n",
        ),
    ];
    let tables = "CREATE TABLE calls (id int, -- the caller's, or nobody's\n start_time text, t text);\nCREATE TABLE insert_log (id int, start_time text, t text);\nCREATE VIEW \"v's\" AS SELECT 1; -- don't\n";
    let clause = "INSERT INTO calls VALUES (1,'2020-01-01 00:00:00','a') ON CONFLICT DO NOTHING;\n";
    let world = World::new(ERASE);
    let (before, after): (String, String) = rows.into_iter().unzip();
    world.put("a.sql", format!("{tables}{before}"));
    world.put("clause.sql", format!("{tables}{clause}"));
    // Behind the columns nobody knows what a value is; a birthday is not the time of a call.
    let people: String = (0..20_000)
        .map(|row| format!("{row}\t1990-01-01 00:00:00\t2024-05-01 00:00:00\n"))
        .collect();
    let copy = format!(
        "-- PostgreSQL database dump\nCOPY public.calls (id, birth, start_time) FROM stdin;\n{people}\\.\n"
    );
    world.put("copy.sql", &copy);
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert_eq!(world.text("a.sql"), format!("{tables}{after}"));
    assert_eq!(world.text("clause.sql"), format!("{tables}{clause}"));
    assert!(world.text("copy.sql") == copy);
    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch(&world.text("a.sql")).unwrap();
}

#[test]
fn a_statement_of_many_rows_goes_row_by_row_or_whole() {
    // Longer than any piece that is read at once, but for one of them.
    let statement = |year: &str, rows: u32| {
        let rows: Vec<String> = (0..rows)
            .map(|row| format!("({row},'4165550123','{year}-10-01 10:00:00')"))
            .collect();
        format!("INSERT INTO `calls` VALUES {};\n", rows.join(","))
    };
    let world = World::new(ERASE);
    let (head, _) = MYSQL.split_at(MYSQL.find("INSERT INTO `calls`").unwrap());
    let (old, new) = (statement("2020", 23_000), statement("2023", 23_000));
    assert!(old.len() > 900 * 1024);
    world.put("dump.sql", format!("{head}{old}{new}{old}"));
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(world.text("dump.sql") == format!("{head}{new}"));
}

#[test]
fn what_has_no_time_in_it_is_told() {
    let world = World::new(ERASE);
    world
        .put(
            "card.vcf",
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jane\r\nEND:VCARD\r\n",
        )
        .put(
            "smdr.txt",
            " 05/02 09:12 00:01:23 1001 0007 914165550123           A 2004\r\n".repeat(3),
        );
    let before = world.all();
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert!(
        done.out.contains("old: 4 records kept: undated"),
        "{}",
        done.out
    );
    assert_eq!(world.all(), before);
}

#[test]
fn records_under_keys_of_their_own_go_no_sooner_than_all_of_them() {
    let call = |time: &str| format!("{{\"caller\":\"4165550123\",\"start_time\":{time}}}");
    let (old, new) = ("\"2020-01-01T10:00:00Z\"", "\"2024-01-01T10:00:00+01:00\"");
    let of = |one: &str, two: &str| format!("{{\"x\":{},\"y\":{}}}\n", call(one), call(two));
    let kept = [
        ("first.json", of(new, old), 0),
        ("last.json", of(old, new), 0),
        ("lines.jsonl", of(old, new) + &of(new, old), 0),
        ("deep.json", format!("{{\"calls\":{}}}", of(old, old)), 1),
        ("other.json", of(old, "1704103200"), 0),
        // Which of two is later depends on a zone that nobody tells.
        ("unlike.json", of(old, "\"2020-01-01 10:00:00\""), 1),
        (
            "own.json",
            format!("{{\"start_time\":{new},\"a\":{}}}", of(old, old)),
            0,
        ),
        (
            "outer.json",
            format!("{{\"a\":{},\"date\":{new}}}", call(old)),
            0,
        ),
    ];
    let gone = [
        ("both.json", of(old, "1577872800")),
        (
            "alone.json",
            format!("{{\"a\":{},\"b\":{{\"c\":1}}}}", call(old)),
        ),
    ];
    let world = World::new(ERASE);
    for (name, text, _) in &kept {
        world.put(name, text);
    }
    for (name, text) in &gone {
        world.put(name, text);
    }
    let undated: u32 = kept.iter().map(|(_, _, undated)| undated).sum();
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    for (name, text, _) in &kept {
        assert_eq!(world.text(name), *text, "{name}");
    }
    for (name, _) in &gone {
        assert!(!world.has(name), "{name}");
    }
    let told = format!("{undated} records kept: unreadable-date");
    assert!(done.out.contains(&told), "{}", done.out);
}

#[test]
fn a_database_stays_while_rows_without_a_time_are_in_it() {
    let world = World::new(BOTH);
    let make = |name: &str, more: &str| {
        let db = rusqlite::Connection::open(world.path(name)).unwrap();
        db.execute_batch(&format!(
            "CREATE TABLE calls(id INTEGER PRIMARY KEY AUTOINCREMENT, num TEXT, start_time TEXT);
             CREATE INDEX nums ON calls(num);
             INSERT INTO calls(num, start_time) VALUES ('4165550123', '2020-01-01 10:00:00');
             CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT); {more}"
        ))
        .unwrap();
    };
    make("alone.db", "");
    make("people.db", "INSERT INTO people(name) VALUES ('Jane');");
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert!(!world.has("alone.db"));
    assert!(
        done.out.contains("file: 1 record kept: undated"),
        "{}",
        done.out
    );
    let db = rusqlite::Connection::open(world.path("people.db")).unwrap();
    let count = |table: &str| {
        let count = format!("SELECT count(*) FROM {table}");
        db.query_row(&count, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!((count("calls"), count("people")), (0, 1));
}

#[test]
fn a_file_goes_by_no_rule_that_none_of_its_records_is_due_by() {
    let world = World::new(&BOTH.replace("1 year", "20 years"));
    world.put("a.json", "{\"meta\":{\"owner\":\"me\"},\"calls\":[{\"n\":\"4165550123\",\"start_time\":\"2020-01-01T10:00:00Z\"}]}");
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(
        world.text("a.json"),
        "{\"meta\":{\"owner\":\"me\"},\"calls\":[]}"
    );
}

#[test]
fn rows_of_apples_join_table_go_by_apples_clock() {
    let world = World::new(ERASE);
    world.put("x", "");
    let path = world.path("chat.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    // 2024-05-22 and 2019-02-01.
    db.execute_batch(
        "CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT, handle_id INTEGER, date INTEGER);
         CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER REFERENCES message (ROWID) ON DELETE CASCADE,
             message_date INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id));
         INSERT INTO message VALUES (1, 'old', 7, 570672000000000000), (2, 'new', 7, 738000000000000000);
         INSERT INTO chat_message_join VALUES (501, 1, 570672000000000000), (501, 2, 738000000000000000);",
    )
    .unwrap();
    drop(db);
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let db = rusqlite::Connection::open(&path).unwrap();
    let one = |sql: &str| {
        db.query_row(sql, [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(one("SELECT group_concat(text) FROM message"), "new");
    assert_eq!(
        one("SELECT group_concat(message_id) FROM chat_message_join"),
        "2"
    );
}

#[test]
fn numbers_of_other_clocks_are_not_believed() {
    let rows = |numbers: &[&str]| {
        let rows = numbers
            .iter()
            .map(|number| format!("4165550123,{number}\n"));
        format!("caller,timestamp\n{}", rows.collect::<String>())
    };
    // Apple's seconds and milliseconds of 2024, ticks of .NET, FILETIME.
    let others = rows(&[
        "738000000",
        "738000000.5",
        "738000000000",
        "638522784000000000",
        "133484112000000000",
    ]);
    let world = World::new(ERASE);
    world.put("others.csv", &others).put(
        "own.csv",
        rows(&[
            "1577872800",
            "1577872800000",
            "1577872800000000",
            "1577872800000000000",
        ]),
    );
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert_eq!(world.text("others.csv"), others);
    assert!(done.out.contains("5 records kept: "), "{}", done.out);
    assert_eq!(world.text("own.csv"), "caller,timestamp\n");
}

#[test]
fn fractions_of_real_columns_are_times_and_every_row_is_counted() {
    let world = World::new(ERASE);
    world.put("x", "");
    let path = world.path("calls.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, timestamp REAL);
         INSERT INTO calls VALUES (1, 1546300800.25), (2, 1546300800.0), (3, 1704103200.75), (4, NULL), (5, 2.5);",
    )
    .unwrap();
    drop(db);
    let done = world.apply();
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert!(done.out.contains("2 records erased"), "{}", done.out);
    assert!(done.out.contains("2 records kept: undated"), "{}", done.out);
    let db = rusqlite::Connection::open(&path).unwrap();
    let left: String = db
        .query_row("SELECT group_concat(id) FROM calls", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, "3,4,5");
}

#[test]
fn mail_is_from_its_date_however_it_is_folded_or_the_latest_stop_on_its_way() {
    let mail = |from: &str, headers: &str| {
        format!("From a@example.com {from}\n{headers}Subject: x\n\nhello\n\n")
    };
    let old = "Mon Apr  1 10:00:00 2019";
    let folded = mail(
        "Mon Jan  1 10:00:00 2024",
        "Date: Mon,\n 1 Apr 2019\n\t10:00:00 +0000\n",
    );
    let comment = mail(
        "Mon Jan  1 10:00:00 2024",
        "Date: Mon, 1 Apr 2019 10:00:00 +0000 (Mon, 1 Apr 2019 (really))\n",
    );
    let stop = |day: &str| format!("Received: from a (a; b)\n by b; {day} 10:00:00 +0000 (UTC)\n");
    let (first, last) = (stop("Mon, 1 Apr 2019"), stop("Mon, 1 Jan 2024"));
    let top = mail(old, &format!("{last}{first}"));
    let bottom = mail(old, &format!("{first}{last}"));
    let arrived = mail("Mon Jan  1 10:00:00 2024", &first);
    let all_old = mail(old, &format!("Received: by x; yesterday\n{first}"));
    let world = World::new(ERASE);
    world.put(
        "a.mbox",
        [&folded, &comment, &top, &bottom, &arrived, &all_old]
            .map(|one| one.as_str())
            .concat(),
    );
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(world.text("a.mbox"), [top, bottom, arrived].concat());
}

#[test]
fn what_a_database_refuses_has_not_gone() {
    let world = World::new(ERASE);
    world.put("x", "");
    let path = world.path("calls.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, caller TEXT, start_time TEXT);
         CREATE TABLE notes (call INTEGER NOT NULL REFERENCES calls (id), note TEXT);
         INSERT INTO calls VALUES (1, '4165550123', '2019-01-01 10:00:00'), (2, '4165550124', '2019-01-02 10:00:00');
         INSERT INTO notes VALUES (1, 'they called');",
    )
    .unwrap();
    drop(db);
    let before = world.all();
    for args in [&["--apply"][..], &["--apply", "--json"]] {
        let done = world.sweep(args);
        assert_eq!(done.code, 3, "{}{}", done.out, done.err);
        assert!(!done.out.contains("erased"), "{}", done.out);
        assert_eq!(world.all(), before);
    }
}
