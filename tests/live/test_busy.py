# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Nothing is kept busy by being observed: what a program ran from can be unmounted when it has ended."""
import os
import subprocess

import lib
import workload
from lib import alone, check, equal, said

ROUNDS = 500 if lib.LONG else 10

# Each round: mount, run a program from there that also reads a configuration file there, unmount at once.
ROUND = r"""
import os, shutil, subprocess, sys
kind, prog, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.makedirs("m", exist_ok=True)
def sh(*cmd): return subprocess.run(cmd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
def fill(top):
    shutil.copy(prog, top + "/prog")
    os.makedirs(top + "/go", exist_ok=True)
    with open(top + "/go/env", "w") as f: f.write("GOFLAGS=-v\n")
if kind == "loop":
    os.makedirs("d", exist_ok=True); fill("d")
    sh("mke2fs", "-q", "-t", "ext4", "-d", "d", "img", "24M")
busy = 0
for i in range(rounds):
    if kind == "loop":
        mounted = sh("mount", "-o", "loop", "img", "m")
    elif kind == "overlay":
        os.makedirs("l", exist_ok=True); fill("l")
        mounted = sh("mount", "-t", "tmpfs", "none", "m") or os.mkdir("m/u") or os.mkdir("m/w") or os.mkdir("m/o") or \
            sh("mount", "-t", "overlay", "none", "-o", "lowerdir=l,upperdir=m/u,workdir=m/w", "m/o")
    else:
        mounted = sh("mount", "-t", "tmpfs", "none", "m"); fill("m")
    assert not mounted, "cannot mount"
    top = "m/o" if kind == "overlay" else "m"
    if kind == "chroot":
        pid = os.fork()
        if not pid:
            os.chroot("m"); os.chdir("/"); os.execv("/prog", ["/prog", "/go/env"])
        assert not os.waitpid(pid, 0)[1]
    else:
        assert not sh(top + "/prog", top + "/go/env"), "it failed"
    tops = ["m/o", "m"] if kind == "overlay" else ["m"]
    for one in tops:
        if sh("umount", one):
            busy += 1
            sh("umount", "-l", one)
print("busy", busy)
"""

READER = """package main

import "os"

func main() {
	if _, err := os.ReadFile(os.Args[1]); err != nil {
		panic(err)
	}
}
"""
KINDS = ("tmpfs", "loop", "overlay", "chroot")


def in_own_namespace(kind, prog):
    return ["unshare", "-m", "/usr/bin/python3", "-c", ROUND, kind, prog, str(ROUNDS)]


class Load:
    """Both processors have other things to do."""

    def __enter__(self):
        self.procs = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]

    def __exit__(self, *error):
        for proc in self.procs:
            proc.kill()
            proc.wait()


def programs():
    go = workload.go_program("reader", READER, "reads")
    return {"go": go, "c": "/bin/cat"}


@alone
def test_run():
    """Mounts that come and go within a run, on a host that has other things to do."""
    for kind in KINDS:
        for name, prog in programs().items():
            if name == "c" and kind == "chroot":
                continue	# it has no libraries there
            with Load():
                result = lib.run(in_own_namespace(kind, prog), "--force")
            equal(result.status, 0, said(result))
            equal(result.out, "busy 0\n", f"{kind}, {name}")
            lib.verify(result.record, complete=False)


@alone
def test_watch():
    """The same beside a watch, of programs that it is to follow and others."""
    for kind in KINDS if lib.LONG else ("tmpfs", "overlay"):
        for name, prog in programs().items():
            if name == "c" and kind == "chroot":
                continue
            observer = lib.Observer(None, record=f"{kind}-{name}.jsonl")
            with Load():
                done = subprocess.run(in_own_namespace(kind, prog), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      text=True, check=False)
            result = observer.stop()
            equal(done.returncode, 0, done.stderr[-500:])
            equal(done.stdout, "busy 0\n", f"{kind}, {name}")
            lib.verify(result.record, complete=False)
            check(name == "c" or result.record.kind("exec"), "nothing was followed")
