/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any text as go.mod, go.work and modules.txt. */
#include <stdint.h>
#include <string.h>

#include "golang/gomod.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;
	struct gomod_replace r;
	struct modules_txt m;
	struct gomod g;
	size_t i, k;

	modules_txt__parse(text, n, &m);
	if (gomod__parse(text, n, &g))
		return 0;
	for (i = 0; i < g.cnt; i++) {
		sink += strlen(g.stmts[i].verb);
		for (k = 0; k < g.stmts[i].cnt; k++)
			sink += strlen(g.stmts[i].words[k]);
		if (!gomod__replace(&g.stmts[i], &r))
			sink += strlen(r.path) + strlen(r.new_path);
	}
	gomod__free(&g);
	return 0;
}
