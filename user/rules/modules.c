/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about modules: which one is built, from where, and what was fetched for it. */
#include <errno.h>
#include <stdlib.h>

#include "model/effects/effects.h"
#include "model/files.h"
#include "model/modules/modules.h"
#include "model/search/search.h"
#include "rules/rule.h"
#include "util/path.h"

#define FETCHING "build install test vet run list generate fix"

/* --- from above --- */

static size_t dir_len(const char *path)
{
	return strrchr(path, '/') - path;
}

/* The command's repository, and path lies outside of it. */
static bool is_outside_repository(const struct model *m, const struct go_command *c, const char *path,
				  enum ladder_purpose purpose, const struct ladder **ret)
{
	const struct ladder *l = model__ladder(m, c->proc, purpose);
	__free_str struct str dir = {};

	*ret = l;
	if (!l || !l->repository)
		return false;
	str__add(&dir, path, dir_len(path));
	return dir.s && !rule__is_in(dir.s, l->repository);
}

/* Where there is no repository, the module is what belongs together. */
static bool is_above_module(const struct model *m, const struct go_command *c, const char *work)
{
	const struct ladder *l = model__ladder(m, c->proc, LADDER_GO_WORK);
	__free_str struct str dir = {};

	if (!l || !l->has_no_repository || !c->settings->module_dir)
		return false;
	str__add(&dir, work, dir_len(work));
	return dir.s && !str_eq(dir.s, c->settings->module_dir) && rule__is_in(c->settings->module_dir, dir.s);
}

static int match_workspace_from_outside(struct matching *x, const struct go_command *c)
{
	const char *work = c->settings->workfile;
	const struct effective *e = work ? rule__setting(c, "GOWORK") : NULL;
	const struct ladder *l;

	if (!work || (e && e->won.source == SOURCE_ENVIRONMENT))
		return 0;
	if (is_above_module(x->m, c, work))
		return found(x, &(struct found){ PROVEN, c->proc, work, e ? rule__proof_of(e) : rule__at(c->p->start) },
			     "is in effect, from above the module %s, and there is no repository",
			     c->settings->module_dir);
	if (!is_outside_repository(x->m, c, work, LADDER_GO_WORK, &l))
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, work, e ? rule__proof_of(e) : rule__at(c->p->start) },
		     "is in effect, from above the repository %s", l->repository);
}

static int match_workspace_missing(struct matching *x, const struct go_command *c)
{
	const char *gowork = go_command__var(c, "GOWORK");
	const struct lookup *l;

	if (!gowork || str_eq(gowork, "off") || *gowork != '/')
		return 0;
	l = go_command__lookup(c, gowork);
	if (!l || !l->err)
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, "GOWORK", rule__at(l->ts) },
		     "GOWORK=%s is not there (%s)", gowork, l->err);
}

static int match_module_from_parent(struct matching *x, const struct go_command *c)
{
	const char *mod = c->settings->modfile;
	const struct ladder *l;

	if (!mod || !is_outside_repository(x->m, c, mod, LADDER_GO_MOD, &l))
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, mod, rule__at(c->p->start) },
		     "is the main module's, from above the repository %s", l->repository);
}

/* --- vendor --- */

static const struct module_set *set_of(const struct model *m, const struct go_command *c)
{
	const struct module_set *s = model__next_module_set(m, NULL);

	while (s && s->go != c->proc)
		s = model__next_module_set(m, s);
	return s;
}

static int match_vendor_ignored(struct matching *x, const struct go_command *c)
{
	const struct module_set *s;
	__free_str struct str dir = {};
	const struct lookup *l;

	if (!c->settings->module_dir || c->settings->workfile ||
	    !rule__verb_is(c, "build install test vet run list"))
		return 0;
	str__addf(&dir, "%s/vendor", c->settings->module_dir);
	l = dir.s ? go_command__lookup(c, dir.s) : NULL;
	if (!l || l->err || !l->is_dir)
		return 0;
	s = set_of(x->m, c);
	if (s && (s->vendor || module_set__is_vendor_asked(s)))
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, l->path, rule__at(l->ts) },
		     "is there, and go did not take modules from it");
}

static int match_vendor_inconsistent(struct matching *x, const struct go_command *c)
{
	const struct module_set *s = process__has_failed(c->p) && !c->roles[TOOL_COMPILE] ? set_of(x->m, c) : NULL;
	const char *mod = c->settings->modfile;
	const struct file_version *gomod;
	enum text_state state;

	if (!s || !s->vendor || !s->vendor_read.cnt || !mod || c->settings->workfile)
		return 0;
	gomod = model__text(x->m, mod, s->vendor_read.ts[0], &state);
	if (!gomod)
		return 0;
	for (const struct gomod_stmt *r = gomod__find(&gomod->gomod, "require", NULL); r;
	     r = gomod__find(&gomod->gomod, "require", r))
		if (r->cnt >= 2 && !module_set__has_vendored(s, r->words[0], r->words[1]))
			return found(x, &(struct found){ PROVEN, c->proc, s->vendor, s->vendor_read },
				     "does not have %s %s, which %s:%u requires", r->words[0], r->words[1], mod,
				     r->line);
	return 0;
}

