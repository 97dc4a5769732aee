#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# From a fresh Debian 12: installs what is missing, builds goenvbpf, and tells a story of real builds: a warm one,
# an edit, a flag that was flipped, what each rebuilt and why, and the page that shows it.
#
#   scripts/demo.sh [DIR]     where the module and the records go; default: a new folder in /tmp
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

tool=$top/build/goenvbpf
build()	# RECORD GO-BUILD-ARGUMENTS...
{
	local record=$dir/$1.jsonl.gz
	shift
	echo
	echo "== goenvbpf run -o ${record##*/} -- go build $*"
	"$tool" run -q --force -o "$record" -- go build -buildvcs=false -o hello "$@"
}
cause() { echo "== goenvbpf diff ${1##*/} ${2##*/}"; "$tool" diff "$1" "$2" | sed '/^Settings that differ/,$d'; }

echo "== a module in $dir/hello is built once, to fill the cache"
go build -buildvcs=false -o hello .
build warm .
echo "== goenvbpf report warm.jsonl.gz"
"$tool" report "$dir/warm.jsonl.gz"
sed -i 's/observed/well observed/' words/words.go
build edit .
cause "$dir/warm.jsonl.gz" "$dir/edit.jsonl.gz"
build flip -gcflags=-N .
cause "$dir/edit.jsonl.gz" "$dir/flip.jsonl.gz"
"$tool" export "$dir/flip.jsonl.gz" --baseline "$dir/warm.jsonl.gz" --format html -o "$dir/demo.html" --force
echo
echo "The review page is $dir/demo.html: open it in a browser. The records are beside it; try:"
echo "  build/goenvbpf timeline $dir/warm.jsonl.gz --failed     every look-up that found nothing"
echo "  build/goenvbpf env $dir/flip.jsonl.gz --changed         what is not default, and where it came from"
