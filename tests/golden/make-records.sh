#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Writes the records of the golden tests into the directory $1: small, by hand, one story each.
set -eu
GOLDEN=$(cd "$(dirname "$0")" && pwd)
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

# Nothing is lost, but a process has an io_uring: what it did through that is not here.
{
	header attach '[]'
	go_exec 0 90 1 '' '["go","vet"]'
	line exec 0 91 2 '"adopted":true,"parent":1,"ppid":90,"exe":"/usr/bin/node","dev":"254:1","ino":7,"args":["node","gen.js"],"env":{},"cwd":"/src/app","uid":1000,"gid":1000'
	line blind 0 91 2 '"what":"io_uring","fd":9,"adopted":true'
	reads 1000000 90 1 /src/app/go.mod
	line fork 2000000 90 1 '"child":92,"child_proc":3'
	line exec 2100000 92 4 '"parent":1,"prev":3,"ppid":90,"file":"/src/app/gen","exe":"/src/app/gen","dev":"254:1","ino":8,"args":["gen","-all"],"env":{},"cwd":"/src/app","uid":1000,"gid":1000'
	line blind 3000000 92 4 '"call":"io_uring_setup","what":"io_uring","fd":3'
	line exit 4000000 92 4 '"code":0'
	line exit 5000000 90 1 '"code":0'
	end 6000000 10 false 0 0
} > blind.jsonl

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
	# a go that switches because of what "go env -w" wrote
	ROOT=/usr/lib/go-1.22
	go_exec 4000000 90 6 '' '["go","list"]'
	reads 4100000 90 6 /home/u/.config/go/env
	line file 4100000 90 6 '"path":"/home/u/.config/go/env","size":40,"mtime":"1690000000000000000","text":"GOPROXY=direct\nGOTOOLCHAIN=go1.24.4+path\n","after_fact":true'
	ROOT=/opt/go1.24.4
	line exec 4200000 90 7 '"prev":6,"ppid":1,"file":"/opt/go1.24.4/bin/go","exe":"/opt/go1.24.4/bin/go","dev":"254:1","ino":101,"args":["go","list"],"env":{"HOME":"/home/u","GOTOOLCHAIN_INTERNAL_SWITCH_VERSION":"go1.24.4"},"cwd":"/src/app"'
	line exit 4900000 90 7 '"code":0'
	ROOT=/home/u/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64
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
	cached 1020000 90 1 $INDEX ${OUT/9a/a3} 3000 '"content":"index","dir":"net/url"'
	reads 2000000 90 1 $CACHE/c0/$HIT-a
	cached 2000000 90 1 $HIT $OUT 175 '"content":"archive","package":"errors","build_id":"a/b","go":"go1.22.12"'
	found 2010000 90 1 file $CACHE/9a/$OUT-d
	reads 2100000 90 1 $CACHE/c1/$GONE-a
	cached 2100000 90 1 $GONE ${OUT/9a/a1} 175 '"broken":"absent"'
	absent stat 2110000 90 1 $CACHE/a1/${OUT/9a/a1}-d
	reads 2200000 90 1 $CACHE/c2/$SIZE-a
	cached 2200000 90 1 $SIZE ${OUT/9a/a2} 200 '"content":"archive","package":"io/fs"'
	found 2210000 90 1 file $CACHE/a2/${OUT/9a/a2}-d
	# two programs: of one the linker was told the name
	reads 2300000 90 1 $CACHE/c5/${HIT/c0/c5}-a
	cached 2300000 90 1 ${HIT/c0/c5} ${OUT/9a/a5} 175 '"content":"archive","package":"main"'
	reads 2400000 90 1 $CACHE/c6/${HIT/c0/c6}-a
	cached 2400000 90 1 ${HIT/c0/c6} ${OUT/9a/a6} 175 '"content":"archive","package":"main"'
	line file 2500000 90 1 "\"path\":\"/tmp/go-build1/b001/importcfg.link\",\"text\":\"packagefile example.com/app=$CACHE/a5/${OUT/9a/a5}-d\\n\""
	absent open 3000000 90 1 $CACHE/3f/$ACT-a
	line fork 3100000 90 1 '"child":91,"child_proc":2'
	tool_exec 3200000 91 3 1 compile fmt '["compile","-p","fmt","-buildid","PyGrBMbeABEiM0RVZneI/PyGrBMbeABEiM0RVZneI"]'
	line exit 1503200000 91 3 '"code":0'
	writes 1503300000 90 1 $CACHE/3f/$ACT-a
	line utimes 1503400000 90 1 "\"call\":\"utimensat\",\"as\":\"x\",\"path\":\"$CACHE/3f/$ACT-a\""
	cached 1503400000 90 1 $ACT ${OUT/9a/9b} 250000 '"content":"archive","package":"fmt"'
	# C compilers: one that compiles, one that is only asked about itself
	line exec 1503500000 93 6 '"parent":1,"file":"gcc","exe":"/usr/bin/gcc-12","dev":"254:1","ino":300,"args":["gcc","-c","x.c"],"env":{}'
	line exec 1503600000 94 7 '"parent":6,"file":"cc1","exe":"/usr/lib/gcc/x86_64-linux-gnu/12/cc1","dev":"254:1","ino":301,"args":["cc1","x.c"],"env":{}'
	line exit 1503650000 94 7 '"code":0'
	line exit 1503700000 93 6 '"code":0'
	line exec 1503750000 96 8 '"parent":1,"file":"clang","exe":"/usr/lib/llvm-14/bin/clang","dev":"254:1","ino":302,"args":["clang","-###","-x","c","-c","-"],"env":{}'
	found 1503800000 96 8 dir /usr/lib/llvm-14/lib/clang/14.0.6
	line exit 1503850000 96 8 '"code":0'
	line unlink 1504000000 90 1 "\"call\":\"unlinkat\",\"as\":\"x\",\"path\":\"$CACHE/00/${HIT/c0/00}-a\""
	line exit 1510000000 90 1 '"code":0'
	line exec 1600000000 95 5 '"ppid":1,"file":"go","exe":"/usr/lib/go-1.22/bin/go","dev":"254:1","ino":100,"args":["go","vet"],"env":{"HOME":"/home/u","GOCACHEPROG":"/opt/prog"},"cwd":"/src/app"'
	reads 1610000000 95 5 $CACHE/3f/$ACT-a
	line stat 1620000000 95 5 "\"call\":\"newfstatat\",\"as\":\"x\",\"path\":\"$CACHE/9b/${OUT/9a/9b}-d\",\"size\":250000,\"type\":\"file\""
	line exit 1700000000 95 5 '"code":0'
	# the result of a test, which says of which package it is
	go_exec 1800000000 97 9 '' '["go","test","./..."]'
	reads 1810000000 97 9 $CACHE/c7/${HIT/c0/c7}-a
	cached 1810000000 97 9 ${HIT/c0/c7} ${OUT/9a/a7} 30 '"content":"test_output","package":"example.com/app/v"'
	line exit 1820000000 97 9 '"code":0'
	end 1820000000 36 true 0 0
} > cache.jsonl

