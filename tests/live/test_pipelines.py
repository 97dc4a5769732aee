# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The scripts that pipelines of Jenkins and Woodpecker call. What these do with the commands of a pipeline is done here,
with the commands of the examples. Their variables are the real ones, and so are builds, service and records.
"""
import glob
import os
import re
import subprocess
import xml.etree.ElementTree

import ci
import lib
from lib import check, equal

INTEGRATIONS = os.path.join(lib.TOP, "integrations")
LONG = "go build -a std"

JENKINS = {"JENKINS_URL": "https://jenkins.example/", "BUILD_TAG": "jenkins-shop-7", "BUILD_NUMBER": "7", "JOB_NAME": "team/shop",
           "JOB_BASE_NAME": "shop", "NODE_NAME": "node-1", "GIT_BRANCH": "origin/main", "GIT_COMMIT": "5eed", "STAGE_NAME": "build",
           "EXECUTOR_NUMBER": "0"}
WOODPECKER = {"CI": "woodpecker", "CI_REPO": "me/shop", "CI_COMMIT_REF": "refs/heads/main", "CI_COMMIT_SHA": "5eed",
              "CI_WORKFLOW_NAME": "goenvbpf", "CI_WORKFLOW_NUMBER": "1", "CI_PIPELINE_NUMBER": "33", "CI_MACHINE": "machine-1"}

# Of the record of each, by what the runner's variables say.
TAGS = {
    "jenkins": {"ref": "origin/main", "commit": "5eed", "pipeline": "team/shop", "run_id": "7", "stage": "build", "runner": "node-1"},
    "woodpecker": {"repository": "me/shop", "ref": "refs/heads/main", "commit": "5eed", "workflow": "goenvbpf", "run_id": "33",
                   "runner": "machine-1"},
}


def prepare(name, kind="good"):
    """The folder of a job: a module; one that cannot be built; one whose settings have a line without effect."""
    top = ci.module(os.path.join(name, "w"))
    if kind == "bad":
        with open(os.path.join(top, "bad.go"), "w") as f:
            f.write("package m\n\nfunc f() { missing() }\n")
    with open(os.path.join(name, "goenv"), "w") as f:
        f.write("NOTHING\n" if kind == "judged" else "")
    return top


def env_of(name, service, more):
    """GOCACHE is there: in one that it has to make, check would find something."""
    env = ci.env(GOENVBPF_SOCKET=service.path("socket") if service else os.path.abspath("none"), GOENV=os.path.abspath(f"{name}/goenv"), **more)
    if "GOCACHE" not in more:
        ci.module(f"{name}.warm")
        subprocess.run(["go", "test", "./..."], cwd=f"{name}.warm", env=env, check=True, stdout=subprocess.DEVNULL)
    return env


def hold(path, runner, want, verbs, group):
    """What a record has to be: these tags, of that runner, and what go did."""
    record = lib.Record(path)
    lib.verify(record)
    equal([c["args"][1] for c in ci.go_commands(path)], verbs, "go commands")
    tags = record.header["tags"]
    equal({key: tags.get(key) for key in ("ci", *want)}, {"ci": runner, **want}, "tags")
    equal({os.path.basename(e.get("cgroup", "")) for e in record.kind("exec") if not e.get("adopted")}, {os.path.basename(group)},
          "control groups")


def kill_when_it_builds(proc, group, cache):
    """kill -9 of all that the runner has started, and of it."""
    lib.wait_for(lambda: os.path.isdir(os.path.join(cache, "00")), 60, "the build")
    ci.kill_group(group)
    proc.wait(20)


def here(text):
    check("/opt/goenvbpf/" in text, text)
    return text.replace("/opt/goenvbpf/", lib.TOP + "/")


def of_jenkins():
    """[(name, shell text, whether it is run in any case)] of the pipeline."""
    text = lib.read(os.path.join(INTEGRATIONS, "jenkins", "Jenkinsfile"))
    stages, post = text.split("post {")
    return [("build", here(re.search(r"sh '''(.*?)'''", stages, re.S)[1]), False), ("post", here(re.search(r"always \{\s*sh '(.*?)'", post)[1]), True)]


def of_woodpecker():
    try:
        import yaml		# not of every Python
    except ImportError as e:
        raise lib.Skip(str(e)) from e
    with open(os.path.join(INTEGRATIONS, "woodpecker", "goenvbpf.yml"), encoding="utf-8") as f:
        steps = yaml.safe_load(f)["steps"]
    check(all(step["image"] == "sh" for step in steps), steps)
    return [(step["name"], here("\n".join(f"echo '+ {c}'\n{c}" for c in step["commands"])),
             step.get("when") == [{"status": ["success", "failure"]}]) for step in steps]


def start_jenkins(text, group, cwd, env):
    """An agent leaves the shell of a step behind, and asks for its result later."""
    for name, content in (("script.sh", text), ("log", "")):
        with open(os.path.join(cwd, "..", name), "w") as f:
            f.write(content)
    return subprocess.Popen([*ci.into(group), "sh", "-c", "(sh -xe ../script.sh >../log 2>&1; echo $? >../result) & exec sleep 1000"],
                            cwd=cwd, env=env, stdin=subprocess.DEVNULL)


def end_jenkins(proc, cwd):
    path = os.path.join(cwd, "..", "result")
    lib.wait_for(lambda: os.path.exists(path) and lib.read(path), 120, f"the end of a step: {lib.read(os.path.join(cwd, '..', 'log'))}")
    proc.kill()
    proc.wait(20)
    status = int(lib.read(path))
    os.unlink(path)
    return status


def start_woodpecker(text, group, cwd, env):
    with open(os.path.join(cwd, "..", "log"), "w") as log:
        return subprocess.Popen([*ci.into(group), "sh", "-e", "-c", text], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def end_woodpecker(proc, _cwd):
    return proc.wait(120)


RUNNERS = {"jenkins": (JENKINS, of_jenkins, start_jenkins, end_jenkins),
           "woodpecker": (WOODPECKER, of_woodpecker, start_woodpecker, end_woodpecker)}


class Pipeline:
    """One run of an example's steps by what stands for the runner; is_killed: while it builds."""

    def __init__(self, runner, name, group, service, kind="good", is_killed=False, **more):
        variables, steps_of, start, end = RUNNERS[runner]
        self.top, self.statuses, self.logs = prepare(name, kind), {}, {}
        env = env_of(name, service, {**variables, **({"GOCACHE": os.path.abspath(f"{name}/own")} if is_killed else {}), **more})
        for step, text, is_always in steps_of():
            if any(self.statuses.values()) and not is_always:
                continue
            if is_killed:
                text = text.replace("go build ./...", LONG)
            proc = start(text, group, self.top, {**env, "CI_STEP_NAME": step})
            if is_killed and not is_always:
                kill_when_it_builds(proc, group, env["GOCACHE"])
                self.statuses[step] = -9
            else:
                self.statuses[step] = end(proc, self.top)
            self.logs[step] = lib.read(os.path.join(self.top, "..", "log"))
        ci.nothing_is_left(self.top)

    def codes(self):
        return list(self.statuses.values())

    def path(self, name):
        return os.path.join(self.top, "goenvbpf", "build", name)


