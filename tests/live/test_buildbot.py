# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The steps for Buildbot, by a real master and real workers on loopback, without a network beyond it."""
import os
import signal
import socket
import sqlite3
import subprocess

import ci
import lib
from lib import check, equal

SUCCESS, FAILURE, RETRY, CANCELLED = 0, 2, 5, 6		# of a build, as Buildbot has them

MASTER = """
import os
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {steps!r})
from buildbot.plugins import schedulers, steps, util, worker
from buildbot.process.buildstep import BuildStep
from buildbot.process.results import CANCELLED, SUCCESS
from goenvbpf_steps import observed
from twisted.internet import task


class Cancel(BuildStep):
    # Stops the build, as who clicks on "stop", when what comes after this step has made a cache.
    def run(self):
        def look():
            if os.path.exists("{top}/own-cancelled/00"):
                loop.stop()
                self.build.stopBuild("by the test", CANCELLED)
        loop = task.LoopingCall(look)
        loop.start(0.2)
        return SUCCESS


def builder(name, on, *inner, **how):
    inner = [steps.ShellCommand(command=one, haltOnFailure=True) if isinstance(one, list) else one for one in inner]
    factory = util.BuildFactory(observed(inner, upload=util.Interpolate({top!r} + "/up-%(prop:buildername)s.jsonl.zst"), **how))
    return util.BuilderConfig(name=name, workernames=[on], factory=factory)


def shell(text):
    return ["sh", "-c", "cd {top}/" + text]


LONG = "GOCACHE={top}/own-%s exec go build -a std"
c = BuildmasterConfig = {{
    "workers": [worker.Worker(name, "pass", max_builds=1) for name in {workers!r}],
    "protocols": {{"pb": {{"port": "tcp:{port}:interface=127.0.0.1"}}}},
    "builders": [
        builder("good", "one", shell("sub-good && go build ./... && go test ./..."), fail_on="error"),
        builder("bad", "two", shell("sub-bad && go build ./..."), ["touch", "{top}/not-reached"]),
        builder("killed", "one", ["setsid", "-w", "sh", "-c", "cd {top}/sub-good; (" + LONG % "killed" + ") & "
                "while ! [ -e {top}/own-killed/00 ]; do sleep 0.1; done; kill -9 0"]),
        builder("cancelled", "two", Cancel(), shell("sub-good && " + LONG % "cancelled")),
        builder("judged", "one", shell("sub-good && GOFLAGS= GOENV={top}/env go vet ."), fail_on="warning"),
        builder("gone", "three", shell("sub-good && " + LONG % "gone")),
    ],
    "schedulers": [schedulers.Periodic(name="at-start", builderNames={builders!r}, periodicBuildTimer=86400,
                                       codebases={{"": {{"repository": "", "branch": "main"}}}},
                                       properties={{"got_revision": "5eed"}})],
    "title": "t", "titleURL": "http://127.0.0.1/", "buildbotURL": "http://127.0.0.1/", "buildbotNetUsageData": None,
    "db": {{"db_url": "sqlite:///state.sqlite"}},
}}
"""

# What each build is: its worker, its result, what go did in it.
BUILDS = {
    "good": ("one", SUCCESS, ["build", "test"]),
    "bad": ("two", FAILURE, ["build"]),
    "killed": ("one", FAILURE, ["build"]),
    "cancelled": ("two", CANCELLED, ["build"]),
    "judged": ("one", FAILURE, ["vet"]),
    "gone": ("three", RETRY, ["build"]),
}
WORKERS = ("one", "two", "three")


class Buildbot:
    """Master and workers in the test's folder, all in one control group."""

    def __init__(self, env, prefix):
        self.top, self.env, self.prefix, self.procs = os.getcwd(), env, prefix, {}
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        self.call("buildbot", "create-master", "-r", "master")
        with open("master/master.cfg", "w") as f:
            f.write(MASTER.format(steps=os.path.join(lib.TOP, "integrations", "buildbot"), top=self.top, port=port,
                                  workers=WORKERS, builders=list(BUILDS)))
        self.start("master", "buildbot", "start", "--nodaemon", "master")
        for name in WORKERS:
            self.call("buildbot-worker", "create-worker", name, f"127.0.0.1:{port}", name, "pass")
            self.start(name, "buildbot-worker", "start", "--nodaemon", name)

    def call(self, *args):
        done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.env)
        equal(done.returncode, 0, f"{args}: {done.stdout}")

    def start(self, name, *args):
        with open(f"{name}.out", "wb") as out:
            self.procs[name] = subprocess.Popen([*self.prefix, *args], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env)

    def ask(self, question):
        try:
            with sqlite3.connect("file:master/state.sqlite?mode=ro", uri=True) as db:
                return db.execute(question).fetchall()
        except sqlite3.OperationalError:		# it is not there yet, or being written
            return []

    def results(self):
        """{builder: result} of builds that are over."""
        return dict(self.ask("select builders.name, builds.results from builds join builders on builders.id = builds.builderid "
                             "where builds.complete_at is not null order by builds.id desc"))

    def steps(self, builder):
        """{step: result} of a builder's first build."""
        return dict(self.ask("select steps.name, steps.results from steps join builds on builds.id = steps.buildid join builders "
                             f"on builders.id = builds.builderid where builders.name = '{builder}' and builds.number = 1"))

    def wait(self):
        def are_over():
            for name, proc in self.procs.items():
                check(proc.poll() is None, f"{name} ended:", lib.read(f"{name}.out")[-1500:])
            return set(self.results()) == set(BUILDS)
        lib.wait_for(are_over, 240, "all builds", pause=0.3)

    def kill(self, name):
        """A worker with all that it has started."""
        ci.kill_tree(self.procs[name].pid)
        equal(self.procs.pop(name).wait(20), -signal.SIGKILL, f"how {name} ended")

    def stop(self):
        """Workers first. A master waits for what it believes to be running."""
        for name, proc in reversed(self.procs.items()):
            proc.send_signal(signal.SIGTERM)
            try:
                proc.wait(90)
            except subprocess.TimeoutExpired:
                check(False, f"{name} does not end: {lib.read(f'{name}.out')[-1500:]}")


