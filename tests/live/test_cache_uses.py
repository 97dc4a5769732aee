# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What came of each use of the build cache, what making the rest took, and what stood in its way."""
import json
import os
import re
import subprocess

import lib
import test_cache
import workload
from lib import check, equal

VERSIONS = ("1.15", "1.19", "1.22", "1.24", "1.26", "1.27") if lib.LONG else ("1.15", "1.27")
MADE = ("miss", "broken", "built", "asked", "unseen")


def minor(version):
    return int(version.split(".")[1])


def library(path="m"):
    """Three packages that import nothing of the standard library."""
    workload.write(path + "/go.mod", "module example.org/lib\n\ngo 1.15\n")
    workload.write(path + "/leaf/l.go", "package leaf\n\nconst L = 1\n")
    workload.write(path + "/money/m.go", 'package money\n\nimport "example.org/lib/leaf"\n\nconst X = leaf.L + 1\n')
    workload.write(path + "/api/a.go", 'package api\n\nimport "example.org/lib/leaf"\n\nconst Y = leaf.L + 2\n')
    os.makedirs("home", exist_ok=True)


LIBRARY = {"example.org/lib/" + name for name in ("leaf", "money", "api")}


def record(name, *command, env=None, cwd="m", status=0):
    """A command under the tool: (its report, what report prints)."""
    result = lib.run(command, "-q", record=name + ".jsonl", env=env, cwd=cwd, timeout=500)
    if status is not None:
        equal(result.status, status, f"status of {command}, {lib.said(result)}")
    check(result.record.end["complete"], "events were lost")
    answers = [subprocess.run([lib.TOOL, "report", *(opts or ["--full"]), result.path], stdout=subprocess.PIPE, text=True, timeout=300)
               for opts in (["--json"], [])]
    equal([a.returncode for a in answers], [0, 0], "status of report")
    return json.loads(answers[0].stdout), re.sub(r"\s+", " ", answers[1].stdout)


def caches(report):
    return {c["proc"]: c["cache"] for c in report["commands"] if "cache" in c}


def uses(report):
    """Outcome, reason by package of the only command."""
    found = test_cache.cache_of(report)["packages"]
    return {p["path"]: (p["outcome"], p.get("reason")) for p in found}


# --- outcomes -------------------------------------------------------------------------------------

HELPER = """import base64, json, os, sys
kept = {}
out = sys.stdout
def say(**what):
    out.write(json.dumps(what) + chr(10)); out.flush()
say(ID=0, KnownCommands=["get", "put", "close"])
decoder, text = json.JSONDecoder(), ""
def values():
    text = ""
    for line in sys.stdin:
        text += line
        if text.strip():
            try:
                yield json.loads(text)
            except ValueError:
                continue
        text = ""
feed = values()
for r in feed:
    if r["Command"] == "get":
        say(ID=r["ID"], Miss=True)
    elif r["Command"] == "put":
        body = base64.b64decode(next(feed)) if r.get("BodySize") else b""
        path = os.path.join(sys.argv[1], base64.b16encode(base64.b64decode(r["OutputID"])).decode())
        with open(path, "wb") as f:
            f.write(body)
        say(ID=r["ID"], DiskPath=path)
    else:
        say(ID=r["ID"])
        break
"""


def outcomes(version):
    """Hit, miss, built, malformed, unusable, compared: each said, and none a hit that was compiled."""
    root = test_cache.goroot(version)
    library()
    env = test_cache.go_env(root)

    def build(name, *args, **more):
        report, page = record(name, root + "/bin/go", "build", *args, "./...", env=dict(env, **more))
        return report, page, uses(report)

    report, page, said = build("cold")
    equal(said, {p: ("miss", "absent") for p in LIBRARY}, "cold")
    entries = {p["path"]: p for p in test_cache.cache_of(report)["packages"]}
    _, _, said = build("warm")
    equal(said, {p: ("hit", None) for p in LIBRARY}, "warm")
    _, page, said = build("all", "-a")
    equal(said, {p: ("built", None) for p in LIBRARY}, "-a")
    check("built without asking (-a)" in page, "-a, page:", page)
    _, _, said = build("flags", GOFLAGS="-a")
    equal(said, {p: ("built", None) for p in LIBRARY}, "-a in GOFLAGS")
    _, page, said = build("verify", GODEBUG="gocacheverify=1")
    equal(said, {p: ("miss", "gocacheverify") for p in LIBRARY}, "gocacheverify=1")
    check("gocacheverify=1" in page, "gocacheverify, page:", page)

    leaf = entries["example.org/lib/leaf"]
    action = test_cache.entry("gocache", leaf["action"], "-a")
    for name, size in (("cut", 100), ("empty", 0)):
        with open(action, "r+") as f:
            f.truncate(size)
        _, _, said = build(name)
        # by the time that somebody else looks, go may have written it anew
        outcome, reason = said.pop(leaf["path"])
        check(outcome == "broken" and reason in ("malformed", "unusable"), f"a {name} entry:", outcome, reason)
        equal(said, {p: ("hit", None) for p in LIBRARY - {leaf["path"]}}, f"beside a {name} entry")


