#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Events per second that one core decodes, encodes and compresses, and bytes per event of each format.

  tests/bench/throughput.py [--stream build/tests/stream] [--limit N] [--rounds N] [-- CMD...]

The events are those of CMD (go list of the standard library and of go), taken from the ring once and
played again (stream.c). Fails below the limit, and when zstd's record has more than 20 bytes per
event or is not the cheaper of those that are compressed. Needs root; 77 without, or without go.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
COMMAND = ["go", "list", "-deps", "-test", "-json", "std", "cmd/go"]
BYTES_PER_EVENT = 20	# of these; cost.py has those of a build

results = []


def hold(is_good, what):
    results.append(is_good)
    print(f"{'ok' if is_good else 'not ok'} {len(results)} - {what}", flush=True)


def play(args, folder):
    """{format: (ns to decode and encode, ns to compress and write, bytes, events per second)}"""
    ring = os.path.join(folder, "ring")
    env = dict(os.environ, GOTOOLCHAIN="local", GOPROXY="off", GOFLAGS="-buildvcs=false")
    subprocess.run([args.stream, "record", ring] + (args.cmd or COMMAND), env=env, stdout=subprocess.DEVNULL, check=True)
    done = subprocess.run([args.stream, "play", ring, str(args.rounds)], stdout=subprocess.PIPE, text=True, check=True)
    print("".join("# " + line + "\n" for line in done.stdout.splitlines()), end="")
    return {row[0]: tuple(float(v) for v in row[1:]) for row in (line.split() for line in done.stdout.splitlines()[1:])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stream", default=os.path.join(ROOT, "build", "tests", "stream"))
    parser.add_argument("--limit", type=float, default=1000000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("cmd", nargs="*")
    args = parser.parse_args()
    if os.geteuid() or not (args.cmd or shutil.which("go")):
        print("1..0 # SKIP it needs root and go")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        got = play(args, folder)
    zst, gz = got["jsonl.zst"], got["jsonl.gz"]
    hold(zst[3] >= args.limit, f"{zst[3]:,.0f} events per second and core with zstd (at least {args.limit:,.0f})")
    hold(zst[2] <= BYTES_PER_EVENT, f"{zst[2]:.1f} bytes per event with zstd (at most {BYTES_PER_EVENT})")
    hold(zst[1] < gz[1] and zst[2] < gz[2], f"zstd {zst[1]:.0f} ns and {zst[2]:.1f} bytes, gzip {gz[1]:.0f} ns and {gz[2]:.1f}")
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
