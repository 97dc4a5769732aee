/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any text as importcfg. */
#include <stdint.h>
#include <string.h>

#include "golang/importcfg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct importcfg c;
	size_t i;

	if (importcfg__parse((const char *)data, n, &c))
		return 0;
	for (i = 0; i < c.package_cnt; i++)
		sink += strlen(c.packages[i].path) + strlen(c.packages[i].file);
	for (i = 0; i < c.map_cnt; i++)
		sink += strlen(c.maps[i].from) + strlen(c.maps[i].to);
	importcfg__free(&c);
	return 0;
}
