# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What of BPF is in the kernel, as bpftool lists it, by the bpf() system call."""
import ctypes
import os
import platform
import struct

SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
OBJ_GET_INFO_BY_FD = 15
#         next id, descriptor of an id, size and offset of the name in its info
KINDS = {"program": (11, 13, 232, 64),
         "map":     (12, 14, 88, 24),
         "link":    (31, 30, 64, None)}

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(attr, 128)
    return libc.syscall(SYS_BPF, command, buffer, 128), buffer.raw


def info(fd, size):
    data = ctypes.create_string_buffer(size)
    got, _ = bpf(OBJ_GET_INFO_BY_FD, struct.pack("<IIQ", fd, size, ctypes.addressof(data)))
    return data.raw if got == 0 else b""


def name_of(kind, number):
    """A link's is that of its program; None: it is gone meanwhile."""
    _, by_id, size, offset = KINDS[kind]
    fd, _ = bpf(by_id, struct.pack("<I", number))
    if fd < 0:
        return None
    data = info(fd, size)
    os.close(fd)
    if not data:
        return None
    if kind == "link":
        return name_of("program", struct.unpack_from("<I", data, 8)[0])
    return data[offset:offset + 16].split(b"\0")[0].decode(errors="replace")


def ids(kind):
    found, number = [], 0
    while True:
        got, attr = bpf(KINDS[kind][0], struct.pack("<I", number))
        if got:
            return found
        number = struct.unpack_from("<I", attr, 4)[0]
        found.append(number)


# Of the tool: its programs, and those of its maps that no other tool has a map of that name.
MAPS = {"slots", "soon", "task_hash", "verdicts", "goenvbpf.rodata", "goenvbpf.bss", "goenvbpf.data"}


def ours():
    """{(kind, id): name}"""
    named = {(kind, number): name_of(kind, number) for kind in KINDS for number in ids(kind)}
    return {key: name for key, name in named.items() if name and (name.startswith("ge_") or name in MAPS)}
