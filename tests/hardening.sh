#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Is the program built so that a fault in it is hard to use? By what readelf(1) says of it.
#
#   tests/hardening.sh [BINARY]
set -u
tool=${1:-$(dirname "$0")/../build/goenvbpf}
readelf=${READELF:-readelf}
passed=0 failed=0

# WHAT and a command that holds when it is there
holds()
{
	if "${@:2}"; then
		passed=$((passed + 1))
	else
		echo "$tool: no $1"
		failed=$((failed + 1))
	fi
}

has()
{
	grep -qE "$1" <<<"$2"
}

[ -r "$tool" ] || { echo "$tool is not there: build it first"; exit 1; }
head=$($readelf -hW "$tool") segments=$($readelf -lW "$tool") dynamic=$($readelf -dW "$tool")
imported=$($readelf --dyn-syms -W "$tool" | grep ' UND ')
exported=$($readelf --dyn-syms -W "$tool" | grep -E 'FUNC +(GLOBAL|WEAK) +DEFAULT +[0-9]+ ' | grep -vE ' _(init|fini)$')
stack=$(grep GNU_STACK <<<"$segments")

holds "position independence" has 'Type: +DYN' "$head"
holds "read-only relocations" has GNU_RELRO "$segments"
holds "binding at the start" has 'BIND_NOW|Flags: .*NOW' "$dynamic"
holds "stack without execution" has ' RW ' "$stack"
holds "stack protector" has '__stack_chk_fail' "$imported"
holds "checks of the C library (FORTIFY)" has '__(snprintf|vsnprintf|memcpy|fprintf|printf|read)_chk' "$imported"
holds "empty list of exported functions: $exported" test -z "$exported"
holds "lack of a search path of its own" eval '! has "RPATH|RUNPATH" "$dynamic"'
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
