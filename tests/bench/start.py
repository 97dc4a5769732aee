#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What it costs to begin and to end: "goenvbpf run -- date" beside a bare "date", in turn.

  tests/bench/start.py [--rounds N] [--tool PATH] [--ratio LIMIT] [--ms LIMIT] [--begin-ms LIMIT] [-- OPTION…]

Prints medians and the fastest round: wall clock until run returns; how much later than alone the command
begins, as its own clock tells; CPU of all its processes until the last one has ended. "cold": no programs
are kept of an earlier run; "warm": they are; "service": a service runs (its CPU is that of all rounds,
shared among them). Exits with 1 when a limit is exceeded: ratio to date and milliseconds hold for
warm runs, the beginning for those with a service. Needs root.
"""
import argparse
import ctypes
import grp
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CACHE = "/run/goenvbpf.kept"
PR_SET_CHILD_SUBREAPER = 36
COMMAND = ["date", "+%s%N"]
PAUSE_S = 0.3		# a service gets ready for the next one meanwhile


def one(cmd, socket=None):
    """Milliseconds of wall clock, until the command's own clock, and of CPU of everybody who was started."""
    time.sleep(PAUSE_S)
    reader, writer = os.pipe()
    start, start_ns = time.monotonic(), time.time_ns()
    actions = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 2)]
    pid = os.posix_spawnp(cmd[0], cmd, dict(os.environ, GOENVBPF_SOCKET=socket or "/nonexistent"), file_actions=actions + [(os.POSIX_SPAWN_DUP2, writer, 1)])
    os.close(writer)
    wall, cpu = 0, 0
    while True:
        try:
            got, status, used = os.wait4(pid if socket else -1, 0)	# a service stays
        except ChildProcessError:
            break
        cpu += used.ru_utime + used.ru_stime
        if got == pid:
            wall = time.monotonic() - start
            if status:
                sys.exit(f"{' '.join(cmd)}: status {status}")
    with os.fdopen(reader) as said:
        begun = int(said.read()) - start_ns
    return wall * 1000, begun / 1e6, cpu * 1000


class Service:
    """One in a folder of its own."""

    def __init__(self, tool, folder):
        self.socket = f"{folder}/socket"
        with open(f"{folder}/conf", "w", encoding="ascii") as conf:
            conf.write(f"records = {folder}/records\nstate = {folder}/jobs\nsocket = {self.socket}\n"
                       f"group = {grp.getgrgid(0).gr_name}\n")
        self.proc = subprocess.Popen([tool, "service", "--config", f"{folder}/conf"], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.proc.stderr.readline()

    def cpu(self):
        """Milliseconds, of itself and of sessions that are over."""
        with open(f"/proc/{self.proc.pid}/stat", encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        return sum(int(v) for v in fields[11:15]) * 1000 / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.proc.terminate()
        self.proc.wait(40)


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=20)
    p.add_argument("--tool", default=os.path.join(TOP, "build", "goenvbpf"))
    p.add_argument("--ratio", type=float, help="at most so many times a bare true")
    p.add_argument("--ms", type=float, help="at most so many milliseconds")
    p.add_argument("--begin-ms", type=float, help="with a service the command begins at most so many later")
    p.add_argument("options", nargs="*", help="of run")
    return p.parse_args()


def print_table(got, bare):
    print("        wall ms: median, fastest   begins ms later   CPU ms: median, least   times date")
    for name, rounds in got.items():
        walls, begun, cpus = zip(*rounds)
        median = statistics.median(walls)
        later = statistics.median(begun) - bare[1]
        print(f"{name:7} {median:14.1f} {min(walls):9.1f} {later:17.1f} {statistics.median(cpus):16.1f} {min(cpus):7.1f} "
              f"{median / bare[0]:12.1f}")


def main():
    opts = parse()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    tool = os.path.abspath(opts.tool)
    run = [tool, "run", "-q", *opts.options, "--", *COMMAND]
    got = {"date": [], "cold": [], "warm": [], "service": []}
    for _ in range(opts.rounds):
        got["date"].append(one(COMMAND))
        shutil.rmtree(CACHE, ignore_errors=True)
        got["cold"].append(one(run))
        got["warm"].append(one(run))
    with tempfile.TemporaryDirectory() as folder:
        service = Service(tool, folder)
        before = service.cpu()
        rounds = [one(run, service.socket) for _ in range(opts.rounds)]
        spent = (service.cpu() - before) / opts.rounds
        service.stop()
    got["service"] = [(wall, begun, cpu + spent) for wall, begun, cpu in rounds]
    bare = [statistics.median(values) for values in list(zip(*got["date"]))[:2]]
    print_table(got, bare)
    warm = statistics.median(wall for wall, _, _ in got["warm"])
    begins = statistics.median(begun for _, begun, _ in got["service"]) - bare[1]
    return bool((opts.ratio and warm / bare[0] > opts.ratio) or (opts.ms and warm > opts.ms) or
                (opts.begin_ms and begins > opts.begin_ms))


if __name__ == "__main__":
    sys.exit(main())
