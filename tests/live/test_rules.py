# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The rules of check, each with real programs that provoke it and with a near miss on which it must stay
silent. A row is (id, shell commands before the record, those of the record, those of the near miss);
each runs in a folder of its own with a small module in it.
"""
import functools
import http.server
import json
import os
import platform
import pwd
import re
import shutil
import subprocess
import threading
import zipfile

import lib
import test_attach
import test_cache
import test_cache_uses
import workload
from lib import check, equal

MAIN = "package main\n\nfunc main() { println(\"hi\") }\n"
NET = "package main\n\nimport \"net\"\n\nfunc main() { println(net.FlagUp) }\n"
LIB = "package lib\n\nfunc F() string { return \"lib\" }\n"
USES_LIB = "package main\n\nimport \"example.org/lib\"\n\nfunc main() { println(lib.F()) }\n"
TEST = """package main

import (
	"os"
	"testing"
)

func TestRead(t *testing.T) {
	if name := os.Getenv("WRITE"); name != "" {
		os.WriteFile(name, nil, 0o644)
	}
	if _, err := os.ReadFile(os.Getenv("INPUT")); err != nil {
		t.Fatal(err)
	}
}
"""

# By which a runner says that it is one.
RUNNERS = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "TRAVIS", "TEAMCITY_VERSION", "TF_BUILD", "JENKINS_HOME")

# Packages that need next to nothing, and are compiled in no time.
LEAFS = ("math/bits unicode unicode/utf8 unicode/utf16 container/list container/ring image/color "
         "image/color/palette internal/goarch internal/goos internal/byteorder internal/goexperiment "
         "internal/godebugs internal/cfg internal/platform internal/gover internal/copyright internal/nettrace structs encoding cmp internal/syslist internal/goversion internal/profilerecord")

# What the commands may use: $GO, $GO24 (go of that version), $PROXY (a folder), $HTTP (the same by HTTP).
ENV_FILE = "mkdir -p home/.config/go; printf '%s\\n' '{}' > home/.config/go/env"
USE_LIB = "cp uses_lib.txt main.go; printf 'require example.org/lib v1.0.0\\n' >> go.mod; "
FETCH = USE_LIB + "export GOFLAGS=-mod=mod GOSUMDB=off; "
GIT = ("git init -q . && git add -A . && git -c user.name=t -c user.email=t@example.org commit -qm one; ")
INPUT = "mkdir -p testdata; echo one > testdata/in; cp test.txt main_test.go; echo one > ../outside; "
OWN = "export GOCACHE=$PWD/cache; "
OLD = "touch -d '1 hour ago' testdata/in testdata ../outside main_test.go main.go go.mod; "
NO_CC = "mkdir -p nocc; ln -sf $GO nocc/go; for t in sh ls; do ln -sf $(command -v $t) nocc/$t; done; "

RULES = [
    ("goflags-from-file", ENV_FILE.format("GOFLAGS=-trimpath"), "unset GOFLAGS; $GO build .", "unset GOFLAGS; $GO version"),
    ("env-file-shadowed", ENV_FILE.format("GOPROXY=direct"), "$GO build .", "GOPROXY=direct $GO build ."),
    ("env-file-line-ignored", ENV_FILE.format("export GOPROXY=direct"), "$GO build .", "GOENV=off $GO build ."),
    ("env-empty-ignored", ENV_FILE.format("GOFLAGS=-trimpath"), "GOFLAGS= $GO build .", "unset GOFLAGS; $GO build ."),
    ("goenv-names-no-file", "", "GOENV=on $GO build .", "GOENV=off $GO build ."),
    ("goroot-in-env-file", ENV_FILE.format("GOROOT=$ROOT").replace("'GOROOT=$ROOT'", '"GOROOT=$ROOT"'), "$GO build .",
     "GOENV=off $GO build ."),
    ("variable-without-effect", "", "GOROOT_FINAL=/x $GO build .", "$GO build ."),
    ("goexperiment-set", "", "GOEXPERIMENT=arenas $GO build -o a .", "GOEXPERIMENT= $GO build -o a ."),
    ("godebug-costly", "", "GODEBUG=gctrace=1 $GO vet .", "GODEBUG=gctrace=0 $GO vet ."),
    ("cgo-silently-off", "cp net.txt main.go; " + NO_CC, "PATH=$PWD/nocc go build .", "CGO_ENABLED=0 PATH=$PWD/nocc go build ."),
    ("c-compiler-missing", "cp net.txt main.go; " + NO_CC, "CC=gcc CGO_ENABLED=1 PATH=$PWD/nocc go build .",
     "CC=gcc CGO_ENABLED=0 PATH=$PWD/nocc go build ."),
    ("mod-mod-in-flags", "", "GOFLAGS=-mod=mod $GO build .", "$GO build -mod=mod ."),
    ("toolexec-active", "", "$GO build -toolexec env -o a .", "$GO build -o a ."),
    ("goroot-mismatch", "", "GOROOT=$ROOT24 $GO build .", "GOROOT=$ROOT $GO build ."),
    ("goroot-broken", "", "GOROOT=/no/such/folder $GO build .", "$GO build ."),
    ("toolchain-switched", "printf 'toolchain go1.99.1\\n' >> go.mod; mkdir bin; printf '#!/bin/sh\\nunset GOTOOLCHAIN\\nexec $GO \"$@\"\\n' | "
     "sed \"s,\\$GO ,$GO ,\" > bin/go1.99.1; chmod +x bin/go1.99.1", "PATH=$PWD/bin:$PATH GOTOOLCHAIN=path $GO24 version",
     "GOTOOLCHAIN=local $GO24 version"),
    ("toolchain-unavailable", "sed -i 's/^go .*/go 1.99.0/' go.mod", "GOTOOLCHAIN=local $GO build .", "cd /; $GO version"),
    ("toolchains-mixed", "", "export GOCACHE=$PWD/cache; $GO24 build math/bits; $GO build math/bits",
     "export GOCACHE=$PWD/cache; $GO build math/bits; $GO build unicode"),
    ("go-shadowed-on-path", "", "PATH=$ROOT/bin:$ROOT24/bin:$PATH; go version; $GO24 version", "PATH=$ROOT/bin:$PATH; go version; $GO24 version"),
    ("workspace-from-outside", "mkdir repo; cp main.go repo; printf 'module example.org/app\\n\\ngo 1.21\\n' > repo/go.mod; rm go.mod; "
     "printf 'go 1.21\\n\\nuse ./repo\\n' > go.work; cd repo; " + GIT, "cd repo; $GO build .", "cd repo; GOWORK=off $GO build ."),
    ("workspace-missing", "", "GOWORK=/no/such/go.work $GO build .", "GOWORK=off $GO build ."),
    ("module-from-parent", "mkdir repo; cp main.go repo; cd repo; git init -q .; touch x; git add x; "
     "git -c user.name=t -c user.email=t@example.org commit -qm one", "cd repo; $GO build -o a .; true",
     "$GO build -o a ."),
    ("vendor-ignored", "sed -i 's/^go .*/go 1.13/' go.mod; mkdir vendor; touch vendor/x", "$GO build .", "rm -r vendor; $GO build ."),
    ("vendor-inconsistent", "mkdir -p vendor/example.org/lib; " + USE_LIB + "cp lib.txt vendor/example.org/lib/lib.go; "
     "printf '# example.org/lib v0.9.0\\n## explicit\\nexample.org/lib\\n' > vendor/modules.txt", "$GO build .",
     "printf '# example.org/lib v1.0.0\\n## explicit\\nexample.org/lib\\n' > vendor/modules.txt; $GO build ."),
    ("local-replace", "mkdir lib; cp lib.txt lib/lib.go; printf 'module example.org/lib\\n' > lib/go.mod; " + USE_LIB +
     "printf 'replace example.org/lib => ./lib\\n' >> go.mod", "$GO build -o a .", "$GO vet ."),
    ("module-download-in-build", FETCH + "true", FETCH + "GOPROXY=$HTTP $GO build -o a .", FETCH + "GOPROXY=file://$PROXY $GO build -o a ."),
    ("sumdb-off", FETCH + "true", FETCH + "GOPROXY=file://$PROXY $GO build -o a .", "cp main.txt main.go; GOSUMDB=off $GO build -o a ."),
    ("proxy-chain-stopped", FETCH + "true", FETCH + "GOPROXY=http://127.0.0.1:1,http://127.0.0.1:2 $GO build -o a .",
     FETCH + "GOPROXY='http://127.0.0.1:1|http://127.0.0.1:2' $GO build -o a ."),
    ("modcache-partial", FETCH + "GOPROXY=file://$PROXY $GO build -o a . && touch ../modcache/cache/download/example.org/lib/@v/v1.0.0.partial",
     "$GO build -o a .", "rm ../modcache/cache/download/example.org/lib/@v/v1.0.0.partial; $GO build -o a ."),
    ("modcache-denied", FETCH + "true", FETCH + "GOMODCACHE=/sys/goenvbpf GOPROXY=file://$PROXY $GO build -o a .",
     FETCH + "GOPROXY=file://$PROXY $GO build -o a ."),
    ("cache-unwritable", "", "GOCACHE=/sys/goenvbpf $GO build -o a .", "$GO build -o a ."),
    ("cache-entries-broken", OWN + "$GO build math/bits; rm cache/*/*-d", OWN + "$GO build math/bits", "$GO build math/bits"),
    ("cache-trimmed", OWN + "$GO build math/bits; for i in $(seq 100 140); do touch -d '30 days ago' cache/00/"
     "00$i$(printf %059d 0)-a; done; rm -f cache/trim.txt", OWN + "$GO build math/bits", "$GO build math/bits"),
    ("work-repeated", "", OWN + "$GO build math/bits; $GO clean -cache; $GO build math/bits", OWN + "$GO build math/bits; $GO build math/bits"),
    ("rebuild-all-by-setting", OWN + "$GO build " + LEAFS, OWN + "GOFLAGS=-gcflags=all=-N $GO build " + LEAFS, OWN + "$GO build " + LEAFS),
    ("test-result-cached", INPUT + OLD, "export INPUT=$(realpath ../outside); $GO test .; $GO test .", "export INPUT=testdata/in; $GO test .; $GO test ."),
    ("test-never-cached", INPUT + OLD, "export INPUT=testdata/in WRITE=testdata/in; $GO test .", "export INPUT=testdata/in; $GO test ."),
    ("gobin-unwritable", "", "GOBIN=/sys/goenvbpf $GO install .", "GOBIN=$PWD/bin PATH=$PWD/bin:$PATH $GO install ."),
    ("gobin-not-on-path", "", "GOBIN=$PWD/bin $GO install .", "GOBIN=$PWD/bin PATH=$PWD/bin:$PATH $GO install ."),
    ("installed-program-shadowed", "mkdir old; printf '#!/bin/sh\\n' > old/app; chmod +x old/app",
     "export GOBIN=$PWD/bin PATH=$PWD/old:$PWD/bin:$PATH; $GO install . && app", "export GOBIN=$PWD/bin PATH=$PWD/bin:$PWD/old:$PATH; $GO install . && app"),
    ("cross-install-refused", "", "GOBIN=$PWD/bin GOARCH=arm64 $GO install .", "GOBIN=$PWD/bin PATH=$PWD/bin:$PATH $GO install ."),
    ("program-modified-sources", GIT + "echo >> main.go", "$GO build -o ../a . && ../a", "git checkout -q main.go; $GO build -o ../a . && ../a"),
    ("program-devel-dependencies", "mkdir lib; cp lib.txt lib/lib.go; printf 'module example.org/lib\\n\\ngo 1.21\\n' > lib/go.mod; cp uses_lib.txt main.go; "
     "printf 'go 1.21\\n\\nuse (\\n.\\n./lib\\n)\\n' > go.work", "$GO build -o a . && ./a", "cp main.txt main.go; $GO build -o a . && ./a"),
    ("vcs-missing", GIT + NO_CC, "PATH=$PWD/nocc go build -o a .", "rm -rf .git; PATH=$PWD/nocc go build -o a ."),
    ("vcs-refused", GIT + "chown -R 65534 .", "$GO build -o a .", "$GO build -buildvcs=false -o a ."),
    ("program-differs-from-environment", "", "$GO build -o a . && GOARCH=arm64 ./a", "$GO build -o a . && GOARCH=$($GO env GOARCH) ./a"),
    ("godebug-overrides-default", "sed -i 's/^go .*/go 1.20/' go.mod", "$GO build -o a . && GODEBUG=panicnil=0 ./a", "$GO build -o a . && ./a"),
    ("program-replaced-while-running", "printf 'package main\\nimport \"time\"\\nfunc main() { time.Sleep(2e9) }\\n' > main.go; $GO build -o a .",
     "./a & sleep 0.5; rm a; wait", "./a & sleep 0.5; wait; rm a"),
    ("permission-denied", "echo x > secret; chmod 600 secret", "setpriv --reuid=65534 --clear-groups cat secret; true", "cat secret"),
    ("exec-refused", "printf '#!/bin/sh\\n' > x", "./x; true", "chmod +x x; ./x"),
    ("no-space", "mkdir full", "unshare -m sh -c 'mount -t tmpfs -o nr_inodes=2 none full; : > full/a; : > full/b'; true",
     "unshare -m sh -c 'mount -t tmpfs -o nr_inodes=9 none full; : > full/a; : > full/b'"),
]

TLS = """package main

