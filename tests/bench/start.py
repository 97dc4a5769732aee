#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What it costs to begin and to end: "goenvbpf run -- true" beside a bare "true", in turn.

  tests/bench/start.py [--rounds N] [--tool PATH] [--ratio LIMIT] [--ms LIMIT] [-- OPTION…]

Prints medians and the fastest round: wall clock until run returns, and CPU of all its processes until
the last one has ended. "cold": no programs are kept of an earlier run; "warm": they are. Exits with 1
when a limit is exceeded, which holds for warm runs: ratio to true, and milliseconds. Needs root.
"""
import argparse
import ctypes
import os
import shutil
import statistics
import sys
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CACHE = "/run/goenvbpf.programs"
PR_SET_CHILD_SUBREAPER = 36


def one(cmd):
    """Milliseconds of wall clock, and of CPU of everybody who was started."""
    start = time.monotonic()
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    pid = os.posix_spawnp(cmd[0], cmd, os.environ, file_actions=null)
    wall, cpu = 0, 0
    while True:
        try:
            got, status, used = os.wait4(-1, 0)
        except ChildProcessError:
            return wall * 1000, cpu * 1000
        cpu += used.ru_utime + used.ru_stime
        if got == pid:
            wall = time.monotonic() - start
            if status:
                sys.exit(f"{' '.join(cmd)}: status {status}")


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=20)
    p.add_argument("--tool", default=os.path.join(TOP, "build", "goenvbpf"))
    p.add_argument("--ratio", type=float, help="at most so many times a bare true")
    p.add_argument("--ms", type=float, help="at most so many milliseconds")
    p.add_argument("options", nargs="*", help="of run")
    return p.parse_args()


def main():
    opts = parse()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    run = [os.path.abspath(opts.tool), "run", "-q", *opts.options, "--", "true"]
    got = {"true": [], "cold": [], "warm": []}
    for _ in range(opts.rounds):
        got["true"].append(one(["true"]))
        shutil.rmtree(CACHE, ignore_errors=True)
        got["cold"].append(one(run))
        got["warm"].append(one(run))
    bare = statistics.median(wall for wall, _ in got["true"])
    print("       wall ms: median, fastest   CPU ms: median, least   times true")
    for name, rounds in got.items():
        walls, cpus = zip(*rounds)
        median = statistics.median(walls)
        print(f"{name:6} {median:14.1f} {min(walls):9.1f} {statistics.median(cpus):16.1f} {min(cpus):8.1f} "
              f"{median / bare:12.1f}")
    warm = statistics.median(wall for wall, _ in got["warm"])
    return bool((opts.ratio and warm / bare > opts.ratio) or (opts.ms and warm > opts.ms))


if __name__ == "__main__":
    sys.exit(main())
