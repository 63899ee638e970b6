#!/usr/bin/env python3
"""Precision and recall of the special categories on labelled sentences.

    python3 benches/quality/special/run.py target/release/efface [--misses] [--tuned] [--fresh | --calls | --blind]

A sentence that tells of a category counts as found when some finding of that category lies in it. A
finding of any category in an innocent sentence is false, and is charged to its category. What is
printed is measured on the held-out clauses, or with `--tuned` on the others. `--fresh` takes the
600 sentences of fresh.txt, which follow no frame, instead, `--blind` the 330 of blind.txt; `--calls` the 500 clauses of
clauses.txt, each in four frames: 2,000 sentences, half of
them held out.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from sentences import TELLS, sentences


def free(name):
    """The sentences of a file, every second of each kind held out."""
    counts, category = collections.Counter(), ""
    for line in pathlib.Path(__file__).with_name(name).read_text().splitlines():
        if line.startswith("["):
            category = line[1:-1]
        elif line and not line.startswith("#"):
            counts[category, line[0]] += 1
            yield {"entity": f"special.{category}" if line[0] == "+" else None, "near": category,
                   "text": line[2:] + ("" if line[-1] in ".?!" else "."), "style": "free",
                   "held_out": counts[category, line[0]] % 2 == 0}


FRAMES = [
    "Customer: {}.",
    "hi yes, I'm calling because {}, so what happens with the account now?",
    "[00:03:12] CALLER: um, well, {}, okay?",
    "Note: customer says {}. Follow up on Tuesday.",
]


def calls():
    """The clauses of clauses.txt in every frame, every second clause of each kind held out."""
    counts, category = collections.Counter(), ""
    for line in pathlib.Path(__file__).with_name("clauses.txt").read_text().splitlines():
        if line.startswith("["):
            category = line[1:-1]
        elif line and not line.startswith("#"):
            counts[category, line[0]] += 1
            for number, frame in enumerate(FRAMES):
                yield {"entity": f"special.{category}" if line[0] == "+" else None,
                       "near": category, "text": frame.format(line[2:]), "style": str(number),
                       "held_out": counts[category, line[0]] % 2 == 0}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("--blind", action="store_true")
    args = parser.parse_args()
    if args.fresh or args.blind:
        source = free("blind.txt" if args.blind else "fresh.txt")
    else:
        source = calls() if args.calls else sentences()
    told = [one for one in source if one["held_out"] != args.tuned]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "talk.txt")
        path.write_text("\n".join(one["text"] for one in told) + "\n")
        command = [args.efface, "scan", "--no-config", "--as", "text", "--only", "special",
                   "--format", "jsonl", str(path)]
        ran = subprocess.run(command, capture_output=True, text=True)
    found = collections.defaultdict(set)
    for line in ran.stdout.splitlines():
        line = json.loads(line)
        if line["type"] == "finding":
            found[line["line"] - 1].add(line["entity"])
    right, false, missed = (collections.Counter() for _ in range(3))
    wrong = []
    for number, one in enumerate(told):
        here = found[number]
        if one["entity"] is not None:
            hit = one["entity"] in here
            (right if hit else missed)[one["entity"]] += 1
            if not hit:
                wrong.append(("missed", one))
        else:
            for entity in here:
                false[entity] += 1
                wrong.append((f"false {entity}", one))
    print(f"{len(told)} sentences, {'tuned' if args.tuned else 'held-out'} clauses")
    print("| category | recall | precision |\n|---|--:|--:|")
    worst = 1.0
    for name in TELLS:
        entity = f"special.{name}"
        recall = right[entity] / (right[entity] + missed[entity])
        precision = right[entity] / max(1, right[entity] + false[entity])
        worst = min(worst, recall, precision)
        print(f"| {entity} | {recall:.2f} | {precision:.2f} |")
    if args.misses:
        for kind, one in wrong:
            print(kind, "|", one["style"], "|", one["near"], "|", one["text"])
    return 0 if worst >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
