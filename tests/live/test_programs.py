# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Expectation programs: what they tell is what the record holds, thread by thread and in order."""
import os
import shutil
import subprocess

import lib
import strace
from lib import check, equal, run_program

CASES = {
    "calls": ["open", "stat", "access", "readlink", "names", "attributes", "chdir"],
    "dirs": ["thread-shared", "thread-unshared", "process-shared", "dirfd", "chroot", "mounts", "renamed",
             "reused", "long", "deep"],
    "bytes": ["faults", "null"],
    "life": ["thread-exec", "fexec", "exec-failed", "script", "exits"],
}


def program_test(name, case):
    def run_it():
        run_program(name, case)
    run_it.__name__ = "test_" + name + "_" + case.replace("-", "_")
    run_it.__module__ = __name__
    return run_it


for _name, _cases in CASES.items():
    for _case in _cases:
        _test = program_test(_name, _case)
        globals()[_test.__name__] = _test


def truth_test(name, case, *args):
    """The programs themselves, held against strace: needs no tool, only a program that is right."""
    def run_it():
        lib.need("strace")
        os.mkdir("w")
        os.mkdir("trace")
        told, trace = os.path.abspath("told"), os.path.abspath("trace")
        if os.path.exists(lib.program("tiny")):
            shutil.copy(lib.program("tiny"), "w")
        with open(told, "ab") as out:
            done = subprocess.run(strace.command(trace, lib.program(name), case, *args), stdout=out,
                                  stderr=subprocess.PIPE, cwd="w", timeout=60)
        equal(done.returncode, 0, f"status of {name} {case} {done.stderr[-300:]}")
        expected = [reduce(e) for e in lib.expectations(told)
                    if e["k"] not in ("fork", "exit") and e.get("call") != "fchmodat2"]
        lib.hold(expected, Traced(strace.read(trace), told))
    run_it.__name__ = f"test_truth_{name}_{case}".replace("-", "_")
    run_it.__module__ = __name__
    return run_it


def reduce(want):
    """The keys that strace can know."""
    keys = {"who", "k", "call", "as", "as2", "as_begins", "err", "flags", "target"}
    if want["k"] == "exec_failed" or want["k"] == "exec" and want.get("file", "").startswith("/"):
        keys.add("file")
    return {k: v for k, v in want.items() if k in keys}


class Traced:
    """strace's account in the form of a record."""

    def __init__(self, threads, told):
        lines = lib.expectations(told)
        children = {e["child"] for e in lines if "child" in e}
        main = next(e["who"][0] for e in lines if e["who"][0] not in children)
        order = sorted(threads, key=lambda tid: tid != main)
        self.lines = [self.line(tid, call) for tid in order for call in threads[tid]
                      if call["call"] != "fstat" and (call["k"] != "stat" or call["as"] or call["result"] != "ok")]
        self.by_kind = {}

    @staticmethod
    def line(tid, call):
        failed = call["result"] != "ok"
        kind = "exec_failed" if call["k"] == "exec" and failed else call["k"]
        line = {"k": kind, "tid": tid, "call": call["call"], "ts": 0}
        for key in ("as", "as2", "target"):
            if call.get(key) is not None:
                line[key], line[key + "_hex"] = call[key].decode(errors="replace"), call[key].hex()
        if kind.startswith("exec"):
            line["file"], line["file_hex"] = line.pop("as"), line.pop("as_hex")
        if kind == "exec":
            del line["call"]
        if failed:
            line["err"] = call["result"]
        if "flags" in call:
            line["flags"] = sorted(call["flags"])
        if len(call["as"]) >= 4095:
            line["incomplete"] = ["as"]
        return line


TRUTH = dict(CASES, bytes=["invalid", "faults", "null"], life=["forks", "fexec", "exec-failed", "path-storm",
                                                              "script", "exits", "big", "thread-exec", "brief"])
for _name, _cases in TRUTH.items():
    for _case in _cases:
        _test = truth_test(_name, _case)
        globals()[_test.__name__] = _test


def test_bytes_invalid():
    """Bytes that are no UTF-8 are shown as U+FFFD, and the true ones are there too; others have no hex."""
    result = run_program("bytes", "invalid")
    odd = 0
    for want, line in result.pairs:
        for key in ("as", "path", "as2", "path2", "target"):
            if key not in want:
                continue
            raw = lib.want_bytes(want[key])
            try:
                equal(line[key], raw.decode(), key)
                check(key + "_hex" not in line, f"{key}_hex beside valid text: {line}")
            except UnicodeDecodeError:
                odd += 1
                check("\ufffd" in line[key], f"{key} shows nothing of its invalid bytes: {line}")
    check(odd > 20, f"only {odd} invalid texts were compared")


def test_bytes_faults_are_marked():
    """A path that could not be read is told as such, never as an empty one."""
    result = run_program("bytes", "faults")
    for want, line in result.pairs:
        for key in ("as", "as2", "file"):
            if key not in want and key in line:
                check(key in line.get("incomplete", []), f"an unreadable {key} is not marked: {line}")
        check(want.get("err") != "EFAULT" or line["err"] == "EFAULT", line)


