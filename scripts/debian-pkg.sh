#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Fetches packages of any Debian suite and architecture into the cache, beside the system's own
# apt; sourced by kernels.sh, vmlinux-headers.sh and arm64-sysroot.sh. Nothing is installed.
#
#   scripts/debian-pkg.sh SUITE ARCH NAME PACKAGE...     prints where, below the cache, they are

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/goenvbpf
DEBIAN_KEYRING=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

need()
{
	for tool; do
		command -v "$tool" >/dev/null || die "$tool is missing"
	done
}

# Until the script ends, others wait here: tests beside each other want the same packages.
debian_lock()
{
	mkdir -p "$CACHE"
	exec 9>"$CACHE/packages.lock"
	flock 9
}

# The archive this host already uses, so that mirrors and proxies are honoured.
debian_archive()
{
	# shellcheck disable=SC2016 # apt's own placeholders
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'MetaKey: main/binary-amd64/Packages' \
		'Label: Debian' 2>/dev/null | awk '$1 == "Debian" { print $2; exit }'
}

# debian_apt SUITE ARCH TOOL ARG...: apt-get or apt-cache with lists, status and cache of its own.
debian_apt()
{
	local suite=$1 arch=$2 tool=$3 root=$CACHE/apt/$1-$2
	shift 3
	"$tool" -q -o Dir::Etc::SourceList="$root/sources.list" -o Dir::Etc::SourceParts=- \
		-o Dir::State="$root" -o Dir::State::Lists="$root/lists" \
		-o Dir::State::Status="$root/status" -o Dir::Cache="$root/cache" \
		-o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Acquire::Languages=none -o APT::Sandbox::User= "$@"
}

# debian_update SUITE ARCH: the package lists, at most once an hour.
debian_update()
{
	local root=$CACHE/apt/$1-$2 uri
	[ -z "$(find "$root/updated" -mmin -60 2>/dev/null)" ] || return 0
	uri=${DEBIAN_ARCHIVE:-$(debian_archive)}
	[ -n "$uri" ] || die "no Debian archive among apt's sources; set DEBIAN_ARCHIVE"
	[ -r "$DEBIAN_KEYRING" ] || die "$DEBIAN_KEYRING is missing (package debian-archive-keyring)"
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	: > "$root/status"
	echo "deb [arch=$2 signed-by=$DEBIAN_KEYRING] $uri $1 main" > "$root/sources.list"
	debian_apt "$1" "$2" apt-get update >&2 || die "cannot read the package lists of $1"
	touch "$root/updated"
}

# debian_depends SUITE ARCH PACKAGE: the names it depends on (virtual ones in angle brackets).
debian_depends()
{
	debian_apt "$1" "$2" apt-cache depends --important "$3" |
		awk '$1 == "Depends:" || $1 == "PreDepends:" { print $2 }'
}

# debian_unpack SUITE ARCH DIR PACKAGE...: downloads and unpacks below DIR.
debian_unpack()
{
	local suite=$1 arch=$2 dir=$3 debs deb
	shift 3
	debs=$(mktemp -d "$CACHE/debs.XXXXXX")
	(cd "$debs" && debian_apt "$suite" "$arch" apt-get download "$@" >&2) ||
		die "cannot download $* of $suite"
	mkdir -p "$dir"
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$dir" || die "cannot unpack ${deb##*/}"
	done
	rm -rf "$debs"
}

# debian_source SUITE PACKAGE: upstream's source of a package into the cache, once; prints the folder.
debian_source()
{
	local suite=$1 dir=$CACHE/source-$1-$2 debs arch root
	arch=$(dpkg --print-architecture)
	root=$CACHE/apt/$1-$arch
	if [ ! -d "$dir" ]; then
		debian_update "$suite" "$arch"
		# the same archive's sources
		sed 's/^deb /deb-src /' "$root/sources.list" >"$root/source.list"
		debs=$(mktemp -d "$CACHE/debs.XXXXXX")
		(cd "$debs" &&
			debian_apt "$suite" "$arch" apt-get -o Dir::Etc::SourceList="$root/source.list" update >&2 &&
			debian_apt "$suite" "$arch" apt-get -o Dir::Etc::SourceList="$root/source.list" \
				source --download-only "$2" >&2) ||
			die "cannot download the source of $2"
		rm -f "$root/updated"	# its lists are those of sources now
		mkdir "$debs/tree"
		tar -xf "$debs"/*.orig.tar.* -C "$debs/tree" --strip-components=1 || die "cannot unpack the source of $2"
		mv -T "$debs/tree" "$dir"
		rm -rf "$debs"
	fi
	echo "$dir"
}

# debian_tree SUITE ARCH NAME PACKAGE...: the same into the cache, once; prints the folder.
debian_tree()
{
	local suite=$1 arch=$2 dir=$CACHE/$3
	shift 3
	if [ "$(cat "$dir/.packages" 2>/dev/null)" != "$suite $arch $*" ]; then
		rm -rf "$dir"
		debian_update "$suite" "$arch"
		debian_unpack "$suite" "$arch" "$dir" "$@"
		echo "$suite $arch $*" > "$dir/.packages"
	fi
	echo "$dir"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -euo pipefail
	[ $# -ge 4 ] || die "usage: SUITE ARCH NAME PACKAGE..."
	debian_lock
	debian_tree "$@"
fi
