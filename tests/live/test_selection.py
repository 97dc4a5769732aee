# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Which toolchain go chose and what asked for it: real go commands of 1.22, 1.24 and 1.27 against the
report of one record of all of them. Other toolchains are scripts on PATH that say their names. What
ran is what they and go say; what asked follows from how each configuration was made and from go's own trace
(1.24). tests/oracle/toolchain.py holds the rules alone against go, in far more cases.
"""
import itertools
import os
import re
import shutil
import subprocess

import lib
import test_cache
from workload import write

VERSIONS = ("1.22", "1.24", "1.27")
FAKES = ("go1.21.1", "go1.22.0", "go1.28.0", "go1.29.3", "go1.30.7-acme")

# GOTOOLCHAIN and where it is set
SETTINGS = (("auto", "environment"), ("path", "env file"), ("go1.28.0", "environment"), ("go1.29.3+path", "env file"),
            ("go1.22.0+path", "go.env"), ("local", "go.env"), ("go1.30.7-acme", "env file"), ("go1.31.0", "environment"))
MODS = ("go 1.21\n", "go 1.28.0\n", "go 1.21\n\ntoolchain go1.28.0\n", "go 1.29.3\n\ntoolchain go1.28.0\n", "go 1.29\n")
WORKS = (None, "go 1.29.3\n")


class Config:
    def __init__(self, top, version, goroot, number, setting, mod, work):
        (self.setting, self.where), self.mod, self.work = setting, mod, work
        self.top = os.path.join(top, f"{version}-{number}")
        self.cwd = os.path.join(self.top, "m")
        self.go = os.path.join(goroot, "bin", "go")
        self.files = {"go.mod": write_to(self.cwd, "go.mod", "module example.org/m\n\n" + mod)}
        if work:
            self.files["go.work"] = write_to(self.top, "go.work", work + "use ./m\n")
        self.env = {"HOME": os.path.join(self.top, "home"), "PATH": os.path.join(top, "fakes") + ":/usr/bin:/bin",
                    "GOPROXY": "off", "GOTELEMETRY": "off", "GODEBUG": "toolchaintrace=1"}
        if self.where == "environment":
            self.env["GOTOOLCHAIN"] = self.setting
        elif self.where == "env file":
            self.files["env file"] = write_to(self.top, "home/.config/go/env", f"# ours\nGOTOOLCHAIN={self.setting}\n")
        else:
            self.go = other_root(os.path.join(self.top, "root"), goroot, self.setting)
            self.files["go.env"] = os.path.join(self.top, "root", "go.env")

    def script(self):
        words = " ".join(f"'{k}={v}'" for k, v in self.env.items())
        return f"cd '{self.cwd}' && env -i {words} '{self.go}' version > ../out 2> ../err; :\n"

    def truth(self):
        """(what should run or None, did it run, what asked, its line) as go says it and the files have it."""
        out, err = (lib.read(os.path.join(self.top, name)) for name in ("out", "err"))
        ran = re.search(r"^RAN (\S+)", out, re.M)
        wanted = ran or re.search(r"cannot find \"(\S+?)\" in PATH", err) or re.search(r"download (\S+?)(?:: | for )", err)
        if not wanted:
            lib.check("go version go1." in out, "go said:", out, err)
            return None, False, None, None
        asked = re.findall(r"required by (go|toolchain) line in (\S+?)[;)]", err)
        if not asked:
            return wanted.group(1), bool(ran), self.where, None if self.where == "environment" else 2
        word, name = asked[-1][0], os.path.basename(asked[-1][1])
        lines = [n for n, line in enumerate(lib.read(self.files[name]).split("\n"), 1) if line.startswith(word + " ")]
        return wanted.group(1), bool(ran), name, lines[0]


def write_to(folder, name, text):
    path = os.path.join(folder, name)
    write(path, text)
    return path


def other_root(path, goroot, setting):
    """The same toolchain with a go.env of its own."""
    os.makedirs(os.path.join(path, "bin"))
    for name in os.listdir(goroot):
        if name not in ("bin", "go.env"):
            os.symlink(os.path.join(goroot, name), os.path.join(path, name))
    shutil.copy(os.path.join(goroot, "bin", "go"), os.path.join(path, "bin", "go"))
    write(os.path.join(path, "go.env"), f"GOSUMDB=off\nGOTOOLCHAIN={setting}\n")
    return os.path.join(path, "bin", "go")


def differences(config, switches, has_trace):
    version, ran, where, line = config.truth()
    what = f"{config.top}: GOTOOLCHAIN={config.setting} of {config.where}, {config.mod!r}, {config.work!r}"
    if not version:
        return [f"{what}: told a switch, go made none: {switches}"] if switches else []
    if len(switches) != 1:
        return [f"{what}: {len(switches)} switches told, go wanted {version}"]
    told = switches[0]
    want = {"version": version, "confidence": "proven"}
    if has_trace:
        want |= {"reason": where, "line": line, "path": config.files.get(where)}
    wrong = [f"{key} {told.get(key)!r}, go has {value!r}" for key, value in want.items() if told.get(key) != value]
    if ran == ("failure" in told):
        wrong.append(f"failure {told.get('failure')!r}, go {'ran it' if ran else 'did not get it'}")
    return [f"{what}: {', '.join(wrong)}"] if wrong else []


def test_selection():
    top = os.path.realpath(".")
    for name in FAKES:
        write(f"fakes/{name}", "#!/bin/sh\necho RAN ${0##*/}\n", 0o755)
    configs = []
    for version in VERSIONS:
        goroot = test_cache.goroot(version)
        cases = itertools.product(SETTINGS, MODS, WORKS)
        configs += [(version, Config(top, version, goroot, i, *case)) for i, case in enumerate(cases)]
    write("all.sh", "".join(c.script() for _, c in configs))
    done = lib.run(["sh", "all.sh"])
    lib.equal(done.status, 0, lib.said(done))
    told = subprocess.run([lib.TOOL, "report", "--json", done.path], stdout=subprocess.PIPE, check=True)
    answer = lib.answer("report", told.stdout)
    by_cwd = {c["cwd"]: c["proc"] for c in reversed(answer["commands"])}
    wrong, told = [], 0
    for version, config in configs:
        lib.check(config.cwd in by_cwd, config.cwd, "is not in the report")
        switches = [s for s in answer["toolchain_switches"] if s["from"] == by_cwd[config.cwd]]
        told += len(switches)
        wrong += differences(config, switches, version != "1.22")
    lib.check(not wrong, f"{len(wrong)} of {len(configs)} differ:\n" + "\n".join(wrong[:40]))
    lib.check(told >= 60, f"only {told} switches")
    return f"{len(configs)} choices of {len(VERSIONS)} versions, {told} switches"
