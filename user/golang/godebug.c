/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where each key of a program's GODEBUG comes from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "golang/godebug.h"
#include "golang/gomod.h"
#include "golang/gover.h"
#include "golang/settings.h"
#include "util/str.h"

/*
 * Defaults that changed (internal/godebugs): go lines of an older version keep the old value. Patch
 * releases brought some to older versions, so a key's presence is told by the linker's value alone.
 */
static const struct change {
	const char *key;
	unsigned char minor;
	const char *old;
} changes[] = {
	{ "asynctimerchan",		  23, "1" },
	{ "containermaxprocs",		  25, "0" },
	{ "cryptocustomrand",		  26, "1" },
	{ "decoratemappings",		  25, "0" },
	{ "gotestjsonbuildtext",	  24, "1" },
	{ "gotypesalias",		  23, "0" },
	{ "httpcookiemaxnum",		  24, "0" },
	{ "httplaxcontentlength",	  22, "1" },
	{ "httpmuxgo121",		  22, "1" },
	{ "httpservecontentkeepheaders",  23, "1" },
	{ "httpservecontentmaxranges",	  26, "1" },
	{ "multipathtcp",		  24, "0" },
	{ "netedns0",			  19, "0" },
	{ "panicnil",			  21, "1" },
	{ "randseednop",		  24, "0" },
	{ "rsa1024min",			  24, "0" },
	{ "tls10server",		  22, "1" },
	{ "tls3des",			  23, "1" },
	{ "tlskyber",			  23, "0" },
	{ "tlsmlkem",			  24, "0" },
	{ "tlsrsakex",			  22, "1" },
	{ "tlssecpmlkem",		  26, "0" },
	{ "tlssha1",			  25, "1" },
	{ "tlsunsafeekm",		  22, "1" },
	{ "tracebacklabels",		  27, "0" },
	{ "updatemaxprocs",		  25, "0" },
	{ "urlmaxqueryparams",		  24, "0" },
	{ "urlstrictcolons",		  26, "0" },
	{ "winreadlinkvolume",		  23, "0" },
	{ "winsymlink",			  23, "0" },
	{ "x509keypairleaf",		  23, "0" },
	{ "x509negativeserial",		  23, "1" },
	{ "x509rsacrt",			  24, "0" },
	{ "x509sha256skid",		  25, "0" },
	{ "x509sslcertoverrideplatform",  27, "0" },
	{ "x509usepolicies",		  24, "0" },
};

static const char *const source_titles[] = {
#define X(id, title) [GODEBUG_BY_##id] = title,
	GODEBUG_SOURCE_LIST(X)
#undef X
};

const char *godebug_source__title(enum godebug_source source)
{
	return source_titles[source];
}

/* The version whose behaviour is kept, and what says so. */
struct baseline {
	int minor;	/* 0: none, or not known */
	enum godebug_source source;
	unsigned int line;
};

struct attribution {
	const struct godebug_facts *f;
	struct gomod file;
	struct baseline base;
	struct godebug *out;
	char *room;	/* for the next copy of text */
};

static bool has_minor(const struct attribution *a, int minor)
{
	return !a->f->minor || a->f->minor >= minor;
}

static const struct change *find_change(const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(changes); i++)
		if (str_eq(changes[i].key, key))
			return &changes[i];
	return NULL;
}

/* "key=value" of a statement "godebug key=value"; NULL when its key is another one. */
static const char *value_of(const struct gomod_stmt *s, const char *key)
{
	const size_t n = strlen(key);

	if (s->cnt != 1 || strncmp(s->words[0], key, n) || s->words[0][n] != '=')
		return NULL;
	return s->words[0] + n + 1;
}

/* The last line of a key counts. */
static const struct gomod_stmt *find_line(const struct attribution *a, const char *key)
{
	const struct gomod_stmt *s = NULL, *found = NULL;

	if (!has_minor(a, 23))
		return NULL;
	while ((s = gomod__find(&a->file, "godebug", s)))
		if (value_of(s, key))
			found = s;
	return found;
}

/* "1.21", "1.21.3": 21; 0 for what go keeps nothing of ("1.21rc1"). */
static int minor_of(const char *version)
{
	char name[GOVER_MAX + 2] = "go";

	if (!gover__is_valid(version) || version[strspn(version, "0123456789.")])
		return 0;
	memcpy(name + 2, version, strlen(version) + 1);
	return go__minor(name);
}

static struct baseline find_baseline(const struct attribution *a)
{
	const struct gomod_stmt *line = find_line(a, "default"), *go = gomod__find(&a->file, "go", NULL);
	const char *version = line ? value_of(line, "default") : "";

