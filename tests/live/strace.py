# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Another observer's account: reads strace -ff output and compares it with a record, thread by thread."""
import os
import re

import lib

# What is recorded, by kind; arguments: positions of path, second path, flags.
#        name           kind           path path2 flags
CALLS = {
    "open":            ("open",        0, None, 1),
    "openat":          ("open",        1, None, 2),
    "openat2":         ("open",        1, None, 2),
    "creat":           ("open",        0, None, None),
    "stat":            ("stat",        0, None, None),
    "lstat":           ("stat",        0, None, None),
    "fstat":           ("stat",        None, None, None),
    "newfstatat":      ("stat",        1, None, None),
    "statx":           ("stat",        1, None, None),
    "access":          ("access",      0, None, None),
    "faccessat":       ("access",      1, None, None),
    "faccessat2":      ("access",      1, None, None),
    "readlink":        ("readlink",    0, None, None),
    "readlinkat":      ("readlink",    1, None, None),
    "mkdir":           ("mkdir",       0, None, None),
    "mkdirat":         ("mkdir",       1, None, None),
    "unlink":          ("unlink",      0, None, None),
    "unlinkat":        ("unlink",      1, None, None),
    "rmdir":           ("unlink",      0, None, None),
    "rename":          ("rename",      0, 1, None),
    "renameat":        ("rename",      1, 3, None),
    "renameat2":       ("rename",      1, 3, None),
    "link":            ("link",        0, 1, None),
    "linkat":          ("link",        1, 3, None),
    "symlink":         ("symlink",     0, 1, None),
    "symlinkat":       ("symlink",     0, 2, None),
    "truncate":        ("truncate",    0, None, None),
    "utime":           ("utimes",      0, None, None),
    "utimes":          ("utimes",      0, None, None),
    "futimesat":       ("utimes",      1, None, None),
    "utimensat":       ("utimes",      1, None, None),
    "chmod":           ("chmod",       0, None, None),
    "fchmodat":        ("chmod",       1, None, None),
    "chdir":           ("chdir",       0, None, None),
    "fchdir":          ("chdir",       None, None, None),
    "chroot":          ("chdir",       0, None, None),
    "execve":          ("exec",        0, None, None),
    "execveat":        ("exec",        1, None, None),
}

LINE = re.compile(rb"^(\w+)\((.*)$", re.S)


def command(directory, *cmd):
    """strace that writes one file per thread, strings whole and as bytes."""
    return ["strace", "-f", "-ff", "-qq", "-xx", "-s", "1000000", "-v", "-o", os.path.join(directory, "t"),
            "-e", "trace=" + ",".join(CALLS), "-e", "signal=none", *cmd]


def split_args(text):
    """Top-level arguments and what follows the closing parenthesis."""
    args, depth, start, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        if c == 0x22:			# strings are all \xNN inside: no escaped quote
            quoted = not quoted
        elif quoted:
            continue
        elif c in b"([{<":
            depth += 1
        elif c in b")]}>" and not (c == 0x3e and text[i - 1:i] == b"-"):
            if depth == 0:
                args.append(text[start:i].strip())
                return args, text[i + 1:].strip()
            depth -= 1
        elif c == 0x2c and depth == 0:
            args.append(text[start:i].strip())
            start = i + 1
    return args, None


def string(arg):
    """The bytes of a string argument; None when it is no string (NULL, an address)."""
    m = re.match(rb'^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?$', arg)
    return bytes.fromhex(m.group(1).replace(b"\\x", b"").decode()) if m else None


def result(text):
    """'ok', an errno name, or None when the call did not return."""
    m = re.match(rb"^= (-?\w+|\?)(?: (E\w+))?", text or b"")
    if not m or m.group(1) == b"?" and not m.group(2):
        return None
    return m.group(2).decode() if m.group(2) else "ok"


def parse_line(raw):
    """(call, keys) of one line; None when it is not a finished call."""
    m = LINE.match(raw)
    if not m:
        return None
    name = m.group(1).decode()
    if name not in CALLS:
        return None
    args, rest = split_args(m.group(2))
    outcome = result(rest)
    if outcome is None:
        return None
    kind, path, path2, flags = CALLS[name]
    keys = {"call": name, "k": kind, "result": outcome}
    keys["as"] = (string(args[path]) if path is not None and path < len(args) else None) or b""
    if path2 is not None:
        keys["as2"] = string(args[path2]) or b""
    if flags is not None:
        names = set(re.findall(r"\bO_(\w+)", args[flags].decode()))
        keys["flags"] = names - {"LARGEFILE"}
    if kind == "readlink" and outcome == "ok":
        keys["target"] = string(args[path + 1])
    if kind == "exec" and outcome == "ok":
        keys["args"] = [string(a) for a in re.findall(rb'"[^"]*"', args[path + 1])]
    return keys