header run '["true"]' > header-only.jsonl

# Settings: files, the environment, what the tools received, a switch of the toolchain.
CONF=/home/u/.config/go/env
file() # TS PID PROC PATH TEXT-JSON
{
	line file "$1" "$2" "$3" "\"path\":\"$4\",\"size\":9,\"mtime\":\"1690000000000000000\",\"sha256\":\"00\",\"text\":$5,\"after_fact\":true"
}

env_exec() # TS PID PROC PREV ENV-JSON ARGS-JSON
{
	line exec "$1" "$2" "$3" "\"ppid\":1,${4:+\"prev\":$4,}\"file\":\"go\",\"exe\":\"$ROOT/bin/go\",\"dev\":\"254:1\",\"ino\":100,\"args\":$6,\"env\":{\"HOME\":\"/home/u\",\"PATH\":\"/usr/bin\"$5},\"env_names\":[],\"cwd\":\"/src/app\",\"uid\":1000,\"gid\":1000"
	line buildinfo "$1" "$2" "$3" "\"exe\":\"$ROOT/bin/go\",\"dev\":\"254:1\",\"ino\":100,\"go\":\"$VERSION\",\"path\":\"cmd/go\",\"settings\":{\"GOARCH\":\"amd64\"},\"format\":\"inline\""
}

starts_up() # TS PID PROC: what every go looks at first
{
	found "$1" "$2" "$3" dir $ROOT/pkg/tool
	reads "$(($1 + 10))" "$2" "$3" $ROOT/go.env
	found "$(($1 + 20))" "$2" "$3" file /usr/bin/gcc
	absent stat "$(($1 + 30))" "$2" "$3" /src/app/go.work
	absent stat "$(($1 + 40))" "$2" "$3" /src/go.work
	absent stat "$(($1 + 50))" "$2" "$3" /go.work
	found "$(($1 + 60))" "$2" "$3" file /src/app/go.mod
	reads "$(($1 + 70))" "$2" "$3" /src/app/go.mod
}