import (
	"crypto/x509"
	"os"
)

func main() {
	pool, err := x509.SystemCertPool()
	if err != nil || pool.Equal(x509.NewCertPool()) {
		os.Exit(1)
	}
}
"""
CONFIG = """package main

import "os"

func main() {
	for _, dir := range []string{"", os.Getenv("HOME") + "/"} {
		if text, err := os.ReadFile(dir + "config.yaml"); err == nil {
			println(len(text))
			return
		}
	}
}
"""
LIBRARY = ("mkdir l; echo 'int f(void) { return 0; }' > l/f.c; echo 'int f(void); int main(void) { return f(); }' > l/m.c; "
           "cc -shared -fPIC -o l/libgonef.so l/f.c && cc -o l/m l/m.c -Ll -lgonef && rm l/*.c; ")
# A go command outside of the record builds math/bits into ./cache as soon as ./go is there.
BESIDE = (OWN + "setsid sh -c 'while ! [ -e go ]; do [ -e go.mod ] || exit; sleep 0.1; done; $GO build math/bits; touch done' "
          "> /dev/null 2>&1 < /dev/null & ")
WAIT = "touch go; while ! [ -e done ]; do sleep 0.1; done; "
# Two go commands at once, each in a control group of its own.
JOBS = ("for j in a b; do mkdir -p $CGROUP/goenvbpf-$j-$$; (echo 0 > $CGROUP/goenvbpf-$j-$$/cgroup.procs; export GOCACHE=$PWD/{}; "
        "exec $GO build -p 1 " + LEAFS + ") & done; wait; rmdir $CGROUP/goenvbpf-?-$$")
CI = "export CI=true GOCACHE=$PWD/cache; "

RULES += [
    ("library-missing", LIBRARY + "mv l/libgonef.so keep.so", "l/m; true", "cp keep.so l/libgonef.so; LD_LIBRARY_PATH=$PWD/l l/m"),
    # the home is the user's own: what is in it stays as it is
    ("env-file-unfindable", "", "f=$NOBODY/.config/go/env; [ -e $f ] || { made=y; mkdir -p $NOBODY/.config/go; echo GOFLAGS=-trimpath > $f; }; "
     "unset HOME; export GOPATH=$PWD/p; $GO build -o a .; s=$?; [ -z \"$made\" ] || rm $f; exit $s", "$GO build -o a ."),
    ("shell-exports-twice", "mkdir -p home/; printf '# x\\nexport GOFLAGS=-v\\nexport PATH\\n  export GOFLAGS=\"-x\"\\n' > home/.profile",
     "$GO version", "printf 'export GOFLAGS=-v\\nexport GOFLAGS=$GOFLAGS,-x\\n' > ../home/.profile; $GO version"),
    ("private-module-asked-of-proxy", FETCH + "true", FETCH + "GOPRIVATE=example.org/mine GOPROXY=$HTTP/none $GO build -o a .",
     FETCH + "GOPRIVATE=example.net/mine GOPROXY=$HTTP/none $GO build -o a ."),
    ("cache-empty-at-start", "", CI + "$GO build math/bits", "GOCACHE=$PWD/cache $GO build math/bits"),
    ("cache-trimmed-after-restore", OWN + "$GO build math/bits strconv errors; find cache -name '*-?' -exec touch -d '30 days ago' {} +; "
     "cp -a cache saved; rm saved/trim.txt", "export GOCACHE=$PWD/saved; $GO build math/bits",
     "cp -r saved fresh; export GOCACHE=$PWD/fresh; $GO build math/bits"),
    ("cache-shared-by-jobs", "", JOBS.format("cache"), JOBS.format("cache-$j")),
    ("cache-foreign-entries", BESIDE, OWN + WAIT + "$GO build math/bits", OWN + "$GO build math/bits; " + WAIT + "$GO build math/bits"),
    ("cache-not-worth-it", OWN + "$GO24 build strconv errors; tar -cf old.tar cache; rm -r cache", CI + "tar -xf old.tar; $GO build math/bits",
     OWN + "tar -xf old.tar; $GO build math/bits"),
    ("program-without-buildinfo", "$GO build -o a . && cp a b && objcopy -R .go.buildinfo a && strip -s b", "./a", "./b"),
    ("configuration-changed-in-run", "", "$GO build -o a .; echo >> go.mod; $GO build -o a .",
     "$GO build -o a .; $GO mod edit -go=1.20; $GO build -o a ."),
    ("configuration-not-found", "cp config.txt main.go; $GO build -o a .; echo x > config.yml", "./a", "cp config.yml config.yaml; ./a"),
    ("configuration-outside", "cp config.txt main.go; $GO build -o a .; echo x > ../shared.yaml; mkdir own; echo x > own/c.yaml",
     "ln -s ../shared.yaml config.yaml; ./a", "ln -s own/c.yaml config.yaml; ./a"),
    ("job-frozen", "", "sleep 4 & sleep 0.3; kill -STOP $!; sleep 4; kill -CONT $!; wait", "sleep 4 & sleep 4; wait"),
    ("library-unexpected", LIBRARY, "LD_LIBRARY_PATH=$PWD/l l/m", "LD_LIBRARY_PATH=$PWD/l ls"),
    ("certificates-missing", "cp tls.txt main.go; $GO build -o a .", "unshare -m sh -c 'mount -t tmpfs none /etc/ssl; ./a'; true", "./a"),
]

NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups "
# Its cache, its modules, and a proxy that does not answer: go reads credentials first.
ASK = FETCH + ("chmod -R a+rwX ..; chmod {} ../home/.netrc; " + NOBODY + "env HOME=$PWD/../home GOCACHE=$PWD/../cache GOMODCACHE=$PWD/../mod "
               "GOPROXY=https://127.0.0.1:1 $OLDGO build -o a .")
RULES += [
    ("toolchain-downloaded", "", "GOSUMDB=off GOPROXY=file://$PROXY GOTOOLCHAIN=go1.99.1 $GO version", "GOTOOLCHAIN=local $GO version"),
    ("cacheprog-active", "mkdir kept", "GOCACHEPROG=\"python3 $PWD/helper.txt $PWD/kept\" $GO build math/bits", "GOCACHEPROG= $GO build math/bits"),
    ("netrc-unreadable", "mkdir -p home/; echo 'machine 127.0.0.1 login a password b' > home/.netrc", ASK.format("000"), ASK.format("644")),
]

# Other ways to the same rules.
MORE = [
    ("variable-without-effect", "", "GODEBUG=gctarce=1 $GO build -o a .", "GODEBUG=gctrace=0,cpu.avx2=off $GO build -o a ."),
    ("c-compiler-missing", "cp net.txt main.go", "CC=/no/such/cc CGO_ENABLED=1 $GO build -o a .", "CC=/no/such/cc CGO_ENABLED=0 $GO build -o a ."),
    # names that look like go's own, or like a device, are people's
    ("installed-program-shadowed", "mkdir -p dev/old dev/go-builder; printf '#!/bin/sh\\n' > dev/old/app; chmod +x dev/old/app",
     "export GOBIN=$PWD/dev/go-builder PATH=$PWD/dev/old:$PWD/dev/go-builder:$PATH; $GO install . && app",
     "export GOBIN=$PWD/dev/go-builder PATH=$PWD/dev/go-builder:$PWD/dev/old:$PATH; $GO install . && app"),
    # what go.sum has is checked by that
    ("sumdb-off", FETCH + "GOPROXY=file://$PROXY $GO build -o a .; cp go.sum ../sum; cp go.mod ../mod; rm a", "rm -f go.sum; export GOMODCACHE=$PWD/../two; " + FETCH +
     "GOPROXY=file://$PROXY $GO build -o a .", "cp ../sum go.sum; cp ../mod go.mod; export GOMODCACHE=$PWD/../two; GOFLAGS= GOSUMDB=off GOPROXY=file://$PROXY $GO build -o a ."),
]

# Rules that need what a test cannot make, and why.
UNTESTED = {
    "policy-violated": "see rules.policy",
}


# --- the folder ---

def lay_out(top):
    for name, text in {"main.txt": MAIN, "net.txt": NET, "lib.txt": LIB, "uses_lib.txt": USES_LIB, "test.txt": TEST, "tls.txt": TLS, "config.txt": CONFIG,
                       "helper.txt": test_cache_uses.HELPER,
                       "main.go": MAIN, "go.mod": "module example.org/app\n\ngo 1.21\n"}.items():
        workload.write(os.path.join(top, name), text)


def make_proxy(top):
    folder = os.path.join(top, "example.org/lib/@v")
    os.makedirs(folder)
    with zipfile.ZipFile(folder + "/v1.0.0.zip", "w") as z:
        z.writestr("example.org/lib@v1.0.0/lib.go", LIB)
        z.writestr("example.org/lib@v1.0.0/go.mod", "module example.org/lib\n")
    workload.write(folder + "/v1.0.0.mod", "module example.org/lib\n")
    workload.write(folder + "/v1.0.0.info", json.dumps({"Version": "v1.0.0", "Time": "2025-01-02T03:04:05Z"}))
    workload.write(folder + "/list", "v1.0.0\n")
    make_toolchain(os.path.join(top, "golang.org/toolchain/@v"))


def make_toolchain(folder):
    """As a module: its go says that it is one."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    version = f"v0.0.1-go1.99.1.linux-{machine}"
    os.makedirs(folder)
    with zipfile.ZipFile(f"{folder}/{version}.zip", "w") as z:
        z.writestr(f"golang.org/toolchain@{version}/bin/go", f"#!/bin/sh\necho go version go1.99.1 linux/{machine}\n")
    workload.write(f"{folder}/{version}.mod", "module golang.org/toolchain\n")
    workload.write(f"{folder}/{version}.info", json.dumps({"Version": version}))


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


