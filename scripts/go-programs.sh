#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Sources of real Go libraries with all that they import, as Debian packages them: downloaded and
# unpacked into the cache folder, never installed. Prints the folder, which is a GOPATH.
set -euo pipefail
# shellcheck source=scripts/debian-pkg.sh
. "$(dirname "$0")/debian-pkg.sh"

SUITE=bookworm	# of Go 1.19: newer Go builds it as well
LIBRARIES='golang-github-spf13-cobra-dev
           golang-github-spf13-viper-dev
           golang-github-gin-gonic-gin-dev'

case ${1:-} in
'') ;;
*)	echo "usage: scripts/go-programs.sh	(prints a GOPATH with cobra, viper and gin of Debian $SUITE)"
	[ "$1" = --help ] || exit 2
	exit 0 ;;
esac

need apt-get dpkg-deb flock
mkdir -p "$CACHE"
exec 9>"$CACHE/go-programs.lock"
flock 9

# The list of packages is part of what is kept: without a network the folder is used as it is.
tree=$CACHE/go-programs
if [ ! -e "$tree/complete" ]; then
	debian_update "$SUITE" amd64
	# shellcheck disable=SC2086 # one a word
	mapfile -t packages < <(debian_apt "$SUITE" amd64 apt-cache depends --recurse --important $LIBRARIES |
		grep -oE '^golang-[a-z0-9.+-]*-dev$' | sort -u)
	[ ${#packages[@]} -gt 10 ] || die "only ${#packages[@]} packages found in $SUITE"
	rm -rf "$tree"
	debian_unpack "$SUITE" amd64 "$tree" "${packages[@]}"
	touch "$tree/complete"
fi
echo "$tree/usr/share/gocode"