tool() # TS PID PROC PARENT ENV-JSON GOENV
{
	line exec "$1" "$2" "$3" "\"parent\":$4,\"ppid\":90,\"file\":\"compile\",\"exe\":\"$ROOT/pkg/tool/linux_amd64/compile\",\"dev\":\"254:1\",\"ino\":207,\"args\":[\"compile\",\"-p\",\"fmt\"],\"env\":{\"HOME\":\"/home/u\",\"GOROOT\":\"$ROOT\",\"GOOS\":\"linux\",\"GOARCH\":\"amd64\",\"GOHOSTARCH\":\"amd64\",\"GOHOSTOS\":\"linux\",\"GOAMD64\":\"v1\",\"GOCACHE\":\"$CACHE\",\"GOMODCACHE\":\"/home/u/go/pkg/mod\",\"GOPATH\":\"/home/u/go\",\"GOENV\":\"${6:-$CONF}\",\"GOVERSION\":\"$VERSION\",\"GOTOOLDIR\":\"$ROOT/pkg/tool/linux_amd64\",\"GCCGO\":\"gccgo\",\"AR\":\"ar\",\"CC\":\"gcc\",\"CXX\":\"g++\",\"CGO_ENABLED\":\"1\",\"GOTOOLCHAIN\":\"auto\"$5},\"env_names\":[],\"cwd\":\"/src/app\",\"uid\":1000,\"gid\":1000"
}

{
	VERSION=go1.22.12 ROOT=/usr/lib/go-1.22
	header run '["sh","ci.sh"]'
	# what wins and what it hides; lines without effect; GOFLAGS in words; the tools agree
	env_exec 1000 90 1 '' ',"GOPROXY":"off","GOFLAGS":"","GOOS":"linux"' '["go","build","-tags=three","./..."]'
	reads 1100 90 1 $CONF
	file 1100 90 1 $CONF '"GOPROXY=https://one.example\nGOFLAGS=-tags=one -mod=mod\nGOPROXY=https://two.example\nexport GOSUMDB=off\nGODEBUG=x=1\nGOSUMDB=\nNOTHING\nGOCRASH=1\n"'
	starts_up 1200 90 1
	file 1210 90 1 $ROOT/go.env '"# as it comes\nGOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\nGOPRIVATE=corp.example\nGOPRIVATE=other.example\n"'
	file 1270 90 1 /src/app/go.mod '"module example.com/app\n\ngo 1.22.0\n\ntoolchain go1.24.4\n"'
	tool 1300 91 2 1 ',"GOFLAGS":"-tags=one -mod=mod","GOPROXY":"off","GOPRIVATE":"corp.example","GONOPROXY":"corp.example","GONOSUMDB":"corp.example"'
	# no user's file
	env_exec 2000 92 3 '' ',"GOENV":"off","CGO_ENABLED":"7"' '["go","env"]'
	starts_up 2200 92 3
	# the file was opened, and is not in the record; the tools tell what was in it
	env_exec 3000 93 4 '' ',"GOENV":"/tmp/ci.env"' '["go","vet"]'
	reads 3100 93 4 /tmp/ci.env
	starts_up 3200 93 4
	tool 3300 94 5 4 ',"GOFLAGS":"-mod=vendor","GOPROXY":"https://proxy.golang.org,direct","GOSUMDB":"sum.golang.org","GOPRIVATE":"corp.example","GONOPROXY":"corp.example","GONOSUMDB":"corp.example"' /tmp/ci.env
	# the tools received something else than the file says, and not all the same
	env_exec 4000 95 6 '' '' '["go","list"]'
	reads 4100 95 6 $CONF
	starts_up 4200 95 6
	tool 4300 96 7 6 ',"GOFLAGS":"-x","GOPROXY":"https://two.example","GOPRIVATE":"corp.example","GONOPROXY":"corp.example","GONOSUMDB":"corp.example"'
	tool 4400 97 8 6 ',"GOFLAGS":"-x","GOPROXY":"direct","GOPRIVATE":"corp.example","GONOPROXY":"corp.example","GONOSUMDB":"corp.example"'
	# go.mod names a newer toolchain
	env_exec 5000 98 9 '' '' '["go","version"]'
	absent open 5100 98 9 $CONF
	starts_up 5200 98 9
	VERSION=go1.24.4
	OLD=$ROOT
	ROOT=/home/u/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64
	env_exec 5300 98 10 9 ",\"GOROOT\":\"$ROOT\",\"GOTOOLCHAIN_INTERNAL_SWITCH_VERSION\":\"go1.24.4\"" '["go","version"]'
	absent open 5400 98 10 $CONF
	starts_up 5500 98 10
	ROOT=$OLD
	end 6000 60 true 0 0
} > env.jsonl

