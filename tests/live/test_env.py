# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
goenvbpf env against go env: generated configurations (environment x user's file x go.env x GOENV x
directories x modules) under Go 1.15 to 1.27. What go env prints must be what the record gives.
GOENVBPF_LONG=1 makes more of them; GOENVBPF_SEED=N the same ones again.
"""
import json
import os
import random
import shutil
import subprocess

import lib
from workload import write

VERSIONS = ("1.15", "1.19", "1.22", "1.24", "1.26", "1.27")
PER_VERSION, LEAST = (42, 180) if lib.LONG else (14, 60)

# What a record cannot know, and why.
EXCEPTIONS = {
    "GOGCCFLAGS": "found out by running the C compiler, and printed only",
    "CC": "the default is compiled into go, and only some commands look for it",
    "CXX": "the default is compiled into go, and nothing looks for it",
    "PKG_CONFIG": "the default is compiled into go, and nothing looks for it",
}


def toolchains():
    script = os.path.join(lib.TOP, "scripts", "toolchains.sh")
    done = subprocess.run([script, *VERSIONS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    found = {os.path.basename(g)[3:]: g for g in done.stdout.split()}
    if not found:
        raise lib.Skip("no Go toolchain: " + done.stderr.strip()[-300:])
    lib.equal(sorted(found), sorted(VERSIONS), "toolchains")
    return found


def minor(version):
    return int(version.split(".")[1])


# --- what can be set, and to what ---

VALUES = {
    "GOFLAGS": ["-mod=mod", "-tags=a,b", "-modcacherw", "-v -x", "  -trimpath  ", "-modfile={top}/other.mod", "-mod=vendor",
                "'-tags=a b' -v", "-nosuchflag"],
    "GOPROXY": ["off", "direct", "https://proxy.example.com|direct", "https://a.example.com,off"],
    "GOPRIVATE": ["*.corp.example.com", "example.org/x,example.org/y"],
    "GONOPROXY": ["none", "example.net"],
    "GONOSUMDB": ["example.net"],
    "GOSUMDB": ["off", "sum.golang.google.cn"],
    "GOINSECURE": ["example.com/*"],
    "GOVCS": ["*:git", "public:off"],
    "GOOS": ["linux", "windows", "darwin"],
    "GOARCH": ["amd64", "arm64", "386", "arm", "riscv64", "mips", "ppc64le", "wasm"],
    "GOARM": ["6", "7"],
    "GOAMD64": ["v2", "v3"],
    "GO386": ["sse2", "softfloat"],
    "GOMIPS": ["softfloat"],
    "GOPPC64": ["power9"],
    "GOPATH": ["{top}/gp", "{top}/gp:{top}/gp2", "{top}/x/../gp", "{top}/gp/", "{top}//gp"],
    "GOBIN": ["{top}/bin", "{top}/bin/", "bin"],
    "GOCACHE": ["{top}/cache", "{top}/c/../cache2", "{top}/cache/", "cache", "off"],
    "GOMODCACHE": ["{top}/mc", "{top}/mc/"],
    "GOTMPDIR": ["{top}"],
    "GO111MODULE": ["on", "off", "auto"],
    "CGO_ENABLED": ["0", "1", "2"],
    "CGO_CFLAGS": ["-O1", "-g -O0 -DX=1", "-DX='a b'"],
    "CGO_LDFLAGS": ["-lm"],
    "CC": ["clang", "gcc", "/no/such/cc", "gcc -m64"],
    "AR": ["llvm-ar"],
    "GOAUTH": ["off", "netrc"],
    "GOFIPS140": ["off", "latest"],
    "GODEBUG": ["http2client=0"],
    "GOTOOLCHAIN": ["local"],
    "PKG_CONFIG": ["/bin/true"],
    "GCCGO": ["/bin/false"],
}
# Go refuses to start with these in a file.
ENV_ONLY = {"GODEBUG"}
NOISE = ["# a comment", "", "export GOPROXY=bad", "goflags=-bad", " GOSUMDB=bad", "NOEQUALS", "GOENV=/x/y",
         "GODEBUG=bad=1", "GOVERSION=go9", "UNKNOWN_SETTING=1", "GOHOSTOS=plan9"]


class Config:
    """One configuration: an environment, files, a folder to work in."""

    def __init__(self, rng, top, version, goroot, number):
        self.rng, self.version, self.number = rng, version, number
        self.top = os.path.join(top, f"{version}-{number}")
        self.home = os.path.join(self.top, "home")
        self.goroot = goroot
        self.cwd = os.path.join(self.top, "w", "a", "b")
        os.makedirs(self.cwd)
        os.makedirs(self.home)
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin", "GOTELEMETRY": "off"}
        self.choose_file()
        self.choose_env()
        self.choose_module()
        self.choose_oddity()

    def pick(self, count):
        names = [n for n in sorted(VALUES) if not (n == "GOFIPS140" and minor(self.version) < 24)]
        names = self.rng.sample(names, count)
        return {n: self.rng.choice(VALUES[n]).format(top=self.top) for n in names}

    def file_text(self):
        lines = [f"{n}={v}" for n, v in self.pick(self.rng.randint(0, 7)).items() if n not in ENV_ONLY]
        lines += self.rng.sample(NOISE, self.rng.randint(0, 4))
        if self.rng.random() < .3:
            lines += ["GOPROXY=https://first.example.com", "GOPROXY=https://last.example.com"]
        if self.rng.random() < .3:
            lines += ["GOSUMDB="]
        self.rng.shuffle(lines)
        return "\n".join(lines) + self.rng.choice(["\n", ""])

    def choose_file(self):
        self.file, self.lines = None, []
        kind = self.number % 7
        path = os.path.join(self.home, ".config", "go", "env")
        if kind == 1:
            path = os.path.join(self.top, "my", "settings.env")
            self.env["GOENV"] = path
        elif kind == 2:
            self.env["GOENV"] = "off"
        elif kind == 3:
            self.env["XDG_CONFIG_HOME"] = os.path.join(self.top, "xdg")
            path = os.path.join(self.top, "xdg", "go", "env")
        elif kind == 4:
            self.env["XDG_CONFIG_HOME"] = "xdg"
            path = os.path.join(self.cwd, "xdg", "go", "env")
        elif kind == 5:
            path = None
        elif kind == 6:
            self.env["GOENV"] = ""
        if path:
            write(path, self.file_text())
        # A relative XDG_CONFIG_HOME is refused since 1.24; a relative path is not told as it is absolute.
        if path and kind not in (2, 4):
            self.file, self.lines = path, lib.read(path).split("\n")

    def choose_env(self):
        self.env.update(self.pick(self.rng.randint(0, 6)))
        for name in self.rng.sample(["GOPROXY", "GOFLAGS", "GOOS", "GOCACHE", "CC"], self.rng.randint(0, 2)):
            self.env.setdefault(name, "")
        if self.rng.random() < .2:
            self.env["XDG_CACHE_HOME"] = os.path.join(self.top, "xdgcache")
        if self.rng.random() < .2:
            self.env["GOROOT"] = self.goroot + self.rng.choice(["", "/"])
        if self.rng.random() < .15:
            self.env["PATH"] = os.path.join(self.top, "nowhere")
        if minor(self.version) >= 18 and self.rng.random() < .2:
            self.env["GOWORK"] = self.rng.choice(["off", "auto", "", os.path.join(self.top, "w", "odd.name")])

    def choose_module(self):
        kind = self.rng.randint(0, 3)
        if kind:
            where = [self.cwd, os.path.dirname(self.cwd), self.cwd][kind - 1]
            write(os.path.join(where, "go.mod"), "module example.org/m\n\ngo 1.15\n")
        if kind == 3:
            write(os.path.join(self.top, "w", "go.work"), "go 1.18\n\nuse ./a/b\n")
            os.makedirs(os.path.join(self.cwd, "vendor"), exist_ok=True)
        write(os.path.join(self.top, "w", "odd.name"), "go 1.18\n\nuse ./a\n")
        write(os.path.join(self.top, "other.mod"), "module example.org/other\n\ngo 1.15\n")

    def choose_oddity(self):
        """At most one of what seldom comes together; origins() knows of it by the file and the lines."""
        self.dir, self.args = self.cwd, []
        odd = self.rng.randint(0, 9)
        if odd == 0 and self.file:
            self.rewrite("\r\n".join(self.lines))
        elif odd == 1 and self.file:
            self.rewrite("\ufeff" + "\n".join(self.lines))
        elif odd == 2:          # the folder through a link, as a shell names it
            os.symlink("w", os.path.join(self.top, "link"))
            self.dir = self.env["PWD"] = os.path.join(self.top, "link", "a", "b")
        elif odd == 3:          # a name that is not that of the folder
            self.env["PWD"] = self.top
        elif odd == 4 and minor(self.version) >= 20:
            self.args = ["-C", self.rng.choice(["..", "../..", self.top])]
        elif odd == 5:
            self.env["HOME"] = ""
            self.lose_home()
        elif odd == 6:
            del self.env["HOME"]
            self.lose_home()

    def rewrite(self, text):
        with open(self.file, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        self.lines = text.split("\n")

    def lose_home(self):
        if self.file and self.file.startswith(self.home):
            self.file, self.lines = None, []

    def script(self):
        # Not sh's: what it exports by itself (PWD, OLDPWD) is not part of a configuration.
        words = ["/usr/bin/env", "-i"] + [f"{k}={v}" for k, v in self.env.items()]
        words += [os.path.join(self.goroot, "bin", "go"), *self.args, "env", "-json"]
        quoted = " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)
        return f"cd '{self.dir}' && {quoted} > '{self.top}/env.json' 2> '{self.top}/env.err'; :\n"


def roots(version, goroot, top):
    """The toolchain, and since 1.21 the same one with another go.env."""
    if minor(version) < 21:
        return [goroot]
    other = os.path.join(top, "root-" + version)
    os.makedirs(os.path.join(other, "bin"))
    for name in os.listdir(goroot):
        if name not in ("bin", "go.env"):
            os.symlink(os.path.join(goroot, name), os.path.join(other, name))
    shutil.copy(os.path.join(goroot, "bin", "go"), os.path.join(other, "bin", "go"))
    write(os.path.join(other, "go.env"), "# ours\nGOPROXY=https://one.example.com\nGOPROXY=https://two.example.com\n"
          "GOSUMDB=sum.golang.org\nGOROOT=/no/such/root\nGOTOOLCHAIN=local\nGOFLAGS=-modcacherw\nGOPRIVATE=go.env.example\n")
    return [goroot, other]


def settings_of(record, *options):
    done = subprocess.run([lib.TOOL, "env", "--json", *options, record], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lib.equal(done.returncode, 0, f"status of goenvbpf env: {done.stderr[-300:]}")
    return lib.answer("env", done.stdout)["commands"]


def last_line(config, name):
    """What the user's file says of a name: (value, line), or nothing."""
    found = [(line.split("=", 1)[1], n) for n, line in enumerate(config.lines, 1) if line.split("=")[0] == name]
    return found[-1] if found else None


