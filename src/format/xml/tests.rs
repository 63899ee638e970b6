use super::*;
use crate::edit::apply;

fn head(text: &[u8]) -> Head<'_> {
    Head {
        text,
        name: "a.xml",
        whole: true,
    }
}

#[test]
fn documents_are_told_by_their_beginning() {
    for (text, want) in [
        (&b"<?xml version='1.0'?><a/>"[..], Some(Likeness::Certain)),
        (b"<smses count='0'></smses>", Some(Likeness::Certain)),
        (b"\n<a><b>1</b><b>2</b></a>", Some(Likeness::Likely)),
        (b"<13>1 2024-05-02T10:11:12Z host app - - - text", None),
        (b"<!DOCTYPE html><html><p>text</html>", None),
        (b"<jane@example.com> wrote", None),
        (b"<a> some words </a> and some more", None),
        (b"{\"a\": \"<b/>\"}", None),
        (b"", None),
    ] {
        assert_eq!(
            Xml.sniff(&head(text)),
            want,
            "{}",
            String::from_utf8_lossy(text)
        );
    }
}

#[test]
fn places_are_told_by_record_path_and_party() {
    let text: &[u8] = b"<log><calls><c:call caller='x1'><to>x2</to></c:call><c:call>\
        <note kind=\"x3\">x4</note></c:call></calls><end>x5</end></log>";
    let reader = Xml.open(&head(text));
    let index = reader.index(Chunk::whole(text));
    for (value, record, field, party) in [
        ("x1", Some(0), "caller", Some("caller")),
        ("x2", Some(0), "to", Some("recipient")),
        ("x3", Some(1), "note.kind", None),
        ("x4", Some(1), "note", None),
        ("x5", None, "log.end", None),
    ] {
        let at = memchr::memmem::find(text, value.as_bytes()).unwrap();
        let place = index.locate(at);
        assert_eq!(place.record, record, "{value}");
        assert_eq!(place.field.as_deref(), Some(field), "{value}");
        assert_eq!(place.party.map(crate::view::Party::name), party, "{value}");
        let hints = index.hints(at);
        assert_eq!(hints.value, Some(at..at + 2), "{value}");
        let label = field.rsplit('.').next().unwrap();
        assert_eq!(hints.label, Some(label.as_bytes()), "{value}");
    }
    assert_eq!(index.records(), 2);
}

#[test]
fn broken_markup_is_text_and_costs_its_neighbours_nothing() {
    let text: &[u8] =
        b"<a><r n=\"1\">x</r><r n=\"2>x</r> < & <!-- <r n='3'>y</r><r n='4'>z</r></a>";
    let reader = Xml.open(&head(text));
    let chunk = Chunk::whole(text);
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    assert_eq!(content.views[0].text(), text);
    assert_eq!(content.ledger.bytes_read(), text.len() as u64);
    let at = memchr::memmem::find(text, b"'4'").unwrap() + 1;
    assert_eq!(index.locate(at).field.as_deref(), Some("n"));
    let splices = index.drop_record(at).unwrap();
    let left = apply(text, &splices).unwrap();
    assert!(left.ends_with(b"<r n='3'>y</r></a>"));
}

#[test]
fn entities_are_never_expanded() {
    let text = b"<!DOCTYPE a [<!ENTITY b \"&c;&c;\"><!ENTITY c \"4165550123\">]><a>&b; &amp; 1</a>";
    let reader = Xml.open(&head(text));
    let chunk = Chunk::whole(text);
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    let texts: Vec<_> = content.views.iter().map(|view| view.text()).collect();
    assert_eq!(texts, [&text[..], b"&b; & 1"]);
    let unread: Vec<_> = content
        .ledger
        .gaps()
        .iter()
        .map(|(place, _)| &text[place.clone()])
        .collect();
    assert_eq!(unread, [b"&c;", b"&c;", b"&b;"]);
}

#[test]
fn references_to_what_a_document_type_may_say_are_not_read() {
    for (text, unread) in [
        ("<?xml version='1.0'?><a>&b; &eacute;</a>", 0),
        ("<!DOCTYPE a [<!ELEMENT a ANY>]><a>&b;</a>", 0),
        (
            "<!DOCTYPE a [<!ENTITY b '+1 416-'>]><a>&b;555-0123 &amp; &#49;</a>",
            1,
        ),
        (
            "<!DOCTYPE a [<!ENTITY b 'B and Sons'>]><a n='&b;'>by &b;<c/>&b;2, &b;</a>",
            1,
        ),
        (
            "<!DOCTYPE a [<!ENTITY b '&#49;'><!ENTITY b 'B'>]><a>&b;</a>",
            1,
        ),
        (
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'b'><!ENTITY c 'B'> %d;]><a>&b; &c;</a>",
            2,
        ),
        ("<!DOCTYPE a SYSTEM 'a.dtd'><a n=\"&b.c;\">R&D; &d</a>", 2),
    ] {
        let reader = Xml.open(&head(text.as_bytes()));
        let chunk = Chunk::whole(text.as_bytes());
        let index = reader.index(chunk);
        let content = reader.read(chunk, &*index);
        assert_eq!(content.ledger.gaps().len(), unread, "{text}");
    }
}