/* --- sources that others do not have --- */

static int match_local_replace(struct matching *x)
{
	int err = 0;

	for (const struct module_set *s = model__next_module_set(x->m, NULL); s && !err;
	     s = model__next_module_set(x->m, s)) {
		const struct go_command *c = s->c;

		if (!c || !c->settings || !rule__verb_is(c, "build install") || process__has_failed(c->p) ||
		    !c->roles[TOOL_LINK])
			continue;
		for (const struct module_use *u = module_set__next(s, NULL); u && !err; u = module_set__next(s, u))
			if (u->origin == MODULE_REPLACED && u->dir && u->reads)
				err = found(x, &(struct found){ PROVEN, c->proc, u->path ?: u->dir, u->read },
					    "is replaced by the folder %s (%s:%u)", u->dir,
					    u->declared_in ?: "go.mod", u->line);
	}
	return err;
}

/* --- fetched --- */

/* Something of GOPROXY is asked over the network. */
static bool is_by_network(const struct go_command *c)
{
	const struct effective *e = rule__setting(c, "GOPROXY");

	return e && e->won.value && !str_has_prefix(e->won.value, "file:") && !str_eq(e->won.value, "off");
}

static int match_module_download(struct matching *x)
{
	int err = 0;

	for (const struct module_set *s = model__next_module_set(x->m, NULL); s && !err;
	     s = model__next_module_set(x->m, s)) {
		const struct module_use *first = NULL;
		unsigned int cnt = 0;

		if (!s->c || !s->c->settings || !rule__verb_is(s->c, FETCHING) || !is_by_network(s->c))
			continue;
		for (const struct module_use *u = module_set__next(s, NULL); u; u = module_set__next(s, u)) {
			if (u->is_toolchain || !(u->downloads & DOWNLOADED_ZIP))
				continue;
			first = first ?: u;
			cnt++;
		}
		if (first)
			err = found(x, &(struct found){ PROVEN, s->go, first->path, first->download },
				    "%u module%s fetched during go %s, the first one is %s %s", cnt,
				    cnt == 1 ? " was" : "s were", s->c->settings->verb, first->path,
				    first->version ?: "");
	}
	return err;
}

/* Why the module was fetched without a look into the checksum database; NULL: it was looked up. */
static const struct effective *unchecked_by(const struct go_command *c, const char *path)
{
	static const char *const lists[] = { "GONOSUMDB", "GOINSECURE" };
	const struct effective *off = rule__setting(c, "GOSUMDB");

	if (off && off->won.value && str_eq(off->won.value, "off"))
		return off;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct effective *e = rule__set(c, lists[i]);

		if (e && rule__matches_module(e->won.value, path))
			return e;
	}
	return NULL;
}

/* What go.sum has is compared with that, whatever the database would say: what go added to it is not. */
static bool is_checked_by_sum(const struct model *m, const struct go_command *c)
{
	const char *const files[] = { c->settings->module_dir, c->settings->workfile };
	bool is_any = false;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct file_write *w;
		__free_str struct str path = {};

		if (!files[i])
			continue;
		is_any = true;
		str__addf(&path, "%s%s", files[i], i ? ".sum" : "/go.sum");
		w = path.s ? model__last_write(m, path.s, INT64_MAX) : NULL;
		while (w && w->proc != c->proc)
			w = w->before;
		if (w)
			return false;
	}
	return is_any;
}

static int match_sumdb_off(struct matching *x)
{
	int err = 0;

	for (const struct module_set *s = model__next_module_set(x->m, NULL); s && !err;
	     s = model__next_module_set(x->m, s))
		for (const struct module_use *u = module_set__next(s, NULL); u && !err; u = module_set__next(s, u)) {
			const struct effective *e = s->c && s->c->settings && u->downloads & DOWNLOADED_ZIP && !is_checked_by_sum(x->m, s->c) ?
							    unchecked_by(s->c, u->path) : NULL;
			__free_str struct str from = {};

			if (!e)
				continue;
			rule__origin(&e->won, &from);
			err = found(x, &(struct found){ e->confidence, s->go, u->path, u->download },
				    "%s was fetched unchecked: %s=%s (%s)", u->version ?: "", e->name, e->won.value,
				    from.s ?: "");
		}
	return err;
}

/* --- credentials --- */

static int match_netrc_unreadable(struct matching *x)
{
	int err = 0;

	for (const struct refusal *r = model__next_refusal(x->m, NULL); r && !err; r = model__next_refusal(x->m, r)) {
		const struct go_command *c = model__command_of(x->m, model__process(x->m, r->proc));

		if (c && process__has_failed(c->p) && (path__is_named(r->path, ".netrc") || path__is_named(r->path, "_netrc")))
			err = found(x, &(struct found){ LIKELY, c->proc, r->path, rule__at(r->ts) },
				    "could not be read (%s), and go %s failed", r->err, c->settings->verb);
	}
	return err;
}

