#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""goenvbpf buildinfo against go version -m: byte for byte, over a matrix of real binaries.

Builds programs with every toolchain that scripts/toolchains.sh can give, in several build modes,
for several architectures, stripped and damaged in several ways, and compares text, JSON and build
IDs with what Go itself says; then does the same for every Go binary of the toolchains.
Exit status: 0 all equal, 1 a difference, 77 not run (the reason is printed).
"""
import fcntl
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.dont_write_bytecode = True
import lib  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TOOL = Path(os.environ.get("GOENVBPF", ROOT / "build" / "goenvbpf"))
lib.TOOL = TOOL
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "goenvbpf"
KEEP = 7 * 24 * 3600  # seconds
LEAST = 40  # binaries that a full run compares

ALL = ("1.15", "1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27")
ENDS = ("1.15", "1.19", "1.27")  # one of each layout: addresses; inline; newest

#        name          program   versions  flags                                   environment
MATRIX = [
	("exe",        "deps",   ALL,      [],                                      {}),
	("trimpath",   "deps",   ENDS,     ["-trimpath"],                           {}),
	("small",      "hello",  ENDS,     ["-ldflags=-s -w"],                      {}),
	("noid",       "hello",  ENDS,     ["-ldflags=-buildid="],                  {}),
	("long",       "hello",  ("1.22", "1.27"), ["-ldflags=-X 'main.v=" + 'x"`\t' * 18000 + "'"], {}),
	("vendor",     "vendor", ("1.15", "1.22", "1.27"), ["-mod=vendor"],         {}),
	("tags",       "hello",  ("1.19", "1.27"), ["-tags=one,two", "-gcflags=-N -l"], {}),
	("vcs",        "vcs",    ("1.19", "1.24", "1.27"), [],                      {}),
	("nomod",      "hello",  ENDS,     [],                                      {"GO111MODULE": "off"}),
	("pie",        "hello",  ("1.15", "1.19", "1.22", "1.27"), ["-buildmode=pie"], {}),
	("pie-extern", "hello",  ENDS,     ["-buildmode=pie", "-ldflags=-linkmode=external"], {"CGO_ENABLED": "1"}),
	("c-shared",   "lib",    ENDS,     ["-buildmode=c-shared"],                 {"CGO_ENABLED": "1"}),
	("plugin",     "hello",  ("1.19", "1.27"), ["-buildmode=plugin"],           {"CGO_ENABLED": "1"}),
	("cgo",        "cgo",    ENDS,     [],                                      {"CGO_ENABLED": "1", "CGO_CFLAGS": "-O1 -g"}),
	("386",        "hello",  ("1.15", "1.27"), [],                              {"GOARCH": "386"}),
	("arm64",      "hello",  ("1.15", "1.27"), [],                              {"GOARCH": "arm64"}),
	("mips",       "hello",  ("1.15", "1.27"), [],                              {"GOARCH": "mips"}),
	("s390x",      "hello",  ("1.15", "1.27"), [],                              {"GOARCH": "s390x"}),
	("riscv64",    "hello",  ("1.27",),  [],                                    {"GOARCH": "riscv64"}),
]


def skip(why):
	print(f"SKIP: {why}")
	sys.exit(77)


def run(args, **kw):
	return subprocess.run([str(a) for a in args], capture_output=True, **kw)


# --- the programs ---

def write(path, text):
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(text)


def publish(proxy, module, version, escaped, declared=None):
	"""Puts a module of one package into a file-system GOPROXY; a fork declares the original's path."""
	at = proxy / escaped / "@v"
	mod = f"module {declared or module}\n\ngo 1.15\n"
	write(at / f"{version}.mod", mod)
	write(at / f"{version}.info", json.dumps({"Version": version}))
	with (at / "list").open("a") as f:
		f.write(version + "\n")
	with zipfile.ZipFile(at / f"{version}.zip", "w") as z:
		z.writestr(f"{module}@{version}/go.mod", mod)
		z.writestr(f"{module}@{version}/p.go", "package p\n\nvar V = 1\n")


