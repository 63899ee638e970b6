use super::*;
use crate::edit::apply;

fn head<'a>(text: &'a [u8], name: &'a str) -> Head<'a> {
    Head {
        text,
        name,
        whole: true,
    }
}

#[test]
fn mail_is_told_by_its_headers_and_folders_by_their_first_line() {
    for (text, name, eml, mbox) in [
        (
            &b"From: a@example.com\nTo: b@example.com\n\nx"[..],
            "a",
            true,
            false,
        ),
        (b"X-A: 1\nSubject: s\n folded\n\nx", "a.eml", true, false),
        (
            b"From a Thu May  2 10:11:12 2024\nFrom: a\n\nx",
            "a",
            false,
            true,
        ),
        (b"From here to there\nTo: b\n\nx", "a", false, false),
        (
            b"INVITE sip:a@example.com SIP/2.0\nFrom: a\nTo: b\n\n",
            "a",
            false,
            false,
        ),
        (b"Agent: hello\nCaller: hi\n", "a", false, false),
        (b"", "a.eml", false, false),
    ] {
        let text_ = String::from_utf8_lossy(text);
        assert_eq!(EML.sniff(&head(text, name)).is_some(), eml, "{text_}");
        assert_eq!(MBOX.sniff(&head(text, name)).is_some(), mbox, "{text_}");
    }
}

/// The texts of the views but the first, and why bytes are unread.
fn read(body: &str) -> (Vec<String>, Vec<String>) {
    let text = format!("From: a\nTo: b\n{body}");
    let reader = EML.open(&head(b"", "a"));
    let chunk = Chunk::whole(text.as_bytes());
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    let views = content.views.iter().skip(1);
    let texts = views.map(|view| String::from_utf8_lossy(view.text()).into_owned());
    let gaps = content
        .ledger
        .gaps()
        .iter()
        .map(|(_, reason)| reason.name());
    (texts.collect(), gaps.collect())
}

#[test]
fn parts_are_read_decoded_or_named_as_unread() {
    let base64 = "Content-Transfer-Encoding: base64\n";
    for (body, texts, gaps) in [
        ("\nplain", &[][..], &[][..]),
        (
            "Content-Transfer-Encoding: Quoted-Printable\n\na=3Db =\n c=\r\n=zz",
            &["a=b  c=zz"],
            &[],
        ),
        (&format!("{base64}\naGVs\r\nbG8=\r\n"), &["hello"], &[]),
        (
            &format!("{base64}\niVBORw0KGgoAAAANSUhEUg==\n"),
            &[],
            &["unsupported:png"],
        ),
        (&format!("{base64}\nAAECAwQFBgcICQ==\n"), &[], &["opaque"]),
        (&format!("{base64}\nnot base64 at all\n"), &[], &[]),
        (
            &format!("{base64}\n{}!\n", "aGVsbG8g".repeat(10)),
            &[],
            &["malformed"],
        ),
        (&format!("{base64}\n//5oAGkA\n"), &["hi"], &[]),
        (
            "Content-Type: text/plain; charset=utf-7\n\n1+AEA-+- +AOQA9g,+\n",
            &["1@+ \u{e4}\u{f6},+\n"],
            &[],
        ),
        (
            "Content-Transfer-Encoding: x-uuencode\n\nbegin\n",
            &[],
            &["unsupported:uuencode"],
        ),
        (
            "\nhi\nbegin 644 a.txt\n#0V%T\n`\nend\nbye\n=ybegin size=1 name=b\nx\n=yend size=1\n",
            &[],
            &["unsupported:uuencode", "unsupported:yenc"],
        ),
        (
            "\nhi\n(This file must be converted with BinHex 4.0)\n\n:x:\n",
            &[],
            &["malformed"],
        ),
        (
            "\nWe\nbegin 644 today\nand end\nbegin 12\n#0V%T\n",
            &[],
            &[],
        ),
        (
            "X: =?utf-8?q?a_b?= =?utf-8?b?aGk=?=\n\n",
            &["a b", "hi"],
            &[],
        ),
    ] {
        assert_eq!(
            read(body),
            (
                texts.iter().map(|one| (*one).to_owned()).collect(),
                gaps.iter().map(|one| (*one).to_owned()).collect(),
            ),
            "{body}"
        );
    }
}

#[test]
fn nesting_is_followed_to_its_limit() {
    let mut text = String::new();
    for depth in 0..1000 {
        use std::fmt::Write as _;
        write!(
            text,
            "Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"
        )
        .unwrap();
    }
    text.push_str("Content-Transfer-Encoding: base64\n\naGVsbG8=\n");
    assert_eq!(read(&text).1, ["limit"]);
}

#[test]
fn lengths_follow_the_body() {
    let text =
        b"From a Thu May  2 10:11:12 2024\nFrom: a\nContent-Length:  5 \nLines: 2\n\n1\n23\n";
    let reader = MBOX.open(&head(b"", "a"));
    let at = text.len() as u64 - 4;
    let edits = [Splice {
        range: at - 1..at,
        bytes: b"[NAME]"[..].into(),
    }];
    let mut all = reader.settle(Chunk::whole(text), &edits);
    all.extend(edits);
    all.sort_by_key(|splice| splice.range.start);
    let new = apply(text, &all).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&new),
        "From a Thu May  2 10:11:12 2024\nFrom: a\nContent-Length:  10 \nLines: 2\n\n[NAME]\n23\n"
    );
}

#[test]
fn a_message_longer_than_can_be_held_is_not_taken_apart() {
    let text = format!(
        "From a Thu May  2 10:11:12 2024\nTo: b\n\n{}",
        "x\n".repeat(SMALLEST_CUT)
    );
    let reader = MBOX.open(&head(b"", "a"));
    assert_eq!(reader.cut(text.as_bytes()), Cut::More);
    assert!(
        reader
            .drop_record(Chunk::whole(text.as_bytes()), 40)
            .is_err()
    );
    let rest = Chunk::whole(&text.as_bytes()[60..]);
    let index = reader.index(rest);
    let content = reader.read(rest, &*index);
    assert_eq!(content.ledger.bytes_read(), 0);
    assert_eq!(content.views.len(), 1);
}
