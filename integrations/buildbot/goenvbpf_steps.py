# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Steps for Buildbot: a build of a worker on whose host goenvbpf service runs gets a record.

    from goenvbpf_steps import observed
    factory.addSteps(observed([steps.ShellCommand(command=["go", "build", "./..."])]))

What is followed is the worker and all that it starts, so a worker must have one build at a time (max_builds=1);
several workers on one host are fine. The worker's user has to be a member of the service's group.
"""
import hashlib
import re

from buildbot.plugins import steps, util

# The parent of a step's command is the worker.
START = """\
exec "$0" job start "$1" --pid "$PPID"
"""

# Files beside the sources, in goenvbpf/; the findings are in the step's log.
END = """\
mkdir -p goenvbpf && record=goenvbpf/record.jsonl.zst
rm -f goenvbpf/*
if ! "$0" job stop "$1" -o "$record" --force; then
	echo 'there is no record of this build'
	[ -z "$2" ]
	exit
fi
for row in summary:md junit:xml html:html; do
	"$0" export "$record" --format "${row%:*}" -o "goenvbpf/${row%:*}.${row#*:}" --force
done
if [ -n "$2" ]; then
	exec "$0" check "$record" --fail-on "$2"
fi
"$0" check "$record" || true
"""

# What goenvbpf takes tags from.
TAGS = {
    "BUILDBOT_BUILDERNAME": util.Interpolate("%(prop:buildername)s"),
    "BUILDBOT_BUILDNUMBER": util.Interpolate("%(prop:buildnumber)s"),
    "BUILDBOT_WORKERNAME": util.Interpolate("%(prop:workername)s"),
    "BUILDBOT_REVISION": util.Interpolate("%(prop:got_revision:-)s"),
    "BUILDBOT_BRANCH": util.Interpolate("%(prop:branch:-)s"),
}


@util.renderer
def job_name(props):
    """One of its own for each build: a job's name has few letters, and 48 of them."""
    builder, number, worker = (str(props.getProperty(key)) for key in ("buildername", "buildnumber", "workername"))
    short = re.sub(r"[^A-Za-z0-9._-]", "-", builder)[:20]
    return f"buildbot-{short}-{hashlib.sha256(chr(0).join((builder, number, worker)).encode()).hexdigest()[:12]}"


def observed(inner, program="goenvbpf", fail_on=None, upload=None):
    """
    The steps, between one that begins the record and one that ends it, which comes in any case. Only with
    fail_on (error, warning, note) can it fail the build. upload: where the record goes on the master.
    """
    begin = steps.ShellCommand(name="goenvbpf", command=["sh", "-c", START, program, job_name], env=TAGS, timeout=60,
                               haltOnFailure=False, flunkOnFailure=False, warnOnFailure=True)
    end = steps.ShellCommand(name="findings", command=["sh", "-c", END, program, job_name, fail_on or ""], timeout=600,
                             alwaysRun=True, haltOnFailure=False, flunkOnFailure=bool(fail_on), warnOnFailure=True)
    sent = [steps.FileUpload(name="record", workersrc="goenvbpf/record.jsonl.zst", masterdest=upload, alwaysRun=True,
                             haltOnFailure=False, flunkOnFailure=False, warnOnFailure=True)] if upload else []
    return [begin, *inner, end, *sent]
