#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Runs every command of README.md and docs/*.md, in their order, and compares what it says with what the page says it
says. Times, sizes, hashes, dates, process ids and patch versions may be others; "[…]" stands for what the page leaves
out. The module that the pages are about and the records that they read are made first, see story() and RECORDS.

  tests/docs.py             prints TAP; needs root, Go 1.26 of scripts/toolchains.sh, unshare; 77 without
  tests/docs.py --update    writes what commands say now into the pages, where it is not the same: read the diff

What a block of a page is, is its language: "console" has commands behind "$ " and what each says; of "sh" each line is
run and has to succeed; "sql" and "duckdb" are asked by tests/fleet; any other one must be listed in NOT_RUN. In the
text, too, a `goenvbpf VERB --option` must exist.
"""
import contextlib
import difflib
import fcntl
import glob
import http.server
import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
PAGES = ["README.md"] + sorted(os.path.relpath(p, TOP) for p in glob.glob(TOP + "/docs/*.md"))
HOME = "/home/dev"
GO = "1.26"
GAP = "[…]"

# Commands, and first lines of blocks of another language, that are not run here, and why. One that no page has fails.
NOT_RUN = {
    "./scripts/demo.sh": "installs packages: tests/roots.sh runs it in a minimal root",
    "./scripts/test.sh": "this is part of it; tests/roots.sh runs it in a minimal root",
    "sudo goenvbpf service": "it stays: tests/live/test_service.py",
    "goenvbpf job start nightly --pid $PPID": "a service: tests/live/test_service.py",
    "goenvbpf job stop nightly -o job.jsonl.zst": "a service: tests/live/test_service.py",
    "ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/goenvbpf/integrations/github/hooks/job-started.sh": "settings of a runner: tests/live/test_github.py",
    "goenvbpf: job 'build-2a7b0c1f9e33' is recorded from now on": "a runner's log: tests/live/test_github.py",
    "include:": "a GitLab pipeline: tests/live/test_gitlab.py",
    "from goenvbpf_steps import observed": "a build master's settings: tests/live/test_buildbot.py",
    "ln -s /opt/goenvbpf/integrations/buildkite/hooks/pre-command /opt/goenvbpf/integrations/buildkite/hooks/pre-exit /etc/buildkite-agent/hooks/":
        "an agent's settings: tests/live/test_buildkite.py",
    "sh '''": "a part of a Jenkinsfile: tests/live/test_pipelines.py",
    "environment (likely): 62 packages, 40.19 s": "a part of a page, of the standard library: tests/live/test_diff.py",
    "environment (proven): 62 packages, 40.19 s": "a part of a page, of the standard library: tests/live/test_diff.py",
    "goenvbpf push build.jsonl.gz --otlp https://otlp.corp.example": "there is no such host; docs/exports.md has one here",
    "goenvbpf export --format clickhouse --schema | clickhouse-client --multiquery": "a server: tests/fleet does it in its engine",
    "goenvbpf export build.jsonl.zst --format clickhouse | clickhouse-client --query 'INSERT INTO goenvbpf FORMAT JSONEachRow'":
        "a server: tests/fleet does it in its engine",
    "format      decode+encode, ns  compress+write, ns  bytes per event  events/s per core": "figures of tests/bench/throughput.py",
    "goenvbpf  0:39  43 go commands, 3 running, 1 failed  nothing lost": "a terminal's screen: tests/live/test_status.py reads it",
    "0:08 | 1 go command, 1 running | 0 hits, 214 misses | nothing lost | compiling internal/runtime/maps, internal/trace/tracev2":
        "while it runs: tests/live/test_status.py reads it",
}

# What "sh" commands end with, other than 0.
STATUS = {"goenvbpf check build.jsonl.gz": 1}

MASKS = [
    (r"\b\d{4}-\d\d-\d\d(T[\d:.]+Z?)?", "DATE"),
    (r"^ *\d+\.\d{6} +\d+ ", "TIME PID "),	# the timeline's columns
    (r"^ *\d+\.\d{6} ", "TIME "),
    (r"\b\d+ min \d+ s\b", "TIME"),
    (r"\b[\d,]+(\.\d+)? (ns|µs|ms|s)\b", "TIME"),
    (r"\b[\d,]+(\.\d+)? (B|[KMGT]iB)(?!\w)", "SIZE"),
    (r"\bbuild ID \S+", "build ID ID"),
    (r"/go-build\d+", "/go-buildN"),
    (r"\b[0-9a-f]{2}/[0-9a-f]{8,}", "HASH"),
    (r"\b[0-9a-f]{12,}\b", "HASH"),
    (r"\bpid \d+", "pid PID"),
    (r"\bgo(1\.\d+)\.\d+", r"go\1.PATCH"),
    (r"\bLinux [^ ,]+", "Linux VERSION"),
    (r"\b[\d,]+ lines\b", "LINES lines"),
    (r" +", " "),		# columns are as wide as what is masked
    (r" $", ""),
]


def mask(text):
    def one(line):
        for pattern, by in MASKS:
            line = re.sub(pattern, by, line)
        return line
    return [one(line) for line in text.split("\n")]


# --- the pages -------------------------------------------------------------------------------

class Command:
    """One of a page: what is run, and of a console the lines that it says there."""

    def __init__(self, page, number, text, said):
        self.page, self.number, self.text, self.said = page, number, text, said

    def key(self):
        return re.sub(r"\s+# .*$", "", self.text)


def blocks_of(lines):
    """(language, number of the first line inside, lines inside) of each fenced block."""
    inside, start, language = False, 0, ""
    for number, line in enumerate(lines):
        if line.startswith("```"):
            if inside:
                yield language, start, lines[start:number]
            inside, start, language = not inside, number + 1, line[3:]


def commands_of(page, lines):
    """Commands of a page, and blocks that are none: (Command list, first lines of other blocks, problems)."""
    commands, others, problems = [], [], []
    for language, start, inside in blocks_of(lines):
        if language == "sh":
            commands += [Command(page, start + i, line, None) for i, line in enumerate(inside)
                         if line.strip() and not line.startswith("#")]
        elif language == "console":
            if not inside[0].startswith("$ "):
                problems.append(f"{page}:{start + 1}: a console begins with a command")
            for i, line in enumerate(inside):
                if line.startswith("$ "):
                    rest = inside[i + 1:]
                    end = next((n for n, x in enumerate(rest) if x.startswith("$ ")), len(rest))
                    commands.append(Command(page, start + i, line[2:], rest[:end]))
        elif language in ("sql", "duckdb") and page == "docs/fleet.md":
            pass		# tests/fleet asks them and compares the answers
        else:
            others.append(inside[0].strip())
            if inside[0].strip() not in NOT_RUN:
                problems.append(f"{page}:{start}: a block of '{language}' that nobody runs: {inside[0]}")
    return commands, others, problems


def inline_problems(page, text, verbs):
    """What is wrong with `goenvbpf …` in the text between the blocks."""
    everywhere = {o["name"] for v in verbs.values() for o in v["options"]} | {"help", "version"}
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for span in re.findall(r"`([^`]+)`", prose):
        words = span.split()
        while words and words[0] in ("sudo", "man"):
            words.pop(0)
        if len(words) < 2 or words[0] != "goenvbpf":
            continue
        verb, options = words[1], {w[2:].split("=")[0] for w in words[1:words.index("--") if "--" in words else None] if w.startswith("--")}
        if re.match(r"[a-z]+$", verb) and verb not in verbs:
            yield f"{page}: `{span}`: no verb {verb}"
        known = {o["name"] for o in verbs[verb]["options"]} | {"help"} if verb in verbs else everywhere
        for option in options - known:
            yield f"{page}: `{span}`: no option --{option}"


# --- what the pages are about ---------------------------------------------------------------

def enter(work, goroot):
    """This process and all that it starts see a machine of one user, with goenvbpf installed; others see nothing of it."""
    os.chdir(TOP)		# which stays reachable from here when /home is another
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for name in ("local/bin", "local/libexec", "local/go", "dev"):
        os.makedirs(os.path.join(work, name))
    shutil.copy("build/goenvbpf", work + "/local/bin")
    if os.path.exists("build/goenvbpf-push"):
        shutil.copy("build/goenvbpf-push", work + "/local/libexec")
    subprocess.run(["mount", "--bind", goroot, work + "/local/go"], check=True)
    subprocess.run(["mount", "--rbind", work + "/local", "/usr/local"], check=True)
    dev = os.open(work + "/dev", os.O_PATH)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/home"], check=True)
    os.mkdir(HOME)
    subprocess.run(["mount", "--bind", f"/proc/self/fd/{dev}", HOME], check=True, pass_fds=[dev])
    os.close(dev)
    socket.sethostname("vm")
    with socket.socket() as s:		# its loopback
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))


def environment():
    path = f"{HOME}/bin:{HOME}/go/bin:/usr/local/go/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "HOME": HOME, "USER": "dev", "TERM": "xterm", "LANG": "C.UTF-8",
            "GITHUB_STEP_SUMMARY": HOME + "/summary.md"}


def sh(text, **more):
    """(status, what it said), as a terminal has it."""
    done = subprocess.run(["bash", "-c", text], cwd=HOME + "/shop", env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=400, check=False, **more)
    return done.returncode, done.stdout.decode(errors="replace")


FILES = {
    "go.mod": "module example.org/shop\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\n\t"example.org/shop/api"\n\t"example.org/shop/tax"\n)\n\n'
               "func main() { fmt.Println(api.Price(21) + tax.Of(21)) }\n",
    "api/api.go": 'package api\n\nimport "example.org/shop/money"\n\nfunc Price(n int) int { return money.Double(n) }\n',
    "money/money.go": 'package money\n\nimport "example.org/shop/leaf"\n\nfunc Double(n int) int { return 2 * leaf.Same(n) }\n',
    "money/money_test.go": 'package money\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestDouble(t *testing.T) {\n'
                           '\tos.WriteFile("testdata/rates.json", []byte("{}\\n"), 0o644)\n'
                           '\tif _, err := os.ReadFile("testdata/rates.json"); err != nil || Double(2) != 4 {\n\t\tt.Fatal(err)\n\t}\n}\n',
    "money/testdata/rates.json": "{}\n",
    "leaf/leaf.go": "package leaf\n\nfunc Same(n int) int { return n }\n",
    "tax/tax.go": "package tax\n\nfunc Of(n int) int { return n / 5 }\n",
    "policy.json": '{\n\t"settings": {\n\t\t"GOPROXY": {"origins": ["go.env"]}\n\t}\n}\n',
}

# The records that pages read, in the order in which they are made: name, what is done before, what is recorded.
RECORDS = [
    ("first.jsonl.gz", "", "go build -o shop ."),
    ("yesterday.jsonl", "", "go build -o shop ."),
    ("old.jsonl.gz", "cp shop ~/bin", "go build -o shop ."),
    ("old.jsonl.zst", "", "go build -o shop ."),
    ("today.jsonl", "export GOFLAGS=-trimpath", "go build -o shop ."),
    ("test.jsonl", "export GOFLAGS=-trimpath", "go test ./money"),
    ("before.jsonl.gz", "", "go build ./api ./tax"),
    ("after.jsonl.gz", "sed -i 's/return n/return +n/' leaf/leaf.go", "go build -gcflags=example.org/shop/tax=-N ./api ./tax"),
    ("build.jsonl.gz", "sed -i 's/+n/n/' leaf/leaf.go; sed -i 's/return 2/return +2/' money/money.go; "
     "go env -w GOFLAGS=-trimpath GOPROXY=https://proxy.corp.example,direct; export GOPROXY=off", "go build -o shop ."),
    ("server.jsonl.gz", "", "go build -o server ."),
]


def story():
    """Makes the module and the records; what is wrong with that is said by an exception."""
    for name, text in FILES.items():
        path = os.path.join(HOME, "shop", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    os.mkdir(HOME + "/bin")
    for name, before, command in RECORDS:
        status, said = sh(f"{before}\ngoenvbpf run -q -o {name} -- {command}")
        assert status == 0, f"{name}: status {status}: {said}"


# --- running --------------------------------------------------------------------------------

def in_terminal(text):
    """
    A program that draws: it is left with q when it has drawn something. Without sudo, which at times outlives what it
    ran in a terminal.
    """
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(HOME + "/shop")
        os.execve("/bin/bash", ["bash", "-c", text.removeprefix("sudo ")], environment())
    fcntl.ioctl(fd, 0x5414, struct.pack("4H", 24, 80, 0, 0))
    said = b""
    with contextlib.suppress(OSError):
        while more := os.read(fd, 65536):
            said += more
            if b"q quit" in said:
                os.write(fd, b"q")
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode(errors="replace")


def interrupted(text):
    """One that observes until Ctrl-C, which it gets when it says that it observes."""
    with subprocess.Popen(["bash", "-c", text], cwd=HOME + "/shop", env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as p:
        said = b""
        while line := p.stdout.readline():
            said += line
            if b"Ctrl-C" in line:
                subprocess.run([HOME + "/shop/shop"], stdout=subprocess.DEVNULL, check=True)
                os.killpg(p.pid, signal.SIGINT)
        return p.wait(), said.decode(errors="replace")


def of_a_process(text):
    """attach --pid: 4711 is one of ours, which ends soon."""
    with subprocess.Popen(["sh", "-c", "sleep 2; exit 0"]) as p:
        return sh(text.replace("4711", str(p.pid)))


def of_a_group(text):
    """attach --cgroup, of a group of ours where this host has its groups."""
    with open("/proc/mounts", encoding="utf-8") as f:
        top = next(line.split()[1] for line in f if line.split()[2] == "cgroup2")
    group = f"{top}/goenvbpf-docs-{os.getpid()}"
    os.mkdir(group)
    try:
        return interrupted(text.replace("/sys/fs/cgroup/ci", group))
    finally:
        os.rmdir(group)


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


def with_receiver(text):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 4318), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        return sh(text)
    finally:
        server.shutdown()
        server.server_close()


# Commands that need more than a shell.
HOW = {
    "sudo goenvbpf -o host.jsonl.gz": interrupted,
    "sudo goenvbpf --top": in_terminal,
    "sudo goenvbpf attach --pid 4711": of_a_process,
    "sudo goenvbpf attach --cgroup /sys/fs/cgroup/ci": of_a_group,
    "goenvbpf push --spooled --otlp http://127.0.0.1:4318": with_receiver,
}


def pattern_of(said):
    """What output has to match: a gap is any lines, or within a line anything."""
    parts = []
    for line in said:
        if line == GAP:
            parts.append("(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(part) for part in mask(line)[0].split(GAP)) + "\n")
    return re.compile("".join(parts))


def is_same(said, got):
    return bool(pattern_of(said).fullmatch("\n".join(mask(got))))


def renewed(said, got):
    """
    The output for the page, with the gaps that it has: what stands between two of them begins and ends where a line
    is most alike.
    """
    lines = got.rstrip("\n").split("\n")
    shapes, result, at = mask(got), [], 0
    segments = [list(s) for s in split(said)]
    for i, segment in enumerate(segments):
        if i:
            result.append(GAP)
        if not segment:
            continue
        start = at if i == 0 else nearest(shapes, mask(segment[0])[0], at)
        end = len(lines) if i == len(segments) - 1 else nearest(shapes, mask(segment[-1])[0], start) + 1
        result += lines[start:end]
        at = end
    # a gap within a line stays, too
    kept = [line for line in said if GAP in line and line != GAP]
    return [next((k for k in kept if is_same([k], line)), line) for line in result]


def split(said):
    """The lines between gaps."""
    part = []
    for line in said:
        if line == GAP:
            yield part
            part = []
        else:
            part.append(line)
    yield part


def nearest(shapes, wanted, start):
    ratios = [difflib.SequenceMatcher(None, wanted, shape).ratio() for shape in shapes[start:]]
    return start + ratios.index(max(ratios))


def run(command):
    """(same, what it said, problem)."""
    status, got = HOW.get(command.key(), sh)(command.text)
    if command.said is None:
        wanted = STATUS.get(command.key(), 0)
        return status == wanted, got, f"status {status}, expected {wanted}: {got[-1500:]}"
    if is_same(command.said, got):
        # and what is not the same is found
        spoilt = next(([*command.said[:i], line + "x", *command.said[i + 1:]] for i, line in enumerate(command.said) if line != GAP), None)
        return not is_same(spoilt or ["x"], got), got, "anything is taken for the same"
    now = renewed(command.said, got)
    diff = difflib.unified_diff(mask("\n".join(command.said)), mask("\n".join(now)), "page", "said", lineterm="", n=2)
    return False, got, "\n".join(diff)


results = []


def tell(name, problem):
    results.append(not problem)
    print(f"{'not ok' if problem else 'ok'} {len(results)} - {name}")
    if problem:
        print("# " + problem.rstrip("\n").replace("\n", "\n# "))
    sys.stdout.flush()


def test_page(page, lines, update):
    """Runs a page's commands; returns its lines, renewed with update, and all that the page has."""
    commands, others, problems = commands_of(page, lines)
    tell(f"{page}: all blocks are run", "\n".join(problems))
    with open(page, encoding="utf-8") as f:
        verbs = {v["name"]: v for v in json.loads(sh("goenvbpf help --json")[1])["verbs"]}
        tell(f"{page}: verbs and options exist", "\n".join(inline_problems(page, f.read(), verbs)))
    moved = 0
    for command in commands:
        if command.key() in NOT_RUN:
            continue
        started = time.monotonic()
        same, got, problem = run(command)
        if not same and update and command.said is not None:
            first = command.number + moved + 1
            new = renewed(command.said, got)
            lines[first:first + len(command.said)] = new
            moved += len(new) - len(command.said)
            same = is_same(new, got)
            print(f"# {page}: {command.text}: written")
        tell(f"{page}: {command.text} ({time.monotonic() - started:.1f} s)", "" if same else problem)
    return lines, {command.key() for command in commands} | set(others)


