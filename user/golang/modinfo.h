/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_MODINFO_H
#define GOENVBPF_GOLANG_MODINFO_H
/*
 * The text with which Go describes a build: lines of path, mod, dep, =>, build (runtime/debug).
 *
 * Lifecycle: modinfo__parse() → the fields → modinfo__free(). All strings point into memory that
 * the struct owns.
 */
#include <stdbool.h>
#include <stddef.h>

#include "golang/buildinfo.h"

struct modinfo {
	const char *path;
	bool has_main;
	struct go_module main;
	struct go_module *deps;
	size_t dep_cnt;
	struct go_setting *settings;
	size_t setting_cnt;

	struct go_module *replaces;
	size_t replace_cnt;
	char *text;	/* lines, cut in place */
	char *unquoted;	/* decoded keys and values */
	size_t unquoted_len;
};

/*
 * Takes text over (malloc()ed, n bytes and a NUL), also on failure. As in Go, unknown lines and a
 * last line without its newline are ignored. -EBADMSG when a known line is malformed or the text
 * holds a NUL byte; -ENOMEM.
 */
int modinfo__parse(char *text, size_t n, struct modinfo *ret);
void modinfo__free(struct modinfo *m);

/*
 * Decodes one Go string literal, "…" or `…`, at the start of s (n bytes) to out, which has room for
 * n bytes and receives no NUL. Returns the literal's length with its quotes, or -EBADMSG.
 */
long go__unquote(const char *s, size_t n, char *out, size_t *ret_len);

#endif