def pipelines(runner):
    lib.need("go")
    with ci.service() as service, ci.group(runner) as group:
        for kind, level, verbs, failed in (("good", "error", ["build", "test"], 0), ("bad", "", ["build"], 1),
                                           ("judged", "warning", ["build", "test"], 0)):
            run = Pipeline(runner, kind, group, service, kind, GOENVBPF_FAIL_ON=level)
            path = run.path("record.jsonl.zst")
            hold(path, runner, TAGS[runner], verbs, group)
            judged = ci.findings(path, "--fail-on", level)[0] if level else 0
            equal(judged, int(kind == "judged"), f"status of check; {run.logs}")
            equal([min(code, 1) for code in run.codes()], [failed, judged], str(run.logs))
            check("is recorded from now on" in run.logs["build"], run.logs)
            equal("What failed" in lib.read(run.path("summary.md")), kind == "bad", "the summary")
            check(xml.etree.ElementTree.parse(run.path("junit.xml")).getroot().tag == "testsuites", "JUnit")
            check("<html" in lib.read(run.path("html.html"))[:500], "the page")
        service.has_no_job()
        run = Pipeline(runner, "killed", group, service, is_killed=True)
        equal(run.codes(), [-9, 0], str(run.logs))
        hold(run.path("record.jsonl.zst"), runner, TAGS[runner], ["build"], group)
        service.has_no_job()
        run = Pipeline(runner, "alone", group, None)
        equal(run.codes(), [0, 0], str(run.logs))
        check("this job is not recorded" in run.logs["build"], run.logs)
        run = Pipeline(runner, "verdict", group, None, GOENVBPF="/no/goenvbpf", GOENVBPF_FAIL_ON="error")
        equal(run.codes(), [0, 1], str(run.logs))


def test_jenkins():
    """The example's pipeline: fine, failing, judged, killed, without a service."""
    pipelines("jenkins")


def test_woodpecker():
    """The same of Woodpecker's, with the local backend."""
    pipelines("woodpecker")


def test_shellcheck():
    """No script that a runner starts has anything that shellcheck minds; the judge finds what is wrong."""
    lib.need("shellcheck")
    scripts = [path for path in glob.glob(os.path.join(INTEGRATIONS, "*", "**"), recursive=True)
               if os.path.isfile(path) and (path.endswith(".sh") or "/hooks/" in path)]
    check(len(scripts) >= 8, scripts)
    done = subprocess.run(["shellcheck", "-x", *scripts], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, done.stdout)
    with open("wrong.sh", "w") as f:
        f.write("#!/bin/sh\nrm -rf $1\n")
    equal(subprocess.run(["shellcheck", "wrong.sh"], stdout=subprocess.DEVNULL).returncode, 1, "status of what is wrong")


SIDE = """
"$BEGIN" build
: > "../../$NAME.here"
until [ -e ../../a.here ] && [ -e ../../b.here ]; do sleep 0.1; done
go vet .
"$END" build
"""


def test_side_by_side():
    """Steps of one name in two runs at once, as executors of one host have them: each has its own record."""
    lib.need("go")
    tops, envs, runs = {name: prepare(name) for name in "ab"}, {}, {}
    with ci.service() as service:
        for number, name in enumerate(tops, 1):
            envs[name] = env_of(name, service, {**WOODPECKER, "CI_PIPELINE_NUMBER": str(number), "NAME": name,
                                                "BEGIN": f"{INTEGRATIONS}/shell/begin.sh", "END": f"{INTEGRATIONS}/shell/end.sh"})
        for name, top in tops.items():
            runs[name] = subprocess.Popen(["sh", "-e", "-c", SIDE], cwd=top, env=envs[name])
        for number, name in enumerate(tops, 1):
            equal(runs[name].wait(120), 0, f"status of {name}")
            record = lib.Record(os.path.join(tops[name], "goenvbpf", "build", "record.jsonl.zst"))
            lib.verify(record)
            equal(record.header["tags"]["run_id"], str(number), "the run")
            equal({e["cwd"] for e in record.kind("exec") if e["args"][:2] == ["go", "vet"]}, {tops[name]}, "where go ran")
        service.has_no_job()
