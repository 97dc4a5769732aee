/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What else differs between two runs: settings, and what became of the packages in all. */
#include <errno.h>

#include "rules/causes_store.h"

void run_side__count(const struct run_side *s, uint64_t *made, uint64_t *hits, int64_t *ns)
{
	struct built *b, *each;

	hash_each(s->by_path, b)
		for (each = b; each; each = each->other) {
			*made += built__is_asked(each);
			*hits += each->use.outcome == CACHE_HIT;
			if (built__is_asked(each) && each->use.work_ns > 0)
				*ns += each->use.work_ns;
		}
}

static const struct effective *setting_of(const struct go_command *c, const char *name)
{
	return c && c->settings ? command_settings__find(c->settings, name) : NULL;
}

static int add_setting(struct comparison *x, const char *name, const struct go_command *c_old,
		       const struct go_command *c_new)
{
	const struct effective *old = setting_of(c_old, name), *new = setting_of(c_new, name);
	const char *a = old ? old->won.value : NULL, *b = new ? new->won.value : NULL;
	struct setting_change *all;

	if (!commands__differ(c_old, c_new, name) || str_eq(name, "GOGCCFLAGS"))
		return 0;
	for (size_t i = 0; i < x->out->setting_cnt; i++)
		if (str_eq(x->out->settings[i].name, name))
			return 0;
	all = realloc(x->out->settings, (x->out->setting_cnt + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	x->out->settings = all;
	all[x->out->setting_cnt++] = (struct setting_change){
		name, a, b, old ? source__name(old->won.source) : NULL, new ? source__name(new->won.source) : NULL };
	return 0;
}

/* The command of the old run that is most like c. */
static const struct go_command *old_command(const struct run_side *old, const struct go_command *c)
{
	const struct go_command *best = NULL;

	for (size_t i = 0; i < old->command_cnt; i++) {
		const struct go_command *o = old->commands[i];

		if (o->p->args_sz == c->p->args_sz && o->p->args_sz &&
		    !memcmp(o->p->args, c->p->args, o->p->args_sz))
			return o;
		if (!best || (str_eq(o->p->subject ?: "", c->p->subject ?: "") &&
			      !str_eq(best->p->subject ?: "", c->p->subject ?: "")))
			best = o;
	}
	return best;
}

int compare_commands(struct comparison *x)
{
	int err = 0;

	for (size_t i = 0; i < x->new.command_cnt && !err; i++) {
		const struct command_settings *new = x->new.commands[i]->settings;
		const struct go_command *c = old_command(&x->old, x->new.commands[i]);

		if (!new || !c || !c->settings)
			continue;
		for (size_t k = 0; k < new->cnt && !err; k++)
			err = add_setting(x, new->list[k].name, c, x->new.commands[i]);
		for (size_t k = 0; k < c->settings->cnt && !err; k++)
			err = add_setting(x, c->settings->list[k].name, c, x->new.commands[i]);
	}
	return err;
}
