/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_POLICY_H
#define GOENVBPF_RULES_POLICY_H
/*
 * A policy: what builds may use, as one JSON object (policy.schema.json). What breaks it is a finding
 * of the rule policy-violated that names the policy's line.
 *
 * Lifecycle: policy__parse() → rules__evaluate_with() → policy__free(). Findings use its strings.
 */
#include "util/json.h"
#include "util/str.h"

/* Patterns as of fnmatch(3), or words. */
struct policy_list {
	const char **v;
	size_t cnt;
	unsigned int line;	/* 0: it is not in the policy, and allows everything */
};

struct policy_setting {
	const char *name;	/* "GOPROXY", "-tags"; "*": every variable without a row of its own */
	struct policy_list origins, values;
	unsigned int line;
};

struct policy {
	const char *name;	/* of the file, for findings */
	struct jsonv *root;
	struct policy_setting *settings;
	size_t setting_cnt;
	struct policy_list toolchains, roots, goflags, godebug, forbidden, tags;
	double max_misses, max_compile_seconds;		/* when their lines are not 0 */
	unsigned int misses_line, seconds_line;
};

/* name: kept. -EINVAL with a sentence in why that begins with the line; -ENOMEM. */
int policy__parse(const char *name, const char *text, size_t n, struct policy *ret, struct str *why);
void policy__free(struct policy *p);

const char *policy__schema(size_t *ret_len);

#endif