@functools.cache
def environment():
    root, old = test_cache.goroot("1.26"), test_cache.goroot("1.24")
    proxy = os.path.abspath("proxy")
    make_proxy(proxy)
    env = workload.go_env(PATH=f"/usr/local/bin:/usr/bin:/bin:{os.path.abspath('none')}", TZ="UTC")
    env.update(ROOT=root, ROOT24=old, GO=root + "/bin/go", GO24=old + "/bin/go", PROXY=proxy, HTTP=serve(proxy), OLDGO=os.path.realpath(shutil.which("go") or "go"))
    env["GOCACHE"] = lib.GOCACHE or os.path.abspath("gocache")
    env["NOBODY"] = pwd.getpwuid(os.getuid()).pw_dir
    env["CGROUP"] = test_attach.cgroup_mounts()[0] or "/no/cgroups"
    for name in ("GOFLAGS", *RUNNERS):
        env.pop(name, None)
    return env


def shell(top, commands, version=None):
    """version: of $GO, and of the go on PATH; None: the one that environment() says."""
    env = dict(environment(), HOME=os.path.join(top, "home"), GOMODCACHE=os.path.join(top, "modcache"))
    if version:
        env["ROOT"] = test_cache.goroot(version)
        env.update(GO=env["ROOT"] + "/bin/go", PATH=f"{env['ROOT']}/bin:{env['PATH']}", GOFLAGS="")
    return env, ["sh", "-c", f"cd {top}/app; {commands}"]


