# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The tool's manners: status, signals, its file, a full disk, its own death."""
import gzip
import json
import os
import signal
import stat
import subprocess
import time

import lib
from lib import alone, check, equal, said

BURST = lib.program("burst")


def test_status_is_the_commands():
    for code in (0, 1, 2, 3, 126, 255):
        result = lib.run(["sh", "-c", f"exit {code}"], "--force")
        equal(result.status, code, f"status of exit {code} ({result.err[-200:]})")
        lib.verify(result.record)
        equal(result.record.end["status"], code, "status in the end line")


def test_status_after_a_signal():
    for sig in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        result = lib.run(["sh", "-c", f"kill -{int(sig)} $$"], "--force")
        equal(result.status, 128 + sig, f"status after signal {sig} ({result.err[-200:]})")
        lib.verify(result.record)
        exits = result.record.kind("exit")
        equal([line.get("signal") for line in exits], [int(sig)], "exit lines")


def test_command_not_found():
    result = lib.run(["no-such-program-at-all"])
    equal(result.status, 127, said(result))
    check("no-such-program-at-all" in result.err, said(result))


def test_command_not_executable():
    with open("plain", "w") as f:
        f.write("text")
    result = lib.run(["./plain"])
    equal(result.status, 126, said(result))
    check("plain" in result.err, said(result))


def test_output_is_the_commands_alone():
    """run adds nothing to its command's standard output, and passes it on unchanged."""
    result = lib.run(["sh", "-c", "echo out; echo err >&2; cat"], "-v")
    equal(result.out, "out\n", "standard output")
    check("err\n" in result.err, said(result))


def test_quiet():
    result = lib.run(["sh", "-c", "echo err >&2"], "-q")
    equal(result.err, "err\n", "standard error with -q")


def start(cmd, *opts, record="rec.jsonl", **kw):
    """goenvbpf run in a session of its own, as on a terminal; returns when the command runs."""
    path = os.path.abspath(record)
    err = open("tool.err", "wb")
    return subprocess.Popen(lib.tool_args("run", *opts, record=path) + ["--"] + cmd, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=err, env=lib.clean_env(), start_new_session=True,
                            text=True, **kw)


def finish(proc, seconds=20):
    try:
        out, _ = proc.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(proc.pid, signal.SIGKILL)
        raise AssertionError(f"the tool did not end; it said {lib.read('tool.err')[-500:]!r}")
    return out


def test_ctrl_c():
    """Ctrl-C reaches the command, whose status is passed on; the record is finished."""
    proc = start(["sh", "-c", "trap 'echo caught; exit 42' INT; echo ready; while :; do sleep 0.05; done"])
    equal(proc.stdout.readline(), "ready\n", "first line")
    os.killpg(proc.pid, signal.SIGINT)
    out = finish(proc)
    check("caught" in out, f"the command did not get SIGINT: {out!r}")
    equal(proc.returncode, 42, lib.read("tool.err"))
    lib.verify(lib.Record("rec.jsonl"))


def test_ctrl_c_kills():
    proc = start(["sh", "-c", "echo ready; exec sleep 60"])
    equal(proc.stdout.readline(), "ready\n", "first line")
    os.killpg(proc.pid, signal.SIGINT)
    finish(proc)
    equal(proc.returncode, 130, lib.read("tool.err"))
    lib.verify(lib.Record("rec.jsonl"))


def test_ctrl_c_before_the_command():
    """At any moment of the start: the command's status is that of a signal, and no file is half made."""
    for ms in range(0, 60, 4):
        proc = start(["sh", "-c", "echo ready; exec sleep 60"])
        time.sleep(ms / 1000)
        os.killpg(proc.pid, signal.SIGINT)
        finish(proc)
        check(proc.returncode in (130, -signal.SIGINT), f"after {ms} ms: {proc.returncode} {lib.read('tool.err')}")
        if os.path.exists("rec.jsonl"):
            lib.Record("rec.jsonl")
            os.unlink("rec.jsonl")
        equal([name for name in os.listdir(".") if name.startswith("rec")], [], f"files after {ms} ms")