def asks(version):
    """With GOCACHEPROG go asks over a pipe, since 1.24; before, the variable means nothing."""
    root = test_cache.goroot(version)
    library()
    os.makedirs("kept")
    workload.write("helper.py", HELPER)
    env = test_cache.go_env(root, GOCACHEPROG=f"/usr/bin/python3 {os.path.abspath('helper.py')} {os.path.abspath('kept')}")
    report, page = record("asked", root + "/bin/go", "build", "./...", env=env)
    outcome = "asked" if minor(version) >= 24 else "miss"
    equal({p: o for p, (o, _) in uses(report).items()}, {p: outcome for p in LIBRARY}, "outcomes")
    equal(test_cache.cache_of(report).get("cacheprog", False), minor(version) >= 24, "cacheprog")
    equal("GOCACHEPROG" in page.partition("Build cache")[2].partition("Programs")[0], minor(version) >= 24, "on the page")
    # -a asks nobody, with a program or without
    report, _ = record("all", root + "/bin/go", "build", "-a", "./...", env=env)
    equal({p: o for p, (o, _) in uses(report).items()}, {p: "built" for p in LIBRARY}, "outcomes, -a")


def test_asked_1_24():
    asks("1.24")


def test_asked_1_27():
    asks("1.27")


def test_not_asked_1_22():
    asks("1.22")


# --- time -----------------------------------------------------------------------------------------

def cost(version):
    """
    A package costs all tools that go started for it; links are in the table; a program that is up to
    date, and up to 1.19 the standard library's archives, are counted by name.
    """
    lib.need("gcc")
    root = test_cache.goroot(version)
    test_cache.module()
    env = test_cache.go_env(root, GOCACHE=os.path.abspath("gocache"))

    def build(name, output):
        report, page = record(name, root + "/bin/go", "build", "-o", os.path.abspath(output), ".", env=env)
        return test_cache.cache_of(report), page.partition("Build cache")[2].partition("Programs")[0], name + ".jsonl"

    cold, page, path = build("cold", "one")
    links = [u for u in cache_uses(cold, "link")]
    equal([(u["package"], u["outcome"], u["reason"]) for u in links], [("example.org/hello", "miss", "absent")], "links")
    # the page has the eight that took longest
    costs = [p.get("compile_ns") or 0 for p in cold["packages"]]
    check("link example.org/hello" in page or sum(ns >= links[0]["work_ns"] for ns in costs) >= 8,
          "no link on the page:", page)
    by_hand = tools_by_hand(lib.Record(path))
    for p in cold["packages"]:
        if p["outcome"] in MADE and minor(version) > 15:
            equal((p["compile_ns"], p["tools"]), by_hand[p["path"]], f"time and tools of {p['path']}")
            check(p["wall_ns"] <= p["compile_ns"], "more wall than work:", p)
    main = {p["path"]: p for p in cold["packages"]}["example.org/hello"]
    check(main["tools"] > 2, "cgo's tools are missing:", main)
    check(cold["spent_ns"] >= cold["spent_wall_ns"] > 0, "spent:", cold["spent_ns"], cold["spent_wall_ns"])

    warm, page, _ = build("warm", "two")
    equal([u["outcome"] for u in cache_uses(warm, "link")], ["miss"], "links of another output")
    check("link example.org/hello" in page, "no link on the page:", page)
    equal(warm["miss"], 0, "misses, warm")
    same, page, _ = build("same", "two")
    equal([(p["path"], p["file"]) for p in same["packages"] if p["outcome"] == "up-to-date"],
          [("example.org/hello", os.path.abspath("two"))], "programs that were up to date")
    equal(same["up_to_date"], 1, "programs that were up to date, counted")
    check("up to date" in page and "link " not in page, "up to date, page:", page)
    std = {p["path"] for p in same["packages"] if p["outcome"] == "goroot"}
    equal(bool(std), minor(version) <= 19, f"precompiled packages: {sorted(std)[:5]}")
    equal(len(std), same["goroot"], "precompiled packages, counted")
    deps = set(subprocess.run([root + "/bin/go", "list", "-deps", "."], cwd="m", env=env, stdout=subprocess.PIPE,
                              text=True, check=True).stdout.split())
    for cache in (cold, warm, same):
        equal(sorted(p["path"] for p in cache["packages"]), sorted(deps - {"unsafe"}), "packages")


