#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the verifier processes for each BPF program, on each kernel, held against verifier.txt.

  tests/vm/verifier.py [--tool build/goenvbpf] [--update]

One boot for each kernel of scripts/kernels.sh (but those for real time), in which all tiers are loaded for every way to
observe; a number is the greatest of those. One that went up or down is shown and fails; when it is
meant, --update writes it down. So does a program that needs half of what a kernel allows, which
cannot be accepted. 77 without qemu; kernels of arm64 are left out without a cross compiler.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

import test_kernels

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = test_kernels.ROOT
LIST = os.path.join(HERE, "verifier.txt")
COMPILERS = {"amd64": "gcc", "arm64": test_kernels.CROSS}
EMULATORS = {"amd64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}
TIERS = ("fexit", "tp_btf", "tracepoint")
# What they set before loading differs, so the verifier sees different code.
WAYS = ("run", "watch", "attach")
# Programs of one macro, one for each system call.
ALIKE = re.compile(r"^(ge_fx_|ge_fd_).*")
LIMIT = 1_000_000	# BPF_COMPLEXITY_LIMIT_INSNS since 5.2
# The same object gives the same number on the same kernel, to the instruction. An update of a kernel
# may come with another verifier, which is not our doing: a fix moves numbers by some percent, a
# release of sid by more. What a person has to look at is a program that grows towards the limit.
TOLERANCE = 0.25

JOB = """
uname -v > /out/version
mkdir /sys/fs/cgroup/g
observe()
{
	export VERIFIED="/out/$TIER.$1"
	LD_PRELOAD=/lib/verified.so goenvbpf "$@" 2> "$VERIFIED.err" > /dev/null
}
for TIER in %s; do
	set -- -q --all --net --hooks $TIER -o -
	observe run "$@" -- true
	observe watch "$@"
	observe attach "$@" --cgroup /sys/fs/cgroup/g
done
true
""" % " ".join(TIERS)


def kernels():
    """[(version, architecture)] of the table."""
    table = subprocess.run([f"{ROOT}/scripts/kernels.sh", "--list"], stdout=subprocess.PIPE, text=True,
                           check=True).stdout
    rows = [tuple(line.split()[:2]) for line in table.splitlines()]
    return [row for row in rows if not row[0].endswith("-rt")]	# the same verifier as without


def can_run(arch):
    return shutil.which(COMPILERS[arch]) and shutil.which(EMULATORS[arch])


def preloaded(arch, work):
    path = f"{work}/verified.{arch}.so"
    subprocess.run([COMPILERS[arch], "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", path,
                    f"{HERE}/verified.c"], check=True)
    return path


def numbers(path):
    """{program: instructions} of one observation; None when its tier did not load."""
    with open(path, encoding="ascii") as file:
        words = [line.split() for line in file]
    if ["loaded"] not in words:
        return None
    found = {}
    for name, number in (w for w in words if w[0].startswith("ge_")):
        name = ALIKE.sub(r"\1*", name)
        found[name] = max(found.get(name, 0), int(number))
    return found


def measure(version, arch, tool, library):
    """(the kernel's exact version, {(tier, program): instructions}) of one guest."""
    with tempfile.TemporaryDirectory(prefix="goenvbpf-verifier-") as out:
        done = subprocess.run([f"{HERE}/run.py", "--kernel", version, "--arch", arch, "--tool", tool, "--file",
                               f"{library}:/lib/verified.so", "--out", out, "--", JOB], check=False)
        if done.returncode:
            sys.exit(f"verifier.py: the guest with kernel {version} for {arch} failed")
        with open(f"{out}/version", encoding="ascii") as file:
            exact = re.search(r"Debian (\S+)", file.read()).group(1)
        found = {}
        for tier in TIERS:
            ways = [numbers(f"{out}/{tier}.{way}") for way in WAYS]
            if None in ways and any(ways):
                sys.exit(f"verifier.py: kernel {version} loads the tier {tier} sometimes")
            for name, number in ((n, v) for way in ways for n, v in (way or {}).items()):
                found[tier, name] = max(found.get((tier, name), 0), number)
        return exact, found


def measure_all(rows, tool):
    """{(version, architecture): (exact version, numbers)}"""
    tools = {"amd64": tool}
    if any(arch == "arm64" for _, arch in rows):
        tools["arm64"] = test_kernels.build_arm64()
    with tempfile.TemporaryDirectory(prefix="goenvbpf-verifier-") as work, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        libraries = {arch: preloaded(arch, work) for arch in tools}
        guests = {row: pool.submit(measure, *row, tools[row[1]], libraries[row[1]]) for row in rows}
        return {row: guest.result() for row, guest in guests.items()}


def line_of(words):
    return "".join(f"{w:{n}}" for w, n in zip(words, (12, 14))) + "".join(f"{w:>12}" for w in words[2:]) + "\n"


def text_of(table):
    head = [("kernel", "", *(version for version, _ in table)),
            ("machine", "", *(arch for _, arch in table)),
            ("version", "", *(exact for exact, _ in table.values()))]
    body = [(*key, *(str(found.get(key, "-")) for _, found in table.values()))
            for key in sorted({key for _, found in table.values() for key in found})]
    return "".join(line_of(words) for words in head + body)


def read(path):
    with open(path, encoding="ascii") as file:
        versions, arches, exact, *rows = [line.split() for line in file]
    table = {row: (e, {}) for row, e in zip(zip(versions[1:], arches[1:]), exact[1:])}
    for tier, name, *values in rows:
        for (_, found), value in zip(table.values(), values):
            if value != "-":
                found[tier, name] = int(value)
    return table


def differences(old, new):
    for row in new:
        if row not in old:
            yield f"kernel {' '.join(row)}: not in the list"
            continue
        (was_exact, was), (exact, now) = old[row], new[row]
        tolerance = 0 if exact == was_exact else TOLERANCE
        where = f"kernel {row[0]} {row[1]}" + (f" ({was_exact} then, {exact} now)" if tolerance else "")
        for key in sorted(was.keys() | now.keys()):
            if key not in was or key not in now:
                yield f"{where}: {' '.join(key)} is there only {'then' if key in was else 'now'}"
            elif abs(now[key] - was[key]) > was[key] * tolerance:
                yield f"{where}: {' '.join(key)} was {was[key]}, is {now[key]}"


def too_large(table):
    for row, (_, found) in table.items():
        for key, number in found.items():
            if number > LIMIT // 2:
                yield f"kernel {' '.join(row)}: {' '.join(key)} takes {number} of {LIMIT} instructions"


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=f"{ROOT}/build/goenvbpf")
    parser.add_argument("--update", action="store_true", help="write the numbers down")
    return parser.parse_args()


def main():
    args = options()
    rows = [row for row in kernels() if can_run(row[1])]
    if not can_run("amd64"):
        print(f"skipped: no {EMULATORS['amd64']}", file=sys.stderr)
        sys.exit(77)
    if args.update and rows != kernels():
        sys.exit(f"verifier.py: --update needs {COMPILERS['arm64']} and {EMULATORS['arm64']}, too")
    table = measure_all(rows, os.path.abspath(args.tool))
    print(text_of(table), end="")
    wrong = list(too_large(table))
    if args.update:
        with open(LIST, "w", encoding="ascii") as file:
            file.write(text_of(table))
    else:
        wrong += differences(read(LIST), table)
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
