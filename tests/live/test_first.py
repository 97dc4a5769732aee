# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The first screen of real runs: how it ended, and which program is named as the one that failed."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import lib
from lib import check, equal
from workload import write


def screen(command, status, cwd="m", **env):
    result = lib.run(command, "-q", cwd=cwd, env=dict(lib.clean_env(), HOME=os.path.abspath("home"), GOTELEMETRY="off", **env))
    equal(result.status, status, lib.said(result))
    page = subprocess.run([lib.TOOL, "report", result.path], stdout=subprocess.PIPE, text=True, check=True).stdout
    os.remove(result.path)
    return page


def causes(page):
    """What stands behind "failed", and what is below it."""
    found = re.search(r"^  failed      (.*(?:\n {14}\S.*)*)", page, re.M)
    return [re.sub(r" \(pid \d+\)", "", line.strip()) for line in found.group(1).split("\n")] if found else []


def test_failures():
    lib.need("go")
    os.makedirs("home")
    write("m/go.mod", "module example.org/m\n\ngo 1.19\n")
    write("m/main.go", "package main\n\nfunc main() {}\n")
    write("m/bad/bad.go", "package bad\n\nfunc F() { undefined() }\n")

    page = screen(["go", "build", "-o", "x", "."], 0)
    check(re.match(r"go build -o x \. +ok   \d", page), page)
    equal((causes(page), "Refused" in page), ([], False), "what failed in a build that did not")
    check("\n  record      complete, " in page and "Path accesses" not in page, page)

    page = screen(["go", "build", "./..."], 2)
    check(re.match(r"go build \./\.\.\. +FAILED \(exit 2\)   \d", page), page)
    equal(causes(page), ["compile example.org/m/bad: exit 2"], "the failing tool")

    # What a script gets over is no cause; the go command that it got over is told as failed.
    page = screen(["sh", "-c", "grep -q nothing go.mod; go vet ./bad 2> /dev/null; exit 0"], 0)
    check(re.match(r"sh -c .* ok   \d", page), page)
    check(re.search(r"^ +go vet \./bad +FAILED \(exit \d\)", page, re.M), page)
    check("grep" not in "".join(causes(page)), causes(page))

    page = screen(["sh", "-c", "go build -o x . && sh -c 'kill -9 $$'"], 137)
    check("FAILED (exit 137)" in page.split("\n")[0], page)
    equal([c.split(":")[1] for c in causes(page)], [" killed by signal 9"], "who was killed")


def test_refused():
    """Not root: what was refused is on the first screen of a command that failed."""
    lib.need("go")
    os.makedirs("home")
    write("m/go.mod", "module example.org/m\n\ngo 1.19\n")
    write("m/main.go", "package main\n\nfunc main() {}\n")
    os.chmod(".", 0o755)
    for folder in ("home", "m"):
        os.chmod(folder, 0o777)
    os.mkdir("closed", 0o700)
    page = screen(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "go", "build", "-o", os.path.abspath("closed/x"), "."], 1)
    check("FAILED (exit 1)" in page.split("\n")[0], page)
    check(re.search(r"closed\S* EACCES", page.replace("\n  ", " ")) and "permission-denied" in page, page)


def test_outputs():
    """What a build has put into its place is on the first screen, with what it embeds."""
    lib.need("go", "git")
    os.makedirs("home")
    write("m/go.mod", "module example.org/m\n\ngo 1.19\n")
    write("m/main.go", "package main\n\nfunc main() {}\n")
    page = screen(["go", "build", "-buildvcs=false", "-o", os.path.abspath("out/x"), "."], 0)
    check(re.search(r"out/x: go1[.]\d+\S*, example[.]org/m [(]devel[)], build ID \S{8}", re.sub(r"\n +", " ", page)), page)
    page = screen(["go", "build", "-buildvcs=false", "-buildmode=c-archive", "-o", os.path.abspath("out/x.a"), "."], 0)
    check("out/x.a" in page and "build ID" not in page, page)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for args in (["init", "-q", "."], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run(git + args, cwd="m", check=True)
    build = ["go", "build", "-buildvcs=true", "-o", os.path.abspath("out/y"), "."]
    check("program-modified-sources" not in screen(build, 0), "a clean repository")
    write("m/main.go", "package main\n\nfunc main() { println() }\n")
    check("program-modified-sources" in screen(build, 0), "sources that are not committed")


def on_terminal(columns, *args):
    """What is written to a terminal of so many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    done = subprocess.Popen([lib.TOOL, *args], stdout=slave, env=dict(os.environ, NO_COLOR="1", TERM="xterm"))
    os.close(slave)
    text = b""
    try:
        while chunk := os.read(master, 65536):
            text += chunk
    except OSError:
        pass	# the other end is closed
    os.close(master)
    done.wait()
    return text.decode().replace("\r\n", "\n")


def test_widths():
    """The first screen fills a terminal of 60 to 160 columns, and a pipe's 80."""
    lib.need("go")
    os.makedirs("home")
    write("m/go.mod", "module example.org/m\n\ngo 1.19\n")
    write("m/main.go", "package main\n\nfunc main() { undefined() }\n")
    lib.run(["go", "build", "-gcflags=-N", "-ldflags=" + " ".join(["-s", "-w"] * 40), "."], "-q", cwd="m",
                   env=dict(lib.clean_env(), HOME=os.path.abspath("home"), GOFLAGS="-mod=mod"))
    path = "rec.jsonl"
    piped = subprocess.run([lib.TOOL, "report", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    widest = {}
    for columns in (40, 60, 80, 160, 200):
        for args in (["report", path], ["check", path]):
            page = on_terminal(columns, *args)
            lines = [line for line in page.split("\n") if " " in line.strip()]
            widest[columns] = max(len(line) for line in lines)
            check(widest[columns] <= min(max(columns, 60), 160), f"{columns} columns: {page}")
            check("mod-mod-in-flags" in page, page)
        if columns == 80:
            equal(on_terminal(80, "report", path), piped, "80 columns and a pipe")
    for columns in (100, 160):
        full = on_terminal(columns, "report", "--full", path)
        sizes = [len(line) for line in full.split("\n") if " " in line.strip()]
        check(80 < max(sizes) <= columns, f"{max(sizes)} of {columns} columns: {full}")
        check("…" not in full or columns < 160, f"cut though it fits: {full}")
    check(widest[160] > 80 and widest[160] == widest[200] and widest[60] == widest[40], widest)