def cache_uses(cache, kind):
    return [u for u in cache["others"] if u["kind"] == kind and u.get("work_ns")]


def tools_by_hand(found):
    """Package -> (sum of times, number) of what go itself started for it, straight from the record."""
    go = min((line for line in found.kind("exec")), key=lambda line: line["ts"])["proc"]
    ends = {line["proc"]: line["ts"] for line in found.kind("exit")}
    sums = {}
    for line in found.kind("exec"):
        package = line.get("env", {}).get("TOOLEXEC_IMPORTPATH")
        name, args = os.path.basename(line["exe"]), line["args"]
        probe = {"-V=full", "-###", "--version", "-dumpversion", "-v"} & set(args) or args[-1:] == ["-"]
        if not package or line.get("parent") != go or probe or name in ("link", "vet"):
            continue
        ns, n = sums.get(package, (0, 0))
        sums[package] = ns + ends[line["proc"]] - line["ts"], n + 1
    return sums


# --- what stands in the way -----------------------------------------------------------------------

def in_mounts(script):
    """A shell in a mount namespace of its own: nothing is left of what it mounts."""
    return ["unshare", "-m", "sh", "-ec", "mount --make-rprivate /; " + script]


def unwritable(version):
    """
    A full disk, a read-only and a foreign cache: compiled, exit 0, nothing put, and that is said. The
    module's index is there from before: where that cannot be put, go fails and says so.
    """
    lib.need("unshare", "setpriv", "mount")
    root = test_cache.goroot(version)
    library()
    for folder, _, names in os.walk("m"):	# go indexes no folder with a file younger than 2 s
        for name in names:
            test_cache.age(os.path.join(folder, name))
    for name in ("mnt", "tmp", "goroot"):
        os.makedirs(name, exist_ok=True)
    os.chmod("tmp", 0o1777)
    subprocess.run("chmod 755 .. .; chmod -R a+rX m", shell=True, check=True)
    env = test_cache.go_env(os.path.abspath("goroot"), GOCACHE=os.path.abspath("mnt"), GOTMPDIR=os.path.abspath("tmp"))
    go = "goroot=$PWD/goroot; cd m; $goroot/bin/go build ./... ; cd .."
    prepare = f"mount --bind {root} goroot; mount -t tmpfs -o size=8m,nr_inodes=1000 none mnt; {go}; "
    as_nobody = "setpriv --reuid 65534 --clear-groups "
    cases = {
        "fine": ("", "", None),
        "full": ("dd if=/dev/zero of=mnt/fill bs=4096 status=none 2>/dev/null || : ; ", "", None),
        "inodes": ("n=0; while (: > mnt/fill$n) 2>/dev/null; do n=$((n + 1)); done; ", "", "ENOSPC"),
        "readonly": ("mount -o remount,ro mnt; ", "", "EROFS"),
        "foreign": ("chmod -R go+rX,go-w mnt; ", as_nobody, "EACCES"),
    }
    for name, (spoil, who, err) in cases.items():
        report, page = record(name, *in_mounts(f"{prepare}{spoil}cd m; exec {who}$goroot/bin/go build -gcflags=-N ./..."),
                              env=env, cwd=".")
        cache = report["commands"][-1]["cache"]
        equal((cache["miss"], {p["reason"] for p in cache["packages"]}), (3, {"absent"}), f"{name}: packages compiled")
        if name == "fine":
            check("unwritten" not in cache and cache["put"], "fine:", cache)
            check("could not be written" not in page, "fine, page:", page)
            continue
        equal(cache["put"], 0, f"{name}: entries written")
        check(cache.get("unwritten", {}).get("count", 0) >= 3, f"{name}: nothing is said of it: {cache}")
        equal(cache["unwritten"].get("err"), err, f"{name}: why")
        equal(cache["unwritten"]["confidence"], "proven" if err else "likely", f"{name}: confidence")
        check("could not be written" in page and "go says nothing of it" in page, f"{name}, page:", page)


