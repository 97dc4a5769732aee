/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which toolchains really ran, and why it was those. */
#include <errno.h>

#include "golang/gomod.h"
#include "golang/modcache.h"
#include "model/hash.h"
#include "model/topic.h"
#include "model/settings/settings.h"
#include "model/toolchain/toolchain.h"
#include "record/facts.h"

/* What a go.mod or go.work says about the toolchain; line 0: nothing. */
struct mod_file {
	const char *path;	/* of the pool */
	const char *go, *toolchain;
	unsigned int go_line, toolchain_line;
	UT_hash_handle hh;
};

/* What a go command had to decide with, beside its settings. */
struct asker {
	uint64_t proc;
	const char *work, *mod;	/* that it read last */
	int64_t work_ts, mod_ts;
	UT_hash_handle hh;
};

struct switch_entry {
	struct toolchain_switch s;
	struct switch_entry *next;
};

struct download_entry {
	struct toolchain_download d;
	UT_hash_handle hh;	/* by version */
};

struct toolchains {
	struct mod_file *files;
	struct asker *askers;
	struct switch_entry *switches, **tail;
	struct download_entry *downloads;
};

static const char *const reasons[] = {
	[SWITCH_UNKNOWN]  = "unknown",
	[SWITCH_ENV]      = "environment",
	[SWITCH_ENV_FILE] = "env file",
	[SWITCH_GO_ENV]   = "go.env",
	[SWITCH_WORK]     = "go.work",
	[SWITCH_MOD]      = "go.mod",
};

const char *switch_reason__name(enum switch_reason reason)
{
	return reasons[reason];
}

size_t toolchain__goroot_len(const char *exe)
{
	const char *tool = strstr(exe, "/pkg/tool/");

	if (tool)
		return tool - exe;
	return str_has_suffix(exe, "/bin/go") ? strlen(exe) - strlen("/bin/go") :
	       str_has_suffix(exe, "/bin/gofmt") ? strlen(exe) - strlen("/bin/gofmt") : 0;
}

bool image__is_toolchain(const struct image *i)
{
	enum tool_role role = image__role(i);

	return role == TOOL_GO || tool_role__is_go_tool(role) || tool_role__is_c_part(role);
}

/* --- what decides --- */

static struct asker *get_asker(struct toolchains *t, uint64_t proc)
{
	struct asker *a;

	HASH_FIND(hh, t->askers, &proc, sizeof(proc), a);
	if (a)
		return a;
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->proc = proc;
	HASH_ADD(hh, t->askers, proc, sizeof(a->proc), a);
	if (hash__has(a))
		return a;
	free(a);
	return NULL;
}

static int add_file(struct model *m, const struct rec *rec)
{
	const char *path = rec__str(rec, "path"), *text = rec__str(rec, "text");
	__free_gomod struct gomod mod = {};
	const struct gomod_stmt *go, *toolchain;
	struct mod_file *f;

	if (!path || !text ||
	    (!str_has_suffix(path, "/go.mod") && !str_has_suffix(path, "/go.work")) ||
	    gomod__parse(text, strlen(text), &mod))
		return 0;
	path = pool__get(m->pool, path);
	if (!path)
		return -ENOMEM;
	HASH_FIND(hh, m->toolchains->files, &path, sizeof(path), f);
	if (!f) {
		f = calloc(1, sizeof(*f));
		if (!f)
			return -ENOMEM;
		f->path = path;
		HASH_ADD(hh, m->toolchains->files, path, sizeof(f->path), f);
		if (!hash__has(f)) {
			free(f);
			return -ENOMEM;
		}
	}
	go = gomod__find(&mod, "go", NULL);
	toolchain = gomod__find(&mod, "toolchain", NULL);
	f->go = go && go->cnt ? pool__get(m->pool, go->words[0]) : NULL;
	f->toolchain = toolchain && toolchain->cnt ? pool__get(m->pool, toolchain->words[0]) : NULL;
	f->go_line = f->go ? go->line : 0;
	f->toolchain_line = f->toolchain ? toolchain->line : 0;
	return 0;
}

static int add_open(struct model *m, const struct rec *rec)
{
	const struct process *p;
	const char *path = rec__str(rec, "path");
	bool is_work = path && str_has_suffix(path, "/go.work");
	struct asker *a;

	if (!path || rec__str(rec, "err") || (!is_work && !str_has_suffix(path, "/go.mod")))
		return 0;
	p = model__process_of(m, rec);
	if (!p || p->role != TOOL_GO)
		return 0;
	a = get_asker(m->toolchains, p->proc);
	path = pool__get(m->pool, path);
	if (!a || !path)
		return -ENOMEM;
	*(is_work ? &a->work : &a->mod) = path;
	*(is_work ? &a->work_ts : &a->mod_ts) = rec->ts;
	return 0;
}

