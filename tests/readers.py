#!/usr/bin/env python3
"""Shows on real files that redaction in place harms nothing: other programs read the result.

    tests/readers.py [--efface PROGRAM] [--list FILE] FOLDER
    tests/readers.py --shapes FOLDER

The second only says what shape each file has for which reader. The first works on a copy of
FOLDER. Every file is read by a reader of Python's own before and after (csv, json, xml, email,
mailbox, sqlite3, zipfile, tarfile, gzip, bz2, lzma, and lines for everything else), and has the same
shape: rows and columns, keys and lengths, elements and attributes, messages and parts; of an archive
the members with their names, times and modes, and the shape of each.
Bytes outside the parts that the scan named are the same, a second scan finds nothing, and a second
run changes nothing. Ends with status 1 when one of these does not hold. `--list` writes what each
file came to, one a line with tabs between: file, format, status, reason, findings, what became of it
(`unchanged`, `held` where all of the above held, or what did not), and the reader. The list of the
real samples is `tests/formats/samples.tsv`, from which docs/FORMATS.md is written.
"""

import argparse
import bz2
import collections
import csv
import email
import email.policy
import gzip
import io
import json
import lzma
import mailbox
import os
import pathlib
import plistlib
import re
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import tempfile
import xml.etree.ElementTree as xml
import zipfile

csv.field_size_limit(1 << 30)
DIVIDERS = {}
# What redaction covers unless told otherwise.
KINDS = ["--except", "special,person_name,postal_address"]


def shape_of_json(value):
    if isinstance(value, dict):
        return [(key, shape_of_json(one)) for key, one in value.items()]
    if isinstance(value, list):
        return [shape_of_json(one) for one in value]
    return type(value).__name__


def shape_of_message(message):
    if message.is_multipart():
        return [shape_of_message(part) for part in message.get_payload()]
    body = message.get_payload(decode=True) or b""
    return message.get_content_type(), sorted(message.keys()), body.count(b"\n")


def text_of(data):
    for bom, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8")):
        if data.startswith(bom):
            return data.decode(name, "surrogateescape")
    return ""


def as_json(path, data):
    return "json", shape_of_json(json.loads(text_of(data)))


def as_json_lines(path, data):
    lines = text_of(data).splitlines()
    if len(lines) < 2:
        raise ValueError("one line is no list of lines")
    return "json lines", [shape_of_json(json.loads(line)) for line in lines if line]


def as_xml(path, data):
    root = xml.fromstring(data)
    return "xml", [(one.tag, sorted(one.attrib), len(one)) for one in root.iter()]


def as_mail(path, data):
    if not path.name.endswith((".eml", ".msg")):
        raise ValueError("not a message by its name")
    return "mail", shape_of_message(email.message_from_bytes(data, policy=email.policy.compat32))


def as_mailbox(path, data):
    if not data.startswith(b"From "):
        raise ValueError("not a mailbox")
    return "mailbox", [shape_of_message(one) for one in mailbox.mbox(path, create=False)]


def as_database(path, data):
    if not data.startswith(b"SQLite format 3\0"):
        raise ValueError("not a database")
    database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
    count = lambda table: database.execute(f'select count(*) from "{table}"').fetchone()
    rows = {table: count(table) for (table,) in tables}
    return "sqlite", (database.execute("pragma integrity_check").fetchall(), rows)


