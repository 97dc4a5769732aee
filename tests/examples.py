#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
user/rules/examples.h from what the provocations of tests/live/test_rules.py were found to be:

  GOENVBPF_EXAMPLES=FOLDER tests/live/run.py rules.; tests/examples.py FOLDER

Rules of which there is nothing in the folder keep the example that they have.
"""
import json
import os
import re
import sys

HEADER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "user", "rules", "examples.h")
HEAD = """/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Made by tests/examples.py from records of tests/live/test_rules.py; do not edit. */
/* clang-format off */
/* X(rule, commands before, commands that provoke it, subject, what was found) */
#define EXAMPLE_LIST(X) \\
"""


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def rows(folder):
    """By rule: the old ones, then the new ones in their place."""
    found = {}
    if os.path.exists(HEADER):
        with open(HEADER, encoding="utf-8") as f:
            found = dict(re.findall(r'^\tX\("([a-z-]+)", (.*?)\)(?: \\\\)?$', f.read(), re.M))
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            one = json.load(f)
        found[one["rule"]] = ", ".join(quoted(one[key]) for key in ("setup", "commands", "subject", "detail"))
    return found


def main():
    found = rows(sys.argv[1])
    with open(HEADER, "w", encoding="utf-8") as f:
        f.write(HEAD + " \\\n".join(f'\tX("{rule}", {rest})' for rule, rest in sorted(found.items())) + "\n")


main()
