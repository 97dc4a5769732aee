/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about what was built and installed, and about programs that ran. */
#include <errno.h>

#include "golang/buildinfo.h"
#include "model/effects/effects.h"
#include "model/images.h"
#include "model/programs/programs.h"
#include "model/search/search.h"
#include "rules/rule.h"
#include "util/path.h"

/* --- what install wrote --- */

/* Where the command installs to; NULL: not known. */
static const char *bin_dir(const struct go_command *c, struct str *out)
{
	const struct effective *bin = rule__set(c, "GOBIN"), *path = rule__setting(c, "GOPATH");

	if (bin)
		return bin->won.value;
	if (!path || !path->won.value || !*path->won.value)
		return NULL;
	str__add(out, path->won.value, strcspn(path->won.value, ":"));
	str__adds(out, "/bin");
	return out->s;
}

static int match_gobin_unwritable(struct matching *x)
{
	int err = 0;

	for (const struct refusal *r = model__next_refusal(x->m, NULL); r && !err; r = model__next_refusal(x->m, r)) {
		const struct go_command *c = model__command(x->m, r->proc);
		__free_str struct str own = {};
		const char *dir;

		if (!c || !c->settings || !r->writes || !rule__verb_is(c, "install get") || !process__has_failed(c->p))
			continue;
		dir = bin_dir(c, &own);
		if (dir && (rule__is_in(r->path, dir) || rule__is_in(dir, r->path)))
			err = found(x, &(struct found){ PROVEN, c->proc, dir, rule__at(r->ts) }, "%s of %s: %s",
				    rec_kind__name(r->kind), r->path, r->err);
	}
	return err;
}

static bool is_on_path(const char *path_list, const char *dir, size_t n)
{
	for (const char *at = path_list; at && *at; at += strcspn(at, ":"), at += *at == ':') {
		size_t len = strcspn(at, ":");

		while (len > 1 && at[len - 1] == '/')
			len--;
		if (len == n && !strncmp(at, dir, n))
			return true;
	}
	return false;
}

static int match_gobin_not_on_path(struct matching *x)
{
	int err = 0;

	for (const struct output *o = model__next_output(x->m, NULL); o && !err; o = model__next_output(x->m, o)) {
		const struct go_command *c = model__command(x->m, o->go);
		const char *path = c ? environment__get(c->env, "PATH") : NULL;
		size_t n = path__dir_len(o->path);

		if (!path || !c->settings || !rule__verb_is(c, "install") || process__has_failed(c->p) ||
		    is_on_path(path, o->path, n))
			continue;
		err = found(x, &(struct found){ PROVEN, c->proc, o->path, rule__at(o->ts) },
			    "was installed, and PATH does not have %.*s", (int)n, o->path);
	}
	return err;
}

/* A program of the output's name that ran after it was installed, from elsewhere on PATH. */
static const struct process *ran_instead(const struct model *m, const struct output *o, const char **ret_file)
{
	const char *name = path__base(o->path);

	for (const struct process *p = model__next_process(m, NULL); p; p = model__next_process(m, p)) {
		const char *first = process__next_arg(p, NULL);

		if (!p->has_exec || !p->exe || p->start < o->ts || !first || !p->env ||
		    !is_on_path(environment__get(p->env, "PATH"), o->path, path__dir_len(o->path)))
			continue;
		*ret_file = p->exe;
		if (str_eq(path__base(p->exe), name) && !str_eq(p->exe, o->path) && !strchr(first, '/'))
			return p;
		*ret_file = process__next_arg(p, first);	/* a script: its interpreter is what runs */
		if (*ret_file && **ret_file == '/' && str_eq(path__base(*ret_file), name) &&
		    !str_eq(*ret_file, o->path) &&
		    is_on_path(environment__get(p->env, "PATH"), *ret_file, path__dir_len(*ret_file)))
			return p;
	}
	return NULL;
}

static int match_installed_program_shadowed(struct matching *x)
{
	int err = 0;

	for (const struct output *o = model__next_output(x->m, NULL); o && !err; o = model__next_output(x->m, o)) {
		const struct go_command *c = model__command(x->m, o->go);
		const char *file;
		const struct process *p = c && c->settings && rule__verb_is(c, "install") ? ran_instead(x->m, o, &file) : NULL;
		struct proof proof = rule__at(o->ts);
		__free_str struct str remedy = {};

		if (!p)
			continue;
		proof__add(&proof, p->start);
		str__addf(&remedy, "rm %s, or put %.*s first on PATH; then hash -r", file,
			  (int)path__dir_len(o->path), o->path);
		err = found(x, &(struct found){ PROVEN, c->proc, path__base(o->path), proof, remedy.s },
			    "go install %s %s; what ran then is %s", o->was_up_to_date ? "found up to date" : "wrote",
			    o->path, file);
	}
	return err;
}

