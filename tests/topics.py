#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Draws who uses whom: the folders of user/ by their includes, the topics of user/model by includes and by
what their objects refer to (calls and data), the files of each topic by the latter. With "check", says
what goes round in circles and is not listed here: topics may not, files of one topic should not.

  tests/topics.py                 as text
  tests/topics.py dot             as a graph for dot(1)
  tests/topics.py check           the last line is "N passed, N failed, N skipped"
  OUT=build                       where the objects are; NM=nm
"""
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
OUT = TOP / os.environ.get("OUT", "build")
MODEL = "user/model"
CORE = "(core)"			# the files of user/model itself,
TABLE = "model.c"		# without the one that lists the topics

# What uses each other, with the reason; a smaller circle of the same ones is fine, too.
CIRCLES = {
    # struct go_command carries the roots, which come from its settings.
    frozenset({CORE, "settings"}),
    # One command's settings: each part adds to the answer by functions of resolve.c, which calls the parts.
    frozenset(f"settings/{name}.c" for name in ("files", "flags", "godebug", "module", "pick", "resolve", "roots", "rules")),
    # lookups.c keeps the tables that the others fill, and calls them: lines as they come, the rest in the end.
    frozenset(f"cache/{name}.c" for name in ("evidence", "lookups", "name_by_evidence", "name_by_order", "outcomes",
                                             "unasked", "work")),
    # The struct topic stands in the store and names the function that reads lines.
    frozenset({"search/attempts.c", "search/store.c"}),
}


def folders():
    """Includes between the folders of user/: (from, to) -> how many."""
    edges = defaultdict(int)
    for path in sorted((TOP / "user").rglob("*.[ch]")):
        folder = path.relative_to(TOP / "user").parts[0]
        for target in re.findall(r'^\s*#\s*include\s+"([a-z_]+)/', path.read_text(encoding="utf-8"), re.M):
            if target != folder and (TOP / "user" / target).is_dir():
                edges["main" if folder == "main.c" else folder, target] += 1
    return edges


def symbols():
    """What each object of the model defines and what it refers to, by source file."""
    files = sorted((TOP / MODEL).rglob("*.c"))
    defined, used = {}, {}
    for path in files:
        name = path.relative_to(TOP / MODEL)
        made = OUT / MODEL / name.with_suffix(".o")
        out = subprocess.run([os.environ.get("NM", "nm"), "-P", made], stdout=subprocess.PIPE, text=True, check=True).stdout
        rows = [line.split()[:2] for line in out.splitlines()]
        defined.update({symbol: str(name) for symbol, kind in rows if kind in "TDRBVW"})
        used[str(name)] = {symbol for symbol, kind in rows if kind == "U"}
    return defined, used


def references():
    """(file, file) -> names that the first one uses of the second one; between topics also includes."""
    defined, used = symbols()
    edges = defaultdict(set)
    for path in sorted((TOP / MODEL).rglob("*.[ch]")):
        name = str(path.relative_to(TOP / MODEL))
        for header in re.findall(r'^\s*#\s*include\s+"model/([^"]+)"', path.read_text(encoding="utf-8"), re.M):
            if topic(header) not in (CORE, topic(name)):
                edges[name, header].add(f"includes {header}")
    for name, wanted in used.items():
        for symbol in wanted:
            if defined.get(symbol, name) != name:
                edges[name, defined[symbol]].add(symbol)
    return edges


def topic(name):
    return name.split("/")[0] if "/" in name else CORE


def between_topics(edges):
    result = defaultdict(set)
    for (a, b), names in edges.items():
        if topic(a) != topic(b) and a != TABLE and b != TABLE:
            result[topic(a), topic(b)] |= {f"{a}: {name}" for name in names}
    return result


def inside(edges, name):
    return {(a, b): names for (a, b), names in edges.items() if topic(a) == topic(b) == name and TABLE not in (a, b)}


def circles(edges):
    """The groups in which everybody reaches everybody, of two or more."""
    nodes = {n for edge in edges for n in edge}
    reach = {n: {b for a, b in edges if a == n} for n in nodes}
    for via in nodes:
        for n in nodes:
            if via in reach[n]:
                reach[n] |= reach[via]
    groups = {frozenset(m for m in reach[n] if n in reach[m]) for n in nodes if n in reach[n]}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def check(edges):
    topics = sorted({topic(name) for edge in edges for name in edge})
    wrong, seen = [], set()
    for graph in [between_topics(edges)] + [inside(edges, name) for name in topics]:
        for group in circles(graph):
            listed = {one for one in CIRCLES if set(group) <= one}
            seen |= listed
            if listed:
                continue
            wrong.append("a circle that is not listed in tests/topics.py: " + ", ".join(group))
            for (a, b), names in sorted(graph.items()):
                if a in group and b in group:
                    print(f"  {a} -> {b}: {', '.join(sorted(names))}")
    wrong += ["listed in tests/topics.py, but no circle: " + ", ".join(sorted(one)) for one in CIRCLES - seen]
    print("\n".join(wrong), end="\n" if wrong else "")
    print(f"{len(topics) + 1 - len(wrong)} passed, {len(wrong)} failed, 0 skipped")
    return bool(wrong)


def draw_text(title, edges):
    print(title)
    for a in sorted({a for a, _ in edges}):
        print(f"  {a:<22} -> " + ", ".join(f"{b} {n}" for (x, b), n in sorted(edges.items()) if x == a))


def draw_dot(edges):
    print("digraph {\n  rankdir=LR; node [shape=box]")
    for (a, b), n in sorted(edges.items()):
        print(f'  "{a}" -> "{b}" [label={n}]')
    print("}")


def main(how):
    edges = references()
    if how == "check":
        return check(edges)
    graphs = [("includes between the folders of user/", folders()),
              ("what topics of user/model use of each other", {k: len(v) for k, v in between_topics(edges).items()})]
    for name in sorted({topic(a) for edge in edges for a in edge}):
        graphs.append((f"what files of {name} use of each other",
                       {edge: len(names) for edge, names in inside(edges, name).items()}))
    for title, graph in graphs:
        if how == "dot":
            draw_dot(graph)
        else:
            draw_text(title, graph)
    return 0


sys.exit(main((sys.argv[1:] or ["text"])[0]))
