#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Unpacks the arm64 libraries that goenvbpf links into the cache, leaves the system's apt as it is,
# and prints what make needs for a cross build into build/arm64:
#
#   make $(scripts/arm64-sysroot.sh)          with gcc-aarch64-linux-gnu installed
#   scripts/arm64-sysroot.sh --print-path     the folder alone, for tests/vm/run.py --sysroot
set -euo pipefail
# shellcheck source=scripts/debian-pkg.sh
. "$(dirname "$0")/debian-pkg.sh"

TRIPLET=aarch64-linux-gnu

# The libraries of scripts/deps.mk, those of the tests, and what they depend on. The compiler's own
# C library stays the cross compiler's; its shared objects are here for guests.
packages()
{
	local package
	for package; do
		case $seen in *" $package "*) continue ;; esac
		case $package in
		libc6-dev | libc-dev-bin) continue ;;
		lib* | zlib1g* | uthash-dev) ;;
		*) continue ;;
		esac
		seen="$seen$package "
		# shellcheck disable=SC2046 # names have no blanks
		packages $(debian_depends bookworm arm64 "$package")
	done
}

# Packages of bookworm still use /lib and links that start there; as a folder beside / neither works.
merge_usr()
{
	local link
	[ ! -L "$1/lib" ] || return 0
	cp -a "$1/lib/." "$1/usr/lib/"
	rm -rf "${1:?}/lib"
	ln -s usr/lib "$1/lib"
	find "$1" -type l -lname '/*' | while read -r link; do
		ln -sfn "$1$(readlink "$link")" "$link"
	done
}

# pkg-config of the host, looking at the other architecture's files only.
write_pkg_config()
{
	cat > "$1/pkg-config" <<-END
	#!/bin/sh
	export PKG_CONFIG_LIBDIR='$1/usr/lib/$TRIPLET/pkgconfig:$1/usr/share/pkgconfig'
	export PKG_CONFIG_SYSROOT_DIR='$1'
	exec pkg-config "\$@"
	END
	chmod +x "$1/pkg-config"
}

need apt-get dpkg-deb pkg-config
debian_lock
root=$CACHE/sysroot-arm64
deps=$(dirname "$0")/deps.mk
if [ ! "$root/.packages" -nt "$deps" ] || [ ! "$root/.packages" -nt "$0" ]; then
	debian_update bookworm arm64
	seen=' '
	# shellcheck disable=SC2046
	packages $(awk -F: 'NF == 4 && !/^#/ { print $3 }' "$deps") uthash-dev libcmocka-dev
	rm -f "$root/.packages"
	# shellcheck disable=SC2086
	debian_tree bookworm arm64 sysroot-arm64 $seen >/dev/null
fi
merge_usr "$root"
if [ "${1:-}" = --print-path ]; then
	echo "$root"
	exit
fi
need $TRIPLET-gcc
write_pkg_config "$root"
lib=$root/usr/lib/$TRIPLET
echo "ARCH=arm64 OUT=build/arm64 CROSS_COMPILE=$TRIPLET- PKG_CONFIG=$root/pkg-config" \
	"LDFLAGS=-Wl,-L,$lib,-rpath-link,$lib"