# Look-ups of a build and a test: a workspace from above, vendored, local and downloaded modules, a compiler that is
# not there; then a program that searches its configuration through a link, and is replaced while it runs.
MOD=/home/u/go/pkg/mod
DOWN=$MOD/cache/download/example.org/dep/@v/v1.0.0
snapshot() # TS PID PROC PATH TEXT
{
	line file "$1" "$2" "$3" "\"path\":\"$4\",\"size\":9,\"mtime\":\"1690000000000000000\",\"sha256\":\"$ACT\",\"text\":\"$5\",\"after_fact\":true"
}
moved() # TS PID PROC FROM TO
{
	line rename "$1" "$2" "$3" "\"call\":\"renameat\",\"as\":\"$4\",\"path\":\"$4\",\"as2\":\"$5\",\"path2\":\"$5\""
}
program() # TS PID PROC MORE
{
	line exec "$1" "$2" "$3" "\"ppid\":1,\"file\":\"/opt/app\",\"exe\":\"/opt/app\",\"dev\":\"254:1\",\"ino\":77,\"args\":[\"app\"],\"env\":{$4},\"cwd\":\"/srv\""
}
{
	header run '["make","test"]'
	go_exec 0 80 1 '' '["go","test","./..."]'
	absent stat 1000000 80 1 /src/app/cmd/x/go.work
	absent stat 1010000 80 1 /src/app/cmd/go.work
	absent stat 1020000 80 1 /src/app/go.work
	found 1030000 80 1 file /src/go.work
	reads 1040000 80 1 /src/go.work
	snapshot 1040000 80 1 /src/go.work 'go 1.22\n\nuse ./app\nuse ./tools\n'
	absent stat 1100000 80 1 /src/app/cmd/x/go.mod
	found 1110000 80 1 file /src/app/go.mod
	reads 1120000 80 1 /src/app/go.mod
	snapshot 1120000 80 1 /src/app/go.mod 'module example.org/app\n\nreplace example.org/lib => ../lib\n'
	found 1130000 80 1 dir /src/app/.git
	reads 1140000 80 1 /src/tools/go.mod
	reads 1150000 80 1 /src/lib/go.mod
	reads 1160000 80 1 /src/lib/lib.go
	moved 1200000 80 1 $DOWN.zip77.tmp $DOWN.zip
	line open 1210000 80 1 "\"call\":\"openat\",\"as\":\"$DOWN.partial\",\"path\":\"$DOWN.partial\",\"flags\":[\"WRONLY\",\"CREAT\",\"TRUNC\"],\"fd\":3"
	reads 1220000 80 1 $MOD/example.org/dep@v1.0.0/dep.go
	for d in /usr/local/bin /usr/bin /bin; do absent exec_failed 1300000 80 1 $d/gcc; done
	line exec 2000000 81 2 '"parent":1,"ppid":80,"file":"x.test","exe":"/tmp/go-build9/b001/x.test","dev":"0:30","ino":9,"args":["/tmp/go-build9/b001/x.test","-test.testlogfile=/tmp/go-build9/b001/testlog.txt","-test.paniconexit0"],"env":{},"cwd":"/src/app/cmd/x"'
	reads 2010000 81 2 /src/app/early.yaml
	writes 2020000 81 2 /tmp/go-build9/b001/testlog.txt
	reads 2030000 81 2 /src/app/cmd/x/data.txt
	reads 2040000 81 2 /etc/hostname
	line exit 2100000 81 2 '"code":0'
	line stat 2200000 80 1 '"call":"newfstatat","as":"data.txt","path":"/src/app/cmd/x/data.txt","size":9,"mtime":"1791115200000000000","type":"file"'
	line exit 2300000 80 1 '"code":0'
	go_exec 3000000 82 3 '' '["go","test","./..."]'
	reads 3010000 82 3 /src/app/go.mod
	snapshot 3010000 82 3 /src/app/go.mod 'module example.org/app\n\nreplace example.org/lib => ../lib\n'
	reads 3012000 82 3 /src/app/cmd/x/x_test.go
	reads 3015000 82 3 $CACHE/3f/$ACT-a
	line cache 3015000 82 3 "\"action\":\"$ACT\",\"output\":\"$OUT\",\"size\":30,\"content\":\"test_log\""
	line stat 3020000 82 3 '"call":"newfstatat","as":"data.txt","path":"/src/app/cmd/x/data.txt","size":9,"mtime":"1791115200000000000","type":"file"'
	reads 3030000 82 3 $CACHE/c0/$HIT-a
	line cache 3030000 82 3 "\"action\":\"$HIT\",\"output\":\"$OUT\",\"size\":30,\"content\":\"test_output\",\"package\":\"example.org/app/cmd/x\""
	line exit 3100000 82 3 '"code":0'
	go_exec 4000000 83 4 '' '["go","build"]'
	reads 4010000 83 4 /src/app/go.mod
	reads 4020000 83 4 /src/app/vendor/modules.txt
	snapshot 4020000 83 4 /src/app/vendor/modules.txt '# example.org/dep v1.0.0\n## explicit\nexample.org/dep/sub\n'
	reads 4030000 83 4 /src/app/vendor/example.org/dep/sub/dep.go
	line exit 4100000 83 4 '"code":0'
	program 5000000 84 5 '"GODEBUG":"panicnil=0","CGO_ENABLED":"0"'
	line buildinfo 5000000 84 5 '"exe":"/opt/app","dev":"254:1","ino":77,"go":"go1.22.12","path":"example.org/app","main":{"path":"example.org/app","version":"v1.2.0+dirty"},"deps":[{"path":"example.org/lib","version":"v1.0.0","replace":{"path":"../lib","version":"(devel)"}}],"settings":{"CGO_ENABLED":"1","DefaultGODEBUG":"panicnil=1","vcs.modified":"true","vcs.revision":"0123abc"},"format":"inline"'
	absent open 5100000 84 5 /srv/config.yaml
	line readlink 5200000 84 5 '"call":"readlinkat","as":"/etc/app/config.yaml","path":"/etc/app/config.yaml","target":"../real/app.yaml"'
	reads 5210000 84 5 /etc/real/app.yaml
	reads 5220000 84 5 /usr/share/app/config.yaml
	line paused 5250000 84 5 '"what":"frozen","ns":3200000000,"cgroup":"/job-7"'
	absent open 5300000 84 5 /srv/.env
	line file 5300000 84 5 '"path":"/srv/config/.env","what":"config","aside":true,"wanted":"/srv/.env","after_fact":true'
	reads 5310000 84 5 /srv/log.yaml
	line file 5310000 84 5 '"path":"/srv/log.yaml","what":"config","leads_to":"/etc/shared/log.yaml","after_fact":true'
	moved 5400000 90 6 /opt/app.new /opt/app
	line exit 5500000 84 5 '"code":0'
	end 5500000 60 true 0 0
} > look.jsonl

