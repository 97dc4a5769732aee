#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What verbs say with --json: laid out for comparison, and held against the schemas.

  answers.py layout < ANSWER              the same JSON with short lines
  answers.py check GOENVBPF VERB FILE...  each answer, one line of JSON, against "schema VERB";
                                          77 when python3-jsonschema is missing
"""
import copy
import json
import subprocess
import sys

WIDTH = 100


def layout(value, indent=0):
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + indent <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return short
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        lines = [pad + json.dumps(k, ensure_ascii=False) + ": " + layout(v, indent + 1) for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + layout(v, indent + 1) for v in value) + "\n" + " " * indent + "]"


def objects(schema, node, value, path=()):
    """Every object of an answer that has a definition: (path to it, its definition)."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from objects(schema, node.get("items", {}), item, path + (i,))
    elif isinstance(value, dict):
        if "properties" in node and set(node["required"]) <= set(value):
            yield path, node
        for part in node.get("anyOf", []):
            yield from objects(schema, part, value, path)
        for key, item in value.items():
            inner = node.get("properties", {}).get(key, node.get("additionalProperties"))
            yield from objects(schema, inner if isinstance(inner, dict) else {}, item, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def spoiled(schema, answer):
    """Answers that are not as the schema says: of each definition one with a key too many, and one without each key."""
    seen = set()
    for path, node in objects(schema, schema, answer):
        if id(node) in seen:
            continue
        seen.add(id(node))
        other = copy.deepcopy(answer)
        at(other, path)["no_such_key"] = 1
        yield f"'no_such_key' in {path}", other
        for key in node["required"]:
            other = copy.deepcopy(answer)
            del at(other, path)[key]
            yield f"no '{key}' in {path}", other


def check(tool, verb, files):
    try:
        import jsonschema
    except ImportError:
        print("SKIP answers against their schemas: no python3-jsonschema")
        return 77
    schema = json.loads(subprocess.run([tool, "schema", verb], stdout=subprocess.PIPE, check=True).stdout)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator, failed = kind(schema), 0
    for name in files:
        with open(name, encoding="utf-8") as file:
            lines = file.read().splitlines()
        errors = [f"{len(lines)} lines instead of one"] if len(lines) != 1 else []
        answer = json.loads(lines[0])
        errors += [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(answer)]
        errors += [f"taken though there is {what}" for what, other in spoiled(schema, answer)
                   if not errors and validator.is_valid(other)]
        for error in errors[:5]:
            print(f"FAIL {name} is not as 'schema {verb}' says: {error}")
        failed += bool(errors)
    return failed


if sys.argv[1] == "layout":
    print(layout(json.load(sys.stdin)))
else:
    sys.exit(check(sys.argv[2], sys.argv[3], sys.argv[4:]))
