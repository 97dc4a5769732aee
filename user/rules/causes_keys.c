/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many keys of packages follow from what the records have: what a proof of a cause stands on. */
#include <errno.h>

#include "rules/causes_store.h"

static int add_open(struct comparison *x, const struct open_key *key)
{
	struct open_key *all;

	if (x->out->open_key_cnt == OPEN_KEYS_MAX)
		return 0;
	all = realloc(x->out->open_keys, (x->out->open_key_cnt + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	x->out->open_keys = all;
	all[x->out->open_key_cnt++] = *key;
	return 0;
}

static int count_key(struct comparison *x, const struct run_side *s, const struct built *b,
		     struct key_counts *counts)
{
	bool is_old = s == &x->old;
	struct open_key open = { .package = b->path, .is_old = is_old };
	enum key_state state;
	int err = built__key(s, b, built__counterpart(is_old ? &x->new : &x->old, b), &state, &open.missing);

	if (err)
		return err;
	counts->equal += state == KEY_EQUAL;
	counts->other += state == KEY_OTHER;
	counts->unknown += state == KEY_UNKNOWN;
	return state == KEY_EQUAL ? 0 : add_open(x, &open);
}

/* Those that were looked up, by whatever name they have. */
static int count_keys(struct comparison *x, const struct run_side *s, struct key_counts *counts)
{
	struct built *b, *each;
	int err = 0;

	hash_each(s->by_path, b)
		for (each = b; each && !err; each = each->other)
			if (each->use.action_sz)
				err = count_key(x, s, each, counts);
	return err;
}

int compare_keys(struct comparison *x)
{
	int err = x->old.is_before ? 0 : count_keys(x, &x->old, &x->out->old_keys);

	return err ?: count_keys(x, &x->new, &x->out->keys);
}
