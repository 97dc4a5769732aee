#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The review page in a browser, and the other formats before their readers: makes records of real builds and
# made-up ones, and calls run.mjs, exports.py and ../golden/traces.py.
#
#   tests/web/run.sh [NAME...]     tests with NAME in their name; 77 without node, npm or Chromium
#
# Needs root, to record. GOENVBPF: the program; CHROMIUM: the browser; GOENVBPF_LONG=1: random paths, too.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tool=$(realpath -- "${GOENVBPF:-$here/../../build/goenvbpf}")

missing()
{
	echo "$1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 77
}

export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser)}
[ -n "$CHROMIUM" ] || missing 'no Chromium'
# What drives the browser and judges the page.
modules=$("$here/../../scripts/npm.sh" web playwright-core@1.65.1 axe-core@4.11.0 @microsoft/jest-sarif@1.0.0-beta.0) ||
	missing 'no packages of npm'
export GOENVBPF_NODE_MODULES=$modules

export SUITES=$(($# > 0 ? 1 : 3))	# one that says nothing has failed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One that compiles std: a tree of many processes. The system's may have it precompiled.
root=$("$here/../../scripts/toolchains.sh" 1.26) || missing 'no Go 1.26'
mkdir -p "$work/shop/money" && cd "$work/shop" || exit 1
printf 'module example.org/shop\n\ngo 1.18\n' >go.mod
printf 'package money\n\nfunc Double(n int) int { return 2 * n }\n' >money/money.go
printf 'package money\n\nimport "testing"\n\nfunc TestDouble(t *testing.T) {\n\tif Double(2) != 4 {\n\t\tt.Fatal()\n\t}\n}\n' >money/money_test.go
printf 'package main\n\nimport (\n\t"fmt"\n\n\t"example.org/shop/money"\n)\n\nfunc main() { fmt.Println(money.Double(21)) }\n' >main.go

record() # NAME COMMAND...
{
	local name=$1
	shift
	env -u GOFLAGS PATH="$root/bin:$PATH" HOME="$work" GOCACHE="$work/cache" GOTOOLCHAIN=local \
		"$tool" run -q -o "$work/$name.jsonl" -- "$@" >"$work/$name.log" 2>&1
	[ -s "$work/$name.jsonl" ] || { cat "$work/$name.log"; exit 1; }
}

record cold go build -o shop .
record warm go build -o shop .
record test sh -c 'go test ./...; go vet ./...'
printf 'func broken() {}\n' >money/broken.go
record fail go build ./...
size=$(stat -c %s "$work/warm.jsonl")
head -c "$((size / 2))" "$work/warm.jsonl" >"$work/cut.jsonl"
kinds='million many commands hostile empty'
[ "${GOENVBPF_LONG-}" != 1 ] || kinds="$kinds random"
for kind in $kinds; do
	python3 "$here/records.py" "$kind" "$work/$kind.jsonl" || exit 1
done
# Without a network there is no judge of OTLP, which is then skipped.
OTLP_PROTO=$("$here/../../scripts/otlp-proto.sh") || true
export OTLP_PROTO
mkdir "$work/golden"
"$here/../golden/make-records.sh" "$work/golden" || exit 1

# Adds up what all say in their last lines.
{
	node "$here/run.mjs" "$work" "$tool" "$@"
	records=("$work"/{fail,test,cut,commands,empty,hostile}.jsonl)
	[ $# -gt 0 ] || "$here/exports.py" "$tool" "$modules/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" \
		"${records[@]}" "$work"/golden/{build,env,hostile,lost,switch}.jsonl
	[ $# -gt 0 ] || "$here/../golden/traces.py" check "$tool" "${records[@]}"
} | awk '
	/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $1; f += $3; s += $5; n++; next }
	{ print; fflush() }
	END { print p + 0 " passed, " f + (n < ENVIRON["SUITES"]) " failed, " s + 0 " skipped"; exit f || n < ENVIRON["SUITES"] }
'