def found(name, setup, commands, version=None):
    top = os.path.abspath(name)
    app = os.path.join(top, "app")
    lay_out(app)
    env, words = shell(top, "true; " + setup.replace("home/", "../home/") + "\ntrue", version)
    done = subprocess.run(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, f"{name}: setup: {done.stdout}")
    env, words = shell(top, commands, version)
    result = lib.run(words, "-q", "--net", record=name + ".jsonl", env=env, timeout=400)
    answer = subprocess.run([lib.TOOL, "check", "--json", result.path], stdout=subprocess.PIPE, text=True)
    findings = lib.answer("check", answer.stdout)
    subprocess.run(["chmod", "-R", "u+w", top], check=False)
    shutil.rmtree(top, ignore_errors=True)
    return findings, result


def ids(findings):
    return {f["rule"] for f in findings["findings"]}


def provoke(rule, setup, commands, miss):
    got, result = found("yes", setup, commands)
    check(rule in ids(got), f"{rule} was not found, but {sorted(ids(got))}; {lib.said(result)} {result.out[-400:]}")
    one = [f for f in got["findings"] if f["rule"] == rule][0]
    check(one["proof"] and one["detail"] and one["remedy"], f"{rule}: {one}")
    show(rule, setup, commands, one)
    got, result = found("no", setup, miss)
    check(rule not in ids(got), f"{rule} was found in the near miss: {got['findings']}; {result.out[-400:]}")


