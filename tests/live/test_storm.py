# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Much at once, against programs that know the truth: what the record says is right, or it says that it is not known."""
import collections
import json
import os
import random
import re
import signal
import subprocess
import time

import lib
import workload
from lib import alone, check, equal, said
from test_attach import cgroup_mounts, remove_group
from test_identity import programs

STORM = lib.program("storm")


# --- paths ---

def race(way, rounds, looks):
    """Each path is the one that the program got, or left out and marked."""
    wrong, told = [], 0
    for i in range(rounds):
        os.mkdir(f"{way}{i}")
        result = lib.run([STORM, "race", way, looks], "--ring", "64M", cwd=f"{way}{i}", record=f"{way}{i}.jsonl")
        if result.status:
            raise AssertionError(said(result))
        lib.verify(result.record)
        opens = [x for x in result.record.kind("open") if x.get("as") == "f"]
        truth = result.out.strip()
        equal(len(opens), len(truth), "opens")
        for number, (line, letter) in enumerate(zip(opens, truth)):
            if line.get("path") is None:
                equal(line.get("incomplete"), ["path"], line)
                told += 1
            elif line["path"] != f"{os.path.realpath(f'{way}{i}')}/{letter}/f":
                wrong.append((i, number, letter, line["path"]))
    equal(wrong, [], "opens with another path than that of the file")
    return f"{rounds * looks - told} paths told, {told} not known"


def test_cwd_races():
    return race("cwd", 10 if lib.LONG else 2, 20000)


def test_dirfd_races():
    """Most of what can go wrong is in the first exchange of a run: many short ones."""
    return race("dirfd", 100 if lib.LONG else 10, 1000)


# Each look has its number; what it is relative to is what the kernel says right before it.
WALK = r"""
import ctypes, os, random, sys
top, seed, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(seed)
C = ctypes.CDLL(None, use_errno=True)
def mount(a, b, t, f): return C.mount(a.encode() if a else None, b.encode(), t, f, None)
assert not C.unshare(0x20000) and not mount("none", "/", None, 1 << 18 | 16384)
assert not mount("none", top, b"tmpfs", 0)
os.chdir(top)
fds, mounts, number = [], [], 0
def folders():
    found = [top]
    for d, ds, fs in os.walk(top):
        if d.count("/") > 18: ds[:] = []; continue
        found += [os.path.join(d, x) for x in ds]
        if len(found) > 40: break
    return found
def look():
    global number
    number += 1
    fd = random.choice(fds) if fds and random.random() < .5 else None
    name = random.choice(["", "./", "../", "../../", ".//../", "x/../"]) + f"walk-{number}"
    base = os.readlink("/proc/self/cwd" if fd is None else f"/proc/self/fd/{fd}")
    try: os.stat(name, dir_fd=fd)
    except OSError: pass
    print(name, base, sep="\t")
for i in range(n):
    all, op = folders(), random.choice("mcfrbdlxzuvtg" + "k" * 14)
    one, other = random.choice(all), random.choice(all)
    try:
        if op == "m": os.mkdir(f"{one}/d{i}")
        elif op == "c": os.chdir(one)
        elif op == "f":
            fds.append(os.open(one, os.O_RDONLY | random.choice([0, os.O_PATH])))
            if len(fds) > 12: os.close(fds.pop(random.randrange(len(fds))))
        elif op == "g" and fds: os.fchdir(random.choice(fds))
        elif op == "t" and len(fds) > 1: os.dup2(fds[0], fds[1])
        elif op == "r": os.rename(random.choice(all[1:] or all), f"{other}/r{i}")
        elif op == "b" and len(mounts) < 10 and not mount(one, other, None, 4096): mounts.append(other)
        elif op == "v" and mounts: mount(mounts[-1], one, None, 8192)
        elif op == "l" and mounts: C.umount2(mounts.pop().encode(), 2)
        elif op == "x": os.rmdir(random.choice(all[1:] or all))
        elif op == "z":
            d = f"{one}/gone{i}"
            os.mkdir(d); os.chdir(d); os.rmdir(d); look(); os.mkdir(d); look(); os.chdir(other)
        elif op == "u": C.unshare(random.choice([0x20000, 0x200]))
        elif op == "k": look()
    except OSError: pass
"""


def joined(base, name):
    """As the record does: dots in front are resolved, and nothing behind them."""
    base = "" if base == "/" else base
    while True:
        dots = re.match(r"(\.\.?)(/+|$)", name)
        if not dots:
            return f"{base}/{name}"
        if dots[1] == "..":
            base = base.rpartition("/")[0]
        name = name[dots.end():]


