#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What observing costs: a warm "go build std" without an observer, with goenvbpf in its ways of use,
and with other tools, in turn, round after round, in one run. Prints a Markdown table.

  tests/bench/cost.py [--rounds N] [--cold] [--only NAME,…] [--json FILE] [--check] [-- CMD…]

Needs root. A tool that is not installed is left out. --check exits with 1 when a limit of ours is
exceeded. Ratios are of one run, since machines differ more than tools do; limits hold for medians.
"""
import argparse
import datetime
import grp
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CALLS = "open,openat,stat,lstat,newfstatat,statx,access,faccessat,faccessat2,readlink,readlinkat,execve"

#          measured                              at most
LIMITS = {"ratio:goenvbpf watch -o":             1.10,
          "ratio:goenvbpf run -o":                1.25,
          "ratio:goenvbpf run -o, by a service":  1.08,
          "goenvbpf run -- true, ms":             120,
          "observer's peak memory, MiB":          64,
          "record, bytes per event":              18,
          "lost":                                 0}


def which(*names):
    for name in names:
        for folder in os.environ["PATH"].split(":") + ["/usr/sbin", "/sbin"]:
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK):
                return path
    return None


def bpftrace_script():
    """Fields have other names in other calls."""
    parts = []
    for call, field in (("openat", "filename"), ("newfstatat", "filename"), ("faccessat2", "filename"),
                        ("readlinkat", "pathname"), ("execve", "filename")):
        parts.append(f'tracepoint:syscalls:sys_enter_{call} {{ printf("%s %d %s\\n", comm, tid, '
                     f"str(args->{field})); }}")
    return " ".join(parts)


class Unusable(Exception):
    """A tool that is installed and does not work here."""


class Bench:
    def __init__(self, opts):
        self.opts = opts
        self.tool = os.path.abspath(opts.tool)
        self.folder = tempfile.mkdtemp(prefix="goenvbpf-bench.")
        self.cmd = opts.cmd or ["go", "build", "std"]
        cache = os.path.join(TOP, "build", "bench-gocache")
        os.makedirs(cache, exist_ok=True)
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO_", "SUDO_"))}
        self.env = dict(keep, GOCACHE=cache, GOFLAGS="-buildvcs=false", GOTOOLCHAIN="local", GOPROXY="off",
                        GOENVBPF_SOCKET=os.path.join(self.folder, "socket"))
        self.walls, self.facts = {}, {}
        self.serial = 0

    def file(self, suffix):
        self.serial += 1
        return os.path.join(self.folder, f"{self.serial}{suffix}")

    def timed(self, cmd):
        """Seconds of wall clock and of CPU, our own start of the process included in both."""
        cold = self.file(".gocache") if self.opts.cold else None
        env = dict(self.env, GOCACHE=cold) if cold else self.env
        with open(os.devnull, "r+b") as null:
            start = time.clock_gettime(time.CLOCK_MONOTONIC)
            pid = os.posix_spawnp(cmd[0], cmd, env, file_actions=[
                (os.POSIX_SPAWN_DUP2, null.fileno(), fd) for fd in (0, 1)] + [
                (os.POSIX_SPAWN_OPEN, 2, self.folder + "/stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
            _, status, usage = os.wait4(pid, 0)
            wall = time.clock_gettime(time.CLOCK_MONOTONIC) - start
        if cold:
            shutil.rmtree(cold, ignore_errors=True)
        if status:
            with open(self.folder + "/stderr", errors="replace") as f:
                raise Unusable(f"{' '.join(cmd)[:200]}: status {status}: {f.read().strip()[-300:]}")
        return wall, usage.ru_utime + usage.ru_stime

    # --- ways to observe: prefix(cmd) wraps the command, resident(…) runs beside it

    def ways(self):
        t, out = self.tool, self.file
        strace, perf, opensnoop = which("strace"), which("perf"), which("opensnoop-bpfcc")
        ways = {
            "no observer": (lambda c: c, None),
            "goenvbpf watch -o": (lambda c: c, lambda: [t, "-q", "-o", self.watch_file()]),
            "goenvbpf run -o": (lambda c: [t, "run", "-q", "--no-service", "-o", out(".jsonl.zst"), "--"] + c, None),
            "goenvbpf run -o, by a service": (lambda c: [t, "run", "-q", "-o", out(".jsonl.zst"), "--"] + c,
                                              lambda: [t, "service", "--config", self.service_file()]),
        }
        if opensnoop:
            ways["opensnoop (bcc)"] = (lambda c: c, lambda: [opensnoop])
        if which("opensnoop"):
            ways["opensnoop (libbpf)"] = (lambda c: c, lambda: [which("opensnoop")])
        if which("bpftrace"):
            ways["bpftrace"] = (lambda c: c, lambda: [which("bpftrace"), "-e", bpftrace_script()])
        if which("fatrace"):
            ways["fatrace"] = (lambda c: c, lambda: [which("fatrace")])
        if perf:
            ways["perf trace"] = (lambda c: [perf, "trace", "-e", CALLS, "-o", out(".perf"), "--"] + c, None)
        if strace:
            ways["strace --seccomp-bpf"] = (lambda c: [strace, "-f", "--seccomp-bpf", "-e", "trace=" + CALLS, "-o",
                                                       out(".strace")] + c, None)
            ways["strace"] = (lambda c: [strace, "-f", "-e", "trace=" + CALLS, "-o", out(".strace")] + c, None)
        if self.opts.only:
            names = ["no observer"] + self.opts.only.split(",")
            ways = {k: v for k, v in ways.items() if any(n in k for n in names)}
        return ways

    def service_file(self):
        folder, path = self.file(".service"), self.file(".conf")
        os.mkdir(folder)
        with open(path, "w", encoding="ascii") as f:
            f.write(f"records = {folder}/records\nstate = {folder}/jobs\nsocket = {self.env['GOENVBPF_SOCKET']}\n"
                    f"group = {grp.getgrgid(0).gr_name}\n")
        return path

    def watch_file(self):
        self.watched = self.file(".jsonl.zst")
        return self.watched

    def start(self, make):
        args = make()
        log = open(self.file(".log"), "wb")
        proc = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        end = time.monotonic() + 4
        while time.monotonic() < end and not os.path.getsize(log.name):
            if args[0] == self.tool and os.path.exists(args[-1]) and os.path.getsize(args[-1]):
                break
            time.sleep(0.05)
        time.sleep(0.5)
        if proc.poll() is not None:
            with open(log.name, errors="replace") as f:
                raise Unusable(f"{args[0]} ended with status {proc.returncode}: {f.read().strip()[-200:]}")
        return proc

    def measure(self, name, prefix, resident):
        proc = self.start(resident) if resident else None
        if proc:	# what a tool does once, when it first sees a program, is not the resident cost
            self.timed(prefix(self.cmd))
        for _ in range(self.opts.inner if name not in ("strace", "perf trace", "strace --seccomp-bpf") else 1):
            self.walls.setdefault(name, []).append(self.timed(prefix(self.cmd))[0])
        if proc:
            if name == "goenvbpf watch -o":
                self.look_at_observer(proc)
            proc.send_signal(signal.SIGINT)
            proc.wait(30)
            if name == "goenvbpf watch -o":
                self.look_at_record(self.watched)

    def look_at_observer(self, proc):
        with open(f"/proc/{proc.pid}/task/{proc.pid}/children") as f:	# the other one waits for it
            observer = f.read().split()[0]
        with open(f"/proc/{observer}/status") as f:
            peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
        self.fact("observer's peak memory, MiB", peak / 1024, max)

    def look_at_record(self, path):
        text = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
        end = json.loads(text.rstrip(b"\n").rpartition(b"\n")[2])
        events = sum(end["events"].values())
        self.fact("events per build", events / (self.opts.inner + 1), max)
        self.fact("record, bytes per event", os.path.getsize(path) / events, max)
        self.fact("lost", sum(end["lost"].values()), max)

    def fact(self, name, value, pick):
        self.facts[name] = pick(self.facts[name], value) if name in self.facts else value

    def startup(self):
        walls = [self.timed([self.tool, "run", "-q", "--no-service", "-o", self.file(".jsonl.zst"), "--", "true"])[0]
                 for _ in range(2 * self.opts.rounds + 1)]
        self.facts["goenvbpf run -- true, ms"] = statistics.median(walls) * 1000

    def unrelated(self, ways):
        """ns per getpid of a process that nobody observes."""
        burst = os.path.join(TOP, "build", "programs", "burst")
        for name, (_, resident) in ways.items():
            if name != "no observer" and not resident:
                continue
            proc = self.start(resident) if resident else None
            got = json.loads(subprocess.run([burst, "getpid", "500000"], stdout=subprocess.PIPE, check=True).stdout)
            self.facts[f"unrelated getpid, ns: {name}"] = got["ns"] / got["calls"]
            if proc:
                proc.send_signal(signal.SIGINT)
                proc.wait(30)

    def run(self):
        subprocess.run(["make", "-s", "-C", os.path.join(TOP, "tests", "programs"),
                        "OUT=" + os.path.join(TOP, "build", "programs")], check=True)
        ways = self.ways()
        for _ in range(2):
            self.timed(self.cmd)		# the caches
        for number in range(self.opts.rounds):
            for name, (prefix, resident) in list(ways.items()):
                try:
                    self.measure(name, prefix, resident)
                except Unusable as e:
                    if name == "no observer" or name.startswith("goenvbpf"):
                        raise
                    print(f"{name} is left out: {e}", file=sys.stderr)
                    del ways[name]
            print(f"round {number + 1} of {self.opts.rounds}", file=sys.stderr)
        self.startup()
        self.unrelated(ways)

    def result(self):
        base = statistics.median(self.walls["no observer"])
        for name, walls in self.walls.items():
            self.facts["ratio:" + name] = statistics.median(walls) / base
        return {"date": datetime.date.today().isoformat(), "kernel": os.uname().release, "cpus": os.cpu_count(),
                "cpu": cpu_model(), "command": self.cmd, "cold": self.opts.cold,
                "rounds": self.opts.rounds,
                "median_s": {k: statistics.median(v) for k, v in self.walls.items()},
                "min_s": {k: min(v) for k, v in self.walls.items()}, "facts": self.facts,
                "exceeded": [k for k, most in LIMITS.items() if self.facts.get(k, 0) > most]}


def cpu_model():
    with open("/proc/cpuinfo") as f:
        return next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), os.uname().machine)


def markdown(result):
    cache = "with an empty build cache, " if result["cold"] else ""
    out = [f"`{' '.join(result['command'])}`, {cache}{result['date']}, kernel {result['kernel']}, {result['cpus']} CPUs "
           f"({result['cpu']}), {result['rounds']} rounds in turn:", "",
           "| observer | median | ratio | fastest | ratio |", "|---|---:|---:|---:|---:|"]
    fastest = result["min_s"]["no observer"]
    for name, median in result["median_s"].items():
        least = result["min_s"][name]
        out.append(f"| {name} | {median * 1000:.0f} ms | {result['facts']['ratio:' + name]:.2f} | "
                   f"{least * 1000:.0f} ms | {least / fastest:.2f} |")
    out += ["", "| fact | value |", "|---|---:|"]
    for name, value in result["facts"].items():
        if not name.startswith("ratio:"):
            out.append(f"| {name} | {value:,.0f} |" if value >= 1000 or value == int(value) else
                       f"| {name} | {value:.1f} |")
    return "\n".join(out)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--inner", type=int, default=3, help="builds per round and observer")
    p.add_argument("--cold", action="store_true", help="every build gets an empty build cache")
    p.add_argument("--only", help="parts of names of observers, by commas")
    p.add_argument("--json", metavar="FILE", help="write the numbers, too")
    p.add_argument("--check", action="store_true", help="exit with 1 when a limit is exceeded")
    p.add_argument("--tool", default=os.path.join(TOP, "build", "goenvbpf"))
    p.add_argument("cmd", nargs="*", help="instead of go build std")
    opts = p.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root")
    bench = Bench(opts)
    try:
        bench.run()
        result = bench.result()
    except Unusable as e:
        sys.exit(str(e))
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)
    print(markdown(result))
    if opts.json:
        with open(opts.json, "w") as f:
            json.dump(result, f, indent=1)
    for name in result["exceeded"]:
        print(f"exceeded: {name} is {result['facts'][name]:.2f}, at most {LIMITS[name]}", file=sys.stderr)
    return 1 if opts.check and result["exceeded"] else 0


if __name__ == "__main__":
    sys.exit(main())
