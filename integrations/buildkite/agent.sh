# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What both hooks of an agent share.

step_name() { printf '%s' "${BUILDKITE_STEP_KEY:-${BUILDKITE_LABEL:-job}}"; }

# Sets pid: the process of the agent that runs hooks and command of this job and of no other.
find_bootstrap()
{
	local line
	pid=$PPID
	while [ "$pid" -gt 1 ] && read -r line <"/proc/$pid/comm" && [ "$line" != buildkite-agent ]; do
		line=$(<"/proc/$pid/stat") || break
		line=${line##*) }
		read -r _ pid _ <<<"$line"
	done
	[ "$pid" -gt 1 ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = buildkite-agent ] || pid=$PPID
}