def test_walks():
    """Directories that are moved, removed, mounted over and left by one process, in random order."""
    counts = collections.Counter()
    for seed in range(20 if lib.LONG else 2):
        os.mkdir(f"top{seed}")
        top = os.path.realpath(f"top{seed}")
        result = lib.run(["/usr/bin/python3", "-c", WALK, top, seed, 1500], record=f"walk{seed}.jsonl")
        if result.status:
            raise lib.Skip(f"no mount namespaces here: {result.err[-200:]}")
        lib.verify(result.record)
        truth = dict(line.split("\t") for line in result.out.splitlines())
        looks = [x for x in result.record.kind("stat") if "walk-" in x.get("as", "")]
        equal(len(looks), len(truth), "looks")
        for line in looks:
            base, path = truth[line["as"]], line.get("path")
            is_removed = base.endswith(" (deleted)")
            counts["unknown" if path is None else "told"] += 1
            if path is None:
                equal(line["incomplete"], ["path"], line)
                check(is_removed or not base.startswith(top), f"not told: {line}, from {base}")
            else:
                equal(path, joined(base.removesuffix(" (deleted)"), line["as"]), f"seed {seed}: {line}, from {base}")
    check(counts["told"] > 100, counts)
    return dict(counts)


# --- programs ---

def test_pids_used_again():
    """Each life of one pid is a process of its own: its look, its program, its end."""
    found = programs()
    lives = 600 if lib.LONG else 120
    result = lib.run([STORM, "pids", lives, found["a"], "/bin/true", found["b"]])
    if result.status == 77:
        raise lib.Skip(result.err.strip().splitlines()[-1])
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    pid = int(result.out)
    lines = result.record.of_pid(pid)
    looks = {x["proc"]: x["as"] for x in lines if x.get("as", "").startswith("pid-")}
    execs = [x for x in lines if x["k"] == "exec"]
    equal(len(looks), lives, "processes that looked")
    equal([looks[x["prev"]] for x in execs], [f"pid-{i}" for i in range(lives)], "whose program it became")
    equal([x["args"][0] for x in execs], [f"pid-{i}" for i in range(lives)], "its arguments")
    equal([x["exe"] for x in execs], [(found["a"], os.path.realpath("/bin/true"), found["b"])[i % 3] for i in range(lives)],
          "its program")
    ends = [x["proc"] for x in lines if x["k"] == "exit"]
    equal(ends[1:], [x["proc"] for x in execs], "exits, but for that of whose number it was")
    equal(len([x for x in result.record.kind("fork") if x["child"] == pid]), lives + 1, "forks")


REPLACED = r"""
import json, os, sys
data = {x: open("prog" + x, "rb").read() for x in "ab"}
truth = {}
for i in range(int(sys.argv[1])):
    x = "ab"[i & 1]
    if os.path.exists("prog"): os.unlink("prog")
    fd = os.open("prog", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o755)
    os.write(fd, data[x])
    os.close(fd)
    pid = os.posix_spawn("prog", ["prog"], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    os.waitpid(pid, 0)
    if sys.argv[2] == "removed": os.unlink("prog")
    truth[pid] = "example.org/" + x
print(json.dumps(truth))
"""


def test_replaced_programs():
    """One path, and often one inode, by turns another file; removed before the next one, or right behind its end."""
    programs()
    rounds = 400 if lib.LONG else 50
    for way in ("kept", "removed"):
        result = lib.run(["/usr/bin/python3", "-c", REPLACED, rounds, way], record=f"{way}.jsonl")
        equal(result.status, 0, said(result))
        lib.verify(result.record)
        truth = {int(pid): path for pid, path in json.loads(result.out).items()}
        infos = {x["pid"]: x for x in result.record.kind("buildinfo") if x["pid"] in truth and x["exe"].endswith("/prog")}
        told = {pid: x["path"] for pid, x in infos.items() if "error" not in x}
        equal(told, {pid: truth[pid] for pid in told}, f"programs that were {way}")
        check(len(told) >= rounds * 0.9, f"{way}: {len(told)} of {rounds} told")


REBUILD = r"""
for i in $(seq $1); do
	printf 'package main\n\nfunc main() {\n\tprintln("%s")\n}\n' $i > main.go
	go build -o app . && ./app 2> /dev/null
	go tool buildid app >> ids
done
"""


