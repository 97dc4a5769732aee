#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# For a self-hosted runner: ACTIONS_RUNNER_HOOK_JOB_COMPLETED=/…/job-completed.sh in its .env. Ends the record
# of the job, and shows what came of it. GOENVBPF_RECORDS: a folder for a copy of the record, if there shall be one.
# shellcheck source-path=SCRIPTDIR source=job.sh disable=SC1091,SC2154
(
	. "$(dirname "$0")/job.sh"
	find_name
	folder=${GOENVBPF_RECORDS-}
	[ -n "$folder" ] || folder=$(mktemp -d) || exit
	record=$folder/$job.jsonl.zst
	if ask job stop "$job" -o "$record" --force; then
		ask check "$record"
		[ -z "${GITHUB_STEP_SUMMARY-}" ] || timeout -k 5 60 "$program" export "$record" --format summary >>"$GITHUB_STEP_SUMMARY"
	else
		tell "there is no record of this job"
	fi
	[ -n "${GOENVBPF_RECORDS-}" ] || rm -rf "$folder"
)
exit 0