/* --- downloads --- */

/* "…/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64/…" or the download of it */
static int version_of_path(const char *path, struct str *ret)
{
	static const char *const marks[] = { "/golang.org/toolchain@", "/golang.org/toolchain/@v/" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *p = strstr(path, marks[i]);
		__free_str struct str version = {};

		if (!p)
			continue;
		p += strlen(marks[i]);
		str__add(&version, p, strcspn(p, "/"));
		if (str__err(&version))
			return -ENOMEM;
		if (version.s && !toolchain__version(version.s, ret))
			return 0;
	}
	return -EINVAL;
}

static int add_write(struct model *m, const struct rec *rec)
{
	const char *path = rec__str(rec, "path");
	__free_str struct str version = {};
	struct download_entry *d;
	const char *name;

	if (!path || !strstr(path, "/golang.org/toolchain") || rec__str(rec, "err") ||
	    (rec->kind != REC_MKDIR && !rec__opens_to_write(rec)) || str_has_suffix(path, ".lock"))
		return 0;
	if (version_of_path(path, &version))
		return 0;	/* a list of versions, not one */
	name = pool__get(m->pool, version.s);
	if (!name)
		return -ENOMEM;
	HASH_FIND(hh, m->toolchains->downloads, &name, sizeof(name), d);
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return -ENOMEM;
		d->d = (struct toolchain_download){ .version = name, .proc = rec->proc, .ts = rec->ts };
		HASH_ADD(hh, m->toolchains->downloads, d.version, sizeof(d->d.version), d);
		if (!hash__has(d)) {
			free(d);
			return -ENOMEM;
		}
	}
	d->d.writes++;
	return 0;
}

/* --- switches --- */

static int add_exec(struct model *m, const struct rec *rec)
{
	const struct jsonv *env = jsonv__get(rec->root, "env");
	const struct process *p = model__process(m, rec->proc);
	const struct process *prev = p ? model__process(m, p->prev) : NULL;
	struct switch_entry *s;

	if (!p || p->role != TOOL_GO || !prev || prev->role != TOOL_GO || !prev->has_exec)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->s = (struct toolchain_switch){ .from = prev->proc, .to = p->proc, .ts = rec->ts };
	s->s.version = pool__get(m->pool, jsonv__kstr(env, "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"));
	*m->toolchains->tail = s;
	m->toolchains->tail = &s->next;
	return 0;
}

/* "1.24" of a go line stands for go1.24.0 since 1.21; version is "go1.24.4". */
static bool is_go_line(const char *line, const char *version)
{
	size_t n = strlen(line);

	if (!str_has_prefix(version, "go") || strncmp(version + 2, line, n))
		return false;
	return !version[2 + n] || str_eq(version + 2 + n, ".0");
}

static bool set_by_file(struct model *m, const char *path, int64_t opened,
			enum switch_reason reason, struct toolchain_switch *s)
{
	__free_str struct str text = {};
	struct mod_file *f = NULL;
	bool by_toolchain;

	if (path)
		HASH_FIND(hh, m->toolchains->files, &path, sizeof(path), f);
	if (!f || !s->version)
		return false;
	by_toolchain = f->toolchain && str_eq(f->toolchain, s->version);
	if (!by_toolchain && !(f->go && is_go_line(f->go, s->version)))
		return false;
	str__adds(&text, by_toolchain ? "toolchain " : "go ");
	str__adds(&text, by_toolchain ? f->toolchain : f->go);
	s->text = str__err(&text) ? NULL : pool__get(m->pool, text.s);
	s->reason = reason;
	s->path = path;
	s->line = by_toolchain ? f->toolchain_line : f->go_line;
	proof__add(&s->proof, opened);
	return true;
}

/* "go1.24.4" and "go1.24.4+auto" name that version; "auto", "path" and "local" name none. */
static bool names_version(const char *value, const char *version)
{
	size_t n = strcspn(value, "+");

	if (!version)
		return strstr(value, "go1");
	return strlen(version) == n && !strncmp(value, version, n);
}

/*
 * GOTOOLCHAIN of the go that switched, wherever that is set. It is the least version: a higher one
 * of go.work or go.mod decides instead, when it may.
 */
