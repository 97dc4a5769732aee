/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The effective settings for people: what is not default, and where it comes from. */
#include <errno.h>

#include "output/env.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/text.h"

#define NAME_WIDTH	16

void env__origin(const struct origin *o, const char *via, const struct roots *r, struct str *out)
{
	str__adds(out, source__name(o->source));
	if (o->path) {
		str__addc(out, ' ');
		text__path(out, r, o->path);
	}
	if (o->line)
		str__addf(out, ":%u", o->line);
	if (via)
		str__addf(out, ", by %s", via);
}

void env__set_by(const struct model *m, const struct effective *e, struct str *out)
{
	const struct process *p = e->set_by ? model__process(m, e->set_by) : NULL;
	__free_str struct str label = {};

	if (!p)
		return;
	process__label(p, &label);
	str__adds(out, ", set by ");
	text__safes(out, label.s ?: "");
}

static void heading(struct page *p, const char *text)
{
	str__adds(p->out, "  ");
	text__tone(p->out, p->color, TONE_STRONG, text);
	str__addc(p->out, '\n');
}

static void add_value(struct str *out, const char *value)
{
	if (!value)
		str__adds(out, "(not known)");
	else if (!*value)
		str__adds(out, "(empty)");
	else
		text__safes(out, value);
}

/* --- the command --- */

static void add_head(struct page *p, const struct command_settings *s)
{
	__free_str struct str args = {}, text = {};

	text__args(&args, s->c->p);
	page__paragraph(p, 0, TONE_STRONG, args.s ?: "");
	text__safes(&text, s->version ?: "version not known");
	str__addf(&text, ", pid %u, proc %llu", s->c->p->pid, (unsigned long long)s->c->p->proc);
	if (s->c->p->cwd) {
		str__adds(&text, ", in ");
		text__safes(&text, s->c->p->cwd);
	}
	page__paragraph(p, 2, TONE_PLAIN, text.s ?: "");
}

static const struct {
	const char *says;
	enum tone tone;
} states[] = {
	[FILE_NOT_SEEN]	  = { "was not seen to be opened; what it sets is not known", TONE_WARN },
	[FILE_NONE]	  = { "none is read", TONE_PLAIN },
	[FILE_MISSING]	  = { "is not there", TONE_PLAIN },
	[FILE_UNREADABLE] = { "could not be read, of which go says nothing", TONE_WARN },
	[FILE_READ]	  = { "read", TONE_PLAIN },
	[FILE_STALE]	  = { "read, and changed before its text was captured", TONE_WARN },
	[FILE_GONE]	  = { "read, but its text is not in the record", TONE_WARN },
};

static void add_files(struct page *p, const struct command_settings *s)
{
	for (size_t i = 0; i < s->file_cnt; i++) {
		const struct settings_file *f = &s->files[i];
		__free_str struct str text = {};

		str__addf(&text, "%s ", source__name(f->source));
		if (f->path) {
			text__path(&text, p->roots, f->path);
			str__addc(&text, ' ');
		}
		str__adds(&text, states[f->state].says);
		if (f->why)
			str__addf(&text, ": %s", f->why);
		page__paragraph(p, 2, states[f->state].tone, text.s ?: "");
	}
}

/* --- the settings --- */

static void add_line(struct page *p, const char *name, enum tone tone, const char *value)
{
	__free_str struct str label = {};

	str__adds(&label, name);
	text__pad(&label, 0, NAME_WIDTH);
	str__adds(p->out, "    ");
	text__tone(p->out, p->color, tone, label.s ?: "");
	str__addc(p->out, ' ');
	str__adds(p->out, value);
	str__addc(p->out, '\n');
}

static void add_hidden(struct page *p, const struct effective *e, bool all)
{
	for (size_t i = 0; i < e->shadowed_cnt; i++) {
		const struct origin *o = &e->shadowed[i];
		__free_str struct str text = {};

		if (!all && (o->source == SOURCE_DEFAULT || o->source == SOURCE_COMPUTED) &&
		    (!o->value || !*o->value))
			continue;
		str__adds(&text, "instead of ");
		add_value(&text, o->value);
		str__adds(&text, " (");
		env__origin(o, NULL, p->roots, &text);
		str__addc(&text, ')');
		page__paragraph(p, 4 + NAME_WIDTH + 1, TONE_DIM, text.s ?: "");
	}
}

static void add_doubts(struct page *p, const struct effective *e)
{
	__free_str struct str text = {};

	if (e->disagrees) {
		str__adds(&text, "the tools received this; by environment and files it would be ");
		add_value(&text, e->by_rule);
		page__paragraph(p, 4 + NAME_WIDTH + 1, TONE_WARN, text.s ?: "");
	}
	if (e->varies)
		page__paragraph(p, 4 + NAME_WIDTH + 1, TONE_WARN,
			  "the tools did not all receive the same value");
}

void env__value(const struct effective *e, struct str *out)
{
	/* go env prints nothing for it */
	if (str_eq(e->name, "GOENV") && e->won.source == SOURCE_ENVIRONMENT && e->won.value &&
	    !*e->won.value)
		str__adds(out, "off (no file is read)");
	else
		add_value(out, e->won.value);
}

