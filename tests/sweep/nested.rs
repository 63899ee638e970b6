//! What stands within a record, what a record leaves, and what does not end: nothing goes that is
//! newer than it seems, and nothing is passed over without a word.

use super::world::World;

/// One rule for everything, a year.
const ERASE: &str = "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"1 year\"\naction = \"erase\"\n";

const OLD: &str = "2019-01-01T00:00:00Z";
const NEW: &str = "2024-05-30T00:00:00Z";

/// Sweeps each of the files by itself, twice: what it comes to, what is told of its records, and the
/// exit code. The second run changes nothing and ends the same.
fn each(files: &[(&str, String, Option<String>, &str, i32)]) {
    for (name, text, left, told, code) in files {
        let world = World::in_memory(ERASE);
        world.put(name, text);
        let done = world.apply();
        assert_eq!(done.code, *code, "{name}: {}{}", done.out, done.err);
        assert!(done.out.contains(told), "{name}: {}", done.out);
        assert_eq!(world.has(name), left.is_some(), "{name}: {}", done.out);
        if let Some(left) = left {
            assert_eq!(world.text(name), *left, "{name}");
        }
        let before = world.all();
        let again = world.apply();
        assert_eq!(world.all(), before, "{name}: {}", again.out);
        assert_eq!(again.code, *code, "{name}, again: {}", again.out);
    }
}

/// A file that stays as it is, with what is told of it.
fn stays(
    name: &'static str,
    text: String,
    told: &'static str,
    code: i32,
) -> (&'static str, String, Option<String>, &'static str, i32) {
    (name, text.clone(), Some(text), told, code)
}

const LATER: &str = "not due yet";
const UNCLEAR: &str = "kept: unreadable-date";
const UNDATED: &str = "1 record kept: undated";

#[test]
fn a_record_that_does_not_end_takes_nothing_with_it() {
    let new = format!("{{\"timestamp\":\"{NEW}\",\"x\":\"n\"}}\n");
    let torn = [
        format!("{{\"timestamp\":\"{OLD}\",\"x\":\"o\n"),
        format!("{{\"timestamp\":\"{OLD}\",\"x\":{{\"o\":1\n"),
        format!("{{\"timestamp\":\"{OLD}\",\"x\":\n"),
    ];
    for torn in torn {
        let old = format!("{{\"timestamp\":\"{OLD}\",\"x\":\"o\"}}\n");
        let swept = format!("{torn}{new}{new}");
        each(&[
            stays(
                "a.jsonl",
                format!("{torn}{new}{new}"),
                "2 records not due yet",
                3,
            ),
            stays(
                "a.json",
                format!("{torn}{new}{new}"),
                "2 records not due yet",
                3,
            ),
            stays(
                "a.log",
                format!("{torn}{new}{new}"),
                "2 records not due yet",
                3,
            ),
            (
                "b.jsonl",
                format!("{torn}{new}{old}{new}"),
                Some(swept),
                "1 record erased",
                3,
            ),
            stays("c.json", torn.clone(), UNCLEAR, 3),
            stays("d.json", format!("{torn}{new}"), UNCLEAR, 3),
        ]);
    }
    // What is left of lines is still one, and holds no records.
    let torn = format!("{{\"timestamp\":\"{OLD}\",\"x\":[{{\"timestamp\":\"{OLD}\"}},{{\"y\":\n");
    let old = format!("{{\"timestamp\":\"{OLD}\"}}\n");
    each(&[
        (
            "f.jsonl",
            format!("{old}{torn}{old}"),
            Some(torn.clone()),
            "2 records erased",
            3,
        ),
        (
            "f.jsonl",
            format!("{old}{torn}{torn}"),
            Some(torn.repeat(2)),
            "1 record erased",
            3,
        ),
    ]);
    // Two on one line go together.
    let (old, new) = (
        format!("{{\"ts\":\"{OLD}\"}}"),
        format!("{{\"ts\":\"{NEW}\"}}"),
    );
    each(&[stays(
        "e.jsonl",
        format!("{old} {new}\n{new}\n"),
        UNCLEAR,
        3,
    )]);
    each(&[stays(
        "a.xml",
        format!("<call><start>{OLD}</start><who>4165550123"),
        UNCLEAR,
        3,
    )]);
}

#[test]
fn a_first_line_that_is_longer_than_what_is_seen_is_a_line() {
    let long = "a ".repeat(150_000);
    let old = format!("{{\"timestamp\":\"{OLD}\",\"x\":\"{long}\"}}\n");
    let new = format!("{{\"timestamp\":\"{NEW}\",\"x\":\"{long}\"}}\n");
    for name in ["a.jsonl", "a.json"] {
        each(&[
            (name, format!("{old}{new}"), Some(new.clone()), LATER, 0),
            (name, format!("{new}{old}"), Some(new.clone()), LATER, 0),
        ]);
    }
}

