# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Nothing is lost, or it is told exactly: counted against a program that knows what it did."""
import json
import os
import signal
import subprocess
import time

import lib
from lib import alone, check, equal, said

BURST = lib.program("burst")


def burst_lines(record):
    return [line for line in record.lines if line.get("as", "").startswith("/burst/")]


def in_order(lines, calls, threads, whole):
    """Each thread's calls come in order, none twice; whole: and none is missing."""
    last, kinds = {}, ("openat", "newfstatat", "faccessat")
    for line in lines:
        _, _, thread, number = line["as"].split("/")
        number = int(number)
        before = last.get(thread, -1)
        if number <= before or whole and number != before + 1:
            raise AssertionError(f"thread {thread}: call {number} after {before}")
        if line["call"] != kinds[number % 3] or line.get("err") != "ENOENT":
            raise AssertionError(f"not what call {number} was: {line}")
        last[thread] = number
    if whole:
        equal(last, {str(t): calls - 1 for t in range(threads)}, "last call of each thread")


@alone
def test_million():
    """1,000,000 events from two threads at full speed."""
    result = lib.run([BURST, "500000", "2"], record="rec.jsonl.gz", timeout=280)
    equal(result.status, 0, said(result))
    lib.verify(result.record, complete=False)
    lines, end = burst_lines(result.record), result.record.end
    in_order(lines, 500000, 2, whole=end["complete"])
    equal(len(lines) + end["lost"].get("file", 0), 1000000, "told and lost")
    per_event = result.record.size / len(lines)
    equal(end["lost"].get("life", 0), 0, "lost life events")
    return f"{end['lost'].get('file', 0)} lost, {per_event:.1f} bytes per event"


def real_time_threads(pid):
    """Of a process: how many run before everybody else."""
    fields = [lib.read(f"/proc/{pid}/task/{tid}/stat").rpartition(")")[2].split() for tid in os.listdir(f"/proc/{pid}/task")]
    return sum(int(f[38]) == os.SCHED_RR for f in fields)


@alone
def test_saturated():
    """More busy threads than processors: the consumer comes first when the ring fills up, and not afterwards."""
    lib.need("zstd")
    script = f"echo here; read word; {BURST} 200000 {os.cpu_count() + 3}; echo done; read word"
    proc = subprocess.Popen(lib.tool_args("run", "-q", record="rec.jsonl.zst") + ["--", "sh", "-c", script],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=lib.clean_env())
    equal(proc.stdout.readline(), "here\n", "the command")
    observer = lib.observer_of(proc.pid)
    before = real_time_threads(observer)
    print("go", file=proc.stdin, flush=True)
    calls = json.loads(proc.stdout.readline())["calls"]
    equal(proc.stdout.readline(), "done\n", "the command")
    lib.wait_for(lambda: real_time_threads(observer) == before, 10, f"real-time threads to be {before} again")
    proc.communicate("go\n", timeout=60)
    equal(proc.returncode, 0, "status")
    last = subprocess.run("zstd -dcq rec.jsonl.zst | tail -n 1", shell=True, stdout=subprocess.PIPE, check=True).stdout
    end = json.loads(last)
    equal((end["lost"]["file"], end["lost"]["life"], end["complete"]), (0, 0, True), "lost, and complete")
    check(sum(end["events"].get(k, 0) for k in ("open", "stat", "access")) >= calls, f"{end['events']} of {calls} calls")


@alone
def test_tiny_ring():
    """A ring that is too small: what is lost is said where it was lost, and the sum is exact."""
    result = lib.run([BURST, "150000", "2"], "--ring", "64K", timeout=120)
    equal(result.status, 0, said(result))
    record = result.record
    lib.verify(record, complete=False)
    lines, end = burst_lines(record), record.end
    lost = end["lost"].get("file", 0)
    if not lost:
        raise AssertionError("nothing was lost with a ring of 64 KiB: the test shows nothing")
    equal(len(lines) + lost, 300000, "told and lost")
    check(not end["complete"], "complete although events were lost")
    in_order(lines, 150000, 2, whole=False)
    told = record.kind("lost")
    check(told and all(line["count"] > 0 and 0 <= line["since"] <= line["ts"] for line in told), told[:3])
    check("lost" in result.err.lower(), f"the loss is not said: {said(result)}")
    equal(len(record.kind("exec")), 1, "exec lines: a flood of files pushes out no life")
    return f"{lost} of 300000 lost, told in {len(told)} lines"


@alone
def test_strict():
    result = lib.run([BURST, "150000", "2"], "--ring", "64K", "--strict", timeout=120)
    check(not result.record.end["complete"], "nothing was lost: the test shows nothing")
    equal(result.status, 3, said(result))
    result = lib.run(["sh", "-c", "exit 7"], "--strict", "--force")
    equal(result.status, 7, "status with --strict when nothing is lost: " + said(result))


@alone
def test_stopped_observer():
    """The observer sleeps, the program does not wait for it, and the sum is exact."""
    with open("told", "wb") as out, open("tool.err", "wb") as err:
        proc = subprocess.Popen(lib.tool_args("run", "--ring", "256K", record=os.path.abspath("rec.jsonl")) +
                                ["--", BURST, "100000", "2", "3000"], stdout=out, stderr=err,
                                stdin=subprocess.DEVNULL, env=lib.clean_env())
    lib.wait_for(lambda: os.path.exists("rec.jsonl") and b"\n" in lib.head("rec.jsonl"), 20, "the header")
    time.sleep(0.5)
    observer = lib.observer_of(proc.pid)
    os.kill(observer, signal.SIGSTOP)
    try:
        lib.wait_for(lambda: lib.read("told"), 30, "the program's end while the observer is stopped")
    finally:
        os.kill(observer, signal.SIGCONT)
    equal(proc.wait(60), 0, lib.read("tool.err")[-300:])
    equal(json.loads(lib.read("told"))["calls"], 200000, "calls")
    record = lib.Record("rec.jsonl")
    lib.verify(record, complete=False)
    equal(len(burst_lines(record)) + record.end["lost"].get("file", 0), 200000, "told and lost")
    check(record.end["lost"].get("file", 0) > 0, "nothing was lost: the test shows nothing")


@alone
def test_many_processes():
    """A storm of short processes: each has its fork, exec and exit."""
    loop = ("i=0; while [ $i -lt 1000 ]; do i=$((i+1)); " + lib.program("tiny") +
            " & [ $((i % 20)) = 0 ] && wait; done; wait")
    result = lib.run(["sh", "-c", loop])
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    execs = [line for line in result.record.kind("exec") if line["exe"].endswith("/tiny")]
    equal(len(execs), 1000, "exec lines")
    exits = {line["proc"]: line for line in result.record.kind("exit")}
    for line in execs:
        check(exits.get(line["proc"], {}).get("code") == 0, f"no exit of {line}")


test_million.limit = 400
