/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go programs that ran: what is embedded in them beside what was seen of them. */
#include <errno.h>

#include "golang/godebug.h"
#include "golang/settings.h"
#include "model/programs/programs.h"
#include "model/hash.h"
#include "model/topic.h"
#include "model/process.h"

#define MAX_PROGRAMS	4096
#define MAX_RUNNING	65536

struct program_key {
	const char *exe, *dev;	/* pooled */
	uint64_t ino;
};

/* Variables that are embedded as settings of the same name. */
static const char *const names[] = { "CGO_ENABLED", "GOARCH", "GOOS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GOFIPS140" };

/* What a process was given; kept until it is known what is embedded. */
struct given {
	uint64_t proc;
	int64_t ts;
	const char *godebug;
	const char *env[ARRAY_SIZE(names)];
};

#define MAX_GIVEN 8		/* different ones of a program */

struct entry {
	struct program p;
	struct program_key at;
	struct given given[MAX_GIVEN];
	unsigned int given_cnt;
	struct entry *same_path;	/* another file that had the same path */
	UT_hash_handle hh;		/* by at */
};

/* A path that programs run from. */
struct place {
	const char *exe;
	struct entry *entries;
	uint64_t running, proc;		/* processes, and the one that was started last */
	UT_hash_handle hh;
};

struct running {
	uint64_t proc;
	struct entry *e;
	struct place *place;
	UT_hash_handle hh;
};

struct embeddeds {
	struct entry *by_file;
	struct place *places;
	struct running *running;
};

static const struct {
	const char *name, *title;
} contradictions[] = {
#define X(id, contradiction_name, contradiction_title) \
	[CONTRADICTION_##id] = { contradiction_name, contradiction_title },
	CONTRADICTION_LIST(X)
#undef X
};

const char *contradiction__name(enum contradiction c)
{
	return contradictions[c].name;
}

const char *contradiction__title(enum contradiction c)
{
	return contradictions[c].title;
}

/* The same fact of many processes is said once. */
static struct program_fact *add_fact(struct program *p, enum contradiction kind, const char *subject,
				     const char *embedded, const char *seen)
{
	for (unsigned int i = 0; i < p->fact_cnt; i++) {
		struct program_fact *f = &p->facts[i];

		if (f->kind == kind && f->subject == subject && f->seen == seen)
			return f;
	}
	if (p->fact_cnt == PROGRAM_MAX_FACTS) {
		p->facts_left_out++;
		return NULL;
	}
	p->facts[p->fact_cnt] = (struct program_fact){
		.kind = kind, .subject = subject, .embedded = embedded, .seen = seen, .confidence = PROVEN,
	};
	return &p->facts[p->fact_cnt++];
}

static struct place *find_place(const struct embeddeds *es, const char *exe)
{
	struct place *at;

	HASH_FIND_STR(es->places, exe, at);
	return at;
}

static int add_place(struct embeddeds *es, struct entry *e)
{
	struct place *at = find_place(es, e->p.exe);

	if (!at) {
		at = calloc(1, sizeof(*at));
		if (!at)
			return -ENOMEM;
		at->exe = e->p.exe;
		HASH_ADD_KEYPTR(hh, es->places, at->exe, strlen(at->exe), at);
		if (!hash__has(at)) {
			free(at);
			return -ENOMEM;
		}
	}
	e->same_path = at->entries;
	at->entries = e;
	return 0;
}

static int get(struct model *m, const struct rec *rec, struct entry **ret)
{
	const char *exe = rec__str(rec, "exe"), *dev = rec__str(rec, "dev");
	struct program_key at = { .ino = rec__uint(rec, "ino", 0) };
	struct entry *e;
	int err;

	*ret = NULL;
	if (!exe)
		return 0;
	at.exe = pool__get(m->pool, exe);
	at.dev = pool__get(m->pool, dev);
	if (!at.exe || (dev && !at.dev))
		return -ENOMEM;
	HASH_FIND(hh, m->embedded->by_file, &at, sizeof(at), e);
	if (!e && HASH_COUNT(m->embedded->by_file) >= MAX_PROGRAMS)
		return 0;
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->at = at;
		e->p = (struct program){ .exe = at.exe, .dev = at.dev, .ino = at.ino };
		HASH_ADD(hh, m->embedded->by_file, at, sizeof(e->at), e);
		if (!hash__has(e)) {
			free(e);
			return -ENOMEM;
		}
		err = add_place(m->embedded, e);
		if (err)
			return err;
	}
	*ret = e;
	return 0;
}

