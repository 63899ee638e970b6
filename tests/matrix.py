#!/usr/bin/env python3
"""Writes the same two values into every format, in every spelling that may stand in it.

    tests/matrix.py FOLDER

Each file is called after its format and its layer, and holds a number and an address once, in one
text. Python's own writers make the formats (csv, json, xml, email, sqlite3, zipfile, tarfile,
plistlib), so nothing here is shared with the program that reads them. Prints the names.
"""

import base64
import csv
import gzip
import io
import json
import pathlib
import plistlib
import quopri
import sqlite3
import sys
import tarfile
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from xml.sax.saxutils import escape, quoteattr

TEXT = "please call 416-555-0123 or write to jo@example.com today"


def spelled(as_one):
    return "".join(as_one(ord(ch)) for ch in TEXT)


def nested(text, times):
    """JSON in JSON, so many times."""
    for depth in range(times):
        text = json.dumps({"level": depth, "note": text})
    return text


# What a text may be spelled as that stands in another one.
LAYERS = {
    "plain": TEXT,
    "json-escape": spelled(lambda code: f"\\u{code:04x}"),
    "xml-entity": spelled(lambda code: f"&#{code};"),
    "percent": "q=" + spelled(lambda code: f"%{code:02X}") + "&ok=1",
    "hex-escape": spelled(lambda code: f"\\x{code:02x}"),
    "base64": "payload=" + base64.b64encode(TEXT.encode()).decode() + " end",
    "hexadecimal": "payload=" + TEXT.encode().hex() + " end",
    "json-in-json": "2024-05-02 10:11:12 INFO got " + nested(TEXT, 3),
    "percent-in-json": "got " + json.dumps({"url": spelled(lambda code: f"%{code:02X}")}),
    "escape-in-json-in-json": "got "
    + json.dumps({"body": json.dumps({"note": TEXT}).replace("jo@", "jo\\u0040").replace("416", "\\u00341\\u0036")}),
}


def log(text):
    lines = [f"2024-05-02 10:11:{second:02} INFO started worker" for second in range(8)]
    return "\n".join([*lines, f"2024-05-02 10:12:00 INFO {text}", "2024-05-02 10:12:01 INFO ok", ""])


def table(delimiter):
    def write(text):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerows([["id", "note", "state"], [1, "nothing", "new"], [2, text, "done"], [3, "", "new"]])
        return out.getvalue()

    return write


def xml_text(text):
    return f"<?xml version='1.0'?>\n<notes>\n<note id='1'>{escape(text)}</note>\n</notes>\n"


def xml_attribute(text):
    return f"<?xml version='1.0'?>\n<smses count='1'>\n<sms id='1' body={quoteattr(text)} />\n</smses>\n"


def xml_data(text):
    return f"<?xml version='1.0'?>\n<notes>\n<note><![CDATA[{text}]]></note>\n</notes>\n"


def folded(line, width):
    return "\r\n ".join(line[at : at + width] for at in range(0, len(line), width))


def card(text):
    escaped = text.replace("\\", "\\\\").replace(",", "\\,")
    lines = ["BEGIN:VCARD", "VERSION:4.0", "FN:Somebody", folded("NOTE:" + escaped, 70), "END:VCARD", ""]
    return "\r\n".join(lines)


def dump(text):
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return (
        "-- MySQL dump 10.13\nCREATE TABLE `notes` (`id` int, `note` text);\n"
        f"INSERT INTO `notes` VALUES (1,'nothing'),(2,'{quoted}');\n"
    )


def copied(text):
    quoted = text.replace("\\", "\\\\")
    return (
        "-- PostgreSQL database dump\nCREATE TABLE notes (id integer, note text);\n"
        f"COPY notes (id, note) FROM stdin;\n1\tnothing\n2\t{quoted}\n\\.\n"
    )


