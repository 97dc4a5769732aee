# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What push sends and keeps, with receivers of every temper: they take it, refuse it, hang, lie."""
import contextlib
import email.utils
import gzip
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time

import lib
from lib import check
from test_users import NOBODY

TOKEN = "t0ken-of-nobody-else"


def equal(got, want, what):
    """Requests are long."""
    check(got == want, f"{what}: got {str(got)[:300]}, expected {str(want)[:300]}")


class Receiver:
    """Answers each request by the next of answers, and then with 200; an answer is a status or a function."""

    def __init__(self, *answers, cert=None):
        self.got, self.answers, self.seen = [], list(answers), []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((time.monotonic(), self.path, self.headers, gzip.decompress(body)))
                receiver.seen.append(command_lines())
                answer = receiver.answers.pop(0) if receiver.answers else 200
                if callable(answer):
                    answer(self)
                else:
                    reply(self, answer)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if cert else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()

    def bodies(self):
        return [body for _, _, _, body in self.got]


def reply(handler, status, body=b"{}", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def answers(status, body=b"{}", **headers):
    return lambda handler: reply(handler, status, body, **headers)


def closes(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def hangs(handler):
    time.sleep(60)


def command_lines():
    """Of all processes, and the capabilities of the one that sends."""
    lines, caps = [], None
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            line = lib.read(f"/proc/{name}/cmdline")
            lines.append(line)
            if line.startswith("goenvbpf-push\0"):
                status = dict(x.split(":", 1) for x in lib.read(f"/proc/{name}/status").splitlines())
                caps = (int(status["CapPrm"], 16), int(status["NoNewPrivs"]))
    return lines, caps


def need_push():
    if not os.path.exists(os.path.join(os.path.dirname(lib.TOOL), "goenvbpf-push")):
        raise lib.Skip("goenvbpf-push was not built: no libcurl")


def record():
    """One of 2,100 programs, without any capture."""
    need_push()
    subprocess.run([sys.executable, f"{lib.TOP}/tests/web/records.py", "commands", "rec.jsonl"], check=True)
    done = subprocess.run([lib.TOOL, "export", "rec.jsonl", "--format", "otlp"], stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines(keepends=True)


def push(*args, prefix=(), tool=None, timeout=60, **env):
    args = [*prefix, tool or lib.TOOL, "push", *args]
    done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout,
                          env=lib.clean_env(XDG_STATE_HOME=os.path.abspath("state"), **env))
    check(TOKEN not in done.stdout + done.stderr, f"the token was shown: {done}")
    return done


def counts(bodies):
    spans = logs = 0
    for body in bodies:
        value = json.loads(body)
        spans += sum(len(s["spans"]) for r in value.get("resourceSpans", []) for s in r["scopeSpans"])
        logs += sum(len(s["logRecords"]) for r in value.get("resourceLogs", []) for s in r["scopeLogs"])
    return spans, logs


def spooled(path="spool"):
    if not os.path.exists(path):
        return []
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode of the spool")
    with open(path, "rb") as f:
        return f.readlines()


def headers_file():
    with open("headers", "w") as f:
        f.write(f"# who we are\nAuthorization: Bearer {TOKEN}\r\nX-Scope: a:b\n\n")
    os.chmod("headers", 0o600)


def test_accepted():
    """All arrives, in order, compressed, with the headers; no token is in a command line, no capability is left."""
    want = record()
    headers_file()
    with Receiver() as r:
        done = push("rec.jsonl", "--otlp", r.url + "/", "--headers", "headers", http_proxy="http://127.0.0.1:1", ALL_PROXY="http://127.0.0.1:1")
    equal((done.returncode, done.stderr), (0, ""), "status and errors")
    equal([body + b"\n" for body in r.bodies()], want, "what arrived")
    spans, logs = counts(r.bodies())
    equal(spans, 2101, "spans")
    equal(done.stdout, f"{spans} spans and {logs} log records were accepted\n", "what was said")
    for _, path, headers, body in r.got:
        equal(path, "/v1/traces" if body.startswith(b'{"resourceSpans"') else "/v1/logs", "path")
        equal([headers[k] for k in ("Content-Type", "Content-Encoding", "Authorization", "X-Scope")],
              ["application/json", "gzip", f"Bearer {TOKEN}", "a:b"], "headers")
    for lines, caps in r.seen:
        check(not any(TOKEN in line for line in lines), "the token is in a command line")
        equal(caps, (0, 1), "capabilities of what sends, and that it can get none")
    equal(os.listdir("state/goenvbpf"), [], "spools")


def test_accesses():
    """--accesses sends them, too; of two records both are sent."""
    record()
    with Receiver() as r:
        done = push("rec.jsonl", "rec.jsonl", "--accesses", "--otlp", r.url)
    equal(done.returncode, 0, done.stderr)
    spans, logs = counts(r.bodies())
    equal(spans, 2 * 2101, "spans")
    check(logs > 2 * 13000, f"{logs} log records")


def test_metrics():
    """--metrics sends the record in numbers, too; what of them is rejected or refused is told as what it is."""
    record()
    with Receiver() as r:
        done = push("rec.jsonl", "--metrics", "--otlp", r.url)
    equal((done.returncode, done.stderr), (0, ""), "status and errors")
    equal([path for _, path, _, _ in r.got].count("/v1/metrics"), 1, "requests for metrics")
    body = r.bodies()[-1]
    points = body.count(b'"timeUnixNano"')
    spans, logs = counts(r.bodies())
    check(body.startswith(b'{"resourceMetrics"') and points > 5 and b'"goenvbpf.go_commands"' in body, body[:300])
    equal(done.stdout, f"{spans} spans, {logs} log records and {points} data points were accepted\n", "what was said")
    said = {"partialSuccess": {"rejectedDataPoints": "2", "errorMessage": "too old"}}
    before = len(r.got) - 1
    with Receiver(*before * [200], answers(200, json.dumps(said).encode())) as r:
        done = push("rec.jsonl", "--metrics", "--otlp", r.url)
    check(done.returncode == 1 and "rejected 2 data points of a request" in done.stderr, done.stderr)
    with Receiver(*before * [200], answers(404)) as r:	# a receiver without metrics
        done = push("rec.jsonl", "--metrics", "--otlp", r.url, "--spool", "spool")
    equal(done.returncode, 1, "status")
    check(f"0 spans, 0 log records and {points} data points were not accepted" in done.stderr, done.stderr)
    with Receiver() as r:
        done = push("--spooled", "--otlp", r.url, "--spool", "spool")
    equal((done.returncode, r.bodies()), (0, [body]), "what was kept")


def test_again():
    """What may work later is sent again, not before the receiver wants it; what it says is a time or a number."""
    record()

    def dated(handler):
        reply(handler, 503, Retry_After=email.utils.formatdate(time.time() + 3, usegmt=True))
    for first, least in ((answers(429, Retry_After="2"), 2), (dated, 1.5), (answers(502), 0.2), (answers(504), 0.2),
                         (closes, 0.2)):
        with Receiver(first) as r:
            done = push("rec.jsonl", "--otlp", r.url)
        equal((done.returncode, done.stderr), (0, ""), "status and errors")
        equal(r.got[0][3], r.got[1][3], "the second request")
        check(least <= r.got[1][0] - r.got[0][0] < least + 5, f"it came after {r.got[1][0] - r.got[0][0]} s")
    with Receiver(*3 * [503]) as r:
        began = time.monotonic()
        done = push("rec.jsonl", "--otlp", r.url, "--retries", "2", "--spool", "spool")
    equal((done.returncode, len(r.got)), (1, 3), "tries of --retries 2")
    check(time.monotonic() - began < 10, "it took long")
    check("HTTP status 503" in done.stderr, done.stderr)
    with Receiver(answers(429, Retry_After="3600")) as r:	# it has no time for that
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "other")
    equal((done.returncode, len(r.got)), (1, 1), "a long Retry-After")


def test_refused():
    """What is refused is kept, the rest is sent, and the next push begins with it."""
    want = record()
    refusal = json.dumps({"code": 3, "message": f"no {TOKEN}\x1b[31m here"}).encode()
    headers_file()
    with Receiver(200, answers(400, refusal)) as r:
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool", "--headers", "headers")
    equal((done.returncode, len(r.got)), (1, len(want)), done.stderr)
    equal(spooled(), [want[1]], "what was kept")
    spans, logs = counts([want[1]])
    check("HTTP status 400" in done.stderr and f"{spans} spans and {logs} log records were not accepted" in done.stderr and
          "'spool'" in done.stderr and "\x1b" not in done.stderr, done.stderr)
    with Receiver() as r:
        done = push("--spooled", "--otlp", r.url, "--spool", "spool")
    equal((done.returncode, r.bodies(), spooled()), (0, [want[1][:-1]], []), "the spool alone")
    for status in (401, 404, 302):	# nothing else would be taken either
        with Receiver(status) as r:
            done = push("rec.jsonl", "--otlp", r.url, "--spool", f"spool{status}")
        equal((done.returncode, len(r.got), spooled(f"spool{status}")), (1, 1, want), done.stderr)


def test_down():
    """Nobody there: all is kept in its order, twice if need be, and sent first and once when there is somebody."""
    want = record()
    with Receiver() as r:
        pass	# its port is free again
    for n in (1, 2):
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool", "--retries", "0")
        equal((done.returncode, spooled()), (1, n * want), done.stderr)
    check(done.stdout.startswith("0 spans and 0 log records"), done.stdout)
    # Half of it is taken.
    with Receiver(*[200] * len(want), 401) as r:
        done = push("--spooled", "--otlp", r.url, "--spool", "spool")
    equal((done.returncode, spooled()), (1, want), done.stderr)
    with open("spool", "ab") as f:		# of a push that was killed
        f.write(b'{"resourceSpans":[{"half')
    with Receiver() as r:
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool")
    equal((done.returncode, spooled()), (0, []), done.stderr)
    equal([b + b"\n" for b in r.bodies()], 2 * want, "spool and record")


def test_hanging():
    """A receiver that never answers costs no more than --timeout; what comes too late is kept."""
    want = record()
    with Receiver(200, hangs) as r:
        began = time.monotonic()
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool", "--timeout", "6")
        took = time.monotonic() - began
    check(5.5 < took < 20, f"it took {took} s")
    equal((done.returncode, spooled()), (1, want[1:]), done.stderr)


def test_stopped():
    """A signal ends it soon, and what was not sent is kept."""
    want = record()
    with Receiver(200, hangs) as r:
        proc = subprocess.Popen([lib.TOOL, "push", "rec.jsonl", "--otlp", r.url, "--spool", "spool"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=lib.clean_env())
        lib.wait_for(lambda: len(r.got) == 2, 20, "the second request")
        proc.send_signal(signal.SIGTERM)
        err = proc.communicate(timeout=10)[1]
    equal((proc.returncode, spooled()), (1, want[1:]), err)


def test_partial():
    """What a receiver rejects of a request is told with its number and its words, and not sent again."""
    record()
    said = {"partialSuccess": {"rejectedSpans": "3", "errorMessage": "too old"}}
    warned = {"partialSuccess": {"rejectedLogRecords": 0, "errorMessage": "use gRPC"}}
    with Receiver(answers(200, json.dumps(warned).encode()), answers(200, json.dumps(said).encode())) as r:
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool")
    spans, logs = counts(r.bodies())
    equal((done.returncode, spooled()), (1, []), done.stderr)
    check("rejected 3 spans of a request" in done.stderr and "too old" in done.stderr and "use gRPC" in done.stderr, done.stderr)
    equal(done.stdout, f"{spans - 3} spans and {logs} log records were accepted\n", "what was said")
    with Receiver(answers(200, json.dumps(warned).encode())) as r:
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool")
    equal(done.returncode, 0, "a warning is no failure")


def certificate(name, host):
    lib.need("openssl")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key", "-out", "crt", "-subj",
                    f"/CN={name}", "-addext", f"subjectAltName={host}"], check=True, stderr=subprocess.DEVNULL)
    with open(f"{name}.pem", "w") as f:
        f.write(lib.read("key") + lib.read("crt"))
    shutil.copy("crt", f"{name}.crt")


