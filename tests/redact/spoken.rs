//! R1, R7, R8 for values that are told: their words go, all else stays, and a second run finds
//! nothing.

use crate::bench::Bench;

const TALK: &str = "Customer: my number is four one six\nAgent: mm-hm\n\
    Customer: five five five oh one two three\n\
    Agent: ending oh one two three and your email?\n\
    Customer: jane dot smith at example dot com\n";

const VTT: &str = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ann>My card is four one one one one one \
    one\n\n00:00:03.000 --> 00:00:04.000\n<v Bob>Mm-hm.\n\n00:00:05.000 --> 00:00:06.000\n<v Ann>one \
    double one one one one one one one okay?\n\n00:00:07.000 --> 00:00:08.000\n<v Bob>Thank you.\n";

fn masked(text: &str, values: &[&str]) -> String {
    values.iter().fold(text.to_owned(), |text, value| {
        text.replacen(value, &"*".repeat(value.len()), 1)
    })
}

#[test]
fn told_values_are_masked_and_nothing_is_found_again() {
    let talk = masked(
        TALK,
        &[
            "four one six",
            "five five five oh one two three",
            "oh one two three",
            "jane dot smith at example dot com",
        ],
    );
    let vtt = masked(
        VTT,
        &[
            "four one one one one one one",
            "one double one one one one one one one",
        ],
    );
    for (name, before, after) in [("a.txt", TALK, talk), ("a.vtt", VTT, vtt)] {
        let bench = Bench::new();
        let path = bench.put(name, before);
        let path = path.to_str().unwrap();
        let ran = bench.run(&["redact", "--in-place", path]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert_eq!(String::from_utf8(bench.get(name)).unwrap(), after, "{name}");
        let ran = bench.run(&["scan", path]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.out);
        let ran = bench.run(&["redact", "--in-place", path]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert_eq!(String::from_utf8(bench.get(name)).unwrap(), after, "{name}");
    }
}

#[test]
fn labels_in_the_place_of_told_values_are_no_findings() {
    for (name, text) in [("a.txt", TALK), ("a.vtt", VTT)] {
        let bench = Bench::new();
        let path = bench.put(name, text);
        let path = path.to_str().unwrap();
        let ran = bench.run(&["redact", "--in-place", "--operator", "label", path]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let ran = bench.run(&["scan", path]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.out);
    }
}
