//! Values in what archives and packed files say of themselves: names, links, owners, comments.
//!
//! Archives are made and read back by Python's own modules.

use super::bench::Bench;

/// Makes an archive of the kind that its name says, with a number wherever words may stand.
const MAKE: &str = r#"
import gzip, io, struct, sys, tarfile, zipfile
kind = sys.argv[1]
quiet = b"nothing to see here\n"
names = ["out-4165550123-101-20240115-093012-1705329012.1.wav.txt",
         "out-6475550148-101-20240115-093012-1705329012.1.wav.txt",
         "4165550123/", "4165550123/notes.txt", "plain.txt"]
if kind == "gz":
    flags = 4 | 8 | 16 | 2
    extra = b"AB" + struct.pack("<H", 12) + b"+14165550131"
    head = struct.pack("<BBBBIBB", 0x1f, 0x8b, 8, flags, 1700000000, 0, 3)
    head += struct.pack("<H", len(extra)) + extra + b"4165550123.csv\0" + b"by jane@example.com\0"
    import zlib
    head += struct.pack("<H", zlib.crc32(head) & 0xffff)
    data = gzip.compress(quiet, mtime=0)
    open("a.gz", "wb").write(head + data[10:] + gzip.compress(quiet, mtime=0))
elif kind == "zip":
    with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as z:
        for name in names:
            info = zipfile.ZipInfo(name, (2024, 1, 15, 9, 30, 12))
            info.comment = b"for 4165550123 only" if name == "plain.txt" else b""
            if name.startswith("out-4165550123"):
                import zlib
                raw = name.encode()
                text = struct.pack("<BI", 1, zlib.crc32(raw)) + raw
                info.extra = struct.pack("<HH", 0x7075, len(text)) + text
            if name == "plain.txt":
                info.extra = struct.pack("<HHBI", 0x5455, 5, 1, 1705329012)
                info.extra += struct.pack("<HH", 0x4c41, 17) + b"for +14165550131\n"
            z.writestr(info, b"" if name.endswith("/") else quiet)
else:
    form = {"pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT, "ustar": tarfile.USTAR_FORMAT}[kind]
    with tarfile.open("a.tar", "w", format=form) as t:
        long = [] if kind == "ustar" else ["d" * 90 + "/+14165550131-" + "e" * 90 + ".txt"]
        for name in names + long:
            info = tarfile.TarInfo(name.rstrip("/"))
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size = 0 if name.endswith("/") else len(quiet)
            info.uname, info.gname = "jane@example.com", "staff"
            if kind == "pax":
                info.pax_headers = {"comment": "call 416-555-0123", "SCHILY.xattr.user.caller": "4165550123"}
            t.addfile(info, io.BytesIO(quiet))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, names[1]
        t.addfile(link)
"#;

/// Prints what the archive says and holds, and whether anything of it is wrong.
const READ: &str = r#"
import gzip, io, struct, sys, tarfile, zipfile
kind = sys.argv[1]
quiet = b"nothing to see here\n"
if kind == "gz":
    assert gzip.open("a.gz").read() == quiet * 2
    print("ok")
elif kind == "zip":
    with zipfile.ZipFile("a.zip") as z:
        assert z.testzip() is None
        for info in z.infolist():
            assert info.is_dir() or z.read(info) == quiet
            assert info.date_time == (2024, 1, 15, 9, 30, 12)
            if info.filename == "plain.txt":
                assert info.extra[:9] == struct.pack("<HHBI", 0x5455, 5, 1, 1705329012)
                assert info.extra[9:13] == struct.pack("<HH", 0x4c41, 17), info.extra
            print(info.filename)
else:
    with tarfile.open("a.tar") as t:
        for info in t.getmembers():
            if info.isreg():
                assert t.extractfile(info).read() == quiet
            print(info.name + (" -> " + info.linkname if info.issym() else ""))
"#;

/// Every value that [`MAKE`] puts somewhere, as it stands there.
const VALUES: [&str; 5] = [
    "4165550123",
    "6475550148",
    "4165550131",
    "jane@example.com",
    "416-555-0123",
];

#[test]
fn what_archives_say_of_themselves_is_found_and_removed() {
    for (kind, file, expected) in [
        ("gz", "a.gz", "ok"),
        ("zip", "a.zip", ARCHIVED),
        ("ustar", "a.tar", TARRED),
        ("gnu", "a.tar", TARRED_LONG),
        ("pax", "a.tar", TARRED_LONG),
    ] {
        let bench = Bench::new();
        if bench.python(&[MAKE, kind]).is_none() {
            return;
        }
        let found = bench.told("finding", &[file]);
        assert!(found.len() >= 3, "{kind}: {found:?}");
        for finding in &found {
            let field = finding["field"].as_str().unwrap();
            assert!(
                ["name", "link", "owner", "comment", "extra"].contains(&field),
                "{finding}"
            );
            assert!(finding["line"].is_null(), "{finding}");
        }
        for source in bench.sources(file) {
            assert!(source.ends_with(" scanned -"), "{kind}: {source}");
        }
        let ran = bench.run(&["redact", "--in-place", file]);
        assert_eq!(ran.code, 0, "{kind}: {}{}", ran.out, ran.err);
        assert_eq!(bench.findings(file), [""; 0], "{kind}");
        let bytes = bench.get(file);
        for value in VALUES {
            let left = memchr::memmem::find(&bytes, value.as_bytes());
            assert_eq!(left, None, "{kind}: {value}");
        }
        assert_eq!(bench.python(&[READ, kind]).unwrap(), expected, "{kind}");
        let ran = bench.run(&["redact", "--in-place", file]);
        assert!(
            ran.out.starts_with("nothing to change"),
            "{kind}: {}",
            ran.out
        );
    }
}

const ARCHIVED: &str = "out-xxxxxxxxxx-101-20240115-093012-1705329012.1.wav.txt
out-xxxxxxxxx1-101-20240115-093012-1705329012.1.wav.txt
xxxxxxxxxx/
xxxxxxxxxx/notes.txt
plain.txt";

const TARRED: &str = "out-xxxxxxxxxx-101-20240115-093012-1705329012.1.wav.txt
out-xxxxxxxxx1-101-20240115-093012-1705329012.1.wav.txt
xxxxxxxxxx
xxxxxxxxxx/notes.txt
plain.txt
link -> out-xxxxxxxxx1-101-20240115-093012-1705329012.1.wav.txt";

const TARRED_LONG: &str = "out-xxxxxxxxxx-101-20240115-093012-1705329012.1.wav.txt
out-xxxxxxxxx1-101-20240115-093012-1705329012.1.wav.txt
xxxxxxxxxx
xxxxxxxxxx/notes.txt
plain.txt
dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd/xxxxxxxxxxxx-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee.txt
link -> out-xxxxxxxxx1-101-20240115-093012-1705329012.1.wav.txt";

/// A frame of Zstandard that decoders pass over (RFC 8878, 3.1.2).
fn skippable(content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u32).to_le_bytes();
    [&[0x5a, 0x2a, 0x4d, 0x18][..], &len, content].concat()
}