def test_life_forks():
    """fork and vfork: who is whose child, and which program ran before."""
    result = run_program("life", "forks")
    record = result.record
    forks = [line for _, line in result.pairs if line["k"] == "fork"]
    equal(len(forks), 3, "forks")
    main = record.exec_of("life") if len(record.kind("exec")) == 1 else record.kind("exec")[0]
    for fork in forks:
        check("child_proc" in fork and not fork.get("thread"), f"no child_proc: {fork}")
        first = [line for line in record.of_pid(fork["child"]) if line["k"] == "open"][0]
        equal(first["proc"], fork["child_proc"], "proc of a forked child's event")
        check(first["proc"] != main["proc"], "a forked child has its parent's proc")
    for line in record.kind("exec")[1:]:
        equal(line["parent"], main["proc"], "parent of an exec")
        fork = [f for f in forks if f["child"] == line["pid"]][0]
        equal(line["prev"], fork["child_proc"], "prev of an exec")
        check(line["proc"] not in (line["prev"], line["parent"]), "an exec gets no new proc")
        after = [e for e in record.of_pid(line["pid"]) if e.get("as") == "in-child"][0]
        equal(after["proc"], line["proc"], "proc of an event after exec")


def test_life_thread_exec_is_no_exit():
    """When a thread execs, the first thread's end is not the process's."""
    result = run_program("life", "thread-exec")
    pid = [want["who"][0] for want, _ in result.pairs if want["k"] == "exit"][0]
    kinds = [line["k"] for line in result.record.of_pid(pid) if line["k"] in ("exec", "exit")]
    equal(kinds, ["exec", "exit"], "exec and exit lines of the process")


def test_life_path_storm():
    result = run_program("life", "path-storm")
    failed = [line for line in result.record.kind("exec_failed") if line["err"] == "ENOENT"]
    equal(len(failed), 199, "failed execs")


def test_life_big():
    """2 MiB of argv and environment arrive whole."""
    result = run_program("life", "big", env=lib.clean_env())
    line = [line for want, line in result.pairs if want.get("_big")][0]
    check("args" not in line.get("incomplete", []) and "env" not in line.get("incomplete", []), line.get("incomplete"))
    wanted = [lib.program("life"), "child", "0"] + [chr(97 + i % 26) * 10239 for i in range(100)]
    equal(len(line["args"]), len(wanted), "number of arguments")
    for i, (got, want) in enumerate(zip(line["args"], wanted)):
        check(got == want, f"argument {i} has {len(got)} of {len(want)} bytes or others: {got[:40]!r}")
    equal(set(line["env_names"]) & {f"BIG_{i:03d}" for i in range(100)}, {f"BIG_{i:03d}" for i in range(100)},
          "names in the environment")
    equal(line["env"], {"GOFLAGS": "-mod=readonly"}, "values in the environment")


def test_life_brief():
    """300 programs that live less than a millisecond and whose files are deleted."""
    result = run_program("life", "brief")
    execs = [line for line in result.record.kind("exec") if "/tiny" in line["exe"]]
    equal(len(execs), 300, "exec lines")
    equal(len({line["proc"] for line in execs}), 300, "procs")
    check(not [line for line in execs if "(deleted)" in line["exe"]], "an exe is named as deleted")


def test_life_compat():
    """A 32-bit program's calls."""
    lib.compat_program()
    run_program("life", "compat", os.path.join(os.path.realpath("."), "w", "compat"))


def test_calls_fstat_all():
    """fstat-like calls: counted always, lines only with --all."""
    result = run_program("calls", "stat")
    check(result.record.end["fstat"] >= 2, result.record.end)
    lines = [line for line in result.record.kind("stat") if not line.get("as") and "err" not in line]
    equal(lines, [], "lines of fstat-like calls")
    os.mkdir("all")
    os.chdir("all")
    os.mkdir("w")
    result = lib.run([lib.program("calls"), "stat"], "--all", cwd="w")
    lib.verify(result.record)
    lines = [line for line in result.record.kind("stat") if not line.get("as") and "err" not in line]
    check(len(lines) >= 2, f"{len(lines)} lines of fstat-like calls with --all")


def go_test(case):
    def run_it():
        lib.need("go")
        run_program("goprog", case, exact=False)
    run_it.__name__ = "test_go_" + case
    run_it.__module__ = __name__
    return run_it


for _case in ("files", "links", "programs"):
    _test = go_test(_case)
    globals()[_test.__name__] = _test


def test_go_root():
    """os.Root opens relative to descriptors; needs a Go of 1.24 or newer."""
    goroot = newer_go()
    lib.PROGRAMS = os.path.abspath("programs")
    done = subprocess.run(["make", "-s", "-C", os.path.join(lib.TOP, "tests", "programs"), "go",
                           "OUT=" + lib.PROGRAMS, "GO=" + os.path.join(goroot, "bin", "go")],
                          env=lib.clean_env(GOTOOLCHAIN="local"), stderr=subprocess.PIPE)
    equal(done.returncode, 0, f"go build with {goroot}: {done.stderr[-500:]}")
    run_program("goprog", "root", exact=False)


def newer_go():
    """GOROOT of a Go that has os.Root: the system's, or one that scripts/toolchains.sh has unpacked."""
    if shutil.which("go"):
        got = subprocess.run(["go", "env", "GOROOT", "GOVERSION"], stdout=subprocess.PIPE, text=True,
                             env=lib.clean_env(GOTOOLCHAIN="local")).stdout.split()
        if len(got) == 2 and int(got[1].split(".")[1].split("rc")[0]) >= 24:
            return got[0]
    script = os.path.join(lib.TOP, "scripts", "toolchains.sh")
    if os.path.exists(script):
        done = subprocess.run([script, "1.24"], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.split()[-1]
    raise lib.Skip("no Go 1.24 or newer")
