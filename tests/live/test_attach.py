# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""attach: trees that were already running, by pid and by control group."""
import json
import os
import subprocess
import sys

import lib
from lib import check, equal, said


class Tree:
    """tests/programs/tree.c: a chain of processes with threads, each looking for files of its name."""

    def __init__(self, depth, threads, before=""):
        os.mkdir("tree")
        with open("told", "wb") as out:
            self.proc = subprocess.Popen(["sh", "-c", before + f"exec {lib.program('tree')} {depth} {threads}"],
                                         cwd="tree", stdout=out, stdin=subprocess.DEVNULL)
        self.wait_for(depth)

    def told(self):
        return [json.loads(line) for line in lib.read("told").splitlines()]

    def wait_for(self, n):
        lib.wait_for(lambda: len(self.told()) >= n, 20, f"{n} processes of the tree")

    def touch(self, name):
        open(os.path.join("tree", name), "w").close()

    def stop(self):
        self.touch("stop")
        equal(self.proc.wait(20), 0, "status of the tree")


def looks(record):
    """{(pid, tid): numbers of the looks} — and each line's pid and tid are those in its name."""
    found = {}
    for line in record.kind("open"):
        if not line.get("as", "").startswith("tree-"):
            continue
        pid, tid, number = (int(n) for n in line["as"].split("-")[1:])
        equal((line["pid"], line["tid"]), (pid, tid), "pid and tid of a look")
        equal(line["path"], os.path.join(os.path.realpath("tree"), line["as"]), "path")
        found.setdefault((pid, tid), []).append(number)
    return found


def no_gaps(found, want):
    """Every thread is there, and from its first look on none is missing."""
    equal(set(found) & set(want), set(want), "threads")
    for thread, numbers in found.items():
        equal(numbers, list(range(numbers[0], numbers[0] + len(numbers))), f"looks of {thread}")
        check(len(numbers) > 10, f"{thread} has {len(numbers)} looks")


def seen_enough(observer, told):
    """Waits for some looks of each thread, so that what comes after them has a beginning."""
    observer.wait_until(lambda record: all(len(looks(record).get(thread, ())) > 10 for thread in everyone(told)),
                        "looks of every thread")


def everyone(told):
    return [(one["pid"], tid) for one in told for tid in one["tids"]]


def test_pid():
    """A process, its children and grandchildren, all their threads, and what they start later."""
    tree = Tree(3, 2)
    old = tree.told()
    observer = lib.Observer("attach", "--pid", old[0]["pid"], record="rec.jsonl")
    seen_enough(observer, old)
    tree.touch("grow")
    tree.wait_for(4)
    seen_enough(observer, tree.told())
    result = observer.stop()
    equal(result.status, 0, said(result))
    check(tree.proc.poll() is None, "the tree ended with the observer")
    tree.stop()
    record = result.record
    lib.verify(record)
    equal(record.header["mode"], "attach", "mode")
    no_gaps(looks(record), everyone(tree.told()))
    execs = {line["pid"]: line for line in record.kind("exec")}
    for number, one in enumerate(old):
        line = execs[one["pid"]]
        check(line.get("adopted") is True, f"not adopted: {line}")
        equal(line["exe"], lib.program("tree"), "exe of an adopted process")
        equal(line["args"][1:], ["3", "2"], "args of an adopted process")
        equal(line["cwd"], os.path.realpath("tree"), "cwd of an adopted process")
        if number:
            equal(line["ppid"], old[number - 1]["pid"], "ppid of an adopted process")
            equal(line["parent"], execs[old[number - 1]["pid"]]["proc"], "parent of an adopted process")
    new = tree.told()[3]
    forks = [line for line in record.kind("fork") if line["child"] == new["pid"]]
    equal([line["pid"] for line in forks], [old[2]["pid"]], "who forked the new process")
    check(min(looks(record)[(new["pid"], new["pid"])]) == 0, "the first look of a new process is missing")


def test_pid_of_a_middle_process():
    """Only what is below: the parent and its threads are not in the record."""
    tree = Tree(3, 1)
    told = tree.told()
    observer = lib.Observer("attach", "--pid", told[1]["pid"], record="rec.jsonl")
    seen_enough(observer, told[1:])
    result = observer.stop()
    tree.stop()
    lib.verify(result.record)
    no_gaps(looks(result.record), everyone(told[1:]))
    equal(result.record.of_pid(told[0]["pid"]), [], "lines of the parent")


