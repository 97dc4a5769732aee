#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The service under a real systemd: Debian 12's, in qemu, with the units as make install puts them there.
#
#   tests/vm/systemd/run.sh [KERNEL]     6.1 by default
#
# Needs root, debootstrap and qemu; 77 without. The last line is "N passed, N failed, N skipped".
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
# shellcheck source=scripts/debian-pkg.sh
. "$top/scripts/debian-pkg.sh"
# shellcheck source=tests/chroot.sh
. "$top/tests/chroot.sh"

for tool in debootstrap qemu-system-x86_64; do
	command -v "$tool" >/dev/null || { echo "no $tool"; echo '0 passed, 0 failed, 1 skipped'; exit 77; }
done
work=$(mktemp -d)
trap 'root_leave "$work"' EXIT

# Debian's, with systemd and what the program is linked with; golang-go is most of it, and a go command is enough.
make_root()
{
	root=$(root_make bookworm "$work") &&
		root_run "$root" apt-get -q update &&
		root_run "$root" apt-get -q install -y --no-install-recommends systemd systemd-sysv dbus libbpf1 libcjson1 \
			libmd0 libzstd1 libprotobuf-c1 libncursesw6 golang-1.19-go procps runc zstd &&
		ln -sf /usr/lib/go-1.19/bin/go "$root/usr/bin/go"
}

install_all()
{
	make -s -C "$top" install DESTDIR="$root" PREFIX=/usr &&
		root_run "$root" systemd-sysusers &&
		root_run "$root" useradd -m -G goenvbpf member &&
		root_run "$root" useradd -m stranger &&
		root_run "$root" systemctl enable goenvbpf.socket &&
		mkdir "$root/check" && cp "$here/check" "$top/tests/check.sh" "$root/check" &&
		cat >"$root/etc/systemd/system/check.service" <<-'UNIT' &&
			[Unit]
			After=multi-user.target
			[Service]
			Type=oneshot
			ExecStart=/check/check
			[Install]
			WantedBy=default.target
		UNIT
		root_run "$root" systemctl enable check.service
}

give_up() # LOG
{
	tail -n 20 "$1"
	echo "the root could not be made"
	echo '0 passed, 1 failed, 0 skipped'
	exit 1
}

make_root >"$work/log" 2>&1 || give_up "$work/log"
install_all >"$work/log" 2>&1 || give_up "$work/log"
for point in proc sys dev; do
	umount -l "$root/$point"
done
"$top/tests/vm/run.py" --kernel "${1:-6.1}" --disk "$root:/sysroot" --file "$here/init:/systemd-init" \
	--append 'rdinit=/systemd-init systemd.log_level=warning' --timeout 420 --memory 1500M true
status=$?
[ $status != 125 ] || echo '0 passed, 1 failed, 0 skipped'
exit $status
