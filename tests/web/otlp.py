# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Judges OTLP/JSON by the official .proto files: what a line says must be there, and nothing else."""
import base64
import functools
import glob
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROTOS = os.environ.get("OTLP_PROTO", "")
KINDS = {"resourceSpans": ("trace", "ExportTraceServiceRequest"), "resourceLogs": ("logs", "ExportLogsServiceRequest"),
         "resourceMetrics": ("metrics", "ExportMetricsServiceRequest")}
IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}
MAX_LINE, MAX_ITEMS = 2 << 20, 500


def is_missing():
    """Why there is no judge here; None: there is one."""
    if not PROTOS:
        return "no official .proto files"
    return None if shutil.which("protoc") else "no protoc"


@functools.cache
def message(kind):
    folder = tempfile.mkdtemp(prefix="otlp-")
    try:
        files = [f for name in ("common", "resource", "trace", "logs", "metrics", "collector/trace", "collector/logs",
                                               "collector/metrics")
                 for f in glob.glob(f"{PROTOS}/opentelemetry/proto/{name}/v1/*.proto")]
        subprocess.run(["protoc", "-I", PROTOS, "--python_out", folder, *files], check=True)
        sys.path.insert(0, folder)
        return {k: getattr(importlib.import_module(f"opentelemetry.proto.collector.{m}.v1.{m}_service_pb2"), name)
                for k, (m, name) in KINDS.items()}[kind]
    finally:
        sys.path.remove(folder)
        shutil.rmtree(folder)


