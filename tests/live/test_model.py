# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the report makes of real look-ups: configuration, workspaces, vendored and downloaded modules, tests."""
import json
import os
import shutil
import subprocess
import time
import zipfile

import lib
import test_cache
import workload
from lib import check, equal, said


def report(result):
    """The report of a record as JSON; every statement must be sure of itself and point to events."""
    done = subprocess.run([lib.TOOL, "report", "--json", result.path], stdout=subprocess.PIPE, timeout=60)
    equal(done.returncode, 0, "status of report --json")
    answer = lib.answer("report", done.stdout)
    times = {line["ts"] for line in result.record.lines if "ts" in line}
    hold_proofs(answer, times)
    for ladder in answer["ladders"]:
        check(ladder["confidence"] in ("proven", "likely"), ladder)
        check(all(t["ts"] in times for t in ladder["tries"]), "a try without its event:", ladder)
    return answer


def hold_proofs(value, times):
    if isinstance(value, dict):
        if "confidence" in value and "proof" in value:
            check(value["confidence"] in ("proven", "likely"), value)
            check(set(value["proof"]) <= times, "events that are not in the record:", value)
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            hold_proofs(one, times)


def page(result):
    done = subprocess.run([lib.TOOL, "report", "--full", result.path], stdout=subprocess.PIPE, timeout=60, text=True)
    equal(done.returncode, 0, "status of report")
    return " ".join(done.stdout.split())


def ladder(answer, purpose, key, proc=None):
    found = [one for one in answer["ladders"] if one["purpose"] == purpose and one["key"] == key and
             proc in (None, one["proc"])]
    equal(len(found), 1, f"ladders of {purpose} {key!r}")
    return found[0]


def modules_of(answer, *verb):
    procs = [c["proc"] for c in answer["commands"] if c["args"][1:1 + len(verb)] == list(verb)]
    equal(len(procs), 1, f"commands go {verb}")
    return next(one for one in answer["modules"] if one["proc"] == procs[0])


def module(modules, path):
    found = [one for one in modules["modules"] if one["path"] == path]
    equal(len(found), 1, f"modules called {path}")
    return found[0]


def run_go(*args, cwd, env, record="rec.jsonl"):
    result = lib.run(["go", *args], timeout=500, record=record, cwd=cwd, env=env)
    equal(result.status, 0, said(result))
    check(result.record.end and result.record.end["complete"], "the record is not complete")
    equal(result.record.kind("blind"), [], "Go's tools use no io_uring, so what they did has lines")
    return result


CONFIG_MAIN = """package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	for _, dir := range os.Args[1:] {
		name := filepath.Join(dir, "config.yaml")
		if real, err := filepath.EvalSymlinks(name); err == nil {
			text, err := os.ReadFile(real)
			fmt.Println(string(text), err)
			return
		}
	}
	os.Exit(3)
}
"""


def test_config():
    """A program looks for config.yaml in three folders; the last one has it, by way of a link."""
    exe = workload.go_program("src", CONFIG_MAIN, "app")
    for name in ("one", "two", "three", "real"):
        os.mkdir(name)
    workload.write("real/settings.yml", "answer: 42\n")
    os.symlink("../real/settings.yml", "three/config.yaml")
    dirs = [os.path.abspath(name) for name in ("one", "two", "three")]
    result = lib.run([exe] + dirs)
    equal(result.status, 0, said(result))
    answer = report(result)
    found = ladder(answer, "config", "config")
    equal([t["path"] for t in found["tries"]], [d + "/config.yaml" for d in dirs], "the order of the tries")
    equal([t["result"] for t in found["tries"]], ["absent", "absent", "used"], "the results")
    equal(found["tries"][2]["target"], "../real/settings.yml", "where the link leads")
    equal((found["won"], found["surprise"]), (dirs[2] + "/config.yaml", "none"), "what won")
    opened = [line for line in result.record.kind("open") if line["path"].endswith("/real/settings.yml")]
    equal([line["ts"] for line in opened], [found["tries"][2]["ts"]], "the event of the winner")
    check("configuration file" not in page(result), "an ordinary end is on the page")
    result = lib.run([exe] + dirs[:2], record="none.jsonl")
    equal(result.status, 3, said(result))
    equal(ladder(report(result), "config", "config")["surprise"], "nothing", "surprise")
    check('a configuration file "config": found nowhere' in page(result), "nothing is not on the page:", page(result))


