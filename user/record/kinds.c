/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of the record's kinds and of configuration files, made from the lists. */
#include <string.h>

#include "record/kinds.h"

static const char *const names[REC_CNT] = {
	[REC_UNKNOWN] = "unknown",
#define X(id, name, title) [REC_##id] = #name,
	REC_LIST(X)
#undef X
};

const char *rec_kind__name(enum rec_kind kind)
{
	return (unsigned int)kind < REC_CNT ? names[kind] : names[REC_UNKNOWN];
}

enum rec_kind rec_kind__from_name(const char *name)
{
	enum rec_kind k;

	for (k = REC_UNKNOWN + 1; k < REC_CNT; k++)
		if (names[k][0] == name[0] && !strcmp(names[k], name))
			return k;
	return REC_UNKNOWN;
}

const char *config_kind__name(enum config_kind kind)
{
	static const char *const words[CONFIG_CNT] = {
#define X(id, name) [CONFIG_##id] = name,
		CONFIG_LIST(X)
#undef X
	};

	return (unsigned int)kind < CONFIG_CNT ? words[kind] : NULL;
}
