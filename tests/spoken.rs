//! A slice of `benches/quality/spoken`: values that are told, over turns and cues, read back in
//! pieces, and talk full of numbers that tells none.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Entity, the words of the finding, canonical value.
type Found = (String, String, String);

fn scanned(text: &str) -> Vec<Found> {
    let mut scan = Command::new(env!("CARGO_BIN_EXE_efface"))
        .args(["scan", "--format", "jsonl", "--show-values", "-j", "1", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = scan.stdin.take().expect("it has an input");
    input.write_all(text.as_bytes()).expect("it reads");
    drop(input);
    let output = scan.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout)
        .expect("its report is UTF-8")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("each line is JSON"))
        .filter(|line| line["type"] == "finding")
        .map(|line| {
            let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            (word("entity"), word("value"), word("canonical"))
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str, &str)]) {
    let owned = |(a, b, c): &(&str, &str, &str)| ((*a).into(), (*b).into(), (*c).into());
    let expected: Vec<Found> = expected.iter().map(owned).collect();
    assert_eq!(scanned(text), expected, "{text}");
}

const PHONE: &str = "+14165550123";
const CARD: &str = "4111111111111111";

#[test]
fn a_value_goes_on_over_turns() {
    check(
        "Customer: my number is four one six\nAgent: mm-hm\nCustomer: five five five oh one two three\n",
        &[
            ("phone", "four one six", PHONE),
            ("phone", "five five five oh one two three", PHONE),
        ],
    );
    check(
        "Customer: the card is four one one one one one one one\nAgent: okay\n\
         Customer: double one one one one one one one thanks\n",
        &[
            ("payment_card", "four one one one one one one one", CARD),
            ("payment_card", "double one one one one one one one", CARD),
        ],
    );
    check(
        "Customer: my email is jane dot smith at\nAgent: right\nCustomer: example dot com\n",
        &[
            ("email", "jane dot smith at", "jane.smith@example.com"),
            ("email", "example dot com", "jane.smith@example.com"),
        ],
    );
}

#[test]
fn a_value_goes_on_over_cues() {
    let cue =
        |at: u32, text: &str| format!("00:00:0{at}.000 --> 00:00:0{at}.900\n<v Ann>{text}\n\n");
    let vtt = [
        "my number is four one six triple",
        "five oh one",
        "twenty three okay",
    ];
    let vtt = vtt.iter().zip(1..).map(|(text, at)| cue(at, text));
    let found = scanned(&format!("WEBVTT\n\n{}", vtt.collect::<String>()));
    let [(entity, value, canonical)] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!((entity.as_str(), canonical.as_str()), ("phone", PHONE));
    assert_eq!(value, "four one six triple five oh one twenty three");
}

#[test]
fn a_value_is_known_when_it_is_read_back_in_pieces() {
    check(
        "Customer: my number is four one six five five five oh one two three\n\
         Agent: thank you, and that is the one ending oh one two three?\n",
        &[
            (
                "phone",
                "four one six five five five oh one two three",
                PHONE,
            ),
            ("phone", "oh one two three", PHONE),
        ],
    );
}

#[test]
fn what_is_misheard_or_taken_back_is_still_told() {
    for (text, value) in [
        (
            "call me at four one six no seven five five five oh one two three",
            "+14175550123",
        ),
        (
            "my number is four one six five five five oh one to three",
            PHONE,
        ),
        (
            "my number is four one six banana five five five oh one two three",
            PHONE,
        ),
        (
            "my number is four one six five five five oh won two three",
            PHONE,
        ),
        (
            "it's four sixteen five fifty five oh one twenty three",
            PHONE,
        ),
        ("it is 416 five five five 01 23 thanks", PHONE),
    ] {
        let found = scanned(text);
        let canonical: Vec<&str> = found
            .iter()
            .map(|(.., canonical)| canonical.as_str())
            .collect();
        assert_eq!(canonical, [value], "{text}");
    }
}

#[test]
fn talk_full_of_numbers_tells_none() {
    for text in [
        "Agent: that comes to forty two dollars and ninety nine cents\nCustomer: twenty twenty five\n",
        "Agent: they were up three nothing then three one then three two then four two\n\
         Customer: six four three six seven five that was the match\n",
        "the confirmation number is eight four one six five five five oh one two",
        "take highway four oh one to exit forty one thirty two then route eighty six",
        "we need forty six of the small and sixty three of the large and seventy eight of the others",
        "the bus leaves at six ten six thirty six fifty and seven ten",
        "testing one two three one two three can you hear me",
        "press one for sales two for support three for billing or zero for an operator",
        "it's version nine dot eleven dot four dot seventeen",
        "shop online at example dot com",
        "one of the two has to go at the end of the day",
    ] {
        check(text, &[]);
    }
}
