/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One go command's settings: by rule, by what its tools received, and both held together. */
#include <errno.h>

#include "golang/ladder.h"
#include "model/images.h"
#include "model/run.h"
#include "model/settings_part.h"

#define MAX_FLAGS 512	/* entries beyond the settings */
#define MAX_IMAGES 8	/* of one process, one after the other */

static const char *const source_names[] = {
#define X(id, name) [SOURCE_##id] = name,
	SOURCE_LIST(X)
#undef X
};

static const char *const state_names[] = {
#define X(id, name) [FILE_##id] = name,
	FILE_STATE_LIST(X)
#undef X
};

const char *source__name(enum source source)
{
	return source_names[source];
}

const char *file_state__name(enum file_state state)
{
	return state_names[state];
}

const char *confidence__name(enum confidence c)
{
	static const char *const names[] = {
		[NOT_EVALUATED] = "not evaluated", [LIKELY] = "likely", [PROVEN] = "proven",
	};

	return names[c];
}

const char *resolve__keep(struct resolve *r, const char *s)
{
	return pool__get(r->out->pool, s);
}

struct effective *resolve__add(struct resolve *r, const char *name)
{
	size_t settings;
	struct effective *e;

	(void)setting__all(&settings);	/* only their number is needed */
	if (r->out->cnt >= settings + MAX_FLAGS)
		return NULL;
	e = &r->out->list[r->out->cnt++];
	e->name = name;
	return e;
}

void effective__prove(struct effective *e, int64_t ts)
{
	for (size_t i = 0; i < e->proof_cnt; i++)
		if (e->proof[i] == ts)
			return;
	if (ts >= 0 && e->proof_cnt < EFFECTIVE_MAX_PROOF)
		e->proof[e->proof_cnt++] = ts;
}

void effective__shadow(struct effective *e, struct origin hidden)
{
	if (e->shadowed_cnt < EFFECTIVE_MAX_SHADOWED)
		e->shadowed[e->shadowed_cnt++] = hidden;
}

const struct effective *command_settings__find(const struct command_settings *s, const char *name)
{
	for (size_t i = 0; i < s->cnt; i++)
		if (str_eq(s->list[i].name, name))
			return &s->list[i];
	return NULL;
}

/* --- by rule --- */

static int to_origin(struct resolve *r, const struct setting_value *v, struct origin *ret)
{
	static const enum source sources[] = {
		[ORIGIN_ENVIRONMENT] = SOURCE_ENVIRONMENT, [ORIGIN_USER_FILE] = SOURCE_ENV_FILE,
		[ORIGIN_GO_ENV] = SOURCE_GO_ENV,	   [ORIGIN_DEFAULT] = SOURCE_DEFAULT,
		[ORIGIN_COMPUTED] = SOURCE_COMPUTED,
	};

	*ret = (struct origin){
		.source = sources[v->origin],
		.value = resolve__keep(r, v->value),
		.line = v->line,
	};
	if (v->origin == ORIGIN_USER_FILE)
		ret->path = r->user_file->path;
	if (v->origin == ORIGIN_GO_ENV)
		ret->path = r->root_file->path;
	return v->value && !ret->value ? -ENOMEM : 0;
}

/* All that the file holds is known, even when that is nothing. */
static bool is_file_known(const struct settings_file *f)
{
	return !f || f->state == FILE_NONE || f->state == FILE_MISSING ||
	       f->state == FILE_UNREADABLE || f->state == FILE_READ;
}

static enum confidence judge(const struct resolve *r, const struct setting *s,
			     const struct setting_resolved *v)
{
	bool user = is_file_known(r->user_file), root = is_file_known(r->root_file);

	if (!v->won.value)
		return NOT_EVALUATED;
	if (!r->g->own.is_known || v->is_compiled ||
	    (!r->facts.minor && v->won.origin != ORIGIN_ENVIRONMENT))
		return LIKELY;
	if (v->won.origin == ORIGIN_ENVIRONMENT || (s->flags & SETTING_NO_FILE))
		return PROVEN;
	return user && (root || v->won.origin == ORIGIN_USER_FILE) ? PROVEN : LIKELY;
}

/* --- the C compiler --- */

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* In a folder of PATH: the build cache has a folder cc, too. */
static bool is_compiler(const struct go_state *g, const struct look *l)
{
	const char *name = name_of(l->path);
	struct ladder_step step;

	return l->kind == REC_STAT && !l->is_dir &&
	       (str_eq(name, "cc") || str_has_suffix(name, "gcc") || str_has_suffix(name, "clang")) &&
	       ladder__classify(l->path, env__get(&g->own, "PATH"), &step) &&
	       step.purpose == LADDER_PROGRAM;
}

