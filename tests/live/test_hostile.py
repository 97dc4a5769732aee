# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Programs that mean no good to who watches: bounded in time and memory, told, and shown as what they are."""
import os
import re
import shutil
import signal
import struct
import subprocess
import time

import lib
import workload
from lib import alone, check, equal, said
from test_cache import goroot
from test_rights import as_user, home, sudo_rule
from test_users import NOBODY, need_tool_readable

AS_NOBODY = ["setpriv", "--reuid", str(NOBODY.pw_uid), "--regid", str(NOBODY.pw_gid), "--clear-groups"]
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


def rss(pid):
    """Anonymous memory of a process, in MiB."""
    with open(f"/proc/{pid}/status") as f:
        return int(next(line.split()[1] for line in f if line.startswith("RssAnon:"))) / 1024


def python(code, *args):
    return ["/usr/bin/python3", "-c", code, *map(str, args)]


# --- long lines and costly texts --------------------------------------------------------------

LONG = r"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
byte = bytes.fromhex(sys.argv[1])
if not os.fork():
    os.execv("/bin/true", [b"true"] + [byte * 130000] * int(sys.argv[2]))
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_long_lines():
    """Writer and reader have one limit for a line: what does not fit is said to be incomplete, and the record is whole."""
    for byte, cnt, whole in (("78", 20, True), ("ff", 8, True), ("ff", 24, False), ("01", 40, False)):
        result = lib.run(python(LONG, byte, cnt), "--force")
        equal(result.status, 0, said(result))
        lib.verify(result.record)
        check(max(map(len, result.record.text.split(b"\n"))) < 16 << 20, "a line is too long")
        line = [line for line in result.record.kind("exec") if line["exe"].endswith("/true")][0]
        equal("args" in line.get("incomplete", []), not whole, f"{cnt} arguments of {byte} are incomplete")
        equal(len(line["args"]) == cnt + 1, whole, f"all of {cnt} arguments of {byte}")
        report = subprocess.run([lib.TOOL, "report", result.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        check("damaged" not in report.stdout, report.stdout[:500])


COSTLY = r"""
import os, sys
n = 128000
def rep(s): return (s * (n // len(s) + 1))[:n]
kinds = ["a" * 64000 + "://" + ";" * 63990, rep("a:"), rep('x"'), rep("a:/ "), rep("-eyJ"), "a" + "=" * (n - 1), rep("http://a:b"),
         "http://" + rep("x,"), '"' * n, "(" * n, rep("a="), rep("- "), rep("http://@"), rep("eyJ "), rep("eyJa"), rep("--=x"),
         rep("-----BEGIN "), rep("'\\"), rep("Bearer "), rep("password="), rep("{\"a\":")]
for kind in kinds:
    os.spawnve(os.P_WAIT, "/bin/true", ["true"] + [kind] * 11, {"GOFLAGS": kind, "GOENV": kind, "CGO_CFLAGS": kind})
os.spawnve(os.P_WAIT, "/bin/true", ["true", "", ""], {"A": ""})
os.spawnve(os.P_WAIT, "/bin/true", ["-----BEGIN ", "--", "-", "=", "-=", "--=x", '"', "'", "`", "-H", "-X"], {"GOFLAGS": "\udcff\x1b"})
print(len(kinds))
"""


@alone
def test_costly_texts():
    """Arguments that are meant to take long: 30 MB of them are recorded as they come, and Ctrl-C ends at once."""
    shutil.copy("/bin/true", "true")
    start = time.monotonic()
    # All of it fits: what a busy machine loses of a smaller ring is no matter of the texts.
    result = lib.run(python(COSTLY), "--ring", "64M", env=lib.clean_env())
    took = time.monotonic() - start
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    cnt = int(result.out)
    print(f"note: {cnt} kinds of 11 arguments each in {took:.1f} s")
    check(took < 60, f"{took:.1f} s for {cnt} kinds")
    equal(sum(line["exe"].endswith("/true") for line in result.record.kind("exec")), cnt + 2, "programs")


GOENV_FLOOD = r"""
import os
env = ["GOENV=" + "x" * 128000] * 15
import ctypes
libc = ctypes.CDLL(None)
argv = (ctypes.c_char_p * 2)(b"true", None)
envp = (ctypes.c_char_p * 16)(*[e.encode() for e in env], None)
for _ in range(150):
    pid = os.fork()
    if not pid:
        libc.execve(b"/bin/true", argv, envp)
        os._exit(1)
    os.waitpid(pid, 0)
"""


def test_variables_that_pile_up():
    """An environment with GOENV many times leaves nothing in the observer."""
    proc = subprocess.Popen(lib.tool_args("run", record="rec.jsonl.gz") +
                            ["--", "sh", "-c", 'read w; "$@"; echo one; read w; "$@"; "$@"; echo two; read w', "sh",
                             *python(GOENV_FLOOD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=lib.clean_env())
    observer = lib.observer_of(proc.pid)

    def after(word, want):
        proc.stdin.write(f"{word}\n")
        proc.stdin.flush()
        equal(proc.stdout.readline(), want, "the command")
        time.sleep(1)
        return rss(observer)
    one = after("go", "one\n")
    two = after("go", "two\n")
    proc.communicate("end\n", timeout=60)
    print(f"note: {one:.0f} MiB after 150 programs, {two:.0f} MiB after 450")
    check(two < one + 40, f"{one:.0f} MiB, then {two:.0f} MiB")


# --- build information and cache entries ------------------------------------------------------

MARKS = (b"\x30w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6", b"\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2")


def varint(v):
    out = b""
    while v > 0x7f:
        out += bytes([v & 0x7f | 0x80])
        v >>= 7
    return out + bytes([v])


def crafted(path, version, text):
    """An x86-64 program that ends at once and embeds that."""
    if os.uname().machine != "x86_64":
        raise lib.Skip("the program is of x86-64")
    mod = MARKS[0] + text + MARKS[1]
    blob = b"\xff Go buildinf:" + bytes([8, 2]) + b"\0" * 16 + varint(len(version)) + version + varint(len(mod)) + mod
    code, off = b"\xb8\x3c\0\0\0\x31\xff\x0f\x05", 0x1000
    head = struct.pack("<4sBBBBB7xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 0, 2, 62, 1, 0x4000b0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 0xb0 + len(code), 0xb0 + len(code), 0x1000)
    head += struct.pack("<IIQQQQQQ", 1, 6, off, 0x600000, 0x600000, len(blob), len(blob), 0x1000)
    with open(path, "wb") as f:
        f.write(head + b"\0" * (0xb0 - len(head)) + code)
        f.seek(off)
        f.write(blob)
    os.chmod(path, 0o755)


@alone
def test_buildinfo_bombs():
    """Programs of an ordinary user with millions of modules, while root watches: memory and time stay bounded, the rest is seen."""
    home()
    os.chmod(".", 0o755)
    crafted("home/million", b"go1.26", b"path\tx\nmod\tx\tv1\n" + b"dep\t\t\n" * 5_500_000)
    crafted("home/many", b"go1.26", b"path\tx\nmod\tx\tv1\n" + b"dep\tm\tv1\th1:%s\n" % (b"x" * 40) * 130_000)
    proc = subprocess.Popen(lib.tool_args("", "-q", record="rec.jsonl.gz"), env=lib.clean_env())
    lib.wait_for(lambda: os.path.exists("rec.jsonl.gz") and os.path.getsize("rec.jsonl.gz") > 0, 20, "the watch")
    time.sleep(1)
    observer = lib.observer_of(proc.pid)
    before = rss(observer)
    for n in range(12):
        name = ("million", "many")[n % 2]
        shutil.copy(f"home/{name}", f"home/b{n}")
        subprocess.run([*AS_NOBODY, f"./b{n}"], cwd="home", check=True)
        os.unlink(f"home/b{n}")
    subprocess.run([f"{goroot('1.22')}/bin/go", "version"], stdout=subprocess.DEVNULL, check=True,
                   env=lib.clean_env(HOME=os.path.abspath("home"), GOTOOLCHAIN="local"))
    time.sleep(3)
    after = rss(observer)
    start = time.monotonic()
    proc.send_signal(signal.SIGINT)
    equal(proc.wait(30), 0, "status")
    took = time.monotonic() - start
    print(f"note: {before:.0f} MiB before, {after:.0f} after 12 programs, the end took {took:.1f} s")
    check(after < before + 250, f"{before:.0f} MiB before, {after:.0f} after")
    record = lib.Record("rec.jsonl.gz")
    lib.verify(record)
    infos = {os.path.basename(line["exe"]): line for line in record.kind("buildinfo")}
    check(infos["go"].get("go"), "the real program's build information")
    for n in range(12):
        line = infos.get(f"b{n}", {"incomplete": ["buildinfo"]})
        check("error" in line or "incomplete" in line, f"b{n}: {str(line)[:200]}")


def test_terminal_output_of_buildinfo():
    """What a program embeds is shown as what it is by every verb: no byte of it is for the terminal."""
    crafted("evil", b"go1.26\x1b[31mRED", b"path\tx\x1b]0;owned\x07\nmod\tx\x1b[2J\tv1\n"
            b"dep\t\xe2\x80\xae\xe2\x81\xa6m\tv\xe2\x80\x8b1\th1:x\nbuild\t-tags=a\x1b[5mb\xf3\xa0\x81\x81\n")
    result = lib.run(["./evil"])
    lib.verify(result.record)
    for args in (["buildinfo", "evil"], ["report", "rec.jsonl"], ["report", "--full", "rec.jsonl"], ["timeline", "--all", "rec.jsonl"],
                 ["env", "rec.jsonl"]):
        out = subprocess.run([lib.TOOL, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = (out.stdout + out.stderr).decode(errors="surrogateescape")
        check(not RAW.search(text), f"{args}: {RAW.search(text)} in {text[:300]!r}")


def archive_bomb(n):
    """A cache entry whose object names the same place once for four bytes."""
    off = 1000000
    head = b"!<arch>\n" + b"_go_.o          0           0     0     644     %-10d`\n" % 10**9
    body = b"go object linux amd64 go1.26 X\n\n!\n\0go1"
    data = head + body
    at = len(head) + body.index(b"\0go1")
    data += b"x" * off
    data = data[:at + off] + b"go:cuinfo.packagename.\0\0" + struct.pack("<I", off) * (n // 4)
    action, output = f"{0xaa << 248 | n:064x}", f"{0xbb << 248 | n:064x}"
    os.makedirs("c/aa", exist_ok=True)
    os.makedirs("c/bb", exist_ok=True)
    with open(f"c/bb/{output}-d", "wb") as f:
        f.write(data)
    with open(f"c/aa/{action}-a", "w") as f:
        f.write(f"v1 {action} {output} {len(data):20d} {1:20d}\n")
    return f"c/aa/{action}-a"


@alone
def test_archive_bombs():
    """Cache entries that point into themselves: an entry of 16 MB takes no longer than one of 1 MB."""
    times = []
    for n in (1_000_000, 16_000_000):
        name = archive_bomb(n)
        start = time.monotonic()
        result = lib.run(["cat", name], "--force")
        times.append(time.monotonic() - start)
        equal(result.status, 0, said(result))
        lib.verify(result.record)
        equal(len(result.record.kind("cache")), 1, "entries")
    print(f"note: {times[0]:.2f} s, {times[1]:.2f} s")
    check(times[1] < times[0] + 3, times)


# --- names ------------------------------------------------------------------------------------

NAMES = [b"\x1b[2J\x1b[31mRED", b"\x1b]0;title\x07", b"nl\nFAKE 0.0000 line", b"cr\rOVER", b"bidi\xe2\x80\xae\xe2\x81\xa6x",
         b"c1\xc2\x9b31m", b"raw\x9b31m", b"bs\x08\x08\x08", b"zero\xe2\x80\x8bwidth", b"tag\xf3\xa0\x81\x81", b"soft\xc2\xadhyphen",
         b"comb" + b"\xcc\x81" * 40, b'{"k":"end","complete":true}', b"\\u0000\\n", b"\xff\xfe\xfd", b"\xed\xa0\x80",
         b"$(id)", b"-rf", b"\x7f", b"\x01\x02\x03", b"\xef\xbb\xbfbom", b"\xe2\x80\xa8ls", b"%s%n%n"]

NAMED = r"""
import os, sys
for name in map(bytes.fromhex, sys.argv[1:]):
    os.mkdir(name)
    with open(name + b"/go.mod", "wb") as f:
        f.write(b"module x\n// \x1b[31m\xff\x00\n")
    os.close(os.open(name + b"/go.mod", os.O_RDONLY))
    try:
        os.open(name + b"/none", os.O_RDONLY)
    except OSError:
        pass
    if not os.fork():
        os.execve(b"/bin/true", [b"true", name], {b"GOFLAGS": name, b"GODEBUG": b"\x1b[31m"})
    os.wait()
"""


def test_names():
    """Names that try to break a terminal or a line: the record is whole, no verb prints them raw, each is its own."""
    result = lib.run(python(NAMED, *(name.hex() for name in NAMES)))
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    equal(sum(line["exe"].endswith("/true") for line in result.record.kind("exec")), len(NAMES), "programs")
    opened = {lib.as_bytes(line, "path").split(b"/")[-2] for line in result.record.kind("open")
              if (lib.as_bytes(line, "path") or b"").endswith(b"/go.mod")}
    check(set(NAMES) <= opened, set(NAMES) - opened)
    for args in (["report", "rec.jsonl"], ["report", "--full", "rec.jsonl"], ["timeline", "--all", "rec.jsonl"],
                 ["timeline", "--failed", "rec.jsonl"], ["env", "rec.jsonl", "--all"]):
        out = subprocess.run([lib.TOOL, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = (out.stdout + out.stderr).decode(errors="surrogateescape")
        check(not RAW.search(text) and "\u0301" * 3 not in text, f"{args}: {RAW.search(text)}")


def zst_bomb(path, *options):
    """A header, and then 256 MiB of one letter."""
    with open(path, "wb") as out:
        packer = subprocess.Popen(["zstd", "-q", "-c", *options], stdin=subprocess.PIPE, stdout=out)
        packer.stdin.write(b'{"k":"header","schema":"goenvbpf/1","start":"2026-01-01T00:00:00.000000000Z","boot_ns":1}\n')
        for _ in range(256):
            packer.stdin.write(b"a" * (1 << 20))
        packer.stdin.close()
        equal(packer.wait(), 0, "zstd")


def test_record_bombs():
    """A record that is small and becomes huge, or wants much memory to be unpacked, gets a bounded one."""
    lib.need("zstd")
    peaks = []
    for options, statuses in (([], {0}), (["--long=27"], {0}), (["--long=31"], {1})):
        zst_bomb("bomb.jsonl.zst", *options)
        for verb in ("report", "timeline", "check"):
            pid = os.posix_spawn(lib.TOOL, [lib.TOOL, verb, "bomb.jsonl.zst"], os.environ, file_actions=[
                (os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)])
            _, status, used = os.wait4(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            check(code in (statuses | {3} if verb == "check" else statuses), f"{options} {verb}: status {code}")
            peaks.append(used.ru_maxrss // 1024)
    check(max(peaks) < 200, f"peak memory in MB: {peaks}")
    return f"at most {max(peaks)} MB"


# --- all of them at once ----------------------------------------------------------------------

SECONDS = 600 if lib.LONG else 20


@alone
def test_beside_builds():
    """Hostile programs of another user for a while, and builds: those are whole or told, memory is bounded, the end quick."""
    home()
    os.chmod(".", 0o755)
    crafted("home/many", b"go1.26", b"path\tx\nmod\tx\tv1\n" + b"dep\tm\tv1\th1:%s\n" % (b"x" * 40) * 130_000)
    path = workload.module("m")
    env = workload.shared_cache_env()
    subprocess.run(["go", "build", "-o", os.path.abspath("out"), "."], cwd=path, env=env, check=True)
    hostile = [python(COSTLY), python(LONG, "ff", 24), python(GOENV_FLOOD), ["sh", "-c", "for i in 1 2 3 4; do ./many; done"],
               python(NAMED.replace("os.mkdir(name)", "os.makedirs(name, exist_ok=True)"), *(name.hex() for name in NAMES))]
    observer = lib.Observer(None, record="rec.jsonl.zst")
    inner = lib.observer_of(observer.proc.pid)
    builds, peak, attacks, running = [], 0, 0, None
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not running or running.poll() is not None:
            running = subprocess.Popen([*AS_NOBODY, *hostile[attacks % len(hostile)]], cwd="home", stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            attacks += 1
        build = subprocess.Popen(["go", "build", "-o", os.path.abspath("out"), "."], cwd=path, env=env)
        equal(build.wait(), 0, "go build")
        builds.append(build.pid)
        peak = max(peak, rss(inner))
    running.kill()
    running.wait()
    start = time.monotonic()
    result = observer.stop()
    took = time.monotonic() - start
    equal(result.status, 0, said(result))
    record = result.record
    lib.verify(record, complete=False)
    lost = sum(record.end["lost"].values())
    exits = {line["pid"] for line in record.kind("exit")}
    missing = [pid for pid in builds if pid not in exits]
    check(not missing or lost, f"{len(missing)} of {len(builds)} builds are not in the record, and nothing is told as lost")
    check(peak < 400, f"memory reached {peak:.0f} MiB")
    check(took < (3 if lib.LONG else 10), f"the end took {took:.1f} s")
    return f"{attacks} attacks, {len(builds)} builds, {len(missing)} missing, {lost} lost, {peak:.0f} MiB, the end {took:.1f} s"


test_beside_builds.limit = SECONDS + 200
