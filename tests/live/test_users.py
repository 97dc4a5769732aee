# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who the command runs as, whom the record belongs to, and what happens without privileges."""
import os
import pwd
import shutil
import subprocess

import lib
from lib import check, equal, said

NOBODY = pwd.getpwnam("nobody")


def ids(text):
    """What id_script printed."""
    lines = text.splitlines()
    return {"uid": lines[0], "gid": lines[1], "groups": sorted(lines[2].split()), "home": lines[3]}


ID_SCRIPT = "id -u; id -g; id -G; echo $HOME; echo $USER/$LOGNAME; env >env-seen"


def sudo_env(**more):
    return lib.clean_env(SUDO_UID=str(NOBODY.pw_uid), SUDO_GID=str(NOBODY.pw_gid), SUDO_USER="nobody",
                         SUDO_COMMAND="goenvbpf", HOME="/root", **more)


def private(script):
    """A shell in a mount namespace of its own: files under /etc can be replaced for one command."""
    return ["unshare", "-m", "sh", "-c", script + '; exec "$@"', "sh"]


def in_groups(*groups):
    """A command's prefix under which nobody is a member of more groups."""
    with open("/etc/group") as f:
        lines = [line.rstrip("\n") for line in f]
    with open("group", "w") as f:
        for line in lines:
            name, _, rest = line.partition(":")
            member = ("" if line.endswith(":") else ",") + "nobody" if name in groups else ""
            f.write(line + member + "\n")
    return private(f"mount --bind {os.path.abspath('group')} /etc/group")


def test_sudo_user():
    """Under sudo the command has the calling user's ids, groups and HOME; the record is the user's."""
    os.chmod(".", 0o777)
    result = lib.run(["sh", "-c", ID_SCRIPT], env=sudo_env(), prefix=in_groups("audio", "video"))
    equal(result.status, 0, said(result))
    got = ids(result.out)
    want = {"uid": str(NOBODY.pw_uid), "gid": str(NOBODY.pw_gid), "home": NOBODY.pw_dir,
            "groups": sorted([str(NOBODY.pw_gid), group_id("audio"), group_id("video")])}
    equal(got, want, "the command's ids")
    st = os.stat(result.path)
    equal((st.st_uid, st.st_gid), (NOBODY.pw_uid, NOBODY.pw_gid), "owner of the record")
    lib.verify(result.record)
    line = result.record.kind("exec")[0]
    equal((line["uid"], line["gid"]), (NOBODY.pw_uid, NOBODY.pw_gid), "uid and gid of the exec line")


def group_id(name):
    with open("/etc/group") as f:
        return next(line.split(":")[2] for line in f if line.startswith(name + ":"))


def test_sudo_user_has_no_privileges():
    """Nothing of root is left in the command: no capabilities, and no way back."""
    os.chmod(".", 0o777)
    result = lib.run(["sh", "-c", "grep -E '^(Uid|Gid|Cap(Inh|Prm|Eff|Amb))' /proc/self/status; "
                                  "cat /etc/shadow >stolen 2>/dev/null; ls -l /proc/self/fd >fds"], env=sudo_env())
    for line in result.out.splitlines():
        name, *values = line.split()
        want = {"Uid:": str(NOBODY.pw_uid), "Gid:": str(NOBODY.pw_gid)}.get(name, "0" * 16)
        equal(set(values), {want}, name)
    equal(os.path.getsize("stolen"), 0, "what was read of /etc/shadow")
    left = [line.split(" ")[-3:] for line in lib.read("fds").splitlines()[1:]]
    left = [(fd, what) for fd, _, what in left if int(fd) > 2 and not what.startswith("/proc/")]
    equal(left, [], "descriptors that the command got")


def test_root_is_root():
    """Called by root itself, the command runs as root."""
    result = lib.run(["sh", "-c", ID_SCRIPT], env=lib.clean_env(HOME="/root"))
    equal(ids(result.out)["uid"], "0", "uid")
    equal(os.stat(result.path).st_uid, 0, "owner of the record")


