/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flags in effect of a go command. */
#include <errno.h>
#include <string.h>

#include "golang/flags_table.h"

struct parse {
	const struct go_flags_facts *facts;
	struct go_flags *out;
	const char **argv;	/* without -C DIR */
	size_t argc;
	size_t shift;		/* how many words that were */
	size_t at;		/* the next one to read */
	char *patterns;		/* room for the next pattern */
};

/* What the word says as a flag. */
enum word_kind { WORD_FLAG, WORD_END, WORD_NO_FLAG, WORD_BAD };

struct word {
	enum word_kind kind;
	const char *name;
	size_t n;
	const char *value;	/* behind '='; NULL without */
};

static struct word read_word(const char *arg)
{
	struct word w = { .kind = WORD_NO_FLAG };

	if (arg[0] != '-' || !arg[1])
		return w;
	if (str_eq(arg, "--")) {
		w.kind = WORD_END;
		return w;
	}
	w.name = arg + 1 + (arg[1] == '-');
	w.n = strcspn(w.name, "=");
	w.kind = !w.n || w.name[0] == '-' ? WORD_BAD : WORD_FLAG;
	w.value = w.name[w.n] ? w.name + w.n + 1 : NULL;
	return w;
}

static bool is_help(const struct word *w)
{
	static const char *const names[] = { "h", "help" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == w->n && !memcmp(names[i], w->name, w->n))
			return true;
	return false;
}

static void refuse(struct go_flags *out, enum go_refusal why, const char *word)
{
	out->refusal = why;
	out->refused = word;
}

/* Versions whose flag sets were listed: of others we know release notes. */
static bool is_listed(int minor)
{
	static const unsigned char listed[] = { 15, 19, 21, 22, 23, 24, 25, 26, 27 };

	return minor && minor < 256 && memchr(listed, minor, sizeof(listed));
}

static void refuse_unknown(struct parse *p, enum go_refusal why, const char *word)
{
	refuse(p->out, why, word);
	if (!is_listed(p->facts->minor))
		p->out->is_certain = false;
}

/* "pattern=-N -l" */
static void cut_pattern(struct parse *p, struct go_flag *f)
{
	static const char space[] = " \t\n\v\f\r";
	const char *v = f->value + strspn(f->value, space);
	size_t n;

	f->pattern = "";
	f->args = v;
	if (!*v || *v == '-')
		return;
	n = strcspn(v, "=");
	f->args = v[n] ? v + n + 1 : v + n;
	while (n && strchr(space, v[n - 1]))
		n--;
	f->pattern = p->patterns;
	memcpy(p->patterns, v, n);
	p->patterns[n] = '\0';
	p->patterns += n + 1;
}

static bool matches_all(const char *pattern)
{
	return str_eq(pattern, "all") || str_eq(pattern, "...");
}

/* The packages of a later pattern are those of an earlier one, and perhaps more. */
static bool covers(const struct go_flag *later, const struct go_flag *earlier)
{
	if (later->name != earlier->name && !str_eq(later->name, earlier->name))
		return false;
	return !later->pattern || matches_all(later->pattern) ||
	       str_eq(later->pattern, earlier->pattern);
}

static void add(struct parse *p, const struct go_flag_kind *kind, const char *value,
		enum go_flag_source source, size_t word)
{
	struct go_flag *f = &p->out->flags[p->out->cnt];
	size_t i;

	*f = (struct go_flag){
		.name = kind->name, .value = value, .source = source, .word = word,
		.is_setting = kind->is_setting,
	};
	if (kind->form == FORM_PACKAGES)
		cut_pattern(p, f);
	for (i = 0; i < p->out->cnt && kind->form != FORM_EDIT; i++) {
		if (p->out->flags[i].is_overridden || !covers(f, &p->out->flags[i]))
			continue;
		p->out->flags[i].is_overridden = true;
		p->out->flags[i].by = p->out->cnt;
	}
	p->out->cnt++;
}

/* --- GOFLAGS --- */

static bool hides_errors(enum go_verb verb)
{
	return verb == GO_VERB_ENV || verb == GO_VERB_BUG;
}

/* A flag of some verb; those of vet's and fix's tools count for these only. */
static bool is_known(const struct parse *p, const struct word *w)
{
	return go_flag__find(GO_VERB_NONE, p->facts->minor, w->name, w->n) ||
	       go_flag__find(p->out->verb, p->facts->minor, w->name, w->n);
}