#[test]
fn a_day_without_a_time_is_a_time() {
    let dated = |date: &str| format!("[{{\"date\":{date},\"created_at\":\"{OLD}\"}}]");
    let alone = |date: &str| format!("[{{\"date\":{date}}}]");
    let gone = |date: &str| {
        (
            "a.json",
            alone(date),
            Some("[]".to_owned()),
            "1 record erased",
            0,
        )
    };
    each(&[
        stays("a.json", dated("\"2024-05-30\""), LATER, 0),
        stays("a.json", dated("\"30.05.2024\""), LATER, 0),
        stays("a.json", dated("20240530"), LATER, 0),
        // A day ends with its last second, which is not a year ago.
        stays("a.json", alone("\"2023-06-01\""), LATER, 0),
        gone("\"2023-05-31\""),
        gone("\"2019-01-01\""),
        gone("20190101"),
        // A month is no day, and no place in a recording.
        stays("a.json", dated("\"2024-05\""), UNCLEAR, 3),
        (
            "a.json",
            dated("12.5"),
            Some("[]".to_owned()),
            "1 record erased",
            0,
        ),
    ]);
}

#[test]
fn what_lies_within_a_record_makes_it_no_older() {
    let json = |members: &str| format!("[{{\"id\":5,{members}}}]");
    let gone = |members: &str| ("a.json", json(members), Some("[]".to_owned()), "erased", 0);
    let member = |key: &str, time: &str| format!("\"{key}\":\"{time}\"");
    let within =
        |key: &str, name: &str, time: &str| format!("\"{key}\":{{{}}}", member(name, time));
    let (old, new) = (member("created_at", OLD), member("created_at", NEW));
    each(&[
        stays(
            "a.json",
            json(&format!("{new},{}", within("quoted", "timestamp", OLD))),
            LATER,
            0,
        ),
        stays(
            "a.json",
            json(&format!("{old},{}", within("last", "timestamp", NEW))),
            LATER,
            0,
        ),
        stays(
            "a.json",
            json(&format!("{old},{}", within("last", "date", "2024-05-30"))),
            LATER,
            0,
        ),
        gone(&format!("{old},{}", within("quoted", "timestamp", OLD))),
        // A person is older than a call, of which no key is known.
        stays(
            "a.json",
            json(&format!(
                "{},{}",
                within("caller", "created", OLD),
                member("received", NEW)
            )),
            UNCLEAR,
            3,
        ),
        stays(
            "a.json",
            json(&format!(
                "{},\"received\":1717027200",
                within("caller", "created", OLD)
            )),
            UNCLEAR,
            3,
        ),
        gone(&format!(
            "{},\"number\":14165550123",
            within("call", "start_time", OLD)
        )),
        // Records in an array speak for themselves.
        (
            "a.json",
            format!(
                "{{{},\"calls\":[{{{old}}},{{{new}}}]}}",
                within("meta", "created", "2015-01-01")
            ),
            Some(format!(
                "{{{},\"calls\":[{{{new}}}]}}",
                within("meta", "created", "2015-01-01")
            )),
            "2 records not due yet",
            0,
        ),
        (
            "a.json",
            format!(
                "{{{},\"calls\":[{{{old}}}]}}",
                within("meta", "created", "2015-01-01")
            ),
            None,
            "2 records gone with the file",
            0,
        ),
        // In lines nothing in an array is asked by itself.
        stays(
            "a.jsonl",
            format!("{{{old},\"m\":[{{{}}}]}}\n{{{new}}}\n", member("date", NEW)),
            "2 records not due yet",
            0,
        ),
        stays(
            "m-20190101.jsonl",
            format!("{{\"m\":[{{{}}}]}}\n{{{new}}}\n", member("date", NEW)),
            UNCLEAR,
            3,
        ),
    ]);
}

#[test]
fn calls_of_freeswitch_are_as_old_as_their_variables() {
    let call = |year: &str, epoch: &str| {
        format!(
            "{{\"core-uuid\":\"a\",\"variables\":{{\"start_stamp\":\"{year}-04-25%2016:00:00\",\"start_epoch\":\"{epoch}\",\"end_stamp\":\"{year}-04-25%2016:05:00\",\"sip_from_user\":\"14165550123\"}},\"callflow\":[{{\"times\":{{\"created_time\":\"{epoch}123456\",\"hangup_time\":\"{epoch}923456\"}}}}]}}"
        )
    };
    let (old, new) = (call("2019", "1556208000"), call("2024", "1714060800"));
    each(&[
        stays("new.json", new.clone(), LATER, 0),
        ("old.json", old.clone(), None, "gone with the file", 0),
        (
            "all.json",
            format!("[{old},{new}]"),
            Some(format!("[{new}]")),
            "erased",
            0,
        ),
        (
            "all.jsonl",
            format!("{old}\n{new}\n"),
            Some(format!("{new}\n")),
            "erased",
            0,
        ),
    ]);
}

