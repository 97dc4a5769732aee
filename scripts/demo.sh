#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# From a fresh Debian 12: installs what is missing, builds goenvbpf, traces a real go build of a small
# module and shows what happened.
#
#   scripts/demo.sh [DIR]     where the module and the record go; default: a new folder in /tmp
set -eu
cd "$(dirname "$0")/.."
top=$PWD

scripts/dependencies.sh build demo
echo '== building goenvbpf'
make -j"$(nproc)"

if [ $# -gt 0 ]; then
	mkdir -p "$1"
	dir=$(cd "$1" && pwd)
else
	dir=$(mktemp -d /tmp/goenvbpf-demo.XXXXXX)
fi
mkdir -p "$dir/hello/words"
cd "$dir/hello"
cat > go.mod <<'MOD'
module example.org/hello

go 1.19
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"example.org/hello/words"
)

func main() { fmt.Println(words.Hello()) }
GO
cat > words/words.go <<'GO'
package words

func Hello() string { return "hello, observed world" }
GO

record=$dir/demo.jsonl.gz
echo "== goenvbpf run -o $record -- go build    (in $dir/hello)"
"$top/build/goenvbpf" run --force -o "$record" -- go build -buildvcs=false -o hello .
echo '== the program that was built'
./hello
echo "== goenvbpf timeline $record | head -n 40"
# the reader goes away early on purpose
{ "$top/build/goenvbpf" timeline "$record" 2>/dev/null || true; } | head -n 40
echo "== goenvbpf report $record"
"$top/build/goenvbpf" report "$record"
page=$dir/demo.html
"$top/build/goenvbpf" export "$record" --format html -o "$page" --force
echo
echo "The review page is $page: open it in a browser."
echo "The record is $record ($(wc -c < "$record") bytes). Try:"
echo "  build/goenvbpf timeline $record --failed"
