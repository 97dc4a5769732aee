#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Go toolchains of several Debian suites, downloaded and unpacked into a cache folder, never installed.
set -euo pipefail

#           Go    suites to try, smallest index first
TOOLCHAINS='1.15  bullseye
            1.19  bookworm
            1.21  bookworm-backports
            1.22  bookworm-backports
            1.23  bookworm-backports
            1.24  trixie
            1.25  trixie-backports
            1.26  trixie-backports forky sid
            1.27  trixie-backports forky sid'

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

usage() {
	cat <<'USAGE'
usage: scripts/toolchains.sh [--cache DIR] [VERSION…]      e.g. scripts/toolchains.sh 1.19 1.27
       scripts/toolchains.sh --list

Makes the Go toolchains ready (all of --list without VERSION) and prints the GOROOT of each, one a
line. Packages come from the Debian archive that this system's apt is configured with (or from
GOENVBPF_ARCHIVE, a base address), are checked by apt as always, and are only unpacked: the system,
its sources and its package lists stay as they are. What is there already is not fetched again.

  --cache DIR   where to keep them; default ${XDG_CACHE_HOME:-$HOME/.cache}/goenvbpf
USAGE
}

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# The suites that may hold version $1.
suites_of() { awk -v v="$1" '$1 == v { $1 = ""; print }' <<<"$TOOLCHAINS"; }

# The archive's base address, as this system knows it.
archive() {
	local base=${GOENVBPF_ARCHIVE:-}

	[ -n "$base" ] || base=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' 'Label: Debian' 2>/dev/null | sort -u | head -n 1)
	[ -n "$base" ] || die 'apt knows no Debian archive (try apt-get update first, or set GOENVBPF_ARCHIVE)'
	printf '%s\n' "$base"
}

# apt with sources, lists and cache of its own: apt_in STATE-DIR COMMAND…
apt_in() {
	local state=$1 tool=$2
	shift 2
	"$tool" -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State="$state" -o Dir::State::lists="$state/lists" \
		-o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
		-o Acquire::Languages=none -o APT::Sandbox::User= "$@"
}

# Reads the package index of suite $1 once per run; prints the state folder.
suite_state() {
	local state=$WORK/apt/$1 signed=''

	if [ ! -e "$state/ready" ]; then
		mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
		: >"$state/status"
		[ ! -r "$KEYRING" ] || signed="[signed-by=$KEYRING] "
		echo "deb $signed$ARCHIVE $1 main" >"$state/sources.list"
		say "reading the package index of $1"
		apt_in "$state" apt-get update >&2 || return 1
		touch "$state/ready"
	fi
	printf '%s\n' "$state"
}

# Downloads the packages of Go $1 into folder $3, from suite $2.
fetch() {
	local state

	state=$(suite_state "$2") || return 1
	apt_in "$state" apt-cache show "golang-$1-go" >/dev/null 2>&1 || return 1
	say "downloading Go $1 from $2"
	(cd "$3" && apt_in "$state" apt-get download "golang-$1-go" "golang-$1-src" >&2)
}

# Debian keeps one GOROOT in two places, joined by symbolic links: makes one real tree $3 of the two
# ($1/usr/lib/go-$2 and $1/usr/share/go-$2), so that it works from any folder.
join_goroot() {
	local lib=$1/usr/lib/go-$2 share=$1/usr/share/go-$2 link name

	for link in $(find "$lib" -type l -printf '%P\n'); do
		name=$(readlink "$lib/$link")
		case $name in
		*share/go-"$2"/*)
			rm "$lib/$link"
			mv "$share/${name##*share/go-"$2"/}" "$lib/$link" ;;
		esac
	done
	mv "$lib" "$3"
}

# True when the toolchain in folder $1 runs and is Go $2.
works() {
	local version

	version=$(env -u GOROOT GOENV=off GOTOOLCHAIN=local GOFLAGS= "$1/bin/go" version 2>/dev/null) || return 1
	case $version in "go version go$2"[.\ ]*) ;; *) return 1 ;; esac
	[ -d "$1/src/fmt" ]
}

# Makes Go $1 ready and prints its GOROOT.
provide() {
	local goroot=$CACHE/go-$1 suite tmp=$WORK/go-$1 deb

	if ! works "$goroot" "$1"; then
		rm -rf "$goroot"
		[ -n "$ARCHIVE" ] || ARCHIVE=$(archive) || return 1
		mkdir -p "$tmp/debs" "$tmp/root"
		for suite in $(suites_of "$1"); do
			fetch "$1" "$suite" "$tmp/debs" && break
			say "no Go $1 in $suite"
		done
		for deb in "$tmp"/debs/*.deb; do
			[ -e "$deb" ] || return 1
			dpkg-deb -x "$deb" "$tmp/root" || return 1
		done
		join_goroot "$tmp/root" "$1" "$tmp/goroot"
		works "$tmp/goroot" "$1" || { say "Go $1 was unpacked but does not run"; return 1; }
		mv "$tmp/goroot" "$goroot" || return 1
		rm -rf "$tmp"
		say "$(env -u GOROOT GOENV=off GOTOOLCHAIN=local "$goroot/bin/go" version) is in $goroot"
	fi
	printf '%s\n' "$goroot"
}

CACHE=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/goenvbpf
versions=()
while [ $# -gt 0 ]; do
	case $1 in
	--cache) CACHE=${2:?--cache needs a folder}; shift ;;
	--list) awk '{ print $1 }' <<<"$TOOLCHAINS"; exit 0 ;;
	-h | --help) usage; exit 0 ;;
	-*) usage >&2; exit 2 ;;
	*) [ -n "$(suites_of "$1")" ] || die "Go $1 is not in the table (see --list)"; versions+=("$1") ;;
	esac
	shift
done
[ ${#versions[@]} -gt 0 ] || mapfile -t versions < <(awk '{ print $1 }' <<<"$TOOLCHAINS")

for tool in apt-get dpkg-deb flock; do
	command -v "$tool" >/dev/null || die "$tool is missing: this works on Debian and its relatives"
done
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd)
exec 9>"$CACHE/toolchains.lock"
flock 9
ARCHIVE=
WORK=$(mktemp -d "$CACHE/toolchains.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

failed=0
for version in "${versions[@]}"; do
	provide "$version" || { say "Go $version is not available"; failed=1; }
done
exit $failed