def as_archive(path, data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    return "zip", [
        (one.filename, one.date_time, one.external_attr, one.extra, one.compress_type)
        + shape_within(one.filename, archive.read(one))
        for one in archive.infolist()
    ]


def as_tape(path, data):
    # Its reader takes what is packed as well, and anything of zeros for an empty archive.
    archive = tarfile.open(fileobj=io.BytesIO(data))
    members = [
        (one.name, one.mtime, one.mode, one.uname, one.type, one.linkname)
        + (shape_within(one.name, archive.extractfile(one).read()) if one.isreg() else ())
        for one in archive.getmembers()
    ]
    if not members:
        raise ValueError("not an archive")
    return "tar", members


def shape_within(name, data):
    """What the readers say of a source that lies in another."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, pathlib.PurePath(name).name or "member")
        path.write_bytes(data)
        return read(path)


def as_packed(path, data):
    for start, module in ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ\0", lzma)):
        if data.startswith(start):
            return module.__name__, shape_within(path.stem, module.decompress(data))
    raise ValueError("not packed")


def as_table(path, data):
    if not path.name.endswith((".csv", ".tsv")):
        raise ValueError("not a table by its name")
    text = text_of(data)
    # What it is divided by is told once, from the file as it was.
    divider = DIVIDERS.setdefault(path, max(",;\t|", key=text.count))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    return "csv", [len(row) for row in rows]


def as_plist(path, data):
    if not data.startswith(b"bplist0"):
        raise ValueError("not a binary property list")
    shape = lambda value: (
        {key: shape(one) for key, one in value.items()}
        if isinstance(value, dict)
        else [shape(one) for one in value]
        if isinstance(value, list)
        else (type(value).__name__, len(value))
        if isinstance(value, (str, bytes))
        else value
    )
    return "plistlib", shape(plistlib.loads(data))


def as_typed_stream(path, data):
    """The lengths of the strings behind each `+`, and whether the first is as long as it says."""
    if not data.startswith(b"\x04\x0bstreamtyped"):
        raise ValueError("not a typed stream")
    at = data.index(b"\x84\x01+") + 3
    size, at = (data[at], at + 1)
    if size == 0x81:
        size, at = (struct.unpack("<H", data[at : at + 2])[0], at + 2)
    text = data[at : at + size].decode("utf-8")
    if data[at + size] != 0x86:
        raise ValueError("the string does not end where it says")
    return "typed stream", (size, len(text), len(data))


def as_journal(path, data):
    """The fields of each entry, as the export format of journald has them."""
    if not data.startswith((b"__CURSOR=", b"__REALTIME_TIMESTAMP=")):
        raise ValueError("not a journal")
    entries, at = [[]], 0
    while at < len(data):
        end = data.index(b"\n", at)
        line = data[at:end]
        at = end + 1
        if not line:
            entries.append([])
        elif b"=" in line:
            entries[-1].append(line.split(b"=")[0])
        else:
            size = struct.unpack("<Q", data[at : at + 8])[0]
            at += 8 + size + 1
            if data[at - 1 : at] != b"\n":
                raise ValueError("a field does not end where it says")
            entries[-1].append(line)
    return "journal fields", entries


def as_syslog_frames(path, data):
    if not re.match(rb"\d+ <\d+>", data):
        raise ValueError("not frames")
    messages, at = [], 0
    while at < len(data):
        digits = re.match(rb"(\d+) (?=<)", data[at:])
        at += digits.end() + int(digits[1])
        messages.append(re.match(rb"<\d+>\d+ \S+ \S+ \S+", data[at - int(digits[1]) :])[0])
    if at != len(data):
        raise ValueError("a frame does not end where it says")
    return "syslog frames", messages


def as_sip(path, data):
    """The headers of each message, and whether its body is as long as it says."""
    if b"SIP/2.0\r\n" not in data:
        raise ValueError("no SIP")
    messages = []
    for head, rest in zip(*[iter(re.split(rb"(?<=\r\n)\r\n", data))] * 2):
        size = int(re.search(rb"(?mi)^(?:l|content-length)\s*:\s*(\d+)", head)[1])
        if rest[size : size + 2] not in (b"", b"\r\n"):
            raise ValueError("the body does not end where it says")
        messages.append(re.findall(rb"(?m)^([\w-]+)\s*:", head))
    return "sip", messages


def as_cards(path, data):
    if not data.startswith(b"BEGIN:VCARD"):
        raise ValueError("no card")
    text = re.sub(rb"\r\n[ \t]", b"", data.replace(b"=\r\n", b""))
    names = [re.split(rb"[:;]", line)[0] for line in text.splitlines()]
    return "cards", names


def as_sql(path, data):
    """What SQLite says of each statement, where COPY blocks and foreign words are taken out."""
    text = data.decode("utf-8", "surrogateescape")
    if not re.search("(?m)^(INSERT INTO|COPY) ", text):
        raise ValueError("no SQL")
    rows = [
        [len(line.split("\t")) for line in block.splitlines()]
        for block in re.findall(r"(?ms)^COPY [^\n]*\n(.*?)^\\\.$", text)
    ]
    text = re.sub(r"(?ms)^COPY .*?^\\\.$", "", text).replace("\\'", "''").replace("public.", "")
    text = re.sub(r"\b0x([0-9a-f]+)", r"x'\1'", text).replace(" E'", " '")
    database = sqlite3.connect(":memory:")
    database.executescript(text)
    for (table,) in database.execute("select name from sqlite_master").fetchall():
        kinds = f'select *, count(*) from "{table}"'
        rows.append([type(one).__name__ for one in database.execute(kinds).fetchone()])
        rows.append(database.execute(f'select count(*) from "{table}"').fetchone())
    return "sqlite3", rows


def as_lines(path, data):
    return "lines", [len(line) for line in data.split(b"\n")]


READERS = [
    as_plist, as_typed_stream, as_journal, as_syslog_frames, as_sip, as_cards, as_sql,
    as_database, as_archive, as_tape, as_packed, as_json, as_json_lines, as_xml, as_mailbox, as_mail,
    as_table,
    as_lines,
]


def read(path):
    """The name of the first reader that takes the file, and the shape it sees."""
    data = path.read_bytes()
    for reader in READERS:
        try:
            return reader(path, data)
        except Exception:  # Not for this reader: each fails in its own way.
            continue
    raise SystemExit(f"no reader for {path}")


def outside(data, parts):
    """The bytes that no part covers."""
    kept, at = [], 0
    for start, end in sorted(parts):
        kept.append(data[at:max(at, start)])
        at = max(at, end)
    return b"".join(kept) + data[at:]


def scan(efface, tree):
    lines = subprocess.run(
        [efface, "scan", "--format", "jsonl", *KINDS, str(tree)], capture_output=True, check=False
    ).stdout.splitlines()
    findings, accounts = collections.defaultdict(list), {}
    for line in map(json.loads, lines):
        if line["type"] == "finding":
            findings[line["path"]].append(line)
        elif line["type"] == "file":
            accounts[line["path"]] = line
    return findings, accounts


def write_list(path, tree, before, found, accounts, became):
    rows = []
    for one, (_, (reader, _)) in before.items():
        account = accounts[str(one)]
        within = sum(len(lines) for at, lines in found.items() if at.startswith(f"{one}!"))
        rows.append([
            str(one.relative_to(tree)), account["format"] or "-", account["status"],
            account["reason"] or "-", str(len(found.get(str(one), [])) + within),
            became.get(one, "unchanged"), reader,
        ])
    path.write_text("".join("\t".join(row) + "\n" for row in rows))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--efface", default="target/release/efface")
    arguments.add_argument("--shapes", action="store_true")
    arguments.add_argument("--list", type=pathlib.Path)
    arguments.add_argument("folder")
    options = arguments.parse_args()
    if options.shapes:
        folder = pathlib.Path(options.folder)
        for one in sorted(one for one in folder.rglob("*") if one.is_file()):
            reader, shape = read(one)
            print(json.dumps([str(one.relative_to(folder)), reader, repr(shape)]))
        return
    efface = os.path.abspath(options.efface)
    wrong, by_reader = [], collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder, "tree")
        shutil.copytree(options.folder, tree)
        os.environ["XDG_STATE_HOME"] = os.path.join(folder, "state")
        files = [one for one in sorted(tree.rglob("*")) if one.is_file()]
        found, accounts = scan(efface, tree)
        became = {}
        before = {one: (one.read_bytes(), read(one)) for one in files}
        subprocess.run(
            [efface, "redact", "--in-place", str(tree)], stdout=subprocess.DEVNULL, check=False
        )
        changed = 0
        for one in files:
            data, shape = before[one]
            now = one.read_bytes()
            if now == data:
                continue
            changed += 1
            by_reader[shape[0]] += 1
            became[one] = "held"
            if read(one) != shape:
                became[one] = "another shape"
                wrong.append(f"{one.relative_to(tree)}: another shape for {shape[0]}")
            if shape[0] in ("zip", "tar", "gzip", "bz2", "lzma"):
                continue
            # Of what is decoded or in a database, the places are not those of bytes.
            direct = [line for line in found[str(one)] if not line["via"] and "table" not in line]
            parts = [part for line in direct for part in line["parts"]]
            if len(direct) == len(found[str(one)]) and len(now) == len(data):
                if outside(data, parts) != outside(now, parts):
                    became[one] = "bytes outside differ"
                    wrong.append(f"{one.relative_to(tree)}: bytes outside the findings differ")
        left, _ = scan(efface, tree)
        became.update((pathlib.Path(one), "found again") for one in left)
        wrong += [f"{os.path.relpath(one, tree)}: found again" for one in left]
        after = {one: one.read_bytes() for one in files}
        subprocess.run(
            [efface, "redact", "--in-place", str(tree)], stdout=subprocess.DEVNULL, check=False
        )
        wrong += [
            f"{one.relative_to(tree)}: changed again"
            for one in files
            if one.read_bytes() != after[one]
        ]
        if options.list:
            write_list(options.list, tree, before, found, accounts, became)
    values = sum(map(len, found.values()))
    print(f"{len(files)} files, {changed} changed, {values} values")
    for reader, count in sorted(by_reader.items()):
        print(f"  read before and after by {reader}: {count}")
    print("\n".join(wrong) or "all as it should be")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
