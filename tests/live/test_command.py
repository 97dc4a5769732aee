# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The command under "run" is as its caller would have started it: what it inherits, how its start can fail."""
import json
import os
import pty
import resource
import select
import signal
import subprocess
import time

import lib
from lib import check, equal, said

# Everything that a process inherits and can tell, as JSON.
TELL = r"""
import json, os, resource, signal, sys
def status(*names):
    with open("/proc/self/status") as f:
        return {l.split(":")[0]: l.split()[1:] for l in f if l.split(":")[0] in names}
def environ():
    with open("/proc/self/environ", "rb") as f:
        return f.read().hex()
umask = os.umask(0)
json.dump({
    "signals": status("SigBlk", "SigIgn"), "capabilities": status("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"),
    "no_new_privs": status("NoNewPrivs"), "groups": os.getgroups(), "ids": os.getresuid() + os.getresgid(),
    "environ": environ(), "umask": umask, "cwd": os.getcwd(), "group": os.getpgid(0), "session": os.getsid(0),
    "nice": os.nice(0), "policy": os.sched_getscheduler(0), "cpus": sorted(os.sched_getaffinity(0)),
    "limits": [resource.getrlimit(i) for i in range(16)],
    "oom": open("/proc/self/oom_score_adj").read(), "cgroup": open("/proc/self/cgroup").read(),
    "descriptors": {fd: os.readlink("/proc/self/fd/" + fd) for fd in ["0", "1", "2", "7"]
                    if os.path.exists("/proc/self/fd/" + fd)},
    "open": [fd for fd in range(64) if os.path.exists("/proc/self/fd/%d" % fd)],
}, open("told", "w"))
"""


def told(args):
    """What the interpreter tells that was started by args + [python …] in strange circumstances."""
    def strange():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGINT])
        for sig in (signal.SIGPIPE, signal.SIGHUP, signal.SIGUSR2):
            signal.signal(sig, signal.SIG_IGN)
        os.umask(0o027)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
        os.nice(3)
        os.dup2(os.open("/dev/zero", os.O_RDONLY), 7)
    if os.path.exists("told"):
        os.unlink("told")
    with open("err", "wb") as err, open("out", "wb") as out:
        env = {"ODD": "a=b=\udcff", "": "no name", "PATH": os.environ["PATH"], "GOFLAGS": "-mod=mod", "EMPTY": ""}
        done = subprocess.run(args + ["/usr/bin/python3", "-I", "-S", "-c", TELL], env=env, stdin=subprocess.DEVNULL,
                              stdout=out, stderr=err, preexec_fn=strange, restore_signals=False, close_fds=False,
                              timeout=60)
    equal(done.returncode, 0, lib.read("err")[-800:])
    with open("told") as f:
        return json.load(f)


def test_inherits_everything():
    """Signals, limits, umask, environment byte for byte, descriptors: all as without the tool."""
    want = told([])
    for opts in (["-o", "rec.jsonl"], []):
        got = told(lib.tool_args("run", *opts) + ["--"])
        for key, value in want.items():
            equal(got[key], value, f"{key} with {opts}")
    lib.verify(lib.Record("rec.jsonl"))