/* --- the environment beside what is embedded --- */

static const char *setting(const struct program *p, const char *key)
{
	for (unsigned int i = 0; i < p->setting_cnt; i++)
		if (str_eq(p->settings[i].key, key))
			return p->settings[i].value;
	return NULL;
}

static void say(struct program *p, const struct given *g, enum contradiction kind, const char *subject,
		const char *embedded, const char *seen)
{
	struct program_fact *f = add_fact(p, kind, subject, embedded, seen);

	if (!f)
		return;
	f->proc = f->proc ?: g->proc;
	proof__add(&f->proof, g->ts);
}

/* "panicnil=1", in the pool. */
static const char *pair(struct model *m, const struct godebug_entry *e)
{
	__free_str struct str text = {};

	str__adds(&text, e->key);
	str__addc(&text, '=');
	str__adds(&text, e->value);
	return str__err(&text) ? NULL : pool__get(m->pool, text.s);
}

/* Key by key: what the environment says of one leaves all others as they are embedded. */
static int compare_godebug(struct model *m, struct program *p, const struct given *g)
{
	__free_godebug struct godebug all = {};
	const struct godebug_facts facts = {
		.minor = go__minor(p->go),
		.linked = setting(p, "DefaultGODEBUG"),
		.environment = g->godebug,
	};
	int err = godebug__attribute(&facts, &all);

	for (size_t i = 0; i < all.cnt && !err; i++) {
		const struct godebug_entry *built = &all.entries[i], *now = godebug__get(&all, built->key);
		const char *embedded, *seen;

		if (!built->is_overridden || str_eq(built->value, now->value))
			continue;
		embedded = pair(m, built);
		seen = pair(m, now);
		if (!embedded || !seen)
			return -ENOMEM;
		say(p, g, CONTRADICTION_GODEBUG, "GODEBUG", embedded, seen);
	}
	return err == -EFBIG ? 0 : err;	/* no go made such a value */
}

static int compare(struct model *m, struct program *p, const struct given *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *built = setting(p, names[i]);

		if (built && g->env[i] && *g->env[i] && !str_eq(built, g->env[i]))
			say(p, g, CONTRADICTION_ENVIRONMENT, names[i], built, g->env[i]);
	}
	return g->godebug && *g->godebug ? compare_godebug(m, p, g) : 0;
}

/* Compared now, or kept until it is known what is embedded. */
static int add_given(struct model *m, const struct rec *rec, struct entry *e)
{
	const struct jsonv *env = jsonv__get(rec->root, "env");
	const char *godebug = jsonv__kstr(env, "GODEBUG");
	struct given g = { .proc = rec->proc, .ts = rec->ts };
	bool any = godebug != NULL;

	g.godebug = pool__get(m->pool, godebug);
	if (godebug && !g.godebug)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = jsonv__kstr(env, names[i]);

		g.env[i] = pool__get(m->pool, value);
		if (value && !g.env[i])
			return -ENOMEM;
		any |= value != NULL;
	}
	if (!any)
		return 0;
	if (e->p.go)
		return compare(m, &e->p, &g);
	if (e->given_cnt < MAX_GIVEN)
		e->given[e->given_cnt++] = g;
	return 0;
}

static bool is_of_toolchain(enum tool_role role)
{
	return role == TOOL_GO || tool_role__is_go_tool(role) || tool_role__is_c_part(role);
}

