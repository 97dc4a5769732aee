#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Writes the records of the golden tests into the directory $1: small, by hand, one story each.
set -eu
cd "$1"

ACT=3f21ab04c6de00112233445566778899aabbccddeeff00112233445566778899	# action of package fmt
OUT=9a01ab04c6de00112233445566778899aabbccddeeff00112233445566778899	# its output
HIT=c0ffee04c6de00112233445566778899aabbccddeeff00112233445566778899	# action of package errors
CACHE=/home/u/.cache/go-build
ROOT=/usr/lib/go-1.22

header() # MODE COMMAND-JSON
{
	printf '{"k":"header","schema":"goenvbpf/1","version":"0.1.0","start":"2026-10-04T12:00:01.250000000Z","boot_ns":1000,'
	printf '"host":{"name":"build-host","kernel":"6.1.0-18-amd64","arch":"x86_64","cpus":2},"mode":"%s","command":%s,' "$1" "$2"
	printf '"tags":{"job":"nightly"},"hooks":{"tier":"tp_btf"},"limits":{}}\n'
}

line() # KIND TS PID PROC REST
{
	printf '{"k":"%s","ts":%s,"pid":%s,"tid":%s,"proc":%s%s}\n' "$1" "$2" "$3" "$3" "$4" "${5:+,$5}"
}

absent() # KIND TS PID PROC PATH
{
	local call=openat

	[ "$1" = open ] || call=newfstatat
	line "$1" "$2" "$3" "$4" "\"call\":\"$call\",\"as\":\"$5\",\"path\":\"$5\",\"err\":\"ENOENT\""
}

reads()
{
	line open "$1" "$2" "$3" "\"call\":\"openat\",\"as\":\"$4\",\"path\":\"$4\",\"flags\":[\"RDONLY\",\"CLOEXEC\"],\"fd\":3"
}

writes()
{
	line open "$1" "$2" "$3" "\"call\":\"openat\",\"as\":\"$4\",\"path\":\"$4\",\"flags\":[\"RDWR\",\"CREAT\",\"CLOEXEC\"],\"fd\":3"
}

found() # TS PID PROC TYPE PATH
{
	line stat "$1" "$2" "$3" "\"call\":\"newfstatat\",\"as\":\"$5\",\"path\":\"$5\",\"size\":175,\"mtime\":\"1690000000000000000\",\"type\":\"$4\""
}

end() # TS EVENTS COMPLETE LOST-FILE STATUS
{
	printf '{"k":"end","ts":%s,"events":{"open":9},"seen":%s,"sent":%s,"lost":{"file":%s,"life":0,"follow":0,"read":0},' "$1" "$(($2 + $4))" "$2" "$4"
	printf '"complete":%s,"duration":%s,"status":%s,"redactions":1,"fstat":4}\n' "$3" "$1" "$5"
}

go_exec() # TS PID PROC PREV ARGS-JSON
{
	line exec "$1" "$2" "$3" "\"ppid\":1,${4:+\"prev\":$4,}\"file\":\"go\",\"exe\":\"$ROOT/bin/go\",\"dev\":\"254:1\",\"ino\":100,\"args\":$5,\"env\":{\"HOME\":\"/home/u\"},\"env_names\":[\"LS_COLORS\"],\"cwd\":\"/src/app/cmd/x\",\"uid\":1000,\"gid\":1000"
}

tool_exec() # TS PID PROC PARENT TOOL PACKAGE ARGS-JSON
{
	line exec "$1" "$2" "$3" "\"parent\":$4,\"prev\":$(($3 - 1)),\"ppid\":4711,\"file\":\"$5\",\"exe\":\"$ROOT/pkg/tool/linux_amd64/$5\",\"dev\":\"254:1\",\"ino\":$((200 + ${#5})),\"args\":$7,\"env\":{\"HOME\":\"/home/u\",\"GOROOT\":\"$ROOT\",\"GOCACHE\":\"$CACHE\",\"GOMODCACHE\":\"/home/u/go/pkg/mod\"${6:+,\"TOOLEXEC_IMPORTPATH\":\"$6\"}},\"env_names\":[],\"cwd\":\"/src/app/cmd/x\",\"uid\":1000,\"gid\":1000"
}

