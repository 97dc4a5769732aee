#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What observing costs in instructions per call, for each tier, held against tests/bench/prices.txt.

  tests/bench/prices.py [--tool build/goenvbpf] [--update]

Counted in a guest whose clock is its instructions, so a price is the same on every machine. One that
went up or down is shown and fails; when it is meant, --update writes it down. 77 without qemu.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
MEASURE = os.path.join(ROOT, "tests", "vm", "icount", "measure.py")
LIST = os.path.join(HERE, "prices.txt")
KERNEL = "6.12"
TIERS = ("fexit", "tp_btf", "tracepoint")
# What is counted, and by how much of it two runs of one binary differ: a call that is nobody's
# business costs the same to the instruction, paths meet what the guest did before.
CALLS = {"getpid": ("thread", 0), "openat_miss": ("thread", 0.04), "newfstatat_hit": ("thread", 0.04),
         "fork_exec": ("wall", 0.15)}


def measure(tool, *args):
    done = subprocess.run([MEASURE, "--kernel", KERNEL, "--tool", tool, *args], text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"prices.py: measure.py {' '.join(args)} failed")
    return json.loads(done.stdout)


def row(calls):
    return [calls[name][clock] for name, (clock, _) in CALLS.items()]


def prices(tool):
    """{(tier, whose call): instructions for each of CALLS}"""
    table = {}
    for tier in TIERS:
        run = f"goenvbpf run -q --hooks {tier} -o /tmp/r.jsonl --"
        other = measure(tool, "--settle", "10", "--observer", f"{run} sleep 40")
        table.setdefault(("none", "any"), row(other["bare"]))
        table[tier, "unrelated"] = row(other["observed"])
        table[tier, "followed"] = row(measure(tool, "--wrap", run)["observed"])
    return table


def text_of(table):
    lines = [f"{'tier':12}{'process':12}" + "".join(f"{name:>16}" for name in CALLS)]
    lines += [f"{tier:12}{whose:12}" + "".join(f"{value:16}" for value in values)
              for (tier, whose), values in table.items()]
    return "\n".join(lines) + "\n"


def read(path):
    with open(path, encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    return {(tier, whose): [int(v) for v in values] for tier, whose, *values in rows}


def differences(old, new):
    for key in sorted(old.keys() | new.keys()):
        if key not in old or key not in new:
            yield f"{' '.join(key)}: only {'then' if key in old else 'now'}"
            continue
        for (name, (_, tolerance)), was, now in zip(CALLS.items(), old[key], new[key]):
            if abs(now - was) > was * tolerance:
                yield f"{' '.join(key)}: {name} was {was}, is {now}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=f"{ROOT}/build/goenvbpf")
    parser.add_argument("--update", action="store_true", help="write the prices down")
    args = parser.parse_args()
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: no qemu-system-x86_64", file=sys.stderr)
        sys.exit(77)
    table = prices(os.path.abspath(args.tool))
    print(text_of(table), end="")
    if args.update:
        with open(LIST, "w", encoding="ascii") as file:
            file.write(text_of(table))
        return
    changed = list(differences(read(LIST), table))
    for line in changed:
        print(line, file=sys.stderr)
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