/* The first one that go looks for is its default, unless CC names another; NULL: it did not look. */
static const char *find_cc(const struct go_state *g, enum tristate *ret_there)
{
	const char *first = NULL;

	*ret_there = UNKNOWN;
	for (size_t i = 0; i < g->look_cnt; i++) {
		const struct look *l = &g->looks[i];

		if (!is_compiler(g, l) || (first && !str_eq(first, name_of(l->path))))
			continue;
		first = first ?: name_of(l->path);
		*ret_there = l->err && *ret_there != YES ? NO : YES;
	}
	return first;
}

/* A default that was compiled into go shows when go looks for it. */
static void see_compiler(const struct resolve *r, const struct setting *s, struct effective *e)
{
	enum tristate there;
	const char *name;

	if (!str_eq(s->name, "CC") || e->won.source != SOURCE_DEFAULT)
		return;
	name = find_cc(r->g, &there);
	if (!name)
		return;
	e->won.value = name;
	e->confidence = is_file_known(r->user_file) && is_file_known(r->root_file) ? PROVEN : LIKELY;
}

static void prove_by_rule(const struct resolve *r, struct effective *e)
{
	if (e->won.source == SOURCE_ENVIRONMENT || e->won.source == SOURCE_COMPUTED) {
		effective__prove(e, r->p->start);
		return;
	}
	if (e->won.source == SOURCE_ENV_FILE) {
		effective__prove(e, r->user_file->ts);
		return;
	}
	effective__prove(e, r->p->start);
	effective__prove(e, r->user_file->ts);
	if (r->root_file)
		effective__prove(e, r->root_file->ts);
}

static const char *without_goenv(void *ctx, const char *name)
{
	return str_eq(name, "GOENV") ? NULL : env__get(&((const struct go_state *)ctx)->own, name);
}

/* What GOENV hides is the file that would be read without it. */
static int set_hidden_goenv(struct resolve *r, struct effective *e)
{
	struct setting_facts facts = r->facts;
	__free_str struct str path = {};
	const char *why;
	int err;

	facts.getenv = without_goenv;
	err = setting__user_file(&facts, &path, &why);
	if (err && err != -ENOENT)
		return err;
	e->shadowed[0] = (struct origin){
		.source = SOURCE_DEFAULT,
		.value = resolve__keep(r, err ? "" : path.s),
	};
	e->shadowed_cnt = 1;
	return e->shadowed[0].value ? 0 : -ENOMEM;
}

/* Go did not look for its own folder, since it was told one: the one that it lies in. */
static int set_hidden_goroot(struct resolve *r, struct effective *e)
{
	const char *exe = r->p->exe, *end = exe && str_has_suffix(exe, "/bin/go") ?
					    exe + strlen(exe) - strlen("/bin/go") : NULL;

	for (size_t i = 0; i < e->shadowed_cnt; i++) {
		if (e->shadowed[i].source != SOURCE_DEFAULT)
			continue;
		e->shadowed[i].value = end ? pool__get_n(r->out->pool, exe, end - exe) : NULL;
		return end && !e->shadowed[i].value ? -ENOMEM : 0;
	}
	return 0;
}

static int set_by_rule(struct resolve *r, const struct setting *s, struct effective *e)
{
	__free_setting_resolved struct setting_resolved v = {};
	struct origin hidden;
	int err;

	err = setting__resolve(s, &r->facts, &v);
	if (err)
		return err;
	err = to_origin(r, &v.won, &e->won);
	for (size_t i = 0; i < v.shadowed_cnt && !err; i++) {
		err = to_origin(r, &v.shadowed[i], &hidden);
		effective__shadow(e, hidden);
	}
	if (!err && str_eq(s->name, "GOENV") && e->won.source == SOURCE_ENVIRONMENT)
		err = set_hidden_goenv(r, e);
	if (!err && str_eq(s->name, "GOROOT") && e->won.source != SOURCE_DEFAULT)
		err = set_hidden_goroot(r, e);
	if (err)
		return err;
	e->is_empty_in_env = v.is_empty_in_env;
	e->confidence = judge(r, s, &v);
	see_compiler(r, s, e);
	if (resolve__module_setting(r, s->name, &e->won.value)) {
		e->won.value = resolve__keep(r, e->won.value);
		e->confidence = r->g->own.is_known ? PROVEN : LIKELY;
		if (!e->won.value)
			return -ENOMEM;
	}
	prove_by_rule(r, e);
	return 0;
}

