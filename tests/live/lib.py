# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the live tests share: running the tool, reading its record, holding it against expectations."""
import ctypes
import errno
import functools
import gzip
import json
import os
import platform
import shutil
import signal
import struct
import subprocess
import time
import zlib

# What is done in more versions and sizes by scripts/test.sh long.
LONG = os.environ.get("GOENVBPF_LONG") == "1"
TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAMS = os.path.join(TOP, "build", "programs")

# What is kept from one run to the next, as toolchains are.
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "goenvbpf")

# Set by run.py from its options.
TOOL = os.path.join(TOP, "build", "goenvbpf")
HOOKS = "auto"
GOCACHE = None			# a build cache for all tests of a run

# Kinds that come from system calls with a path, in any result.
CALL_KINDS = {"open", "stat", "access", "readlink", "mkdir", "unlink", "rename", "link", "symlink",
              "truncate", "utimes", "chmod", "chdir", "exec_failed"}
# Read beside the events, so in no order with them.
FACTS = {"buildinfo", "file", "cache", "source", "paused"}


class Skip(Exception):
    """The test cannot run here; the text says what is missing."""


def check(cond, *what):
    if not cond:
        raise AssertionError(" ".join(str(w) for w in what))


def equal(got, want, what):
    check(got == want, f"{what}: got {got!r}, expected {want!r}")


def alone(test):
    """
    A mark for tests beside which no other may run: they watch the whole host, compare what all of it
    has before and after, or need its CPUs for themselves.
    """
    test.alone = True
    return test


def need(*programs):
    for name in programs:
        if not shutil.which(name):
            raise Skip(f"no {name}")


def program(name):
    return os.path.join(PROGRAMS, name)


