# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""io_uring: what goes through it is not in the record, and the record says so."""
import os
import subprocess

import lib
from lib import check, equal, said

RING = lib.program("ring")


def page_of(result, *opts):
    """A view of the record, its broken lines put together again."""
    done = subprocess.run([lib.TOOL, *opts, result.path], stdout=subprocess.PIPE, text=True, timeout=30)
    equal(done.returncode, 0, f"status of {opts}")
    return done.stdout if "--json" in opts else " ".join(done.stdout.split())


def blind_of(result):
    """The one blind line; that the end and both reports agree with it."""
    line, = result.record.kind("blind")
    equal(result.record.end["complete"], False, "complete")
    equal(result.record.end["events"]["blind"], 1, "the end's count")
    answer = lib.answer("report", page_of(result, "report", "--json"))
    told, = answer["blind"]
    equal({k: told.get(k) for k in ("what", "proc", "pid", "ts")}, {k: line[k] for k in ("what", "proc", "pid", "ts")},
          "blind in report --json")
    equal((answer["complete"], answer["lost"]), (False, 0), "complete and lost in report --json")
    check(f"(pid {line['pid']}) by io_uring" in page_of(result, "report"), page_of(result, "report")[:600])
    return line


def test_open():
    """A file that is opened through a ring has no line; from when on that may be, has one."""
    result = lib.run_program("ring", "open", complete=False)
    opens = [line["flags"][0] for line in result.record.kind("open") if line["as"] == "unseen"]
    equal(opens, ["WRONLY"], "opens of the file: it was made before by a system call")
    line = blind_of(result)
    equal(line["pid"], result.record.exec_of("ring")["pid"], "whose it is")
    check("not seen" in result.err, f"the tool did not say it: {said(result)}")
    equal(result.record.end["lost"], {"file": 0, "life": 0, "follow": 0, "read": 0}, "lost")
    shown = page_of(result, "timeline", "--kind", "exit")
    check("blind io_uring was set up" in shown and "NOT complete" in page_of(result, "timeline"), shown)


def test_strict():
    """What was out of sight makes a run inconclusive, a ring that was refused does not."""
    result = lib.run([RING, "open"], "--strict", record="open.jsonl")
    if result.status == 77:
        raise lib.Skip(result.err.strip().splitlines()[-1])
    equal(result.status, 3, said(result))
    result = lib.run([RING, "refused"], "--strict", record="refused.jsonl")
    equal(result.status, 0, said(result))


def test_refused():
    result = lib.run_program("ring", "refused")
    equal(result.record.kind("blind"), [], "lines of a ring that was refused")
    equal(lib.answer("report", page_of(result, "report", "--json"))["blind"], [], "blind in report --json")


def test_inherited():
    """A ring that was set up by somebody else shows when it is used."""
    command = lib.tool_args("run", record="rec.jsonl") + ["--", RING, "use"]
    done = subprocess.run([RING, "hand-over", *command], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    if done.returncode == 77:
        raise lib.Skip(done.stderr.strip())
    equal(done.returncode, 0, done.stderr)
    result = lib.Result(done.returncode, "", done.stderr, os.path.abspath("rec.jsonl"))
    equal(blind_of(result)["call"], "io_uring_enter", "the call that showed it")


def test_attach():
    """Who has a ring when it is attached to: its set-up was not seen, its descriptor is."""
    with open("told", "wb") as out:
        proc = subprocess.Popen([RING, "hold"], stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        lib.wait_for(lambda: lib.read("told") or proc.poll() is not None, 20, "the ring")
        if proc.poll() == 77:
            raise lib.Skip(proc.stderr.read().decode().strip())
        observer = lib.Observer("attach", "--pid", proc.pid, record="rec.jsonl")
        lib.wait_for(lambda: b'"blind"' in lib.head("rec.jsonl"), 20, "the blind line")
        open("stop", "w").close()
        result = observer.wait()
    finally:
        proc.kill()
        proc.wait()
    lib.verify(result.record, complete=False)
    line = blind_of(result)
    want, = lib.expectations("told")
    why = lib.mismatch(want, line)
    check(not why and [line["pid"], line["tid"]] == want["who"], why, line)
    check("by io_uring since before it was followed" in page_of(result, "report"), "the report does not say since when")
    check("io_uring was there before" in page_of(result, "timeline"), "the timeline does not say since when")


def test_compat():
    """A 32-bit program's ring, by every tier that sees such programs."""
    result = lib.run([lib.compat_program(), "ring"])
    if result.status == 77:
        raise lib.Skip("no io_uring for 32-bit programs here")
    equal(result.status, 32, said(result))
    if result.record.header["hooks"].get("files32") != "on":
        raise lib.Skip("this tier does not see 32-bit programs")
    lib.verify(result.record, complete=False)
    equal(os.path.basename(result.record.exec_of("compat")["exe"]), "compat", "the program")
    equal(blind_of(result)["pid"], result.record.exec_of("compat")["pid"], "whose it is")
