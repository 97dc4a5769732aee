# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a terminal shows meanwhile: the status line, the top view; and that nothing of either gets elsewhere."""
import errno
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time

import lib
import test_users
import workload
from lib import alone, check, equal, said

ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][0-9A-Za-z]|[=>78DEM])")
ERASE = b"\r\x1b[K"
TERM = "linux"


class Terminal:
    """A terminal of its own, what was written to it, and a program for which it is the controlling one."""

    def __init__(self, rows=24, columns=80):
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.written = b""
        self.closed = False
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while not self.closed:
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                self.written += os.read(self.master, 65536)
            except OSError as error:
                equal(error.errno, errno.EIO, "error of the terminal")
                return

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def start(self, args, term=TERM, **more):
        def take():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        env = {**(more.pop("env", None) or lib.clean_env()), "TERM": term}
        streams = {"stdin": self.slave, "stdout": self.slave, "stderr": self.slave, **more}
        self.proc = subprocess.Popen([str(a) for a in args], preexec_fn=take, env=env, **streams)
        return self.proc

    def type(self, keys):
        os.write(self.master, keys)

    def wait_for(self, what, seconds=30):
        lib.wait_for(lambda: what in self.written or self.proc.poll() is not None, seconds, f"{what!r} on the terminal")
        check(what in self.written, f"{what!r} is not on the terminal: {self.written[-600:]!r}")

    def wait(self, seconds=30):
        status = self.proc.wait(seconds)
        time.sleep(0.2)
        return status

    def screen(self):
        """All that is on it now, by a view that draws it anew: its text alone."""
        self.written = b""
        self.type(b"\x0c")
        time.sleep(0.8)
        return ESCAPES.sub(b"", self.written)

    def is_as_before(self):
        equal(termios.tcgetattr(self.slave), self.before, "the terminal's settings")

    def close(self):
        self.closed = True
        self.reader.join()


def top(terminal, *opts, record="rec.jsonl", **more):
    terminal.start(lib.tool_args("watch", "--top", *opts, record=record and os.path.abspath(record)), **more)
    terminal.wait_for(b"q quit")


def build(**more):
    env = workload.go_env()
    done = subprocess.run(["go", "build", "-o", os.path.abspath("out"), "."], cwd=workload.module("m"), env=env,
                          stderr=subprocess.PIPE, timeout=400, **more)
    equal(done.returncode, 0, done.stderr[-500:])


def status_lines(written):
    """What was drawn, each time."""
    return [text.decode() for text in re.findall(rb"\r([^\r\n\x1b]+)\x1b\[K\r", written)]


LONG_FUNCTION = """func f$(a, b int, s string) (n int) {
	for i := a; i < b; i++ {
		n += i*$ ^ len(s[i%7:])
		if n%$ == 0 {
			n -= int(s[i%$])
		}
	}
	return n
}
"""

# --- the status line ---

def test_run_numbers():
    """What run --status showed last is what the record says."""
    path, env = workload.module("m"), workload.go_env()
    with open(os.path.join(path, "long.go"), "w", encoding="utf-8") as f:	# seconds of work for the compiler
        f.write("package main\n\n" + "".join(LONG_FUNCTION.replace("$", str(i + 2)) for i in range(1500)))
    terminal = Terminal(columns=200)
    script = "go build -o ../out . >../out.txt 2>&1; go vet no/such/package >../out.txt 2>&1; sleep 3"
    terminal.start(lib.tool_args("run", "--status", record=os.path.abspath("rec.jsonl")) + ["--", "sh", "-c", script],
                   cwd=path, env=env)
    equal(terminal.wait(400), 0, f"status; {terminal.written[-500:]}")
    record = lib.Record("rec.jsonl")
    lib.verify(record)
    last = status_lines(terminal.written)[-1]
    told = json.loads(subprocess.run([lib.TOOL, "report", "--json", "rec.jsonl"], stdout=subprocess.PIPE,
                                     check=True).stdout)
    gos = {line["proc"] for line in record.kind("exec") if os.path.basename(line["exe"]) == "go"}
    equal(len(told["commands"]), len(gos), "commands of the report")
    looks = [line for line in record.kind("open") if line["proc"] in gos and line.get("path", "").endswith("-a") and
             "RDONLY" in line["flags"]]
    equal(sum(c["cache"]["lookups"]["all"] for c in told["commands"] if "cache" in c), len(looks),
          "look-ups of the report")
    misses = sum("err" in line for line in looks)
    check(f"| {len(gos)} go commands, 1 failed | {len(looks) - misses} hits, {misses} misses | nothing lost" in last,
          f"the last line is {last!r}, the record has {len(gos)} commands, {len(looks)} look-ups, {misses} failed")
    check(all(len(line) < 200 for line in status_lines(terminal.written)), "a line is longer than the terminal")
    check(any("compiling " in line for line in status_lines(terminal.written)), "nothing was compiled")
    terminal.is_as_before()
    terminal.close()


