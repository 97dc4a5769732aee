#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What comparing two long records takes: time and peak memory of "goenvbpf diff", and a reading of both
beside it, in turn. Prints a Markdown table; --check exits with 1 when a limit is exceeded. On CPUs that others use,
too, time says little: its CPU time is what it would take at most with one of its own, so the smaller one counts.

  tests/bench/diff.py [--lines N] [--rounds N] [--check]      two records of 300,000 lines
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
TOOL = os.path.join(TOP, "build", "goenvbpf")
LIMITS = {"seconds": 3, "MiB": 300}


def measure(*args):
    began = time.monotonic()
    with subprocess.Popen([TOOL, *args], stdout=subprocess.DEVNULL) as proc:
        _, status, usage = os.wait4(proc.pid, 0)
        proc.returncode = os.waitstatus_to_exitcode(status)
    if proc.returncode:
        sys.exit(f"goenvbpf {args[0]} ended with {proc.returncode}")
    return {"seconds": time.monotonic() - began, "CPU s": usage.ru_utime + usage.ru_stime, "MiB": usage.ru_maxrss / 1024}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=300000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goenvbpf-bench-") as work:
        paths = []
        for name, commands in (("old", 750), ("new", 740)):
            paths.append(f"{work}/{name}.jsonl")
            with open(paths[-1], "wb") as out:
                subprocess.run([sys.executable, f"{TOP}/tests/bench/long_record.py", str(options.lines), str(commands)],
                               stdout=out, check=True)
        rounds = [(measure("diff", *paths), measure("report", paths[1])) for _ in range(options.rounds)]
    print("| | s | CPU s | MiB |\n|---|---|---|---|")
    over = []
    for i, name in enumerate(("diff", "report of one")):
        medians = {key: statistics.median(r[i][key] for r in rounds) for key in rounds[0][0]}
        print(f"| {name} | {medians['seconds']:.2f} | {medians['CPU s']:.2f} | {medians['MiB']:.0f} |")
        medians["seconds"] = min(medians["seconds"], medians["CPU s"])
        over += [key for key, most in LIMITS.items() if not i and medians[key] > most]
    if options.check and over:
        sys.exit("over the limit: " + ", ".join(over))
    if options.check:
        print("1 passed, 0 failed, 0 skipped")


if __name__ == "__main__":
    main()
