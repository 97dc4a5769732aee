# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""--net: connections of every family, made and refused; and none without the option."""
import socket
import sys

import lib
from lib import equal

CLIENT = """
import socket, sys
v4, v6, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
for family, address in ((socket.AF_INET, ("127.0.0.1", v4)), (socket.AF_INET6, ("::1", v6)),
                        (socket.AF_UNIX, path), (socket.AF_UNIX, "absent")):
    s = socket.socket(family)
    try:
        s.connect(address)
    except OSError:
        pass
"""


def connections(*opts):
    """A listener on IPv4 and on a path; the port of another one that was closed again, on IPv6."""
    v4 = socket.create_server(("127.0.0.1", 0))
    v6 = socket.socket(socket.AF_INET6)
    v6.bind(("::1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind("here")
    unix.listen()
    ports = (v4.getsockname()[1], v6.getsockname()[1])
    result = lib.run([sys.executable, "-c", CLIENT, *ports, "here"], *opts)
    lib.verify(result.record)
    lines = [{k: line[k] for k in ("addr", "port", "path", "err") if k in line}
             for line in result.record.kind("connect")]
    return ports, [line for line in lines if line]


def test_families():
    (v4, v6), lines = connections("--net")
    want = [{"addr": "127.0.0.1", "port": v4}, {"addr": "::1", "port": v6, "err": "ECONNREFUSED"},
            {"path": "here"}, {"path": "absent", "err": "ENOENT"}]
    equal([line for line in lines if line in want], want, f"connections among {lines}")


def test_only_when_asked():
    equal(connections()[1], [], "connections")
