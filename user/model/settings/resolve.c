/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One go command's settings: what the rules say held against what its tools received. */
#include <errno.h>

#include "model/images.h"
#include "model/run.h"
#include "model/settings/store.h"

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

/* --- by the tools --- */

/* The user's file may say it: what is in there is not known. */
static bool may_be_in_file(const struct resolve *r, const struct setting *s)
{
	return !settings_file__is_known(r->user_file) &&
	       !(s->flags & (SETTING_NO_FILE | SETTING_COMPUTED));
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
	for (size_t i = 0; i < e->shadowed_cnt; i++) {
		const struct origin *o = &e->shadowed[i];

		if (o->source == SOURCE_GO_ENV || o->source == SOURCE_DEFAULT ||
		    o->source == SOURCE_COMPUTED)
			return o;
	}
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
	err = resolve__by_rule(r, s, e);
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
	const struct image *i = model__image_of(r->m, r->p);

	return i && i->go ? i->go : env__get(&r->g->tools, "GOVERSION");
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
	(void)go_state__cc(r->g, &r->facts.has_cc);	/* its name is of use elsewhere */
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