def test_sigterm_to_the_tool():
    """A supervisor stops the tool alone: the command gets the signal, the record is finished."""
    proc = start(["sh", "-c", "echo ready; exec sleep 60"])
    equal(proc.stdout.readline(), "ready\n", "first line")
    proc.send_signal(signal.SIGTERM)
    finish(proc)
    equal(proc.returncode, 143, lib.read("tool.err"))
    lib.verify(lib.Record("rec.jsonl"))


LOOKER = "echo $$; while [ ! -e stop ]; do test -e look; sleep 0.02; done; echo done >finished; exit 9"


def looks(path):
    return [line for line in lib.Record(path).lines if line.get("as") == "look"]


def wait_for_looks(path):
    """What is captured reaches the file at least once a second."""
    lib.wait_for(lambda: os.path.exists(path) and len(looks(path)) >= 10, 10, "looks in the record")


def test_killed():
    """kill -9 of the observer: what it wrote is readable, the command goes on as if nothing was."""
    proc = start(["sh", "-c", LOOKER])
    pid = int(proc.stdout.readline())
    wait_for_looks("rec.jsonl")
    os.kill(lib.observer_of(proc.pid), signal.SIGKILL)
    check(os.path.exists(f"/proc/{pid}"), "the command died with the observer")
    open("stop", "w").close()
    lib.wait_for(lambda: os.path.exists("finished"), 20, "the command's end")
    finish(proc)
    if proc.returncode != -signal.SIGKILL:	# the observer was a process of its own
        equal(proc.returncode, 9, "the command's status")
        check("rec.jsonl" in lib.read("tool.err") or "record" in lib.read("tool.err"),
              f"nothing is said: {lib.read('tool.err')!r}")
    record = lib.Record("rec.jsonl")
    check(record.header and not record.end, "a record that is cut has a header and no end")
    check(len(looks("rec.jsonl")) >= 10, "what was in the file is gone")
    lib.validate(record)


def test_killed_front():
    """kill -9 of what the user started: the command goes on, the record is finished."""
    proc = start(["sh", "-c", LOOKER])
    pid = int(proc.stdout.readline())
    observer = lib.observer_of(proc.pid)
    if observer == proc.pid:
        raise lib.Skip("run is one process")
    os.kill(proc.pid, signal.SIGKILL)
    proc.wait()
    check(os.path.exists(f"/proc/{pid}"), "the command died with its parent")
    open("stop", "w").close()
    lib.wait_for(lambda: os.path.exists("finished"), 20, "the command's end")
    lib.wait_for(lambda: not os.path.exists(f"/proc/{observer}"), 20, "the observer's end")
    record = lib.Record("rec.jsonl")
    lib.verify(record, complete=False)
    check(record.end["alive"], "who lived on is not named")


def test_what_outlives_the_command():
    """Who had not ended is named, and then the record is not complete; --wait waits for all."""
    left = ["sh", "-c", "sleep 300 & echo $! > pid; exit 3"]
    try:
        result = lib.run(left, "--strict", record="left.jsonl")
    finally:
        os.kill(int(lib.read("pid")), signal.SIGKILL)
    equal(result.status, 3, said(result))
    check("1 process was still running (--wait waits for all)" in result.err, said(result))
    end = result.record.end
    equal((end["complete"], [a["pid"] for a in end["alive"]]), (False, [int(lib.read("pid"))]), "the end")
    page = subprocess.run([lib.TOOL, "report", result.path], stdout=subprocess.PIPE, text=True, check=True).stdout
    check("NOT COMPLETE" in page and "1 process had not ended" in page and "sleep" in page, page[:600])
    answer = subprocess.run([lib.TOOL, "report", "--json", result.path], stdout=subprocess.PIPE, check=True).stdout
    answer = lib.answer("report", answer)
    equal([a["exe"] for a in answer["alive"]], [os.path.realpath("/usr/bin/sleep")], "who is alive")

    # What ends a moment later is no matter, and nothing to wait for costs nothing.
    result = lib.run(["sh", "-c", "sleep 0.02 & exit 4"], "--strict", record="soon.jsonl")
    equal((result.status, result.record.end["complete"], "alive" in result.record.end), (4, True, False), said(result))
    result = lib.run(["sh", "-c", "(sleep 1; exec touch late) & exit 5"], "--wait", record="wait.jsonl")
    equal((result.status, result.record.end["complete"]), (5, True), said(result))
    check(os.path.exists("late") and any(e["path"].endswith("/late") for e in result.record.kind("open")), "what came late")


