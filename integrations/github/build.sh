#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Makes dist/index.mjs, which runners start: the action with the libraries that package-lock.json names.
# Anything else than the same bytes from the same sources is an error of --check.
#
#   build.sh            makes it anew
#   build.sh --check    makes it elsewhere and compares
#   build.sh --fresh    only looks whether it was made of these sources; needs no packages
set -eu
cd "$(dirname "$0")"
export LC_ALL=C
sources=$(cat package.json package-lock.json build.sh src/*.js | sha256sum | cut -d' ' -f1)
if [ "${1-}" = --fresh ]; then
	grep -qF "// made of $sources" dist/index.mjs || { echo 'dist/index.mjs is not made of these sources: build.sh'; exit 1; }
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r src "$work"
# The libraries, kept from one time to the next; whole once they are there.
modules=${GOENVBPF_CACHE:-$HOME/.cache/goenvbpf}/github-$(sha256sum package-lock.json | cut -c-16)
if [ ! -d "$modules" ]; then
	mkdir -p "${modules%/*}"
	new=$(mktemp -d "$modules.XXXXXX")
	cp package.json package-lock.json "$new"
	(cd "$new" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2) || { rm -rf "$new"; exit 1; }
	mv -T "$new" "$modules" 2>/dev/null || rm -rf "$new"
fi
ln -s "$modules/node_modules" "$work/node_modules"
# Libraries of the older kind, bundled into a module, ask for these.
banner="// goenvbpf: GPL-2.0-only OR BSD-2-Clause; what is bundled with it: licenses.txt
// made of $sources
import { createRequire as createRequireOfModule } from 'node:module';
import { fileURLToPath as pathOfURL } from 'node:url';
import { dirname as folderOf } from 'node:path';
const require = createRequireOfModule(import.meta.url);
const __filename = pathOfURL(import.meta.url), __dirname = folderOf(__filename);"
(cd "$work" && node_modules/.bin/esbuild src/index.js --bundle --minify --preserve-symlinks --platform=node --target=node20 --format=esm \
	--legal-comments=none --log-level=warning --metafile=meta.json --banner:js="$banner" --outfile=index.mjs
node -e 'for (const f of Object.keys(JSON.parse(fs.readFileSync("meta.json")).inputs)) console.log(f)' |
	sed -nE 's/^(.*node_modules\/(@[^/]+\/)?[^/]+)\/.*/\1/p' | sort -u |
	while read -r package; do
		printf -- '--- %s\n' "${package##*node_modules/}"
		find "$package" -maxdepth 1 -type f -iname 'licen[cs]e*' | sort | head -n 1 | xargs -r -d '\n' cat
		printf '\n'
	done >licenses.txt)
if [ "${1-}" = --check ]; then
	cmp "$work/index.mjs" dist/index.mjs && cmp "$work/licenses.txt" dist/licenses.txt
else
	mkdir -p dist
	cp "$work/index.mjs" "$work/licenses.txt" dist/
fi