static int match_cross_install_refused(struct matching *x, const struct go_command *c)
{
	static const char *const pairs[][2] = { { "GOOS", "GOHOSTOS" }, { "GOARCH", "GOHOSTARCH" } };
	const struct effective *bin = process__has_failed(c->p) && !c->roles[TOOL_COMPILE] && rule__verb_is(c, "install") ?
					      rule__set(c, "GOBIN") : NULL;

	if (!bin)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct effective *e = rule__set(c, pairs[i][0]), *host = rule__setting(c, pairs[i][1]);

		if (e && host && host->won.value && !str_eq(e->won.value, host->won.value))
			return found(x, &(struct found){ LIKELY, c->proc, "GOBIN", rule__proof_of(bin) },
				     "GOBIN=%s, and %s=%s is not this host's", bin->won.value, e->name, e->won.value);
	}
	return 0;
}

/* --- what is embedded --- */

static int match_facts(struct matching *x, enum contradiction kind, const char *format)
{
	int err = 0;

	for (const struct program *p = model__next_program(x->m, NULL); p && !err; p = model__next_program(x->m, p))
		for (unsigned int i = 0; i < p->fact_cnt && !err; i++) {
			const struct program_fact *f = &p->facts[i];

			if (f->kind != kind || (kind == CONTRADICTION_DEVEL && !p->runs))
				continue;
			err = found(x, &(struct found){ f->confidence, f->proc, p->exe, f->proof }, "%s%s%s%s%s%s%s",
				    format, f->subject ? ": " : "", f->subject ?: "", f->embedded ? ", built in " : "",
				    f->embedded ?: "", f->seen ? ", here " : "", f->seen ?: "");
		}
	return err;
}

static int match_modified(struct matching *x)
{
	return match_facts(x, CONTRADICTION_MODIFIED, "built from sources that were not committed");
}

/* In a workspace that is so of everything that is built: it matters when it is put to use. */
static int match_devel(struct matching *x)
{
	return match_facts(x, CONTRADICTION_DEVEL, "a dependency has no version");
}

static int match_differs(struct matching *x)
{
	return match_facts(x, CONTRADICTION_ENVIRONMENT, "the environment asks for something else");
}

static int match_godebug(struct matching *x)
{
	return match_facts(x, CONTRADICTION_GODEBUG, "GODEBUG of the environment counts");
}

static int match_replaced(struct matching *x)
{
	return match_facts(x, CONTRADICTION_DELETED, "its file was removed while it ran") ?:
	       match_facts(x, CONTRADICTION_REPLACED, "its file was replaced while it ran");
}

/* Go's linker made it, and nobody can tell of what. */
static int match_without_buildinfo(struct matching *x)
{
	int err = 0;

	for (const struct image *i = model__next_image(x->m, NULL); i && !err; i = model__next_image(x->m, i)) {
		const struct process *p = model__next_process(x->m, NULL);
		bool is_damaged = i->error && str_eq(i->error, buildinfo__strerror(-EBADMSG));

		if (!i->error || (!is_damaged && !str_eq(i->error, buildinfo__strerror(-ENOMSG))))
			continue;
		while (p && p->image != i)
			p = model__next_process(x->m, p);
		err = found(x, &(struct found){ is_damaged ? LIKELY : PROVEN, p ? p->proc : 0, i->exe,
						rule__at(p ? p->start : i->looked_at) },
			    "%s: its build information was removed, or is damaged", i->error);
	}
	return err;
}

/* --- version control --- */

static int match_vcs_refused(struct matching *x)
{
	int err = 0;

	for (const struct process *p = model__next_process(x->m, NULL); p && !err; p = model__next_process(x->m, p)) {
		const struct go_command *c = p->role == TOOL_VCS && process__has_failed(p) ? model__command_of(x->m, p) : NULL;

		if (!c || !c->settings || !process__has_failed(c->p) || c->roles[TOOL_LINK] ||
		    !rule__verb_is(c, "build install test run list"))
			continue;
		err = found(x, &(struct found){ LIKELY, c->proc, c->settings->module_dir ?: "", rule__at(p->finish) },
			    "%s ended with %d, and go %s stopped", p->name ?: "git", p->status, c->settings->verb);
	}
	return err;
}

static bool is_vcs(const char *name)
{
	static const char *const programs[] = { "git", "hg", "svn", "bzr", "fossil" };

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (str_eq(name, programs[i]))
			return true;
	return false;
}

