#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Records the builds that the made-up fleet consists of, and writes their rows: builds.jsonl.gz, whose numbers
# stand in docs/fleet.md. Only to be run when rows change: run.sh --update afterwards. Needs root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tool=$here/../../build/goenvbpf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/shop/money"
cd "$work/shop"

double() { printf 'package money\n\nimport "fmt"\n\nfunc Double(n int) string { return %s }\n' "$1" >money/money.go; }

build() # NAME GO COMMAND...
{
	local name=$1 root
	root=$("$here/../../scripts/toolchains.sh" "$2")
	shift 2
	env -i PATH="$root/bin:/usr/bin:/bin" HOME="$work/ci" GOTOOLCHAIN=local GOFLAGS="${GOFLAGS-}" "$tool" run -q --tag repo=shop \
		--tag step="$name" -o "$work/$name.jsonl" -- "$@" >/dev/null 2>&1 || [ "$name" = broken ]
}

printf 'module example.org/shop\n\ngo 1.22\n' >go.mod
printf 'package main\n\nimport (\n\t"fmt"\n\n\t"example.org/shop/money"\n)\n\nfunc main() { fmt.Println(money.Double(21)) }\n' >main.go
printf 'package money\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestDouble(t *testing.T) {\n\tos.Getenv("CI_JOB")\n\tif Double(2) != "4" {\n\t\tt.Fatal()\n\t}\n}\n' >money/money_test.go
double 'fmt.Sprint(2 * n)'
build cold 1.26 go build -o shop .
build warm 1.26 go build -o shop .
double 'fmt.Sprint(n + n)'
build edit 1.26 go build -o shop .
GOFLAGS=-trimpath build flip 1.26 go build -o shop .
build test 1.26 go test ./...
build old 1.24 go build -o shop .
double n
build broken 1.26 go build ./...
cd "$work"
"$tool" export {cold,warm,edit,flip,test,old,broken}.jsonl --format clickhouse |
	sed -e "s|$work|/home|g" -e "s|${GOENVBPF_CACHE:-$HOME/.cache/goenvbpf}/go-|/usr/local/go-|g" -e "s|\"$(hostname)|\"ci|g" |
	gzip -9n >"$here/builds.jsonl.gz"
