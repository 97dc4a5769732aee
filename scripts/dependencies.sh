#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Installs the Debian packages that building and testing need. Silent when nothing is missing.
#
#   scripts/dependencies.sh [build] [demo] [test] [vm] [web] [package] [bench]     build by default
set -eu
here=$(dirname "$0")

packages_of()
{
	case $1 in
	build)
		echo gcc make pkg-config libc6-dev clang llvm bpftool uthash-dev
		# the libraries have one list, the Makefile's
		awk -F: '/^lib|^zlib|^ncurses/ { print $3 }' "$here/deps.mk"
		echo esbuild protobuf-c-compiler
		sed -n 's/^D3_MODULES := //p' "$here/deps.mk" | tr ' ' '\n' | sed 's/^/node-d3-/'
		;;
	demo)
		echo golang-go
		;;
	test)
		# of Debian 12's clang; newer ones have a name for it without a version
		echo "libclang-rt-$([ "$(clang_version)" != 14 ] || echo 14-)dev"
		echo libcmocka-dev golang-go strace sudo python3 python3-jsonschema \
			python3-protobuf protobuf-compiler util-linux mount procps git zstd cppcheck e2fsprogs scdoc mandoc bash-completion zsh fish \
			python3-yaml rsync buildbot buildbot-worker shellcheck
		# runners of CI systems; a newer node than Debian's may be there, and conflicts with it
		command -v node >/dev/null && command -v npm >/dev/null || echo nodejs npm
		;;
	vm)
		echo qemu-system-x86 qemu-system-arm busybox-static e2fsprogs lz4 zstd xz-utils python3 binutils valgrind \
			gcc-aarch64-linux-gnu libc6-dev-arm64-cross
		;;
	web)
		echo chromium python3-jsonschema python3-junitparser python3-prometheus-client protobuf-compiler python3-protobuf
		# a newer node than Debian's may be there, and conflicts with it
		command -v node >/dev/null && command -v npm >/dev/null || echo nodejs npm
		;;
	package)
		echo debootstrap debhelper dpkg-dev lintian rpm rpmlint git
		;;
	bench)
		echo golang-go strace bpfcc-tools bpftrace linux-perf fatrace python3 zstd
		;;
	*)
		echo "${0##*/}: no group '$1'; there are build, demo, test, vm, web, package, bench" >&2
		exit 2
		;;
	esac
}

# Of the package clang, as this system would install it.
clang_version()
{
	apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p' | head -n 1 | grep . || echo 14
}

is_installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

# What provides a package counts: libelf-dev by another name, a newer clang's run-time library.
is_there()
{
	is_installed "$1" || case $1 in
	libcurl4-openssl-dev)	pkg-config --exists libcurl 2>/dev/null ;;
	libclang-rt-*)		ls /usr/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 ;;
	golang-go)		command -v go >/dev/null ;;
	clang | gcc | make | strace | git | sudo)	command -v "$1" >/dev/null ;;
	*)			false ;;
	esac
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "${0##*/}: needs root to install, and there is no sudo: run it as root" >&2
		exit 1
	fi
}

apt_get()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"
}

[ $# -gt 0 ] || set -- build
# Sets wanted and missing, of the groups.
list_packages()
{
	wanted=$(for group; do packages_of "$group"; done | tr ' ' '\n' | sort -u)
	missing=$(for package in $wanted; do is_there "$package" || echo "$package"; done)
}
list_packages "$@"
if ! command -v apt-get >/dev/null; then
	echo "${0##*/}: no apt-get here; what is needed are these packages or their likes: ${wanted//$'\n'/ }" >&2
	exit 0
fi
[ -n "$missing" ] || exit 0
how=
[ "$(id -u)" = 0 ] || how=' through sudo'
echo "${0##*/}: installing$how: ${missing//$'\n'/ }"
# shellcheck disable=SC2086
if ! apt_get install -y --no-install-recommends $missing; then
	# the lists of a fresh system are empty or old
	apt_get update
	list_packages "$@"	# some names are those of what is in the lists
	# shellcheck disable=SC2086
	apt_get install -y --no-install-recommends $missing
fi