def origins(config, command):
    """The origins that follow from how the configuration was made."""
    wrong = []
    for name, have in command["settings"].items():
        if name not in VALUES or name == "GODEBUG":
            continue
        in_env, in_file = config.env.get(name), last_line(config, name)
        if name == "CGO_ENABLED":       # anything but 0 and 1 counts as unset
            in_env = in_env if in_env in ("0", "1") else None
            in_file = in_file if in_file and in_file[0] in ("0", "1") else None
        got = (have["origin"], have.get("path"), have.get("line"))
        want = ("environment", None, None) if in_env else \
               ("env file", config.file, in_file[1]) if in_file and in_file[0] else None
        if want and got != want:
            wrong.append(f"{name}: origin {got}, made as {want}")
        if not want and got[0] not in ("default", "go.env"):
            wrong.append(f"{name}: origin {got}, made as default")
        hidden = [s for s in have["shadowed"] if s["origin"] == "env file"]
        if in_env and in_file and in_file[0] and [(s["value"], s["line"]) for s in hidden] != [in_file]:
            wrong.append(f"{name}: hides {hidden}, made as {in_file}")
        if have["confidence"] == "proven" and not have["proof"]:
            wrong.append(f"{name}: proven by nothing")
    return [f"go {config.version} number {config.number}: {w}" for w in wrong]


