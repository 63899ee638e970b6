#!/usr/bin/env python3
"""What written values and innocent logs are taken for: `measure.py path/to/efface [--wrong]`.

Three tables from corpus.py: false findings in lines without personal data (at least 99 % of the lines
must be clean, at most one card in 10,000 runs of digits); exact spans, overlaps and leak of written
values; and how often findings of each confidence are right, so that 0.9 can be held to nine in ten.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import corpus

LINES = 40_000


def scan(efface, lines, least="0.3"):
    """The findings of each line, in characters."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "lines.log")
        path.write_text("\n".join(text for text, _ in lines) + "\n")
        told = subprocess.run(
            [efface, "scan", "--no-config", "--min-confidence", least, "--format",
             "jsonl", str(path)], capture_output=True, text=True).stdout
    found = collections.defaultdict(list)
    for one in map(json.loads, told.splitlines()):
        if one["type"] != "finding":
            continue
        line = one["line"] - 1
        text, start = lines[line][0].encode(), one["column"] - 1
        size = one["end"] - one["start"]
        begin = len(text[:start].decode())
        end = begin + len(text[start:start + size].decode())
        found[line].append((begin, end, one["entity"], one["confidence"]))
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("--wrong", action="store_true")
    args = parser.parse_args()
    failed = False
    clean = corpus.innocent(corpus.rng(11), LINES)
    found = scan(args.efface, clean)
    told = {line: [f for f in hits if f[3] >= 0.5] for line, hits in found.items()}
    dirty = {line for line, hits in told.items() if hits}
    kinds = collections.Counter(f[2] for hits in told.values() for f in hits)
    runs = sum(len(re.findall(r"\d{12,19}", text)) for text, _ in clean)
    cards = kinds["payment_card"]
    share = 1 - len(dirty) / len(clean)
    print(f"innocent: {len(clean)} lines, {share:.4f} clean, {cards} cards in {runs} runs of 12 to 19 "
          f"digits; {dict(kinds)}")
    failed |= share < .99 or cards > runs / 10_000 or kinds["ip_address"] > 0
    if args.wrong:
        shown = collections.Counter()
        for line in sorted(dirty):
            for begin, end, entity, confidence in told[line]:
                frame = re.sub(r"[0-9a-f]{3,}|\d+", "0", clean[line][0])
                shown[entity, frame] += 1
                if shown[entity, frame] <= 2:
                    print("  false", entity, confidence, clean[line][0][begin:end], "|", clean[line][0])
    lines = corpus.written(corpus.rng(12), LINES // 2)
    hits = scan(args.efface, lines)
    wanted, exact, overlap, letters, covered = (collections.Counter() for _ in range(5))
    right = collections.defaultdict(lambda: [0, 0])
    for line, (text, values) in enumerate(lines):
        here = hits[line]
        for begin, end, entity in values:
            wanted[entity] += 1
            letters[entity] += end - begin
            mine = [f for f in here if f[3] >= 0.5]
            exact[entity] += any(f[:3] == (begin, end, entity) for f in mine)
            overlap[entity] += any(f[2] == entity and f[0] < end and begin < f[1] for f in mine)
            covered[entity] += sum(any(f[0] <= at < f[1] for f in mine) for at in range(begin, end))
            if args.wrong and not any(f[:3] == (begin, end, entity) for f in mine):
                shown[entity] += 1
                if shown[entity] <= 12:
                    print("  missed", entity, text[begin:end], "|", text, here)
        for begin, end, entity, confidence in here:
            hit = any(e == entity and b < end and begin < t for b, t, e in values)
            at = right[int(confidence * 10 + 1e-9) / 10]
            at[0] += 1
            at[1] += hit
    for hit in (f for line in found.values() for f in line):
        right[int(hit[3] * 10 + 1e-9) / 10][0] += 1
    print("| entity | values | exact | overlap | leak |\n|---|--:|--:|--:|--:|")
    for entity in sorted(wanted):
        n = wanted[entity]
        print(f"| {entity} | {n} | {exact[entity] / n:.4f} | {overlap[entity] / n:.4f} "
              f"| {1 - covered[entity] / letters[entity]:.4f} |")
    print("| confidence | findings | right |\n|---|--:|--:|")
    for low in sorted(right, reverse=True):
        n, good = right[low]
        print(f"| {low:.1f} | {n} | {good / n:.3f} |")
        failed |= low >= .9 and good / n < .9
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