def test_root_through_sudo_is_root():
    """sudo from root to root is no other user."""
    env = lib.clean_env(SUDO_UID="0", SUDO_GID="0", SUDO_USER="root", HOME="/root")
    result = lib.run(["sh", "-c", ID_SCRIPT], env=env)
    equal(ids(result.out)["uid"], "0", "uid")


def test_forged_sudo_variables():
    """Ids that are no numbers are refused, not taken as root's."""
    result = lib.run(["id", "-u"], env=dict(sudo_env(), SUDO_UID="0x0 or so"))
    equal(result.status, 125, said(result))
    check("SUDO_UID" in result.err, said(result))


def as_nobody(*cmd):
    return ["setpriv", "--reuid", str(NOBODY.pw_uid), "--regid", str(NOBODY.pw_gid), "--clear-groups", "--no-new-privs",
            *cmd]


def need_tool_readable():
    """The build folder may be closed to other users: then they get a copy."""
    copy = os.path.abspath("goenvbpf")
    if lib.TOOL == copy:
        return
    shutil.copy(lib.TOOL, copy)
    os.chmod(copy, 0o755)
    lib.TOOL = copy


def test_no_privileges():
    """Without root and without a way to it: says so and what to do, runs nothing, leaves nothing."""
    lib.need("setpriv")
    os.mkdir("open", 0o777)
    os.chmod("open", 0o777)
    need_tool_readable()
    for verb in (["run", "-o", "rec.jsonl", "--", "touch", "ran"], ["-o", "rec.jsonl"],
                 ["attach", "-o", "rec.jsonl", "--pid", "1"]):
        done = subprocess.run(as_nobody(lib.TOOL, *verb), cwd="open", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30,
                              env=lib.clean_env(HOME="/nonexistent"))
        equal(done.returncode, 125 if verb[0] == "run" else 1, f"status of {verb}: {done.stderr[-300:]}")
        check("sudo" in done.stderr or "root" in done.stderr, f"{verb} said {done.stderr!r}")
        equal(done.stdout, "", "standard output")
        equal(os.listdir("open"), [], f"what {verb} left behind")


def test_sudo_from_user():
    """
    The better way round: the user calls run, the command stays the user's own child with its
    environment untouched, and only the observer goes through sudo.
    """
    lib.need("sudo", "setpriv")
    os.mkdir("open")
    os.chmod("open", 0o777)
    need_tool_readable()
    with open("sudoers", "w") as f:
        f.write("Defaults env_reset\nroot ALL=(ALL:ALL) ALL\nnobody ALL=(ALL) NOPASSWD: ALL\n")
    os.chmod("sudoers", 0o440)
    prefix = private(f"mount --bind {os.path.abspath('sudoers')} /etc/sudoers")
    user = ["setpriv", "--reuid", str(NOBODY.pw_uid), "--regid", str(NOBODY.pw_gid), "--clear-groups"]
    env = lib.clean_env(HOME="/nonexistent", GOFLAGS="-mod=mod", PATH="/usr/local/go-of-mine:" + os.environ["PATH"],
                        MY_OWN="kept")
    result = lib.run(["sh", "-c", ID_SCRIPT + "; ps -o ppid= -p $$; exit 5"], prefix=prefix + user, cwd="open",
                     record="open/rec.jsonl", env=env)
    equal(result.status, 5, said(result))
    got = ids(result.out)
    equal((got["uid"], got["gid"]), (str(NOBODY.pw_uid), str(NOBODY.pw_gid)), "the command's ids")
    seen = dict(line.partition("=")[::2] for line in lib.read("open/env-seen").splitlines())
    for name in ("HOME", "GOFLAGS", "PATH", "MY_OWN"):
        equal(seen.get(name), env[name], f"{name} in the command")
    check(not [name for name in seen if name.startswith("SUDO_")], "sudo's variables reached the command")
    equal(os.stat("open/rec.jsonl").st_uid, NOBODY.pw_uid, "owner of the record")
    lib.verify(result.record)
    line = result.record.kind("exec")[0]
    equal(line["env"].get("GOFLAGS"), "-mod=mod", "GOFLAGS in the record")
