#!/usr/bin/env python3
"""What a database costs beside plain text of the same cells.

    benches/database.py --efface target/release/efface [--rows 1300000] [--rounds 5]

Makes a database of messages and the same rows as lines with tabs, in a folder of its own, and scans
both in turn. Prints user plus system time of each (medians), how fast the database is read beside
the text, the largest memory, and what redacting all of it takes. Ends with 1 when the database is
read at less than a quarter of the speed of the text.
"""

import argparse
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

QUARTER = 0.25


def make(folder, count):
    chance = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(5000)]
    database = sqlite3.connect(os.path.join(folder, "m.db"))
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(
        "CREATE TABLE sms(_id INTEGER PRIMARY KEY, thread_id INTEGER, address TEXT, date INTEGER,"
        " body TEXT, service_center TEXT, read INTEGER)"
    )
    with open(os.path.join(folder, "m.txt"), "w", encoding="ascii") as text:

        def rows():
            for i in range(count):
                body = " ".join(chance.choices(words, k=chance.randint(5, 30)))
                if i % 20 == 0:
                    body += f" call 416-555-01{i % 100:02}"
                row = (i, i // 30, f"+1416555{i % 10000:04}", 1398441600000 + i, body, None, 1)
                text.write("\t".join(map(str, row)) + "\n")
                yield row

        database.executemany("INSERT INTO sms VALUES (?, ?, ?, ?, ?, ?, ?)", rows())
    database.commit()
    database.close()


def run(program, folder, *arguments):
    """User plus system seconds, wall seconds, and MiB of memory at most."""
    state = os.path.join(folder, "state")
    started = time.monotonic()
    child = subprocess.Popen(
        [program, *arguments],
        stdout=subprocess.DEVNULL,
        env={"XDG_STATE_HOME": state, "HOME": folder},
    )
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) > 1:
        sys.exit(f"{arguments[0]} failed")
    wall = time.monotonic() - started
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--efface", default="target/release/efface")
    arguments.add_argument("--rows", type=int, default=1_300_000)
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make(folder, given.rows)
        paths = [os.path.join(folder, name) for name in ("m.txt", "m.db")]
        slow = False
        for threads in ("1", "2"):
            rounds = [
                [run(given.efface, folder, "scan", "-j", threads, path) for path in paths]
                for _ in range(given.rounds + 1)
            ][1:]
            text, base = (statistics.median(one[at][0] for one in rounds) for at in (0, 1))
            memory = max(one[1][2] for one in rounds)
            print(
                f"-j {threads}: text {text:.2f} s, database {base:.2f} s,"
                f" speed {text / base:.2f} of text, {memory:.0f} MiB"
            )
            slow |= text / base < QUARTER
        copy = os.path.join(folder, "copy.db")
        shutil.copy(paths[1], copy)
        cost, wall, memory = run(given.efface, folder, "redact", "--in-place", copy)
        print(f"redact: {cost:.1f} s, {wall:.1f} s wall, {memory:.0f} MiB")
    sys.exit(slow)


if __name__ == "__main__":
    main()
