/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any bytes as a path in the caches, as a build ID, and as the command line of a tool. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "golang/c_compiler.h"
#include "golang/gocache.h"
#include "golang/ladder.h"
#include "golang/modcache.h"
#include "golang/tools.h"

#define MAX_ARGS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

static void try_command(char *text)
{
	const char *argv[MAX_ARGS], *sub;
	struct tool_facts f = { .exe = text, .argv = argv, .is_go = true, .go_path = text };
	struct tool_args a;
	char *save = NULL, *word;

	for (word = strtok_r(text, "\n", &save); word && f.argc < MAX_ARGS; word = strtok_r(NULL, "\n", &save))
		argv[f.argc++] = word;
	for (f.parent = TOOL_UNKNOWN; f.parent <= TOOL_GO; f.parent++)
		sink += tool__classify(&f);
	f.is_go = false;
	sink += tool__classify(&f);
	tool__args(TOOL_LINK, argv, f.argc, &a);
	sink += a.package ? strlen(a.package) : 0;
	sink += tool__is_probe(TOOL_CC, argv, f.argc);
	sink += go__verb(argv, f.argc, &sub) != NULL;
	sink += go__chdir(argv, f.argc) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = strndup((const char *)data, n), hex[GOCACHE_PREFIX_LEN + 1];
	struct modcache_path m;
	struct gocache_path g;
	struct ladder_step l;
	struct str version = {};
	const char *found;
	size_t root, len;

	if (!text)
		return 0;
	if (!modcache__classify("", text, &m))
		modcache_path__free(&m);
	sink += gocache__classify("", text, &g) + gocache__guess(text, &g, &root);
	sink += gocache__action_prefix(text, hex);
	if (ladder__classify(text, text, &l) && l.key_len)
		sink += l.key[l.key_len - 1];
	if (gcc__version_of(text, &found, &len) || clang__version_of(text, text, &found, &len))
		sink += found[len - 1];
	sink += toolchain__version(text, &version);
	str__free(&version);
	try_command(text);
	free(text);
	return 0;
}
