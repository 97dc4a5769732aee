#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Records for the page's tests that no build makes: records.py KIND FILE

  million     1,000,000 events of a build, 28,000 paths
  random      1,000,000 events, 290,000 paths, nearly all of them random
  many        1,300,000 events: more than a page shows
  commands    what a watch sees of 700 go commands
  hostile     names that would be markup, formulas, or not to be seen
  empty       a header and an end
"""
import json
import random
import sys

HEADER = {"k": "header", "schema": "goenvbpf/1", "version": "0.1.0", "start": "2026-01-02T03:04:05.000000000Z", "mode": "run",
          "host": {"name": "builder", "kernel": "6.12", "arch": "x86_64", "cpus": 2}, "command": ["go", "build", "./..."],
          "hooks": {"tier": "tp_btf"}}
HOSTILE = ["</script><script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "a\u202etxt.exe", "tab\there", "esc\x1b[31mred",
           "__proto__", "constructor", "=HYPERLINK(\"http://example.org\")", "@SUM(A1)", "zero\u200bwidth", "'\"`&<>", "日本語/中文/Grüße",
           "tag\U000e0041", "x" * 4000, "javascript:window.pwned=1", "bad\ufffdbytes", "--><!--", "]]>", "${window.pwned=1}"]


def execs(ts, proc, args, parent=None, **more):
    line = {"k": "exec", "ts": ts, "pid": 1000 + proc, "tid": 1000 + proc, "proc": proc, "ppid": 1000 + (parent or 0),
            "file": args[0], "exe": "/usr/lib/go/bin/" + args[0] if args[0] == "go" else "/usr/lib/go/pkg/tool/linux_amd64/" + args[0],
            "dev": "8:1", "ino": proc, "args": args, "env": {}, "env_names": [], "cwd": "/home/dev/shop", "uid": 1000, "gid": 1000}
    if parent:
        line["parent"] = parent
    return {**line, **more}


def access(kind, ts, proc, path, err=None, **more):
    line = {"k": kind, "ts": ts, "pid": 1000 + proc, "tid": 1000 + proc, "proc": proc, "call": "openat" if kind == "open" else "newfstatat",
            "as": path, "path": path}
    if kind == "open":
        line["flags"] = ["RDONLY"]
    line.update({"err": err} if err else {"fd": 3} if kind == "open" else {})
    return {**line, **more}


def leaves(ts, proc, code=0):
    return {"k": "exit", "ts": ts, "pid": 1000 + proc, "tid": 1000 + proc, "proc": proc, "code": code}


def end(duration, n, status=0):
    return {"k": "end", "events": {}, "seen": n, "sent": n, "lost": {}, "complete": True, "duration": duration, "status": status}


def build(n, paths, processes=60):
    yield HEADER
    yield execs(0, 1, ["go", "build", "./..."])
    rnd = random.Random(7)
    step = 120_000_000_000 // n
    for i in range(n - 2 * processes - 2):
        ts = 1000 + i * step
        if i % (n // processes) == 0 and 2 + i // (n // processes) <= processes:
            proc = 2 + i // (n // processes)
            yield execs(ts, proc, ["compile", "-p", f"example.org/shop/p{proc}", "-o", "x"], parent=1)
            if proc > 3:
                yield leaves(ts + 1, proc - 2)
        proc = 2 + i // (n // processes) if i % 3 else 1
        draw = rnd.random()
        yield access("open" if draw < .5 else "stat", ts + 2, min(proc, processes), paths(rnd, i),
                     "ENOENT" if draw > .9 else "EACCES" if draw > .8999 else None)
    yield leaves(120_000_000_000, 1)
    yield end(120_000_000_000, n)


def ordinary(rnd, i):
    return f"/usr/lib/go/src/package{i % 280}/file{i % 28000 % 100}.go"


def scattered(rnd, i):
    which = random.Random(i % 290_000)
    return f"/home/dev/.cache/go-build/{which.randrange(256):02x}/{which.getrandbits(256):064x}-a"


def commands():
    yield {**HEADER, "mode": "watch", "command": []}
    for c in range(700):
        ts, proc = c * 50_000_000, 1 + 3 * c
        yield execs(ts, proc, ["go", "build" if c % 3 else "test", f"./cmd{c}"], cwd=f"/home/dev/project{c % 9}")
        for k in (1, 2):
            yield execs(ts + k * 5_000_000, proc + k, ["compile", "-p", f"example.org/p{c}/{k}", "-o", "x"], parent=proc)
            for f in range(10):
                yield access("open", ts + k * 5_000_000 + f, proc + k, f"/home/dev/project{c % 9}/f{f}.go", "ENOENT" if f == 9 else None)
            yield leaves(ts + k * 5_000_000 + 9_000_000, proc + k)
        yield leaves(ts + 40_000_000, proc, 1 if c % 50 == 7 else 0)
    yield end(36_000_000_000, 0)


def hostile():
    yield {**HEADER, "command": ["go", "build"] + HOSTILE, "host": {**HEADER["host"], "name": HOSTILE[0]}, "tags": {"__proto__": HOSTILE[1]}}
    yield execs(0, 1, ["go", "build", *HOSTILE], cwd="/home/" + HOSTILE[0],
                env={"GOFLAGS": HOSTILE[1], "GOPROXY": HOSTILE[0], "GOOS": HOSTILE[4], "GOCACHE": "/c/" + HOSTILE[2]})
    for i, name in enumerate(HOSTILE):
        yield execs(10 + i, 2 + i, ["compile", "-p", name, "-o", name], parent=1, env={"TOOLEXEC_IMPORTPATH": name})
        yield access("open", 100 + i, 2 + i, name if name.startswith(("=", "@")) else "/" + name, "EACCES" if i % 2 else None)
        yield {**access("stat", 150 + i, 1, "/" + name), "k": "rename", "call": "renameat", "as2": name, "path2": "/to/" + name}
        yield leaves(200 + i, 2 + i, 2)
    yield {"k": "lost", "ts": 250, "what": HOSTILE[0], "count": 1, "since": 200}
    yield leaves(300, 1, 1)
    yield {**end(400, 0, 1), "complete": False, "lost": {"file": 1}}


def empty():
    yield HEADER
    yield end(0, 0)


KINDS = {"million": lambda: build(1_000_000, ordinary), "random": lambda: build(1_000_000, scattered), "many": lambda: build(1_300_000, ordinary),
         "commands": commands, "hostile": hostile, "empty": empty}

if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for row in KINDS[sys.argv[1]]():
            out.write(json.dumps(row, separators=(",", ":")) + "\n")
