# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Planted secrets: not one of them may be in a record, by whatever way it came."""
import os

import lib
import workload
from lib import check, said


def canary(n):
    return f"canary{n:02d}SECRETvalue"


# What holds a secret, as {name: value}; %s is the canary.
ENVIRONMENT = {
    "MY_PASSWORD": "%s", "AWS_SECRET_ACCESS_KEY": "%s", "GITHUB_TOKEN": "ghp_%s0000000000", "UNKNOWN_NAME": "%s",
    "GOPROXY": "https://user:%s@proxy.example.org/go?token=x,direct", "HTTPS_PROXY": "http://%s:p@proxy.example.org:3128",
    "GOSUMDB": "sum.golang.org+x https://u:%s@sum.example.org", "GOAUTH": "git /home/%s", "GOCACHEPROG": "prog --key=%s",
    "GOFLAGS": "-mod=mod -ldflags=-X=main.token=%s", "GOENV": "off", "NETRC": "/tmp/%s-as-a-path-is-fine",
    "GIT_CONFIG_VALUE_0": "Authorization: Basic %s", "LD_CANARY": "%s", "GOINSECURE": "https://u:%s@x.example.org",
    "CGO_LDFLAGS": "-L/lib --token=%s",
}
MAY_SHOW = {"NETRC"}	# a path is no secret

ARGUMENTS = [
    "--password=%s", "--token", "%s", "https://user:%s@host.example.org/x?key=%s", "-H", "Authorization: Bearer %s",
    "http.extraheader=AUTHORIZATION: basic %s", "-ldflags=-X main.apiKey=%s", "ghp_%s0000000000",
    "git+ssh://%s@git.example.org/repo", "--api-key=%s", "MY_SECRET=%s",
]


def planted(templates, start):
    out = []
    for n, text in enumerate(templates, start):
        out.append(text.replace("%s", canary(n)))
    return out


def no_canaries(result, *allowed):
    text = result.record.text.decode("utf-8", "replace") + result.err
    leaked = []
    for n in range(100):
        if n in allowed:
            continue
        one = canary(n)
        for form in (one, one.encode().hex(), one[:-4]):
            if form in text:
                at = text.index(form)
                leaked.append(text[max(0, at - 80):at + 40])
                break
    check(not leaked, f"{len(leaked)} secrets leaked: {leaked[:4]}")


def test_environment_and_arguments():
    env = lib.clean_env()
    names = list(ENVIRONMENT)
    for name, value in zip(names, planted(ENVIRONMENT.values(), 0)):
        env[name] = value
    # the empty program and a failed exec: both have arguments
    result = lib.run(["sh", "-c", 'tiny=$1; shift; "$tiny" "$@"; ./no-such-program "$@"', "sh",
                      lib.program("tiny"), *planted(ARGUMENTS, 50)], env=env)
    check(result.status == 127, said(result))
    lib.verify(result.record)
    no_canaries(result, *[names.index(name) for name in MAY_SHOW])
    line = result.record.exec_of("tiny")
    check("MY_PASSWORD" in line["env_names"], "the name of a secret is not kept")
    check("user" not in line["env"].get("GOPROXY", ""), line["env"].get("GOPROXY"))
    check("proxy.example.org" in line["env"].get("GOPROXY", ""), "what is no secret in GOPROXY is gone")
    check("-mod=mod" in line["env"].get("GOFLAGS", ""), "what is no secret in GOFLAGS is gone")
    check(result.record.end["redactions"] >= 10, f"{result.record.end['redactions']} redactions counted")


def test_files():
    """Snapshots of configuration files: redacted; files that hold secrets: never read."""
    path = workload.module("m")
    env = workload.shared_cache_env()
    home = env["HOME"]
    workload.write(os.path.join(home, ".config", "go", "env"),
                   f"GOPROXY=https://user:{canary(1)}@proxy.example.org,off\nGOFLAGS=-ldflags=-X=main.key={canary(2)}\n"
                   "GOPRIVATE=example.org\n")
    workload.write(os.path.join(home, ".netrc"), f"machine proxy.example.org login me password {canary(3)}\n", 0o600)
    workload.write(os.path.join(home, ".git-credentials"), f"https://me:{canary(4)}@example.org\n", 0o600)
    del env["GOPROXY"], env["GOFLAGS"]
    result = lib.run(["sh", "-c", "cat $HOME/.netrc $HOME/.git-credentials >/dev/null; go list ./... >/dev/null"],
                     cwd=path, env=env)
    check(result.status == 0, said(result))
    lib.verify(result.record)
    no_canaries(result)
    files = {line["path"]: line for line in result.record.kind("file")}
    check(os.path.join(home, ".config", "go", "env") in files, f"no snapshot of go/env: {sorted(files)}")
    text = files[os.path.join(home, ".config", "go", "env")]["text"]
    check("GOPRIVATE=example.org" in text and "proxy.example.org" in text, text)
    check(not [p for p in files if "netrc" in p or "credentials" in p], "a snapshot of a file of secrets")


def test_settings_by_another_name():
    """What GOENV names is a settings file, whatever it is called, also by a relative path."""
    path = workload.module("m")
    env = dict(workload.shared_cache_env())
    for name, goenv in (("my.conf", os.path.abspath("m/my.conf")), ("other.conf", "other.conf")):
        workload.write(os.path.join(path, name),
                       f"GOCACHEPROG=prog --key {canary(1)}\nGOAUTH=helper {canary(2)}\nGOPRIVATE=example.org\n")
        env["GOENV"] = goenv
        result = lib.run(["go", "env", "GOPRIVATE"], cwd=path, env=env, record=f"{name}.jsonl")
        lib.verify(result.record)
        no_canaries(result)
        texts = [line["text"] for line in result.record.kind("file") if line["path"].endswith("/" + name)]
        check(texts and "GOPRIVATE=example.org" in texts[0], f"{name}: {texts}")


def test_paths():
    """URLs that a program takes for a path."""
    url = f"https://me:{canary(7)}@example.org/x.git"
    result = lib.run(["sh", "-c", f"test -e '{url}'; cat '{url}/y' 2>/dev/null"])
    check(result.status == 1, said(result))
    lib.verify(result.record)
    no_canaries(result)


def test_command_line_of_the_header():
    """The header has the command: redacted as every other."""
    result = lib.run([lib.program("tiny"), f"--token={canary(8)}", f"https://x:{canary(9)}@example.org/"],
                     "--tag", "a=b")
    check(result.status == 0, said(result))
    no_canaries(result)
