# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What was built from: the hash of each file that a build read, as it was, or a line that says why not."""
import hashlib
import os
import shutil
import subprocess
import time

import lib
import workload
from lib import check, equal, said
from test_snapshots import env_of


def module(embed=False):
    workload.write("m/go.mod", "module example.org/lib\n\ngo 1.18\n")
    workload.write("m/leaf/l.go", "package leaf\n\nconst L = 1\n")
    workload.write("m/api/a.go", 'package api\n\nimport "example.org/lib/leaf"\n\nconst A = leaf.L\n')
    if embed:	# which needs a good part of the standard library
        workload.write("m/api/e.go", 'package api\n\nimport _ "embed"\n\n//go:embed text.txt\nvar T string\n')
        workload.write("m/api/text.txt", "text\n")
    workload.write("m/asm/a.go", "package asm\n\nfunc F()\n")
    workload.write("m/asm/a_amd64.s", '#include "textflag.h"\n#include "own.h"\nTEXT ·F(SB),NOSPLIT,$0\n\tRET\n')
    workload.write("m/asm/own.h", "// nothing\n")


def build(name, env, *opts, args=("build", "./..."), cwd="m"):
    result = lib.run(["go", *args], *opts, record=name, cwd=cwd, env=env)
    equal(result.status, 0, said(result))
    return result


def hashes(result):
    """{path: its hashes}; C compilers write .. in the middle of theirs."""
    found = {}
    for line in result.record.kind("source"):
        found.setdefault(os.path.realpath(line["path"]), set()).add(line.get("sha256"))
    return found


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def expect(result, *paths):
    found = hashes(result)
    for path in map(os.path.realpath, paths):
        equal(found.get(path), {sha256(path)}, "hashes of " + path)


FILES = ["m/go.mod", "m/leaf/l.go", "m/api/a.go", "m/asm/a.go", "m/asm/a_amd64.s",
         "m/asm/own.h"]


def test_inputs():
    """Of all that a build reads, cold and warm, each state once; nothing that the build made itself."""
    module(embed=True)
    env = env_of(CGO_ENABLED="0")
    for name in ("cold.jsonl", "warm.jsonl"):
        result = build(name, env)
        expect(result, *FILES, "m/api/e.go", "m/api/text.txt")
        lines = result.record.kind("source")
        states = {(line["path"], line["ctime"]) for line in lines}
        equal(len(states), len(lines), "states")
        for line in lines:
            check("sha256" in line and "incomplete" not in line, line)
            check("/go-build" not in line["path"] and not line["path"].startswith(env["GOCACHE"]), line)


def test_same_size_and_mtime():
    """An edit that leaves size and time as they were; the other files are told to be the same."""
    module()
    env = env_of()
    for path in FILES:
        os.utime(path, (1577836800, 1577836800))
    before = build("old.jsonl", env)
    workload.write("m/leaf/l.go", "package leaf\n\nconst L = 3\n")
    os.utime("m/leaf/l.go", (1577836800, 1577836800))
    after = build("new.jsonl", env)
    for path in map(os.path.realpath, FILES):
        same = hashes(before)[path] == hashes(after)[path]
        equal(same, not path.endswith("/l.go"), path + " is the same")


def test_fresh_checkout():
    """A copy with other times in another folder has the same hashes."""
    module()
    env = env_of()
    before = hashes(build("old.jsonl", env))
    shutil.copytree("m", "n")
    after = hashes(build("new.jsonl", env, cwd="n"))
    for path in FILES:
        equal(after[os.path.realpath("n" + path[1:])], before[os.path.realpath(path)], path)


def test_c_headers():
    """What a C compiler reads: below the package, above it, of the system."""
    lib.need("gcc")
    workload.write("m/go.mod", "module example.org/lib\n\ngo 1.18\n")
    workload.write("m/c/c.go", "package c\n\n// #cgo CFLAGS: -I${SRCDIR}/../include\n// int f(void);\n"
                               'import "C"\n\nfunc F() int { return int(C.f()) }\n')
    workload.write("m/c/f.c", '#include <stddef.h>\n#include "sub/f.h"\n#include "far.h"\nint f(void) { return F; }\n')
    workload.write("m/c/sub/f.h", "#define F FAR\n")
    workload.write("m/include/far.h", "#define FAR 3\n")
    result = build("c.jsonl", env_of(CGO_ENABLED="1"), args=("build", "./c"))
    expect(result, "m/c/c.go", "m/c/f.c", "m/c/sub/f.h", "m/include/far.h")
    check(any(path.endswith("/stddef.h") for path in hashes(result)), "no header of the system")


def test_unreadable():
    """A file that goes as soon as it was read has a line that says so."""
    module()
    workload.write("build.sh", "go build ./... && rm -f leaf/l.go\n")
    result = lib.run(["sh", "../build.sh"], record="gone.jsonl", cwd="m", env=env_of())
    equal(result.status, 0, said(result))
    lines = [line for line in result.record.kind("source") if line["path"].endswith("/leaf/l.go")]
    equal(len(lines), 1, lines)
    check("sha256" in lines[0] or lines[0]["incomplete"] == ["sha256"], lines)