def test_pid_ends():
    """When all it was attached to has ended, attach ends by itself."""
    tree = Tree(2, 0)
    observer = lib.Observer("attach", "--pid", tree.told()[0]["pid"], record="rec.jsonl")
    tree.stop()
    result = observer.wait(20)
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    equal(sorted(line["pid"] for line in result.record.kind("exit")), sorted(one["pid"] for one in tree.told()),
          "exit lines")


def test_ended_child():
    """A child that has ended and that nobody has asked about is not taken in: nothing is left of it to be told."""
    parent = subprocess.Popen([sys.executable, "-c", "import os, sys, time\nif not os.fork():\n    os._exit(0)\n"
                               "time.sleep(0.3)\nprint(flush=True)\nsys.stdin.read()"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    parent.stdout.readline()
    observer = lib.Observer("attach", "--pid", parent.pid, record="rec.jsonl")
    observer.wait_until(lambda record: record.kind("exec"), "the adoption")
    parent.communicate()
    result = observer.wait(20)
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    equal([line["pid"] for line in result.record.kind("exec")], [parent.pid], "processes")
    equal([line["incomplete"] for line in result.record.lines if "incomplete" in line], [], "what is partly known")


def test_two_pids():
    """--pid adds up: all are followed, until the last one ends; a third process is not."""
    loop = "while [ ! -e stop-%s ]; do [ -e look-%s ]; sleep 0.02; done"
    procs = {name: subprocess.Popen(["sh", "-c", loop % (name, name)], stdin=subprocess.DEVNULL)
             for name in ("a", "b", "c")}

    def seen(record, since=-1):
        """Whose looks there are after that time."""
        return {line["as"] for line in record.kind("stat", "access")
                if line["ts"] > since and line.get("as", "").startswith("look-")}

    def goes_on(record):
        ended = [line["ts"] for line in record.kind("exit") if line["pid"] == procs["a"].pid]
        return ended and seen(record, ended[0]) == {"look-b"}

    try:
        observer = lib.Observer("attach", "--pid", procs["a"].pid, "--pid", procs["b"].pid, record="rec.jsonl")
        observer.wait_until(lambda record: seen(record) >= {"look-a", "look-b"}, "looks of both")
        open("stop-a", "w").close()
        equal(procs["a"].wait(20), 0, "status of the first")
        observer.wait_until(goes_on, "a look after the first one's end")
        check(observer.proc.poll() is None, "it ended with the first process")
        open("stop-b", "w").close()
        result = observer.wait()
    finally:
        for proc in procs.values():
            proc.kill()
            proc.wait()
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    equal(seen(result.record), {"look-a", "look-b"}, "whose looks were seen")


def test_pid_of_a_busy_shell():
    """Children that end while they are adopted, or just before, are not alive in the end."""
    for i in range(8):
        name = f"stop{i}"
        shell = subprocess.Popen(["sh", "-c", f"while [ ! -e {name} ]; do /bin/true; done"], stdin=subprocess.DEVNULL)
        try:
            observer = lib.Observer("attach", "--pid", shell.pid, "--wait", record=f"rec{i}.jsonl")
            lib.wait_for(lambda: "until it ends" in lib.read(observer.err_path), 20, "that it is followed")
            open(name, "w").close()
            result = observer.wait(20)
        finally:
            shell.kill()
            shell.wait()
        equal((result.status, result.record.end["complete"], result.record.end.get("alive")), (0, True, None), said(result))


def test_pid_missing():
    with open("/proc/sys/kernel/pid_max") as f:
        pid = int(f.read()) - 1
    done = subprocess.run(lib.tool_args("attach", "--pid", pid, record="rec.jsonl"), stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, timeout=20)
    equal(done.returncode, 1, done.stderr)
    check(str(pid) in done.stderr, done.stderr)


def cgroup_mounts():
    """(v2 directory, v1 directory) of this host; None where it has none."""
    v2 = v1 = None
    for line in lib.read("/proc/mounts").splitlines():
        _, point, kind, opts = line.split()[:4]
        if kind == "cgroup2":
            v2 = v2 or point
        if kind == "cgroup" and "pids" in opts.split(","):
            v1 = v1 or point
    return v2, v1


def remove_group(path):
    """As soon as its last process has left."""
    def is_removed():
        try:
            os.rmdir(path)
        except OSError:
            return False
        return True
    lib.wait_for(is_removed, 10, f"the last process of {path}")


def cgroup_test(top):
    if not top:
        raise lib.Skip("no such hierarchy is mounted")
    group = os.path.join(top, f"goenvbpf-test-{os.getpid()}")
    try:
        os.makedirs(os.path.join(group, "below"))
    except OSError as e:
        raise lib.Skip(f"cannot make {group}: {e.strerror}")
    other = inside = observer = None
    here = os.path.abspath(".")
    for name in ("inside", "outside"):
        os.mkdir(name)
    try:
        os.chdir("outside")
        other = Tree(1, 1)
        os.chdir("../inside")
        inside = Tree(2, 1, before=f"echo $$ >{group}/below/cgroup.procs; ")
        os.chdir("..")
        observer = lib.Observer("attach", "--cgroup", group, record="rec.jsonl")
        os.chdir("inside")
        seen_enough(observer, inside.told())
        inside.touch("grow")
        inside.wait_for(3)
        seen_enough(observer, inside.told())
        result = observer.stop()
        equal(result.status, 0, said(result))
        lib.verify(result.record)
        no_gaps(looks(result.record), everyone(inside.told()))
        outside = other.proc.pid
        equal(result.record.of_pid(outside), [], "lines of a process outside")
    finally:
        if observer:
            observer.kill()
        for name in ("inside", "outside"):
            if os.path.isdir(os.path.join(here, name, "tree")):
                open(os.path.join(here, name, "tree", "stop"), "w").close()
        for tree in (inside, other):
            if tree:
                tree.proc.wait(20)
        remove_group(os.path.join(group, "below"))
        remove_group(group)


def test_cgroup_v2():
    cgroup_test(cgroup_mounts()[0])


def test_cgroup_v1():
    cgroup_test(cgroup_mounts()[1])


def test_cgroup_entered_later():
    """A shell moves itself into the group after the start: what it then runs is followed."""
    top = cgroup_mounts()[0]
    if not top:
        raise lib.Skip("no cgroup2 is mounted")
    group = os.path.join(top, f"goenvbpf-test-{os.getpid()}")
    os.mkdir(group)
    try:
        observer = lib.Observer("attach", "--cgroup", group, record="rec.jsonl")
        done = subprocess.run(["sh", "-c", f"test -e before; echo $$ >{group}/cgroup.procs; test -e after; "
                                           "sh -c 'test -e child'"], stdin=subprocess.DEVNULL)
        equal(done.returncode, 1, "status of the shell")
        result = observer.stop()
        lib.verify(result.record)
        seen = {line["as"] for line in result.record.lines if line.get("as") in ("before", "after", "child")}
        equal(seen, {"after", "child"}, "looks of the shell")
    finally:
        remove_group(group)


THREADS = """
import os, threading, time
def look():
    while not os.path.exists("stop"):
        os.access("thread", os.F_OK)
        time.sleep(0.01)
child = os.fork()
if child == 0:
    while not os.path.exists("stop"):
        os.access("child", os.F_OK)
        time.sleep(0.01)
    os._exit(0)
thread = threading.Thread(target=look)
thread.start()
print("ready", flush=True)
thread.join()
os.waitpid(child, 0)
"""


def test_cgroup_entered_by_threads():
    """A process that joins brings its other threads and its children."""
    top = cgroup_mounts()[0]
    if not top:
        raise lib.Skip("no cgroup2 is mounted")
    group = f"{top}/goenvbpf-threads-{os.getpid()}"
    os.mkdir(group)
    proc = subprocess.Popen([sys.executable, "-c", THREADS], stdout=subprocess.PIPE, text=True)
    try:
        equal(proc.stdout.readline(), "ready\n", "the process")
        observer = lib.Observer("attach", "--cgroup", group, record="rec.jsonl")
        with open(f"{group}/cgroup.procs", "w") as f:
            f.write(str(proc.pid))
        observer.wait_until(lambda record: {"thread", "child"} <= {x["as"] for x in record.kind("access")},
                            "looks of thread and child")
        open("stop", "w").close()
        proc.wait(20)
        result = observer.stop()
    finally:
        proc.kill()
        proc.wait()
        remove_group(group)
    lib.verify(result.record)
    looks = result.record.kind("access")
    check([x for x in looks if x["as"] == "thread" and x["pid"] == proc.pid != x["tid"]], "its thread is missing")
    check([x for x in looks if x["as"] == "child" and x["pid"] != proc.pid], "its child is missing")


def test_cgroup_born_in():
    """A child that is started in the group (systemd, runc) never moves into it; its parent stays outside."""
    top = cgroup_mounts()[0]
    if not top:
        raise lib.Skip("no cgroup2 is mounted")
    group = f"{top}/goenvbpf-born-{os.getpid()}"
    os.makedirs(f"{group}/below")
    try:
        observer = lib.Observer("attach", "--cgroup", group, record="rec.jsonl")
        for place in (group, f"{group}/below"):
            done = subprocess.run([lib.program("doubt"), "born", place], stderr=subprocess.PIPE, text=True)
            if done.returncode == 77:
                raise lib.Skip(done.stderr.strip())
            equal(done.returncode, 0, done.stderr)
        result = observer.stop()
    finally:
        os.rmdir(f"{group}/below")
        remove_group(group)
    lib.verify(result.record)
    equal([x["as"] for x in result.record.kind("access")], ["born", "born"], "looks")


AT_ONCE = """
import os, sys, threading
moved = threading.Event()
def look():
    moved.wait()
    os.access("at-once", os.F_OK)
thread = threading.Thread(target=look)
thread.start()
os.access("before", os.F_OK)
with open(sys.argv[1] + "/cgroup.procs", "w") as f:
    f.write(str(os.getpid()))
moved.set()
thread.join()
"""


def test_cgroup_entered_by_threads_at_once():
    """The first call of another thread behind the move is in the record."""
    top = cgroup_mounts()[0]
    if not top:
        raise lib.Skip("no cgroup2 is mounted")
    group = f"{top}/goenvbpf-at-once-{os.getpid()}"
    os.mkdir(group)
    try:
        observer = lib.Observer("attach", "--cgroup", group, record="rec.jsonl")
        for _ in range(5):
            subprocess.run([sys.executable, "-c", AT_ONCE, group], check=True)
        result = observer.stop()
    finally:
        remove_group(group)
    lib.verify(result.record)
    seen = [x["as"] for x in result.record.kind("access") if x["as"] in ("before", "at-once")]
    equal(seen, ["at-once"] * 5, "looks")


def twins(v2, v1):
    """A group of each hierarchy with the same id; None when there are none soon."""
    ids = {v2: {}, v1: {}}
    for i in range(3000):
        behind = min(ids, key=lambda top: max(ids[top], default=0))
        os.mkdir(f"{behind}/{i}")
        ids[behind][os.stat(f"{behind}/{i}").st_ino] = f"{behind}/{i}"
        for both in ids[v2].keys() & ids[v1].keys():
            return ids[v2][both], ids[v1][both]
    return None


def test_cgroup_of_equal_id():
    """Hierarchies count for themselves: who moves into another one's group of the same id is a stranger."""
    tops = [top and f"{top}/goenvbpf-twins-{os.getpid()}" for top in cgroup_mounts()]
    if not all(tops):
        raise lib.Skip("not both kinds of cgroups are mounted")
    for top in tops:
        os.mkdir(top)
    try:
        pair = twins(*tops)
        if not pair:
            raise lib.Skip("no two groups have the same id")
        for mine, other in (pair, pair[::-1]):
            observer = lib.Observer("attach", "--cgroup", mine, record="rec.jsonl")
            for group, name in ((other, "stranger"), (mine, "member")):
                subprocess.run(["sh", "-c", f"echo $$ >{group}/cgroup.procs; test -e {name}"])
            result = observer.stop()
            lib.verify(result.record)
            equal({x["as"] for x in result.record.lines if x.get("as") in ("stranger", "member")}, {"member"}, mine)
            os.unlink("rec.jsonl")
    finally:
        for top in tops:
            for name in os.listdir(top):
                if os.path.isdir(f"{top}/{name}"):
                    os.rmdir(f"{top}/{name}")
            os.rmdir(top)


def test_cgroup_missing():
    done = subprocess.run(lib.tool_args("attach", "--cgroup", "/no/such/group", record="rec.jsonl"),
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=20)
    equal(done.returncode, 1, done.stderr)
    check("/no/such/group" in done.stderr, done.stderr)


def test_own_parent():
    """Who attaches to the shell that started the tool sees the shell, and not the tool."""
    observer = lib.Observer("attach", "--pid", os.getpid(), record="rec.jsonl")
    observing = lib.observer_of(observer.proc.pid)
    check(observing != observer.proc.pid, "there is no process in front")
    subprocess.run(["sh", "-c", "test -e look-here"])
    result = observer.stop()
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    check([line for line in result.record.lines if line.get("as") == "look-here"], "the shell's look is missing")
    for pid in (observer.proc.pid, observing):
        equal(result.record.of_pid(pid)[:2], [], "lines of the tool itself")
