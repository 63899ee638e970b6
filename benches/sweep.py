#!/usr/bin/env python3
"""What a sweep costs beside a scan of the same records.

    benches/sweep.py [--efface PROGRAM] [--size MB]

Makes a table of calls of that size (256 MB) of which nothing is due, and one of which every tenth is,
in files of 16 MB. Scans and sweeps are alternated; the ratio of the medians of five rounds is told. A
sweep that changes something begins with a fresh copy each time, which is not timed. Ends with status 1
when a sweep with nothing due costs more than 1.5 scans, or one with a tenth due more than 3.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
PIECE = 16 << 20
POLICY = """version = 1
[[rule]]
id = "cdr"
match = { paths = ["**/*.csv"] }
max_age = "18 months"
action = "erase"
"""
NOW = "2024-06-01T00:00:00Z"


def row(chance, number, due):
    year = "2021" if due else "2024"
    day = f"{year}-0{chance.randrange(1, 6)}-{chance.randrange(1, 29):02} {chance.randrange(24):02}:{chance.randrange(60):02}:07"
    caller, callee = (f"416555{chance.randrange(100, 200):04}" for _ in range(2))
    return (f'"","{caller}","{callee}","from-trunk","""DOE"" <{caller}>","SIP/t-{number:08x}","SIP/108-{number:08x}",'
            f'"Dial","SIP/108,30,tr","{day}","{day}","{day}",863,845,"ANSWERED","DOCUMENTATION","17{number:08}.{number}",""\n')


def make(folder, size, due):
    """Files of rows; with `due`, one row in ten is old."""
    chance = random.Random(7)
    os.makedirs(folder)
    left, number, piece = size, 0, 0
    while left > 0:
        with open(os.path.join(folder, f"Master-{piece:03}.csv"), "w") as out:
            room = min(left, PIECE)
            while room > 0:
                text = row(chance, number, due and number % 10 == 0)
                out.write(text)
                number += 1
                room -= len(text)
                left -= len(text)
        piece += 1


def timed(command, codes):
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in codes:
        sys.exit(f"exit {done.returncode}: {' '.join(command)}")
    return time.monotonic() - began


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--efface", default="target/release/efface")
    arguments.add_argument("--size", type=int, default=256)
    arguments.add_argument("--folder", help="where the files lie while they are swept")
    options = arguments.parse_args()
    efface = os.path.abspath(options.efface)
    missed = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        policy, state, work = (os.path.join(folder, name) for name in ("p.toml", "state", "work"))
        with open(policy, "w") as out:
            out.write(POLICY)
        for what, due, most in (("nothing due", False, 1.5), ("a tenth due", True, 3.0)):
            made = os.path.join(folder, "made")
            make(made, options.size << 20, due)
            scans, sweeps = [], []
            for _ in range(ROUNDS):
                shutil.rmtree(work, ignore_errors=True)
                # What was remembered of another run would make this one cheaper.
                shutil.rmtree(state, ignore_errors=True)
                shutil.copytree(made, work)
                scans.append(timed([efface, "scan", work], (0, 1)))
                sweeps.append(timed([efface, "sweep", "--policy", policy, "--now", NOW, "--apply", "-q",
                                     "--state", state, work], (0,)))
            shutil.rmtree(made)
            scan, sweep = statistics.median(scans), statistics.median(sweeps)
            holds = sweep <= most * scan
            missed += not holds
            print(f"{what}: scan {scan:.2f} s, sweep {sweep:.2f} s, ratio {sweep / scan:.2f} "
                  f"(at most {most}){'' if holds else '   MISSED'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