# Made though it was asked for, or without asking; what stood in the way; why tests ran.
{
	header run '["make"]'
	ONE=$ACT TWO=${HIT/c0/c1} ID=PyGrBMbeABEiM0RVZneI
	# one build compiles what it has opened; another one compiles it, too, and removes it; a third one makes all
	go_exec 0 50 1 '' '["go","build","-o","../out/x","./cmd/x"]'
	reads 1000000 50 1 /src/app/go.mod
	snapshot 1000000 50 1 /src/app/go.mod 'module example.org/app\n'
	reads 1100000 50 1 $ROOT/pkg/linux_amd64/fmt.a
	reads 1200000 50 1 $CACHE/3f/$ONE-a
	reads 1300000 50 1 $CACHE/c1/$TWO-a
	cached 1300000 50 1 $TWO $OUT 900 '"content":"archive","package":"errors"'
	go_exec 1400000 60 2 '' '["go","build","./lib"]'
	absent open 1500000 60 2 $CACHE/3f/$ONE-a
	tool_exec 2000000 51 3 1 compile example.org/app/lib "[\"compile\",\"-p\",\"example.org/app/lib\",\"-buildid\",\"$ID/x\"]"
	tool_exec 2100000 52 4 1 asm example.org/app/lib '["asm","-p","example.org/app/lib"]'
	tool_exec 2200000 61 5 2 compile example.org/app/lib "[\"compile\",\"-p\",\"example.org/app/lib\",\"-buildid\",\"$ID/x\"]"
	line exit 202100000 52 4 '"code":0'
	line exit 302000000 51 3 '"code":0'
	line exit 302200000 61 5 '"code":0'
	line open 303000000 50 1 "\"call\":\"openat\",\"path\":\"$CACHE/9b/${OUT/9a/9b}-d\",\"flags\":[\"RDWR\",\"CREAT\"],\"err\":\"ENOSPC\""
	line unlink 304000000 60 2 "\"call\":\"unlinkat\",\"path\":\"$CACHE/c1/$TWO-a\""
	line unlink 304100000 60 2 "\"call\":\"unlinkat\",\"path\":\"$CACHE/9a/$OUT-d\""
	tool_exec 305000000 53 6 1 link example.org/app/cmd/x "[\"link\",\"-o\",\"/tmp/go-build7/b001/exe/a.out\",\"-buildid\",\"${ID/P/Q}/x\"]"
	absent open 306000000 53 6 $CACHE/9a/$OUT-d
	line exit 405000000 53 6 '"code":1'
	line exit 410000000 50 1 '"code":1'
	line exit 411000000 60 2 '"code":0'
	go_exec 500000000 70 7 '' '["go","build","-a","./lib"]'
	tool_exec 501000000 71 8 7 compile example.org/app/lib "[\"compile\",\"-p\",\"example.org/app/lib\",\"-buildid\",\"$ID/x\"]"
	line exit 601000000 71 8 '"code":0'
	line exit 602000000 70 7 '"code":0'
	# nothing to do
	go_exec 700000000 80 9 '' '["go","build"]'
	reads 701000000 80 9 /src/app/go.mod
	reads 702000000 80 9 /src/app/cmd/x/main.go
	reads 703000000 80 9 /src/app/cmd/x/x
	line exit 704000000 80 9 '"code":0'
	# two packages' tests: -count for both, one without anything to test
	go_exec 800000000 90 10 '' '["go","test","-count=1","./..."]'
	line exec 801000000 91 11 '"parent":10,"ppid":90,"file":"lib.test","exe":"/tmp/go-build8/b001/lib.test","args":["/tmp/go-build8/b001/lib.test","-test.paniconexit0","-test.timeout=10m0s","-test.count=1"],"env":{},"cwd":"/src/app/lib"'
	line exit 802000000 91 11 '"code":0'
	line exit 803000000 90 10 '"code":0'
	end 803000000 40 true 0 0
} > made.jsonl