# --- what "rules ID" shows ---

# With GOENVBPF_EXAMPLES=FOLDER tests/examples.py gets what it makes user/rules/examples.h of.
EXAMPLES = os.environ.get("GOENVBPF_EXAMPLES")


def readable(text):
    """A folder's, a toolchain's and a proxy's name, and their variables, as a person would have them."""
    env = environment()
    text = text.replace(os.path.abspath("yes") + "/app", "/src/app").replace(os.path.abspath("yes"), "/src")
    for name, value in (("GO24", "go1.24"), ("GO", "go"), ("OLDGO", "go1.19")):
        text = re.sub(rf"\${name}\b", value, text)
    for name, value in (("ROOT24", "/usr/local/go1.24"), ("ROOT", "/usr/local/go"), ("HTTP", "http://127.0.0.1:8080"),
                        ("PROXY", "/srv/proxy"), ("GOCACHE", "/home/user/.cache/go-build"), ("NOBODY", "/home/user")):
        text = re.sub(rf"\${name}\b", value, text.replace(env[name], value))
    return text.replace("home/.", "~/.").replace("../~", "~").replace("/src/~", "~")


def show(rule, setup, commands, finding):
    if not EXAMPLES or (rule, setup, commands) in [row[:3] for row in MORE]:
        return
    lines = {"rule": rule, "setup": readable(setup.strip("; ")), "commands": readable(commands.strip("; ")),
             "subject": readable(finding["subject"]), "detail": readable(finding["detail"]), "confidence": finding["confidence"]}
    workload.write(os.path.join(EXAMPLES, rule + ".json"), json.dumps(lines))


