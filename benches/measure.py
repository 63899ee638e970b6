"""Runs a command and says what the kernel charged its process for it.

CPU is user plus system time of the whole process from wait4, so start-up and tear-down count.
The output goes into a pipe that this process drains, as a shell pipeline would.
"""

import os
import resource
import statistics
import sys
import time
from typing import NamedTuple

DRAIN = 1 << 20


class Usage(NamedTuple):
    """cpu and wall in seconds, peak resident memory in bytes, exit status, bytes printed."""

    cpu: float
    wall: float
    peak: int
    status: int
    printed: int


def run(argv, stdin=None, keep=None):
    """Runs argv once; stdin is a path or None, keep an open file that gets a copy of stdout."""
    reader, writer = os.pipe()
    source = os.open(stdin or os.devnull, os.O_RDONLY)
    actions = [
        (os.POSIX_SPAWN_DUP2, source, 0),
        (os.POSIX_SPAWN_DUP2, writer, 1),
    ]
    begin = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    os.close(writer)
    os.close(source)
    printed = 0
    while chunk := os.read(reader, DRAIN):
        printed += len(chunk)
        if keep is not None:
            keep.write(chunk)
    os.close(reader)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    cpu = used.ru_utime + used.ru_stime
    return Usage(cpu, wall, used.ru_maxrss * 1024, os.waitstatus_to_exitcode(status), printed)


def piped(path, argv, keep=None):
    """`cat path | argv`: standard input is a pipe, not a file; only argv is charged."""
    reader, writer = os.pipe()
    os.set_inheritable(reader, False)
    cat = os.posix_spawnp(
        "cat", ["cat", path], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)]
    )
    os.close(writer)
    usage = run(argv, f"/dev/fd/{reader}", keep)
    os.close(reader)
    os.waitpid(cat, 0)
    return usage


def alternated(commands, rounds, accepted):
    """Runs each named command once to warm up, then `rounds` times in turn.

    Returns {name: [Usage, ...]} without the warm-up. A status outside `accepted` ends the run.
    """
    taken = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, argv in commands.items():
            usage = run(argv)
            if usage.status not in accepted:
                sys.exit(f"compare: `{' '.join(argv[:4])} ...` ended with status {usage.status}")
            if turn:
                taken[name].append(usage)
    return taken


def middle(usages, field="cpu"):
    """The median of one field."""
    return statistics.median(getattr(usage, field) for usage in usages)


def own_peak():
    """Peak memory of this process: what a child starts from, so the least `peak` can show."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