#[test]
fn what_stands_between_frames_is_found_and_removed() {
    let frame = |text: &str| zstd::encode_all(text.as_bytes(), 3).unwrap();
    let old = [
        skippable(b"made for +1 416-555-0123"),
        frame("call 647-555-0148 or 905-55"),
        skippable(b"\x01\x02\x03"),
        skippable(b"by jane@example.com"),
        // A value that goes on in the next frame, behind what stands between them.
        frame("5-0134\n"),
        skippable(b"nothing"),
    ]
    .concat();
    let bench = Bench::new();
    bench.put("a.zst", &old);
    let found = bench.told("finding", &["a.zst"]);
    let fields: Vec<&str> = found
        .iter()
        .filter_map(|one| one["field"].as_str())
        .collect();
    assert_eq!((found.len(), &fields[..]), (4, &["extra", "extra"][..]));
    assert_eq!(bench.sources("a.zst"), ["a.zst text scanned -"]);
    let ran = bench.run(&["redact", "--in-place", "a.zst"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.findings("a.zst"), [""; 0]);
    let new = bench.get("a.zst");
    let text = zstd::decode_all(&new[..]).unwrap();
    assert_eq!(text, b"call ************ or ************\n");
    for (said, there) in [
        (&b"made for xxxxxxxxxxxxxxx"[..], true),
        (b"by xxxxxxxxxxxxxxxx", true),
        (b"nothing", true),
        (b"555-0123", false),
        (b"jane", false),
    ] {
        let at = memchr::memmem::find(&new, said);
        assert_eq!(at.is_some(), there, "{}", String::from_utf8_lossy(said));
    }
    assert!(new.starts_with(&skippable(b"made for xxxxxxxxxxxxxxx")));
    assert!(new.ends_with(&skippable(b"nothing")));
    // What is too long to be read is named.
    let long = skippable(&vec![b' '; 70_000]);
    bench.put(
        "b.zst",
        &[&frame("call 647-555-0148\n")[..], &long].concat(),
    );
    assert_eq!(bench.sources("b.zst"), ["b.zst text partial limit"]);
}