static int add_exec(struct model *m, const struct rec *rec, const struct process *p)
{
	struct embeddeds *es = m->embedded;
	struct running *r;
	struct entry *e;
	int err;

	if (is_of_toolchain(p->role) || p->role == TOOL_GOFMT)
		return 0;
	err = get(m, rec, &e);
	if (err || !e)
		return err;
	e->p.runs++;
	e->p.role = p->role;
	err = add_given(m, rec, e);
	if (err)
		return err;
	HASH_FIND(hh, es->running, &rec->proc, sizeof(rec->proc), r);
	if (r || HASH_COUNT(es->running) >= MAX_RUNNING)
		return 0;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	*r = (struct running){ .proc = rec->proc, .e = e, .place = find_place(es, e->p.exe) };
	HASH_ADD(hh, es->running, proc, sizeof(r->proc), r);
	if (!hash__has(r)) {
		free(r);
		return -ENOMEM;
	}
	r->place->running++;
	r->place->proc = rec->proc;
	return 0;
}

/* --- what is embedded --- */

static int keep(struct model *m, const char **slot, const char *s)
{
	*slot = pool__get(m->pool, s);
	return s && !*slot ? -ENOMEM : 0;
}

static int keep_settings(struct model *m, struct program *p, const struct jsonv *list)
{
	int err = 0;

	for (const struct jsonv *v = jsonv__first(list); v && !err && p->setting_cnt < PROGRAM_MAX_SETTINGS;
	     v = jsonv__next(v)) {
		struct program_setting *s = &p->settings[p->setting_cnt];

		err = keep(m, &s->key, jsonv__name(v)) ?: keep(m, &s->value, jsonv__string(v) ?: "");
		p->setting_cnt += !err;
	}
	return err;
}

static bool is_folder(const char *path)
{
	return path && (path[0] == '/' || str_has_prefix(path, "./") || str_has_prefix(path, "../"));
}

static int add_dep(struct model *m, struct program *p, const struct jsonv *dep, int64_t ts)
{
	const struct jsonv *replace = jsonv__get(dep, "replace");
	const char *version = jsonv__kstr(replace ?: dep, "version"), *path, *seen;
	bool local = is_folder(jsonv__kstr(replace, "path"));
	struct program_fact *f;

	p->deps++;
	p->replaced += replace != NULL;
	if (!local && !(version && str_eq(version, "(devel)")))
		return 0;
	path = pool__get(m->pool, jsonv__kstr(dep, "path") ?: "");
	seen = pool__get(m->pool, local ? jsonv__kstr(replace, "path") : version);
	if (!path || !seen)
		return -ENOMEM;
	f = add_fact(p, local ? CONTRADICTION_LOCAL_REPLACE : CONTRADICTION_DEVEL, path, NULL, seen);
	if (f)
		proof__add(&f->proof, ts);
	return 0;
}

static void add_modified(struct program *p, int64_t ts)
{
	const char *modified = setting(p, "vcs.modified");
	bool dirty = p->version && strstr(p->version, "dirty");
	struct program_fact *f;

	if (!dirty && !(modified && str_eq(modified, "true")))
		return;
	f = add_fact(p, CONTRADICTION_MODIFIED, p->module, setting(p, "vcs.revision"), dirty ? p->version : NULL);
	if (f)
		proof__add(&f->proof, ts);
}

static int add_buildinfo(struct model *m, const struct rec *rec)
{
	const struct jsonv *main = jsonv__get(rec->root, "main");
	/* What go has built is none of go's own. */
	const struct process *p = jsonv__bool(jsonv__get(rec->root, "output"), false) ? NULL : model__process(m, rec->proc);
	struct entry *e;
	int err;

	if ((p && is_of_toolchain(p->role)) || !rec__str(rec, "go"))
		return 0;
	err = get(m, rec, &e);
	if (err || !e || e->p.go)
		return err;
	err = keep(m, &e->p.go, rec__str(rec, "go")) ?: keep(m, &e->p.package, rec__str(rec, "path")) ?:
	      keep(m, &e->p.module, jsonv__kstr(main, "path")) ?: keep(m, &e->p.version, jsonv__kstr(main, "version")) ?:
	      keep(m, &e->p.build_id, rec__str(rec, "build_id")) ?:
	      keep_settings(m, &e->p, jsonv__get(rec->root, "settings"));
	for (const struct jsonv *v = jsonv__first(jsonv__get(rec->root, "deps")); v && !err; v = jsonv__next(v))
		err = add_dep(m, &e->p, v, rec->ts);
	if (err)
		return err;
	e->p.role = p ? p->role : TOOL_GO_PROGRAM;
	add_modified(&e->p, rec->ts);
	/* Its processes came first. */
	for (unsigned int i = 0; i < e->given_cnt && !err; i++)
		err = compare(m, &e->p, &e->given[i]);
	return err;
}

