//! Every format says when its records are from.
//!
//! Expected seconds are those of `date -u -d '...' +%s`.

use efface::format::{Chunk, Head, tell_and_open};
use efface::time::{Clock, Orders, Undated, Zone};

/// When a record is from.
type When = Result<i64, Undated>;
/// A source: its name, what it is read as, its text, and when its records are from.
type Case<'a> = (&'a str, &'a str, &'a str, &'a [When]);

/// A record and when it is from.
type Told = (String, When);

/// 2024-06-01 00:00:00 UTC.
const NOW: i64 = 1_717_200_000;
/// 2024-04-25 16:00:00 UTC.
const T: i64 = 1_714_060_800;

/// The format, and every record with its time.
fn records(name: &str, text: &str) -> (String, Vec<Told>) {
    let head = Head {
        text: text.as_bytes(),
        name,
        whole: true,
    };
    let (format, reader) = tell_and_open(&head);
    let index = reader.index(Chunk::whole(text.as_bytes()));
    let mut orders = Orders::default();
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(range) = index.record_from(from) {
        assert!(range.start >= from && !range.is_empty(), "{name} {range:?}");
        from = range.start + 1;
        places.push(range);
    }
    for place in &places {
        if let Some(stamp) = index.stamp(place.start) {
            orders.add(&stamp);
        }
    }
    let clock = Clock::new(Zone::utc(), orders.told(), NOW, NOW);
    let told = places.iter().map(|place| {
        let when = index
            .stamp(place.start)
            .map_or(Err(Undated::None), |stamp| clock.at(&stamp));
        (text[place.clone()].to_owned(), when)
    });
    (format.name().to_owned(), told.collect())
}

fn times(name: &str, text: &str) -> (String, Vec<When>) {
    let (format, records) = records(name, text);
    (format, records.into_iter().map(|(_, when)| when).collect())
}