def make_programs(work):
	proxy, src = work / "proxy", work / "src"
	publish(proxy, "example.com/dep", "v1.0.1", "example.com/dep")
	publish(proxy, "example.com/Upper", "v0.3.0", "example.com/!upper")
	publish(proxy, "example.com/fork", "v1.1.0", "example.com/fork", "example.com/orig")
	write(src / "hello/go.mod", "module example.com/hello\n\ngo 1.15\n")
	write(src / "hello/main.go", 'package main\n\nvar v = "1"\n\nfunc main() { println(v) }\n')
	write(src / "lib/go.mod", "module example.com/lib\n\ngo 1.15\n")
	write(src / "lib/main.go", 'package main\n\nimport "C"\n\n//export Answer\nfunc Answer() C.int { return 42 }\n\nfunc main() {}\n')
	write(src / "cgo/go.mod", "module example.com/cgo\n\ngo 1.15\n")
	write(src / "cgo/main.go", 'package main\n\n// static int f(void) { return 1; }\nimport "C"\n\nfunc main() { println(C.f()) }\n')
	main = ('package main\n\nimport (\n\t"example.com/Upper"\n\t"example.com/dep"\n\t"example.com/local"\n\t"example.com/orig"\n)\n\n'
		'func main() { println(p.V, dep.V, local.V, orig.V) }\n')
	main = main.replace('"example.com/dep"', 'dep "example.com/dep"').replace('"example.com/local"', 'local "example.com/local"')
	main = main.replace('"example.com/orig"', 'orig "example.com/orig"').replace('"example.com/Upper"', 'p "example.com/Upper"')
	write(src / "deps/main.go", main)
	write(src / "deps/go.mod", "module example.com/deps\n\ngo 1.15\n\nrequire (\n\texample.com/Upper v0.3.0\n\texample.com/dep v1.0.1\n"
		"\texample.com/local v0.0.0\n\texample.com/orig v1.0.0\n)\n\n"
		"replace (\n\texample.com/local => ./local\n\texample.com/orig => example.com/fork v1.1.0\n)\n")
	write(src / "deps/local/go.mod", "module example.com/local\n\ngo 1.15\n")
	write(src / "deps/local/p.go", "package p\n\nvar V = 1\n")
	write(src / "vendor/go.mod", "module example.com/vendor\n\ngo 1.15\n\nrequire example.com/dep v1.0.1\n")
	write(src / "vendor/main.go", 'package main\n\nimport p "example.com/dep"\n\nfunc main() { println(p.V) }\n')
	write(src / "vendor/vendor/modules.txt", "# example.com/dep v1.0.1\n## explicit; go 1.15\nexample.com/dep\n")
	write(src / "vendor/vendor/example.com/dep/p.go", "package p\n\nvar V = 1\n")
	shutil.copytree(src / "hello", src / "vcs")
	if shutil.which("git"):
		git = ["git", "-C", src / "vcs", "-c", "user.name=n", "-c", "user.email=e@example.com"]
		for args in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v1.2.3"]):
			run(git + args, check=True, env=dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null"))
		write(src / "vcs/new.txt", "modified\n")


def environment(work):
	keep = {k: os.environ[k] for k in ("PATH", "LANG") if k in os.environ}
	return dict(keep, HOME=str(work), GOENV="off", GOTOOLCHAIN="local", GOSUMDB="off", GOPROXY=f"file://{work}/proxy",
		GOFLAGS="-modcacherw", GOPATH=str(work / "gopath"), GOCACHE=str(CACHE / "go-build"), CGO_ENABLED="0")


# --- variants made of finished binaries ---

def remove_section_headers(path):
	with path.open("r+b") as f:
		ident = f.read(16)
		is_64, order = ident[4] == 2, "<" if ident[5] == 1 else ">"
		f.seek(0x28 if is_64 else 0x20)
		f.write(struct.pack(order + ("Q" if is_64 else "I"), 0))
		f.seek(0x3c if is_64 else 0x30)
		f.write(struct.pack(order + "HH", 0, 0))


def variants(path, arch):
	"""Stripped, without section headers, without the section: copies beside path."""
	made = []
	for suffix in ("stripped", "nosh", "removed", "cut"):
		copy = path.with_name(path.name + "." + suffix)
		shutil.copy(path, copy)
		if suffix == "nosh":
			remove_section_headers(copy)
		elif suffix == "cut":
			os.truncate(copy, copy.stat().st_size // 3)
		elif arch or run(["strip", copy] if suffix == "stripped" else
				["objcopy", "--remove-section=.go.buildinfo", copy]).returncode:
			copy.unlink()
			continue
		made.append(copy)
	return made


def build_all(work, goroots):
	"""Builds the matrix; returns the files and the names of what could not be built here."""
	files, missing = [], []
	base = environment(work)
	has_cc = bool(shutil.which("gcc"))
	for name, program, versions, flags, env in MATRIX:
		for version in versions:
			if version not in goroots:
				continue
			out = work / "bin" / f"{name}-{version}"
			if env.get("CGO_ENABLED") == "1" and not has_cc:
				missing.append(f"{out.name}: no gcc")
				continue
			if program == "vcs" and not shutil.which("git"):
				missing.append(f"{out.name}: no git")
				continue
			mod = [] if "-mod=vendor" in flags or "GO111MODULE" in env else ["-mod=mod"]
			p = run([goroots[version] / "bin/go", "build", *mod, *flags, "-o", out, "."],
				cwd=work / "src" / program, env={**base, **env})
			if p.returncode:
				missing.append(f"{out.name}: {p.stderr.decode(errors='replace').strip()[-300:]}")
				continue
			files.append(out)
			if name in ("exe", "pie", "c-shared", "386", "mips") and version in ENDS:
				files += variants(out, name if name in ("386", "mips") else "")
	return files, missing


def binaries(goroots):
	"""What build_all() gives, kept in the cache folder until this file, a toolchain or the C compiler changes."""
	versions = [run([root / "bin/go", "version"], env=dict(os.environ, GOTOOLCHAIN="local")).stdout for root in goroots.values()]
	compiler = run(["gcc", "--version"]).stdout if shutil.which("gcc") else b""
	key = hashlib.sha256(b"".join([Path(__file__).read_bytes(), compiler, *versions])).hexdigest()[:16]
	made = CACHE / f"binaries-{key}"
	CACHE.mkdir(parents=True, exist_ok=True)
	with (CACHE / "binaries.lock").open("w") as lock:
		fcntl.flock(lock, fcntl.LOCK_EX)
		if not made.exists():
			for old in CACHE.glob("binaries-*"):	# not those of another checkout
				if old.is_dir() and old.stat().st_mtime < time.time() - KEEP:
					shutil.rmtree(old)
			with tempfile.TemporaryDirectory(prefix="new-binaries-", dir=CACHE) as tmp:
				work = Path(tmp)
				make_programs(work)
				files, missing = build_all(work, goroots)
				write(work / "bin/built.json", json.dumps([[f.name for f in files], missing]))
				(work / "bin").rename(made)
	names, missing = json.loads((made / "built.json").read_text())
	return [made / name for name in names], missing


# --- comparing ---

class Checker:
	def __init__(self, goroots):
		self.goroots = goroots
		self.newest = goroots[max(goroots, key=lambda v: int(v.split(".")[1]))]
		self.failures = []
		self.env = dict(os.environ, GOTOOLCHAIN="local", GOENV="off", GOFLAGS="")
		self.equal, self.refused = 0, []

	def fail(self, what, ours, theirs):
		self.failures.append(f"{what}\n   ours   {ours[:400]!r}\n   theirs {theirs[:400]!r}")

	def version_m(self, goroot, path):
		return run([goroot / "bin/go", "version", "-m", path], env=self.env).stdout

	def truth(self, path):
		"""Go 1.27 reads no file without section headers, 1.26 no such PIE: the whole file is the truth."""
		whole = path.with_name(path.name.replace(".nosh", ""))
		return self.version_m(self.newest, whole).replace(bytes(whole) + b":", bytes(path) + b":")

	def text(self, path):
		theirs = self.truth(path)
		p = run([TOOL, "buildinfo", path])
		if p.stdout != theirs:
			self.fail(f"text of {path.name}", p.stdout, theirs)
		elif p.returncode != (0 if theirs else 1):
			self.fail(f"exit status of {path.name}", str(p.returncode), "0" if theirs else "1")
		elif theirs:
			self.equal += 1
		else:
			self.refused.append(path.name)

	def tree(self, goroot):
		ours, theirs = run([TOOL, "buildinfo", goroot]).stdout, self.version_m(self.newest, goroot)
		if ours != theirs or not theirs:
			self.fail(f"all of {goroot}", ours, theirs)
		return sum(1 for line in theirs.splitlines() if line[:1] not in (b"\t", b""))

	@staticmethod
	def module(m):
		m = m or {}
		pick = {k: v for k, v in ((k, m.get(k) or m.get(k.capitalize())) for k in ("path", "version", "sum")) if v}
		replace = m.get("replace") or m.get("Replace")
		return {**pick, "replace": Checker.module(replace)} if replace else pick

	def json(self, files):
		"""The same facts from go version -m -json, where the newest Go has it."""
		good = [f for f in files if not f.name.endswith(("nosh", "removed", "cut"))]
		p = run([self.newest / "bin/go", "version", "-m", "-json", *good], env=self.env)
		if b"flag provided but not defined" in p.stderr:
			return print("note: this Go has no go version -m -json")
		decoder, text, theirs = json.JSONDecoder(), p.stdout.decode(), []
		while text.strip():
			value, end = decoder.raw_decode(text.lstrip())
			theirs.append(value)
			text = text.lstrip()[end:]
		ours = [o for o in json.loads(run([TOOL, "buildinfo", "--json", *good]).stdout) if "error" not in o]
		if len(ours) != len(theirs):
			return self.fail("number of JSON objects", str(len(ours)), str(len(theirs)))
		for o, t in zip(ours, theirs):
			a = (o["go"], o.get("path", ""), self.module(o.get("main")), [self.module(d) for d in o["deps"]],
				list(o["settings"].items()))
			b = (t["GoVersion"], t.get("Path", ""), self.module(t.get("Main")), [self.module(d) for d in t.get("Deps") or []],
				[(s.get("Key", ""), s.get("Value", "")) for s in t.get("Settings") or []])
			if a != b:
				self.fail(f"JSON of {o['file']}", str(a), str(b))

	def build_ids(self, files):
		tools = [t for r in self.goroots.values() for t in r.glob("pkg/tool/*/buildid")]
		if not tools:
			return print("note: no toolchain here has a buildid tool")
		for o in lib.answer("buildinfo", run([TOOL, "buildinfo", "--json", *files]).stdout):
			p = run([tools[-1], o["file"]])
			if "error" not in o and not p.returncode and p.stdout.decode().strip() != o.get("build_id", ""):
				self.fail(f"build ID of {o['file']}", o.get("build_id", ""), p.stdout.decode())


def main():
	if not TOOL.exists():
		skip(f"{TOOL} is not built")
	p = run([ROOT / "scripts/toolchains.sh"])
	goroots = {Path(g).name[3:]: Path(g) for g in p.stdout.decode().split()}
	if not goroots:
		skip("no Go toolchain: " + p.stderr.decode().strip()[-300:])
	files, missing = binaries(goroots)
	check = Checker(goroots)
	for path in files:
		check.text(path)
	check.json(files)
	check.build_ids(files)
	in_trees = sum(check.tree(g) for g in goroots.values())
	for m in missing:
		print(f"not built: {m}")
	for f in check.failures:
		print(f"FAIL: {f}")
	print(f"refused by both: {' '.join(check.refused)}")
	print(f"{check.equal} binaries equal, {len(check.refused)} refused by both, {in_trees} of toolchains {' '.join(goroots)}")
	complete = len(goroots) == len(ALL) and not missing
	if complete and check.equal < LEAST:
		check.failures.append("too few")
		print(f"FAIL: fewer than {LEAST} binaries")
	sys.exit(1 if check.failures else 0)


if __name__ == "__main__":
	main()