def test_rebuilt():
    """Edit, build, run: with TMPDIR on another file system the go command writes over its last output in place."""
    rounds = 40 if lib.LONG else 6
    os.makedirs("m")
    lib.need("go")
    with open("m/go.mod", "w") as f:
        f.write("module example.org/app\n\ngo 1.15\n")
    env = workload.shared_cache_env()
    env.update(CGO_ENABLED="0", TMPDIR="/dev/shm")
    result = lib.run(["sh", "-c", REBUILD, "sh", rounds], cwd="m", env=env, timeout=600)
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    ids = lib.read("m/ids").split()
    runs = [x["proc"] for x in result.record.kind("exec") if x.get("exe", "").endswith("/m/app")]
    told = {x["proc"]: x.get("build_id") for x in result.record.kind("buildinfo") if x["proc"] in runs}
    equal(len(runs), rounds, "runs")
    equal([told.get(proc) for proc in runs], ids, "build ids of what ran")


# --- who is followed ---

def test_moved_with_its_threads():
    """From the moment of the move on nothing of any thread is missing."""
    top = cgroup_mounts()[0]
    if not top:
        raise lib.Skip("no cgroup2 is mounted")
    group = f"{top}/goenvbpf-ticks-{os.getpid()}"
    os.mkdir(group)
    with open("ticks", "wb") as out:
        proc = subprocess.Popen([STORM, "ticks", "4"], stdout=out)
    try:
        observer = lib.Observer("attach", "--cgroup", group, record="rec.jsonl")
        with open(f"{group}/cgroup.procs", "wb", buffering=0) as f:
            f.write(b"%d" % proc.pid)
        moved = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        time.sleep(0.5)		# what is counted is what happens meanwhile
        open("stop", "w").close()
        equal(proc.wait(20), 0, "status of the program")
        result = observer.stop()
    finally:
        proc.kill()
        proc.wait()
        remove_group(group)
    lib.verify(result.record)
    seen = {x["as"] for x in result.record.kind("access")}
    ticks = [line.split() for line in lib.read("ticks").splitlines()]
    late = [f"tick-{tid}-{number}" for tid, number, at in ticks if int(at) >= moved]
    check(len(late) > 100, f"only {len(late)} looks behind the move")
    equal([name for name in late if name not in seen], [], "looks behind the move that are missing")


LOAD = r"""
one() {
	case $(( $1 % 3 )) in
	0) sh -c "echo \$\$ >$G/cgroup.procs; exec $P $1";;
	1) sh -c "echo \$\$ >$G/below/cgroup.procs; echo \$\$ >$OUT/cgroup.procs; exec $P $1";;
	2) sh -c "echo \$\$ >$OUT/cgroup.procs; exec $P $1";;
	esac
}
seq $1 | while read i; do
	one $i &
	[ $((i % 12)) -ne 0 ] || wait
done
wait
"""


