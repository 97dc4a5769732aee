# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""watch: all Go processes of the host from their first call on, and nobody else's."""
import os
import subprocess
import threading

import lib
import workload
from lib import alone, check, equal, said

SHORT = """package main

import "os"

func main() {
	os.Stat("/watch-test/first-" + os.Args[1])
}
"""


@alone
def test_go_build():
    """A build that starts after watch: go, its tools, and what the tools start."""
    path = workload.module("m", cgo=True)
    env = workload.go_env()
    observer = lib.Observer(None, record="rec.jsonl.gz")
    done = subprocess.run(["go", "build", "-o", os.path.abspath("out"), "."], cwd=path, env=env,
                          stderr=subprocess.PIPE, timeout=400)
    result = observer.stop()
    equal(done.returncode, 0, done.stderr[-500:])
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    record = result.record
    equal(record.header["mode"], "watch", "mode")
    names = {os.path.basename(line.get("exe", "")) for line in record.kind("exec")}
    check({"go", "compile", "asm", "link", "cgo"} <= names, f"programs: {names}")
    check("cc1" in names, f"what Go's tools start is not followed: {names}")
    infos = {os.path.basename(line["exe"]): line for line in record.kind("buildinfo") if "go" in line}
    check("go" in infos and "compile" in infos, f"buildinfo of {sorted(infos)}")


@alone
def test_short_program_whole():
    """A Go program's first milliseconds are there, although it was unknown when it started."""
    exe = workload.go_program("src", SHORT, "short")
    observer = lib.Observer(None, record="rec.jsonl")
    for i in range(5):
        # a copy is an unknown executable each time
        copy = f"{exe}{i}"
        subprocess.run(["cp", exe, copy], check=True)
        subprocess.run([copy, str(i)], check=True)
    subprocess.run([f"{exe}4", "known"], check=True)
    result = observer.stop()
    lib.verify(result.record)
    for i in ("0", "1", "2", "3", "4", "known"):
        looks = [line for line in result.record.kind("stat") if line.get("as") == f"/watch-test/first-{i}"]
        equal(len(looks), 1, f"look of run {i}")
        lines = [line for line in result.record.events()
                 if line.get("proc") == looks[0]["proc"] and line["k"] not in lib.FACTS]
        equal(lines[0]["k"], "exec", f"first line of run {i}")
        # the runtime's own start: it asks for the size of huge pages before main
        check([line for line in lines if "hpage_pmd_size" in line.get("as", "")], f"run {i} has no beginning")
        equal([line["code"] for line in lines if line["k"] == "exit"], [0], f"exit of run {i}")


@alone
def test_others_are_not_there():
    """Programs that are not Go, started after watch, leave no line."""
    exe = workload.go_program("src", SHORT, "short")
    observer = lib.Observer(None, record="rec.jsonl")
    subprocess.run(["sh", "-c", "test -e /watch-test/not-go; ls / >/dev/null; cat /etc/hostname >/dev/null"])
    subprocess.run([lib.program("burst"), "1000", "2"], stdout=subprocess.DEVNULL)
    subprocess.run([exe, "go"], check=True)
    result = observer.stop()
    lib.verify(result.record)
    looks = [line["as"] for line in result.record.lines if line.get("as", "").startswith("/watch-test/")]
    equal(looks, ["/watch-test/first-go"], "looks")
    names = {os.path.basename(line.get("exe", "")) for line in result.record.kind("exec")}
    check(not names & {"sh", "dash", "ls", "cat", "burst"}, f"programs: {names}")


@alone
def test_go_under_a_shell():
    """The Go child of a shell is followed, the shell is not."""
    exe = workload.go_program("src", SHORT, "short")
    observer = lib.Observer(None, record="rec.jsonl")
    subprocess.run(["sh", "-c", f"test -e /watch-test/shell; {exe} a; test -e /watch-test/shell"])
    result = observer.stop()
    lib.verify(result.record)
    looks = [line["as"] for line in result.record.lines if line.get("as", "").startswith("/watch-test/")]
    equal(looks, ["/watch-test/first-a"], "looks")


def stops(record, pid):
    return [line for line in record.of_pid(pid) if line.get("as") == "stop"]


