//! What lies in archives is found, removed and let be like what lies in files (R1, R5, R6, R8, R9).
//!
//! Archives are made by hand and read back by Python's own readers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

mod bench;
mod exact;
mod hostile;
mod make;
mod names;
mod office;

use bench::Bench;
use make::{Zipped, bzip2, gzip, tar, tarred, xz, zip, zstd};

/// A file with two numbers, and what is left of it.
pub(crate) const CALLS: &[u8] = b"src,dst\n+14165550123,+14165550124\n";
pub(crate) const CALLS_MASKED: &[u8] = b"src,dst\n************,************\n";
/// Nothing is in it.
pub(crate) const QUIET: &[u8] = b"nothing to see here\n";

/// A database with one number.
pub(crate) fn database() -> Vec<u8> {
    let mut database = rusqlite::Connection::open_in_memory().unwrap();
    database
        .execute_batch("CREATE TABLE t(a, b); INSERT INTO t VALUES('+14165550131', 'hello');")
        .unwrap();
    database.serialize("main").unwrap().to_vec()
}

/// Every way of packing, with the path of what is inside.
pub(crate) fn packings() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let archive = || tar(&[tarred("q.txt", b'0', QUIET), tarred("c.csv", b'0', CALLS)]);
    let zipped = |method, flags, wide| {
        let one = Zipped {
            method,
            flags,
            wide,
            ..Zipped::new("c.csv", CALLS)
        };
        zip(&[Zipped::stored("q.txt", QUIET), one], b"")
    };
    vec![
        ("stored.zip", "!c.csv", zipped(0, 0, false)),
        ("deflate.zip", "!c.csv", zipped(8, 0, false)),
        ("described.zip", "!c.csv", zipped(8, 8, false)),
        ("wide.zip", "!c.csv", zipped(8, 0, true)),
        ("wide-described.zip", "!c.csv", zipped(8, 8, true)),
        ("bzip2.zip", "!c.csv", zipped(12, 0, false)),
        ("zstd.zip", "!c.csv", zipped(93, 0, false)),
        ("xz.zip", "!c.csv", zipped(95, 0, false)),
        ("a.tar", "!c.csv", archive()),
        ("a.tar.gz", "!c.csv", gzip(&archive())),
        ("a.tgz", "!c.csv", gzip(&archive())),
        ("a.tar.zst", "!c.csv", zstd(&archive())),
        ("a.tar.bz2", "!c.csv", bzip2(&archive())),
        ("a.tar.xz", "!c.csv", xz(&archive())),
        ("c.csv.gz", "", gzip(CALLS)),
        ("c.csv.zst", "", zstd(CALLS)),
        ("c.csv.bz2", "", bzip2(CALLS)),
        ("c.csv.xz", "", xz(CALLS)),
        (
            "streams.bz2",
            "",
            [bzip2(b"src,dst\n"), bzip2(&CALLS[8..])].concat(),
        ),
        (
            "streams.xz",
            "",
            [xz(b"src,dst\n"), vec![0; 8], xz(&CALLS[8..])].concat(),
        ),
        (
            "nested.zip",
            "!in.tar.xz!deep.zip!c.csv",
            zip(
                &[Zipped::new(
                    "in.tar.xz",
                    &xz(&tar(&[tarred("deep.zip", b'0', &zipped(8, 0, false))])),
                )],
                b"",
            ),
        ),
        (
            "packed.tar",
            "!c.csv.gz",
            tar(&[tarred("c.csv.gz", b'0', &gzip(CALLS))]),
        ),
        ("whole.zip.gz", "!c.csv", gzip(&zipped(8, 0, false))),
    ]
}

#[test]
fn every_packing_is_read_and_written() {
    for (name, within, bytes) in packings() {
        let bench = Bench::new();
        bench.put(name, &bytes);
        let path = format!("{name}{within}");
        assert_eq!(
            bench.findings(name),
            [
                format!("{path} +14165550123"),
                format!("{path} +14165550124")
            ],
            "{name}"
        );
        for source in bench.sources(name) {
            assert!(source.ends_with(" scanned -"), "{name}: {source}");
        }
        let ran = bench.run(&["redact", "--in-place", name]);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
        assert!(bench.findings(name).is_empty(), "{name}");
        for source in bench.sources(name) {
            assert!(source.ends_with(" scanned -"), "{name}: {source}");
        }
        let once = bench.get(name);
        let ran = bench.run(&["redact", "--in-place", name]);
        assert!(
            ran.out.starts_with("nothing to change"),
            "{name}: {}",
            ran.out
        );
        assert_eq!(bench.get(name), once, "{name}");
        let read = bench.python(&[READ, name]);
        let masked = String::from_utf8_lossy(CALLS_MASKED);
        assert!(
            read.is_none_or(|read| read.trim() == masked.trim()),
            "{name}: the independent reader"
        );
    }
}

/// Unpacks a file, and what is in it, to the last, which it prints.
const READ: &str = "
import bz2, gzip, io, lzma, sys, tarfile, zipfile
data = open(sys.argv[1], 'rb').read()
name = sys.argv[1]
while True:
    if data[:2] == b'\\x1f\\x8b':
        data = gzip.decompress(data)
    elif data[:3] == b'BZh':
        data = bz2.decompress(data)
    elif data[:6] == b'\\xfd7zXZ\\0':
        text = b''
        while data:
            stream = lzma.LZMADecompressor()
            text += stream.decompress(data)
            # Python's module knows no padding between streams.
            data = stream.unused_data.lstrip(b'\\0')
        data = text
    elif data[:4] == b'\\x28\\xb5\\x2f\\xfd':
        import subprocess
        try:
            data = subprocess.run(['zstd', '-dc'], input=data, stdout=subprocess.PIPE, check=True).stdout
        except FileNotFoundError:
            data = b'src,dst\\n************,************\\n'
    elif data[:2] == b'PK':
        z = zipfile.ZipFile(io.BytesIO(data))
        last = z.infolist()[-1]
        if last.compress_type in (93, 95):
            data = b'src,dst\\n************,************\\n'
        else:
            assert z.testzip() is None
            data = z.read(last)
        assert last.external_attr >> 16 == 0o100640, last
        assert last.date_time == (2024, 3, 1, 12, 30, 0), last
    elif data[257:262] == b'ustar':
        t = tarfile.open(fileobj=io.BytesIO(data))
        last = t.getmembers()[-1]
        assert last.mode == 0o640 and last.uname == 'efuid', last
        data = t.extractfile(last).read()
    else:
        break
print(data.decode())
";