def named(func, *args):
    test = functools.partial(func, *args)
    test.__module__ = __name__
    test.limit = 900
    return test


for _rule, *_rest in RULES:
    globals()["test_" + _rule.replace("-", "_")] = named(provoke, _rule, *_rest)


for _rule, *_rest in MORE:
    globals()["test_more_" + _rule.replace("-", "_")] = named(provoke, _rule, *_rest)


def listed():
    out = subprocess.run([lib.TOOL, "rules"], stdout=subprocess.PIPE, text=True).stdout
    return {line.split()[0] for line in out.splitlines() if line[:1].isalpha()}


def test_every_rule_has_a_provocation():
    tested = {rule for rule, *_ in RULES}
    equal(len(tested), len(RULES), "rows, each of a rule of its own")
    equal(sorted(listed() - tested - set(UNTESTED)), [], "rules without a provocation")
    equal(sorted((tested | set(UNTESTED)) - listed()), [], "provocations of no rule")


# Clean builds of clean projects: (commands before, commands).
CLEAN = {
    "build": ("", "$GO build -o a ."),
    "test": (INPUT + OLD, "INPUT=testdata/in $GO test ."),
    "vet": ("", "$GO vet ."),
    "run": ("", "$GO run ."),
    "std": ("", "$GO build -o a errors"),
    "net": ("cp net.txt main.go", "$GO build -o a ."),
    "workspace": ("mkdir lib; cp lib.txt lib/lib.go; printf 'module example.org/lib\\n\\ngo 1.21\\n' > lib/go.mod; cp uses_lib.txt main.go; "
                  "printf 'go 1.21\\n\\nuse (\\n.\\n./lib\\n)\\n' > go.work", "$GO build -o a ."),
    "vendored": ("mkdir -p vendor/example.org/lib; " + USE_LIB + "cp lib.txt vendor/example.org/lib/lib.go; "
               "printf '# example.org/lib v1.0.0\\n## explicit\\nexample.org/lib\\n' > vendor/modules.txt", "$GO build -o a ."),
    "repository": (GIT, "$GO build -o ../a ."),
}


