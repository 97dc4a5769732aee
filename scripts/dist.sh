#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What a release is: the sources, the program that needs no library, what is linked into that (CycloneDX), and
# the checksums of all. Of the last commit; the same bytes each time on the same system.
#
#   scripts/dist.sh [FOLDER]     build/dist by default
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "${1:-$top/build/dist}")
cd "$top"
version=$(cat VERSION)
machine=$(uname -m)
name=goenvbpf-$version
[ -z "$(git status --porcelain --untracked-files=no)" ] || { echo 'there are changes that are not committed' >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out"
git archive --format=tar --prefix="$name/" HEAD | gzip -9n >"$out/$name.tar.gz"
"$top/scripts/static.sh" -s -j"$(nproc)" >/dev/null 2>&1 || { echo 'the static program does not build: scripts/static.sh says why' >&2; exit 1; }
strip -o "$out/$name-linux-$machine" build/static/goenvbpf

# The libraries of scripts/deps.mk, each with the package whose archive was linked.
components()
{
	local package
	for package in $(awk -F: '/^libcurl/ { next } /^lib|^zlib|^ncurses/ { print $3 }' scripts/deps.mk) uthash-dev libc6-dev; do
		dpkg-query -W -f '{"type":"library","name":"${source:Package}","version":"${source:Version}","purl":"pkg:deb/debian/${source:Package}@${source:Version}?arch=source"}\n' "$package"
	done | sort -u | paste -sd, -
}
cat >"$out/$name.cdx.json" <<END
{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{"component":{"type":"application","name":"goenvbpf","version":"$version",
"licenses":[{"expression":"GPL-2.0-only OR BSD-2-Clause"}]}},"components":[$(components)]}
END
cd "$out"
sha256sum -- * >SHA256SUMS
ls -l "$out"
