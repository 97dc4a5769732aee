/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which toolchain a go command runs itself with (cmd/go/internal/toolchain). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golang/flags_table.h"
#include "golang/gover.h"
#include "golang/toolchain_select.h"

static const char *const reason_titles[] = {
#define X(id, title) [TOOLCHAIN_BY_##id] = title,
	TOOLCHAIN_REASON_LIST(X)
#undef X
};

const char *toolchain_reason__title(enum toolchain_reason reason)
{
	return reason_titles[reason];
}

struct asked {
	const char *text;	/* of a line's value; NULL without the line */
	size_t n;
	unsigned int line;
};

struct selection {
	const struct toolchain_facts *f;
	struct toolchain_choice *out;
	int minor;
	const char **argv;	/* without -C */
	size_t argc;
	char local_version[GOVER_MAX];
	char version[GOVER_MAX];	/* of the toolchain chosen so far */
	bool reads_file;		/* auto or path */
	bool is_at_version;		/* go install|run pkg@version */
	const struct toolchain_file *file;
	struct asked go, toolchain;
};

static bool is(const char *s, const char *word)
{
	return s && str_eq(s, word);
}

/* --- the command line --- */

/* go deletes -C DIR from its arguments before it selects. */
static int copy_args(struct selection *s)
{
	size_t i, used = 0;

	s->argv = calloc(s->f->argc + 1, sizeof(*s->argv));
	if (!s->argv)
		return -ENOMEM;
	for (i = 0; i < s->f->argc; i++)
		s->argv[i] = s->f->argv[i];
	s->argc = s->f->argc;
	if (s->argc > 1 && !go_verb__find(s->f->argv + 1, s->argc - 1, s->minor, &used))
		used = is(s->argv[1], "mod") || is(s->argv[1], "work");
	i = 1 + used;
	if (i >= s->argc)
		return 0;
	if (str_has_prefix(s->argv[i], "-C=") || str_has_prefix(s->argv[i], "--C="))
		used = 1;
	else if ((is(s->argv[i], "-C") || is(s->argv[i], "--C")) && i + 1 < s->argc)
		used = 2;
	else
		return 0;
	s->argc -= used;
	memmove(s->argv + i, s->argv + i + used, (s->argc - i) * sizeof(*s->argv));
	return 0;
}

static bool is_exempt(const struct selection *s)
{
	if (s->argc < 3 || !is(s->argv[1], "env"))
		return false;
	if (s->argc == 3 && (is(s->argv[2], "GOMOD") || is(s->argv[2], "GOWORK")))
		return s->minor >= 23;
	if (s->argc == 3)
		return is(s->argv[2], "GOTOOLCHAIN");
	return s->argc == 4 && is(s->argv[2], "-w") && str_has_prefix(s->argv[3], "GOTOOLCHAIN=");
}

/* Behind an unknown flag, go install takes its last argument for the package. */
static const char *last_argument(const struct selection *s, size_t i)
{
	return i < s->argc && s->argv[s->argc - 1][0] != '-' ? s->argv[s->argc - 1] : NULL;
}

static const char *find_package(const struct selection *s, enum go_verb verb)
{
	const struct go_flag_kind *kind;
	const char *name;
	size_t i = 2;

	while (i < s->argc) {
		name = s->argv[i++];
		if (str_eq(name, "--"))
			return i < s->argc ? s->argv[i] : NULL;
		if (name[0] != '-')
			return name;
		name += 1 + (name[1] == '-');
		if (strchr(name, '='))
			continue;
		kind = go_flag__find(verb, s->minor, name, strlen(name));
		if (!kind)
			return verb == GO_VERB_RUN ? NULL : last_argument(s, i);
		i += kind->form >= FORM_VALUED;
	}
	return NULL;
}

/* go install pkg@version, go run pkg@version; not ./pkg@version. */
static bool has_at_version(const struct selection *s)
{
	const enum go_verb verb = s->argc < 3 ? GO_VERB_NONE : is(s->argv[1], "install") ? GO_VERB_INSTALL :
				  is(s->argv[1], "run") ? GO_VERB_RUN : GO_VERB_NONE;
	const char *package = verb ? find_package(s, verb) : NULL;
	const char *at = package ? strchr(package, '@') : NULL;

	if (!at || at == package || !at[1] || package[0] == '/' || str_has_prefix(package, "./") ||
	    str_has_prefix(package, "../"))
		return false;
	/* Those are toolchains, and no packages. */
	return !str_has_prefix(package, "go@") && !str_has_prefix(package, "toolchain@");
}

