#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The first steps of somebody who has a fresh minimal system, each in a root of its own: the demo, the tests, and the
# static program on an older system. What is missing there is for scripts/dependencies.sh to install.
#
#   tests/roots.sh [NAME...]     demo bookworm trixie sid bullseye by default, in that order
#
# Needs root and debootstrap; 77 without. GOENVBPF_KEEP_LOGS=FOLDER: where all that they say is kept.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/debian-pkg.sh
. "$top/scripts/debian-pkg.sh"
# shellcheck source=tests/chroot.sh
. "$top/tests/chroot.sh"
# shellcheck source=tests/check.sh
. "$top/tests/check.sh"

cannot()
{
	echo "$1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 77
}
[ "$(id -u)" = 0 ] || cannot 'needs root'
for tool in debootstrap git; do
	command -v "$tool" >/dev/null || cannot "no $tool"
done
work=$(mktemp -d)
trap 'root_leave "$work"' EXIT
logs=${GOENVBPF_KEEP_LOGS:-$work}

with_sources() # SUITE
{
	local root
	root=$(root_make "$1" "$work") || return 1
	mkdir "$root/root/goenvbpf"
	(cd "$top" && git ls-files -z | xargs -0 cp --parents -t "$root/root/goenvbpf")
	echo "$root"
}

# From the line on where it starts to tell: at most 60, of what was rebuilt and why.
demo()
{
	local root
	root=$(with_sources bookworm) || return 1
	root_run "$root" sh -c 'cd /root/goenvbpf && ./scripts/demo.sh /root/demo' | tee "$work/told"
	[ "${PIPESTATUS[0]}" = 0 ] && [ -s "$root/root/demo/demo.html" ] || return 1
	sed -n '/^== a module in/,$p' "$work/told" >"$work/story"
	[ "$(wc -l <"$work/story")" -le 60 ] || { echo 'it tells too much'; return 1; }
	grep -q '^source-file (proven)' "$work/story" && grep -q -- '^  what  *-gcflags' "$work/story"
}

# The tests that need no kernel of their own.
tests_of() # SUITE
{
	local root
	root=$(with_sources "$1") || return 1
	root_run "$root" sh -c 'cd /root/goenvbpf && ./scripts/test.sh layers unit golden' | tee "$work/told"
	tail -n 1 "$work/told" | grep -qE '^[1-9][0-9]{2,} passed, 0 failed'
}

# The static program, built here.
static_on() # SUITE
{
	local root
	"$top/scripts/static.sh" -s -j"$(nproc)" || return 1
	root=$(root_make "$1" "$work") || return 1
	cp "$top/build/static/goenvbpf" "$root/usr/local/bin"
	root_run "$root" sh -ec 'cat /etc/debian_version; goenvbpf version; goenvbpf doctor
		goenvbpf run -q -o /tmp/r.jsonl -- ls /; goenvbpf report --json /tmp/r.jsonl' | tee "$work/told"
	[ "${PIPESTATUS[0]}" = 0 ] && grep -q '"complete":true' "$work/told"
}

[ $# -gt 0 ] || set -- demo bookworm trixie sid bullseye
for name; do
	echo "in a root: $name"
	check_log=$logs/$name.log
	case $name in
	demo)		check 'the demo in a minimal Debian 12' demo ;;
	bullseye)	check 'the static program on Debian 11' static_on bullseye ;;
	*)		check "build, unit and golden tests in a minimal $name" tests_of "$name" ;;
	esac
done
check_ends