# Pids that come again, once before the first process was seen to end; a go that another one became; a thread's
# access, one that is told late, one of a process whose start nobody saw, and one before a child became what it is
# for; a miss, what was compiled for it, and where that was put.
{
	header run '["go","test","<b>\"x\\\\"]'
	go_exec 0 4711 1 '' '["go","build","./..."]'
	absent open 1000000 40 9 "/tmp/\\\",\\\"ph\\\":\\\"X\\\"}]</script>"
	line fork 2000000 4711 1 '"child":4712,"child_proc":2'
	tool_exec 3000000 4712 3 1 compile fmt '["compile","-p","fmt"]'
	absent stat 4000000 4712 3 /src/fmt/print.go
	line fork 5000000 4711 1 '"child":4712,"child_proc":4'
	tool_exec 6000000 4712 5 1 compile errors '["compile","-p","errors"]'
	printf '{"k":"open","ts":%s,"pid":4712,"tid":4799,"proc":5,"call":"openat","path":"/src/errors/join.go"}\n' 7000000
	line exit 8000000 4712 5 '"signal":9'
	absent stat 6500000 4712 5 /src/errors/wrap.go
	go_exec 9000000 4711 6 1 '["go","test","./..."]'
	absent open 9100000 4711 6 $CACHE/3f/$ACT-a
	line fork 9200000 4711 6 '"child":4713,"child_proc":7'
	line chdir 9250000 4713 7 '"call":"chdir","path":"/src/strings"'
	tool_exec 9300000 4713 8 6 compile strings '["compile","-p","strings","-buildid","PyGrBMbeABEiM0RVZneI/PyGrBMbeABEiM0RVZneI"]'
	absent open 9500001 4711 6 /src/app/go.work
	line exit 9600000 4713 8 '"code":0'
	writes 9700000 4711 6 $CACHE/9a/$OUT-d
	writes 9750000 4711 6 $CACHE/3f/$ACT-a
	cached 9750000 4711 6 $ACT $OUT 250000
	line exit 10000000 4711 6 '"code":1'
	end 10000000 40 true 0 1
} > pids.jsonl

"$GOLDEN/diff_records.py" .
