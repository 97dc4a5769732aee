#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Manual pages and completion are whole: every verb, option, rule, kind and key is in its page as a reader
sees it, mandoc finds no error, and the shells themselves complete what the tables have.

  tests/manual.py FOLDER      FOLDER: where "make doc" wrote man/ and completion/, with goenvbpf beside

Prints TAP.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

OUT = os.path.abspath(sys.argv[1])
TOOL = os.path.join(OUT, "goenvbpf")
results = []


def say(*args):
    return subprocess.run([TOOL, *args], stdout=subprocess.PIPE, check=True).stdout.decode()


def shown(page):
    """As a reader sees it, in one line, which no margin breaks."""
    text = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=1000", page], stdout=subprocess.PIPE, check=True).stdout.decode()
    return re.sub(r"\s+", " ", re.sub(".\b", "", text))


def test(name, fn):
    try:
        fn()
        print(f"ok {len(results) + 1} - {name}")
        results.append(True)
    except Exception as e:		# one must not hide the others
        print(f"not ok {len(results) + 1} - {name}\n# {type(e).__name__}: {str(e)[:1500]}".replace("\n", "\n# ").replace("# # ", "# "))
        results.append(False)


def lacks(text, words):
    return [w for w in words if not re.search(r"(?<![\w-])" + re.escape(w) + r"(?![\w-])", text)]


def check_words(page, words):
    text = shown(os.path.join(OUT, "man", page))
    missing = lacks(text, words)
    assert not missing, f"{page} lacks {missing}"
    assert words, f"nothing was asked of {page}"
    # and what is taken out is found to be missing
    assert lacks(text.replace(words[-1], ""), words) != [], f"{page}: the check takes anything"


VERBS = json.loads(say("help", "--json"))["verbs"]
SCHEMA = json.loads(say("schema"))
RULES = [line.split()[0] for line in say("rules").splitlines() if re.match(r"[a-z]+(-[a-z]+)+ ", line)]


def verbs_have_pages():
    check_words("goenvbpf.1", ["goenvbpf-" + v["name"] for v in VERBS])
    for v in VERBS:
        own = v["options"] + v.get("settings", [])
        text = shown(os.path.join(OUT, "man", f"goenvbpf-{v['name']}.{8 if 'settings' in v else 1}"))
        missing = lacks(text, ["--" + o["name"] for o in v["options"]] + [o["argument"] for o in own if "argument" in o] +
                        [s["name"] for s in v.get("settings", [])])
        assert not missing, f"goenvbpf-{v['name']}.1 lacks {missing}"
        for part in (v["summary"], v.get("details", "").split("\n")[0].strip()):
            assert re.sub(r"\s+", " ", part) in text, f"goenvbpf-{v['name']}.1 lacks: {part}"


def rules_are_there():
    assert len(RULES) > 60, RULES
    check_words("goenvbpf-rules.7", RULES)


def record_is_there():
    kinds = [ref["$ref"].split("/")[-1] for ref in SCHEMA["oneOf"]]
    keys = {key for kind in kinds for key in SCHEMA["$defs"][kind]["properties"] if key != "k" and not key.endswith("_hex")}
    check_words("goenvbpf-record.5", kinds + sorted(keys))
    bare = [f"{kind}.{key}" for kind in kinds for key, p in SCHEMA["$defs"][kind]["properties"].items()
            if key != "k" and not key.endswith("_hex") and not p.get("description")]
    assert not bare, f"the schema does not say what {bare} are"


def pages_are_clean():
    pages = [os.path.join(OUT, "man", p) for p in os.listdir(os.path.join(OUT, "man"))]
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "error", *pages], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0 and len(pages) >= len(VERBS) + 3, done.stdout.decode()


def bash(line):
    words = line.split(" ")
    script = f"source '{OUT}/completion/goenvbpf.bash'; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; _goenvbpf; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return set(subprocess.run(["bash", "--norc", "-c", script], stdout=subprocess.PIPE, check=True).stdout.decode().split())