/* go has found a repository before it looks for the program that knows it. */
static int match_vcs_missing(struct matching *x)
{
	int err = 0;

	for (const struct ladder *l = model__next_ladder(x->m, NULL); l && !err; l = model__next_ladder(x->m, l)) {
		const struct go_command *c;
		struct ladder_verdict v;

		if (l->purpose != LADDER_PROGRAM || !l->cnt || !is_vcs(l->key))
			continue;
		c = model__command_of(x->m, model__process(x->m, l->proc));
		ladder__judge(x->m, l, &v);
		if (v.won || !c || !c->settings || !c->roles[TOOL_LINK] || process__has_failed(c->p) ||
		    !rule__verb_is(c, "build install"))
			continue;
		err = found(x, &(struct found){ LIKELY, c->proc, c->settings->module_dir ?: "",
						rule__at(l->candidates[0].ts) },
			    "no revision is stamped: %s is in no folder of PATH", l->key);
	}
	return err;
}

#define SEEN (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_programs[] = {
	{ "gobin-unwritable", SEVERITY_ERROR, SEEN, NULL,
	  "go install could not write the program",
	  "The folder belongs to somebody else, or is mounted read-only.",
	  "set GOBIN to a folder of yours, or change the owner of this one",
	  .match = match_gobin_unwritable },
	{ "gobin-not-on-path", SEVERITY_WARNING, SEEN | EVIDENCE_ENVIRONMENT, NULL,
	  "go install wrote where PATH does not look",
	  "The program is not found by its name, or an older one of that name is.",
	  "add the folder to PATH",
	  .match = match_gobin_not_on_path },
	{ "installed-program-shadowed", SEVERITY_WARNING, SEEN | EVIDENCE_ENVIRONMENT, NULL,
	  "The program that ran is not the one that go install wrote",
	  "PATH has another one of that name in a folder before.",
	  "remove the other one, or put the folder first on PATH; then hash -r",
	  .match = match_installed_program_shadowed },
	{ "cross-install-refused", SEVERITY_ERROR, SEEN | EVIDENCE_ENVIRONMENT, NULL,
	  "go install for another platform is refused while GOBIN is set",
	  "Programs for other platforms go into folders of their own below GOPATH/bin.",
	  "unset GOBIN, or use go build -o",
	  .match_command = match_cross_install_refused },
	{ "program-modified-sources", SEVERITY_WARNING, SEEN, NULL,
	  "A program was built from sources that were not committed",
	  "Nobody can tell what is in it.",
	  "commit, then build again",
	  .match = match_modified },
	{ "program-devel-dependencies", SEVERITY_NOTE, SEEN, NULL,
	  "A program has dependencies without a version",
	  "They came from a workspace or a replaced folder: nobody can tell what is in them.",
	  "build it with GOWORK=off and without replace lines",
	  .match = match_devel },
	{ "program-without-buildinfo", SEVERITY_NOTE, SEEN, NULL,
	  "A Go program has no build information",
	  "Neither its modules nor its settings can be told, by go version -m or by a scanner.",
	  "keep the section .go.buildinfo: strip -s does, objcopy and packers may not",
	  .match = match_without_buildinfo },
	{ "vcs-missing", SEVERITY_NOTE, SEEN | EVIDENCE_ABSENCE, NULL,
	  "A program has no revision stamped",
	  "What is built cannot be traced to a commit.",
	  "install the version control program where the build runs",
	  .match = match_vcs_missing },
	{ "vcs-refused", SEVERITY_ERROR, SEEN, NULL,
	  "Version control failed and stopped the build",
	  "go asks git for the revision; git refuses a repository of another user, or is broken.",
	  "git config --global --add safe.directory DIR, or go build -buildvcs=false",
	  .match = match_vcs_refused },
	{ "program-differs-from-environment", SEVERITY_NOTE, SEEN | EVIDENCE_ENVIRONMENT, NULL,
	  "A program was built otherwise than the environment asks for",
	  "The variables have no effect on a program that is built.",
	  "build it again, or unset them",
	  .match = match_differs },
	{ "godebug-overrides-default", SEVERITY_NOTE, SEEN | EVIDENCE_ENVIRONMENT, NULL,
	  "GODEBUG in the environment contradicts what a program has built in",
	  "The program behaves otherwise than its go.mod says.",
	  "unset GODEBUG",
	  .match = match_godebug },
	{ "program-replaced-while-running", SEVERITY_WARNING, SEEN, NULL,
	  "The file of a program was replaced or removed while it ran",
	  "The old program goes on.",
	  "restart it",
	  .match = match_replaced },
	{}
};