	version += str_has_prefix(version, "go") ? 2 : 0;
	if (line && gover__is_valid(version))
		return (struct baseline){ minor_of(version), GODEBUG_BY_DEFAULT_LINE, line->line };
	if (a->f->place == GODEBUG_IN_GOPATH)
		return (struct baseline){ has_minor(a, 27) ? 20 : 16, GODEBUG_BY_NO_GO_LINE, 0 };
	if (!a->f->text || a->f->place > GODEBUG_IN_WORKSPACE)
		return (struct baseline){};
	if (go && go->cnt)
		return (struct baseline){ minor_of(go->words[0]), GODEBUG_BY_GO_LINE, go->line };
	return (struct baseline){ a->f->place == GODEBUG_IN_WORKSPACE ? 18 : 16, GODEBUG_BY_NO_GO_LINE, 0 };
}

/* The toolchain by itself has the other value: of those that changed there are two, mostly. */
static bool is_changed(const struct change *c, const char *value)
{
	if (!c || str_eq(c->old, value))
		return true;
	return !str_eq(value, str_eq(c->old, "0") ? "1" : "0");
}

static void attribute(const struct attribution *a, struct godebug_entry *e)
{
	const struct change *c = find_change(e->key);
	const struct gomod_stmt *line = find_line(a, e->key);
	const char *fips = a->f->gofips140;

	e->changed_in = c ? c->minor : 0;
	e->is_changed = is_changed(c, e->value);
	e->source = GODEBUG_BY_UNKNOWN;
	if (line) {
		if (!str_eq(value_of(line, e->key), e->value))
			return;
		e->source = GODEBUG_BY_LINE;
		e->line = line->line;
	} else if (c && a->base.minor && a->base.minor < c->minor && str_eq(c->old, e->value)) {
		e->source = a->base.source;
		e->line = a->base.line;
	} else if (str_eq(e->key, "fips140") && str_eq(e->value, "on") && fips && *fips &&
		   !str_eq(fips, "off") && has_minor(a, 24)) {
		e->source = GODEBUG_BY_GOFIPS140;
	}
}

/* The next "key=value" of a list; elements without '=' have no effect. */
static struct godebug_entry *next_entry(struct attribution *a, char **list)
{
	struct godebug_entry *e = &a->out->entries[a->out->cnt];
	char *element, *equals;

	while ((element = strsep(list, ","))) {
		equals = strchr(element, '=');
		if (!equals)
			continue;
		*equals = '\0';
		*e = (struct godebug_entry){ .key = element, .value = equals + 1 };
		a->out->cnt++;
		return e;
	}
	return NULL;
}

static char *copy(struct attribution *a, const char *text)
{
	char *to = a->room;

	strcpy(to, text);
	a->room += strlen(text) + 1;
	return to;
}

static void add_linked(struct attribution *a)
{
	char *list = copy(a, a->f->linked ?: "");
	struct godebug_entry *e;

	a->out->is_explained = true;
	while ((e = next_entry(a, &list))) {
		attribute(a, e);
		a->out->is_explained &= e->source != GODEBUG_BY_UNKNOWN;
	}
}

/* The last one of a key counts, over all before it. */
static void add_environment(struct attribution *a)
{
	char *list = copy(a, a->f->environment ?: "");
	const struct change *c;
	struct godebug_entry *e, *i;

	while ((e = next_entry(a, &list))) {
		c = find_change(e->key);
		e->source = GODEBUG_BY_ENVIRONMENT;
		e->changed_in = c ? c->minor : 0;
		e->is_changed = is_changed(c, e->value);
		for (i = a->out->entries; i < e; i++)
			i->is_overridden |= str_eq(i->key, e->key);
	}
}

/* Every element of a list but the last one takes a comma. */
static size_t count_elements(const char *list)
{
	size_t n = 1;

	for (; list && *list; list++)
		n += *list == ',';
	return n;
}

static int attribute_all(struct attribution *a)
{
	const char *linked = a->f->linked ?: "", *environment = a->f->environment ?: "";

	a->out->entries = calloc(count_elements(linked) + count_elements(environment),
				 sizeof(*a->out->entries));
	a->out->memory = a->room = malloc(strlen(linked) + strlen(environment) + 2);
	if (!a->out->entries || !a->out->memory)
		return -ENOMEM;
	a->base = find_baseline(a);
	add_linked(a);
	add_environment(a);
	return 0;
}

int godebug__attribute(const struct godebug_facts *facts, struct godebug *ret)
{
	const bool has_file = facts->text && facts->place <= GODEBUG_IN_WORKSPACE;
	__free_godebug struct godebug out = {};
	struct attribution a = { .f = facts, .out = &out };
	int err;

	err = gomod__parse(has_file ? facts->text : "", has_file ? facts->size : 0, &a.file);
	if (err)
		return err;
	err = attribute_all(&a);
	gomod__free(&a.file);
	if (err)
		return err;
	*ret = out;
	out = (struct godebug){};
	return 0;
}

void godebug__free(struct godebug *g)
{
	free(g->entries);
	free(g->memory);
	*g = (struct godebug){};
}

const struct godebug_entry *godebug__get(const struct godebug *g, const char *key)
{
	size_t i = g->cnt;

	while (i--)
		if (!g->entries[i].is_overridden && str_eq(g->entries[i].key, key))
			return &g->entries[i];
	return NULL;
}
