# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A file system whose server does not answer us: its files are told as not readable, and nothing else waits."""
import os
import shutil
import signal
import subprocess
import time

import lib
import workload
from lib import alone, check, equal, said
from test_watch import SHORT

WHY = "the file system does not answer"


class HangFs:
    """One file that everybody can read, but whoever is called like the tool."""

    def __init__(self, where, name, content, whom="goenvbpf"):
        os.makedirs(where, exist_ok=True)
        self.where = where
        self.server = subprocess.Popen([lib.program("hangfs"), where, name, content, whom], stdout=subprocess.PIPE)
        equal(self.server.stdout.readline(), b"mounted\n", "hangfs")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.kill()	# whoever hangs there is told that it is gone
        self.server.wait()
        subprocess.run(["umount", "-l", self.where], check=True)


def stop_at_once(observer):
    """What hangs holds up no end."""
    start = time.monotonic()
    result = observer.stop()
    took = time.monotonic() - start
    equal(result.status, 0, said(result))
    check(took < 3, f"the end took {took:.1f} s")
    lib.verify(result.record)
    return result


def test_config_of_run():
    """run returns when its command has ended, and says which file it could not read."""
    for whom in ("goenvbpf", "nobody"):
        with open("content", "w", encoding="utf-8") as f:
            f.write("GOFLAGS=-v\n")
        with HangFs("hang", "go.env", "content", whom):
            start = time.monotonic()
            result = lib.run(["/bin/sh", "-c", "cat hang/go.env; exit 7"], "--force", record=f"{whom}.jsonl")
            took = time.monotonic() - start
            equal(result.status, 7, said(result))
            equal(result.out, "GOFLAGS=-v\n", "output")
            check(took < 5, f"it took {took:.1f} s")
            lib.verify(result.record)
            lines = [line for line in result.record.kind("file") if line["path"].endswith("hang/go.env")]
            equal(len(lines), 1, "lines of the file")
            if whom == "nobody":
                check("error" not in lines[0] and "GOFLAGS=-v" in lines[0]["text"], lines[0])
            else:
                equal((lines[0]["error"], lines[0]["incomplete"]), (WHY, ["text"]), "the file's line")


@alone
def test_watch_goes_on():
    """Files that hang, of several processes: Go programs that start later are followed from their first call."""
    exe = workload.go_program("src", SHORT, "short")
    with open("content", "w", encoding="utf-8") as f:
        f.write("GOFLAGS=-v\n")
    reader = workload.go_program("reader", READER, "reads")
    with HangFs("hang", "go.env", "content"):
        observer = lib.Observer(None, record="rec.jsonl")
        for i in range(4):
            subprocess.run([reader, "hang/go.env"], check=True, stdout=subprocess.DEVNULL)
        for i in range(5):
            shutil.copy(exe, f"{exe}{i}")
            subprocess.run([f"{exe}{i}", str(i)], check=True)
        time.sleep(1)
        result = stop_at_once(observer)
    for i in range(5):
        looks = [line for line in result.record.kind("stat") if line.get("as") == f"/watch-test/first-{i}"]
        equal(len(looks), 1, f"look of run {i}")
    lines = [line for line in result.record.kind("file") if line["path"].endswith("hang/go.env")]
    equal([line.get("error") for line in lines], [WHY] * 4, "lines of the file that hangs")


READER = """package main

import "os"

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(data)
}
"""


