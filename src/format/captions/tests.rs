use super::*;

const FILE: &str = "WEBVTT - a title\n\nNOTE\nnothing\n\nfirst\n00:01.000 --> 00:02.000\n\
    <v Agent>What is your <i>number</i>?\n\n00:02.000 --> 00:03.000\nCaller: 416 555\n\n\
    3\n00:03.000 --> 00:04.000\n01<00:03.500>23 &amp; thanks\n\n4\n00:04.000 --> 00:05.000\nbye\n\n\
    5\n00:05.000 --> 00:06.000\nbye\n\n6\n00:06.000 --> 00:07.000\nbye\n";

fn reader() -> Box<dyn Reader> {
    VTT.open(&head(b""))
}

fn head(text: &[u8]) -> Head<'_> {
    Head {
        text,
        name: "a",
        whole: true,
    }
}

#[test]
fn captions_are_told_by_their_first_lines() {
    for (text, vtt, srt) in [
        (&b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n"[..], true, false),
        (b"WEBVTT - title\r\n", true, false),
        (b"WEBVTTX\n", false, false),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nx\r\n", false, true),
        (b"\n12\n1:00:01,000 --> 1:00:02,000 X1:0\nx", false, true),
        (b"1\nx --> y\n", false, false),
        (b"", false, false),
    ] {
        assert_eq!(VTT.sniff(&head(text)).is_some(), vtt);
        assert_eq!(SRT.sniff(&head(text)).is_some(), srt);
    }
}

#[test]
fn what_is_said_is_one_text_and_the_rest_stands_as_it_is() {
    let reader = reader();
    let chunk = Chunk::whole(FILE.as_bytes());
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    assert_eq!(
        String::from_utf8_lossy(content.views[1].text()),
        "What is your number?\0Caller: 416 555 0123 & thanks"
    );
    for (said, record, party) in [
        ("What", Some(0), Some("agent")),
        ("416", Some(1), Some("caller")),
        ("23 &", Some(2), None),
        ("nothing", None, None),
    ] {
        let place = index.locate(FILE.find(said).unwrap());
        assert_eq!(place.record, record, "{said}");
        assert_eq!(place.party.map(crate::view::Party::name), party, "{said}");
    }
    assert_eq!(index.records(), 6);
}

#[test]
fn a_cue_goes_with_those_its_number_goes_on_in() {
    let reader = reader();
    let chunk = Chunk::whole(FILE.as_bytes());
    let splices = reader
        .drop_record(chunk, FILE.find("416").unwrap())
        .unwrap();
    let range = splices[0].range.start as usize..splices[0].range.end as usize;
    assert!(FILE[range.clone()].starts_with("00:02.000"));
    assert!(FILE[range.end..].starts_with("4\n00:04"));
    let splices = reader
        .drop_record(chunk, FILE.find("bye").unwrap())
        .unwrap();
    let range = splices[0].range.start as usize..splices[0].range.end as usize;
    assert_eq!(&FILE[range], "4\n00:04.000 --> 00:05.000\nbye\n\n");
}

#[test]
fn a_cut_holds_three_cues_and_no_part_of_a_number() {
    let cut = |text: &str| match reader().cut(text.as_bytes()) {
        Cut::Record(at) => text[at..].lines().next().unwrap().to_owned(),
        Cut::Within(_) | Cut::More => "more".to_owned(),
    };
    assert_eq!(cut(FILE), "4");
    let four = FILE.find("4\n00:04").unwrap();
    assert_eq!(
        cut(&FILE[..FILE.find("5\n00:05").unwrap()]),
        "00:02.000 --> 00:03.000"
    );
    assert_eq!(cut(&FILE[four..]), "more");
}

#[test]
fn cues_without_a_blank_line_between_them_are_cues() {
    let text =
        b"1\n00:01,000 --> 00:02,000\nyes\n2\n00:02,000 --> 00:03,000\nno\n00:03,000 --> 4\nx";
    let found = cues(text, 0);
    let texts: Vec<_> = found
        .iter()
        .map(|cue| text[cue.text.clone()].trim_ascii())
        .collect();
    assert_eq!(texts, [&b"yes"[..], b"no", b"x"]);
    assert_eq!(
        found[1].start,
        memchr::memmem::find(text, b"2\n00:02,000").unwrap()
    );
    assert_eq!(found.last().unwrap().end, text.len());
}

#[test]
fn notes_behind_a_cue_are_no_part_of_it() {
    let text = b"WEBVTT\n\n00:01.000 --> 00:02.000\nyes\n\nNOTE a\nlong note\n\n00:02.000 --> 00:03.000\nno";
    let found = cues(text, 0);
    let ends: Vec<_> = found.iter().map(|cue| &text[cue.start..cue.end]).collect();
    assert_eq!(
        ends,
        [
            &b"00:01.000 --> 00:02.000\nyes\n\n"[..],
            b"00:02.000 --> 00:03.000\nno"
        ]
    );
}

/// What is joined when every cue of the text is read.
fn joined_all(text: &[u8], from: usize) -> Decoded {
    let mut joiner = Joiner::default();
    for cue in cues(text, from) {
        joiner.add(text, &cue);
    }
    joiner.out
}

/// What of it has to be read: without the cues that only ask for a value in the next one.
fn needed(text: &[u8], from: usize) -> Vec<Vec<u8>> {
    let mut joiner = Joiner::default();
    let mut all = Vec::new();
    for cue in cues(text, from) {
        let (before, comes_on) = (joiner.out.text.len(), joiner.comes_on);
        joiner.add(text, &cue);
        let payload = &text[cue.text.clone()];
        if joiner.out.text.len() > before && (comes_on || joiner.comes_on || is_marked(payload)) {
            all.push(joiner.out.text[before..].trim_ascii().to_vec());
        }
    }
    all
}

fn assert_joined(text: &[u8], from: usize) {
    let (found, wanted) = (joined(text, from), joined_all(text, from));
    let shown = String::from_utf8_lossy(text);
    if found.text == wanted.text {
        assert_eq!(found.holes, wanted.holes, "{shown:?} from {from}");
        assert_eq!(found.breaks, wanted.breaks, "{shown:?} from {from}");
        return;
    }
    // A cue that asks may be too far off to be met.
    assert!(
        found.text.len() < wanted.text.len(),
        "{shown:?} from {from}"
    );
    let mut rest = &found.text[..];
    for part in needed(text, from) {
        let part = part.strip_prefix(b"\0").unwrap_or(&part).trim_ascii();
        let at = memchr::memmem::find(rest, part);
        let at = at.unwrap_or_else(|| panic!("{part:?} of {shown:?} from {from}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn only_what_goes_on_is_read_and_nothing_of_it_is_missed() {
    for text in [
        FILE,
        "1\n00:01,000 --> 00:02,000\n416\n555\n\nNOTE 5\n\n00:01 --> 2\n0123",
        "00:01 --> 2\ncall 416\n12\n00:02 --> 3\n555\n13\n00:03 --> 4\n0123\n",
        "\n00:01 --> 2\na five\n\n\n00:02 --> 3\nfive\n\n",
        " 7\n 00:01 --> 2\n a &amp; b\n",
        "x --> 5\n00:01 --> 2\ny --> 5\n\n00:02 --> 3\n0123",
        "\n00:00:01.000 --> 00:00:02.000\nhe said five?\n\n\n00:00:01.000 --> 00:00:02.000\n7",
    ] {
        for from in [0, 2] {
            assert_joined(text.as_bytes(), from);
            assert_joined(text.replace('\n', "\r\n").as_bytes(), from);
        }
    }
}

proptest::proptest! {
    #[test]
    fn what_is_passed_over_joins_nothing(
        lines in proptest::collection::vec(
            proptest::sample::select(vec![
                "", "", " ", "7", "12 ", "00:00:01.000 --> 00:00:02.000",
                "a 5:00:01.0 --> 00:00:02.000 5", "00:00:01.0 -->", "he said five?", "so \"416\"", "00:01 --> 00:02", " 1 --> 2", "x --> 3", "5 -> 6",
                "NOTE 5", "WEBVTT", "<v Ann>call me.", "four one six", "416-", "a <b>5</b>", "<i>",
                "5</i>", "x<b>5", "&amp;", "{\\an8}ja, ", "555,", "so far.", "0123\r", "\r", "\r\r",
                "a line that is longer than a block of sixty-four bytes, which is 64 or more.",
            ]),
            0..24,
        ),
        returns: bool,
        ended: bool,
        from in 0..3usize,
    ) {
        let end = if returns { "\r\n" } else { "\n" };
        let mut text = lines.join(end);
        if ended {
            text.push_str(end);
        }
        // A chunk starts behind a line.
        let from = lines.iter().take(from).map(|line| line.len() + end.len()).sum::<usize>();
        assert_joined(text.as_bytes(), from.min(text.len()));
    }
}
