/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened: the table of the model's topics, and the passing of lines to them. */
#include <errno.h>

#include "model/run.h"
#include "model/topic.h"

#define RETIRE_AFTER_NS 1000000000	/* lines of other threads may still come */

/* Order matters: see topic.h. */
static const struct topic *const topics[] = {
	&topic_run,
	&topic_environments,
	&topic_files,
	&topic_process,
	&topic_counts,
	&topic_images,
	&topic_commands,
	&topic_settings,
	&topic_cache,
	&topic_toolchain,
	&topic_versions,
	&topic_c_compilers,
	&topic_ladders,
	&topic_modules,
	&topic_tests,
	&topic_embedded,
	&topic_effects,
	&topic_inputs,
	&topic_failures,
};

struct model *model__new(enum model_scope scope)
{
	__free_model struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->scope = scope;
	m->pool = pool__new();
	if (!m->pool)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(topics); i++)
		if (topics[i]->scope <= scope && topics[i]->open(m))
			return NULL;
	return STEAL(m);
}

int model__add(struct model *m, const struct rec *rec)
{
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		if (topics[i]->scope > m->scope)
			continue;
		/* From what neither succeeded nor failed nothing follows: it is counted. */
		if (rec->flags & REC_FLAG_NO_OUTCOME && topics[i] != &topic_counts)
			continue;
		err = topics[i]->add ? topics[i]->add(m, rec) : 0;
		if (err)
			return err;
	}
	return 0;
}

int model__finish(struct model *m, const struct pass_end *end)
{
	int err = 0;

	m->run->cut = end->cut;
	m->run->bad_lines = end->bad_lines;
	for (size_t i = 0; i < ARRAY_SIZE(topics) && !err; i++)
		if (topics[i]->finish && topics[i]->scope <= m->scope)
			err = topics[i]->finish(m);
	return err;
}

static void forget(struct model *m, const struct process *p)
{
	for (size_t i = ARRAY_SIZE(topics); i-- > 0;)
		if (topics[i]->retire && topics[i]->scope <= m->scope)
			topics[i]->retire(m, p);
}

bool model__retire(struct model *m, int64_t now)
{
	if (!processes__is_worth_retiring(m))
		return false;
	processes__retire(m, now - RETIRE_AFTER_NS, forget);
	return true;
}

static int sink_line(void *ctx, const struct rec *rec)
{
	return model__add(ctx, rec);
}

static int sink_end(void *ctx, const struct pass_end *end)
{
	return model__finish(ctx, end);
}

struct sink_of_lines model__sink(struct model *m)
{
	return (struct sink_of_lines){ .line = sink_line, .end = sink_end, .ctx = m };
}

void model__free(struct model *m)
{
	if (!m)
		return;
	for (size_t i = ARRAY_SIZE(topics); i-- > 0;)
		topics[i]->close(m);
	pool__free(m->pool);
	free(m);
}