def test_tls():
    """Only a certificate that is trusted, and of that host; others get not a byte of the record, nor a header."""
    want = record()
    headers_file()
    certificate("right", "IP:127.0.0.1")
    certificate("wrong", "DNS:example.org")
    for cert, cacert, status in (("right", "right", 0), ("right", "wrong", 1), ("wrong", "wrong", 1), ("right", None, 1)):
        with Receiver(cert=f"{cert}.pem") as r:
            began = time.monotonic()
            done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool", "--headers", "headers",
                        *(["--cacert", f"{cacert}.crt"] if cacert else []))
        equal((done.returncode, len(r.got)), (status, 0 if status else len(want)), f"{cert} {cacert}: {done.stderr}")
        if status:
            check("certificate" in done.stderr and time.monotonic() - began < 30, done.stderr)
            equal(spooled(), want, "the spool")
            os.unlink("spool")


def test_redirect():
    """A redirect is no answer: the other one gets nothing."""
    record()
    with Receiver() as other, Receiver(answers(307, Location=other.url + "/v1/logs")) as r:
        done = push("rec.jsonl", "--otlp", r.url, "--spool", "spool")
    equal((done.returncode, len(r.got), len(other.got)), (1, 1, 0), done.stderr)


def test_usage():
    """What would give the record or a token away is refused before anything is sent."""
    record()
    headers_file()
    with Receiver() as r:
        for args, word in ((["--otlp", "http://example.org:4318"], "--insecure-http"), (["--otlp", f"http://me:{TOKEN}@127.0.0.1"], "--headers"),
                           (["--otlp", "ftp://127.0.0.1"], "https://"), (["--otlp", r.url + "/?token=a"], "query"), (["--otlp", "::"], "URL"),
                           (["--otlp", r.url, "--retries", "many"], "0 to 100"), (["--otlp", r.url, "--cacert", "none"], "none"),
                           (["--otlp", r.url, "--headers", "none"], "none")):
            done = push("rec.jsonl", *args)
            check(done.returncode == 2 and word in done.stderr, f"{args}: {done}")
        for mode in (0o640, 0o604, 0o660):
            os.chmod("headers", mode)
            done = push("rec.jsonl", "--otlp", r.url, "--headers", "headers")
            check(done.returncode == 2 and "chmod 600" in done.stderr, done)
        for text, word in ((f"Authorization {TOKEN}\n", "line 1"), (f"A: b\nContent-Type: {TOKEN}\n", "line 2"), (f"A: {TOKEN}\tb\n", "control"),
                           (f"A b: {TOKEN}\n", "line 1"), (f": {TOKEN}", "line 1"), ("A:  \n", "line 1")):
            with open("headers", "w") as f:
                f.write(text)
            os.chmod("headers", 0o600)
            done = push("rec.jsonl", "--otlp", r.url, "--headers", "headers")
            check(done.returncode == 2 and word in done.stderr, f"{text!r}: {done}")
        done = push("none.jsonl", "--otlp", r.url)
        check(done.returncode == 1 and "none.jsonl" in done.stderr, done)
    equal(r.got, [], "what was sent")
    # With --insecure-http it tries.
    done = push("rec.jsonl", "--otlp", "http://192.0.2.1:9", "--insecure-http", "--timeout", "1", "--spool", "spool")
    check(done.returncode == 1 and "cannot send" in done.stderr, done)


