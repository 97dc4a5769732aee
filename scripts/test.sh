#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Installs what the tests need, builds, runs all tests; ends with "N passed, N failed, N skipped".
#
#   scripts/test.sh [--no-install] [STEP...]     all steps by default:
#   layers unit asan golden oracle fuzz live vm
#
# Live tests need root and go through sudo when it is there. FUZZ_SECONDS=4 for each fuzz target.
set -u
cd "$(dirname "$0")/.." || exit 1

ALL_STEPS='layers unit asan golden oracle fuzz live vm'
install=y
if [ "${1-}" = --no-install ]; then
	install=
	shift
fi
steps=${*:-$ALL_STEPS}
for step in $steps; do
	case " $ALL_STEPS " in
	*" $step "*)	;;
	*)	sed -n '3,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done

jobs=$(nproc)
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '\n=== %s\n' "$*"; }

# Runs a command that tests something and adds up what it says: a last line "N passed, N failed,
# N skipped", TAP lines, unittest's summary, or else its status alone (0 passed, 77 skipped).
suite()
{
	local name=$1 status p=0 f=0 s=0 last
	shift
	say "$name"
	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	if [ -n "$last" ]; then
		read -r p _ f _ s _ <<<"${last//,/}"
	elif grep -qE '^(not )?ok [0-9]+' "$log"; then
		s=$(grep -cE '^(not )?ok [0-9]+.*# *(SKIP|skip)' "$log")
		f=$(grep -E '^not ok [0-9]+' "$log" | grep -cvE '# *(SKIP|skip)')
		p=$(grep -E '^ok [0-9]+' "$log" | grep -cvE '# *(SKIP|skip)')
	elif grep -qE '^Ran [0-9]+ tests? in' "$log"; then
		p=$(sed -nE 's/^Ran ([0-9]+) tests? in.*/\1/p' "$log" | tail -n 1)
		last=$(tail -n 3 "$log")
		f=$(($(count_of failures "$last") + $(count_of errors "$last")))
		s=$(count_of skipped "$last")
		p=$((p - f - s))
	elif [ "$status" = 0 ]; then
		p=1
	elif [ "$status" = 77 ]; then
		s=1
	fi
	# a crash or a failure that no line told
	[ "$status" = 0 ] || [ "$status" = 77 ] || [ "$f" != 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

count_of()
{
	local n
	n=$(sed -nE "s/.*[( ]$1=([0-9]+).*/\\1/p" <<<"$2" | tail -n 1)
	echo "${n:-0}"
}

skip()
{
	say "$1: skipped ($2)"
	skipped=$((skipped + 1))
}

# make, with warnings as errors; a failure is one failed test and ends the step.
build()
{
	say "build $*"
	make -j"$jobs" WERROR=1 "$@" && return
	failed=$((failed + 1))
	return 1
}

unit_tests()
{
	local out=$1 program
	for program in tests/unit/test_*.c; do
		program=$out/tests/$(basename "$program" .c)
		suite "$program" env CMOCKA_MESSAGE_OUTPUT=TAP "$program"
	done
}

step_layers() { suite 'layers' tests/layers.sh; }

step_unit()
{
	build all tests || return
	unit_tests build
	suite 'topics' tests/topics.py check
}

step_asan() { build ASAN=1 all tests && ASAN_OPTIONS=detect_leaks=1 unit_tests build/asan; }

step_golden()
{
	build all || return
	if [ -x tests/golden/run.sh ]; then
		suite 'golden' tests/golden/run.sh
	fi
}

# user/golang against real toolchains, where there are some.
step_oracle()
{
	local program
	build build/tests/query || return
	for program in tests/oracle/*.py; do
		[ ! -x "$program" ] || suite "$program" "$program"
	done
}

step_fuzz()
{
	local target name
	make -n fuzz >/dev/null 2>&1 || { skip fuzz 'no fuzz target'; return; }
	ls /usr/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 ||
		{ skip fuzz 'no libFuzzer: libclang-rt-14-dev'; return; }
	for target in tests/fuzz/fuzz_*.c; do
		name=build/fuzz/$(basename "$target" .c)
		build "$name" || continue
		mkdir -p "$name.corpus"
		suite "$name" "$name" -max_total_time="${FUZZ_SECONDS:-4}" -timeout=10 -verbosity=0 \
			-artifact_prefix="$name." "$name.corpus"
	done
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

step_live()
{
	build all || return
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		skip live 'needs root, and there is no sudo'
		return
	fi
	[ "$(id -u)" = 0 ] || echo 'live tests: through sudo'
	suite 'live' as_root tests/live/run.py
}

step_vm()
{
	local program
	build all || return
	for program in tests/vm/test_*.py; do
		[ -x "$program" ] || continue
		suite "$program" "$program"
	done
	suite 'verifier' tests/vm/verifier.py
	suite 'prices' tests/bench/prices.py
	suite 'reading' tests/bench/reading.py
}

groups='build test'
case " $steps " in *' vm '*) groups="$groups vm" ;; esac
# shellcheck disable=SC2086
if [ -n "$install" ] && ! scripts/dependencies.sh $groups; then
	echo 'what the tests need could not be installed' >&2
	exit 1
fi
for step in $steps; do
	"step_$step"
done
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
