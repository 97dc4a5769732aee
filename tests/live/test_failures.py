# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Commands that fail, each for a cause of its own, and what the first screen says of it. A row is (name,
shell commands before the record, the command, what the first screen must say, as a pattern). Beside
its own the screen must name no other cause.
"""
import os
import re
import shutil
import subprocess

import lib
import test_rules
import workload
from lib import check, equal

NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups "
OPEN = "chmod -R a+rwX .. ; "		# for nobody
TESTED = "printf 'package main\\nimport \"testing\"\\nfunc TestX(t *testing.T) {{ {} }}\\n' > x_test.go"
MAIN = "printf 'package main\\n{}\\n' > main.go"
CGO = "printf 'package main\\n// {}\\nimport \"C\"\\nfunc main() {{ {} }}\\n' > main.go"
LIB = test_rules.USE_LIB
FETCH = test_rules.FETCH
FULL = "mkdir full; mount -t tmpfs -o nr_inodes=4 none full; "

# (name, before, command, pattern)
FAILURES = [
    # sources
    ("syntax-error", MAIN.format("func main() {"), "$GO build -o a .", r"compile example\.org/app"),
    ("type-error", MAIN.format("func main() { var x int = \"a\"; _ = x }"), "$GO build -o a .", r"compile example\.org/app"),
    ("type-error-of-dependency", "mkdir l; printf 'package l\\nfunc F() { undefined() }\\n' > l/l.go; " + MAIN.format("import \"example.org/app/l\"\\nfunc main() { l.F() }"),
     "$GO build -o a .", r"compile example\.org/app/l\b"),
    ("missing-package", MAIN.format("import _ \"example.org/app/nosuch\"\\nfunc main() {}"), "$GO build -o a .", r"app/nosuch"),
    ("missing-std-package", MAIN.format("import _ \"nosuchpkg\"\\nfunc main() {}"), "$GO build -o a .", r"src/nosuchpkg"),
    ("missing-folder", "", "$GO build ./nosuch", r"app/nosuch"),
    ("missing-file", "", "$GO build nosuch.go", r"nosuch\.go"),
    ("no-go-files", "mkdir e; touch e/x.txt", "$GO build ./e", r"app/e\b"),
    ("constraints-exclude-all", "mkdir e; printf '//go:build never\\npackage e\\n' > e/e.go", "$GO build ./e", r"app/e\b"),
    ("import-cycle", "mkdir p q; printf 'package p\\nimport _ \"example.org/app/q\"\\n' > p/p.go; printf 'package q\\nimport _ \"example.org/app/p\"\\n' > q/q.go",
     "$GO build ./p", r"app/[pq]\b.*app/[pq]\b"),
    ("embed-without-match", MAIN.format("import _ \"embed\"\\n//go:embed none/*.txt\\nvar s string\\nfunc main() { _ = s }"), "$GO build -o a .", r"main\.go.*none|none"),
    ("internal-package", MAIN.format("import _ \"cmd/internal/buildid\"\\nfunc main() {}"), "$GO build -o a .", r"internal"),
    ("two-mains", "cp main.go other.go", "$GO build -o a .", r"compile example\.org/app"),
    ("two-packages", "printf 'package other\\n' > other.go", "$GO build -o a .", r"other\.go"),
    ("run-of-no-main", "printf 'package lib\\n' > main.go", "$GO run .", r"app"),
    ("unreadable-source", "chmod 000 main.go; " + OPEN + "chmod 000 main.go", NOBODY + "$OLDGO build -o a .", r"permission-denied|main\.go"),
    ("unreadable-folder", "mkdir sub; cp lib.txt sub/l.go; " + OPEN + "chmod 700 sub", NOBODY + "env GOCACHE=$PWD/../c $OLDGO vet ./...", r"permission-denied|sub"),
    ("source-is-a-broken-link", "ln -s nowhere x.go", "$GO build -o a .", r"x\.go"),
    # modules
    # before anything is compiled, and with no ~/go: "go" is the program's name, and nothing that was asked for
    ("package-clause", "echo 'func b() {}' > b.go", "$GO build ./...", r"\bb\.go"),
    ("go-mod-syntax", "echo 'requrie x' >> go.mod", "$GO build -o a .", r"go\.mod"),
    ("no-go-mod", "rm go.mod", "$GO build .", r"go\.mod"),
    ("go-too-new", "sed -i 's/^go .*/go 1.99.0/' go.mod", "GOTOOLCHAIN=local $GO build -o a .", r"toolchain-unavailable"),
    ("missing-toolchain", "echo 'toolchain go1.99.1' >> go.mod", "GOTOOLCHAIN=path $GO build -o a .", r"toolchain-unavailable"),
    ("malformed-toolchain", "", "GOTOOLCHAIN=nonsense $GO build -o a .", r"GOTOOLCHAIN.*nonsense|toolchain-unavailable"),
    ("missing-go-sum-entry", LIB, "$GO build -o a .", r"go\.sum|example\.org/lib"),
    ("go-sum-mismatch", FETCH + "GOPROXY=file://$PROXY $GO build -o a . && sed -i 's/h1:..../h1:AAAA/' go.sum", "GOFLAGS= GOSUMDB=off GOPROXY=file://$PROXY $GO build -o a .",
     r"go\.sum"),
    ("module-not-in-proxy", FETCH + "true", FETCH + "GOPROXY=$HTTP/none $GO build -o a .", r"example\.org/lib"),
    ("proxy-is-off", FETCH + "true", FETCH + "GOPROXY=off $GO build -o a .", r"example\.org/lib"),
    ("proxy-refuses", FETCH + "true", FETCH + "GOPROXY=http://127.0.0.1:1 $GO build -o a .", r"127\.0\.0\.1:1|example\.org/lib"),
    ("vendor-inconsistent", "mkdir -p vendor/example.org/lib; " + LIB + "cp lib.txt vendor/example.org/lib/l.go; printf '# example.org/lib v0.9.0\\n' > vendor/modules.txt",
     "$GO build -o a .", r"vendor-inconsistent"),
    ("replace-without-folder", LIB + "echo 'replace example.org/lib => ../nowhere' >> go.mod", "$GO build -o a .", r"nowhere/go\.mod"),
    ("work-without-module", "printf 'go 1.21\\nuse ./nowhere\\n' > go.work", "$GO build .", r"app/nowhere"),
    ("work-missing", "", "GOWORK=/no/such/go.work $GO build .", r"workspace-missing"),
    # settings
    ("unknown-goflag", "", "GOFLAGS=-nosuchflag $GO build -o a .", r"GOFLAGS.*-nosuchflag|nosuchflag"),
    ("unknown-goos", "", "GOOS=plan10 $GO build -o a .", r"GOOS.*plan10|plan10"),
    ("race-without-cgo", "", "CGO_ENABLED=0 $GO build -race -o a .", r"-race"),
    ("goroot-missing", "", "GOROOT=/no/such $GO build -o a .", r"goroot-broken"),
    ("cache-relative", "", "GOCACHE=cache $GO build -o a .", r"GOCACHE"),
    ("unknown-experiment", "", "GOEXPERIMENT=nosuch $GO build -o a .", r"GOEXPERIMENT|nosuch"),
    # the host
    ("cache-unwritable", "mkdir ro; chmod 500 ro; " + OPEN + "chmod 500 ro", NOBODY + "env GOCACHE=$PWD/ro/c $OLDGO build -o a .", r"cache-unwritable"),
    ("output-unwritable", OPEN + "mkdir ro; chmod 500 ro", NOBODY + "env GOCACHE=$PWD/../c $OLDGO build -o ro/a .", r"\bro/a"),
    ("output-is-a-folder", "mkdir -p a/app/x", "$GO build -o a .", r"a/app"),
    ("temp-missing", "", "GOTMPDIR=/no/such $GO build -o a .", r"/no/such"),
    ("modcache-unwritable", FETCH + "true", FETCH + "GOMODCACHE=/sys/x GOPROXY=file://$PROXY $GO build -o a .", r"modcache-denied"),
    ("no-space", MAIN.format("func main() { println(2) }"), "unshare -m sh -c '" + FULL + "GOTMPDIR=$PWD/full $GO build -o a .'", r"ENOSPC|no-space"),
    ("noexec-temp", TESTED.format(""), "unshare -m sh -c 'mkdir n; mount -t tmpfs -o noexec none n; GOTMPDIR=$PWD/n $GO test .'", r"exec-refused"),
    # C
    ("no-c-compiler", CGO.format("int x;", ""), "CC=nosuchcc CGO_ENABLED=1 $GO build -o a .", r"c-compiler-missing|nosuchcc"),
    ("c-error", CGO.format("int f() { nonsense }", "C.f()"), "$GO build -o a .", r"example\.org/app"),
    ("missing-header", CGO.format("#include <nosuch.h>", ""), "$GO build -o a .", r"nosuch\.h"),
    ("missing-library", CGO.format("#cgo LDFLAGS: -lnosuch", ""), "$GO build -o a .", r"nosuch"),
    ("undefined-symbol", "printf 'package main\\nfunc f()\\nfunc main() { f() }\\n' > main.go; touch x.s", "$GO build -o a .", r"link example\.org/app"),
    ("assembler-error", "echo 'NONSENSE' > x.s", "$GO build -o a .", r"asm example\.org/app"),
    # programs and tests
    ("run-exits", MAIN.format("import \"os\"\\nfunc main() { os.Exit(3) }"), "$GO run .", r"exit 3"),
    ("run-panics", MAIN.format("func main() { panic(1) }"), "$GO run .", r"exit 2"),
    ("test-fails", TESTED.format("t.Fatal()"), "$GO test .", r"app\.test.*exit 1"),
    ("test-panics", TESTED.format("panic(1)"), "$GO test .", r"app\.test.*exit 2"),
    ("test-times-out", TESTED.format("select {}"), "$GO test -timeout 1s .", r"app\.test.*exit 2"),
    ("vet-fails", MAIN.format("import \"fmt\"\\nfunc main() { fmt.Printf(\"%%d\", \"x\") }"), "$GO vet .", r"vet found something in example\.org/app"),
    ("killed", "", "sh -c 'kill -9 $$'", r"signal 9"),
    ("not-executable", "printf '#!/bin/sh\\n' > x", "./x", r"exec-refused"),
    ("no-interpreter", "printf '#!/no/such/sh\\n' > x; chmod +x x", "./x", r"app/x\s+could not be run"),
    ("not-found", "", "nosuchprogram", r"nosuchprogram"),
]



def compare(name, page, record):
    """The data say the same as the page, and of each failure how sure that is and what shows it."""
    data = subprocess.run([lib.TOOL, "report", "--json", record], stdout=subprocess.PIPE, text=True).stdout
    failed = lib.answer("report", data)["failed"]
    said = re.findall(r"^  likely +(.*(?:\n {14}\S.*)*)", page, re.M)
    equal([re.sub(r"\n +", " ", one) for one in said], [f["why"]["detail"] for f in failed if "why" in f], f"{name}: likely reasons")
    check(all(f["why"]["proof"] and f["why"]["subjects"] for f in failed if "why" in f), f"{name}: {failed}")


def screen(name, before, command):
    top = os.path.abspath(name)
    app = os.path.join(top, "app")
    test_rules.lay_out(app)
    env, words = test_rules.shell(top, "true; " + before + "\ntrue")
    done = subprocess.run(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(done.returncode == 0, f"{name}: setup: {done.stdout}")
    env, words = test_rules.shell(top, command)
    env["OLDGO"] = os.path.realpath(shutil.which("go"))
    result = lib.run(words, "-q", "--net", record=name + ".jsonl", env=env, timeout=200)
    page = subprocess.run([lib.TOOL, "report", result.path], stdout=subprocess.PIPE, text=True).stdout
    compare(name, page, result.path)
    subprocess.run(["chmod", "-R", "u+w", top], check=False)
    shutil.rmtree(top, ignore_errors=True)
    return result, page


def causes(page):
    """What the screen gives as causes: failed programs, likely reasons, findings that are errors."""
    flat = re.sub(r"\n {14}(?=\S)", " ", page)
    found = re.findall(r"^  (?:failed|likely) +(.*)", flat, re.M)
    found += [" ".join(one) for one in re.findall(r"^(?:error|warning(?= permission)) (\S+) .*\n.*\n  what +(.*)", flat, re.M)]
    return found


def test_failures():
    lib.need("go")
    os.chmod(".", 0o755)
    unnamed, wrong = [], []
    for name, before, command, pattern in FAILURES:
        result, page = screen(name, before, command)
        check(result.status != 0, f"{name}: {command} did not fail: {result.out[-300:]}")
        named = causes(page)
        hits = [one for one in named if re.search(pattern, one)]
        if not hits:
            unnamed.append(name)
        if any(not re.search(pattern, one) for one in named if one not in hits and " exit " not in one):
            wrong.append(name)
        if name in unnamed + wrong:
            print(f"--- {name}: {result.out[-300:]}\n{page}")
    check(not unnamed and not wrong, f"of {len(FAILURES)}: not named: {' '.join(unnamed)}; named wrongly: {' '.join(wrong)}")


test_failures.limit = 1800
