# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The observer reads nothing for somebody that he could not read himself; nor does it open what is no file."""
import contextlib
import os
import shutil
import subprocess

import lib
from lib import check, equal
from test_cache import goroot
from test_rights import as_user, home, sudo_rule
from test_users import NOBODY

TRIES = 20
SECRET = "S3CRET-of-root"

# As the user: what leads the one who reads after us to a file that we could not open. Prints how often it tried.
HOSTILE = r"""
import os, sys, time
what, target, tries = sys.argv[1], sys.argv[2], int(sys.argv[3])
def swap(name, make):
    '''Opens a file of ours, and by the time that somebody else looks it is another one.'''
    with open(name, "w") as f:
        f.write("module ours\n")
    fd = os.open(name, os.O_RDONLY)
    make(name + "~")
    os.rename(name + "~", name)
    os.close(fd)
def write(name, text):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as f:
        f.write(text)
done = 0
for n in range(tries):
    os.makedirs(f"w{n}/go", exist_ok=True)
    if what == "path":		# named by GOENV, opened without any right to it
        os.close(os.open(target, os.O_PATH))
        try:
            os.open(target, os.O_RDONLY)
            sys.exit("it could be opened")
        except PermissionError:
            pass
    elif what == "link":
        for name in ("go.mod", "go/env", "go.env", "importcfg"):
            swap(f"w{n}/{name}", lambda to: os.symlink(target, to))
    elif what == "folder":	# the folder, not the file
        os.mkdir(f"w{n}/d"); write(f"w{n}/d/plan.mod", "module ours\n")
        os.close(os.open(f"w{n}/d/plan.mod", os.O_RDONLY))
        os.rename(f"w{n}/d", f"w{n}/e"); os.symlink(os.path.dirname(target), f"w{n}/d")
    elif what == "fifo":
        for name in ("go.mod", "go/env"):
            swap(f"w{n}/{name}", os.mkfifo)
            for _ in range(20):
                try:
                    os.close(os.open(f"w{n}/{name}", os.O_WRONLY | os.O_NONBLOCK))
                    sys.exit("somebody opened the pipe")
                except OSError:
                    pass
                time.sleep(0.001)
    elif what in ("entry", "entry-link"):
        action, output = f"{0xaa << 248 | n:064x}", f"{0xbb << 248 | n:064x}"
        write(f"c/aa/{action}-a", f"v1 {action} {output} {int(sys.argv[4]):20d} {1:20d}\n")
        os.makedirs("c/bb", exist_ok=True)
        os.symlink(target, f"c/bb/{output}-d")
        name = f"c/aa/{action}-a"
        if what == "entry":
            os.close(os.open(name, os.O_RDONLY))
        else:
            fd = os.open(name, os.O_RDONLY)
            os.unlink(name); os.symlink(target, name)
            os.close(fd)
    done += 1
print(done)
"""


def secret():
    """Where only root may look; the folder is open, so that nothing but the file's mode is in the way."""
    os.mkdir("closed", 0o755)
    with open("closed/plan.mod", "w") as f:
        f.write(f"module {SECRET}\n")
    os.chmod("closed/plan.mod", 0o600)
    return os.path.abspath("closed/plan.mod")


def hostile(prefix, what, target, *more, **env):
    """What a hostile command of a user got into that user's record."""
    args = [lib.TOOL, "run", "-q", "--force", "-o", "rec.jsonl", "--", "env", *(f"{k}={v}" for k, v in env.items()),
            "/usr/bin/python3", "-c", HOSTILE, what, target, str(TRIES), *more]
    done = as_user(prefix, *args)
    equal((done.returncode, done.stdout), (0, f"{TRIES}\n"), f"{what}: {done.stderr[-500:]}")
    record = lib.Record("home/rec.jsonl")
    lib.verify(record)
    for name in os.listdir("home"):
        if name != "rec.jsonl":
            shutil.rmtree(f"home/{name}")
    return record