def test_unwritable_1_15():
    unwritable("1.15")


def test_unwritable_1_27():
    unwritable("1.27")


WAITS = """#!/bin/sh
# -toolexec: compiling PACKAGE waits for the word
case "$TOOLEXEC_IMPORTPATH $*" in
*-V=full*) ;;
"$PACKAGE "*)
	: > "$WAITING.$$"
	n=0
	while [ ! -e "$GO_ON" ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n + 1)); done
	;;
esac
exec "$@"
"""


def waiting_env(root, package):
    workload.write("waits.sh", WAITS, 0o755)
    return test_cache.go_env(root, PACKAGE=package, WAITING=os.path.abspath("waiting"), GO_ON=os.path.abspath("go-on"))


def removed(version):
    """go clean -cache while a compiler is about to read what go had found: who it was, and what failed."""
    root = test_cache.goroot(version)
    library()
    env = waiting_env(root, "example.org/lib/api")
    # -toolexec is no part of what is looked up; leaf is a hit then, api has to be compiled
    toolexec = f"-toolexec={os.path.abspath('waits.sh')}"
    subprocess.run([root + "/bin/go", "build", toolexec, "./leaf"], cwd="m", env=env, check=True)
    script = (f"{root}/bin/go build {toolexec} -p 1 ./api & build=$!; "
              f"while ! ls $WAITING.* >/dev/null 2>&1; do sleep 0.05; done; "
              f"(cd / && {root}/bin/go clean -cache); : > $GO_ON; wait $build")
    report, page = record("removed", "sh", "-c", script, env=env, status=2 if version == "1.19" else 1)
    clean = [c for c in report["commands"] if c["verb"] == "clean"][0]
    cache = caches(report)[[c for c in report["commands"] if c["verb"] == "build"][0]["proc"]]
    equal(len(cache["removed"]), 1, "who removed entries")
    told = cache["removed"][0]
    equal((told["by"], told["tools"], told["failed"], told["confidence"]), (clean["proc"], 1, 1, "proven"), "what is told")
    check("example.org/lib/leaf" in {p["path"] for p in cache["packages"] if p.get("removed_by") == clean["proc"]},
          "leaf is not said to be removed")
    check(re.search(r"removed by go clean \(pid \d+\) while this command used the cache", page), "page:", page)
    check(not [c for c in caches(report).values() if c is not cache and c.get("removed")], "others lost entries")
    # the opposite: before it began
    report, page = record("before", "sh", "-c", f"{root}/bin/go build ./leaf; {root}/bin/go clean -cache; "
                          f"{root}/bin/go build ./leaf", env=env)
    equal([c["removed"] for c in caches(report).values() if c["removed"]], [], "entries removed one after the other")


def test_removed_1_19():
    removed("1.19")


def test_removed_1_26():
    removed("1.26")


