#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Installs what the tests need, builds, runs all tests; ends with "N passed, N failed, N skipped".
#
#   scripts/test.sh [--no-install] [STEP [NAME...]]...     all steps but "long" by default:
#   layers unit analyze asan golden docs oracle fuzz web fleet live vm long
#
# A NAME after a step is a part of the name of what the step tests: unit json, live env. attach.pid,
# vm kernels. "long" is what needs more than the quarter of an hour that all others have together.
# Live tests need root and go through sudo when it is there. FUZZ_SECONDS=4 for each fuzz target.
set -u
cd "$(dirname "$0")/.." || exit 1

ALL_STEPS='layers unit analyze asan golden docs oracle fuzz web fleet live vm'
install=y
if [ "${1-}" = --no-install ]; then
	install=
	shift
fi
steps=
declare -A names=()
for word; do
	case " $ALL_STEPS long " in
	*" $word "*)
		steps="$steps $word"
		step=$word ;;
	*)	[ -n "$steps" ] || { sed -n '3,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
		names[$step]="${names[$step]-} $word" ;;
	esac
done
steps=${steps:-$ALL_STEPS}

jobs=$(nproc)
passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n=== %s\n' "$*"; }

# True when no name was given for the step, or one that is part of $2.
is_wanted()
{
	local name
	[ -n "${names[$1]-}" ] || return 0
	for name in ${names[$1]}; do
		[[ $2 != *"$name"* ]] || return 0
	done
	return 1
}

# Adds up what a command that tests something said: a last line "N passed, N failed, N skipped", TAP
# lines, unittest's summary. One of "program"s says nothing of it: its status is one test. 77 skips.
account() # KIND LOG STATUS NAME
{
	local log=$2 status=$3 p=0 f=0 s=0 last planned
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	if [ -n "$last" ]; then
		read -r p _ f _ s _ <<<"${last//,/}"
	elif grep -qE '^1\.\.[0-9]+' "$log"; then
		s=$(grep -cE '^(not )?ok [0-9]+.*# *(SKIP|skip)' "$log")
		f=$(grep -E '^not ok [0-9]+' "$log" | grep -cvE '# *(SKIP|skip)')
		p=$(grep -E '^ok [0-9]+' "$log" | grep -cvE '# *(SKIP|skip)')
		planned=$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$log" | awk '{ n += $1 } END { print n }')
		[ $((p + f + s)) -ge "$planned" ] || { echo "$planned tests were planned"; f=$((f + 1)); }
	elif grep -qE '^Ran [0-9]+ tests? in' "$log"; then
		p=$(sed -nE 's/^Ran ([0-9]+) tests? in.*/\1/p' "$log" | tail -n 1)
		last=$(tail -n 3 "$log")
		f=$(($(count_of failures "$last") + $(count_of errors "$last")))
		s=$(count_of skipped "$last")
		p=$((p - f - s))
	elif [ "$status" = 77 ]; then
		s=1
	elif [ "$status" = 0 ] && [ "$1" = program ]; then
		p=1
	else
		echo "no summary, status $status"
		f=1
	fi
	# a crash or a failure that no line told
	[ "$status" = 0 ] || [ "$status" = 77 ] || [ "$f" != 0 ] || { echo "status $status"; f=1; }
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$f" != 0 ] || grep -q '^unsteady ' "$log"; then
		keep_failures "$4" "$log"
	fi
}

# What failed is said once more at the end, where nobody has to look for it among 10,000 lines.
keep_failures() # NAME LOG
{
	{
		printf -- '--- %s\n' "$1"
		grep -E -A 15 '^(not ok|FAIL|ERROR|unsteady)|Traceback|no summary, status|^[^ ]+: error: ' "$2" | head -n 120
	} >>"$work/failures"
}

count_of()
{
	local n
	n=$(sed -nE "s/.*[( ]$1=([0-9]+).*/\\1/p" <<<"$2" | tail -n 1)
	echo "${n:-0}"
}

# Runs a command and shows what it says meanwhile.
suite() # NAME COMMAND...
{
	local name=$1 status
	say "$name"
	shift
	"$@" 2>&1 | tee "$work/log"
	status=${PIPESTATUS[0]}
	account suite "$work/log" "$status" "$name"
}

# Commands to run beside each other, each shown when it has ended: queue each, then run_queue.
queue() # suite|program NAME COMMAND...
{
	queued_kind+=("$1") queued_name+=("$2")
	shift 2
	queued+=("$(printf '%q ' "$@")")
}

run_queue() # [AT-A-TIME]
{
	local at_a_time=${1:-$jobs} i
	for i in "${!queued[@]}"; do
		wait_until_fewer "$at_a_time"
		{ eval "timeout -k 10 1800 ${queued[i]}" >"$work/$i.log" 2>&1; echo $? >"$work/$i.ended"; } &
	done
	wait_until_fewer 1
	for i in "${!queued[@]}"; do
		[ -z "${queued[i]}" ] || { echo "${queued_name[i]}: no status"; failed=$((failed + 1)); }
	done
	queued=() queued_kind=() queued_name=()
}

wait_until_fewer()
{
	while show_ended && [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
		sleep 0.1
	done
	show_ended
}

show_ended()
{
	local i status
	for i in "${!queued[@]}"; do
		[ -n "${queued[i]}" ] && [ -s "$work/$i.ended" ] || continue
		say "${queued_name[i]}"
		cat "$work/$i.log"
		read -r status <"$work/$i.ended"
		account "${queued_kind[i]}" "$work/$i.log" "$status" "${queued_name[i]}"
		queued[i]=
		rm "$work/$i.ended"
	done
	return 0
}
queued=() queued_kind=() queued_name=()

skip()
{
	say "$1: skipped ($2)"
	skipped=$((skipped + 1))
}

# make, with warnings as errors; a failure is one failed test and ends the step.
build()
{
	say "build $*"
	make -j"$jobs" WERROR=1 "$@" >"$work/make.log" 2>&1 && return
	tail -n 60 "$work/make.log"
	failed=$((failed + 1))
	keep_failures "build $*" "$work/make.log"
	return 1
}

unit_tests() # STEP FOLDER
{
	local program
	for program in tests/unit/test_*.c; do
		program=$2/tests/$(basename "$program" .c)
		is_wanted "$1" "$program" && queue suite "$program" env CMOCKA_MESSAGE_OUTPUT=TAP "$program"
	done
	run_queue
}

step_layers() { suite 'layers' tests/layers.sh; }

step_unit()
{
	build all tests || return
	unit_tests unit build
	suite 'topics' tests/topics.py check
	build doc && suite 'manual' tests/manual.py build
	suite 'hardening' tests/hardening.sh
	[ ! -e build/goenvbpf-push ] || suite 'hardening of push' tests/hardening.sh build/goenvbpf-push
	suite 'reproducible' tests/reproducible.sh build/goenvbpf.bpf.o build/user/util/json.o
}

step_analyze() { build all && suite 'analyzers' scripts/analyze.sh; }

step_asan() { build ASAN=1 all tests && ASAN_OPTIONS=detect_leaks=1 unit_tests asan build/asan; }

step_golden()
{
	build all || return
	# shellcheck disable=SC2086
	suite 'golden' tests/golden/run.sh ${names[golden]-}
}

# What README and docs say that commands say.
step_docs() { build all && suite 'docs' as_root /usr/bin/python3 tests/docs.py; }

# user/golang against real toolchains, where there are some.
step_oracle()
{
	local program
	build build/tests/query || return
	for program in tests/oracle/*.py; do
		[ -x "$program" ] && is_wanted oracle "$program" && queue suite "$program" "$program"
	done
	run_queue
}

fuzz() # STEP SECONDS
{
	local target targets=()
	ls /usr/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 ||
		{ skip "$1" 'no libFuzzer: libclang-rt-dev, of Debian 12 libclang-rt-14-dev'; return; }
	for target in tests/fuzz/fuzz_*.c; do
		is_wanted "$1" "$target" && targets+=("build/asan/fuzz/$(basename "$target" .c)")
	done
	[ ${#targets[@]} = 0 ] || build ASAN=1 "${targets[@]}" || return
	for target in "${targets[@]}"; do
		mkdir -p "$target.corpus"
		queue program "$target" "$target" -max_total_time="$2" -timeout=10 -verbosity=0 \
			-artifact_prefix="$target." "$target.corpus"
	done
	run_queue
}

step_fuzz() { fuzz fuzz "${FUZZ_SECONDS:-4}"; }

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# The review page in a browser.
step_web()
{
	build all || return
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		skip web 'its records need root, and there is no sudo'
		return
	fi
	# shellcheck disable=SC2086
	suite 'web' as_root tests/web/run.sh ${names[web]-}
}

# Rows of many hosts in the engine that they are for.
step_fleet() { build all && suite 'fleet' tests/fleet/run.sh; }

step_live()
{
	build all || return
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		skip live 'needs root, and there is no sudo'
		return
	fi
	[ "$(id -u)" = 0 ] || echo 'live tests: through sudo'
	# shellcheck disable=SC2086
	suite 'live' as_root tests/live/run.py ${names[live]-}
}

# All at once: tests/vm/run.py sees to it that there are no more guests than CPUs.
step_vm()
{
	local program kind cross
	build all || return
	if command -v aarch64-linux-gnu-gcc >/dev/null && cross=$(scripts/arm64-sysroot.sh); then
		# shellcheck disable=SC2086
		build $cross build/arm64/goenvbpf || return
	fi
	for program in tests/vm/test_*.py tests/vm/verifier.py tests/bench/prices.py tests/bench/reading.py; do
		kind=suite
		case $program in *verifier.py | *prices.py) kind=program ;; esac
		is_wanted vm "$program" && queue $kind "$program" "$program"
	done
	run_queue 99
}

step_long()
{
	build all || return
	is_wanted long kernels && suite 'all tiers of all kernels' env GOENVBPF_LONG=1 tests/vm/test_kernels.py
	is_wanted long reproducible && suite 'reproducible, all of it' tests/reproducible.sh
	is_wanted long package && suite 'the Debian package' as_root tests/package.sh
	is_wanted long dist && suite 'a release' as_root tests/dist.sh
	is_wanted long roots && suite 'minimal roots of Debian' as_root tests/roots.sh
	is_wanted long static && suite 'the static program' as_root tests/static.sh
	is_wanted long reading && suite 'reading a million lines' tests/bench/reading.py --long
	is_wanted long throughput && suite 'events per second' as_root tests/bench/throughput.py --limit 500000
	is_wanted long fleet && suite 'a month of 200 hosts' env GOENVBPF_LONG=1 tests/fleet/run.sh
	is_wanted long diff && suite 'comparing two long records' tests/bench/diff.py --check
	is_wanted long action && queue program 'the GitHub action, made again' integrations/github/build.sh --check && run_queue
	is_wanted long keys && suite 'keys of packages, computed' as_root tests/bench/keys.py --check
	is_wanted long left && suite 'what many runs leave' as_root env GOENVBPF_LONG=1 tests/live/run.py left.
	is_wanted long systemd && suite 'the service under systemd' as_root tests/vm/systemd/run.sh
	is_wanted long soak && suite 'a service for half an hour' as_root env GOENVBPF_LONG=1 tests/live/run.py soak.
	is_wanted long versions && suite 'all versions' as_root env GOENVBPF_LONG=1 tests/live/run.py \
		programs_real tests_why cache. cache_uses. env.go_env model.cached diff. hostile.beside busy.
	fuzz long "${FUZZ_SECONDS:-120}"
}

# Sets cpu: milliseconds of processor time of all commands that have ended.
read_cpu()
{
	times >"$work/times"	# a subshell would tell its own
	cpu=$(tail -n 1 "$work/times" | tr ms '  ' | awk '{ printf "%d", (($1 + $3) * 60 + $2 + $4) * 1000 }')
}

# Runs a function and notes how long it took.
timed() # NAME FUNCTION
{
	local wall=${EPOCHREALTIME//[^0-9]/} before cpu
	read_cpu
	before=$cpu
	"$2"
	read_cpu
	took="$took$(printf '%-8s %7.1f s, processors %7.1f s' "$1" "$(((${EPOCHREALTIME//[^0-9]/} - wall) / 100000))e-1" \
		"$(((cpu - before) / 100))e-1")"$'\n'
}
took=

# A name of no test must not look like success.
run_step()
{
	local before=$((passed + failed + skipped))
	"step_$step"
	[ $((passed + failed + skipped)) != $before ] || { echo "$step: nothing was tested"; failed=$((failed + 1)); }
}

install_packages()
{
	local groups='build test'
	case " $steps " in *' vm '* | *' long '*) groups="$groups vm" ;; esac
	case " $steps " in *' web '* | *' fleet '*) groups="$groups web" ;; esac
	case " $steps " in *' long '*) groups="$groups package" ;; esac
	# shellcheck disable=SC2086
	[ -z "$install" ] || scripts/dependencies.sh $groups && return
	echo 'what the tests need could not be installed' >&2
	exit 1
}

# Downloads while others are built; who needs one before it is there waits, or fetches it. No jobs of this shell.
fetch()
{
	case " $steps " in *' vm '*) (scripts/kernels.sh >/dev/null 2>&1 &) ;; esac
	case " $steps " in *' fleet '*) (tests/fleet/run.sh --install >/dev/null 2>&1 &) ;; esac
}

timed install install_packages
fetch
for step in $steps; do
	timed "$step" run_step
done
say 'times'
printf '%s' "$took"
if [ -s "$work/failures" ]; then
	say 'what failed'
	cat "$work/failures"
fi
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