def compat_program():
    """The 32-bit program, where the kernel runs such."""
    if platform.machine() != "x86_64":
        raise Skip("32-bit programs are built on x86-64 only")
    try:
        subprocess.run([program("compat"), "nothing"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            raise Skip("the kernel runs no 32-bit programs")
        raise
    return program("compat")


# --- the record -------------------------------------------------------------------------------

class Record:
    """All lines of a record file; cut short or not, plain or compressed."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            raw = f.read()
        self.size = len(raw)
        self.text = expand(raw)
        whole, _, rest = self.text.rpartition(b"\n")
        self.half_line = rest
        self.lines = [json.loads(line) for line in whole.split(b"\n") if line]
        self.by_kind = {}
        for line in self.lines:
            self.by_kind.setdefault(line["k"], []).append(line)
        self.header = self.lines[0] if self.lines and self.lines[0]["k"] == "header" else None
        self.end = self.lines[-1] if self.lines and self.lines[-1]["k"] == "end" else None

    def kind(self, *names):
        return [line for line in self.lines if line["k"] in names]

    def events(self):
        """Lines that belong to a process."""
        return [line for line in self.lines if "tid" in line]

    def of_pid(self, pid):
        return [line for line in self.lines if line.get("pid") == pid]

    def exec_of(self, name):
        """The exec line whose executable or called file ends in name; exactly one."""
        found = [line for line in self.by_kind.get("exec", [])
                 if os.path.basename(line.get("exe", "")) == name or
                 os.path.basename(line.get("file", "")) == name]
        check(len(found) == 1, f"{len(found)} exec lines of {name}")
        return found[0]

    def descendants(self, pid):
        """pids and tids of a process and all that come from it, by its fork lines."""
        children = {}
        for line in self.by_kind.get("fork", []):
            children.setdefault(line["pid"], []).append(line["child"])
        found, todo = set(), [pid]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo += children.get(one, [])
        return found


def expand(raw):
    """As much of a record's bytes as there is, plain, gzip or zstd."""
    if raw[:2] == b"\x1f\x8b":
        return inflate(raw)
    if raw[:4] == b"\x28\xb5\x2f\xfd":
        need("zstd")
        return subprocess.run(["zstd", "-dcq"], input=raw, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return raw


def inflate(raw):
    """As much of a gzip stream, perhaps of several members and cut anywhere, as there is."""
    out = []
    while raw:
        z = zlib.decompressobj(wbits=31)
        try:
            out.append(z.decompress(raw))
        except zlib.error:
            break
        raw = z.unused_data
    return b"".join(out)


def as_bytes(line, key):
    """The true bytes of a text key; None when the line has none."""
    if key + "_hex" in line:
        return bytes.fromhex(line[key + "_hex"])
    return line[key].encode() if line.get(key) is not None else None


@functools.cache
def validator(answer=None):
    """Of the schema of record lines, or of what a verb says with --json."""
    try:
        import jsonschema
    except ImportError:
        raise Skip("no python3-jsonschema")
    out = subprocess.run([TOOL, "schema", *([answer] if answer else [])], stdout=subprocess.PIPE, timeout=20)
    equal(out.returncode, 0, "status of goenvbpf schema")
    schema = json.loads(out.stdout)
    cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    return cls(schema)


@functools.cache
def validators():
    """
    The schema's validator, and one for each kind of line. A line is one of the schema's kinds and each
    kind demands a "k" of its own, so a line is valid exactly when its own kind's validator says so.
    """
    whole = validator()
    schema, cls = whole.schema, type(whole)
    equal(set(schema) & {"oneOf", "anyOf", "allOf", "not", "if", "properties"}, {"oneOf"}, "what decides about a line")
    kinds = {}
    for one in schema["oneOf"]:
        kind = one["$ref"].removeprefix("#/$defs/")
        check("k" in schema["$defs"][kind]["required"], f"{kind} does not demand a k")
        equal(schema["$defs"][kind]["properties"]["k"], {"const": kind}, f"k of {kind}")
        kinds[kind] = cls({"$schema": schema["$schema"], "$ref": one["$ref"], "$defs": schema["$defs"]})
    return whole, kinds


def schema_errors(line):
    """What is wrong with a line, as text."""
    whole, kinds = validators()
    return [error.message[:300] for error in kinds.get(line.get("k"), whole).iter_errors(line)]


def answer(verb, text):
    """What a verb said with --json, which must be as its schema says."""
    value = json.loads(text)
    for error in validator(verb).iter_errors(value):
        raise AssertionError(f"{verb} --json is not as its schema says: {list(error.absolute_path)}: "
                             f"{error.message[:300]}")
    return value


# Keys whose value is one of a few words: part of what makes two lines alike.
WORDS = {"k", "call", "err", "type", "what", "format", "mode", "tier", "state", "schema"}


def shape(value, key=None):
    """Lines of one shape are alike to a schema: same keys, types, words, kinds of text."""
    if isinstance(value, dict):
        return tuple((k, shape(v, k)) for k, v in sorted(value.items()))
    if isinstance(value, list):
        return ("list", tuple(sorted({repr(shape(v, key)) for v in value})))
    if isinstance(value, str):
        if key in WORDS or key == "flags":
            return value
        return "digits" if value.isdigit() else "absolute" if value[:1] == "/" else "text" if value else ""
    if isinstance(value, bool) or value is None:
        return value
    return (type(value).__name__, value < 0)


def validate(record, whole=3000):
    """Every line against the schema. Of very long records, after the first lines one of each shape."""
    seen = set()
    for number, line in enumerate(record.lines, 1):
        if number > whole:
            s = shape(line)
            if s in seen:
                continue
            seen.add(s)
        for error in schema_errors(line):
            raise AssertionError(f"{record.path}:{number}: not as the schema says: {error}: {json.dumps(line)[:500]}")


def verify(record, complete=True):
    """What must hold for every finished record."""
    check(record.header, f"{record.path}: no header line")
    check(record.end, f"{record.path}: no end line")
    equal(record.half_line, b"", "text after the last line")
    for kind in ("header", "end"):
        equal(len(record.by_kind[kind]), 1, f"number of {kind} lines")
    validate(record)
    verify_order(record)
    verify_procs(record)
    verify_sums(record, complete)


def verify_order(record):
    last = {}
    for line in record.events():
        if line["ts"] < 0:
            raise AssertionError(f"negative time in {line}")
        if line["k"] in FACTS:
            continue
        before = last.get(line["tid"])
        # a tid can be used again; what was held back comes later but in order
        if before and line["ts"] < before["ts"] and before["pid"] == line["pid"]:
            raise AssertionError(f"time runs backwards in thread {line['tid']}: {before} then {line}")
        last[line["tid"]] = line


def verify_procs(record):
    """proc is one image of one process; parents are known before their children."""
    pid_of, execs = {}, set()
    for line in record.events():
        proc = line.get("proc")
        if proc is None:
            continue
        if pid_of.setdefault(proc, line["pid"]) != line["pid"]:
            raise AssertionError(f"proc {proc} belongs to pids {pid_of[proc]} and {line['pid']}")
        if line["k"] == "exec":
            check(proc not in execs, f"proc {proc} has two exec lines")
            execs.add(proc)
        if line["k"] == "fork" and not line.get("thread") and "child_proc" in line:
            check(pid_of.setdefault(line["child_proc"], line["child"]) == line["child"],
                  f"fork gives a proc that is taken: {line}")
    for line in record.by_kind.get("exec", []):
        if pid_of.get(line.get("prev"), line["pid"]) != line["pid"]:
            raise AssertionError(f"prev of {line} is another process, {pid_of[line['prev']]}")
        if "parent" in line and line["parent"] in (line["proc"], line.get("prev")):
            raise AssertionError(f"a process is its own parent: {line}")


def verify_sums(record, complete):
    end = record.end
    counts = {k: len(v) for k, v in record.by_kind.items() if k != "end"}
    told = {k: n for k, n in end["events"].items() if n and k != "end"}
    equal(told, counts, "end's events by kind")
    lost = end["lost"]
    equal(end["seen"], end["sent"] + lost.get("file", 0) + lost.get("life", 0), "seen = sent + lost")
    in_lines = {}
    for line in record.by_kind.get("lost", []):
        in_lines[line["what"]] = in_lines.get(line["what"], 0) + line["count"]
    equal({k: n for k, n in lost.items() if n}, in_lines, "end's losses and the lost lines")
    whole = not any(lost.values()) and "blind" not in counts
    # attach --pid is to see the end of all, as run is; attach --cgroup has none to see
    if not (record.header["mode"] == "attach" and "alive" in end):
        equal(end["complete"], whole and not (record.header["mode"] == "run" and "alive" in end), "complete")
    if complete:
        check(end["complete"], f"not complete: lost {lost}, blind {record.kind('blind')}")


# --- running the tool -------------------------------------------------------------------------

class Result:
    def __init__(self, status, out, err, path):
        self.status, self.out, self.err = status, out, err
        self.path = path
        self._record = None

    @property
    def record(self):
        if self._record is None:
            self._record = Record(self.path)
        return self._record


def clean_env(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SUDO_", "GO", "CGO_"))}
    env.update(more)
    return {k: v for k, v in env.items() if v is not None}


def tool_args(verb, *opts, record=None):
    args = [TOOL] + ([verb] if verb else [])
    if HOOKS != "auto":
        args += ["--hooks", HOOKS]
    if record:
        args += ["-o", record]
    return args + [str(o) for o in opts]


def run(cmd, *opts, record="rec.jsonl", env=None, timeout=120, cwd=None, prefix=(), stdout=None):
    """goenvbpf run OPTS -o RECORD -- CMD, to its end. stdout: a file for the command's output."""
    path = os.path.abspath(record) if record and record != "-" else record
    args = list(prefix) + tool_args("run", *opts, record=path) + ["--"] + [str(c) for c in cmd]
    with open("tool.err", "wb") as err, open(stdout or "tool.out", "ab" if stdout else "wb") as out:
        done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd,
                              env=clean_env() if env is None else env, timeout=timeout)
    return Result(done.returncode, read(stdout or "tool.out"), read("tool.err"), path)


def filesystem(path):
    """Its type, as stat(1) names it."""
    return subprocess.run(["stat", "-fc", "%T", path], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def kernel():
    """(6, 18) of 6.18.44"""
    return tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])


class Opens:
    """How often a file is opened, from now on and by whomever."""

    def __init__(self, path):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        # IN_OPEN, and IN_CLOSE_NOWRITE: two events in a row that look the same are told once.
        if self.fd < 0 or self.libc.inotify_add_watch(self.fd, os.fsencode(path), 0x30) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def count(self):
        events = b""
        try:
            while part := os.read(self.fd, 65536):
                events += part
        except BlockingIOError:
            pass
        os.close(self.fd)
        return sum(struct.unpack_from("iI", events, at)[1] & 0x20 != 0 for at in range(0, len(events), 16))


# A prefix: with the folder run of the working directory as /run, made by own_run().
OWN_RUN = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /run && exec "$@"']


def own_run():
    """That folder, empty, and the prefix of commands that are to have it."""
    shutil.rmtree("run", ignore_errors=True)
    os.mkdir("run", 0o755)
    return [*OWN_RUN, os.path.abspath("run")]


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def said(result):
    """The tool's words, for the message of a failure."""
    return f"status {result.status}; it said: {result.err[-800:]!r}"


class Observer:
    """A tool that runs beside the test: watch or attach. stop() ends it as Ctrl-C does."""

    def __init__(self, verb, *opts, record="watch.jsonl", env=None):
        self.path = os.path.abspath(record)
        self.err_path = self.path + ".err"
        with open(self.err_path, "wb") as err:
            self.proc = subprocess.Popen(tool_args(verb, *opts, record=self.path), stdin=subprocess.DEVNULL,
                                         stdout=err, stderr=err, env=clean_env() if env is None else env)
        self.wait_ready()

    def wait_ready(self):
        """Its header is in the file when all hooks are attached."""
        def ready():
            check(self.proc.poll() is None, f"the observer ended: {self.proc.returncode} {read(self.err_path)[-500:]}")
            return os.path.exists(self.path) and b"\n" in head(self.path)
        wait_for(ready, 20, "the observer's header line")

    def wait_until(self, holds, what):
        """Until it holds of what the record has so far; lines come at least once a second."""
        wait_for(lambda: holds(Record(self.path)), 30, what, pause=0.3)

    def stop(self, sig=signal.SIGINT, timeout=30):
        self.proc.send_signal(sig)
        return self.wait(timeout)

    def wait(self, timeout=30):
        try:
            status = self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the observer did not end: {read(self.err_path)[-500:]}")
        return Result(status, "", read(self.err_path), self.path)

    def kill(self):
        """kill -9 of the process that writes; the one in front ends with it."""
        if self.proc.poll() is None:
            os.kill(observer_of(self.proc.pid), signal.SIGKILL)
        self.proc.wait()


def observer_of(pid):
    """The observing process: a child that runs the same executable, or else itself."""
    exe = os.path.realpath(TOOL)
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.readlink(f"/proc/{name}/exe") == exe and int(
                    read(f"/proc/{name}/stat").rpartition(")")[2].split()[1]) == pid:
                return int(name)
        except OSError:
            pass
    return pid


def head(path, n=65536):
    with open(path, "rb") as f:
        raw = f.read(n)
    return expand(raw)


def wait_for(cond, seconds, what, pause=0.02):
    end = time.monotonic() + seconds
    while not cond():
        check(time.monotonic() < end, f"timed out waiting for {what}")
        time.sleep(pause)


# --- expectation programs ---------------------------------------------------------------------

def expectations(path):
    """The lines an expectation program printed."""
    with open(path, "rb") as f:
        return [json.loads(line) for line in f.read().splitlines() if line.startswith(b"{\"")]


def want_bytes(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode()


def mismatch(want, line):
    """Why a record line is not the one expected; None when it is."""
    for key, value in want.items():
        if key == "who" or key[0] == "_":
            continue
        if key == "as_begins":	# a path too long to be taken whole, or whole
            got, whole = as_bytes(line, "as") or b"", want_bytes(value)
            if got != whole and not (len(got) >= 4000 and whole.startswith(got) and
                                     "as" in line.get("incomplete", [])):
                return f"as: {len(got)} bytes, incomplete {line.get('incomplete')}"
        elif key == "flags":
            if set(line.get(key, [])) - {"LARGEFILE"} != set(value.split("|")):
                return f"flags {line.get(key)}, expected {value}"
        elif key == "args":
            got = line.get("args")
            if got != value:
                return f"args {str(got)[:300]}, expected {str(value)[:300]}"
        elif isinstance(value, (str, dict)):
            if as_bytes(line, key) != want_bytes(value):
                return f"{key} {as_bytes(line, key)!r}, expected {want_bytes(value)!r}"[:9000]
        elif line.get(key) != value:
            return f"{key} {line.get(key)!r}, expected {value!r}"
    if "err" in line and "err" not in want:
        return f"failed with {line['err']}, expected success"
    return None


def thread_lines(record, tid):
    return [line for line in record.lines
            if line.get("tid") == tid and line["k"] in CALL_KINDS | {"exec", "fork", "blind"}]


def own_lines(lines, on):
    """Those that the program accounts for: not its libc's after an exec. on: from the first one."""
    out = []
    for line in lines:
        if line["k"] == "exec":
            if on:
                out.append(line)
            on = False
        elif line.get("as") == "/expect/begin":
            on = True
        elif line.get("as") == "/expect/end":
            on = False
        elif on:
            out.append(line)
    return out


def brief(line):
    return json.dumps({k: v for k, v in line.items() if k not in ("env", "env_names")})[:600]


def hold(expected, record, exact=True):
    """
    Every expected line is in the record, in its thread's order. exact: and nothing else is.
    Returns the pairs (expected line, record line).
    """
    check(expected, "the program told nothing")
    threads, exits, pairs = {}, [], []
    for want in expected:
        if want["k"] == "exit":
            exits.append(want)
        else:
            threads.setdefault(want["who"][1], []).append(want)
    first = min((line for line in record.lines if line["k"] == "exec"), key=lambda line: line["ts"])
    for tid, wants in threads.items():
        lines = thread_lines(record, tid)
        pairs += hold_exact(tid, wants, own_lines(lines, tid != first["tid"])) if exact else \
            hold_among(tid, wants, lines)
    for want in exits:
        lines = [line for line in record.by_kind.get("exit", []) if line["pid"] == want["who"][0]]
        check(len(lines) == 1, f"{len(lines)} exit lines of process {want['who'][0]}")
        why = mismatch(want, lines[0])
        check(not why, f"exit of {want['who'][0]}: {why}")
        pairs.append((want, lines[0]))
    return pairs


def hold_exact(tid, wants, lines):
    for i, want in enumerate(wants):
        check(i < len(lines), f"thread {tid}: {len(lines)} lines of {len(wants)}; missing: {brief(want)}")
        why = mismatch(want, lines[i])
        check(not why, f"thread {tid}, line {i}: {why}\n  expected {brief(want)}\n  record   {brief(lines[i])}")
    too_many = lines[len(wants):]
    check(not too_many, f"thread {tid}: {len(too_many)} lines too many: {[brief(line) for line in too_many[:3]]}")
    return list(zip(wants, lines))


def hold_among(tid, wants, lines):
    pairs, at = [], 0
    for want in wants:
        found = next((i for i in range(at, len(lines)) if not mismatch(want, lines[i])), None)
        check(found is not None, f"thread {tid}: not in the record after {at} of {len(lines)} lines: {brief(want)}")
        pairs.append((want, lines[found]))
        at = found + 1
    return pairs


def run_program(name, *args, exact=True, opts=(), record="rec.jsonl", env=None, complete=True):
    """Runs an expectation program under the tool and holds the record against what it told."""
    workdir = os.path.join(os.path.realpath(os.getcwd()), "w")
    os.mkdir(workdir)
    for helper in ("tiny", "compat"):
        if os.path.exists(program(helper)):
            shutil.copy(program(helper), workdir)
    told = os.path.abspath("told")
    result = run([program(name), *args], *opts, record=record, cwd=workdir, stdout=told, env=env)
    if result.status == 77:
        raise Skip(result.err.strip().splitlines()[-1])
    check(result.status == 0, f"{name} {args}: {said(result)}")
    verify(result.record, complete)
    result.pairs = hold(expectations(told), result.record, exact)
    return result
