#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The program that needs no library: it names none, says the same as the other one, and works where there is
# nothing but itself. Needs root for the latter.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
static=$top/build/static/goenvbpf
# shellcheck source=tests/check.sh
. "$top/tests/check.sh"

names_no_library() { ! readelf -ld "$1" | grep -qE 'INTERP|NEEDED'; }
works_alone() { chroot "$work" /goenvbpf report /build.jsonl.gz 2>"$work/err" | grep -q 'go build' && [ ! -s "$work/err" ]; }
# With what every container has.
observes_alone()
{
	unshare -m "$work/mounted" "$work" 2>"$work/err" | grep -q '"complete":true'
}
cannot_without_proc()
{
	chroot "$work" /goenvbpf run -q -- /goenvbpf version 2>&1 | grep -q 'needs /proc'
}

"$top/scripts/static.sh" -s -j"$(nproc)" >/dev/null 2>&1 || { echo 'FAIL it does not build'; echo '0 passed, 1 failed, 0 skipped'; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$top/tests/golden/make-records.sh" "$work"
cp "$static" "$work"
mkdir "$work/tmp"
cat >"$work/mounted" <<'END'
#!/bin/sh -e
for f in proc sys dev; do
	mkdir -p "$1/$f"
	mount --rbind "/$f" "$1/$f"
done
chroot "$1" /goenvbpf run -q -o /run.jsonl -- /goenvbpf version >&2
chroot "$1" /goenvbpf report --json /run.jsonl
END
chmod +x "$work/mounted"
check 'it needs a library' names_no_library "$static"
check 'libraries are not found where they are needed' eval "! names_no_library '$top/build/goenvbpf'"
check 'it does not report where nothing else is' works_alone
check 'what is missing is not said' cannot_without_proc
check 'it does not observe where nothing else is' observes_alone
check 'it says something else' cmp <("$static" report --json "$work/build.jsonl") <("$top/build/goenvbpf" report --json "$work/build.jsonl")
check_ends
