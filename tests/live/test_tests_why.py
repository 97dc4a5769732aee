# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Why a test ran, or did not: each reason with what brings it about, and nothing to test."""
import os
import shutil
import time

import lib
import test_cache
import workload
from lib import check, equal
from test_cache_uses import minor, record

LONG = lib.LONG
VERSIONS = ("1.15", "1.19", "1.22", "1.24", "1.26", "1.27") if LONG else ("1.15", "1.26")

WORDS = "package words\n\nfunc Hello() string { return \"hello\" }\n"
TEST = """package words

import (
	"os"
	"testing"
)

func TestHello(t *testing.T) {
	text, err := os.ReadFile("testdata/in.txt")
	if err != nil || len(text) == 0 || os.Getenv("GOFLAGS") == "none" {
		t.Fatal(err)
	}
	t.Log(Hello())
	if Hello() == "bad" {
		t.Fatal("bad")
	}
}
"""


class Tests:
    def __init__(self, version):
        self.root = test_cache.goroot(version)
        workload.write("m/go.mod", "module example.org/app\n\ngo 1.15\n")
        workload.write("m/words/words.go", WORDS)
        workload.write("m/words/words_test.go", TEST.replace("os.ReadFile", "ioutil.ReadFile").replace(
            '"os"', '"io/ioutil"\n\t"os"') if version == "1.15" else TEST)
        workload.write("m/none/none.go", "package none\n")
        workload.write("m/words/testdata/in.txt", "one\n")
        for name in ("m/words/words.go", "m/words/words_test.go", "m/words/testdata/in.txt", "m/none/none.go"):
            test_cache.age(name)
        os.makedirs("home")
        # a folder of its own each time, so a binary of its own in the cache that all tests share
        self.env = test_cache.go_env(self.root, GOCACHE=lib.GOCACHE)
        self.number = 0

    def go(self, *args, status=0, cwd="m", **more):
        self.number += 1
        step = [self.root + "/bin/go", "test", *args]
        return record(f"{self.number}", *step, env=dict(self.env, **more), cwd=cwd, status=status)

    def sequence(self, *steps, cwd="m"):
        """Several go tests in one record; a step is a shell command: (its report, the page)."""
        self.number += 1
        go = self.root + "/bin/go"
        return record(f"{self.number}", "sh", "-c", "; ".join(s.replace("{go}", go) for s in steps), env=self.env,
                      cwd=cwd, status=None)


def reasons(report, last=True):
    runs = report["tests"]["runs"]
    check(runs, "no test ran")
    return {r["reason"]: (r.get("detail"), r["confidence"]) for r in runs[-1 if last else 0]["reasons"]}


def why(version):
    t = Tests(version)
    data = os.path.abspath("m/words/testdata/in.txt")

    report, page = t.go("./words")
    first = reasons(report)
    check({"first-time", "new-binary"} >= set(first) and "first-time" in first, "first:", first)
    equal({c for _, c in first.values()}, {"likely"}, "first: confidence")
    equal(report["tests"]["runs"][0]["package"], "example.org/app/words", "package of the run")
    check("ran since" in page, "page:", page)

    report, page = t.go("./words", "./none")
    equal((report["tests"]["runs"], [p["path"] for c in report["tests"]["cached"] for p in c["packages"]]),
          ([], ["example.org/app/words"]), "cached")
    report, _ = t.go("./none")
    equal((report["tests"]["runs"], report["tests"]["cached"]), ([], []), "nothing to test")

    report, _ = t.go("-count=1", "./words")
    equal(reasons(report), {"count": ("-test.count", "proven")}, "-count")
    report, _ = t.go("-cpuprofile", os.path.abspath("cpu.out"), "./words")
    equal(reasons(report)["flag"][1], "proven", "a flag")
    report, _ = t.go(cwd="m/words")
    equal(reasons(report), {"local-directory": (None, "proven")}, "without a package")

    # What follows is known by what the record has before: a result that was found, then another state.
    found = "{go} test ./words"
    report, page = t.sequence(found, "touch -d '5 days ago' words/testdata/in.txt", found)
    equal([p["path"] for c in report["tests"]["cached"] for p in c["packages"]], ["example.org/app/words"], "cached, then changed")
    equal(reasons(report), {"input-changed": (data, "proven")}, "an input changed since a run from the cache")
    check("an input changed: $MODULE/words/testdata/in.txt" in page, "page:", page)
    report, _ = t.sequence(found, "touch words/testdata/in.txt", found)
    said = reasons(report)		# where linking takes 2 s, go finds it old enough then, and another one
    check(said in ({"input-too-young": (data, "proven")}, {"input-changed": (data, "proven")}), "an input was just written:", said)
    time.sleep(2.1)
    report, _ = t.sequence(found, found, "GOPRIVATE=example.net GOFLAGS=-modcacherw " + found)
    said = reasons(report)
    equal({k: (sorted((d or "").split(", ")), c) for k, (d, c) in said.items()},
          {"variable-changed": (["GOFLAGS", "GOPRIVATE"], "likely")}, "a variable")
    # since 1.24 a test binary's build information has these
    report, _ = t.sequence(found, found, "CGO_CFLAGS=-O1 GOFLAGS=-tags=x " + found)
    equal(set(reasons(report)), {"new-binary" if minor(version) >= 24 else "variable-changed"}, "variables that are built in")

    report, _ = t.sequence(found, "sed -i s/hello/there/ words/words.go", found)
    equal({k: v[0] for k, v in reasons(report).items()}, {"new-binary": "example.org/app/words [example.org/app/words.test]"},
          "another binary")
    report, _ = t.sequence("sed -i s/there/bad/ words/words.go", found, found)
    equal(reasons(report), {"failed-before": (None, "proven")}, "it failed before")
    shutil.rmtree("m/words/testdata")


for _version in VERSIONS:
    globals()["test_why_" + _version.replace(".", "_")] = lambda v=_version: why(v)
    globals()["test_why_" + _version.replace(".", "_")].limit = 900
