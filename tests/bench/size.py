#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Where the bytes of a compressed record go: per line, as written, by other compressors, and what is saved
when a kind of content is taken out. What cannot be taken out is what a record of that build costs.

  tests/bench/size.py RECORD…

Needs zstd and xz. A record is the default one, compressed by zstd; of what a build of yours wrote:

  goenvbpf run -o build.jsonl.zst -- go build ./...
"""
import collections
import json
import os
import re
import subprocess
import sys

OURS = ["zstd", "-1", "--single-thread", "--zstd=wlog=22,hlog=15"]	# user/record/compress.c
OTHERS = {"zstd, lazy2": ["zstd", "-1", "--single-thread", "--zstd=wlog=22,hlog=16,clog=16,slog=2,mml=6,strat=5"],
          "zstd -9": ["zstd", "-9"], "zstd -19": ["zstd", "-19"], "gzip -2": ["gzip", "-2"], "gzip -9": ["gzip", "-9"],
          "xz -9": ["xz", "-9"]}
PARTS = {"ts": (rb'"ts":\d+,', b""), "path": (rb',"path":"[^"]*"', b""), "size": (rb',"size":\d+', b""),
         "mtime and ctime": (rb',"[mc]time":"\d+"', b""), "sha256": (rb',"sha256":"\w+"', b""),
         "all of 64 hex digits": (rb"[0-9a-f]{64}", b""), "lines of sources": (rb'\{"k":"source".*\n', b"")}


def squeezed(text, cmd):
    return len(subprocess.run([*cmd, "-c"], input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)


def main():
    for path in sys.argv[1:]:
        text = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
        lines = text.count(b"\n")
        kinds = collections.Counter(json.loads(line)["k"] for line in text.splitlines())
        base = squeezed(text, OURS)
        print(f"{path}: {lines} lines, {len(text) / lines:.1f} bytes each, written as {os.path.getsize(path) / lines:.1f}, "
              f"in one go {base / lines:.1f}; most are {', '.join(k for k, _ in kinds.most_common(3))}")
        for name, cmd in OTHERS.items():
            print(f"  {name:24}{squeezed(text, cmd) / lines:8.1f}")
        for name, (pattern, instead) in PARTS.items():
            print(f"  without {name:16}{(squeezed(re.sub(pattern, instead, text), OURS) - base) / lines:+8.1f}")


if __name__ == "__main__":
    main() if len(sys.argv) > 1 else sys.exit(__doc__)
