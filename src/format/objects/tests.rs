use super::*;

/// Written by hand after the `NSArchiver` format: an attributed string with one run.
fn stream(text: &str) -> Vec<u8> {
    let mut out = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\0\x84\x84\x08NSObject\0\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+".to_vec();
    if text.len() < 0x80 {
        out.push(text.len() as u8);
    } else {
        out.push(0x81);
        out.extend((text.len() as u16).to_le_bytes());
    }
    out.extend(text.as_bytes());
    out.extend(b"\x86\x84\x02iI\x01\x05\x92\x84\x84\x84\x0cNSDictionary\0\x94\x84\x01i\x01\x92\x84\x96\x96\x1d__kIMMessagePartAttributeName\x86\x92\x84\x84\x84\x08NSNumber\0\x84\x84\x07NSValue\0\x94\x84\x01*\x84\x99\x99\0\x86\x86\x86");
    out
}

/// Written by hand after `CFBinaryPList.c`: an array of the given objects.
fn plist(objects: &[&[u8]]) -> Vec<u8> {
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.push(out.len() as u8);
        out.extend(*object);
    }
    let table = out.len() as u64;
    out.extend(&offsets);
    out.extend([0, 0, 0, 0, 0, 0, 1, 1]);
    out.extend((offsets.len() as u64).to_be_bytes());
    out.extend(0u64.to_be_bytes());
    out.extend(table.to_be_bytes());
    out
}

fn texts(bytes: &[u8]) -> (Vec<String>, usize) {
    let mut out = Unarchived::default();
    unarchive(bytes, 0..bytes.len(), &mut out);
    let texts = out.texts.text.split(|&b| b == 0);
    let texts = texts.map(|text| String::from_utf8_lossy(text).into_owned());
    (texts.collect(), out.unread.len())
}

#[test]
fn the_strings_of_a_stream_are_told_from_their_lengths() {
    let long = "Ça va. ".repeat(40);
    for text in [
        "416-555-0123",
        "a text of forty-nine bytes whose length is a digit",
        &long,
    ] {
        let (texts, unread) = texts(&stream(text));
        assert_eq!(texts, [text, "__kIMMessagePartAttributeName"]);
        assert_eq!(unread, 0);
    }
}

#[test]
fn the_strings_of_a_property_list_are_read_in_either_width_and_within_each_other() {
    let inner = stream("call 647-555-0148");
    let mut data = vec![0x4f, 0x11, 0, inner.len() as u8];
    data.extend(&inner);
    let mut wide = vec![0x63];
    wide.extend("Zoë".encode_utf16().flat_map(u16::to_be_bytes));
    let list = plist(&[b"\xa3\x01\x02\x03", b"\x5c416-555-0123", &wide, &data]);
    let (texts, unread) = texts(&list);
    assert_eq!(
        texts,
        [
            "416-555-0123",
            "Zoë",
            "call 647-555-0148",
            "__kIMMessagePartAttributeName"
        ]
    );
    assert_eq!(unread, 0);
}

#[test]
fn what_is_cut_short_or_holds_something_else_is_not_called_read() {
    let whole = stream("416-555-0123");
    for end in typed::MAGIC.len()..whole.len() {
        // The last bytes close what was open; without them the stream is not whole.
        assert_eq!(texts(&whole[..end]).1, 1, "{end}");
    }
    let list = plist(&[b"\x41", b"\x44\0\x01\x02\x03"]);
    assert_eq!(texts(&list).1, 1);
    for end in plist::MAGIC.len()..list.len() {
        assert_eq!(texts(&list[..end]).1, 1, "{end}");
    }
}
