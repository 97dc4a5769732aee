#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Which folder may include which: DESIGN.md §5 as a table. Says each violation; exit 1 if any.
#
#   tests/layers.sh [TOP]
set -u
cd "${1:-$(dirname "$0")/..}" || exit 1

# folder     and what it may include beside itself and the system's headers
TABLE='
util
golang       util
record       util golang
model        util golang record
rules        util golang record model
answers      util golang record model rules
output       util golang record model rules answers
web
push         util <curl/
capture      util golang record bpf skeleton <bpf/
service      util
cmd          util golang record model rules answers output push capture service
main         util cmd
bpf          vmlinux <bpf/
'

passed=0 failed=0

wrong()
{
	echo "$1"
	failed=$((failed + 1))
}

# Sets target, the "folder" of an include as it is written: util/str.h is util, str.h is the file's own.
find_target()
{
	case $1 in
	\<*)				target="${1%%/*}/" ;;
	*.skel.h)			target=skeleton ;;
	vmlinux.h | vmlinux/*)		target=vmlinux ;;
	capture/../*| ../*)		target=$1 ;;
	*/*)				target=${1%%/*} ;;
	*)				target=own ;;
	esac
}

check_file()
{
	local file=$1 folder=$2 allowed=$3 include target
	while read -r include; do
		find_target "$include"
		case " own $folder $allowed " in
		*" $target "*)	;;
		*)	wrong "$file: $folder/ may not include $include" ;;
		esac
	done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*("([^"]+)"|(<(bpf|curl)\/[^>]*)>).*/\2\3/p' "$file")
	if [ "$folder" != util ] || [ "$(basename "$file")" != jsonv.c ]; then
		! grep -qE '^[[:space:]]*#[[:space:]]*include.*cJSON\.h' "$file" ||
			wrong "$file: only user/util/jsonv.c may include cJSON"
	fi
}

files_of()
{
	case $1 in
	main)	ls user/main.c ;;
	bpf)	ls bpf/*.[ch] ;;
	*)	ls "user/$1"/*.[ch] ;;
	esac 2>/dev/null
}

while read -r folder allowed; do
	[ -n "$folder" ] || continue
	before=$failed
	for file in $(files_of "$folder"); do
		check_file "$file" "$folder" "$allowed"
	done
	[ "$failed" != "$before" ] || passed=$((passed + 1))	# one for each row
done <<<"$TABLE"

for folder in user/*/; do
	folder=$(basename "$folder")
	grep -qE "^$folder( |\$)" <<<"$TABLE" || wrong "user/$folder: not in the table of tests/layers.sh"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
