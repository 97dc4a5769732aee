#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The rows for a database in the engine that they are for, and docs/fleet.md, see fleet.mjs.
#
#   tests/fleet/run.sh [--update]     --update: writes the answers of the engine into docs/fleet.md
#
# GOENVBPF: the program; GOENVBPF_LONG=1: a month of 200 hosts in 50,000,000 rows. 77 without node or npm.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tool=$(realpath -- "${GOENVBPF:-$here/../../build/goenvbpf}")

missing()
{
	echo "$1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 77
}

modules=$("$here/../../scripts/npm.sh" fleet chdb@3.4.0 @duckdb/node-api@1.5.6-r.1) || missing 'no ClickHouse and DuckDB'
[ "${1-}" != --install ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/golden"
"$here/../golden/make-records.sh" "$work/golden" || exit 1
GOENVBPF_NODE_MODULES=$modules node "$here/fleet.mjs" "$tool" "$work" "$@" \
	"$work"/golden/{cache,build,env,hostile,lost,cut,switch,header-only}.jsonl
