#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets from the fixtures, and packs some of them anew.

All that is in them is synthetic, as the fixtures are. Run it again after a fixture changed:
fuzz/seeds.py
"""
import bz2
import gzip
import io
import lzma
import math
import pathlib
import sqlite3
import struct
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
#: The longest seed: what is short is changed often.
LONGEST = 8192
TEXT = b"id,phone,mail\n1,+1 416-555-0123,jo@example.com\n2,(647) 555-0148,\n"

#: Which fixtures a target starts from.
FROM = {
    "text": ["planted/*.log", "planted/*.txt", "planted/sip.trace"],
    "table": ["layouts/*", "planted/threecx.csv"],
    "fixed": ["planted/mitel-smdr.txt"],
    "json": ["planted/*.json", "planted/nested.jsonl"],
    "xml": ["formats/*.xml", "planted/packed.xml", "planted/divided.xml"],
    "captions": ["formats/call.vtt", "formats/call.srt"],
    "mail": ["formats/call.eml", "formats/archive.mbox"],
    "contacts": ["planted/contacts.vcf"],
    "sql": ["planted/*.sql"],
    "framed": ["planted/syslog-octets.log", "planted/journald.export"],
    "objects": ["planted/*.typedstream", "planted/*.plist"],
    "told": ["formats/*", "planted/threecx.csv", "planted/sip.trace", "planted/edited.plist"],
}


def put(target, name, content):
    if len(content) > LONGEST:
        return
    folder = HERE / "seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def database(script):
    path = HERE / "seed.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as open_database:
        open_database.execute("PRAGMA page_size = 512")
        open_database.executescript(script)
    open_database.close()
    content = path.read_bytes()
    path.unlink()
    return content


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HH", 0x4C41, 12) + b"+14165550131"
            archive.writestr(info, content, method)
        archive.comment = b"from +1 416-555-0123"
    return out.getvalue()


def tarred(members, kind):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue().rstrip(b"\0") + b"\0" * 1024


def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def wave(tag, width, sound, *more):
    about = struct.pack("<HHIIHH", tag, 1, 8000, 8000 * width, width, 8 * width)
    body = b"WAVE" + chunk(b"fmt ", about) + b"".join(more) + chunk(b"data", sound)
    return chunk(b"RIFF", body)


def keys(pressed):
    """Keys in mu-law, 60 ms each and as long between: 5 KB for five."""
    out = bytearray()
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
    for key in pressed:
        at = "123A456B789C*0#D".index(key)
        tones = [2 * math.pi * tone / 8000 for tone in (rows[at // 4], columns[at % 4])]
        for n in range(480):
            out.append(mu_law(int(6000 * sum(math.sin(tone * n) for tone in tones))))
        out += b"\xff" * 480
    return bytes(out)


def mu_law(sample):
    """ITU-T G.711, table 2a, from 16 bits."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude + 0x84, 0x7fff)
    segment = magnitude.bit_length() - 8
    return ~(sign | segment << 4 | magnitude >> segment + 3 & 15) & 0xff


def id3(frames, version=4):
    def size(number):
        return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))

    body = b"".join(
        name + (size(len(text)) if version == 4 else struct.pack(">I", len(text))) + b"\0\0" + text
        for name, text in frames
    )
    return b"ID3" + bytes([version, 0, 0]) + size(len(body)) + body


