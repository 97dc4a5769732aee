#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What is in the program that needs no library, as CycloneDX: the Debian packages of whose archives the linker took
something, of the modules that the review page was bundled from, and what comes as a header or a source alone.

  scripts/sbom.py PROGRAM LINKER-MAP BUNDLE-METAFILE     prints it
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import urllib.parse

# No archive: a file of macros, and the one source that Debian has no archive of (scripts/static.sh).
WITHOUT_ARCHIVE = ["uthash-dev", "libcjson-dev"]


def archives(path):
    """Those of which the linker took a member."""
    with open(path, encoding="utf-8") as f:
        return {os.path.realpath(found) for found in re.findall(r"^(/\S+\.a)\(", f.read(), re.M)}


def modules(path):
    with open(path, encoding="utf-8") as f:
        inputs = json.load(f)["inputs"]
    return {os.path.realpath(name) for name in inputs if "/nodejs/" in name}


def packages_of(files):
    """dpkg knows files by the name that they were unpacked under: /lib, where that is a link to /usr/lib."""
    names = {name: name for name in files} | {name.removeprefix("/usr"): name for name in files}
    done = subprocess.run(["dpkg", "-S", *sorted(names)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    lines = [line.rsplit(": ", 1) for line in done.stdout.splitlines()]
    found = {names[path]: package.split(",")[0] for package, path in lines if path in names}
    if missing := files - set(found):
        sys.exit(f"sbom.py: no package has {', '.join(sorted(missing))}")
    return set(found.values())


def component(package):
    form = "${source:Package} ${source:Version}"
    source, version = subprocess.run(["dpkg-query", "-W", "-f", form, package], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    purl = f"pkg:deb/debian/{urllib.parse.quote(source, safe='')}@{urllib.parse.quote(version, safe='')}?arch=source"
    return {"type": "library", "bom-ref": purl, "name": source, "version": version, "purl": purl}


def main():
    program, linker_map, metafile = sys.argv[1:4]
    with open("VERSION", encoding="utf-8") as f:
        version = f.read().strip()
    with open(program, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    packages = packages_of(archives(linker_map) | modules(metafile)) | set(WITHOUT_ARCHIVE)
    components = {c["bom-ref"]: c for c in map(component, sorted(packages))}
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": f"goenvbpf@{version}", "name": "goenvbpf", "version": version,
            "licenses": [{"expression": "GPL-2.0-only OR BSD-2-Clause"}], "hashes": [{"alg": "SHA-256", "content": digest}]}},
        "components": [components[ref] for ref in sorted(components)],
        "dependencies": [{"ref": f"goenvbpf@{version}", "dependsOn": sorted(components)}],
    }, indent=1))


main()
