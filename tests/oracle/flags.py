#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Which flags go takes, by asking it: every command line ends in a package that is not there, so that
a go which accepts the flags fails by that and does nothing.
"""
import re

import lib

NOWHERE = "./nowhere"
REFUSALS = re.compile(r"flag provided but not defined|flag needs an argument|invalid (boolean )?(value|flag)|"
                      r"bad flag syntax|parsing \$GOFLAGS|unknown command|usage: go|-C flag must be first|"
                      r"cannot be used with -c|requires a filename|Go is a tool for managing")

# GOFLAGS, arguments
LINES = [
    ("", "build"), ("", "build -x"), ("", "build --x"), ("", "build ---x"), ("", "build -=x"),
    ("", "build -tags a"), ("", "build -tags"), ("", "build -race=maybe"), ("", "build -race=T"),
    ("", "build -p 0x10"), ("", "build -p 0b1"), ("", "build -p 1_0"), ("", "build -p 0x_1"),
    ("", "build -p 09"), ("", "build -p 1.5"), ("", "build -p -1"), ("", "build -p=9999999999999999999"),
    ("", "build -nosuch"), ("", "build -count=1"), ("", "build -pgo=off"), ("", "build -cover"),
    ("", "build -asan=false"), ("", "build -buildvcs=auto"), ("", "build -buildvcs=x"), ("", "build -json"),
    ("", "build -overlay="), ("", "build -compiler=tcc"), ("", "build -gcflags=N"), ("", "build -gcflags==N"),
    ("", "build -gcflags=a=-N"), ("", "build -gcflags '-N"), ("", "build -toolexec ''"), ("", "build -h"),
    ("", "build -C ."), ("", "build -C=."), ("", "-C . build"), ("", "build -x -C ."), ("", "build -C . -C ."),
    ("", "-x build"), ("", "-- build"), ("", "bild"), ("", "mod"), ("", "mod nosuch"), ("", "work sync -nosuch"),
    ("", "list -json=Dir"), ("", "list -json=1"), ("", "list -reuse="), ("", "list -f {{.Dir}}"),
    ("", "get -insecure -x -nosuch"), ("", "get -mod=mod"), ("", "get -u=patch -d=2"), ("", "fix -race"),
    ("", "fix -inline"), ("", "fix -nosuch"), ("", "fmt -mod=mod"), ("", "fmt -overlay="), ("", "fmt -tags=x"),
    ("", "vet -printf"), ("", "vet -printf.funcs a"), ("", "vet -nosuch"), ("", "vet -c 1"), ("", "vet -appends"),
    ("", "test -nosuch -c"), ("", "test -v=test2json"), ("", "test -timeout=5"), ("", "test -timeout=5m -json=x"),
    ("", "test -shuffle=x"), ("", "test -shuffle=on -json=x"), ("", "test -vet=a=b"), ("", "test -fullpath=x"),
    ("", "generate -skip=x"), ("", "clean -fuzzcache=x"), ("", "run -exec=true"), ("", "run -cover=x"),
    ("", "env -changed=x"), ("", "env -n=x"), ("", "version -json=x"), ("", "tool -modfile= nosuchtool"),
    ("", "mod tidy -e -diff=x"), ("", "mod vendor -o=x -e=x"),
    ("-x", "build"), ("x", "build"), ("-tags a", "build"), ("-tags", "build"), ("-tags", "version -nosuch"),
    ("-exec=/bin/true -count=1", "build"), ("-unknownflag", "build"), ("-unknownflag", "env -nosuch"),
    ("-unknownflag", "env GOOS"), ("-unknownflag", "version"), ("-race=x", "build"), ("-race=x", "version -nosuch"),
    ("'-tags=a", "build"), ("'-tags=a'", "build"), ('"-ldflags=-s -w"', "build"), ("-printf", "build"),
    ("-printf", "vet"), ("-pgo=off", "build"), ("-inline", "fix"), ("-C=.", "build"), ("--", "build"), ("-", "build"),
]


def is_refused_by_go(suite, minor, goflags, args):
    done = suite.go(minor, args + [NOWHERE], env=suite.env(GOFLAGS=goflags or None))
    return bool(REFUSALS.search(done.stderr + done.stdout)) and done.returncode != 0


def test(suite):
    suite.write("go.mod", "module example.org/m\n\ngo 1.15\n")
    for minor in lib.minors():
        for goflags, line in LINES:
            args = line.split(" ")
            answer = suite.query.ask("flags", minor, goflags, *args, NOWHERE)
            suite.check(f"1.{minor}: GOFLAGS={goflags!r} go {line}", is_refused_by_go(suite, minor, goflags, args),
                        answer[1] != "0")


lib.main(test)
