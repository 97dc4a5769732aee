/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of the opened files are worth a look. */
#include "capture/looker.h"
#include "golang/gocache.h"
#include "util/str.h"

static const struct {
	const char *suffix;
	enum look look;
} worth[] = {
	{ "/go/env", LOOK_CONFIG },
	{ "/go.env", LOOK_CONFIG },
	{ "/go.mod", LOOK_CONFIG },
	{ "/go.work", LOOK_CONFIG },
	{ "/vendor/modules.txt", LOOK_CONFIG },
	{ "/importcfg", LOOK_CONFIG },
	{ "/importcfg.link", LOOK_CONFIG },
};

bool look__is_worth(const char *path, size_t n, const char *goenv, enum look *ret)
{
	size_t i, len;

	if (gocache__is_action(path, n)) {
		*ret = LOOK_CACHE;
		return true;
	}
	*ret = LOOK_CONFIG;
	if (goenv && strlen(goenv) == n && !memcmp(goenv, path, n))
		return true;
	for (i = 0; i < ARRAY_SIZE(worth); i++) {
		len = strlen(worth[i].suffix);
		if (n >= len && path[n - 1] == worth[i].suffix[len - 1] &&
		    !memcmp(path + n - len, worth[i].suffix, len))
			return true;
	}
	return false;
}
