//! What times mean; expected seconds are those of `date -u -d '...' +%s`.

use super::*;

/// 2024-06-01 00:00:00 UTC.
const NOW: i64 = 1_717_200_000;

fn clock(zone: &str) -> Clock {
    Clock::new(Zone::named(zone).unwrap(), None, NOW, NOW)
}

fn at(text: &str) -> Result<i64, Undated> {
    clock("UTC").at(&Stamp::of(text.as_bytes()))
}

#[test]
fn times_are_read_as_programs_write_them() {
    /// 2024-04-25 16:00:00 UTC.
    const WANT: i64 = 1_714_060_800;
    for text in [
        "2024-04-25 16:00:00",
        "2024-04-25T16:00:00Z",
        "2024-04-25T16:00:00.123456789Z",
        "2024-04-25T12:00:00-04:00",
        "2024-04-25T12:00:00.000-0400",
        "2024-04-25 21:30:00 +05:30",
        "2024/04/25 16:00:00",
        "2024/4/25 16:00",
        "2024-04-25 04:00 PM +00:00",
        "25/Apr/2024:16:00:00 +0000",
        "25/Apr/2024:12:00:00 -0400",
        "Thu, 25 Apr 2024 12:00:00 -0400 (EDT)",
        "Thu, 25 Apr 2024 16:00:00 GMT",
        "25 Apr 24 16:00:00 +0000",
        "Thu Apr 25 16:00:00 2024",
        "Thu Apr 25 16:00:00 UTC 2024",
        "Apr 25 2024 16:00:00",
        "April 25, 2024 4:00 PM",
        "25.04.24, 16:00:00",
        "25/04/2024 16:00",
        "4/25/24, 4:00\u{202f}PM",
        "4/25/24, 04:00 p. m.",
        "20240425160000",
        "20240425-160000",
        "20240425T160000Z",
        "2024-04-25_16-00-00",
        "2024-04-25%2016%3A00%3A00",
        "Apr 25 16:00:00",
        "1714060800",
        "1714060800.123456",
        "1714060800000",
        "1714060800000000",
        "1714060800000000000",
        "  2024-04-25 16:00:00 ",
    ] {
        let ordered = |order| Clock::new(Zone::utc(), Some(order), NOW, NOW);
        let order = if text.starts_with("4/") {
            Order::MonthFirst
        } else {
            Order::DayFirst
        };
        assert_eq!(
            ordered(order).at(&Stamp::of(text.as_bytes())),
            Ok(WANT),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_time_is_none() {
    for text in [
        "yesterday",
        "863",
        "12:30",
        "+14165550123",
        "416-555-0123",
        "4165550123x",
        "1.5",
        "2024-13-01 00:00:00",
        "2023-02-29",
        "2024-04-25 25:00:00",
        "99999999",
        "10.0.0.1",
        "2024-04-25 16:00:00 and more",
        "2024-04-25 16:00:00 XYZ",
    ] {
        assert_eq!(at(text), Err(Undated::Unreadable), "{text}");
    }
    assert_eq!(at("  "), Err(Undated::None));
    assert_eq!(at("1970-01-01 00:00:00"), Err(Undated::Absurd));
    assert_eq!(at("2024-06-04 00:00:00"), Err(Undated::Future));
    // A day without a time ends with it, so that nothing is taken for older than it is.
    assert_eq!(at("2024-04-25"), Ok(1_714_089_599));
}

#[test]
fn what_a_number_counts_can_be_known() {
    for (count, number, want) in [
        (Count::Seconds, "1714060800", 1_714_060_800),
        (Count::Millis, "1714060800000", 1_714_060_800),
        (Count::Apple, "735753600", 1_714_060_800),
        (Count::Apple, "735753600000000000", 1_714_060_800),
    ] {
        let stamp = Stamp {
            count,
            ..Stamp::of(number.as_bytes())
        };
        assert_eq!(clock("UTC").at(&stamp), Ok(want), "{count:?}");
    }
}

#[test]
fn zones_have_daylight_saving_and_the_later_time_counts_in_doubt() {
    let toronto = clock("America/Toronto");
    for (text, want) in [
        // `date -u -d 'TZ="America/Toronto" ...' +%s`
        ("2024-01-15 12:00:00", 1_705_338_000),
        ("2023-07-15 12:00:00", 1_689_436_800),
        // Twice: 01:30 EDT and 01:30 EST; the second.
        ("2023-11-05 01:30:00", 1_699_165_800),
        // Never: clocks go from 02:00 to 03:00; an hour on is 03:30 EDT.
        ("2024-03-10 02:30:00", 1_710_055_800),
        ("2024-03-10 03:30:00", 1_710_055_800),
    ] {
        // Asked twice: once anew and once from what was remembered.
        for _ in 0..2 {
            assert_eq!(toronto.at(&Stamp::of(text.as_bytes())), Ok(want), "{text}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn what_was_remembered_of_an_offset_changes_nothing(
        walls in proptest::collection::vec(946_684_800i64..NOW - 86_400, 1..40),
    ) {
        let zone = Zone::named("Europe/London").unwrap();
        let clock = Clock::new(zone.clone(), None, NOW, NOW);
        for wall in walls {
            let civil = Zone::utc().civil(wall).unwrap();
            let text = civil.strftime("%Y-%m-%d %H:%M:%S").to_string();
            proptest::prop_assert_eq!(clock.at(&Stamp::of(text.as_bytes())).ok(), zone.instant(civil));
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(text in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
        let _ = clock("UTC").at(&Stamp::of(&text[..]));
        let _ = in_line(&text);
        let _ = in_name(&text);
    }
}

#[test]
fn a_year_that_is_not_written_is_the_latest_before_the_file_was_changed() {
    // Changed 2024-01-05 00:00:00 UTC.
    let clock = Clock::new(Zone::utc(), None, 1_704_412_800, NOW);
    let at = |text: &str| clock.at(&Stamp::of(text.as_bytes())).unwrap();
    assert_eq!(at("Jan  4 23:59:59"), 1_704_412_799);
    assert_eq!(at("Dec 31 23:59:59"), 1_704_067_199);
    // 2023 has no such day.
    assert_eq!(at("Feb 29 12:00:00"), 1_582_977_600);
}

#[test]
fn the_order_of_day_and_month_is_told_by_the_source_or_not_at_all() {
    let told = |texts: &[&str]| {
        let mut orders = Orders::default();
        for text in texts {
            orders.add(&Stamp::of(text.as_bytes()));
        }
        orders.told()
    };
    assert_eq!(
        told(&["03/04/2024", "31/12/2021, 22:01"]),
        Some(Order::DayFirst)
    );
    assert_eq!(
        told(&["03/04/2024", "12/31/21, 22:01"]),
        Some(Order::MonthFirst)
    );
    assert_eq!(told(&["03/04/2024", "04/05/2024"]), None);
    assert_eq!(told(&["31/12/2021", "12/31/2021"]), None);
    assert_eq!(at("03/04/2024 10:00"), Err(Undated::Order));
    // Days are many and years few, in whichever place they stand.
    let many = |write: &dyn Fn(u32) -> String| {
        let texts: Vec<String> = (1..=12).map(write).collect();
        told(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(
        many(&|day| format!("{day:02}.04.24, 10:00")),
        Some(Order::DayFirst)
    );
    assert_eq!(
        many(&|day| format!("24/04/{day:02} 10:00:00")),
        Some(Order::YearFirst)
    );
    assert_eq!(
        many(&|day| format!("24/04/{:02} 10:00:00", day % 3 + 1)),
        Some(Order::MonthSecond)
    );
    assert_eq!(
        many(&|day| format!("04/13/{day:02} 10:00:00")),
        Some(Order::MonthFirst)
    );
    let in_order = |order, text: &str| {
        let clock = Clock::new(Zone::utc(), order, NOW, NOW);
        clock.at(&Stamp::of(text.as_bytes()))
    };
    // 2022-11-23 and 2023-11-22: the later one, unless that is ahead of now.
    assert_eq!(
        in_order(Some(Order::MonthSecond), "22/11/23 00:00:00"),
        Ok(1_700_611_200)
    );
    assert_eq!(
        in_order(Some(Order::YearFirst), "22/11/23 00:00:00"),
        Ok(1_669_161_600)
    );
    assert_eq!(in_order(None, "30.05.23 00:00:00"), Ok(1_685_404_800));
    assert_eq!(in_order(None, "22.05.23 00:00:00"), Ok(1_684_713_600));
    assert_eq!(in_order(None, "23.05.22 00:00:00"), Ok(1_684_713_600));
    // The same either way.
    assert_eq!(at("04/04/2024 10:00"), Ok(1_712_224_800));
}

#[test]
fn lines_have_their_time_in_known_places() {
    for (line, want) in [
        (
            "Jan 18 17:39:50 host sshd[1]: text",
            Some("Jan 18 17:39:50"),
        ),
        (
            "<34>Oct 11 22:14:15 mymachine su: text",
            Some("Oct 11 22:14:15"),
        ),
        (
            "<34>1 2003-10-11T22:14:15.003Z host su - ID47 - text",
            Some("2003-10-11T22:14:15.003Z"),
        ),
        (
            "83 <13>1 2024-04-25T16:00:00+02:00 host app",
            Some("2024-04-25T16:00:00+02:00"),
        ),
        (
            "[2012-02-13 17:21:54] NOTICE[1]: text",
            Some("2012-02-13 17:21:54"),
        ),
        (
            "[Jan 18 17:39:50] VERBOSE[1][C-1] text",
            Some("Jan 18 17:39:50"),
        ),
        (
            "192.0.2.1 - - [25/Apr/2024:16:00:00 +0000] \"GET / HTTP/1.1\" 200",
            Some("25/Apr/2024:16:00:00 +0000"),
        ),
        (
            "2024/04/25 16:00:00 [error] 1#1: text",
            Some("2024/04/25 16:00:00"),
        ),
        (
            "0f0f0f0f-1111-2222-3333-444444444444 2024-04-25 16:00:00.123456 [DEBUG] x",
            Some("2024-04-25 16:00:00.123456"),
        ),
        (
            "1714060800.123 56 192.0.2.1 TCP_MISS/200",
            Some("1714060800.123"),
        ),
        (
            "level=info ts=2024-04-25T16:00:00Z msg=x",
            Some("2024-04-25T16:00:00Z"),
        ),
        (
            "time=\"2024-04-25 16:00:00\" level=info",
            Some("2024-04-25 16:00:00"),
        ),
        ("12/31/21, 22:01 - Ann: hello", Some("12/31/21, 22:01")),
        (
            "\u{200e}[31.12.21, 22:01:05] Ann: hello",
            Some("31.12.21, 22:01:05"),
        ),
        ("Apr 25 16:00:00 2024fe host", Some("Apr 25 16:00:00")),
        (
            "192.168.10.20 - - [25/Apr/2024:16:00:00 +0000] \"GET / HTTP/1.1\" 200",
            Some("25/Apr/2024:16:00:00 +0000"),
        ),
        (
            "2001:db8::10:20 - - [25/Apr/2024:16:00:00 +0000] \"GET / HTTP/1.1\" 200",
            Some("25/Apr/2024:16:00:00 +0000"),
        ),
        (
            "2024-04-25 23:59:59 the last second",
            Some("2024-04-25 23:59:59"),
        ),
        ("10.1.19.5 said so", None),
        ("web_1 | 10:00:00 date=2019-01-01T00:00:00", None),
        ("\tat com.example.Main(Main.java:12)", None),
        ("4165550123 called at noon", None),
        ("INVITE sip:100@192.0.2.1 SIP/2.0", None),
    ] {
        let found = in_line(line.as_bytes()).map(|range| &line[range]);
        assert_eq!(found, want, "{line}");
    }
}

#[test]
fn names_of_files_have_times() {
    for (name, want) in [
        (
            "out-15075550144-108-20230101-000002-1672531202.1.wav",
            Some(1_672_531_202),
        ),
        ("in-4165550123-20240425-160000.wav", Some(1_714_060_800)),
        ("2024-04-25.json", Some(1_714_089_599)),
        ("syslog-20240425.gz", Some(1_714_089_599)),
        ("cdr_cluster_01_202404251600_17", Some(1_714_060_800)),
        ("IMG-20240425-WA0001.jpg", Some(1_714_089_599)),
        ("2024-04-25_16-00-00.vtt", Some(1_714_060_800)),
        ("in-4165550123-20240425-160000-12.vtt", Some(1_714_060_800)),
        (
            "in-4165550123-20240425-160000-1201.vtt",
            Some(1_714_060_800),
        ),
        ("Master.csv", None),
        ("14165550123.wav", None),
        ("99999999.wav", None),
    ] {
        let read = in_name(name.as_bytes());
        assert_eq!(
            read.map(|read| clock("UTC").of(read).unwrap()),
            want,
            "{name}"
        );
    }
}