def with_base64_ids(value):
    """As protobuf's own JSON has bytes; OTLP has them in hexadecimal, of a given length, and never zero."""
    if isinstance(value, list):
        return [with_base64_ids(v) for v in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, v in value.items():
        if key in IDS:
            assert re.fullmatch(f"[0-9a-f]{{{2 * IDS[key]}}}", v) and int(v, 16), f"{key}: {v!r} is no id"
            v = base64.b64encode(bytes.fromhex(v)).decode()
        assert key not in ("intValue", "asInt", "timeUnixNano", "startTimeUnixNano") or isinstance(v, str), f"{key}: {v!r} is no string"
        assert key not in ("kind", "code", "severityNumber", "aggregationTemporality") or isinstance(v, int), f"{key}: {v!r} is no number"
        out[key] = with_base64_ids(v)
    return out


def parse(line):
    """A line as its message; raises what is wrong with it."""
    from google.protobuf import json_format
    value = json.loads(line)
    assert len(value) == 1 and set(value) <= set(KINDS), f"a request of {list(value)}"
    kind = next(iter(value))
    return kind, json_format.ParseDict(with_base64_ids(value), message(kind)(), ignore_unknown_fields=False)


def plain(value):
    kind = value.WhichOneof("value")
    return [plain(v) for v in value.array_value.values] if kind == "array_value" else getattr(value, kind)


def attributes(item):
    found = {a.key: plain(a.value) for a in item.attributes}
    assert len(found) == len(item.attributes), "a key comes twice"
    return found


def refuses(line):
    """The judge itself: each of these faults must be found."""
    bad = [line.replace('"startTimeUnixNano"', '"startTimeUnixNanos"', 1), re.sub(r'("spanId":"..)..', r"\1", line, count=1),
           re.sub(r'("traceId":")[0-9a-f]+', r"\g<1>" + 32 * "0", line, count=1), re.sub(r'("endTimeUnixNano":")', r"\1x", line, count=1),
           re.sub(r'("endTimeUnixNano":")', r"\1-", line, count=1), re.sub(r'"kind":1', '"kind":"INTERNAL"', line, count=1)]
    for text in bad:
        assert text != line, "nothing was changed"
        try:
            parse(text)
        except Exception:	# whatever finds it
            continue
        raise AssertionError(f"the judge takes anything: {text[:300]}")


def sums(request):
    """{name: {labels: value}}"""
    found = {}
    for of_resource in request.resource_metrics:
        for scope in of_resource.scope_metrics:
            for metric in scope.metrics:
                assert metric.name not in found and metric.description and metric.unit in ("1", "s"), metric
                assert metric.WhichOneof("data") == "sum" and metric.sum.is_monotonic, metric
                assert metric.sum.aggregation_temporality == 1 and metric.sum.data_points, metric
                points = found[metric.name] = {}
                for p in metric.sum.data_points:
                    labels = tuple(sorted(attributes(p).items()))
                    assert labels not in points and 0 < p.start_time_unix_nano <= p.time_unix_nano, metric
                    points[labels] = p.as_double if metric.unit == "s" else p.as_int
    return found


def judge_metrics(text, record, report, verdict):
    """The numbers are those that other verbs tell; the rest is as it is without them."""
    lines = text.splitlines()
    kind, request = parse(lines[-1])
    assert kind == "resourceMetrics", f"the last request is of {kind}"
    found, end = sums(request), record[-1]
    failed = sum(1 for c in report["commands"] if c.get("code") or c.get("signal"))
    rules = {}
    for f in verdict["findings"]:
        key = (("rule", f["rule"]), ("severity", f["severity"]))
        rules[key] = rules.get(key, 0) + 1
    want = {"goenvbpf.go_commands": {(): len(report["commands"])}, "goenvbpf.go_commands_failed": {(): failed}}
    for name, points in want.items():
        assert found[name] == points, f"{name}: {found[name]} is not {points}"
    assert found.get("goenvbpf.findings", {}) == rules, f"findings: {found.get('goenvbpf.findings')} is not {rules}"
    assert sum(found["goenvbpf.records"].values()) == 1, found["goenvbpf.records"]
    assert end["k"] != "end" or found["goenvbpf.record_lost_events"] == {(): sum(end["lost"].values())}, "lost events"
    return lines[:-1]


def judge(text, with_accesses, record, report, verdict):
    """The output for a record, whose lines are given, against what other verbs say of it."""
    spans, logs, resources = {}, [], []
    for line in text.splitlines():
        assert len(line) <= MAX_LINE, f"a line of {len(line)} bytes"
        kind, request = parse(line)
        for of_resource in request.resource_spans if kind == "resourceSpans" else request.resource_logs:
            resources.append(attributes(of_resource.resource))
            for scope in of_resource.scope_spans if kind == "resourceSpans" else of_resource.scope_logs:
                items = scope.spans if kind == "resourceSpans" else scope.log_records
                assert 0 < len(items) <= MAX_ITEMS, f"{len(items)} in a request"
                if kind == "resourceLogs":
                    logs += items
                    continue
                for span in items:
                    assert span.span_id not in spans, "a span's id comes twice"
                    spans[span.span_id] = span
    assert all(r == resources[0] for r in resources), "resources differ"
    header = record[0]
    assert resources[0]["service.name"] == "goenvbpf", resources[0]
    assert len([k for k in resources[0] if k.startswith(("goenvbpf.tag.", "cicd.", "vcs."))]) == len(header.get("tags", {})), resources[0]

    roots = [s for s in spans.values() if s.parent_span_id not in spans]
    assert len(roots) == 1, f"{len(roots)} roots"
    root = roots[0]
    assert {s.trace_id for s in spans.values()} | {x.trace_id for x in logs} == {root.trace_id}, "several traces"
    assert all(x.span_id in spans for x in logs), "a log of no span"
    for s in spans.values():
        assert root.start_time_unix_nano <= s.start_time_unix_nano <= s.end_time_unix_nano <= root.end_time_unix_nano, f"times of {s.name}"
    programs = {x["proc"] for x in record if x["k"] == "exec" and x.get("proc")}
    assert len(spans) == len(programs) + 1, f"{len(spans)} spans of {len(programs)} programs"
    of = {attributes(s)["goenvbpf.proc"]: s for s in spans.values() if s is not root}
    assert set(of) == programs, "other programs"
    commands = {c["proc"]: c for c in report["commands"]}
    assert {p for p, s in of.items() if attributes(s)["goenvbpf.role"] == "go"} == set(commands), "go commands"
    for proc, c in commands.items():
        a = attributes(of[proc])
        assert a["process.pid"] == c["pid"] and a.get("process.exit.code") == c.get("code"), f"of {c}: {a}"
        assert of[proc].status.code == (0 if "code" not in c and "signal" not in c else 2 if c.get("code", 1) else 1), f"status of {c}"
    roles = {}
    for s in of.values():
        a = attributes(s)
        if a["goenvbpf.role"] in report["roles"] and not a.get("goenvbpf.probe"):
            roles[a["goenvbpf.role"]] = roles.get(a["goenvbpf.role"], 0) + 1
    assert roles == report["roles"], f"roles: {roles} is not {report['roles']}"

    found = [x for x in logs if x.event_name == "goenvbpf.finding"]
    assert sorted(attributes(x)["goenvbpf.rule"] for x in found) == sorted(f["rule"] for f in verdict["findings"]), "findings"
    for x in found:
        assert x.severity_number == {"note": 9, "warning": 13, "error": 17}[x.severity_text], x.severity_text
    accesses = [x for x in logs if x.event_name == "goenvbpf.access"]
    assert len(accesses) + len(found) == len(logs), "other logs"
    assert len(accesses) == (report["accesses"]["all"] if with_accesses else 0), f"{len(accesses)} accesses"