def read(directory):
    """{tid: [calls]} in order."""
    texts, moved = {}, {}
    for name in os.listdir(directory):
        if name.startswith("t."):
            with open(os.path.join(directory, name), "rb") as f:
                texts[int(name[2:])] = f.read().split(b"\n")
    for lines in texts.values():
        for raw in lines:
            m = PID_CHANGED.match(raw)
            if m:		# a thread that execs goes on under its process's id
                moved.setdefault(int(m.group(2)), []).append(m.group(1))
    return {tid: parse_thread(lines, moved.get(tid, [])) for tid, lines in texts.items()}


PID_CHANGED = re.compile(rb"^(.*?) *<pid changed to (\d+) \.\.\.>$", re.S)


def parse_thread(lines, moved):
    calls, unfinished = [], None
    for raw in lines:
        if raw.endswith(b"<unfinished ...>"):
            unfinished = raw[:-len(b"<unfinished ...>")].rstrip()
            continue
        if raw.startswith(b"<... "):
            begin = unfinished or (moved.pop(0) if moved else b"")
            raw, unfinished = begin + raw.split(b"resumed>", 1)[1].lstrip(b" "), None
        one = parse_line(raw)
        if one:
            calls.append(one)
    return calls


def of_record(line):
    """A record line in the same terms; None when strace is not asked for it."""
    if line["k"] not in lib.CALL_KINDS and line["k"] != "exec":
        return None
    kind = "exec" if line["k"] == "exec_failed" else line["k"]
    name = "file" if kind == "exec" else "as"
    keys = {"k": kind, "call": line.get("call"), "result": line.get("err", "ok"),
            "as": lib.as_bytes(line, name) or b""}
    for key in ("as2", "target"):
        if key in line:
            keys[key] = lib.as_bytes(line, key)
    if "flags" in line:
        keys["flags"] = set(line["flags"]) - {"LARGEFILE"}
    if line["k"] == "exec":
        keys["args"] = [a.encode() for a in line["args"]]
    return keys


def differ(theirs, ours):
    """Which key is told differently; None when the calls are the same."""
    for key in ("k", "result"):
        if theirs[key] != ours[key]:
            return key
    exec_ok = ours["k"] == "exec" and ours["result"] == "ok"
    if not exec_ok and theirs["call"] != ours["call"]:
        return "call"
    # a success by descriptor is called /dev/fd/N by the kernel
    if theirs["as"] != ours["as"] and not (exec_ok and theirs["call"] == "execveat"):
        return "as"
    if "as2" in theirs and theirs["as2"] != ours.get("as2", b""):
        return "as2"
    for key in ("flags", "target"):
        if key in theirs and key in ours and theirs[key] != ours[key]:
            return key
    if exec_ok and ours["args"] != theirs["args"] and not is_script(theirs["args"], ours["args"]):
        return "args"
    return None


def is_script(given, ran):
    """The kernel puts the interpreter and the script's name in place of the first argument."""
    n = len(given) - 1
    return len(ran) > len(given) and (n == 0 or ran[-n:] == given[1:])


def compare(theirs, record):
    """Raises at the first difference; returns how many calls were equal."""
    ours, pid_of = {}, {}
    for line in record.events():
        keys = of_record(line)
        pid_of[line["tid"]] = line["pid"]
        if keys:
            ours.setdefault(line["tid"], []).append(keys)
    total = 0
    root = root_tid(record, theirs)
    for tid, calls in sorted(theirs.items()):
        mine = ours.get(tid, [])
        if tid == root:		# strace's child, before it became the command
            while mine and not (mine[0]["k"] == "exec" and mine[0]["result"] == "ok"):
                mine = mine[1:]
        total += compare_thread(tid, calls, mine)
    below = record.descendants(root)
    for tid, mine in ours.items():
        lib.check(tid in theirs or not (tid in below or pid_of[tid] in below),
                  f"thread {tid} has {len(mine)} calls that strace has not: {mine[0]}")
    return total


def root_tid(record, theirs):
    """strace's child: the first traced thread that shows up in the record."""
    for line in record.events():
        if line["k"] == "exec" and line["tid"] in theirs:
            return line["tid"]
    raise AssertionError("no process of strace's is in the record")


def compare_thread(tid, theirs, ours):
    for i, (a, b) in enumerate(zip(theirs, ours)):
        key = differ(a, b)
        if key:
            raise AssertionError(f"thread {tid}, call {i}: {key} differs\n  strace {a}\n  record {b}")
    lib.check(len(theirs) <= len(ours), f"thread {tid}: not in the record: {theirs[len(ours):][:1]}")
    lib.check(len(ours) <= len(theirs), f"thread {tid}: not in strace: {ours[len(theirs):][:1]}")
    return len(theirs)
