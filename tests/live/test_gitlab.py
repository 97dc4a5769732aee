# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The component for GitLab, by gitlab-ci-local: a real .gitlab-ci.yml with its stages, variables and artifacts."""
import contextlib
import json
import os
import shutil
import signal
import subprocess

import ci
import lib
from lib import check, equal

PIPELINE = """
stages: [build, test, verdict]

include:
  - local: goenvbpf.yml
    inputs:
      fail-on: {fail_on}

build:
  extends: .goenvbpf
  stage: build
  script:
    - cd sub
    - go build ./...

test:
  extends: .goenvbpf
  stage: {test_stage}
  script:
    - cd sub
    - {test}

verdict:
  extends: .goenvbpf-check
  stage: verdict
  needs: [build]
"""


def modules():
    """gitlab-ci-local. What it matches refs with is compiled from C++ for minutes: the language's own does here."""
    found = ci.packages()
    engine = os.path.join(found, "re2", "re2.js")
    if lib.read(engine) != "module.exports = RegExp;\n":
        with open(f"{engine}.{os.getpid()}", "w") as f:
            f.write("module.exports = RegExp;\n")
        os.rename(f.name, engine)
    return found


class Pipeline:
    """A repository of its own, and one run of some jobs of its pipeline."""

    def __init__(self, name, *jobs, test="go test ./...", good=ci.GOOD, fail_on="error", test_stage="test", env=None):
        ci.need_node()
        lib.need("rsync", "git")
        program = os.path.join(modules(), "gitlab-ci-local", "src", "index.js")
        ci.module(os.path.join(name, "sub"), good)
        self.top = os.path.abspath(name)
        shutil.copy(os.path.join(lib.TOP, "integrations", "gitlab", "template.yml"), os.path.join(name, "goenvbpf.yml"))
        with open(os.path.join(name, ".gitlab-ci.yml"), "w") as f:
            f.write(PIPELINE.format(test=test, fail_on=fail_on, test_stage=test_stage))
        home = os.path.abspath(f"{name}.home")
        os.mkdir(home)
        self.env = ci.env(HOME=home, NO_COLOR="1", **(env or {}))
        for args in (["init", "-q", "-b", "main"], ["add", "."], ["-c", "user.name=u", "-c", "user.email=u@example.org", "commit", "-qm", "one"],
                     ["remote", "add", "origin", "git@gitlab.example:me/shop.git"]):
            subprocess.run(["git", *args], cwd=self.top, check=True, env=self.env)
        self.proc = subprocess.Popen(["node", program, "--force-shell-executor", "--no-color", *jobs], env=self.env, cwd=self.top,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                     start_new_session=True)

    def wait(self):
        self.out, _ = self.proc.communicate(timeout=120)
        ci.nothing_is_left(self.top)
        return self.proc.returncode

    def path(self, name):
        return os.path.join(self.top, "goenvbpf", name)


def commands(path):
    return [c["args"][1] for c in ci.go_commands(path)]


def test_pipeline():
    """Build and verdict: record, reports for merge requests, page, summary; tags of the job."""
    with ci.service() as service:
        p = Pipeline("one", "build", "verdict", env={"GOENVBPF_SOCKET": service.path("socket")})
        status = p.wait()
        service.has_no_job()
        equal(len(service.records("gitlab-")), 1, "records of the service")
    record = lib.Record(p.path("record.jsonl.zst"))
    lib.verify(record)
    equal(status, int(bool(ci.findings(record.path, "--fail-on", "error")[0])), f"the verdict; {p.out}")
    tags = record.header["tags"]
    equal((tags.get("ci"), tags.get("repository"), tags.get("ref")), ("gitlab", "me/shop", "main"), "tags")
    equal(commands(record.path), ["build"], "go commands")
    issues = json.loads(lib.read(p.path("codequality.json")))
    equal(sorted(i["check_name"] for i in issues), sorted(f["rule"] for f in ci.findings(record.path)[1]), "issues")
    check(all(i["location"]["path"].startswith("sub/") for i in issues), f"not named from the repository: {issues}")
    check("<testsuites" in lib.read(p.path("junit.xml")) and "<html" in lib.read(p.path("html.html"))[:500], "reports")


def test_failing():
    """A job that fails has its end all the same; the verdict of another one is its own."""
    with ci.service() as service:
        p = Pipeline("bad", "test", good=ci.BAD, env={"GOENVBPF_SOCKET": service.path("socket")})
        check(p.wait() != 0, p.out)
        service.has_no_job()
    equal(commands(p.path("record.jsonl.zst")), ["test"], "go commands")
    check("What failed" in lib.read(p.path("summary.md")), "no failure in the summary")
    p = Pipeline("alone", "build", env={"GOENVBPF_SOCKET": os.path.abspath("none")})
    equal(p.wait(), 0, p.out)
    check("this job is not recorded" in p.out, p.out)


def test_cancelled():
    """kill -9 of all that the runner has started: the job is over in the service, and its record whole."""
    with ci.service() as service:
        p = Pipeline("killed", "test", test="GOCACHE=$PWD/own go build -a std", env={"GOENVBPF_SOCKET": service.path("socket")})
        lib.wait_for(lambda: any("own" in names for _, names, _ in os.walk(p.top)), 60, "the build")
        os.killpg(p.proc.pid, signal.SIGKILL)
        for pid in [int(n) for n in os.listdir("/proc") if n.isdigit() and works_in(n, p.top)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        p.wait()
        service.has_no_job()
        path, = service.records("gitlab-")
    lib.verify(lib.Record(path))
    equal(commands(path), ["build"], "go commands")


def works_in(pid, folder):
    try:
        return (os.readlink(f"/proc/{pid}/cwd") + "/").startswith(folder + "/")
    except OSError:
        return False
