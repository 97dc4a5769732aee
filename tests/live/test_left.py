# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Nothing is left in the kernel by runs that have ended, in whatever way, and a watch does not grow."""
import os
import signal
import subprocess
import time

import bpf_ids
import lib
from lib import alone, check, equal, said

RUNS = 1000 if lib.LONG else 50
PROGRAMS = 100000 if lib.LONG else 1500
GONE_S = 10


def end_by_force(number):
    """Killed while its command runs: the observer, or the front."""
    proc = subprocess.Popen(lib.tool_args("run", "-q", record="/dev/null") + ["--", "sh", "-c", "echo $$; exec sleep 60"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=lib.clean_env())
    command, observer = int(proc.stdout.readline()), lib.observer_of(proc.pid)
    check(any(kind == "link" for kind, _ in bpf_ids.ours()), "no link is there while it runs: the test shows nothing")
    os.kill(observer if number % 2 else proc.pid, signal.SIGKILL)
    os.kill(command, signal.SIGKILL)
    proc.wait(20)


@alone
def test_nothing():
    """After many runs, some of them killed, no program, map or link is there that was not before."""
    before = bpf_ids.ours()
    for number in range(RUNS):
        if number % 5 == 4:
            end_by_force(number // 5)
        else:
            result = lib.run(["true"], "-q", record="/dev/null")
            equal(result.status, 0, said(result))
    suspects = bpf_ids.ours().keys() - before.keys()
    start = time.monotonic()
    while suspects and time.monotonic() < start + GONE_S:
        time.sleep(0.2)
        suspects &= bpf_ids.ours().keys()
    equal({key: bpf_ids.name_of(*key) for key in suspects}, {}, f"left after {GONE_S} s")
    return f"{RUNS} runs"


def use_of(pid):
    """Open descriptors, threads, and KiB of memory that are its own."""
    with open(f"/proc/{pid}/smaps_rollup") as f:
        private = sum(int(line.split()[1]) for line in f if line.startswith(("Private_Dirty", "Private_Clean")))
    return len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")), private


@alone
def test_watch_is_flat():
    """Descriptors, threads and memory of one watch stay what they are, however many programs come and go."""
    goprog = lib.program("goprog")
    if not os.path.exists(goprog):
        raise lib.Skip("no Go to build the program with")
    observer = lib.Observer(None, record="watch.jsonl.zst")
    uses = []
    for _ in range(3):
        subprocess.run(["sh", "-c", f"i=0; while [ $i -lt {PROGRAMS // 6} ]; do i=$((i+1)); {goprog} >/dev/null; "
                                    f"{lib.program('tiny')}; done"], check=True)
        time.sleep(1)			# its threads have taken all
        uses.append(use_of(lib.observer_of(observer.proc.pid)))
    observer.stop()
    descriptors, threads, memory = zip(*uses)
    check(max(descriptors) - descriptors[0] <= 2, f"descriptors: {descriptors}")
    check(max(threads) - threads[0] <= 0, f"threads: {threads}")
    check(memory[2] - memory[0] <= 4096, f"memory in KiB: {memory}")
    return f"{PROGRAMS} programs; descriptors {descriptors}, threads {threads}, KiB {memory}"


test_nothing.limit = test_watch_is_flat.limit = 3600 if lib.LONG else 300
