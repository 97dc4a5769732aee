# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which program an execution was of: never told by what two files may share."""
import json
import os
import shutil
import subprocess

import lib
import workload
from lib import alone, check, equal, said
from test_watch import SHORT

ROUNDS = 400 if lib.LONG else 60
MAIN = "package main\n\nfunc main() {\n\tprintln(%r)\n}\n"


def programs():
    """Two Go programs of one size."""
    found = {}
    for name in "ab":
        found[name] = workload.go_program(f"src{name}", (MAIN % name).replace("'", '"'), f"prog{name}", module=f"example.org/{name}")
    size = max(os.path.getsize(path) for path in found.values())
    for path in found.values():
        os.truncate(path, size)
    return found


IMAGES = r"""
set -e
for x in a b; do
	mkdir -p d$x i$x; cp prog$x d$x/tool
	mke2fs -q -t ext4 -d d$x $x.img 16M > /dev/null
	for t in ctime mtime; do
		debugfs -w -R "set_inode_field /tool $t 20250101000000" $x.img 2> /dev/null > /dev/null
		debugfs -w -R "set_inode_field /tool ${t}_extra 0" $x.img 2> /dev/null > /dev/null
	done
	mount -o loop,ro,noatime $x.img i$x
done
stat -c '%i %z %s' ia/tool ib/tool
for i in 1 2 3; do ia/tool; ib/tool; done
"""


def test_twin_images():
    """Two images made alike: device apart, nothing tells their programs from each other."""
    programs()
    result = lib.run(["unshare", "-m", "sh", "-c", IMAGES])
    equal(result.status, 0, said(result))
    first, second = result.out.splitlines()[:2]
    equal(first, second, "what stat says of both")
    infos = {line["exe"][-7:]: line.get("path") for line in result.record.kind("buildinfo") if line["exe"].endswith("/tool")}
    equal(infos, {"ia/tool": "example.org/a", "ib/tool": "example.org/b"}, "build information")
    lib.verify(result.record)


INPLACE = r"""
import json, os, sys
data = {x: open("prog" + x, "rb").read() for x in "ab"}
truth = {}
for i in range(int(sys.argv[1])):
    x = "ab"[i & 1]
    fd = os.open("prog", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o755)
    os.write(fd, data[x])
    os.close(fd)
    pid = os.posix_spawn("prog", ["prog"], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    os.waitpid(pid, 0)
    truth[pid] = "example.org/" + x
print(json.dumps(truth))
"""


def test_overwritten_in_place():
    """One file, one inode and one size, by turns two programs: told right, or told as not known."""
    programs()
    result = lib.run(["/usr/bin/python3", "-c", INPLACE, ROUNDS])
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    truth = {int(pid): path for pid, path in json.loads(result.out).items()}
    told = unknown = 0
    for line in result.record.kind("buildinfo"):
        if line["pid"] not in truth or not line["exe"].endswith("/prog"):
            continue
        if "error" in line:
            check(line["incomplete"] == ["buildinfo"], line)
            unknown += 1
        else:
            equal(line["path"], truth[line["pid"]], f"program of {line['pid']}")
            told += 1
    check(told + unknown >= ROUNDS * 0.9, f"{told} told, {unknown} not known, of {ROUNDS}")
    check(told >= ROUNDS * 0.7, f"{told} told, {unknown} not known, of {ROUNDS}")
    return f"{told} told, {unknown} not known, of {ROUNDS}"


WATCHED = r"""
import os, sys
go, other = open(sys.argv[1], "rb").read(), open("/bin/true", "rb").read()
def run(data, arg):
    fd = os.open("prog", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o755)
    os.write(fd, data)
    os.close(fd)
    os.waitpid(os.posix_spawn("prog", ["prog", arg], os.environ), 0)
for i in range(int(sys.argv[2])):
    run(other, "-")
    run(go, str(i))
"""


@alone
def test_watch_of_what_is_overwritten():
    """A file that was no Go program a moment ago is one now: each of its runs is there, the others' not."""
    exe = workload.go_program("src", SHORT, "short")
    observer = lib.Observer(None, record="rec.jsonl")
    subprocess.run(["/usr/bin/python3", "-c", WATCHED, exe, str(ROUNDS // 2)], check=True)
    result = observer.stop()
    lib.verify(result.record)
    looks = [line for line in result.record.kind("stat") if line.get("as", "").startswith("/watch-test/first-")]
    equal(len(looks), ROUNDS // 2, "runs of the Go program in the record")


def test_renamed_and_removed():
    """What happens to a program's names after it started does not make it unknown."""
    prog = programs()["a"]
    shutil.copy(prog, "tool")
    script = "./tool; mv tool tool2; ./tool2; ln tool2 tool3; ./tool3; chmod 700 tool3; ./tool3; cp tool3 t4; ./t4; rm t4"
    result = lib.run(["sh", "-c", script])
    equal(result.status, 0, said(result))
    infos = [line for line in result.record.kind("buildinfo") if os.path.basename(line["exe"]) in ("tool", "tool2", "tool3", "t4")]
    check(infos, "no build information")
    for line in infos:
        equal(line.get("path"), "example.org/a", line)