#[test]
fn text_is_read_across_what_divides_it() {
    for (text, read) in [
        ("<a>1<![CDATA[2&amp;]]>3</a>", &["12&amp;3"][..]),
        ("<a><![CDATA[1]]><![CDATA[2]]></a>", &["12"]),
        ("<a>1<!-- x -->2<?y z?>&#51;</a><b>4</b>", &["123"]),
        ("<a>\n <!-- x -->\n <b>1</b> <![CDATA[2]]></a>", &[]),
        ("<a>1<b/>2</a>", &[]),
        ("<a>1<!-- x --> <!-- y -->2", &["1 2"]),
        ("<a>&lt;<b n='&amp;'>1</b>2<!---->3</a>", &["<", "&", "23"]),
        ("<a>&#49;</a><b>2</b><c>3<!-- x --></c><d>4</d>", &["1"]),
    ] {
        let reader = Xml.open(&head(text.as_bytes()));
        let chunk = Chunk::whole(text.as_bytes());
        let index = reader.index(chunk);
        let content = reader.read(chunk, &*index);
        let decoded = content.views.get(1).map(|view| view.text().to_vec());
        let want = (!read.is_empty()).then(|| read.join("\0").into_bytes());
        assert_eq!(decoded, want, "{text}");
    }
}

#[test]
fn deep_nesting_is_counted_and_not_followed() {
    let mut text = "<a>".repeat(100_000);
    text.push_str("<r>x</r>");
    text.push_str(&"</a>".repeat(100_000));
    let reader = Xml.open(&head(text.as_bytes()));
    let index = reader.index(Chunk::whole(text.as_bytes()));
    let at = text.find('x').unwrap();
    assert!(index.locate(at).field.unwrap().len() <= 512);
    assert!(index.hints(at).value.is_some());
}

#[test]
fn a_long_document_is_cut_before_a_record_and_keeps_its_count() {
    let record = "<sms address=\"+14165550123\" body=\"<![CDATA[ &lt;sms \" />";
    let mut text = "<smses count=\"20000\">".to_owned();
    for _ in 0..20_000 {
        text.push_str(record);
    }
    let reader = Xml.open(&head(&text.as_bytes()[..HEAD]));
    assert_eq!(reader.cut(&text.as_bytes()[..SMALLEST_CUT - 1]), Cut::More);
    let Cut::Record(cut) = reader.cut(&text.as_bytes()[..SMALLEST_CUT + 7]) else {
        panic!("there is a place to cut")
    };
    assert!(text[cut..].starts_with("<sms "), "{}", &text[cut..cut + 20]);
    assert!(cut > SMALLEST_CUT - 100);
    // The number of all that go is written where the beginning is, once it is known.
    reader.expect_drops(7);
    let settled = reader.settle(Chunk::whole(&text.as_bytes()[..cut]), &[]);
    let left = apply(&text.as_bytes()[..cut], &settled).unwrap();
    assert!(left.starts_with(b"<smses count=\"19993\"><sms "));
    let later = Chunk::whole(&text.as_bytes()[cut..]);
    assert!(reader.settle(later, &[]).is_empty());
}

const HEAD: usize = super::super::HEAD_LEN;

#[test]
fn base64_parts_of_message_backups_are_read_or_named() {
    let read = |root: &str, data: &str| {
        let text =
            format!("<{root}><mms><parts><part ct='x' data=\"{data}\" /></parts></mms></{root}>");
        let reader = Xml.open(&head(text.as_bytes()));
        let chunk = Chunk::whole(text.as_bytes());
        let index = reader.index(chunk);
        let content = reader.read(chunk, &*index);
        let more = content.views.iter().skip(1);
        let texts: Vec<String> = more
            .map(|view| String::from_utf8_lossy(view.text()).into_owned())
            .collect();
        let gap = content
            .ledger
            .gaps()
            .first()
            .map(|(_, reason)| reason.name());
        (texts.join("|"), gap)
    };
    assert_eq!(
        read("smses", "VEVMOjQxNi01NTUtMDEyMw=="),
        ("TEL:416-555-0123".to_owned(), None)
    );
    assert_eq!(
        read("smses", "iVBORw0KGgoAAAANSUhEUg==").1.as_deref(),
        Some("unsupported:png")
    );
    assert_eq!(read("smses", "null"), (String::new(), None));
    assert_eq!(
        read("smses", "not-valid-base64-content!!"),
        (String::new(), None)
    );
    assert_eq!(read("export", "+14165550123"), (String::new(), None));
    // One that goes on behind the window, and the rest of one that began before it.
    let long = "QUJD".repeat(40);
    let reader = Xml.open(&head(b"<smses count='1'>"));
    for text in [
        format!("<mms><part data='{long}"),
        format!("{long}'/></mms>"),
    ] {
        let chunk = Chunk::whole(text.as_bytes());
        let index = reader.index(chunk);
        let content = reader.read(chunk, &*index);
        assert_eq!(content.ledger.gaps()[0].1, Reason::Limit);
        assert_eq!(content.ledger.gaps()[0].0.len(), long.len());
    }
}
