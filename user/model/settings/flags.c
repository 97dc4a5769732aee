/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flags: those of the command line, and the words of GOFLAGS that they override. */
#include <errno.h>

#include "model/settings/resolve.h"

#define MAX_FLAGS 128

/* What go build understands, and with it all commands that load packages. */
static const struct flag_kind {
	const char *name;
	bool has_value;		/* the next argument, when it is not behind '=' */
	bool is_setting;	/* decides what is built; the others say how to work or where to */
} kinds[] = {
	/* name		 value  setting */
	{ "C",             true,  false },
	{ "a",             false, true  },
	{ "asan",          false, true  },
	{ "asmflags",      true,  true  },
	{ "bench",         true,  false },
	{ "buildmode",     true,  true  },
	{ "buildvcs",      false, true  },
	{ "compiler",      true,  true  },
	{ "count",         true,  false },
	{ "cover",         false, true  },
	{ "covermode",     true,  true  },
	{ "coverpkg",      true,  true  },
	{ "coverprofile",  true,  false },
	{ "cpu",           true,  false },
	{ "exec",          true,  false },
	{ "f",             true,  false },
	{ "gccgoflags",    true,  true  },
	{ "gcflags",       true,  true  },
	{ "installsuffix", true,  true  },
	{ "json",          false, false },
	{ "ldflags",       true,  true  },
	{ "linkshared",    false, true  },
	{ "mod",           true,  true  },
	{ "modcacherw",    false, true  },
	{ "modfile",       true,  true  },
	{ "msan",          false, true  },
	{ "o",             true,  false },
	{ "overlay",       true,  true  },
	{ "p",             true,  false },
	{ "parallel",      true,  false },
	{ "pgo",           true,  true  },
	{ "pkgdir",        true,  true  },
	{ "race",          false, true  },
	{ "run",           true,  false },
	{ "shuffle",       true,  false },
	{ "skip",          true,  false },
	{ "tags",          true,  true  },
	{ "timeout",       true,  false },
	{ "toolexec",      true,  true  },
	{ "trimpath",      false, true  },
	{ "vet",           true,  true  },
};

/* The verbs that take them. */
static const char *const verbs[] = {
	"build", "clean", "fix", "generate", "get", "install", "list", "mod", "run", "test", "tool",
	"vet", "work",
};

static const struct flag_kind *find_kind(const char *name, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].name) == n && !memcmp(kinds[i].name, name, n))
			return &kinds[i];
	return NULL;
}

static bool takes_flags(const char *verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (verb && str_eq(verbs[i], verb))
			return true;
	return false;
}

/* "-name" with its dashes folded into one; its end at '='. */
static const char *keep_name(struct resolve *r, const char *word, const char **ret_value)
{
	const char *name = word + 1 + (word[1] == '-'), *equals = strchr(name, '=');
	__free_str struct str out = {};

	str__addc(&out, '-');
	str__add(&out, name, equals ? (size_t)(equals - name) : strlen(name));
	*ret_value = equals ? equals + 1 : "true";
	return out.s ? resolve__keep(r, out.s) : NULL;
}

static struct effective *find_flag(struct resolve *r, const char *name)
{
	return (struct effective *)command_settings__find(r->out, name);
}

/* The flag to be set, what it was before shadowed; NULL: out of memory. */
static struct effective *set_flag(struct resolve *r, const char *name)
{
	struct effective *e = name ? find_flag(r, name) : NULL;

	if (e && effective__shadow(e, e->won))
		return NULL;
	return e || !name ? e : resolve__add(r, name);
}

/* The last word of a name counts. */
static int add_goflag(struct resolve *r, const struct effective *goflags, const char *word)
{
	struct effective *e;
	const char *value;

	if (!goflags__is_flag(word))
		return 0;
	e = set_flag(r, keep_name(r, word, &value));
	if (!e)
		return -ENOMEM;
	e->won = goflags->won;
	e->won.value = resolve__keep(r, value);
	e->via = "GOFLAGS";
	e->confidence = goflags->confidence;
	e->is_set = e->is_changed = true;
	for (size_t i = 0; i < goflags->proof_cnt && !e->proof_cnt; i++)
		effective__prove(e, goflags->proof[i]);
	return e->won.value ? 0 : -ENOMEM;
}

static int add_goflags(struct resolve *r)
{
	const struct effective *e = command_settings__find(r->out, "GOFLAGS");
	__free_goflags struct goflags words = {};
	int err;

	if (!e || !e->won.value || !*e->won.value)
		return 0;
	err = goflags__split(e->won.value, r->facts.minor, &words);
	if (err)
		return err == -ENOMEM ? err : 0;	/* fatal for go: nothing was set by it */
	for (size_t i = 0; i < words.cnt && i < MAX_FLAGS && !err; i++)
		err = add_goflag(r, e, words.words[i]);
	return err;
}

static int add_flag(struct resolve *r, const char *word, const char *next)
{
	const char *value;
	struct effective *e = set_flag(r, keep_name(r, word, &value));

	if (!e)
		return -ENOMEM;
	e->won = (struct origin){ SOURCE_COMMAND_LINE, resolve__keep(r, next ?: value), NULL, 0 };
	e->via = NULL;
	e->confidence = PROVEN;
	e->is_set = e->is_changed = true;
	e->proof_cnt = 0;
	effective__prove(e, r->c->p->start);
	return e->won.value ? 0 : -ENOMEM;
}

/* Flags end at the first argument that is none, but for go test, where packages may come first. */
static int add_command_line(struct resolve *r, const char *const *argv, size_t argc, size_t at,
			    bool is_test)
{
	int err = 0;

	for (size_t i = at; i < argc && !err; i++) {
		const char *word = argv[i], *name;
		const struct flag_kind *kind;
		bool takes_next;

		if (word[0] != '-' || !word[1] || str_eq(word, "--") || str_eq(word, "-args")) {
			if (is_test && word[0] != '-')
				continue;
			break;
		}
		name = word + 1 + (word[1] == '-');
		kind = find_kind(name, strcspn(name, "="));
		takes_next = kind && kind->has_value && !strchr(word, '=') && i + 1 < argc;
		if (kind && kind->is_setting)
			err = add_flag(r, word, takes_next ? argv[i + 1] : NULL);
		i += takes_next;
	}
	return err;
}

int resolve__flags(struct resolve *r)
{
	__free_mem const char **argv = process__argv(r->c->p);
	const char *sub = NULL, *verb;
	size_t at = 1;
	int err;

	if (!argv)
		return -ENOMEM;
	verb = go__verb(argv, r->c->p->arg_cnt, &sub);
	if (!takes_flags(verb))
		return 0;
	while (at < r->c->p->arg_cnt && argv[at] != verb && argv[at] != sub)
		at++;
	at += 1 + (sub != NULL);
	err = add_goflags(r);
	return err ?: add_command_line(r, argv, r->c->p->arg_cnt, at, str_eq(verb, "test"));
}
