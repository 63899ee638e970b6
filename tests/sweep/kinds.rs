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
    assert!(done.out.contains("1 record kept: undated"), "{}", done.out);
    assert_eq!(
        world.text("rows.sql"),
        "INSERT INTO cdr VALUES (2,'4165550124',NULL),(3,'4165550124','2024-01-01 10:00:00');\n"
    );
    assert_eq!(world.text("journal.export").as_bytes(), new);
    assert_eq!(world.text("tcp.log"), counted("2024-01-01"));
    assert_eq!(world.text("smdr.txt"), smdr("2024-01-31", "4165550124"));
}

#[test]
fn events_go_by_their_end_and_those_that_come_again_stay() {
    let event = |lines: &str| format!("BEGIN:VEVENT\r\n{lines}SUMMARY:call\r\nEND:VEVENT\r\n");
    let kept = [
        event("DTSTART;TZID=Europe/Paris:20200101T100000\r\nDTEND;TZID=Europe/Paris:20240101T110000\r\n"),
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
    assert!(
        done.out.contains("old: 1 record kept: undated"),
        "{}",
        done.out
    );
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
    let told = format!("{undated} records kept: undated");
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
