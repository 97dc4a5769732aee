#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Which go.mod and go.work are in effect: go env GOMOD GOWORK of real toolchains, in folders of every
kind, and what go list says of the module file that it reads.
"""
import itertools
import os
import subprocess

import lib

MOD = "module example.org/{}\n\ngo 1.15\n"
WORK = "go 1.18\n\nuse ./mod\n"


def make_tree(suite):
    for name in ("plain", "work/mod", "tmp", "tmp/sub/mod", "tmp2", "auto", "modfile", "goroot/src/mod"):
        suite.write(f"{name}/go.mod", MOD.format(os.path.basename(name)))
    suite.write("modfile/tools.mod", MOD.format("modfile"))
    suite.write("modfile/tools.txt", MOD.format("modfile"))
    suite.write("work/go.work", WORK)
    suite.write("work/dev.work", WORK)
    suite.write("worktmp/go.work", "go 1.18\n")
    for folder in ("plain/a/b", "work/mod/deep", "work/other", "tmp/sub/none", "tmp2/x", "none", "plain/go.work",
                   "moddir/go.mod", "moddir/sub", "auto", "worktmp/below"):
        os.makedirs(f"{suite.dir}/{folder}", exist_ok=True)
    os.symlink("plain/a", f"{suite.dir}/link")
    os.symlink("tmp2", f"{suite.dir}/tmplink")
    os.symlink("work/mod", f"{suite.dir}/modlink")


# directory (as $PWD says it), more environment, -C
PLACES = [
    ("plain", {}, None), ("plain/a/b", {}, None), ("link", {}, None), ("link/b", {}, None), ("none", {}, None),
    ("work", {}, None), ("work/mod", {}, None), ("work/mod/deep", {}, None), ("work/other", {}, None),
    ("modlink", {}, None), ("modlink/deep", {}, None), ("moddir", {}, None), ("moddir/sub", {}, None),
    ("tmp", {"TMPDIR": "tmp"}, None), ("tmp/sub/none", {"TMPDIR": "tmp"}, None),
    ("tmp/sub/mod", {"TMPDIR": "tmp"}, None), ("tmp2/x", {"TMPDIR": "tmplink"}, None),
    ("tmp2/x", {"TMPDIR": "tmp2/"}, None), ("tmplink/x", {"TMPDIR": "tmp2"}, None), ("tmp2/x", {"TMPDIR": "tmp"}, None),
    ("worktmp/below", {"TMPDIR": "worktmp"}, None),
    ("plain", {"PWD": "none"}, None), ("plain", {"PWD": "plain/a/.."}, None), ("plain", {"PWD": "../plain"}, None),
    ("plain/a", {"PWD": "link"}, None), ("link", {"PWD": ""}, None), ("link", {"PWD": None}, None),
    ("none", {}, "plain"), ("none", {}, "link"), ("none", {}, "link/b"), ("none", {}, "modlink/deep"),
    ("link", {}, "."), ("link/b", {}, ".."), ("plain", {}, "work/mod"), ("none", {}, "nowhere"),
]
MODES = [(None, None), ("on", None), ("auto", None), ("off", None), (None, "off"), (None, "auto"), ("off", "off"),
         (None, "work/dev.work"), ("auto", "work/dev.work"), (None, "nowhere.work"), ("off", "work/dev.work")]


def absolute(suite, name):
    """A name of the tables above as go is given it; relative ones and nothing stay as they are."""
    return name if not name or name.startswith("..") else f"{suite.dir}/{name}"


def ask_go(suite, minor, place, mode):
    folder, more, chdir = place
    env = suite.env(GO111MODULE=mode[0], GOWORK=mode[1] and (mode[1] if "." not in mode[1] else absolute(suite, mode[1])),
                    PWD=absolute(suite, folder))
    for key, value in more.items():
        env[key] = absolute(suite, value)
    env = {key: value for key, value in env.items() if value is not None}
    # started by a shell that leaves PWD alone, in the folder without links
    args = (["-C", absolute(suite, chdir)] if chdir and chdir[0] != "." else ["-C", chdir] if chdir else []) + \
        ["env", "GOMOD", "GOWORK"]
    done = subprocess.run([lib.gobin(minor), *args], cwd=os.path.realpath(absolute(suite, folder)), env=env,
                          capture_output=True, text=True)
    return env, args, done


def ask_ours(suite, minor, place, env, args):
    cwd = os.path.realpath(absolute(suite, place[0]))
    chdir = args[1] if place[2] else None
    after = os.path.realpath(os.path.join(cwd, chdir)) if chdir else None
    where, _ = suite.query.ask("cwd", cwd, env.get("PWD"), chdir, after)
    return suite.query.ask("mainmod", minor, env.get("GO111MODULE", ""), env.get("GOWORK", ""), where,
                           env.get("TMPDIR") or "/tmp", lib.goroot(minor), "", *args)


def check_env(suite, minor):
    for place, mode in itertools.product(PLACES, MODES):
        if (place[2] and minor < 20) or (mode[1] and minor < 18):
            continue
        # what a place adds is varied with the plain modes only
        if mode[1] and (place[2] or place[1]):
            continue
        env, args, done = ask_go(suite, minor, place, mode)
        ours = ask_ours(suite, minor, place, env, args)
        expected = done.stdout.split("\n")[:2] if done.returncode == 0 else "refused"
        # unknown settings come last and empty: 1.15 has no GOWORK
        came = [ours[0], ours[1] or ""] if not ours[5] and place[2] != "nowhere" else "refused"
        suite.check(f"1.{minor}: {place} {mode}", expected, came)


def list_module(suite, minor, folder, args, **env):
    done = suite.go(minor, ["list", "-m", *args, "-f", "{{.GoMod}}"], cwd=absolute(suite, folder),
                    env=suite.env(PWD=absolute(suite, folder), **env))
    return done.stdout.strip() if done.returncode == 0 else "refused"


def check_modfile(suite, minor):
    for args, goflags in ((["-modfile=tools.mod"], ""), (["-modfile", f"{suite.dir}/modfile/tools.mod"], ""),
                          ([], "-modfile=tools.mod"), (["-modfile=go.mod"], "-modfile=tools.mod"),
                          (["-modfile=tools.txt"], ""), (["-modfile="], "-modfile=tools.mod")):
        ours = suite.query.ask("mainmod", minor, "", "", absolute(suite, "modfile"), "/tmp", lib.goroot(minor),
                               goflags, "list", "-m", *args)
        go = list_module(suite, minor, "modfile", args, GOFLAGS=goflags)
        suite.check(f"1.{minor}: go list -m {args} GOFLAGS={goflags}", os.path.basename(go),
                    "refused" if ours[5] else os.path.basename(ours[2]))
    for folder in ("none", "work/mod"):
        ours = suite.query.ask("mainmod", minor, "", "", absolute(suite, folder), "/tmp", lib.goroot(minor), "",
                               "list", "-m", "-modfile=tools.mod")
        if folder == "none" or minor >= 21:
            suite.check(f"1.{minor}: -modfile in {folder}", list_module(suite, minor, folder, ["-modfile=tools.mod"]),
                        "refused" if ours[5] else "accepted")


def check_verbs(suite, minor):
    """Whether a verb of this version knows a workspace, by the complaint about a broken go.work."""
    suite.write("broken/go.work", "nonsense\n")
    suite.write("broken/go.mod", MOD.format("broken"))
    suite.write("broken/b.go", "package broken\n")
    for line in ("build", "clean .", "fmt -n", "generate", "get -d", "install", "list", "mod download", "mod edit -print",
                 "mod graph", "mod tidy", "mod verify", "mod why", "run .", "test -c -o /dev/null", "vet", "version"):
        args = line.split(" ")
        done = suite.go(minor, args, cwd=absolute(suite, "broken"), env=suite.env(PWD=absolute(suite, "broken")))
        ours = suite.query.ask("mainmod", minor, "", "", absolute(suite, "broken"), "/tmp", lib.goroot(minor), "",
                               *args)
        suite.check(f"1.{minor}: go {line} reads go.work", "go.work" in done.stderr, ours[3] is not None)


def check_at_version(suite, minor):
    for line in ("install example.org/x@v1.0.0", "run example.org/x@v1.0.0", "build example.org/x@v1.0.0",
                 "install -modfile=tools.mod example.org/x@v1.0.0"):
        done = suite.go(minor, line.split(" "), cwd=absolute(suite, "modfile"))
        ours = suite.query.ask("mainmod", minor, "", "", absolute(suite, "modfile"), "/tmp", lib.goroot(minor), "",
                               *line.split(" "))
        # without a main module go looks the version up, and says so; with one it does not
        expected = "module lookup disabled" in done.stderr
        suite.check(f"1.{minor}: go {line}", expected, not ours[5] and ours[2] is None)


def test(suite):
    make_tree(suite)
    for minor in lib.minors():
        check_env(suite, minor)
        check_modfile(suite, minor)
        if minor >= 18:
            check_verbs(suite, minor)
            check_at_version(suite, minor)


lib.main(test)
