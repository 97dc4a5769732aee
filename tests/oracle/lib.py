# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What the tests here share: the toolchains, a go to ask in a clean environment, and the program that
answers for user/golang. Each test prints what differs and ends with "N passed, N failed, N skipped".
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
QUERY = os.environ.get("GOENVBPF_QUERY", os.path.join(TOP, "build/tests/query"))
# with sudo the toolchains are the calling user's
HOME = os.path.expanduser("~" + os.environ.get("SUDO_USER", ""))
TOOLCHAINS = os.environ.get("GOS", os.path.join(HOME, ".cache/goenvbpf"))


def minors():
    """The minor versions that are there, in order."""
    found = []
    for name in os.listdir(TOOLCHAINS) if os.path.isdir(TOOLCHAINS) else []:
        if name.startswith("go-1.") and name[5:].isdigit() and os.path.exists(f"{TOOLCHAINS}/{name}/bin/go"):
            found.append(int(name[5:]))
    return sorted(found)


def goroot(minor):
    return os.path.realpath(f"{TOOLCHAINS}/go-1.{minor}")


def gobin(minor):
    return f"{goroot(minor)}/bin/go"


class Query:
    """user/golang: ask() takes the fields of a question, None is a field that is not there."""

    def __init__(self):
        self.program = subprocess.Popen([QUERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *fields):
        self.program.stdin.write("\t".join("\\N" if f is None else str(f) for f in fields) + "\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline().rstrip("\n").split("\t")
        return [None if f == "\\N" else f for f in answer]


class Suite:
    """Counts, a folder of its own, and environments for go."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.query = Query()
        self._dir = tempfile.TemporaryDirectory(prefix="goenvbpf-oracle-")
        self.dir = os.path.realpath(self._dir.name)
        self.home = f"{self.dir}/home"
        os.makedirs(self.home)

    def env(self, **more):
        base = {"PATH": "/usr/bin:/bin", "HOME": self.home, "GOTOOLCHAIN": "local", "GOPROXY": "off",
                "GOSUMDB": "off", "LC_ALL": "C.UTF-8", "GOCACHE": f"{self.dir}/gocache"}
        base.update(more)
        return {key: value for key, value in base.items() if value is not None}

    def go(self, minor, args, cwd=None, env=None):
        return subprocess.run([gobin(minor), *args], cwd=cwd or self.dir, env=env or self.env(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def write(self, path, text=""):
        path = os.path.join(self.dir, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def check(self, what, expected, came):
        if expected == came:
            self.passed += 1
            return
        self.failed += 1
        print(f"differs: {what}\n  go:    {expected!r}\n  ours:  {came!r}")

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed else 0)


def main(test):
    if not minors():
        print(f"no toolchains in {TOOLCHAINS}")
        sys.exit(77)
    suite = Suite()
    test(suite)
    suite.end()
