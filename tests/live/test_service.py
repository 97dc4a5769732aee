# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The service: clients without sudo, jobs, what is kept over a restart, and what nobody gets from it."""
import ast
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

import yaml

import bpf_ids
import lib
import test_cache_uses
import workload
from lib import check, equal, read
from service import GID, MEMBER, NOBODY, OTHER_MEMBER, STRANGER, Service, as_user, ask, message, place
from test_users import need_tool_readable


def said(done):
    return f"status {done.returncode}; it said: {done.stderr[-800:]!r}"


def ready(*settings):
    lib.need("setpriv")
    need_tool_readable()
    return Service(*settings)


# --- run and attach ---------------------------------------------------------------------------

def test_run():
    """A member of the group has his command observed: as it is, with its status, in a file of his."""
    with ready() as service:
        home = place()
        done = service.tool("run", "-o", "r.jsonl.zst", "--", "sh", "-c", "cat /etc/hostname; exit 7",
                            prefix=MEMBER, cwd=home, SEEN_BY="me")
        equal(done.returncode, 7, said(done))
        check("nothing lost" in done.stderr, said(done))
        st = os.stat(f"{home}/r.jsonl.zst")
        equal((st.st_uid, st.st_mode & 0o777), (NOBODY.pw_uid, 0o600), "owner and mode of the record")
        record = lib.Record(f"{home}/r.jsonl.zst")
        lib.verify(record)
        equal((record.header["mode"], record.end["status"]), ("run", 7), "mode and status")
        first = record.kind("exec")[0]
        check("SEEN_BY" in first["env_names"] and not any(n.startswith("SUDO") for n in first["env_names"]),
              first["env_names"])
        check([line for line in record.kind("open") if line["path"] == "/etc/hostname"], "the file that it opened")
        equal(service.stop(), 0, "the service's status")
        equal(os.path.exists(service.socket), False, "its socket")


def test_run_root():
    """Root's run goes through it, too, with the same lines as without it; --no-service does not."""
    with ready() as service:
        for opts in ((), ("--no-service",)):
            done = service.tool("run", "-q", *opts, "-o", f"r{len(opts)}.jsonl", "--", "cat", "/etc/passwd", "/nowhere")
            equal(done.returncode, 1, said(done))
        both = [lib.Record(f"r{n}.jsonl") for n in (0, 1)]
        for record in both:
            lib.verify(record)
        lines = [[(line["k"], line.get("path"), line.get("err")) for line in record.kind("open", "access", "stat")]
                 for record in both]
        equal(lines[0], lines[1], "lines with and without the service")
        before = service.said()
        service.proc.send_signal(signal.SIGSTOP)		# nobody is asked who does not answer
        done = service.tool("run", "-q", "--no-service", "--", "true", timeout=20)
        service.proc.send_signal(signal.SIGCONT)
        equal(done.returncode, 0, said(done))
        equal(service.said(), before, "what the service had to say")


def test_stranger():
    """Who is not a member is told nothing more than that he needs sudo."""
    with ready() as service:
        home = place()
        done = service.tool("run", "-o", "r.jsonl", "--", "touch", "ran", prefix=STRANGER, cwd=home, PATH="/nowhere:/bin")
        equal(done.returncode, 125, said(done))
        equal(os.listdir(home), [], "what is in the folder")


def test_several_at_once():
    """Each client has its own record, and in it nothing of another's."""
    with ready() as service:
        homes = [place(f"p{n}", NOBODY.pw_uid - n % 2) for n in range(4)]
        clients = [service.popen("run", "-o", "r.jsonl", "--", "sh", "-c",
                                 f"for i in 1 2 3 4 5 6 7 8; do cat mark-{n}-$i; sleep 0.05; done",
                                 prefix=OTHER_MEMBER if n % 2 else MEMBER, cwd=home) for n, home in enumerate(homes)]
        for client in clients:
            client.communicate(timeout=60)
        for n, home in enumerate(homes):
            record = lib.Record(f"{home}/r.jsonl")
            lib.verify(record)
            marks = {line["as"] for line in record.kind("open") if "mark-" in line["as"]}
            equal(marks, {f"mark-{n}-{i}" for i in range(1, 9)}, "files of the client")


