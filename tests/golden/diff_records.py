#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Records of one module, into the directory given: a warm build; one after an edit, with another flag for one
package and an entry that somebody removed; a warm one by another build of Go, after the cache was restored, with
another module; one of two commands that build it one after the other. Keys are those that go would compute."""
import base64
import hashlib
import json
import sys

GO, GOROOT, TOP, CACHE = "go1.26.1", "/usr/lib/go-1.26", "/src/app", "/home/u/.cache/go-build"
WORK = "/tmp/go-build1"
FILES = {"leaf/l.go": b"package leaf\n\nconst L = 1\n", "money/m.go": b"package money\n", "alone/a.go": b"package alone\n",
         "other/o.go": b"package other\n"}
IMPORTS = {"leaf": [], "money": ["leaf"], "alone": [], "other": []}


def short(digest):
    return base64.urlsafe_b64encode(digest[:15]).decode()


class Record:
    """Lines, and what the packages became."""

    def __init__(self, files, gcflags, args, build_id="old/go", **header):
        self.lines, self.ts, self.proc, self.files, self.gcflags, self.content, self.go = [], 1000, 1, files, gcflags, {}, 1
        self.add(k="header", schema="goenvbpf/1", version="0.1.0", start="2026-10-04T12:00:01.250000000Z", boot_ns=1000,
                 mode="run", command=["go", *args], hooks={"tier": "tp_btf"}, limits={}, host={"name": "build-host", "cpus": 2}, **header)
        self.env = {"HOME": "/home/u", "PATH": "/usr/bin"}
        self.exec(1, GOROOT + "/bin/go", ["go", *args], self.env)
        self.event("buildinfo", 1, exe=GOROOT + "/bin/go", dev="254:1", ino=101, go=GO, path="cmd/go", format="inline", settings={},
                   build_id=build_id)
        self.event("file", 1, path=TOP + "/go.mod", what="go.mod", size=9, mtime="1690000000000000000", after_fact=True,
                   text="module example.org/app\n\ngo 1.18\n")
        self.event("open", 1, call="openat", path=TOP + "/go.mod", flags=["RDONLY"], fd=3)

    def add(self, **line):
        self.lines.append(line)

    def event(self, kind, proc, **more):
        self.ts += 1000
        self.add(k=kind, ts=self.ts, pid=100 + proc, tid=100 + proc, proc=proc, **more)

    def exec(self, proc, exe, args, env):
        self.event("exec", proc, ppid=101 if proc > 1 else 1, exe=exe, dev="254:1", ino=100 + proc, args=args, env=env, env_names=[],
                   cwd=TOP, uid=1000, gid=1000, **({"parent": self.go} if proc > 1 else {}))

    def action(self, name):
        lines = [GO, "compile\n", f"dir {TOP}/{name}\n", "go 1.18\n", "goos linux goarch amd64\n",
                 f'import "example.org/app/{name}"\n', 'omitdebug false standard false local false prefix ""\n',
                 f"compile compile version {GO} [] {self.gcflags.get(name, '[]')}\n", "GOAMD64=v1\n"]
        for path, text in self.files.items():
            if path.startswith(name + "/"):
                lines.append(f"file {path.split('/')[1]} {short(hashlib.sha256(text).digest())}\n")
        lines += [f"import example.org/app/{i} {self.content[i]}\n" for i in IMPORTS[name]]
        return hashlib.sha256("".join(lines).encode()).digest()

    def package(self, name, removed=False, made=False):
        for path, text in self.files.items():
            if path.startswith(name + "/"):
                full = f"{TOP}/{path}"
                self.event("open", self.go, call="openat", path=full, flags=["RDONLY"], fd=3)
                self.event("source", self.go, path=full, size=len(text), mtime="1690000000000000000", ctime="1690000000000000000",
                           dev="254:1", ino=7, sha256=hashlib.sha256(text).hexdigest(), taken=self.ts, after_fact=True)
        action = self.action(name)
        output = hashlib.sha256(b"output of " + action).digest()
        self.content[name] = short(output)
        entry, data = f"{CACHE}/{action.hex()[:2]}/{action.hex()}-a", f"{CACHE}/{output.hex()[:2]}/{output.hex()}-d"
        if removed:
            self.exec(50, "/usr/bin/rm", ["rm", entry], {})
            self.event("unlink", 50, call="unlinkat", path=entry)
        self.event("open", self.go, call="openat", path=entry, flags=["RDONLY"], **({"err": "ENOENT"} if made else {"fd": 3}))
        if made:
            self.compile(name, action)
            self.event("open", self.go, call="openat", path=entry, flags=["WRONLY", "CREAT"], fd=3)
            self.event("utimes", self.go, call="utimensat", path=entry)
        else:
            self.event("stat", self.go, call="newfstatat", path=data, size=100, type="file")
        self.event("cache", self.go, path=entry, action=action.hex(), output=output.hex(), size=100, time="1690000000000000000",
                   content="archive", package="example.org/app/" + name, go=GO,
                   build_id=short(action) + "/" + self.content[name])

    def compile(self, name, action):
        self.proc += 1
        work, proc = f"{WORK}/b{self.proc:03}", self.proc
        env = dict(self.env, GOROOT=GOROOT, GOOS="linux", GOARCH="amd64", GOAMD64="v1", GOCACHE=CACHE, CGO_ENABLED="0", AR="ar",
                   CC="gcc", CXX="g++", GCCGO="gccgo", GOAUTH="netrc", GOENV="/home/u/.config/go/env", GOFIPS140="off",
                   GOHOSTOS="linux", GOHOSTARCH="amd64", GOMODCACHE="/home/u/go/pkg/mod", GOPATH="/home/u/go", GOVERSION=GO,
                   GOTELEMETRYDIR="/home/u/.config/go/telemetry", TOOLEXEC_IMPORTPATH="example.org/app/" + name)
        extra = [w.strip('"') for w in self.gcflags.get(name, "[]")[1:-1].split()]
        sources = [f"{TOP}/{path}" for path in self.files if path.startswith(name + "/")]
        self.exec(proc, GOROOT + "/pkg/tool/linux_amd64/compile", [
            GOROOT + "/pkg/tool/linux_amd64/compile", "-o", work + "/_pkg_.a", "-trimpath", work + "=>", "-p", "example.org/app/" + name,
            "-lang=go1.18", "-complete", "-buildid", short(action) + "/" + short(action), *extra, "-importcfg", work + "/importcfg",
            "-pack", *sources], env)
        self.event("file", proc, path=work + "/importcfg", what="importcfg", size=9, mtime="1690000000000000000", after_fact=True,
                   text="# import config\n" + "".join(f"packagefile example.org/app/{i}={WORK}/b002/_pkg_.a\n" for i in IMPORTS[name]))
        self.ts += 2000000
        self.event("exit", proc, code=0)

    def again(self, files, gcflags, args):
        """The command ends, and another one works with the same cache."""
        self.event("exit", self.go, code=0)
        self.go, self.files, self.gcflags = 30, files, gcflags
        self.exec(30, GOROOT + "/bin/go", ["go", *args], self.env)
        self.event("buildinfo", 30, exe=GOROOT + "/bin/go", dev="254:1", ino=130, go=GO, path="cmd/go", format="inline", settings={})
        self.event("open", 30, call="openat", path=TOP + "/go.mod", flags=["RDONLY"], fd=3)

    def restore(self, outputs):
        self.exec(60, "/usr/bin/tar", ["tar", "xf", "/mnt/cache.tar"], {})
        for output in outputs:
            self.event("open", 60, call="openat", path=f"{CACHE}/{output[:2]}/{output}-d", flags=["WRONLY", "CREAT"], fd=3)
        self.ts += 1500000000
        self.event("exit", 60, code=0)

    def end(self, path):
        self.event("exit", self.go, code=0)
        self.add(k="end", ts=self.ts, events={}, seen=len(self.lines), sent=len(self.lines), lost={}, complete=True, duration=self.ts,
                 status=0)
        with open(path, "w", encoding="ascii") as out:
            out.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in self.lines)


def main(folder):
    old = Record(FILES, {}, ["build", "./..."])
    for name in FILES:
        old.package(name.split("/")[0])
    old.end(folder + "/diff-old.jsonl")
    new = Record(dict(FILES, **{"leaf/l.go": b"package leaf\n\nconst L = 2\n"}), {"other": '["-N"]'},
                 ["build", "-gcflags=example.org/app/other=-N", "./..."])
    for name in FILES:
        name = name.split("/")[0]
        new.package(name, made=True, removed=name == "alone")
    new.end(folder + "/diff-new.jsonl")
    twice = Record(FILES, {}, ["build", "./..."])
    for name in FILES:
        twice.package(name.split("/")[0], made=True)
    twice.again(dict(FILES, **{"leaf/l.go": b"package leaf\n\nconst L = 2\n"}), {"other": '["-N"]'},
                ["build", "-gcflags=example.org/app/other=-N", "./..."])
    for name in FILES:
        name = name.split("/")[0]
        twice.package(name, made=True, removed=name == "alone")
    twice.end(folder + "/diff-twice.jsonl")
    outputs = [line["output"] for line in old.lines if line["k"] == "cache"]
    restored = Record(FILES, {}, ["build", "./..."], "new/go", tags={"restored_bytes": "5000"})
    restored.restore(outputs + [hashlib.sha256(b"unused").hexdigest()])
    for name in FILES:
        restored.package(name.split("/")[0])
    text = "/home/u/go/pkg/mod/golang.org/x/text@v0.3.0/text.go"
    restored.event("open", 1, call="openat", path=text, flags=["RDONLY"], fd=3)
    restored.end(folder + "/diff-restored.jsonl")


main(sys.argv[1])