static void check_goflags(struct parse *p)
{
	struct go_flags *out = p->out;
	struct word w;
	size_t i;

	for (i = 0; i < out->words.cnt && !out->refusal; i++) {
		w = read_word(out->words.words[i]);
		if (w.kind != WORD_FLAG)
			refuse(out, GO_REFUSED_GOFLAGS, out->words.words[i]);
		else if (!is_known(p, &w))
			refuse_unknown(p, GO_REFUSED_GOFLAGS, out->words.words[i]);
	}
}

static void set_from_goflags(struct parse *p)
{
	struct go_flags *out = p->out;
	const struct go_flag_kind *kind;
	struct word w;
	size_t i;

	for (i = 0; i < out->words.cnt && !out->refusal; i++) {
		w = read_word(out->words.words[i]);
		kind = w.kind == WORD_FLAG ? go_flag__find(out->verb, p->facts->minor, w.name, w.n) : NULL;
		if (!kind)
			continue;
		if (!go_flag__takes(kind, w.value))
			refuse(out, GO_REFUSED_GOFLAGS, out->words.words[i]);
		else
			add(p, kind, w.value ?: "true", GO_FLAG_GOFLAGS, i);
	}
}

static int read_goflags(struct parse *p)
{
	const char *text = p->facts->goflags;
	struct go_flags *out = p->out;
	int err;

	if (!text || out->verb == GO_VERB_HELP || out->verb == GO_VERB_DOC)
		return 0;
	out->has_goflags = true;
	err = goflags__split(text, p->facts->minor, &out->words);
	if (err == -ENOMEM)
		return err;
	if (err == -E2BIG) {	/* go has no limit */
		out->has_goflags = out->is_certain = false;
		return 0;
	}
	if (err) {	/* env and bug go on without any */
		if (!hides_errors(out->verb))
			refuse(out, GO_REFUSED_GOFLAGS, text);
		return 0;
	}
	if (!hides_errors(out->verb))
		check_goflags(p);
	set_from_goflags(p);
	return 0;
}

/* --- the command line --- */

/*
 * -C DIR as the first flag, before the verb or behind it: go takes it off before it reads the rest.
 * lookupCmd: the words before it are those of a verb, or "mod" and "work" alone.
 */
static void take_chdir(struct parse *p)
{
	const int minor = p->facts->minor;
	size_t i = 1, used = 0;
	struct word w;

	if (minor && minor < 20)
		return;
	if (p->argc > 1 && !go_verb__find((const char *const *)p->argv + 1, p->argc - 1, minor, &used))
		used = str_eq(p->argv[1], "mod") || str_eq(p->argv[1], "work");
	i += used;
	if (i >= p->argc)
		return;
	w = read_word(p->argv[i]);
	if (w.kind != WORD_FLAG || w.n != 1 || *w.name != 'C' || (!w.value && i + 1 == p->argc))
		return;
	p->out->chdir = w.value ?: p->argv[i + 1];
	p->shift = w.value ? 1 : 2;
	p->argc -= p->shift;
	memmove(p->argv + i, p->argv + i + p->shift, (p->argc - i) * sizeof(*p->argv));
}

static void find_verb(struct parse *p)
{
	struct go_flags *out = p->out;
	size_t used = 0;
	struct word w;

	/* Of a process that was ending when it was adopted not even its own name is known. */
	p->at = p->argc ? 1 : 0;
	if (p->at < p->argc) {
		w = read_word(p->argv[p->at]);
		p->at += w.kind == WORD_END;
		if (w.kind == WORD_FLAG || w.kind == WORD_BAD) {
			refuse(out, is_help(&w) ? GO_SHOWS_HELP : GO_REFUSED_FLAG, p->argv[p->at]);
			return;
		}
	}
	out->verb = go_verb__find((const char *const *)p->argv + p->at, p->argc - p->at, p->facts->minor,
				  &used);
	if (!out->verb)
		refuse_unknown(p, GO_REFUSED_VERB, p->at < p->argc ? p->argv[p->at] : NULL);
	p->at += used;
}

/* The index in the caller's argv: -C DIR comes before all flags. */
static size_t word_index(const struct parse *p, size_t i)
{
	return i + p->shift;
}

/* A -vettool or -fixtool has flags of its own, which only it knows. */
static bool has_own_tool(const struct parse *p)
{
	return go_flags__value(p->out, "-vettool") || go_flags__value(p->out, "-fixtool");
}

