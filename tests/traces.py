#!/usr/bin/env python3
"""Looks for values in files the way somebody would who wants them back: decoded in every way.

    tests/traces.py FOLDER VALUE...

Numbers are looked for by their last ten digits, whatever stands between them; other values as they
are, in any case. Each file is read as it stands, and with everything decoded that looks encoded:
percent, backslash, JSON and XML escapes, quoted-printable, base64, hexadecimal, arrays of bytes,
UTF-16, UTF-7, colour codes, folded lines; each again in what came of another, three deep. Words of a
transcript are joined, and their numerals read as digits.
Prints a line for every file in which something is left, and ends with status 1 if one is.
"""

import base64
import html
import json
import pathlib
import quopri
import re
import sys
import urllib.parse

DEPTH = 3
NUMERALS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine".split())
} | {"oh": "0"}


def strings_of(value):
    """The strings of each key of a JSON value, joined, and each by itself."""
    by_key, alone = {}, []

    def walk(value, key):
        if isinstance(value, dict):
            for name, one in value.items():
                walk(one, name)
        elif isinstance(value, list):
            octets = [one for one in value if isinstance(one, int) and 0 <= one < 256]
            if value and len(octets) == len(value):
                alone.append(bytes(octets).decode("latin-1"))
            if value and all(isinstance(one, str) for one in value):
                alone.append(" ".join(value))
            for one in value:
                walk(one, key)
        elif isinstance(value, str):
            by_key.setdefault(key, []).append(value)
            alone.append(value)
        elif isinstance(value, (int, float)):
            alone.append(str(value))

    walk(value, "")
    return alone + [" ".join(one) for one in by_key.values()]


def decoded(text):
    """What `text` may come to."""
    yield re.sub(r"\x1b\[[0-9;]*m", "", text)
    yield re.sub(r"\r?\n[ \t]", "", text)
    if "%" in text:
        yield urllib.parse.unquote(text, errors="replace")
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
        yield re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
        yield re.sub(r"\\(.)", r"\1", text)
        yield re.sub(r"\\[ntr]", " ", text)
    if "=" in text:
        yield quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    for run in re.findall(r"(?:[A-Za-z0-9+/]{4}\s*){4,}[A-Za-z0-9+/=]*", text):
        packed = re.sub(r"\s", "", run)
        for start in range(0, 4):
            try:
                octets = base64.b64decode(packed[start:] + "===", validate=False)
            except ValueError:
                continue
            yield octets.decode("utf-8", "replace")
            yield octets.decode("utf-16-le", "replace")
    for run in re.findall(r"(?:[0-9a-fA-F]{2}){8,}", text):
        yield bytes.fromhex(run).decode("utf-8", "replace")
    if "+" in text and "-" in text:
        yield text.encode("ascii", "ignore").decode("utf-7", "replace")
    for line in [text, *text.splitlines()]:
        try:
            yield from strings_of(json.loads(line))
        except ValueError:
            continue


def holds(text, value):
    if "@" in value:
        spoken = re.sub(r"\s+dot\s+", ".", re.sub(r"\s+at\s+", "@", text.lower()))
        return value.lower() in text.lower() or value.lower() in spoken
    words = re.sub(
        r"[a-z]+", lambda m: NUMERALS.get(m[0], m[0]), re.sub(r"[^\w+]+", " ", text.lower())
    )
    number = re.sub(r"\D", "", value)[-10:]
    for spelling in (text, words):
        if number in re.sub(r"[\s().+*/\"',-]", "", spelling):
            return True
    return False


def traces(data, values):
    """The values that are in `data` in one way or another."""
    seen, found = set(), set()
    texts = [data.decode("utf-8", "replace"), data.decode("latin-1")]
    texts += [data.decode(name, "replace") for name in ("utf-16-le", "utf-16-be")]
    texts.append(data[1:].decode("utf-16-be", "replace"))
    for _ in range(DEPTH):
        coming = []
        for text in texts:
            if text in seen or len(text) < 7:
                continue
            seen.add(text)
            found.update(value for value in values if holds(text, value))
            coming.extend(decoded(text))
        texts = coming
    return sorted(found)


def main():
    sys.setrecursionlimit(100_000)
    folder, values = pathlib.Path(sys.argv[1]), sys.argv[2:]
    left = 0
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        found = traces(path.read_bytes(), values)
        left += bool(found)
        if found:
            print(f"{path.relative_to(folder)}: {', '.join(found)}")
    raise SystemExit(1 if left else 0)


if __name__ == "__main__":
    main()