def test_builds():
    """Builds that are fine, fail, are killed, cancelled and judged, and one whose worker is killed: a record for each."""
    lib.need("go", "setsid", "buildbot", "buildbot-worker")
    for name in ("good", "bad"):
        ci.module(f"sub-{name}")
    with open("sub-bad/bad.go", "w") as f:
        f.write("package m\n\nfunc f() { missing() }\n")
    with open("env", "w") as f:
        f.write("GOFLAGS=-mod=mod\nNOTHING\n")
    with ci.service() as service, ci.group("buildbot") as group:
        env = ci.env(GOENVBPF_SOCKET=service.path("socket"))
        # in a cache that it had to make, there would be something to find in the good one
        subprocess.run(["go", "test", "./..."], cwd="sub-good", env=env, check=True, stdout=subprocess.DEVNULL)
        bot = Buildbot(env, ci.into(group))
        lib.wait_for(lambda: os.path.exists("own-gone/00"), 120, f"the build of worker three: {bot.results()}", pause=0.3)
        bot.kill("three")
        bot.wait()
        results, steps = bot.results(), {name: bot.steps(name) for name in BUILDS}
        bot.stop()
        service.has_no_job()
        equal(len(service.records("buildbot-")), len(BUILDS), "records in the service's folder")
        gone, = service.records("buildbot-gone-")
    ci.nothing_is_left(*(os.path.abspath(name) for name in ("master", *WORKERS, "sub-good", "sub-bad")))
    check(not os.path.exists("not-reached"), "a step after the one that failed")
    equal(results, {name: result for name, (_, result, _) in BUILDS.items()}, f"results; {steps}")
    for name, (worker, _, verbs) in BUILDS.items():
        path = f"up-{name}.jsonl.zst" if name != "gone" else gone
        record = lib.Record(path)
        lib.verify(record)
        equal([c["args"][1] for c in ci.go_commands(path)], verbs, f"go commands of {name}")
        equal({key: record.header["tags"].get(key) for key in ("ci", "pipeline", "run_id", "runner", "ref", "commit")},
              {"ci": "buildbot", "pipeline": name, "run_id": "1", "runner": worker, "ref": "main", "commit": "5eed"}, f"tags of {name}")
    verdicts(steps)


def verdicts(steps):
    """What the step with the findings is: as check is where that was asked for, else nothing that fails."""
    equal({name: found.get("findings") for name, found in steps.items()},
          {"good": SUCCESS, "bad": SUCCESS, "killed": SUCCESS, "cancelled": SUCCESS, "judged": FAILURE, "gone": None}, "findings")
    for name, level in (("good", "error"), ("judged", "warning")):
        equal(ci.findings(f"up-{name}.jsonl.zst", "--fail-on", level)[0], int(steps[name]["findings"] == FAILURE), f"check of {name}")
    failed = [c["args"][1] for c in ci.go_commands("up-bad.jsonl.zst") if c.get("code")]
    equal(failed, ["build"], "what failed in the bad build")
    for name in ("killed", "cancelled"):
        ends = {line.get("signal") for line in lib.Record(f"up-{name}.jsonl.zst").kind("exit")}
        check(ends & {9, "SIGKILL"}, f"how what was {name} ended: {ends}")


def test_unobserved():
    """The steps' commands without a service: nothing fails, unless a verdict is asked for."""
    lib.need("buildbot")
    script = ("import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); import goenvbpf_steps as g\n"
              "import subprocess\n"
              "print(subprocess.run(['sh', '-c', g.START, *sys.argv[2:4]]).returncode,"
              " *[subprocess.run(['sh', '-c', g.END, *sys.argv[2:4], level], stdout=2).returncode for level in ('', 'error')])")
    for program in (lib.TOOL, "/no/goenvbpf"):
        done = subprocess.run(["/usr/bin/python3", "-c", script, os.path.join(lib.TOP, "integrations", "buildbot"), program, "j"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=ci.env(GOENVBPF_SOCKET=os.path.abspath("none")))
        begin, *ends = done.stdout.split()
        check(begin != "0", f"start without a service: {done.stderr}")
        equal(ends, ["0", "1"], f"the end, without and with a verdict: {done.stderr}")
        check("there is no record of this build" in done.stderr, done.stderr)
