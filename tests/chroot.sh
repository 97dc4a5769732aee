# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Minimal roots of Debian suites to build and install in; sourced by package.sh and roots.sh, after
# scripts/debian-pkg.sh. Needs root and debootstrap.
#
#   root=$(root_make SUITE FOLDER)    a fresh one, a folder in FOLDER: nothing but the base system
#   root_run ROOT COMMAND...          in it, as its root
#   root_leave FOLDER                 unmounts and removes FOLDER

# What debootstrap made is kept, and copied for each. One at a time, but others need not wait for it.
root_base() # SUITE
{
	local base work
	mkdir -p "$CACHE"
	exec 8>"$CACHE/root-$1.lock"
	flock 8
	base=$CACHE/root-$1-$(dpkg --print-architecture)
	if [ ! -d "$base" ]; then
		work=$(mktemp -d "$CACHE/root.XXXXXX")
		debootstrap --variant=minbase --keyring="$DEBIAN_KEYRING" "$1" "$work/base" "${DEBIAN_ARCHIVE:-$(debian_archive)}" >&2 &&
			mv -T "$work/base" "$base"
		rm -rf "$work"
	fi
	[ -d "$base" ] && echo "$base"
}

root_make() # SUITE FOLDER
{
	local base root f
	base=$(root_base "$1") || return 1
	root=$(mktemp -d "$2/$1.XXXXXX")
	cp -a "$base/." "$root"
	for f in proc sys dev; do
		mount --rbind "/$f" "$root/$f" && mount --make-rslave "$root/$f"
	done
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	# Nothing in it has to outlive a crash.
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
	echo "$root"
}

root_run() # ROOT COMMAND...
{
	local root=$1
	shift
	chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

root_leave() # FOLDER
{
	local point
	while read -r point; do
		umount -l "$point"
	done < <(awk -v folder="$1/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r)
	rm -rf --one-file-system "$1"
}
