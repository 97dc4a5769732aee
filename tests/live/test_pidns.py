# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""PID namespaces: of the command, seen from outside, and of the tool itself, as in a container."""
import os
import subprocess
import sys

import lib
import workload
from lib import alone, check, equal, said

PID_NS = ["unshare", "-pf", "--mount-proc"]
GO = """package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println(os.Getpid())
	for i := 0; i < 6000; i++ {
		if _, err := os.Stat("stop-" + os.Args[1]); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
"""
# The numbers inside, and a file that no other process of the host looks for.
SHELL = "echo $$; test -e in-shell; sh -c 'echo $$; test -e in-child; exit 3'; exit 4"


def host_pid(local, inside):
    """What the host calls the process that a namespace, given by one of its processes, calls local."""
    ns = os.readlink(f"/proc/{inside}/ns/pid")
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/ns/pid") == ns:
                status = lib.read(f"/proc/{name}/status")
                numbers = [line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")][0]
                if int(numbers[-1]) == local:
                    return int(name)
        except OSError:
            pass
    raise AssertionError(f"no process {local} in {ns}")


def children(pid):
    return [int(n) for n in lib.read(f"/proc/{pid}/task/{pid}/children").split()]


def family(record):
    """exec lines of the two shells of SHELL, by their looks; their exits and who they come from are right."""
    procs = {line["as"]: line["proc"] for line in record.kind("access", "stat") if line["as"].startswith("in-")}
    equal(set(procs), {"in-shell", "in-child"}, "looks")
    execs = {line["proc"]: line for line in record.kind("exec")}
    shell, child = execs[procs["in-shell"]], execs[procs["in-child"]]
    equal((child["parent"], child["ppid"]), (shell["proc"], shell["pid"]), "parent of the child")
    codes = {line["proc"]: line["code"] for line in record.kind("exit")}
    equal((codes[shell["proc"]], codes[child["proc"]]), (4, 3), "exit codes")
    return shell, child


def test_command_inside():
    """pids are the host's; programs that are gone at once have their build information."""
    exe = workload.go_program("src", GO, "one")
    open("stop-x", "w").close()
    before = os.getpid()
    result = lib.run(PID_NS + ["sh", "-c", f"{exe} x; {SHELL}"])
    equal((result.status, result.out.split()[1]), (4, "1"), said(result))
    lib.verify(result.record)
    shell, _ = family(result.record)
    forks = {line["child"]: line["pid"] for line in result.record.kind("fork") if not line["thread"]}
    unshare = [line for line in result.record.kind("exec") if line["exe"].endswith("/unshare")][0]
    equal(forks[shell["pid"]], unshare["pid"], "who forked the namespace's first process")
    check(shell["pid"] > before or before > 30000, f"pid {shell['pid']} is not the host's")
    info = [line for line in result.record.kind("buildinfo") if line["exe"] == exe]
    equal([line.get("path") for line in info], ["example.org/one"], "buildinfo")
    check("local_pid" not in shell and "pid_ns" not in result.record.header, "an observer outside has no local pids")


def test_attached_to_one_inside():
    """From outside, by the host's pid: what is told of it comes from its own /proc/PID."""
    exe = workload.go_program("src", GO, "one")
    proc = subprocess.Popen(PID_NS + ["sh", "-c", f"{exe} x; true"], stdout=subprocess.PIPE, text=True)
    local = int(proc.stdout.readline())
    pid = host_pid(local, children(proc.pid)[0])
    check(pid != local, "the namespace has the host's numbers")
    observer = lib.Observer("attach", "--pid", pid, record="rec.jsonl")
    open("stop-x", "w").close()
    result = observer.wait(20)
    proc.wait(20)
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    line = result.record.exec_of("one")
    equal((line["pid"], line["exe"], line["args"]), (pid, exe, [exe, "x"]), "the adopted process")
    equal([i.get("path") for i in result.record.kind("buildinfo")], ["example.org/one"], "buildinfo")


# --- the tool in a namespace of its own -------------------------------------------------------

def has_task_storage():
    return lib.HOOKS != "tracepoint"


def refuses(result):
    """The last tier goes by the host's numbers: it says so, and runs nothing."""
    equal((result.returncode, result.stdout), (1, ""), result.stderr)
    check("--pid=host" in result.stderr, result.stderr)


def inside(verb, *args):
    """A finished tool that is alone with its command."""
    return subprocess.run(PID_NS + lib.tool_args(verb, record=os.path.abspath("rec.jsonl")) + list(args), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def test_run_inside():
    exe = workload.go_program("src", GO, "one")
    open("stop-x", "w").close()
    script = f"cp {exe} brief; ./brief x; rm brief; {SHELL}"
    done = inside("run", "--", "sh", "-c", script)
    if not has_task_storage():
        refuses(done)
        return
    equal(done.returncode, 4, done.stderr)
    record = lib.Record("rec.jsonl")
    lib.verify(record)
    _, shell, child = [int(n) for n in done.stdout.split()]
    equal([line["local_pid"] for line in family(record)], [shell, child], "numbers inside")
    check(record.header["pid_ns"] > 0 and family(record)[0]["pid"] != shell, "pids are not told to be the host's")
    info = [line for line in record.kind("buildinfo") if line["exe"].endswith("/brief")]
    equal([line.get("path") for line in info], ["example.org/one"], "buildinfo")


# Started as the first process of a namespace: a Go program runs, then the tool comes beside it.
BESIDE = """
import os, subprocess, sys, time
go = subprocess.Popen([sys.argv[1], "in"], stdout=subprocess.PIPE, text=True)
pid = int(go.stdout.readline())
tool = subprocess.Popen(sys.argv[2].replace("PID", str(pid)).split(), stdin=subprocess.DEVNULL)
while tool.poll() is None and not (os.path.exists("rec.jsonl") and open("rec.jsonl").read().count("stop-in") > 10):
    time.sleep(0.05)
open("stop-in", "w").close()
go.wait()
if " watch " in sys.argv[2]:
    tool.send_signal(2)
print(pid, tool.wait())
"""


def beside(verb, *args):
    """The local pid of the Go program, the tool's status and what it said."""
    exe = workload.go_program("src", GO, "one")
    tool = " ".join(lib.tool_args(verb, *args, record="rec.jsonl"))
    done = subprocess.run(PID_NS + [sys.executable, "-c", BESIDE, exe, tool], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=60)
    equal(done.returncode, 0, done.stderr)
    pid, status = (int(n) for n in done.stdout.split())
    return exe, pid, status, done.stderr


def check_adopted(exe, pid, record):
    line = [line for line in record.kind("exec") if line.get("local_pid") == pid][0]
    equal((line["exe"], line["args"], line.get("adopted")), (exe, [exe, "in"], True), "the adopted process")
    looks = [one for one in record.of_pid(line["pid"]) if one.get("as") == "stop-in"]
    check(len(looks) > 10, f"{len(looks)} looks")
    info = [one.get("path") for one in record.kind("buildinfo") if one["exe"] == exe]
    equal(info, ["example.org/one"], "buildinfo")


def test_attach_inside():
    """The number that the user gives is one of this namespace: nobody else's process is taken in."""
    exe, pid, status, err = beside("attach", "--pid", "PID")
    if not has_task_storage():
        equal(status, 1, err)
        check("--pid=host" in err, err)
        return
    equal(status, 0, err)
    record = lib.Record("rec.jsonl")
    lib.verify(record)
    check_adopted(exe, pid, record)
    equal([line for line in record.kind("exec") if line["exe"] != exe], [], "other programs")


@alone
def test_watch_inside():
    """What runs inside is taken in; what comes later is seen wherever it runs."""
    exe, pid, status, err = beside("watch")
    if not has_task_storage():
        equal(status, 1, err)
        check("--pid=host" in err, err)
        return
    equal(status, 0, err)
    record = lib.Record("rec.jsonl")
    check_adopted(exe, pid, record)


def test_proc_of_the_host():
    """In a PID namespace with the host's /proc: its numbers are not taken for ours."""
    done = subprocess.run(["unshare", "-pf"] + lib.tool_args("run", record="rec.jsonl") + ["--", "sh", "-c", SHELL],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    if not has_task_storage():
        refuses(done)
        return
    equal(done.returncode, 4, done.stderr)
    record = lib.Record("rec.jsonl")
    lib.verify(record)
    equal([line["local_pid"] for line in family(record)], [int(n) for n in done.stdout.split()], "numbers inside")


def test_doctor_inside():
    for prefix, ok, word in (([], True, "host"), (PID_NS, False, "PID namespace"), (["unshare", "-pf"], False, "/proc")):
        done = subprocess.run(prefix + [lib.TOOL, "doctor", "--json"], stdout=subprocess.PIPE, timeout=60)
        found = [c for c in lib.answer("doctor", done.stdout)["capabilities"] if c["name"] == "pids"]
        equal(len(found), 1, "lines about pids")
        equal((found[0]["ok"], word in found[0]["detail"]), (ok, True), f"doctor's word: {found[0]}")
