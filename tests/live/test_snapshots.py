# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What was in the files that were used: each that was opened to read has its text, or a line that says why not."""
import os
import subprocess
import sys

import lib
import workload
from lib import check, equal, said
from test_cache import goroot, go_env

GO_MOD = "module example.org/app\n\ngo 1.22\n"
MAIN = "package main\n\nfunc main() { println(1) }\n"


def env_of(version="1.26", **more):
    env = go_env(goroot(version), **more)
    os.makedirs("home", exist_ok=True)
    return {k: v for k, v in env.items() if v is not None}


def app():
    workload.write("m/go.mod", GO_MOD)
    workload.write("m/main.go", MAIN)


def library():
    """Packages that need no other one: their compilers end within milliseconds."""
    workload.write("m/go.mod", "module example.org/lib\n\ngo 1.18\n")
    workload.write("m/leaf/l.go", "package leaf\n\nconst L = 1\n")
    for name in ("money", "api"):
        workload.write(f"m/{name}/x.go", f'package {name}\n\nimport "example.org/lib/leaf"\n\nconst X = leaf.L\n')


def was_read(line):
    return line["k"] == "open" and "err" not in line and "RDONLY" in line["flags"] and \
        not {"DIRECTORY", "PATH"} & set(line["flags"])


def texts(record, name):
    """{path: [(text or None, why)]} of all file lines whose path ends in /name."""
    found = {}
    for line in record.kind("file"):
        if line["path"].endswith("/" + name):
            found.setdefault(line["path"], []).append((line.get("text"), line.get("error")))
    return found


class Spinners:
    """As many as there are CPUs, and one more: whoever yields to them comes late."""

    def __enter__(self):
        self.procs = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
                      for _ in range(os.cpu_count() + 1)]

    def __exit__(self, *_):
        for proc in self.procs:
            proc.kill()
            proc.wait()


def test_importcfg_under_load():
    """On a busy machine, of compilers that end at once: nearly all; and of none nothing is said."""
    library()
    env, opened, with_text = env_of(), 0, 0
    with Spinners():
        for i in range(8):
            result = lib.run(["go", "build", "-a", "./..."], record=f"{i}.jsonl", cwd="m", env=env)
            reads = {(line["proc"], line["path"]) for line in result.record.lines
                     if was_read(line) and line["path"].endswith("/importcfg")}
            told = {(line["proc"], line["path"]): line for line in result.record.kind("file")
                    if line.get("what") == "importcfg"}
            equal(set(told), reads, "importcfg files that have a line")
            check(len(reads) == 3, f"{len(reads)} compilers")
            for line in told.values():
                check("incomplete" in line or line["text"].startswith("# import config\n"), line)
            opened += len(reads)
            with_text += sum("incomplete" not in line for line in told.values())
    lib.verify(result.record)
    check(with_text >= 0.9 * opened, f"{with_text} of {opened} importcfg files have their text")
    return f"{with_text} of {opened}"


def test_link_and_vet():
    """The linker's list in full; of vet's configuration the head, marked as such when it is longer."""
    app()
    workload.write("m/main_test.go", "package main\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n")
    result = lib.run(["go", "test", "-count=1", "."], cwd="m", env=env_of(GOCACHE=lib.GOCACHE), timeout=300)
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    kinds = {line["what"]: line for line in result.record.kind("file")}
    check(kinds["importcfg.link"]["text"].count("packagefile ") > 50, kinds["importcfg.link"])
    vet = kinds["vet.cfg"]
    check('"ImportPath": "example.org/app' in vet["text"] and len(vet["text"]) <= 4096, vet)
    equal("incomplete" in vet, vet["size"] > len(vet["text"]), "incomplete")


def test_which_go_mod():
    """-modfile on the command line, in GOFLAGS, in the env file: the file in effect, whatever its name."""
    app()
    workload.write("m/tools.mod", GO_MOD + "\ngodebug http2server=0\n")
    workload.write("m/other.mod", "not for go\n")
    workload.write("m/env.conf", "GOFLAGS=-modfile=tools.mod\n")
    ways = {"argument": (["-modfile=tools.mod"], {}), "two": (["-modfile", "tools.mod"], {}),
            "goflags": ([], {"GOFLAGS": "-modfile=tools.mod"}),
            "file": ([], {"GOENV": os.path.abspath("m/env.conf"), "GOFLAGS": None})}
    for name, (args, more) in ways.items():
        result = lib.run(["sh", "-c", 'cat other.mod >/dev/null; exec go list "$@" .', "sh"] + args, record=f"{name}.jsonl",
                         cwd="m", env=env_of(**more))
        equal(result.status, 0, said(result))
        found = [(line["what"], line["text"]) for line in result.record.kind("file")
                 if line["path"].endswith("/tools.mod")]
        equal(found, [("go.mod", lib.read("m/tools.mod"))], f"{name}: tools.mod")
        equal(texts(result.record, "other.mod"), {}, f"{name}: a file that no go command read")
    lib.verify(result.record)
    conf = [line for line in result.record.kind("file") if line["path"].endswith("/env.conf")]
    equal([line["what"] for line in conf], ["go/env"], "env.conf")


