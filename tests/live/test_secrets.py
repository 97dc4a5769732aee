# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Planted secrets: not one of them may be in a record, by whatever way it came."""
import base64
import gzip
import hmac
import json
import os
import pwd
import re
import subprocess

import lib
import workload
from lib import check, equal, said


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


# --- the lists of tests/data: over every output ---------------------------------------------------

MARKER = "[redacted]"
DATA = os.path.join(lib.TOP, "tests", "data")

# Plays a list: a program for each command line and environment, a look for each path, a file for each text.
PLAYER = """
import json, os, sys
tiny, places = sys.argv[1], {
    "go/env": "home/go/env", "go.env": "root/go.env", "go.mod": "m/go.mod", "go.work": "m/go.work",
    "modules.txt": "m/vendor/modules.txt", "importcfg": "b/importcfg", "importcfg.link": "b/importcfg.link"}
for n, line in enumerate(open(sys.argv[2], encoding="utf-8")):
    (place, name), texts = (line_of := json.loads(line))[0].partition(" ")[::2], line_of[1:]
    if place == "argv":
        os.waitpid(os.posix_spawn(tiny, texts, {"N": str(n)}), 0)
    elif place == "env":
        os.waitpid(os.posix_spawn(tiny, ["env"], {"N": str(n), name: texts[0]}), 0)
    elif place == "path":
        os.access(texts[0], os.R_OK)
    elif name in places:
        path = f"{n}/{places[name]}"
        os.makedirs(os.path.dirname(path))
        with open(path, "w") as f:
            f.write(texts[0])
        open(path).close()
"""


def unmarked(text):
    return text.replace("\u00ab", "").replace("\u00bb", "")


def cut(text):
    out = ""
    for n, part in enumerate(text.split("\u00ab")):
        out += (MARKER + part.partition("\u00bb")[2]) if n else part
    return out


def secrets_of(text):
    return [part.partition("\u00bb")[0] for part in text.split("\u00ab")[1:]]


