#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What report costs: instructions per line, which may not grow with the record, and memory.

  tests/bench/reading.py [--tool build/goenvbpf] [--long]

Counted by valgrind, so that it is the same on every machine; 77 without it. Records are those of
long_record.py, with as many go commands as lines allow: what looks at every command for each command,
or at every process, shows there first. --long also reads a million lines, and says what time that took.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
SMALL, LARGE = 250, 1000	# go commands
LINES = 100			# of each
GROWTH = 1.02			# of the instructions per line, from small to large
PER_LINE = 32000
MEMORY_MB, LONG_MEMORY_MB = 64, 300

results = []


def hold(what, value, limit, form):
    results.append(value <= limit)
    print(f"{'ok' if value <= limit else 'not ok'} {len(results)} - {what}: {form(value)} (at most {form(limit)})", flush=True)


def record(folder, lines, commands):
    path = os.path.join(folder, f"{commands}.jsonl")
    with open(path, "w", encoding="ascii") as out:
        subprocess.run([os.path.join(HERE, "long_record.py"), str(lines), str(commands)], stdout=out, check=True)
    return path


def instructions(tool, path, folder, *args):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + os.path.join(folder, "callgrind"),
                           tool, "report", *args, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"refs:\s+([\d,]+)", done.stderr).group(1).replace(",", ""))


def use_of(argv):
    """Peak memory in MB and seconds of processor time, of this command alone."""
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{argv}: status {status}")
    return used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--tool", default=os.path.join(ROOT, "build", "goenvbpf"))
    parser.add_argument("--long", action="store_true", help="read a record of a million lines, too")
    args = parser.parse_args()
    if not shutil.which("valgrind"):
        print("1..0 # SKIP valgrind is not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        small, large = (record(folder, n * LINES, n) for n in (SMALL, LARGE))
        for name, more in (("report", ()), ("report --json", ("--json",))):
            few, many = (instructions(args.tool, path, folder, *more) / (n * LINES)
                         for path, n in ((small, SMALL), (large, LARGE)))
            hold(f"{name}, growth of instructions per line when the record is {LARGE // SMALL} times as long", many / few,
                 GROWTH, lambda v: f"{v:.3f}")
            hold(f"{name}, instructions per line", many, PER_LINE, lambda v: f"{v:,.0f}")
        hold("peak memory", use_of([args.tool, "report", large])[0], MEMORY_MB, lambda v: f"{v:.0f} MB")
        if args.long:
            path = record(folder, 1000000, 2500)
            memory, seconds = use_of([args.tool, "report", path])
            print(f"# a million lines of 2,500 go commands: {seconds:.2f} s of processor time")
            hold("peak memory of a million lines", memory, LONG_MEMORY_MB, lambda v: f"{v:.0f} MB")
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