static void add_setting(struct page *p, const struct effective *e)
{
	__free_str struct str value = {}, text = {};

	env__value(e, &value);
	add_line(p, e->name, e->is_changed ? TONE_STRONG : TONE_PLAIN, value.s ?: "");
	env__origin(&e->won, e->via, p->roots, &text);
	if (e->why)
		str__addf(&text, ": %s", e->why);
	env__set_by(p->m, e, &text);
	if (e->is_empty_in_env)
		str__adds(&text, "; the variable is there, but empty, which counts as not set");
	if (e->confidence != PROVEN)
		str__addf(&text, " [%s]", confidence__name(e->confidence));
	page__paragraph(p, 4 + NAME_WIDTH + 1, TONE_PLAIN, text.s ?: "");
	add_hidden(p, e, p->view->all);
	add_doubts(p, e);
}

static void add_changed(struct page *p, const struct command_settings *s)
{
	bool any = false;

	for (size_t i = 0; i < s->cnt; i++) {
		const struct effective *e = &s->list[i];

		if (!effective__is_notable(e))
			continue;
		if (!any)
			heading(p, "not default");
		any = true;
		add_setting(p, e);
	}
	if (!any)
		str__adds(p->out, "  every setting that is known is the default\n");
}

/* Names in one paragraph; false when no setting is chosen. */
static void add_names(struct page *p, const struct command_settings *s, const char *title,
		      bool (*is_chosen)(const struct effective *e))
{
	__free_str struct str text = {};

	for (size_t i = 0; i < s->cnt; i++) {
		if (!is_chosen(&s->list[i]))
			continue;
		str__adds(&text, text.len ? ", " : "");
		str__adds(&text, s->list[i].name);
	}
	if (!text.len)
		return;
	heading(p, title);
	page__paragraph(p, 4, TONE_DIM, text.s);
}

static bool is_needlessly_set(const struct effective *e)
{
	return e->is_set && !e->is_changed && !e->disagrees;
}

static bool is_empty(const struct effective *e)
{
	return e->is_empty_in_env;
}

static bool is_default(const struct effective *e)
{
	return !e->is_set && !effective__is_notable(e) && e->confidence == PROVEN;
}

static bool is_likely_default(const struct effective *e)
{
	return !e->is_set && !effective__is_notable(e) && e->confidence == LIKELY;
}

static bool is_unknown(const struct effective *e)
{
	return e->confidence == NOT_EVALUATED;
}

static void add_ignored(struct page *p, const struct command_settings *s)
{
	if (!s->ignored_cnt)
		return;
	heading(p, "lines without effect");
	for (size_t i = 0; i < s->ignored_cnt; i++) {
		const struct ignored_line *l = &s->ignored[i];
		__free_str struct str text = {};

		text__path(&text, p->roots, l->path);
		str__addf(&text, ":%u: ", l->line);
		text__safes(&text, l->text);
		str__addf(&text, " (%s)", l->why);
		page__paragraph(p, 4, TONE_WARN, text.s ?: "");
	}
	if (s->ignored_cut)
		str__adds(p->out, "    and perhaps more\n");
}

static void add_body(struct page *p, const struct command_settings *s)
{
	if (!p->view->changed)
		add_files(p, s);
	add_changed(p, s);
	if (p->view->changed)
		return;
	add_names(p, s, "set, to what they would be anyway", is_needlessly_set);
	add_names(p, s, "empty in the environment, which counts as not set", is_empty);
	add_ignored(p, s);
	if (!p->view->all) {
		add_names(p, s, "default", is_default);
		add_names(p, s, "default, most likely", is_likely_default);
		add_names(p, s, "not evaluated: nothing in the record tells", is_unknown);
		return;
	}
	heading(p, "all others");
	for (size_t i = 0; i < s->cnt; i++)
		if (!effective__is_notable(&s->list[i]))
			add_setting(p, &s->list[i]);
}

/* The same as the command before is said in one line: a script runs go many times. */
static void add_command(struct page *p, const struct command_settings *s, struct str *before)
{
	__free_str struct str body = {};
	struct page inner = *p;

	inner.out = &body;
	inner.roots = p->roots = &s->c->roots;
	add_body(&inner, s);
	if (p->out->len)
		str__addc(p->out, '\n');
	add_head(p, s);
	if (before->len && before->len == body.len && !memcmp(before->s, body.s, body.len)) {
		str__adds(p->out, "  all as above\n");
		return;
	}
	str__add(p->out, body.s ?: "", body.len);
	str__cut(before, 0);
	str__add(before, body.s ?: "", body.len);
}

int env__text(const struct model *m, const struct env_view *view, struct str *out)
{
	struct page p = { .m = m, .out = out, .color = view->color, .view = view };
	const struct command_settings *s = env__next(m, view, NULL);
	__free_str struct str before = {};

	if (!s && view->proc)
		return -ENOENT;
	if (!s)
		str__adds(out, "no go command was seen\n");
	for (; s; s = env__next(m, view, s))
		add_command(&p, s, &before);
	return str__err(out);
}
