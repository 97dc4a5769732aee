#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What go list says of a program's DefaultGODEBUG, with go.mod, go.work and //go:debug lines of all kinds:
each of its keys must be attributed to what the module was made with.
"""
import lib

IN_MODULE, IN_WORKSPACE, IN_GOPATH, NO_MODULE = range(4)
ENVIRONMENT, LINE, DEFAULT_LINE, GO_LINE, NO_GO_LINE, GOFIPS140, UNKNOWN = range(7)

# what go.mod (or go.work) holds from its third line on, lines of main.go, the source of each key that
# must be there (one for all others last), first version
CASES = [
    ("go 1.20\n", "", {None: (GO_LINE, 3)}, 21),
    ("go 1.21\n", "", {None: (GO_LINE, 3)}, 21),
    ("go 1.21.5\n", "", {None: (GO_LINE, 3)}, 21),
    ("go 1.21rc2\n", "", {}, 21),
    ("", "", {None: (NO_GO_LINE, 0)}, 21),
    ("go 1.21\n\ngodebug http2server=0\n", "", {"http2server": (LINE, 5), None: (GO_LINE, 3)}, 23),
    ("go 1.21\n\ngodebug (\n\thttp2server=0 // x\n\tpanicnil=1\n)\n", "",
     {"http2server": (LINE, 6), "panicnil": (LINE, 7), None: (GO_LINE, 3)}, 23),
    ("go 1.23\n\ngodebug default=go1.21\n", "", {None: (DEFAULT_LINE, 5)}, 23),
    ("go 1.23\n\ngodebug (\n\tdefault=go1.20\n\tpanicnil=0\n)\n", "",
     {"panicnil": (LINE, 7), None: (DEFAULT_LINE, 6)}, 23),
    ("go 1.21\n\ngodebug http2server=0\n", "//go:debug http2server=1\n", {"http2server": (UNKNOWN, 0), None: (GO_LINE, 3)}, 23),
    ("go 1.21\n", "//go:debug http2client=0\n", {"http2client": (UNKNOWN, 0), None: (GO_LINE, 3)}, 21),
    ("go 1.20\n", "//go:debug panicnil=0\n", {"panicnil": (UNKNOWN, 0), None: (GO_LINE, 3)}, 21),
    ("go 1.21\n", "//go:debug default=go1.23\n", {None: (GO_LINE, 3)}, 23),
]


def ask_go(suite, minor, folder, args=(), **env):
    done = suite.go(minor, ["list", *args, "-f", "{{.DefaultGODEBUG}}", "."], cwd=f"{suite.dir}/{folder}",
                    env=suite.env(PWD=f"{suite.dir}/{folder}", **env))
    if done.returncode:
        print(done.stderr)
    return done.stdout.strip()


def compare(suite, what, minor, place, path, linked, sources, fips=None):
    answer = suite.query.ask("godebug", minor, place, path, linked, fips, "")
    keys = [entry.split("=")[0] for entry in linked.split(",") if entry]
    came = {entry.split("=")[0]: tuple(map(int, entry.split(" ")[1].split(":"))) for entry in answer[1:]}
    suite.check(f"1.{minor}: {what}: {linked}", {key: sources.get(key, sources.get(None)) for key in keys}, came)
    for key in sources:
        suite.check(f"1.{minor}: {what}: has {key}", True, key is None or key in keys)


def check_modules(suite, minor):
    for i, (text, lines, sources, since) in enumerate(CASES):
        if minor < since:
            continue
        mod = suite.write(f"m{i}/go.mod", "module example.org/m\n\n" + text)
        suite.write(f"m{i}/main.go", f"{lines}\npackage main\n\nfunc main() {{}}\n")
        compare(suite, f"{text!r} {lines!r}", minor, IN_MODULE, mod, ask_go(suite, minor, f"m{i}"), sources)
        if since < 23 or "default" in lines:
            continue
        work = suite.write(f"w{i}/go.work", "use ./m\n\n" + text)
        suite.write(f"w{i}/m/go.mod", "module example.org/m\n\ngo 1.21\n\ngodebug http2client=0\n")
        suite.write(f"w{i}/m/main.go", f"{lines}\npackage main\n\nfunc main() {{}}\n")
        compare(suite, f"workspace {text!r} {lines!r}", minor, IN_WORKSPACE, work, ask_go(suite, minor, f"w{i}/m"), sources)


def check_rest(suite, minor):
    suite.write("w/go.work", "use ./m\n")
    suite.write("w/m/go.mod", "module example.org/m\n")
    suite.write("w/m/main.go", "package main\n\nfunc main() {}\n")
    compare(suite, "go.work without go line", minor, IN_WORKSPACE, f"{suite.dir}/w/go.work", ask_go(suite, minor, "w/m"),
            {None: (NO_GO_LINE, 0)})
    compare(suite, "GOPATH mode", minor, IN_GOPATH, None, ask_go(suite, minor, "w/m", GO111MODULE="off"),
            {None: (NO_GO_LINE, 0)})
    suite.write("m0/tools.mod", "module example.org/m\n\n\ngo 1.21\n")
    compare(suite, "-modfile", minor, IN_MODULE, f"{suite.dir}/m0/tools.mod",
            ask_go(suite, minor, "m0", ["-modfile=tools.mod"]), {None: (GO_LINE, 4)})
    done = suite.go(minor, ["list", "-f", "{{.DefaultGODEBUG}}", f"{suite.dir}/w/m/main.go"], env=suite.env(PWD=suite.dir))
    compare(suite, "file outside of modules", minor, NO_MODULE, None, done.stdout.strip(), {})
    if minor >= 24:
        fips = ask_go(suite, minor, "m1", GOFIPS140="latest")
        compare(suite, "GOFIPS140", minor, IN_MODULE, f"{suite.dir}/m1/go.mod", fips,
                {"fips140": (GOFIPS140, 0), None: (GO_LINE, 3)}, "latest")


def test(suite):
    for minor in lib.minors():
        if minor >= 21:
            check_modules(suite, minor)
            check_rest(suite, minor)


lib.main(test)
