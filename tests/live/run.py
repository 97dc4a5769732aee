#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Runs the live tests: functions test_* of the files test_*.py here, each in a process and a folder of
its own, under a time limit. Prints "ok|FAIL|skip NAME (…)" lines and ends with
"N passed, N failed, N skipped". Needs root; without it, exits with 77.

  tests/live/run.py [-k PATTERN] [--tool PATH] [--hooks TIER] [--keep] [--list]
"""
import argparse
import fnmatch
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

DEFAULT_LIMIT = 120


def discover(pattern):
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
    return [(name, func) for name, func in found
            if not pattern or pattern in name or fnmatch.fnmatch(name, pattern)]


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


def child(func, workdir, report):
    """In the test's own process: (word, reason) goes to the pipe."""
    os.setsid()
    os.chdir(workdir)
    word, reason = "ok", ""
    try:
        reason = func() or ""
    except lib.Skip as e:
        word, reason = "skip", str(e)
    except BaseException as e:
        where = traceback.extract_tb(e.__traceback__)
        mine = [f"{os.path.basename(f.filename)}:{f.lineno}" for f in where]
        kind = "" if isinstance(e, AssertionError) else type(e).__name__ + ": "
        word, reason = "FAIL", f"{kind}{e}\n  at {' < '.join(reversed(mine))}"
    os.write(report, f"{word}\n{reason}".encode(errors="replace")[:60000])
    os._exit(0)


def kill_session(sid):
    """What a test left behind: all processes of its session, and those that left it in its folder's name."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            if os.getsid(int(name)) == sid:
                os.kill(int(name), signal.SIGKILL)
        except OSError:
            pass


def unmount_below(folder):
    with open("/proc/mounts") as f:
        points = [line.split()[1] for line in f]
    for point in reversed(points):
        if point.startswith(folder + "/"):
            subprocess.run(["umount", "-l", point], stderr=subprocess.DEVNULL)


def run_one(func, workdir):
    limit = getattr(func, "limit", DEFAULT_LIMIT)
    read_fd, write_fd = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(read_fd)
        child(func, workdir, write_fd)
    os.close(write_fd)
    answer, status = b"", None
    end = time.monotonic() + limit
    while status is None and time.monotonic() < end:
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            status = code
        else:
            time.sleep(0.01)
    kill_session(pid)
    if status is None:
        os.waitpid(pid, 0)
        answer = f"FAIL\ntook longer than {limit} s".encode()
    else:
        answer = os.read(read_fd, 65536) or f"FAIL\nthe test's process ended with status {status}".encode()
    os.close(read_fd)
    unmount_below(workdir)
    word, _, reason = answer.decode(errors="replace").partition("\n")
    return word, reason


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
    p.add_argument("-k", metavar="PATTERN", help="only tests whose name contains or matches it")
    p.add_argument("--tool", default=lib.TOOL, help="the goenvbpf to test")
    p.add_argument("--hooks", default="auto", help="given on to every capture")
    p.add_argument("--keep", action="store_true", help="keep the folders of tests that failed")
    p.add_argument("--list", action="store_true", help="print the names, run nothing")
    return p.parse_args()


def main():
    opts = options()
    tests = discover(opts.k)
    if opts.list:
        print("\n".join(name for name, _ in tests))
        return 0
    if os.geteuid() != 0:
        print("live tests need root")
        return 77
    lib.TOOL, lib.HOOKS = os.path.abspath(opts.tool), opts.hooks
    if not os.access(lib.TOOL, os.X_OK):
        sys.exit(f"{lib.TOOL} is not built: run make")
    os.umask(0o022)
    build()
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    top = os.path.realpath(tempfile.mkdtemp(prefix="goenvbpf-live."))
    os.chmod(top, 0o755)
    lib.GOCACHE = os.path.join(top, "gocache")
    for name, func in tests:
        workdir = os.path.join(top, name)
        os.mkdir(workdir)
        start = time.monotonic()
        word, reason = run_one(func, workdir)
        counts[word] += 1
        took = f"{time.monotonic() - start:.1f} s"
        print(f"{word:4} {name} ({took + ', ' if word == 'ok' and reason else ''}{reason or took})", flush=True)
        if word != "FAIL" or not opts.keep:
            shutil.rmtree(workdir, ignore_errors=True)
    if counts["FAIL"] and opts.keep:
        print(f"kept: {top}")
    else:
        shutil.rmtree(top, ignore_errors=True)
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
