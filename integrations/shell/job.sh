# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
# What the beginning and the end of a job share. Nothing here may fail a job, or hold it up.
program=${GOENVBPF:-goenvbpf}

tell() { echo "goenvbpf: $*"; }

# Runs the program; its words go into the job's log.
ask() { timeout -k 5 60 "$program" "$@" 2>&1; }

# Sets job: one name for one step of one run, and another one for any beside it, whichever runner there is.
find_name()
{
	sum=$(printf '%s\n' "$1" "${BUILDKITE_JOB_ID-}" "${JENKINS_URL-}" "${BUILD_TAG-}" "${CI_REPO-}" "${CI_PIPELINE_NUMBER-}" \
		"${CI_WORKFLOW_NAME-}" "${CI_WORKFLOW_NUMBER-}" | sha256sum | cut -c-12)
	job=$(printf '%s' "$1" | tr -c 'A-Za-z0-9._-' - | sed 's/^[._-]*//' | cut -c-30)
	job=${job:-job}-$sum
}
