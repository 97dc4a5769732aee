# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""run.py itself: what ends badly fails and says why, nothing is left behind, marks are obeyed."""
import os
import signal
import subprocess
import time

import lib
import run
from lib import alone, check, equal


def outcome(*funcs, jobs=2, **marks):
    """{name: finished test} of functions that are tests for a while."""
    for func in funcs:
        vars(func).update(marks)
    tests = [(func.__name__, func) for func in funcs]
    return {test.name: test for test in run.run_all(tests, os.path.abspath("."), jobs)}


def test_outcomes():
    def good():
        return "a word"

    def wrong():
        equal(1, 2, "one")

    def skipped():
        raise lib.Skip("no such thing")

    def leaves():
        os._exit(0)

    def crashes():
        os.kill(os.getpid(), signal.SIGSEGV)
    found = outcome(good, wrong, skipped, leaves, crashes)
    equal({name: test.word for name, test in found.items()},
          {"good": "ok", "wrong": "FAIL", "skipped": "skip", "leaves": "FAIL", "crashes": "FAIL"}, "words")
    equal((found["good"].reason, found["skipped"].reason), ("a word", "no such thing"), "reasons")
    check("one: got 1, expected 2" in found["wrong"].reason and "in crashes" in lib.read("crashes.log"), "no explanation")


def test_hang():
    """A test without end is ended, and its stack and what it said are shown."""
    def hangs():
        print("before", flush=True)
        time.sleep(100)
    one = outcome(hangs, limit=1)["hangs"]
    equal((one.word, one.reason), ("FAIL", "took longer than 1 s"), "the test")
    text = lib.read("hangs.log")
    check("before" in text and "in hangs" in text, text)


def test_nothing_is_left():
    """Processes of a test end with it, also those that made a session of their own."""
    def starts():
        for own in (False, True):
            proc = subprocess.Popen(["sleep", "100"], start_new_session=own)
            with open("../pids", "a") as f:
                f.write(f"{proc.pid}\n")
    outcome(starts)
    lib.wait_for(lambda: not any(is_running(pid) for pid in lib.read("pids").split()), 10, "the end of both")


def test_what_multiplies():
    """Nor does anything stay that is started while others are being ended: seldom so, hence many times."""
    def starts():
        proc = subprocess.Popen(["sh", "-c", "while :; do sleep 100 & done"], start_new_session=True)
        with open("../session", "w") as f:
            f.write(str(proc.pid))
        time.sleep(0.05)
    for _ in range(30):
        outcome(starts)
        os.rmdir("starts")
        session = int(lib.read("session"))
        lib.wait_for(lambda: not any(session_of(pid) == session and is_running(pid) for pid in os.listdir("/proc")
                                     if pid.isdigit()), 10, "the end of all")


def session_of(pid):
    try:
        return os.getsid(int(pid))
    except OSError:
        return None


def is_running(pid):
    try:
        return lib.read(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_signals():
    """A command that a test starts can be interrupted, whoever started the runner."""
    def told():
        lines = lib.read("/proc/self/status").splitlines()
        ignored = int([line.split()[1] for line in lines if line.startswith("SigIgn")][0], 16)
        equal([sig.name for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP) if ignored >> (sig - 1) & 1], [], "ignored")
    for sig in (signal.SIGINT, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    equal(outcome(told)["told"].word, "ok", "the test")


def test_alone():
    """Others run beside each other, and are done when the first of those begins that must be alone."""
    def one():
        meet("one", "two")

    def two():
        meet("two", "one")

    def after():
        equal(sorted(os.listdir("..")).count("one.done"), 1, "one is done")
        with open("../busy", "x"):
            time.sleep(0.2)
        os.unlink("../busy")

    def meet(mine, other):
        open(f"../{mine}.here", "w").close()
        lib.wait_for(lambda: os.path.exists(f"../{other}.here"), 20, other)
        open(f"../{mine}.done", "w").close()

    def again():
        after()
    found = outcome(alone(after), alone(again), one, two)
    equal({name: test.reason for name, test in found.items() if test.word != "ok"}, {}, "failures")
    equal(set(list(found)[:2]), {"one", "two"}, "who came first")


def test_names():
    tests = [(name, None) for name in ("env.flags", "env.tools", "cache.std", "attach.cgroup_v2")]
    for patterns, want in (([], 4), (["env."], 2), (["flags", "std"], 2), (["attach.*v2"], 1)):
        equal(len(run.chosen(tests, patterns)), want, f"tests by {patterns}")
    try:
        run.chosen(tests, ["env", "typo"])
    except SystemExit as e:
        check("'typo'" in str(e), e)
    else:
        raise AssertionError("a name of no test is taken")
