#!/usr/bin/env python3
"""What each format costs beside plain text of the same bytes.

    benches/formats.py --efface target/release/efface [--mib 16] [--rounds 5]

Makes the same messages in every format, in a folder of its own, and scans each file as what it is
and, in turn, the same bytes as plain text (`--as text`; of what is packed, the bytes it unpacks
to; of a database, lines of the same cells). Prints user plus system time of each (medians), bytes
a second, and the speed beside the text. Ends with 1 when JSON or XML is read at less than half of
that speed, or a database at less than a quarter. A second table times bombs: what unfolds to far more
than it is, with the largest memory.
"""

import argparse
import base64
import bz2
import gzip
import io
import json
import lzma
import os
import pathlib
import random
import shutil
import sqlite3
import statistics
import sys
import tarfile
import tempfile
import xml.sax.saxutils as sax
import zipfile
import zlib

import measure

AIMS = {"json": 0.5, "jsonl": 0.5, "xml": 0.5, "sqlite": 0.25}
MEMORY = 256 << 20


def messages(limit):
    """Messages of some 200 bytes, one in twenty with a number in its text, up to `limit` bytes."""
    chance = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(5000)]
    made, number = 0, 0
    while made < limit:
        body = " ".join(chance.choices(words, k=chance.randint(5, 30)))
        if number % 20 == 0:
            body += f" call 416-555-01{number % 100:02}"
        row = (number, f"+1416555{number % 10000:04}", 1398441600000 + number, body)
        made += len(body) + 40
        number += 1
        yield row


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def make(folder, limit):
    """Makes the file of each format, and beside what is packed the plain text of it."""
    rows = list(messages(limit))
    lines = "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()
    objects = [dict(zip(("id", "address", "date", "body"), row)) for row in rows]
    sheet = "".join(
        f"<row><c><v>{i}</v></c><c t='inlineStr'><is><t>{a}</t></is></c><c><v>{d}</v></c>"
        f"<c t='inlineStr'><is><t>{b}</t></is></c></row>"
        for i, a, d, b in rows
    )
    sheet = f"<?xml version='1.0'?><worksheet><sheetData>{sheet}</sheetData></worksheet>".encode()
    mails = [
        f"From jo@example.com Thu Jan  1 00:00:{i % 60:02} 1970\n"
        f"From: <{a}@example.com>\nSubject: {i}\nContent-Type: text/plain\n"
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(b.encode()).decode()}\n"
        for i, a, _, b in rows
    ]
    cue = lambda at: f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}.000"
    plain = {
        "csv": "id,address,date,body\n".encode() + lines.replace(b"\t", b","),
        "json": json.dumps({"messages": objects}, indent=1).encode(),
        "jsonl": "".join(json.dumps(one) + "\n" for one in objects).encode(),
        "xml": (
            "<?xml version='1.0'?>\n<smses>\n"
            + "".join(
                f"  <sms id='{i}' address='{a}' date='{d}' body={sax.quoteattr(b)} />\n"
                for i, a, d, b in rows
            )
            + "</smses>\n"
        ).encode(),
        "vtt": (
            "WEBVTT\n\n"
            + "".join(f"{cue(i)} --> {cue(i + 1)}\n{a}: {b}\n\n" for i, a, _, b in rows)
        ).encode(),
        "mbox": "".join(mails).encode(),
        "sql": b"CREATE TABLE sms (id int, address text, date int, body text);\n"
        + "".join(f"INSERT INTO sms VALUES ({i},'{a}',{d},'{b}');\n" for i, a, d, b in rows).encode(),
    }
    tape = io.BytesIO()
    with tarfile.open(fileobj=tape, mode="w") as archive:
        info = tarfile.TarInfo("sms.txt")
        info.size = len(lines)
        archive.addfile(info, io.BytesIO(lines))
    packed = {
        "gzip": (gzip.compress(lines, mtime=0), lines),
        "bzip2": (bz2.compress(lines), lines),
        "xz": (lzma.compress(lines, preset=1), lines),
        "zip": (zipped([("sms.txt", lines)]), lines),
        "tar": (tape.getvalue(), lines),
        "xlsx": (
            zipped([("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", sheet)]),
            sheet,
        ),
    }
    database = folder / "sms.sqlite"
    with sqlite3.connect(database) as made:
        made.execute("CREATE TABLE sms (id INTEGER PRIMARY KEY, address TEXT, date INTEGER, body TEXT)")
        made.executemany("INSERT INTO sms VALUES (?, ?, ?, ?)", rows)
    made.close()
    for name, content in plain.items():
        (folder / f"sms.{name}").write_bytes(content)
    for name, (content, text) in packed.items():
        (folder / f"packed.{name}").write_bytes(content)
        (folder / f"packed.{name}.txt").write_bytes(text)
    (folder / "sms.sqlite.txt").write_bytes(lines)


