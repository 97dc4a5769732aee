#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Which toolchain go runs itself with: real ones of 1.21 and newer, with programs called goX.Y.Z on PATH
that say their names and do nothing else. Where go can tell its reason (1.24), that is compared, too.
"""
import itertools
import os
import re
import shutil

import lib

FAKES = ("go1.19.8", "go1.21.0", "go1.21.1", "go1.22.0", "go1.22.5", "go1.22.5-acme", "go1.24.0", "go1.24.4-acme",
         "go1.26.1", "go1.27.0", "go1.28.0", "go1.28rc1", "go1.29.3", "go1.30.0", "go1.30.7-acme", "go1.20")

SETTINGS = ("local", "auto", "path", "local+auto", "local+path", "go1.22.5", "go1.19.8", "go1.22.5-acme", "go1.28.0+auto",
            "go1.22.0+path", "go1.30.7-acme+auto", "go1.20+auto", "", "bash", "go", "gotool", "go1.28.0+x", "go1.22/5",
            "go2.1", "go1.028", "go1.28rc1")

# what follows the module line of go.mod, and what a go.work holds
FILES = (
    "", "go 1.15\n", "go 1.22\n", "go 1.28\n", "go 1.28rc1\n", "go 1.29.3\n", "\tgo   1.28 // why\r\n", "go 1.20\n",
    "go 1.21\n\ntoolchain go1.28.0\n", "go 1.29.3\n\ntoolchain go1.28.0\n", "go 1.28\ntoolchain go1.28rc1\n",
    "go 1.22\ntoolchain default\n", "go 1.29.3\ntoolchain default\n", "go 1.21\ntoolchain go1.30.7-acme\n",
    "go 1.21\ntoolchain go1.22.5-acme\n", "go 1.21\ntoolchain local\n", "go 1.21\ntoolchain go1.9999\n",
    "go (\n\t1.28\n)\n", "go1.28\n", "go 1.2x\n", "// go 1.28\ngo 1.22\n", "go 1.22\ngo 1.28\n", "toolchain go1.28.0\n",
)
SOME = (0, 2, 3, 8, 11, 12)

# GOTOOLCHAIN, go.mod's index, command
COMMANDS = [(setting, file, line) for setting in ("auto", "go1.28.0", "local", "go1.22.0+auto") for file in (3, 8) for line in (
    "env GOTOOLCHAIN", "env -w GOTOOLCHAIN=local", "env GOMOD", "env GOWORK", "env GOMOD GOWORK", "env GOPATH", "env -json",
    "version", "help", "-C . version", "version -C .", "-C . env GOTOOLCHAIN", "mod edit -print", "nosuch",
    "install example.org/x@v1", "install -x example.org/x@v1", "install -p 2 example.org/x@v1",
    "install -nosuch y example.org/x@v1", "run -nosuch y example.org/x@v1", "run example.org/x@v1 a", "install ./x@v1",
    "install /x@v1", "run x y@v1", "build example.org/x@v1", "install -- example.org/x@v1")]


def make_fakes(suite):
    for name in FAKES:
        path = suite.write(f"fakes/{name}", "#!/bin/sh\necho RAN ${0##*/}\n")
        os.chmod(path, 0o755)


def what_ran(done, local):
    """What go said: the toolchain it ran, or that it refused."""
    said = re.search(r"^RAN (\S+)", done.stdout, re.M)
    said = said or re.search(r"cannot find \"(\S+?)\" in PATH", done.stderr)
    said = said or re.search(r"download (\S+?)(:| for )", done.stderr)
    said = said or re.search(r"invalid toolchain: (\S+) is a language version", done.stderr)
    if said:
        return said.group(1)
    if re.search(r"invalid GOTOOLCHAIN|invalid toolchain|invoked to provide", done.stderr):
        return "refused"
    return local


def reason_of(done):
    """The last line of go's trace that says why."""
    reason = "nothing asks for another one"
    for line in done.stderr.splitlines():
        if "default toolchain set to" in line and "GOTOOLCHAIN=local" not in line:
            reason = "GOTOOLCHAIN names it"
        if "required by toolchain line in" in line:
            reason = "a toolchain line asks for it"
        if "required by go line in" in line:
            reason = "a go line asks for it"
    return reason


