/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary as one JSON object: only what was computed, and the names of what was not. */
#include <errno.h>

#include "model/commands.h"
#include "model/counts.h"
#include "model/roots.h"
#include "model/run.h"
#include "output/summary.h"
#include "output/summary_json.h"
#include "output/summary_model.h"
#include "util/json.h"

void json__kcount(struct json *j, const char *key, uint64_t v)
{
	char digits[24];

	if (v <= 1ULL << 53) {
		json__kuint(j, key, v);
		return;
	}
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	json__kstr(j, key, digits);
}

void json__kknown(struct json *j, const char *key, const char *s)
{
	if (s)
		json__kstr(j, key, s);
}

static void add_run(struct json *j, const struct run *r)
{
	json__key(j, "record");
	json__obj(j);
	json__kknown(j, "schema", r->schema);
	json__kknown(j, "version", r->version);
	json__kknown(j, "start", r->start);
	json__kknown(j, "mode", r->mode);
	json__kknown(j, "tier", r->tier);
	json__kknown(j, "host", r->host);
	json__kknown(j, "kernel", r->kernel);
	json__kknown(j, "arch", r->arch);
	json__key(j, "command");
	json__arr(j);
	for (size_t i = 0; i < r->command_cnt; i++)
		json__str(j, r->command[i]);
	json__end(j);
	json__key(j, "tags");
	json__obj(j);
	for (size_t i = 0; i < r->tag_cnt; i++) {
		json__key_bytes(j, r->tags[i].name, strlen(r->tags[i].name));
		json__str(j, r->tags[i].value);
	}
	json__end(j);
	json__kint(j, "duration_ns", r->duration);
	if (r->status >= 0)
		json__kint(j, "status", r->status);
	json__end(j);
}

static void add_losses(struct json *j, const struct run *r)
{
	json__kcount(j, "lost", run__lost(r));
	json__key(j, "losses");
	json__arr(j);
	for (size_t i = 0; i < r->loss_cnt; i++) {
		json__obj(j);
		json__kstr(j, "what", r->losses[i].what);
		json__kcount(j, "count", r->losses[i].count);
		if (r->losses[i].since >= 0)
			json__kint(j, "since", r->losses[i].since);
		if (r->losses[i].ts >= 0)
			json__kint(j, "ts", r->losses[i].ts);
		json__end(j);
	}
	json__end(j);
	if (r->losses_cut)
		json__kcount(j, "losses_left_out", r->losses_cut);
	json__key(j, "incomplete");
	json__obj(j);
	for (size_t i = 0; i < r->partial_cnt; i++) {
		json__key_bytes(j, r->partials[i].name, strlen(r->partials[i].name));
		json__uint(j, r->partials[i].count);
	}
	json__end(j);
}

static void add_blinds(struct json *j, const struct model *m)
{
	const struct run *r = model__run(m);

	json__key(j, "blind");
	json__arr(j);
	for (size_t i = 0; i < r->blind_cnt; i++) {
		const struct blind *b = &r->blinds[i];
		const struct process *p = model__process(m, b->proc);

		json__obj(j);
		json__kstr(j, "what", b->what);
		if (b->proc)
			json__kuint(j, "proc", b->proc);
		if (b->pid)
			json__kuint(j, "pid", b->pid);
		json__kknown(j, "exe", p ? p->exe : NULL);
		if (b->ts >= 0)
			json__kint(j, "ts", b->ts);
		if (b->was_before)
			json__kbool(j, "adopted", true);
		json__end(j);
	}
	json__end(j);
	if (r->blinds_cut)
		json__kcount(j, "blind_left_out", r->blinds_cut);
}

static void add_counts(struct json *j, const struct counts *c)
{
	json__key(j, "events");
	json__obj(j);
	for (int k = REC_UNKNOWN + 1; k < REC_CNT; k++)
		if (c->by_kind[k])
			json__kcount(j, rec_kind__name(k), c->by_kind[k]);
	json__end(j);
	json__key(j, "accesses");
	json__obj(j);
	json__kcount(j, "all", counts__accesses(c));
	json__kcount(j, "failed", counts__failed_accesses(c));
	json__key(j, "errors");
	json__obj(j);
	for (size_t i = 0; i < c->error_cnt; i++) {
		json__key_bytes(j, c->errors[i].err, strlen(c->errors[i].err));
		json__uint(j, c->errors[i].count);
	}
	json__end(j);
	json__end(j);
}