@alone
def test_program_hangs():
    """A program on a file system that does not let us read it, run time and again beside others."""
    exe = workload.go_program("src", SHORT, "short")
    with HangFs("hang", "prog", exe):
        observer = lib.Observer(None, record="rec.jsonl")
        for i in range(4):
            subprocess.run(["hang/prog", f"hangs-{i}"], check=True)
        shutil.copy(exe, f"{exe}2")
        subprocess.run([f"{exe}2", "works"], check=True)
        time.sleep(1)
        result = stop_at_once(observer)
    for name in ("hangs-0", "hangs-1", "hangs-2", "hangs-3", "works"):
        looks = [line for line in result.record.kind("stat") if line.get("as") == f"/watch-test/first-{name}"]
        equal(len(looks), 1, f"look of {name}")
    lines = [line for line in result.record.kind("buildinfo") if line["exe"].endswith("/prog")]
    check(lines and all(line.get("error") == WHY for line in lines), f"build information of what hangs: {lines}")
    lines = [line for line in result.record.kind("buildinfo") if line["exe"].endswith("short2")]
    check(lines and lines[0].get("go"), f"build information of what works: {lines}")


def test_signals_end():
    """While a file hangs, a signal ends a run that waits for its command."""
    with open("content", "w", encoding="utf-8") as f:
        f.write("GOFLAGS=-v\n")
    for number in (signal.SIGINT, signal.SIGTERM):
        with HangFs("hang", "go.env", "content"):
            observer = subprocess.Popen([lib.TOOL, "run", "-q", "--force", "--hooks", lib.HOOKS, "-o", "rec.jsonl", "--",
                                         "/bin/sh", "-c", "cat hang/go.env; echo read; sleep 60"],
                                        stdout=subprocess.PIPE, start_new_session=True)
            while observer.stdout.readline() != b"read\n":
                pass
            time.sleep(0.5)
            start = time.monotonic()
            os.killpg(observer.pid, number)
            status = observer.wait(timeout=20)
            took = time.monotonic() - start
            check(took < 3, f"it took {took:.1f} s")
            check(status in (128 + number, -number), f"status {status}")


def test_front():
    """The process in front of a watch: its end is the session's, a signal to it is handed on, a second one is not waited for."""
    def start(name):
        observer = lib.Observer(None, record=name)
        return observer, lib.observer_of(observer.proc.pid)

    def ended(path):
        return lib.Record(path).end

    observer, inner = start("killed.jsonl")
    os.kill(observer.proc.pid, signal.SIGKILL)
    observer.proc.wait()
    lib.wait_for(lambda: ended("killed.jsonl"), 10, "the end of a record whose front was killed")
    observer, inner = start("term.jsonl")
    result = observer.stop(signal.SIGTERM)
    equal(result.status, 0, said(result))
    check(ended("term.jsonl"), "the record has no end")
    observer, inner = start("stopped.jsonl")
    os.kill(inner, signal.SIGSTOP)
    observer.proc.send_signal(signal.SIGINT)
    time.sleep(0.5)
    check(observer.proc.poll() is None, "the first signal was not handed on")
    result = observer.stop(timeout=2)
    equal(result.status, 128 + signal.SIGINT, said(result))
    check("still finishing" in result.err, result.err)
    os.kill(inner, signal.SIGCONT)
    lib.wait_for(lambda: ended("stopped.jsonl"), 10, "the end of the record")
    observer, inner = start("inner.jsonl")
    os.kill(inner, signal.SIGKILL)
    equal(observer.wait(5).status, 128 + signal.SIGKILL, "status of a watch that was killed")


def test_source_hangs():
    """A source file that go can read and we cannot: the build is recorded, and the file told."""
    path = workload.module("m")
    with open("main.go", "w", encoding="utf-8") as f:
        f.write("package main\n\nfunc main() {}\n")
    with HangFs("hang", "main.go", "main.go"):
        start = time.monotonic()
        result = lib.run(["go", "build", "-o", os.path.abspath("out"), os.path.abspath("hang/main.go")],
                         cwd=path, env=workload.shared_cache_env())
        took = time.monotonic() - start
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    check(took < 30, f"it took {took:.1f} s")
    lines = [line for line in result.record.kind("source") if line["path"].endswith("hang/main.go")]
    equal([line.get("error") for line in lines[:1]], [WHY], f"lines of the source: {lines}")
