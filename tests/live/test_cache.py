# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the report says of the build cache and the toolchains, against what cmd/go says itself."""
import base64
import collections
import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import time

import counters
import lib
import workload

VERSIONS = ("1.15", "1.19", "1.22", "1.23", "1.24", "1.26", "1.27") if lib.LONG else ("1.15", "1.22", "1.27")
STD = "1.26"
OLD = time.time() - 10 * 24 * 3600


MAIN = """package main

/*
static int twice(int x) { return 2 * x; }
*/
import "C"

import "example.org/hello/words"

func main() { println(words.Hello(), int(C.twice(21))) }
"""

WORDS = """package words

import "strings"

func Hello() string { return strings.ToLower("hello") }
"""


def goroot(version):
    done = subprocess.run([os.path.join(lib.TOP, "scripts", "toolchains.sh"), version],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise lib.Skip(f"no Go {version}: {done.stderr.strip()[-200:]}")
    return done.stdout.strip()


def go_env(root, **more):
    """GOFLAGS is empty: old versions do not know -buildvcs."""
    env = workload.go_env(PATH=f"{root}/bin:{os.environ['PATH']}", TZ="UTC")
    env["GOFLAGS"] = ""
    env.update(more)
    return env


def go(name, root, *args, cwd="m", env=None):
    """One go command under the tool: (report, record, what it wrote to standard error)."""
    result = lib.run([f"{root}/bin/go", *args], "-q", record=name + ".jsonl", env=env or go_env(root), cwd=cwd,
                     timeout=500)
    lib.equal(result.status, 0, f"status of go {args[0]}, {lib.said(result)}")
    lib.check(result.record.end["complete"], "events were lost")
    lib.equal(result.record.kind("blind"), [], "rings that Go's tools had")
    out = subprocess.run([lib.TOOL, "report", "--json", result.path], stdout=subprocess.PIPE, timeout=300)
    lib.equal(out.returncode, 0, "status of report")
    return lib.answer("report", out.stdout), result.record, result.err


def cache_of(report):
    found = [c["cache"] for c in report["commands"] if "cache" in c]
    lib.equal(len(found), 1, "commands with a cache")
    return found[0]


def looked_up(record):
    """The actions of all look-ups, straight from the record."""
    return collections.Counter(line["path"][-66:-2] for line in record.kind("open")
                               if line.get("path", "").endswith("-a") and "RDONLY" in line["flags"])


def graph(path):
    """What cmd/go did: first 30 digits of the action -> (mode, package, whether it ran anything)."""
    with open(path) as f:
        actions = [a for a in json.load(f) if a.get("ActionID") and a["Mode"] in ("build", "link")]
    return {base64.urlsafe_b64decode(a["ActionID"]).hex(): (a["Mode"], a["Package"], bool(a.get("Cmd")))
            for a in actions}


def asked_for(uses):
    """Those that were looked up: what go does not ask the cache for has no key."""
    for use in uses:
        lib.check("action" in use or not use.get("lookups"), "a look-up without its key:", use)
    return [use for use in uses if "action" in use]


def compare(report, record, actions):
    """Our packages are the actions that were looked up; hits ran nothing, misses did."""
    cache, asked = cache_of(report), {key[:30] for key in looked_up(record)}
    ours = {p["action"][:30]: p for p in asked_for(cache["packages"])}
    for key, p in ours.items():
        mode, package, ran = actions[key]
        lib.equal((mode, package), ("build", p["path"]), f"package of {p}")
        lib.equal(p["outcome"] == "hit", not ran, f"outcome of {p}")
    for key, (mode, package, ran) in actions.items():
        lib.equal(key in asked, key in ours or mode == "link", f"look-up of {package}, {mode}, ran: {ran}")
        lib.check(not ran or key in asked, f"{package} was made, but not looked up")
    for outcome in ("hit", "miss", "broken"):
        lib.equal(cache[outcome], sum(p["outcome"] == outcome for p in cache["packages"]), outcome)
    lib.equal(cache["lookups"]["all"], sum(looked_up(record).values()), "number of look-ups")
    check_kinds(cache)
    return cache


def check_kinds(cache):
    for use in cache["others"]:
        lib.check(use["kind"] != "unknown" or not use.get("lookups", 1), f"a look-up of no kind: {use}")


def missed(cache):
    return sorted(p["path"] for p in asked_for(cache["packages"]) if p["outcome"] != "hit")


def age(path):
    os.utime(path, (OLD, OLD))


def entry(cache_dir, digits, tail):
    return os.path.join(cache_dir, digits[:2], digits + tail)


def files(cache_dir):
    return {os.path.join(d, f) for d, _, names in os.walk(cache_dir) for f in names if f[-2:] in ("-a", "-d")}


def module():
    lib.need("gcc")
    workload.write("m/go.mod", "module example.org/hello\n\ngo 1.15\n")
    workload.write("m/main.go", MAIN)
    workload.write("m/words/words.go", WORDS)
    os.makedirs("home", exist_ok=True)
    for name in ("m/go.mod", "m/main.go", "m/words/words.go"):
        age(name)


def small(version):
    """Cold, warm, after an edit, with a broken entry, with a trim: a program with cgo."""
    root = goroot(version)
    module()
    tally, grown = counters.Counted(go_env(root)["HOME"]), {}

    def build(name):
        # each has an output of its own: one that is there already may be a hit without a look-up
        report, record, _ = go(name, root, "build", f"-debug-actiongraph={os.path.abspath(name)}.graph",
                               "-o", os.path.abspath(name) + ".out", ".")
        for line in record.kind("cache")[:30]:
            errors = lib.schema_errors(line)
            lib.check(not errors, f"not as the schema says: {line}: {errors}")
        actions = graph(name + ".graph")
        cache = compare(report, record, actions)
        if int(version.split(".")[1]) >= counters.SINCE:
            grown[name] = tally.grown()
            lib.equal(counters.outcomes(cache), grown[name], f"our hits and misses and go's counters, {name}")
            ran = [run for _, _, run in actions.values()]
            lib.equal((ran.count(False), ran.count(True)), grown[name], f"the action graph and go's counters, {name}")
        return cache

    cold = build("cold")
    lib.check({"example.org/hello", "example.org/hello/words"} <= set(missed(cold)), f"cold: missed {missed(cold)}")
    lib.equal(cold["hit"], 0, "hits, cold")
    lib.check(cold["spent_ns"] > 0 and all(p["compile_ns"] > 0 for p in asked_for(cold["packages"])), "no time was lost")
    warm = build("warm")
    lib.equal(missed(warm), [], "misses, warm")
    lib.equal([u["kind"] for u in warm["others"] if u.get("put")], ["linker output"], "entries written, warm")
    lib.equal(warm["hit"], cold["miss"], "hits, warm")

    before = {p["path"]: p for p in warm["packages"]}["example.org/hello/words"]
    workload.write("m/words/words.go", WORDS.replace("hello", "good day"))
    edited = build("edited")
    lib.equal(missed(edited), ["example.org/hello", "example.org/hello/words"], "misses after an edit")
    lib.equal({p["reason"] for p in asked_for(edited["packages"]) if p["outcome"] != "hit"}, {"absent"}, "reasons")

    words = {p["path"]: p for p in edited["packages"]}["example.org/hello/words"]
    os.unlink(entry("gocache", words["output"], "-d"))
    broken = build("broken")
    lib.equal([(p["path"], p["reason"]) for p in broken["packages"] if p["outcome"] == "broken"],
              [("example.org/hello/words", "absent")], "broken entries")
    lib.equal(missed(broken), ["example.org/hello/words"], "packages that were made again")
    with open(entry("gocache", words["output"], "-d"), "ab") as f:
        f.write(b"x")
    sized = build("sized")
    lib.equal([(p["path"], p["reason"]) for p in sized["packages"] if p["outcome"] == "broken"],
              [("example.org/hello/words", "size")], "entries of another size")

    for digits, tail in ((before["action"], "-a"), (before["output"], "-d")):
        age(entry("gocache", digits, tail))
    workload.write("gocache/trim.txt", str(int(OLD)))
    there = files("gocache")
    trim = build("trim")
    lib.equal(trim["trimmed"], len(there - files("gocache")), "files removed")
    lib.check(trim["trimmed"] >= 2, "nothing was removed")
    # besides packages the program is looked up, and always made
    count = len(cold["packages"])
    want = {"cold": (0, count + 1), "warm": (count, 1), "edited": (count - 2, 3), "broken": (count - 1, 2)}
    lib.equal({name: grown[name] for name in want if name in grown}, want if grown else {}, "go's counters")
    return f"{cold['miss']} packages, {cold['lookups']['named']} of {cold['lookups']['all']} look-ups named"


def make_small(version):
    def test():
        return small(version)
    test.limit = 600
    return test


for _version in VERSIONS:
    globals()["test_small_" + _version.replace(".", "_")] = make_small(_version)


# --- every look-up of the standard library ------------------------------------------------------

def hash_names(text):
    """What GODEBUG=gocachehash=1 says: action -> (kind, package)."""
    names = {}
    for name, digits in re.findall(r'^HASH\[([^\]]*)\]: ([0-9a-f]{64})$', text, re.M):
        word, _, package = name.partition(" ")
        if word in ("build", "vet", "link"):
            names[digits] = ({"build": "package"}.get(word, word), package)
        elif word == "gccCompilerID":
            names[digits] = ("C compiler", None)
    kinds = {"stdout": "compiler output", "link-stdout": "linker output", "srcfiles": "source list"}
    for parent, desc, digits in re.findall(r'^HASH subkey ([0-9a-f]{64}) "([^"]*)" = ([0-9a-f]{64})$', text, re.M):
        if desc.startswith("gccSupportsFlag "):
            names[digits] = ("C compiler flag", None)
        elif parent in names:
            names[digits] = (kinds.get(desc, "generated source"), names[parent][1])
    return names


def go_time(ns):
    seconds, rest = divmod(ns, 10 ** 9)
    text = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    return text + (f".{rest:09d}".rstrip("0") if rest else "") + " +0000 UTC"


def index_action(root, version, package):
    """The action of a package's module index, computed as cmd/go/internal/modindex does."""
    directory = os.path.join(root, "src", package)
    modroot = os.path.join(root, "src", "cmd") if package.startswith("cmd/") else os.path.join(root, "src")
    h = hashlib.sha256(version.encode())
    h.update(f"modroot {modroot}\npackage {version} go index v2 {directory}\n".encode())
    for name in sorted(os.listdir(directory)):
        st = os.lstat(os.path.join(directory, name))
        if not os.path.isdir(os.path.join(directory, name)):
            h.update(f"file {name} {go_time(st.st_mtime_ns)} {st.st_size}\n".encode())
    return h.hexdigest()


def check_names(report, record, said, root):
    cache, truth = cache_of(report), hash_names(said)
    version = [t["version"] for t in report["toolchains"] if t["role"] == "go"][0]
    asked, named = looked_up(record), 0
    for use in asked_for(cache["packages"] + cache["others"]):
        kind, package = use.get("kind", "package"), use.get("path") or use.get("package")
        if not asked[use["action"]]:
            continue
        named += asked[use["action"]] * (package is not None or kind.startswith("C compiler"))
        if kind == "module index":
            lib.check(package is None or index_action(root, version, package) == use["action"],
                      f"the index is another one's: {use}")
        else:
            lib.equal((kind, package), truth.get(use["action"]), f"kind and package of {use}")
    lib.equal(cache["lookups"]["all"], sum(asked.values()), "look-ups")
    lib.equal(cache["lookups"]["named"], named, "look-ups with a name")
    share = named / sum(asked.values())
    lib.check(share >= 0.99, f"only {named} of {sum(asked.values())} look-ups have a name")
    check_kinds(cache)
    return cache, f"{named} of {sum(asked.values())}"


def test_std():
    """Every look-up of a large build has its name and kind, cold and warm, and none a wrong one."""
    what = "std" if lib.LONG else "net/http"
    root = goroot(STD)
    os.makedirs("home")
    os.makedirs("m")
    env = go_env(root, GODEBUG="gocachehash=1")
    cold, cold_named = check_names(*go("cold", root, "build", what, env=env), root)
    warm, warm_named = check_names(*go("warm", root, "build", what, env=env), root)
    lib.equal(warm["hit"], cold["miss"], "hits, warm")
    lib.equal((cold["hit"], warm["miss"]), (0, 0), "hits, cold, and misses, warm")
    return f"named: cold {cold_named}, warm {warm_named}"


test_std.limit = 600


def test_go_test_counted():
    """With go test, a program whose test result is there counts as a hit without being looked up."""
    root = goroot(STD)
    module()
    workload.write("m/words/words_test.go", workload.WORDS_TEST)
    age("m/words/words_test.go")
    env = go_env(root, GOCACHE=workload.warm_cache(root))
    tally = counters.Counted(env["HOME"])
    for name, cached in (("first", 0), ("second", 1)):
        report, _, _ = go(name, root, "test", "./words", env=env)
        hits, misses = counters.outcomes(cache_of(report))
        lib.equal((hits + cached, misses), tally.grown(), f"our hits and misses and go's counters, {name}")
    lib.check(hits > 10 and not misses, "the second run should find everything:", hits, misses)


def test_go_test():
    """Vet, test, link and index look-ups are told apart; what vet and the compiler made is named."""
    root = goroot(STD)
    module()
    workload.write("m/words/words_test.go", workload.WORDS_TEST)
    age("m/words/words_test.go")
    env = go_env(root, GOCACHE=workload.warm_cache(root))
    for name in ("first", "second"):
        report, record, said = go(name, root, "test", "./...", env=dict(env, GODEBUG="gocachehash=1"))
        cache, truth = cache_of(report), hash_names(said)
        check_kinds(cache)
        for use in asked_for(cache["packages"] + cache["others"]):
            kind, package = use.get("kind", "package"), use.get("path") or use.get("package")
            want = truth.get(use["action"])
            # a subkey of vet's is its output; what is not in the list is an index or a test
            if want and package and package != "main" and kind != "vet output":
                # go's hash is named after the path alone, whichever variant it is made for
                lib.equal((kind, package.split(" [")[0]), want, f"kind and package of {use}")
            if want and kind in ("vet", "package", "link"):
                lib.equal(kind, want[0], f"kind of {use}")
        kinds = cache["lookups"]["kinds"]
        lib.check(kinds["test"].get("hit" if name == "second" else "miss"), f"no test look-up: {kinds}")
    lib.equal(cache["miss"], 0, "misses of the second run")


def vets_found(version):
    """Results of vet that were found: no tool ran for them, their names follow from computed keys."""
    root = goroot(version)
    module()
    workload.write("m/words/words_test.go", workload.WORDS_TEST)
    age("m/words/words_test.go")
    env = go_env(root, GOCACHE=workload.warm_cache(root))
    told = []
    for verb in ("test", "vet"):
        go(verb + "-first", root, verb, "./...", env=env)
        report, _, said = go(verb, root, verb, "./...", env=dict(env, GODEBUG="gocachehash=1"))
        truth = hash_names(said)
        vets = [use for use in cache_of(report)["others"] if use["kind"] == "vet" and use["action"] in truth]
        found = [use for use in vets if use["outcome"] == "hit" and use.get("package")]
        for use in found:
            lib.equal(("vet", use["package"].split(" [")[0]), truth[use["action"]], f"kind and package of {use}")
        proven = [use for use in found if use["confidence"] == "proven"]
        hits = sum(use["outcome"] == "hit" for use in vets)
        lib.check(hits > 20 and len(found) >= hits * 0.9 and len(proven) >= hits * 0.9,
                  f"{verb}: of {hits} results that were found {len(found)} are named, {len(proven)} with proof")
        told.append(f"{verb}: {len(found)} of {hits}")
    return ", ".join(told)


def test_vets_found():
    return "; ".join(f"{version}: {vets_found(version)}" for version in (["1.22", "1.24", "1.26", STD] if lib.LONG else [STD]))


# --- toolchains -----------------------------------------------------------------------------------

def test_switch():
    """go.mod asks for another Go, which is on PATH: who took over, and which line made it."""
    old, new = goroot("1.22"), goroot("1.24")
    version = subprocess.run([new + "/bin/go", "version"], stdout=subprocess.PIPE, text=True,
                             env=go_env(new)).stdout.split()[2]
    module()
    workload.write("m/go.mod", f"module example.org/hello\n\ngo 1.21\n\ntoolchain {version}\n")
    os.makedirs("bin")
    os.symlink(new + "/bin/go", "bin/" + version)
    env = go_env(old, GOTOOLCHAIN="path")
    env["PATH"] = os.path.abspath("bin") + ":" + env["PATH"]
    report, _, _ = go("switch", old, "list", "./...", env=env)
    lib.equal(len(report["toolchain_switches"]), 1, "switches")
    switch = report["toolchain_switches"][0]
    lib.equal((switch["reason"], switch["version"], switch["text"], switch["line"], switch["path"]),
              ("go.mod", version, f"toolchain {version}", 5, os.path.abspath("m/go.mod")), "the switch")
    roots = {t["goroot"]: t["version"] for t in report["toolchains"] if t["role"] == "go"}
    lib.equal(roots[new], version, "version of the Go that took over")
    lib.equal(set(roots), {old, new}, "GOROOTs")

    env["GOTOOLCHAIN"] = version + "+path"
    report, _, _ = go("env", old, "list", "./...", env=env)
    switch = report["toolchain_switches"][0]
    lib.equal((switch["reason"], switch["text"]), ("environment", version + "+path"), "the switch by environment")


def goroot_with(env_lines, root, name):
    """The toolchain once more, with a go.env of its own: only that and the go command are copies."""
    os.makedirs(name + "/bin")
    for entry in os.listdir(root):
        if entry not in ("bin", "go.env"):
            os.symlink(os.path.join(root, entry), os.path.join(name, entry))
    shutil.copy(root + "/bin/go", name + "/bin/go")
    workload.write(name + "/go.env", env_lines)
    return os.path.abspath(name)


def test_switch_by_file():
    """The version stands in a file: that of "go env -w", or go.env of the GOROOT, each with its line."""
    old, new = goroot("1.22"), goroot("1.24")
    version = subprocess.run([new + "/bin/go", "version"], stdout=subprocess.PIPE, text=True,
                             env=go_env(new)).stdout.split()[2]
    module()
    os.makedirs("bin")
    os.symlink(new + "/bin/go", "bin/" + version)
    env = go_env(old)
    env["PATH"] = os.path.abspath("bin") + ":" + env["PATH"]
    env.pop("GOTOOLCHAIN", None)
    env["GOENV"] = os.path.abspath("goenv")
    done = subprocess.run([old + "/bin/go", "env", "-w", "GOFLAGS=-mod=mod", f"GOTOOLCHAIN={version}+path"], env=env, cwd="m")
    lib.equal(done.returncode, 0, "status of go env -w")
    line = lib.read("goenv").splitlines().index(f"GOTOOLCHAIN={version}+path") + 1

    def switch_of(name, root):
        report, record, _ = go(name, root, "list", "./...", env=env)
        lib.equal(len(report["toolchain_switches"]), 1, "switches")
        found = report["toolchain_switches"][0]
        opened = [e["ts"] for e in record.kind("open") if e["path"] == found.get("path") and e["proc"] == found["from"]]
        lib.check(found["ts"] in found["proof"] and set(opened) & set(found["proof"]), "the events of", found, opened)
        lib.check(set(found["proof"]) <= {e.get("ts") for e in record.lines}, "events that are not in the record:", found)
        lib.equal(found["version"], version, "version")
        return [found.get(key) for key in ("reason", "path", "line", "text", "confidence")]

    lib.equal(switch_of("user", old), ["env file", env["GOENV"], line, version + "+path", "proven"], "by the user's file")
    workload.write("goenv", "GOFLAGS=-mod=mod\n")
    mine = goroot_with(f"# ours\nGOPROXY=off\nGOTOOLCHAIN={version}+path\n", old, "goroot")
    lib.equal(switch_of("goroot", mine), ["go.env", mine + "/go.env", 3, version + "+path", "proven"], "by GOROOT's file")
    # go.mod asks for more than what "go1.21.0" of the file names: the file allows it, go.mod decides.
    workload.write("goenv", "GOTOOLCHAIN=go1.21.0+path\n")
    workload.write("m/go.mod", f"module example.org/hello\n\ngo 1.21\n\ntoolchain {version}\n")
    lib.equal(switch_of("mod", mine), ["go.mod", os.path.abspath("m/go.mod"), 5, f"toolchain {version}", "proven"], "by go.mod")
