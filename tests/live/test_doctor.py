# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""doctor: what it says works is what a capture then does."""
import json
import os
import subprocess

import lib
from lib import check, equal

REQUIRED = ("files", "fork", "exec", "exit")
# Options of the kernel's configuration, and what is impossible without each.
OPTIONS = {
    "config.bpf": ("BPF_SYSCALL", "ring", "tp_btf.fork", "tracepoint.fork"),
    "config.events": ("BPF_EVENTS", "tp_btf.fork", "tracepoint.fork"),
    "config.types": ("DEBUG_INFO_BTF", "types"),
    "config.jit": ("BPF_JIT", "fexit.files"),
    "config.symbols": ("KALLSYMS", "fexit.files"),
    "config.direct": ("DYNAMIC_FTRACE_WITH_DIRECT_CALLS", "fexit.files"),
    "config.cgroup": ("CGROUPS", "cgroup"),
    "config.fanotify": ("FANOTIFY", "fanotify"),
}
# In a mount namespace: the configuration is $1 alone, or there is none.
WITH_CONFIG = """
[ ! -e /proc/config.gz ] || mount --bind /dev/null /proc/config.gz || exit 99
for dir in /boot /lib/modules; do
	[ ! -d $dir ] || mount -t tmpfs none $dir || exit 99
done
[ -z "$1" ] || cp "$1" "/boot/config-$(uname -r)" || exit 99
shift
exec "$@"
"""
WITHOUT_PRIVILEGES = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")


def doctor(*args, before=()):
    return subprocess.run([*before, lib.TOOL, "doctor", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)


def test_tier_is_what_a_capture_takes():
    done = doctor("--json")
    equal(done.returncode, 0, done.stderr)
    answer = lib.answer("doctor", done.stdout)
    found = {c["name"]: c for c in answer["capabilities"]}
    for c in answer["capabilities"]:
        equal(set(c), {"name", "ok", "detail", "remedy"}, "keys")
        check(c["ok"] == (c["remedy"] is None), f"{c['name']}: a remedy exactly when it is needed")
    for name in REQUIRED:
        check(found[f"{answer['tier']}.{name}"]["ok"], f"{name} of the chosen tier")
    for name in ("kernel", "privileges", "types", "lockdown", "ring", "memlock", "fanotify", "tracefs", "cgroup",
                 "config"):
        check(found[name]["detail"], name)
    subprocess.run([lib.TOOL, "run", "-q", "-o", "r.jsonl", "--", "true"], check=True)
    equal(lib.Record("r.jsonl").header["hooks"]["tier"], answer["tier"], "tier of a capture")


def test_a_tier_is_refused_exactly_when_doctor_says_so():
    found = {c["name"]: c["ok"] for c in lib.answer("doctor", doctor("--json").stdout)["capabilities"]}
    for tier in ("fexit", "tp_btf", "tracepoint"):
        works = all(found[f"{tier}.{name}"] for name in REQUIRED)
        done = subprocess.run([lib.TOOL, "run", "-q", "--hooks", tier, "-o", f"{tier}.jsonl", "--", "true"],
                              stderr=subprocess.PIPE, text=True)
        equal(done.returncode == 0, works, f"{tier} works ({done.stderr})")


def test_text_has_a_line_for_each():
    names = [c["name"] for c in lib.answer("doctor", doctor("--json").stdout)["capabilities"]]
    lines = doctor().stdout.splitlines()
    equal([line[4:].split()[0] for line in lines if line[:3] in ("ok ", "no ")], names, "names in the text")
    check(lines[-1].startswith("tier: "), lines[-1])


def test_without_privileges():
    done = doctor("--json", before=WITHOUT_PRIVILEGES)
    answer = lib.answer("doctor", done.stdout)
    equal((done.returncode, answer["tier"]), (1, None), "status and tier")
    refused = {c["name"]: c["remedy"] for c in answer["capabilities"] if not c["ok"]}
    check("sudo" in refused["privileges"], refused)
    check("hooks" in refused, refused)


def configured(text, before=()):
    """The capabilities by name with a kernel configuration of that text; None: without any."""
    if not os.path.isdir("/boot"):
        raise lib.Skip("no /boot")
    if text is not None:
        with open("config", "w", encoding="ascii") as f:
            f.write(text)
    done = doctor("--json", before=("unshare", "--mount", "sh", "-c", WITH_CONFIG, "sh",
                                    "config" if text is not None else "", *before))
    check(done.returncode in (0, 1), done.stderr)
    return {c["name"]: c for c in lib.answer("doctor", done.stdout)["capabilities"]}


def held_against(found):
    """What the configuration is blamed for must not work."""
    for name, (option, *impossible) in OPTIONS.items():
        works = any(found[c]["ok"] for c in impossible if c in found)
        equal(name in found, not works, f"{name} although {', '.join(impossible)}")
        if name in found:
            equal((found[name]["ok"], found[name]["detail"]), (False, f"CONFIG_{option} is not set"), name)


def test_configuration_explains_what_does_not_work():
    path = f"/boot/config-{os.uname().release}"
    off = "".join(f"# CONFIG_{option} is not set\n" for option, *_ in OPTIONS.values())
    found = configured("CONFIG_64BIT=y\n" + off)
    equal((found["config"]["ok"], found["config"]["detail"]), (True, path), "config")
    held_against(found)
    found = configured("CONFIG_64BIT=y\n", before=WITHOUT_PRIVILEGES)
    check("hooks" in found and "config.events" in found, "what could not be tried may be impossible")
    held_against(found)


def test_configuration_that_lacks_nothing():
    found = configured("".join(f"CONFIG_{option}=y\n" for option, *_ in OPTIONS.values()))
    equal(found["config"]["detail"], f"/boot/config-{os.uname().release}: lacks nothing", "config")
    equal([name for name in found if name.startswith("config.")], [], "options to blame")


def test_configuration_that_is_not_to_be_read():
    for text in (None, "", "not a configuration\n"):
        found = configured(text)
        check(found["config"]["ok"] and "no readable file" in found["config"]["detail"], found["config"])
        equal([name for name in found if name.startswith("config.")], [], "options to blame")


def test_remedies_fit_a_terminal():
    remedies = [line for line in doctor(before=WITHOUT_PRIVILEGES).stdout.splitlines() if line.startswith("    ")]
    check(len(remedies) > 3, remedies)
    equal([line for line in remedies if len(line) > 80], [], "longer than 80 columns")
    check(any("without build information" in line for line in remedies), "to the end", remedies)


def test_usage():
    equal(doctor("--bad").returncode, 2, "unknown option")
    equal(doctor("more").returncode, 2, "an argument")


def test_the_best_variant_is_taken():
    """States are kept with the tasks in every tier that works here: a program that does not load must not make it another variant."""
    release = lib.kernel()
    found = json.loads(doctor("--json").stdout)
    works = {one["name"] for one in found["capabilities"] if one["ok"]}
    if release < (5, 11) or "pids" not in works:
        raise lib.Skip("states are kept in a hash here")
    for tier in ("fexit", "tp_btf", "tracepoint"):
        if not {f"{tier}.{hook}" for hook in REQUIRED} <= works:
            continue
        done = subprocess.run([lib.TOOL, "run", "-q", "--force", "--hooks", tier, "-o", "rec.jsonl", "--", "true"], check=True)
        equal(done.returncode, 0, tier)
        equal(lib.Record("rec.jsonl").header["hooks"]["states"], "task", f"states of {tier}")