/* --- its file --- */

/* Of two files with one path it is not known which one was meant: the one that ran last. */
static void add_change(struct model *m, const struct rec *rec, const char *path, enum contradiction kind)
{
	struct place *at = find_place(m->embedded, path);
	struct program_fact *f;

	if (!at || !at->running)
		return;
	f = add_fact(&at->entries->p, kind, at->exe, NULL, NULL);
	if (!f)
		return;
	f->proc = f->proc ?: at->proc;
	f->confidence = at->entries->same_path ? LIKELY : PROVEN;
	proof__add(&f->proof, rec->ts);
}

static void add_end(struct model *m, uint64_t proc)
{
	const struct process *p = model__process(m, proc);
	struct running *r;

	HASH_FIND(hh, m->embedded->running, &proc, sizeof(proc), r);
	if (!r)
		return;
	r->place->running--;
	if (p) {
		r->e->p.accesses += p->accesses;
		r->e->p.failed += p->failed;
	}
	HASH_DEL(m->embedded->running, r);
	free(r);
}

static int embedded__add(struct model *m, const struct rec *rec)
{
	const struct process *p;
	const char *path;

	switch (rec->kind) {
	case REC_EXEC:
		p = model__process(m, rec->proc);
		if (p)
			add_end(m, p->prev);
		return p ? add_exec(m, rec, p) : 0;
	case REC_BUILDINFO:
		return add_buildinfo(m, rec);
	case REC_EXIT:
		p = model__process_of(m, rec);
		if (p)
			add_end(m, p->proc);
		return 0;
	case REC_UNLINK:
	case REC_RENAME:
		break;
	default:
		return 0;
	}
	if (!m->embedded->running || rec__str(rec, "err"))
		return 0;
	path = rec__str(rec, "path");
	if (path)
		add_change(m, rec, path, CONTRADICTION_DELETED);
	path = rec->kind == REC_RENAME ? rec__str(rec, "path2") : NULL;
	if (path)
		add_change(m, rec, path, CONTRADICTION_REPLACED);
	return 0;
}

static int embedded__open(struct model *m)
{
	m->embedded = calloc(1, sizeof(*m->embedded));
	return m->embedded ? 0 : -ENOMEM;
}

static void embedded__close(struct model *m)
{
	struct embeddeds *es = m->embedded;
	struct running *r, *next_r;
	struct place *at, *next_at;
	struct entry *e, *next;

	if (!es)
		return;
	HASH_ITER(hh, es->running, r, next_r) {
		HASH_DEL(es->running, r);
		free(r);
	}
	HASH_ITER(hh, es->places, at, next_at) {
		HASH_DEL(es->places, at);
		free(at);
	}
	HASH_ITER(hh, es->by_file, e, next) {
		HASH_DEL(es->by_file, e);
		free(e);
	}
	free(es);
}

const struct topic topic_embedded = {
	.name = "embedded", .scope = MODEL_ALL,
	.open = embedded__open, .add = embedded__add, .close = embedded__close,
};

const struct program *model__next_program(const struct model *m, const struct program *p)
{
	const struct entry *e = p ? container_of(p, struct entry, p)->hh.next : m->embedded->by_file;

	while (e && !e->p.go)
		e = e->hh.next;
	return e ? &e->p : NULL;
}
