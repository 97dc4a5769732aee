# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The hooks for Buildkite's agent. runners/buildkite-agent stands for it; builds, service and records are the real ones."""
import json
import os
import shutil
import subprocess

import ci
import lib
from lib import check, equal
from test_pipelines import INTEGRATIONS, LONG, env_of, hold, kill_when_it_builds, prepare

HOOKS = os.path.join(INTEGRATIONS, "buildkite", "hooks")
BUILDKITE = {"BUILDKITE": "true", "BUILDKITE_PIPELINE_SLUG": "shop", "BUILDKITE_BRANCH": "main", "BUILDKITE_COMMIT": "5eed",
             "BUILDKITE_BUILD_NUMBER": "12", "BUILDKITE_LABEL": ":go: build", "BUILDKITE_STEP_KEY": "build", "BUILDKITE_RETRY_COUNT": "1",
             "BUILDKITE_AGENT_NAME": "agent-1"}

# Of its record, by what these variables say.
TAGS = {"repository": "shop", "ref": "main", "commit": "5eed", "run_id": "12", "job_id": "id-of-it", "attempt": "1", "runner": "agent-1"}


class Agent:
    """One job of Buildkite's agent, in a control group and a folder of its own."""

    def __init__(self, name, group, service, command, kind="good", **more):
        self.top, self.group = prepare(name, kind), group
        self.own = os.path.abspath(f"{name}.agent")
        os.mkdir(self.own)
        hooks = os.path.join(self.own, "hooks")		# as the administrator of an agent has them
        os.mkdir(hooks)
        for hook in os.listdir(HOOKS):
            os.symlink(os.path.join(HOOKS, hook), os.path.join(hooks, hook))
        program = shutil.copy(os.path.join(lib.TOP, "tests", "live", "runners", "buildkite-agent"), self.own)
        env = env_of(name, service, {**BUILDKITE, "BUILDKITE_JOB_ID": "id-of-it", **more})
        env["PATH"] = f"{self.own}:{env['PATH']}"
        self.proc = subprocess.Popen([*ci.into(group), program, "bootstrap"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, cwd=self.top, env=env, text=True)
        self.proc.stdin.write(json.dumps({"hooks": hooks, "command": command}))
        self.proc.stdin.close()

    def wait(self):
        self.out = self.proc.stdout.read()
        equal(self.proc.wait(120), 0, f"status of the agent, which said {self.out[-2000:]!r}")
        ci.nothing_is_left(self.top)
        return json.loads(self.out.splitlines()[-1])

    def annotation(self):
        one, = lib.read(os.path.join(self.own, "annotations")).splitlines()
        return json.loads(one)


def test_jobs():
    """A job that is fine, one that fails, one that is judged: record, tags, log, annotation, verdict."""
    lib.need("go")
    os.mkdir("kept")
    both = "go build ./... && go test ./..."
    with ci.service() as service, ci.group("buildkite") as group:
        for kind, level, command, verbs, failed in (("good", "error", both, ["build", "test"], 0), ("bad", "", both, ["build"], 1),
                                                    ("judged", "warning", "go vet .", ["vet"], 0)):
            job = Agent(kind, group, service, command, kind, GOENVBPF_FAIL_ON=level, GOENVBPF_RECORDS=os.path.abspath("kept"))
            statuses = job.wait()
            path = os.path.join("kept", f"{kind}.jsonl.zst")
            os.rename("kept/buildkite-id-of-it.jsonl.zst", path)
            hold(path, "buildkite", TAGS, verbs, group)
            judged = ci.findings(path, "--fail-on", level)[0] if level else 0
            equal(judged, int(kind == "judged"), f"status of check; {job.out}")
            equal({phase: min(code, 1) for phase, code in statuses.items()},
                  {"pre-command": 0, "command": failed, "pre-exit": judged}, job.out)
            check("is recorded from now on" in job.out, job.out)
            equal(job.annotation()["args"][:2], ["--style", "info"], "the annotation")
            equal("What failed" in job.annotation()["text"], kind == "bad", job.annotation()["text"])
        service.has_no_job()
        job = Agent("alone", group, None, "go vet .")
        equal(job.wait(), {"pre-command": 0, "command": 0, "pre-exit": 0}, job.out)
        check("this job is not recorded" in job.out and "there is no record of this job" in job.out, job.out)
        job = Agent("verdict", group, None, "go vet .", GOENVBPF="/no/goenvbpf", GOENVBPF_FAIL_ON="error")
        equal(job.wait(), {"pre-command": 0, "command": 0, "pre-exit": 1}, job.out)


def test_killed():
    """All of the job is killed with its agent: it ends in the service, and its record is whole."""
    lib.need("go")
    with ci.service() as service, ci.group("buildkite") as group:
        cache = os.path.abspath("own")
        job = Agent("killed", group, service, LONG, GOCACHE=cache)
        kill_when_it_builds(job.proc, group, cache)
        ci.nothing_is_left(job.top)
        service.has_no_job()
        path, = service.records("build-")
    hold(path, "buildkite", TAGS, ["build"], group)