NOISE = r"""printf 'a\033[1mb\r\nc\001\377'; printf 'err\n' >&2; sleep 0.6; printf 'half'; sleep 0.6; printf ' line\n'"""


def on_terminal(args, **more):
    terminal = Terminal()
    terminal.start(args, **more)
    equal(terminal.wait(60), 0, f"status of {args}; {terminal.written[-300:]}")
    terminal.is_as_before()
    terminal.close()
    return terminal.written


def test_run_adds_nothing():
    """On the command's terminal, unless asked, and in its pipes, even if asked."""
    command = ["sh", "-c", NOISE]
    plain = on_terminal(command)
    for opts in ((), ("-q",), ("-q", "--status")):
        written = on_terminal(lib.tool_args("run", "--force", *opts, record=os.path.abspath("rec.jsonl")) + ["--"] + command)
        ours = [line for line in written.splitlines(keepends=True) if line.startswith(b"goenvbpf: ")]
        equal(written, plain + b"".join(ours), f"what is on the terminal with {opts}")
    with open("out", "wb") as out, open("err", "wb") as err:
        on_terminal(lib.tool_args("run", "--force", "--status", "-q", record=os.path.abspath("rec.jsonl")) + ["--"] + command,
                    stdout=out, stderr=err)
    equal(lib.read("err"), "err\n", "standard error in a file")
    with open("out", "rb") as f:
        equal(f.read(), b"a\033[1mb\r\nc\001\377half line\n", "standard output in a file")
    with open("out", "wb") as out:
        written = on_terminal(lib.tool_args("run", "--force", "--status", record=os.path.abspath("rec.jsonl")) +
                              ["--"] + command, stdout=out)
    with open("out", "rb") as f:
        equal(f.read(), b"a\033[1mb\r\nc\001\377half line\n", "standard output beside a status line")
    check(len(status_lines(written)) >= 2, f"no status line: {written}")
    rest = written.replace(ERASE, b"")
    check(b"goenvbpf: next: " in rest and rest.count(b"\x1b") == len(status_lines(written)), f"more is left: {written}")


def test_run_through_sudo():
    """The observer that a user starts through sudo draws on the user's terminal."""
    lib.need("sudo", "setpriv")
    test_users.need_tool_readable()
    os.mkdir("open")
    os.chmod("open", 0o777)
    nobody = test_users.NOBODY
    for number, defaults in enumerate(("env_reset, !use_pty", "env_reset, use_pty")):
        with open(f"sudoers{number}", "w", encoding="utf-8") as f:
            f.write(f"Defaults {defaults}\nroot ALL=(ALL:ALL) ALL\nnobody ALL=(ALL) NOPASSWD: ALL\n")
        os.chmod(f"sudoers{number}", 0o440)
        args = test_users.private(f"mount --bind {os.path.abspath(f'sudoers{number}')} /etc/sudoers") + \
            ["setpriv", "--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups"] + \
            lib.tool_args("run", "--status", record=os.path.abspath(f"open/rec{number}.jsonl"))
        written = on_terminal(args + ["--", "sh", "-c", "sleep 2 >out"], cwd="open")
        check(any("nothing lost" in line for line in status_lines(written)), f"no line with {defaults}: {written}")


