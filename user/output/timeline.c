/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The timeline: which lines are shown, in which order, and which of them become one. */
#include <errno.h>
#include <sys/queue.h>

#include "model/process.h"
#include "model/run.h"
#include "output/timeline.h"
#include "output/timeline_choice.h"
#include "output/timeline_line.h"
#include "util/hash.h"

#define WAIT_NS		20000000	/* of the record's time, for order and for folding */
#define MAX_WAITING	4096
#define FOLD_DEPTH	64		/* waiting lines that are searched for one to join */

#define LABEL_WIDTH	20
#define WHAT_WIDTH	16

struct waiting {
	TAILQ_ENTRY(waiting) link;
	int64_t ts;
	uint32_t pid;
	uint64_t proc;
	struct fold fold;
	uint64_t more;
	enum tone tone;
	bool plain;		/* no time and no process: about the lines around it */
	char *label, *what, *text;
};

/* What the legend said about the roots of a go command. */
struct legend {
	uint64_t go;
	char *dir[ROOT_CNT];
	UT_hash_handle hh;
};

struct timeline {
	struct timeline_opts opts;
	FILE *out;
	const struct model *model;
	struct model *live;	/* the same, of a live timeline; else NULL */
	TAILQ_HEAD(waiting_list, waiting) waiting;
	size_t waiting_cnt;
	int64_t newest;
	char *common[ROOT_CNT];		/* dir that the legend gave to each root first */
	struct legend *legends;
	uint64_t shown, hidden;
	struct str what, text, label, column, line;	/* scratch */
};

struct timeline *timeline__new(const struct timeline_opts *opts, FILE *out, const struct model *m)
{
	__free_timeline struct timeline *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->opts = *opts;
	t->out = out;
	TAILQ_INIT(&t->waiting);
	if (!m)
		m = t->live = model__new(MODEL_CORE);
	t->model = m;
	return m ? STEAL(t) : NULL;
}

static void free_waiting(struct waiting *w)
{
	if (!w)
		return;
	free(w->label);
	free(w->what);
	free(w->text);
	free(w);
}
DEFINE_CLEANUP(waiting, struct waiting *, free_waiting);
#define __free_waiting __cleanup_with(waiting)

static void free_legend(struct legend *l)
{
	for (int i = 0; i < ROOT_CNT; i++)
		free(l->dir[i]);
	free(l);
}

void timeline__free(struct timeline *t)
{
	struct waiting *w;

	if (!t)
		return;
	while ((w = TAILQ_FIRST(&t->waiting))) {
		TAILQ_REMOVE(&t->waiting, w, link);
		free_waiting(w);
	}
	hash_free(&t->legends, free_legend);
	for (int i = 0; i < ROOT_CNT; i++)
		free(t->common[i]);
	model__free(t->live);
	str__free(&t->what);
	str__free(&t->text);
	str__free(&t->label);
	str__free(&t->column);
	str__free(&t->line);
	free(t);
}

/* --- in which order --- */

/* Appends s as a column of at least the width; the last column has none. */
static void add_column(struct timeline *t, enum tone tone, const char *s, size_t width)
{
	str__cut(&t->column, 0);
	str__adds(&t->column, s);
	text__pad(&t->column, 0, width);
	if (width && t->column.len && t->column.s[t->column.len - 1] != ' ')
		str__addc(&t->column, ' ');
	text__tone(&t->line, t->opts.color, tone, t->column.s ?: "");
}

static void add_columns(struct timeline *t, const struct waiting *w)
{
	char time_and_pid[48];
	int n;

	n = snprintf(time_and_pid, sizeof(time_and_pid), "%10.6f", w->ts / 1e9);
	if (w->pid)
		snprintf(time_and_pid + n, sizeof(time_and_pid) - n, " %7u", w->pid);
	add_column(t, TONE_DIM, time_and_pid, 20);
	str__cut(&t->label, 0);
	text__fit(&t->label, w->label, LABEL_WIDTH);
	add_column(t, TONE_PLAIN, t->label.s ?: "", LABEL_WIDTH + 1);
	add_column(t, w->tone, w->what, *w->text || w->more ? WHAT_WIDTH + 1 : 0);
	add_column(t, w->tone == TONE_DIM ? TONE_DIM : TONE_PLAIN, w->text, 0);
}

static int print(struct timeline *t, const struct waiting *w)
{
	struct str *l = &t->line;

	str__cut(l, 0);
	if (w->plain)
		text__tone(l, t->opts.color, w->tone, w->text);
	else
		add_columns(t, w);
	if (w->more) {
		str__adds(l, "  (+");
		text__count(l, w->more);
		str__adds(l, " more)");
	}
	str__addc(l, '\n');
	if (str__err(l) || str__err(&t->column) || str__err(&t->label))
		return -ENOMEM;
	/* Errors stick to the stream: timeline__flush() asks. */
	(void)fwrite(l->s, 1, l->len, t->out);
	return 0;
}

