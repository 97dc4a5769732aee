#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Golden tests: records in, outputs out, compared with tests/golden/expected/.
#
#   tests/golden/run.sh [NAME...]   compare; the last line is "N passed, N failed, N skipped"
#   tests/golden/run.sh --update    write what comes out as what is expected: read the diff, then
#   NAME                            only cases with this in their name
#   GOENVBPF=FILE                   the program under test (build/goenvbpf)
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
bin=$(realpath -- "${GOENVBPF:-$top/build/goenvbpf}")
update=
if [ "${1-}" = --update ]; then
	update=y
	shift
fi
names=("$@")
passed=0 failed=0 skipped=0

# name of the output, record (- for none), arguments
cases() {
	cat <<-'TABLE'
	build-report               build.jsonl         report --full
	build-first-report         build.jsonl         report
	build-report-json          build.jsonl         report --json
	build-timeline             build.jsonl         timeline
	build-timeline-all         build.jsonl         timeline --all
	build-timeline-whole       build.jsonl         timeline --whole
	build-timeline-failed      build.jsonl         timeline --failed
	build-timeline-exec        build.jsonl         timeline --kind exec --kind exit
	build-timeline-pid         build.jsonl         timeline --pid 4713
	build-timeline-pids        build.jsonl         timeline --pid 4713 --pid 4712
	build-timeline-names       build.jsonl         timeline --path go.mod --path go.env --kind open --kind stat
	build-timeline-proc        build.jsonl         timeline --proc 3
	build-timeline-cache       build.jsonl         timeline --path $GOCACHE/*
	build-timeline-name        build.jsonl         timeline --path go.mod
	build-timeline-none        build.jsonl         timeline --path /no/such/*
	gzip-timeline              build.jsonl.gz      timeline
	cut-report                 cut.jsonl           report --full
	cut-first-report           cut.jsonl           report
	cut-report-json            cut.jsonl           report --json
	cut-timeline               cut.jsonl           timeline
	cut-gzip-report            cut.jsonl.gz        report --full
	lost-report                lost.jsonl          report --full
	lost-first-report          lost.jsonl          report
	lost-report-json           lost.jsonl          report --json
	lost-timeline              lost.jsonl          timeline --kind open
	blind-report               blind.jsonl         report --full
	blind-first-report         blind.jsonl         report
	blind-report-json          blind.jsonl         report --json
	blind-timeline             blind.jsonl         timeline
	hostile-report             hostile.jsonl       report --full
	hostile-first-report       hostile.jsonl       report
	hostile-timeline           hostile.jsonl       timeline
	switch-report              switch.jsonl        report --full
	switch-first-report        switch.jsonl        report
	switch-timeline            switch.jsonl        timeline
	look-report                look.jsonl          report --full
	look-first-report          look.jsonl          report
	look-report-json           look.jsonl          report --json
	cache-report               cache.jsonl         report --full
	cache-first-report         cache.jsonl         report
	cache-report-json          cache.jsonl         report --json
	made-report                made.jsonl          report --full
	made-first-report          made.jsonl          report
	made-report-json           made.jsonl          report --json
	switch-report-json         switch.jsonl        report --json
	header-only-report         header-only.jsonl   report --full
	header-only-timeline       header-only.jsonl   timeline
	env                        env.jsonl           env
	env-changed                env.jsonl           env --changed
	env-all                    env.jsonl           env --all --process 1
	env-process                env.jsonl           env --process 10
	env-json                   env.jsonl           env --json --changed
	env-report                 env.jsonl           report --full
	env-first-report           env.jsonl           report
	env-cut                    cut.jsonl           env
	env-hostile                hostile.jsonl       env
	env-no-command             env.jsonl           env --process 2
	env-usage                  env.jsonl           env --all --changed
	env-usage-process          env.jsonl           env --process x
	check                      build.jsonl         check
	check-json                 env.jsonl           check --json
	check-env                  env.jsonl           check
	check-fail-on              env.jsonl           check --fail-on error
	check-rule                 env.jsonl           check --rule goexperiment-set
	check-severity             env.jsonl           check --rule env-file-shadowed --severity env-file-shadowed=error
	check-baseline             env.jsonl           check --baseline env.jsonl
	check-suppress             env.jsonl           check --rule env-file-shadowed --suppress suppress.txt
	check-suppress-bad         env.jsonl           check --suppress make.txt
	check-policy               env.jsonl           check --rule policy-violated --policy policy.json
	check-policy-kept          env.jsonl           check --rule policy-violated --policy kept.json
	check-policy-json          env.jsonl           check --json --rule policy-violated --policy policy.json
	check-policy-cut           cut.jsonl           check --rule policy-violated --policy policy.json
	check-policy-malformed     env.jsonl           check --policy no-json.json
	check-policy-key           env.jsonl           check --policy bad-key.json
	check-policy-origin        env.jsonl           check --policy bad-origin.json
	check-policy-type          env.jsonl           check --policy bad-type.json
	check-policy-none          env.jsonl           check --policy none.json
	check-look                 look.jsonl          check
	look-timeline              look.jsonl          timeline --kind file --kind paused
	check-cut                  cut.jsonl           check
	check-blind                blind.jsonl         check
	check-usage-rule           env.jsonl           check --rule env-file-shadow
	check-usage-level          env.jsonl           check --severity env-file-shadowed=bad
	rules                      -                   rules
	rules-one                  -                   rules goflags-from-file
	rules-none                 -                   rules goflags-from-fiel
	help-check                 -                   help check
	help-rules                 -                   help rules
	diff                       diff-new.jsonl      diff diff-old.jsonl
	diff-json                  diff-new.jsonl      diff --json diff-old.jsonl
	diff-package               diff-new.jsonl      diff --package *other diff-old.jsonl
	diff-nothing               diff-old.jsonl      diff diff-old.jsonl
	diff-no-sources            env.jsonl           diff build.jsonl
	diff-restored              diff-restored.jsonl  diff diff-new.jsonl
	diff-restored-json         diff-restored.jsonl  diff --json diff-new.jsonl
	diff-within                diff-twice.jsonl    diff
	diff-within-json           diff-twice.jsonl    diff --json
	diff-within-nothing        diff-new.jsonl      diff
	diff-report                diff-new.jsonl      report
	diff-usage                 -                   diff
	diff-no-record             diff-old.jsonl      diff /nonexistent.jsonl
	help-diff                  -                   help diff
	help-export                -                   help export
	export-summary             build.jsonl         export --format summary
	export-sarif               env.jsonl           export --format sarif
	export-codequality         env.jsonl           export --format codequality
	export-codequality-hostile hostile.jsonl       export --format codequality
	export-source-root         env.jsonl           export --format sarif --source-root /
	export-source-root-other   env.jsonl           export --format codequality --source-root /usr
	export-source-root-else    env.jsonl           export --format junit --source-root /
	export-source-root-none    env.jsonl           export --format sarif --source-root none
	export-junit               env.jsonl           export --format junit
	export-prometheus          build.jsonl         export --format prometheus
	export-otlp                build.jsonl         export --format otlp
	export-otlp-accesses       lost.jsonl          export --format otlp --accesses
	export-otlp-metrics        build.jsonl         export --format otlp --metrics
	export-metrics-of-another  build.jsonl         export --format csv --metrics
	export-summary-hostile     hostile.jsonl       export --format summary
	export-no-format           build.jsonl         export
	export-unknown-format      build.jsonl         export --format htm
	export-force-alone         build.jsonl         export --format html --force
	export-in-toto             switch.jsonl        export --format in-toto
	export-subject-unread      build.jsonl         export --format in-toto --subject none
	export-subject-alone       build.jsonl         export --format csv --subject none
	export-clickhouse          cache.jsonl         export --format clickhouse
	export-clickhouse-schema   -                   export --format clickhouse --schema
	export-cluster             -                   export --format clickhouse --schema --cluster east
	export-schema-record       build.jsonl         export --format clickhouse --schema build.jsonl
	export-second              build.jsonl         export --format junit build.jsonl
	export-no-schema           -                   export --format junit --schema
	export-no-record           -                   export --format csv
	export-cluster-alone       build.jsonl         export --format csv --cluster one
	export-accesses            build.jsonl         export --format csv --accesses
	export-chrome-build        build.jsonl         export --format chrome
	export-chrome-cut          cut.jsonl           export --format chrome
	export-chrome-hostile      hostile.jsonl       export --format chrome
	export-chrome-cache        cache.jsonl         export --format chrome
	export-chrome-lost         lost.jsonl          export --format chrome
	export-chrome-pids         pids.jsonl          export --format chrome
	export-chrome-empty        header-only.jsonl   export --format chrome
	export-perfetto-build      build.jsonl         export --format perfetto
	export-perfetto-cut        cut.jsonl           export --format perfetto
	export-perfetto-hostile    hostile.jsonl       export --format perfetto
	export-perfetto-cache      cache.jsonl         export --format perfetto
	export-perfetto-lost       lost.jsonl          export --format perfetto
	export-perfetto-pids       pids.jsonl          export --format perfetto
	export-perfetto-empty      header-only.jsonl   export --format perfetto
	help-push                  -                   help push
	push-no-url                build.jsonl         push
	push-no-record             -                   push --otlp http://127.0.0.1:9
	push-spooled-record        build.jsonl         push --otlp http://127.0.0.1:9 --spooled
	push-retries               build.jsonl         push --otlp http://127.0.0.1:9 --retries x
	push-timeout               build.jsonl         push --otlp http://127.0.0.1:9 --timeout 0
	schema-diff                -                   schema diff
	schema-check               -                   schema check
	schema-report              -                   schema report
	schema-env                 -                   schema env
	schema-buildinfo           -                   schema buildinfo
	schema-doctor              -                   schema doctor
	schema-policy              -                   schema policy
	schema-none                -                   schema nothing
	help-schema                -                   help schema
	help-env                   -                   help env
	no-record                  /nonexistent.jsonl  report
	not-a-record               make.txt            report
	no-first-line-report-0     empty.jsonl         report
	no-first-line-json-0       empty.jsonl         report --json
	no-first-line-env-0        empty.jsonl         env
	no-first-line-timeline-0   empty.jsonl         timeline
	no-first-line-report-40    cut-header.jsonl    report
	no-first-line-env-40       cut-header.jsonl    env
	no-first-line-timeline-40  cut-header.jsonl    timeline
	usage-two-records          build.jsonl         report lost.jsonl
	usage-option               build.jsonl         timeline --no-such-option
	usage-kind                 build.jsonl         timeline --kind none
	usage-pid                  build.jsonl         timeline --pid 0
	usage-value                -                   timeline --pid
	usage-unknown-verb         build.jsonl         tiemline
	usage-no-such-word         build.jsonl         xyzzy
	help-report                -                   help report
	help-timeline              -                   help timeline
	help-run                   -                   run --help
	help-attach                -                   attach --pid 1 -h
	help-watch                 -                   watch -h
	usage-top-timeline         -                   watch --top --timeline
	usage-top-stdout           -                   watch --top -o -
	usage-near                 build.jsonl         timeline --failled
	usage-twice                -                   run -o a -o b -- true
	usage-tag                  -                   run --tag =x -- true
	usage-no-command           -                   run -q
	usage-no-record            -                   report
	usage-attach               -                   attach -q
	usage-attach-both          -                   attach --pid 1 --cgroup /sys/fs/cgroup
	usage-force                -                   watch --force
	TABLE
}

records=$(mktemp -d) || exit 1
trap 'rm -rf "$records"' EXIT
"$here/make-records.sh" "$records" || exit 1
cd "$records" || exit 1
stories=(*.jsonl)
echo "not a record" > make.txt
: > empty.jsonl
printf '# what is known\nenv-file-shadowed GO* never so it is here\nenv-file-shadowed * 2001-01-01 it ended\n' > suppress.txt
cat > policy.json <<'EOF'
{
	"settings": {
		"GOPROXY": {"origins": ["env file", "default"]},
		"GOFLAGS": {"values": ["-mod=*"]},
		"*": {"origins": ["environment"]}
	},
	"toolchains": ["go1.2[0-2]*"],
	"goflags": ["-mod=readonly"],
	"roots": ["$GOROOT", "$MODULE"],
	"max_misses": 0,
	"forbidden_files": ["netrc", "*.go"],
	"required_tags": ["service_name"]
}
EOF
printf '{"settings": {"GOPROXY": {"origins": ["environment"]}}, "max_misses": 1000, "forbidden_files": ["netrc"]}\n' > kept.json
printf '{\n  "toolchains": ["go1.26"],\n  "roots": [\n}\n' > no-json.json
printf '{\n  "roots": [],\n  "toolchain": ["go1.26"]\n}\n' > bad-key.json
printf '{\n  "settings": {\n    "GOPROXY": {"origins": ["default",\n      "enviroment"]}\n  }\n}\n' > bad-origin.json
printf '{\n  "max_misses": "3"\n}\n' > bad-type.json
head -c 40 header-only.jsonl > cut-header.jsonl
mkdir answers	# what was said with --json, by verb
set -f	# the globs of the table are for goenvbpf

check() # NAME RECORD ARGUMENTS…
{
	local name=$1 record=$2 expected=$here/expected/$1.txt
	shift 2
	[ "$record" = - ] || set -- "$@" "$record"
	"$bin" "$@" < /dev/null > said.txt 2>&1
	local status=$?
	case $name in
	*-json)	mkdir -p "answers/$1"
		cp said.txt "answers/$1/$name"
		python3 "$here/answers.py" layout < said.txt > out.txt ;;
	export-perfetto-*)
		"$here/traces.py" text < said.txt > out.txt
		if [ $? = 77 ]; then
			echo "skip $name: $(cat out.txt)"
			skipped=$((skipped + 1))
			return
		fi ;;
	*)	cp said.txt out.txt ;;
	esac
	echo "[exit $status]" >> out.txt
	if [ -n "$update" ]; then
		cp out.txt "$expected"
	fi
	if diff -u "$expected" out.txt > diff.txt 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name: goenvbpf $*"
		cat diff.txt
	fi
}

is_wanted()
{
	local name
	[ ${#names[@]} != 0 ] || return 0
	for name in "${names[@]}"; do
		[[ $1 != *"$name"* ]] || return 0
	done
	return 1
}

while read -r name record arguments; do
	# shellcheck disable=SC2086
	is_wanted "$name" && check "$name" "$record" $arguments
done < <(cases)

# What is said as JSON is as the schemas say.
set +f
for verb in answers/*/; do
	[ -d "$verb" ] || continue	# no such case was wanted
	verb=$(basename "$verb")
	python3 "$here/answers.py" check "$bin" "$verb" "answers/$verb"/*
	case $? in
	0)	passed=$((passed + 1)) ;;
	77)	skipped=$((skipped + 1)) ;;
	*)	failed=$((failed + 1)) ;;
	esac
done

# Traces say what their records say, and are what viewers take.
if is_wanted traces; then
	"$here/traces.py" check "$bin" "${stories[@]}" > traces.txt
	grep -v ' passed, ' traces.txt
	read -r p _ f _ s _ < <(tail -n 1 traces.txt)
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
fi

# What is expected must be of a case, and must be free of control characters.
for f in "$here"/expected/*.txt; do
	name=$(basename "$f" .txt)
	is_wanted "$name" || continue
	if ! cases | grep -q "^$name "; then
		failed=$((failed + 1))
		echo "FAIL $name: expected/$name.txt belongs to no case"
	elif LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$f"; then
		failed=$((failed + 1))
		echo "FAIL $name: expected/$name.txt has control characters"
	fi
done
for f in $(ls "$here"/expected/*.txt | grep -E '(-report|/help-[a-z]*)[.]txt$' | grep -v /schema-); do
	is_wanted "$(basename "$f" .txt)" || continue
	if grep -v '^/\|^  */\|^ *\$' "$f" | LC_ALL=C sed 's/[\x80-\xbf]//g' | LC_ALL=C awk 'length > 80 { exit 1 }' && [ -s "$f" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $(basename "$f"): wider than 80 columns"
	fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
