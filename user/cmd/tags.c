/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tags of a record. */
#include <errno.h>
#include <stdlib.h>

#include "cmd/tags.h"

/* What a runner sets in every job, and what of it says which one. The first runner that is recognised counts. */
static const struct runner {
	const char *name;
	const char *mark;	/* a variable that no other runner sets */
	struct {
		const char *tag, *variable;
	} rows[12];
} runners[] = {
	{ "github", "GITHUB_ACTIONS", {
		{ "repository", "GITHUB_REPOSITORY" }, { "ref", "GITHUB_REF" }, { "commit", "GITHUB_SHA" },
		{ "workflow", "GITHUB_WORKFLOW" }, { "job", "GITHUB_JOB" }, { "run_id", "GITHUB_RUN_ID" },
		{ "attempt", "GITHUB_RUN_ATTEMPT" }, { "runner", "RUNNER_NAME" } } },
	{ "gitlab", "GITLAB_CI", {
		{ "repository", "CI_PROJECT_PATH" }, { "ref", "CI_COMMIT_REF_NAME" }, { "commit", "CI_COMMIT_SHA" },
		{ "pipeline", "CI_PIPELINE_NAME" }, { "run_id", "CI_PIPELINE_ID" }, { "job", "CI_JOB_NAME" },
		{ "job_id", "CI_JOB_ID" }, { "stage", "CI_JOB_STAGE" }, { "runner", "CI_RUNNER_DESCRIPTION" } } },
	{ "buildkite", "BUILDKITE", {
		{ "repository", "BUILDKITE_PIPELINE_SLUG" }, { "ref", "BUILDKITE_BRANCH" },
		{ "commit", "BUILDKITE_COMMIT" }, { "pipeline", "BUILDKITE_PIPELINE_SLUG" },
		{ "run_id", "BUILDKITE_BUILD_NUMBER" }, { "job", "BUILDKITE_STEP_KEY" },
		{ "job_id", "BUILDKITE_JOB_ID" }, { "attempt", "BUILDKITE_RETRY_COUNT" },
		{ "runner", "BUILDKITE_AGENT_NAME" } } },
	{ "woodpecker", "CI_WORKFLOW_NAME", {
		{ "repository", "CI_REPO" }, { "ref", "CI_COMMIT_REF" }, { "commit", "CI_COMMIT_SHA" },
		{ "workflow", "CI_WORKFLOW_NAME" }, { "run_id", "CI_PIPELINE_NUMBER" }, { "job", "CI_STEP_NAME" },
		{ "runner", "CI_MACHINE" } } },
	{ "jenkins", "JENKINS_URL", {
		{ "ref", "GIT_BRANCH" }, { "commit", "GIT_COMMIT" }, { "pipeline", "JOB_NAME" },
		{ "run_id", "BUILD_NUMBER" }, { "job", "JOB_BASE_NAME" }, { "stage", "STAGE_NAME" },
		{ "runner", "NODE_NAME" } } },
	{ "buildbot", "BUILDBOT_BUILDERNAME", {
		{ "pipeline", "BUILDBOT_BUILDERNAME" }, { "run_id", "BUILDBOT_BUILDNUMBER" },
		{ "commit", "BUILDBOT_REVISION" }, { "ref", "BUILDBOT_BRANCH" }, { "runner", "BUILDBOT_WORKERNAME" } } },
};

const char *tags__find(const struct texts *tags, const char *key)
{
	size_t n = strcspn(key, "=");

	for (size_t i = 0; i < tags->cnt; i++)
		if (!strncmp(tags->v[i], key, n) && tags->v[i][n] == '=')
			return tags->v[i];
	return NULL;
}

int tags__copy(const struct texts *from, struct texts *ret)
{
	int err = 0;

	*ret = (struct texts){};
	for (size_t i = 0; !err && i < from->cnt; i++)
		err = tags__add(ret, from->v[i]);
	return err;
}

int tags__add(struct texts *tags, const char *tag)
{
	const char **v;

	if (tags__find(tags, tag))
		return 0;
	v = reallocarray(tags->v, tags->cnt + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	tags->v = v;
	v[tags->cnt++] = tag;
	return 0;
}

static int add(struct texts *tags, const char *key, const char *value)
{
	__free_str struct str text = {};

	if (!value || !*value || tags__find(tags, key))
		return 0;
	str__addf(&text, "%s=%s", key, value);
	return str__err(&text) ?: tags__add(tags, str__steal(&text));
}

int tags__add_ci(struct texts *tags)
{
	const struct runner *r = runners, *end = runners + ARRAY_SIZE(runners);
	int err;

	while (r < end && !getenv(r->mark))
		r++;
	if (r == end)
		return 0;
	err = add(tags, "ci", r->name);
	for (size_t i = 0; !err && i < ARRAY_SIZE(r->rows) && r->rows[i].tag; i++)
		err = add(tags, r->rows[i].tag, getenv(r->rows[i].variable));
	return err;
}
