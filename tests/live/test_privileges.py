# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the tool may do is no more than it needs at that time, and what it lacks is told."""
import json
import os
import shutil
import subprocess

import lib
from lib import alone, check, equal, said
from test_rights import as_user, closed_folder, home, sudo_rule
from test_users import NOBODY, need_tool_readable

CAPS = {"DAC_OVERRIDE": 1, "DAC_READ_SEARCH": 2, "FOWNER": 3, "SETGID": 6, "SETUID": 7, "SYS_PTRACE": 19, "SYS_ADMIN": 21,
        "SYS_NICE": 23, "SYS_RESOURCE": 24, "PERFMON": 38, "BPF": 39}


def caps_of(names):
    return sum(1 << CAPS[name] for name in names.split())


def threads(pid):
    """{thread: (permitted, effective, no new privileges)}"""
    found = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        fields = dict(line.split(":", 1) for line in lib.read(f"/proc/{pid}/task/{tid}/status").splitlines())
        found[int(tid)] = (int(fields["CapPrm"], 16), int(fields["CapEff"], 16), int(fields["NoNewPrivs"]))
    return found


def test_observer_gives_up():
    """No thread of an observer keeps what it does not need, nor can it get it back."""
    proc = subprocess.Popen(lib.tool_args("run", "-q", record="rec.jsonl") + ["--", "sh", "-c", "echo here; read word"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=lib.clean_env())
    equal(proc.stdout.readline(), "here\n", "the command")
    observer = lib.observer_of(proc.pid)
    lib.wait_for(lambda: not threads(observer)[observer][0] & caps_of("SYS_ADMIN"), 10, "the observer's first thread")
    found = threads(observer)
    check(len(found) >= 5, f"{len(found)} threads")
    sets = sorted({permitted for permitted, _, _ in found.values()})
    everything = caps_of("BPF PERFMON SYS_ADMIN SYS_PTRACE DAC_READ_SEARCH SETUID SETGID SYS_NICE FOWNER DAC_OVERRIDE")
    for tid, (permitted, effective, no_new) in found.items():
        equal(permitted & ~everything, 0, f"capabilities of {tid} that nobody needs")
        equal(effective & ~permitted, 0, f"effective ones of {tid}")
        # The thread that writes was there before; it starts nothing.
        check(no_new or permitted == caps_of("SYS_NICE"), f"{tid} could get more")
    equal(found[observer][0], caps_of("BPF PERFMON SYS_NICE FOWNER DAC_OVERRIDE SETUID SETGID"), "of the first thread")
    check(caps_of("SYS_NICE") in sets, f"the writer's are not among {[hex(s) for s in sets]}")
    # One takes what is executed, one looks at files, and for each there is one that takes over.
    equal(sum(bool(p & caps_of("SYS_ADMIN")) for p, _, _ in found.values()), 4, "threads with SYS_ADMIN")
    proc.communicate("go\n", timeout=20)
    equal(proc.returncode, 0, "status")
    lib.verify(lib.Record("rec.jsonl"))


def test_command_keeps_its_own():
    """The command has what its caller has: nothing is given up for it."""
    result = lib.run(["grep", "-E", "^(CapPrm|CapBnd|NoNewPrivs)", "/proc/self/status"])
    equal(result.out, subprocess.run(["grep", "-E", "^(CapPrm|CapBnd|NoNewPrivs)", "/proc/self/status"], text=True,
                                     stdout=subprocess.PIPE, check=True).stdout, "capabilities of the command")


def test_views_read_as_their_caller():
    """Through sudo, what only shows something has the caller's rights: no verb reads a closed file."""
    prefix, closed = sudo_rule(), closed_folder()
    place = home()
    shutil.copy(lib.TOOL, f"{closed}/program")
    equal(lib.run(["true"], "-q", record=f"{closed}/rec.jsonl").status, 0, "a record of root")
    for verb in ("report", "timeline", "env", "buildinfo"):
        for name in ("rec.jsonl", "program", "plan", "none"):
            done = as_user(prefix, "sudo", "-n", lib.TOOL, verb, f"{closed}/{name}")
            equal((done.returncode, done.stdout), (1, ""), f"{verb} {name}: {done.stderr}")
            check("Permission denied" in done.stderr, f"{verb} {name} tells whether it is there: {done.stderr}")
    done = as_user(prefix, lib.TOOL, "run", "-q", "-o", "rec.jsonl", "--", "true")
    equal(done.returncode, 0, done.stderr)
    for how in (["sudo", "-n"], []):
        done = as_user(prefix, *how, lib.TOOL, "report", "rec.jsonl")
        check(done.returncode == 0 and "complete, " in done.stdout, done.stderr)
    # Root may read a user's.
    done = subprocess.run([lib.TOOL, "report", f"{place}/rec.jsonl"], stdout=subprocess.PIPE, text=True, env=lib.clean_env())
    check(done.returncode == 0 and "complete, " in done.stdout, done)


def with_caps(names):
    """A prefix for an ordinary user with these capabilities, as a binary with file capabilities has them."""
    lib.need("setpriv")
    caps = ",".join(f"+{name.lower()}" for name in names.split())
    return ["setpriv", "--reuid", str(NOBODY.pw_uid), "--regid", str(NOBODY.pw_gid), "--clear-groups",
            f"--inh-caps=-all,{caps}", f"--ambient-caps=-all,{caps}", f"--bounding-set=-all,{caps}"]


def test_without_root():
    """An ordinary user with capabilities: own texts and what everybody may read, whoever owns it; nothing else."""
    need_tool_readable()
    home()
    for name, uid, mode in (("own", NOBODY.pw_uid, 0o600), ("all", 0, 0o644), ("closed", 0, 0o600)):
        os.mkdir(f"home/{name}")
        with open(f"home/{name}/go.mod", "w") as f:
            f.write(f"module {name}\n")
        os.chmod(f"home/{name}/go.mod", mode)
        os.chown(f"home/{name}/go.mod", uid, -1)
    script = "cat own/go.mod all/go.mod; cat closed/go.mod; GOENV=$PWD/all/go.mod cat all/go.mod"
    # What makes programs load; all of them.
    for names in ("bpf perfmon", "bpf perfmon sys_admin sys_ptrace dac_read_search sys_nice"):
        done = as_user(with_caps(names), lib.TOOL, "run", "--force", "-o", "rec.jsonl", "--", "setpriv", "--inh-caps=-all",
                       "--ambient-caps=-all", "sh", "-c", script)
        equal(done.returncode, 0, f"{names}: {done.stderr}")
        record = lib.Record("home/rec.jsonl")
        lib.verify(record)
        texts = {line["path"].split("/")[-2]: line.get("text", line.get("error")) for line in record.kind("file")}
        equal({name: texts.get(name) for name in ("own", "all")}, {"own": "module own\n", "all": "module all\n"}, names)
        check("module closed" not in str(texts), texts)
        equal("CAP_SYS_ADMIN" in done.stderr, "sys_admin" not in names, f"{names}: {done.stderr}")


def test_missing_is_told():
    """Each capability that is not there is told with what is not known without it."""
    for cap, word, verb in (("sys_ptrace", "already run", "attach"), ("dac_read_search", "stay without text", "run"),
                            ("setuid", "stay without text", "run"), ("sys_admin", "without their build information", "run"),
                            ("sys_nice", "does not yield", "run"), ("fowner", "access time", "run")):
        prefix = ["setpriv", f"--bounding-set=-{cap}", f"--inh-caps=-{cap}"]
        if verb == "run":
            result = lib.run(["true"], "--force", prefix=prefix)
            equal(result.status, 0, said(result))
            err = result.err
        else:
            proc = subprocess.Popen(["sleep", "60"])
            done = subprocess.Popen([*prefix, *lib.tool_args("attach", "--pid", proc.pid, record="a.jsonl")],
                                    stderr=subprocess.PIPE, text=True, env=lib.clean_env())
            lib.wait_for(lambda: os.path.exists("a.jsonl") and b'"exec"' in open("a.jsonl", "rb").read(), 20, "the attach")
            proc.kill()
            proc.wait()
            err = done.communicate(timeout=20)[1]
            result = lib.Result(0, "", err, os.path.abspath("a.jsonl"))
        check(word in err and f"CAP_{cap.upper()}" in err, f"without {cap}: {err}")
        told = result.record.header["missing"]
        equal([one["name"] for one in told], [f"CAP_{cap.upper()}"], "what the record's header says")
        check(word in told[0]["without"], told)
        page = subprocess.run([lib.TOOL, "report", result.path], stdout=subprocess.PIPE, text=True, check=True).stdout
        check(f"without     CAP_{cap.upper()}: " in page, page)
        checks = subprocess.run([*prefix, lib.TOOL, "doctor", "--json"], stdout=subprocess.PIPE, text=True).stdout
        found = {one["name"]: one for one in json.loads(checks)["capabilities"]}.get(f"CAP_{cap.upper()}")
        check(found and not found["ok"] and word in found["detail"], f"doctor without {cap}: {found}")
        equal("missing" in lib.run(["true"], "--force").record.header, False, "with all of them something is missing")


BURST = "import os\nfor _ in range(100000):\n    try:\n        os.open('/nonexistent/a/b/c', os.O_RDONLY)\n    except OSError:\n        pass"


@alone
def test_busy_without_nice():
    """Without CAP_SYS_NICE on a busy host the observer does not go where it cannot come back from."""
    busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]
    try:
        lost = {}
        for cap in ("", "sys_nice"):
            prefix = ["setpriv", f"--bounding-set=-{cap}", f"--inh-caps=-{cap}"] if cap else []
            result = lib.run(["/usr/bin/python3", "-c", BURST], "--force", prefix=prefix)
            equal(result.status, 0, said(result))
            lost[cap or "all"] = sum(result.record.end["lost"].values())
        print(f"note: lost {lost}")
        check(lost["sys_nice"] <= max(lost["all"] * 2, 3000), lost)
    finally:
        for proc in busy:
            proc.kill()
            proc.wait()
