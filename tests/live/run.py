#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Runs the live tests: functions test_* of the files test_*.py here, each in a process and a folder of
its own, under a time limit. As many run at a time as there are CPUs, those marked with lib.alone
after all others and one by one. Prints "ok|FAIL|skip NAME (…)" lines as they end and closes with
"N passed, N failed, N skipped". Needs root; without it, exits with 77. Up to MOST_AGAIN tests that
failed beside others have a second try with the machine to themselves, which decides; the first is
told as "unsteady". More are no accident, and none has a third.

  tests/live/run.py [-j N] [--tool PATH] [--hooks TIER] [--keep] [--list] [NAME…]

NAME is a part of a test's name, or a pattern for all of it: "env.", "cache.std", "attach.*cgroup*".
"""
import argparse
import faulthandler
import fnmatch
import glob
import importlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True		# root's files do not belong into a user's tree
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lib  # noqa: E402

DEFAULT_LIMIT = 300
MOST_AGAIN = 3
# Those that Python itself ignores: subprocess gives them back to what it starts.
PYTHON_IGNORES = {signal.SIGPIPE, signal.SIGXFSZ}


def discover():
    here = os.path.dirname(os.path.abspath(__file__))
    found = []
    for name in sorted(os.listdir(here)):
        if not (name.startswith("test_") and name.endswith(".py")):
            continue
        if is_program(os.path.join(here, name)):
            found.append((name[5:-3], standalone(os.path.join(here, name))))
            continue
        module = importlib.import_module(name[:-3])
        for key, func in vars(module).items():
            if key.startswith("test_") and callable(func) and func.__module__ == module.__name__:
                found.append((f"{name[5:-3]}.{key[5:]}", func))
    return found


def chosen(tests, patterns):
    """Those that a pattern means, all without any; a pattern that means none is an error."""
    def means(pattern, name):
        return pattern in name or fnmatch.fnmatch(name, pattern)
    for pattern in patterns:
        if not any(means(pattern, name) for name, _ in tests):
            sys.exit(f"no live test is called '{pattern}'; --list shows them")
    return [(name, func) for name, func in tests
            if not patterns or any(means(pattern, name) for pattern in patterns)]


def is_program(path):
    """A test that is a program by itself: one test here, by its exit status (77: skipped)."""
    with open(path, encoding="utf-8") as f:
        return '__name__ == "__main__"' in f.read()


def standalone(path):
    def run_it():
        done = subprocess.run([path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, env=dict(os.environ, GOENVBPF=lib.TOOL))
        last = (done.stdout.strip().splitlines() or [""])[-1]
        if done.returncode == 77:
            raise lib.Skip(last)
        lib.check(done.returncode == 0, f"status {done.returncode}: {done.stdout[-1500:]}")
        return last
    run_it.limit = 1800
    return run_it


def limit_of(func):
    return getattr(func, "limit", DEFAULT_LIMIT)


def is_alone(func):
    return bool(getattr(func, "alone", False))


def reset_signals():
    """As a terminal has them, although nohup, cron or a shell's "&" may have started this runner."""
    for sig in signal.valid_signals() - PYTHON_IGNORES - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(sig, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def child(func, workdir, log, report):
    """In the test's own process: (word, reason) goes to the pipe, whatever is printed to the log."""
    word, reason = "ok", ""
    try:
        os.setsid()
        faulthandler.disable()	# what it handles is reset, too
        reset_signals()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(workdir)
        faulthandler.enable()
        reason = func() or ""
    except lib.Skip as e:
        word, reason = "skip", str(e)
    except BaseException as e:
        where = traceback.extract_tb(e.__traceback__)
        mine = [f"{os.path.basename(f.filename)}:{f.lineno}" for f in where]
        kind = "" if isinstance(e, AssertionError) else type(e).__name__ + ": "
        word, reason = "FAIL", f"{kind}{e}\n  at {' < '.join(reversed(mine))}"
    sys.stdout.flush()
    os.write(report, f"{word}\n{reason}".encode(errors="replace")[:60000])
    os._exit(0)


def rest_of(sid, folder):
    """What a test left behind: all processes of its session, and those that left it, by their directory."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getsid(int(name)) == sid or f"{os.readlink(f'/proc/{name}/cwd')}/".startswith(folder + "/"):
                found.add(int(name))
        except OSError:
            pass
    return found


def kill_rest(sid, folder):
    """Again until there is none that is new: they may start others while we look. Those that ended may stay."""
    killed = set()
    while rest := rest_of(sid, folder) - killed:
        for pid in rest:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        killed |= rest


def unmount_below(folder):
    with open("/proc/mounts") as f:
        points = [line.split()[1] for line in f]
    for point in reversed(points):
        if point.startswith(folder + "/"):
            subprocess.run(["umount", "-l", point], stderr=subprocess.DEVNULL)


class Running:
    """A test that was started: is_done() until it is, then its word, reason and times."""

    def __init__(self, name, func, top):
        self.name, self.limit = name, limit_of(func)
        self.workdir = os.path.join(top, name)
        self.log = self.workdir + ".log"
        os.mkdir(self.workdir)
        self.pipe, report = os.pipe()
        self.start = time.monotonic()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.pipe)
            child(func, self.workdir, self.log, report)
        os.close(report)

    def is_done(self):
        done, status, used = os.wait4(self.pid, os.WNOHANG)
        late = not done and time.monotonic() > self.start + self.limit
        if not done and not late:
            return False
        if late:
            os.kill(self.pid, signal.SIGABRT)	# faulthandler writes the stack to the log
            time.sleep(0.5)
        self.took = time.monotonic() - self.start
        self.stop()
        if late:
            _, _, used = os.wait4(self.pid, 0)
            answer = f"FAIL\ntook longer than {self.limit} s".encode()
        else:
            answer = os.read(self.pipe, 65536) or f"FAIL\nthe test's process ended with status {status}".encode()
        os.close(self.pipe)
        unmount_below(self.workdir)
        self.cpu = used.ru_utime + used.ru_stime
        self.word, _, self.reason = answer.decode(errors="replace").partition("\n")
        return True

    def stop(self):
        kill_rest(self.pid, self.workdir)

    def tell(self):
        reason = self.reason + ("\n" if "\n" in self.reason else ", " if self.reason else "")
        print(f"{self.word:4} {self.name} ({reason}{self.took:.1f} s, CPU {self.cpu:.1f} s)")
        if self.word == "FAIL":
            for path in [self.log] + glob.glob(glob.escape(self.workdir) + "/*.err"):
                text = lib.read(path)[-4000:].rstrip() if os.path.isfile(path) else ""
                if text:
                    print(f"--- {os.path.basename(path)}\n{text}\n---")
        sys.stdout.flush()


def run_all(tests, top, jobs):
    """Yields tests that ended: the longest begin first, those alone come when all others are done."""
    waiting = sorted(tests, key=lambda test: (is_alone(test[1]), -limit_of(test[1])))
    running = []
    try:
        while waiting or running:
            while waiting and len(running) < (1 if is_alone(waiting[0][1]) else jobs):
                running.append(Running(*waiting.pop(0), top))
            for test in [test for test in running if test.is_done()]:
                running.remove(test)
                yield test
            time.sleep(0.02)
    finally:
        for test in running:
            test.stop()


def run_and_tell(tests, top, jobs, keep, counts):
    """Adds to counts of words; returns the names of those that failed."""
    failed = []
    for test in run_all(tests, top, jobs):
        counts[test.word] += 1
        test.tell()
        if test.word == "FAIL":
            failed.append(test.name)
        if test.word != "FAIL" or not keep:
            shutil.rmtree(test.workdir, ignore_errors=True)
    return failed


def build():
    """The expectation programs, as the user who called sudo: the build folder stays that user's."""
    user = {k: int(os.environ[v]) for k, v in (("user", "SUDO_UID"), ("group", "SUDO_GID")) if v in os.environ}
    env = dict(os.environ)
    if user:
        env["HOME"] = pwd.getpwuid(user["user"]).pw_dir
    for goal in ["all"] + (["go"] if shutil.which("go") else []):
        done = subprocess.run(["make", "-s", "-C", os.path.join(lib.TOP, "tests", "programs"), goal,
                               "OUT=" + lib.PROGRAMS], env=env, **user)
        if done.returncode:
            sys.exit(f"the expectation programs ({goal}) could not be built")


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*", metavar="NAME", help="only tests whose name contains or matches it")
    p.add_argument("-j", type=int, default=os.cpu_count(), metavar="N", help="so many at a time")
    p.add_argument("--tool", default=lib.TOOL, help="the goenvbpf to test")
    p.add_argument("--hooks", default="auto", help="given on to every capture")
    p.add_argument("--keep", action="store_true", help="keep the folders of tests that failed")
    p.add_argument("--list", action="store_true", help="print the names, run nothing")
    return p.parse_args()


def main():
    opts = options()
    tests = chosen(discover(), opts.names)
    if opts.list:
        print("\n".join(name + (" (alone)" if is_alone(func) else "") for name, func in tests))
        return 0
    if os.geteuid() != 0:
        print("live tests need root")
        return 77
    lib.TOOL, lib.HOOKS = os.path.abspath(opts.tool), opts.hooks
    if not os.access(lib.TOOL, os.X_OK):
        sys.exit(f"{lib.TOOL} is not built: run make")
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))	# and so do the tests
    build()
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    top = os.path.realpath(tempfile.mkdtemp(prefix="goenvbpf-live."))
    os.chmod(top, 0o755)
    lib.GOCACHE = os.path.join(top, "gocache")
    failed = run_and_tell(tests, top, max(opts.j, 1), opts.keep, counts)
    again = [test for test in tests if test[0] in failed]
    if again and len(again) <= MOST_AGAIN and len(again) < len(tests):
        print("\n".join(f"unsteady {name}: once more, alone" for name in failed))
        counts["FAIL"] = 0
        os.mkdir(os.path.join(top, "again"))
        run_and_tell(again, os.path.join(top, "again"), 1, opts.keep, counts)
    if counts["FAIL"] and opts.keep:
        print(f"kept: {top}")
    else:
        shutil.rmtree(top, ignore_errors=True)
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
