use super::*;
use crate::edit::apply;

fn entries() -> Vec<u8> {
    let mut out = b"__CURSOR=s=1\n_PID=1\nMESSAGE\n".to_vec();
    let message = b"call 416-555-0123\n\nand 416";
    out.extend((message.len() as u64).to_le_bytes());
    out.extend(message);
    out.extend(b"\nPRIORITY=6\n\n__CURSOR=s=2\nMESSAGE=ok\n\n");
    out
}

const FRAMES: &[u8] = b"16 <34>1 416555012321 <34>1 647-555-0148 ok";

fn splice(range: Range<usize>, bytes: &[u8]) -> Splice {
    Splice {
        range: range.start as u64..range.end as u64,
        bytes: bytes.into(),
    }
}

#[test]
fn lengths_are_believed_where_what_they_count_ends_as_it_should() {
    let text = entries();
    let parsed = journal::parse(&text, 0);
    assert_eq!(parsed.records.len(), 2);
    let names: Vec<_> = parsed
        .pieces
        .iter()
        .map(|one| &text[one.name.clone()])
        .collect();
    let expected: [&[u8]; 6] = [
        b"__CURSOR",
        b"_PID",
        b"MESSAGE",
        b"PRIORITY",
        b"__CURSOR",
        b"MESSAGE",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        &text[parsed.pieces[2].text.clone()],
        b"call 416-555-0123\n\nand 416"
    );
    let frames = frames::parse(FRAMES, 0);
    let said: Vec<_> = frames
        .pieces
        .iter()
        .map(|one| &FRAMES[one.text.clone()])
        .collect();
    let expected: [&[u8]; 2] = [b"<34>1 4165550123", b"<34>1 647-555-0148 ok"];
    assert_eq!(said, expected);
}

#[test]
fn a_change_of_width_changes_the_length_before_it() {
    let text = entries();
    let reader = FramedReader { kind: JOURNAL.kind };
    let at = memchr::memmem::find(&text, b"416-555-0123").unwrap();
    let mut edits = vec![splice(at..at + 12, b"[PHONE]")];
    edits.extend(reader.settle(Chunk::whole(&text), &edits.clone()));
    edits.sort_by_key(|edit| edit.range.start);
    let new = apply(&text, &edits).unwrap();
    let parsed = journal::parse(&new, 0);
    assert_eq!(
        &new[parsed.pieces[2].text.clone()],
        b"call [PHONE]\n\nand 416"
    );
    assert_eq!(parsed.records.len(), 2);

    let frames = b"19 <34>1 4165550123 ok14 <34>1 an entry";
    let reader = FramedReader { kind: SYSLOG.kind };
    let at = memchr::memmem::find(frames, b"4165550123").unwrap();
    let mut edits = vec![splice(at..at + 10, b"[PHONE]")];
    edits.extend(reader.settle(Chunk::whole(frames), &edits.clone()));
    edits.sort_by_key(|edit| edit.range.start);
    let new = apply(frames, &edits).unwrap();
    assert_eq!(new, b"16 <34>1 [PHONE] ok14 <34>1 an entry");
}