/* Takes the known flag at p->at; true: it was taken (or go refuses its value). */
static bool take_flag(struct parse *p, const struct word *w)
{
	const struct go_flag_kind *kind = go_flag__find(p->out->verb, p->facts->minor, w->name, w->n);
	const char *value = w->value;
	const size_t at = p->at;

	if (!kind)
		return false;
	p->at++;
	if (!value && kind->form >= FORM_VALUED && p->at < p->argc)
		value = p->argv[p->at++];
	if (!go_flag__takes(kind, value))
		refuse(p->out, GO_REFUSED_VALUE, p->argv[at]);
	else
		add(p, kind, value ?: "true", GO_FLAG_COMMAND_LINE, word_index(p, at));
	return true;
}

/* vet, and fix since 1.26, pass on what their tools understand, and read their flags by themselves. */
static bool asks_tool(const struct parse *p)
{
	const int minor = p->facts->minor;

	return p->out->verb == GO_VERB_VET ||
	       (p->out->verb == GO_VERB_FIX && (!minor || minor >= 26));
}

/* Flags until the first argument that is none, or "--". */
static void read_flags(struct parse *p)
{
	const bool is_tools = asks_tool(p);
	struct word w;

	while (p->at < p->argc && !p->out->refusal) {
		w = read_word(p->argv[p->at]);
		if (w.kind == WORD_NO_FLAG || (w.kind == WORD_BAD && is_tools))
			return;
		if (w.kind == WORD_END) {
			p->at++;
			return;
		}
		if (w.kind == WORD_FLAG && take_flag(p, &w))
			continue;
		if (w.kind == WORD_FLAG && is_help(&w)) {
			refuse(p->out, GO_SHOWS_HELP, p->argv[p->at]);
		} else if (is_tools && has_own_tool(p)) {
			p->out->is_certain = false;
			p->at++;
		} else {
			refuse_unknown(p, GO_REFUSED_FLAG, p->argv[p->at]);
		}
	}
}

static void take_arg(struct parse *p)
{
	p->out->args[p->out->arg_cnt++] = p->argv[p->at++];
}

static void take_rest(struct parse *p)
{
	while (p->at < p->argc)
		p->out->rest[p->out->rest_cnt++] = p->argv[p->at++];
}

struct test_state {
	bool is_in_list;	/* of packages, now */
	bool is_list_over;
	bool may_be_value;	/* the word before was an unknown flag without a value */
	const char *unknown;	/* the first such flag */
};

/* False: what follows is the test's. */
static bool take_test_arg(struct parse *p, struct test_state *s, bool may_be_value)
{
	if (s->is_in_list || !s->is_list_over) {
		s->is_in_list = s->is_list_over = true;
		take_arg(p);
		return true;
	}
	if (!may_be_value)
		return false;
	p->out->rest[p->out->rest_cnt++] = p->argv[p->at++];
	return true;
}

static bool take_unknown_test_flag(struct parse *p, struct test_state *s, const struct word *w)
{
	const char *arg = p->argv[p->at];

	s->is_list_over = true;
	if (str_eq(arg, "-args") || str_eq(arg, "--args")) {
		p->at++;
		return false;
	}
	p->out->rest[p->out->rest_cnt++] = arg;
	p->at++;
	s->unknown = s->unknown ?: arg;
	s->may_be_value = !w->value;
	return true;
}

/* go test: packages among the flags, flags that it does not know are the test's. */
static void read_test_flags(struct parse *p)
{
	struct test_state s = {};
	bool goes_on = true;

	while (p->at < p->argc && goes_on && !p->out->refusal) {
		const struct word w = read_word(p->argv[p->at]);
		const bool may_be_value = s.may_be_value;

		s.may_be_value = false;
		if (w.kind == WORD_END)
			break;
		if (w.kind != WORD_FLAG) {
			goes_on = take_test_arg(p, &s, may_be_value);
			continue;
		}
		s.is_in_list = false;
		if (is_help(&w) && !w.value)
			refuse(p->out, GO_SHOWS_HELP, p->argv[p->at]);
		else if (!take_flag(p, &w))
			goes_on = take_unknown_test_flag(p, &s, &w);
	}
	/* Since 1.16: -c and -i run no test that it would be passed on to. */
	if (!p->out->refusal && s.unknown &&
	    (go_flags__is_on(p->out, "-c") || go_flags__is_on(p->out, "-i")) &&
	    (!p->facts->minor || p->facts->minor >= 16))
		refuse_unknown(p, GO_REFUSED_FLAG, s.unknown);
	if (!p->out->refusal)
		take_rest(p);
}

static bool is_go_file(const char *arg)
{
	return str_has_suffix(arg, ".go");
}

