# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A sudo rule for the tool is no more than that: files are touched with the rights of who called."""
import os
import shutil
import signal
import subprocess
import time

import lib
from lib import check, equal, said
from test_users import NOBODY, need_tool_readable, private

USER = ["setpriv", "--reuid", str(NOBODY.pw_uid), "--regid", str(NOBODY.pw_gid), "--clear-groups"]


def sudo_rule(*more):
    """A prefix under which nobody may call the tool, and only that, through sudo; for one command."""
    lib.need("sudo", "setpriv")
    need_tool_readable()
    with open("sudoers", "w") as f:
        f.write(f"Defaults env_reset\nroot ALL=(ALL:ALL) ALL\nnobody ALL=(root) NOPASSWD: {lib.TOOL}\n")
        f.writelines(line + "\n" for line in more)
    os.chmod("sudoers", 0o440)
    return private(f"mount --bind {os.path.abspath('sudoers')} /etc/sudoers") + USER


def home():
    os.mkdir("home")
    os.chown("home", NOBODY.pw_uid, NOBODY.pw_gid)
    return os.path.abspath("home")


def closed_folder():
    """Where only root may look or write."""
    os.mkdir("closed", 0o700)
    with open("closed/plan", "w") as f:
        f.write("mine")
    return os.path.abspath("closed")


def as_user(prefix, *args, cwd="home", **more):
    return subprocess.run([*prefix, *args], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, env=lib.clean_env(HOME="/nonexistent"), **more)


def test_forbidden_places():
    """No option puts a record where the caller could not put it, whoever runs the tool."""
    prefix, place, closed = sudo_rule(), home(), closed_folder()
    os.symlink(f"{closed}/plan", f"{place}/link")
    os.symlink(f"{closed}/none", f"{place}/dead")
    os.symlink(closed, f"{place}/folder")
    equal(as_user(prefix, "sudo", "-n", "cat", f"{closed}/plan").returncode, 1, "sudo for another program")
    before = sorted(os.listdir("/etc"))
    attempts = [name for name in ("/etc/goenvbpf-test.conf", f"{closed}/new", f"{closed}/plan", "folder/new",
                                  "folder/plan", "/proc/sys/kernel/core_pattern") for _ in range(2)]
    for n, name in enumerate(attempts):
        force = ["--force"] * (n % 2)
        for tool in (["run", "-q", *force, "-o", name, "--", "touch", "ran"], ["-q", *force, "-o", name],
                     ["attach", "-q", *force, "-o", name, "--pid", "1"]):
            done = as_user(prefix, "sudo", "-n", lib.TOOL, *tool)
            equal(done.returncode, 125 if tool[0] == "run" else 1, f"{tool}: {done.stderr[-300:]}")
            check(name in done.stderr, f"{tool} did not say what: {done.stderr!r}")
    equal(sorted(os.listdir("/etc")), before, "files in /etc")
    equal((os.listdir(closed), lib.read("closed/plan")), (["plan"], "mine"), "the closed folder")
    equal(sorted(os.listdir(place)), ["dead", "folder", "link"], "what was left behind")
    for name in ("link", "dead"):
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", "-o", name, "--", "true")
        equal(done.returncode, 125, done.stderr)
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", "--force", "-o", name, "--", "true")
        equal(done.returncode, 0, done.stderr)
        check(not os.path.islink(f"home/{name}"), "--force replaces the link itself")
        equal(os.stat(f"home/{name}").st_uid, NOBODY.pw_uid, "owner")
    equal((os.listdir(closed), lib.read("closed/plan")), (["plan"], "mine"), "the closed folder")


def test_own_places():
    """What the caller may write is written, and belongs to the caller; a second time only with --force."""
    prefix, place = sudo_rule(), home()
    for args, status in ((["-o", "rec.jsonl"], 0), (["-o", "rec.jsonl"], 125), (["--force", "-o", "rec.jsonl"], 0),
                         (["-o", "rec.jsonl.gz"], 0)):
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", *args, "--", "true")
        equal(done.returncode, status, f"{args}: {done.stderr[-300:]}")
    for name in ("rec.jsonl", "rec.jsonl.gz"):
        lib.verify(lib.Record(f"{place}/{name}"))
        st = os.stat(f"{place}/{name}")
        equal((st.st_uid, st.st_gid, st.st_mode & 0o7777), (NOBODY.pw_uid, NOBODY.pw_gid, 0o600), name)
    equal(sorted(os.listdir(place)), ["rec.jsonl", "rec.jsonl.gz"], "what else was left")


