#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Ends the record of a step, or gets it when the step has ended by itself: goenvbpf/STEP/ then has it, with a page,
# a summary, and the rules as JUnit; the findings are in the log. The step before, with the same variables, has
# called begin.sh.
#
#   end.sh STEP [FOLDER]     FOLDER: another place than goenvbpf/STEP
#
# Ends with 0 whatever happens, unless GOENVBPF_FAIL_ON (error, warning, note) asks for a verdict.
step=${1:-job}
# shellcheck source-path=SCRIPTDIR source=job.sh disable=SC1091,SC2154
(
	. "$(dirname "$0")/job.sh"
	find_name "$step"
	folder=${2:-goenvbpf/$step} record=${2:-goenvbpf/$step}/record.jsonl.zst
	if ! mkdir -p "$folder" || ! ask job stop "$job" -o "$record" --force; then
		tell "there is no record of this job"
		[ -z "${GOENVBPF_FAIL_ON-}" ]
		exit
	fi
	for row in summary:md junit:xml html:html; do
		ask export "$record" --format "${row%:*}" -o "$folder/${row%:*}.${row#*:}" --force
	done
	if [ -n "${GOENVBPF_FAIL_ON-}" ]; then
		ask check "$record" --fail-on "$GOENVBPF_FAIL_ON"
	else
		ask check "$record" || true
	fi
)
