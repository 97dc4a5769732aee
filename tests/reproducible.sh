#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The same sources make the same bytes, in another folder and at another time.
#
#   tests/reproducible.sh [GOAL...]     what is built twice and compared; the program by default
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- build/goenvbpf
passed=0 failed=0

# Of a clone, or of what a release unpacks to.
sources() { git ls-files -z --cached --others --exclude-standard 2>/dev/null || find . -path ./build -prune -o -type f -print0; }

for folder in "$work/a" "$work/a longer name/with blanks"; do
	# make knows no file names with blanks: the folder above may have them
	mkdir -p "$folder"
	(cd "$top" && sources | xargs -0 cp --parents -t "$folder")
	(cd "$folder" && make -s -j"$(nproc)" "$@") || exit 1
	sleep 1
done
for goal; do
	if cmp "$work/a/$goal" "$work/a longer name/with blanks/$goal"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $goal differs"
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
