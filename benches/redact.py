#!/usr/bin/env python3
"""What redaction costs: the filter's start, pace and memory, and a large file in place.

    benches/redact.py [--efface PROGRAM] [--corpus FILE] [--gigabyte]

Everything is alternated and the median of several rounds; CPU is user plus system time of the
whole process. `--gigabyte` adds the two memory figures on a gigabyte. The corpus is a CDR of any
size, such as benches/corpus makes; in place it is repeated up to 256 MB. Ends with status 1 when
a promise is missed.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

ROUNDS = 5
STARTS = 100


def children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu(command, stdin=None):
    before = children()
    with open(stdin or os.devnull, "rb") as source:
        subprocess.run(command, stdin=source, stdout=subprocess.DEVNULL, check=False)
    return children() - before


def starts(command, stdin):
    """CPU of one start, in milliseconds, over many."""
    return sum(cpu(command, stdin) for _ in range(STARTS)) / STARTS * 1e3


def wall(command):
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return time.monotonic() - start


def alternated(one, other):
    pairs = [(one(), other()) for _ in range(ROUNDS)]
    return tuple(statistics.median(side) for side in zip(*pairs))


def peak(command, pieces):
    """Peak memory in MiB of a command that is fed `pieces`."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for piece in pieces:
        child.stdin.write(piece)
    child.stdin.close()
    _, _, usage = os.wait4(child.pid, 0)
    return usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--efface", default="target/release/efface")
    arguments.add_argument("--corpus", required=True)
    arguments.add_argument("--gigabyte", action="store_true")
    options = arguments.parse_args()
    efface = os.path.abspath(options.efface)
    missed = []

    def tell(what, figure, promise, holds):
        print(f"{what:<44} {figure:>22}   {promise}{'' if holds else '   MISSED'}", flush=True)
        if not holds:
            missed.append(what)

    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = os.path.join(folder, "state")
        name = lambda leaf: os.path.join(folder, leaf)
        with open(name("empty.rs"), "w") as source:
            source.write("fn main() {}\n")
        subprocess.run(["rustc", "-O", name("empty.rs"), "-o", name("empty")], check=True)
        with open(name("line"), "wb") as line:
            line.write(b"call 416-555-0123\n")
        entities = (
            b"call 416-555-0123 or jane.doe@example.com from 203.0.113.9\n"
            b"card 4111 1111 1111 1111, diabetes, union member\n"
        )
        filler = b"the quarterly review went through without a remark from anybody\n"
        with open(name("block"), "wb") as block:
            block.write((entities + filler * 1000)[: 64 * 1024])
        for what, text, most in (("line", "line", 1.5), ("64 KB block", "block", 2.5)):
            mine, empty = alternated(
                lambda: starts([efface, "redact"], name(text)),
                lambda: starts([name("empty")], name(text)),
            )
            figure = f"{mine:.2f} / {empty:.2f} ms = {mine / empty:.2f}"
            tell(f"start, {what} / empty program, CPU", figure, f"<= {most}", mine <= most * empty)

        for threads in ("1", "2"):
            mine, scan = alternated(
                lambda: cpu([efface, "redact", "-j", threads], options.corpus),
                lambda: cpu([efface, "scan", "-j", threads, "-"], options.corpus),
            )
            figure = f"{mine:.2f} / {scan:.2f} s = {mine / scan:.2f}"
            tell(f"filter / scan, -j {threads}, CPU", figure, "<= 2", mine <= 2 * scan)

        if options.gigabyte:
            line = b"call 416-555-0123 or jane.doe@example.com now\n"
            many = line * (1 << 14)
            count = (1 << 30) // len(many)
            used = peak([efface, "redact"], (many for _ in range(count)))
            tell("filter, 1 GB of lines, peak", f"{used:.0f} MiB", "<= 16 MiB", used <= 16)
            endless = many.replace(b"\n", b" ")
            used = peak([efface, "redact"], (endless for _ in range(count)))
            tell("filter, 1 GB line, peak", f"{used:.0f} MiB", "<= 64 MiB", used <= 64)

        whole = name("whole")
        with open(whole, "wb") as target:
            while target.tell() < 256_000_000:
                with open(options.corpus, "rb") as source:
                    shutil.copyfileobj(source, target)
        copy = name("copy")
        rounds = []
        for _ in range(3):
            copied = wall(["sh", "-c", f"cp --reflink=never {whole} {copy} && sync {copy}"])
            scanned = wall([efface, "scan", "--progress", "never", copy])
            redacted = wall([efface, "redact", "--in-place", "--progress", "never", copy])
            rounds.append((copied + 3 * scanned, redacted))
        allowed, redacted = (statistics.median(side) for side in zip(*rounds))
        figure = f"{redacted:.2f} / {allowed:.2f} s"
        tell("256 MB in place / copy, sync, 3 scans, wall", figure, "<= 1", redacted <= allowed)
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
