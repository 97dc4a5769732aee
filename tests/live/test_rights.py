# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A sudo rule for the tool is no more than that: files are touched with the rights of who called."""
import os
import shutil
import subprocess

import lib
from lib import check, equal, said
from test_users import NOBODY, need_tool_readable, private

USER = ["setpriv", "--reuid", str(NOBODY.pw_uid), "--regid", str(NOBODY.pw_gid), "--clear-groups"]


def sudo_rule(*more):
    """A prefix under which nobody may call the tool, and only that, through sudo; for one command."""
    lib.need("sudo", "setpriv")
    need_tool_readable()
    with open("sudoers", "w") as f:
        f.write(f"Defaults env_reset\nroot ALL=(ALL:ALL) ALL\nnobody ALL=(root) NOPASSWD: {lib.TOOL}\n")
        f.writelines(line + "\n" for line in more)
    os.chmod("sudoers", 0o440)
    return private(f"mount --bind {os.path.abspath('sudoers')} /etc/sudoers") + USER


def home():
    os.mkdir("home")
    os.chown("home", NOBODY.pw_uid, NOBODY.pw_gid)
    return os.path.abspath("home")


def closed_folder():
    """Where only root may look or write."""
    os.mkdir("closed", 0o700)
    with open("closed/plan", "w") as f:
        f.write("mine")
    return os.path.abspath("closed")


def as_user(prefix, *args, cwd="home", **more):
    return subprocess.run([*prefix, *args], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, env=lib.clean_env(HOME="/nonexistent"), **more)


def test_forbidden_places():
    """No option puts a record where the caller could not put it, whoever runs the tool."""
    prefix, place, closed = sudo_rule(), home(), closed_folder()
    os.symlink(f"{closed}/plan", f"{place}/link")
    os.symlink(f"{closed}/none", f"{place}/dead")
    os.symlink(closed, f"{place}/folder")
    equal(as_user(prefix, "sudo", "-n", "cat", f"{closed}/plan").returncode, 1, "sudo for another program")
    before = sorted(os.listdir("/etc"))
    attempts = [name for name in ("/etc/goenvbpf-test.conf", f"{closed}/new", f"{closed}/plan", "folder/new",
                                  "folder/plan", "/proc/sys/kernel/core_pattern") for _ in range(2)]
    for n, name in enumerate(attempts):
        force = ["--force"] * (n % 2)
        for tool in (["run", "-q", *force, "-o", name, "--", "touch", "ran"], ["-q", *force, "-o", name],
                     ["attach", "-q", *force, "-o", name, "--pid", "1"]):
            done = as_user(prefix, "sudo", "-n", lib.TOOL, *tool)
            equal(done.returncode, 125 if tool[0] == "run" else 1, f"{tool}: {done.stderr[-300:]}")
            check(name in done.stderr, f"{tool} did not say what: {done.stderr!r}")
    equal(sorted(os.listdir("/etc")), before, "files in /etc")
    equal((os.listdir(closed), lib.read("closed/plan")), (["plan"], "mine"), "the closed folder")
    equal(sorted(os.listdir(place)), ["dead", "folder", "link"], "what was left behind")
    for name in ("link", "dead"):
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", "-o", name, "--", "true")
        equal(done.returncode, 125, done.stderr)
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", "--force", "-o", name, "--", "true")
        equal(done.returncode, 0, done.stderr)
        check(not os.path.islink(f"home/{name}"), "--force replaces the link itself")
        equal(os.stat(f"home/{name}").st_uid, NOBODY.pw_uid, "owner")
    equal((os.listdir(closed), lib.read("closed/plan")), (["plan"], "mine"), "the closed folder")


def test_own_places():
    """What the caller may write is written, and belongs to the caller; a second time only with --force."""
    prefix, place = sudo_rule(), home()
    for args, status in ((["-o", "rec.jsonl"], 0), (["-o", "rec.jsonl"], 125), (["--force", "-o", "rec.jsonl"], 0),
                         (["-o", "rec.jsonl.gz"], 0)):
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", *args, "--", "true")
        equal(done.returncode, status, f"{args}: {done.stderr[-300:]}")
    for name in ("rec.jsonl", "rec.jsonl.gz"):
        lib.verify(lib.Record(f"{place}/{name}"))
        st = os.stat(f"{place}/{name}")
        equal((st.st_uid, st.st_gid, st.st_mode & 0o7777), (NOBODY.pw_uid, NOBODY.pw_gid, 0o600), name)
    equal(sorted(os.listdir(place)), ["rec.jsonl", "rec.jsonl.gz"], "what else was left")


def test_folder_swapped_while_it_runs():
    """The name that is given at the end is in the folder of the beginning; nothing else is touched."""
    prefix, place, closed = sudo_rule(), home(), closed_folder()
    script = "mv folder away && ln -s $1 folder; exit 3"
    for force in ([], ["--force"]):
        os.mkdir(f"{place}/folder")
        os.chown(f"{place}/folder", NOBODY.pw_uid, NOBODY.pw_gid)
        done = as_user(prefix, "sudo", "-n", lib.TOOL, "run", "-q", *force, "-o", "folder/plan", "--", "sh", "-c", script,
                       "sh", closed)
        equal(done.returncode, 3, done.stderr)
        equal((os.listdir(closed), lib.read("closed/plan")), (["plan"], "mine"), "the closed folder")
        lib.verify(lib.Record(f"{place}/away/plan"))
        os.unlink(f"{place}/folder")
        shutil.rmtree(f"{place}/away")


OWN_DEV = """
mount -t tmpfs none dev-of-ours && cp -a /dev/null /dev/zero /dev/random /dev/urandom dev-of-ours/ &&
ln -s /proc/self/fd dev-of-ours/fd && ln -s fd/0 dev-of-ours/stdin && ln -s fd/1 dev-of-ours/stdout &&
ln -s fd/2 dev-of-ours/stderr && mount --move dev-of-ours /dev || exit 99
"""


def test_devices_stay():
    """/dev/stdout, /dev/null, /dev/fd/N and pipes are written to as they are, by root and with --force, too."""
    os.mkdir("dev-of-ours")
    prefix = private(OWN_DEV)
    for name, force in ((name, force) for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "//dev/fd/../stdout", "-")
                        for force in ([], ["--force"])):
        tool = " ".join(lib.tool_args("run", "-q", *force, record=name))
        script = f"ls -l /dev >before; {tool} -- true | cat >rec.jsonl; {tool} -- true >plain.jsonl; ls -l /dev >after"
        done = subprocess.run([*prefix, "sh", "-c", script], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=60)
        equal((done.returncode, done.stderr), (0, ""), f"{name} {force}")
        equal(lib.read("after"), lib.read("before"), f"/dev after {name} {force}")
        for record in ("rec.jsonl", "plain.jsonl"):
            lib.verify(lib.Record(record))
    for force in ([], ["--force"]):
        tool = " ".join(lib.tool_args("run", "-q", *force))
        script = f"ls -l /dev >before; {tool} -o /dev/null -- true && {tool} -o pipe -- true; s=$?; ls -l /dev >after; exit $s"
        if not os.path.exists("pipe"):
            os.mkfifo("pipe")
        with open("piped.jsonl", "wb") as out:
            reader = subprocess.Popen(["cat", "pipe"], stdout=out)
            done = subprocess.run([*prefix, "sh", "-c", script], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True, timeout=60)
            equal((done.returncode, done.stderr), (0, ""), f"{force}")
            equal(reader.wait(20), 0, "the pipe's reader")
        equal(lib.read("after"), lib.read("before"), f"/dev with {force}")
        lib.verify(lib.Record("piped.jsonl"))
