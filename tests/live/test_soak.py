# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
A service for as long as a build host has one, in fast motion: real builds one after the other, in jobs and by a
client, while it is reloaded, stopped, killed, its disk is full, and its records go round. Half an hour in the long run,
with jobs as CI has them (every other one is a build from an empty cache), else seconds of small ones.
"""
import os
import random
import resource
import signal
import subprocess
import time

import lib
from lib import check, equal, read
from service import MEMBER, place
from test_service import listed, ready, said

SECONDS = int(os.environ.get("GOENVBPF_SOAK_S", 1800 if lib.LONG else 25))
SHARE = 0.03			# of the builds' CPU, in the long run: of a build of 0.2 s a session takes as much
GO = "/usr/bin/go"		# that members may run
MEMORY = 64 * 1024		# KiB, of each process of the service
SOURCE = "package p\n\nimport \"fmt\"\n\nfunc F() string {{ return fmt.Sprint({}) }}\n"


def ticks(pid):
    """CPU of a process and of its children that have ended, in seconds."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(int(v) for v in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def rss(pid):
    try:
        return next((int(line.split()[1]) for line in read(f"/proc/{pid}/status").splitlines() if line.startswith("VmRSS")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Host:
    """A build host: what is built on it, what its service does meanwhile, and what both cost."""

    def __init__(self, service):
        self.service, self.serial, self.cpu, self.ended_cpu = service, 0, 0.0, 0.0
        self.names, self.memory = {}, []
        self.home = place()
        self.env = service.env(HOME=self.home, GOCACHE=self.home + "/cache", CGO_ENABLED="0", GOFLAGS="-buildvcs=false")
        self.write("go.mod", "module example.org/p\n\ngo 1.18\n")
        self.write("p.go", SOURCE.format(0))

    def write(self, name, text):
        with open(f"{self.home}/{name}", "w", encoding="ascii") as f:
            f.write(text)
        os.chown(f"{self.home}/{name}", os.stat(self.home).st_uid, -1)

    def user(self, script):
        """It ends with 0; its CPU is that of builds."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([*MEMBER, "sh", "-c", script], cwd=self.home, env=self.env, text=True, timeout=300,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        equal(done.returncode, 0, f"{script}: {said(done)}; {self.service.said()[-400:]}")

    def job(self):
        """An edit and a build of it, as a job: its name says what the record has to have."""
        self.serial += 1
        name = f"n{self.serial}"
        self.write("p.go", SOURCE.format(self.serial))
        self.user(f"{lib.TOOL} job start {name} --pid $$ && {GO} build ./... && "
                  f"{lib.TOOL} job stop {name} -o {name}.jsonl.zst")
        return f"{self.home}/{name}.jsonl.zst"

    def cold(self):
        """A job from an empty cache, of a part of the standard library."""
        self.serial += 1
        name = f"n{self.serial}"
        self.user(f"GOCACHE={self.home}/cold {lib.TOOL} job start {name} --pid $$ && export GOCACHE={self.home}/cold && "
                  f"{GO} build -a net/http && {lib.TOOL} job stop {name} -o {name}.jsonl.zst && rm -rf {self.home}/cold")
        return f"{self.home}/{name}.jsonl.zst"

    def full_disk(self):
        """A job for whose record there is no room; the build is none the wiser, and the next record is whole."""
        filler = f"{self.service.records}/filler"
        with open(filler, "wb") as f:
            try:
                while f.write(bytes(65536)):
                    f.flush()
            except OSError:
                pass
        self.serial += 1
        self.write("p.go", SOURCE.format(self.serial))
        self.user(f"{lib.TOOL} job start full{self.serial} --pid $$; {GO} build ./... || exit; {lib.TOOL} job stop full{self.serial}; true")
        os.unlink(filler)
        check(self.service.proc.poll() is None, "the service ended")

    def run(self):
        self.serial += 1
        self.write("p.go", SOURCE.format(self.serial))
        self.user(f"{lib.TOOL} run -q -o r{self.serial}.jsonl.zst -- {GO} build ./...")
        return f"{self.home}/r{self.serial}.jsonl.zst"

    def sample(self):
        pids = [self.service.proc.pid, *self.service.workers()]
        found = [rss(pid) for pid in pids]
        check(max(found) <= MEMORY, f"KiB of the service's processes: {found}")
        self.memory.append(found[0])

    def restart(self, sig):
        self.ended_cpu += ticks(self.service.proc.pid)
        if sig == signal.SIGTERM:
            equal(self.service.stop(), 0, "the service's status")
        else:
            self.service.proc.send_signal(sig)
            self.service.proc.wait()
        self.service.start()


def look_at(path):
    """The record of one build: whole, and of that build alone."""
    record = lib.Record(path)
    check(record.end and record.end["complete"], f"{path}: {record.end}")
    equal({k: v for k, v in record.end["lost"].items() if v}, {}, f"lost in {path}")
    gos = [line for line in record.kind("exec") if line["args"][:2] == [GO, "build"]]
    equal(len(gos), 1, f"go commands in {path}")
    check([line for line in record.kind("exec") if (line.get("exe") or "").endswith("/compile")], f"no compiler in {path}")
    os.unlink(path)


def test_builds():
    """Every build is in the record of its job or of its client, whole; memory stays where it was."""
    lib.need(GO)
    os.makedirs("svc/records", mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24M,mode=0700", "none", "svc/records"], check=True)
    try:
        with ready("record-size = 1M", "total-size = 8M", f"metrics = {os.getcwd()}/figures.prom") as service:
            return soak(service)
    finally:
        subprocess.run(["umount", "-l", "svc/records"], check=True)


def soak(service):
    chance = random.Random(15)
    host, builds, restarts = Host(service), 0, 0
    host.user(f"{GO} build ./...")	# what the standard library takes
    host.cpu = 0.0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for _ in range(4):
            look_at(host.job() if chance.random() < 0.7 else host.run())
            builds += 1
            if lib.LONG:
                look_at(host.cold())
                builds += 1
        host.sample()
        what = chance.choice(["reload", "stop", "kill", "worker", "full"])
        if what == "reload":
            before = service.said()
            service.proc.send_signal(signal.SIGHUP)
            service.wait_said("the configuration was read anew", before)
        elif what == "full":
            host.full_disk()
        elif what == "worker":
            lib.wait_for(service.workers, 20, "a worker")
            os.kill(chance.choice(service.workers()), signal.SIGKILL)
        else:
            host.restart(signal.SIGTERM if what == "stop" else signal.SIGKILL)
            restarts += 1
    kept = sum(os.path.getsize(f"{service.records}/{name}") for name in service.list_records())
    check(kept <= 9 << 20, f"{kept} bytes of records are kept")
    check(not os.listdir(f"{service.top}/jobs"), "jobs that nobody has")
    check(all(not entry.get("error") for entry in listed(service)), listed(service))
    half = len(host.memory) // 2
    if half > 3:
        check(max(host.memory[half:]) <= max(host.memory[:half]) + 2048, f"the service's KiB grow: {host.memory}")
    spent = host.ended_cpu + ticks(service.proc.pid)
    if lib.LONG:
        check(spent <= SHARE * host.cpu, f"CPU of the service {spent:.1f} s beside {host.cpu:.1f} s of builds")
    return (f"{builds} builds, {restarts} restarts, {max(host.memory)} KiB, CPU of the service {spent:.1f} s beside "
            f"{host.cpu:.1f} s of builds")


test_builds.limit = SECONDS + 300
