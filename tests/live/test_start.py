# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Programs of an earlier start are loaded again when they are our own, and never otherwise."""
import glob
import hashlib
import os
import struct

import lib
from lib import check, equal, said

FOLDER = "run/goenvbpf.kept"
TAKEN = "the programs of an earlier start are loaded"
NOBODY = 65534
DIGEST, PROGRAM, BOOT, CHOICE, HEAD = 32, 40, 72, 112, 140		# offsets in the file


def start(*opts):
    """A run with a /run of its own, which is the folder here."""
    result = lib.run(["ls", "/"], "-v", "--force", *opts, prefix=[*lib.OWN_RUN, os.path.abspath("run")])
    equal(result.status, 0, said(result))
    lib.verify(result.record)
    return result


def was_taken(result):
    return TAKEN in result.err


def programs():
    return [path for path in glob.glob(FOLDER + "/*") if not path.endswith("/hashes")]


def only_file():
    found = programs()
    equal(len(found), 1, f"files in {FOLDER}: {found}")
    return found[0]


def kept():
    """Its file, after a first start; everything of earlier ones is gone."""
    lib.own_run()
    check(not was_taken(start()), "something was there before")
    return only_file()


def kinds(result):
    return sorted((line["k"], line.get("path", "")) for line in result.record.events() if line["k"] not in lib.FACTS)


def test_again():
    """What is recorded is the same, with each option that changes what is loaded."""
    path = kept()
    st, folder = os.stat(path), os.stat(FOLDER)
    equal((oct(st.st_mode), st.st_uid, oct(folder.st_mode), folder.st_uid), ("0o100600", 0, "0o40700", 0), "modes and owners")
    for opts in ([], ["--net"], ["--all"], ["--hooks", "tracepoint"], ["--ring", "256K"]):
        first, second = start(*opts), start(*opts)
        check(was_taken(second), f"{opts}: not taken again, {said(second)}")
        equal(kinds(second), kinds(first), f"{opts}: what was recorded")
        equal(second.record.header["hooks"], first.record.header["hooks"], f"{opts}: hooks")
        equal(second.record.header["limits"], first.record.header["limits"], f"{opts}: limits")
    check(2 <= len(programs()) <= 4, f"files: {programs()}")


def change(path, offset, data):
    with open(path, "r+b") as f:
        f.seek(offset)
        f.write(data)


def flip(offset):
    """offset: from the end"""
    def spoil(path):
        with open(path, "rb") as f:
            content = f.read()
        change(path, len(content) + offset, bytes([content[offset] ^ 0x55]))
    return spoil


def signed(offset, data):
    """A file whose digest is right and whose content is not."""
    def spoil(path):
        change(path, offset, data)
        with open(path, "rb") as f:
            content = f.read()
        change(path, 0, hashlib.sha256(content[DIGEST:]).digest())
    return spoil


def no_program(path):
    """The instructions are all zeros: the kernel refuses them."""
    with open(path, "rb") as f:
        size = len(f.read())
    signed(size - 40000, bytes(40000))(path)


def other_choice(path):
    start("--net")
    os.rename(path + "-net", path)


def linked(path):
    os.rename(path, "elsewhere")
    os.symlink(os.path.abspath("elsewhere"), path)


def fifo(path):
    os.unlink(path)
    os.mkfifo(path, 0o600)


def linked_folder(_):
    os.rename(FOLDER, "run/folder")
    os.symlink("folder", FOLDER)


SPOILT = {
    # how                          what is done to a good one                        replaced by a good one
    "cut short":                  (lambda path: os.truncate(path, 5000),            True),
    "cut in its head":            (lambda path: os.truncate(path, 50),              True),
    "empty":                      (lambda path: os.truncate(path, 0),               True),
    "damaged":                    (flip(-20),                                       True),
    "of another boot":            (signed(BOOT, b"00000000-0000-0000-0000-000000000000"), True),
    "of another program":         (signed(PROGRAM, bytes(20)),                      True),
    "of another layout":          (signed(DIGEST, b"goenvp0"),                      True),
    "of another choice":          (other_choice,                                    True),
    "of too many maps":           (signed(HEAD, struct.pack("<I", 25)),             True),
    "of too many programs":       (signed(HEAD + 4, struct.pack("<I", 100000)),     True),
    "of no program":              (signed(HEAD + 4, struct.pack("<I", 0)),          True),
    "of types beyond its end":    (signed(HEAD + 36, struct.pack("<II", 8, 1 << 31)), True),
    "refused by the kernel":      (no_program,                                      True),
    "writable by others":         (lambda path: os.chmod(path, 0o602),              True),
    "readable by others":         (lambda path: os.chmod(path, 0o604),              True),
    "of somebody else":           (lambda path: os.chown(path, NOBODY, -1),         True),
    "behind a link":              (linked,                                          True),
    "with two names":             (lambda path: os.link(path, "run/other"),         True),
    "a pipe":                     (fifo,                                            True),
    "in a folder of others":      (lambda _: os.chown(FOLDER, NOBODY, -1),          False),
    "in a folder open to others": (lambda _: os.chmod(FOLDER, 0o755),               False),
    "in a folder behind a link":  (linked_folder,                                   False),
    "below what others may write": (lambda _: os.chmod("run", 0o777),               False),
}


def test_spoilt():
    """Nothing is loaded of what is not whole, not of this boot and program, or could be somebody else's."""
    wrong = []
    for name, (spoil, is_replaced) in SPOILT.items():
        spoil(kept())
        if was_taken(start()):
            wrong.append(f"{name}: taken")
        if was_taken(start()) != is_replaced:
            wrong.append(f"{name}: {'not replaced' if is_replaced else 'taken later'}")
    equal(wrong, [], "spoilt files")
    return f"{len(SPOILT)} kinds"
