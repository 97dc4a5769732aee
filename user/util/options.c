/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options as data: one table is read, checked, handed on and described. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/nearest.h"
#include "util/options.h"

#define FIRST_LONG 256	/* getopt_long()'s values below are letters */

static const struct option_row help_row = { "help", OPTION_FLAG, .letter = 'h' };

static int __attribute__((format(printf, 2, 3))) wrong(struct str *why, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);	/* a message that is too long is cut */
	va_end(ap);
	str__cut(why, 0);
	str__adds(why, text);
	return str__err(why) ?: -EINVAL;
}

/* --- walking --- */

/* The row with this number over all groups; NULL behind the last. */
static const struct option_row *row_at(const struct option_group *const *groups, size_t number)
{
	for (; *groups; groups++)
		for (const struct option_row *row = (*groups)->rows; row->name; row++)
			if (!number--)
				return row;
	return NULL;
}

#define FOR_EACH_ROW(row, groups)	\
	for (size_t _i = 0; ((row) = row_at(groups, _i)); _i++)

void options__each_row(const struct option_group *const *groups, option_row_fn fn, void *ctx)
{
	for (; *groups; groups++)
		for (const struct option_row *row = (*groups)->rows; row->name; row++)
			fn(ctx, *groups, row);
}

const struct option_row *options__find(const struct option_group *const *groups, const char *name)
{
	const struct option_row *row;

	FOR_EACH_ROW(row, groups)
		if (str_eq(row->name, name))
			return row;
	return NULL;
}

void options__spell(const struct option_row *row, struct str *out)
{
	if (row->letter)
		str__addf(out, "-%c, ", row->letter);
	str__addf(out, "--%s", row->name);
	if (row->arg)
		str__addf(out, " %s", row->arg);
}

/* --- values --- */

static void *field(const struct option_row *row, void *into)
{
	return (char *)into + row->at;
}

static const void *const_field(const struct option_row *row, const void *from)
{
	return (const char *)from + row->at;
}

static bool is_number(const struct option_row *row)
{
	return row->type == OPTION_NUMBER || row->type == OPTION_SIZE;
}

static bool is_given(const struct option_row *row, const void *from)
{
	const void *p = const_field(row, from);

	if (row->type == OPTION_FLAG)
		return *(const bool *)p;
	if (is_number(row))
		return row->many ? ((const struct numbers *)p)->cnt : *(const uint64_t *)p;
	return row->many ? ((const struct texts *)p)->cnt : !!*(const char *const *)p;
}

/* Room for one more in an array that has cnt; they grow by doubling. */
static int grow(void **v, size_t cnt, size_t size)
{
	void *p;

	if (cnt & (cnt - 1))	/* not a power of two, and so not full */
		return 0;
	p = reallocarray(*v, cnt ? cnt * 2 : 1, size);
	if (!p)
		return -ENOMEM;
	*v = p;
	return 0;
}

static bool is_word(const char *words, const char *value)
{
	size_t n = strlen(value);

	for (const char *w = words; *w; w += strspn(w, ", "))
		if (strcspn(w, ",") == n && !strncmp(w, value, n))
			return true;
		else
			w += strcspn(w, ",");
	return false;
}

/* Digits, and for a size perhaps K, M or G behind them. */
static bool parse_number(const struct option_row *row, const char *text, uint64_t *ret)
{
	unsigned int shift = 0;
	unsigned long long v;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (row->type == OPTION_SIZE && *end)
		shift = strchr("kK", *end) ? 10 : strchr("mM", *end) ? 20 : strchr("gG", *end) ? 30 : 0;
	end += shift != 0;
	if (errno || *end || v > UINT64_MAX >> shift)
		return false;
	*ret = v << shift;
	return *ret && *ret >= row->min && *ret <= row->max;
}

static void add_size(struct str *out, uint64_t v)
{
	if (v >> 30 << 30 == v)
		str__addf(out, "%lluG", (unsigned long long)(v >> 30));
	else if (v >> 20 << 20 == v)
		str__addf(out, "%lluM", (unsigned long long)(v >> 20));
	else if (v >> 10 << 10 == v)
		str__addf(out, "%lluK", (unsigned long long)(v >> 10));
	else
		str__addf(out, "%llu", (unsigned long long)v);
}

/* What a value of this row has to be, for "'x' is not …". */
static void add_what(struct str *out, const struct option_row *row)
{
	if (row->what) {
		str__adds(out, row->what);
	} else if (row->type == OPTION_WORD) {
		str__addf(out, "one of %s", row->words);
	} else if (row->type == OPTION_PAIR) {
		str__adds(out, row->arg);
	} else if (row->type == OPTION_SIZE) {
		str__adds(out, "a size from ");
		add_size(out, row->min);
		str__adds(out, " to ");
		add_size(out, row->max);
	} else {
		str__adds(out, "a number above 0");
	}
}

static int bad_value(const struct option_row *row, const char *value, struct str *why)
{
	__free_str struct str what = {};

	add_what(&what, row);
	return wrong(why, "--%s '%.200s' is not %s", row->name, value, what.s ?: "right");
}

