/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about toolchains: which Go did the work, and whether its parts belong together. */
#include <stdlib.h>

#include "model/cache/cache.h"
#include "model/toolchain/toolchain.h"
#include "rules/rule.h"

/* --- GOROOT --- */

static int found_mismatch(struct matching *x, const struct go_command *c, const struct process *tool)
{
	size_t own = toolchain__goroot_len(c->p->exe), other = toolchain__goroot_len(tool->exe);
	const struct effective *e = rule__setting(c, "GOROOT");
	struct proof proof = rule__at(tool->start);
	__free_str struct str by = {};

	if (e && e->is_set) {
		str__addf(&by, ", for GOROOT is set by ");
		rule__origin(&e->won, &by);
	}
	proof__add(&proof, c->p->start);
	return found(x, &(struct found){ PROVEN, c->proc, "GOROOT", proof },
		     "go of %.*s ran %s of %.*s%s", (int)own, c->p->exe, tool->name ?: "a tool", (int)other,
		     tool->exe, by.s ?: "");
}

static int match_goroot_mismatch(struct matching *x)
{
	int err = 0;

	for (const struct process *p = model__next_process(x->m, NULL); p && !err; p = model__next_process(x->m, p)) {
		const struct go_command *c;
		const struct effective *e;
		const char *const *versions;
		size_t n;

		if (!p->has_exec || !p->exe || !tool_role__is_go_tool(p->role))
			continue;
		c = model__command_of(x->m, p);
		n = c && c->settings && c->p->exe ? toolchain__goroot_len(c->p->exe) : 0;
		if (!n || !toolchain__goroot_len(p->exe) ||
		    (toolchain__goroot_len(p->exe) == n && !strncmp(p->exe, c->p->exe, n)))
			continue;
		e = rule__setting(c, "GOROOT");
		if ((e && e->is_set) || model__go_versions(x->m, c->p, &versions) > 1)
			err = found_mismatch(x, c, p);
	}
	return err;
}

static int match_goroot_broken(struct matching *x, const struct go_command *c)
{
	const struct effective *e = process__has_failed(c->p) && !c->roles[TOOL_COMPILE] ? rule__set(c, "GOROOT") : NULL;
	__free_str struct str tools = {};
	const struct lookup *l;

	if (!e)
		return 0;
	str__addf(&tools, "%s/pkg/tool", e->won.value);
	l = tools.s ? go_command__lookup(c, tools.s) : NULL;
	if (!l) {	/* it stopped before that */
		str__cut(&tools, strlen(e->won.value));
		str__adds(&tools, "/go.env");
		l = go_command__lookup(c, tools.s);
	}
	if (!l || !l->err)
		return 0;
	return found(x, &(struct found){ LIKELY, c->proc, "GOROOT", rule__at(l->ts) },
		     "%s is no GOROOT: %s is not there (%s)", e->won.value, tools.s, l->err);
}

/* --- switches --- */

static int match_toolchain_switched(struct matching *x)
{
	int err = 0;

	for (const struct toolchain_switch *s = model__next_switch(x->m, NULL); s && !err;
	     s = model__next_switch(x->m, s)) {
		__free_str struct str by = {};

		if (!s->to || s->failure || !s->version)
			continue;
		if (s->pick && s->pick->by.source != SOURCE_UNKNOWN) {
			str__addf(&by, ": %s (", s->pick->text ?: "GOTOOLCHAIN");
			rule__origin(&s->pick->by, &by);
			str__adds(&by, ")");
		}
		err = found(x, &(struct found){ s->pick ? s->pick->confidence : LIKELY, s->from, s->version,
						s->proof, .at = s->pick ? &s->pick->by : NULL },
			    "did the work%s", by.s ?: "");
	}
	return err;
}

static int match_toolchain_downloaded(struct matching *x)
{
	int err = 0;

	for (const struct toolchain_download *d = model__next_download(x->m, NULL); d && !err;
	     d = model__next_download(x->m, d))
		if (d->is_done)
			err = found(x, &(struct found){ PROVEN, d->proc, d->version, rule__at(d->ts) },
				    "was fetched and unpacked (%llu files and folders written)",
				    (unsigned long long)d->writes);
	return err;
}

static int match_toolchain_unavailable(struct matching *x)
{
	int err = 0;

	for (const struct toolchain_switch *s = model__next_switch(x->m, NULL); s && !err;
	     s = model__next_switch(x->m, s)) {
		__free_str struct str by = {};

		if (!s->failure)
			continue;
		if (s->pick && s->pick->by.source != SOURCE_UNKNOWN) {
			str__addf(&by, ", asked for by %s (", s->pick->text ?: "GOTOOLCHAIN");
			rule__origin(&s->pick->by, &by);
			str__adds(&by, ")");
		}
		err = found(x, &(struct found){ s->pick ? s->pick->confidence : LIKELY, s->from,
						s->version ?: "another Go", s->proof,
						.at = s->pick ? &s->pick->by : NULL },
			    "%s%s", s->failure, by.s ?: "");
	}
	return err;
}

/* --- several of them --- */

#define MAX_CACHES 16

/* The first command that wrote each cache. */
struct writer {
	const struct go_command *c;
	const char *cache;
};

