#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Packages of npm, kept from run to run: prints the folder that has their node_modules. It is there once it is
# whole, whoever else wants it at the same time.
#
#   scripts/npm.sh NAME PACKAGE@VERSION...     NAME: what they are for, as the folder begins
set -eu
cache=${GOENVBPF_CACHE:-$HOME/.cache/goenvbpf}
name=$1
shift
versions=$*
folder=$cache/$name-${versions//[^a-z0-9.]/-}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "${0##*/}: no node or npm" >&2
	exit 1
fi
if [ ! -d "$folder" ]; then
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/$name.XXXXXX")
	if ! (cd "$new" && npm install --silent --no-save --no-audit --no-fund --prefix . "$@" >&2); then
		rm -rf "$new"
		echo "${0##*/}: npm could not install $versions" >&2
		exit 1
	fi
	mv -T "$new" "$folder" 2>/dev/null || rm -rf "$new"
fi
echo "$folder"