def write(page, lines):
    with open(page, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(77)


def inside(work, goroot, update):
    """In namespaces of its own. Nothing of it takes long; what hangs ends by this signal."""
    signal.alarm(1200)
    enter(work, goroot)
    started = time.monotonic()
    story()
    tell(f"the records are made ({time.monotonic() - started:.1f} s)", "")
    seen = set()
    for page in PAGES:
        with open(page, encoding="utf-8") as f:
            text = f.read()
        lines, found = test_page(page, text.split("\n"), update)
        seen |= found
        if update and "\n".join(lines) != text:
            write(page, lines)
    # what is listed is on a page, or the list is old
    for name, table in (("not run", NOT_RUN), ("another status", STATUS), ("more than a shell", HOW)):
        gone = [key for key in table if key not in seen]
        tell(f"exceptions are still on a page: {name}", "\n".join(gone))
    print(f"1..{len(results)}")
    return not all(results)


def main():
    if sys.argv[1:2] == ["--inside"]:
        return inside(sys.argv[2], sys.argv[3], sys.argv[4:] == ["--update"])
    if os.geteuid() != 0:
        skip("needs root")
    got = subprocess.run([TOP + "/scripts/toolchains.sh", GO], stdout=subprocess.PIPE, check=False)
    if got.returncode:
        skip(f"no Go {GO}")
    work = os.path.realpath(tempfile.mkdtemp(prefix="goenvbpf-docs."))
    os.chmod(work, 0o755)
    try:
        return subprocess.run(["unshare", "-mnu", sys.executable, __file__, "--inside", work, got.stdout.decode().strip(), *sys.argv[1:]],
                              check=False).returncode
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