def bombs(folder):
    """Files that unfold to far more than they are, or nest far deeper than anybody does."""

    def put(name, content):
        path = folder / name
        path.write_bytes(content)
        return path

    zeros = zlib.compressobj(9, wbits=31)
    block = b"\0" * (1 << 20)
    flat = b"".join(zeros.compress(block) for _ in range(2048)) + zeros.flush()
    put("2-gib-of-zeros.gz", flat)
    put("2-gib-of-zeros.bz2", bz2.compress(block * 128) * 16)
    put("2-gib-of-zeros.xz", lzma.compress(block * 128, preset=1) * 16)
    layer = gzip.compress(gzip.compress(b"call 416-555-0123 " * (64 << 20 >> 4), mtime=0), mtime=0)
    put("72-mb-twice.gz", layer)
    inner = zipped([("zeros", b"\0" * (64 << 20))])
    for depth in range(5):
        inner = zipped([(f"{depth}-{one}.zip", inner) for one in range(16)])
    put("16-to-the-5th.zip", inner)
    put("deep.json", b'{"a":' * 1000 + b"1" + b"}" * 1000)
    put("million-deep.json", b"[" * (1 << 20))
    put("deep.xml", b"<a>" * 100_000 + b"</a>" * 100_000)
    put("deep.sql", b"INSERT INTO t VALUES " + b"(" * 100_000 + b"1" + b")" * 100_000 + b";\n")
    put("deep.vcf", b"BEGIN:VCARD\nVERSION:3.0\n" * 1000 + b"TEL:1\n" + b"END:VCARD\n" * 1000)
    nest = b"call 416-555-0123\n"
    for depth in range(1000):
        nest = gzip.compress(nest, mtime=0)
    put("1000-deep.gz", nest)
    nest = b"call 416-555-0123\n"
    for depth in range(100):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            entry = tarfile.TarInfo(f"{depth}.tar")
            entry.size = len(nest)
            archive.addfile(entry, io.BytesIO(nest))
        nest = zipped([("a.tar", out.getvalue())])
    put("200-deep.zip", nest)
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    put("laughs.xml", f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]><x>&l9;</x>'.encode())
    deep = b"Content-Type: message/rfc822\n\n" * 1000
    put("deep.eml", b"From: jo@example.com\nTo: ann@example.com\nMIME-Version: 1.0\n" + deep + b"hi\n")


def pairs(folder):
    """The name of each format, its file, and the plain text it is put beside."""
    for path in sorted(one for one in folder.iterdir() if one.is_file()):
        beside = path.with_name(path.name + ".txt")
        if path.suffix != ".txt":
            yield path.suffix[1:], path, beside if beside.exists() else path


def apart(work):
    """Works in a child, whose memory goes with it."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("the files could not be made")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--efface", default="target/release/efface")
    arguments.add_argument("--mib", type=int, default=16)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    efface = os.path.abspath(options.efface)
    fell_short = False
    folder = pathlib.Path(tempfile.mkdtemp())
    scan = [efface, "scan", "-j", "1", "-q"]
    # A child starts from the pages of its parent, so those who make much are children themselves.
    room = folder / "bombs"
    room.mkdir()
    apart(lambda: bombs(room))
    apart(lambda: make(folder, options.mib << 20))
    try:
        print("| format | stored MB | read MB | CPU s | MB/s | text CPU s | speed beside the text |")
        print("|---|---|---|---|---|---|---|")
        for name, path, beside in pairs(folder):
            cost, text = [], []
            for turn in range(options.rounds + 1):
                own = measure.run([*scan, str(path)])
                plain = measure.run([*scan, "--as", "text", str(beside)])
                if own.status != 1 or plain.status != 1:
                    raise SystemExit(f"{name}: not scanned whole ({own.status}, {plain.status})")
                # The first of each warms up.
                if turn > 0:
                    cost.append(own.cpu)
                    text.append(plain.cpu)
            cpu, other = statistics.median(cost), statistics.median(text)
            size = beside.stat().st_size / 1e6
            ratio = other / cpu
            fell_short |= ratio < AIMS.get(name, 0)
            stored = path.stat().st_size / 1e6
            print(
                f"| {name} | {stored:.1f} | {size:.1f} | {cpu:.2f} | {size / cpu:.0f} | {other:.2f}"
                f" | {ratio:.2f}{' (aim ' + str(AIMS[name]) + ')' if name in AIMS else ''} |"
            )
        print()
        print("| bomb | bytes | exit | CPU s | memory MiB |")
        print("|---|---|---|---|---|")
        for path in sorted(room.iterdir()):
            used = measure.run([*scan, str(path)])
            fell_short |= used.peak > MEMORY
            print(
                f"| {path.name} | {path.stat().st_size} | {used.status} | {used.cpu:.2f}"
                f" | {used.peak / (1 << 20):.0f} |"
            )
    finally:
        shutil.rmtree(folder)
    sys.exit(fell_short)


if __name__ == "__main__":
    main()
