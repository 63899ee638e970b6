#!/usr/bin/env python3
"""What muting a large recording costs beside reading it.

    benches/mute.py EFFACE [--mb 1000] [--rounds 3]

Makes a mu-law file of that size: a minute of speech by `espeak-ng` over noise, again and again, in which
a card number is keyed in every 250 s, so that 1 % of it is muted. In turn are measured, on the wall and
in processor time, medians: reading it (`cat`), `EFFACE scan`, and `EFFACE redact --in-place` of a fresh
copy, sync included. Ends with 1 when muting costs more than 1.5 times the scan on either, when the scan
does not hear every card, or when it hears any behind. Debian: espeak-ng sox.
"""

import argparse
import audioop
import json
import math
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

RATE = 8000
EVERY = 250
CARD = "4111111111111111#"
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = {key: (row, column) for row, line in zip(ROWS, ("123A", "456B", "789C", "*0#D"))
        for column, key in zip(COLUMNS, line)}
TEXT = """Thank you for calling. I would like to know when the printer that I ordered last week will be
delivered, and whether somebody can come and have a look at the old one, which makes a noise. """


def speech():
    made = subprocess.run(["espeak-ng", "-v", "en-us", "--stdout", TEXT * 6], check=True, capture_output=True)
    raw = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1"]
    made = subprocess.run(["sox", "-t", "wav", "-", *raw, "-"], input=made.stdout, check=True,
                          capture_output=True).stdout
    noise = subprocess.run(["sox", "-n", *raw, "-", "synth", str(len(made) / 2 / RATE), "whitenoise", "vol",
                            "0.01"], check=True, capture_output=True).stdout
    return audioop.add(made, noise[:len(made)].ljust(len(made), b"\0"), 2)


def keyed():
    out = []
    for key in CARD:
        low, high = (2 * math.pi * tone / RATE for tone in KEYS[key])
        out += [int(6000 * (math.sin(low * at) + math.sin(high * at))) for at in range(RATE * 90 // 1000)]
        out += [0] * (RATE * 60 // 1000)
    return struct.pack(f"<{len(out)}h", *out)


def make(path, size):
    talk = speech()
    entry = keyed()
    block = talk * (2 * RATE * EVERY // len(talk) + 1)
    block = audioop.lin2ulaw(block[:2 * RATE * EVERY - len(entry) - 8000] + bytes(8000) + entry, 2)
    count = size // len(block)
    with open(path, "wb") as file:
        for _ in range(count):
            file.write(block)
        file.write(block[:size - count * len(block)])
    return count


def measured(*args):
    before, start = os.times(), time.monotonic()
    done = subprocess.run(args, capture_output=True, text=True)
    after = os.times()
    spent = (after.children_user + after.children_system) - (before.children_user + before.children_system)
    return time.monotonic() - start, spent, done


def cards(done):
    lines = (json.loads(line) for line in done.stdout.splitlines())
    return sum(line.get("entity") == "payment_card" for line in lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    efface = str(pathlib.Path(options.efface).resolve())
    faults = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_STATE_HOME"] = home
        file, copy = f"{home}/call.ulaw", f"{home}/copy.ulaw"
        entries = make(file, options.mb * 1_000_000)
        figures = {}
        for _ in range(options.rounds):
            shutil.copyfile(file, copy)
            subprocess.run(["sync"], check=True)
            for name, args in (("read", ["cat", copy]), ("scan", [efface, "scan", "--format", "jsonl", copy]),
                               ("mute", [efface, "redact", "--in-place", copy])):
                if name == "read":
                    args = ["sh", "-c", f"cat {copy} > /dev/null"]
                wall, spent, done = measured(*args)
                figures.setdefault(name, []).append((wall, spent))
                if name == "scan" and cards(done) != entries:
                    faults.append(f"{cards(done)} of {entries} cards are heard")
                if name == "mute" and done.returncode != 0:
                    faults.append(f"exit code {done.returncode}: {done.stderr}")
            again = subprocess.run([efface, "scan", "--format", "jsonl", copy], capture_output=True, text=True)
            if again.returncode != 0:
                faults.append(f"a scan behind it ends with {again.returncode}")
        wall = {name: statistics.median(one[0] for one in all_) for name, all_ in figures.items()}
        spent = {name: statistics.median(one[1] for one in all_) for name, all_ in figures.items()}
    for name in figures:
        print(f"{name}: {wall[name]:.2f} s on the wall, {spent[name]:.2f} s of processor time")
    seconds = options.mb * 1_000_000 / RATE
    print(f"{entries} entries in {seconds:.0f} s; scan at {seconds / spent['scan']:.0f} times real time; "
          f"mute / scan: wall {wall['mute'] / wall['scan']:.2f}, processor {spent['mute'] / spent['scan']:.2f}; "
          f"mute / read: wall {wall['mute'] / wall['read']:.1f}")
    if wall["mute"] > 1.5 * wall["scan"] or spent["mute"] > 1.5 * spent["scan"]:
        faults.append("muting costs more than 1.5 times the scan")
    for fault in faults:
        print(fault)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
