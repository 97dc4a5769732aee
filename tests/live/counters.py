# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
cmd/go's own counters of its build cache.

Since 1.23 go counts each package and program that it looked up, once, in its telemetry's file:
go/buildcache/hit and go/buildcache/miss (cmd/go/internal/work/buildid.go, useCache). It counts
totals; which package it was says -debug-actiongraph of the same command.
"""
import glob
import os
import struct

from lib import check

SINCE = 23	# Go's minor version
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


class Counted:
    """What the counters below a home grew by since they were last asked."""

    def __init__(self, home):
        self.home, self.last = home, counted(home)

    def grown(self):
        now = counted(self.home)
        grown = (now[0] - self.last[0], now[1] - self.last[1])
        self.last = now
        check(sum(grown), "go counted nothing")
        return grown


def outcomes(cache):
    """What we say: (hits, misses) of packages and programs, as useCache counts them."""
    links = [u["outcome"] for u in cache["others"] if u["kind"] == "link" and u.get("lookups", 1)]
    hits = cache["hit"] + links.count("hit")
    return hits, cache["miss"] + cache["broken"] + len(links) - links.count("hit")
