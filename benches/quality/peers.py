#!/usr/bin/env python3
"""The same labelled lines read by efface and by its peers: `peers.py path/to/efface [--write]`.

    python3 -m venv /tmp/peers
    /tmp/peers/bin/pip install presidio-analyzer==2.2.366 phonenumbers==9.0.43 scrubadub==2.0.1
    /tmp/peers/bin/python benches/quality/peers.py target/release/efface --write

The lines are ours (corpus.py), and labelled so: written values in messages, records and logs, and
lines without personal data. `exact` is the share of values found with exactly their characters,
`overlap` of those any finding of their kind touches, `leak` the share of their characters that no
finding covers, whatever its kind, `false` the findings in innocent lines per 1,000 of them. Presidio is
run as its authors ship its patterns and checksums, with a blank language model where none of spaCy's is
installed: names and places are not asked for. With `--write` the table goes into docs/QUALITY.md.
"""
import argparse
import collections
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import corpus

LINES = 2_000
PAGE = pathlib.Path(__file__).parents[2] / "docs" / "QUALITY.md"
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"


def of_efface(binary):
    def read(lines):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "lines.txt")
            path.write_text("\n".join(lines) + "\n")
            told = subprocess.run([binary, "scan", "--no-config", "--except", "special", "--format",
                                   "jsonl", str(path)], capture_output=True, text=True).stdout
        found = [[] for _ in lines]
        for one in map(json.loads, told.splitlines()):
            if one["type"] == "finding":
                text, at = lines[one["line"] - 1].encode(), one["column"] - 1
                start = len(text[:at].decode())
                size = len(text[at:at + one["end"] - one["start"]].decode())
                found[one["line"] - 1].append((start, start + size, one["entity"]))
        return found
    return read


def of_phonenumbers():
    import phonenumbers

    def read(lines):
        return [[(m.start, m.end, "phone") for m in phonenumbers.PhoneNumberMatcher(line, "US")]
                for line in lines]
    return read


def of_scrubadub():
    import scrubadub
    names = {"phone": "phone", "email": "email", "credit_card": "payment_card",
             "social_security_number": "us_ssn"}
    scrubber = scrubadub.Scrubber(locale="en_US")

    def read(lines):
        return [[(f.beg, f.end, names.get(f.type, f.type)) for f in scrubber.iter_filth(line)]
                for line in lines]
    return read


def of_presidio():
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        """spaCy's tokens without a trained model."""

        def __init__(self):
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

    names = {"PHONE_NUMBER": "phone", "EMAIL_ADDRESS": "email", "CREDIT_CARD": "payment_card",
             "IP_ADDRESS": "ip_address", "US_SSN": "us_ssn", "MAC_ADDRESS": "mac_address"}
    engine = AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])

    def read(lines):
        told = []
        for line in lines:
            hits = engine.analyze(line, language="en", score_threshold=0.35)
            told.append([(h.start, h.end, names.get(h.entity_type, h.entity_type)) for h in hits
                         if h.entity_type not in ("URL", "DATE_TIME")])
        return told
    return read


def score(read, lines, clean):
    start = time.process_time()
    found = read([text for text, _ in lines])
    false = sum(len(hits) for hits in read([text for text, _ in clean]))
    wanted, exact, overlap, letters, covered = (collections.Counter() for _ in range(5))
    for (_, values), here in zip(lines, found):
        for begin, end, entity in values:
            wanted[entity] += 1
            letters[entity] += end - begin
            exact[entity] += (begin, end, entity) in here
            overlap[entity] += any(e == entity and b < end and begin < t for b, t, e in here)
            covered[entity] += sum(any(b <= at < t for b, t, _ in here) for at in range(begin, end))
    rows = {entity: (exact[entity] / n, overlap[entity] / n, 1 - covered[entity] / letters[entity])
            for entity, n in wanted.items()}
    return rows, 1000 * false / len(clean), time.process_time() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    lines, clean = corpus.written(corpus.rng(21), LINES), corpus.innocent(corpus.rng(22), LINES)
    peers = {"efface": lambda: of_efface(args.efface), "phonenumbers": of_phonenumbers,
             "scrubadub": of_scrubadub, "presidio-analyzer": of_presidio}
    entities = sorted({entity for _, values in lines for _, _, entity in values})
    table = ["| tool | " + " | ".join(entities) + " | false per 1,000 lines |",
             "|---|" + "--:|" * (len(entities) + 1)]
    for name, make in peers.items():
        try:
            read = make()
        except Exception as error:  # A peer that cannot be had is said so and left out.
            print(f"{name} is not run: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        rows, false, _ = score(read, lines, clean)
        version = "" if name == "efface" else " " + importlib.metadata.version(name)
        cells = " | ".join(" ".join(f"{share:.3f}" for share in rows[entity]) for entity in entities)
        table.append(f"| {name}{version} | {cells} | {false:.1f} |")
    text = "\n".join(table)
    print(text)
    if args.write:
        page = PAGE.read_text()
        head, rest = page.split(BEGIN)
        PAGE.write_text(head + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
