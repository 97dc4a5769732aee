/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One go command's settings: what the rules say held against what its tools received. */
#include <errno.h>

#include "model/images.h"
#include "model/run.h"
#include "model/settings/resolve.h"

#define MAX_FLAGS 512	/* entries beyond the settings */

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
	return pool__get(r->pool, s);
}

struct effective *resolve__add(struct resolve *r, const char *name)
{
	size_t settings;
	struct effective *e;

	(void)setting__all(&settings);	/* only their number is needed */
	if (r->out->cnt >= settings + MAX_FLAGS)
		return NULL;
	e = &r->out->list[r->out->cnt++];
	*e = (struct effective){ .name = name };
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

int effective__shadow(struct effective *e, struct origin hidden)
{
	struct origin *list;

	if (e->shadowed_cnt == EFFECTIVE_MAX_SHADOWED)
		return 0;
	list = realloc(e->shadowed, (e->shadowed_cnt + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	e->shadowed = list;
	list[e->shadowed_cnt++] = hidden;
	return 0;
}

const struct effective *command_settings__find(const struct command_settings *s, const char *name)
{
	size_t telling = name[0] && name[1] ? 2 : 0;	/* "GO…": all begin alike; each has two bytes at least */

	for (size_t i = 0; i < s->cnt; i++)
		if (s->list[i].name[telling] == name[telling] && str_eq(s->list[i].name, name))
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
static int set_disagreeing(const struct resolve *r, const struct setting *s, struct effective *e,
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
	return effective__shadow(e, by_rule);
}

static int compare_with_tools(const struct resolve *r, const struct setting *s, struct effective *e)
{
	const char *raw = environment__get(r->c->env, s->name), *tools;
	size_t n;

	if (!r->c->tools.env || !setting__is_exported(s, r->facts.minor, r->goarch))
		return 0;
	tools = environment__get(r->c->tools.env, s->name) ?: (r->c->tools.is_whole ? "" : NULL);
	/* The linker has an empty one under -trimpath. */
	if (!tools || (!*tools && str_eq(s->name, "GOROOT")))
		return 0;
	e->varies = r->c->tools.varies && r->c->tools.varies[s - setting__all(&n)];
	effective__prove(e, r->c->tools.ts);
	/* Go leaves a variable as it is that it takes for something else: GOENV=off. */
	if (e->won.value && (setting__means(s, r->facts.minor, e->won.value, tools) || (raw && *raw && str_eq(tools, raw)))) {
		e->confidence = PROVEN;
	} else if (!e->won.value || (e->won.source == SOURCE_DEFAULT && e->confidence == LIKELY &&
				     s->flags & SETTING_COMPILED && !may_be_in_file(r, s))) {
		e->won.value = tools;
		e->confidence = PROVEN;
	} else {
		return set_disagreeing(r, s, e, tools);
	}
	return 0;
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
	if (!r->c->before || e->won.source != SOURCE_ENVIRONMENT || environment__get(r->c->before->env, e->name))
		return;
	e->won.source = SOURCE_COMPUTED;
	e->via = "toolchain switch";
}

int resolve__setting(struct resolve *r, const struct setting *s)
{
	struct effective *e = resolve__add(r, s->name);
	int err;

	if (!e)
		return -ENOMEM;
	err = resolve__by_rule(r, s, e) ?: compare_with_tools(r, s, e);
	if (err)
		return err;
	see_switch(r, e);
	set_changed(e);
	e->set_by = resolve__set_by(r, e);
	return str_eq(s->name, "GOVERSION") ? resolve__version(r, e) : 0;
}

/* --- facts --- */

static const char *from_own(void *ctx, const char *name)
{
	return environment__get(ctx, name);
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
	const char *arch = environment__get_set(r->c->tools.env, "GOHOSTARCH");

	r->out->version = go_command__version(r->m, r->c);
	r->facts = (struct setting_facts){
		.minor = r->out->version ? go__minor(r->out->version) : 0,
		.getenv = from_own,
		.ctx = (void *)r->c->env,
		.version = r->out->version,
		.host_arch = arch ?: goarch_of(model__run(r->m)->arch),
	};
	(void)go_command__cc(r->c, &r->facts.has_cc);	/* its name is of use elsewhere */
}

int resolve__open(struct resolve *r, const struct model *m, const struct go_command *c,
		  struct command_settings *out, struct pool *pool)
{
	__free_setting_resolved struct setting_resolved arch = {};
	size_t n;
	int err;

	*r = (struct resolve){ .m = m, .c = c, .out = out, .pool = pool };
	(void)setting__all(&n);	/* only their number is needed */
	out->c = c;
	/* Entries do not move; they are cleared when they are added, as few of these are ever used. */
	out->list = malloc((n + MAX_FLAGS) * sizeof(*out->list));
	if (!out->list)
		return -ENOMEM;
	set_facts(r);
	err = resolve__files(r) ?: setting__resolve(setting__find("GOARCH"), &r->facts, &arch);
	if (err)
		return err;
	r->goarch = arch.won.value ? resolve__keep(r, arch.won.value) : "";
	return r->goarch ? 0 : -ENOMEM;
}

void resolve__close(struct resolve *r)
{
	str__free(&r->goroot);
	str__free(&r->user_path);
	free(r->argv);
	go_flags__free(&r->flags);
	mainmod__free(&r->module);
	str__free(&r->cwd);
}

void command_settings__free(struct command_settings *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->cnt; i++)
		free(s->list[i].shadowed);
	free(s->list);
	free(s->ignored);
	godebug__free(&s->godebug);
	free(s);
}

/* --- the topic --- */

static int keep_module(struct resolve *r)
{
	const struct {
		const char **slot;
		const char *value;
	} parts[] = {
		{ &r->out->modfile,    resolve__mod_file(r) },
		{ &r->out->workfile,   r->module.workspace_file },
		{ &r->out->dir,	       r->cwd.s },
		{ &r->out->refused,    r->flags.refused },
		{ &r->out->module_dir, resolve__module_dir(r) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		*parts[i].slot = resolve__keep(r, parts[i].value);
		if (parts[i].value && !*parts[i].slot)
			return -ENOMEM;
	}
	r->out->verb = go_verb__name(r->flags.verb);
	return 0;
}

static int resolve_all(struct resolve *r)
{
	const struct setting *all;
	int err = 0;
	size_t n;

	all = setting__all(&n);
	for (size_t i = 0; i < n && !err; i++)
		if (setting__exists(&all[i], r->facts.minor) && setting__is_for_arch(&all[i], r->goarch))
			err = resolve__setting(r, &all[i]);
	return err ?: resolve__parse_flags(r) ?: resolve__main_module(r) ?: keep_module(r) ?:
	       resolve__module_settings(r) ?: resolve__godebug(r) ?: resolve__flags(r) ?:
	       resolve__ignored(r) ?: resolve__pick(r);
}

static int resolve_command(struct model *m, struct go_command *c)
{
	struct command_settings *s = calloc(1, sizeof(*s));
	struct effective *list;
	struct resolve r;
	int err;

	if (!s)
		return -ENOMEM;
	c->settings = s;	/* freed with the topic, however far it gets */
	err = resolve__open(&r, m, c, s, m->pool);
	err = err ?: resolve_all(&r);
	resolve__close(&r);
	list = err ? NULL : realloc(s->list, (s->cnt + 1) * sizeof(*list));
	s->list = list ?: s->list;
	return err;
}

static int settings__finish(struct model *m)
{
	const struct go_command *c;
	int err = 0;

	for (c = model__next_command(m, NULL); c && !err; c = model__next_command(m, c)) {
		struct go_command *own = commands__find(m, c->proc);

		err = roots__update(m, own);
		if (!err && m->scope == MODEL_ALL)
			err = resolve_command(m, own);
	}
	return err;
}

static void settings__close(struct model *m)
{
	const struct go_command *c;

	for (c = m->commands ? model__next_command(m, NULL) : NULL; c; c = model__next_command(m, c))
		command_settings__free((struct command_settings *)c->settings);
}

static int settings__open(struct model *m)
{
	return 0;	/* what it finds belongs to the commands */
}

const struct topic topic_settings = {
	.name = "settings", .scope = MODEL_CORE,
	.open = settings__open, .add = roots__add, .finish = settings__finish,
	.close = settings__close,
};
