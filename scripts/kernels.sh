#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Downloads stock Debian kernels into the cache and prints one line for each:
# VERSION ARCH RELEASE IMAGE MODULES. Nothing is installed; what is there is kept.
#
#   scripts/kernels.sh [--arch amd64|arm64] [--list] [VERSION...]     all of the table by default
set -euo pipefail
# shellcheck source=scripts/debian-pkg.sh
. "$(dirname "$0")/debian-pkg.sh"

# Debian's cloud flavours: the same code as the others, a quarter of the size.
kernel_table()
{
	cat <<-'TABLE'
	5.10 amd64 bullseye linux-image-cloud-amd64
	6.1  amd64 bookworm linux-image-cloud-amd64
	6.1-rt amd64 bookworm linux-image-rt-amd64
	6.12 amd64 trixie   linux-image-cloud-amd64
	7    amd64 sid      linux-image-cloud-amd64
	6.1  arm64 bookworm linux-image-cloud-arm64
	6.12 arm64 trixie   linux-image-cloud-arm64
	TABLE
}

# The kernel itself may be split over several packages, all of one version.
kernel_packages()
{
	local suite=$1 arch=$2 package=$3 dep
	for dep in $(debian_depends "$suite" "$arch" "$package"); do
		case $dep in
		linux-image-* | linux-binary-* | linux-modules-*)
			echo "$dep"
			kernel_packages "$suite" "$arch" "$dep"
			;;
		esac
	done
}

fetch()
{
	local version=$1 arch=$2 suite=$3 package=$4 dir packages
	dir=$CACHE/kernels/$version-$arch
	if [ ! -e "$dir/.complete" ]; then
		mkdir -p "$CACHE/kernels"
		debian_update "$suite" "$arch"
		packages=$(kernel_packages "$suite" "$arch" "$package" | sort -u)
		[ -n "$packages" ] || die "$suite has no $package for $arch"
		rm -rf "$dir"
		# shellcheck disable=SC2086
		debian_unpack "$suite" "$arch" "$dir" $packages
		rm -rf "${dir:?}/usr/share"
		touch "$dir/.complete"
	fi
	show "$version" "$arch" "$dir"
}

show()
{
	local image release modules
	image=$(find "$3" -type f -name 'vmlinu[xz]*' -print -quit)
	[ -n "$image" ] || die "no kernel image below $3"
	modules=$(find "$3" -path '*lib/modules/*' -type d -prune -print -quit)
	release=${modules##*/}
	echo "$1 $2 $release $image $modules"
}

main()
{
	local only_arch='' wanted=' ' version arch suite package found=0
	while [ $# -gt 0 ]; do
		case $1 in
		--arch) only_arch=${2:?--arch needs amd64 or arm64}; shift ;;
		--list) kernel_table; return ;;
		-*) die "unknown option $1" ;;
		*) wanted="$wanted$1 " ;;
		esac
		shift
	done
	need apt-get apt-cache dpkg-deb awk
	debian_lock
	while read -r version arch suite package; do
		[ -z "$only_arch" ] || [ "$only_arch" = "$arch" ] || continue
		[ "$wanted" = ' ' ] || [[ $wanted == *" $version "* ]] || continue
		fetch "$version" "$arch" "$suite" "$package"
		found=1
	done < <(kernel_table)
	[ $found = 1 ] || die "no such kernel; --list shows the table"
}

main "$@"