static bool loads_more(const struct selection *s)
{
	static const enum go_verb verbs[] = {
		GO_VERB_GET, GO_VERB_MOD_DOWNLOAD, GO_VERB_MOD_GRAPH, GO_VERB_MOD_TIDY, GO_VERB_WORK_INIT,
		GO_VERB_WORK_SYNC, GO_VERB_WORK_USE,
	};
	size_t i, used;
	enum go_verb verb;

	if (s->argc < 2)
		return false;
	verb = go_verb__find((const char *const *)s->argv + 1, s->argc - 1, s->minor, &used);
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (verbs[i] == verb)
			return true;
	return false;
}

/* --- results --- */

static int refuse(struct selection *s, const char *error)
{
	s->out->action = TOOLCHAIN_REFUSED;
	s->out->error = error;
	return 0;
}

static int name_it(struct selection *s, const char *name, size_t n, const char *suffix)
{
	__free_str struct str out = {};

	str__add(&out, name, n);
	str__adds(&out, suffix);
	if (str__err(&out))
		return -ENOMEM;
	free(s->out->name);
	s->out->name = str__steal(&out);
	return 0;
}

static int stay(struct selection *s, enum toolchain_reason reason)
{
	s->out->action = TOOLCHAIN_LOCAL;
	s->out->reason = reason;
	s->out->file = NULL;
	s->out->line = 0;
	return name_it(s, s->f->local, strlen(s->f->local), "");
}

static void decide_by(struct selection *s, enum toolchain_reason reason, const struct asked *line)
{
	s->out->reason = reason;
	s->out->file = line ? s->file->path : NULL;
	s->out->line = line ? line->line : 0;
}

/* --- GOTOOLCHAIN --- */

static int read_mode(struct selection *s, const char *mode)
{
	s->reads_file = str_eq(mode, "auto") || str_eq(mode, "path");
	s->out->is_path_only = str_eq(mode, "path");
	return 0;
}

/* "go1.22.1+auto" */
static int read_gotoolchain(struct selection *s)
{
	const char *value = s->f->gotoolchain, *plus;
	size_t n;
	int err;

	memcpy(s->version, s->local_version, sizeof(s->version));
	err = name_it(s, s->f->local, strlen(s->f->local), "");
	if (err || str_eq(value, "auto") || str_eq(value, "path"))
		return err ?: read_mode(s, value);
	n = strcspn(value, "+");
	plus = value[n] ? value + n + 1 : NULL;
	if (n != strlen("local") || memcmp(value, "local", n)) {
		err = name_it(s, value, n, "");
		if (err)
			return err;
		if (!gover__of_toolchain(s->out->name, s->version))
			return refuse(s, "GOTOOLCHAIN names no toolchain");
		decide_by(s, TOOLCHAIN_BY_GOTOOLCHAIN, NULL);
	}
	if (plus && !str_eq(plus, "auto") && !str_eq(plus, "path"))
		return refuse(s, "GOTOOLCHAIN has another suffix than +auto and +path");
	return read_mode(s, plus ?: "");
}

/* --- go.work, go.mod --- */

static struct asked look_up(const struct toolchain_file *file, const char *key)
{
	struct asked a = {};

	if (!gover__look_up(file->text, file->size, key, &a.text, &a.n, &a.line))
		a.text = NULL;
	return a;
}

static void read_file(struct selection *s)
{
	s->file = s->f->work.path ? &s->f->work : s->f->mod.path ? &s->f->mod : NULL;
	if (!s->file || !s->file->text)
		return;
	s->go = look_up(s->file, "go");
	s->toolchain = look_up(s->file, "toolchain");
}

static bool equals(const struct asked *a, const char *word)
{
	return a->text && a->n == strlen(word) && !memcmp(a->text, word, a->n);
}

/* Copies what the line says; too long ones are malformed for go, too. */
static bool copy_value(const struct asked *a, char ret[GOVER_MAX])
{
	if (!a->text || a->n >= GOVER_MAX)
		return false;
	memcpy(ret, a->text, a->n);
	ret[a->n] = '\0';
	return true;
}

static int follow_toolchain_line(struct selection *s)
{
	char name[GOVER_MAX], version[GOVER_MAX];
	int c;

	if (!s->toolchain.text || !s->toolchain.n)
		return 0;
	if (!copy_value(&s->toolchain, name) || !gover__of_toolchain(name, version))
		return refuse(s, "the toolchain line names no toolchain");
	c = gover__compare(version, s->version);
	if (c < 0 || (c == 0 && s->minor >= 22))
		return 0;
	memcpy(s->version, version, sizeof(version));
	decide_by(s, TOOLCHAIN_BY_TOOLCHAIN_LINE, &s->toolchain);
	return name_it(s, name, strlen(name), "");
}

