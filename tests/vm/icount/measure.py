#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Counts instructions per system call in a guest, bare and beside an observer; prints JSON.

  tests/vm/icount/measure.py --kernel 6.1 [--tool build/goenvbpf] [--observer CMD] [--wrap CMD]

--observer runs beside the calls and is given an interrupt when they are done; --wrap is put before
the program that makes the calls ("goenvbpf run -q -o /tmp/r.jsonl --"). "wall" counts all that the
one CPU did meanwhile, the observer too; "thread" what the calling thread was charged with.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RUN = os.path.join(HERE, "..", "run.py")
COMPILERS = {"amd64": "gcc", "arm64": "aarch64-linux-gnu-gcc"}


def options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default="6.1")
    parser.add_argument("--arch", default="amd64", choices=COMPILERS)
    parser.add_argument("--tool", help="the goenvbpf binary")
    parser.add_argument("--file", action="append", default=[], metavar="SRC[:DST]")
    parser.add_argument("--observer", help="shell command to run beside the calls")
    parser.add_argument("--wrap", help="command to start the calls with")
    parser.add_argument("--settle", type=float, default=1,
                        help="guest seconds between the observer's start and the first call")
    return parser.parse_args()


def job(args):
    lines = ["uname -r > /out/release", "sleep 5", "calls > /out/bare || exit 1"]
    if args.observer:
        lines += [f"{args.observer} > /out/observer.log 2>&1 &", "observer=$!",
                  f"sleep {args.settle}",
                  "kill -0 $observer || { cat /out/observer.log >&2; exit 1; }"]
    if args.observer or args.wrap:
        lines.append(f"{args.wrap or ''} calls > /out/observed || exit 1")
    if args.observer:
        lines += ["kill -INT $observer", "wait $observer; true"]
    return "\n".join(lines)


def run(args, work):
    calls, out = os.path.join(work, "calls"), os.path.join(work, "out")
    subprocess.run([COMPILERS[args.arch], "-O2", "-static", "-o", calls,
                    os.path.join(HERE, "calls.c")], check=True)
    command = [RUN, "--kernel", args.kernel, "--arch", args.arch, "--icount", "--out", out,
               "--file", calls]
    command += ["--tool", args.tool] if args.tool else []
    for item in args.file:
        command += ["--file", item]
    if subprocess.run([*command, "--", job(args)], check=False).returncode:
        sys.exit("measure.py: the measurement failed")
    return out


def load(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def report(args, out):
    with open(os.path.join(out, "release"), encoding="utf-8") as file:
        result = {"kernel": file.read().strip(), "arch": args.arch, "bare": load(out, "bare")}
    if args.observer or args.wrap:
        result["observed"] = load(out, "observed")
        result["added"] = {call: {clock: value - result["bare"][call][clock]
                                  for clock, value in clocks.items()}
                           for call, clocks in result["observed"].items()}
    return result


def main():
    args = options()
    with tempfile.TemporaryDirectory(prefix="goenvbpf-icount-") as work:
        json.dump(report(args, run(args, work)), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