def clean(name):
    got, result = found(name, *CLEAN[name])
    equal(result.status, 0, f"{name}: {result.out}")
    equal(got["findings"], [], f"findings of a clean {name}")
    check(got["verdict"] == "ok", f"{name}: {got}")


for _name in CLEAN:
    globals()["test_clean_" + _name] = named(clean, _name)


# The same in each Go, beside what takes long: all that a person does in a day. None has a finding.
CGO = ("printf 'package main\\n// int f(void) {{ return 1; }}\\nimport \"C\"\\nfunc main() {{ println(C.f()) }}\\n' > main.go")
MATRIX = dict(CLEAN, **{
    "cgo": (CGO.replace("{{", "{").replace("}}", "}"), "$GO build -o a . && ./a"),
    "fetched": (FETCH + "GOPROXY=file://$PROXY $GO mod download example.org/lib@v1.0.0 2> /dev/null; export GOPROXY=file://$PROXY; $GO build -o a .; rm a",
                "$GO build -o a . && ./a"),
    "test-twice": (INPUT + OLD, "export INPUT=testdata/in; $GO test . && $GO test ."),
    "list": ("", "$GO list ./... && $GO mod verify && $GO env GOROOT && $GO version"),
})
MATRIX_LONG = {
    "std-all": ("", "$GO build std"),
    "test-fmt": ("", "cd /; $GO test fmt"),
    "race": ("", "$GO build -race -o a . && ./a"),
    "vet-std": ("", "$GO vet strconv"),
}
VERSIONS = ("1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27")