def closed_lines(record, path, size):
    """Lines that have what a closed file says: its text, or how large it is."""
    return [line for line in record.kind("file", "cache", "source")
            if SECRET in str(line) or (line.get("path") == path and ("size" in line or "mtime" in line)) or
            line.get("size") == size and "output" not in line]


class Killed:
    def __init__(self, proc):
        self.proc = proc

    def close(self):
        self.proc.kill()


def environ():
    """A process of root with a secret in its environment."""
    return subprocess.Popen(["sleep", "120"], env={"GOFLAGS": f"-{SECRET}", "HOME": f"/{SECRET}"})


def attacks(prefix, size):
    """Each way in turn; returns (attempts, successes)."""
    target, tried, got = secret(), 0, 0
    with environ() as proc, contextlib.closing(Killed(proc)):
        of_root = f"/proc/{proc.pid}/environ"
        for what, path in (("path", target), ("path", of_root), ("link", target), ("link", of_root), ("link", "/proc/self/maps"),
                           ("link", "/proc/self/environ"), ("folder", target), ("fifo", target), ("entry", target),
                           ("entry", of_root), ("entry-link", target)):
            record = hostile(prefix, what, path, str(size), GOENV=path)
            found = closed_lines(record, path, size)
            if path.startswith("/proc/self"):	# what the tool's own mappings or variables look like
                found += [line for line in record.kind("file") if line.get("text", "") not in ("", "module ours\n")]
            tried += TRIES
            got += len(found)
            check(not found, f"{what} {path}: {found[:2]}")
    return tried, got


def test_hostile_user():
    """With a sudo rule for the observer: no text, size or existence of a closed file is in the user's record."""
    prefix = sudo_rule()
    home()
    tried, got = attacks(prefix, len(f"module {SECRET}\n"))
    print(f"note: {tried} attempts, {got} successes")


def test_hostile_user_of_root():
    """The same below root's own record, which may be given to others: what a user's process opens is read as that user."""
    home()
    os.mkdir("root")
    target = secret()
    size = os.path.getsize(target)
    for what in ("path", "link", "folder", "fifo", "entry", "entry-link"):
        result = lib.run(["setpriv", "--reuid", NOBODY.pw_uid, "--regid", NOBODY.pw_gid, "--clear-groups", "env",
                          f"GOENV={target}", "/usr/bin/python3", "-c", HOSTILE, what, target, TRIES, size],
                         "--force", cwd="home", record="root/rec.jsonl")
        equal((result.status, result.out), (0, f"{TRIES}\n"), f"{what}: {lib.said(result)}")
        equal(closed_lines(result.record, target, size)[:1], [], what)
        if what in ("link", "fifo", "folder"):
            for line in result.record.kind("file"):
                check("text" in line or "error" in line, f"neither text nor reason: {line}")
        for name in os.listdir("home"):
            shutil.rmtree(f"home/{name}")


def in_group(prefix, *groups):
    return [word if word != "--clear-groups" else f"--groups={','.join(groups)}" for word in prefix]


def test_own_files_are_read():
    """Own ones, those of the user's groups, and what everybody may read: their texts are there, whoever owns them."""
    prefix = sudo_rule()
    home()
    for name, uid, gid, mode in (("own", NOBODY.pw_uid, NOBODY.pw_gid, 0o600), ("group", 0, 29, 0o640), ("all", 0, 0, 0o644)):
        os.mkdir(f"home/{name}")
        with open(f"home/{name}/go.mod", "w") as f:
            f.write(f"module {name}\n")
        os.chmod(f"home/{name}/go.mod", mode)
        os.chown(f"home/{name}/go.mod", uid, gid)
    done = as_user(in_group(prefix, "29", "44"), lib.TOOL, "run", "-q", "-o", "rec.jsonl", "--", "cat", "own/go.mod",
                   "group/go.mod", "all/go.mod")
    equal((done.returncode, done.stdout), (0, "module own\nmodule group\nmodule all\n"), done.stderr)
    record = lib.Record("home/rec.jsonl")
    lib.verify(record)
    equal({line["path"].split("/")[-2]: line.get("text", line.get("error")) for line in record.kind("file")},
          {name: f"module {name}\n" for name in ("own", "group", "all")}, "texts")