static int set_number(const struct option_row *row, void *into, const char *value, struct str *why)
{
	struct numbers *list = field(row, into);
	uint64_t *one = field(row, into), v;
	int err;

	if (!parse_number(row, value, &v))
		return bad_value(row, value, why);
	if (row->many) {
		err = grow((void **)&list->v, list->cnt, sizeof(*list->v));
		if (!err)
			list->v[list->cnt++] = v;
		return err;
	}
	if (*one && *one != v)
		return wrong(why, "--%s was given twice, it takes one value", row->name);
	*one = v;
	return 0;
}

static bool fits(const struct option_row *row, const char *value)
{
	if (row->type == OPTION_WORD)
		return is_word(row->words, value);
	if (row->type == OPTION_PAIR)
		return *value != '=' && strchr(value, '=');
	return true;
}

static int set_text(const struct option_row *row, void *into, const char *value, struct str *why)
{
	struct texts *list = field(row, into);
	const char **one = field(row, into);
	int err;

	if (!*value)
		return wrong(why, "--%s needs a value that is not empty", row->name);
	if (!fits(row, value))
		return bad_value(row, value, why);
	if (row->many) {
		err = grow((void **)&list->v, list->cnt, sizeof(*list->v));
		if (!err)
			list->v[list->cnt++] = value;
		return err;
	}
	if (*one && !str_eq(*one, value))
		return wrong(
			why,
			"--%s was given twice, as '%.200s' and as '%.200s': it takes one value",
			row->name, *one, value);
	*one = value;
	return 0;
}

int options__set(const struct option_row *row, void *into, const char *value, struct str *why)
{
	if (is_number(row))
		return set_number(row, into, value, why);
	if (row->type != OPTION_FLAG)
		return set_text(row, into, value, why);
	if (*value)
		return wrong(why, "'--%s' takes no value", row->name);
	*(bool *)field(row, into) = true;
	return 0;
}

static int each_number(const struct option_row *row, const uint64_t *v, size_t cnt, option_fn fn,
		       void *ctx)
{
	char text[24];
	int err = 0;

	for (size_t i = 0; !err && i < cnt; i++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)v[i]);
		err = fn(ctx, row, text);
	}
	return err;
}

static int each_value(const struct option_row *row, const void *from, option_fn fn, void *ctx)
{
	const void *p = const_field(row, from);
	const struct numbers *numbers = p;
	const struct texts *texts = p;
	int err = 0;

	if (row->type == OPTION_FLAG)
		return fn(ctx, row, "");
	if (is_number(row))
		return row->many ? each_number(row, numbers->v, numbers->cnt, fn, ctx) :
				   each_number(row, p, 1, fn, ctx);
	if (!row->many)
		return fn(ctx, row, *(const char *const *)p);
	for (size_t i = 0; !err && i < texts->cnt; i++)
		err = fn(ctx, row, texts->v[i]);
	return err;
}

int options__each(const struct option_group *const *groups, const void *from, option_fn fn,
		  void *ctx)
{
	const struct option_row *row;
	int err = 0;

	FOR_EACH_ROW(row, groups) {
		if (is_given(row, from))
			err = each_value(row, from, fn, ctx);
		if (err)
			return err;
	}
	return 0;
}

void options__free(const struct option_group *const *groups, void *from)
{
	const struct option_row *row;

	FOR_EACH_ROW(row, groups) {
		if (!row->many)
			continue;
		/* Both lists begin with the pointer to their array. */
		free(*(void **)field(row, from));
		memset(field(row, from), 0,
		       is_number(row) ? sizeof(struct numbers) : sizeof(struct texts));
	}
}

/* --- what options say about each other --- */

/* "--pid PID or --cgroup PATH": this row and those that it excludes. */
static void spell_one_of(const struct option_group *const *groups, const struct option_row *of,
			 struct str *out)
{
	const struct option_row *row;
	bool first = true;

	FOR_EACH_ROW(row, groups) {
		if (row != of && (!of->one_of || row->one_of != of->one_of))
			continue;
		str__addf(out, "%s--%s%s%s", first ? "" : " or ", row->name, row->arg ? " " : "",
			  row->arg ?: "");
		first = false;
	}
}

/* One that is given and excludes of, or of itself when it is given; NULL: none. */
static const struct option_row *given_one_of(const struct option_group *const *groups,
					     const void *from, const struct option_row *of,
					     bool other)
{
	const struct option_row *row;

	FOR_EACH_ROW(row, groups)
		if (is_given(row, from) &&
		    (row == of ? !other : of->one_of && row->one_of == of->one_of))
			return row;
	return NULL;
}

