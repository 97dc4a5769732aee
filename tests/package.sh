#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The Debian package: built, judged by lintian, and in a clean minimal root installed, used, upgraded and purged.
# Needs root, debhelper, lintian and debootstrap; 77 without.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/debian-pkg.sh
. "$top/scripts/debian-pkg.sh"
# shellcheck source=tests/chroot.sh
. "$top/tests/chroot.sh"
# shellcheck source=tests/check.sh
. "$top/tests/check.sh"
root=

for tool in dh lintian debootstrap dpkg-buildpackage; do
	command -v "$tool" >/dev/null || { echo "no $tool"; echo '0 passed, 0 failed, 1 skipped'; exit 77; }
done

work=$(mktemp -d)
trap 'root_leave "$work"' EXIT

# A copy: what is made for the package stays out of the tree.
mkdir "$work/source"
(cd "$top" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work/source")
(cd "$work/source" && DEB_BUILD_OPTIONS="parallel=$(nproc)" dpkg-buildpackage -b -us -uc -d >"$work/build.log" 2>&1)
deb=$(echo "$work"/goenvbpf_*.deb)
if [ ! -f "$deb" ]; then
	tail -n 30 "$work/build.log"
	echo 'FAIL it does not build'
	echo '0 passed, 1 failed, 0 skipped'
	exit 1
fi

# The archive's first package closes a bug of its own, which this one has not.
is_clean() { lintian --no-cfg --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs,bogus-mail-host-in-debian-changelog,bogus-mail-host "$1"; }

inside() { root_run "$root" "$@"; }
installs() { inside apt-get -q update && inside apt-get -q -y install --no-install-recommends "$1"; }
is_used()
{
	inside goenvbpf version && inside goenvbpf doctor >"$work/doctor" && grep -q 'types' "$work/doctor" &&
		inside goenvbpf run -q --force -o /tmp/r.jsonl -- ls / && inside goenvbpf report --json /tmp/r.jsonl | grep -q '"complete":true'
}
has_files() # DEB
{
	local f
	for f in usr/bin/goenvbpf usr/libexec/goenvbpf-push usr/share/man/man1/goenvbpf.1.gz usr/share/man/man5/goenvbpf-record.5.gz usr/share/man/man7/goenvbpf-rules.7.gz \
		usr/share/man/man8/goenvbpf-service.8.gz lib/systemd/system/goenvbpf.service lib/systemd/system/goenvbpf.socket \
		usr/lib/sysusers.d/goenvbpf.conf usr/share/doc/goenvbpf/examples/goenvbpf.conf \
		usr/share/bash-completion/completions/goenvbpf usr/share/zsh/vendor-completions/_goenvbpf usr/share/fish/vendor_completions.d/goenvbpf.fish; do
		dpkg-deb -c "$1" | grep -q " ./$f\$" || { echo "no $f"; return 1; }
	done
}
# One that is not whole, or has what the archive would not take.
finds_another()
{
	dpkg-deb -R "$deb" "$work/other" && rm "$work/other/usr/lib/sysusers.d/goenvbpf.conf" && mkdir -p "$work/other/usr/local/lib/goenvbpf" &&
		dpkg-deb --root-owner-group -Znone -b "$work/other" "$work/other.deb" && ! has_files "$work/other.deb" && ! is_clean "$work/other.deb"
}
# The group is there, the service does as a client asks, and its settings' example is right.
is_served()
{
	inside getent group goenvbpf && inside sh -c 'mkdir -p /run /var/lib; goenvbpf service 2>/tmp/service.log & n=0
		until [ -S /run/goenvbpf/socket ] || [ $n = 100 ]; do sleep 0.1; n=$((n + 1)); done
		goenvbpf job start one --pid $$ && goenvbpf job stop one -o /tmp/one.jsonl.zst --force && goenvbpf records | grep -q " one "
		status=$?; kill $!; wait $!; exit $status'
}
newer()
{
	dpkg-deb -R "$deb" "$work/newer" && sed -i 's/^Version: .*/&+1/' "$work/newer/DEBIAN/control" &&
		dpkg-deb --root-owner-group -b "$work/newer" "$root/tmp/newer.deb"
}
nothing_is_left() { ! find "$root" -xdev \( -name '*goenvbpf*' -o -path '*/goenvbpf/*' \) ! -path "$root/tmp/*" ! -path "$root/var/cache/*" | grep .; }

check 'lintian complains' is_clean "$deb"
check 'files are missing' has_files "$deb"
check 'what is wrong is not found' finds_another
makes_root() { root=$(root_make bookworm "$work"); }
check 'there is no clean root' makes_root
if [ -n "$root" ]; then
	cp "$deb" "$root/tmp/goenvbpf.deb"
	check 'it does not install' installs /tmp/goenvbpf.deb
	check 'it does not work' is_used
	check 'the service does not work' is_served
	check 'no newer one' newer
	check 'it does not upgrade' installs /tmp/newer.deb
	check 'it does not work after the upgrade' is_used
	check 'it does not go' inside apt-get -q -y purge goenvbpf
	check 'something is left' nothing_is_left
fi
check_ends
