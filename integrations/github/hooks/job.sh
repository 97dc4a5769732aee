# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What both hooks of a self-hosted runner share. A hook that fails fails the job, and one that hangs holds it
# up: nothing here may do either.
program=${GOENVBPF:-goenvbpf}

tell() { echo "goenvbpf: $*"; }

# Runs the program; its words go into the job's log.
ask() { timeout -k 5 60 "$program" "$@" 2>&1; }

# Sets job: one name for one job, the same in both hooks, and another one for any job beside it.
find_name()
{
	local sum
	sum=$(printf '%s\n' "${RUNNER_NAME-}" "${GITHUB_REPOSITORY-}" "${GITHUB_RUN_ID-}" "${GITHUB_RUN_ATTEMPT-}" \
		"${GITHUB_JOB-}" | sha256sum | cut -c-12)
	job=$(printf '%s' "${GITHUB_JOB:-job}" | tr -c 'A-Za-z0-9._-' - | sed 's/^[._-]*//' | cut -c-30)
	job=${job:-job}-$sum
}

# Sets pid: the process that all steps of the job come from.
find_worker()
{
	local line
	pid=$PPID
	while [ "$pid" -gt 1 ] && read -r line <"/proc/$pid/comm" && [ "$line" != Runner.Worker ]; do
		line=$(<"/proc/$pid/stat") || break
		line=${line##*) }
		read -r _ pid _ <<<"$line"
	done
	[ "$pid" -gt 1 ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = Runner.Worker ] || pid=$PPID
}
