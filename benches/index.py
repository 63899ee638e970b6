#!/usr/bin/env python3
"""What an index costs beside a scan, as commands: processor time a finding, bytes a finding, an update
with nothing to do, a look-up.

    benches/index.py CDR [--efface PROGRAM] [--small FOLDER] [--ident NUMBER]

Scan and build take turns, five rounds, one thread; user plus system time of the process (wait4),
medians. CDR is an export of calls, FOLDER one of many small files, NUMBER somebody in CDR.
"""
import argparse, os, shutil, statistics, subprocess, tempfile, time

ROUNDS = 5


def run(state, *words):
    began = time.monotonic()
    with open(os.path.join(state, "out"), "wb") as out:
        child = subprocess.Popen([args.efface, *words, "--state", os.path.join(state, "state")], stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode in (0, 1), (words, child.returncode)
    text = open(os.path.join(state, "out"), encoding="utf-8").read()
    return used.ru_utime + used.ru_stime, time.monotonic() - began, text


def scan(*words):
    child = subprocess.Popen([args.efface, "scan", "-j1", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def number(text, word):
    line = next(line for line in text.splitlines() if line.startswith(word))
    return int(line.split()[1])


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("cdr")
parser.add_argument("--efface", default="target/quick/efface")
parser.add_argument("--small")
parser.add_argument("--ident")
args = parser.parse_args()
with tempfile.TemporaryDirectory() as state:
    scans, builds, tables = [], [], []
    for _ in range(ROUNDS):
        shutil.rmtree(os.path.join(state, "state", "index"), ignore_errors=True)
        for words, into in ((["--format", "jsonl"], scans), ([], tables)):
            into.append(scan(*words, args.cdr))
        builds.append(run(state, "index", "build", "-j1", args.cdr)[0])
    status = run(state, "index", "status")[2]
    places, size = number(status, "places"), number(status, "size")
    plain, table, build = map(statistics.median, (scans, tables, builds))
    print(f"scan {table:.3f} s (table), {plain:.3f} s (jsonl), index build {build:.3f} s, {places} findings")
    print(f"  {(build - table) / places * 1e9:.0f} ns a finding more than the table, {(build - plain) / places * 1e9:.0f} ns more than jsonl")
    print(f"  {size / places:.2f} bytes a finding, catalogue included")
    if args.ident:
        asked = [run(state, "find", "--exists", args.ident) for _ in range(21)]
        print(f"look-up: {statistics.median(a[0] for a in asked) * 1e3:.1f} ms of processor, {statistics.median(a[1] for a in asked) * 1e3:.1f} ms on the wall")
    if args.small:
        shutil.rmtree(os.path.join(state, "state", "index"), ignore_errors=True)
        run(state, "index", "build", args.small)
        updates = [run(state, "index", "update") for _ in range(ROUNDS)]
        print(f"update, nothing changed: {statistics.median(u[0] for u in updates):.2f} s of processor, {statistics.median(u[1] for u in updates):.2f} s on the wall")
