#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Tests of the guest runner: status, output, files, libraries, modules, disks, limits.

  tests/vm/test_run.py [unittest's options]       77 when qemu or a compiler is missing
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
NEEDED = ("qemu-system-x86_64", "qemu-system-aarch64", "clang", "bpftool", "mke2fs", "readelf")
# Programs of the types' sample use task storage, which 5.10 does not have for tracing.
WITH_TASK_STORAGE = ("6.1", "6.12", "7")


def kernels():
    """(version, architecture) of the table."""
    table = subprocess.run([f"{ROOT}/scripts/kernels.sh", "--list"], stdout=subprocess.PIPE,
                           text=True, check=True).stdout
    return [line.split()[:2] for line in table.splitlines()]


def guest(*args):
    return subprocess.run([f"{HERE}/run.py", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)


class Guest(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory(prefix="goenvbpf-test-")
        self.addCleanup(self.work.cleanup)

    def path(self, name):
        return os.path.join(self.work.name, name)

    def test_every_kernel_runs_a_command(self):
        for version, arch in kernels():
            with self.subTest(kernel=version, arch=arch):
                done = guest("--kernel", version, "--arch", arch, "--", "uname -r; exit 7")
                self.assertEqual(done.returncode, 7, done.stderr)
                self.assertTrue(done.stdout.startswith(version.removesuffix("-rt")), done.stdout)

    def test_output_arguments_and_files_come_back(self):
        done = guest("--out", self.path("out"), "--tier", "fexit", "--env", "X=a b", "--", "sh",
                     "-c", 'echo "$1|$TIER|$X"; echo bad >&2; mkdir /out/d; echo k > /out/d/f',
                     "sh", "two words")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "two words|fexit|a b\n")
        self.assertEqual(done.stderr, "bad\n")
        with open(self.path("out/d/f"), encoding="ascii") as file:
            self.assertEqual(file.read(), "k\n")
        self.assertEqual(os.listdir(self.path("out")), ["d"])

    def test_mounts_that_an_observer_needs(self):
        done = guest("--", "for d in /proc /sys /sys/kernel/tracing /sys/fs/bpf /sys/fs/cgroup "
                           "/dev /tmp; do grep -q \" $d \" /proc/mounts || echo $d; done; "
                           "test -s /sys/kernel/btf/vmlinux && test -e "
                           "/sys/kernel/tracing/events/syscalls/sys_enter_openat/id")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_bpf_types_relocate(self):
        program = self.path("sample.o")
        subprocess.run(["clang", "-target", "bpf", "-D__TARGET_ARCH_x86", "-O2", "-g", "-mcpu=v3",
                        "-include", f"{ROOT}/vmlinux/x86/vmlinux.h", "-c", "-o", program,
                        f"{ROOT}/vmlinux/sample.bpf.c"], check=True)
        bpftool = shutil.which("bpftool")
        for version in WITH_TASK_STORAGE:
            with self.subTest(kernel=version):
                done = guest("--kernel", version, "--file", bpftool, "--file", f"{program}:/s.o",
                             "--", "bpftool prog loadall /s.o /sys/fs/bpf/s && ls /sys/fs/bpf/s")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout.split(), ["on_enter", "on_exec", "on_fork",
                                                       "on_sys_exit", "on_task"])

    def test_module_with_its_dependencies(self):
        done = guest("--kernel", "6.12", "--module", "overlay", "--",
                     "cd /tmp && mkdir l u w m && echo lower > l/f && mount -t overlay o "
                     "-o lowerdir=l,upperdir=u,workdir=w m && cat m/f")
        self.assertEqual((done.returncode, done.stdout), (0, "lower\n"), done.stderr)

    def test_disk_of_a_folder(self):
        os.mkdir(self.path("tree"))
        with open(self.path("tree/large"), "wb") as file:
            file.write(b"x" * (3 << 20))
        done = guest("--disk", f"{self.path('tree')}:/mnt/tree", "--",
                     "wc -c < /mnt/tree/large; touch /mnt/tree/new")
        self.assertEqual(done.stdout, f"{3 << 20}\n")
        self.assertEqual(done.returncode, 1, done.stderr)

    def test_time_limit_keeps_results(self):
        done = guest("--timeout", "2", "--out", self.path("out"), "--",
                     "echo early; echo e > /out/early; sleep 1000")
        self.assertEqual(done.returncode, 137, done.stderr)
        self.assertEqual(done.stdout, "early\n")
        self.assertTrue(os.path.exists(self.path("out/early")))

    def test_panic_shows_the_console(self):
        done = guest("--", "echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger")
        self.assertEqual(done.returncode, 125)
        self.assertIn("sysrq triggered crash", done.stderr)

    def test_unknown_kernel_and_file(self):
        self.assertEqual(guest("--kernel", "2.6", "--", "true").returncode, 125)
        done = guest("--file", self.path("absent"), "--", "true")
        self.assertEqual(done.returncode, 125)
        self.assertIn("does not exist", done.stderr)

    def test_instruction_clock_is_exact(self):
        program = self.path("calls")
        subprocess.run(["gcc", "-O2", "-static", "-o", program, f"{HERE}/icount/calls.c"],
                       check=True)
        one, two = (guest("--icount", "--file", program, "--", "calls") for _ in range(2))
        self.assertEqual(one.returncode, 0, one.stderr)
        self.assertEqual(one.stdout.split("}")[0], two.stdout.split("}")[0])


if __name__ == "__main__":
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [tool for tool in NEEDED if not shutil.which(tool)]
    if missing:
        print(f"skipped: {', '.join(missing)} missing", file=sys.stderr)
        sys.exit(77)
    unittest.main()