@alone
def test_was_running():
    """A Go program that ran before watch is taken in."""
    exe = workload.go_program("src", """package main

import (
	"os"
	"time"
)

func main() {
	for i := 0; i < 6000; i++ {
		if _, err := os.Stat("stop"); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
""", "runner")
    proc = subprocess.Popen([exe])
    lib.wait_for(lambda: os.readlink(f"/proc/{proc.pid}/exe") == exe, 20, "the program's start")
    observer = lib.Observer(None, record="rec.jsonl")
    observer.wait_until(lambda record: len(stops(record, proc.pid)) > 20, "looks of the program")
    open("stop", "w").close()
    equal(proc.wait(20), 0, "status of the program")
    result = observer.stop()
    lib.verify(result.record)
    line = result.record.exec_of("runner")
    check(line.get("adopted") is True, f"not adopted: {line}")
    looks = stops(result.record, proc.pid)
    check(len(looks) > 20 and looks[-1].get("err") is None, f"{len(looks)} looks, last {looks[-1:]}")


@alone
def test_go_run_has_buildinfo():
    """The program that go run makes, runs and deletes."""
    path = workload.module("m")
    env = workload.shared_cache_env()
    for verb, opts in (("run", ()), (None, ())):
        if verb:
            result = lib.run(["go", "run", "."], cwd=path, env=env)
            equal(result.status, 0, said(result))
            equal(result.out, "hello\n", "output")
        else:
            observer = lib.Observer(None, record="watch.jsonl")
            subprocess.run(["go", "run", "."], cwd=path, env=env, check=True, stdout=subprocess.DEVNULL)
            result = observer.stop()
        lib.verify(result.record)
        execs = [line for line in result.record.kind("exec") if os.path.basename(line.get("exe", "")) == "hello"]
        equal(len(execs), 1, f"exec lines of the program ({verb})")
        infos = [line for line in result.record.kind("buildinfo") if line.get("exe") == execs[0]["exe"]]
        equal(len(infos), 1, f"buildinfo lines of the program ({verb})")
        equal(infos[0].get("path"), "example.org/hello", "package path")
        equal((infos[0]["dev"], infos[0]["ino"]), (execs[0]["dev"], execs[0]["ino"]), "dev and ino")
        check(infos[0]["go"].startswith("go1."), infos[0])


def test_brief_go_programs_have_buildinfo():
    """100 executables, each other, run once and deleted at once: none is missed."""
    exe = workload.go_program("src", SHORT, "short")
    loop = f"""i=0; while [ $i -lt 100 ]; do i=$((i+1)); cp {exe} brief$i; ./brief$i $i & rm -f none; wait; rm brief$i
done"""
    result = lib.run(["sh", "-c", loop])
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    execs = [line for line in result.record.kind("exec") if "/brief" in line["exe"]]
    equal(len(execs), 100, "exec lines")
    infos = {(line["dev"], line["ino"]) for line in result.record.kind("buildinfo") if line.get("go")}
    missed = [line["exe"] for line in execs if (line["dev"], line["ino"]) not in infos]
    equal(missed, [], "executables without buildinfo")


@alone
def test_two_observers():
    """Two watchers beside each other see the same, and neither sees the other's own calls."""
    exe = workload.go_program("src", SHORT, "short")
    one, two = lib.Observer(None, record="one.jsonl"), lib.Observer(None, record="two.jsonl")
    subprocess.run([exe, "x"], check=True)
    records = [one.stop().record, two.stop().record]
    for record in records:
        lib.verify(record)
        check([line for line in record.kind("stat") if line.get("as") == "/watch-test/first-x"], "the look is missing")
        check(not [line for line in record.kind("exec") if line.get("exe", "") == lib.TOOL], "an observer is observed")


@alone
def test_burst_of_strangers():
    """Held-back events of many unknown programs that turn out not to be Go are let go of again."""
    observer = lib.Observer(None, record="rec.jsonl")

    def strangers(number):
        for i in range(40):
            subprocess.run(f"cp {lib.program('burst')} b{number}-{i} && ./b{number}-{i} 300 2 >/dev/null", shell=True)
    threads = [threading.Thread(target=strangers, args=(n,)) for n in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    rss = int([line for line in lib.read(f"/proc/{lib.observer_of(observer.proc.pid)}/status").splitlines()
               if line.startswith("VmHWM")][0].split()[1])
    result = observer.stop()
    lib.verify(result.record)
    check(not [line for line in result.record.lines if line.get("as", "").startswith("/burst/")], "strangers' calls")
    check(rss <= 64 << 10, f"the observer's memory reached {rss} KiB")
    return f"{rss >> 10} MiB"


test_go_build.limit = 500