def test_which_go_work():
    """GOWORK in the environment and in the env file."""
    app()
    workload.write("dev.work", "go 1.22\n\nuse ./m\n")
    workload.write("env.conf", f"GOWORK={os.path.abspath('dev.work')}\n")
    for name, more in (("environment", {"GOWORK": os.path.abspath("dev.work")}),
                       ("file", {"GOENV": os.path.abspath("env.conf")}), ("off", {"GOWORK": "off"})):
        result = lib.run(["go", "list", "."], record=f"{name}.jsonl", cwd="m", env=env_of(**more))
        equal(result.status, 0, said(result))
        found = [(line["what"], line["text"]) for line in result.record.kind("file")
                 if line["path"].endswith("/dev.work")]
        equal(found, [] if name == "off" else [("go.work", lib.read("dev.work"))], f"{name}: dev.work")


def test_env_file_written_again_and_again():
    """Written and read within a tick of the clock: each command has the text that it read."""
    app()
    env = env_of(GOFLAGS=None, GOENV=None)
    script = "for i in $(seq 10 39); do go env -w GOFLAGS=-tags=t$i; go env GOFLAGS; done"
    result = lib.run(["sh", "-c", script], cwd="m", env=env)
    equal((result.status, result.out.split()), (0, [f"-tags=t{i}" for i in range(10, 40)]), said(result))
    lib.verify(result.record)
    args = {line["proc"]: line["args"] for line in result.record.kind("exec") if line["args"][:2] == ["go", "env"]}
    lines = [line for line in result.record.kind("file") if line["what"] == "go/env"]
    written = [line for line in lines if line.get("written")]
    equal(len(written), 30, "lines of writers")
    check(all(args[line["proc"]][2] == "-w" for line in written), "a line of a writer belongs to another process")
    opens = [line for line in result.record.kind("open") if line["path"].endswith("/go/env") and "err" not in line]
    readers = [line for line in opens if args.get(line["proc"], [""] * 3)[2] == "GOFLAGS"]
    equal(len(readers), 30, "opens of readers")
    unsure = 0
    for i, reader in enumerate(readers):
        # The last text of before: what has not changed is not written down again.
        text = max((line for line in lines if line["ts"] <= reader["ts"] and not line.get("written")),
                   key=lambda line: line["ts"])
        if "incomplete" in text or any(not was_read(line) and text["ts"] < line["ts"] < text["taken"] for line in opens):
            unsure += 1
        else:
            equal(text["text"], f"GOFLAGS=-tags=t{i + 10}\n", f"what reader {i} read")
    check(unsure <= 10, f"of {unsure} of {len(readers)} readers the text is not sure")
    return f"{len(readers) - unsure} of {len(readers)}"


def test_telemetry_mode():
    """GOTELEMETRY is a file's text."""
    app()
    env = env_of()
    workload.write("home/.config/go/telemetry/mode", "off 2024-01-01")
    result = lib.run(["go", "env", "GOTELEMETRY"], cwd="m", env=env)
    equal((result.status, result.out), (0, "off\n"), said(result))
    lib.verify(result.record)
    found = texts(result.record, "telemetry/mode")
    equal(found, {os.path.abspath("home/.config/go/telemetry/mode"): [("off 2024-01-01", None)]}, "snapshots")


def test_gone_and_changed():
    """A file that is removed or replaced right after it was opened: read at once, or said not to be it."""
    workload.write("go.mod", "module one\n")
    script = "exec 3<go.mod; rm go.mod; exec 3<&-; echo module two > go.mod; exec 3<go.mod; exec 3<&-; rm go.mod"
    result = lib.run(["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo module one > go.mod; " + script + "; done"])
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    opens = [line for line in result.record.kind("open") if was_read(line) and line["path"].endswith("/go.mod")]
    lines = {line["ts"]: line for line in result.record.kind("file") if not line.get("written")}
    equal(len(opens), 18, "opens")
    for i, line in enumerate(opens):
        got = lines.get(line["ts"])
        check(got, f"open {i} has no line")
        right = got.get("text") == ("module one\n", "module two\n")[i % 2]
        check("incomplete" in got or right, f"open {i}: {got}")
    return f"{sum('incomplete' not in line for line in lines.values())} of {len(opens)} texts"


def test_entries():
    """An entry that is malformed is a miss to go; it has a line, as has every sound one."""
    app()
    env = env_of()
    for name in ("cold", "warm", "broken"):
        if name == "broken":
            keys = {line["action"]: line for line in warm.record.kind("cache") if line.get("package") == "runtime"}
            equal(len(keys), 1, "entries of runtime")
            key = next(iter(keys))
            os.truncate(f"gocache/{key[:2]}/{key}-a", 100)
        warm = lib.run(["go", "build", "-o", "/dev/null", "."], record=f"{name}.jsonl", cwd="m", env=env, timeout=300)
        equal(warm.status, 0, said(warm))
    lib.verify(warm.record)
    found = [line.get("broken") for line in warm.record.kind("cache") if line["action"] == key]
    check("malformed" in found, f"{key}: {found}")
    looked_up = {line["path"] for line in warm.record.lines if was_read(line) and line["path"].endswith("-a")}
    equal({line["path"] for line in warm.record.kind("cache")} & looked_up, looked_up, "entries that have a line")


test_importcfg_under_load.limit = test_link_and_vet.limit = test_entries.limit = 600
