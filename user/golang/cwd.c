/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The working directory by its name as go uses it. */
#include <errno.h>

#include "golang/mainmod.h"
#include "util/path.h"

/* The kernel's name, after -C. */
static bool find_dir(const struct go_cwd_facts *facts, struct str *out)
{
	if (!facts->chdir) {
		str__adds(out, facts->cwd);
		return true;
	}
	if (facts->after_chdir) {
		str__adds(out, facts->after_chdir);
		return true;
	}
	path__add_from(out, facts->cwd, facts->chdir);
	return false;	/* there may be links on the way */
}

static enum tristate is_same(const struct go_cwd_facts *facts, const char *a, const char *b)
{
	__free_str struct str x = {};

	str__adds(&x, a);
	path__clean(&x, 0);
	if (!str__err(&x) && str_eq(x.s, b))
		return YES;
	return facts->is_same_dir ? facts->is_same_dir(facts->ctx, a, b) : UNKNOWN;
}

int go_cwd__find(const struct go_cwd_facts *facts, struct str *ret, bool *ret_certain)
{
	__free_str struct str dir = {};
	bool certain = find_dir(facts, &dir);
	enum tristate same = NO;

	if (str__err(&dir))
		return -ENOMEM;
	if (facts->pwd && facts->pwd[0] == '/')
		same = is_same(facts, facts->pwd, dir.s);
	/* Where $PWD names it, links on the way of -C do not matter. */
	if (same == YES && !certain && facts->is_same_dir)
		certain = facts->is_same_dir(facts->ctx, facts->pwd, dir.s) == YES;
	str__cut(ret, 0);
	str__adds(ret, same == YES ? facts->pwd : dir.s);
	*ret_certain = certain && same != UNKNOWN;
	return str__err(ret);
}
