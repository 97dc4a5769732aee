#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Traces of records, held against these by readers that share nothing with their writers.

  traces.py check GOENVBPF RECORD…    of each record in each format; then the trace is broken in every way that
                                      the check is there for, and each must be found. Closes with
                                      "N passed, N failed, N skipped"
  traces.py text                      a Perfetto trace as text for people; 77 when it cannot be read here
"""
import collections
import copy
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import perfetto    # noqa: E402
from perfetto import Fault    # noqa: E402

ACCESSES = {"open", "stat", "access", "readlink", "mkdir", "unlink", "rename", "link", "symlink", "truncate",
            "utimes", "chmod", "chdir"}
OTHERS = {"exec_failed", "connect", "lost", "blind"}
HIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


class Trace:
    """What both formats say. spans: name, track, ts, end, args; instants: name, track, ts, cat, args;
    counters: (track, name, ts, value); flows: id -> [(ts, "s", "t" or "f", track, event)]."""

    def __init__(self):
        self.spans, self.instants, self.counters, self.flows = [], [], [], collections.defaultdict(list)


# --- Chrome's JSON ---

PHASES = {"M": "args", "X": "ts dur cat args", "i": "ts s cat args", "C": "ts args", "s": "ts id cat bp", "t": "ts id cat bp",
          "f": "ts id cat bp"}


def ns(text):
    """Microseconds with three decimals."""
    if not re.fullmatch(r"-?(0|[1-9]\d*)\.\d{3}", text):
        raise Fault(f"{text} is no time")
    return int(text.replace(".", ""))


def unique(pairs):
    names = [k for k, _ in pairs]
    if len(set(names)) != len(names):
        raise Fault(f"a name is there twice: {names}")
    return dict(pairs)


def no_constant(text):
    raise Fault(f"{text} is no JSON")


def decode_chrome(data):
    trace = json.loads(data.decode("utf-8"), parse_float=ns, parse_constant=no_constant, object_pairs_hook=unique)
    json.dumps(trace, ensure_ascii=False).encode("utf-8")  # no half surrogate pairs
    return trace


def check_shape(e):
    if not set(PHASES.get(e["ph"], "?").split()) | {"ph", "name", "pid", "tid"} == set(e):
        raise Fault(f"what is this: {e}")
    if not all(isinstance(e[k], int) and 0 <= e[k] < 1 << 31 for k in ("pid", "tid")):
        raise Fault(f"no pid: {e}")
    if not all(e.get(k, 0) >= 0 for k in ("ts", "dur")):
        raise Fault(f"before the start: {e}")
    if not isinstance(e["name"], str) or not e["name"]:
        raise Fault(f"no name: {e}")


def read_chrome(raw):
    trace, names = Trace(), collections.Counter()
    for e in raw["traceEvents"]:
        check_shape(e)
        track = e["pid"], e["tid"]
        if e["ph"] == "M":
            names[e["name"], e["pid"]] += 1
        elif e["ph"] == "X":
            trace.spans.append({**e, "track": track, "end": e["ts"] + e["dur"]})
        elif e["ph"] == "i":
            trace.instants.append({**e, "track": track})
        elif e["ph"] == "C":
            trace.counters += [(track, name, e["ts"], value) for name, value in e["args"].items()]
        else:
            trace.flows[e["id"]].append((e["ts"], e["ph"], track, None))
    for e in trace.spans:
        if any(names[what, e["pid"]] != 1 for what in ("process_name", "thread_name")):
            raise Fault(f"not one name: {e}")
    return trace


def of(raw, phase):
    return [e for e in raw["traceEvents"] if e["ph"] == phase]


def no_parent(raw):
    of(raw, "X")[-1]["args"]["parent"] = 1 << 40


def before_start(raw):
    of(raw, "X")[0]["ts"] = -1


def overlap(raw):
    e = copy.deepcopy(of(raw, "X")[0])
    e["ts"] += 1
    e["args"]["proc"] = 1 << 41
    raw["traceEvents"].append(e)


def no_name(raw):
    raw["traceEvents"].remove(of(raw, "M")[0])


def no_such_flow(raw):
    raw["traceEvents"].remove(of(raw, "f")[0])


def flow_to_nowhere(raw):
    of(raw, "s")[0]["tid"] = 1 << 30


def counts_back(raw):
    of(raw, "C")[-1]["args"]["hits"] = -1


def other_path(raw):
    of(raw, "i")[0]["args"]["path"] = "/other"


def no_access(raw):
    raw["traceEvents"].remove([e for e in of(raw, "i") if e["cat"] == "access"][0])


BREAKS = (no_parent, before_start, overlap, no_name, no_such_flow, flow_to_nowhere, counts_back, other_path, no_access)


def unread_chrome(_):
    for text in (b'{"traceEvents":[NaN]}', b'{"a":1.5}', b'{"a":0,"a":0}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":"\n"}', b'[0,]'):
        try:
            decode_chrome(text)
        except (Fault, ValueError):
            continue
        yield f"{text} is taken for JSON"


# --- Perfetto's ---

def read_perfetto(raw):
    trace = Trace()
    tracks, events = perfetto.read(raw)
    for e in events:
        e["cat"] = "/".join(e["cat"])
    for e in perfetto.spans(events):
        if e["track"] == 1 and e["cat"] == "record":
            continue    # of the record as a whole
        if tracks[e["track"]]["parent"] == 1:
            if "parent" in e["args"] and e["args"]["parent"] < e["args"]["proc"]:
                raise Fault(f"is not below what started it: {e}")
        trace.spans.append(e)
    for e in events:
        if e["type"] == perfetto.INSTANT:
            trace.instants.append(e)
        elif e["type"] == perfetto.COUNTER:
            trace.counters.append((tracks[e["track"]]["parent"], tracks[e["track"]]["name"], e["ts"], e["value"]))
        for flow, kind in e["flows"]:
            trace.flows[flow].append((e["ts"], kind, e["track"], e))
    for ends in trace.flows.values():    # the first one is where it starts
        ends.sort(key=lambda end: end[0])
        ends[:] = [(ts, kind if kind == "f" else "s" if i == 0 else "t", track, e) for i, (ts, kind, track, e) in enumerate(ends)]
    return trace


# --- both ---

def check_slices(trace):
    tracks = collections.defaultdict(list)
    for e in trace.spans:
        tracks[e["track"]].append(e)
    for track, slices in tracks.items():
        open_until = []
        for e in sorted(slices, key=lambda e: (e["ts"], -e["end"])):
            while open_until and open_until[-1] <= e["ts"]:
                open_until.pop()
            if open_until and e["end"] > open_until[-1]:
                yield f"overlaps another one of {track}: {e}"
            open_until.append(e["end"])


def check_processes(trace):
    procs = collections.Counter(e["args"]["proc"] for e in trace.spans)
    for e in trace.spans:
        if procs[e["args"]["proc"]] != 1:
            yield f"twice: {e}"
        if e["args"].get("parent", e["args"]["proc"]) not in procs:
            yield f"no such parent: {e}"
        if e["args"].get("replaced_by", e["args"]["proc"]) not in procs:
            yield f"no such image: {e}"


def check_flows(trace):
    """From a miss to the tool that made what was missing, and on to where that was put."""
    for flow, ends in trace.flows.items():
        ends = sorted(ends, key=lambda end: end[0])
        if [kind for _, kind, _, _ in ends] not in (["s", "f"], ["s", "t", "f"]):
            yield f"does not lead from here to there: {flow} {ends}"
            continue
        at = [[s for s in trace.spans if s["track"] == track and s["ts"] <= ts <= s["end"]] for ts, _, track, _ in ends]
        if not all(at):
            yield f"nothing runs there: {flow} {ends}"
        if not any("cache" in s["args"] for s in at[1]):
            yield f"leads to what made nothing: {flow} {ends}"
        names = [{i["name"] for i in trace.instants if i["cat"] == "cache" and (i["ts"], i["track"]) == (ts, track)} for ts, _, track, _ in ends]
        if not names[0] & {"miss", "broken"} or (len(ends) == 3 and "put" not in names[2]):
            yield f"not from a miss, or not to where it was put: {flow} {ends}"
    missed = {s["args"]["proc"] for s in trace.spans if s["args"].get("cache") in ("miss", "broken")}
    if missed and not trace.flows:
        yield f"no flow leads to {missed}"


def check_counters(trace, report):
    last = {}
    for track, name, ts, value in trace.counters:
        before = last.get((track, name), (0, 0))
        if ts < before[0] or value < before[1]:
            yield f"goes back: {track} {name} {ts} {value}"
        last[track, name] = ts, value
    for name, keys in (("hits", ("hit",)), ("misses", ("miss", "broken"))):
        counted = sum(v for (_, n), (_, v) in last.items() if n == name)
        said = sum(p["outcome"] in keys for c in report["commands"] for p in c.get("cache", {}).get("packages", []))
        if counted != said:
            yield f"{counted} {name}, and {said} in the report"
    puts = sum(e["cat"] == "cache" and e["name"] == "put" for e in trace.instants)
    if puts > sum(c["cache"]["put"] for c in report["commands"] if "cache" in c):
        yield f"{puts} entries were put, and fewer in the report"


def skeleton(text):
    """Without what may be shown as an escape."""
    return text and re.sub(r"\\(x..|u(e0...|1bca.|1d17.|....)|[nt])|[^ -~]", "", text)


def check_record(trace, lines, report):
    """Each access of the record is there as it was, and each program."""
    said = collections.Counter((e["name"], e["ts"], skeleton(e["args"].get("path")), skeleton(e["args"].get("error")))
                               for e in trace.instants if e["cat"] in ("access", "loss"))
    seen = collections.Counter((r["k"], r["ts"], skeleton(r.get("path", r.get("file"))), skeleton(r.get("err")))
                               for r in lines if r["k"] in ACCESSES | OTHERS)
    for what in (said - seen) + (seen - said):
        yield f"in one of trace and record: {what}"
    accesses = sum(e["name"] in ACCESSES and e["cat"] == "access" for e in trace.instants)
    if accesses != report["accesses"]["all"]:
        yield f"{accesses} accesses, and {report['accesses']['all']} in the report"
    images = {e["args"]["proc"]: e for e in trace.spans}
    for r in lines:
        if r["k"] == "exec":
            e = images.get(r["proc"])
            if not e or e["ts"] != r["ts"] or e["args"]["os_pid"] != r["pid"] or \
               skeleton(e["args"].get("exe")) != skeleton(r.get("exe")):
                yield f"not as the record has it: {r['proc']} {e}"
    for e in trace.spans + trace.instants:
        for text in (e["name"], *(v for v in e["args"].values() if isinstance(v, str))):
            if HIDDEN.search(text):
                yield f"what is not seen is there: {text!r}"


def faults(read, raw, lines, report):
    try:
        trace = read(raw)
    except Fault as fault:
        return [str(fault)]
    found = []
    for check in (check_slices, check_processes, check_flows):
        found += check(trace)
    return found + list(check_counters(trace, report)) + list(check_record(trace, lines, report))


def unfound(breaks, read, raw, lines, report):
    """The ways to break the trace that nobody sees; what the trace has none of cannot be broken."""
    for break_it in breaks:
        broken = copy.deepcopy(raw)
        try:
            break_it(broken)
        except IndexError:
            continue
        DONE.add(break_it)
        if not faults(read, broken, lines, report):
            yield f"{break_it.__name__} is not found"


DONE = set()
FORMATS = {"chrome": (decode_chrome, read_chrome, BREAKS, unread_chrome),
           "perfetto": (perfetto.decode, read_perfetto, perfetto.BREAKS, perfetto.unread)}


def read_record(path):
    lines = []
    with open(path, "rb") as f:
        for line in f:
            try:
                lines.append(json.loads(line))
            except ValueError:
                pass    # a cut record ends anywhere
    return lines


def said(tool, *args):
    return subprocess.run([tool, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def check_export(tool, path, fmt):
    decode, read, breaks, unread = FORMATS[fmt]
    data, lines, report = said(tool, "export", "--format", fmt, path), read_record(path), json.loads(said(tool, "report", "--json", path))
    try:
        raw = decode(data)
    except Exception as fault:    # of a reader that is not ours
        return [f"cannot be read: {fault}"]
    return faults(read, raw, lines, report) or list(unfound(breaks, read, raw, lines, report)) + list(unread(data))


def check_all(tool, records):
    passed, failed, skipped = 0, 0, 0
    lacks = perfetto.missing()
    results = {}
    for fmt in FORMATS:
        if fmt == "perfetto" and lacks:
            print(f"skip traces of Perfetto: {lacks} is missing")
            skipped += 1
            continue
        for path in records:
            results[f"{fmt} of {os.path.basename(path)}"] = check_export(tool, path, fmt)
        if len(records) > 1:
            results[f"{fmt}: what is broken"] = [f"no record has what {b.__name__} breaks" for b in FORMATS[fmt][2] if b not in DONE]
    if not lacks:
        results["perfetto.proto"] = list(perfetto.check_proto())
    for label, found in results.items():
        passed, failed = passed + (not found), failed + bool(found)
        for fault in found[:20]:
            print(f"FAIL {label}: {fault[:600]}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed != 0


def main():
    if sys.argv[1] == "check":
        return check_all(sys.argv[2], sys.argv[3:])
    if perfetto.missing():
        print(perfetto.missing(), "is missing")
        return 77
    for line in perfetto.text(perfetto.decode(sys.stdin.buffer.read())):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
