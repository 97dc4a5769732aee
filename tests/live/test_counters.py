# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Our hits and misses against cmd/go's own counters of its build cache.

Since 1.23 go counts each package and program that it looked up, once, in its telemetry's file:
go/buildcache/hit and go/buildcache/miss (cmd/go/internal/work/buildid.go, useCache). It counts
totals; which package it was says -debug-actiongraph of the same command, which is held against both.
Before 1.23 there is no counter: test_cache.py compares with the graph and GODEBUG=gocachehash=1.
"""
import glob
import os
import struct

import lib
import test_cache
import workload
from lib import check, equal

VERSIONS = ("1.23", "1.24", "1.26", "1.27")
HEAD = b"# telemetry/counter file v1\n"


def counters(home):
    """All counters of go, added up (golang.org/x/telemetry/internal/counter: a hash table in a file)."""
    found = {}
    for path in glob.glob(os.path.join(home, ".config/go/telemetry/local/go@*.v1.count")):
        with open(path, "rb") as f:
            data = f.read()
        check(data.startswith(HEAD), "not a counter file:", path)
        (table,) = struct.unpack_from("<I", data, (len(HEAD) + 3) // 4 * 4)
        for head in struct.unpack_from("<512I", data, table + 4):
            while head:
                value, size, following = struct.unpack_from("<QII", data, head)
                name = data[head + 16:head + 16 + (size & 0xffffff)].decode()
                found[name] = found.get(name, 0) + value
                head = following
    return found


def counted(home):
    found = counters(home)
    return found.get("go/buildcache/hit", 0), found.get("go/buildcache/miss", 0)


class Commands:
    """Go commands of one version, each with what the counters grew by."""

    def __init__(self, version):
        self.root = test_cache.goroot(version)
        self.env = test_cache.go_env(self.root)
        self.last = counted(self.env["HOME"])

    def run(self, name, *args):
        report, record, _ = test_cache.go(name, self.root, *args, env=self.env)
        now = counted(self.env["HOME"])
        grown = (now[0] - self.last[0], now[1] - self.last[1])
        self.last = now
        check(sum(grown), f"go {args} counted nothing")
        return report, record, grown


def outcomes(cache):
    """What we say: (hits, misses) of packages and programs, as useCache counts them."""
    links = [u["outcome"] for u in cache["others"] if u["kind"] == "link" and u.get("lookups", 1)]
    hits = cache["hit"] + links.count("hit")
    return hits, cache["miss"] + cache["broken"] + len(links) - links.count("hit")


def build(version):
    commands = Commands(version)
    test_cache.module()

    def one(name):
        graph = os.path.abspath(name) + ".graph"
        # each has an output of its own: one that is there already may be a hit without a look-up
        report, record, grown = commands.run(name, "build", "-debug-actiongraph=" + graph,
                                             "-o", os.path.abspath(name) + ".out", ".")
        actions = test_cache.graph(graph)
        cache = test_cache.compare(report, record, actions)
        ran = [run for _, _, run in actions.values()]
        equal(outcomes(cache), grown, f"our hits and misses and go's counters, {name}")
        equal((ran.count(False), ran.count(True)), grown, f"the action graph and go's counters, {name}")
        return cache, grown

    cold, grown = one("cold")
    equal(grown, (0, len(cold["packages"]) + 1), "cold: only misses, of the packages and of the program")
    _, grown = one("warm")
    equal(grown, (len(cold["packages"]), 1), "warm: only the program is made again")
    workload.write("m/words/words.go", test_cache.WORDS.replace("hello", "good day"))
    edited, grown = one("edited")
    equal(grown, (len(cold["packages"]) - 2, 3), "edited: the package, what imports it, the program")
    words = {p["path"]: p for p in edited["packages"]}["example.org/hello/words"]
    os.unlink(test_cache.entry("gocache", words["output"], "-d"))
    _, grown = one("broken")
    equal(grown, (len(cold["packages"]) - 1, 2), "broken: an entry whose output is gone counts as a miss")
    return f"{len(cold['packages'])} packages"


def test_go_test():
    """With go test, a program whose test result is there counts as a hit without being looked up."""
    commands = Commands("1.26")
    test_cache.module()
    workload.write("m/words/words_test.go", workload.WORDS_TEST)
    test_cache.age("m/words/words_test.go")
    for name, cached in (("first", 0), ("second", 1)):
        report, _, grown = commands.run(name, "test", "./words")
        hits, misses = outcomes(test_cache.cache_of(report))
        equal((hits + cached, misses), grown, f"our hits and misses and go's counters, {name}")
    check(hits > 10 and not misses, "the second run should find everything:", hits, misses)


test_go_test.limit = 600


def make(version):
    def test():
        return build(version)
    test.limit = 600
    return test


for _version in VERSIONS:
    globals()["test_build_" + _version.replace(".", "_")] = make(_version)