def test_dumb_terminal():
    written = on_terminal(lib.tool_args("run", "--status", record=os.path.abspath("rec.jsonl")) + ["--", "sleep", "1"],
                          term="dumb")
    check(b"\r\x1b" not in written and not status_lines(written), f"a line on a terminal that cannot erase it: {written}")


@alone
def test_watch_line():
    """watch -o shows it by itself and takes it away; not beside a pipe that may end on the same terminal."""
    terminal = Terminal()
    terminal.start(lib.tool_args("watch", record=os.path.abspath("rec.jsonl")))
    terminal.wait_for(b"nothing lost")
    terminal.type(b"\x03")
    equal(terminal.wait(), 0, "status")
    shown = status_lines(terminal.written)
    check(shown and max(map(len, shown)) < 80, f"lines: {shown}")
    check(ERASE + b"goenvbpf: " in terminal.written, f"the line stays: {terminal.written[-300:]}")
    terminal.is_as_before()
    terminal.close()
    terminal = Terminal()
    terminal.start(lib.tool_args("watch"), stdout=subprocess.PIPE)
    terminal.wait_for(b"until Ctrl-C")
    time.sleep(1)
    terminal.proc.send_signal(signal.SIGTERM)
    out, _ = terminal.proc.communicate(timeout=30)
    check(not status_lines(terminal.written) and not status_lines(out) and b"\r" not in out, "a line beside a pipe")
    terminal.close()


# --- the top view ---

def check_left(terminal, how):
    """The screen from before is shown again, with a cursor, and nothing follows but words."""
    terminal.is_as_before()
    tail = terminal.written.rpartition(b"\x1b[?25h")
    check(tail[1] and b"\x1b[?25l" not in tail[2], f"{how}: no cursor: {terminal.written[-300:]}")


@alone
def test_top_ends():
    """By each way the terminal is as it was, and the record is good."""
    def key(keys):
        return lambda terminal: terminal.type(keys)

    def kill(sig):
        return lambda terminal: terminal.proc.send_signal(sig)

    def kill_observer(sig):
        return lambda terminal: os.kill(lib.observer_of(terminal.proc.pid), sig)
    ways = {"q": key(b"q"), "Ctrl-C": key(b"\x03"), "SIGTERM": kill(signal.SIGTERM), "SIGHUP": kill(signal.SIGHUP),
            "SIGQUIT": key(b"\x1c"), "kill": kill_observer(signal.SIGKILL), "crash": kill_observer(signal.SIGSEGV),
            "SIGTERM to the observer": kill_observer(signal.SIGTERM)}
    for number, (how, end) in enumerate(ways.items()):
        terminal = Terminal()
        top(terminal, record=f"rec{number}.jsonl")
        time.sleep(0.5)
        end(terminal)
        status = terminal.wait()
        if how not in ("kill", "crash"):
            equal(status, 0, f"status after {how}: {terminal.written[-300:]}")
            lib.verify(lib.Record(f"rec{number}.jsonl"))
        check_left(terminal, how)
        terminal.close()


@alone
def test_top_front_is_killed():
    """Nobody waits any more: who observes ends by itself, and cleans up."""
    terminal = Terminal()
    top(terminal)
    observer = lib.observer_of(terminal.proc.pid)
    terminal.proc.kill()
    terminal.wait()
    lib.wait_for(lambda: not os.path.exists(f"/proc/{observer}/exe"), 30, "the observer's end")
    time.sleep(0.2)
    check_left(terminal, "the front was killed")
    lib.verify(lib.Record("rec.jsonl"))
    terminal.close()


@alone
def test_top_hangup():
    """The terminal goes away."""
    terminal = Terminal()
    top(terminal)
    terminal.close()
    os.close(terminal.slave)
    os.close(terminal.master)
    terminal.proc.wait(30)
    lib.verify(lib.Record("rec.jsonl"))


