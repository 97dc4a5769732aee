/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any text as the user's file and go.env, and every setting resolved from it; its first value as GOFLAGS. */
#include <stdint.h>
#include <string.h>

#include "golang/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

static const char *from_file(void *ctx, const char *name)
{
	const struct goenv_entry *e = goenv__find(ctx, name, true);

	return e ? e->value : NULL;
}

static void resolve_all(struct goenv *g, int minor)
{
	struct setting_facts facts = {
		.minor = minor, .getenv = from_file, .ctx = g, .user_file = g, .go_env = g,
		.goroot = "/go", .host_arch = "amd64", .has_cc = YES,
	};
	struct setting_resolved r;
	size_t cnt, i;
	const struct setting *all = setting__all(&cnt);

	for (i = 0; i < cnt; i++) {
		if (setting__resolve(&all[i], &facts, &r))
			continue;
		sink += r.won.value ? strlen(r.won.value) : 0;
		setting_resolved__free(&r);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct goflags f;
	struct goenv g;

	if (goenv__parse((const char *)data, n, &g))
		return 0;
	resolve_all(&g, 19);
	resolve_all(&g, 0);
	if (g.cnt && !goflags__split(g.entries[0].value ?: g.entries[0].key, n & 1 ? 19 : 0, &f)) {
		sink += goflags__get(&f, "-mod") != NULL;
		goflags__free(&f);
	}
	goenv__free(&g);
	return 0;
}
