/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RULES_RULE_H
#define GOENVBPF_RULES_RULE_H
/*
 * The inside of the rules: what matchers use, for the files of this folder only. A new rule is a row
 * in the table of its topic's file, with its matcher above it.
 *
 * A matcher is short and pure. It reports what it finds with found(); where it cannot tell for lack
 * of one thing it says so with cannot_tell(). The same subject and detail count once.
 */
#include "model/commands.h"
#include "model/settings/settings.h"
#include "rules/policy.h"
#include "rules/rules.h"
#include "util/path.h"

struct matching {
	const struct model *m;
	const struct rule *rule;
	struct findings *out;
	const struct policy *policy;	/* NULL: none was given */
};

/* What found() takes; the rest of a finding follows from the rule. */
struct found {
	enum confidence confidence;
	uint64_t proc;
	const char *subject;
	struct proof proof;
	const char *remedy;		/* NULL: the rule's */
	bool is_note;			/* in this case it is no more than that */
	const struct origin *at;	/* what said so; NULL: nothing that has an origin. Only looked at */
};

/* 0 or -ENOMEM */
int found(struct matching *x, const struct found *what, const char *detail, ...)
	__attribute__((format(printf, 3, 4)));
int cannot_tell(struct matching *x, const char *missing, ...) __attribute__((format(printf, 2, 3)));
/* The same of what nobody has asked for, so that the verdict does not depend on it. */
int not_asked(struct matching *x, const char *missing);

/* A setting or flag of the command; NULL: not known. */
const struct effective *rule__setting(const struct go_command *c, const char *name);
/* The same, when somebody set it and it counts; NULL else. */
const struct effective *rule__set(const struct go_command *c, const char *name);
/* The value is in the record, and not redacted. NULL is fine. */
bool rule__is_known(const char *value);
/* "environment", "~/.config/go/env:3": where it comes from. */
void rule__origin(const struct origin *o, struct str *out);
struct proof rule__proof_of(const struct effective *e);
/* Path lies in dir, or is it. NULL is fine. */
static inline bool rule__is_in(const char *path, const char *dir)
{
	return path && path__is_in(dir, path);
}
/* A list like GOPRIVATE's has a pattern for the module. */
bool rule__matches_module(const char *patterns, const char *path);
/* Its verb is one of "build install". */
bool rule__verb_is(const struct go_command *c, const char *verbs);
/* The event's own time as a proof. */
static inline struct proof rule__at(int64_t ts)
{
	return (struct proof){ .ts = { ts }, .cnt = ts >= 0 };
}

/* The tables of the topics, each ended by an empty row. */
extern const struct rule rules_settings[], rules_toolchain[], rules_modules[], rules_proxies[], rules_cache[],
	
	rules_jobs[], rules_tests[], rules_programs[], rules_configuration[],
	rules_host[], rules_policy[];

#endif