@alone
def test_top_shows():
    """A build is there while it runs and afterwards, in each size; keys choose."""
    terminal = Terminal(rows=45, columns=140)
    top(terminal)
    build()
    time.sleep(1.5)
    # others may build, too
    terminal.type(b"/hello/words\r")
    text = terminal.screen()
    check(b"example.org/hello/words" in text and b"filter: hello/words" in text, f"no miss with its name: {text}")
    check(b"go build -o" not in text, f"no filter: {text}")
    terminal.type(b"\x1b")
    time.sleep(0.5)
    terminal.type(b"/status.top_shows/out\r")
    text = terminal.screen()
    check(b"go build -o" in text and b"ok" in text, f"no build: {text}")
    terminal.type(b"f")
    text = terminal.screen()
    check(b"running go command" in text and b"go build -o" not in text, f"f does not choose: {text}")
    terminal.type(b"ff")
    terminal.resize(20, 60)
    time.sleep(0.8)
    text = terminal.screen()
    check(b"60x20 is too small" in text and b"go build" not in text, f"too small: {text}")
    terminal.resize(24, 80)
    time.sleep(0.8)
    text = terminal.screen()
    check(b"go build -o" in text and b"q quit" in text, f"80x24: {text}")
    terminal.type(b"q")
    equal(terminal.wait(), 0, "status")
    check_left(terminal, "q")
    lib.verify(lib.Record("rec.jsonl"))
    terminal.close()


HOSTILE = """package main

import "os"

func main() {
	os.Stat("/\\x1b]0;evil\\x07\\x1b[31m\\xff/go.mod")
}
"""


@alone
def test_top_hostile():
    """Names of the observed side are shown escaped."""
    exe = workload.go_program("src", HOSTILE, "hostile")
    terminal = Terminal()
    top(terminal)
    subprocess.run([exe], check=True)
    time.sleep(1.5)
    terminal.type(b"/evil\r")
    text = terminal.screen()
    terminal.type(b"q")
    terminal.wait()
    check(rb"\x1b]0;evil\x07\x1b[31m" in text, f"the name is not there: {text}")
    check(b"\x1b]0;evil" not in terminal.written and b"\x07" not in terminal.written, "it is there as it is")
    terminal.close()


def test_top_needs_terminal():
    """Else it says so; and believes no description of a terminal that the caller brings."""
    done = subprocess.run(lib.tool_args("watch", "--top"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=lib.clean_env(TERM=TERM), timeout=30)
    equal((done.returncode, done.stdout), (1, b""), "status and output without a terminal")
    check(b"needs a terminal" in done.stderr, done.stderr)
    lib.need("tic")
    workload.write("own.ti", "own-term|a terminal of the caller,\n\tam, cols#80, lines#24, clear=\\E[H\\E[J, cup=\\E[%i%p1%d;%p2%dH, "
                             "smcup=OWN-DESCRIPTION, cuu1=\\E[A, cud1=\\n, cub1=\\b, cuf1=\\E[C,\n")
    for name, folder in (("TERMINFO", "ti"), ("TERMINFO_DIRS", "ti"), ("HOME", "h")):
        where = os.path.join(folder, ".terminfo") if name == "HOME" else folder
        os.makedirs(where, exist_ok=True)
        subprocess.run(["tic", "-x", "-o", where, "own.ti"], check=True, stderr=subprocess.DEVNULL)
        terminal = Terminal()
        terminal.start(lib.tool_args("watch", "--top", "--force", record=os.path.abspath("rec.jsonl")), term="own-term",
                       env=lib.clean_env(**{name: os.path.abspath(folder)}))
        terminal.wait()
        check(b"OWN-DESCRIPTION" not in terminal.written, f"it was read, by {name}")
        check(b"TERM='own-term' is not known" in terminal.written, terminal.written[-300:])
        terminal.is_as_before()
        terminal.close()