#[test]
fn an_element_goes_no_sooner_than_what_is_in_it() {
    let message = |time: &str| format!("<message date=\"{time}\">hi</message>");
    let thread = |date: &str, inner: &str| format!("<thread date=\"{date}\">{inner}</thread>");
    let of = |threads: &[String]| format!("<export>{}</export>", threads.concat());
    let call = |start: &str, leg: &str| {
        format!("<call><start>{start}</start><leg><start>{leg}</start></leg></call>")
    };
    let customer = format!(
        "<call><customer><created>2010-01-01</created></customer><when>{NEW}</when></call>"
    );
    let (mixed, recent) = (
        thread("2019-01-01", &message(NEW)),
        thread("2024-05-01", &message(OLD)),
    );
    let past = thread("2019-01-01", &message(OLD));
    let legs = call("2023-05-30T00:00:00Z", "2023-06-03T00:00:00Z");
    each(&[
        (
            "threads.xml",
            of(&[mixed.clone(), past.clone(), recent.clone()]),
            Some(of(&[mixed, recent])),
            "2 records not due yet",
            0,
        ),
        (
            "calls.xml",
            of(&[legs.clone(), legs.clone(), call(OLD, OLD)]),
            Some(of(&[legs.clone(), legs])),
            "2 records not due yet",
            0,
        ),
        stays(
            "customer.xml",
            of(&[customer.clone(), customer]),
            UNCLEAR,
            3,
        ),
        stays(
            "b-20190101.xml",
            "<a><b date=\"2024-05-30\"/></a>".to_owned(),
            LATER,
            0,
        ),
        stays(
            "cdata.xml",
            format!("<a><date>{OLD}</date><b><date><![CDATA[{NEW}]]></date></b></a>"),
            LATER,
            0,
        ),
    ]);
}

#[test]
fn threads_are_records_be_it_one_only() {
    let bob = format!("<thread name=\"Bob\"><message date=\"{OLD}\">x</message></thread>");
    let ann = format!(
        "<thread name=\"Ann\"><message date=\"{OLD}\">x</message><message date=\"{NEW}\">x</message></thread>"
    );
    let of = |root: &str, all: &str| format!("<{root}>{all}</{root}>");
    let both = format!("{ann}{bob}");
    each(&[
        (
            "a.xml",
            of("threads", &both),
            Some(of("threads", &ann)),
            "1 record erased",
            0,
        ),
        // Where one thread left would be read by its messages nothing is changed, nor told so.
        stays("b.xml", of("export", &both), "1 record not changed", 3),
    ]);
}

#[test]
fn what_holds_values_and_no_record_is_told() {
    each(&[
        stays("rows.json", format!("[[\"{OLD}\",\"4165550123\"]]"), UNDATED, 3),
        stays(
            "calls.xml",
            format!("<calls><a><start_time>{OLD}</start_time></a><b><start_time>{NEW}</start_time></b></calls>"),
            UNDATED,
            3,
        ),
        stays(
            "day.ics",
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20190101T000000Z\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".to_owned(),
            UNDATED,
            3,
        ),
        stays(
            "files.json",
            "[{\"from\":\"4165550123\",\"attachments\":[]}]".to_owned(),
            UNDATED,
            3,
        ),
    ]);
}

#[test]
fn what_a_sweep_leaves_is_nothing_to_the_next() {
    let empty = |name: &'static str, text: &str| stays(name, text.to_owned(), "0 changed", 0);
    let leaves = |name: &'static str, text: String, left: &str| {
        (name, text, Some(left.to_owned()), "erased", 0)
    };
    let old = format!("{{\"timestamp\":\"{OLD}\"}}");
    let element = format!("<b date=\"{OLD}\"/>");
    each(&[
        empty("a.json", "[]"),
        empty("a.json", "{\"calls\":[]}"),
        empty("a.xml", "<smses count=\"0\"></smses>"),
        empty("a.xml", "<a></a>"),
        empty("a.csv", "start_time,number\n"),
        leaves(
            "a.json",
            format!("{{\"id\":1,\"messages\":[{old}]}}"),
            "{\"id\":1,\"messages\":[]}",
        ),
        leaves(
            "a.json",
            format!("{{\"threads\":[{{\"name\":\"Bob\",\"messages\":[{old},{old}]}}]}}"),
            "{\"threads\":[{\"name\":\"Bob\",\"messages\":[]}]}",
        ),
        leaves(
            "a-20190101.xml",
            format!("<a>{element}{element}</a>"),
            "<a></a>",
        ),
        leaves(
            "a.xml",
            format!("<a>{element}<b date=\"{NEW}\"/></a>"),
            &format!("<a><b date=\"{NEW}\"/></a>"),
        ),
        leaves("a.xml", format!("<a>{element}</a>"), "<a/>"),
    ]);
}
