/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A verb's page of help, laid out from its table. */
#include <ctype.h>

#include "cmd/help_page.h"
#include "output/text.h"

#define WIDTH 80
#define COLUMN_MAX 26	/* where the texts of options begin, at most */

/* Words on lines of at most WIDTH characters; the next line begins at indent. */
struct flow {
	struct str *out;
	size_t at, indent;
	bool glued;		/* no space before the next word */
};

static size_t width(const char *s, size_t n)
{
	size_t w = 0;

	for (size_t i = 0; i < n; i++)
		w += ((unsigned char)s[i] & 0xc0) != 0x80;
	return w;
}

static void flow__word(struct flow *f, const char *word, size_t n)
{
	size_t w = width(word, n);

	if (!f->glued && f->at + 1 + w > WIDTH) {
		str__addc(f->out, '\n');
		text__pad(f->out, f->out->len, f->indent);
		f->at = f->indent;
	} else if (!f->glued) {
		str__addc(f->out, ' ');
		f->at++;
	}
	str__add(f->out, word, n);
	f->at += w;
	f->glued = false;
}

static void flow__text(struct flow *f, const char *text, size_t n)
{
	const char *end = text + n, *space;

	for (; text < end; text = space + 1) {
		space = memchr(text, ' ', end - text) ?: end;
		flow__word(f, text, space - text);
	}
}

void help_page__prose(struct str *out, const char *text)
{
	struct flow f = { .out = out };
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		f.at = 0;
		f.glued = true;
		if (*text == ' ')
			str__add(out, text, end - text);
		else
			flow__text(&f, text, end - text);
		str__addc(out, '\n');
	}
}

/* --- a verb's page --- */

struct page {
	struct str *out;
	const struct option_group *group;	/* of the row before */
	bool has_letters; /* some option has a short form: the others leave room for it */
	size_t column;
	bool is_settings;	/* lines of a file, no options */
};

static void spell(const struct page *p, const struct option_row *row, struct str *out)
{
	if (p->is_settings) {
		str__addf(out, "  %s = %s", row->name, row->arg);
		return;
	}
	str__adds(out, p->has_letters && !row->letter ? "      " : "  ");
	options__spell(row, out);
}

static void measure(void *ctx, const struct option_group *group, const struct option_row *row)
{
	__free_str struct str text = {};
	struct page *p = ctx;

	p->has_letters |= row->letter != 0;
	spell(p, row, &text);
	if (text.len + 2 > p->column && text.len + 2 <= COLUMN_MAX)
		p->column = text.len + 2;
}

static void add_option(void *ctx, const struct option_group *group, const struct option_row *row)
{
	__free_str struct str text = {};
	struct page *p = ctx;
	size_t from = p->out->len;

	if (group != p->group) {
		str__addf(p->out, group->title ? "\n%s:\n" : "\n", group->title);
		from = p->out->len;
	}
	p->group = group;
	spell(p, row, p->out);
	if (p->out->len - from + 2 > p->column) {
		str__addc(p->out, '\n');
		from = p->out->len;
	}
	text__pad(p->out, from, p->column);
	str__addf(&text, "%s%s", row->help, row->many ? " (may be repeated)" : "");
	if (!str__err(&text))
		flow__text(&(struct flow){ p->out, p->column, p->column, true }, text.s, text.len);
	str__addc(p->out, '\n');
}

/* "[--all | --changed]", once for the rows that exclude each other. */
static void add_alternatives(struct str *out, const struct option_row *rows,
			     const struct option_row *of)
{
	const char *between = "";

	for (const struct option_row *row = rows; row->name; row++) {
		if (row != of && (!of->one_of || row->one_of != of->one_of))
			continue;
		str__addf(out, "%s--%s%s%s%s", between, row->name, row->arg ? " " : "",
			  row->arg ?: "", row->many ? "…" : "");
		between = " | ";
	}
}

static bool is_first_of(const struct option_row *rows, const struct option_row *of)
{
	for (const struct option_row *row = rows; of->one_of && row != of; row++)
		if (row->one_of == of->one_of)
			return false;
	return true;
}

static void add_group_synopsis(struct flow *f, const struct option_group *g)
{
	for (const struct option_row *row = g->rows; row->name; row++) {
		__free_str struct str word = {};

		if (!is_first_of(g->rows, row))
			continue;
		str__adds(&word, row->needed ? "(" : "[");
		add_alternatives(&word, g->rows, row);
		str__adds(&word, row->needed ? ")" : "]");
		flow__word(f, word.s ?: "", word.len);
	}
}

void help_page__synopsis(struct str *out, const struct verb *v)
{
	size_t from = out->len;
	struct flow f = { .out = out };

	/* Without a verb, goenvbpf watches. */
	str__addf(out, v == &verb_watch ? "goenvbpf [%s]" : "goenvbpf %s", v->name);
	f.at = out->len - from;
	f.indent = f.at + 1;
	if (v->operands && !v->stops)
		flow__text(&f, v->operands, strlen(v->operands));
	for (const struct option_group *const *g = v->groups; *g; g++) {
		__free_str struct str word = {};

		if (!(*g)->title) {
			add_group_synopsis(&f, *g);
			continue;
		}
		str__addf(&word, "[%s]", (*g)->title);
		for (char *c = word.s; c && *c; c++)
			*c = toupper((unsigned char)*c);
		flow__word(&f, word.s ?: "", word.len);
	}
	if (v->operands && v->stops)
		flow__text(&f, v->operands, strlen(v->operands));
}

void help_page__verb(struct str *out, const struct verb *v)
{
	struct page p = { .out = out };

	help_page__synopsis(out, v);
	str__addf(out, "\n\n%s\n", v->summary);
	if (v->details) {
		str__addc(out, '\n');
		help_page__prose(out, v->details);
	}
	options__each_row(v->groups, measure, &p);
	options__each_row(v->groups, add_option, &p);
	if (v->settings) {
		struct page settings = { .out = out, .is_settings = true };
		const struct option_group *const groups[] = { v->settings, NULL };

		options__each_row(groups, measure, &settings);
		options__each_row(groups, add_option, &settings);
	}
	if (v->notes) {
		str__addc(out, '\n');
		help_page__prose(out, v->notes);
	}
}

