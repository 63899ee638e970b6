//! Outside the members that are changed every byte of an archive stays, and what names a member
//! goes on naming it (R1).

use crate::bench::Bench;
use crate::make::{Zipped, gzip, header, sealed, tar, tarred, zip};
use crate::{CALLS, CALLS_MASKED, QUIET, database};

/// A stored archive differs in the values alone, and in the sums of the members that held them.
#[test]
fn siblings_and_structure_stay_byte_for_byte() {
    let members = |calls: &[u8], comment: &'static [u8]| {
        [
            Zipped::new("a/q.txt", QUIET),
            Zipped {
                comment,
                ..Zipped::stored("../up.csv", calls)
            },
            Zipped::stored("../up.csv", QUIET),
            Zipped::stored("/abs.csv", calls),
            Zipped::new("z.bin", &[7; 3000]),
        ]
    };
    let bench = Bench::new();
    let old = zip(
        &members(CALLS, b"ask +14165550177"),
        b"see +14165550178 for more",
    );
    bench.put("a.zip", &old);
    let ran = bench.run(&["redact", "--in-place", "a.zip"]);
    // z.bin is binary: named, and left as it is.
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("a.zip!z.bin"), "{}", ran.out);
    let expected = zip(
        &members(CALLS_MASKED, b"ask ************"),
        b"see ************ for more",
    );
    assert!(bench.get("a.zip") == expected);

    let members = |calls: &[u8]| {
        tar(&[
            tarred("d/", b'5', b""),
            tarred("q.txt", b'0', QUIET),
            tarred("././@LongLink", b'L', b"a/very/long/name.csv\0"),
            tarred("cut", b'0', calls),
            tarred("link", b'2', b""),
            tarred("x", b'x', b"25 path=per/extended.csv\n"),
            tarred("cut", b'0', calls),
        ])
    };
    bench.put("a.tar", &members(CALLS));
    let ran = bench.run(&["redact", "--in-place", "a.tar"]);
    assert!(
        ran.out.contains("a.tar!a/very/long/name.csv"),
        "{}",
        ran.out
    );
    assert!(bench.get("a.tar") == members(CALLS_MASKED));
}

/// What changes its length changes sizes, sums, places and padding with it.
#[test]
fn members_may_change_their_length() {
    let bench = Bench::new();
    let rows = |rows: usize| {
        let mut text = b"src,dst,at\n".to_vec();
        for row in 0..rows {
            text.extend(format!("+14165550199,+1416555{row:04},{row}\n").as_bytes());
        }
        text.extend(b"+14165550123,+14165550124,last\n");
        text
    };
    let described = Zipped {
        flags: 8,
        ..Zipped::new("b.csv", &rows(40))
    };
    let wide = Zipped {
        wide: true,
        ..Zipped::new("c.csv", &rows(50))
    };
    let inner = tar(&[tarred("d.csv", b'0', &rows(60)), tarred("q", b'0', QUIET)]);
    let members = [
        Zipped::stored("a.csv", &rows(30)),
        described,
        wide,
        Zipped::new("in.tar.gz", &gzip(&inner)),
        Zipped::stored("e.txt", QUIET),
    ];
    bench.put("a.zip", &zip(&members, b""));
    let mut big = header("d.csv", b'0', rows(60).len());
    // The size in the binary form of GNU tar.
    big[124..136].copy_from_slice(&{
        let mut field = [0; 12];
        field[0] = 0x80;
        field[4..].copy_from_slice(&(rows(60).len() as u64).to_be_bytes());
        field
    });
    let mut big = sealed(big);
    big.extend(rows(60));
    big.resize(big.len().next_multiple_of(512), 0);
    let pax = format!("12 size={}\n", rows(20).len());
    let pax = format!("{} size={}\n", pax.len(), rows(20).len());
    let archive = tar(&[
        big,
        tarred("x", b'x', pax.as_bytes()),
        tarred("e.csv", b'0', &rows(20)),
        tarred("q", b'0', QUIET),
    ]);
    bench.put("a.tar", &archive);
    for name in ["a.zip", "a.tar"] {
        let ran = bench.run(&[
            "erase",
            "--records",
            "--subject",
            "+14165550199",
            "--apply",
            name,
        ]);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
        let left = bench.findings(name);
        assert!(left.iter().all(|one| !one.contains("0199")), "{left:?}");
        assert!(left.iter().any(|one| one.contains("0123")), "{left:?}");
        for source in bench.sources(name) {
            assert!(source.ends_with(" scanned -"), "{source}");
        }
    }
    let read = "
import io, tarfile, zipfile
last = b'src,dst,at\\n+14165550123,+14165550124,last\\n'
z = zipfile.ZipFile('a.zip')
assert z.testzip() is None
assert z.namelist() == ['a.csv', 'b.csv', 'c.csv', 'in.tar.gz', 'e.txt']
for name in ('a.csv', 'b.csv', 'c.csv'):
    assert z.read(name) == last, name
t = tarfile.open(fileobj=io.BytesIO(z.read('in.tar.gz')))
assert t.extractfile('d.csv').read() == last
assert t.extractfile('q').read() == b'nothing to see here\\n'
t = tarfile.open('a.tar')
assert t.getnames() == ['d.csv', 'e.csv', 'q']
for name in ('d.csv', 'e.csv'):
    assert t.extractfile(name).read() == last, name
assert t.extractfile('q').read() == b'nothing to see here\\n'
print('whole')
";
    let said = bench.python(&[read]);
    assert!(said.is_none_or(|said| said == "whole"));
}

