# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Two observers of one run: what strace sees is what the record holds, thread by thread, in order."""
import copy
import os
import subprocess

import lib
import strace
import workload
from lib import check, equal


def oracle(cmd, cwd=".", env=None, at_least=1):
    lib.need("strace")
    os.makedirs("trace", exist_ok=True)
    trace = os.path.abspath("trace")
    # --all: fstat-like calls are in both lists
    result = lib.run(strace.command(trace, *cmd), "--all", record="rec.jsonl.gz", cwd=cwd, env=env, timeout=500)
    equal(result.status, 0, f"status of {cmd}: {lib.said(result)}: {result.out[-500:]}")
    lib.verify(result.record)
    total = strace.compare(strace.read(trace), result.record)
    check(total >= at_least, f"only {total} calls were compared")
    return f"{total} calls equal"


def test_pipeline():
    """A shell pipeline, with look-ups along PATH, a builtin, a missing program and redirections."""
    workload.write("d/a.txt", "b\na\nc\n")
    workload.write("script.sh", """#!/bin/sh
cd d && cat a.txt | sort | tee sorted >/dev/null
ls -l . | grep sorted | wc -l >count 2>/dev/null
no-such-program || true
mkdir -p x/y && ln -s ../a.txt x/l && mv x/y x/z && ln a.txt x/h && touch -d 2001-01-01 x/t && chmod 600 x/t
readlink x/l; test -e none; find . -name '*.txt' -exec head -n 1 {} \\; ; rm -r x
(cd / && stat etc/hostname etc/none) || true
""", 0o755)
    return oracle(["./script.sh"], at_least=200)


def test_go_build_cold_and_warm():
    """A module with cgo: an empty cache, then a full one."""
    path = workload.module("m", cgo=True)
    env = workload.go_env()
    said = [oracle(["go", "build", "-o", os.path.abspath("out"), "."], path, env, at_least=5000)]
    for name in ("trace", "rec.jsonl.gz"):
        os.rename(name, name + ".cold")
    said.append(oracle(["go", "build", "-o", os.path.abspath("out"), "."], path, env, at_least=500))
    return "; ".join(said)


def test_go_test():
    path = workload.module("m")
    env = workload.shared_cache_env()
    return oracle(["go", "test", "-count=1", "./..."], path, env, at_least=500)


def test_threads_and_execs():
    """Thread exec, fexecve, scripts and failed execs, as strace tells them."""
    os.mkdir("w")
    said = []
    for case in ("thread-exec", "fexec", "exec-failed", "path-storm", "script", "forks"):
        said.append(oracle([lib.program("life"), case], cwd="w"))
        subprocess.run("rm -rf trace rec.jsonl.gz w/*", shell=True, check=True)
    return "; ".join(said)


test_go_build_cold_and_warm.limit = 600
test_go_test.limit = 400


class Made:
    """A record made from strace's account, to hold the comparison itself against."""

    def __init__(self, threads):
        self.lines = []
        for tid, calls in threads.items():
            for call in calls:
                self.lines.append(self.line(tid, call))

    @staticmethod
    def line(tid, call):
        ok = call["result"] == "ok"
        line = {"k": call["k"] if ok or call["k"] != "exec" else "exec_failed", "pid": tid, "tid": tid, "ts": 0}
        name = "file" if call["k"] == "exec" else "as"
        line[name], line[name + "_hex"] = "", call["as"].hex()
        for key in ("as2", "target"):
            if call.get(key) is not None:
                line[key], line[key + "_hex"] = "", call[key].hex()
        if line["k"] == "exec":
            line["args"] = [a.decode() for a in call["args"]]
        else:
            line["call"] = call["call"]
        if not ok:
            line["err"] = call["result"]
        if "flags" in call:
            line["flags"] = sorted(call["flags"])
        return line

    def events(self):
        return self.lines

    def descendants(self, pid):
        return {line["tid"] for line in self.lines}


def test_comparison_itself():
    """The comparison finds no difference where there is none, and each one that is made. Needs no tool."""
    lib.need("strace")
    os.mkdir("trace")
    script = "ls /; cat none; cd /tmp && readlink /proc/self; ln -s a %s/l; no-such; stat -c %%n /" % os.getcwd()
    subprocess.run(strace.command("trace", "sh", "-c", script), stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=60)
    theirs = strace.read("trace")
    made = Made(theirs)
    total = strace.compare(theirs, made)
    equal(total, len(made.lines), "calls compared")
    check(total > 60, f"only {total} calls")
    first = min(i for i, line in enumerate(made.lines) if line["k"] == "exec")
    for i in range(first + 1, total):
        for change in (drop, double, other_result, other_path, other_flags):
            wrong = copy.copy(made)
            wrong.lines = list(made.lines)
            if change(wrong.lines, i):
                must_differ(theirs, wrong, f"{change.__name__} of {made.lines[i]}")
    extra = copy.copy(made)
    extra.lines = made.lines + [dict(made.lines[-1], tid=1 << 22, pid=made.lines[-1]["pid"])]
    must_differ(theirs, extra, "a thread that strace has not seen")
    return f"{total} calls"


def must_differ(theirs, record, what):
    try:
        strace.compare(theirs, record)
    except AssertionError:
        return
    raise AssertionError(f"not noticed: {what}")


def drop(lines, i):
    # of the first process nothing before its exec is compared
    if lines[i]["k"] == "exec":
        return False
    del lines[i]
    return True


def double(lines, i):
    lines.insert(i, lines[i])
    return True


def other_result(lines, i):
    lines[i] = dict(lines[i])
    if lines[i].pop("err", None) is None:
        if lines[i]["k"] == "exec":
            return False
        lines[i]["err"] = "EIO"
    elif lines[i]["k"] == "exec_failed":
        return False
    return True


def other_path(lines, i):
    key = "file_hex" if lines[i]["k"].startswith("exec") else "as_hex"
    lines[i] = dict(lines[i], **{key: lines[i][key] + "78"})
    return True


def other_flags(lines, i):
    if "flags" not in lines[i]:
        return False
    lines[i] = dict(lines[i], flags=lines[i]["flags"] + ["TRUNC"])
    return True
