#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Cuts the BTF out of a kernel image and keeps only the types of a list.

kernel-btf.py IMAGE --types LIST --arch x86|arm64 -o OUT.btf

A listed type is kept with everything that it contains by value. What it only points to
becomes a forward declaration, and a pointer to a function a void pointer. The result is
BTF again, so bpftool does the printing.
"""
import argparse
import bz2
import fnmatch
import lzma
import struct
import subprocess
import sys
import zlib

BTF_START = b"\x9f\xeb\x01\x00"
BTF_HEADER = struct.Struct("<HBBIIIII")
(VOID, INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, PROTO,
 VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64) = range(20)
MODIFIERS = (VOLATILE, CONST, RESTRICT, TYPE_TAG)
# Bytes after the common 12 of a type: (fixed, for each of vlen).
EXTRA = {INT: (4, 0), ARRAY: (12, 0), STRUCT: (0, 12), UNION: (0, 12), ENUM: (0, 8), PROTO: (0, 8),
         VAR: (4, 0), DATASEC: (0, 12), DECL_TAG: (4, 0), ENUM64: (0, 12)}
KINDS = {"struct": (STRUCT,), "union": (UNION,), "enum": (ENUM, ENUM64), "typedef": (TYPEDEF,)}


def by_tool(*command):
    """Other bytes follow in the image, so the tool's complaint about its end says nothing."""
    def unpack(data):
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        return done.stdout
    return unpack


def ungzip(data):
    return zlib.decompressobj(wbits=31).decompress(data)


COMPRESSIONS = ((b"\xfd7zXZ\0", lambda d: lzma.LZMADecompressor().decompress(d)),
                (b"\x28\xb5\x2f\xfd", by_tool("zstd", "-dcq")),
                (b"\x02\x21\x4c\x18", by_tool("lz4", "-dcq")), (b"\x1f\x8b\x08", ungzip),
                (b"BZh", lambda d: bz2.BZ2Decompressor().decompress(d)))


def occurrences(data, magic):
    at = data.find(magic)
    while at >= 0:
        yield at
        at = data.find(magic, at + 1)


def find_btf(image):
    """The largest well-formed BTF in a plain image, b"" when there is none."""
    best = b""
    for at in occurrences(image, BTF_START):
        if at + BTF_HEADER.size > len(image):
            break
        _, _, _, hdr, type_off, type_len, str_off, str_len = BTF_HEADER.unpack_from(image, at)
        end = at + hdr + str_off + str_len
        sane = 24 <= hdr <= 256 and type_off == 0 and str_off >= type_len and end <= len(image)
        if sane and end - at > len(best):
            best = image[at:end]
    return best


def kernel_btf(image):
    blob = find_btf(image)
    for magic, unpack in COMPRESSIONS:
        for at in occurrences(image, magic):
            if len(blob) > 1 << 20:
                return blob
            try:
                plain = unpack(image[at:])
            except (lzma.LZMAError, zlib.error, OSError, ValueError, EOFError):
                continue
            blob = max(blob, find_btf(plain), key=len)
    if not blob:
        sys.exit("no BTF in this image")
    return blob


class Type:
    """One BTF type: its common part and the integers behind it."""

    def __init__(self, name, info, size, extra):
        self.name, self.info, self.size, self.extra = name, info, size, list(extra)
        self.kind, self.vlen = info >> 24 & 31, info & 0xffff

    def contained(self):
        """Ids of what a record or an array holds by value."""
        if self.kind in (STRUCT, UNION):
            return self.extra[1::3]
        return self.extra[:2] if self.kind == ARRAY else []


class Btf:
    def __init__(self, blob):
        _, _, _, hdr, _, type_len, str_off, str_len = BTF_HEADER.unpack_from(blob)
        self.strings = blob[hdr + str_off:hdr + str_off + str_len]
        self.types = [Type("", 0, 0, [])]
        at, end = hdr, hdr + type_len
        while at < end:
            name, info, size = struct.unpack_from("<III", blob, at)
            fixed, each = EXTRA.get(info >> 24 & 31, (0, 0))
            length = fixed + each * (info & 0xffff)
            extra = struct.unpack_from(f"<{length // 4}I", blob, at + 12)
            self.types.append(Type(self.text(name), info, size, extra))
            at += 12 + length

    def text(self, offset):
        return self.strings[offset:self.strings.index(b"\0", offset)].decode()

    def enumerators(self, kind):
        step = {ENUM: 2, ENUM64: 3}[kind.kind]
        return [self.text(offset) for offset in kind.extra[::step]]


