use super::*;
use crate::edit::apply;

const MYSQL: &[u8] = b"-- MySQL dump 10.13\nCREATE TABLE `cdr` (\n  `src` varchar(80) DEFAULT 'a,b',\n  \
`num` bigint(20) NOT NULL,\n  KEY `src` (`src`)\n);\nINSERT INTO `cdr` VALUES ('it\\'s (1',1),('b',2),(NULL,3);\n\
INSERT INTO `cdr` (`num`) VALUES (4);\n";
const COPY: &[u8] =
    b"COPY public.cdr (src, note) FROM stdin;\n416\ta\\tb\n647\t\\N\n\\.\nSELECT 1;\n";

fn rows(text: &[u8], slashes: bool) -> Vec<Vec<String>> {
    let dump = walk::read(text, 0, slashes);
    let cell = |cell: &walk::Cell| String::from_utf8_lossy(&text[cell.text.clone()]).into_owned();
    let rows = dump.rows.iter();
    rows.map(|row| dump.cells[row.cells.clone()].iter().map(cell).collect())
        .collect()
}

fn opened(text: &[u8]) -> Box<dyn Reader> {
    let head = Head {
        text,
        name: "dump.sql",
        whole: true,
    };
    Sql.open(&head)
}

/// What is left of `text` when the rows that hold one of `gone` are dropped.
fn without(text: &[u8], gone: &[&str]) -> String {
    let reader = opened(text);
    let chunk = Chunk::whole(text);
    let index = reader.index(chunk);
    let mut edits = Vec::new();
    for value in gone {
        let at = memchr::memmem::find(text, value.as_bytes()).unwrap();
        edits.extend(index.drop_record(at).unwrap());
    }
    edits.extend(reader.settle(chunk, &edits));
    edits.sort_by_key(|edit| edit.range.start);
    String::from_utf8(apply(text, &edits).unwrap()).unwrap()
}

#[test]
fn rows_are_told_from_what_only_looks_like_them() {
    assert_eq!(
        rows(MYSQL, true),
        [
            vec!["it\\'s (1", "1"],
            vec!["b", "2"],
            vec!["NULL", "3"],
            vec!["4"]
        ]
    );
    assert_eq!(
        rows(COPY, false),
        [vec!["416", "a\\tb"], vec!["647", "\\N"]]
    );
    let quoted = b"INSERT INTO t VALUES ('a''b', E'c\\'d', X'3431', now(1), 'e\nf');";
    assert_eq!(
        rows(quoted, false),
        [["a''b", "c\\'d", "3431", "now(1)", "e\nf"]]
    );
}

#[test]
fn columns_have_the_names_and_kinds_of_their_table() {
    let reader = opened(MYSQL);
    let index = reader.index(Chunk::whole(MYSQL));
    let at = |value: &[u8]| memchr::memmem::find(MYSQL, value).unwrap();
    assert_eq!(index.hints(at(b"'b',2") + 1).label, Some(&b"src"[..]));
    assert_eq!(index.hints(at(b"(4)") + 1).label, Some(&b"num"[..]));
    assert_eq!(
        index.locate(at(b"'b',2") + 4).field.as_deref(),
        Some("cdr.num")
    );
    assert_eq!(
        index.slot(at(b"(4)") + 1..at(b"(4)") + 2).kind,
        crate::format::SlotKind::Number
    );
}

#[test]
fn rows_go_with_their_commas_and_statements_with_their_last_row() {
    let left = without(MYSQL, &["'b',2"]);
    assert!(left.contains("VALUES ('it\\'s (1',1),(NULL,3);"), "{left}");
    let left = without(MYSQL, &["'b',2", "(NULL,3"]);
    assert!(left.contains("VALUES ('it\\'s (1',1);"), "{left}");
    let left = without(MYSQL, &["(4)"]);
    assert!(left.ends_with("(NULL,3);\n"), "{left}");
    let left = without(MYSQL, &["it\\'s", "'b',2", "(NULL,3"]);
    assert!(
        left.ends_with(");\nINSERT INTO `cdr` (`num`) VALUES (4);\n"),
        "{left}"
    );
    let left = without(COPY, &["647"]);
    assert!(left.contains("stdin;\n416\ta\\tb\n\\.\n"), "{left}");
}

#[test]
fn windows_end_behind_rows_and_statements() {
    let reader = opened(MYSQL);
    let cut = |text: &[u8]| reader.cut(text);
    let end = memchr::memmem::find(MYSQL, b",(NULL").unwrap() + 1;
    // A statement is kept together.
    let start = memchr::memmem::find(MYSQL, b"INSERT").unwrap();
    assert_eq!(cut(&MYSQL[..end + 3]), Cut::Record(start));
    assert_eq!(cut(&MYSQL[start..end + 3]), Cut::More);
    let long = [
        &MYSQL[start..end],
        &b"('x', 1),".repeat(SMALLEST_CUT / 9 + 1),
        b"('y",
    ]
    .concat();
    assert_eq!(cut(&long), Cut::Record(long.len() - 3));
    assert_eq!(cut(b"INSERT INTO t VALUES ('a, (b'"), Cut::More);
    // A window that begins within a statement.
    let rest = rows(&MYSQL[end..], true);
    assert_eq!(rest, [vec!["NULL", "3"], vec!["4"]]);
    assert_eq!(rows(b"647\tx\n\\.\n", false), [["647", "x"]]);
}
