#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# For a self-hosted runner: ACTIONS_RUNNER_HOOK_JOB_STARTED=/…/job-started.sh in its .env. Each job then gets
# a record of the service that runs on this host. GOENVBPF: the program, if it is not on PATH.
# shellcheck source-path=SCRIPTDIR source=job.sh disable=SC1091,SC2154
(
	. "$(dirname "$0")/job.sh"
	find_name
	find_worker
	ask job start "$job" --pid "$pid" || tell "this job is not recorded"
)
exit 0
