#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Writes a long record to standard output, always the same one for the same numbers: a day of a build
host in little, go command after go command over one module, each with hits, a miss that is compiled,
version probes, cgo's compiler and, every tenth, a test binary.

  tests/bench/long_record.py [LINES [COMMANDS]]     1,000,000 lines of 2,500 go commands
"""
import hashlib
import itertools
import json
import sys

GOROOT = "/usr/lib/go-1.24"
TOOLS = GOROOT + "/pkg/tool/linux_amd64"
CACHE = "/home/u/.cache/go-build"
MODULE = "/src/app"
START = 1790769600 * 10**9
MS = 1000000

ENV = {"HOME": "/home/u", "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm", "PWD": MODULE,
       "GOFLAGS": "-trimpath", "GOPROXY": "https://proxy.example.org", "CI": "true"}
TOOL_ENV = {**ENV, "GOROOT": GOROOT, "GOOS": "linux", "GOARCH": "amd64", "GOCACHE": CACHE, "GOMODCACHE": "/home/u/go/pkg/mod",
            "GOTOOLDIR": TOOLS, "CGO_ENABLED": "1", "CC": "gcc", "GOAMD64": "v1", "GOENV": "/home/u/.config/go/env"}


def digest(*words):
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()


class Writer:
    """Lines in the order of time; proc and pid numbers are never used twice."""

    def __init__(self, out, room):
        self.out, self.room = out, room
        self.lines, self.ts, self.procs = 0, 0, 0
        self.kinds = {}
        self.encode = json.JSONEncoder(separators=(",", ":")).encode

    def line(self, kind, **keys):
        self.out.write(self.encode({"k": kind, **keys}) + "\n")
        self.lines += 1
        self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def event(self, proc, kind, tid=0, **keys):
        self.ts += 4000
        pid = 1000 + proc
        self.line(kind, ts=self.ts, pid=pid, tid=tid or pid, proc=proc, **keys)

    def start(self, parent, exe, args, env, cwd, role=None):
        """fork and exec: two procs, as it is with every process that another one starts"""
        self.procs += 2
        proc = self.procs
        if parent:
            self.event(parent, "fork", child=1000 + proc, child_proc=proc - 1, thread=False)
        self.event(proc, "exec", **({"parent": parent, "prev": proc - 1} if parent else {}), ppid=1000 + parent, file=exe,
                   exe=exe, dev="254:0", ino=len(exe) * 1000, args=args, env=env, env_names=["SECRET"], cwd=cwd, uid=1000, gid=1000)
        return proc

    def open(self, proc, path, err=None, tid=0, flags=("RDONLY", "CLOEXEC")):
        self.event(proc, "open", tid, call="openat", **{"as": path, "path": path, "flags": list(flags)},
                   **({"err": err} if err else {"fd": 7}))

    def stat(self, proc, path, err=None, tid=0, size=1000, type="file", flags=None):
        self.event(proc, "stat", tid, call="newfstatat", **{"as": path, "path": path}, **({"flags": flags} if flags else {}),
                   **({"err": err} if err else {"size": size, "mtime": str(START - 10**13), "type": type}))


def header(w, command):
    w.line("header", schema="goenvbpf/1", version="0.1.0", start="2026-09-30T12:00:00.000000000Z", boot_ns=1,
           host={"name": "build-host", "kernel": "6.1.0-18-amd64", "arch": "x86_64", "cpus": 8}, mode="run", command=command,
           tags={}, hooks={"tier": "tp_btf"}, limits={})


def beginning(w, go, n):
    for _ in range(3):
        w.event(go, "fork", child=500000 + n, thread=True)
    w.event(go, "readlink", call="readlinkat", **{"as": "/proc/self/exe", "path": "/proc/self/exe"}, target=GOROOT + "/bin/go")
    w.stat(go, GOROOT + "/pkg/tool", type="dir")
    w.open(go, "/home/u/.config/go/env", "ENOENT")
    w.open(go, GOROOT + "/go.env")
    w.event(go, "file", path=GOROOT + "/go.env", size=70, mtime=str(START - 10**15), sha256=digest("go.env"),
            text="GOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=local\n", after_fact=True)
    for up in (MODULE + "/cmd/x", MODULE + "/cmd", MODULE, "/src", ""):
        w.stat(go, up + "/go.work", "ENOENT")
    for up in (MODULE + "/cmd/x", MODULE + "/cmd"):
        w.stat(go, up + "/go.mod", "ENOENT")
    w.stat(go, MODULE + "/go.mod")
    w.open(go, MODULE + "/go.mod")
    w.event(go, "file", path=MODULE + "/go.mod", size=40, mtime=str(START - 10**14), sha256=digest("go.mod"),
            text="module example.org/app\n\ngo 1.24\n", after_fact=True)
    for folder in ("/usr/local/bin", "/usr/bin"):
        w.stat(go, folder + "/gcc", "ENOENT" if "local" in folder else None)
    w.event(go, "mkdir", call="mkdirat", **{"as": f"/tmp/go-build{n}", "path": f"/tmp/go-build{n}"}, mode="0700")


def look_up(w, go, tid, package, n):
    """A package's files listed, its entry looked up: three in four were there since the record's start."""
    folder = f"{GOROOT}/src/{package}" if "." not in package else f"{MODULE}/{package.split('/', 2)[2]}"
    action, output = digest(package, "action"), digest(package, "output")
    w.open(go, folder, tid=tid, flags=("RDONLY", "DIRECTORY", "CLOEXEC"))
    for file in range(6):
        w.stat(go, f"{folder}/file{file}.go", tid=tid, flags=["SYMLINK_NOFOLLOW"])
    entry, data = f"{CACHE}/{action[:2]}/{action}-a", f"{CACHE}/{output[:2]}/{output}-d"
    w.open(go, entry, tid=tid)
    w.stat(go, entry, tid=tid, size=175)
    w.stat(go, data, tid=tid, size=5000)
    w.open(go, data, tid=tid)
    if not n:
        w.event(go, "cache", tid, path=entry, action=action, output=output, size=5000, time=str(START - 10**12),
                content="archive", package=package, build_id=action[:20] + "/" + output[:20], go="go1.24.4")


def probe(w, go, tool):
    proc = w.start(go, f"{TOOLS}/{tool}", [f"{TOOLS}/{tool}", "-V=full"], TOOL_ENV, MODULE)
    w.open(proc, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
    w.event(proc, "exit", code=0)


def compile_one(w, go, tid, package, n):
    work, action = f"/tmp/go-build{n}/b001", digest(package, n)
    entry = f"{CACHE}/{action[:2]}/{action}-a"
    w.open(go, entry, "ENOENT", tid=tid)
    w.event(go, "mkdir", tid, call="mkdirat", **{"as": work, "path": work}, mode="0777")
    proc = w.start(go, TOOLS + "/compile", [TOOLS + "/compile", "-o", work + "/_pkg_.a", "-p", package, "-importcfg",
                   work + "/importcfg", "-pack", "./main.go"], {**TOOL_ENV, "TOOLEXEC_IMPORTPATH": package}, MODULE)
    for file in range(10):
        w.open(proc, f"{MODULE}/cmd/x/file{file}.go")
    w.open(proc, work + "/_pkg_.a", flags=("RDWR", "CREAT", "TRUNC", "CLOEXEC"))
    w.event(proc, "exit", code=0)
    w.open(go, entry, tid=tid, flags=("WRONLY", "CREAT", "CLOEXEC"))
    compiler = w.start(go, "/usr/bin/x86_64-linux-gnu-gcc-12", ["gcc", "-I", ".", "-c", f"x{n}.c"], TOOL_ENV, MODULE)
    for name in ("libc.so.6", "libm.so.6"):
        for folder in ("/lib/x86_64-linux-gnu/glibc-hwcaps", "/lib/x86_64-linux-gnu"):
            w.open(compiler, f"{folder}/{name}", "ENOENT" if "hwcaps" in folder else None)
    w.event(compiler, "exit", code=0)


def test_binary(w, go, n):
    exe = f"/tmp/go-build{n}/b001/x.test"
    proc = w.start(go, exe, [exe, "-test.testlogfile=/tmp/log", "-test.paniconexit0"], ENV, MODULE + "/cmd/x")
    w.event(proc, "buildinfo", exe=exe, dev="254:0", ino=n, go="go1.24.4", path="example.org/app/cmd/x.test", deps=[],
            settings={"CGO_ENABLED": "1"}, build_id=digest(n)[:40], format="inline")
    for folder in (MODULE + "/cmd/x", "/etc/app"):
        w.open(proc, folder + "/config.yaml", "ENOENT" if "cmd" in folder else None)
    for file in range(20):
        w.open(proc, f"{MODULE}/cmd/x/testdata/{file}.txt")
    w.event(proc, "exit", code=0)


def command(w, n, packages, until):
    test = n % 10 == 9
    go = w.start(0, GOROOT + "/bin/go", ["go", "test" if test else "build", f"./cmd/x{n % 40}"], ENV, MODULE + "/cmd/x")
    w.event(go, "buildinfo", exe=GOROOT + "/bin/go", dev="254:0", ino=1, go="go1.24.4", path="cmd/go", deps=[],
            settings={"CGO_ENABLED": "0"}, build_id=digest("go")[:40], format="inline")
    beginning(w, go, n)
    for tool in ("compile", "asm", "link"):
        probe(w, go, tool)
    compile_one(w, go, 0, f"example.org/app/cmd/x{n % 40}", n)
    if test:
        test_binary(w, go, n)
    while w.lines < until - 13:
        look_up(w, go, 400000 + n * 4 + w.lines % 4, next(packages), n // 8)
    w.event(go, "exit", code=0)


def main():
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    commands = int(sys.argv[2]) if len(sys.argv) > 2 else 2500
    names = [f"std{i % 20}/part{i}" for i in range(200)] + [f"example.org/app/internal/part{i}" for i in range(200)]
    w = Writer(sys.stdout, lines)
    packages = itertools.cycle(names)
    header(w, ["make", "all"])
    for n in range(commands):
        command(w, n, packages, lines * (n + 1) // commands)
    while w.lines < lines - 1:
        w.event(2, "stat", call="newfstatat", **{"as": "/src", "path": "/src"}, size=1, type="dir")
    events = w.lines - 1
    w.line("end", ts=w.ts, events=dict(w.kinds), seen=events, sent=events, lost={"file": 0, "life": 0, "follow": 0, "read": 0},
           complete=True, duration=w.ts, status=0, redactions=0, fstat=0)


if __name__ == "__main__":
    main()
