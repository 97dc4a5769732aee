# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Nothing silently wrong: what a call meant at its exit is not always what it began with, and is marked then."""
import os
import subprocess

import lib
from lib import alone, check, equal, run_program

INSIDE, OUTSIDE = "module inside\n", "module outside\n"


def one(lines, **want):
    line, = [x for x in lines if all(x.get(k) == v for k, v in want.items())]
    return line


def looks(result, name):
    return one(result.record.kind("access"), **{"as": name})


def test_openat2_in_root():
    """The path is that of the file that was opened, and so is the text of its snapshot."""
    result = run_program("doubt", "in-root")
    opens = [x for x in result.record.kind("open") if x["call"] == "openat2"]
    below = [x for x in opens if x.get("path", "").endswith("/jail/etc/go.mod")]
    equal(len(below), 6, "opens of the file inside")
    equal([x.get("incomplete") for x in opens if x["as"] == "a/../../none"], [["path"]], "what only the kernel knows")
    texts = {x["text"] for x in result.record.kind("file") if x["path"].endswith("/jail/etc/go.mod")}
    equal(texts, {INSIDE}, "texts of the file inside")
    read = [x["text"] for x in result.record.kind("file") if x["path"].endswith("/w/go.mod") and "written" not in x]
    equal(read, [], "texts of the file outside, which nobody read")


def answered(case):
    result = run_program("doubt", case)
    stat, = [x for x in result.record.kind("stat") if x["as"].endswith("/w/f")]
    equal([k for k in ("size", "mtime", "type") if k in stat], [], "what the kernel did not write")
    return stat


def test_answered_by_a_filter():
    """A filter that traps: the kernel did nothing, which is certain."""
    if lib.HOOKS == "fexit":
        raise lib.Skip("the function of the call does not run, so that nothing is seen")
    equal(answered("trapped").get("answered"), "seccomp", "who answered")


def test_maybe_answered():
    """A filter that says that it succeeded: whether it did, is not known."""
    if lib.HOOKS == "fexit":
        raise lib.Skip("the function of the call does not run, so that nothing is seen")
    equal(set(answered("pretended").get("incomplete", [])), {"size", "answered"}, "incomplete")


def test_let_pass():
    """A filter that lets all pass changes nothing."""
    result = run_program("doubt", "let-pass")
    stat, = [x for x in result.record.kind("stat") if x["as"].endswith("/w/f")]
    equal((stat.get("size"), stat.get("incomplete"), stat.get("answered")), (0, None, None), "the stat")


def blocked(way):
    os.mkdir("w")
    result = lib.run([lib.program("doubt"), way], cwd=os.path.realpath("w"))
    equal(result.status, 0, lib.said(result))
    lib.verify(result.record)
    opened, = [x for x in result.record.kind("open") if x["pid"] != x["tid"]]
    return opened


def test_cwd_changed_meanwhile():
    line = blocked("cwd")
    equal((line["as"], line.get("path"), line["incomplete"]), ("f", None, ["path"]), "the open")


def test_dirfd_changed_meanwhile():
    line = blocked("dirfd")
    equal((line["as"], line.get("path"), line["incomplete"]), ("f", None, ["path"]), "the open")


def test_text_changed_meanwhile():
    line = blocked("text")
    equal((line.get("as"), line.get("path"), line["incomplete"]), (None, None, ["as", "path"]), "the open")


def test_nothing_changed_meanwhile():
    line = blocked("nothing")
    equal((line["as"], line["path"], line.get("incomplete")),
          ("f", os.path.realpath("w/A/f"), None), "the open")


def test_cwd_handed_over():
    """Who waits for the change begins behind it: its paths are exact."""
    os.mkdir("w")
    result = lib.run([lib.program("doubt"), "handed-over"], cwd=os.path.realpath("w"))
    equal(result.status, 0, lib.said(result))
    line = looks(result, "after")
    equal((line.get("path"), line.get("incomplete")), (os.path.realpath("w/A") + "/after", None), "the look")


def test_interrupted_and_made_again():
    """A signal ends the wait, its handler restarts the call: that is one success and no failure."""
    os.mkdir("w")
    result = lib.run([lib.program("doubt"), "interrupted"], cwd=os.path.realpath("w"))
    equal(result.status, 0, lib.said(result))
    lib.verify(result.record)
    opens = [x for x in result.record.kind("open") if x["as"] == "f" and x["pid"] == x["tid"]]
    equal([(x.get("interrupted"), "fd" in x, "err" in x) for x in opens], [(True, False, False), (None, True, False)],
          "interrupted, fd and err of the opens")
    answer = lib.answer("report", subprocess.run([lib.TOOL, "report", "--json", result.path], check=True, text=True,
                                                 stdout=subprocess.PIPE).stdout)
    check("ERESTARTSYS" not in str(answer), "the report counts it as a failure")


def test_removed_cwd():
    result = run_program("doubt", "removed", exact=False)
    equal((looks(result, "after").get("path"), looks(result, "after")["incomplete"]), (None, ["path"]),
          "a look in a directory that is gone")


@alone		# what anybody renames meanwhile may be what makes it unknown
def test_rename_of_the_cwd():
    result = run_program("doubt", "moved")
    line = one(result.record.kind("rename"), **{"as": "../c"})
    equal((line.get("path"), line.get("path2"), line["incomplete"]), (None, None, ["path", "path2"]),
          "a rename by a descriptor of the directory itself")


def test_root_in_a_root():
    run_program("doubt", "nested-roots")


def test_mount_namespace_without_exec():
    """The text is that of the file that was opened, not of ours at the same path."""
    result = lib.run(["unshare", "-m", "true"], record="can.jsonl")
    if result.status:
        raise lib.Skip("no mount namespaces here")
    os.mkdir("w")
    observer = lib.Observer("run", "--", "env", "-C", "w", lib.program("doubt"), "own-mounts", record="rec.jsonl")
    observer.wait_until(lambda record: [x for x in record.kind("file") if "written" not in x], "the text")
    open("w/stop", "w").close()
    result = observer.wait()
    read = [x["text"] for x in result.record.kind("file") if x["path"].endswith("/m/go.mod")]
    check(INSIDE in read, f"texts: {read}")
    equal(read[-1], INSIDE, "the text that was read")