# One go build: settings, a hit, a miss that is compiled and put, module sources, a link.
build_events()
{
	go_exec 0 4711 1 '' '["go","build","-o","x","./my dir"]'
	line buildinfo 100000 4711 1 '"exe":"/usr/lib/go-1.22/bin/go","dev":"254:1","ino":100,"go":"go1.22.12","path":"cmd/go","settings":{"GOARCH":"amd64"},"format":"inline"'
	absent open 1000000 4711 1 /home/u/.config/go/env
	reads 1100000 4711 1 $ROOT/go.env
	absent stat 1200000 4711 1 /src/app/cmd/x/go.work
	absent stat 1210000 4711 1 /src/app/cmd/go.work
	absent stat 1220000 4711 1 /src/app/go.work
	absent stat 1230000 4711 1 /src/app/cmd/x/go.mod
	found 1240000 4711 1 file /src/app/go.mod
	reads 1250000 4711 1 /src/app/go.mod
	line mkdir 1300000 4711 1 '"call":"mkdirat","as":"/tmp/go-build77","path":"/tmp/go-build77","mode":"0700"'
	reads 1400000 4711 1 /src/app/cmd/x/main.go
	for i in 00 01 02 03; do found 15${i}000 4711 1 dir $CACHE/$i; done
	reads 2000000 4711 1 $CACHE/c0/$HIT-a
	found 2010000 4711 1 file $CACHE/c0/$HIT-a
	found 2020000 4711 1 file $CACHE/9a/$OUT-d
	absent open 3000000 4711 1 $CACHE/3f/$ACT-a
	line fork 3100000 4711 1 '"child":4712,"child_proc":2,"thread":false'
	tool_exec 3200000 4712 3 1 compile '' '["compile","-V=full"]'
	line exit 4200000 4712 3 '"code":0'
	line fork 5000000 4711 1 '"child":4713,"child_proc":4'
	tool_exec 5100000 4713 5 1 compile example.com/app/internal/very/long/path/of/a/package "[\"compile\",\"-o\",\"/tmp/go-build77/b001/_pkg_.a\",\"-p\",\"fmt\",\"-buildid\",\"PyGrBMbeABEiM0RVZneI/PyGrBMbeABEiM0RVZneI\"]"
	for f in a b c; do reads 6000000 4713 5 /home/u/go/pkg/mod/golang.org/x/text@v0.3.0/unicode/$f.go; done
	reads 6100000 4713 5 /tmp/go-build77/b001/importcfg
	line exit 205100000 4713 5 '"code":0'
	absent stat 205200000 4711 1 $CACHE/9a/$OUT-d
	writes 205210000 4711 1 $CACHE/9a/$OUT-d
	line utimes 205220000 4711 1 "\"call\":\"utimensat\",\"as\":\"x\",\"path\":\"$CACHE/9a/$OUT-d\""
	writes 205230000 4711 1 $CACHE/3f/$ACT-a
	line utimes 205240000 4711 1 "\"call\":\"utimensat\",\"as\":\"x\",\"path\":\"$CACHE/3f/$ACT-a\""
	line exec_failed 205300000 4711 1 '"call":"execve","file":"gcc","path":"/usr/local/bin/gcc","args":["gcc","-I","/tmp/go-build77/b001/","-v"],"err":"ENOENT"'
	line open 205400000 4711 1 '"call":"openat","as":"/home/u/.netrc","path":"/home/u/.netrc","flags":["RDONLY"],"err":"EACCES"'
	line rename 205500000 4711 1 '"call":"renameat","as":"a","path":"/src/app/go.mod.tmp","as2":"b","path2":"/src/app/go.mod"'
	line exit 1250000000 4711 1 '"code":1'
}

{
	header run '["go","build","-o","x","./my dir"]'
	build_events
	end 1250000000 41 true 0 1
} > build.jsonl

gzip -nc build.jsonl > build.jsonl.gz
head -c "$(($(wc -c < build.jsonl) * 2 / 3))" build.jsonl > cut.jsonl
head -c "$(($(wc -c < build.jsonl.gz) - 200))" build.jsonl.gz > cut.jsonl.gz

