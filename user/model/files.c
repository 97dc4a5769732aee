/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Configuration files: their texts, and who wrote them. */
#include <errno.h>

#include "model/files.h"
#include "model/run.h"
#include "model/topic.h"
#include "record/facts.h"
#include "util/hash.h"
#include "util/path.h"

#define MTIME_STEP_NS	10000000	/* clocks of files advance in steps */
#define MAX_FILES	65536
#define RETIRE_FROM	1024	/* files that a view may keep that runs for days: the newest ones */
#define MAX_WRITES	1024		/* of one file: the first ones, and the last */
#define MAX_VERSIONS	256		/* of one file: the newest ones */

struct entry {
	const char *path;		/* of the pool */
	struct config_file f;
	unsigned int write_cnt, version_cnt;
	UT_hash_handle hh;
};

struct files {
	struct entry *by_path;
	int64_t start;			/* of the record, ns since the epoch; 0: not known */
};

static struct entry *find(const struct model *m, const char *path)
{
	struct entry *e;

	HASH_FIND(hh, m->files->by_path, path, strlen(path), e);
	return e;
}

static struct entry *get(struct model *m, const char *path)
{
	struct entry *e = find(m, path);

	if (e)
		return e;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->path = e->f.path = pool__get(m->pool, path);
	if (e->path)
		HASH_ADD_KEYPTR(hh, m->files->by_path, e->path, strlen(e->path), e);
	if (e->path && e->hh.tbl)
		return e;
	free(e);
	return NULL;
}

/* --- texts --- */

static void free_version(struct file_version *v)
{
	free(v->text);
	free(v->wanted);
	free(v->leads_to);
	goenv__free(&v->goenv);
	gomod__free(&v->gomod);
	free(v);
}

/* Other topics read these for themselves: they are lists of packages, not settings. */
static bool is_package_list(const char *path)
{
	const char *base = path__base(path);

	return str_eq(base, "importcfg") || str_eq(base, "importcfg.link") || str_eq(base, "modules.txt");
}

static int parse(struct file_version *v, const char *text)
{
	size_t n = strlen(text);
	int err;

	v->text = strdup(text);
	if (!v->text)
		return -ENOMEM;
	/* Too large for the one or the other: go reads it all the same, here it sets nothing. */
	err = goenv__parse(text, n, &v->goenv);
	if (err != -ENOMEM)
		err = gomod__parse(text, n, &v->gomod);
	return err == -ENOMEM ? err : 0;
}

static int copy(const struct rec *rec, const char *key, char **ret)
{
	const char *s = rec__str(rec, key);

	*ret = s ? strdup(s) : NULL;
	return s && !*ret ? -ENOMEM : 0;
}

static void drop_oldest(struct entry *e)
{
	struct file_version *v = (struct file_version *)e->f.versions, *oldest;

	while (v->older && v->older->older)
		v = (struct file_version *)v->older;
	oldest = (struct file_version *)v->older;
	v->older = NULL;
	e->version_cnt--;
	free_version(oldest);
}

static int add_text(struct model *m, const struct rec *rec)
{
	const char *text = rec__str(rec, "text");
	struct file_version *v;
	int64_t mtime = rec__mtime(rec);
	struct entry *e;
	int err = 0;

	if (!rec->path || is_package_list(rec->path) || HASH_COUNT(m->files->by_path) >= MAX_FILES)
		return 0;
	e = get(m, rec->path);
	v = e ? calloc(1, sizeof(*v)) : NULL;
	if (!v)
		return -ENOMEM;
	v->ts = rec->ts;
	v->proc = rec->proc;
	v->is_written = jsonv__bool(jsonv__get(rec->root, "written"), false);
	v->is_aside = jsonv__bool(jsonv__get(rec->root, "aside"), false);
	v->is_of_shell = str_eq(rec__str(rec, "what") ?: "", "shell");
	v->is_name_only = str_eq(rec__str(rec, "what") ?: "", "config");
	v->mtime = mtime && m->files->start ? mtime - m->files->start : INT64_MIN;
	err = copy(rec, "wanted", &v->wanted) ?: copy(rec, "leads_to", &v->leads_to);
	if (!err && text && !rec__is_incomplete(rec, "text"))
		err = parse(v, text);
	if (err) {
		free_version(v);
		return err;
	}
	v->older = e->f.versions;
	e->f.versions = v;
	if (++e->version_cnt > MAX_VERSIONS)
		drop_oldest(e);
	return 0;
}

/* --- writes --- */

/* Names that configuration has; of others only those that a text is there of are of interest. */
static bool is_config_name(const char *path)
{
	size_t n = strlen(path);

	/* Most names end in something else: each write is asked. */
	switch (n ? path[n - 1] : '\0') {
	case 'v':
		return str_has_suffix(path, "/go/env") || str_has_suffix(path, ".env");
	case 'd':
		return str_has_suffix(path, ".mod");
	case 'k':
		return str_has_suffix(path, ".work");
	case 'm':
		return str_has_suffix(path, "/go.sum") || str_has_suffix(path, ".work.sum");
	default:
		return false;
	}
}

