/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any text as modinfo: every string of the result is terminated and inside its memory. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "golang/modinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	struct modinfo m;
	size_t i;

	if (!text)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	if (modinfo__parse(text, n, &m))
		return 0;
	sink += strlen(m.path);
	for (i = 0; i < m.dep_cnt; i++)
		sink += strlen(m.deps[i].path) + strlen(m.deps[i].sum) +
			(m.deps[i].replace ? strlen(m.deps[i].replace->sum) : 0);
	for (i = 0; i < m.setting_cnt; i++)
		sink += strlen(m.settings[i].key) + strlen(m.settings[i].value);
	modinfo__free(&m);
	return 0;
}
