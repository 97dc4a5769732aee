# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Two jobs at once, each in a control group of its own: what is of one is in no record of the other, and the host's
record tells when they write one cache."""
import os
import signal
import subprocess
import time

import ci
import lib
import test_attach
from lib import alone, check, equal

# Small, and nothing that all of them need is compiled first.
PACKAGES = "math/bits unicode container/ring image/color"
NAMES = ("red", "blue")

# Both have looked for the same entry in vain, and compile, before either has put it.
TOOL = """#!/bin/sh
case "$*" in *-V=full*) exec "$@" ;; esac
: > "$HERE/$NAME"
n=0
until [ -e "$HERE/red" ] && [ -e "$HERE/blue" ] || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done
exec "$@"
"""
ALONE = "#!/bin/sh\nexec \"$@\"\n"
JOB = """
echo 0 > "$GROUP/cgroup.procs" || exit 99
case $NAME in
red)	goenvbpf job start "$JOB" --pid $$ ;;
blue)	goenvbpf job start "$JOB" --cgroup "$GROUP" ;;
esac || exit 98
(cd "$FOLDER" && go build -p 1 -toolexec "$TOOL" $PACKAGES .)
status=$?
goenvbpf job stop "$JOB" -o "$JOB.jsonl.zst" || exit 97
exit $status
"""


class Pair:
    """Two jobs that build: at once, or one after the other; with one cache, or one for each."""

    def __init__(self, top, service, name, is_at_once, is_one_cache):
        self.name, self.top = name, os.path.abspath(name)
        os.mkdir(name)
        self.groups = {one: os.path.join(top, f"goenvbpf-{name}-{one}-{os.getpid()}") for one in NAMES}
        self.caches = {one: os.path.join(self.top, "cache" if is_one_cache else f"cache-{one}") for one in NAMES}
        with open(self.path("tool"), "w") as f:
            f.write(TOOL if is_at_once else ALONE)
        os.chmod(self.path("tool"), 0o755)
        os.mkdir(self.path("here"))
        running = []
        for one in NAMES:
            ci.module(self.path(f"src-{one}"))
            os.mkdir(self.groups[one])
            running.append(subprocess.Popen(["sh", "-c", JOB], cwd=self.top, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                            env=self.env(one, service)))
            if not is_at_once:
                running[-1].wait(120)
        for proc in running:
            said, _ = proc.communicate(timeout=120)
            equal(proc.returncode, 0, f"status of a job of {name}, which said {said!r}")

    def path(self, name):
        return os.path.join(self.top, name)

    def job(self, one):
        return f"{self.name}-{one}"

    def env(self, one, service):
        return ci.env(GOENVBPF_SOCKET=service.path("socket"), GOCACHE=self.caches[one], NAME=one, HERE=self.path("here"),
                      TOOL=self.path("tool"), JOB=self.job(one), GROUP=self.groups[one], FOLDER=self.path(f"src-{one}"),
                      PACKAGES=PACKAGES)

    def record(self, one):
        return lib.Record(self.path(f"{self.job(one)}.jsonl.zst"))

    def hold(self, host):
        """Each record has all that its job did, and nothing of the other one."""
        pids = {}
        for one, other in (NAMES, NAMES[::-1]):
            record, group = self.record(one), os.path.basename(self.groups[one])
            lib.verify(record)
            equal(record.header["tags"]["job"], self.job(one), "the job's name")
            equal({os.path.basename(e["cgroup"]) for e in record.kind("exec") if "cgroup" in e}, {group},
                  f"control groups in the record of {self.job(one)}")
            equal([f"src-{name}".encode() in record.text for name in (one, other)], [True, False], f"own and other files in {self.job(one)}")
            equal([c["args"][1] for c in ci.go_commands(record.path)], ["build"], f"go commands of {self.job(one)}")
            check(not shared(record.path), f"one job alone shares: {shared(record.path)}")
            pids[one] = {e["pid"] for e in record.kind("exec")}
            of_host = {e["pid"] for e in host.kind("exec") if os.path.basename(e.get("cgroup", "")) == group}
            check(of_host and of_host <= pids[one], f"missing in {self.job(one)}: {of_host - pids[one]} of {of_host}")
        check(not pids["red"] & pids["blue"], f"processes in both records of {self.name}")

    def remove(self):
        for group in self.groups.values():
            if os.path.isdir(group):
                test_attach.remove_group(group)


def shared(path, below=""):
    """[(cache, what was said)] of findings of sharing."""
    return [(f["subject"], f["detail"]) for f in ci.findings(path)[1] if f["rule"] == "cache-shared-by-jobs" and
            f["subject"].startswith(below)]


@alone
def test_at_once():
    """One cache at the same time is found; a cache for each, and one after the other, are not."""
    top, pairs = test_attach.cgroup_mounts()[0], []
    if not top:
        raise lib.Skip("no control groups of version 2")
    lib.need("go")
    try:
        with ci.service(is_watching=True) as service:
            for row in (("one", True, True), ("each", True, False), ("later", False, True)):
                pairs.append(Pair(top, service, *row))
            service.has_no_job()
            # only a service that stops ends the record of the host
        host, = service.records("host")
        record = lib.Record(host)
        for pair in pairs:
            pair.hold(record)
    finally:
        for pair in pairs:
            pair.remove()
    found = shared(host, os.getcwd())
    equal([cache for cache, _ in found], [pairs[0].caches["red"]], "caches that were shared at once")
    for group in pairs[0].groups.values():
        check(os.path.basename(group) in found[0][1], f"which job it was: {found[0][1]}")


def test_announcer():
    """Who announces a job belongs to it, and is gone in no time: what it was is known even so, and the verdict is one."""
    lib.need("go")
    script = "for j in a b c; do goenvbpf job start $j --pid $$ && go version && goenvbpf job stop $j -o $j.jsonl.zst || exit 1; done"
    with ci.service() as service:
        subprocess.run(["sh", "-c", script], check=True, env=ci.env(GOENVBPF_SOCKET=service.path("socket")))
        service.has_no_job()
    for name in "abc":
        record = lib.Record(f"{name}.jsonl.zst")
        lib.verify(record)
        equal([line for line in record.kind("exec") if "incomplete" in line], [], "programs that are partly known")
        equal([e["args"][:3] for e in record.kind("exec") if "adopted" in e and "job" in e["args"]], [["goenvbpf", "job", "start"]],
              "who announced it")
        equal(ci.findings(record.path, "--fail-on", "error")[0], 0, "status of check")


def test_stop_at_its_end():
    """Who asks while a job that was killed comes to its end waits for it, and gets a whole record."""
    with ci.service() as service:
        env = ci.env(GOENVBPF_SOCKET=service.path("socket"))
        for n in range(12):
            tree = subprocess.Popen(["sleep", "100"], start_new_session=True)
            equal(subprocess.run([lib.TOOL, "job", "start", f"j{n}", "--pid", str(tree.pid)], env=env).returncode, 0, "start")
            os.killpg(tree.pid, signal.SIGKILL)
            tree.wait()
            time.sleep(n * 0.02)
            done = subprocess.run([lib.TOOL, "job", "stop", f"j{n}", "-o", f"j{n}.jsonl.zst"], env=env, stderr=subprocess.PIPE, text=True)
            equal(done.returncode, 0, f"stop after {n * 0.02:.2f} s: {done.stderr}")
            lib.verify(lib.Record(f"j{n}.jsonl.zst"))
        service.has_no_job()
