/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_FLAGS_TABLE_H
#define GOENVBPF_GOLANG_FLAGS_TABLE_H
/*
 * Which flags which verb of which version has, and what values they take. Internal to flags*.c.
 */
#include <stdint.h>

#include "golang/flags.h"

#define GO_NEWEST_MINOR 27	/* the last version that the tables know */

enum go_flag_form {
	/* Without a value they mean true; one follows behind '=' only. */
	FORM_BOOL,
	FORM_ANY_BOOL,		/* any value: -u=patch, go list -json=Dir */
	FORM_BUILDVCS,
	FORM_TEST_V,
	FORM_VALUED,		/* those from here on take a value, perhaps the next word */
	FORM_STRING = FORM_VALUED,
	FORM_INT,
	FORM_DURATION,
	FORM_WORDS,		/* words with quotes */
	FORM_PACKAGES,		/* [pattern=]words */
	FORM_TAGS,
	FORM_COVERMODE,
	FORM_COMPILER,
	FORM_SHUFFLE,
	FORM_VET,
	FORM_EDIT,		/* each one is a change of its own: go mod edit -require */
	FORM_CHDIR,		/* refused: the one at the right place was taken off before */
};

struct go_flag_kind {
	const char *name;	/* with its dash */
	enum go_flag_form form;
	uint64_t verbs;		/* 1 << GO_VERB_… */
	unsigned char since, until;	/* minor versions, 0: no limit */
	bool is_setting;
};

enum go_verb go_verb__find(const char *const *argv, size_t argc, int minor, size_t *ret_used);
bool go_verb__exists(enum go_verb verb, int minor);

/* The flag called by n bytes of name (no dashes) of a verb; GO_VERB_NONE: of any one. Else NULL. */
const struct go_flag_kind *go_flag__find(enum go_verb verb, int minor, const char *name, size_t n);
/* The flag takes that value (NULL: none was given). */
bool go_flag__takes(const struct go_flag_kind *kind, const char *value);

#endif
