/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_LINE_H
#define GOENVBPF_RECORD_LINE_H
/*
 * One record line under construction.
 *
 * Lifecycle: zero-initialise once, then for each line line__begin(), the keys in any order,
 * line__end(); the text is then line.text.s/.len, without a newline. The memory is reused by the
 * next line__begin(); line__free() at the end. One builder belongs to one thread.
 *
 * This is the only place where bytes from observed processes enter a record, so it is where they
 * are made valid UTF-8 and where secrets are taken out (redact.h). Running out of memory is sticky
 * and makes line__end() return -ENOMEM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/kinds.h"
#include "util/json.h"

/*
 * No line is longer, and no reader takes a longer one: an argument that would make it so, and what
 * follows, is left out and said to be incomplete. What only we write has the rest of it.
 */
#define LINE_MAX_LEN	(16u << 20)
#define LINE_ROOM	(LINE_MAX_LEN - (2u << 20))

struct line {
	struct str text;
	struct json j;
	enum rec_kind kind;
	uint64_t redactions;		/* made in this line */
	struct str incomplete;		/* names for the "incomplete" array, NUL-separated */
	struct str hex;			/* scratch: what <key>_hex will say */
	struct str args;		/* scratch: redacted bytes */
	size_t plain_at, plain_n;	/* the last bytes that stand in the text as they came */
};

/* ts: ns since the record's start. proc 0, pid 0, tid 0: unknown, the key is left out. */
void line__begin(struct line *l, enum rec_kind kind, uint64_t ts, uint32_t pid, uint32_t tid,
		 uint64_t proc);
/* The keys of header, end and other lines that no process belongs to. */
void line__begin_plain(struct line *l, enum rec_kind kind);

void line__str(struct line *l, const char *key, const char *text); /* our own text; NULL: no key */
/* Foreign bytes, a path for instance; what is not UTF-8 is also written as <key>_hex. */
void line__bytes(struct line *l, const char *key, const void *bytes, size_t n);
void line__int(struct line *l, const char *key, int64_t v);
void line__uint(struct line *l, const char *key, uint64_t v);	/* a string above 2^53 */
void line__time(struct line *l, const char *key, int64_t ns);	/* since 1970: always a string */
void line__bool(struct line *l, const char *key, bool v);
void line__device(struct line *l, dev_t dev);	/* "dev" */
/* A member of a value that line__raw() will take: foreign bytes, redacted as line__bytes() does. */
void line__member(struct line *l, struct json *j, const char *key, const char *text);
void line__element(struct line *l, struct json *j, const char *text);	/* the same, of an array */
void line__raw(struct line *l, const char *key, const char *json, size_t n);	/* one JSON value */

/*
 * "args": block is argv as the kernel lays it out, token-shaped values redacted. A last string that
 * is not ended by NUL was cut: it is left out whole and said to be incomplete, for half a secret is
 * not recognised as one. The same holds for the last value of line__env() and line__settings().
 */
void line__args(struct line *l, const char *block, size_t n);
/* The same of a NULL-terminated array under another key (the header's "command"). */
void line__argv(struct line *l, const char *key, char *const *argv);
/* "env" (allowed names with redacted values) and "env_names" (all other names). */
void line__env(struct line *l, const char *block, size_t n);
/* "settings" of a buildinfo line: block holds "key=value" strings, each ended by NUL. */
void line__settings(struct line *l, const char *block, size_t n);
/* "tags" of the header, as a block likewise: people write secrets into them, too. */
void line__tags(struct line *l, const char *block, size_t n);
/*
 * "text": a configuration file's content, redacted as its kind needs; of a long one with head_max
 * the first whole lines up to there. is_whole: what is given is all of the file; then its "sha256",
 * which is one of the redacted text. Returns whether "text" is all of it.
 */
bool line__file(struct line *l, enum config_kind kind, const char *text, size_t n, bool is_whole,
		size_t head_max);
/* "err": the name of an errno value, "ENOENT"; unknown numbers as "E<number>". */
void line__err(struct line *l, int err);

/* Says that the named fact is only partly known: listed in "incomplete". */
void line__incomplete(struct line *l, const char *name);

int line__end(struct line *l);
void line__free(struct line *l);

static inline void line_cleanup(struct line *l)
{
	line__free(l);
}
#define __free_line __cleanup_with(line)

/* Symbolic name of an errno value, NULL when it has none. */
const char *errno__name(int err);

#endif
