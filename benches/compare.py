#!/usr/bin/env python3
"""Measures `efface scan` beside `rg -o -b` and against its own promises.

    benches/compare.py all                     everything, with corpora made on the spot
    benches/compare.py speed --corpora DIR     CPU ratio, with counts checked in the same run
    benches/compare.py cost                    what a finding costs in jsonl and csv
    benches/compare.py memory                  peak memory: 1 GB file, 1 GB line
    benches/compare.py small                   50,000 small files against open, read, close

Any folder of files with a `FILE.spans.tsv` (entity, start, end) beside each serves as corpora.
ripgrep is `rg` on PATH or $RG. Method and latest figures: docs/PERFORMANCE.md.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import measure

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KINDS = ["cdr", "log", "messages", "transcript", "prose"]
SCANNED = {0, 1}  # nothing found, found; 3 would mean that something was not read
GIB = 1 << 30
MIB = 1 << 20


class Bench:
    """The programs under test and where their data lies."""

    def __init__(self, options):
        self.options = options
        self.work = Path(options.work)
        self.work.mkdir(parents=True, exist_ok=True)
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        if options.efface:
            self.efface = options.efface
        else:
            build(ROOT / "Cargo.toml", target, "--bin", "efface")
            self.efface = str(target / "release" / "efface")
        tools = self.work / "tools"
        build(HERE / "corpus" / "Cargo.toml", tools)
        self.corpus = str(tools / "release" / "corpus")
        self.floor = str(tools / "release" / "floor")

    def scan(self, *arguments):
        """The command line of a scan; national numbers are read as the corpora mean them."""
        named = self.options.regions.split(",")
        regions = [word for region in named for word in ("--region", region)]
        return [self.efface, "scan", *regions, *map(str, arguments)]

    def make(self, name, *arguments, flags=()):
        """A corpus file or tree, made once and kept."""
        path = self.work / name
        if not path.exists():
            words = [self.corpus, *map(str, arguments), str(path), *flags]
            subprocess.run(words, check=True)
        return path

    def corpora(self):
        """The files to compare on, each with its answer key."""
        given = self.options.corpora
        if given:
            keys = sorted(Path(given).glob("*.spans.tsv"))
            if not keys:
                sys.exit(f"compare: no *.spans.tsv in {given}")
            return [Path(str(key).removesuffix(".spans.tsv")) for key in keys]
        size, seed = self.options.size, self.options.seed
        return [self.make(f"{kind}-{size}-{seed}", kind, size, seed) for kind in KINDS]


def build(manifest, target, *arguments):
    command = ["cargo", "build", "--release", "--quiet", "--manifest-path", str(manifest)]
    subprocess.run([*command, "--target-dir", str(target), *arguments], check=True)


def ripgrep():
    program = os.environ.get("RG") or shutil.which("rg")
    if not program:
        sys.exit("compare: no ripgrep: `cargo install ripgrep`, or name it in $RG")
    lines = (HERE / "rg-patterns.txt").read_text(encoding="ascii").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    return [program, "--no-config", "-j1", "--no-unicode", "-o", "-b"] + [x for p in patterns for x in ("-e", p)]


def show(title, head, rows):
    """Prints a Markdown table."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    sys.stdout.flush()


def checked(bench, path):
    """Scans path three ways and compares the reports with the answer key and each other."""
    reports = [bench.work / f"report.{way}.jsonl" for way in ("j1", "j2", "pipe")]
    for report, threads in zip(reports, ("1", "2", "1")):
        with open(report, "wb") as keep:
            scan = bench.scan("-j", threads, "--format", "jsonl")
            if report is reports[2]:
                usage = measure.piped(path, [*scan, "-"], keep)
            else:
                usage = measure.run([*scan, str(path)], keep=keep)
        if usage.status not in SCANNED:
            sys.exit(f"compare: scan of {path} ended with status {usage.status}")
    truth = [sys.executable, str(HERE / "truth.py"), f"{path}.spans.tsv", str(path)]
    command = [*truth, *map(str, reports)]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    for report in reports:
        report.unlink()
    return answer


def speed(bench):
    """CPU of the default table against rg, both into a pipe, and whether the answers hold."""
    rg, rows, details, failed = ripgrep(), [], [], []
    for path in bench.corpora():
        commands = {"rg": [*rg, str(path)], "efface": bench.scan("-j", "1", path)}
        taken = measure.alternated(commands, bench.options.rounds, SCANNED)
        cpu = {name: measure.middle(usages) for name, usages in taken.items()}
        ratios = [a.cpu / b.cpu for a, b in zip(taken["rg"], taken["efface"])]
        answer = checked(bench, path)
        recall = answer["exact"] / answer["planted"] if answer["planted"] else 1.0
        extra = answer["extra"] / max(1, answer["planted"])
        size = path.stat().st_size
        rows.append((
            path.name, f"{size / 1e6:.1f}", f"{cpu['rg']:.3f}", f"{cpu['efface']:.3f}",
            f"**{cpu['rg'] / cpu['efface']:.2f}**", f"{min(ratios):.2f}-{max(ratios):.2f}",
            f"{size / 1e9 / cpu['efface']:.2f}", answer["planted"], answer["exact"],
            f"{recall:.5f}", answer["extra"], *("yes" if same else "NO" for same in answer["same"]),
        ))
        details.append((path.name, answer))
        if recall < 0.999 or extra > 0.001 or not all(answer["same"]):
            failed.append(path.name)
    head = ["corpus", "MB", "rg CPU s", "efface CPU s", "ratio", "range", "GB/s", "planted",
            "exact", "recall", "extra", "-j 2 same", "pipe same"]
    show("rg -o -b and efface scan -j 1, whole-process CPU", head, rows)
    entities(details, bench.options.show)
    return failed