def test_folder_swapped_while_it_runs():
    """The name that is given at the end is in the folder of the beginning; nothing else is touched."""
    prefix, place, closed = sudo_rule(), home(), closed_folder()
    script = "mv folder away && ln -s $1 folder; exit 3"
    for force in ([], ["--force"]):
        os.mkdir(f"{place}/folder")
        os.chown(f"{place}/folder", NOBODY.pw_uid, NOBODY.pw_gid)
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", *force, "-o", "folder/plan", "--", "sh", "-c", script,
                       "sh", closed)
        equal(done.returncode, 3, done.stderr)
        equal((os.listdir(closed), lib.read("closed/plan")), (["plan"], "mine"), "the closed folder")
        lib.verify(lib.Record(f"{place}/away/plan"))
        os.unlink(f"{place}/folder")
        shutil.rmtree(f"{place}/away")


OWN_DEV = """
mount -t tmpfs none dev-of-ours && cp -a /dev/null /dev/zero /dev/random /dev/urandom dev-of-ours/ &&
ln -s /proc/self/fd dev-of-ours/fd && ln -s fd/0 dev-of-ours/stdin && ln -s fd/1 dev-of-ours/stdout &&
ln -s fd/2 dev-of-ours/stderr && mount --move dev-of-ours /dev || exit 99"""


def test_devices_stay():
    """/dev/stdout, /dev/null, /dev/fd/N and pipes are written to as they are, by root and with --force, too."""
    os.mkdir("dev-of-ours")
    prefix = private(OWN_DEV)
    for name, force in ((name, force) for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "//dev/../dev/./stdout", "-")
                        for force in ([], ["--force"])):
        tool = " ".join(lib.tool_args("run", "-q", *force, record=name))
        script = f"ls -l /dev >before; {tool} -- true | cat >rec.jsonl; {tool} -- true >plain.jsonl; ls -l /dev >after"
        done = subprocess.run([*prefix, "sh", "-c", script], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=60)
        equal((done.returncode, done.stderr), (0, ""), f"{name} {force}")
        equal(lib.read("after"), lib.read("before"), f"/dev after {name} {force}")
        for record in ("rec.jsonl", "plain.jsonl"):
            lib.verify(lib.Record(record))
    for force in ([], ["--force"]):
        tool = " ".join(lib.tool_args("run", "-q", *force))
        script = f"ls -l /dev >before; {tool} -o /dev/null -- true && {tool} -o pipe -- true; s=$?; ls -l /dev >after; exit $s"
        if not os.path.exists("pipe"):
            os.mkfifo("pipe")
        with open("piped.jsonl", "wb") as out:
            reader = subprocess.Popen(["cat", "pipe"], stdout=out)
            done = subprocess.run([*prefix, "sh", "-c", script], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True, timeout=60)
            equal((done.returncode, done.stderr), (0, ""), f"{force}")
            equal(reader.wait(20), 0, "the pipe's reader")
        equal(lib.read("after"), lib.read("before"), f"/dev with {force}")
        lib.verify(lib.Record("piped.jsonl"))


def test_sudo_logs():
    """What sudo writes down of a run is that there was one: no argument, no tag, no name."""
    log = os.path.abspath("sudo.log")
    prefix, place = sudo_rule(f"Defaults:nobody logfile={log}"), home()
    done = as_user(prefix, lib.TOOL, "run", "-q", "-o", "S3CRET-name.jsonl", "--tag", "note=S3CRET-tag", "--",
                   "sh", "-c", "exit 3 # Bearer S3CRET-argument", "--password", "S3CRET-word")
    equal(done.returncode, 3, done.stderr)
    record = lib.Record(f"{place}/S3CRET-name.jsonl")
    lib.verify(record)
    equal(record.header["tags"], {"note": "S3CRET-tag"}, "tags")
    text = lib.read(log)
    check("observe" in text, f"the log does not tell of the observer: {text!r}")
    check("S3CRET" not in text, f"the log has what was run: {text!r}")


def test_sudo_takes_the_descriptors():
    """Also where sudo puts pipes or a terminal of its own in place of the observer's descriptors."""
    place = home()
    for number, rule in enumerate(("Defaults:nobody log_input, log_output, iolog_dir={}", "Defaults:nobody use_pty",
                                   "Defaults:nobody log_input, log_output, use_pty, iolog_dir={}")):
        io_log = os.path.abspath(f"io-log-{number}")
        prefix = sudo_rule(rule.format(io_log))
        done = as_user(prefix, "sh", "-c", "echo S3CRET-input | \"$@\"", "sh", lib.TOOL, "run", "--force", "-o",
                       "rec.jsonl.gz", "--", "sh", "-c", "cat; echo built; echo told >&2; exit 4")
        equal((done.returncode, done.stdout), (4, "S3CRET-input\nbuilt\n"), f"{rule}: {done.stderr}")
        lib.verify(lib.Record(f"{place}/rec.jsonl.gz"))
        check("nothing lost" in done.stderr and "told" in done.stderr, f"{rule}: {done.stderr}")
        done = as_user(prefix, lib.TOOL, "run", "--timeline", "--", "sh", "-c", "echo built")
        equal((done.returncode, done.stdout), (0, "built\n"), f"{rule}: {done.stderr}")
        check("\n  record      complete, " in done.stderr, f"{rule}: no report: {done.stderr}")
        for folder, _, names in os.walk(io_log):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    check(b"S3CRET" not in f.read(), f"{name} of sudo's log has the command's input")