/* What go run takes: files up to the first that is none, or one package. */
static void read_args(struct parse *p)
{
	const enum go_verb verb = p->out->verb;

	if (verb == GO_VERB_RUN && p->at < p->argc && is_go_file(p->argv[p->at])) {
		while (p->at < p->argc && is_go_file(p->argv[p->at]))
			take_arg(p);
	} else if (verb == GO_VERB_RUN || verb == GO_VERB_TOOL) {
		if (p->at < p->argc)
			take_arg(p);
	} else {
		while (p->at < p->argc)
			take_arg(p);
	}
	take_rest(p);
}

static bool is_path(const char *arg)
{
	return arg[0] == '/' || str_eq(arg, ".") || str_eq(arg, "..") || str_has_prefix(arg, "./") ||
	       str_has_prefix(arg, "../");
}

/* go install pkg@version since 1.16, go run pkg@version since 1.17. */
static void find_at_version(struct go_flags *out, int minor)
{
	const bool is_run = out->verb == GO_VERB_RUN;
	size_t i, cnt = is_run && out->arg_cnt ? 1 : out->arg_cnt;

	if ((!is_run && out->verb != GO_VERB_INSTALL) || (minor && minor < (is_run ? 17 : 16)))
		return;
	for (i = 0; i < cnt && !out->at_version; i++)
		if (strchr(out->args[i], '@') && !is_path(out->args[i]) &&
		    !(is_run && is_go_file(out->args[i])))
			out->at_version = out->args[i];
}

/* --- lifecycle --- */

static int allocate(struct parse *p)
{
	const struct go_flags_facts *facts = p->facts;
	const size_t text = facts->goflags ? strlen(facts->goflags) : 0;
	size_t i, n = text + 1;

	for (i = 0; i < facts->argc; i++)
		n += strlen(facts->argv[i]) + 1;
	p->argv = calloc(facts->argc + 1, sizeof(*p->argv));
	/* Every word gives one flag at most; a word of GOFLAGS has a byte and a space. */
	p->out->flags = calloc(facts->argc + text / 2 + 1, sizeof(*p->out->flags));
	p->out->args = calloc(facts->argc + 1, sizeof(*p->out->args));
	p->out->rest = calloc(facts->argc + 1, sizeof(*p->out->rest));
	p->out->patterns = p->patterns = malloc(n);
	if (!p->argv || !p->out->flags || !p->out->args || !p->out->rest || !p->patterns)
		return -ENOMEM;
	for (i = 0; i < facts->argc; i++)
		p->argv[i] = facts->argv[i];
	p->argc = facts->argc;
	return 0;
}

static int parse(struct parse *p)
{
	struct go_flags *out = p->out;
	int err;

	take_chdir(p);
	find_verb(p);
	if (out->refusal)
		return 0;
	err = read_goflags(p);
	if (err || out->refusal)
		return err;
	if (out->verb == GO_VERB_TEST) {
		read_test_flags(p);
		return 0;
	}
	if (out->verb != GO_VERB_HELP)
		read_flags(p);
	if (!out->refusal)
		read_args(p);
	find_at_version(out, p->facts->minor);
	return 0;
}

int go_flags__parse(const struct go_flags_facts *facts, struct go_flags *ret)
{
	struct go_flags out = { .is_certain = facts->minor && facts->minor <= GO_NEWEST_MINOR };
	struct parse p = { .facts = facts, .out = &out };
	int err = allocate(&p);

	if (!err)
		err = parse(&p);
	free(p.argv);
	if (err) {
		go_flags__free(&out);
		return err;
	}
	*ret = out;
	return 0;
}

void go_flags__free(struct go_flags *f)
{
	goflags__free(&f->words);
	free(f->flags);
	free(f->args);
	free(f->rest);
	free(f->patterns);
	*f = (struct go_flags){};
}

const struct go_flag *go_flags__get(const struct go_flags *f, const char *name,
				    const struct go_flag *after)
{
	size_t i = after ? after - f->flags + 1 : 0;

	for (; !f->refusal && i < f->cnt; i++)
		if (!f->flags[i].is_overridden && str_eq(f->flags[i].name, name))
			return &f->flags[i];
	return NULL;
}

const char *go_flags__value(const struct go_flags *f, const char *name)
{
	const struct go_flag *flag = go_flags__get(f, name, NULL);

	return flag && *flag->value ? flag->value : NULL;
}

bool go_flags__is_on(const struct go_flags *f, const char *name)
{
	const struct go_flag *flag = go_flags__get(f, name, NULL);

	/* The spellings of false all have one of these letters first: 0, f, F, FALSE, false, False. */
	return flag && !strchr("0fF", *flag->value);
}
