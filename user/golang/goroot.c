/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the go command takes its GOROOT from. */
#include <errno.h>

#include "golang/settings_table.h"

/* The folder `ups` levels above exe, when it is a GOROOT. */
static bool try_above(const struct goroot_facts *facts, const char *exe, const char *ups,
		      struct str *out)
{
	if (!exe || !facts->is_goroot)
		return false;
	str__cut(out, 0);
	path__add_from(out, exe, ups);
	return !str__err(out) && facts->is_goroot(facts->ctx, out->s);
}

static bool find_by_exe(const struct goroot_facts *facts, const char *exe, struct str *out)
{
	return try_above(facts, exe, "../..", out) ||
	       ((!facts->minor || facts->minor >= 21) && try_above(facts, exe, "../../..", out));
}

static bool is_set(const char *s)
{
	return s && *s;
}

int goroot__find(const struct goroot_facts *facts, bool for_go_env, struct str *ret,
		 enum goroot_origin *ret_origin)
{
	/* Since 1.21 go.env is looked for first where the user's file says, for all else GOROOT wins. */
	const struct { const char *value; enum goroot_origin origin; } said[] = {
		{ for_go_env ? facts->user_file : facts->env, for_go_env ? GOROOT_USER_FILE : GOROOT_ENV },
		{ for_go_env ? facts->env : facts->user_file, for_go_env ? GOROOT_ENV : GOROOT_USER_FILE },
	};
	__free_str struct str out = {};
	enum goroot_origin origin = GOROOT_NONE;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(said) && origin == GOROOT_NONE; i++) {
		if (!is_set(said[i].value))
			continue;
		str__adds(&out, said[i].value);
		path__clean(&out, 0);
		origin = said[i].origin;
	}
	if (origin == GOROOT_NONE && (find_by_exe(facts, facts->exe, &out) ||
				      find_by_exe(facts, facts->exe_real, &out)))
		origin = GOROOT_EXE;
	if (origin == GOROOT_NONE) {
		str__cut(&out, 0);
		if (is_set(facts->linked)) {
			str__adds(&out, facts->linked);
			path__clean(&out, 0);
			origin = GOROOT_LINKED;
		}
	}
	if (str__err(&out))
		return -ENOMEM;
	str__free(ret);
	*ret = out;
	out = (struct str){};
	*ret_origin = origin;
	return 0;
}