/* --- by the tools --- */

/* The user's file may say it: what is in there is not known. */
static bool may_be_in_file(const struct resolve *r, const struct setting *s)
{
	return !is_file_known(r->user_file) && !(s->flags & (SETTING_NO_FILE | SETTING_COMPUTED));
}

/* The value is another one than the rules give: where can it have come from? */
static void set_disagreeing(const struct resolve *r, const struct setting *s, struct effective *e,
			    const char *tools)
{
	struct origin by_rule = e->won;

	e->disagrees = true;
	e->by_rule = by_rule.value;
	e->confidence = LIKELY;
	e->won = (struct origin){ .source = SOURCE_UNKNOWN };
	for (size_t i = 0; i < e->shadowed_cnt; i++)
		if (e->shadowed[i].value && str_eq(e->shadowed[i].value, tools))
			e->won = e->shadowed[i];
	if (e->won.source == SOURCE_UNKNOWN && may_be_in_file(r, s)) {
		e->won.source = SOURCE_ENV_FILE;
		e->won.path = r->user_file->path;
		/* A file that nobody could look into explains it. */
		e->disagrees = r->user_file->state == FILE_STALE;
	}
	e->won.value = tools;
	effective__shadow(e, by_rule);
}

static void compare_with_tools(const struct resolve *r, const struct setting *s,
			       struct effective *e, const char *goarch)
{
	const char *raw = env__get(&r->g->own, s->name), *tools;
	size_t n;

	if (!r->g->tools.is_known || !setting__is_exported(s, r->facts.minor, goarch))
		return;
	tools = env__get(&r->g->tools, s->name) ?: (r->g->tools_whole ? "" : NULL);
	if (!tools)
		return;
	e->varies = r->g->varies && r->g->varies[s - setting__all(&n)];
	effective__prove(e, r->g->tools_ts);
	/* Go leaves a variable as it is that it takes for something else: GOENV=off. */
	if (e->won.value && (str_eq(tools, e->won.value) || (raw && *raw && str_eq(tools, raw)))) {
		e->confidence = PROVEN;
	} else if (!e->won.value || (e->won.source == SOURCE_DEFAULT && e->confidence == LIKELY &&
				     s->flags & SETTING_COMPILED && !may_be_in_file(r, s))) {
		e->won.value = tools;
		e->confidence = PROVEN;
	} else {
		set_disagreeing(r, s, e, tools);
	}
}

/* --- what is said of it --- */

