use super::*;
use crate::edit::apply;

const CARDS: &[u8] =
    b"BEGIN:VCARD\r\nitem1.TEL;TYPE=CELL:+1 416 55\r\n 5 0123\r\nNOTE:a: b\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nTEL;ENCODING=QUOTED-PRINTABLE:647=2D555=\r\n=2D0148\r\n\
PHOTO;ENCODING=BASE64:\r\n iVBORw0KGgo=\r\n\r\nEND:VCARD\r\n";

#[test]
fn properties_are_told_with_the_lines_they_go_on_in() {
    let read: Vec<_> = properties(CARDS, 0)
        .into_iter()
        .map(|one| {
            let text = |range: Range<usize>| String::from_utf8_lossy(&CARDS[range]).into_owned();
            (text(one.name), text(one.value), one.encoding)
        })
        .filter(|(name, ..)| !["BEGIN", "END"].contains(&name.as_str()))
        .collect();
    let plain = |name: &str, value: &str| (name.to_owned(), value.to_owned(), Encoding::Plain);
    assert_eq!(
        read,
        [
            plain("TEL", "+1 416 55\r\n 5 0123"),
            plain("NOTE", "a: b"),
            (
                "TEL".to_owned(),
                "647=2D555=\r\n=2D0148".to_owned(),
                Encoding::QuotedPrintable
            ),
            (
                "PHOTO".to_owned(),
                "\r\n iVBORw0KGgo=".to_owned(),
                Encoding::Base64
            ),
        ]
    );
}

#[test]
fn folds_are_no_part_of_what_is_read_and_pictures_are_unread() {
    let reader = CardReader {
        records: VCARD.records,
    };
    let chunk = Chunk::whole(CARDS);
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    let texts: Vec<&[u8]> = content.views.iter().skip(1).map(View::text).collect();
    assert_eq!(texts, [b"+1 416 555 0123\x00647-555-0148"]);
    assert_eq!(content.ledger.gaps().len(), 1);
    assert_eq!(index.hints(40).label, Some(&b"TEL"[..]));
}

#[test]
fn a_card_goes_as_a_whole_and_windows_end_behind_one() {
    let reader = CardReader {
        records: VCARD.records,
    };
    let index = reader.index(Chunk::whole(CARDS));
    assert_eq!(index.records(), 2);
    let left = apply(CARDS, &index.drop_record(40).unwrap()).unwrap();
    assert!(left.starts_with(b"BEGIN:VCARD\r\nTEL;ENC"));
    assert_eq!(reader.cut(&CARDS[..CARDS.len() - 4]), Cut::Record(75));
    assert_eq!(reader.cut(&CARDS[..60]), Cut::More);
}