#[test]
fn records_have_times_in_every_format() {
    let none = Err(Undated::None);
    let cases: &[Case<'_>] = &[
        (
            "Master.csv",
            "csv",
            "\"\",\"2025550123\",\"15075550144\",\"from-trunk\",\"\"\"DOE\"\" <2025550123>\",\"SIP/t-2\",\"SIP/108-3\",\"Dial\",\"SIP/108,30,tr\",\"2024-04-25 16:00:00\",\"2024-04-25 16:00:20\",\"2024-04-25 16:14:25\",863,845,\"ANSWERED\",\"DOCUMENTATION\",\"1714060800.1\",\"\"\n\
             \"\",\"2025550123\",\"15075550144\",\"from-trunk\",\"x\",\"SIP/t-2\",\"\",\"Dial\",\"SIP/108\",\"2024-04-25 16:00:01\",,\"2024-04-25 16:14:25\",863,0,\"NO ANSWER\",\"DOCUMENTATION\",\"1714060801.1\",\"\"\n",
            &[Ok(T), Ok(T + 1)],
        ),
        (
            "cdr_1",
            "csv",
            "\"cdrRecordType\",\"globalCallID_callManagerId\",\"globalCallID_callId\",\"dateTimeOrigination\",\"callingPartyNumber\",\"dateTimeConnect\"\nINTEGER,INTEGER,INTEGER,INTEGER,VARCHAR(50),INTEGER\n1,2,25447,1714060800,\"4165550123\",0\n",
            &[Ok(T)],
        ),
        (
            "log.tsv",
            "tsv",
            "date\ttime\tcaller\tnote\n2024-04-25\t16:00:00\t4165550123\tx\n\n2024-04-25\t\t4165550123\tx\n",
            &[Ok(T), Ok(1_714_089_599)],
        ),
        (
            "eu.csv",
            "csv",
            "caller,date,status\n4165550123,03/04/2024 10:00,ok\n4165550123,25/04/2024 16:00,ok\n4165550123,,ok\n",
            &[Ok(1_712_138_400), Ok(T), none],
        ),
        (
            "doubt.csv",
            "csv",
            "caller,date,status\n4165550123,03/04/2024 10:00,ok\n4165550123,05/04/2024 16:00,ok\n",
            &[Err(Undated::Order), Err(Undated::Order)],
        ),
        (
            "a.jsonl",
            "jsonl",
            "{\"msg\":\"x\",\"ts\":1714060800.25}\n{\"call\":{\"start_time\":\"2024-04-25T16:00:01Z\"},\"list\":[{\"ts\":1}]}\nnot json 1\n{\"time\":null,\"created\":\"2024-04-25T16:00:02+00:00\"}\n",
            &[Ok(T), Ok(T + 1), none, Ok(T + 2)],
        ),
        (
            "result.json",
            "json",
            "{\"name\":\"x\",\"messages\":[\n {\"id\":1,\"date\":\"2024-04-25T16:00:00\",\"date_unixtime\":\"1714060801\",\"text\":[{\"type\":\"bold\",\"text\":\"a\"}]},\n {\"id\":2,\"text\":\"no date\"}\n]}\n",
            &[none, Ok(T + 1), Ok(T + 1), none],
        ),
        (
            "talk.json",
            "json",
            "{\"metadata\":{\"created\":\"2024-04-25T16:00:00.000Z\"},\"words\":[{\"word\":\"four\",\"start\":0.5},{\"word\":\"one\",\"start\":1.25}]}",
            &[Ok(T), Ok(T), Ok(T)],
        ),
        (
            "sms.xml",
            "xml",
            "<?xml version='1.0'?>\n<smses count=\"2\">\n  <sms address=\"+14165550123\" date=\"1714060800000\" type=\"1\" date_sent=\"0\" body=\"hi\" readable_date=\"x\" />\n  <mms date=\"1714060801000\" address=\"x\"><parts><part text=\"a\"/></parts></mms>\n</smses>\n",
            &[Ok(T), Ok(T + 1)],
        ),
        (
            "a.cdr.xml",
            "xml",
            "<?xml version=\"1.0\"?>\n<cdr core-uuid=\"x\"><variables><start_stamp>2024-04-25%2016%3A00%3A00</start_stamp><start_epoch>1714060800</start_epoch><end_epoch>1714060900</end_epoch></variables></cdr>",
            &[Ok(T)],
        ),
        (
            "mail.mbox",
            "mbox",
            "From a@example.com Thu Apr 25 16:00:01 2024\nSubject: one\nTo: b@example.com\n\nhello\n\nFrom a@example.com Thu Apr 25 16:00:01 2024\nFrom: a@example.com\nDate: Thu, 25 Apr 2024 12:00:00 -0400\n\nhello\n\nFrom a@example.com Thu Apr 25 16:00:09 2024\nReceived: from x by y; Thu, 25 Apr 2024 16:00:03 +0000\nReceived: from z by x;\n\tThu, 25 Apr 2024 16:00:02 +0000\nSubject: two\n\nhello\n",
            &[Ok(T + 1), Ok(T), Ok(T + 9)],
        ),
        (
            "syslog",
            "text",
            "Apr 25 16:00:00 host app[1]: one\n\tgoes on\nApr 25 16:00:01 host app[1]: two\n",
            &[Ok(T), Ok(T + 1)],
        ),
        (
            "access.log",
            "text",
            "192.0.2.1 - - [25/Apr/2024:12:00:00 -0400] \"GET /?phone=%2B14165550123 HTTP/1.1\" 200 12\n192.0.2.1 - - [25/Apr/2024:16:00:01 +0000] \"GET / HTTP/1.1\" 200 12\n",
            &[Ok(T), Ok(T + 1)],
        ),
        (
            "chat.txt",
            "text",
            "4/25/24, 16:00 - Ann: hello\nand more\n4/3/24, 10:00 - Bob: hi\n",
            &[Ok(T), Ok(1_712_138_400)],
        ),
        (
            "a.vtt",
            "vtt",
            "WEBVTT\n\n00:00.000 --> 00:02.000\nhello\n",
            &[],
        ),
        (
            "note.txt",
            "text",
            "She called on a Thursday.\nNothing else.\n",
            &[],
        ),
    ];
    for (name, format, text, want) in cases {
        assert_eq!(
            times(name, text),
            ((*format).to_owned(), want.to_vec()),
            "{name}"
        );
    }
}

#[test]
fn records_within_records_come_behind_them() {
    let text = "[{\"created\":\"2024-04-25T16:00:00Z\",\"notes\":[{\"created\":\"2024-04-25T16:00:01Z\"}]},{\"created\":\"2024-04-25T16:00:02Z\"}]";
    let (_, records) = records("a.json", text);
    let lengths: Vec<usize> = records.iter().map(|(text, _)| text.len()).collect();
    let times: Vec<_> = records.iter().map(|(_, when)| *when).collect();
    assert_eq!(times, [Ok(T), Ok(T + 1), Ok(T + 2)]);
    assert_eq!(lengths, [79, 34, 34]);
}

#[test]
fn what_a_line_inherits_is_carried_over_a_cut() {
    let text = b"Apr 25 16:00:00 host app[1]: one\n\tgoes on\n\tand on\n";
    let head = Head {
        text,
        name: "syslog",
        whole: true,
    };
    let (_, reader) = tell_and_open(&head);
    let cut = 42;
    let before = Chunk {
        end: cut,
        ..Chunk::whole(text)
    };
    let carried = reader.carried(before).unwrap();
    assert_eq!(&*carried.text, b"Apr 25 16:00:00");
    let behind = Chunk {
        start: cut,
        ..Chunk::whole(text)
    };
    assert_eq!(reader.index(behind).stamp(cut), None);
}
