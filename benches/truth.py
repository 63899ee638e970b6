"""Compares findings with what was planted. A process of its own, so that the measuring one stays
small: `truth.py SPANS.tsv SOURCE REPORT.jsonl [OTHER.jsonl ...]` prints one JSON object.

SPANS.tsv: `entity TAB start TAB end`, half-open byte offsets. REPORT.jsonl: `efface scan
--format jsonl`. The others must say the same, apart from path and seconds.
"""

import bisect
import collections
import hashlib
import json
import re
import sys

# Names other generators use, and the family that is compared by touch only.
ALIASES = {"card": "payment_card", "ipv4": "ip_address", "ipv6": "ip_address", "term": "special"}
EXACT = {"phone", "email", "payment_card", "ip_address"}
SHOWN = 5
PATH = re.compile(rb'"path":"(?:[^"\\]|\\.)*"')
SECONDS = re.compile(rb'"seconds":[0-9.eE+-]+')


def family(entity):
    return "special" if entity.startswith("special") else entity


def planted(path):
    """{entity: set of (start, end)}"""
    spans = collections.defaultdict(set)
    with open(path, encoding="ascii") as lines:
        for line in lines:
            entity, start, end = line.split("\t")
            spans[family(ALIASES.get(entity, entity))].add((int(start), int(end)))
    return spans


def reported(path):
    """The same from a report, with a digest of it that forgets path and seconds."""
    spans = collections.defaultdict(set)
    count, digest = 0, hashlib.sha256()
    with open(path, "rb") as lines:
        for line in lines:
            digest.update(SECONDS.sub(b"", PATH.sub(b"", line, count=1)))
            if line.startswith(b'{"type":"finding"'):
                finding = json.loads(line)
                spans[family(finding["entity"])].add((finding["start"], finding["end"]))
                count += 1
    return spans, count, digest.hexdigest()


class Cover:
    """Answers whether a range touches one of many disjoint ranges."""

    def __init__(self, spans):
        self.spans = sorted(spans)

    def touches(self, start, end):
        at = bisect.bisect_left(self.spans, (end, end)) - 1
        return at >= 0 and self.spans[at][1] > start


def excerpts(source, spans):
    """The bytes around the first few spans: corpora are synthetic, so they may be shown."""
    shown = []
    with open(source, "rb") as data:
        for start, end in sorted(spans)[:SHOWN]:
            data.seek(max(0, start - 30))
            around = data.read(end - max(0, start - 30) + 20)
            shown.append(f"{start}..{end} {around.decode('utf-8', 'replace')!r}")
    return shown


def main(spans_path, source, report, *others):
    truth = planted(spans_path)
    found, count, digest = reported(report)
    spoken = Cover(truth.get("spoken_phone", ()))
    result = {"findings": count, "entities": {}, "same": [], "planted": 0, "exact": 0, "extra": 0}
    for entity in sorted(EXACT):
        want, have = truth.get(entity, set()), found.get(entity, set())
        missing = want - have
        extra = {span for span in have - want if not spoken.touches(*span)}
        touched = Cover(have)
        result["entities"][entity] = {
            "planted": len(want),
            "exact": len(want) - len(missing),
            "touched": sum(touched.touches(*span) for span in missing) + len(want) - len(missing),
            "extra": len(extra),
            "missing_shown": excerpts(source, missing),
            "extra_shown": excerpts(source, extra),
        }
        result["planted"] += len(want)
        result["exact"] += len(want) - len(missing)
        result["extra"] += len(extra)
    terms = Cover(found.get("special", ()))
    want = truth.get("special", set())
    result["entities"]["special.*"] = {
        "planted": len(want),
        "touched": sum(terms.touches(*span) for span in want),
        "found": len(found.get("special", ())),
    }
    result["same"] = [reported(other)[2] == digest for other in others]
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
