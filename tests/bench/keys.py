#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
How many keys of packages are computed as go does: records of real builds into empty caches (the standard library; a
module with cgo and a program), per Go version: equal, other, and not computable, with the reasons. As root. Prints a
Markdown table; --check exits with 1 when a key cannot be computed, or is another one than go's.

  tests/bench/keys.py [--version V]... [--what std|module]... [--args FLAG]... [--set NAME=VALUE]... [--list] [--check]
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
TOOL = os.path.join(TOP, "build", "goenvbpf")
MODULE = {
    "go.mod": "module example.org/shop\n\ngo 1.18\n",
    "leaf/l.go": "package leaf\n\nconst L = 1\n",
    "c/c.go": 'package c\n\n// int f(void);\nimport "C"\n\nfunc F() int { return int(C.f()) }\n',
    "c/f.c": "int f(void) { return 3; }\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\n\t"example.org/shop/c"\n\t"example.org/shop/leaf"\n)\n\n'
               "func main() { fmt.Println(c.F(), leaf.L) }\n",
}


def build(work, version, what, args, more):
    root = subprocess.run([os.path.join(TOP, "scripts", "toolchains.sh"), version], stdout=subprocess.PIPE, check=True,
                          text=True).stdout.strip()
    cwd = f"{work}/{what}-{version}"
    for name, text in MODULE.items():
        os.makedirs(os.path.dirname(f"{cwd}/{name}"), exist_ok=True)
        with open(f"{cwd}/{name}", "w", encoding="utf-8") as out:
            out.write(text)
    env = {"PATH": f"{root}/bin:{os.environ['PATH']}", "HOME": cwd + "/home", "GOCACHE": cwd + "/cache", "GOTOOLCHAIN": "local",
           "GOPROXY": "off", "GOFLAGS": ""}
    env.update(word.split("=", 1) for word in more)
    record = cwd + ".jsonl"
    subprocess.run([TOOL, "run", "-q", "-o", record, "--", "go", "build", *args, "std" if what == "std" else "./..."], cwd=cwd,
                   env=env, check=True)
    done = subprocess.run([TOOL, "diff", "--json", record, record], stdout=subprocess.PIPE, check=True)
    subprocess.run(["chmod", "-R", "u+w", cwd], check=True)
    subprocess.run(["rm", "-rf", cwd], check=True)
    return json.loads(done.stdout)["keys"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", action="append")
    parser.add_argument("--args", action="append", default=[])
    parser.add_argument("--set", action="append", default=[], help="a variable of go's environment")
    parser.add_argument("--what", action="append", choices=["std", "module"])
    parser.add_argument("--keep", help="folder for the records")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    wrong = 0
    print("| Go | build | equal | other | not computable |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="goenvbpf-bench-") as work:
        for version in options.version or ["1.22", "1.24", "1.26", "1.27"]:
            for what in options.what or ["std", "module"]:
                keys = build(options.keep or work, version, what, options.args, options.set)
                wrong += keys["new"]["other"] + keys["new"]["unknown"]
                open_ = [k for k in keys["open"] if not k.get("in_old")]
                why = collections.Counter(k["missing"] for k in open_ if "missing" in k)
                print(f"| {version} | {what} | {keys['new']['equal']} | {keys['new']['other']} | {keys['new']['unknown']} "
                      + ("(" + "; ".join(f"{n}: {text}" for text, n in why.most_common()) + ") " if why else "") + "|", flush=True)
                for key in open_ if options.list else ():
                    print(" ", key["package"], key.get("missing", "(other)"))
    if options.check and wrong:
        sys.exit("keys are not computed as go does")
    if options.check:
        print("1 passed, 0 failed, 0 skipped")


if __name__ == "__main__":
    main()
