# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Go builds on overlay mounts, as containers have them: in a mount namespace of their own, observed
from outside and from inside.
"""
import os
import subprocess

import lib
import workload
from lib import alone, check, equal, said

# Layers on two file systems, so that numbers of files and devices are not those of either; TMPDIR,
# where go run makes and deletes its program, lies on a third. Nothing is left when the test ends.
MOUNTS = """
set -e
mount --make-rprivate /
for d in lower upper over tmp; do mkdir -p $TOP/$d; done
mount -t tmpfs none $TOP/lower
mount -t tmpfs none $TOP/upper
mount -t tmpfs none $TOP/tmp
cp -a $TOP/m $TOP/lower/
mkdir $TOP/lower/gocache $TOP/upper/cache-upper $TOP/upper/cache-work
mkdir -p $TOP/upper/upper $TOP/upper/work $TOP/upper/usr-upper $TOP/upper/usr-work
mount -t overlay over -o lowerdir=$TOP/lower,upperdir=$TOP/upper/upper,workdir=$TOP/upper/work $TOP/over
mount -t overlay over -o lowerdir=$CACHE,upperdir=$TOP/upper/cache-upper,workdir=$TOP/upper/cache-work \
    $TOP/over/gocache
mount -t overlay over -o lowerdir=/usr,upperdir=$TOP/upper/usr-upper,workdir=$TOP/upper/usr-work /usr
export TMPDIR=$TOP/tmp GOCACHE=$TOP/over/gocache GOMODCACHE=$TOP/over/modcache
cd $TOP/over/m
"""
# The second build finds its package in the cache, whose entries it only reads.
BUILD = """
go build -o out .
rm out
go build -o out .
./out
"""
GO_RUN = "go run .\n"
# Files are looked at in the order of their events, by somebody who yields to all others: the
# namespace, which ends with its last process, is there until the last program was looked at.
LINGER = """
i=0
until grep -q '"k":"buildinfo".*/out"' $TOP/rec.jsonl || [ $i = 300 ]; do sleep 0.1; i=$((i+1)); done
"""


def prepare():
    """Environment of the build: the module and a warm cache are what the lower layer gets."""
    lib.need("unshare")
    top = os.path.realpath(".")
    workload.module("m")
    env = dict(workload.shared_cache_env(), TOP=top, CACHE=top + "/cache")
    equal(subprocess.run(["go", "build", "-o", "/dev/null", "."], cwd="m", env=env).returncode, 0, "go build")
    # A lower layer may not change, and other tests write to the cache that all share.
    subprocess.run(["cp", "-a", lib.GOCACHE, env["CACHE"]], check=True)
    return env


def observe(how, script):
    """The record of a script that runs on overlay mounts."""
    env = prepare()
    alone = ["unshare", "-m", "sh", "-c"]
    if how == "outside":
        return finished(lib.run(alone + [MOUNTS + script], env=env))
    if how == "inside":
        tool = " ".join(lib.tool_args("run", record="$TOP/rec.jsonl"))
        done = subprocess.run(alone + [MOUNTS + f"exec {tool} -- sh -ec '{script}'"], env=env, timeout=100,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return finished(lib.Result(done.returncode, done.stdout, done.stderr, f"{env['TOP']}/rec.jsonl"))
    observer = lib.Observer(None, record="rec.jsonl")
    done = subprocess.run(alone + [MOUNTS + script], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, timeout=100)
    equal(done.returncode, 0, done.stderr)
    return finished(observer.stop())


def finished(result):
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    return result.record


def execs(record, *names):
    """Of a build on a mount of its own; the host's other Go programs may be seen, too."""
    found = [line for line in record.kind("exec")
             if os.path.basename(line.get("exe", "")) in names and
             ("mnt_ns" in line or record.header["mode"] == "run")]
    equal({os.path.basename(line["exe"]) for line in found}, set(names), "programs")
    return found


def has_buildinfo(record, lines):
    """Each program's file has its line, under the numbers that its exec has."""
    infos = {}
    for line in record.kind("buildinfo"):
        if "go" in line:
            infos.setdefault((line["dev"], line["ino"]), []).append(line)
        check("error" not in line or "gone" not in line["error"], f"not read: {line}")
    for line in lines:
        found = infos.get((line["dev"], line["ino"]), [])
        equal([info["exe"] for info in found], [line["exe"]], f"buildinfo of {line['exe']}")


def check_build(record):
    top = os.path.realpath(".")
    go = execs(record, "go", "compile", "link", "out")
    for line in go:
        if line["args"][0] == "./out":
            equal(line["exe"], f"{top}/over/m/out", "exe")
        else:
            check(line["exe"].startswith("/usr/"), f"exe {line['exe']}")
    has_buildinfo(record, go)
    procs = {line["proc"] for line in go}
    names = {line["path"] for line in record.kind("open") if "err" not in line and line["proc"] in procs}
    for name in ("over/m/main.go", "over/m/words/words.go", "over/m/go.mod"):
        check(f"{top}/{name}" in names, f"{name} is not among the opened files")
    inside = [name for name in names for d in ("lower", "upper") if name.startswith(f"{top}/{d}/")]
    equal(inside, [], "names below the overlay")
    check_snapshots(record, top)


def check_snapshots(record, top):
    read = {line["path"] for line in record.kind("open") if "err" not in line and "RDONLY" in line["flags"]}
    used = {path for path in read if path.startswith(f"{top}/over/gocache/") and path.endswith("-a")}
    check(len(used) > 3, f"{len(used)} entries of the cache were read")
    snapshots = {line["path"]: line for line in record.kind("cache")}
    equal(used - set(snapshots), set(), "entries without a snapshot")
    # A busy machine looks late: what is gone with its mount by then is told, and is not most of them.
    late = [path for path, line in snapshots.items() if "output" in line.get("incomplete", []) or not {"broken", "content"} & set(line)]
    broken = [line for path, line in snapshots.items() if path not in late and "broken" in line]
    equal(broken, [], "snapshots")
    check(len(late) <= len(snapshots) // 4, f"{len(late)} of {len(snapshots)} were gone when they were looked at")
    texts = {line["path"] for line in record.kind("file") if "text" in line}
    check(f"{top}/over/m/go.mod" in texts, f"go.mod is not among {texts}")
    wanted = {path for path in read if path.endswith("/importcfg.link")}
    check(wanted and wanted <= texts, f"{wanted - texts} were not read")


def test_build_outside():
    check_build(observe("outside", BUILD + LINGER))


def test_build_inside():
    check_build(observe("inside", BUILD))


@alone
def test_build_watched():
    check_build(observe("watch", BUILD + LINGER))


def go_run(how):
    """The program that go run makes, runs and deletes, on file systems that nobody executed from before."""
    record = observe(how, GO_RUN)
    has_buildinfo(record, execs(record, "hello"))


def test_go_run_outside():
    go_run("outside")


def test_go_run_inside():
    go_run("inside")


@alone
def test_go_run_watched():
    go_run("watch")