def test_made_twice():
    """Two builds at a time compile the same package; one after the other do not."""
    root = test_cache.goroot("1.24")
    library()
    env = waiting_env(root, "example.org/lib/leaf")
    build = f"{root}/bin/go build -toolexec={os.path.abspath('waits.sh')}"
    script = (f"{build} ./api & a=$!; {build} ./money & b=$!; "
              f"while [ $(ls $WAITING.* 2>/dev/null | wc -l) -lt 2 ]; do sleep 0.05; done; : > $GO_ON; wait $a; wait $b")
    report, page = record("twice", "sh", "-c", script, env=env)
    found = caches(report)
    equal(len(found), 2, "commands with a cache")
    for proc, cache in found.items():
        leaf = {p["path"]: p for p in cache["packages"]}["example.org/lib/leaf"]
        equal(leaf.get("also_made_by"), ({*found} - {proc}).pop(), "who made leaf, too")
        equal(cache["made_twice"], 1, "packages made twice")
    check("at the same time, too" in page, "page:", page)
    report, _ = record("after", "sh", "-c", f"{build} ./api; {root}/bin/go clean -cache; {build} ./money", env=env)
    equal([c for c in caches(report).values() if c["made_twice"]], [], "made twice, one after the other")


def test_no_cache():
    """GOCACHE that go refuses is no cache, and no $GOCACHE of the command."""
    for version in ("1.15", "1.26"):
        root = test_cache.goroot(version)
        library()
        for value in ("./c", "off"):
            report, page = record(f"{'off' if value == 'off' else 'relative'}-{version}", root + "/bin/go", "build", "./...",
                                  env=test_cache.go_env(root, GOCACHE=value), status=1)
            equal([c["roots"].get("GOCACHE") for c in report["commands"]], [None], f"$GOCACHE of {value}, Go {version}")
            check("$GOCACHE " not in page, "page:", page)
        report, page = record("some-" + version, root + "/bin/go", "build", "./...", env=test_cache.go_env(root))
        equal([c["roots"].get("GOCACHE") for c in report["commands"]], [os.path.abspath("gocache")], "$GOCACHE")


def variants(version):
    """"p", "p [p.test]" and "q [p.test]" are three packages; a hit that may be either is not proven."""
    root = test_cache.goroot(version)
    library()
    workload.write("m/leaf/l_test.go", 'package leaf_test\n\nimport (\n\t"testing"\n\n\t"example.org/lib/leaf"\n\t"example.org/lib/money"\n)\n\n'
                   "func TestX(t *testing.T) {\n\tif leaf.Secret != 3 || money.X != 2 {\n\t\tt.Fatal(leaf.Secret)\n\t}\n}\n")
    workload.write("m/leaf/export_test.go", "package leaf\n\nconst Secret = L + 2\n")
    env = test_cache.go_env(root, GOCACHE=lib.GOCACHE)
    subprocess.run([root + "/bin/go", "test", "fmt", "-run", "XXX"], env=env, cwd="m", check=True, stdout=subprocess.DEVNULL)
    os.rename("m", "n")		# packages of another directory than in other runs of this test
    report, _ = record("cold", root + "/bin/go", "test", "./leaf", "./money", env=env, cwd="n")
    cache = test_cache.cache_of(report)
    made = [p["path"] for p in cache["packages"] if p["outcome"] in MADE and "." in p["path"]]
    test = " [example.org/lib/leaf.test]"
    want = {"example.org/lib/leaf" + test, "example.org/lib/leaf_test" + test, "example.org/lib/money" + test,
            "example.org/lib/leaf.test", "example.org/lib/leaf", "example.org/lib/money"}
    check(len(made) == len(set(made)), "one name twice:", made)
    equal(set(made), want, "packages that were made")
    report, _ = record("warm", root + "/bin/go", "test", "-count=1", "./leaf", "./money", env=env, cwd="n")
    for p in test_cache.cache_of(report)["packages"]:
        if p["outcome"] == "hit" and p["path"].startswith("example.org/"):
            equal(p["confidence"], "likely", f"confidence of {p}")
    equal([p for p in test_cache.cache_of(report)["packages"] if p["path"].split(" ")[0] not in {w.split(" ")[0] for w in want} and
           "." in p["path"].split("/")[0]], [], "packages that nobody knows")


def test_variants_1_26():
    variants("1.26")


def test_variants_1_19():
    variants("1.19")


for _version in VERSIONS:
    globals()["test_outcomes_" + _version.replace(".", "_")] = lambda v=_version: outcomes(v)
    globals()["test_cost_" + _version.replace(".", "_")] = lambda v=_version: cost(v)
for _name in [n for n in globals() if n.startswith("test_")]:
    if callable(globals()[_name]):
        globals()[_name].limit = 600