def test_other_users():
    """What a process of root reads below a user's run is marked as such, and not in the user's record."""
    prefix = sudo_rule("nobody ALL=(root) NOPASSWD: /usr/bin/cat")
    home()
    target = secret()
    for args in (["sudo", "-n", lib.TOOL, "run"], [lib.TOOL, "run"]):
        done = as_user(prefix, *args, "-q", "--force", "-o", "rec.jsonl", "--", "sh", "-c",
                       f"GOENV={target} sudo -n /usr/bin/cat {target}; mkdir -p d; echo module x >d/go.mod; cat d/go.mod")
        equal((done.returncode, done.stdout), (0, f"module {SECRET}\nmodule x\n"), done.stderr)
        record = lib.Record("home/rec.jsonl")
        lib.verify(record)
        lines = {line["path"]: line for line in record.kind("file")}
        if target in lines:
            equal(lines[target].get("error"), "opened by another user's process", "why there is no text")
            check(not {"text", "size", "mtime", "sha256"} & set(lines[target]), lines[target])
        check(SECRET not in str(record.kind("file")), "root's text")
        equal(lines[os.path.abspath("home/d/go.mod")].get("text"), "module x\n", "the user's own text")
        done = as_user(prefix, *args, "-q", "--force", "-o", "rec.jsonl", "--texts", "all", "--", "true")
        equal(done.returncode, 125, f"--texts all by a user: {done.stderr}")
        check("root alone" in done.stderr, done.stderr)


def test_texts_of_root():
    """Root's record has what root's processes read, and says what is left out; with --texts all, all."""
    home()
    for name, uid in (("theirs", NOBODY.pw_uid), ("own", 0)):
        os.mkdir(name)
        with open(f"{name}/go.mod", "w") as f:
            f.write(f"module {name}\n")
        os.chown(f"{name}/go.mod", uid, -1)
    script = f"setpriv --reuid {NOBODY.pw_uid} --regid {NOBODY.pw_gid} --clear-groups cat theirs/go.mod; cat own/go.mod"
    for opts, theirs in (([], "opened by another user's process"), (["--texts", "all"], "module theirs\n"),
                         (["--texts", "own"], "opened by another user's process")):
        result = lib.run(["sh", "-c", script], "--force", *opts)
        equal(result.status, 0, lib.said(result))
        equal({line["path"].split("/")[-2]: line.get("text", line.get("error")) for line in result.record.kind("file")},
              {"theirs": theirs, "own": "module own\n"}, f"texts with {opts}")


def test_program_that_cannot_be_read():
    """A program that a user may execute, and not read: what it embeds is not in the user's record."""
    prefix = sudo_rule()
    home()
    shutil.copy(f"{goroot('1.26')}/bin/go", "home/closed-go")
    shutil.copy("home/closed-go", "home/open-go")
    os.chmod("home/closed-go", 0o711)
    os.chmod("home/open-go", 0o755)
    done = as_user(prefix, lib.TOOL, "run", "-q", "-o", "rec.jsonl", "--", "sh", "-c",
                   "cat closed-go >/dev/null 2>&1; GOTOOLCHAIN=local ./closed-go; GOTOOLCHAIN=local ./open-go; true")
    equal(done.returncode, 0, done.stderr)
    record = lib.Record("home/rec.jsonl")
    lib.verify(record)
    found = {os.path.basename(line["exe"]): line for line in record.kind("buildinfo")}
    check("go" in found["open-go"], found)
    check("go" not in found["closed-go"] and "not read" in found["closed-go"]["error"], found["closed-go"])
