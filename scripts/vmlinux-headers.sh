#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Makes vmlinux/x86/vmlinux.h and vmlinux/arm64/vmlinux.h from stock Debian kernels and
# vmlinux/types.txt, and tries a BPF program with both.
#
#   scripts/vmlinux-headers.sh [VERSION]   one that kernels.sh has for both, 6.12 by default
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian-pkg.sh
. scripts/debian-pkg.sh

header()
{
	cat <<-END
	/* SPDX-License-Identifier: GPL-2.0-only */
	/* Types of Linux $1 for BPF, written by scripts/vmlinux-headers.sh: do not edit. */
	END
	bpftool btf dump file "$2" format c
}

# generate ARCH DEBIAN_ARCH VERSION
generate()
{
	local release image work=$CACHE/vmlinux-$1
	read -r _ _ release image _ < <(scripts/kernels.sh --arch "$2" "$3")
	[ -n "${image:-}" ] || die "no kernel $3 for $2"
	scripts/kernel-btf.py "$image" --types vmlinux/types.txt --arch "$1" -o "$work.btf"
	mkdir -p "vmlinux/$1"
	header "$release" "$work.btf" > "$work.h"
	"${CLANG:-clang}" -target bpf "-D__TARGET_ARCH_$1" -O2 -g -mcpu=v3 -Wall -Werror \
		-include "$work.h" -c -o "$work.o" vmlinux/sample.bpf.c
	mv "$work.h" "vmlinux/$1/vmlinux.h"
	rm -f "$work.btf" "$work.o"
	wc -l "vmlinux/$1/vmlinux.h"
}

PATH=$PATH:/usr/sbin
need python3 bpftool zstd lz4 "${CLANG:-clang}"
generate x86 amd64 "${1:-6.12}"
generate arm64 arm64 "${1:-6.12}"
