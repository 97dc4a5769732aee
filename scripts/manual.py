#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The manual pages and the completion of shells, from what the program says of itself: its tables of verbs
and options (help --json), its rules, the schema of its records. There is no second list of anything.

  scripts/manual.py GOENVBPF man FOLDER           writes goenvbpf*.scd, the sources of scdoc
  scripts/manual.py GOENVBPF completion FOLDER    writes goenvbpf.bash, _goenvbpf, goenvbpf.fish
"""
import json
import os
import re
import subprocess
import sys
import textwrap

RECORDS = ["jsonl", "jsonl.gz", "jsonl.zst"]
# What the argument of an option or an operand is, by the name that help has for it.
FILES = {"FILE", "OLD", "NEW", "RECORD", "RECORD…", "FILE…", "PATH", "[OLD] NEW"}
RECORD_NAMES = {"OLD", "NEW", "RECORD", "RECORD…", "[OLD] NEW"}


def ask(tool, *args):
    return subprocess.run([tool, *args], stdout=subprocess.PIPE, check=True, env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}).stdout.decode()


class Program:
    def __init__(self, tool):
        self.tool = tool
        self.verbs = json.loads(ask(tool, "help", "--json"))["verbs"]
        self.version = ask(tool, "version").split()[1]
        self.rules = re.findall(r"^ *([a-z][a-z0-9-]+) +(?:note|warning|error)\b|^ *(?:note|warning|error) +([a-z][a-z0-9-]+)", ask(tool, "rules"), re.M)
        self.rules = [a or b for a, b in self.rules]
        self.schema = json.loads(ask(tool, "schema"))
        self.answers = [name for name in [v["name"] for v in self.verbs] + ["policy"]
                        if subprocess.run([tool, "schema", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0]


# --- manual pages ---

def literal(text):
    return "```\n" + text.replace("\\", "\\\\") + "\n```"


def esc(text):
    return re.sub(r"([\\_*#`~])", r"\\\1", text)


def prose(text):
    """Paragraphs as help has them: lines that begin with a space stay as they are."""
    out = []
    for part in re.findall(r"(?:^ .*\n?)+|^[^ \n].*\n?", text, re.M):
        out.append(literal(part.rstrip("\n")) + "\n" if part.startswith(" ") else esc(part.rstrip("\n")) + "\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip() + "\n"


def page(name, section, what, parts, see):
    out = [f'{name}({section}) "" "goenvbpf"', "", "# NAME", "", f"{name} - {esc(what)}", ""]
    for title, text in parts:
        if text and text.strip():
            out += [f"# {title}", "", text.rstrip(), ""]
    out += ["# SEE ALSO", "", ", ".join(f"*{n}*({s})" for n, s in see), ""]
    return "\n".join(out)


def option(o):
    names = ([f"*-{o['letter']}*"] if "letter" in o else []) + [f"*--{o['name']}*"]
    head = ", ".join(names) + (f" _{esc(o['argument'])}_" if "argument" in o else "")
    # the help of an option with words may be nothing but them
    text = o["help"] if o["help"] == o.get("words") else o["help"] + (f": {o['words']}" if "words" in o and o["words"] not in o["help"] else "")
    return head + "\n\t" + esc(text) + (" (may be repeated)" if o["repeatable"] else "") + "\n"


def options(verb):
    out, group = [], None
    for o in verb["options"]:
        if o.get("group") != group:
            group = o.get("group")
            out.append(f"## {group.upper()}\n" if group else "")
        out.append(option(o))
    return "\n".join(out)


def settings(verb):
    return "\n".join(f"*{s['name']}* = _{esc(s['argument'])}_\n\t{esc(s['help'])}{' (may be repeated)' if s['repeatable'] else ''}\n"
                     for s in verb.get("settings", []))


def verb_name(verb):
    return "goenvbpf-" + verb["name"]


def section(verb):
    """Where its page is: what an administrator starts has its place among such."""
    return 8 if "settings" in verb else 1


STATUS = "\n".join(["*0*\n\tfine\n", "*1*\n\tfailed\n", "*2*\n\twrong usage\n", "*3*\n\tinconclusive: evidence was lost\n"])


def verb_page(program, verb):
    parts = [("SYNOPSIS", esc(re.sub(r"\s+", " ", verb["synopsis"]))), ("DESCRIPTION", prose(verb.get("details") or verb["summary"] + ".")),
             ("OPTIONS", options(verb)), ("SETTINGS", settings(verb)), ("NOTES", prose(verb.get("notes", ""))),
             ("EXIT STATUS", STATUS if verb["name"] != "run" else
              "That of the command; 128+N when signal N ended it, 125 when goenvbpf itself failed, 126 when the command cannot be "
              "executed, 127 when there is none.")]
    see = [("goenvbpf", 1)] + ([("goenvbpf-rules", 7)] if verb["name"] in ("check", "rules", "report") else [("goenvbpf-record", 5)])
    return page(verb_name(verb), section(verb), verb["summary"], parts, see)


def main_page(program):
    overview = ask(program.tool, "help")
    first, rest = overview.split("\n\nVerbs:\n")
    after = rest.split("\n\n", 1)[1]
    verbs = "\n".join(f"*{verb_name(v)}*({section(v)})\n\t{esc(v['summary'])}\n" for v in program.verbs)
    said, status = after.strip().split("\n\nExit status: ")
    return page("goenvbpf", 1, "which configuration, caches and toolchains Go builds really used", [
        ("SYNOPSIS", "*goenvbpf* [_VERB_] [_OPTION_…] [_ARGUMENT_…]"),
        ("DESCRIPTION", prose(re.sub(r"\s*\n\s*", " ", first)) + "\n" + prose(re.sub(r"\s*\n\s*", " ", said))),
        ("VERBS", verbs),
        ("EXIT STATUS", prose(re.sub(r"\s*\n\s*", " ", status))),
        ("OVERHEAD", prose("Every system call of a followed process that names a file becomes an event; processes that are not followed pay "
                           "for a look at who they are. docs/cost.md has figures, measured beside strace and others.")),
    ], [("goenvbpf-record", 5), ("goenvbpf-rules", 7)])


def type_of(schema, prop):
    if "const" in prop:
        return json.dumps(prop["const"])
    if "enum" in prop:
        return ", ".join(prop["enum"])
    if "$ref" in prop:
        return prop["$ref"].split("/")[-1]
    if "items" in prop:
        return "list of " + type_of(schema, prop["items"])
    return prop.get("type") if isinstance(prop.get("type"), str) else " or ".join(type_of(schema, p) for p in prop.get("anyOf", [{"type": "any"}]))


def properties(schema, definition, depth=0):
    out = []
    for name, prop in definition.get("properties", {}).items():
        if name == "k" or name.endswith("_hex"):
            continue
        text = prop.get("description", "")
        out.append(f"*{esc(name)}* ({esc(type_of(schema, prop))})\n\t{esc(text)}\n")
    return "\n".join(out)


def record_page(program):
    schema = program.schema
    kinds = [ref["$ref"].split("/")[-1] for ref in schema["oneOf"]]
    parts = [("DESCRIPTION", prose(
        "A record is a text file of one JSON object a line (plain, .gz or .zst): a header, then what happened, then an end line. One "
        "without an end line was cut; what is in it is read all the same.\n\n" + schema["description"] + "\n\n"
        "Lines come in order for each thread; across threads their times may step back by microseconds, and lines of a process that was "
        "held back until its program was known come together, later than their time."))]
    for name in ("event", "outcome"):
        d = schema["$defs"][name]
        parts.append((f"KEYS OF {'EVERY EVENT' if name == 'event' else 'CALLS'}", prose(d.get("description", "")) + "\n" + properties(schema, d)))
    for kind in kinds:
        d = schema["$defs"][kind]
        parts.append((esc(kind), prose(d.get("title", "") + ". " + d.get("description", "")) + "\n" + properties(schema, d)))
    return page("goenvbpf-record", 5, "the lines of a record", parts, [("goenvbpf", 1), ("goenvbpf-schema", 1)])


def rules_page(program):
    parts = [("DESCRIPTION", prose("What *goenvbpf check* and *report* look for. Ids are never renamed.".replace("*", "")))]
    for rule in program.rules:
        text = ask(program.tool, "rules", rule)
        parts.append((rule, literal(textwrap.dedent(text.split("\n", 1)[1]).strip("\n"))))
    return page("goenvbpf-rules", 7, "what goenvbpf looks for, why it matters and what to do", parts, [("goenvbpf-check", 1), ("goenvbpf-rules", 1)])


def man(program):
    pages = {"goenvbpf.1": main_page(program), "goenvbpf-record.5": record_page(program), "goenvbpf-rules.7": rules_page(program)}
    for verb in program.verbs:
        pages[f"{verb_name(verb)}.{section(verb)}"] = verb_page(program, verb)
    return {name + ".scd": text for name, text in pages.items()}


# --- completion ---

def values(program, arg, words=None):
    """(kind, list): what a word is completed with."""
    if words:
        return "words", re.findall(r"[^, ]+", words)
    if arg in ("ID", "[ID]"):
        return "words", program.rules
    if arg == "ID=LEVEL":
        return "words", [f"{rule}={level}" for rule in program.rules for level in ("error", "warning", "note")]
    if arg == "[VERB]":
        return "words", [v["name"] for v in program.verbs]
    if arg == "[ANSWER]":
        return "words", program.answers
    if arg == "PID":
        return "pids", []
    if arg in RECORD_NAMES:
        return "records", []
    if arg in FILES:
        return "files", []
    if arg and arg.startswith("--"):
        return "command", []
    return "none", []


BASH = """# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Made by scripts/manual.py from goenvbpf's own tables.
_goenvbpf_files() # ENDING... or none: any
{
	local f ending
	compopt -o filenames 2>/dev/null
	while IFS= read -r f; do
		if [ $# = 0 ] || [ -d "$f" ]; then
			COMPREPLY+=("$f")
			continue
		fi
		for ending; do
			[[ $f != *.$ending ]] || { COMPREPLY+=("$f"); break; }
		done
	done < <(compgen -f -- "$cur")
}

_goenvbpf_words() # WORD...
{
	local w
	for w; do
		[[ $w != "$cur"* ]] || COMPREPLY+=("$w")
	done
}

_goenvbpf()
{
	local cur prev verb i
	COMPREPLY=()
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	verb=watch
	if [ "$COMP_CWORD" = 1 ] && [[ $cur != -* ]]; then
		_goenvbpf_words @VERBS@
		return
	fi
	[[ ${COMP_WORDS[1]} == -* ]] || verb=${COMP_WORDS[1]}
	# the command line of another program has a completion of its own
	if [ "$verb" = run ]; then
		for ((i = 2; i < COMP_CWORD; i++)); do
			if [ "${COMP_WORDS[i]}" = -- ]; then
				if declare -F _command_offset >/dev/null; then
					_command_offset $((i + 1))
				elif [ "$COMP_CWORD" = $((i + 1)) ]; then
					mapfile -t COMPREPLY < <(compgen -c -- "$cur")
				else
					_goenvbpf_files
				fi
				return
			fi
		done
	fi
	case $verb in
@CASES@
	esac
}
complete -F _goenvbpf goenvbpf
"""


def bash_action(program, arg, words=None):
    kind, found = values(program, arg, words)
    return {"words": "_goenvbpf_words " + " ".join(found), "records": "_goenvbpf_files " + " ".join(RECORDS), "files": "_goenvbpf_files",
            "pids": "mapfile -t COMPREPLY < <(compgen -W \"$(cd /proc && printf '%s ' [0-9]*)\" -- \"$cur\")",
            "command": "_goenvbpf_words --", "none": ":"}[kind]


def spellings(o):
    return ([f"-{o['letter']}"] if "letter" in o else []) + [f"--{o['name']}"]


def bash(program):
    cases = []
    for v in program.verbs:
        lines = [f"\t{v['name']})"]
        with_arg = [o for o in v["options"] if "argument" in o]
        if with_arg:
            lines.append("\t\tcase $prev in")
            for o in with_arg:
                lines.append(f"\t\t{' | '.join(spellings(o))}) {bash_action(program, o['argument'], o.get('words'))}; return ;;")
            lines.append("\t\tesac")
        flags = " ".join(s for o in v["options"] for s in spellings(o))
        lines.append(f"\t\tif [[ $cur == -* ]]; then _goenvbpf_words {flags} --help; return; fi")
        lines.append(f"\t\t{bash_action(program, v.get('operands', '').split(' CMD')[0])}")
        lines.append("\t\t;;")
        cases += lines
    return BASH.replace("@VERBS@", " ".join(v["name"] for v in program.verbs)).replace("@CASES@", "\n".join(cases))


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_text(text):
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def zsh_action(program, arg, words=None):
    kind, found = values(program, arg, words)
    return {"words": "(" + " ".join(found) + ")", "records": "_files -g \"*.(" + "|".join(RECORDS) + ")(-.)\"", "files": "_files", "pids": "_pids",
            "command": "", "none": " "}[kind]


def zsh(program):
    out = ["#compdef goenvbpf", "# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause", "# Made by scripts/manual.py from goenvbpf's own tables.",
           "_goenvbpf()", "{", "\tlocal context state state_descr line", "\ttypeset -A opt_args", "\tlocal -a verbs", "\tverbs=("]
    out += [f"\t\t{quoted(v['name'] + ':' + zsh_text(v['summary']))}" for v in program.verbs]
    out += ["\t)", "\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then", "\t\t_describe verb verbs", "\t\treturn", "\tfi",
            "\tlocal verb=watch", "\tif [[ $words[2] != -* ]]; then", "\t\tverb=$words[2]", "\t\tshift words", "\t\t(( CURRENT-- ))", "\tfi", "\tcase $verb in"]
    for v in program.verbs:
        specs = []
        for o in v["options"]:
            names = spellings(o)
            many = "*" if o["repeatable"] else "" if len(names) == 1 else "(" + " ".join(names) + ")"
            head = quoted(many) + "{" + ",".join(names) + "}" if len(names) > 1 else quoted(many + names[0])
            tail = f"[{zsh_text(o['help'])}]" + (f":{zsh_text(o['argument'])}:{zsh_action(program, o['argument'], o.get('words'))}" if "argument" in o else "")
            specs.append(head + quoted(tail))
        if v.get("operands", "").startswith("--"):
            specs.append("'*::command:_normal'")
        elif v.get("operands"):
            specs.append(quoted(f"*:{zsh_text(v['operands'])}:{zsh_action(program, v['operands'])}"))
        out.append(f"\t{v['name']})\n\t\t_arguments -s -S \\\n\t\t\t" + " \\\n\t\t\t".join(specs + ["'--help[show help]'"]) + " ;;")
    out += ["\tesac", "}", "_goenvbpf \"$@\"", ""]
    return "\n".join(out)


def fish(program):
    out = ["# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause", "# Made by scripts/manual.py from goenvbpf's own tables.", "complete -c goenvbpf -f"]
    names = " ".join(v["name"] for v in program.verbs)
    no_verb = f"not __fish_seen_subcommand_from {names}"
    for v in program.verbs:
        out.append(f"complete -c goenvbpf -n {quoted(no_verb)} -a {v['name']} -d {quoted(v['summary'])}")
    for v in program.verbs:
        seen = no_verb if v["name"] == "watch" else f"__fish_seen_subcommand_from {v['name']}"
        conditions = [seen] + ([f"__fish_seen_subcommand_from {v['name']}"] if v["name"] == "watch" else [])
        for condition in conditions:
            for o in v["options"]:
                line = f"complete -c goenvbpf -n {quoted(condition)} -l {o['name']}" + (f" -s {o['letter']}" if "letter" in o else "") + f" -d {quoted(o['help'])}"
                if "argument" in o:
                    kind, found = values(program, o["argument"], o.get("words"))
                    line += {"words": f" -x -a {quoted(' '.join(found))}", "records": " -r -F", "files": " -r -F", "pids": " -x -a '(__fish_complete_pids)'"}.get(kind, " -x")
                out.append(line)
        kind, found = values(program, v.get("operands", "").split(" CMD")[0])
        if kind == "words":
            out.append(f"complete -c goenvbpf -n {quoted(seen)} -a {quoted(' '.join(found))}")
        elif kind in ("records", "files"):
            endings = "" if kind == "files" else " ".join(f".{e}" for e in RECORDS)
            action = f"(for e in {endings}; __fish_complete_suffix $e; end)" if endings else "(__fish_complete_path)"
            out.append(f"complete -c goenvbpf -n {quoted(seen)} -a {quoted(action)}")
        elif kind == "command":
            out.append(f"complete -c goenvbpf -n {quoted(seen)} -a '(__fish_complete_subcommand --fcs-skip=2)'")
    return "\n".join(out) + "\n"


def completion(program):
    return {"goenvbpf.bash": bash(program), "_goenvbpf": zsh(program), "goenvbpf.fish": fish(program)}


def main():
    if len(sys.argv) != 4 or sys.argv[2] not in ("man", "completion"):
        sys.exit(__doc__.strip())
    program = Program(sys.argv[1])
    os.makedirs(sys.argv[3], exist_ok=True)
    for name, text in {"man": man, "completion": completion}[sys.argv[2]](program).items():
        with open(os.path.join(sys.argv[3], name), "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main()