static int compare_writer(struct matching *x, struct writer *w, const struct go_command *c, const char *cache)
{
	struct proof proof = rule__at(w->c->p->start);

	if (str_eq(w->c->settings->version, c->settings->version))
		return 0;
	proof__add(&proof, c->p->start);
	return found(x, &(struct found){ PROVEN, c->proc, cache, proof },
		     "%s and %s wrote it: they share nothing", w->c->settings->version,
		     c->settings->version);
}

static int match_toolchains_mixed(struct matching *x)
{
	struct writer writers[MAX_CACHES];
	size_t n = 0, i;
	int err = 0;

	for (const struct go_command *c = model__next_command(x->m, NULL); c && !err;
	     c = model__next_command(x->m, c)) {
		const char *cache = c->roots.dir[ROOT_GOCACHE];
		struct cache_sum sum;

		if (!cache || !c->settings || !c->settings->version || !model__cache(x->m, c->p, &sum) || !sum.put)
			continue;
		for (i = 0; i < n && !str_eq(writers[i].cache, cache); i++)
			;
		if (i < n)
			err = compare_writer(x, &writers[i], c, cache);
		else if (n < MAX_CACHES)
			writers[n++] = (struct writer){ c, cache };
	}
	return err;
}

static bool is_on_path(const char *path_list, const char *exe)
{
	size_t dir = strrchr(exe, '/') - exe;

	for (const char *at = path_list; at && *at; at += strcspn(at, ":"), at += *at == ':')
		if (strcspn(at, ":") == dir && !strncmp(at, exe, dir))
			return true;
	return false;
}

static int match_go_shadowed(struct matching *x, const struct go_command *c)
{
	const struct go_command *first = model__next_command(x->m, NULL);
	const char *path = environment__get(c->env, "PATH");
	struct proof proof = rule__at(c->p->start);

	if (!first || first == c || first->before || c->before || !first->settings || !c->settings->version ||
	    !first->settings->version || str_eq(first->settings->version, c->settings->version) || !path ||
	    !first->p->exe || !c->p->exe || !is_on_path(path, first->p->exe) || !is_on_path(path, c->p->exe))
		return 0;
	proof__add(&proof, first->p->start);
	return found(x, &(struct found){ PROVEN, c->proc, c->p->exe, proof },
		     "%s and %s (%s) are both on PATH, and both ran", c->settings->version, first->p->exe,
		     first->settings->version);
}

#define TOOLS (EVIDENCE_LIFE | EVIDENCE_ENVIRONMENT)

const struct rule rules_toolchain[] = {
	{ "goroot-mismatch", SEVERITY_ERROR, TOOLS, "goroot-in-env-file ",
	  "go works with the tools of another GOROOT",
	  "Compiler, linker and standard library of one Go are driven by the go command of another one: "
	  "it stops with a message about versions, or builds what nobody expects.",
	  "unset GOROOT: go finds its own",
	  .match = match_goroot_mismatch },
	{ "goroot-broken", SEVERITY_ERROR, TOOLS | EVIDENCE_FILES, "goroot-in-env-file ",
	  "GOROOT names a folder without a Go in it",
	  "No go command works: neither tools nor standard library are there.",
	  "unset GOROOT: go finds its own",
	  .match_command = match_goroot_broken },
	{ "toolchain-switched", SEVERITY_NOTE, TOOLS | EVIDENCE_FILES, NULL,
	  "Another Go than the one that was called did the work",
	  "Since Go 1.21 the toolchain or go line of go.mod or go.work chooses the Go that works.",
	  "install that version, or say GOTOOLCHAIN=local to get an error instead",
	  .match = match_toolchain_switched },
	{ "toolchain-downloaded", SEVERITY_WARNING, TOOLS | EVIDENCE_FILES, NULL,
	  "A toolchain was downloaded in this run",
	  "Some hundred megabytes are fetched and unpacked; without a network the same build fails.",
	  "install that version beforehand, or keep the module cache between jobs",
	  .match = match_toolchain_downloaded },
	{ "toolchain-unavailable", SEVERITY_ERROR, TOOLS | EVIDENCE_FILES, NULL,
	  "The Go that is asked for cannot be had",
	  "The go or toolchain line, or GOTOOLCHAIN, asks for another Go, and it was neither there nor "
	  "allowed or possible to fetch.",
	  "install that version, allow the switch (GOTOOLCHAIN=auto, GOPROXY), or lower the line",
	  .match = match_toolchain_unavailable },
	{ "toolchains-mixed", SEVERITY_WARNING, TOOLS | EVIDENCE_FILES, NULL,
	  "Several Go versions wrote one build cache",
	  "An entry counts for one Go version alone: each builds everything for itself, and the cache "
	  "is as large as all of them together.",
	  "use one version, or a GOCACHE for each",
	  .match = match_toolchains_mixed },
	{ "go-shadowed-on-path", SEVERITY_NOTE, TOOLS, NULL,
	  "Two versions of go are on PATH, and both ran",
	  "Which one works depends on how it is called.",
	  "keep one of them on PATH",
	  .match_command = match_go_shadowed },
	{}
};