def load(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def play(rows, record, *opts):
    with open("list.jsonl", "w", encoding="utf-8") as f:
        f.writelines(json.dumps([row[0]] + [unmarked(t) for t in row[1:]]) + "\n" for row in rows)
    workload.write(os.path.abspath("player.py"), PLAYER)
    subprocess.run(["rm", "-rf", "played"], check=True)
    os.mkdir("played")
    result = lib.run(["/usr/bin/python3", os.path.abspath("player.py"), lib.program("tiny"),
                      os.path.abspath("list.jsonl")], *opts, cwd="played", record=record)
    check(result.status == 0, said(result))
    lib.verify(result.record)
    return result


def compare(rows, record):
    """Each text came out as its marks say."""
    tiny = [line for line in record.kind("exec") if line.get("exe", "").endswith("/tiny")]
    seen = {line["as"] for line in record.kind("access")}
    files = {line["path"].partition("/played/")[2]: line.get("text") for line in record.kind("file")}
    wrong, at = [], 0
    for n, row in enumerate(rows):
        (place, name), want = row[0].partition(" ")[::2], [cut(t) for t in row[1:]]
        if place in ("argv", "env"):
            line, at = tiny[at], at + 1
            got = line["args"] if place == "argv" else [line["env"].get(name)]
        elif place == "path":
            got = want if want[0] in seen else sorted(seen)[:3]
        else:
            texts = [text for path, text in files.items() if path.startswith(f"{n}/")]
            if name == "@" or place == "setting":
                continue	# no such files are recorded; settings are those of programs that were built
            got = texts[:1]
        if got != want:
            wrong.append(f"{row[0]}: {got} instead of {want}")
    check(not wrong, f"{len(wrong)} wrong: {wrong[:3]}")
    equal(at, len(tiny), "programs that were played")


def number(data, at):
    """LEB128: the number, and where the next one begins."""
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 128:
            return value, at


def paths_of(data, cnt):
    """Each shares its first bytes with the one before it."""
    paths, at = [b""], 0
    for _ in range(cnt):
        same, at = number(data, at)
        rest, at = number(data, at)
        paths.append(paths[-1][:same] + data[at:at + rest])
        at += rest
    return paths[1:]


def page_of(path):
    """The review page's words, and what is in its blocks of data."""
    html = subprocess.run([lib.TOOL, "export", path, "--format", "html"], stdout=subprocess.PIPE, check=True).stdout.decode()
    block = re.compile(r'<script type="application/octet-stream" id="([^"]+)">([^<]*)</script>')
    data = {name: gzip.decompress(base64.b64decode(text)) for name, text in block.findall(html)}
    head = json.loads(data["data-event-head"])
    paths = paths_of(data["data-events"], head["paths"])
    check(len(paths) > 1 and len(data["data-answers"]) > 1000, "the page is empty")
    rest = b"\n".join([*paths, data["data-answers"], data["data-terms"], data["data-event-head"]])
    return block.sub("", html) + rest.decode("utf-8", "replace")


def outputs_of(result):
    """Everything that can be seen of a record, as one text each."""
    out = {"the tool's words": result.err, "the record": result.record.text.decode("utf-8", "replace")}
    for verb in (["report"], ["report", "--json"], ["timeline"], ["timeline", "--all"], ["env"], ["env", "--json"],
                 *(["export", "--format", f] for f in ("summary", "sarif", "codequality", "junit", "prometheus", "csv"))):
        done = subprocess.run([lib.TOOL, *verb, result.path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        out[" ".join(verb)] = done.stdout.decode("utf-8", "replace")
    out["the review page"] = page_of(result.path)
    return out


def check_outputs(rows, outputs):
    secrets = {s for row in rows for t in row[1:] for s in secrets_of(t) if len(s) > 5}
    check(len(secrets) > 100, f"{len(secrets)} different secrets")
    leaked = []
    for name, text in outputs.items():
        for secret in secrets:
            forms = {secret, json.dumps(secret)[1:-1], secret.encode().hex()}
            leaked += [f"{name}: {secret}" for form in forms if form in text]
        # nearly all of them have this in them; parts of one are as good as all of it
        leaked += [f"{name}: …{text[max(0, i - 60):i + 20]!r}" for i in [text.find("Xq7")] if i >= 0]
    check(not leaked, f"{len(leaked)} leaked: {leaked[:5]}")


def test_planted_secrets():
    """Secrets at every place where they are written: out of the record, plain and packed, and of every view."""
    rows = load("secrets.jsonl")
    result = play(rows, "plain.jsonl", "--timeline", "--all", "--tag", "api-token=Xq7hunter2abc")
    compare(rows, result.record)
    check_outputs(rows, outputs_of(result))
    packed = play(rows, "packed.jsonl.gz")
    with gzip.open(packed.path, "rb") as f:
        equal(f.read(), packed.record.text, "the packed record")
    check_outputs(rows, outputs_of(packed))
    check(result.record.end["redactions"] >= 250, f"{result.record.end['redactions']} redactions")


def test_public_texts():
    """What looks like a secret and is none stays as it is."""
    rows = load("public.jsonl")
    result = play(rows, "public.jsonl.gz")
    compare(rows, result.record)
    equal(result.record.end["redactions"], 0, "redactions")


def test_build_information():
    """-ldflags -X: in the linker's importcfg, its arguments and the program that it makes."""
    path = workload.module("m")
    env = workload.shared_cache_env()
    result = lib.run(["sh", "-c", "go build -ldflags \"-X 'main.apiKey=%s' -s\" -o app . && ./app" % "Xq7 hunter2"],
                     cwd=path, env=env)
    check(result.status == 0, said(result))
    lib.verify(result.record)
    check_outputs(load("secrets.jsonl"), outputs_of(result))
    texts = [line["text"] for line in result.record.kind("file") if line["path"].endswith("/importcfg.link")]
    check(texts and f"-X 'main.apiKey={MARKER}' -s" in texts[0], f"{len(texts)} texts")
    settings = [line["settings"] for line in result.record.kind("buildinfo") if line["exe"].endswith("/app")]
    # twice when it was told for the file as it was made and, the time of change being too new, as it ran
    equal({s["-ldflags"] for s in settings}, {f"-X 'main.apiKey={MARKER}' -s"}, "the program's settings")


def test_stock_settings():
    """The go.env of a toolchain is a public fact, its comment too."""
    env = lib.clean_env(HOME=os.path.abspath("."))
    result = lib.run(["go", "version"], env=env)
    check(result.status == 0, said(result))
    for line in result.record.kind("file"):
        if line["path"].endswith("/go.env"):
            equal(line["text"], lib.read(line["path"]), "go.env")
    equal(result.record.end["redactions"], 0, "redactions")


# --- --redaction-key ------------------------------------------------------------------------------

def mark(key, secret):
    return f"[redacted:{hmac.new(key, secret.encode(), 'sha256').hexdigest()[:8]}]"


def keyed(key, *args, **more):
    result = lib.run([lib.program("tiny"), *args], "--redaction-key", key, "--tag", "token=Xq7hunter2", **more)
    check(result.status == 0, said(result))
    lib.verify(result.record)
    return result


def test_redaction_key():
    """Equal secrets have equal marks under one key, in every record and place; under another key others."""
    for name, key in (("one", b"k\x00ey\n"), ("two", b"x" * 100)):
        with open(name, "wb") as f:
            f.write(key)
        for record in ("a.jsonl", "b.jsonl.gz"):
            result = keyed(name, "--password=Xq7hunter2", "--token", "Xq7hunter2", "https://Xq7hunter3@h/",
                           record=f"{name}.{record}")
            one, other = mark(key, "Xq7hunter2"), mark(key, "Xq7hunter3")
            equal(result.record.exec_of("tiny")["args"][1:], [f"--password={one}", "--token", one, f"https://{other}@h/"],
                  "arguments")
            equal(result.record.header["command"][1], f"--password={one}", "the header's command")
            equal(result.record.header["tags"], {"token": one}, "tags")
            check(b"Xq7" not in result.record.text and key.hex() not in result.err, "a leak")


def test_redaction_key_is_the_callers():
    """A key that the caller cannot read is not read for him; then nothing is started."""
    os.chmod(".", 0o777)
    workload.write(os.path.abspath("root-only"), "secret key\n", 0o600)
    workload.write(os.path.abspath("empty"), "")
    workload.write(os.path.abspath("large"), "k" * 5000)
    nobody = pwd.getpwnam("nobody")
    env = lib.clean_env(SUDO_UID=str(nobody.pw_uid), SUDO_GID=str(nobody.pw_gid), SUDO_USER="nobody",
                        SUDO_COMMAND="goenvbpf")
    for n, (key, why, who) in enumerate((("root-only", "Permission denied", env), ("missing", "No such file", None),
                                         ("empty", "is empty", None), ("large", "no more than", None))):
        result = lib.run(["touch", f"started{n}"], "--redaction-key", key, env=who, record=f"{n}.jsonl")
        equal(result.status, 125, said(result))
        check(why in result.err and "secret key" not in result.err, said(result))
        check(not os.path.exists(f"started{n}") and not os.path.exists(result.path), "something was made")
    os.chmod("root-only", 0o644)
    result = lib.run(["true"], "--redaction-key", "root-only", env=env)
    check(result.status == 0, said(result))
