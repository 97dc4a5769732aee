# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Why it was built again: situations with a known cause, alone and in pairs, after a run that built all
(cold) and after one that found all in the cache (warm). The right causes, and no other.
"""
import fcntl
import glob
import json
import os
import shutil
import subprocess
import zipfile

import lib
import workload
from lib import check, equal, said
from test_cache import go_env, goroot

VERSIONS = ["1.19", "1.22", "1.24", "1.26", "1.27"] if lib.LONG else ["1.27"]
HOUR_AGO = ["find", ".", "-exec", "touch", "-d", "1 hour ago", "{}", "+"]


class World:
    """A module, a cache of its own, and records of builds of it."""

    def __init__(self, name, version, base=None):
        self.top = os.path.abspath(name)
        os.makedirs(self.top + "/home")
        self.version, self.dir, self.args, self.opts, self.prefix = version, self.top + "/m", ["build", "./..."], [], []
        self.env = {k: v for k, v in go_env(goroot(version), GOFLAGS=None).items() if v is not None}
        self.env.update(HOME=self.top + "/home", GOCACHE=self.top + "/cache", CGO_ENABLED="0")
        if base:
            subprocess.run(["cp", "-a", base, self.top + "/cache"], check=True)
        self.module()
        self.age()

    def write(self, path, text):
        workload.write(self.dir + "/" + path, text)

    def module(self):
        self.write("go.mod", "module example.org/shop\n\ngo 1.18\n")
        self.write("leaf/l.go", "package leaf\n\nconst L = 1\n")
        self.write("leaf/extra.go", "package leaf\n\nconst E = 1\n")
        self.write("leaf/special.go", "//go:build special\n\npackage leaf\n\nconst S = 1\n")
        self.write("money/m.go", 'package money\n\nimport "example.org/shop/leaf"\n\nconst X = leaf.L + 1\n')
        self.write("api/a.go", 'package api\n\nimport "example.org/shop/money"\n\nconst Y = money.X\n')
        self.write("alone/a.go", "package alone\n\nfunc F()\n")
        self.write("alone/a_amd64.s", "TEXT ·F(SB),$0\n\tRET\n")

    def age(self):
        """Files that are older than what go takes for just written."""
        subprocess.run(HOUR_AGO, cwd=self.dir, check=True)

    def build(self, name):
        command = self.prefix + ["go", *self.args]
        result = lib.run(command, "-q", *self.opts, record=f"{self.top}/{name}.jsonl", cwd=self.dir, env=self.env, timeout=300)
        equal(result.status, 0, f"{name}: {' '.join(command)}: {said(result)}; {lib.read('tool.out')[-500:]}")
        return result.path

    def script(self, text):
        self.prefix = ["sh", "-c", text + '; exec "$@"', "sh"]


def diff(old, new, *options):
    out = subprocess.run([lib.TOOL, "diff", "--json", *options, old, new], stdout=subprocess.PIPE, timeout=300)
    equal(out.returncode, 0, "status of diff")
    return lib.answer("diff", out.stdout)


def told(answer, packages=False):
    """{(kind, end of the detail)} or, with packages, {kind: packages}."""
    if packages:
        return {c["kind"]: {p.replace("example.org/shop/", "") for p in c["packages"]} for c in answer["causes"]}
    return {(c["kind"], os.path.basename(c["detail"])) for c in answer["causes"]}


# --- changes: each says what must be told -----------------------------------------------------------

def replace(world, path, old, new):
    with open(f"{world.dir}/{path}", encoding="utf-8") as f:
        text = f.read()
    check(old in text, path, "has no", old)
    world.write(path, text.replace(old, new))


def edit(world):
    replace(world, "leaf/l.go", "L = 1", "L = 3")
    return {("source-file", "l.go")}


def edit_another(world):
    replace(world, "alone/a.go", "func F()", "func F()\n\nfunc G() int { return 1 }")
    return {("source-file", "a.go")}


def edit_assembler(world):
    replace(world, "alone/a_amd64.s", "RET", "NOP\n\tRET")
    return {("source-file", "a_amd64.s")}


def same_size_and_mtime(world):
    path = world.dir + "/leaf/l.go"
    before = os.stat(path)
    edit(world)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return {("source-file", "l.go")}


def add_file(world):
    world.write("leaf/added.go", "package leaf\n\nconst A = 1\n")
    return {("file-added", "added.go")}


def remove_file(world):
    os.remove(world.dir + "/leaf/extra.go")
    return {("file-removed", "extra.go")}


def rename_file(world):
    os.rename(world.dir + "/leaf/extra.go", world.dir + "/leaf/renamed.go")
    return {("file-removed", "extra.go"), ("file-added", "renamed.go")}


def gcflags(world):
    world.args.insert(1, "-gcflags=-N")
    return {("flag", "-gcflags")}


def gcflags_of_one(world):
    world.args.insert(1, "-gcflags=example.org/shop/alone=-N")
    return {("flag", "-gcflags")}


def goflags(world):
    world.env["GOFLAGS"] = "-gcflags=all=-N"
    return {("flag", "-gcflags")}


def tags(world):
    world.args.insert(1, "-tags=special")
    return {("flag", "-tags")}


def trimpath(world):
    world.args.insert(1, "-trimpath")
    return {("flag", "-trimpath")}


def buildmode(world):
    world.args.insert(1, "-buildmode=pie")
    return {("flag", "-buildmode")}


def build_all(world):
    world.args.insert(1, "-a")
    return {("flag", "-a")}


def goamd64(world):
    world.env["GOAMD64"] = "v3"
    return {("environment", "GOAMD64")}


def goarch(world):
    shutil.rmtree(world.dir + "/alone")
    world.env["GOARCH"] = "arm64"
    return {("environment", "GOARCH")}


def goexperiment(world):
    world.env["GOEXPERIMENT"] = "fieldtrack"
    return {("environment", "GOEXPERIMENT")}


def go_line(world):
    replace(world, "go.mod", "go 1.18", "go 1.17")
    return {("module", "the go line of go.mod")}


def another_folder(world):
    shutil.copytree(world.dir, world.top + "/elsewhere")
    world.dir = world.top + "/elsewhere"
    world.age()
    return {("directory", "the folder of the sources")}


def cache_removed_all(world):
    shutil.rmtree(world.env["GOCACHE"])
    return {("cache-absent", "the build cache was made anew")}


def another_cache(world):
    world.env["GOCACHE"] += "-2"
    return {("cache-absent", "another build cache")}


def entries_of(world, package):
    """The entries of a package: what the archive says of itself."""
    found = []
    for path in glob.glob(world.env["GOCACHE"] + "/??/*-a"):
        with open(path, encoding="ascii") as f:
            output = f.read().split()[2]
        data = f"{world.env['GOCACHE']}/{output[:2]}/{output}-d"
        with open(data, "rb") as f:
            content = f.read()
        if content.startswith(b"!<arch>") and package.encode() in content:
            found.append((path, data))
    return found


def entry_removed(world):
    for path, _ in entries_of(world, "example.org/shop/alone"):
        os.remove(path)
    return {("cache-removed", "removed between the runs, or not restored")}


def entry_damaged(world):
    for _, data in entries_of(world, "example.org/shop/alone"):
        os.truncate(data, 1)
    return {("cache-removed", "what was kept is damaged")}


def removed_in_sight(world):
    world.script("rm -f " + " ".join(path for path, _ in entries_of(world, "example.org/shop/alone")))
    return {("cache-removed", "removed by rm")}


def cleaned_in_sight(world):
    world.script("go clean -cache")
    return {("cache-removed", "removed by go clean")}


def trimmed_in_sight(world):
    """The first go of the run finds entries that nobody used for days, and removes them as it ends."""
    world.script(f"find {world.env['GOCACHE']} -exec touch -d '20 days ago' {{}} +; rm -f {world.env['GOCACHE']}/trim.txt; "
                 "go list ./nowhere >/dev/null 2>&1; go build ./leaf")
    return {("trimmed", "go removed it as not used for days")}


def kept_elsewhere(world):
    """The cache is moved to where a job would keep it."""
    os.rename(world.env["GOCACHE"], world.top + "/kept")
    return world.top + "/kept", world.env["GOCACHE"]


def restored_with_cp(world):
    world.script("cp -r {} {}".format(*kept_elsewhere(world)))
    return set()


def restored_with_cp_a(world):
    """With times that go takes for those of what nobody needs any more; what it finds it marks as used first."""
    kept, cache = kept_elsewhere(world)
    subprocess.run(f"rm -f {kept}/trim.txt; find {kept} -exec touch -d '20 days ago' {{}} +", shell=True, check=True)
    world.script(f"cp -a {kept} {cache}")
    return set()


def restored_in_part(world):
    entry_removed(world)
    restored_with_cp(world)
    return {("cache-removed", "removed between the runs, or not restored")}


def second_module(world):
    """Another module, in the same cache, that only the new run builds."""
    for path, text in (("go.mod", "module example.org/second\n\ngo 1.18\n"), ("s.go", "package second\n")):
        workload.write(f"{world.top}/second/{path}", text)
    world.script(f"(cd {world.top}/second && go build ./...)")
    return {("cache-absent", "not built in the old run")}


def verify(world):
    world.env["GODEBUG"] = "gocacheverify=1"
    return {("environment", "GODEBUG")}


def touch(world):
    subprocess.run(["find", ".", "-exec", "touch", "-d", "30 minutes ago", "{}", "+"], cwd=world.dir, check=True)
    return set()


def fresh_checkout(world):
    os.rename(world.dir, world.top + "/gone")
    shutil.copytree(world.top + "/gone", world.dir, copy_function=shutil.copyfile)
    subprocess.run(["find", ".", "-exec", "touch", "-d", "10 minutes ago", "{}", "+"], cwd=world.dir, check=True)
    return set()


def add_test_file(world):
    world.write("leaf/l_test.go", "package leaf\n")
    return set()


def add_other_platform(world):
    world.write("leaf/l_windows.go", "package leaf\n\nconst W = 1\n")
    world.write("leaf/ignored.go", "//go:build ignore\n\npackage main\n")
    return set()


def other_variables(world):
    world.env.update(GOPROXY="https://proxy.example.org", GOGC="50", GOPRIVATE="example.org")
    return set()


def new_package(world):
    world.write("fresh/f.go", "package fresh\n")
    return {("cache-absent", "not built in the old run")}


# --- with programs, C, embedded files, tests, other modules -------------------------------------------

def primed(version, beside):
    """A cache with the standard library's part of it, made once in a run of the tests; None: there is none."""
    kind = PRIMES.get(beside)
    if not kind:
        return None
    base = f"{lib.GOCACHE}-diff-{version}-{kind.__name__}"
    with open(base + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(base):
            world = World(f"prime-{kind.__name__}-{version}", version)
            world.env.update(GOCACHE=base + ".new")
            kind(world)
            args = ["test", "-run=none", "./tested"] if kind == tested else ["build", "./..."]
            subprocess.run(["go", *args], cwd=world.dir, env=world.env, check=True, stdout=subprocess.DEVNULL)
            os.rename(base + ".new", base)
    return base


def program(world):
    world.write("main.go", 'package main\n\nimport "example.org/shop/api"\n\nvar version = "none"\n\n'
                           "func main() { println(api.Y, version) }\n")


def in_repository(world):
    program(world)
    for args in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        git(world, *args)


def git(world, *args):
    env = dict(world.env, GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_NAME="a",
               GIT_COMMITTER_EMAIL="a@example.org")
    subprocess.run(["git", *args], cwd=world.dir, env=env, check=True, stdout=subprocess.DEVNULL)


def with_c(world):
    world.env["CGO_ENABLED"] = "1"
    world.write("c/c.go", 'package c\n\n// int f(void);\nimport "C"\n\nfunc F() int { return int(C.f()) }\n')
    world.write("c/f.c", '#include "f.h"\nint f(void) { return F; }\n')
    world.write("c/f.h", "#define F 3\n")


def embedding(world):
    world.write("e/e.go", 'package e\n\nimport "embed"\n\n//go:embed static\nvar S embed.FS\n')
    world.write("e/static/one.txt", "one\n")


def tested(world):
    world.write("tested/t.go", "package tested\n\nconst T = 1\n")
    world.write("tested/t_test.go", 'package tested\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestT(t *testing.T) {\n'
                                    '\tif _, err := os.ReadFile("testdata/in.txt"); err != nil {\n\t\tt.Fatal(err)\n\t}\n}\n')
    world.write("tested/testdata/in.txt", "in\n")


def one_test(world):
    tested(world)
    world.args = ["test", "./tested"]


def workspace(world):
    program(world)
    world.write("../other/go.mod", "module example.org/other\n\ngo 1.18\n")
    world.write("../other/o.go", "package other\n\nconst O = 1\n")
    world.write("api/b.go", 'package api\n\nimport "example.org/other"\n\nconst Z = other.O\n')
    world.write("go.work", "go 1.18\n\nuse (\n\t.\n\t../other\n)\n")


def replaced(world):
    world.write("go.mod", "module example.org/shop\n\ngo 1.18\n\nrequire example.org/other v0.0.0\n\n"
                          "replace example.org/other => ../other\n")
    world.write("../other/go.mod", "module example.org/other\n\ngo 1.18\n")
    world.write("../other/o.go", "package other\n\nconst O = 1\n")
    world.write("api/b.go", 'package api\n\nimport "example.org/other"\n\nconst Z = other.O\n')


def vendored(world):
    world.write("go.mod", "module example.org/shop\n\ngo 1.18\n\nrequire example.org/dep v1.0.0\n")
    world.write("vendor/modules.txt", "# example.org/dep v1.0.0\n## explicit\nexample.org/dep\n")
    world.write("vendor/example.org/dep/d.go", "package dep\n\nconst D = 1\n")
    world.write("api/b.go", 'package api\n\nimport "example.org/dep"\n\nconst Z = dep.D\n')


def downloading(world):
    for version, value in (("v1.0.0", 1), ("v1.1.0", 2)):
        base, mod = f"{world.top}/proxy/example.org/dep/@v/{version}", "module example.org/dep\n\ngo 1.18\n"
        workload.write(base + ".info", f'{{"Version":"{version}","Time":"2024-01-01T00:00:00Z"}}')
        workload.write(base + ".mod", mod)
        with zipfile.ZipFile(base + ".zip", "w") as archive:
            archive.writestr(f"example.org/dep@{version}/go.mod", mod)
            archive.writestr(f"example.org/dep@{version}/d.go", f"package dep\n\nconst D = {value}\n")
    world.env.update(GOPROXY=f"file://{world.top}/proxy", GONOSUMDB="example.org", GOSUMDB="off", GONOSUMCHECK="1",
                     GOFLAGS="-mod=mod -modcacherw", GOMODCACHE=world.top + "/modcache")
    world.write("go.mod", "module example.org/shop\n\ngo 1.18\n\nrequire example.org/dep v1.0.0\n")
    world.write("api/b.go", 'package api\n\nimport "example.org/dep"\n\nconst Z = dep.D\n')


def edit_program(world):
    replace(world, "main.go", "println(", "println(1, ")
    return {("source-file", "main.go")}


def ldflags(world):
    world.args.insert(1, "-ldflags=-X=main.version=1")
    return {("flag", "-ldflags")}


def commit(world):
    world.write("README", "more\n")
    git(world, "add", "-A")
    git(world, "commit", "-q", "-m", "second")
    return {("vcs", "the state of the repository is stamped into programs")}


def edit_c(world):
    replace(world, "c/f.c", "return F", "return 1 + F")
    return {("source-file", "f.c")}


def edit_header(world):
    replace(world, "c/f.h", "F 3", "F 4")
    return {("cgo-header", "f.h")}


def cflags(world):
    world.env["CGO_CFLAGS"] = "-O1"
    return {("environment", "CGO_CFLAGS")}


def edit_embedded(world):
    world.write("e/static/one.txt", "two\n")
    return {("embed", "one.txt")}


def embed_another(world):
    world.write("e/static/two.txt", "two\n")
    return {("embed", "two.txt")}


def edit_other_module(world):
    replace(world, "../other/o.go", "O = 1", "O = 2")
    return {("source-file", "o.go")}


def edit_vendored(world):
    replace(world, "vendor/example.org/dep/d.go", "D = 1", "D = 2")
    return {("source-file", "d.go")}


def another_version(world):
    replace(world, "go.mod", "v1.0.0", "v1.1.0")
    return {("module", "dep")}


def another_modcache(world):
    world.env["GOMODCACHE"] += "-2"
    return {("directory", "GOMODCACHE")}


def edit_test(world):
    replace(world, "tested/t_test.go", "t.Fatal(err)", 't.Fatal(err, "x")')
    return {("source-file", "t_test.go")}


def edit_test_input(world):
    world.write("tested/testdata/in.txt", "out\n")
    subprocess.run(["touch", "-d", "5 minutes ago", "tested/testdata/in.txt"], cwd=world.dir, check=True)
    return {("test-input", "in.txt")}


def count(world):
    world.args.insert(1, "-count=1")
    return {("flag", "-count")}


def another_toolchain(world):
    world.env["PATH"] = goroot("1.24" if world.version != "1.24" else "1.26") + "/bin:" + world.env["PATH"]
    return {("toolchain", "another version of Go")}


PRIMES = {program: program, in_repository: program, workspace: program, with_c: with_c, embedding: embedding,
          one_test: tested}

#           what the module has beside    what changes
LARGE = [(program, (edit_program,)), (program, (edit,)), (program, (ldflags,)), (in_repository, (commit,)),
         (in_repository, (commit, edit_another)), (with_c, (edit_c,)), (with_c, (edit_header,)), (with_c, (cflags,)),
         (with_c, (edit_header, edit)), (embedding, (edit_embedded,)), (embedding, (embed_another,)),
         (workspace, (edit_other_module,)), (replaced, (edit_other_module,)), (vendored, (edit_vendored,)), (downloading, (another_version,)),
         (downloading, (another_modcache,)), (one_test, (edit_test,)), (one_test, (edit_test_input,)),
         (one_test, (count,)), (World.module, (another_toolchain,))]

CHANGES = [edit, edit_assembler, same_size_and_mtime, add_file, remove_file, rename_file, gcflags,
           gcflags_of_one, goflags, tags, trimpath, goamd64, goarch, goexperiment, go_line, another_folder,
           cache_removed_all, another_cache, entry_removed, entry_damaged, removed_in_sight, cleaned_in_sight,
           trimmed_in_sight, verify, build_all, touch, fresh_checkout, add_test_file, add_other_platform,
           other_variables, new_package, buildmode, restored_with_cp, restored_with_cp_a, restored_in_part, second_module]
PAIRS = [(edit, edit_another), (restored_with_cp, edit), (second_module, edit), (edit, gcflags_of_one), (edit, add_file), (goamd64, edit), (another_folder, edit_another), (touch, edit), (add_test_file, remove_file),
         (tags, edit_another), (go_line, edit)]


def tests_of(record):
    done = subprocess.run([lib.TOOL, "report", "--json", record], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)["tests"]


def situation(beside, changes, version, warm):
    name = "-".join([change.__name__ for change in changes]) + ("-warm" if warm else "-cold") + "-" + version
    world = World(name, version, primed(version, beside))
    if beside:
        beside(world)
        world.age()
    old = world.build("cold")
    if warm:
        old = world.build("warm")
    want = set()
    for change in changes:
        want |= change(world)
    new = world.build("new")
    answer = diff(old, new)
    check(told(answer) == want, f"{name}: expected {want}, got {answer['causes']}; tests: {tests_of(old)}, then {tests_of(new)}")
    shutil.rmtree(world.top)
    return answer


def each(beside, changes, number):
    """In CI those that take their time are either cold or warm, by turns."""
    is_large = beside or len(changes) > 1
    for version in VERSIONS:
        for warm in (False, True) if lib.LONG or not is_large else (number % 2 == 1,):
            situation(beside, changes, version, warm)


def make_tests():
    all_of_them = [(None, (change,)) for change in CHANGES] + [(None, pair) for pair in PAIRS] + LARGE
    for number, (beside, changes) in enumerate(all_of_them):
        name = f"test_{beside.__name__}_" if beside else "test_"
        name += "_and_".join(change.__name__ for change in changes)
        globals()[name] = lambda beside=beside, changes=changes, number=number: each(beside, changes, number)


# --- computed keys --------------------------------------------------------------------------------------

def keys_of_c(name, **env):
    """What is said of the keys of a build with C in it, and of the cause when a C file is edited then."""
    world = World(name, VERSIONS[-1], primed(VERSIONS[-1], with_c))
    with_c(world)
    replace(world, "c/c.go", "// int f", '// #cgo CFLAGS: -DX="a b" -I${SRCDIR}\n// #cgo LDFLAGS: -lm\n// int f')
    world.write("c/other.c", "//go:build special\n\nint g(void) { return 1; }\n")
    if not env:
        program(world)
    world.age()
    world.env.update(env)
    old = world.build("old")
    edit_c(world)
    answer = diff(old, world.build("new"))
    shutil.rmtree(world.top)
    return answer


def test_keys_of_c():
    """Packages with cgo have keys that are computed as go has them, so that what changed in them is proven."""
    compilers = [{}, {"CGO_CFLAGS": "-O1 -g"}] + ([{"CC": "clang"}] if shutil.which("clang") else [])
    for number, env in enumerate(compilers):
        answer = keys_of_c(f"keys-of-c-{number}", **env)
        equal([key for key in answer["keys"]["open"] if key["package"].startswith("example.org")], [], f"{env}: open keys")
        check(answer["keys"]["new"]["equal"] >= 5 and not answer["keys"]["new"]["other"], env, answer["keys"])
        equal([(c["kind"], c["confidence"]) for c in answer["causes"]], [("source-file", "proven")], f"{env}: causes")


def test_keys_of_hits():
    """Where all was found in the cache, and where the sources import something else then: archives tell what they import."""
    for version in VERSIONS:
        world = World("keys-of-hits-" + version, version, primed(version, program))
        program(world)
        world.write("api/a.go", 'package api\n\nimport (\n\t"example.org/shop/leaf"\n\t"example.org/shop/money"\n)\n\n'
                    'const Y = money.X + leaf.E\n')
        os.remove(world.dir + "/leaf/special.go")	# that go does not build from it, a compiler tells
        world.age()
        world.build("cold")
        old = world.build("warm")
        keys = diff(old, old)["keys"]
        equal(keys["open"], [], f"{version}: keys of a run that compiled nothing")
        check(keys["new"]["equal"] > 5, version, keys)
        world.write("api/a.go", 'package api\n\nimport "example.org/shop/money"\n\nconst Y = money.X\n')
        world.age()
        causes = diff(old, world.build("new"))["causes"]
        equal({(c["kind"], c["confidence"]) for c in causes}, {("source-file", "proven")}, f"{version}: {causes}")
        shutil.rmtree(world.top)


def test_another_c_compiler():
    """It is told by its name where that is another one: what it calls itself follows from that."""
    lib.need("clang")
    world = World("another-cc", VERSIONS[-1], primed(VERSIONS[-1], with_c))
    with_c(world)
    world.age()
    old = world.build("old")
    world.env["CC"] = "clang"
    equal(told(diff(old, world.build("new"))), {("environment", "CC")}, "causes")


# --- what would have been found -------------------------------------------------------------------------

def would_hit(name, changes, beside=None):
    """{detail: (packages, those that would have been found with it as it was)}"""
    world = World(name, VERSIONS[-1], primed(VERSIONS[-1], beside))
    if beside:
        beside(world)
        world.age()
    old = world.build("old")
    for change in changes:
        change(world)
    answer = diff(old, world.build("new"))
    shutil.rmtree(world.top)
    return {os.path.basename(c["detail"]): (len(c["packages"]), c["would_hit"]) for c in answer["causes"]}


def test_would_hit():
    """One setting as it was, and the key is one that the cache has: of each package that it alone made new."""
    for change, detail, cnt in ((goamd64, "GOAMD64", 4), (goflags, "-gcflags", 4), (gcflags_of_one, "-gcflags", 1),
                                (trimpath, "-trimpath", 4), (buildmode, "-buildmode", 4), (tags, "-tags", 1),
                                (goexperiment, "GOEXPERIMENT", 4), (another_folder, "the folder of the sources", 4)):
        got = would_hit("would-" + change.__name__, [change])[detail]
        check(got[1] >= cnt, f"{change.__name__}: {got[1]} of {got[0]} packages would have been found, expected {cnt}")
    got = would_hit("would-program", [goamd64], program)["GOAMD64"]
    equal(got[0], got[1], "a program, in which GOAMD64 is stamped, too")


def test_would_not_hit():
    """An edit is no setting; with two causes neither alone helps; a cache that is another or anew has nothing."""
    equal(would_hit("would-edit", [edit]), {"l.go": (3, 0)}, "an edit")
    equal(would_hit("would-both", [goamd64, edit]), {"GOAMD64": (4, 1), "l.go": (3, 0)}, "an edit and a variable")
    equal(would_hit("would-removed", [goamd64, removed_in_sight])["GOAMD64"], (4, 3), "the entry of one was removed")
    equal(would_hit("would-other", [goamd64, another_cache])["GOAMD64"], (4, 0), "another cache")
    equal(would_hit("would-anew", [goamd64, cache_removed_all])["GOAMD64"], (4, 0), "a cache that was made anew")


# --- one record -----------------------------------------------------------------------------------------

LEAFS = ("math/bits unicode unicode/utf8 unicode/utf16 container/list container/ring image/color image/color/palette "
         "internal/goarch internal/goos internal/byteorder internal/goexperiment internal/godebugs internal/cfg internal/platform "
         "internal/gover internal/nettrace structs encoding cmp internal/syslist internal/goversion "
         "internal/profilerecord").split()


def within(record):
    """What diff says of one record."""
    out = subprocess.run([lib.TOOL, "diff", "--json", record], stdout=subprocess.PIPE, timeout=300)
    equal(out.returncode, 0, "status of diff")
    return lib.answer("diff", out.stdout)


def unseen(world, *args, **env):
    """A go command that is in no record."""
    subprocess.run(["go", *args], cwd=world.dir, env=dict(world.env, **env), check=True, stdout=subprocess.DEVNULL)


def details(answer):
    return {(c["kind"], c["detail"]) for c in answer["causes"]}


def flipped(name, before, now, prepare=None):
    """Everything is built with some settings unseen, then with others in the record: the causes told of that."""
    world = World(name, VERSIONS[-1])
    world.args = ["build", *LEAFS]
    unseen(world, *(prepare or world.args), **before)
    world.env.update(now)
    return within(world.build("now"))


def test_within_flip():
    """A variable or flag of all packages is another one: it is named, with what speaks for it."""
    for name, now, cause in (("level", {"GOAMD64": "v3"}, ("environment", "GOAMD64")),
                             ("flag", {"GOFLAGS": "-gcflags=all=-N"}, ("flag", "-gcflags")),
                             ("mode", {"GOFLAGS": "-buildmode=pie"}, ("flag", "-buildmode")),
                             ("trimpath", {"GOFLAGS": "-trimpath"}, ("flag", "-trimpath"))):
        answer = flipped("flip-" + name, {}, now)
        equal(details(answer), {cause}, f"causes of {now}")
        one = answer["causes"][0]
        equal((one["confidence"], len(one["packages"]) >= len(LEAFS)), ("likely", True), "confidence, packages")
        check("packages missed" in one["evidence"] and "not an edit" in one["evidence"], one["evidence"])


def test_within_flip_unknown():
    """Of several candidates, and of a setting that is gone, the record does not tell which: no cause is made up."""
    kinds = [c["kind"] for c in flipped("two", {}, {"GOAMD64": "v3", "GOFLAGS": "-trimpath"})["causes"]]
    equal(kinds, ["unknown"], "of two candidates")
    causes = flipped("gone", {"GOAMD64": "v3"}, {})["causes"]
    equal([c["kind"] for c in causes], ["unknown"], "of a variable that is gone")
    check("had something set that is not now" in causes[0]["detail"], causes)
    causes = flipped("default", {"GOAMD64": "v3"}, {"GOAMD64": "v1"})["causes"]
    equal([c["kind"] for c in causes], ["unknown"], "of a default that is named")


def test_within_no_flip():
    """The cache knew the packages, and nobody had built them; or they are all there."""
    answer = flipped("listed", {}, {"GOAMD64": "v3"}, ["list", "-deps", *LEAFS])
    equal(details(answer), set(), "listed only")
    equal(details(flipped("same", {}, {})), set(), "nothing changed")


def alone(name, change):
    """A build in no record, a change, a build in the record."""
    world = World(name, VERSIONS[-1])
    unseen(world, *world.args)
    change(world)
    return within(world.build("now"))


def test_within_first_uses():
    """What one record tells of packages that nobody had built in it before."""
    for change, cause in ((removed_in_sight, ("cache-removed", "removed by rm")), (build_all, ("flag", "-a")),
                          (verify, ("environment", "GODEBUG")), (entry_damaged, ("cache-removed", "what was kept is damaged")),
                          (cleaned_in_sight, ("cache-removed", "removed by go clean")),
                          (cache_removed_all, ("cache-absent", "the build cache was made anew"))):
        answer = alone("alone-" + change.__name__, change)
        got = {(kind, detail.rpartition("/")[2]) for kind, detail in details(answer)}
        equal(got, {cause}, change.__name__)
        equal([c["confidence"] for c in answer["causes"]], ["proven"], change.__name__)


def test_within_no_first_uses():
    """An edit and a removal that are not in the record: nothing of it says what they were."""
    for change in (edit, entry_removed, touch):
        equal(details(alone("nothing-" + change.__name__, change)), set(), change.__name__)


def test_removed_before_it_was_made():
    """OLD cleaned the cache and then made all of it: what is missing in NEW was removed in between, by somebody else."""
    world = World("cleaned-before", VERSIONS[-1])
    unseen(world, *world.args)
    world.script("go clean -cache")
    old = world.build("old")
    world.prefix = []
    entry_removed(world)
    equal(details(diff(old, world.build("new"))), {("cache-removed", "removed between the runs, or not restored")}, "causes")


def test_within():
    """One record of two builds with an edit between them: the edit is proven, and beside it only that the cache was new."""
    world = World("within", VERSIONS[-1])
    world.script("go build ./... && sed -i 's/L = 1/L = 3/' leaf/l.go")
    answer = within(world.build("both"))
    equal(details(answer), {("source-file", world.dir + "/leaf/l.go"), ("cache-absent", "the build cache was made anew")}, "causes")
    equal(told(answer, True), {"source-file": {"leaf", "money", "api"}, "cache-absent": {"leaf", "money", "api", "alone"}},
          "packages: the first build was one into a new cache, the second one has the edit")
    equal([c["confidence"] for c in answer["causes"]], ["proven", "proven"], "confidence")


make_tests()