def matrix(version):
    """Every clean case in one Go, with a build cache of its own that fills up from case to case."""
    wrong = []
    for name, (setup, commands) in dict(MATRIX, **(MATRIX_LONG if lib.LONG else {})).items():
        got, result = found(name, setup, commands, version)
        check(result.status == 0, f"{name} of {version}: {result.out[-500:]}")
        wrong += [f"{name}: {f['rule']}: {f['subject']}: {f['detail']}" for f in got["findings"]]
    equal(wrong, [], f"findings of clean builds of Go {version}")


for _version in VERSIONS if lib.LONG else (VERSIONS[0], VERSIONS[-1]):
    _test = named(matrix, _version)
    _test.limit = 3600 if lib.LONG else 900
    globals()["test_matrix_" + _version.replace(".", "_")] = _test


POLICY = {
    "settings": {"GOPROXY": {"origins": ["environment"], "values": ["off"]}},
    "toolchains": ["go1.26*"],
    "goflags": ["-trimpath"],
    "max_misses": 400,
    "forbidden_files": ["netrc", "go.work above the repository"],
    "required_tags": ["service_name"],
}
# What breaks one line of it: (commands before, commands, subject of the finding).
BREAKS = {
    "setting": ("", "GOPROXY=direct $GO build -o a .", "GOPROXY"),
    "toolchain": ("", "$GO24 build -o a .", None),
    "goflags": ("", "GOFLAGS=-tags=x $GO build -o a .", "GOFLAGS"),
    "file": (GIT + "printf 'go 1.21\\n\\nuse ./app\\n' > ../go.work", "$GO build -o a .", None),
}


def policy_subjects(name, setup, commands, *opts):
    top = os.path.abspath(name)
    lay_out(os.path.join(top, "app"))
    env, words = shell(top, "true; " + setup + "\ntrue")
    subprocess.run(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    env, words = shell(top, commands)
    result = lib.run(words, "-q", *opts, record=name + ".jsonl", env=env, timeout=400)
    equal(result.status, 0, f"{name}: {result.out[-300:]}")
    with open("policy.json", "w", encoding="utf-8") as f:
        json.dump(POLICY, f, indent=1)
    out = subprocess.run([lib.TOOL, "check", "--json", "--policy", "policy.json", "--rule", "policy-violated", result.path],
                         stdout=subprocess.PIPE, text=True)
    findings = lib.answer("check", out.stdout)["findings"]
    check(all(f["detail"].startswith("policy.json:") for f in findings), findings)
    if name == "setting":
        show("policy-violated", "", commands + "; goenvbpf check --policy policy.json record", findings[0])
    return [f["subject"] for f in findings]


def test_policy():
    equal(policy_subjects("kept", "", "GOFLAGS=-trimpath $GO build -o a .", "--tag", "service_name=x"), [], "a policy that is kept")
    equal(policy_subjects("tag", "", "$GO build -o a ."), ["service_name"], "a tag that is missing")
    for name, (setup, commands, subject) in BREAKS.items():
        got = policy_subjects(name, setup, commands, "--tag", "service_name=x")
        check(len(got) == 1 and (subject is None or got == [subject]), f"{name}: {got}")


test_policy.limit = 900