def roots(btf, lines, arch):
    """Ids of the listed types; a name that matches nothing is an error."""
    found = []
    for kind, pattern, *only in lines:
        if only and arch not in only:
            continue
        if kind == "constant":
            hits = [i for i, t in enumerate(btf.types) if t.kind in (ENUM, ENUM64)
                    and pattern in btf.enumerators(t)]
        else:
            hits = [i for i, t in enumerate(btf.types) if t.kind in KINDS[kind]
                    and fnmatch.fnmatchcase(t.name, pattern)]
        if not hits:
            sys.exit(f"the kernel has no {kind} {pattern}")
        found += hits
    return found


def closure(btf, listed):
    """Every id to keep in full, and those named records that are only pointed to."""
    seen, forward = set(), set()
    todo = [(number, False) for number in listed]
    while todo:
        number, pointed = todo.pop()
        kind = btf.types[number]
        if kind.kind in (VOID, PROTO) or (number, pointed) in seen:
            continue
        if pointed and kind.kind in (STRUCT, UNION) and kind.name:
            forward.add(number)
            continue
        seen.add((number, pointed))
        if kind.kind == PTR:
            todo.append((kind.size, True))
        elif kind.kind in MODIFIERS or kind.kind == TYPEDEF:
            todo.append((kind.size, pointed))
        else:
            todo += [(inner, False) for inner in kind.contained()]
    keep = {number for number, _ in seen}
    return keep, forward - keep


class Writer:
    """Builds the smaller BTF under new ids."""

    def __init__(self, btf, keep, forward):
        self.btf, self.strings, self.offsets = btf, bytearray(b"\0"), {"": 0}
        order = sorted(keep | forward)
        self.ids = {0: 0, **{old: new for new, old in enumerate(order, 1)}}
        self.types = b"".join(self.forward(old) if old in forward else self.full(old)
                              for old in order)

    def offset(self, name):
        if name not in self.offsets:
            self.offsets[name] = len(self.strings)
            self.strings += name.encode() + b"\0"
        return self.offsets[name]

    def forward(self, old):
        kind = self.btf.types[old]
        union = 1 << 31 if kind.kind == UNION else 0
        return struct.pack("<III", self.offset(kind.name), union | FWD << 24, 0)

    def full(self, old):
        kind = self.btf.types[old]
        size, extra = kind.size, list(kind.extra)
        if kind.kind in MODIFIERS or kind.kind in (PTR, TYPEDEF):
            size = 0 if self.btf.types[size].kind == PROTO else self.ids[size]
        elif kind.kind == ARRAY:
            extra[:2] = [self.ids[i] for i in extra[:2]]
        elif kind.kind in (STRUCT, UNION):
            extra[0::3] = [self.offset(self.btf.text(i)) for i in extra[0::3]]
            extra[1::3] = [self.ids[i] for i in extra[1::3]]
        elif kind.kind in (ENUM, ENUM64):
            step = 2 if kind.kind == ENUM else 3
            extra[0::step] = [self.offset(self.btf.text(i)) for i in extra[0::step]]
        return struct.pack(f"<III{len(extra)}I", self.offset(kind.name), kind.info, size, *extra)

    def blob(self):
        sizes = (0, len(self.types), len(self.types), len(self.strings))
        head = BTF_HEADER.pack(0xeb9f, 1, 0, BTF_HEADER.size, *sizes)
        return head + self.types + bytes(self.strings)


def read_list(path):
    with open(path, encoding="ascii") as lines:
        words = (line.split("#")[0].split() for line in lines)
        return [w for w in words if w]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("image")
    parser.add_argument("--types", help="keep only these; without it the BTF as it is")
    parser.add_argument("--arch", choices=("x86", "arm64"), default="x86")
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    with open(args.image, "rb") as image:
        blob = kernel_btf(image.read())
    if args.types:
        btf = Btf(blob)
        blob = Writer(btf, *closure(btf, roots(btf, read_list(args.types), args.arch))).blob()
    with open(args.output, "wb") as out:
        out.write(blob)


if __name__ == "__main__":
    main()