def test_record_on_stdout_is_not_inherited():
    """The record's descriptor is the tool's alone, even when it is standard output itself."""
    result = lib.run(["sh", "-c", "ls /proc/self/fd >fds"], record="-")
    equal(result.status, 0, said(result))
    fds = [int(fd) for fd in lib.read("fds").split()]
    plain = subprocess.run(["sh", "-c", "ls /proc/self/fd >fds"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal(plain.returncode, 0, "ls")
    equal(fds, [int(fd) for fd in lib.read("fds").split()], "descriptors")


def test_closed_descriptors():
    """Whatever the caller has closed is closed in the command, and the record is whole."""
    for closed in ((0,), (1,), (2,), (0, 1), (0, 1, 2)):
        script = "ls /proc/self/fd >fds; exit 7"
        shut = " ".join(f"{fd}>&-" for fd in closed)
        subprocess.run(["sh", "-c", f"sh -c '{script}' {shut}"], stdin=subprocess.DEVNULL)
        want = lib.read("fds")
        tool = " ".join(lib.tool_args("run", "--force", record="rec.jsonl"))
        done = subprocess.run(["sh", "-c", f"{tool} -- sh -c '{script}' {shut}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
        equal(done.returncode, 7, f"status with {closed} closed: {done.stderr}")
        equal(lib.read("fds"), want, f"descriptors with {closed} closed")
        lib.verify(lib.Record("rec.jsonl"))


def make_program(name, text):
    with open(name, "w") as f:
        f.write(text)
    os.chmod(name, 0o755)


def test_cannot_start():
    """127 when there is no such thing, 126 when it cannot be executed; the message says which."""
    os.mkdir("folder")
    os.mkdir("found")
    make_program("found/lost", "#!/no/such/interpreter\n")
    make_program("orphan", "#!/no/such/interpreter\n")
    open("plain", "w").close()
    for name, status, words in (("./none", 127, "no such command"), ("no-such-command", 127, "no such command"),
                                ("", 127, "no such command"), ("./folder", 126, "Permission denied"),
                                ("./plain", 126, "Permission denied"), ("./plain/below", 126, "Not a directory"),
                                ("./orphan", 126, "interpreter"), ("lost", 126, "interpreter")):
        result = lib.run([name], "--force", env=lib.clean_env(PATH="found:" + os.environ["PATH"]))
        equal(result.status, status, f"{name}: {said(result)}")
        check(f"'{name}'" in result.err and words in result.err, said(result))


def test_own_failures():
    """125 when the tool could not do its part; every status of the command's own stays what it is."""
    for code in (125, 126, 127, 3, 2, 1):
        equal(lib.run(["sh", "-c", f"exit {code}"], "--force").status, code, f"status of exit {code}")
    failing = (["unshare", "-m", "sh", "-c", "mount -t tmpfs none /sys/kernel/btf; exec \"$@\"", "sh"],
               ["prlimit", "--nofile=4"], ["prlimit", "--nproc=1", "setpriv", "--reuid", "65534", "--inh-caps=-all"])
    for prefix in failing:
        result = lib.run(["touch", "ran"], record="/dev/null", prefix=prefix)
        equal(result.status, 125, f"{prefix}: {said(result)}")
        check(result.err.startswith("goenvbpf: error: "), said(result))
        check(not os.path.exists("ran"), "the command was run")
    equal(lib.run(["touch", "ran"], "--ring", "1").status, 2, "status of wrong usage")


def test_script_without_a_first_line():
    make_program("script", 'echo "$0 $1"; exit 9\n')
    result = lib.run(["./script", "argument"])
    equal((result.status, result.out), (9, "./script argument\n"), said(result))


class Terminal:
    """A shell with job control on a terminal of its own, as a person has it."""

    def __init__(self):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"],
                      lib.clean_env(PS1="$ ", HISTFILE=""))
        self.type("stty -echo; echo here\n")
        self.until("$ here")

    def type(self, text):
        os.write(self.fd, text.encode())

    def until(self, text, seconds=20):
        """What came up to and with text."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            check(time.monotonic() < end, f"{text!r} did not come: {self.seen!r}")
            if select.select([self.fd], [], [], 0.1)[0]:
                self.seen += os.read(self.fd, 4096).decode(errors="replace").replace("\r\n", "\n")
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def on_terminal(line, *steps):
    """Types a line at a shell, then, whenever a text has come, the keys that belong to it."""
    terminal = Terminal()
    try:
        terminal.type(line + "; echo status=${PIPESTATUS[*]}.\n")
        for text, keys in steps:
            terminal.until(text)
            terminal.type(keys)
        terminal.until("status=")
        return terminal.until(".").rstrip(".")
    finally:
        terminal.close()


def tool_line():
    return " ".join(lib.tool_args("run", record="rec.jsonl")) + " -- "


WAIT = "sh -c 'trap \"echo caught; exit 42\" INT; echo ready; while :; do sleep 0.05; done'"


def test_ctrl_c_on_a_terminal():
    """The key reaches the command once; the record is finished, also at the head of a pipeline."""
    equal(on_terminal(tool_line() + WAIT, ("ready", "\x03"), ("caught", "")), "42", "status")
    lib.verify(lib.Record("rec.jsonl"))
    os.unlink("rec.jsonl")
    equal(on_terminal(tool_line() + WAIT + " | sh -c 'trap \"\" INT; cat'", ("ready", "\x03"), ("caught", "")), "42 0",
          "statuses of the pipeline")
    lib.verify(lib.Record("rec.jsonl"))


def test_ctrl_z_on_a_terminal():
    """All of it stops, all of it goes on."""
    line = tool_line() + "sh -c 'echo re\"\"ady; read word; test -e told-$word; exit 5'"	# no "ready" in its echo
    terminal = Terminal()
    try:
        terminal.type(line + "\n")
        terminal.until("ready")
        terminal.type("\x1a")
        terminal.until("Stopped")
        terminal.type("fg; echo status=$?.\n")
        terminal.until("read word")	# the shell says which job goes on
        terminal.type("word\n")
        terminal.until("status=")
        equal(terminal.until("."), "5.", "status")
    finally:
        terminal.close()
    record = lib.Record("rec.jsonl")
    lib.verify(record)
    check([one for one in record.kind("stat", "access") if one.get("as") == "told-word"], "what came after is missing")


def test_many_options():
    """However many there are, all arrive; what a record could keep only one of is refused."""
    want = {f"note{i}": f"value={i}" for i in range(300)}
    tags = [word for key, value in want.items() for word in ("--tag", f"{key}={value}")]
    result = lib.run(["true"], "--all", "--net", "--strict", "-v", "--ring", "8M", "--hooks=auto", *tags)
    equal(result.status, 0, said(result))
    equal(result.record.header["tags"], want, "tags")
    result = lib.run(["touch", "ran"], "--tag", "a=1", "--tag", "b=1", "--tag", "a=2", record="other.jsonl")
    equal(result.status, 2, said(result))
    check("a=1" in result.err and "a=2" in result.err, said(result))
    equal([os.path.exists(name) for name in ("ran", "other.jsonl")], [False, False], "what was done")


def test_help():
    """Of each verb, wherever it is asked for, and for programs; it needs no privileges."""
    def ask(*words):
        done = subprocess.run([lib.TOOL, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=20)
        equal((done.returncode, done.stderr), (0, ""), f"status and errors of {words}")
        return done.stdout
    verbs = json.loads(ask("help", "--json"))["verbs"]
    check({"run", "watch", "attach", "report", "help"} <= {verb["name"] for verb in verbs}, verbs)
    check("observe" not in {verb["name"] for verb in verbs}, "what is not for people is listed")
    for verb in verbs:
        page = ask("help", verb["name"])
        equal(ask(verb["name"], "--help"), page, verb["name"])
        equal(ask(verb["name"], "-h"), page, verb["name"])
        check(page.startswith(verb["synopsis"]), page)
        for option in verb["options"]:
            check(f"--{option['name']}" in page, f"{verb['name']}: {option} is not on its page")
    equal(ask("run", "-o", "rec.jsonl", "--help"), ask("help", "run"), "run with other options")
    equal(os.listdir("."), [], "what is left")
    result = lib.run(["echo", "--help", "-h"])
    equal((result.status, result.out), (0, "--help -h\n"), "help of the command: " + said(result))
