#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Formats for other tools, each held against the reader or schema that those tools use.

  tests/web/exports.py GOENVBPF SARIF-SCHEMA RECORD…     for each record and format; run.sh calls it

Closes with "N passed, N failed, N skipped".
"""
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import urllib.parse

import jsonschema
import junitparser
from prometheus_client.parser import text_string_to_metric_families

import otlp

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL, SCHEMA, RECORDS = sys.argv[1], sys.argv[2], sys.argv[3:]
HIDDEN = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


def export(record, fmt, *args):
    done = subprocess.run([TOOL, "export", record, "--format", fmt, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def answer(verb, record):
    done = subprocess.run([TOOL, verb, "--json", record], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


def lines_of(record):
    lines = []
    with open(record, encoding="utf-8", errors="replace") as f:
        for text in f:
            try:
                lines.append(json.loads(text))
            except ValueError:
                continue	# bad, or cut
    return lines


def same(a, b, what):
    assert a == b, f"{what}: {a!r} is not {b!r}"


def sarif(record):
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    text = export(record, "sarif")
    log, verdict = json.loads(text), answer("check", record)
    jsonschema.Draft7Validator(schema).validate(log)
    results, rules = log["runs"][0]["results"], log["runs"][0]["tool"]["driver"]["rules"]
    same(sorted(r["ruleId"] for r in results), sorted(f["rule"] for f in verdict["findings"]), "findings")
    for r in results:
        same(rules[r["ruleIndex"]]["id"], r["ruleId"], "the rule's number")
        assert r["message"]["text"], "no text"
        uri = r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith("/") and ".." not in uri.split("/") and re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri), uri
    bad = json.loads(text)
    bad["runs"][0]["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] = "fatal"
    assert not jsonschema.Draft7Validator(schema).is_valid(bad), "the judge takes anything"


def codequality(record):
    with open(os.path.join(HERE, "codequality.schema.json"), encoding="utf-8") as f:
        judge = jsonschema.Draft202012Validator(json.load(f))
    text, verdict = export(record, "codequality"), answer("check", record)
    assert not text.startswith("\ufeff"), "GitLab takes no byte order mark"
    issues = json.loads(text)
    judge.validate(issues)
    same(sorted(i["check_name"] for i in issues), sorted(f["rule"] for f in verdict["findings"]), "findings")
    same(len({i["fingerprint"] for i in issues}), len(issues), "fingerprints")
    level = {"note": "info", "warning": "minor", "error": "major"}
    same(sorted(i["severity"] for i in issues), sorted(level[f["severity"]] for f in verdict["findings"]), "severities")
    places = [r["locations"][0]["physicalLocation"] for r in json.loads(export(record, "sarif"))["runs"][0]["results"]]
    same([(i["location"]["path"], i["location"]["lines"]["begin"]) for i in issues],
         [(urllib.parse.unquote(p["artifactLocation"]["uri"]), p["region"]["startLine"]) for p in places], "places, as in SARIF")
    for key, bad in (("severity", "warning"), ("location", {"path": "/a", "lines": {"begin": 1}}), ("fingerprint", 1)):
        assert not judge.is_valid([{"description": "d", "check_name": "c", "fingerprint": "0" * 32, "severity": "info",
                                    "location": {"path": "a", "lines": {"begin": 1}}, key: bad}]), "the judge takes anything"


def junit(record):
    xml, verdict = junitparser.JUnitXml.fromstring(export(record, "junit").encode()), answer("check", record)
    suite = list(xml)[0]
    cases = {case.name: case for case in suite}
    failed = {f["rule"] for f in verdict["findings"] if f["severity"] != "note"}
    same({n for n, c in cases.items() if any(isinstance(r, junitparser.Failure) for r in c.result)}, failed, "failures")
    same(suite.failures, len(failed), "the suite's failures")
    same(suite.skipped, sum(any(isinstance(r, junitparser.Skipped) for r in c.result) for c in cases.values()), "skipped")
    same(suite.tests, len(cases), "tests")


def prometheus(record):
    families = {f.name: f for f in text_string_to_metric_families(export(record, "prometheus"))}
    report = answer("report", record)
    assert all(f.documentation and f.type == "gauge" for f in families.values()), "without HELP or TYPE"
    same(families["goenvbpf_record_complete"].samples[0].value, float(report["complete"]), "complete")
    same(families["goenvbpf_go_commands"].samples[0].value, len(report["commands"]), "go commands")
    same(families["goenvbpf_accesses"].samples[0].value, report["accesses"]["all"], "accesses")
    same(sum(s.value for s in families["goenvbpf_findings"].samples), len(report["findings"]), "findings")
    if "cache" in report:
        got = {s.labels["outcome"]: s.value for s in families["goenvbpf_packages"].samples}
        same(got, {"hit": report["cache"]["hit"], "made": report["cache"]["made"]}, "packages")


def table(record):
    rows = list(csv.reader(io.StringIO(export(record, "csv"), newline=""), strict=True))
    known = {ref["$ref"].split("/")[-1] for ref in json.loads(subprocess.run([TOOL, "schema"], stdout=subprocess.PIPE, check=True).stdout)["oneOf"]}
    lines = [x for x in lines_of(record) if x.get("ts") is not None and x["k"] in known - {"header", "end"}]
    same(rows[0][0], "ts", "the head")
    same([(int(r[0]), r[5]) for r in rows[1:]], [(x["ts"], x["k"]) for x in lines], "rows")
    for row in rows[1:]:
        same(len(row), 11, "fields")
        assert not any(cell[:1] in tuple("=+-@") for cell in row if cell), f"a formula: {row}"


def summary(record):
    text, report = export(record, "summary"), answer("report", record)
    assert len(text.encode()) <= 900 << 10, "too long"
    for f in report["findings"]:
        assert f["severity"] in text, f["rule"]
    assert ("not complete" in text) == (not report["complete"]), "complete"
    same(text.count("\n#### "), sum(bool(x) for x in (report["failed"], report["findings"],
         any(p.get("compile_ns", 0) > 0 and "path" in p for c in report["commands"] for p in c.get("cache", {}).get("packages", [])))), "sections")
    code = re.sub(r"`[^`\n]*`", "", text)
    assert not re.search(r"<\w|<!--|\]\(|(?<!\\)!\[", code), "markup of the traced side"


def in_toto(record):
    """Held against a schema that was written from the predicate's specification, which has none."""
    with open(os.path.join(HERE, "in-toto.schema.json"), encoding="utf-8") as f:
        judge = jsonschema.Draft202012Validator(json.load(f))
    text, report = export(record, "in-toto"), answer("report", record)
    statement = json.loads(text)
    judge.validate(statement)
    with open(record, "rb") as f:
        same(statement["subject"], [{"name": os.path.basename(record), "digest": {"sha256": hashlib.sha256(f.read()).hexdigest()}}], "subject")
    predicate = statement["predicate"]
    same(predicate["monitor"]["tracePolicy"]["complete"], report["complete"], "complete")
    wanted = read_paths(record)
    same({urllib.parse.unquote(f["uri"][len("file://"):]) for f in predicate["monitorLog"]["fileAccess"]}, set(wanted), "files")
    digests = {}
    for f in predicate["monitorLog"]["fileAccess"]:
        if "digest" in f:
            digests.setdefault(urllib.parse.unquote(f["uri"][7:]), set()).add(f["digest"]["sha256"])
    same(digests, {path: got for path, got in wanted.items() if got}, "digests")
    other = subprocess.run([TOOL, "export", record, "--format", "in-toto", "--subject", __file__], stdout=subprocess.PIPE, check=True)
    with open(__file__, "rb") as f:
        same(json.loads(other.stdout)["subject"][0]["digest"]["sha256"], hashlib.sha256(f.read()).hexdigest(), "--subject")
    for break_it in (lambda x: x["predicate"].pop("monitorLog"), lambda x: x["subject"][0]["digest"].update(sha256="0"),
                     lambda x: x["predicate"]["metadata"].update(buildStartedOn="today")):
        bad = json.loads(text)
        break_it(bad)
        assert not judge.is_valid(bad), "the judge takes anything"


