/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is going on now: the last commands and misses, and what is counted of all. */
#include <errno.h>
#include <pthread.h>

#include "model/cache/cache.h"
#include "model/commands.h"
#include "model/now/now.h"
#include "model/run.h"
#include "record/facts.h"
#include "util/path.h"

#define ALIKE 64	/* misses, the last ones, among which the same one again is looked for */

/* Both in the order of arrival; cnt of all that ever came, the place is the rest of a division. */
struct now {
	pthread_mutex_t lock;
	struct model *model;
	struct now_counts counts;	/* what is not asked of the model */
	struct now_command commands[NOW_MAX_COMMANDS];
	size_t command_cnt;		/* that are there */
	struct now_miss misses[NOW_MAX_MISSES];
	uint64_t miss_cnt;
};

struct now *now__new(void)
{
	__free_now struct now *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	pthread_mutex_init(&n->lock, NULL);
	n->model = model__new(MODEL_CORE);
	return n->model ? STEAL(n) : NULL;
}

void now__free(struct now *n)
{
	if (!n)
		return;
	model__free(n->model);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

void now__lock(struct now *n)
{
	pthread_mutex_lock(&n->lock);
}

void now__unlock(struct now *n)
{
	pthread_mutex_unlock(&n->lock);
}

/* --- commands --- */

static bool is_running(const struct now_command *c)
{
	return c->end == PROCESS_RUNS;
}

bool now_command__has_failed(const struct now_command *c)
{
	return (c->end == PROCESS_EXITED && c->status) || c->end == PROCESS_KILLED;
}

static struct now_command *find_command(struct now *n, uint64_t proc)
{
	for (size_t i = n->command_cnt; proc && i-- > 0;)
		if (n->commands[i].proc == proc)
			return &n->commands[i];
	return NULL;
}

static void remove_command(struct now *n, struct now_command *c)
{
	size_t at = c - n->commands;

	n->command_cnt--;
	memmove(c, c + 1, (n->command_cnt - at) * sizeof(*c));
}

/* Room for one more: the first one goes that has ended, or the first of all. */
static struct now_command *add_place(struct now *n)
{
	size_t i = 0;

	if (n->command_cnt < NOW_MAX_COMMANDS)
		return &n->commands[n->command_cnt++];
	while (i < n->command_cnt && is_running(&n->commands[i]))
		i++;
	remove_command(n, &n->commands[i < n->command_cnt ? i : 0]);
	return &n->commands[n->command_cnt++];
}

/* "go build ./...": of a path to go its last name. */
static void add_text(const struct process *p, char *to)
{
	const char *arg = process__next_arg(p, NULL), *word = arg ? path__base(arg) : "go";
	size_t at = 0, len;

	for (; word && at < NOW_TEXT_SZ - 1; word = arg = arg ? process__next_arg(p, arg) : NULL) {
		if (at)
			to[at++] = ' ';
		len = strlen(word);
		if (len > NOW_TEXT_SZ - 1 - at)
			len = NOW_TEXT_SZ - 1 - at;
		memcpy(to + at, word, len);
		at += len;
	}
	to[at] = '\0';
}

/* Its executable may be looked at after it began, and turn out to be go, or not to be. */
static void see_command(struct now *n, const struct process *p)
{
	struct now_command *c = find_command(n, p->proc);
	bool is_go = model__command(n->model, p->proc);

	if (c && !is_go) {
		n->counts.commands--;
		n->counts.failed -= now_command__has_failed(c);
		remove_command(n, c);
	}
	if (c || !is_go)
		return;
	n->counts.commands++;
	c = add_place(n);
	*c = (struct now_command){ .proc = p->proc, .pid = p->pid, .start = p->start, .finish = -1 };
	add_text(p, c->text);
}

static void see_end(struct now *n, uint64_t proc)
{
	const struct process *p = model__process(n->model, proc);
	struct now_command *c = p ? find_command(n, proc) : NULL;

	if (!c || !is_running(c))
		return;
	c->end = p->end;
	c->status = p->status;
	c->finish = p->finish;
	n->counts.failed += now_command__has_failed(c);
}

/* --- misses --- */

static struct now_miss *miss_at(struct now *n, uint64_t number)
{
	return &n->misses[(number - 1) % NOW_MAX_MISSES];
}

static uint64_t oldest(const struct now *n, uint64_t most)
{
	return n->miss_cnt > most ? n->miss_cnt - most + 1 : 1;
}

/* The end of a long path says more than its beginning. */
static void keep_end(char *to, const char *from)
{
	size_t len = strlen(from);

	if (len >= NOW_TEXT_SZ) {
		from += len - (NOW_TEXT_SZ - 1);
		while ((*from & 0xc0) == 0x80)	/* not from the middle of a character on */
			from++;
	}
	snprintf(to, NOW_TEXT_SZ, "%s", from);
}

static void add_miss(struct now *n, const struct rec *rec, const uint8_t *action)
{
	char what[NOW_TEXT_SZ];
	struct now_miss *m;

	keep_end(what, rec->path);
	for (uint64_t i = n->miss_cnt; i && i >= oldest(n, ALIKE); i--) {
		m = miss_at(n, i);
		/* Each tool asks for the same configuration. */
		if (str_eq(m->what, what) && (m->is_entry ? m->proc == rec->proc && !m->is_made : !action)) {
			m->times++;
			return;
		}
	}
	m = miss_at(n, ++n->miss_cnt);
	*m = (struct now_miss){ .number = n->miss_cnt, .proc = rec->proc, .pid = rec->pid, .ts = rec->ts,
				.times = 1, .took = -1, .is_entry = action };
	if (action)
		memcpy(m->action, action, sizeof(m->action));
	snprintf(m->err, sizeof(m->err), "%s", rec->err);
	memcpy(m->what, what, sizeof(what));
}

static void see_access(struct now *n, const struct rec *rec)
{
	uint8_t action[GOCACHE_ID_SZ];
	struct now_command *c;
	enum place place;

	if (model__is_lookup(n->model, rec, action)) {
		c = find_command(n, rec->proc);
		n->counts.hits += !rec->err;
		n->counts.misses += rec->err != NULL;
		if (c) {
			c->hits += !rec->err;
			c->misses += rec->err != NULL;
		}
		if (rec->err)
			add_miss(n, rec, action);
		return;
	}
	if (!rec->err || !rec->path || !kind__is_lookup(rec->kind))
		return;
	/* What go looks for in the build cache before it writes it there was not missed. */
	place = roots__place(model__roots(n->model, model__process_of(n->model, rec)), rec->path);
	if (place != PLACE_CONFIG && place != PLACE_MODULE_CACHE)
		return;
	n->counts.absent++;
	add_miss(n, rec, NULL);
}

/* --- tools --- */

/* The miss that the tool was started for gets its name. */
static void name_miss(struct now *n, const struct process *p)
{
	uint8_t action[sizeof(((struct now_miss *)0)->action)];
	struct now_miss *m;

	if (!process__action(p, action))
		return;
	for (uint64_t i = n->miss_cnt; i && i >= oldest(n, NOW_MAX_MISSES); i--) {
		m = miss_at(n, i);
		if (!m->is_entry || m->is_made || memcmp(m->action, action, sizeof(action)))
			continue;
		m->is_made = true;
		m->tool = p->proc;
		keep_end(m->what, p->subject ?: "");
		return;
	}
}

static void see_tool(struct now *n, const struct process *p)
{
	struct now_command *c = find_command(n, p->go);

	if (p->probe || (p->role != TOOL_COMPILE && p->role != TOOL_LINK))
		return;
	if (p->role == TOOL_COMPILE) {
		n->counts.compiled++;
		if (c)
			c->compiled++;
	}
	name_miss(n, p);
}

static void end_tool(struct now *n, const struct process *p)
{
	for (uint64_t i = n->miss_cnt; i && i >= oldest(n, NOW_MAX_MISSES); i--)
		if (miss_at(n, i)->tool == p->proc)
			miss_at(n, i)->took = process__duration(p);
}

/* --- lines --- */

static void see(struct now *n, const struct rec *rec)
{
	const struct process *p;

	if (kind__is_access(rec->kind)) {
		if (!(rec->flags & REC_FLAG_NO_OUTCOME))
			see_access(n, rec);
		return;
	}
	p = model__process_of(n->model, rec);
	if (!p)
		return;
	switch (rec->kind) {
	case REC_EXEC:
		see_end(n, p->prev);
		see_command(n, p);
		see_tool(n, p);
		return;
	case REC_BUILDINFO:
		see_command(n, p);
		return;
	case REC_EXIT:
		see_end(n, p->proc);
		end_tool(n, p);
		return;
	default:
		return;
	}
}

int now__add(struct now *n, const struct rec *rec)
{
	int err = model__add(n->model, rec);

	if (err)
		return err;
	see(n, rec);
	(void)model__retire(n->model, model__run(n->model)->last_ts);	/* whether there was any does not matter */
	return 0;
}

static int sink_line(void *ctx, const struct rec *rec)
{
	struct now *n = ctx;
	int err;

	now__lock(n);
	err = now__add(n, rec);
	now__unlock(n);
	return err;
}

static void sink_skipped(void *ctx, uint64_t lines)
{
	struct now *n = ctx;

	now__lock(n);
	n->counts.skipped += lines;
	now__unlock(n);
}

struct sink_of_lines now__sink(struct now *n)
{
	return (struct sink_of_lines){ .line = sink_line, .skipped = sink_skipped, .ctx = n };
}

/* --- answers --- */

const struct model *now__model(const struct now *n)
{
	return n->model;
}

void now__counts(const struct now *n, struct now_counts *ret)
{
	*ret = n->counts;
	for (const struct go_command *c = model__next_command(n->model, NULL); c; c = model__next_command(n->model, c))
		ret->running += c->p->end == PROCESS_RUNS;
	for (const struct process *p = now__next_tool(n, NULL); p; p = now__next_tool(n, p))
		ret->compiling += p->role == TOOL_COMPILE;
	ret->lost = run__lost(model__run(n->model));
}

int64_t now__time(const struct now *n, uint64_t boot_ns)
{
	const struct run *r = model__run(n->model);

	return r->boot_ns > 0 && boot_ns > (uint64_t)r->boot_ns ? (int64_t)(boot_ns - r->boot_ns) : r->last_ts;
}

const struct now_command *now__next_command(const struct now *n, const struct now_command *c)
{
	if (!c)
		return n->command_cnt ? &n->commands[n->command_cnt - 1] : NULL;
	return c > n->commands ? c - 1 : NULL;
}

const struct now_miss *now__next_miss(const struct now *n, const struct now_miss *miss)
{
	uint64_t number = miss ? miss->number - 1 : n->miss_cnt;

	return number && number >= oldest(n, NOW_MAX_MISSES) ? miss_at((struct now *)n, number) : NULL;
}

static bool is_at_work(const struct process *p)
{
	return p->end == PROCESS_RUNS && p->has_exec && !p->probe && tool_role__is_go_tool(p->role);
}

const struct process *now__next_tool(const struct now *n, const struct process *p)
{
	do {
		p = model__next_process(n->model, p);
	} while (p && !is_at_work(p));
	return p;
}