# Events were lost, a fact is incomplete, a line is damaged, a kind is from the future.
{
	header run '["go","vet"]'
	go_exec 0 50 1 '' '["go","vet"]'
	echo '{"k":"lost","ts":12000000,"what":"file","count":1234,"since":10000000}'
	reads 13000000 50 1 /src/app/go.mod
	line stat 14000000 50 1 '"call":"newfstatat","as":"x","path":"/src/app/go.sum","size":1,"type":"file","incomplete":["path"]'
	echo 'this is no JSON'
	line hologram 15000000 50 1 '"depth":3'
	echo '{"k":"lost","ts":16000000,"what":"life","count":1}'
	line exit 17000000 50 1 '"signal":9'
	end 17000000 5 false 1235 137
} > lost.jsonl

# Nothing that the traced side chooses may reach a terminal as it is.
{
	header run '["sh","-c","\u001b[31mred"]'
	line exec 0 60 1 '"file":"/tmp/\u001b]0;title\u0007/go","exe":"/tmp/\u001b]0;title\u0007/prog","args":["prog","a\nb","it'\''s","\u202etxt.exe",""],"env":{},"cwd":"/tmp\n/x"'
	reads 1000000 60 1 '/tmp/\u001b[2Jevil.yaml'
	line open 2000000 60 1 '"call":"openat","as":"x","path":"/tmp/\ufffd.yaml","path_hex":"2f746d702fff0a2e79616d6c","flags":["RDONLY"],"fd":3'
	line open 3000000 60 1 '"call":"openat","as":"x","path":"/tmp/\ufffd.toml","path_hex":"zz","flags":["RDONLY"],"fd":3'
	line open 3100000 60 1 '"call":"openat","flags":["RDONLY"],"fd":3,"incomplete":["path"]'
	line stat 4000000 60 1 '"call":"stat","as":"x","path":"/tmp/grüße.json","err":"E\u001b[1m"'
	line exit 5000000 60 1 '"code":0'
	end 5000000 6 true 0 0
} > hostile.jsonl

# A toolchain switch: the go of the system runs another go in the same process; two commands at once.
{
	header watch '[]'
	go_exec 0 70 1 '' '["go","test","./..."]'
	reads 1000000 70 1 /src/app/go.mod
	line file 1000000 70 1 '"path":"/src/app/go.mod","size":40,"mtime":"1690000000000000000","text":"module example.com/app\n\ngo 1.22\ntoolchain go1.24.4\n","after_fact":true'
	line mkdir 2000000 70 1 '"call":"mkdirat","as":"x","path":"/home/u/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64","mode":"0777"'
	ROOT=/home/u/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64
	go_exec 9000000 70 2 1 '["go","test","./..."]'
	line fork 10000000 70 2 '"child":71,"child_proc":3'
	line exec 10100000 71 4 '"parent":2,"prev":3,"ppid":70,"file":"app.test","exe":"/tmp/go-build9/b001/app.test","dev":"0:30","ino":9,"args":["/tmp/go-build9/b001/app.test","-test.paniconexit0","-test.timeout=10m0s"],"env":{"HOME":"/home/u"},"cwd":"/src/app"'
	line buildinfo 10200000 71 4 '"exe":"/tmp/go-build9/b001/app.test","dev":"0:30","ino":9,"go":"go1.24.4","path":"example.com/app.test","main":{"path":"example.com/app","version":"(devel)"},"format":"inline"'
	absent open 10300000 71 4 /src/app/config.yaml
	reads 10400000 71 4 /etc/app/config.yaml
	# another go command with a cache of its own, told late: it was held back
	line exec 5000000 80 5 '"ppid":1,"file":"go","exe":"/usr/lib/go-1.22/bin/go","dev":"254:1","ino":100,"args":["go","list"],"env":{"HOME":"/home/u","GOCACHE":"/var/cache/ci"},"cwd":"/src/other"'
	absent open 5100000 80 5 /var/cache/ci/3f/$ACT-a
	absent open 10500000 70 2 $CACHE/3f/$ACT-a
	line connect 10600000 70 2 '"addr":"2001:db8::1","port":443,"err":"ECONNREFUSED"'
	line exit 11000000 80 5 '"code":0'
	line exit 12000000 71 4 '"code":2'
	line exit 13000000 70 2 '"code":1'
	end 13000000 15 true 0 0
} > switch.jsonl

