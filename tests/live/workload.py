# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Small Go modules and builds for the live tests, without network and with caches of their own."""
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time

import lib


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def go_env(top=".", **more):
    """A Go environment whose caches are below top; nothing is downloaded."""
    top = os.path.realpath(top)
    return lib.clean_env(HOME=os.path.join(top, "home"), GOCACHE=os.path.join(top, "gocache"),
                         GOMODCACHE=os.path.join(top, "modcache"), GOPROXY="off", GOTOOLCHAIN="local",
                         GOTELEMETRY="off", GOFLAGS="-buildvcs=false", **more)


CGO_MAIN = """package main

/*
#include <stdlib.h>
static int twice(int x) { return 2 * x; }
*/
import "C"

import (
	"fmt"

	"example.org/hello/words"
)

func main() { fmt.Println(words.Hello(), int(C.twice(21))) }
"""

PLAIN_MAIN = """package main

import (
	"fmt"

	"example.org/hello/words"
)

func main() { fmt.Println(words.Hello()) }
"""

WORDS = """package words

func Hello() string { return "hello" }
"""

WORDS_TEST = """package words

import (
	"os"
	"testing"
)

func TestHello(t *testing.T) {
	if _, err := os.Stat("testdata-that-is-not-there"); err == nil || Hello() != "hello" {
		t.Fatal("wrong")
	}
}
"""


def module(path, cgo=False):
    lib.need("go")
    if cgo:
        lib.need("gcc")
    write(os.path.join(path, "go.mod"), "module example.org/hello\n\ngo 1.19\n")
    write(os.path.join(path, "main.go"), CGO_MAIN if cgo else PLAIN_MAIN)
    write(os.path.join(path, "words", "words.go"), WORDS)
    write(os.path.join(path, "words", "words_test.go"), WORDS_TEST)
    os.makedirs(os.path.join(os.path.dirname(os.path.abspath(path)), "home"), exist_ok=True)
    return os.path.realpath(path)


def go_program(path, source, out, module="example.org/one"):
    """Builds one file; returns the executable's path."""
    lib.need("go")
    write(os.path.join(path, "go.mod"), f"module {module}\n\ngo 1.19\n")
    write(os.path.join(path, "main.go"), source)
    os.makedirs("home", exist_ok=True)
    done = subprocess.run(["go", "build", "-o", os.path.abspath(out), "."], cwd=path, env=shared_cache_env(),
                          stderr=subprocess.PIPE)
    lib.equal(done.returncode, 0, f"go build: {done.stderr[-500:]}")
    return os.path.realpath(out)


# What small programs and tests import.
WARM_TEST = """package warm

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestWarm(t *testing.T) { fmt.Sprint(os.Args, exec.ErrNotFound, strings.ToLower("A")) }
"""


def warm_cache(goroot, name="gocache"):
    """
    A build cache of the test's own in which the packages of small programs and tests are compiled. It is
    made once for a toolchain and kept in the cache folder; the test gets a copy.
    """
    version = subprocess.run([f"{goroot}/bin/go", "version"], stdout=subprocess.PIPE, text=True, check=True,
                             env=go_env()).stdout
    key = hashlib.sha256(f"{version}{goroot}{WARM_TEST}".encode()).hexdigest()[:16]
    made = os.path.join(lib.CACHE, "gocache", key)
    os.makedirs(os.path.dirname(made), exist_ok=True)
    with open(made + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(made):
            make_warm_cache(goroot, made)
    subprocess.run(["cp", "-a", made, name], check=True)
    write(os.path.join(name, "trim.txt"), str(int(time.time())))	# nothing is removed while the test runs
    return os.path.abspath(name)


def make_warm_cache(goroot, made):
    shutil.rmtree(made + ".new", ignore_errors=True)
    with tempfile.TemporaryDirectory() as top:
        write(os.path.join(top, "go.mod"), "module example.org/warm\n\ngo 1.15\n")
        write(os.path.join(top, "warm_test.go"), WARM_TEST)
        env = dict(go_env(top, PATH=f"{goroot}/bin:{os.environ['PATH']}"), GOCACHE=made + ".new", GOFLAGS="")
        done = subprocess.run([f"{goroot}/bin/go", "test", "."], cwd=top, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    lib.equal(done.returncode, 0, f"go test: {done.stdout[-500:]}")
    os.rename(made + ".new", made)


def shared_cache_env(**more):
    """The same, with a build cache that all tests of a run share: the standard library is compiled once."""
    return dict(go_env(**more), GOCACHE=lib.GOCACHE)