static int add_write(struct model *m, const struct rec *rec, const char *path)
{
	struct file_write *w;
	struct entry *e;

	if (!path)
		return 0;
	e = find(m, path);
	if (!e && (!is_config_name(path) || HASH_COUNT(m->files->by_path) >= MAX_FILES))
		return 0;
	e = e ?: get(m, path);
	if (!e)
		return -ENOMEM;
	if (e->write_cnt >= MAX_WRITES) {
		w = (struct file_write *)e->f.writes;
	} else {
		w = calloc(1, sizeof(*w));
		if (!w)
			return -ENOMEM;
		w->before = e->f.writes;
		e->f.writes = w;
		e->write_cnt++;
	}
	w->ts = rec->ts;
	w->proc = rec->proc;
	return 0;
}

static int files__add(struct model *m, const struct rec *rec)
{
	if (rec->kind == REC_HEADER)
		m->files->start = m->files->start ?: rfc3339__ns(rec__str(rec, "start"));
	if (rec->kind == REC_FILE)
		return add_text(m, rec);
	if (!rec__changes_path(rec))
		return 0;
	return add_write(m, rec, rec->path) ?: add_write(m, rec, rec__str(rec, "path2"));
}

/* --- answers --- */

const struct config_file *model__next_file(const struct model *m, const struct config_file *f)
{
	const struct entry *e = f ? container_of(f, struct entry, f)->hh.next : m->files->by_path;

	return e ? &e->f : NULL;
}

const struct config_file *model__file(const struct model *m, const char *path)
{
	const struct entry *e = find(m, path);

	return e ? &e->f : NULL;
}

/*
 * A write may be in the text when the file's time is not before it. Times advance in steps, and the
 * text was read at an unknown moment after v->ts: so a write around the open leaves it open which
 * of the two texts was read, unless the one that was captured next is another one.
 */
static bool is_doubtful(const struct config_file *f, const struct file_version *v,
			const struct file_version *newer, int64_t ts)
{
	if (v->mtime > ts + MTIME_STEP_NS)
		return true;
	for (const struct file_write *w = f->writes; w; w = w->before) {
		bool may_be_in = v->mtime >= w->ts - MTIME_STEP_NS;
		bool is_in = v->mtime > w->ts + MTIME_STEP_NS;

		if (w->ts > v->ts && w->ts <= ts && !is_in)
			return true;
		if (w->ts > ts && may_be_in && !(newer && newer->text && !str_eq(newer->text, v->text)))
			return true;
	}
	return false;
}

const struct file_version *model__text(const struct model *m, const char *path, int64_t ts,
				       enum text_state *ret)
{
	const struct config_file *f = model__file(m, path);
	const struct file_version *v = f ? f->versions : NULL, *newer = NULL;

	*ret = TEXT_MISSING;
	for (; v && (v->ts > ts || v->is_name_only); v = v->older)
		newer = v->is_name_only ? newer : v;
	if (!v || !v->text)
		return NULL;
	*ret = is_doubtful(f, v, newer, ts) ? TEXT_CHANGED : TEXT_READ;
	return v;
}

const struct file_write *model__last_write(const struct model *m, const char *path, int64_t ts)
{
	const struct config_file *f = model__file(m, path);
	const struct file_write *w = f ? f->writes : NULL;

	while (w && w->ts >= ts)
		w = w->before;
	return w;
}

/* --- life --- */

static int files__open(struct model *m)
{
	m->files = calloc(1, sizeof(*m->files));
	return m->files ? 0 : -ENOMEM;
}

static void free_entry(struct entry *e)
{
	const struct file_version *v, *older;
	const struct file_write *w, *before;

	for (v = e->f.versions; v; v = older) {
		older = v->older;
		free_version((struct file_version *)v);
	}
	for (w = e->f.writes; w; w = before) {
		before = w->before;
		free((struct file_write *)w);
	}
	free(e);
}

/* The end of a process: older texts and writes are of no use to those that still run. */
static void files__retire(struct model *m, const struct process *p)
{
	struct entry *e, *next;

	if (HASH_COUNT(m->files->by_path) < RETIRE_FROM)
		return;
	HASH_ITER(hh, m->files->by_path, e, next) {
		if (HASH_COUNT(m->files->by_path) < RETIRE_FROM / 2)
			break;
		hash_remove(&m->files->by_path, e);
		pool__put(m->pool, e->path);
		free_entry(e);
	}
}

static void files__close(struct model *m)
{
	if (!m->files)
		return;
	hash_free(&m->files->by_path, free_entry);
	free(m->files);
}

const struct topic topic_files = {
	.name = "files", .scope = MODEL_CORE,
	.open = files__open, .add = files__add, .retire = files__retire, .close = files__close,
};