# The build cache: a hit, a miss, entries whose output is gone or of another size, an index, a trim;
# a second command finds what the first one made, and asks a program for the rest.
cached() # TS PID PROC ACTION OUTPUT SIZE REST
{
	line cache "$1" "$2" "$3" "\"path\":\"$CACHE/${4:0:2}/$4-a\",\"action\":\"$4\",\"output\":\"$5\",\"size\":$6,\"time\":\"1\"${7:+,$7}"
}

{
	header run '["make"]'
	go_exec 0 90 1 '' '["go","build","./..."]'
	GONE=${HIT/c0/c1} SIZE=${HIT/c0/c2} INDEX=${HIT/c0/c3}
	reads 1000000 90 1 $ROOT/src/net/url
	line stat 1010000 90 1 "\"call\":\"newfstatat\",\"as\":\"x\",\"path\":\"$ROOT/src/net/url/url.go\",\"flags\":[\"SYMLINK_NOFOLLOW\"],\"size\":1,\"type\":\"file\""
	reads 1020000 90 1 $CACHE/c3/$INDEX-a
	cached 1020000 90 1 $INDEX ${OUT/9a/a3} 3000 '"content":"index"'
	reads 2000000 90 1 $CACHE/c0/$HIT-a
	cached 2000000 90 1 $HIT $OUT 175 '"content":"archive","package":"errors","build_id":"a/b","go":"go1.22.12"'
	found 2010000 90 1 file $CACHE/9a/$OUT-d
	reads 2100000 90 1 $CACHE/c1/$GONE-a
	cached 2100000 90 1 $GONE ${OUT/9a/a1} 175 '"broken":"absent"'
	absent stat 2110000 90 1 $CACHE/a1/${OUT/9a/a1}-d
	reads 2200000 90 1 $CACHE/c2/$SIZE-a
	cached 2200000 90 1 $SIZE ${OUT/9a/a2} 200 '"content":"archive","package":"io/fs"'
	found 2210000 90 1 file $CACHE/a2/${OUT/9a/a2}-d
	absent open 3000000 90 1 $CACHE/3f/$ACT-a
	line fork 3100000 90 1 '"child":91,"child_proc":2'
	tool_exec 3200000 91 3 1 compile fmt '["compile","-p","fmt","-buildid","PyGrBMbeABEiM0RVZneI/PyGrBMbeABEiM0RVZneI"]'
	line exit 1503200000 91 3 '"code":0'
	writes 1503300000 90 1 $CACHE/3f/$ACT-a
	line utimes 1503400000 90 1 "\"call\":\"utimensat\",\"as\":\"x\",\"path\":\"$CACHE/3f/$ACT-a\""
	cached 1503400000 90 1 $ACT ${OUT/9a/9b} 250000 '"content":"archive","package":"fmt"'
	line unlink 1504000000 90 1 "\"call\":\"unlinkat\",\"as\":\"x\",\"path\":\"$CACHE/00/${HIT/c0/00}-a\""
	line exit 1510000000 90 1 '"code":0'
	line exec 1600000000 95 5 '"ppid":1,"file":"go","exe":"/usr/lib/go-1.22/bin/go","dev":"254:1","ino":100,"args":["go","vet"],"env":{"HOME":"/home/u","GOCACHEPROG":"/opt/prog"},"cwd":"/src/app"'
	reads 1610000000 95 5 $CACHE/3f/$ACT-a
	line stat 1620000000 95 5 "\"call\":\"newfstatat\",\"as\":\"x\",\"path\":\"$CACHE/9b/${OUT/9a/9b}-d\",\"size\":250000,\"type\":\"file\""
	line exit 1700000000 95 5 '"code":0'
	end 1700000000 31 true 0 0
} > cache.jsonl

header run '["true"]' > header-only.jsonl