# Formats of text: what they are called, and how they hold a text.
TEXTS = {
    "log": log,
    "csv": table(","),
    "tsv": table("\t"),
    "json": lambda text: json.dumps({"notes": [{"id": 1, "note": text}]}, indent=1),
    "compact.json": lambda text: json.dumps({"notes": [{"id": 1, "note": text}]}, separators=(",", ":")),
    "jsonl": lambda text: json.dumps({"id": 1}) + "\n" + json.dumps({"id": 2, "note": text}) + "\n",
    "xml": xml_text,
    "attribute.xml": xml_attribute,
    "cdata.xml": xml_data,
    "vtt": lambda text: f"WEBVTT\n\n00:00:01.000 --> 00:00:09.000\n<v Jo>{text}\n\n00:00:10.000 --> 00:00:11.000\nbye\n",
    "srt": lambda text: f"1\n00:00:01,000 --> 00:00:09,000\n{text}\n\n2\n00:00:10,000 --> 00:00:11,000\nbye\n",
    "vcf": card,
    "sql": dump,
    "copy.sql": copied,
    "syslog": lambda text: f"<34>1 2024-05-02T10:11:12Z host app - - - {text}\n" * 1 + "<34>1 2024-05-02T10:11:13Z host app - - - ok\n",
    "logfmt": lambda text: f"time=2024-05-02T10:11:12Z level=info msg={json.dumps(text)}\n" + "time=2024-05-02T10:11:13Z level=info msg=ok\n",
}


def mail(text, how):
    made = EmailMessage(policy=SMTP.clone(max_line_length=78))
    made["From"], made["To"], made["Subject"] = "Somebody <a@nowhere.invalid>", "b@nowhere.invalid", "note"
    made.set_content(text + "\n", cte=how)
    return made.as_bytes()


def seven(text):
    """UTF-7, quoted-printable around it."""
    body = quopri.encodestring(text.encode("utf-7").replace(b"@", b"+AEA-"))
    return b"From: a\nTo: b\nContent-Type: text/plain; charset=utf-7\nContent-Transfer-Encoding: quoted-printable\n\n" + body + b"\n"


def wide_part(text):
    head = b"From: a\nTo: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: binary\n\n"
    return head + (text + "\n").encode("utf-16le")


def folder_of(messages):
    return b"".join(b"From a@nowhere.invalid Thu May  2 10:11:12 2024\n" + one.replace(b"\r\n", b"\n") + b"\n" for one in messages)


MAILS = {
    "7bit": lambda text: mail(text, "7bit"),
    "quoted-printable": lambda text: mail(text, "quoted-printable"),
    "base64": lambda text: mail(text, "base64"),
}


def database(path, text, encoding):
    made = sqlite3.connect(path)
    made.execute(f"pragma encoding = '{encoding}'")
    made.execute("create table notes (id integer primary key, note text, raw blob)")
    made.executemany("insert into notes values (?, ?, ?)", [(1, "nothing", b""), (2, text, b"")])
    made.commit()
    made.close()


def blob(path, content):
    made = sqlite3.connect(path)
    made.execute("create table notes (id integer primary key, raw blob)")
    made.execute("insert into notes values (1, ?)", [content])
    made.commit()
    made.close()


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def sheet(text):
    strings = f"<?xml version='1.0'?><sst><si><t>nothing</t></si><si><t>{escape(text)}</t></si></sst>"
    return zipped([("[Content_Types].xml", "<Types/>"), ("xl/sharedStrings.xml", strings)])


def document(text):
    body = f"<?xml version='1.0'?><w:document><w:body><w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p></w:body></w:document>"
    return zipped([("[Content_Types].xml", "<Types/>"), ("word/document.xml", body)])


def tape(text):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("a.log")
        member.size = len(log(text).encode())
        archive.addfile(member, io.BytesIO(log(text).encode()))
    return out.getvalue()


def journal(text):
    own = text.encode()
    if b"\n" in own:
        raise ValueError("a field of one line")
    return b"__REALTIME_TIMESTAMP=1714644672000000\nPRIORITY=6\nMESSAGE=" + own + b"\n\n"