static int check_row(const struct option_group *const *groups, const void *from,
		     const struct option_row *row, struct str *why)
{
	const struct option_row *other;
	__free_str struct str text = {};

	if (row->needed && !given_one_of(groups, from, row, false)) {
		spell_one_of(groups, row, &text);
		return wrong(why, "needs %s", text.s ?: row->name);
	}
	if (!is_given(row, from))
		return 0;
	other = given_one_of(groups, from, row, true);
	if (other)
		return wrong(why, "--%s and --%s exclude each other", row->name, other->name);
	other = row->with ? options__find(groups, row->with) : NULL;
	if (!other || is_given(other, from))
		return 0;
	options__spell(other, &text);
	return wrong(why, "--%s makes sense only with %s", row->name, text.s ?: row->with);
}

int options__check(const struct option_group *const *groups, const void *from, struct str *why)
{
	const struct option_row *row;
	int err = 0;

	FOR_EACH_ROW(row, groups) {
		err = check_row(groups, from, row, why);
		if (err)
			return err;
	}
	return 0;
}

/* --- reading a command line --- */

/* What getopt_long() wants to know. */
struct getopt_tables {
	struct option *longs;
	char *letters;
};

static void getopt_tables__free(struct getopt_tables *t)
{
	free(t->longs);
	free(t->letters);
}

static void add_row(struct option *o, char **letters, const struct option_row *row, size_t number)
{
	bool has_value = row->type != OPTION_FLAG;

	*o = (struct option){ row->name, has_value ? required_argument : no_argument, NULL,
			      FIRST_LONG + number };
	if (!row->letter)
		return;
	*(*letters)++ = row->letter;
	if (has_value)
		*(*letters)++ = ':';
}

static int make_tables(const struct option_group *const *groups, bool stop,
		       struct getopt_tables *ret)
{
	const struct option_row *row;
	size_t cnt = 0, i = 0;
	char *letters;

	FOR_EACH_ROW(row, groups)
		cnt++;
	ret->longs = calloc(cnt + 2, sizeof(*ret->longs));	/* with help and the end */
	ret->letters = calloc(2 * (cnt + 1) + 3, 1);		/* "+:" and the end */
	if (!ret->longs || !ret->letters)
		return -ENOMEM;
	letters = ret->letters;
	if (stop)
		*letters++ = '+';
	*letters++ = ':';	/* it says nothing by itself, and tells a missing value apart */
	FOR_EACH_ROW(row, groups) {
		add_row(&ret->longs[i], &letters, row, i);
		i++;
	}
	add_row(&ret->longs[i], &letters, &help_row, i);
	return 0;
}

/* The row that getopt_long()'s value stands for; help's when there is no other. */
static const struct option_row *row_of(const struct option_group *const *groups, int value)
{
	const struct option_row *row;

	if (value >= FIRST_LONG)
		return row_at(groups, value - FIRST_LONG) ?: &help_row;
	FOR_EACH_ROW(row, groups)
		if (row->letter == value)
			return row;
	return &help_row;
}

/* It begins more than one name, or resembles one, or neither. */
static int unknown_name(const struct option_group *const *groups, const char *word, struct str *why)
{
	size_t n = strcspn(word + 2, "=");
	__free_mem char *name = strndup(word + 2, n);
	struct nearest nearest = { .name = name };
	const struct option_row *row, *first = NULL;

	if (!name)
		return -ENOMEM;
	FOR_EACH_ROW(row, groups) {
		if (first && str_has_prefix(row->name, name))
			return wrong(why, "'--%.200s' could be --%s or --%s", name, first->name,
				     row->name);
		if (str_has_prefix(row->name, name))
			first = row;
		nearest__try(&nearest, row->name);
	}
	if (nearest.best)
		return wrong(why, "'--%.200s' is not an option that it knows, but --%s is", name,
			     nearest.best);
	return wrong(why, "'--%.200s' is not an option that it knows", name);
}

/* getopt_long() found '?' or ':'; optopt is the option's value when it knows it. */
static int refused(const struct option_group *const *groups, int found, char *const *argv,
		   struct str *why)
{
	if (found == ':')
		return wrong(why, "option '%.200s' needs a value",
			     optopt < FIRST_LONG ? (char[]){ '-', optopt, '\0' } :
						   argv[optind - 1]);
	if (optopt >= FIRST_LONG)
		return wrong(why, "'--%s' takes no value", row_of(groups, optopt)->name);
	if (optopt)
		return wrong(why, "'-%c' is not an option that it knows", optopt);
	return unknown_name(groups, argv[optind - 1], why);
}

int options__parse(const struct option_group *const *groups, void *into, int argc, char **argv,
		   bool stop, int *ret_next, struct str *why)
{
	__attribute__((cleanup(getopt_tables__free))) struct getopt_tables tables = {};
	int err = make_tables(groups, stop, &tables), value;
	const struct option_row *row;

	if (err)
		return err;
	optind = 0;	/* glibc: start anew */
	while ((value = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		if (value == '?' || value == ':')
			return refused(groups, value, argv, why);
		row = row_of(groups, value);
		if (row == &help_row)
			return OPTIONS_HELP;
		err = options__set(row, into, optarg ?: "", why);
		if (err)
			return err;
	}
	*ret_next = optind;
	return options__check(groups, into, why);
}