HEAD, SLOT, DIGEST = 48, 88, 56		# bytes of user/capture/hash_store.c
SETTLED_S = 120


def spoil_hashes(path):
    """Every hash that is kept becomes another one; how many there were."""
    with open(path, "r+b") as f:
        content = bytearray(f.read())
        found = 0
        for at in range(HEAD, len(content) - SLOT + 1, SLOT):
            if any(content[at:at + 8]):
                found += 1
                content[at + DIGEST:at + SLOT] = bytes(b ^ 0xff for b in content[at + DIGEST:at + SLOT])
        f.seek(0)
        f.write(content)
    return found


def test_hashed_once_per_host():
    """What another observer hashed is not read again: but for what changed since, or is too young to tell."""
    goroot = subprocess.run(["go", "env", "GOROOT"], stdout=subprocess.PIPE, text=True, check=True, env=env_of()).stdout.strip()
    old = os.path.realpath(goroot + "/src/internal/goarch/goarch.go")
    if lib.filesystem(old) not in ("ext2/ext3", "xfs", "btrfs", "f2fs"):
        raise lib.Skip(f"change times of {lib.filesystem(old)} are not trusted")
    time.sleep(max(0, os.stat(old).st_ctime + SETTLED_S + 1 - time.time()))
    module()
    young = os.path.realpath("m/leaf/l.go")
    # One namespace for all: what is mounted in another one has other numbers.
    with subprocess.Popen([*lib.own_run(), "sleep", "300"]) as place:
        try:
            lib.wait_for(lambda: lib.read(f"/proc/{place.pid}/comm").strip() == "sleep", 10, "the namespace")
            return look_at_kept(place.pid, goroot, old, young)
        finally:
            place.kill()


def look_at_kept(pid, goroot, old, young):
    def hashes_of(name, **env):
        watch = lib.Opens(old)
        result = lib.run(["go", "build", "-a", "./leaf", "internal/goarch"], record=name, env=env_of(**env),
                         prefix=["nsenter", f"--mount=/proc/{pid}/ns/mnt", f"--wdns={os.path.abspath('m')}"])
        equal(result.status, 0, said(result))
        found, opens = hashes(result), result.record.kind("open")
        own = watch.count() - sum("fd" in line and os.path.realpath(line["path"]) == old for line in opens)
        return found[old], found[young], own
    right = {sha256(old)}, {sha256(young)}
    wrong = {bytes(b ^ 0xff for b in bytes.fromhex(sha256(old))).hex()}, right[1]
    first = hashes_of("first.jsonl")
    equal(first[:2], right, "at first")
    check(first[2] > 0, "it is hashed without being opened")
    kept = "run/goenvbpf.kept/hashes"
    found = spoil_hashes(kept)
    check(found > 10, f"{found} hashes are kept")
    # only who is told so by what is kept has a wrong one
    second = hashes_of("second.jsonl")
    equal(second[:2], wrong, "as they are kept")
    if lib.kernel() >= (6, 8):
        equal(second[2], 0, "times that the observer opened it, of which the kernel said all")
    # what a descriptor was is no proof of what the path led to: under a new one it is looked at
    os.symlink(goroot, "other-root")
    named = hashes_of("named.jsonl", GOROOT=os.path.abspath("other-root"))
    equal(named[:2], right, "under another name")
    check(named[2] > 0, "it is hashed without being opened")
    os.chmod(kept, 0o622)
    equal(hashes_of("third.jsonl")[:2], right, "from a file that others may write")
    return f"{found} hashes"


def test_changed_at_once():
    """A file that is known, and is changed as soon as it was read again: the kernel said which state that was."""
    if lib.kernel() < (6, 8):
        raise lib.Skip("the kernel has no numbers of mounts")
    module()
    path = os.path.realpath("m/leaf/l.go")
    if lib.filesystem(path) not in ("ext2/ext3", "xfs", "btrfs", "f2fs"):
        raise lib.Skip(f"states of {lib.filesystem(path)} are looked at")
    before = sha256(path)
    workload.write("build.sh", "go build ./leaf; sleep 1.5; go build -a ./leaf; echo 'var V int' >>leaf/l.go\n")
    result = lib.run(["sh", "../build.sh"], record="at-once.jsonl", cwd="m", env=env_of())
    equal(result.status, 0, said(result))
    opens = [line for line in result.record.kind("open") if line.get("path") == path and line["flags"][0] == "RDONLY"]
    check(len(opens) > 1, opens)
    lines = [line for line in result.record.kind("source") if line["path"] == path]
    equal([line.get("sha256") for line in lines], [before], "states")
    check("error" not in lines[0], lines)
    check(sha256(path) != before, "it was not changed")


def test_not_wanted():
    """--no-hash: none, and the record says so; programs that build nothing have none in any case."""
    module()
    result = build("none.jsonl", env_of(), "--no-hash")
    equal(hashes(result), {}, "hashes")
    equal(result.record.header.get("no_hash"), True, "header")
    result = lib.run(["cat", "m/leaf/l.go"], record="cat.jsonl")
    equal(hashes(result), {}, "hashes of cat")
    check("no_hash" not in result.record.header, result.record.header)