#[test]
fn databases_in_archives_are_rewritten() {
    let bench = Bench::new();
    let members = [
        Zipped::new("m.db", &database()),
        Zipped::new("m.db.gz", &gzip(&database())),
    ];
    bench.put("a.zip", &zip(&members, b""));
    bench.put("m.db.gz", &gzip(&database()));
    for name in ["a.zip", "m.db.gz"] {
        assert!(!bench.findings(name).is_empty());
        let ran = bench.run(&["redact", "--in-place", name]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(bench.findings(name).is_empty());
    }
    let read = "
import gzip, sqlite3, zipfile
z = zipfile.ZipFile('a.zip')
for data in (z.read('m.db'), gzip.decompress(z.read('m.db.gz')), gzip.open('m.db.gz').read()):
    assert b'4165550131' not in data
    d = sqlite3.connect(':memory:')
    open('x.db', 'wb').write(data)
    d = sqlite3.connect('x.db')
    assert d.execute('PRAGMA integrity_check').fetchone() == ('ok',)
    assert d.execute('SELECT * FROM t').fetchall() == [('*' * 12, 'hello')]
print('whole')
";
    let said = bench.python(&[read]);
    assert!(said.is_none_or(|said| said == "whole"));
}

/// A hold names a member by its path; one on the archive covers all of it (R6).
#[test]
fn held_members_stay() {
    for (held, kept) in [("**/a.zip!in/*", "in/h.csv"), ("**/a.zip", "all")] {
        let bench = Bench::new();
        let members = [Zipped::new("in/h.csv", CALLS), Zipped::new("c.csv", CALLS)];
        bench.put("a.zip", &zip(&members, b""));
        let ran = bench.run(&["hold", "add", "--path", held, "--reason", "case 7"]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let ran = bench.run(&["redact", "--in-place", "a.zip"]);
        assert_eq!(ran.code, 3, "{held}: {}{}", ran.out, ran.err);
        let left = bench.findings("a.zip");
        let expected = if kept == "all" { 4 } else { 2 };
        assert_eq!(left.len(), expected, "{held}: {left:?}");
        assert!(left.iter().any(|one| one.contains("in/h.csv")));
    }
}

/// A plan of an archive is followed, and refused when a member has changed.
#[test]
fn plans_cover_members() {
    let bench = Bench::new();
    let at_first = zip(&[Zipped::new("c.csv", CALLS)], b"");
    let subject = ["--subject", "+14165550123", "--values"];
    let plan = |bench: &Bench, to: &str| {
        let args = [&["erase"], &subject[..], &["--save-plan", to, "a.zip"]].concat();
        let ran = bench.run(&args);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    };
    let apply = |bench: &Bench, from: &str| {
        bench.run(&[&["erase"], &subject[..], &["--plan", from, "--apply"]].concat())
    };
    bench.put("a.zip", &at_first);
    plan(&bench, "../p");
    let more = [CALLS, b"+14165550123,+14165550125\n"].concat();
    bench.put("a.zip", &zip(&[Zipped::new("c.csv", &more)], b""));
    let ran = apply(&bench, "../p");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert_eq!(bench.findings("a.zip").len(), 4);
    plan(&bench, "../q");
    let ran = apply(&bench, "../q");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.findings("a.zip").len(), 2);
}