# Somebody who means no good, in place of "goenvbpf run".
HOSTILE = r"""
import os, signal, socket, struct, subprocess, sys
tool, what = sys.argv[1:3]
child = subprocess.Popen(["sleep", "30"])
words = {"option": "output\0/etc/goenvbpf-test\0", "ring": "ring\0" + str(1 << 40) + "\0", "half": "ring",
         "force": "force\0\0"}.get(what, "")
of = {"not-mine": os.getppid(), "init": 1, "itself": os.getpid()}.get(what, child.pid)
ring = open(os.devnull) if what == "no-process" else None
listener = socket.socket(socket.AF_UNIX)
listener.bind("")
listener.listen(1)
observer = subprocess.Popen(["sudo", "-n", tool, "observe", listener.getsockname()[1:].decode()],
                            stdin=subprocess.DEVNULL)
peer, _ = listener.accept()
request = (words + "\0true\0").encode()
if what == "no-command":
    request = b""
if what == "long":
    request = b"\0" * (9 << 20)
fds = [os.open("record", os.O_CREAT | os.O_WRONLY, 0o600), ring.fileno() if ring else os.pidfd_open(of), 2]
if what == "no-descriptors":
    fds = fds[:1]
try:
    socket.send_fds(peer, [struct.pack("<I", len(request))], fds)
    peer.sendall(request)
    answer = peer.recv(1)
except OSError:
    answer = b""
if answer:		# in place
    peer.sendall(struct.pack("i", 0))
    peer.recv(8)
peer.close()
child.kill()
print("served" if answer else "refused", observer.wait())
"""


def test_observe_is_for_the_caller_alone():
    """With a right to the observer alone: it follows the caller's own child, and takes no other wish."""
    prefix, place = sudo_rule(), home()
    for what in ("fine", "not-mine", "init", "itself", "no-process", "no-descriptors", "no-command", "half", "option",
                 "force", "ring", "long"):
        done = as_user(prefix, "/usr/bin/python3", "-c", HOSTILE, lib.TOOL, what)
        equal(done.returncode, 0, done.stderr)
        if what == "fine":
            equal(done.stdout, "served 0\n", f"{what}: {done.stderr}")
            lib.validate(lib.Record(f"{place}/record"))
            continue
        equal(done.stdout, "refused 1\n", f"{what}: {done.stderr}")
        check("refused" in done.stderr, f"{what}: {done.stderr!r}")
    check(not os.path.exists("/etc/goenvbpf-test"), "a path was opened")
    for name in ("12345", "../socket", "", "x"):
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "observe", name)
        check(done.returncode in (1, 2) and done.stderr.startswith("goenvbpf: error: "), f"{name}: {done.stderr!r}")
    # Another user's request: a rule of ours is no rule of theirs.
    listener = "import socket,time; s=socket.socket(socket.AF_UNIX); s.bind(''); s.listen(1); " \
               "print(s.getsockname()[1:].decode(), flush=True); c,_=s.accept(); " \
               "socket.send_fds(c, [b'\\6\\0\\0\\0'], [1, 2, 2]); c.sendall(b'\\0true\\0'); print(c.recv(1))"
    with subprocess.Popen(["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", "/usr/bin/python3", "-c",
                           listener], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as other:
        name = other.stdout.readline().strip()
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "observe", name)
        equal(done.returncode, 1, done.stderr)
        check("another user" in done.stderr, done.stderr)
        equal(other.stdout.read(), "b''\n", "what the other user got")


def test_a_stopped_observer_stops_nobody():
    """A signal ends the run while its observer hangs; the command's status is kept."""
    for sig, status in (("INT", 7), ("TERM", 7), ("HUP", 7), ("QUIT", 7)):
        proc = subprocess.Popen(lib.tool_args("run", "--force", record="rec.jsonl") +
                                ["--", "sh", "-c", "echo here; read word; exit 7"], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=lib.clean_env())
        equal(proc.stdout.readline(), "here\n", "the command")
        observer = lib.observer_of(proc.pid)
        os.kill(observer, signal.SIGSTOP)
        try:
            proc.stdin.write("go\n")
            proc.stdin.flush()
            time.sleep(0.5)
            check(proc.poll() is None, "it did not wait for the observer")
            proc.send_signal(getattr(signal, "SIG" + sig))
            start = time.monotonic()
            equal(proc.wait(20), status, f"status after SIG{sig}")
            check(time.monotonic() - start < 3, f"it took {time.monotonic() - start:.1f} s after the signal")
        finally:
            os.kill(observer, signal.SIGCONT)
        _, err = proc.communicate(timeout=20)	# the observer writes there, too: up to its end
        check("does not answer" in err, err)
        lib.wait_for(lambda: not os.path.exists(f"/proc/{observer}"), 20, "the observer's end")
        lib.verify(lib.Record("rec.jsonl"))
