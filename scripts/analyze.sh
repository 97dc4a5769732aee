#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Reads the program with cppcheck and clang's analyzer. Shows each message that is not among the known
# ones of analyze.txt; exit 1 if there is any.
#
#   scripts/analyze.sh             after make, for what is generated; 77 when neither is installed
#   scripts/analyze.sh --update    writes down what is said now
set -u
cd "$(dirname "$0")/.." || exit 1
list=scripts/analyze.txt
jobs=$(nproc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# Not asked for: leaks and unset variables, which the sanitizers find, and which are wrong with the
# cleanup attributes; what is only GNU C (?:); functions that only one thread calls.
run_cppcheck()
{
	local off
	off=$(printf -- '--suppress=%s ' missingInclude internalAstError selfAssignment memleak resourceLeak uninitvar \
		getpwuidCalled readdirCalled nullPointerRedundantCheck comparePointers:user/record/schema.c)
	# shellcheck disable=SC2086
	cppcheck -q -j"$jobs" --std=c11 --enable=warning,portability -Iuser -I. -D_GNU_SOURCE \
		-DGOENVBPF_VERSION='""' -DWEB_OUT='"build/gen"' '-DHASH_ITER(hh,head,el,tmp)=for((el)=(head);(el);(el)=(tmp))' \
		'-Dbpf_object__for_each_program(p,o)=for((p)=0;(p);)' $off --template='{file}: {message} [{id}]' \
		user 2>&1
}

# A file takes a second at most: who looks longer at it finds little more.
run_clang()
{
	find user -name '*.c' -print0 | sort -z | xargs -0 -P "$jobs" -n 8 clang --analyze --analyzer-output text \
		-Xclang -analyzer-disable-checker=deadcode.DeadStores,unix.Malloc \
		-Xclang -analyzer-config -Xclang max-nodes=5000 -std=gnu11 -D_GNU_SOURCE -DGOENVBPF_VERSION='""' -DWEB_OUT='"build/gen"' \
		-Iuser -I. -Ibuild/gen 2>&1 | sed -nE 's/^([^:]+):[0-9]+:[0-9]+: (warning|error|fatal error): /\1: /p'
}

# NAME and what it said; messages have no line numbers, which every change would move.
account()
{
	local news
	sort -u "$2" >>"$work/all"
	news=$(sort -u "$2" | grep -vxFf "$list")
	if [ -n "$news" ]; then
		printf '%s\n' "$news"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

touch "$list" "$work/all"
if command -v cppcheck >/dev/null; then
	run_cppcheck >"$work/cppcheck"
	account cppcheck "$work/cppcheck"
else
	skipped=$((skipped + 1))
fi
if command -v clang >/dev/null && [ -f build/gen/goenvbpf.skel.h ]; then
	run_clang >"$work/clang"
	account clang "$work/clang"
else
	skipped=$((skipped + 1))
fi
if [ "${1-}" = --update ]; then
	sort -u "$work/all" >"$list"
	exit
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] || exit 1
[ "$passed" != 0 ] || exit 77