def test_work_of_ancestor():
    """A go.work above the project decides, which the report says; GOWORK=off ends that."""
    top = workload.module("ws/app")
    workload.write("ws/go.work", "go 1.19\n\nuse (\n\t./app\n\t./tools\n)\n")
    workload.write("ws/tools/go.mod", "module example.org/tools\n\ngo 1.19\n")
    workload.write("ws/tools/tools.go", "package tools\n")
    env = dict(workload.shared_cache_env(), GOCACHE=lib.GOCACHE)
    result = run_go("build", "example.org/hello", "example.org/tools", cwd=top, env=env)
    answer = report(result)
    found = ladder(answer, "go.work", "")
    work = os.path.abspath("ws/go.work")
    equal((found["won"], found["surprise"], found["confidence"]), (work, "ancestor", "proven"), "go.work")
    modules = modules_of(answer, "build")
    equal((modules["go_work"]["path"], modules["go_work"]["directories_above"]), (work, 1), "go.work in effect")
    tools = module(modules, "example.org/tools")
    equal((tools["origin"], tools["line"]), ("workspace", 5), "the other module")
    check("the workspace file: taken from a parent directory" in page(result), page(result))
    result = run_go("build", ".", cwd=top, env=dict(env, GOWORK="off"), record="off.jsonl")
    check(modules_of(report(result), "build")["go_work"] is None, "GOWORK=off")
    check("workspace file" not in page(result), page(result))


def proxy(folder):
    """A proxy that is a folder, with one module of two packages."""
    base = os.path.join(folder, "example.org", "dep", "@v")
    mod = "module example.org/dep\n\ngo 1.19\n"
    workload.write(os.path.join(base, "list"), "v1.0.0\n")
    workload.write(os.path.join(base, "v1.0.0.info"), '{"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z"}')
    workload.write(os.path.join(base, "v1.0.0.mod"), mod)
    with zipfile.ZipFile(os.path.join(base, "v1.0.0.zip"), "w") as z:
        z.writestr("example.org/dep@v1.0.0/go.mod", mod)
        z.writestr("example.org/dep@v1.0.0/sub/sub.go", "package sub\n\nfunc One() int { return 1 }\n")
    return "file://" + os.path.abspath(folder)


def user_of_dep(path):
    workload.write(os.path.join(path, "go.mod"),
                   "module example.org/app\n\ngo 1.19\n\nrequire example.org/dep v1.0.0\n\n"
                   "require example.org/local v0.0.0\n\nreplace example.org/local => ../local\n")
    workload.write(os.path.join(path, "main.go"),
                   'package main\n\nimport (\n\t"example.org/dep/sub"\n\t"example.org/local"\n)\n\n'
                   "func main() { println(sub.One(), local.Two()) }\n")
    workload.write("local/go.mod", "module example.org/local\n\ngo 1.19\n")
    workload.write("local/local.go", "package local\n\nfunc Two() int { return 2 }\n")
    os.makedirs("home", exist_ok=True)


def dep_env(url):
    return dict(workload.go_env(), GOCACHE=lib.GOCACHE, GOPROXY=url, GONOSUMDB="example.org",
                GOFLAGS="-buildvcs=false -mod=mod -modcacherw", GOMODCACHE=os.path.abspath("elsewhere/mod"))


def test_download():
    """A module is downloaded, extracted and read; the second build only reads it."""
    lib.need("go")
    user_of_dep("app")
    env = dep_env(proxy("proxy"))
    result = run_go("build", "-o", "../out", ".", cwd="app", env=env)
    modules = modules_of(report(result), "build")
    dep = module(modules, "example.org/dep")
    equal((dep["version"], dep["origin"]), ("v1.0.0", "module cache"), "the module")
    equal(dep["dir"], os.path.abspath("elsewhere/mod/example.org/dep@v1.0.0"), "its folder")
    check({"mod", "zip"} <= set(dep["downloaded"]["files"]), "downloaded:", dep)
    equal(dep["extraction"]["state"], "done", "extraction")
    check(dep["reads"] >= 1, "reads:", dep)
    local = module(modules, "example.org/local")
    equal((local["origin"], local["line"]), ("replace", 9), "the replaced module")
    check("downloaded 1 module: example.org/dep@v1.0.0" in page(result), page(result))
    result = run_go("build", "-o", "../out", ".", cwd="app", env=env, record="again.jsonl")
    dep = module(modules_of(report(result), "build"), "example.org/dep")
    check("downloaded" not in dep and dep["reads"] >= 1, "the second build:", dep)


