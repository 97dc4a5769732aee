#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The expectation programs under every kernel and tier: one boot each, compared on this host.

  tests/vm/test_kernels.py [unittest's options]     "-k 6_12" one kernel; 77 without qemu

GOENVBPF_LONG=1 (scripts/test.sh long) takes all tiers of all kernels; without it, each kernel and
each tier is there once or more, the oldest and the newest kernel with the classic events.
"""
import concurrent.futures
import json
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

LONG = os.environ.get("GOENVBPF_LONG") == "1"

# Kernels and the tiers that must work there.
MATRIX = (
    ("5.10", ("auto", "tracepoint")),
    ("6.1", ("fexit", "tp_btf", "tracepoint")),
    ("6.1-rt", ("tp_btf", "tracepoint")),	# its classic events have more fields before their own
    ("6.12", ("fexit", "tp_btf", "tracepoint")),
    ("7", ("fexit", "tp_btf", "tracepoint")),
) if LONG else (
    ("5.10", ("tracepoint",)),
    ("6.1", ("tp_btf",)),
    ("6.1-rt", ("tracepoint",)),
    ("6.12", ("fexit",)),
    ("7", ("auto",)),
)
# The programs use calls that arm64 does not have, so there the shell has to do.
ARM64 = (
    ("6.1", ("auto", "tracepoint")),
    ("6.12", ("auto", "fexit", "tracepoint")),
) if LONG else (
    ("6.1", ("tracepoint",)),
    ("6.12", ("auto",)),
)
WITHOUT_DIRECT_CALLS = ("6.1",)	# arm64 has them since 6.4
CASES = [(name, case) for name, cases in test_programs.CASES.items() for case in cases]
CASES += [("bytes", "invalid"), ("life", "forks"), ("life", "path-storm"), ("life", "big")]
# Ending one capture of this tier takes 6 s of grace periods, so it has to do with some.
FEXIT_CASES = [(n, c) for n, c in CASES if n == "calls" or c in ("dirfd", "thread-shared", "faults",
                                                                "thread-exec", "exec-failed")]
# What they do is out of sight, and that is what the record must say: --strict ends with 3.
BLIND_CASES = [("ring", "open")]
CASES += BLIND_CASES + [("ring", "refused")]
FEXIT_CASES += BLIND_CASES
PROGRAMS = ("calls", "dirs", "bytes", "life", "ring", "tree", "tiny")
CROSS = "aarch64-linux-gnu-gcc"


def cases_of(kernel, tier):
    """Nearly all; some are enough where each takes long, or where only the classic events' fields differ."""
    return FEXIT_CASES if tier == "fexit" or kernel.endswith("-rt") else CASES


# Each case gets a folder of its own, as the live tests give it. Kernel 7 lets a task be preempted in
# a program of fexit or tp_btf, and skips it for whoever runs meanwhile. That is counted and told as lost, and
# makes a run inconclusive (--strict): it says nothing for or against the case, so it is done again.
JOB = """
run_case()
{
	for try in 1 2 3 4; do
		rm -rf "/tmp/$1.$2" "/out/$1.$2.jsonl"
		mkdir -p "/tmp/$1.$2/w" && cd "/tmp/$1.$2/w" || exit 1
		cp /programs/tiny .
		goenvbpf run --strict --hooks "$TIER" -o "/out/$1.$2.jsonl" -- "/programs/$1" "$2" \\
			> "/out/$1.$2.told" 2> "/out/$1.$2.err"
		status=$?
		grep -q '^{"k":"lost"' "/out/$1.$2.jsonl" || break
	done
	echo $status > "/out/$1.$2.status"
}
"""


def build_arm64():
    words = subprocess.run([f"{ROOT}/scripts/arm64-sysroot.sh"], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split()
    subprocess.run(["make", "-s", "-C", ROOT, *words, "build/arm64/goenvbpf"], check=True,
                   stdout=subprocess.DEVNULL)
    return f"{ROOT}/build/arm64/goenvbpf"


def build_programs():
    out = f"{ROOT}/build/programs"
    subprocess.run(["make", "-s", "-C", f"{ROOT}/tests/programs", f"OUT={out}",
                    *(f"{out}/{name}" for name in PROGRAMS)], check=True, stdout=subprocess.DEVNULL)
    return out


def configuration(kernel, arch):
    """run.py's arguments that put a kernel's configuration where doctor looks for it; not all have one here."""
    words = subprocess.run([f"{ROOT}/scripts/kernels.sh", "--arch", arch, kernel], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.split()
    release, image, modules = words[2:]
    found = [path for path in (f"{os.path.dirname(image)}/config-{release}", f"{modules}/config")
             if os.path.exists(path)]
    return ("--file", f"{found[0]}:/boot/config-{release}") if found else ()


def wanted_status(case):
    return 3 if case in BLIND_CASES else 0


def boot(kernel, tier):
    """Runs all cases of a tier in one guest: the folder of what they left, and the finished process."""
    work = tempfile.TemporaryDirectory(prefix="goenvbpf-kernel-")
    cases = cases_of(kernel, tier)
    job = JOB + "".join(f"run_case {shlex.quote(n)} {shlex.quote(c)}\n" for n, c in cases)
    job += "goenvbpf doctor --json > /out/doctor; dmesg > /out/dmesg"
    programs = f"{ROOT}/build/programs"
    files = [word for name in PROGRAMS for word in ("--file", f"{programs}/{name}:/programs/{name}")]
    return work, subprocess.run([f"{HERE}/run.py", "--kernel", kernel, "--tier", tier, "--tool", lib.TOOL, *files,
                                 *configuration(kernel, "amd64"), "--timeout", "300", "--out", work.name, "--", job],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


POOL = concurrent.futures.ThreadPoolExecutor(2)
GUESTS = {}
ROWS_WANTED = set()	# -k leaves some out


def boot_ahead(kernel, tier):
    """What boot() gives. A guest takes one CPU: the next one runs beside it while this one is looked at."""
    if not GUESTS:
        build_programs()
    rows = [(k, t) for k, tiers in MATRIX for t in tiers]
    at = rows.index((kernel, tier))
    for row in rows[at:at + 2]:
        if row in ROWS_WANTED and row not in GUESTS:
            GUESTS[row] = POOL.submit(boot, *row)
    return GUESTS[kernel, tier].result()


class Kernel(unittest.TestCase):
    """One kernel with one tier; the subclasses made below say which."""
    kernel = tier = None

    @classmethod
    def setUpClass(cls):
        cls.work, cls.done = boot_ahead(cls.kernel, cls.tier)
        cls.addClassCleanup(cls.work.cleanup)

    def is_run(self):
        return getattr(getattr(self, self._testMethodName), "case", None) in [None, *cases_of(self.kernel, self.tier)]

    def out(self, name):
        return os.path.join(self.work.name, name)

    def case(self, name, case):
        self.assertEqual(self.done.returncode, 0, self.done.stderr[-4000:])
        said = lib.read(self.out(f"{name}.{case}.err"))
        status = lib.read(self.out(f"{name}.{case}.status")).strip()
        if status == "77":
            self.skipTest(said.strip().splitlines()[-1])
        wanted = wanted_status((name, case))
        self.assertEqual(status, str(wanted), said[-2000:])
        record = lib.Record(self.out(f"{name}.{case}.jsonl"))
        lib.verify(record, complete=not wanted)
        self.assertEqual(record.end["lost"], {"file": 0, "life": 0, "follow": 0, "read": 0})
        self.assertEqual(len(record.kind("blind")), 1 if wanted else 0)
        if self.tier != "auto":
            self.assertEqual(record.header["hooks"]["tier"], self.tier)
        self.assertEqual(record.header["hooks"]["states"], "hash" if self.kernel == "5.10" else "task")
        # A call that this kernel does not have: the programs do not tell of their attempt.
        record.lines = [line for line in record.lines if line.get("err") != "ENOSYS"]
        lib.hold(lib.expectations(self.out(f"{name}.{case}.told")), record)

    def test_doctor_knows_the_tier(self):
        answer = json.loads(lib.read(self.out("doctor")))
        works = {c["name"] for c in answer["capabilities"] if c["ok"]}
        self.assertIsNotNone(answer["tier"])
        tier = answer["tier"] if self.tier == "auto" else self.tier
        for name in ("files", "fork", "exec", "exit"):
            self.assertIn(f"{tier}.{name}", works)

    def test_doctor_blames_no_option(self):
        """Debian sets all that are needed; what does not work there has other reasons."""
        answer = json.loads(lib.read(self.out("doctor")))
        found = {c["name"]: c["detail"] for c in answer["capabilities"] if c["name"].startswith("config")}
        self.assertEqual(list(found), ["config"])
        self.assertRegex(found["config"], "^/boot/config-.*: lacks nothing$"
                         if configuration(self.kernel, "amd64") else "^no readable file")

    def test_kernel_has_nothing_to_complain_about(self):
        log = lib.read(self.out("dmesg"))
        for word in ("WARNING:", "BUG:", "Oops", "rcu: INFO"):
            self.assertNotIn(word, log)


class Arm64(unittest.TestCase):
    """A cross-built tool, its calls' numbers and arguments."""

    def run_kernel(self, kernel, tier):
        work = tempfile.TemporaryDirectory(prefix="goenvbpf-arm64-")
        self.addCleanup(work.cleanup)
        job = "goenvbpf doctor --json > /out/doctor; " if tier == "auto" else ""
        job += (f"goenvbpf run --hooks {tier} -o /out/r.jsonl -- sh -c 'cat /etc/passwd > /tmp/copy; "
                "cat missing; mkdir /tmp/d; mv /tmp/copy /tmp/d/e; ln -s to /tmp/l; readlink /tmp/l; exit 4'")
        done = subprocess.run([f"{HERE}/run.py", "--arch", "arm64", "--kernel", kernel, "--tool",
                               self.tool, *configuration(kernel, "arm64"), "--out", work.name, "--", job],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 4, done.stderr[-4000:])
        if tier == "auto":
            self.doctor(kernel, json.loads(lib.read(os.path.join(work.name, "doctor"))))
        return lib.Record(os.path.join(work.name, "r.jsonl"))

    def doctor(self, kernel, answer):
        found = {c["name"]: c["ok"] for c in answer["capabilities"]}
        blamed = [name for name in found if name.startswith("config.")]
        self.assertEqual(blamed, ["config.direct"] if kernel in WITHOUT_DIRECT_CALLS else [])
        self.assertEqual(found["fexit.files"], kernel not in WITHOUT_DIRECT_CALLS)
        self.assertEqual([c for c in answer["capabilities"] if "Unknown error" in c["detail"]], [])

    @classmethod
    def setUpClass(cls):
        for tool in ("qemu-system-aarch64", CROSS):
            if not shutil.which(tool):
                raise unittest.SkipTest(f"no {tool}")
        cls.tool = build_arm64()

    def test_record_of_a_shell(self):
        for kernel, tier in ((k, t) for k, tiers in ARM64 for t in tiers):
            with self.subTest(kernel=kernel, tier=tier):
                record = self.run_kernel(kernel, tier)
                lib.verify(record)
                if tier != "auto":
                    self.assertEqual(record.header["hooks"]["tier"], tier)
                told = {(e["k"], e.get("as"), e.get("as2"), e.get("err")) for e in record.lines}
                self.assertLessEqual({("open", "/etc/passwd", None, None),
                                      ("open", "missing", None, "ENOENT"),
                                      ("mkdir", "/tmp/d", None, None),
                                      ("rename", "/tmp/copy", "/tmp/d/e", None),
                                      ("symlink", "to", "/tmp/l", None)}, told)
                self.assertEqual([e["target"] for e in record.kind("readlink")
                                  if e["as"] == "/tmp/l"], ["to"])


def add_case(name, case):
    def run_it(self):
        self.case(name, case)
    run_it.case = (name, case)
    setattr(Kernel, f"test_{name}_{case}".replace("-", "_"), run_it)


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for kernel, tiers in MATRIX:
        for tier in tiers:
            name = f"Kernel_{kernel}_{tier}".replace(".", "_").replace("-", "_")
            kind = type(name, (Kernel,), dict(kernel=kernel, tier=tier))
            globals()[name] = kind
            for test in loader.loadTestsFromTestCase(kind):
                if test.is_run():
                    ROWS_WANTED.add((kernel, tier))
                    suite.addTest(test)
    suite.addTests(loader.loadTestsFromTestCase(Arm64))
    return suite


for _name, _case in CASES:
    add_case(_name, _case)

if __name__ == "__main__":
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: no qemu-system-x86_64", file=sys.stderr)
        sys.exit(77)
    unittest.main()