def read_paths(record):
    """Files that were opened, run or changed, with the digests of their states, told by the lines alone."""
    used, digests = {}, {}
    for line in lines_of(record):
        path, worked = line.get("path"), "err" not in line and "answered" not in line and "interrupted" not in line
        if line["k"] == "exec":
            used.setdefault(line.get("exe"), set())
        elif line["k"] == "source":
            digests.setdefault(path, set()).update([line["sha256"]] if "sha256" in line else [])
        elif worked and line["k"] == "open":
            flags = set(line.get("flags", []))
            if not flags & {"DIRECTORY", "PATH"} or flags & {"WRONLY", "RDWR", "CREAT", "TRUNC"}:
                used.setdefault(path, set())
        elif worked and line["k"] in ("mkdir", "unlink", "rename", "link", "symlink", "truncate", "utimes", "chmod"):
            used.setdefault(path, set())
            used.setdefault(line.get("path2"), set())
    return {path: digests.get(path, set()) for path in used if path and path.startswith("/")}


def traces(record):
    lines, report, verdict = lines_of(record), answer("report", record), answer("check", record)
    for args in ([], ["--accesses"]):
        text = export(record, "otlp", *args)
        assert text == export(record, "otlp", *args), "it differs from time to time"
        assert not HIDDEN.search(text), "what is not seen is there"
        otlp.judge(text, bool(args), lines, report, verdict)
    otlp.refuses(text.splitlines()[-1])
    with_metrics = export(record, "otlp", "--metrics")
    rest = otlp.judge_metrics(with_metrics, lines, report, verdict)
    assert rest == export(record, "otlp").splitlines(), "--metrics changes the other requests"


FORMATS = {"in-toto": in_toto, "sarif": sarif, "codequality": codequality, "junit": junit, "prometheus": prometheus, "csv": table, "summary": summary, "otlp": traces}
passed = failed = skipped = 0
if otlp.is_missing():
    print("skip otlp:", otlp.is_missing())
    del FORMATS["otlp"]
    skipped = len(RECORDS)
for path in RECORDS:
    for name, judge in FORMATS.items():
        label = f"{name} of {os.path.basename(path)}"
        try:
            judge(path)
            seen = HIDDEN.search(export(path, name))
            assert not seen, f"what is not seen is there: {seen and seen.group(0)!r}"
            passed += 1
            print("ok  ", label)
        except Exception as e:		# one must not hide the others
            failed += 1
            print("FAIL", label, f"{type(e).__name__}: {str(e)[:600]}")
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(failed != 0)
