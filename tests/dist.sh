#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A release, made of this tree as it is: its checksums hold, its sources build where nothing else is of the tree, the
# program in it works, what it says of its parts is well formed and whole, and it is the same when made again.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/check.sh
. "$top/tests/check.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(cat "$top/VERSION")
sources=$work/goenvbpf-$version
program=$work/one/goenvbpf-$version-linux-$(uname -m)

mkdir "$work/tree"
(cd "$top" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work/tree")
in_tree() { git -C "$work/tree" -c user.name=test -c user.email=test@example.org "$@"; }
in_tree init -q && in_tree add -A && in_tree commit -q -m 'a release' || exit 1
dist() { "$work/tree/scripts/dist.sh" "$work/$1"; }

has_all() { (cd "$work/one" && ls) | tr '\n' ' ' | grep -x "SHA256SUMS goenvbpf-$version-linux-$(uname -m) goenvbpf-$version.cdx.json goenvbpf-$version.tar.gz "; }
holds() { (cd "$work/$1" && sha256sum -c --strict SHA256SUMS); }
is_found()
{
	cp -r "$work/one" "$work/spoilt"
	printf x >>"$work/spoilt/goenvbpf-$version.cdx.json"
	! holds spoilt
}
# What somebody does who has nothing but the tarball: no git, no flags.
unpacks() { tar -xf "$work/one/goenvbpf-$version.tar.gz" -C "$work" && ! git -C "$sources" rev-parse && [ ! -e "$sources/build" ]; }
makes() { make -C "$sources" -s -j"$(nproc)"; }
installs() { make -C "$sources" -s install DESTDIR="$work/installed" PREFIX=/usr; }
has_version() { "$1" version && [ "$("$1" version)" = "$("$program" version)" ]; }
answers()
{
	GOENVBPF=$work/installed/usr/bin/goenvbpf "$sources/tests/golden/run.sh" env-json build-report | tee "$work/golden"
	tail -n 1 "$work/golden" | grep -qE '^[1-9][0-9]* passed, 0 failed, 0 skipped$'
}
goes() { make -C "$sources" -s uninstall DESTDIR="$work/installed" PREFIX=/usr && ! find "$work/installed" ! -type d | grep .; }
# Sources that are not whole do not build, and another answer is found.
remakes() { make -C "$sources" -s -B "build/$1"; }	# -B: to make, an object that is there needs no source
needs() # FILE OBJECT
{
	local status=0
	remakes "$2" || return 1
	mv "$sources/$1" "$work/away"
	! remakes "$2" || status=1
	mv "$work/away" "$sources/$1"
	return $status
}
finds_another()
{
	local expected=$sources/tests/golden/expected/env-json.txt status=0
	cp "$expected" "$work/away"
	sed -i 's/GOPROXY/GOPROXI/' "$expected"
	! answers || status=1
	mv "$work/away" "$expected"
	return $status
}
needs_nothing() { ! readelf -ld "$program" | grep -E 'INTERP|NEEDED'; }
is_the_same() { dist two && diff -r "$work/one" "$work/two"; }
refuses()
{
	echo >>"$work/tree/README.md"
	! dist three && [ ! -e "$work/three" ]
}
# By what the program says of itself, not by what made the list.
is_well_formed() { python3 - "$work/one" "$version" <<'END'
import hashlib, json, re, sys
folder, version = sys.argv[1:]
bom = json.load(open(f"{folder}/goenvbpf-{version}.cdx.json"))
assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.5", 1)
assert set(bom) <= {"bomFormat", "specVersion", "version", "serialNumber", "metadata", "components", "dependencies"}, set(bom)
one = bom["metadata"]["component"]
assert (one["type"], one["name"], one["version"]) == ("application", "goenvbpf", version), one
import glob
[program] = glob.glob(f"{folder}/goenvbpf-{version}-linux-*")
assert one["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(open(program, "rb").read()).hexdigest()}]
parts = bom["components"]
for part in parts:
    assert set(part) == {"type", "bom-ref", "name", "version", "purl"} and part["type"] == "library", part
    assert all(isinstance(v, str) and v for v in part.values()), part
    assert re.fullmatch(r"pkg:deb/debian/[a-z0-9.%A-F-]+@[A-Za-z0-9.%~_-]+\?arch=source", part["purl"]), part
names = [part["name"] for part in parts]
assert len(set(names)) == len(names), names
wanted = {"glibc", "libbpf", "elfutils", "zlib", "libzstd", "cjson", "libmd", "protobuf-c", "ncurses", "uthash",
          "node-d3-array", "node-d3-scale", "node-d3-selection", "node-d3-zoom"}
assert wanted <= set(names), wanted - set(names)
assert not any("curl" in name for name in names), names
[dependency] = bom["dependencies"]
assert dependency == {"ref": one["bom-ref"], "dependsOn": sorted(p["bom-ref"] for p in parts)}
END
}

# From the sources of the release; Debian's names of what it needs are others, and it has no macros of systemd's.
makes_rpm()
{
	rpmbuild -bb --nodeps --define "_topdir $work/rpm" --define "_sourcedir $work/one" --define "version_of_release $version" \
		--define '_unitdir /usr/lib/systemd/system' --define '_sysusersdir /usr/lib/sysusers.d' --define 'systemd_preun() :' \
		--define 'debug_package %{nil}' --define "_smp_mflags -j$(nproc)" "$top/rpm/goenvbpf.spec"
}
in_root() { rpm --root "$work/root" --dbpath /db "$@"; }
installs_rpm()
{
	in_root --initdb && in_root -i --nodeps "$work"/rpm/RPMS/*/*.rpm && has_version "$work/root/usr/bin/goenvbpf" &&
		[ -x "$work/root/usr/libexec/goenvbpf-push" ] && ls "$work"/root/usr/share/man/man1/goenvbpf.1* \
		"$work"/root/usr/lib/systemd/system/goenvbpf.{service,socket} "$work"/root/usr/lib/sysusers.d/goenvbpf.conf
}
# There is no shell in that root.
erases_rpm() { in_root -e --noscripts goenvbpf && ! find "$work/root" -name '*goenvbpf*' | grep .; }
# The Makefile says to users of Fedora what is missing.
names_the_same()
{
	local name
	for name in $(sed -nE 's/^[a-z-]+:[0-9.]+:[^:]+:([^: ]+)$/\1/p' "$top/scripts/deps.mk") \
		$(grep -oE 'dnf install [a-z0-9 -]+' "$top/scripts/deps.mk" | sed 's/dnf install //'); do
		[ "$name" = cmocka-devel ] || [ "$name" = libcmocka-devel ] || grep -qE "^BuildRequires:.*[ ]$name( |\$)" "$top/rpm/goenvbpf.spec" ||
			{ echo "no BuildRequires: $name"; return 1; }
	done
}

check 'no release is made' dist one
check 'files are missing, or too many' has_all
check 'checksums do not hold' holds one
check 'what was spoilt is not found' is_found
check 'the sources do not unpack' unpacks
check 'the sources do not build alone' makes
check 'what was built is another version' has_version "$sources/build/goenvbpf"
check 'what was built does not install' installs
check 'what was installed answers wrongly' answers
check 'a wrong answer is not found' finds_another
check 'they build without what programs in the kernel include' needs bpf/event.h bpf/emit.bpf.o
check 'they build without the schema' needs user/record/schema.json user/record/schema.o
check 'they build without the page' needs user/web/page.html user/output/export/html.o
check 'what was installed does not go' goes
check 'the program needs a library' needs_nothing
check 'the list of parts is not well formed' is_well_formed
check 'the RPM needs others than the Makefile says' names_the_same
if command -v rpmbuild >/dev/null; then
	check 'the RPM does not build' makes_rpm
	check 'the RPM does not install' installs_rpm
	check 'the RPM does not go' erases_rpm
else
	skipped=$((skipped + 3))
fi
if command -v rpmlint >/dev/null; then
	check 'rpmlint complains' rpmlint "$top/rpm/goenvbpf.spec"
else
	skipped=$((skipped + 1))
fi
check 'the second time it is another' is_the_same
check 'what is not committed is released' refuses
check_ends
