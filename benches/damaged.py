#!/usr/bin/env python3
"""What damaged files cost: each format's seeds cut off, with bytes changed, and with stretches doubled.

    benches/damaged.py --efface target/release/efface [--each 300]

Makes `--each` damaged files of every kind of seed in fuzz/seeds, always the same ones, scans the
folder of each kind, and prints how many files and bytes it had, how many were read whole and how many
named as not, user plus system time, and the largest memory. Ends with 1 when a run ends with anything
but 0, 1 or 3, says anything of a panic, takes more than 256 MiB, or more than 50 ms a file.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import measure

SEEDS = pathlib.Path(__file__).resolve().parent.parent / "fuzz/seeds"
MEMORY = 256 << 20
SLOWEST = 0.05


def damaged(content, chance):
    """`content` with one to four mishaps."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.randint(1, 200))
        kind = chance.randrange(5)
        if kind == 0:
            content = content[:at]
        elif kind == 1:
            content = content[:at] + content[end:]
        elif kind == 2:
            content = content[:end] + content[at:]
        elif kind == 3:
            content = content[:at] + chance.randbytes(4) + content[at + 4 :]
        else:
            content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
    return content


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--efface", default="target/release/efface")
    arguments.add_argument("--each", type=int, default=300)
    options = arguments.parse_args()
    efface = os.path.abspath(options.efface)
    folder = pathlib.Path(tempfile.mkdtemp())
    fell_short = False
    try:
        print("| damaged | files | KB | read whole | named | CPU ms a file | memory MiB |")
        print("|---|---|---|---|---|---|---|")
        for kind in sorted(one for one in SEEDS.iterdir() if one.is_dir()):
            seeds, chance = sorted(kind.iterdir()), random.Random(kind.name)
            room = folder / kind.name
            room.mkdir()
            size = 0
            for number in range(options.each):
                seed = seeds[number % len(seeds)]
                content = damaged(seed.read_bytes(), chance)
                size += len(content)
                (room / f"{number}-{seed.name}").write_bytes(content)
            used = measure.run([efface, "scan", "-j", "1", "-q", str(room)])
            said = subprocess.run(
                [efface, "scan", "-j", "1", "--format", "jsonl", str(room)],
                capture_output=True,
                check=False,
            )
            lines = [json.loads(line) for line in said.stdout.splitlines()]
            came = collections.Counter(
                line["status"] == "scanned"
                for line in lines
                if line["type"] == "file" and "!" not in line["path"]
            )
            each = used.cpu / options.each
            fell_short |= used.status not in (0, 1, 3) or b"panic" in said.stderr
            fell_short |= used.peak > MEMORY or each > SLOWEST
            print(
                f"| {kind.name} | {options.each} | {size / 1000:.0f} | {came[True]} | {came[False]}"
                f" | {each * 1000:.1f} | {used.peak / (1 << 20):.0f} |"
            )
    finally:
        shutil.rmtree(folder)
    sys.exit(fell_short)


if __name__ == "__main__":
    main()
