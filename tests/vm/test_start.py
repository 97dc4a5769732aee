#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Starting from what an earlier start has kept, and ending, under other kernels and in each tier.

  tests/vm/test_start.py [unittest's options]       77 when qemu is missing
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, "..", "..", "build", "goenvbpf")
KERNELS = (("5.10", "tracepoint"), ("6.1", "tp_btf"), ("6.12", "fexit"), ("7", "auto"))

# Twice the same; the second time nothing is read of the kernel's types.
TWICE = """
for i in 1 2; do
	goenvbpf run -v --hooks $TIER -o /out/$i.jsonl -- sh -c 'cat /etc/passwd >/dev/null; ls / >/dev/null' 2>/out/$i.err || exit
done
ls -ln /run/goenvbpf.kept >/out/kept
"""
# Sessions of a service, one after the other, each with what the one before had in the kernel; one is killed.
SESSIONS = """
mkdir /tmp/s && printf 'records = /tmp/s/records\nstate = /tmp/s/jobs\nsocket = /tmp/s/socket\n' >/tmp/s/conf
goenvbpf run -q --hooks auto --no-service -o /tmp/0.jsonl -- true
goenvbpf service -v --config /tmp/s/conf 2>/out/service.err & service=$!
export GOENVBPF_SOCKET=/tmp/s/socket
until [ -S $GOENVBPF_SOCKET ]; do usleep 100000; done
for i in 1 2 3 4 5; do
	touch /tmp/mark-$i
	goenvbpf run -q -o /out/$i.jsonl -- sh -c "(while usleep 20000; do cat /tmp/mark-$i; done) >/dev/null 2>&1 & sleep 1"
	[ $i != 3 ] || {
		goenvbpf run -q -o /tmp/killed.jsonl -- sleep 20 & client=$!
		until grep -q header /tmp/killed.jsonl 2>/dev/null; do usleep 100000; done
		for pid in $(pidof goenvbpf); do
			! ls -l /proc/$pid/fd | grep -q killed.jsonl || [ $pid = $client ] || kill -9 $pid
		done
		wait $client
	}
	sleep 2
done
kill $service; wait $service; echo "ended $?"
n=0; while pidof goenvbpf >/dev/null && [ $n -lt 600 ]; do usleep 100000; n=$((n + 1)); done
echo "left $(pidof goenvbpf | wc -w)"
"""
# The end of a capture with fifty links, each of which takes the kernel a grace period to undo.
ENDING = """
cd /tmp && mkdir m && mount -t tmpfs none m && cd m
goenvbpf attach -q --hooks fexit -o /out/a.jsonl --pid 1 2>/out/a.err & p=$!
until grep -q header /out/a.jsonl 2>/dev/null; do usleep 100000; done
sleep 1
kill -INT $p; wait $p || exit
echo "left $(pidof goenvbpf | wc -w)"
cd / && umount /tmp/m && echo unmounted
n=0; while pidof goenvbpf >/dev/null && [ $n -lt 600 ]; do usleep 100000; n=$((n + 1)); done
echo "then $(pidof goenvbpf | wc -w)"
"""


def guest(kernel, tier, script, out):
    return subprocess.run([f"{HERE}/run.py", "--kernel", kernel, "--tool", TOOL, "--tier", tier, "--out", out,
                           "--timeout", "240", "--", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


class Start(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory(prefix="goenvbpf-test-")
        self.addCleanup(self.work.cleanup)

    def read(self, name):
        with open(os.path.join(self.work.name, name), encoding="utf-8") as f:
            return f.read()

    def record(self, name):
        return [json.loads(line) for line in self.read(name).splitlines()]

    def test_kept_programs(self):
        for kernel, tier in KERNELS:
            with self.subTest(kernel=kernel, tier=tier):
                done = guest(kernel, tier, TWICE, self.work.name)
                self.assertEqual(done.returncode, 0, done.stderr)
                first, second = self.record("1.jsonl"), self.record("2.jsonl")
                taken = "the programs of an earlier start are loaded"
                self.assertNotIn(taken, self.read("1.err"))
                self.assertIn(taken, self.read("2.err"))
                self.assertIn("-rw-------", self.read("kept"))
                self.assertEqual(second[0]["hooks"], first[0]["hooks"])
                for record in (first, second):
                    self.assertTrue(record[-1]["complete"], record[-1])
                calls = [[(line["k"], line.get("path")) for line in record if line["k"] in ("open", "stat", "exec")]
                         for record in (first, second)]
                self.assertEqual(sorted(map(str, calls[1])), sorted(map(str, calls[0])))

    def test_used_anew(self):
        more = (("6.1", "tp_btf"), ("7", "tracepoint")) if os.environ.get("GOENVBPF_LONG") == "1" else ()
        for kernel, tier in (("5.10", "tp_btf"), ("6.12", "tp_btf"), *more):
            with self.subTest(kernel=kernel, tier=tier):
                done = guest(kernel, "auto", SESSIONS, self.work.name)
                self.assertEqual((done.returncode, done.stdout), (0, "ended 0\nleft 0\n"), done.stderr)
                said = self.read("service.err")
                said = "\n".join(line for line in said.splitlines() if "libbpf:" not in line)
                self.assertGreaterEqual(said.count("the programs of an earlier session are used"), 2, said)
                for i in range(1, 6):
                    record = self.record(f"{i}.jsonl")
                    self.assertEqual(record[0]["hooks"]["tier"], tier)
                    marks = {line["path"] for line in record if "mark-" in line.get("path", "")}
                    self.assertEqual(marks, {f"/tmp/mark-{i}"})
                    end = record[-1]
                    self.assertEqual((end["seen"], sum(end["lost"].values())), (end["sent"], 0), end)
                    self.assertTrue(end["alive"], end)

    def test_fexit_ends_at_once(self):
        done = guest("6.12", "fexit", ENDING, self.work.name)
        self.assertEqual((done.returncode, done.stdout), (0, "left 1\nunmounted\nthen 0\n"), done.stderr)
        self.assertEqual(self.record("a.jsonl")[-1]["k"], "end")


if __name__ == "__main__":
    if not shutil.which("qemu-system-x86_64") or not os.access(TOOL, os.X_OK):
        print("test_start.py: needs qemu-system-x86_64, and goenvbpf built")
        sys.exit(77)
    unittest.main()
