#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Begins the record of what the shell does that calls this, from there on: of a step of Jenkins, Woodpecker, or any
# other runner that gives its commands to a shell. Ends with 0 whatever happens.
#
#   begin.sh STEP [PID]      PID: another process than the shell, from which all of the job comes
# shellcheck source-path=SCRIPTDIR source=job.sh disable=SC1091,SC2154
(
	. "$(dirname "$0")/job.sh"
	find_name "${1:-job}"
	ask job start "$job" --pid "${2:-$PPID}" || tell "this job is not recorded"
)
exit 0