def fish(line):
    script = f"source '{OUT}/completion/goenvbpf.fish'; complete -C '{line}'"
    out = subprocess.run(["fish", "--no-config", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
    return {l.split("\t")[0] for l in out.splitlines()}


# zsh completes only in a terminal: one is made, the keys are pressed, and what is listed is read.
ZSH = r"""
zmodload zsh/zpty
comptest() { zpty -w z "$*"$'\t\t'; }
zpty z zsh -f -i
zpty -w z "PS1='%%'; fpath=('FOLDER' \$fpath); autoload -U compinit; compinit -u -d DUMP; zstyle ':completion:*' list-colors 'no='; setopt listrowsfirst; LISTMAX=0; stty columns 200 rows 400; cd 'HERE'; print -r -- RE''ADY"
while zpty -r z got; do [[ $got == *READY* && $got != *RE\'* ]] && break; done
zpty -w -n z "LINE"$'\t\t'
sleep PATIENCE
zpty -w -n z $'\x15'"print -r -- EN''DED"$'\n'
while zpty -r z got; do print -r -- "$got"; [[ $got == *ENDED* && $got != *EN\'* ]] && break; done
zpty -d z
"""


def zsh(line, patience=2):
    with tempfile.TemporaryDirectory() as tmp:
        script = ZSH.replace("FOLDER", OUT + "/completion").replace("DUMP", tmp + "/dump").replace("HERE", os.getcwd()).replace("LINE", line).replace("PATIENCE", str(patience))
        out = subprocess.run(["zsh", "-f", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60).stdout.decode(errors="replace")
    return set(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", out).split())


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def completes(ask):
    formats = re.findall(r"[^, ]+", next(o for v in VERBS if v["name"] == "export" for o in v["options"] if o["name"] == "format")["words"])
    with tempfile.TemporaryDirectory() as tmp:
        before = os.getcwd()
        os.chdir(tmp)
        try:
            for name in ("one.jsonl", "two.jsonl.zst", "other.txt"):
                open(name, "w", encoding="utf-8").close()
            for line, wanted, never in (
                    ("goenvbpf ", {v["name"] for v in VERBS}, {"one.jsonl"}),
                    ("goenvbpf re", {"report"}, {"check"}),
                    ("goenvbpf report --", {"--full", "--json", "--baseline"}, {"--format"}),
                    ("goenvbpf report ", {"one.jsonl", "two.jsonl.zst"}, {"other.txt"}),
                    ("goenvbpf export --format ", set(formats), {"one.jsonl"}),
                    ("goenvbpf rules cache-", {r for r in RULES if r.startswith("cache-")}, {"gocache-off"}),
                    ("goenvbpf run --hooks ", {"auto", "fexit", "tracepoint"}, {"one.jsonl"}),
                    ("goenvbpf check --fail-on ", {"error", "warning", "note"}, set())):
                got = ask(line)
                if ask is zsh and not any(w in g for w in wanted for g in got):
                    got = zsh(line, 10)	# a busy machine
                if ask is zsh:		# a single word is written behind what was typed
                    got |= {w for w in wanted if any(w in g for g in got)}
                assert wanted <= got, f"'{line}': {sorted(wanted - got)} is missing in {sorted(got)[:60]}"
                if ask is fish:		# puts files of other endings behind them
                    never = never - {"other.txt"}
                assert not never & got, f"'{line}': {sorted(never & got)}"
        finally:
            os.chdir(before)


test("verbs and options have pages", verbs_have_pages)
test("rules have a page", rules_are_there)
test("kinds and keys of the record have a page", record_is_there)
test("mandoc finds no error", pages_are_clean)
for name, ask in SHELLS.items():
    if shutil.which(name):
        test(f"{name} completes verbs, options and values", lambda ask=ask: completes(ask))
    else:
        results.append(True)
        print(f"ok {len(results)} - {name} completes # SKIP no {name}")
print(f"1..{len(results)}")
sys.exit(not all(results))