def main():
    for target, patterns in FROM.items():
        for pattern in patterns:
            for path in sorted(FIXTURES.glob(pattern)):
                put(target, path.name, path.read_bytes())

    # Found by the fuzzer, or beside what it found.
    put("text", "bracket", b'[203.0.113.7 - jo@e\x15ample.com [02/May/2024:10:11:124-05-0200] "GET /cb ?phon1')
    put("text", "joined", b"Speaker 1  00:00:12\nWhat is it?\n\nSpeaker 2  00:00:15\nIt is 416 555\n\n"
        b"Speaker 1  00:00:16\n01%32%33 thanks\n")
    head = b"From: a\nTo: b\nSubject: =?utf-7?Q?J+APw-rgen_416-555-0123?=\nContent-Type: "
    put("mail", "utf-7", head + b"text/plain; charset=utf-7\n\njo+AEA-example.com +-1 416 555 0123 +ACsAMQA0ADEANgA1ADUANQAwADEAMgAz-\n")
    put("mail", "utf-16", head + b"text/plain; charset=utf-16be\nContent-Transfer-Encoding: binary\n\n"
        + "call 416-555-0148\n".encode("utf-16be"))
    put("mail", "binhex", head + b"application/mac-binhex40\n\n(This file must be converted with BinHex 4.0)\n"
        b":\"@%ZG(Kd!&4&@&4dG(Kd!*!&'`#3\"\"\"(Bf&XE##3\"c3a0Lde068Y-$%b-b`JEfY\nE63!!:\n")

    rows = "INSERT INTO calls VALUES (1, '+1 416-555-0123', x'6a6f406578616d706c652e636f6d'), (2, 'call (647) 555-0148', NULL);"
    table = "CREATE TABLE calls (id INTEGER PRIMARY KEY, who TEXT, mail BLOB);"
    put("sqlite", "rows", database(table + rows))
    put("sqlite", "freed", database(table + rows + "DELETE FROM calls WHERE id = 1;"))
    put("sqlite", "keyless", database(
        "CREATE TABLE calls (who TEXT PRIMARY KEY, mail TEXT) WITHOUT ROWID;"
        "INSERT INTO calls VALUES ('+1 416-555-0123', 'jo@example.com');"))
    put("sqlite", "searched", database(
        "CREATE VIRTUAL TABLE said USING fts4(text); INSERT INTO said VALUES ('call +1 416-555-0123');"))

    members = [("calls.csv", TEXT), ("notes/call.txt", b"call +1 416-555-0123\n")]
    put("zip", "deflated", zipped(members))
    put("zip", "stored", zipped(members, zipfile.ZIP_STORED))
    put("zip", "nested", zipped([("inner.zip", zipped(members)), ("inner.tar.gz", gzip.compress(tarred(members, tarfile.USTAR_FORMAT), mtime=0))]))
    put("zip", "sheet", zipped([
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", b"<sst count='1'><si><t>+1 416-555-0123</t></si></sst>"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c t='s'><v>0</v></c><c><v>4165550123</v></c></row></sheetData></worksheet>"),
    ]))
    put("zip", "letter", zipped([
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:document><w:p><w:r><w:t>416-555</w:t></w:r><w:r><w:t>-0123</w:t></w:r></w:p></w:document>"),
    ]))
    for name, kind in [("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)]:
        long = [("calls-" + "n" * 110 + ".csv", TEXT)] if name != "ustar" else []
        put("tar", name, tarred(members + long, kind))

    put("packed", "gzip", gzip.compress(TEXT, mtime=0))
    put("packed", "gzip-twice", gzip.compress(TEXT, mtime=0) + gzip.compress(TEXT, mtime=0))
    put("packed", "bzip2", bz2.compress(TEXT))
    put("packed", "xz", lzma.compress(TEXT))
    # One raw block (RFC 8878): magic, header of one segment, block header, content.
    raw = struct.pack("<I", len(TEXT) << 3 | 1)[:3]
    put("packed", "zstd", b"\x28\xb5\x2f\xfd\x20" + bytes([len(TEXT)]) + raw + TEXT)
    aside = b"from +1 416-555-0123"
    aside = b"\x50\x2a\x4d\x18" + struct.pack("<I", len(aside)) + aside
    frame = b"\x28\xb5\x2f\xfd\x20" + bytes([len(TEXT)]) + raw + TEXT
    put("packed", "zstd-asides", aside + frame + aside + frame + aside)

    info = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"call +1 416-555-0123\0"))
    tags = chunk(b"id3 ", id3([(b"TPE1", b"\3jo@example.com")]))
    silence = b"\xff" * 320
    put("raw", "keys", keys("4111#"))
    put("wav", "mulaw", wave(7, 1, silence, info, tags))
    put("wav", "pcm", wave(1, 2, b"\0\1" * 400, chunk(b"bext", b"+1 416-555-0123".ljust(602, b"\0"))))
    put("wav", "gsm", wave(0x31, 1, b"\0" * 650, info))
    put("wav", "unended", wave(7, 1, silence, info)[:-300])

    frames = (FIXTURES / "recordings/v25-mono.mp3").read_bytes()
    start = frames.index(b"\xff\xe3") if b"\xff\xe3" in frames else 0
    sound = frames[start:start + 1500]
    put("mp3", "bare", sound)
    for version in (3, 4):
        tag = id3([(b"TIT2", b"\0call +1 416-555-0123"), (b"TPE1", b"\1" + "jo@example.com".encode("utf-16"))], version)
        put("mp3", f"id3v2.{version}", tag + sound)
    put("mp3", "id3v1", sound + b"TAG" + b"call +1 416-555-0123".ljust(125, b"\0"))


if __name__ == "__main__":
    main()