static int print_first(struct timeline *t)
{
	struct waiting *w = TAILQ_FIRST(&t->waiting);
	int err = print(t, w);

	TAILQ_REMOVE(&t->waiting, w, link);
	t->waiting_cnt--;
	free_waiting(w);
	return err;
}

static int print_due(struct timeline *t)
{
	const struct waiting *w;
	int err;

	while ((w = TAILQ_FIRST(&t->waiting)) &&
	       (t->newest - w->ts > WAIT_NS || t->waiting_cnt > MAX_WAITING)) {
		err = print_first(t);
		if (err)
			return err;
	}
	return 0;
}

static void insert(struct timeline *t, struct waiting *w)
{
	struct waiting *at = TAILQ_FIRST(&t->waiting);

	t->waiting_cnt++;
	if (!at || w->ts < at->ts) {
		TAILQ_INSERT_HEAD(&t->waiting, w, link);
		return;
	}
	TAILQ_FOREACH_REVERSE(at, &t->waiting, waiting_list, link)
		if (at->ts <= w->ts)
			break;
	TAILQ_INSERT_AFTER(&t->waiting, at, w, link);
}

/* The process's newest waiting line, or its newest one with that fold value. */
static struct waiting *find_waiting(struct timeline *t, uint64_t proc, uint64_t value)
{
	struct waiting *w;
	int depth = 0;

	TAILQ_FOREACH_REVERSE(w, &t->waiting, waiting_list, link) {
		if (++depth > FOLD_DEPTH)
			return NULL;
		if (!w->plain && w->proc == proc && (!value || w->fold.value == value))
			return w;
	}
	return NULL;
}

/* Joins the line with one that waits; false when there is none. */
static bool join(struct timeline *t, const struct rec *rec, const struct fold *fold)
{
	struct waiting *w = NULL;

	if (fold->starts)
		return false;
	if (fold->value)
		w = find_waiting(t, rec->proc, fold->value);
	if (!w && fold->adjacent) {
		w = find_waiting(t, rec->proc, 0);
		if (w && w->fold.adjacent != fold->adjacent)
			w = NULL;
	}
	if (!w)
		return false;
	w->more++;
	return true;
}

/* --- what is added --- */

static int add_plain(struct timeline *t, int64_t ts, enum tone tone, const char *text)
{
	__free_waiting struct waiting *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->ts = ts;
	w->plain = true;
	w->tone = tone;
	w->text = strdup(text);
	if (!w->text)
		return -ENOMEM;
	insert(t, STEAL(w));
	return 0;
}

/* Says what a root is before its name is used: once, and again for a go command with its own. */
static int explain_root(struct timeline *t, const struct roots *r, enum root root, int64_t ts)
{
	struct legend *l = hash_get(&t->legends, go, &r->go);
	const char *dir = r->dir[root], *said;
	__free_str struct str text = {};

	if (!l)
		return -ENOMEM;
	said = l->dir[root] ?: t->common[root];
	if (said && str_eq(said, dir))
		return 0;
	free(l->dir[root]);
	l->dir[root] = strdup(dir);
	str__addf(&text, "%20s%s is ", "", root__name(root));
	text__safes(&text, dir);
	if (t->common[root] && r->go)
		str__addf(&text, " for %u", model__process(t->model, r->go)->pid);
	if (!t->common[root])
		t->common[root] = strdup(dir);
	if (!l->dir[root] || !t->common[root])
		return -ENOMEM;
	return str__err(&text) ?: add_plain(t, ts, TONE_DIM, text.s);
}

static int explain_root_of(struct timeline *t, const struct roots *r, const char *path, int64_t ts)
{
	const char *rest;
	enum root root = path && path[0] == '/' ? roots__find(r, path, &rest) : ROOT_CNT;

	return root == ROOT_CNT ? 0 : explain_root(t, r, root, ts);
}

static int explain_roots(struct timeline *t, const struct rec *rec, const struct process *p,
			 const struct roots *r)
{
	/* the working directory is shown for go commands only, and stands last */
	static const char *const keys[] = { "path", "path2", "exe", "cwd" };
	size_t n = ARRAY_SIZE(keys) - !(p && p->role == TOOL_GO);
	const struct jsonv *arg = jsonv__first(jsonv__get(rec->root, "args"));
	int err = 0;

	if (t->opts.whole)
		return 0;
	for (size_t i = 0; i < n && !err; i++)
		err = explain_root_of(t, r, rec__str(rec, keys[i]), rec->ts);
	/* The arguments of a go tool at work are counted, not shown. */
	if (p && tool_role__is_go_tool(p->role) && !p->probe)
		arg = NULL;
	for (; arg && !err; arg = jsonv__next(arg))
		err = explain_root_of(t, r, jsonv__string(arg), rec->ts);
	return err;
}

