# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Records that somebody has made up: no view fails over them, what is malformed is counted, and all that is shown is text."""
import copy
import json
import os
import re
import subprocess

import lib
import workload
from lib import check, equal, said

VIEWS = (["report"], ["report", "--full"], ["report", "--json"], ["timeline", "--all"], ["timeline", "--failed"], ["env"],
         ["env", "--json"], ["check"], ["check", "--json"], ["export", "--format", "html"], ["export", "--format", "summary"])
# What a key may hold that no writer of ours puts there.
WRONG = {"null": None, "true": True, "negative": -1, "huge": 2 ** 70, "fraction": 1e300, "text": "x", "empty": "", "list": [],
         "deep": [[[[[[{"a": [{}]}]]]]]], "object": {}, "texts": ["a", None, 7], "number in text": "99999999999999999999"}
ESCAPE = "\x1b[31m\u202e\u200b\U000e0041X"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


def build():
    """A record with something of each: settings from files, a miss and a hit, a test, a failure."""
    path = workload.module("m")
    with open(os.path.join(path, "m_test.go"), "w", encoding="utf-8") as f:
        f.write("package main\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) {}\n")
    script = "go build -o out . && go test . && go vet . && GOFLAGS=-nosuch go build . ; ./out; cat /nosuch; true"
    result = lib.run(["sh", "-c", script], cwd=path, env=workload.go_env())
    equal(result.status, 0, said(result))
    lines, seen = [], {}
    for line in result.record.lines:	# of the many alike a few are enough
        key = (line["k"], tuple(sorted(line)))
        seen[key] = seen.get(key, 0) + 1
        if line["k"] not in ("open", "stat", "readlink", "access") or seen[key] < 40:
            lines.append(line)
    return lines


def write(name, lines):
    with open(name, "w", encoding="utf-8") as f:
        for line in lines:
            f.write(line if isinstance(line, str) else json.dumps(line) + "\n")


def views(name, what):
    for verb, *opts in VIEWS:
        done = subprocess.run([lib.TOOL, verb, name, *opts], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              env=lib.clean_env(COLUMNS="80"))
        check(done.returncode in ((0, 1, 3) if verb == "check" else (0,)),
              f"{what}: {verb} {opts} ended with {done.returncode}: {done.stderr[-300:]}")
        text = done.stdout.decode("utf-8")
        if "--json" in opts:
            lib.answer(verb, text)
        else:
            check(not RAW.search(text.replace("\n", "")), f"{what}: {verb} {opts} shows a raw {RAW.search(text)}")


def wrong_values(lines):
    """Each key of each kind of line with what it never is: alone in a record that is otherwise good."""
    firsts = {}
    for line in lines:
        for key in line:
            firsts.setdefault((line["k"], key), line)
    for name, value in WRONG.items():
        bad = []
        for line in lines:
            bad.append(line)
            bad += [{**line, key: value} for key in line if firsts.get((line["k"], key)) is line]
        write("bad.jsonl", bad)
        views("bad.jsonl", f"values {name}")


def wrong_places(lines):
    """Lines that are missing, twice, in another order, of another process, cut, or no JSON."""
    kinds = {line["k"] for line in lines}
    for kind in sorted(kinds - {"header"}):
        write("bad.jsonl", [line for line in lines if line["k"] != kind])
        views("bad.jsonl", f"without {kind}")
    write("bad.jsonl", [line for line in lines for _ in range(2)])
    views("bad.jsonl", "all twice")
    write("bad.jsonl", lines[:1] + lines[:0:-1])
    views("bad.jsonl", "backwards")
    write("bad.jsonl", [{**line, "proc": 1, "pid": 1} if "proc" in line else line for line in lines])
    views("bad.jsonl", "all of one process")
    write("bad.jsonl", [{**line, "parent": line.get("proc", 0), "prev": line.get("proc", 0)} for line in lines])
    views("bad.jsonl", "their own parents")
    noise = ["\n", "{", "[]\n", "null\n", "{\"k\":7}\n", "{\"k\":\"open\"}\n", "{" * 5000 + "\n", "[" * 100000 + "\n",
             "\x00\n", "{\"k\":\"open\",\"k\":\"stat\"}\n", "x" * 70000 + "\n"]
    write("bad.jsonl", [part for i, line in enumerate(lines) for part in (line, noise[i % len(noise)])])
    views("bad.jsonl", "noise")
    done = subprocess.run([lib.TOOL, "report", "bad.jsonl"], stdout=subprocess.PIPE, text=True, check=True)
    check("not readable" in done.stdout, f"malformed lines are not told: {done.stdout[:500]}")


def escaped(value):
    if isinstance(value, str):
        return value + ESCAPE
    if isinstance(value, list):
        return [escaped(one) for one in value]
    return {key: escaped(one) for key, one in value.items()} if isinstance(value, dict) else value


def escapes(lines):
    """Texts with what a terminal would obey, or nobody could see, in each key."""
    write("bad.jsonl", [{key: value if key in ("k", "schema") else escaped(value) for key, value in line.items()}
                        for line in lines])
    views("bad.jsonl", "escapes everywhere")
    for kind in sorted({line["k"] for line in lines}):
        changed = copy.deepcopy(lines)
        for line in changed:
            if line["k"] == kind:
                line.update({key: escaped(value) for key, value in line.items() if key not in ("k", "schema", "what", "call", "err")})
        write("bad.jsonl", changed)
        views("bad.jsonl", f"escapes in {kind}")


def test_made_up():
    lines = build()
    wrong_values(lines)
    wrong_places(lines)
    escapes(lines)
