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
cache=${GOENVBPF_CACHE:-$HOME/.cache/goenvbpf}
versions='chdb@3.4.0 @duckdb/node-api@1.5.6-r.1'

missing()
{
	echo "$1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 77
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	missing 'no node or npm'
fi
# The engines, as packages of npm; kept from run to run, and there once they are whole.
modules=$cache/fleet-${versions//[^a-z0-9.]/-}
if [ ! -d "$modules" ]; then
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/fleet.XXXXXX")
	# shellcheck disable=SC2086
	(cd "$new" && npm install --silent --no-save --no-audit --no-fund --prefix . $versions) ||
		{ rm -rf "$new"; missing "npm could not install $versions"; }
	mv -T "$new" "$modules" 2>/dev/null || rm -rf "$new"	# another one was faster
fi
[ "${1-}" != --install ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/golden"
"$here/../golden/make-records.sh" "$work/golden" || exit 1
GOENVBPF_NODE_MODULES=$modules node "$here/fleet.mjs" "$tool" "$work" "$@" \
	"$work"/golden/{cache,build,env,hostile,lost,cut,switch,header-only}.jsonl