def test_embedded():
    """A program tells of the folder that replaced a module, and of the key of GODEBUG that is given otherwise."""
    lib.need("go")
    user_of_dep("app")
    go = os.path.join(test_cache.goroot("1.22"), "bin", "go")
    subprocess.run([go, "build", "-o", "../out", "."], cwd="app", env=dict(dep_env(proxy("proxy")), GOTOOLCHAIN="local"), check=True,
                   stderr=subprocess.DEVNULL)
    result = lib.run([os.path.abspath("out")], record="out.jsonl", env=lib.clean_env(GODEBUG="gctrace=0,panicnil=0"))
    equal(result.status, 0, said(result))
    one = [p for p in report(result)["programs"] if p["exe"] == os.path.abspath("out")]
    equal(len(one), 1, "programs")
    equal((one[0]["module"], one[0]["deps"], one[0]["replaced"]), ("example.org/app", 2, 1), "embedded")
    kinds = {c["kind"]: c for c in one[0]["contradictions"]}
    equal(kinds["local-replace"]["seen"], "../local", "the folder")
    equal((kinds["godebug"]["embedded"], kinds["godebug"]["seen"]), ("panicnil=1", "panicnil=0"), "GODEBUG")
    result = lib.run([os.path.abspath("out")], record="same.jsonl", env=lib.clean_env(GODEBUG="gctrace=0,panicnil=1"))
    one = [p for p in report(result)["programs"] if p["exe"] == os.path.abspath("out")]
    equal([c for c in one[0]["contradictions"] if c["kind"] == "godebug"], [], "what contradicts nothing")


def test_vendor():
    """A vendor folder is used though nobody asked for it."""
    lib.need("go")
    user_of_dep("app")
    env = dict(dep_env(proxy("proxy")), GOFLAGS="-buildvcs=false -modcacherw")
    for args in (["mod", "tidy"], ["mod", "vendor"]):
        subprocess.run(["go"] + args, cwd="app", env=env, check=True, stderr=subprocess.DEVNULL)
    result = run_go("build", "-o", "../out", ".", cwd="app", env=env)
    modules = modules_of(report(result), "build")
    vendor = modules["vendor"]
    equal((vendor["path"], vendor["auto"]), (os.path.abspath("app/vendor/modules.txt"), True), "vendor")
    sub = module(modules, "example.org/dep/sub")
    equal((sub["origin"], sub["module"]), ("vendor", "example.org/dep v1.0.0"), "the package")
    check("no module of the module cache" in page(result), page(result))
    result = run_go("build", "-mod=vendor", "-o", "../out", ".", cwd="app", env=env, record="asked.jsonl")
    vendor = modules_of(report(result), "build")["vendor"]
    equal((vendor["auto"], vendor["asked"]), (False, True), "vendor when asked for")


TEST_GO = """package words

import (
	"os"
	"os/exec"
	"testing"
)

var early, _ = os.ReadFile("../early.txt")

func TestInputs(t *testing.T) {
	for _, name := range []string{"data.txt", "%s"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := exec.Command("cat", "child.txt").Run(); err != nil {
		t.Fatal(err)
	}
}
"""


def test_inputs():
    """What a test read: a young file, one outside the module, one before the list, one by a child; then the cache."""
    lib.need("cat")
    top = workload.module("app")
    outside = os.path.abspath("outside.txt")
    for name in (outside, "app/early.txt", "app/words/data.txt", "app/words/child.txt"):
        workload.write(name, "x\n")
        os.utime(name, (1000000000, 1000000000))
    workload.write("app/words/words_test.go", TEST_GO % outside)
    env = dict(workload.shared_cache_env())
    os.utime("app/words/data.txt", (time.time() + 3600,) * 2)	# young, however slow the build is
    result = run_go("test", "./words", cwd=top, env=env)
    test = report(result)["tests"]["runs"]
    equal(len(test), 1, "test binaries")
    inputs = {os.path.basename(i["path"]): i for i in test[0]["inputs"]}
    equal((inputs["data.txt"]["inside"], inputs["data.txt"]["too_new"]), (True, True), "the young file")
    equal((inputs["outside.txt"]["inside"], inputs["outside.txt"]["unseen"]), (False, True), "the file outside")
    equal((inputs["early.txt"]["before"], inputs["early.txt"]["unseen"]), (True, True), "the early file")
    equal((inputs["child.txt"]["by_child"], inputs["child.txt"]["unseen"]), (True, True), "the child's file")
    check("the result is not kept: $MODULE/words/data.txt" in page(result), page(result))
    os.utime("app/words/data.txt", (1000000000, 1000000000))
    result = run_go("test", "./words", cwd=top, env=env, record="old.jsonl")
    inputs = {os.path.basename(i["path"]): i for i in report(result)["tests"]["runs"][0]["inputs"]}
    equal((inputs["data.txt"]["too_new"], inputs["data.txt"]["mtime"]), (False, "1000000000000000000"), "the old file")
    result = run_go("test", "./words", cwd=top, env=env, record="cached.jsonl")
    check("(cached)" in result.out, "go did not use its cache:", result.out)
    tests = report(result)["tests"]
    equal((len(tests["runs"]), len(tests["cached"])), (0, 1), "runs and cached results")
    check("came from the cache; -count=1 runs tests again cached example.org/hello/words" in page(result), page(result))
    result = lib.run(["sh", "-c", "touch -d @1000000050 words/data.txt; go test ./words; "
                      "touch -d @1000000100 words/data.txt; go test ./words"], record="changed.jsonl", cwd=top, env=env)
    equal(result.status, 0, said(result))
    runs = report(result)["tests"]["runs"]
    equal(len(runs), 2, "runs after a change of time")
    data = next(i for i in runs[1]["inputs"] if i["path"].endswith("/data.txt"))
    equal((data["changed"], data["old_mtime"]), (True, "1000000050000000000"), "the file of another time")