class Asker:
    def __init__(self, suite, minor):
        self.suite, self.minor = suite, minor
        with open(f"{lib.goroot(minor)}/go.env", encoding="utf-8") as file:
            self.default = re.search(r"^GOTOOLCHAIN=(.*)", file.read(), re.M).group(1)
        self.local = suite.go(minor, ["env", "GOVERSION"], env=suite.env(GO111MODULE="off")).stdout.strip()

    def compare(self, setting, args, cwd, work=None, mod=None, **env):
        suite = self.suite
        known = suite.env(GOTOOLCHAIN=setting, PATH=f"{suite.dir}/fakes:/usr/bin:/bin", GODEBUG="toolchaintrace=1", **env)
        done = suite.go(self.minor, args, cwd=cwd, env=known)
        ours = suite.query.ask("toolchain", self.local, setting or self.default, env.get("GO111MODULE", ""),
                               env.get("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"), work, mod, *args)
        what = f"1.{self.minor}: GOTOOLCHAIN={setting} {env} {cwd[len(suite.dir):]} go {' '.join(args)}"
        suite.check(what, what_ran(done, self.local), "refused" if ours[0] == "2" else ours[1])
        if self.minor >= 24 and "using local" not in done.stderr and "RAN" in done.stdout:
            suite.check(what + ": reason", reason_of(done), ours[2])
        return ours, done


def check_files(suite, ask):
    """All settings with some files, some with all; versions between the first and the last take fewer."""
    for i, text in enumerate(FILES):
        mod = suite.write(f"mod{i}/go.mod", "module example.org/m\n\n" + text)
        few = ("auto", "local+path", "go1.28.0+auto") if ask.minor in (21, 27) else ("auto",)
        for setting in SETTINGS if i in SOME and ask.minor in (21, 24, 27) else few:
            ask.compare(setting, ["version"], f"{suite.dir}/mod{i}", mod=mod)


def check_work(suite, ask):
    for i, k in itertools.product((2, 3, 9), (2, 3, 8)):
        work = suite.write(f"work{i}{k}/go.work", FILES[i])
        mod = suite.write(f"work{i}{k}/m/go.mod", "module example.org/m\n\n" + FILES[k])
        ask.compare("auto", ["version"], f"{suite.dir}/work{i}{k}/m", work=work, mod=mod)
        ask.compare("auto", ["version"], f"{suite.dir}/work{i}{k}/m", mod=mod, GOWORK="off")
        ask.compare("auto", ["version"], f"{suite.dir}/work{i}{k}/m", mod=mod, GOWORK=f"{suite.dir}/nowhere")


def check_commands(suite, ask):
    for setting, i, line in COMMANDS:
        args = line.split(" ")
        shutil.rmtree(f"{suite.home}/.config", ignore_errors=True)	# what env -w wrote
        ours, _ = ask.compare(setting, args, f"{suite.dir}/mod{i}", mod=f"{suite.dir}/mod{i}/go.mod")
        if "@v1" in line:
            suite.check(f"{line} may switch later", setting not in ("local", "go1.28.0") and
                        "./" not in line and "/x@v1" != args[-1] and "y@v1" not in line and "build" not in line and
                        "run -nosuch" not in line, ours[9] == "1")


def check_environment(suite, ask):
    mod, folder = f"{suite.dir}/mod3/go.mod", f"{suite.dir}/mod3"
    for value in ("off", "auto", "on", "x"):
        ask.compare("auto", ["version"], folder, mod=mod, GO111MODULE=value)
        ask.compare("go1.28.0", ["version"], suite.dir, GO111MODULE=value)
    for target in (ask.local, "go1.28.0"):
        ask.compare("auto", ["version"], folder, mod=mod, GOTOOLCHAIN_INTERNAL_SWITCH_VERSION=target)
        ask.compare("bash", ["version"], folder, mod=mod, GOTOOLCHAIN_INTERNAL_SWITCH_VERSION=target)


def check_lacks(suite, ask):
    """A go line that asks for more than what runs is an error of those that load the module."""
    for setting, i in itertools.product(("local", "auto", "go1.28.0"), range(len(FILES))):
        mod = f"{suite.dir}/mod{i}/go.mod"
        ours = suite.query.ask("toolchain", ask.local, setting, "", None, None, mod, "list", "-m")
        if ours[0] != "0":
            continue
        done = suite.go(ask.minor, ["list", "-m"], cwd=f"{suite.dir}/mod{i}", env=suite.env(GOTOOLCHAIN=setting))
        said = re.search(r"requires go >= (\S+)", done.stderr)
        # go complains about the malformed ones before
        if "errors parsing" not in done.stderr:
            suite.check(f"1.{ask.minor}: GOTOOLCHAIN={setting} {FILES[i]!r}: lacks", said and said.group(1), ours[5])


def test(suite):
    make_fakes(suite)
    for minor in lib.minors():
        if minor < 21:
            continue
        ask = Asker(suite, minor)
        for check in (check_files, check_work, check_commands, check_environment, check_lacks):
            check(suite, ask)
        shutil.rmtree(f"{suite.home}/.config", ignore_errors=True)


lib.main(test)
