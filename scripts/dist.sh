#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What a release is: the sources, the program that needs no library, what is in that (CycloneDX), and the checksums
# of all. Of the last commit; the same bytes each time on the same system.
#
#   scripts/dist.sh [FOLDER]     build/dist by default
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "${1:-$top/build/dist}")
cd "$top"
version=$(cat VERSION)
name=goenvbpf-$version
program=$name-linux-$(uname -m)
[ -z "$(git status --porcelain --untracked-files=no)" ] || { echo 'there are changes that are not committed' >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out" build/static
git archive --format=tar --prefix="$name/" HEAD | gzip -9n >"$out/$name.tar.gz"
# linked again, so that the map is this program's
rm -f build/static/goenvbpf
scripts/static.sh -s -j"$(nproc)" LDFLAGS=-Wl,-Map=build/static/goenvbpf.map >build/static/log 2>&1 ||
	{ tail -n 20 build/static/log; echo 'the static program does not build' >&2; exit 1; }
strip -o "$out/$program" build/static/goenvbpf
NODE_PATH=${NODE_PATH:-/usr/share/nodejs} "${ESBUILD:-esbuild}" user/web/main.js --bundle --log-level=warning \
	--outfile=build/static/bundle.js --metafile=build/static/bundle.json
scripts/sbom.py "$out/$program" build/static/goenvbpf.map build/static/bundle.json >"$out/$name.cdx.json"
cd "$out"
sha256sum -- * >SHA256SUMS
ls -l "$out"