/* --- the module cache --- */

static int match_modcache_partial(struct matching *x)
{
	int err = 0;

	for (const struct module_set *s = model__next_module_set(x->m, NULL); s && !err;
	     s = model__next_module_set(x->m, s))
		for (const struct module_use *u = module_set__next(s, NULL); u && !err; u = module_set__next(s, u))
			if (u->was_partial || u->extraction == EXTRACTION_LEFT)
				err = found(x, &(struct found){ PROVEN, s->go, u->path, u->partial },
					    "%s was not unpacked to the end %s", u->version ?: "",
					    u->was_partial ? "before this run" : "in this run");
	return err;
}

static int match_modcache_denied(struct matching *x)
{
	int err = 0;

	for (const struct refusal *r = model__next_refusal(x->m, NULL); r && !err; r = model__next_refusal(x->m, r)) {
		const struct go_command *c = model__command_of(x->m, model__process(x->m, r->proc));

		if (c && rule__is_in(r->path, c->roots.dir[ROOT_GOMODCACHE]) &&
		    (str_eq(r->err, "EACCES") || str_eq(r->err, "EPERM") || str_eq(r->err, "EROFS")) &&
		    process__has_failed(c->p))
			err = found(x, &(struct found){ PROVEN, c->proc, c->roots.dir[ROOT_GOMODCACHE], rule__at(r->ts) },
				    "%s of %s: %s", rec_kind__name(r->kind), r->path, r->err);
	}
	return err;
}

#define FILES (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_modules[] = {
	{ "workspace-from-outside", SEVERITY_WARNING, FILES, NULL,
	  "A go.work from above the repository is in effect",
	  "It changes which modules are built, and nothing in the repository shows it.",
	  "GOWORK=off, or remove the go.work",
	  .match_command = match_workspace_from_outside },
	{ "workspace-missing", SEVERITY_ERROR, FILES | EVIDENCE_ENVIRONMENT, NULL,
	  "GOWORK names a file that is not there",
	  "go stops before it does anything.",
	  "unset GOWORK, or say GOWORK=off",
	  .match_command = match_workspace_missing },
	{ "module-from-parent", SEVERITY_WARNING, FILES, NULL,
	  "The main module is that of a folder above the repository",
	  "The sources are taken for a package of another module, with its dependencies and its go line.",
	  "go mod init in the repository, or remove the go.mod above it",
	  .match_command = match_module_from_parent },
	{ "vendor-ignored", SEVERITY_WARNING, FILES | EVIDENCE_ABSENCE, NULL,
	  "A vendor folder is there and was not used",
	  "go uses it by itself only when the go line is 1.14 or later and vendor/modules.txt is there.",
	  "raise the go line, or say -mod=vendor; remove the folder when it is not wanted",
	  .match_command = match_vendor_ignored },
	{ "vendor-inconsistent", SEVERITY_ERROR, FILES, NULL,
	  "vendor/modules.txt and go.mod disagree",
	  "go stops: what is vendored is not what go.mod asks for.",
	  "go mod vendor",
	  .match_command = match_vendor_inconsistent },
	{ "local-replace", SEVERITY_WARNING, FILES, NULL,
	  "A program was built with a local folder in place of a module",
	  "Nobody else can build the same: what is in the folder has no version.",
	  "go mod edit -dropreplace, or publish the module",
	  .match = match_local_replace },
	{ "module-download-in-build", SEVERITY_NOTE, FILES, NULL,
	  "Modules were fetched during a build or test",
	  "It takes time in each job, and fails without the network.",
	  "go mod download in a step of its own, and keep the module cache",
	  .match = match_module_download },
	{ "sumdb-off", SEVERITY_WARNING, FILES, NULL,
	  "Modules were fetched without being checked",
	  "Nothing would notice that a proxy gives out other sources than everybody else gets.",
	  "GOSUMDB=sum.golang.org; for private modules GOPRIVATE with their prefix",
	  .match = match_sumdb_off },
	{ "netrc-unreadable", SEVERITY_WARNING, FILES, NULL,
	  "Credentials could not be read",
	  "go asks without them then, and the host refuses or says that there is no such module.",
	  "chown and chmod 600 the file, or set NETRC",
	  .match = match_netrc_unreadable },
	{ "modcache-partial", SEVERITY_WARNING, FILES, NULL,
	  "A module was not unpacked to the end",
	  "go unpacks it again; what reads the folder meanwhile sees half of it.",
	  "nothing, when it was unpacked since; else go clean -modcache",
	  .match = match_modcache_partial },
	{ "modcache-denied", SEVERITY_ERROR, FILES, NULL,
	  "The module cache belongs to somebody else",
	  "go can neither read nor add modules.",
	  "chown -R it, or give each user a GOMODCACHE",
	  .match = match_modcache_denied },
	{}
};