static bool set_by_setting(struct model *m, const struct effective *e, struct toolchain_switch *s)
{
	static const enum switch_reason by_source[SOURCE_CNT] = {
		[SOURCE_ENVIRONMENT] = SWITCH_ENV,
		[SOURCE_ENV_FILE]    = SWITCH_ENV_FILE,
		[SOURCE_GO_ENV]      = SWITCH_GO_ENV,
	};

	if (!e || !e->won.value || !by_source[e->won.source] ||
	    !names_version(e->won.value, s->version))
		return false;
	s->reason = by_source[e->won.source];
	s->text = pool__get(m->pool, e->won.value);
	s->path = pool__get(m->pool, e->won.path);
	s->line = e->won.line;
	s->confidence = s->version ? e->confidence : LIKELY;
	for (size_t i = 0; i < e->proof_cnt; i++)
		proof__add(&s->proof, e->proof[i]);
	return true;
}

/* Why: in the end, for capture reads the files and executables beside the events. */
static void explain(struct model *m, struct toolchain_switch *s)
{
	const struct go_command *from = model__command(m, s->from);
	const struct process *to = model__process(m, s->to);
	const struct image *i = to ? model__image_of(m, to) : NULL;
	const struct effective *e = NULL;
	__free_str struct str version = {};
	struct asker *a;

	if (!s->version && to && to->exe && !version_of_path(to->exe, &version))
		s->version = pool__get(m->pool, version.s);
	if (!s->version && i)
		s->version = i->go;
	if (from)
		e = command_settings__find(from->settings, "GOTOOLCHAIN");
	s->proof = (struct proof){};
	proof__add(&s->proof, s->ts);
	if (set_by_setting(m, e, s))
		return;
	/* What is not known of GOTOOLCHAIN may have named the same version. */
	s->confidence = e && e->won.value && e->confidence == PROVEN ? PROVEN : LIKELY;
	HASH_FIND(hh, m->toolchains->askers, &s->from, sizeof(s->from), a);
	if (a && !set_by_file(m, a->work, a->work_ts, SWITCH_WORK, s) && !a->work)
		(void)set_by_file(m, a->mod, a->mod_ts, SWITCH_MOD, s);	/* or it stays unknown */
}

const struct toolchain_switch *model__next_switch(const struct model *m,
						  const struct toolchain_switch *s)
{
	struct switch_entry *e = s ? container_of(s, struct switch_entry, s)->next :
				     m->toolchains->switches;

	return e ? &e->s : NULL;
}

const struct toolchain_download *model__next_download(const struct model *m,
						      const struct toolchain_download *d)
{
	const struct download_entry *e = d ? container_of(d, struct download_entry, d)->hh.next :
					     m->toolchains->downloads;

	return e ? &e->d : NULL;
}

/* --- life --- */

static int toolchain__add(struct model *m, const struct rec *rec)
{
	int err;

	switch (rec->kind) {
	case REC_EXEC:
		return add_exec(m, rec);
	case REC_FILE:
		return add_file(m, rec);
	case REC_OPEN:
		err = add_open(m, rec);
		return err ?: add_write(m, rec);
	case REC_MKDIR:
		return add_write(m, rec);
	default:
		return 0;
	}
}

static int toolchain__open(struct model *m)
{
	m->toolchains = calloc(1, sizeof(*m->toolchains));
	if (!m->toolchains)
		return -ENOMEM;
	m->toolchains->tail = &m->toolchains->switches;
	return 0;
}

static void toolchain__close(struct model *m)
{
	struct toolchains *t = m->toolchains;
	struct switch_entry *s, *next_s;
	struct download_entry *d, *next_d;
	struct mod_file *f, *next_f;
	struct asker *a, *next_a;

	if (!t)
		return;
	HASH_ITER(hh, t->files, f, next_f) {
		HASH_DEL(t->files, f);
		free(f);
	}
	HASH_ITER(hh, t->askers, a, next_a) {
		HASH_DEL(t->askers, a);
		free(a);
	}
	HASH_ITER(hh, t->downloads, d, next_d) {
		HASH_DEL(t->downloads, d);
		free(d);
	}
	for (s = t->switches; s; s = next_s) {
		next_s = s->next;
		free(s);
	}
	free(t);
}

static int toolchain__finish(struct model *m)
{
	for (struct switch_entry *e = m->toolchains->switches; e; e = e->next)
		explain(m, &e->s);
	return 0;
}

const struct topic topic_toolchain = {
	.name = "toolchains", .scope = MODEL_ALL,
	.open = toolchain__open, .add = toolchain__add, .finish = toolchain__finish, .close = toolchain__close,
};