def held_programs(pid):
    """The ids of programs that a process has descriptors of."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        found |= {int(line.split()[1]) for line in read(f"/proc/{pid}/fdinfo/{fd}").splitlines()
                  if line.startswith("prog_id:")}
    return found


def writers_of(service, name):
    return [pid for pid in service.workers() if any(name in link for link in links_of(pid))]


def leave_one(service, number, home, prefix):
    """A session that ends while what it followed goes on, opening a file of its own; the record and who goes on."""
    mark, end = f"mark-{number}", f"{home}/pid-{number}"
    workload.write(f"{home}/{mark}", "")
    script = f"(while sleep 0.01; do : <{mark}; done) >/dev/null 2>&1 & echo $! >pid-{number}; sleep 0.2"
    done = service.tool("run", "-o", f"r{number}.jsonl", "--", "sh", "-c", script, prefix=prefix, cwd=home)
    equal(done.returncode, 0, said(done))
    return lib.Record(f"{home}/r{number}.jsonl"), int(read(end))


def test_used_anew():
    """
    Programs are loaded for two sessions and used by all that come, each of which sees its own processes alone: those
    of the sessions before are still there, and open files all the time; of one the worker was killed.
    """
    with ready() as service:
        homes = [place("first"), place("second", NOBODY.pw_uid - 1)]
        programs, left = set(), []
        try:
            for number in range(8):
                who = number % 2
                if number == 4:
                    client = service.popen("run", "-o", "killed.jsonl", "--", "sleep", "2", prefix=MEMBER, cwd=homes[0])
                    lib.wait_for(lambda: writers_of(service, "killed.jsonl"), 20, "its worker")
                    os.kill(writers_of(service, "killed.jsonl")[0], signal.SIGKILL)
                    client.communicate(timeout=20)
                record, pid = leave_one(service, number, homes[who], (MEMBER, OTHER_MEMBER)[who])
                left.append(pid)
                lib.verify(record, complete=False)
                opened = {line["path"] for line in record.lines if "mark-" in line.get("path", "")}
                equal(opened, {f"{homes[who]}/mark-{number}"}, f"what session {number} has seen")
                equal([line for line in record.kind("open") if "path" not in line], [], "paths that are missing")
                # its own end, and how many of its processes go on, as a session's own programs count them
                check(record.end["alive"], record.end)
                lib.wait_for(lambda: held_programs(service.proc.pid), 20, "what is kept")
                programs |= held_programs(service.proc.pid)
        finally:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        each = len({name for number in programs if (name := bpf_ids.name_of("program", number))})
        check(len(programs) <= 3 * each, f"{len(programs)} programs were loaded, {each} for each session")
        equal(service.stop(), 0, "the service's status")
    return f"{len(programs)} programs"


def test_attach():
    """attach follows a process of the user's until it ends, or until Ctrl-C; options and exit as ever."""
    with ready() as service:
        home = place()
        target = subprocess.Popen([*MEMBER, "sh", "-c", "read x; cat /etc/hostname; read x"], cwd=home,
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        lib.wait_for(lambda: lib.read(f"/proc/{target.pid}/comm") == "sh\n", 10, "the shell")
        client = service.popen("attach", "--pid", target.pid, "--tag", "a=b", "-o", "a.jsonl", prefix=MEMBER, cwd=home)
        lib.wait_for(lambda: os.path.exists(f"{home}/a.jsonl") and lib.head(f"{home}/a.jsonl"), 20, "the record")
        lib.wait_for(lambda: '"adopted":true' in lib.read(f"{home}/a.jsonl"), 20, "its adoption")
        target.stdin.write(b"go\n")
        target.stdin.flush()
        time.sleep(0.3)
        client.send_signal(signal.SIGINT)
        equal(client.wait(20), 0, client.stderr.read())
        record = lib.Record(f"{home}/a.jsonl")
        equal(record.header["tags"], {"a": "b"}, "tags")
        check([line for line in record.kind("open") if line["path"] == "/etc/hostname"], "what it did meanwhile")
        client = service.popen("attach", "--pid", target.pid, "-o", "b.jsonl", prefix=MEMBER, cwd=home)
        lib.wait_for(lambda: os.path.exists(f"{home}/b.jsonl") and '"adopted":true' in lib.read(f"{home}/b.jsonl"), 20,
                     "the second record")
        target.communicate(b"end\n")
        equal(client.wait(20), 0, client.stderr.read())
        equal(lib.Record(f"{home}/b.jsonl").kind("exit")[-1]["pid"], target.pid, "the end of the process")


def test_front_killed():
    """A client that is killed ends its session, and nobody else's; the record is whole lines."""
    with ready() as service:
        home = place()
        client = service.popen("run", "-o", "r.jsonl", "--", "sh", "-c", "exec sleep 30 >/dev/null 2>&1",
                               prefix=MEMBER, cwd=home)
        lib.wait_for(lambda: os.path.exists(f"{home}/r.jsonl") and b'"exec"' in lib.head(f"{home}/r.jsonl"), 20, "exec")
        before = set(service.workers())
        client.kill()
        client.communicate()
        lib.wait_for(lambda: lib.Record(f"{home}/r.jsonl").end, 20, "the end line")
        record = lib.Record(f"{home}/r.jsonl")
        equal(record.end["complete"], False, "complete, of a command that goes on")
        for line in record.kind("exec"):
            os.kill(line["pid"], signal.SIGKILL)
        check(before, "workers")
        done = service.tool("run", "-q", "--", "true", prefix=MEMBER, cwd=home)
        equal(done.returncode, 0, said(done))


SANDBOX = """
unshare -m sh -c 'mount -t tmpfs none {home}; exec {tool} service --config {top}/conf' >>{top}/log 2>&1 &
n=0
until [ -S {top}/socket ] || [ $n = 100 ]; do sleep 0.1; n=$((n + 1)); done
export GOENVBPF_SOCKET={top}/socket
{tool} run -q -o {home}/r0.jsonl -- cat {home}/go.mod
{tool} run -q --no-service -o {home}/r1.jsonl -- cat {home}/go.mod
{tool} job start one --pid $$ && {tool} job stop one -o {home}/j.jsonl.zst
kill $!
wait
"""


def test_sandbox():
    """
    A service in a mount namespace of its own, as systemd makes it, in which the client's files are hidden: the
    record is what it is without. In a PID namespace, for not everywhere may root look at the first process.
    """
    home = place()
    with open(f"{home}/go.mod", "w", encoding="ascii") as f:
        f.write("module example.org/seen\n")
    with ready() as service:
        equal(service.stop(), 0, "the service's status")
        script = SANDBOX.format(home=home, tool=lib.TOOL, top=service.top)
        done = subprocess.run(["unshare", "-p", "-f", "-m", "--mount-proc", "sh", "-c", script], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=90, env=lib.clean_env())
        equal(done.returncode, 0, f"{done.stdout[-800:]} {service.said()[-800:]}")
        for n in (0, 1):
            record = lib.Record(f"{home}/r{n}.jsonl")
            lib.verify(record)
            text = [line.get("text") for line in record.kind("file") if line["path"] == f"{home}/go.mod"]
            equal(text, ["module example.org/seen\n"], f"r{n}: what the file says: {service.said()[-800:]}")
            equal([line for line in record.lines if "mnt_ns" in line], [], "other namespaces")
            equal(record.header["hooks"]["fanotify"], "on", "programs that end at once are seen on the host's mounts")
        equal(len(service.list_records()), 1, "records in the host's folder")


def test_unit():
    """systemd finds no fault with the units, and their sandbox is as narrow as it is said to be."""
    lib.need("systemd-analyze")
    os.mkdir("units")
    for name in ("goenvbpf.service", "goenvbpf.socket"):
        text = lib.read(f"{lib.TOP}/system/{name}")
        with open(f"units/{name}", "w", encoding="utf-8") as f:
            f.write(text.replace("/usr/bin/goenvbpf", lib.TOOL))
    units = ["units/goenvbpf.service", "units/goenvbpf.socket"]
    verify = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes"]
    done = subprocess.run([*verify, *units], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal((done.returncode, done.stdout), (0, ""), "verify")
    with open("units/goenvbpf.service", "a", encoding="utf-8") as f:
        f.write("NoSuchKey=yes\n")
    done = subprocess.run([*verify, *units], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(done.stdout, "a wrong unit passes")
    security = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=30", units[0]]
    done = subprocess.run(security, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, f"exposure above 3.0: {done.stdout[-200:]}")


# --- other rights -----------------------------------------------------------------------------

SECRET = "hunter2-of-root"


def test_setid():
    """
    Of a set-user-ID program the caller learns that it ran: not with what, nor what it or its children
    open; and the record says that this is missing. Of his own program he learns all.
    """
    lib.need("cc")
    with ready() as service:
        home = place()
        with open("setid.c", "w", encoding="ascii") as f:
            f.write('#include <stdlib.h>\n#include <unistd.h>\nint main(void) { setenv("GOFLAGS", "-tags=%s", 1);\n'
                    'setuid(0); return system("cat %s/closed /etc/shadow >/dev/null"); }\n' % (SECRET, os.getcwd()))
        subprocess.run(["cc", "-o", "setid", "setid.c"], check=True)
        shutil.copy("setid", "plain")
        os.chmod("setid", 0o4755)
        with open("closed", "w", encoding="ascii") as f:
            f.write(SECRET)
        os.chmod("closed", 0o600)
        for name in ("setid", "plain"):
            done = service.tool("run", "-q", "-o", f"{name}.jsonl", "--", os.path.abspath(name), "an-argument",
                                prefix=MEMBER, cwd=home)
            text = lib.read(f"{home}/{name}.jsonl")
            record = lib.Record(f"{home}/{name}.jsonl")
            lib.validate(record)
            is_own = name == "plain"
            equal("/closed" in text, is_own, f"{name}: the file that its child opens")
            equal(SECRET in text, is_own, f"{name}: what its child was given")
            equal("an-argument" in str(record.kind("exec")), is_own, f"{name}: its arguments")
            equal(record.end["complete"], is_own, f"{name}: complete")
            equal([line["what"] for line in record.kind("blind")[:1]], [] if is_own else ["other_user"], f"{name}: blind")
            check(done.returncode == 0 or is_own, said(done))


def capability(number):
    """The attribute of a file whose program has that capability, as setcap(8) writes it: +ep."""
    return struct.pack("<IIIII", 0x02000001, 1 << number, 0, 0, 0)


def test_file_capabilities():
    """A program that brings capabilities is not the caller's either; one that it starts without them is."""
    lib.need("cc")
    with ready() as service:
        home = place()
        with open("caps.c", "w", encoding="ascii") as f:
            f.write('#include <fcntl.h>\n#include <stdlib.h>\nint main(void) { open("/etc/hostname", O_RDONLY);\n'
                    'return system("cat /etc/os-release >/dev/null"); }\n')
        subprocess.run(["cc", "-o", "caps", "caps.c"], check=True)
        shutil.copy("caps", "plain")
        try:
            os.setxattr("caps", "security.capability", capability(13))	# CAP_NET_RAW, as ping had it
        except OSError as e:
            raise lib.Skip(f"files cannot have capabilities here: {e}")
        for name in ("caps", "plain"):
            done = service.tool("run", "-q", "-o", f"{name}.jsonl", "--", os.path.abspath(name), "an-argument",
                                prefix=MEMBER, cwd=home)
            equal(done.returncode, 0, said(done))
            record = lib.Record(f"{home}/{name}.jsonl")
            lib.validate(record)
            opened = {line.get("path") for line in record.kind("open")}
            is_own = name == "plain"
            equal("/etc/hostname" in opened, is_own, f"{name}: what it opens")
            check(any(path and path.endswith("os-release") for path in opened), f"{name}: what cat opens")
            equal("an-argument" in str(record.kind("exec")), is_own, f"{name}: its arguments")
            equal(record.end["complete"], is_own, f"{name}: complete")
            equal([line["what"] for line in record.kind("blind")], [] if is_own else ["other_user"], f"{name}: blind")


# --- attempts ---------------------------------------------------------------------------------

BASE = (("protocol", 1),)


def attempts(service, home, victim, root_job):
    """What a member may try: name, message, descriptors (made in the client), what he must not get."""
    def own_pid():
        return os.pidfd_open(os.getpid())

    def null(flags=os.O_RDWR):
        return os.open("/dev/null", flags)

    def out(name="out"):
        return os.open(f"{home}/{name}", os.O_RDWR | os.O_CREAT, 0o600)

    def three(record=null, target=own_pid, talk=null):
        return lambda: [record(), target(), talk()]

    def dead():
        pid = os.fork()
        if not pid:
            os._exit(0)
        fd = os.pidfd_open(pid)
        os.waitpid(pid, 0)
        return fd

    def a_worker():
        for pid in service.workers():
            try:
                return os.pidfd_open(pid)
            except ProcessLookupError:
                pass	# it has just ended
        raise ProcessLookupError

    run = message(*BASE, ("task", "run"), ("", "true"))
    attach = message(*BASE, ("task", "attach"))
    start = message(*BASE, ("task", "job-start"), ("job", "x"))

    def of_pid(pid):
        return lambda: os.pidfd_open(pid)
    yield "attach: init", attach, three(target=of_pid(1))
    yield "attach: another user's process", attach, three(target=of_pid(victim))
    yield "attach: the service", attach, three(target=of_pid(service.proc.pid))
    yield "attach: a worker", attach, three(target=a_worker)
    yield "run: a worker", run, three(target=a_worker)
    yield "run: init", run, three(target=of_pid(1))
    yield "run: another user's process", run, three(target=of_pid(victim))
    yield "job: init", start, three(target=of_pid(1))
    yield "job: another user's process", start, three(target=of_pid(victim))
    yield "attach: a process that has ended", attach, three(target=dead)
    yield "attach: no process", attach, three(target=null)
    yield "attach: a folder", attach, three(target=lambda: os.open("/proc/1", os.O_RDONLY))
    yield "attach: a socket", attach, three(target=lambda: os.dup(socket.socketpair()[0].detach()))
    yield "job: a folder that is no control group", start, three(target=lambda: os.open("/", os.O_RDONLY))
    yield "job: another user's folder", start, three(target=lambda: os.open("/etc", os.O_PATH))
    yield "record: opened to read", attach, three(record=lambda: os.open("/etc/passwd", os.O_RDONLY))
    yield "record: a path alone", attach, three(record=lambda: os.open("/etc/passwd", os.O_PATH))
    yield "record: his memory", attach, three(record=lambda: os.open("/proc/self/mem", os.O_RDWR))
    yield "record: an order to the kernel", attach, three(record=lambda: os.open("/proc/self/oom_score_adj", os.O_RDWR))
    yield "talk: opened to read", attach, three(talk=lambda: os.open("/etc/passwd", os.O_RDONLY))
    yield "talk: an order to the kernel", attach, three(talk=lambda: os.open("/proc/self/comm", os.O_RDWR))
    yield "no descriptors", run, lambda: []
    yield "one descriptor", run, lambda: [null()]
    yield "too many descriptors", run, lambda: [null() for _ in range(40)]
    yield "another protocol", message(("protocol", 2), ("task", "attach")), three()
    yield "no protocol", message(("task", "attach")), three()
    yield "no task", message(*BASE), three()
    yield "an unknown task", message(*BASE, ("task", "exec")), three()
    yield "a path for the record", message(*BASE, ("task", "attach"), ("output", "/etc/goenvbpf-was-here")), three()
    yield "a key's file", message(*BASE, ("task", "attach"), ("redaction-key", "/etc/shadow")), three()
    yield "a control group by path", message(*BASE, ("task", "attach"), ("cgroup", "/sys/fs/cgroup")), three()
    yield "all users' texts", message(*BASE, ("task", "attach"), ("texts", "all")), three()
    yield "a huge ring", message(*BASE, ("task", "attach"), ("ring", "256M")), three()
    yield "run without a command", message(*BASE, ("task", "run")), three()
    yield "a huge message", message(*BASE, length=0xffffffff), three()
    yield "a message without its end", b"\x10\0\0\0task", three()
    yield "half a head", b"\x10\0", three()
    yield "rubbish", bytes(range(256)) * 4, three()
    yield "no text's end", b"\x04\0\0\0abcd", three()
    yield "a job's name that is a path", message(*BASE, ("task", "job-start"), ("job", "../../etc/x")), three()
    yield "a job's empty name", message(*BASE, ("task", "job-start"), ("job", "")), three()
    stop = message(*BASE, ("task", "job-stop"), ("job", root_job), ("record", ""))
    yield "another user's job", stop, three(record=out)
    yield "a job's record into a file of others", stop, three(record=lambda: os.open("/etc/passwd", os.O_RDONLY))


def test_attempts():
    """Forty attempts of a member, each by a process of his: none gets anything, the service goes on."""
    with ready() as service:
        home = place()
        os.chmod(home, 0o777)
        victim = subprocess.Popen(["sleep", "300"], env={"SECRET": SECRET})
        done = service.tool("job", "start", "plan", "--pid", victim.pid)
        equal(done.returncode, 0, said(done))
        before = [(name, lib.read(f"/etc/{name}")) for name in ("passwd", "group")]
        listed, n = service.list_records(), 0
        got = as_user(NOBODY.pw_uid, [GID], lambda: ask(service.socket, message(*BASE, ("task", "attach")), [
            os.open("/dev/null", os.O_RDWR), os.pidfd_open(os.getpid()), os.open("/dev/null", os.O_RDWR)]))
        equal(ast.literal_eval(got)[:1], b"\0", "the same of a process of his own")
        try:
            for name, data, make in attempts(service, home, victim.pid, "plan"):
                got = as_user(NOBODY.pw_uid, [GID], lambda d=data, m=make: ask(service.socket, d, m()))
                got = ast.literal_eval(got)
                if name == "another user's job":	# there is none of that name of his
                    check(got[:1] == b"\0" and b"plan" not in got, f"{name}: it got {got[:300]}")
                else:
                    check(got[:1] in (b"", b"\x01"), f"{name}: it got {got[:300]}")
                n += 1
        finally:
            victim.kill()
            victim.wait()
        check(n >= 40, f"only {n} attempts")
        equal([(name, lib.read(f"/etc/{name}")) for name, _ in before], before, "files of the system")
        check(not os.path.exists("/etc/goenvbpf-was-here"), "a file that a client has named")
        equal(service.list_records(), listed, "records")
        equal([os.path.getsize(f"{home}/{name}") for name in os.listdir(home)], [0] * len(os.listdir(home)),
              "bytes that a client's files got")
        done = service.tool("run", "-q", "--", "true", prefix=MEMBER, cwd=home)
        equal(done.returncode, 0, said(done))
        equal(service.stop(), 0, "the service's status")


def test_strangers_attempts():
    """The socket itself is closed to who is not a member, and so are records and state."""
    with ready() as service:
        home = place()
        done = service.tool("run", "-q", "--", "true", prefix=MEMBER, cwd=home)
        equal(done.returncode, 0, said(done))
        for data in (message(*BASE, ("task", "attach")), b"", b"\0\0\0\0"):
            equal(as_user(NOBODY.pw_uid, [], lambda d=data: ask(service.socket, d, [])), "None", "a stranger's request")
        for path in (service.records, f"{service.top}/jobs"):
            for uid, groups in ((NOBODY.pw_uid, []), (NOBODY.pw_uid, [GID])):
                def look(path=path):
                    try:
                        return os.listdir(path)
                    except PermissionError:
                        return "closed"
                equal(as_user(uid, groups, look), "closed", path)


@lib.alone
def test_crowd():
    """
    Who connects again and again, sends halves and stays is refused from his eighth session on, and told
    so; root and others are served meanwhile.
    """
    with ready("user-sessions = 4") as service:
        home = place()

        def stay():
            crowd = [socket.socket(socket.AF_UNIX) for _ in range(60)]
            for s in crowd:
                s.connect(service.socket)
                s.send(b"\x40\0\0")
            refused = 0
            for s in crowd:
                s.settimeout(0.5)
                try:
                    refused += s.recv(1) == b"\x01"
                except (TimeoutError, ConnectionResetError):
                    pass
            os.write(2, b"")
            done = subprocess.run(["sleep", "3"], check=False)
            return f"{refused} {done.returncode}"
        pid = os.fork()
        if not pid:
            try:
                text = as_user(NOBODY.pw_uid, [GID], stay)
                with open("crowd", "w", encoding="ascii") as f:
                    f.write(text)
            finally:
                os._exit(0)
        time.sleep(1)
        for prefix in ((), OTHER_MEMBER):
            done = service.tool("run", "--", "true", prefix=prefix, cwd="/")
            equal(done.returncode, 0, said(done))
        check(len(service.workers()) <= 10, f"{len(service.workers())} workers")
        os.waitpid(pid, 0)
        check(int(lib.read("crowd").split()[0]) >= 50, f"of 60 connections were refused: {lib.read('crowd')}")
        lib.wait_for(lambda: len(service.workers()) <= 2, 20, "the end of the crowd's sessions")
        done = service.tool("run", "-q", "--", "true", prefix=MEMBER, cwd=home)
        equal(done.returncode, 0, said(done))


# --- jobs -------------------------------------------------------------------------------------

def listed(service):
    done = service.tool("records", service.records, "--json")
    equal(done.returncode, 0, said(done))
    return json.loads(done.stdout)["records"]


def test_job():
    """A job's record has what its process and descendants did, the runner's tags, and an end; stop gives a copy."""
    with ready("tag = site=lab") as service:
        home = place()
        shell = (f"{lib.TOOL} job start nightly --pid $$ --tag a=b && {lib.TOOL} job start nightly --pid $$; echo $?;"
                 f"cat /etc/hostname; {lib.TOOL} job stop nightly -o copy.jsonl.zst; echo $?")
        done = subprocess.run([*MEMBER, "sh", "-c", shell], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60, env=service.env(GITHUB_ACTIONS="true", GITHUB_REPOSITORY="o/r",
                                                                     GITHUB_JOB="ci", GITHUB_RUN_ID="77", GITHUB_SHA="5eed",
                                                                     GITHUB_WORKFLOW="w", GITHUB_REF="r"))
        lines = done.stdout.splitlines()
        equal((lines[0], lines[-1]), ("1", "0"), f"the second start, and the stop: {done.stderr[-600:]}")
        check("there is a job of that name" in done.stderr, done.stderr)
        record = lib.Record(f"{home}/copy.jsonl.zst")
        lib.validate(record)
        equal(record.header["tags"], {"job": "nightly", "job_part": "1", "site": "lab", "ci": "github",
                                      "a": "b", "repository": "o/r", "run_id": "77", "commit": "5eed",
                                      "workflow": "w", "ref": "r"}, "tags")
        check([line for line in record.kind("open") if line["path"] == "/etc/hostname"], "what the job opened")
        equal(record.end["complete"], True, f"complete: {record.end} {record.kind('blind')}")
        of_it = [entry for entry in listed(service) if entry["job"] == "nightly"]
        equal([(entry["outcome"], entry["complete"]) for entry in of_it], [("ok", True)], "its record in the list")
        equal(os.listdir(f"{service.top}/jobs"), [], "jobs that are kept")
        again = service.tool("job", "stop", "nightly", "-o", "again.jsonl.zst", prefix=MEMBER, cwd=home)
        equal(again.returncode, 0, said(again))
        equal(lib.Record(f"{home}/again.jsonl.zst").text, record.text, "the copy of a job that had ended")
        other = service.tool("job", "stop", "nightly", prefix=OTHER_MEMBER, cwd="/")
        equal(other.returncode, 1, said(other))


def test_job_killed():
    """A job whose tree is killed ends by itself, with its record; what comes later is another job."""
    with ready() as service:
        home = place()
        tree = subprocess.Popen([*MEMBER, "sh", "-c", "sleep 100 & sleep 100"], cwd=home, start_new_session=True)
        done = service.tool("job", "start", "cancelled", "--pid", tree.pid, prefix=MEMBER, cwd=home)
        equal(done.returncode, 0, said(done))
        os.killpg(tree.pid, signal.SIGKILL)
        tree.wait()
        lib.wait_for(lambda: not os.listdir(f"{service.top}/jobs"), 20, "the end of the job")
        done = service.tool("job", "stop", "cancelled", "-o", "c.jsonl.zst", prefix=MEMBER, cwd=home)
        equal(done.returncode, 0, said(done))
        ends = {line["signal"] for line in lib.Record(f"{home}/c.jsonl.zst").kind("exit")}
        equal(ends, {9}, "how they ended")


def test_job_stops_slowly():
    """A job that takes a while to end, of a process that lives on, is not gone on with meanwhile."""
    with ready() as service:
        equal(service.tool("job", "start", "slow", "--pid", os.getpid()).returncode, 0, "start")
        worker, = [pid for pid in service.workers() if any("/slow-" in link for link in links_of(pid))]
        os.kill(worker, signal.SIGSTOP)
        client = service.popen("job", "stop", "slow")
        time.sleep(3)		# the service looks after its jobs every 2 s
        os.kill(worker, signal.SIGCONT)
        equal(client.wait(20), 0, client.stderr.read())
        equal(len(service.list_records()), 1, f"records: {service.said()[-600:]}")
        done = service.tool("job", "start", "slow", "--pid", os.getpid())
        equal(done.returncode, 0, said(done))


def test_job_cgroup():
    """A control group that configuration names is a job from when it is there until it is removed."""
    top = cgroup_top()
    name = f"{top}/goenvbpf-test-{os.getpid()}"
    with ready(f"cgroup = {top}/goenvbpf-test-{os.getpid()}*") as service:
        os.mkdir(name + "a")
        try:
            service.wait_said("is recorded in")
            subprocess.run(["sh", "-c", f"echo 0 >{name}a/cgroup.procs; cat /etc/hostname"], check=True,
                           stdout=subprocess.DEVNULL)
        finally:
            os.rmdir(name + "a")
        lib.wait_for(lambda: not os.listdir(f"{service.top}/jobs"), 20, "the end of the job")
        entry, = listed(service)
        check(entry["job"].startswith(f"goenvbpf-test-{os.getpid()}a"), entry)
        record = lib.Record(f"{service.records}/{entry['file']}")
        check([line for line in record.kind("open") if line["path"] == "/etc/hostname"], "what it opened")


def test_job_cgroup_at_once():
    """It is a job as soon as it is made: a container need not wait for the service's next look around."""
    name = f"{cgroup_top()}/goenvbpf-test-{os.getpid()}"
    waits = []
    with ready(f"cgroup = {name}-*.scope") as service:
        for n in range(6):
            for group in (f"{name}-{n}.other", f"{name}-{n}.scope"):
                os.mkdir(group)
            try:
                before, began = service.said(), time.monotonic()
                service.wait_said("is recorded in", before)
                waits.append(time.monotonic() - began)
                check(".other" not in service.said()[len(before):], service.said())
            finally:
                for group in (f"{name}-{n}.other", f"{name}-{n}.scope"):
                    os.rmdir(group)
            time.sleep(0.3)
        # groups of that name that others made before it was set
        service.configure(f"cgroup = {name}-*.scope", f"cgroup = {name}-late")
        os.mkdir(name + "-late")
        before = service.said()
        service.proc.send_signal(signal.SIGHUP)
        service.wait_said(f"goenvbpf-test-{os.getpid()}-late", before)
        os.rmdir(name + "-late")
    check(max(waits) < 1, f"seconds: {waits}")
    return f"{max(waits) * 1000:.0f} ms"


def cgroup_top():
    for top in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if os.path.exists(f"{top}/cgroup.procs"):
            return top
    raise lib.Skip("no unified control groups")


def test_restart():
    """
    What a stop, a kill -9 of the service and one of the worker leave is gone on with, in a part that names
    the one before; the end of each tells whether it was cut.
    """
    with ready() as service:
        home = place()
        tree = subprocess.Popen([*MEMBER, "sh", "-c", "while sleep 0.1; do cat /etc/hostname; done"], cwd=home,
                                stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            done = service.tool("job", "start", "long", "--pid", tree.pid, prefix=MEMBER, cwd=home)
            equal(done.returncode, 0, said(done))
            time.sleep(0.5)
            equal(service.stop(), 0, "the service's status")
            service.start()
            lib.wait_for(lambda: len(service.list_records()) == 2, 30, "the second part")
            time.sleep(0.5)
            service.proc.kill()
            service.proc.wait()
            service.start()
            lib.wait_for(lambda: len(service.list_records()) == 3, 30, "the third part")
            lib.wait_for(lambda: b'"open"' in lib.head(f"{service.records}/{third(service)}"), 30, "what it has seen")
            os.kill(writers_of(service, "long@")[0], signal.SIGKILL)
            lib.wait_for(lambda: len(service.list_records()) == 4, 30, "the fourth part")
            service.wait_said("-4.jsonl.zst'")
            time.sleep(0.3)
        finally:
            os.killpg(tree.pid, signal.SIGKILL)
            tree.wait()
        lib.wait_for(lambda: not os.listdir(f"{service.top}/jobs"), 20, "the end of the job")
        parts = sorted(listed(service), key=lambda entry: entry["start"])
        equal([part.get("continues") for part in parts], [None] + [part["file"] for part in parts[:-1]], "what they continue")
        records = [lib.Record(f"{service.records}/{part['file']}") for part in parts]
        for record in records:
            check([line for line in record.kind("open") if line["path"] == "/etc/hostname"], "each saw what went on")
        equal([bool(record.end) for record in records], [True, True, False, True], "which have an end")
        equal([record.end["complete"] for record in records if record.end], [False, False, True], "which are complete")


def third(service):
    return next(name for name in service.list_records() if name.endswith("-3.jsonl.zst"))


def links_of(pid):
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except OSError:
            pass
    return found


def test_rotation():
    """
    A record that is too large is gone on with in another part, without a gap between; what is too much
    altogether is removed, the oldest first, never what is being written.
    """
    with ready("record-size = 1M", "total-size = 3M") as service:
        tree = subprocess.Popen(["python3", "-c", "import os\nn = 0\nwhile True:\n"
                                 " n += 1\n os.access(f'/nowhere/{n}/' + os.urandom(40).hex(), 0)"])
        try:
            done = service.tool("job", "start", "big", "--pid", tree.pid)
            equal(done.returncode, 0, said(done))
            service.wait_said("-4.jsonl.zst'", seconds=90)
        finally:
            tree.kill()
            tree.wait()
        lib.wait_for(lambda: not os.listdir(f"{service.top}/jobs"), 20, "the end of the job")
        parts = sorted(listed(service), key=lambda entry: entry["start"])
        check(len(parts) >= 2, parts)
        numbers = []
        for part in parts[-2:]:
            record = lib.Record(f"{service.records}/{part['file']}")
            equal(record.end["lost"], {key: 0 for key in record.end["lost"]}, "what was lost")
            numbers.append([int(line["path"].split("/")[2]) for line in record.kind("access")
                            if line["path"].startswith("/nowhere/")])
        check(numbers[0][-1] >= numbers[1][0] - 1, f"a gap: {numbers[0][-1]} {numbers[1][0]}")
        for seen in numbers:
            equal(seen, list(range(seen[0], seen[0] + len(seen))), "a part has all between its ends")


def test_disk_full():
    """
    A record that cannot be written any more is cut, which is said, and its job is given up; the service goes on,
    and so does the next job when there is room again.
    """
    lib.need("mount")
    os.makedirs("svc/records")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=0700", "none", "svc/records"], check=True)
    try:
        with ready() as service:
            noise = "import os\nwhile True: os.access('/nowhere/' + os.urandom(60).hex(), 0)"
            tree = subprocess.Popen(["python3", "-c", noise])
            try:
                equal(service.tool("job", "start", "big", "--pid", tree.pid).returncode, 0, "start")
                service.wait_said("is cut short", seconds=60)
                lib.wait_for(lambda: not os.listdir(f"{service.top}/jobs"), 20, "the end of the job")
            finally:
                tree.kill()
                tree.wait()
            name, = service.list_records()
            record = lib.Record(f"{service.records}/{name}")
            equal((bool(record.header), record.end), (True, None), "a record that was cut")
            check(len(record.lines) > 100, "what was written before is there")
            os.unlink(record.path)
            equal(service.tool("job", "start", "small", "--pid", os.getpid()).returncode, 0, "start")
            equal(service.tool("job", "stop", "small").returncode, 0, "stop")
            equal(len(service.list_records()), 1, "records")
            equal(service.stop(), 0, "the service's status")
    finally:
        subprocess.run(["umount", "svc/records"], check=True)


# --- settings ---------------------------------------------------------------------------------

def test_settings():
    """What is wrong in the file is said with its line; a wrong reload changes nothing."""
    cases = (
        ("recrods = /x", "conf:6: there is no setting 'recrods': 'records' may be meant"),
        ("watch", "conf:6: 'watch' is no setting: it has to be KEY = VALUE"),
        ("watch = maybe", "conf:6: watch 'maybe' is not"),
        ("sessions = 0", "conf:6: sessions '0' is not"),
        ("record-size = 12", "conf:6: record-size '12' is not"),
        ("metrics = /x/y", "its name has to end in .prom"),
        ("cgroup = relative", "is no absolute path"),
        ("tag = novalue", "conf:6: tag 'novalue' is not"),
        ("records = ", "conf:6: 'records' has no value"),
    )
    with ready("user-sessions = 4") as service:
        for line, want in cases:
            service.configure(line)
            done = service.tool("service", "--check", "--config", f"{service.top}/conf")
            check(done.returncode == 2 and want in done.stderr, f"{line}: {said(done)}")
            before = service.said()
            service.proc.send_signal(signal.SIGHUP)
            service.wait_said("the configuration stays as it is", before)
        service.configure("require-tag = team")
        done = service.tool("service", "--check", "--config", f"{service.top}/conf")
        equal(done.returncode, 0, said(done))
        before = service.said()
        service.proc.send_signal(signal.SIGHUP)
        service.wait_said("was read anew", before)
        # A worker that was there before has the settings of then; the next one does not.
        service.tool("run", "-q", "--", "true")
        lib.wait_for(lambda: service.workers(), 10, "a worker")
        done = service.tool("job", "start", "untagged")
        check(done.returncode == 1 and "require-tag" in done.stderr, said(done))
        done = service.tool("job", "start", "tagged", "--tag", "team=a")
        equal(done.returncode, 0, said(done))


def test_example():
    """The example of the settings names each, and is right as it is and without its comment signs."""
    text = lib.read(f"{lib.TOP}/system/goenvbpf.conf")
    known = json.loads(subprocess.run([lib.TOOL, "help", "--json"], stdout=subprocess.PIPE, check=True).stdout)["verbs"]
    names = [s["name"] for verb in known if verb["name"] == "service" for s in verb["settings"]]
    keys = [line[1:].split(" = ")[0] for line in text.splitlines() if line.startswith("#") and " = " in line]
    equal(keys, names, "settings")
    for n, content in enumerate((text, "".join(line[1:] + "\n" for line in text.splitlines() if " = " in line))):
        with open(f"conf{n}", "w", encoding="ascii") as f:
            f.write(content)
        done = subprocess.run([lib.TOOL, "service", "--check", "--config", f"conf{n}"], stderr=subprocess.PIPE, text=True)
        equal(done.returncode, 0, done.stderr)


def test_second_service():
    """A second one does not take the first one's socket; one that was killed is no obstacle."""
    with ready() as service:
        done = service.tool("service", "--config", f"{service.top}/conf")
        check(done.returncode == 1 and "answers at" in done.stderr, said(done))
        service.proc.kill()
        service.proc.wait()
        service.start()
        done = service.tool("run", "-q", "--", "true")
        equal(done.returncode, 0, said(done))


def promtool(*args, text=None):
    """It finds no fault. Installed, its package would start a server: where it is not, it is unpacked beside the system."""
    tool = shutil.which("promtool")
    if not tool:
        fetched = subprocess.run([f"{lib.TOP}/scripts/debian-pkg.sh", "bookworm", "amd64", "promtool", "prometheus"], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(fetched.returncode, 0, f"fetching promtool: {fetched.stderr[-300:]}")
        tool = fetched.stdout.strip() + "/usr/bin/promtool"
    done = subprocess.run([tool, *args], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, f"promtool {args}: {done.stdout}")
    return done.stdout


def test_metrics():
    """Figures for node_exporter, whole at any time, that count what was."""
    os.umask(0o077)		# as in its unit; the collector is another user
    with ready(f"metrics = {os.getcwd()}/figures.prom") as service:
        for _ in range(2):
            equal(service.tool("run", "-q", "--", "true").returncode, 0, "run")
        path = f"{os.getcwd()}/figures.prom"
        lib.wait_for(lambda: os.path.exists(path) and 'sessions_total{of="client"} 2' in lib.read(path), 30, "figures")
        text = lib.read(path)
        equal(os.stat(path).st_mode & 0o777, 0o644, "its mode")
        check("goenvbpf_service_lost_events_total 0\n" in text, text)
        equal(promtool("check", "metrics", text=text), "", "what promtool says")


def samples(text):
    """Value by name and labels."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


def test_metrics_of_builds():
    """
    What jobs built is added up: a job that builds and finds all there, and one whose build fails. Each figure is the
    sum of those that export has of the two records.
    """
    lib.need("go")
    path = f"{os.getcwd()}/figures.prom"
    with ready(f"metrics = {path}") as service:
        test_cache_uses.library()
        workload.write("bad/go.mod", "module example.org/bad\n\ngo 1.15\n")
        workload.write("bad/b.go", "package bad\n\nvar X int = \"no number\"\n")
        env = service.env(PATH=os.environ["PATH"], HOME=os.path.abspath("home"), GOCACHE=os.path.abspath("cache"),
                          GOTOOLCHAIN="local", GODEBUG="gctrace=1")
        for name, cwd, build in (("good", "m", "go build ./... && go build ./..."), ("bad", "bad", "go build")):
            script = f"{lib.TOOL} job start {name} --pid $$ && {{ {build}; }}; s=$?; {lib.TOOL} job stop {name}; exit $s"
            done = subprocess.run(["sh", "-c", script], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=200)
            equal(done.returncode != 0, name == "bad", done.stdout[-600:])
        lib.wait_for(lambda: os.path.exists(path) and 'records_total{outcome="failed"} 1' in lib.read(path), 60, "figures")
        text = lib.read(path)
        got = samples(text)
        want = {'records_total{outcome="ok"}': 1, "go_commands_total": 3, "go_commands_failed_total": 1,
                'packages_total{outcome="hit"}': 3, 'service_sessions_total{of="job"}': 2, "service_lost_events_total": 0,
                "service_unread_records_total": 0, "service_failed_workers_total": 0, "service_incomplete_sessions_total": 0}
        equal({key: got.get(f"goenvbpf_{key}") for key in want}, want, f"figures; the service: {service.said()[-800:]}")
        check(got['goenvbpf_packages_total{outcome="made"}'] >= 3, text)
        equal(got['goenvbpf_findings_total{rule="godebug-costly",severity="warning"}'], 2, "findings")
        check(got["goenvbpf_compile_seconds_total"] >= got["goenvbpf_compile_saved_seconds_total"] > 0, text)
        sums = {}
        for name in service.list_records():
            done = service.tool("export", f"{service.records}/{name}", "--format", "prometheus")
            for key, value in samples(done.stdout).items():
                key = re.sub(r"^[a-z_]+", r"\g<0>_total", key)
                sums[key] = sums.get(key, 0) + value
        shared = {key: value for key, value in got.items() if "_service_" not in key}
        check(len(shared) > 70, shared)
        equal({key: round(value, 6) for key, value in shared.items()},
              {key: round(sums.get(key, 0), 6) for key in shared}, "sums of the records")
        equal(promtool("check", "metrics", text=text), "", "what promtool says")


def test_metrics_readers():
    """
    Who reads the record of a job that is over has no rights, is in nobody's way and goes with the service; one that
    is killed is counted.
    """
    path = f"{os.getcwd()}/figures.prom"
    with ready(f"metrics = {path}") as service:
        turn = os.open(f"{service.top}/jobs", os.O_RDONLY)

        def run_job():
            for args in (("start", "x", "--pid", os.getpid()), ("stop", "x")):
                done = service.tool("job", *args)
                equal(done.returncode, 0, f"{args}: {said(done)}")

        def readers():
            return {pid for pid in service.workers() if f"\nUid:\t{NOBODY.pw_uid}\t" in lib.read(f"/proc/{pid}/status")}

        fcntl.flock(turn, fcntl.LOCK_EX)
        run_job()
        lib.wait_for(readers, 20, "a reader")
        first, = readers()
        status = dict(line.split(":\t", 1) for line in lib.read(f"/proc/{first}/status").splitlines())
        equal([status[key] for key in ("Uid", "Gid", "Groups", "CapPrm", "CapEff", "NoNewPrivs")],
              ["\t".join([str(NOBODY.pw_uid)] * 4), "\t".join([str(NOBODY.pw_gid)] * 4), " ", "0" * 16, "0" * 16, "1"], "its rights")
        check(not [link for link in links_of(first) if link.startswith("anon_inode:bpf")], links_of(first))
        run_job()		# of the same name
        lib.wait_for(lambda: len(readers()) == 2, 20, "the second reader")
        os.kill(first, signal.SIGKILL)
        fcntl.flock(turn, fcntl.LOCK_UN)
        lib.wait_for(lambda: os.path.exists(path) and 'records_total{outcome="ok"} 1' in lib.read(path), 40, "the second one")
        check("goenvbpf_service_unread_records_total 1\n" in lib.read(path), lib.read(path))
        fcntl.flock(turn, fcntl.LOCK_EX)
        run_job()
        lib.wait_for(readers, 20, "a reader")
        begun = time.monotonic()
        equal(service.stop(), 0, "the service's status")
        check(time.monotonic() - begun < 15, "the stop waits for a reader")


PROMETHEUS = os.path.join(lib.TOP, "integrations", "prometheus")
OF_NODE_EXPORTER = {"node_textfile_mtime_seconds"}


def check_names(expression, series):
    """Each metric of an expression is one that the service writes, with the values of labels that it is asked for."""
    found = re.findall(r"\b((?:goenvbpf|node)_[a-z_]+)(?:\{([^}]*)\})?", expression)
    check(found, f"no metric in {expression}")
    for name, labels in found:
        wanted = set(re.findall(r'\w+="[^"]*"', labels))
        check(name in OF_NODE_EXPORTER or any(key.split("{")[0] == name and wanted <= set(re.findall(r'\w+="[^"]*"', key))
                                              for key in series), f"the service writes no {name} {wanted}: {expression}")


def test_metrics_examples():
    """Alerts and the dashboard ask for what the service writes from its start; promtool tests the alerts."""
    path = f"{os.getcwd()}/figures.prom"
    with ready(f"metrics = {path}"):
        lib.wait_for(lambda: os.path.exists(path), 30, "figures")
    series = samples(lib.read(path))
    with open(f"{PROMETHEUS}/alerts.yml", encoding="utf-8") as f:
        rules = [rule for group in yaml.safe_load(f)["groups"] for rule in group["rules"]]
    with open(f"{PROMETHEUS}/alerts-test.yml", encoding="utf-8") as f:
        tested = [t for test in yaml.safe_load(f)["tests"] for t in test["alert_rule_test"]]
    for rule in rules:
        check_names(rule["expr"], series)
        fires = {bool(t.get("exp_alerts")) for t in tested if t["alertname"] == rule["alert"]}
        equal(fires, {True, False}, f"{rule['alert']}: tested to fire, and to be silent")
    promtool("check", "rules", f"{PROMETHEUS}/alerts.yml")
    promtool("test", "rules", f"{PROMETHEUS}/alerts-test.yml")
    with open(f"{PROMETHEUS}/dashboard.json", encoding="utf-8") as f:
        dashboard = json.load(f)
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    for expression in asked + [v["query"] for v in dashboard["templating"]["list"] if v["type"] == "query"]:
        check_names(expression, series)
    cells = [(x, y) for p in (panel["gridPos"] for panel in dashboard["panels"])
             for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    equal(len(cells), len(set(cells)), "cells: panels lie over each other")
    check(max(x for x, _ in cells) < 24 and len({p["id"] for p in dashboard["panels"]}) == len(dashboard["panels"]), "places, ids")
    with open("dashboard.yml", "w", encoding="utf-8") as f:
        # promtool knows expressions in rules alone
        json.dump({"groups": [{"name": "dashboard", "rules": [
            {"record": f"x:{n}", "expr": re.sub(r"\$__\w+", "5m", expression).replace("$instance", ".*")}
            for n, expression in enumerate(asked)]}]}, f)
    promtool("check", "rules", "dashboard.yml")
