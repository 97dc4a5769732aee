/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a package imports, and what was made of that: lines of its key. */
#include <errno.h>

#include "rules/causes_store.h"

static const char *content(const struct run_side *s, const struct built *by, const char *path)
{
	struct built *b;

	for (b = run_side__find(s, path); b; b = b->other)
		if (b->c == by->c && b->use.action_sz)
			return model__content(b->m, b->use.action);
	return NULL;
}

/* What is made for a test imports what is made for it, where there is such. */
static const char *content_of(const struct run_side *s, const struct built *by, const char *path)
{
	__free_str struct str variant = {};
	const char *found = NULL;

	if (by->is_variant) {
		str__addf(&variant, "%s%s", path, by->path + strlen(by->plain));
		found = variant.s ? content(s, by, variant.s) : NULL;
	}
	return found ?: content(s, by, path);
}

struct import_list {
	const char *const *paths;	/* sorted; NULL: not known */
	size_t cnt;
	const char *more[2];		/* that go adds, sorted */
	size_t more_cnt;
};

/* What go has every program import. */
static void add_linked(const struct built *b, struct import_list *l)
{
	l->more[l->more_cnt++] = "runtime";
	if (built__is_on(b, "-race"))
		l->more[l->more_cnt++] = "runtime/race";
}

/*
 * Its compiler was told, or its archive tells, to which go adds some for programs and, more than are
 * known here, for cgo; where there is neither, those of its counterpart are tried.
 */
static void find_imports(const struct built *b, const struct built *like, struct import_list *ret)
{
	bool is_cgo = b->is_cgo || (like && like->is_cgo);

	*ret = (struct import_list){};
	if (b->compiler)
		ret->paths = model__imports(b->m, b->compiler->proc, &ret->cnt);
	if (!ret->paths && !is_cgo && b->use.action_sz) {
		ret->paths = model__archive_imports(b->m, b->use.action, &ret->cnt);
		if (ret->paths && (b->is_main || (like && like->is_main)))
			add_linked(b, ret);
	}
	if (!ret->paths && like && like->compiler)
		ret->paths = model__imports(like->m, like->compiler->proc, &ret->cnt);
}

/* The next one of both lists, once; NULL: there is none. */
static const char *next_import(const struct import_list *l, size_t *at, size_t *more)
{
	const char *path = *at < l->cnt ? l->paths[*at] : NULL;
	const char *added = *more < l->more_cnt ? l->more[*more] : NULL;
	int order = !path ? 1 : !added ? -1 : strcmp(path, added);

	*at += order <= 0;
	*more += order >= 0;
	return order <= 0 ? path : added;
}

int built__imports(const struct run_side *s, const struct built *b, const struct built *like,
		   struct action_import **ret, size_t *ret_cnt)
{
	__free_mem struct action_import *imports = NULL;
	size_t n = 0, at = 0, more = 0;
	struct import_list list;
	const char *path;

	find_imports(b, like, &list);
	if (!list.paths)
		return 0;
	imports = calloc(list.cnt + list.more_cnt + 1, sizeof(*imports));
	if (!imports)
		return -ENOMEM;
	while ((path = next_import(&list, &at, &more))) {
		const char *content = content_of(s, b, path);

		if (!content)
			return 0;
		imports[n++] = (struct action_import){ path, content, strlen(content) };
	}
	*ret = STEAL(imports);
	*ret_cnt = n;
	return 0;
}