static int follow_go_line(struct selection *s)
{
	char version[GOVER_MAX], name[GOVER_MAX + 2] = "go";
	bool is_lang;

	if (!copy_value(&s->go, version) || gover__compare(version, s->version) <= 0)
		return 0;
	/* The language 1.21 and newer is no release: its first one is. */
	is_lang = gover__is_lang(version) && gover__compare(version, "1.21") >= 0;
	memcpy(s->version, version, sizeof(version));
	memcpy(name + 2, version, sizeof(version));
	decide_by(s, TOOLCHAIN_BY_GO_LINE, &s->go);
	return name_it(s, name, strlen(name), is_lang ? ".0" : "");
}

static int follow_file(struct selection *s)
{
	int err;

	if (!s->reads_file || (s->is_at_version && s->minor < 25))
		return 0;
	s->out->rests_on_files = true;
	if (!s->file)
		return 0;
	if (!s->file->text)
		s->out->is_certain = false;
	if (equals(&s->toolchain, "default"))
		return 0;
	err = follow_toolchain_line(s);
	if (err || s->out->error)
		return err;
	return follow_go_line(s);
}

/* --- together --- */

/* What the go line asks for, when the toolchain that runs is older. */
static int find_lack(struct selection *s)
{
	char version[GOVER_MAX], running[GOVER_MAX];

	if (s->minor < 21 || !copy_value(&s->go, version) || s->is_at_version || !s->out->name ||
	    !gover__of_toolchain(s->out->name, running) || gover__compare(version, running) <= 0)
		return 0;
	s->out->lacks = strdup(version);
	s->out->lacks_file = s->file->path;
	s->out->lacks_line = s->go.line;
	return s->out->lacks ? 0 : -ENOMEM;
}

static bool are_modules_on(const struct selection *s)
{
	const char *value = s->f->go111module ?: "";

	if (str_eq(value, "auto")) {
		s->out->rests_on_files = true;
		return s->f->mod.path || (s->minor >= 27 && s->f->work.path);
	}
	return !*value || str_eq(value, "on");
}

static bool is_local(const struct selection *s)
{
	return str_eq(s->out->name, s->f->local);
}

static int choose(struct selection *s)
{
	int err = read_gotoolchain(s);

	if (err || s->out->error)
		return err;
	err = follow_file(s);
	if (err || s->out->error)
		return err;
	if (s->reads_file)
		s->out->may_switch_later = s->is_at_version || loads_more(s);
	if (s->f->invoked_for && *s->f->invoked_for) {
		if (!is(s->f->invoked_for, s->f->local))
			return refuse(s, "it was selected as another toolchain than it is");
		return stay(s, TOOLCHAIN_BY_INVOKED);
	}
	if (is_local(s))
		return stay(s, s->out->reason == TOOLCHAIN_BY_GOTOOLCHAIN ? TOOLCHAIN_BY_GOTOOLCHAIN :
									   TOOLCHAIN_BY_NONE);
	if (!str_has_prefix(s->out->name, "go1") && !strstr(s->out->name, "-go1"))
		return refuse(s, "GOTOOLCHAIN names no toolchain");
	s->out->action = TOOLCHAIN_SWITCH;
	return 0;
}

static int select_one(struct selection *s)
{
	int err = copy_args(s);

	if (err)
		return err;
	read_file(s);
	s->is_at_version = has_at_version(s);
	if (s->minor < 21)
		err = stay(s, TOOLCHAIN_BY_TOO_OLD);
	else if (!are_modules_on(s))
		err = stay(s, TOOLCHAIN_BY_MODULES_OFF);
	else if (is_exempt(s))
		err = stay(s, TOOLCHAIN_BY_EXEMPT);
	else if (!s->f->gotoolchain || !*s->f->gotoolchain)
		err = stay(s, TOOLCHAIN_BY_NOT_SET);
	else
		err = choose(s);
	if (s->minor >= 21 && !s->f->gotoolchain)
		s->out->is_certain = false;
	return err ?: find_lack(s);
}

int toolchain__select(const struct toolchain_facts *facts, struct toolchain_choice *ret)
{
	__free_toolchain_choice struct toolchain_choice out = { .is_certain = true };
	struct selection s = { .f = facts, .out = &out, .minor = go__minor(facts->local) };
	int err;

	if (!s.minor || !gover__of_toolchain(facts->local, s.local_version)) {
		/* A development version: the language is what it has. */
		snprintf(s.local_version, sizeof(s.local_version), "1.%d", s.minor);
		out.is_certain = false;
	}
	err = select_one(&s);
	free(s.argv);
	if (err)
		return err;
	*ret = out;
	out = (struct toolchain_choice){};
	return 0;
}

void toolchain_choice__free(struct toolchain_choice *c)
{
	free(c->name);
	free(c->lacks);
	*c = (struct toolchain_choice){};
}
