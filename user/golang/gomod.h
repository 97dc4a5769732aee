/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_GOMOD_H
#define GOENVBPF_GOLANG_GOMOD_H
/*
 * The statements of go.mod and go.work, and the head of vendor/modules.txt, with line numbers.
 *
 * Lifecycle: gomod__parse() → the statements, gomod__find() → gomod__free(). Blocks are taken
 * apart: "replace ( a => b )" is a statement "replace a => b".
 */
#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"

#define GOMOD_MAX_TEXT	(4u << 20)

struct gomod_stmt {
	const char *verb;		/* "module", "go", "toolchain", "godebug", "replace", "use", … */
	unsigned int line;		/* from 1 */
	const char *const *words;	/* what follows the verb, quotes taken off */
	size_t cnt;
};

struct gomod {
	struct gomod_stmt *stmts;
	size_t cnt;
	unsigned int bad_line;	/* the first one that is malformed (and was skipped), 0: none */
	const char **words;
	size_t word_cnt;
	char *text;		/* cut in place */
	char *unquoted;
	size_t unquoted_len;
};

/* Copies the text. Malformed lines are skipped. -EFBIG, -ENOMEM. */
int gomod__parse(const char *text, size_t n, struct gomod *ret);
void gomod__free(struct gomod *g);

/* The first statement of a verb after `after` (NULL: from the start), NULL when there is none. */
const struct gomod_stmt *gomod__find(const struct gomod *g, const char *verb,
				     const struct gomod_stmt *after);
/* The first word of a verb's first statement, as in "go 1.22"; NULL when there is none. */
const char *gomod__word(const struct gomod *g, const char *verb);

struct gomod_replace {
	const char *path, *version;		/* version NULL: all */
	const char *new_path, *new_version;	/* new_version NULL: a local folder */
	unsigned int line;
};

/* Reads a replace statement; -EINVAL when it is not one. */
int gomod__replace(const struct gomod_stmt *s, struct gomod_replace *ret);

struct modules_txt {
	bool is_workspace;	/* starts with "## workspace": of go work vendor, since 1.22 */
	size_t modules;		/* "# path version" lines */
	size_t explicit;	/* of them, marked "## explicit" */
};

/* The text may be cut anywhere; the counts are then those of what is there. */
void modules_txt__parse(const char *text, size_t n, struct modules_txt *ret);

static inline void gomod_cleanup(struct gomod *g)
{
	gomod__free(g);
}
#define __free_gomod __attribute__((cleanup(gomod_cleanup)))

#endif
