# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""doctor: what it says works is what a capture then does."""
import json
import subprocess

import lib
from lib import check, equal

REQUIRED = ("files", "fork", "exec", "exit")


def doctor(*args, before=()):
    return subprocess.run([*before, lib.TOOL, "doctor", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)


def test_tier_is_what_a_capture_takes():
    done = doctor("--json")
    equal(done.returncode, 0, done.stderr)
    answer = json.loads(done.stdout)
    found = {c["name"]: c for c in answer["capabilities"]}
    for c in answer["capabilities"]:
        equal(set(c), {"name", "ok", "detail", "remedy"}, "keys")
        check(c["ok"] == (c["remedy"] is None), f"{c['name']}: a remedy exactly when it is needed")
    for name in REQUIRED:
        check(found[f"{answer['tier']}.{name}"]["ok"], f"{name} of the chosen tier")
    for name in ("kernel", "privileges", "types", "lockdown", "ring", "memlock", "fanotify", "tracefs", "cgroup"):
        check(found[name]["detail"], name)
    subprocess.run([lib.TOOL, "run", "-q", "-o", "r.jsonl", "--", "true"], check=True)
    equal(lib.Record("r.jsonl").header["hooks"]["tier"], answer["tier"], "tier of a capture")


def test_a_tier_is_refused_exactly_when_doctor_says_so():
    found = {c["name"]: c["ok"] for c in json.loads(doctor("--json").stdout)["capabilities"]}
    for tier in ("fexit", "tp_btf", "tracepoint"):
        works = all(found[f"{tier}.{name}"] for name in REQUIRED)
        done = subprocess.run([lib.TOOL, "run", "-q", "--hooks", tier, "-o", f"{tier}.jsonl", "--", "true"],
                              stderr=subprocess.PIPE, text=True)
        equal(done.returncode == 0, works, f"{tier} works ({done.stderr})")


def test_text_has_a_line_for_each():
    names = [c["name"] for c in json.loads(doctor("--json").stdout)["capabilities"]]
    lines = doctor().stdout.splitlines()
    equal([line[4:].split()[0] for line in lines if line[:3] in ("ok ", "no ")], names, "names in the text")
    check(lines[-1].startswith("tier: "), lines[-1])


def test_without_privileges():
    done = doctor("--json", before=("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"))
    answer = json.loads(done.stdout)
    equal((done.returncode, answer["tier"]), (1, None), "status and tier")
    refused = {c["name"]: c["remedy"] for c in answer["capabilities"] if not c["ok"]}
    check("sudo" in refused["privileges"], refused)
    check("hooks" in refused, refused)


def test_usage():
    equal(doctor("--bad").returncode, 2, "unknown option")
    equal(doctor("more").returncode, 2, "an argument")