/* What the toolchains of the Go project bring along, in their go.env. */
static bool is_as_shipped(const char *name, const char *value)
{
	static const struct {
		const char *name, *value;
	} shipped[] = {
		{ "GOPROXY",	 "https://proxy.golang.org,direct" },
		{ "GOSUMDB",	 "sum.golang.org" },
		{ "GOTOOLCHAIN", "auto" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(shipped); i++)
		if (str_eq(shipped[i].name, name))
			return str_eq(shipped[i].value, value);
	return false;
}

/* What would count if nobody had set anything. */
static const struct origin *unset(const struct effective *e)
{
	for (size_t i = 0; i < e->shadowed_cnt; i++)
		if (e->shadowed[i].source == SOURCE_GO_ENV || e->shadowed[i].source == SOURCE_DEFAULT ||
		    e->shadowed[i].source == SOURCE_COMPUTED)
			return &e->shadowed[i];
	return NULL;
}

static void set_changed(struct effective *e)
{
	const char *value = e->won.value;
	const struct origin *without = unset(e);

	switch (e->won.source) {
	case SOURCE_DEFAULT:
	case SOURCE_COMPUTED:
		return;
	case SOURCE_GO_ENV:
		e->is_set = e->is_changed = value && !is_as_shipped(e->name, value);
		return;
	default:
		e->is_set = true;
		e->is_changed = !value || !without || !without->value ||
				!str_eq(value, without->value);
	}
}

/* The go that switched to this one set GOROOT; nobody else did. */
static void see_switch(const struct resolve *r, struct effective *e)
{
	if (!r->before || e->won.source != SOURCE_ENVIRONMENT || env__get(&r->before->own, e->name))
		return;
	e->won.source = SOURCE_COMPUTED;
	e->via = "toolchain switch";
}

static int add_setting(struct resolve *r, const struct setting *s, const char *goarch)
{
	struct effective *e;
	int err;

	e = resolve__add(r, s->name);
	if (!e)
		return -ENOMEM;
	err = set_by_rule(r, s, e);
	if (err)
		return err;
	compare_with_tools(r, s, e, goarch);
	see_switch(r, e);
	set_changed(e);
	return str_eq(s->name, "GOVERSION") ? resolve__version(r, e) : 0;
}

/* --- facts --- */

static const char *from_own(void *ctx, const char *name)
{
	return env__get(&((const struct go_state *)ctx)->own, name);
}

static const char *version_of(const struct resolve *r)
{
	const struct image *i;

	for (i = model__next_image(r->m, NULL); i; i = model__next_image(r->m, i))
		if (i->go && r->p->exe && str_eq(i->exe, r->p->exe))
			return i->go;
	return env__get(&r->g->tools, "GOVERSION");
}

/* uname's name of an architecture as Go has it. */
static const char *goarch_of(const char *machine)
{
	static const char *const archs[][2] = {
		{ "x86_64", "amd64" },	 { "aarch64", "arm64" },     { "i686", "386" },
		{ "armv7l", "arm" },	 { "riscv64", "riscv64" },   { "ppc64le", "ppc64le" },
		{ "s390x", "s390x" },	 { "loongarch64", "loong64" },
	};

	for (size_t i = 0; machine && i < ARRAY_SIZE(archs); i++)
		if (str_eq(archs[i][0], machine))
			return archs[i][1];
	return NULL;
}

static void set_facts(struct resolve *r)
{
	const char *arch = env__get(&r->g->tools, "GOHOSTARCH");

	r->out->version = version_of(r);
	r->facts = (struct setting_facts){
		.minor = r->out->version ? go__minor(r->out->version) : 0,
		.getenv = from_own,
		.ctx = (void *)r->g,
		.version = r->out->version,
		.host_arch = arch && *arch ? arch : goarch_of(model__run(r->m)->arch),
	};
	(void)find_cc(r->g, &r->facts.has_cc);	/* its name is of use elsewhere */
}

static int resolve_all(struct resolve *r)
{
	__free_setting_resolved struct setting_resolved arch = {};
	const struct setting *all;
	size_t n;
	int err;

	set_facts(r);
	err = resolve__files(r);
	if (err)
		return err;
	resolve__main_module(r);
	all = setting__all(&n);
	err = setting__resolve(setting__find("GOARCH"), &r->facts, &arch);
	for (size_t i = 0; i < n && !err; i++) {
		if (!setting__exists(&all[i], r->facts.minor) ||
		    !setting__is_for_arch(&all[i], arch.won.value ?: ""))
			continue;
		err = add_setting(r, &all[i], arch.won.value ?: "");
	}
	return err ?: resolve__godebug(r) ?: resolve__flags(r) ?: resolve__ignored(r);
}

/* The go that ran in this process before and switched the toolchain, perhaps through a script. */
static const struct go_state *find_before(const struct model *m, const struct process *go)
{
	const struct process *p = model__process(m, go->prev);

	for (int i = 0; p && i < MAX_IMAGES; i++, p = model__process(m, p->prev))
		if (p->role == TOOL_GO && p->has_exec)
			return settings__state(m, p->proc);
	return NULL;
}

int model__settings(const struct model *m, const struct process *go, struct command_settings **ret)
{
	__free_command_settings struct command_settings *out = calloc(1, sizeof(*out));
	struct resolve r = { .m = m, .p = go, .out = out };
	size_t n;
	int err;

	(void)setting__all(&n);	/* only their number is needed */
	if (!out)
		return -ENOMEM;
	out->p = go;
	out->pool = pool__new();
	out->list = calloc(n + MAX_FLAGS, sizeof(*out->list));
	if (!out->pool || !out->list)
		return -ENOMEM;
	r.g = go->role == TOOL_GO ? settings__state(m, go->proc) : NULL;
	if (!r.g)
		return -ENOENT;
	if (env__get(&r.g->own, "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"))
		r.before = find_before(m, go);
	err = resolve_all(&r);
	goenv__free(&r.user);
	goenv__free(&r.root);
	str__free(&r.goroot);
	str__free(&r.user_path);
	if (err)
		return err;
	*ret = STEAL(out);
	return 0;
}

void command_settings__free(struct command_settings *s)
{
	if (!s)
		return;
	free(s->list);
	free(s->ignored);
	pool__free(s->pool);
	free(s);
}
