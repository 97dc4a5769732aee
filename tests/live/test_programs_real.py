# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Real programs, of cobra, viper and gin as Debian has their sources, built in GOPATH, vendor and module
mode: the report's cache table against what "go build -debug-actiongraph" says of each package.

The standard library comes from a build cache that is kept in the cache folder, one for each Go.
GOENVBPF_LONG=1 (scripts/test.sh long) builds all programs in all modes by all versions, std as well.
"""
import collections
import fcntl
import json
import os
import shutil
import subprocess

import lib
import test_cache
import workload
from lib import check, equal

LONG = lib.LONG
KEPT = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "goenvbpf")

MAINS = {
    "cobra": """package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func main() {
	c := &cobra.Command{Use: "app", Run: func(*cobra.Command, []string) { fmt.Println("app") }}
	c.Execute()
}
""",
    "viper": """package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
)

func main() {
	c := &cobra.Command{Use: "app", Run: func(*cobra.Command, []string) { fmt.Println(viper.GetString("name")) }}
	c.Execute()
}
""",
    "gin": """package main

import "github.com/gin-gonic/gin"

func main() {
	r := gin.Default()
	r.GET("/", func(c *gin.Context) { c.JSON(200, gin.H{"message": "app"}) })
	r.Run()
}
""",
}

PACKAGE = "example.org/app"
EDITS = {"cobra": "github.com/spf13/pflag", "viper": "github.com/spf13/cast", "gin": "github.com/gin-contrib/sse"}


def sources():
    done = subprocess.run([os.path.join(lib.TOP, "scripts", "go-programs.sh")], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise lib.Skip(f"no sources: {done.stderr.strip()[-200:]}")
    return done.stdout.strip() + "/src"


def module_of(package):
    """The folder of the repository that a package is of, which is a module here."""
    first = package.split("/")
    return "/".join(first[:2 if first[0] == "gopkg.in" or first[0] == "google.golang.org" else 3])


class Program:
    """One program's sources in a mode, with copies of the libraries that it needs."""

    def __init__(self, name, version, mode):
        self.name, self.mode = name, mode
        self.root = test_cache.goroot(version)
        self.env = test_cache.go_env(self.root, GOMODCACHE=os.path.abspath("modcache"))
        self.env["GO111MODULE"] = "off" if mode == "gopath" else "on"
        self.env["GOPATH"] = os.path.abspath("gopath")
        self.dir = os.path.abspath("gopath/src/" + PACKAGE if mode == "gopath" else "app")
        self.libraries = os.path.abspath("gopath/src" if mode == "gopath" else "libraries")
        os.makedirs(self.env["HOME"], exist_ok=True)
        workload.write(self.dir + "/main.go", MAINS[name])
        self.modules = self.copy_libraries()
        if mode != "gopath":
            self.make_module()
        if mode == "vendor":
            self.plain("mod", "vendor")
            self.libraries = self.dir + "/vendor"
        self.fill_cache()

    def plain(self, *args, **more):
        done = subprocess.run([self.root + "/bin/go", *args], cwd=self.dir, env=dict(self.env, **more),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        equal(done.returncode, 0, f"status of go {args}: {done.stderr[-1000:]}")
        return done.stdout.split()

    def copy_libraries(self):
        src = sources()
        os.makedirs("all/src/" + PACKAGE)
        shutil.copy(self.dir + "/main.go", "all/src/" + PACKAGE)
        deps = self.plain("list", "-deps", PACKAGE, GO111MODULE="off",
                          GOPATH=os.path.abspath("all") + ":" + os.path.dirname(src))
        # what only other systems need, go mod vendor asks for all the same
        workload.write(self.libraries + "/github.com/inconshreveable/mousetrap/m.go",
                       "package mousetrap\n\nfunc StartedByExplorer() bool { return false }\n")
        modules = sorted({"github.com/inconshreveable/mousetrap"} | {module_of(p) for p in deps if "." in p.split("/")[0] and p != PACKAGE})
        for module in modules:
            if os.path.exists(os.path.join(src, module)):
                shutil.copytree(os.path.join(src, module), os.path.join(self.libraries, module),
                                ignore=shutil.ignore_patterns("*_test.go", "testdata", "_examples", "examples"))
        return modules

    def make_module(self):
        """Each library is a module in a folder, whatever versions its own go.mod asks for."""
        lines = [f"module {PACKAGE}", "", "go 1.17", ""]
        for module in self.modules:
            version = "v" + module[-1] + ".0.0" if module.startswith("gopkg.in/") and module[-3:-1] == ".v" else "v0.0.0"
            lines += [f"require {module} {version}", f"replace {module} => ../libraries/{module}"]
            workload.write(f"{self.libraries}/{module}/go.mod", f"module {module}\n\ngo 1.17\n")
            for path, _, names in os.walk(f"{self.libraries}/{module}"):
                if "go.mod" in names and path != f"{self.libraries}/{module}":
                    os.unlink(path + "/go.mod")
        workload.write(self.dir + "/go.mod", "\n".join(lines) + "\n")

    def fill_cache(self):
        """The standard library as it was compiled once."""
        if LONG:
            return
        os.makedirs(KEPT + "/go-programs.std", exist_ok=True)
        kept = f"{KEPT}/go-programs.std/{os.path.basename(self.root)}-{self.name}"
        with open(kept + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.exists(kept):
                std = [p for p in self.plain("list", "-deps", ".") if "." not in p.split("/")[0] and p != "unsafe"]
                self.plain("build", *[p for p in std if not p.startswith("vendor/")], GOCACHE=kept + ".new")
                os.rename(kept + ".new", kept)
            shutil.copytree(kept, self.env["GOCACHE"], dirs_exist_ok=True)

    def build(self, name, output):
        """One build: (the report's cache, what was wrong with it)."""
        graph = os.path.abspath(name + ".graph")
        report, _, _ = test_cache.go(name, self.root, "build", "-debug-actiongraph=" + graph,
                                     "-o", os.path.abspath(output), ".", cwd=self.dir, env=self.env)
        with open(graph) as f:
            actions = [a for a in json.load(f) if a.get("Package") and a["Mode"] in ("build", "link")]
        return compare(test_cache.cache_of(report), actions)


def compare(cache, actions):
    """Our table and go's own, package by package."""
    ran = {(a["Mode"], a["Package"]): bool(a.get("Cmd")) for a in actions if a["Package"] != "unsafe"}
    builds = {package: made for (mode, package), made in ran.items() if mode == "build"}
    ours = collections.defaultdict(list)
    for p in cache["packages"]:
        ours[p.get("path")].append(p)
    wrong = [f"{name}: {len(found)} times" for name, found in ours.items() if len(found) > 1 or name not in builds]
    for name, made in builds.items():
        outcomes = [p["outcome"] for p in ours[name]]
        if [o in ("miss", "broken", "built", "unseen") for o in outcomes] != [made]:
            wrong.append(f"{name}: {outcomes}, made: {made}")
        wrong += [f"{name}: made without a time: {p}" for p in ours[name] if made and not p.get("compile_ns", 0) > 0]
    links = [u for u in cache["others"] if u["kind"] == "link"]
    if [(u["package"], u["outcome"]) for u in links if u.get("work_ns")] != \
            [(package, "miss") for (mode, package), made in ran.items() if mode == "link" and made]:
        wrong.append(f"links: {links}")
    check(not wrong, f"{len(wrong)} of {len(builds)}:", "\n".join(wrong[:20]))
    return cache


def made(cache):
    return {p["path"] for p in cache["packages"] if p["outcome"] in ("miss", "broken", "built", "unseen")}


def edit(program):
    path = os.path.join(program.libraries, EDITS[program.name])
    name = sorted(n for n in os.listdir(path) if n.endswith(".go"))[0]
    with open(os.path.join(path, name), "a") as f:
        f.write("\n// edited\nvar editedForThisTest = 1\n")


def one(name, version, mode):
    program = Program(name, version, mode)
    cold = program.build("cold", "out1")
    check(made(cold) >= {PACKAGE, EDITS[name]}, "cold: made only", made(cold))
    warm = program.build("warm", "out2")
    equal(made(warm), set(), "made, warm")
    same = program.build("same", "out2")
    equal([p["outcome"] for p in same["packages"] if p["path"] == PACKAGE], ["up-to-date"], "an unchanged program")
    equal([u for u in same["others"] if u["kind"] == "link" and u.get("work_ns")], [], "links of an unchanged program")
    edit(program)
    edited = program.build("edited", "out2")
    check({PACKAGE, EDITS[name]} <= made(edited) <= made(cold), "edited: made", made(edited))
    return f"{name}, {mode} mode, {len(cold['packages'])} packages"


def all_of(version):
    done = [one_in_folder(name, version, mode) for name in MAINS for mode in ("gopath", "vendor", "module")]
    return "; ".join(done)


def one_in_folder(name, version, mode):
    top = os.getcwd()
    os.makedirs(f"{name}-{mode}")
    os.chdir(f"{name}-{mode}")
    try:
        return one(name, version, mode)
    finally:
        os.chdir(top)


def make(version, name, mode):
    def test():
        return all_of(version) if LONG else one(name, version, mode)
    test.limit = 7200 if LONG else 600
    return test


CHOSEN = {"1.19": ("cobra", "gopath"), "1.22": ("cobra", "vendor"), "1.26": ("cobra", "module")}

for _version in ("1.19", "1.22", "1.24", "1.26", "1.27") if LONG else CHOSEN:
    _name, _mode = CHOSEN.get(_version, (None, None))
    globals()["test_" + _version.replace(".", "_")] = make(_version, _name, _mode)
