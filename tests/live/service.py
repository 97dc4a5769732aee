# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A service for a test: its process, and clients of it, honest and other ones."""
import array
import ctypes
import grp
import os
import signal
import socket
import subprocess

import lib
from lib import check, read
from test_users import NOBODY

PR_SET_DUMPABLE = 4
GROUP = "games"			# of every Debian; nobody is in it
GID = grp.getgrnam(GROUP).gr_gid


def user(uid, *groups):
    more = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
    return ["setpriv", "--reuid", str(uid), "--regid", str(NOBODY.pw_gid), *more]


MEMBER = user(NOBODY.pw_uid, GID)
OTHER_MEMBER = user(NOBODY.pw_uid - 1, GID)
STRANGER = user(NOBODY.pw_uid)


class Service:
    """One that runs until stop(); its folder is ./svc."""

    def __init__(self, *settings):
        self.top = os.path.abspath("svc")
        self.socket = f"{self.top}/socket"
        self.log = f"{self.top}/log"
        self.records = f"{self.top}/records"
        os.makedirs(self.top, exist_ok=True)
        os.chmod(self.top, 0o755)
        os.chmod(".", 0o755)
        self.configure(*settings)
        self.proc = None
        self.start()

    def configure(self, *settings):
        with open(f"{self.top}/conf", "w", encoding="ascii") as f:
            f.write("".join(line + "\n" for line in (
                "# of a test", f"records = {self.records}", f"state = {self.top}/jobs",
                f"socket = {self.socket}", f"group = {GROUP}", *settings)))

    def start(self):
        before = self.said()
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([lib.TOOL, "service", "--config", f"{self.top}/conf"],
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=lib.clean_env())
        self.wait_said("observing for clients", before)

    def said(self):
        return read(self.log) if os.path.exists(self.log) else ""

    def wait_said(self, what, before="", seconds=30):
        def is_there():
            check(self.proc.poll() is None, f"the service ended: {self.said()[-800:]}")
            return what in self.said()[len(before):]
        lib.wait_for(is_there, seconds, f"'{what}' from the service")

    def stop(self, sig=signal.SIGTERM):
        """Its exit status; nothing of it is left."""
        workers = self.workers()
        self.proc.send_signal(sig)
        status = self.proc.wait(40)
        lib.wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers), 20, "the end of all workers")
        return status

    def workers(self):
        try:
            return [int(pid) for pid in read(f"/proc/{self.proc.pid}/task/{self.proc.pid}/children").split()]
        except FileNotFoundError:
            return []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()

    # --- clients

    def env(self, **more):
        return lib.clean_env(GOENVBPF_SOCKET=self.socket, **more)

    def tool(self, *args, prefix=(), cwd=None, timeout=60, **env):
        """goenvbpf ARGS to its end, as that user; without sudo, whoever it is."""
        return subprocess.run([*prefix, lib.TOOL, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, cwd=cwd, timeout=timeout,
                              env=self.env(**{"PATH": os.environ["PATH"], **env}))

    def popen(self, *args, prefix=(), cwd=None, **env):
        return subprocess.Popen([*prefix, lib.TOOL, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, cwd=cwd,
                                env=self.env(**{"PATH": os.environ["PATH"], **env}))

    def list_records(self):
        return sorted(name for name in os.listdir(self.records) if not name.startswith("."))


def place(name="place", uid=NOBODY.pw_uid):
    """A folder of the user's."""
    os.mkdir(name)
    os.chown(name, uid, NOBODY.pw_gid)
    return os.path.abspath(name)


# --- clients that are written for the purpose ---

def message(*pairs, length=None):
    """A request, as user/util/request.h has it."""
    text = b"".join(str(part).encode() + b"\0" for pair in pairs for part in pair)
    return (len(text) if length is None else length).to_bytes(4, "little") + text


def ask(path, data, fds, seconds=20):
    """
    Sends it and reads what comes until the other end closes: b"" when nothing came, None when nobody
    listens to this user. What a client may not have is not in it.
    """
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(seconds)
        try:
            s.connect(path)
        except PermissionError:
            return None
        try:
            s.sendmsg([data[:4]], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
            s.sendall(data[4:])
            s.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass		# it has refused before it read all
        got = b""
        try:
            while piece := s.recv(65536):
                got += piece
        except ConnectionResetError:
            pass
        return got


def as_user(uid, groups, function):
    """What function() gives in a process of that user, as text."""
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.close(out)
            os.setgroups(groups)
            os.setresgid(NOBODY.pw_gid, NOBODY.pw_gid, NOBODY.pw_gid)
            os.setresuid(uid, uid, uid)
            # A process that has given up root is root's in /proc, unless it says otherwise.
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
            os.write(into, str(function()).encode(errors="replace")[:60000])
            status = 0
        except BaseException as error:
            os.write(into, repr(error).encode())
        finally:
            os._exit(status)
    os.close(into)
    with os.fdopen(out, encoding="utf-8", errors="replace") as f:
        text = f.read()
    status = os.waitpid(pid, 0)[1]
    check(status == 0, f"the client failed: {text}")
    return text