def test_waiting_ends():
    """Ctrl-C ends the waiting for descendants, not the record."""
    run = subprocess.Popen([lib.TOOL, "run", "--wait", "-o", "rec.jsonl", "--", "sh", "-c", "sleep 300 2> /dev/null & echo $! > pid; exit 6"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=lib.clean_env())
    lib.wait_for(lambda: os.path.exists("pid") and lib.read("pid").strip() and "sleep" in open(
        f"/proc/{lib.read('pid').strip()}/comm", encoding="ascii").read(), 20, "the child that stays")
    time.sleep(0.3)         # the command has ended by then: that it is waited for is what this is about
    check(run.poll() is None, "it did not wait")
    before = time.monotonic()
    run.send_signal(signal.SIGINT)
    err = run.communicate(timeout=20)[1]
    os.kill(int(lib.read("pid")), signal.SIGKILL)
    check(time.monotonic() - before < 5, f"ended {time.monotonic() - before:.1f} s after the signal")
    equal(run.returncode, 6, err)
    record = lib.Record("rec.jsonl")
    equal((record.end["complete"], record.end["status"], len(record.end["alive"])), (False, 6, 1), "the end")


def test_attached_root_ends():
    """attach --pid is as run is; a control group has no end."""
    for wait in ([], ["--wait"]):
        root = subprocess.Popen(["sh", "-c", "read go; sleep 1 & exit 0"], stdin=subprocess.PIPE)
        observer = lib.Observer("attach", "--pid", str(root.pid), *wait, record=f"rec{len(wait)}.jsonl")
        lib.wait_for(lambda: "until it ends" in lib.read(observer.err_path), 20, "that it is followed")
        root.communicate(b"now\n")
        record = observer.wait()
        record = record if isinstance(record, lib.Record) else lib.Record(observer.path)
        equal((record.end["complete"], "alive" in record.end), (bool(wait), not wait), f"the end with {wait}")
    done = subprocess.run([lib.TOOL, "attach", "--cgroup", "/sys/fs/cgroup", "--wait"], stderr=subprocess.PIPE, text=True)
    equal(done.returncode, 2, done.stderr)
    check("--wait is for --pid" in done.stderr, done.stderr)


def test_killed_gzip():
    """The same for a compressed record: whatever was flushed can be read."""
    proc = start(["sh", "-c", LOOKER], record="rec.jsonl.gz")
    proc.stdout.readline()
    wait_for_looks("rec.jsonl.gz")
    os.kill(lib.observer_of(proc.pid), signal.SIGKILL)
    open("stop", "w").close()
    finish(proc)
    record = lib.Record("rec.jsonl.gz")
    check(record.header and not record.end, "a record that is cut has a header and no end")
    check(len(looks("rec.jsonl.gz")) >= 10, "what was in the file is gone")
    lib.validate(record)


def test_output_exists():
    with open("rec.jsonl", "w") as f:
        f.write("mine")
    result = lib.run(["touch", "ran"])
    equal(result.status, 125, said(result))
    check("rec.jsonl" in result.err and "--force" in result.err, said(result))
    equal(lib.read("rec.jsonl"), "mine", "the file that was there")
    check(not os.path.exists("ran"), "the command was run although nothing could be recorded")
    result = lib.run(["touch", "ran"], "--force")
    equal(result.status, 0, said(result))
    lib.verify(result.record)


def test_output_is_a_link():
    """A record never goes through a symbolic link that somebody has put there."""
    os.symlink("victim", "rec.jsonl")
    result = lib.run(["true"])
    check(result.status != 0, said(result))
    check(not os.path.exists("victim"), "the link was followed")
    result = lib.run(["true"], "--force")
    check(not os.path.exists("victim"), "the link was followed with --force")


def test_force_keeps_devices():
    """--force replaces files; a device is written to and stays what it is, whoever called."""
    os.mknod("null", stat.S_IFCHR, os.makedev(1, 3))
    os.chmod("null", 0o666)	# whatever the umask: the third one who calls is not its owner
    before = os.stat("null")
    sudo = dict(SUDO_UID="65534", SUDO_GID="65534", SUDO_USER="nobody")
    for cmd, env in ((["true"], {}), (["no-such-program"], {}), (["true"], sudo)):
        result = lib.run(cmd, "--force", record="null", env=lib.clean_env(**env))
        equal(result.status, 0 if cmd == ["true"] else 127, said(result))
        after = os.stat("null")
        equal((after.st_rdev, after.st_ino, after.st_uid), (before.st_rdev, before.st_ino, before.st_uid), "the device")


def test_force_replaces_dead_links():
    os.symlink("victim", "rec.jsonl")
    result = lib.run(["true"], "--force")
    equal(result.status, 0, said(result))
    check(not os.path.islink("rec.jsonl") and not os.path.exists("victim"), "the link was followed or kept")
    lib.verify(result.record)


def test_nothing_to_follow():
    """What cannot start leaves no record, and with --force the old one."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    for opts in (["--pid", gone.pid], ["--cgroup", os.path.abspath(".")]):
        for record in ("rec.jsonl", "rec.jsonl.gz"):
            args = lib.tool_args("attach", *opts, record=record)
            done = subprocess.run(args, stderr=subprocess.PIPE, text=True, timeout=20)
            equal(done.returncode, 1, done.stderr)
            check(str(opts[1]) in done.stderr, f"the message does not say what: {done.stderr!r}")
            equal(os.listdir("."), [], "what is left")
            with open(record, "w") as f:
                f.write("mine")
            done = subprocess.run(args + ["--force"], stderr=subprocess.PIPE, text=True, timeout=20)
            equal(done.returncode, 1, done.stderr)
            equal((os.listdir("."), lib.read(record)), ([record], "mine"), "the record that was there")
            os.unlink(record)


def test_output_folder_missing():
    result = lib.run(["touch", "ran"], record="none/rec.jsonl")
    equal(result.status, 125, said(result))
    check("none/rec.jsonl" in result.err, said(result))
    check(not os.path.exists("ran"), "the command was run although nothing could be recorded")


def test_output_mode():
    """Only the owner can read a record, whatever the umask."""
    os.umask(0)
    result = lib.run(["true"])
    equal(stat.S_IMODE(os.stat(result.path).st_mode), 0o600, "mode")


def test_output_gzip():
    result = lib.run([BURST, "300", "2"], record="rec.jsonl.gz")
    with gzip.open(result.path) as f:		# a whole stream, checksum and all
        text = f.read()
    equal(text, result.record.text, "what gzip reads")
    lib.verify(result.record)


def test_output_zstd():
    """The same by another name: whole, read by zstd itself and by us, and up to the cut when it is cut."""
    lib.need("zstd")
    result = lib.run([BURST, "300", "2"], record="rec.jsonl.zst")
    with open("rec.jsonl.zst", "rb") as f:
        equal(f.read(4), b"\x28\xb5\x2f\xfd", "what it begins with")
    equal(subprocess.run(["zstd", "-tq", "rec.jsonl.zst"]).returncode, 0, "zstd's own test")
    lib.verify(result.record)
    observer = lib.Observer("attach", "--pid", os.getpid(), record="cut.jsonl.zst")
    time.sleep(1.7)
    observer.kill()
    record = lib.Record("cut.jsonl.zst")
    check(record.header and not record.end, "a record that is cut has a header and no end")
    done = subprocess.run([lib.TOOL, "report", "cut.jsonl.zst"], stdout=subprocess.PIPE, text=True)
    check(done.returncode == 0 and "cut short" in done.stdout, done.stdout[:300])


@alone
def test_output_stdout():
    """-o - : the record is what is on standard output."""
    with open("rec.jsonl", "wb") as out:
        proc = subprocess.Popen(lib.tool_args(None, "-o", "-"), stdout=out, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, env=lib.clean_env())
    lib.wait_for(lambda: b"\n" in lib.head("rec.jsonl"), 20, "the header")
    proc.send_signal(signal.SIGINT)
    _, err = proc.communicate(timeout=20)
    equal(proc.returncode, 0, err[-300:])
    lib.verify(lib.Record("rec.jsonl"))
    result = lib.run(["sh", "-c", "test -e none"], record="-")
    equal(result.status, 1, said(result))
    record = lib.Record("tool.out")
    lib.verify(record)
    check([line for line in record.lines if line.get("as") == "none"], "the command's look is missing")


def test_header():
    result = lib.run(["true"], "--tag", "job=17", "--tag", "branch=a=b")
    header = result.record.header
    equal(header["schema"], "goenvbpf/1", "schema")
    equal(header["mode"], "run", "mode")
    equal(header["command"], ["true"], "command")
    equal(header["tags"], {"job": "17", "branch": "a=b"}, "tags")
    equal(header["host"]["kernel"], os.uname().release, "kernel")
    equal(header["host"]["cpus"], os.cpu_count(), "cpus")
    check(header["hooks"]["tier"] in ("fexit", "tp_btf", "tracepoint"), header["hooks"])
    if lib.HOOKS != "auto":
        equal(header["hooks"]["tier"], lib.HOOKS, "tier")
    equal(subprocess.run([lib.TOOL, "version"], stdout=subprocess.PIPE, text=True).stdout.split()[-1],
          header["version"], "version")


def test_duration_and_start():
    before = time.time()
    result = lib.run(["sleep", "0.5"])
    took = result.record.end["duration"] / 1e9
    check(0.5 <= took < 5, f"duration {took}")
    whole, _, fraction = result.record.header["start"].partition(".")
    equal(len(fraction.rstrip("Z")), 9, "digits of the start's fraction")
    start_time = time.mktime(time.strptime(whole + " UTC", "%Y-%m-%dT%H:%M:%S %Z")) - time.timezone
    check(abs(start_time - before) < 30, f"start {result.record.header['start']}")


def test_disk_full():
    """The command is not disturbed, the message says what is wrong, what was written stays readable."""
    os.mkdir("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", "small"], check=True)
    result = lib.run(["sh", "-c", f"{BURST} 20000 2 && echo done >finished"], record="small/rec.jsonl")
    check(os.path.exists("finished"), said(result))
    check("space" in result.err.lower() and "rec.jsonl" in result.err, said(result))
    record = result.record
    check(record.header and len(record.lines) > 500, f"{len(record.lines)} lines are left")
    check(not record.end or not record.end["complete"], "a record without its middle says that it is complete")
    result = lib.run([BURST, "20000", "2"], "--strict", "--force", record="small/rec.jsonl")
    equal(result.status, 3, "status with --strict: " + said(result))


def churn():
    """Something to see for a watcher, until killed."""
    return subprocess.Popen(["sh", "-c", f"while :; do {lib.TOOL} version; sleep 0.2; done"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def wait_for_more(path):
    size = os.path.getsize(path)
    lib.wait_for(lambda: os.path.getsize(path) > size, 10, f"more lines in {path}")


def test_nobody_reads_the_timeline():
    """Watching for a reader that is gone ends by itself; with a record it goes on."""
    busy = churn()
    try:
        for opts in ([], ["-o", "rec.jsonl"]):
            proc = subprocess.Popen(lib.tool_args("attach", *opts, "--timeline", "--all", "--pid", busy.pid),
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
            check(proc.stdout.readline(), "no timeline")
            proc.stdout.close()
            if opts:
                for _ in range(2):	# the first ones may be of before
                    wait_for_more("rec.jsonl")
                check(proc.poll() is None, "the record ended with the reader of the timeline")
                proc.send_signal(signal.SIGINT)
            err = proc.stderr.read().decode()
            equal(proc.wait(20), 1, err)
            check("timeline" in err and "Broken pipe" in err, err)
        check(lib.Record("rec.jsonl").end["complete"], "the record is not whole")
    finally:
        busy.kill()
        busy.wait()


def test_disk_full_ends_attaching():
    """Nobody is left to believe for hours that a record is being written."""
    os.mkdir("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", "small"], check=True)
    busy = churn()
    try:
        done = subprocess.run(lib.tool_args("attach", "--pid", busy.pid, record="small/rec.jsonl"),
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=60)
    finally:
        busy.kill()
        busy.wait()
    equal(done.returncode, 1, done.stderr)
    check("small/rec.jsonl" in done.stderr and "space" in done.stderr, done.stderr)
    check(len(lib.Record("small/rec.jsonl").lines) > 20, "what was written is lost")


def test_no_temporary_folder():
    """Without a place for its record, run says so and what to do, and runs nothing."""
    # the tool itself may lie in what is hidden
    hide = ["unshare", "-m", "sh", "-c",
            "mount -t tmpfs none /mnt && cp \"$1\" /mnt/tool && shift && "
            "for d in /tmp /var/tmp; do mount -t proc none $d; done; unset TMPDIR; exec /mnt/tool \"$@\"", "sh"]
    done = subprocess.run(hide + lib.tool_args("run") + ["--", "echo", "ran"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)
    equal((done.returncode, done.stdout), (125, ""), done.stderr)
    check("-o" in done.stderr and "temporary" in done.stderr, done.stderr)


def test_nohup():
    """The end of the terminal is not the end of what was started with nohup."""
    busy = churn()
    proc = subprocess.Popen(["nohup"] + lib.tool_args("attach", "--pid", busy.pid, record="rec.jsonl"),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        lib.wait_for(lambda: os.path.exists("rec.jsonl") and lib.head("rec.jsonl"), 20, "the header")
        proc.send_signal(signal.SIGHUP)
        wait_for_more("rec.jsonl")
        check(proc.poll() is None, "SIGHUP ended it")
        proc.send_signal(signal.SIGTERM)
        _, err = proc.communicate(timeout=20)
        equal(proc.returncode, 0, err)
    finally:
        busy.kill()
        busy.wait()
    check(lib.Record("rec.jsonl").end["complete"], "the record is not whole")


def test_wrong_usage():
    for args in (["run"], ["run", "--no-such-option", "--", "true"], ["no-such-verb"], ["attach"],
                 ["attach", "--pid", "x"], ["run", "--hooks", "x", "--", "true"], ["run", "--ring", "x", "--", "true"],
                 ["attach", "--pid", "1", "--cgroup", "/"], ["run", "--tag", "novalue", "--", "true"]):
        done = subprocess.run([lib.TOOL, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=20)
        equal(done.returncode, 2, f"status of {args} {done.stderr[-200:]}")
        equal(done.stdout, "", f"standard output of {args}")
        check(len(done.stderr) > 10, f"{args} says nothing")


def test_schema_is_json():
    done = subprocess.run([lib.TOOL, "schema"], stdout=subprocess.PIPE)
    equal(done.returncode, 0, "status")
    check("$schema" in json.loads(done.stdout), "no $schema")


def test_schema_refuses():
    """The schema can fail: lines that are wrong are not valid."""
    whole, _ = lib.validators()
    for line in ({}, {"k": "open"}, {"k": 5}, {"k": "exit", "ts": -1, "pid": 1, "tid": 1, "proc": 1, "code": 0},
                 {"k": "open", "ts": 1, "pid": 1, "tid": 1, "proc": 1, "call": "stat", "as": "f", "fd": 3},
                 {"k": "lost", "ts": 1, "what": "nothing", "count": 1, "since": 0}):
        check(not whole.is_valid(line) and lib.schema_errors(line), f"valid: {line}")


@alone
def test_nothing_is_left_behind():
    """No process, no mount, no pinned object is there after a run that was not there before."""
    def around():
        mounts = lib.read("/proc/self/mounts")
        pinned = sorted(os.listdir("/sys/fs/bpf")) if os.path.isdir("/sys/fs/bpf") else []
        return mounts, pinned
    before = around()
    lib.run(["true"])
    equal(around(), before, "mounts and pinned objects")
