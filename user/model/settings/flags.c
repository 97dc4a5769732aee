/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flags that change what is built: those of the command line, and the words of GOFLAGS. */
#include <errno.h>

#include "model/settings/resolve.h"

static bool is_notable(const struct go_flag *f)
{
	return f->is_setting || f->source == GO_FLAG_GOFLAGS;
}

/* In ret; 0 or -ENOMEM. */
static int set_origin(struct resolve *r, const struct go_flag *f, const struct effective *goflags,
		       struct origin *ret)
{
	if (f->source == GO_FLAG_GOFLAGS && goflags)
		*ret = goflags->won;
	else
		*ret = (struct origin){ .source = SOURCE_COMMAND_LINE };
	ret->value = resolve__keep(r, f->value);
	return ret->value ? 0 : -ENOMEM;
}

static int set_won(struct resolve *r, struct effective *e, const struct go_flag *f,
		    const struct effective *goflags)
{
	bool is_word = f->source == GO_FLAG_GOFLAGS && goflags;

	if (set_origin(r, f, goflags, &e->won))
		return -ENOMEM;
	e->via = is_word ? "GOFLAGS" : NULL;
	e->set_by = is_word ? goflags->set_by : 0;
	e->confidence = r->flags.is_certain ? PROVEN : LIKELY;
	if (is_word && goflags->confidence < e->confidence)
		e->confidence = goflags->confidence;
	e->is_set = e->is_changed = true;
	effective__prove(e, is_word && goflags->proof_cnt ? goflags->proof[0] : r->c->p->start);
	return 0;
}

/* The entry of a flag that has one already, in effect for other packages. */
static struct effective *find_entry(struct resolve *r, const char *name)
{
	return (struct effective *)command_settings__find(r->out, name);
}

/* Those with patterns add up: all of them count, each for its packages. */
static int add_value(struct resolve *r, struct effective *e, const struct go_flag *f)
{
	__free_str struct str both = {};

	str__addf(&both, "%s %s", e->won.value, f->value);
	e->won.value = str__err(&both) ? NULL : resolve__keep(r, both.s);
	return e->won.value ? 0 : -ENOMEM;
}

static int add_flag(struct resolve *r, const struct go_flag *f, const struct effective *goflags)
{
	struct effective *e = find_entry(r, f->name);

	if (e)
		return add_value(r, e, f);
	e = resolve__add(r, f->name);
	if (!e)
		return -ENOMEM;
	return set_won(r, e, f, goflags);
}

/* What it hides: an earlier one of the same name, of the command line or of GOFLAGS. */
static int add_hidden(struct resolve *r, const struct go_flag *f, const struct effective *goflags)
{
	struct effective *e = find_entry(r, f->name);
	struct origin hidden;

	if (!e)
		return 0;
	return set_origin(r, f, goflags, &hidden) ?: effective__shadow(e, hidden);
}

static int parse(const struct command_settings *s, const struct process *p, int minor,
		 struct go_flags *ret, const char ***ret_argv)
{
	const struct effective *goflags = command_settings__find(s, "GOFLAGS");
	struct go_flags_facts facts = {
		.minor = minor,
		.argc = p->arg_cnt,
		.goflags = goflags ? goflags->won.value : NULL,
	};

	*ret_argv = process__argv(p);
	facts.argv = *ret_argv;
	return *ret_argv ? go_flags__parse(&facts, ret) : -ENOMEM;
}

int resolve__parse_flags(struct resolve *r)
{
	return parse(r->out, r->c->p, r->facts.minor, &r->flags, &r->argv);
}

int command_settings__flags(const struct command_settings *s, struct go_flags *ret,
			    const char ***ret_argv)
{
	bool is_known = s->version && str_has_prefix(s->version, "go1.");

	return parse(s, s->c->p, is_known ? atoi(s->version + strlen("go1.")) : 0, ret, ret_argv);
}

int resolve__flags(struct resolve *r)
{
	const struct effective *goflags = command_settings__find(r->out, "GOFLAGS");
	struct effective copy = goflags ? *goflags : (struct effective){};
	const struct go_flags *f = &r->flags;
	int err = 0;

	if (f->refusal != GO_ACCEPTED)
		return 0;	/* go does nothing at all */
	for (size_t i = 0; i < f->cnt && !err; i++)
		if (!f->flags[i].is_overridden && is_notable(&f->flags[i]))
			err = add_flag(r, &f->flags[i], goflags ? &copy : NULL);
	for (size_t i = f->cnt; i-- > 0 && !err;)
		if (f->flags[i].is_overridden && is_notable(&f->flags[i]))
			err = add_hidden(r, &f->flags[i], goflags ? &copy : NULL);
	return err;
}