def entities(details, shown):
    rows = []
    for corpus, answer in details:
        for entity, got in answer["entities"].items():
            if got["planted"] or got.get("extra", got.get("found")):
                extra = got.get("extra", f"({got.get('found')} found)")
                exact = got.get("exact", "-")
                rows.append((corpus, entity, got["planted"], exact, got["touched"], extra))
                for what in ("missing", "extra") if shown else ():
                    for line in got.get(f"{what}_shown", ()):
                        print(f"    {what} {entity} in {corpus}: {line}")
    head = ["corpus", "entity", "planted", "exact", "touched", "extra"]
    show("What was planted and found", head, rows)


def cost(bench):
    """Nanoseconds of CPU that a finding adds in jsonl and csv over the table."""
    rows = []
    for path in bench.corpora():
        commands = {"table": bench.scan("-j", "1", path)}
        for style in ("jsonl", "csv"):
            commands[style] = bench.scan("-j", "1", "--format", style, path)
        taken = measure.alternated(commands, bench.options.rounds, SCANNED)
        listing = subprocess.run(commands["jsonl"], stdout=subprocess.PIPE, check=False).stdout
        findings = listing.count(b'{"type":"finding"')
        added = []
        for style in ("jsonl", "csv"):
            pairs = zip(taken[style], taken["table"])
            extra = statistics.median(a.cpu - b.cpu for a, b in pairs)
            added.append(f"{extra * 1e9 / findings:.0f}" if findings else "-")
        rows.append((path.name, findings, f"{measure.middle(taken['table']):.3f}", *added))
    head = ["corpus", "findings", "table CPU s", "jsonl", "csv"]
    show("CPU added per finding, ns", head, rows)
    return []


def memory(bench):
    """Peak memory on a file and on lines of --big bytes."""
    big, rows, failed = bench.options.big, [], []
    cases = [
        ("CDR, many lines", "cdr", ()),
        ("log, many lines", "log", ()),
        ("prose, one line", "prose", ("--one-line",)),
        ("JSON objects, one line", "messages", ("--one-line",)),
        ("CDR, one line", "cdr", ("--one-line",)),
    ]
    for title, kind, flags in cases:
        path = bench.make("big", kind, big, 11, flags=flags)
        for way in ("-j 1", "-j 2", "pipe"):
            if way == "pipe":
                usage = measure.piped(path, bench.scan("-j", "1", "-"))
            else:
                usage = measure.run(bench.scan("-j", way[-1], path))
            figures = (f"{usage.peak / MIB:.1f}", f"{usage.cpu:.2f}", f"{usage.wall:.2f}")
            rows.append((title, way, *figures, usage.status))
            if usage.peak > 64 * MIB or usage.status not in SCANNED:
                failed.append(f"{title} {way}")
        for file in bench.work.glob("big*"):
            file.unlink()
    head = ["file", "how", "peak MiB", "CPU s", "wall s", "status"]
    least = f"{measure.own_peak() / MIB:.0f} MiB"
    show(f"Peak memory, {big / 1e9:.2f} GB (least that shows: {least})", head, rows)
    return failed


def small(bench):
    """A tree of small files against a walker that only opens, reads and closes."""
    count = bench.options.files
    tree = bench.make(f"small-{count}", "small", count, 5)
    commands = {
        "open, read, close": [bench.floor, str(tree)],
        "efface scan -j 1": bench.scan("-j", "1", tree),
        "efface scan -j 2": bench.scan("-j", "2", tree),
    }
    taken = measure.alternated(commands, bench.options.rounds, SCANNED)
    floor = measure.middle(taken["open, read, close"])
    rows = []
    for name, usages in taken.items():
        cpu = measure.middle(usages)
        charged = (f"{cpu:.3f}", f"{cpu / count * 1e6:.2f}", f"{cpu / floor:.2f}")
        wall, peak = measure.middle(usages, "wall"), measure.middle(usages, "peak") / MIB
        rows.append((name, *charged, f"{wall:.3f}", f"{peak:.1f}"))
    head = ["what", "CPU s", "us a file", "ratio", "wall s", "peak MiB"]
    show(f"{count} files of about 2 KB", head, rows)
    return [] if float(rows[1][3]) <= 2 else ["small files"]


LINES = {"speed": speed, "cost": cost, "memory": memory, "small": small}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("line", choices=[*LINES, "all"])
    parser.add_argument("--efface", help="the program to measure (default: build the release)")
    parser.add_argument("--corpora", help="folder of corpora with answer keys (default: make them)")
    parser.add_argument("--regions", default="US,GB", help="regions of national numbers")
    parser.add_argument("--size", type=int, default=64 * MIB, help="bytes of each corpus made")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--big", type=int, default=GIB, help="bytes of the memory files")
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds after one warm-up")
    parser.add_argument("--show", action="store_true", help="show some missed and extra values")
    parser.add_argument("--work", default=str(ROOT / "target" / "compare"), help="where data is kept")
    options = parser.parse_args()
    bench = Bench(options)
    wanted = LINES if options.line == "all" else [options.line]
    failed = [f"{line}: {what}" for line in wanted for what in LINES[line](bench)]
    for line in failed:
        print(f"short of its bar: {line}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