def test_spool_is_ours():
    """Nothing is written through a link or into another's file, and two pushes do not mix."""
    want = record()
    with open("target", "w") as f:
        f.write("mine\n")
    os.symlink("target", "link")
    os.link("target", "second")
    os.mkfifo("fifo")
    with Receiver() as r:
        for name in ("link", "second", "fifo", "no/folder"):
            done = push("rec.jsonl", "--otlp", r.url, "--spool", name)
            check(done.returncode == 1 and "nothing was sent" in done.stderr, f"{name}: {done}")
    equal((r.got, lib.read("target")), ([], "mine\n"), "what was sent and written")
    with Receiver() as down:
        pass
    args = [lib.TOOL, "push", "rec.jsonl", "--otlp", down.url, "--spool", "spool", "--retries", "1"]
    both = [subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    equal([p.wait(30) for p in both], [1, 1], "statuses")
    equal(spooled(), 2 * want, "the spool of two")


def test_user():
    """An ordinary user's push, with a spool in his own folder."""
    lib.need("setpriv")
    want = record()
    for name in ("goenvbpf", "goenvbpf-push"):
        shutil.copy(os.path.join(os.path.dirname(lib.TOOL), name), name)
    os.chmod("rec.jsonl", 0o644)
    os.mkdir("his")
    os.chown("his", NOBODY.pw_uid, NOBODY.pw_gid)
    prefix = ["setpriv", "--reuid", str(NOBODY.pw_uid), "--regid", str(NOBODY.pw_gid), "--clear-groups"]
    env = {"XDG_STATE_HOME": None, "HOME": os.path.abspath("his")}
    with Receiver() as down:
        pass
    env = lib.clean_env(**env)
    done = subprocess.run([*prefix, "./goenvbpf", "push", "rec.jsonl", "--otlp", down.url, "--retries", "0"], stderr=subprocess.PIPE, text=True, env=env)
    folder = "his/.local/state/goenvbpf"
    equal(done.returncode, 1, done.stderr)
    name, = os.listdir(folder)
    equal(spooled(f"{folder}/{name}"), want, "the spool")
    equal((os.stat(folder).st_uid, stat.S_IMODE(os.stat(folder).st_mode)), (NOBODY.pw_uid, 0o700), "its folder")
    check(name in done.stderr, done.stderr)


def test_traceparent():
    """A valid one is joined, any other one is not; without one the trace is the same each time, and another one's is not."""
    record()
    lines = lib.read("rec.jsonl").splitlines()

    def root(value, mode="run", tag=None):
        header, first = json.loads(lines[0]), json.loads(lines[1])
        header["tags"] = {"traceparent": tag} if tag else {}
        header["mode"], first["env"] = mode, {"TRACEPARENT": value} if value is not None else {}
        with open("one.jsonl", "w") as f:
            f.write("\n".join([json.dumps(header), json.dumps(first), *lines[2:40]]) + "\n")
        done = subprocess.run([lib.TOOL, "export", "one.jsonl", "--format", "otlp"], stdout=subprocess.PIPE, check=True)
        span = json.loads(done.stdout.splitlines()[-1])["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        return span["traceId"], span.get("parentSpanId")

    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    own = root(None)
    check(own[1] is None and int(own[0], 16), own)
    equal(root(None), own, "the second time")
    for good in (f"00-{trace}-{parent}-01", f"00-{trace}-{parent}-00", f"01-{trace}-{parent}-01-more"):
        equal(root(good), (trace, parent), good)
        equal(root(good, "watch"), own, "of all that a host does")
        equal(root(None, "watch", good), (trace, parent), f"{good} as a tag")
    for bad in ("", "00", f"00-{trace}-{parent}-01-more", f"ff-{trace}-{parent}-01", f"00-{32 * '0'}-{parent}-01", f"00-{trace}-{16 * '0'}-01",
                f"00-{trace.upper()}-{parent}-01", f"00-{trace}-{parent}-0", f"00-{trace}-{parent}-zz", f"00-{trace}_{parent}-01", "[redacted]"):
        equal(root(bad), own, bad)


def test_linkage():
    """goenvbpf itself has nothing to do with a network."""
    need_push()
    lib.need("readelf")
    for name, wanted in (("goenvbpf", False), ("goenvbpf-push", True)):
        out = subprocess.run(["readelf", "-dW", os.path.join(os.path.dirname(lib.TOOL), name)], stdout=subprocess.PIPE, text=True, check=True).stdout
        equal("libcurl" in out, wanted, f"libcurl of {name}")