def shown(version, name, value):
    """How go env writes what counts: GOROOT with the slash that it was given, CC by its first word, flags quoted anew."""
    if name == "GOROOT" and value:
        return value.rstrip("/")
    if name in ("CC", "CXX") and minor(version) < 18 and value:
        return value.split()[0]
    if name == "PKG_CONFIG" or name.startswith("CGO_") and name.endswith("FLAGS"):
        return " ".join((value or "").replace('"', "").replace("'", "").split())
    return value


def compare(config, command, text):
    """Differences, as text."""
    wrong = []
    for name, want in json.loads(text).items():
        have = command["settings"].get(name)
        if name in EXCEPTIONS and (not have or have["confidence"] != "proven"):
            continue
        if have is None:
            wrong.append(f"{name}: missing, go has {want!r}")
        elif have["value"] == "[redacted]" and want.endswith("\r"):
            continue            # a word of GOAUTH with it is none that is known
        elif shown(config.version, name, have["value"]) != shown(config.version, name, want):
            wrong.append(f"{name}: {have['value']!r} ({have['origin']}, {have['confidence']}), go has {want!r}")
    return [f"go {config.version} number {config.number}: {w}" for w in wrong]


def test_go_env():
    found = toolchains()
    seed = int(os.environ.get("GOENVBPF_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
    rng, top = random.Random(seed), os.path.realpath(".")
    configs = []
    for version, goroot in found.items():
        choice = roots(version, goroot, top)
        configs += [Config(rng, top, version, choice[i % len(choice)], i) for i in range(PER_VERSION)]
    write("all.sh", "".join(c.script() for c in configs))
    done = lib.run(["sh", "all.sh"], timeout=test_go_env.limit)
    lib.equal(done.status, 0, lib.said(done))
    by_cwd = {c["cwd"]: c for c in settings_of(done.path) if c["args"][-2:] == ["env", "-json"]}
    wrong, compared, refused = [], 0, 0
    for c in configs:
        text = lib.read(os.path.join(c.top, "env.json"))
        if not text.strip():
            refused += 1        # go itself refuses the configuration
            continue
        lib.check(c.cwd in by_cwd, f"go {c.version} number {c.number} is not in the answer")
        wrong += compare(c, by_cwd[c.cwd], text)
        if c.number % 7 != 4:
            wrong += origins(c, by_cwd[c.cwd])
        compared += 1
    lib.check(not wrong, f"seed {seed}: {len(wrong)} differences:\n" + "\n".join(wrong[:40]))
    lib.check(compared >= LEAST, f"seed {seed}: only {compared} of {len(configs)} configurations could be compared")
    return f"{compared} configurations of {len(found)} versions equal, {refused} refused by go, seed {seed}"


test_go_env.limit = 600 if lib.LONG else 180


# --- go build: what the tools were given, flags, files that are not in the record ---

MAIN = "package main\n\nfunc main() { println(1) }\n"


def build(name, goroot, *args, env=None, mod="module example.org/m\n\ngo 1.21\n", file=None, shell=None):
    """goenvbpf run of one go build; its answer to env --json, the last go command of it."""
    top = os.path.realpath(name)
    write(os.path.join(top, "m", "go.mod"), mod)
    write(os.path.join(top, "m", "main.go"), MAIN)
    if file:
        write(os.path.join(top, "home", ".config", "go", "env"), file)
    os.makedirs(os.path.join(top, "home"), exist_ok=True)
    clean = {"HOME": os.path.join(top, "home"), "PATH": os.environ["PATH"], "GOCACHE": lib.GOCACHE, **(env or {})}
    go = os.path.join(goroot, "bin", "go")
    command = ["sh", "-c", shell, "sh", go] if shell else [go, "build", *args, "-o", os.path.join(top, "x"), "."]
    done = lib.run(command, record=os.path.join(top, "rec.jsonl"), env=clean, cwd=os.path.join(top, "m"))
    lib.equal(done.status, 0, lib.said(done))
    return settings_of(done.path)


def has(command, name, **want):
    got = command["settings"].get(name)
    lib.check(got, f"no {name} in {command['args']}")
    for key, value in want.items():
        lib.equal(got.get(key), value, f"{key} of {name} in {command['args'][:4]}")
    return got


def test_flags():
    """GOFLAGS of the file, one of its words overridden by the command line."""
    goroot = toolchains()["1.22"]
    command = build("flags", goroot, "-tags=b", "-trimpath", file="# x\nGOFLAGS=-tags=a -modcacherw -buildvcs=false\n",
                    env={"GOPROXY": "off", "GOTOOLCHAIN": "local"})[-1]
    path = os.path.realpath("flags/home/.config/go/env")
    has(command, "GOFLAGS", origin="env file", path=path, line=2, confidence="proven")
    tags = has(command, "-tags", value="b", origin="command line")
    lib.equal([(s["value"], s["origin"], s["line"]) for s in tags["shadowed"]], [("a", "env file", 2)], "what -tags hides")
    has(command, "-modcacherw", value="true", origin="env file", line=2, via="GOFLAGS")
    has(command, "-trimpath", value="true", origin="command line")
    has(command, "GOPROXY", value="off", origin="environment", confidence="proven")
    has(command, "DefaultGODEBUG", origin="go.mod", path=os.path.realpath("flags/m/go.mod"), line=3, confidence="likely")
    lib.equal({k["from"] for k in command["godebug"]}, {"what the version of the go line still did"}, "what asked for GODEBUG")
    lib.equal({k["line"] for k in command["godebug"]}, {3}, "the line")
    lib.equal(command["godebug_file"], os.path.realpath("flags/m/go.mod"), "its file")


def test_godebug():
    """GODEBUG of what is built: each key with the line that asked for it, go.work's in a workspace."""
    goroot = toolchains()["1.26"]
    mod = "module example.org/m\n\ngo 1.24\n\ngodebug (\n\tpanicnil=1\n\tdefault=go1.21\n)\n"
    env = {"GOPROXY": "off", "GOTOOLCHAIN": "local"}
    alone = build("alone", goroot, env=env, mod=mod)[-1]
    keys = {k["key"]: k for k in alone["godebug"]}
    lib.equal(",".join(f"{k['key']}={k['value']}" for k in alone["godebug"]), alone["settings"]["DefaultGODEBUG"]["value"], "the whole")
    lib.equal((keys["panicnil"]["from"], keys["panicnil"]["line"]), ("a godebug line", 6), "panicnil")
    rest = {(k["from"], k["line"]) for k in alone["godebug"] if k["key"] != "panicnil"}
    lib.equal(rest, {("what the version of a default line still did", 7)}, "all others")
    lib.check(all(k["changed"] for k in alone["godebug"]), "none is as the toolchain would have it:", keys)
    # A workspace: what go.mod says does not count.
    write("space/go.work", "go 1.26\n\nuse ./m\n\ngodebug http2client=0\n")
    both = build("space", goroot, env=env, mod=mod)[-1]
    lib.equal([(k["key"], k["from"], k["line"]) for k in both["godebug"]], [("http2client", "a godebug line", 5)], "in a workspace")
    lib.equal(both["godebug_file"], os.path.realpath("space/go.work"), "its file")
    # Nothing to say where the go line is the toolchain's.
    none = build("none", goroot, env=env, mod="module example.org/m\n\ngo 1.26\n")[-1]
    lib.equal((none["godebug"], "DefaultGODEBUG" in none["settings"]), ([], False), "without any")


def test_tools():
    """What the tools received, the rules and go env: three times the same, under every version."""
    found = toolchains()
    text = "GOFLAGS=-tags=one\nGOPROXY=https://file.example.com\nGOPRIVATE=corp.example.com\nGOAMD64=v2\nCGO_ENABLED=0\n" \
           "export GONOPROXY=bad\nGOINSECURE=a.example.com\nGOINSECURE=b.example.com\n"
    write("home/.config/go/env", text)
    script = ""
    for version, goroot in found.items():
        write(f"{version}/go.mod", "module example.org/m\n\ngo 1.15\n")
        write(f"{version}/m.go", "package m\n\nfunc F() int { return 1 }\n")
        script += f"cd {os.path.realpath(version)}\n{goroot}/bin/go env -json > env.json\n{goroot}/bin/go build . || exit 1\n"
    write("all.sh", script)
    done = lib.run(["sh", "all.sh"], env={"HOME": os.path.realpath("home"), "PATH": os.environ["PATH"], "GOCACHE": lib.GOCACHE,
                                          "GOPROXY": "direct", "GOPRIVATE": "", "GOTOOLCHAIN": "local", "CGO_CFLAGS": "-O1"})
    lib.equal(done.status, 0, lib.said(done))
    both = {}
    for command in settings_of(done.path):
        both.setdefault(command["cwd"], []).append(command)
    lib.equal(len(both), len(found), "folders")
    exported = 0
    for cwd, commands in both.items():
        lib.equal([c["args"][1] for c in commands], ["env", "build"], cwd)
        settings = commands[1]["settings"]
        for name, want in json.loads(lib.read(os.path.join(cwd, "env.json"))).items():
            if name in ("GOGCCFLAGS", "CXX", "CC", "PKG_CONFIG") and settings[name]["confidence"] != "proven":
                continue
            lib.equal(settings[name]["value"], want, f"{name} of {commands[1]['version']}")
            lib.check("by_rule" not in settings[name], f"{name} of {commands[1]['version']} disagrees: {settings[name]}")
            exported += settings[name]["confidence"] == "proven"
        has(commands[1], "GOPROXY", value="direct", origin="environment")
        has(commands[1], "GOINSECURE", value="b.example.com", origin="env file", line=8, confidence="proven")
        has(commands[1], "GOPRIVATE", value="corp.example.com", origin="env file", line=3, empty_in_environment=True)
        has(commands[1], "CC", confidence="proven")
    return f"{exported} settings of {len(both)} versions proven and equal"


def test_not_captured():
    """A settings file that is not in the record: what it set is known from the tools, as likely."""
    goroot = toolchains()["1.24"]
    # Longer than the 4 MiB that are recorded of such a file.
    command = build("gone", goroot, env={"GOENV": "my.env", "GOTOOLCHAIN": "local"},
                    shell='{ printf "GOPROXY=off\\nGOFLAGS=-buildvcs=false\\n#"; head -c 5000000 /dev/zero | tr "\\0" x; } '
                          '> my.env; "$1" build -o x .')[-1]
    lib.equal([f["state"] for f in command["files"] if f["kind"] == "env file"], ["not captured"], "state of the file")
    has(command, "GOPROXY", value="off", origin="env file", confidence="likely", line=None)
    has(command, "GOFLAGS", value="-buildvcs=false", origin="env file", confidence="likely")
    has(command, "CGO_CFLAGS", confidence="likely")        # tools do not get it: it may be in the file
    has(command, "GOCACHE", origin="environment", confidence="proven")


def test_switch():
    """A go that runs another one in the same process, because of go.mod or of GOTOOLCHAIN."""
    found = toolchains()
    newer = lib.read(os.path.join(found["1.26"], "VERSION")).split()[0]
    os.makedirs("path")
    write("path/" + newer, f"#!/bin/sh\nexec '{found['1.26']}/bin/go' \"$@\"\n", 0o755)
    path = os.path.realpath("path") + ":" + os.environ["PATH"]
    mod = f"module example.org/m\n\ngo 1.21\n\ntoolchain {newer}\n"
    commands = build("mod", found["1.24"], env={"PATH": path, "GOTOOLCHAIN": "path"}, mod=mod, file="GOFLAGS=-buildvcs=false\n")
    lib.equal([c["version"] for c in commands][-1], newer, "the second go")
    got = has(commands[-1], "GOVERSION", value=newer, origin="go.mod", line=5, confidence="proven", changed=True)
    lib.equal(got["shadowed"][0]["value"], commands[0]["version"], "the first go's version")
    has(commands[-1], "GOTOOLCHAIN", value="path", origin="environment")
    has(commands[-1], "GOFLAGS", origin="env file", line=1, confidence="proven")
    commands = build("name", found["1.24"], env={"PATH": path, "GOTOOLCHAIN": newer, "GOFLAGS": "-buildvcs=false"})
    has(commands[-1], "GOVERSION", value=newer, origin="environment", via="GOTOOLCHAIN", confidence="proven")
