#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Keys of the build cache: go prints what it hashes (GODEBUG=gocachehash=1), ours is made of the same
inputs, and must be the same. -n compiles nothing; what an import would contain is then made up by go.
"""
import re

import lib

HASH = re.compile(r'^HASH\[build ([^\]]*)\](?:: (.*))?$')
FILE = re.compile(r'^HASH (/.*): ([0-9a-f]{64})$')
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def unquote(text):
    """The text of a Go literal without escapes that Python does not know."""
    return text[1:-1].encode().decode("unicode_escape").encode("latin-1").decode()


def hashed(output):
    """What go hashed: (lines of each package's key, the key), and {directory/file: SHA-256}."""
    packages, files, open_ = [], {}, {}
    for line in output.split("\n"):
        match = FILE.match(line)
        if match:
            files[match[1]] = match[2]
        match = HASH.match(line)
        if not match:
            continue
        path, text = match.groups()
        if text is None:
            open_[path] = []
        elif text.startswith('"'):
            open_[path].append(text)
        else:
            packages.append((open_.pop(path), text))
    return packages, files


def fields_of(minor, lines, files, dirs):
    """The inputs of a key, as questions have them; None: of a kind that is not ours to know."""
    fields = {"go": unquote(lines[0]), "minor": minor}
    many, cgo = [], ""
    for quoted in lines[2:]:
        line = unquote(quoted).rstrip("\n")
        word, _, rest = line.partition(" ")
        if word in ("cgo",) or line.startswith(("CC", "CXX", "FC")):
            cgo += quoted[1:-1]
        elif word == "dir":
            fields["dir"] = rest
        elif word == "module":
            fields["module"], fields["version"] = rest.rsplit("@", 1)
        elif word == "go":
            fields["go_line"] = rest
        elif word == "goos":
            fields["goos"], fields["goarch"] = rest.split(" ")[0], rest.split(" ")[2]
        elif word == "import" and "path" not in fields:
            fields["path"] = unquote(rest)
        elif word == "omitdebug":
            if "local true" in line:
                return None
            if "standard true" in line:
                fields["std"] = 1
        elif word in ("trimpath", "modinfo", "cover"):
            fields[word] = rest or 1
        elif word == "compile":
            fields["tools"] = rest[len("compile version "):rest.index(" [")]
            fields["gcflags"] = rest[rest.index("["):]
        elif word == "asm":
            fields["asm"], fields["asmflags"] = 1, rest[rest.index("["):]
        elif line.startswith("GOEXPERIMENT="):
            fields["experiment"] = unquote(line.partition("=")[2])
        elif word == "file":
            name = rest.rsplit(" ", 1)[0]
            many.append(f"file={name} {files[dirs[fields['path']] + '/' + name]}")
        elif word == "import":
            many.append("import=" + rest)
        elif "=" in line:
            fields["arch"] = line
        else:
            return None
    if fields.get("modinfo") == '""':
        del fields["modinfo"]
    if cgo:
        fields["cgo"] = f'"{cgo}"'
    return [f"{key}={value}" for key, value in fields.items()] + many


def module(suite):
    suite.write("m/go.mod", "module example.org/m\n\ngo 1.18\n")
    suite.write("m/main.go", 'package main\n\nimport (\n\t_ "example.org/m/c"\n\t_ "example.org/m/e"\n\t"example.org/m/leaf"\n'
                             ')\n\nfunc main() { println(leaf.L) }\n')
    suite.write("m/leaf/l.go", "package leaf\n\nconst L = 1\n")
    suite.write("m/leaf/tagged.go", "// +build special\n\npackage leaf\n\nconst T = 1\n")
    suite.write("m/e/e.go", 'package e\n\nimport _ "embed"\n\n//go:embed static\nvar S string\n')
    suite.write("m/e/static", "text")
    suite.write("m/a/a.go", "package a\n\nfunc F()\n")
    suite.write("m/a/a_amd64.s", "TEXT ·F(SB),$0\n\tRET\n")
    suite.write("m/a/own.h", "")
    suite.write("m/c/c.go", 'package c\n\n// #cgo CFLAGS: -DX="a b"\n// int f(void);\nimport "C"\n\nfunc F() int { return int(C.f()) }\n')
    suite.write("m/c/f.c", "int f(void) { return 1; }\n")


COMMANDS = [
    (["./..."], {}), (["-trimpath", "./..."], {}), (["-race", "./leaf"], {}), (["-tags=special", "./leaf"], {}),
    (["-gcflags=-N -l", "-asmflags=-D=X=1", "./..."], {}), (["./leaf", "./a"], {"GOAMD64": "v3"}),
    (["./leaf", "./a"], {"GOARCH": "arm64"}), (["./leaf"], {"GOEXPERIMENT": "fieldtrack"}),
    (["./c"], {"CGO_CFLAGS": '-O1 "-DY=1 2"'}), (["-buildmode=pie", "./leaf"], {}), (["std"], {}),
]


def test(suite):
    module(suite)
    for minor in lib.minors():
        for args, more in COMMANDS:
            env = suite.env(GODEBUG="gocachehash=1", GOFLAGS="-mod=mod", **more)
            done = suite.go(minor, ["build", "-n", *args], cwd=f"{suite.dir}/m", env=env)
            if done.returncode:
                suite.skipped += 1	# of what that version does not know
                continue
            chosen = [arg for arg in args if arg[0] != "-" or arg.startswith("-tags")]
            listed = suite.go(minor, ["list", "-deps", "-f", "{{.ImportPath}} {{.Dir}}", *chosen], cwd=f"{suite.dir}/m", env=suite.env(GOFLAGS="-mod=mod", **more))
            dirs = dict(line.split(" ", 1) for line in listed.stdout.splitlines() if " " in line)
            packages, files = hashed(done.stderr)
            for lines, key in packages:
                fields = fields_of(minor, lines, files, dirs)
                came = suite.query.ask("action", *fields)[0] if fields else "not ours"
                suite.check(f"1.{minor} {more} go build {args}: {lines[2:6]}", key, came)
            if not packages:
                suite.check(f"1.{minor} {args}: packages", "some", "none")


lib.main(test)