static int add_line(struct timeline *t, const struct rec *rec, const struct process *p,
		    const struct fold *fold, enum tone tone)
{
	__free_waiting struct waiting *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->ts = rec->ts < 0 ? t->newest : rec->ts;
	w->pid = rec->pid;
	w->proc = rec->proc;
	w->tone = tone;
	w->fold = *fold;
	str__cut(&t->label, 0);
	str__cut(&t->column, 0);
	if (p)
		process__label(p, &t->column);
	text__safe(&t->label, t->column.s, t->column.len);
	w->label = strdup(t->label.s ?: "");
	w->what = strdup(t->what.s ?: "");
	w->text = strdup(t->text.s ?: "");
	if (!w->label || !w->what || !w->text || str__err(&t->label))
		return -ENOMEM;
	insert(t, STEAL(w));
	return 0;
}

static int show(struct timeline *t, const struct rec *rec, const struct process *p,
		const struct roots *r)
{
	struct line_facts facts = { t->model, p, r, t->opts.whole };
	enum tone tone;
	struct fold fold;
	int err;

	t->shown++;
	str__cut(&t->what, 0);
	str__cut(&t->text, 0);
	timeline_line__words(&facts, rec, &t->what, &t->text, &tone);
	if (str__err(&t->what) || str__err(&t->text))
		return -ENOMEM;
	fold = timeline_choice__fold(&t->opts, rec, r, t->what.s ?: "");
	if (join(t, rec, &fold))
		return 0;
	err = explain_roots(t, rec, p, r);
	return err ?: add_line(t, rec, p, &fold, tone);
}

/* What ended a while ago is forgotten, with what was said of its roots. */
static int add_to_model(struct timeline *t, const struct rec *rec)
{
	struct legend *l, *next;
	int err = model__add(t->live, rec);

	if (err || !model__retire(t->live, t->newest))
		return err;
	HASH_ITER(hh, t->legends, l, next) {
		if (!l->go || model__process(t->live, l->go))
			continue;
		hash_remove(&t->legends, l);
		free_legend(l);
	}
	return 0;
}

int timeline__add(struct timeline *t, const struct rec *rec)
{
	const struct process *p;
	const struct roots *r;
	int err;

	err = t->live ? add_to_model(t, rec) : 0;
	if (err)
		return err;
	if (rec->ts > t->newest)
		t->newest = rec->ts;
	/* First, so that nothing joins a line that has waited long enough. */
	err = print_due(t);
	if (err)
		return err;
	p = model__process_of(t->model, rec);
	r = model__roots(t->model, p);
	switch (timeline_choice__of(&t->opts, rec, p, r)) {
	case CHOICE_SHOWN:
		return show(t, rec, p, r);
	case CHOICE_HIDDEN:
		t->hidden++;
		return 0;
	default:
		return 0;
	}
}

int timeline__flush(struct timeline *t)
{
	int err = 0;

	while (!err && !TAILQ_EMPTY(&t->waiting))
		err = print_first(t);
	if (err)
		return err;
	errno = 0;
	if (fflush(t->out) || ferror(t->out))
		return errno ? -errno : -EIO;
	return 0;
}

int timeline__end(struct timeline *t, bool cut, uint64_t bad_lines)
{
	__free_str struct str note = {};
	int err = 0;

	if (t->hidden) {
		text__plural(&note, t->hidden, "line is", "lines are");
		str__adds(&note, " not shown: neither configuration nor cache "
			  "(--all shows them)");
		err = str__err(&note) ?: add_plain(t, INT64_MAX, TONE_DIM, note.s);
	}
	if (!err && bad_lines) {
		str__cut(&note, 0);
		text__plural(&note, bad_lines, "line", "lines");
		str__adds(&note, " of the file could not be read and were skipped");
		err = str__err(&note) ?: add_plain(t, INT64_MAX, TONE_BAD, note.s);
	}
	if (!err && cut)
		err = add_plain(t, INT64_MAX, TONE_BAD,
				"the record is cut short: what happened after this is not known");
	return err ?: timeline__flush(t);
}

uint64_t timeline__shown(const struct timeline *t)
{
	return t->shown;
}

static int sink_line(void *ctx, const struct rec *rec)
{
	return timeline__add(ctx, rec);
}

static int sink_idle(void *ctx)
{
	return timeline__flush(ctx);
}

static int sink_end(void *ctx, const struct pass_end *end)
{
	return timeline__end(ctx, end->cut, end->bad_lines);
}

struct sink_of_lines timeline__sink(struct timeline *t)
{
	return (struct sink_of_lines){ .line = sink_line, .end = sink_end, .idle = sink_idle, .ctx = t };
}
