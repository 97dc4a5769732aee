# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Commands as tests, counted; sourced by package.sh, dist.sh, roots.sh and static.sh.
#
#   check WHAT COMMAND...     one test. WHAT is said when it fails, with the end of what the command said
#   check_ends                the last line, "N passed, N failed, N skipped"; false when one failed
#
# check_log=FILE: where all that the next command says is kept.
passed=0 failed=0 skipped=0 check_log=

check() # WHAT COMMAND...
{
	local what=$1 log
	shift
	log=${check_log:-$(mktemp)}
	if "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $what"
		tail -n 40 "$log"
	fi
	[ -n "$check_log" ] || rm -f "$log"
}

check_ends()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}