def test_in_and_out():
    """Many processes move in, in and out again, or only elsewhere: who has been in is there, nobody else."""
    top = cgroup_mounts()[0]
    if not top:
        raise lib.Skip("no cgroup2 is mounted")
    cnt = 300 if lib.LONG else 60
    names = {"G": f"{top}/goenvbpf-in-{os.getpid()}", "OUT": f"{top}/goenvbpf-out-{os.getpid()}"}
    os.makedirs(names["G"] + "/below")
    os.mkdir(names["OUT"])
    try:
        observer = lib.Observer("attach", "--cgroup", names["G"], record="rec.jsonl")
        with open("load.sh", "w") as f:
            f.write(LOAD)
        subprocess.run(["bash", "load.sh", str(cnt)], check=True, env=dict(lib.clean_env(), P="/bin/ls --", **names),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        result = observer.stop()
    finally:
        for group in (names["G"] + "/below", names["G"], names["OUT"]):
            remove_group(group)
    lib.verify(result.record)
    execs = result.record.kind("exec")
    there = sorted(int(x["args"][-1]) for x in execs if x.get("exe", "").endswith("/ls"))
    for line in execs:		# it moves as a shell, whatever it has become when it is looked at
        if line.get("adopted"):
            check({"exe", "args"} <= set(line.get("incomplete", ())) or line["exe"].endswith("sh"), f"another image: {line}")
    equal(there, [i for i in range(1, cnt + 1) if i % 3 != 2], "whose program is there")


def since(number, moment):
    """Who has begun after that."""
    lines = [x.split() for x in lib.read(f"f{number}/told").split("\n")[:-1]]
    return [int(pid) for pid, at in lines if int(at) > moment]


def forking(number):
    """attach to a tree that starts processes all the time; what has happened in it since is whole."""
    os.mkdir(f"f{number}")
    with open(f"f{number}/told", "wb") as out:
        tree = subprocess.Popen([STORM, "forks", "6"], cwd=f"f{number}", stdout=out)
    try:
        lib.wait_for(lambda: lib.read(f"f{number}/told").count("\n") > 20, 20, "the first processes")
        observer = lib.Observer("attach", "--pid", tree.pid, record=f"rec{number}.jsonl")
        lib.wait_for(lambda: "until it ends" in lib.read(observer.err_path), 20, "that it is followed")
        taken = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        lib.wait_for(lambda: len(since(number, taken)) > 40, 30, "processes that came after it")
        open(f"f{number}/stop", "w").close()
        equal(tree.wait(20), 0, "status of the tree")
        result = observer.wait(30)
    finally:
        tree.kill()
        tree.wait()
    equal(result.status, 0, said(result))
    record = result.record
    lib.verify(record)
    looks, exits = collections.defaultdict(list), collections.defaultdict(list)
    for line in record.kind("access"):
        if line.get("as", "").startswith("fork-"):
            pid, look = line["as"].split("-")[1:]
            equal(line["pid"], int(pid), "whose look it is")
            looks[line["pid"]].append(int(look))
    for line in record.kind("exit"):
        exits[line["pid"]].append(line.get("code"))
    later = since(number, taken)
    for pid in later:
        equal(looks[pid], [0, 1, 2, 3, 4], f"looks of {pid}")
        equal(exits[pid], [pid % 200], f"exits of {pid}")
    for pid, seen in looks.items():		# who was there before: from some look on all
        equal(seen, list(range(seen[0], 5)), f"looks of {pid}")
    born = collections.Counter(x["child"] for x in record.kind("fork") if not x["thread"])
    adopted = [x["pid"] for x in record.kind("exec") if x.get("adopted")]
    equal([pid for pid in adopted if born[pid] or adopted.count(pid) > 1], [], "adopted, and born or adopted once more")
    return len(later)


def test_attached_while_it_forks():
    rounds = 40 if lib.LONG else 5
    return f"{sum(forking(i) for i in range(rounds))} processes in {rounds} rounds"


# --- the end, at any moment ---

def put_to_death(way, after, record):
    """Status of what the user started. Killed: the observer, or with "front" what he started."""
    busy = None
    if way in ("run", "front"):
        cmd = lib.tool_args("run", "-q", record=record) + ["--", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do ls /; sleep 0.05; done"]
    else:
        busy = subprocess.Popen(["sh", "-c", "while :; do ls / >/dev/null; sleep 0.01; done"])
        cmd = lib.tool_args("attach", "-q", "--pid", busy.pid, record=record) if way == "attach" else lib.tool_args(None, "-q", record=record)
    proc = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=lib.clean_env())
    try:
        time.sleep(after)
        if proc.poll() is None:
            victim = proc.pid if way == "front" else lib.observer_of(proc.pid)
            os.kill(victim, signal.SIGKILL)
        status = proc.wait(60)
    finally:
        if busy:
            busy.kill()
            busy.wait()
    if way == "front":		# its observer ends the record by itself, when it has had the time for one
        lib.wait_for(lambda: not os.path.exists(record) or is_whole(record) or not is_held(record), 20, "the record's end")
    return status


def is_whole(path):
    return lib.Record(path).end is not None


def is_held(path):
    """Does a process have it open?"""
    real = os.path.realpath(path)
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and any(os.readlink(f"/proc/{name}/fd/{fd}").startswith(real) for fd in os.listdir(f"/proc/{name}/fd")):
                return True
        except OSError:
            pass
    return False


@alone
def test_killed_at_any_moment():
    """What is left can be read by each view, and never says that it is complete when somebody was killed in between."""
    rounds = 40 if lib.LONG else 4
    moments = random.Random(1)
    left = collections.Counter()
    for way in ("run", "front", "attach", "watch"):
        for i in range(rounds):
            path = f"{way}{i}.jsonl" + ("", ".gz", ".zst")[i % 3]
            put_to_death(way, moments.random() * 0.6, path)
            if not os.path.exists(path):
                left["nothing"] += 1
                continue
            record = lib.Record(path)
            left["whole" if record.end else "cut"] += 1
            if record.end and way == "run" and record.end["complete"]:
                left["ended before it was killed"] += 1
            for verb in ("report", "timeline", "env"):
                done = subprocess.run([lib.TOOL, verb, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
                check(done.returncode in (0, 1), f"{verb} of {path}: status {done.returncode} {done.stderr[-300:]}")
                if verb == "report" and not record.end and record.header:
                    check("COMPLETE" not in done.stdout.splitlines()[0].replace("INCOMPLETE", ""), done.stdout[:300])
    return dict(left)


for test in (test_rebuilt, test_walks, test_killed_at_any_moment, test_attached_while_it_forks, test_dirfd_races, test_replaced_programs):
    test.limit = 1800 if lib.LONG else 300