/* Programs at work by role; those that were only asked for their version are "probe". */
static void add_roles(struct json *j, const char *key, const uint64_t *roles, uint64_t probes)
{
	json__key(j, key);
	json__obj(j);
	for (int i = 0; i < TOOL_CNT; i++)
		if (roles[i])
			json__kcount(j, tool_role__name(i), roles[i]);
	if (probes)
		json__kcount(j, "probe", probes);
	json__end(j);
}

static void add_end(struct json *j, const struct process *p)
{
	if (p->start >= 0)
		json__kint(j, "start", p->start);
	if (process__duration(p) >= 0)
		json__kint(j, "duration_ns", process__duration(p));
	if (p->end == PROCESS_EXITED)
		json__kint(j, "code", p->status);
	else if (p->end == PROCESS_KILLED)
		json__kint(j, "signal", p->status);
	else if (p->end == PROCESS_REPLACED)
		json__kuint(j, "replaced_by", p->next);
}

static int add_command(struct json *j, const struct model *m, const struct go_command *c)
{
	const struct roots *roots = &c->roots;
	int err;

	json__obj(j);
	json__kuint(j, "proc", c->p->proc);
	json__kuint(j, "pid", c->p->pid);
	json__key(j, "args");
	json__arr(j);
	for (const char *a = process__next_arg(c->p, NULL); a; a = process__next_arg(c->p, a))
		json__str(j, a);
	json__end(j);
	if (c->p->args_cut)
		json__kbool(j, "args_cut", true);
	json__kknown(j, "verb", c->p->subject);
	json__kknown(j, "exe", c->p->exe);
	json__kknown(j, "cwd", c->p->cwd);
	add_end(j, c->p);
	json__key(j, "roots");
	json__obj(j);
	for (int i = 0; i < ROOT_CNT; i++)
		if (roots->dir[i])
			json__kstr(j, i == ROOT_HOME ? "HOME" : root__name(i) + 1, roots->dir[i]);
	json__end(j);
	add_roles(j, "started", c->roles, c->probes);
	json__kcount(j, "accesses", c->accesses);
	json__kcount(j, "failed", c->failed);
	summary_json__go_versions(j, m, c->p);
	err = summary_json__cache(j, m, c->p);
	json__end(j);
	return err;
}

static int add_commands(struct json *j, const struct model *m)
{
	const struct go_command *c;
	int err = 0;

	json__key(j, "commands");
	json__arr(j);
	for (c = model__next_command(m, NULL); c && !err; c = model__next_command(m, c))
		err = add_command(j, m, c);
	json__end(j);
	return err;
}

static void add_programs(struct json *j, const struct model *m)
{
	uint64_t roles[TOOL_CNT] = {}, probes = 0;
	const struct process *p;

	for (p = model__next_process(m, NULL); p; p = model__next_process(m, p)) {
		if (!p->has_exec)
			continue;
		if (p->probe)
			probes++;
		else
			roles[p->role]++;
	}
	add_roles(j, "roles", roles, probes);
}

int summary__json(const struct model *m, struct str *out)
{
	static const char *const not_evaluated[] = { "settings", "findings" };
	const struct run *r = model__run(m);
	struct json j;
	int err;

	json__init(&j, out);
	json__obj(&j);
	json__kbool(&j, "complete", run__is_complete(r));
	json__kbool(&j, "cut", r->cut);
	json__kcount(&j, "bad_lines", r->bad_lines);
	add_losses(&j, r);
	add_blinds(&j, m);
	add_run(&j, r);
	err = add_commands(&j, m);
	if (err)
		return err;
	add_programs(&j, m);
	add_counts(&j, model__counts(m));
	summary_json__toolchains(&j, m);
	summary__ladders_json(m, &j);
	summary__modules_json(m, &j);
	summary__tests_json(m, &j);
	summary__embedded_json(m, &j);
	json__key(&j, "findings");
	json__arr(&j);
	json__end(&j);
	json__key(&j, "not_evaluated");
	json__arr(&j);
	for (size_t i = 0; i < ARRAY_SIZE(not_evaluated); i++)
		json__str(&j, not_evaluated[i]);
	json__end(&j);
	json__end(&j);
	str__addc(out, '\n');
	return str__err(out);
}