CGO_MAIN = """package main

/*
#include <stddef.h>
static size_t twice(int x) { return 2 * (size_t)x; }
*/
import "C"

func main() { println(int(C.twice(21))) }
"""


def test_c_compilers():
    """The version of the C compiler is the one that it says of itself, for gcc and for clang."""
    top = workload.module("m")
    goroot = subprocess.run(["go", "env", "GOROOT"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    workload.write("m/main.go", CGO_MAIN)
    for name in ("gcc", "clang"):
        if not shutil.which(name):
            continue
        says = subprocess.run([name, "-dumpversion"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        env = dict(workload.shared_cache_env(), GOCACHE=workload.warm_cache(goroot, "cache-" + name),
                   CGO_ENABLED="1", CC=name)
        result = run_go("build", "-o", "out", ".", cwd=top, env=env, record=name + ".jsonl")
        compilers = [t for t in report(result)["toolchains"] if t["role"] == "C compiler"]
        equal([(t.get("version"), t.get("confidence")) for t in compilers], [(says, "proven")], f"version of {name}")
        event = next(line for line in result.record.lines if line.get("ts") == compilers[0]["proof"][0])
        check(f"/{says}/" in (event.get("exe") or event["path"]), "the event that proves it:", event)


def write_packages():
    """Packages whose tests read files, or nothing, or stand beside them; one without tests, one program."""
    workload.write("m/go.mod", "module example.org/hello\n\ngo 1.15\n")
    for name in ("a", "b", "b/c", "cmd/prog", "none"):
        last = "main" if name == "cmd/prog" else os.path.basename(name)
        workload.write(f"m/{name}/one.go", f"package {last}\n\nfunc F() int {{ return 1 }}\n" +
                       ("\nfunc main() {}\n" if last == "main" else ""))
        if name == "none":
            continue
        outside = "_test" if name == "b/c" else ""
        workload.write(f"m/{name}/one_test.go", f"package {last}{outside}\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\n"
                       "func TestF(t *testing.T) {\n\tif _, err := os.ReadFile(\"one.go\"); err != nil {\n"
                       "\t\tt.Fatal(err)\n\t}\n}\n")
    for folder, _, names in os.walk("m"):
        for name in names:
            os.utime(os.path.join(folder, name), (1500000000, 1500000000))


def make_cached(version):
    def test():
        """Which packages' test results came from the cache: what go test -json says of itself."""
        root = test_cache.goroot(version)
        write_packages()
        env = test_cache.go_env(root, GOCACHE=workload.warm_cache(root))
        said = []
        for name, edited in (("first", None), ("second", None), ("third", "m/b/one.go"), ("expired", None)):
            if name == "expired":	# the results are found, and too old
                done = subprocess.run([root + "/bin/go", "clean", "-testcache"], env=env, cwd="m")
                equal(done.returncode, 0, "status of go clean")
            if edited:
                workload.write(edited, "package b\n\nfunc F() int { return 2 }\n")
            result = run_go("test", "-json", "./...", cwd="m", env=env, record=name + ".jsonl")
            lines = [json.loads(line) for line in result.out.splitlines() if line.startswith("{")]
            cached = {line["Package"] for line in lines if "(cached)" in line.get("Output", "")}
            answer = report(result)
            ours = {p["path"] for c in answer["tests"]["cached"] for p in c["packages"]}
            equal(ours, cached, f"cached, {name}")
            known = {p["confidence"] for c in answer["tests"]["cached"] for p in c["packages"]}
            equal(known, {"proven"} if ours else set(), f"how the packages are known, {name}")
            equal([c["all"] for c in answer["tests"]["cached"]], [name == "second"] * bool(cached), "all of them")
            said.append(len(cached))
            check(all(path in page(result).split("Tests", 1)[1] for path in ours), "a package is not on the page:", page(result))
        equal(said, [0, 4, 3, 0], "results from the cache")
    test.limit = 600
    return test


for _version in ("1.19", "1.22", "1.26", "1.27") if lib.LONG else ("1.19", "1.27"):
    globals()["test_cached_" + _version.replace(".", "_")] = make_cached(_version)