def octets(text):
    lines = [f"<34>1 2024-05-02T10:11:12Z host app - - - {one}".encode() for one in (text, "ok")]
    return b"".join(b"%d %s" % (len(line), line) for line in lines)


def main():
    folder = pathlib.Path(sys.argv[1])
    names = []

    def put(form, layer, content):
        names.append(f"{layer}.{form}")
        if isinstance(content, str):
            content = content.encode()
        (folder / names[-1]).write_bytes(content)

    for layer, text in LAYERS.items():
        for form, write in TEXTS.items():
            # A card escapes backslashes once more, which is deeper than anything is read.
            if (form, layer) != ("vcf", "escape-in-json-in-json"):
                put(form, layer, write(text))
        for how, write in MAILS.items():
            put(f"{how}.eml", layer, write(text))
        put("mbox", layer, folder_of([mail("nothing", "7bit"), mail(text, "quoted-printable")]))
        put("utf-7.eml", layer, seven(text))
        put("utf-16.eml", layer, wide_part(text))
        put("xlsx", layer, sheet(text))
        put("docx", layer, document(text))
        put("zip", layer, zipped([("a.log", log(text)), ("b/c.csv", table(",")("nothing"))]))
        put("tar", layer, tape(text))
        put("log.gz", layer, gzip.compress(log(text).encode(), mtime=0))
        put("journal", layer, journal(text))
        put("octets.log", layer, octets(text))
        put("plist", layer, plistlib.dumps({"note": text}, fmt=plistlib.FMT_BINARY))
        for encoding in ["UTF-8", "UTF-16le"]:
            names.append(f"{layer}.{encoding}.sqlite")
            database(folder / names[-1], text, encoding)
        names.append(f"{layer}.json-blob.sqlite")
        blob(folder / names[-1], json.dumps({"note": text}).encode())
        names.append(f"{layer}.plist-blob.sqlite")
        blob(folder / names[-1], plistlib.dumps({"note": text}, fmt=plistlib.FMT_BINARY))
    # The encoding of the file itself.
    for layer in ["plain", "json-in-json", "json-escape", "percent"]:
        for form, write in TEXTS.items():
            for encoding in ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"]:
                content = write(LAYERS[layer])
                if encoding == "utf-16-be" and form == "vtt":
                    continue
                put(form, f"{layer}.{encoding}", content.encode(encoding))
    # Spellings of one format alone.
    put("b64.vcf", "plain", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Somebody\r\n" + folded("NOTE;ENCODING=b:" + base64.b64encode(TEXT.encode()).decode(), 70) + "\r\nEND:VCARD\r\n")
    quoted = quopri.encodestring(TEXT.replace("0", "=30").replace("=30", "0").encode()).decode().replace("@", "=40")
    put("qp.vcf", "plain", f"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Somebody\r\nNOTE;ENCODING=QUOTED-PRINTABLE:{quoted}\r\nEND:VCARD\r\n")
    put("words.eml", "plain", f"From: a\nTo: b\nSubject: =?utf-8?B?{base64.b64encode(TEXT.encode()).decode()}?=\n\nhi\n")
    put("q-words.eml", "plain", "From: a\nTo: b\nSubject: =?utf-8?Q?" + spelled(lambda code: f"={code:02X}") + "?=\n\nhi\n")
    put("utf7-words.eml", "plain", "From: a\nTo: b\nSubject: =?utf-7?Q?" + TEXT.replace(" ", "_").replace("@", "+AEA-") + "?=\n\nhi\n")
    put("hex.sql", "plain", f"-- MySQL dump 10.13\nCREATE TABLE `notes` (`id` int, `note` blob);\nINSERT INTO `notes` VALUES (1,0x{TEXT.encode().hex()});\n")
    print("\n".join(names))


if __name__ == "__main__":
    main()
