#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The expectation programs under every kernel and tier: one boot each, compared on this host.

  tests/vm/test_kernels.py [unittest's options]     "-k 6_12" one kernel; 77 without qemu
"""
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
import lib  # noqa: E402
import test_programs  # noqa: E402

# Kernel, architecture, and the tiers that must work there.
MATRIX = (
    ("5.10", "amd64", ("auto",)),
    ("6.1", "amd64", ("auto", "tp_btf")),
    ("6.12", "amd64", ("auto", "tp_btf")),
    ("7", "amd64", ("auto", "tp_btf")),
    ("6.1", "arm64", ("auto",)),
    ("6.12", "arm64", ("auto",)),
)
CASES = [(name, case) for name, cases in test_programs.CASES.items() for case in cases]
CASES += [("bytes", "invalid"), ("life", "forks"), ("life", "path-storm"), ("life", "big")]
PROGRAMS = ("calls", "dirs", "bytes", "life", "tree", "tiny")
EMULATORS = {"amd64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}
CROSS = "aarch64-linux-gnu-gcc"

# Each case gets a folder of its own, as the live tests give it.
JOB = """
run_case()
{
	mkdir -p "/tmp/$1.$2/w" && cd "/tmp/$1.$2/w" || exit 1
	cp /programs/tiny .
	goenvbpf run --hooks "$TIER" -o "/out/$1.$2.jsonl" -- "/programs/$1" "$2" \\
		> "/out/$1.$2.told" 2> "/out/$1.$2.err"
	echo $? > "/out/$1.$2.status"
}
"""


def build_arm64():
    words = subprocess.run([f"{ROOT}/scripts/arm64-sysroot.sh"], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split()
    subprocess.run(["make", "-s", "-C", ROOT, *words, "build/arm64/goenvbpf"], check=True,
                   stdout=subprocess.DEVNULL)
    return f"{ROOT}/build/arm64/goenvbpf"


def build_programs(arch):
    out = f"{ROOT}/build/programs" + ("-arm64" if arch == "arm64" else "")
    compiler = [f"CC={CROSS}"] if arch == "arm64" else []
    subprocess.run(["make", "-s", "-C", f"{ROOT}/tests/programs", f"OUT={out}", *compiler,
                    *(f"{out}/{name}" for name in PROGRAMS)], check=True, stdout=subprocess.DEVNULL)
    return out


class Kernel(unittest.TestCase):
    """One kernel with one tier; the subclasses made below say which."""
    kernel = arch = tier = None

    @classmethod
    def setUpClass(cls):
        if not shutil.which(EMULATORS[cls.arch]):
            raise unittest.SkipTest(f"no {EMULATORS[cls.arch]}")
        if cls.arch == "arm64" and not shutil.which(CROSS):
            raise unittest.SkipTest(f"no {CROSS}")
        tool = build_arm64() if cls.arch == "arm64" else lib.TOOL
        programs = build_programs(cls.arch)
        cls.work = tempfile.TemporaryDirectory(prefix="goenvbpf-kernel-")
        cls.addClassCleanup(cls.work.cleanup)
        job = JOB + "".join(f"run_case {shlex.quote(n)} {shlex.quote(c)}\n" for n, c in CASES)
        files = [word for name in PROGRAMS
                 for word in ("--file", f"{programs}/{name}:/programs/{name}")]
        cls.done = subprocess.run([f"{HERE}/run.py", "--kernel", cls.kernel, "--arch", cls.arch,
                                   "--tier", cls.tier, "--tool", tool, *files, "--timeout", "300",
                                   "--out", cls.work.name, "--", job + "dmesg > /out/dmesg"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  check=False)

    def out(self, name):
        return os.path.join(self.work.name, name)

    def case(self, name, case):
        self.assertEqual(self.done.returncode, 0, self.done.stderr[-4000:])
        said = lib.read(self.out(f"{name}.{case}.err"))
        status = lib.read(self.out(f"{name}.{case}.status")).strip()
        if status == "77":
            self.skipTest(said.strip().splitlines()[-1])
        self.assertEqual(status, "0", said[-2000:])
        record = lib.Record(self.out(f"{name}.{case}.jsonl"))
        lib.verify(record)
        lib.hold(lib.expectations(self.out(f"{name}.{case}.told")), record)

    def test_kernel_has_nothing_to_complain_about(self):
        log = lib.read(self.out("dmesg"))
        for word in ("WARNING:", "BUG:", "Oops", "rcu: INFO"):
            self.assertNotIn(word, log)


def add_case(name, case):
    def run_it(self):
        self.case(name, case)
    setattr(Kernel, f"test_{name}_{case}".replace("-", "_"), run_it)


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for kernel, arch, tiers in MATRIX:
        for tier in tiers:
            name = f"Kernel_{kernel}_{arch}_{tier}".replace(".", "_")
            kind = type(name, (Kernel,), dict(kernel=kernel, arch=arch, tier=tier))
            globals()[name] = kind
            suite.addTests(loader.loadTestsFromTestCase(kind))
    return suite


for _name, _case in CASES:
    add_case(_name, _case)

if __name__ == "__main__":
    if not shutil.which(EMULATORS["amd64"]):
        print(f"skipped: no {EMULATORS['amd64']}", file=sys.stderr)
        sys.exit(77)
    unittest.main()
