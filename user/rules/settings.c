/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about settings: which value counted, where it came from, and which one did not. */
#include <stdlib.h>

#include "golang/godebug.h"
#include "model/cache/cache.h"
#include "model/search/search.h"
#include "rules/rule.h"
#include "util/path.h"

/* A variable that a go command put there for its children says nothing of what a person set. */
static bool is_by_go(const struct model *m, const struct effective *e)
{
	const struct process *p = model__process(m, e->set_by);

	return p && p->role == TOOL_GO;
}

/* The flags that GOFLAGS gave to the command: "-tags=x -trimpath". */
static void flags_by_goflags(const struct go_command *c, struct str *out)
{
	for (size_t i = 0; i < c->settings->cnt; i++) {
		const struct effective *e = &c->settings->list[i];

		if (!e->via || !str_eq(e->via, "GOFLAGS"))
			continue;
		str__addf(out, "%s%s", out->len ? " " : "", e->name);
		if (e->won.value && !str_eq(e->won.value, "true"))
			str__addf(out, "=%s", e->won.value);
	}
}

static int match_goflags_from_file(struct matching *x, const struct go_command *c)
{
	const struct effective *e = rule__set(c, "GOFLAGS");
	__free_str struct str flags = {}, from = {};

	if (!e || (e->won.source != SOURCE_ENV_FILE && e->won.source != SOURCE_GO_ENV))
		return 0;
	flags_by_goflags(c, &flags);
	if (!flags.len)
		return 0;
	rule__origin(&e->won, &from);
	return found(x, &(struct found){ e->confidence, c->proc, "GOFLAGS", rule__proof_of(e), .at = &e->won },
		     "%s, from %s, changed go %s", flags.s, from.s ?: "", c->settings->verb);
}

static int match_shadowed(struct matching *x, const struct go_command *c, const struct effective *e)
{
	__free_str struct str from = {};

	for (size_t i = 0; i < e->shadowed_cnt; i++) {
		const struct origin *o = &e->shadowed[i];

		if (o->source != SOURCE_ENV_FILE || !rule__is_known(o->value) ||
		    !rule__is_known(e->won.value) || str_eq(o->value, e->won.value))
			continue;
		rule__origin(o, &from);
		return found(x, &(struct found){ e->confidence, c->proc, e->name, rule__proof_of(e), .at = o },
			     "%s in the environment hides %s of %s", e->won.value, o->value,
			     from.s ?: "");
	}
	return 0;
}

static int match_env_file_shadowed(struct matching *x, const struct go_command *c)
{
	int err = 0;

	for (size_t i = 0; i < c->settings->cnt && !err; i++) {
		const struct effective *e = &c->settings->list[i];

		if (e->won.source == SOURCE_ENVIRONMENT && e->shadowed_cnt && !is_by_go(x->m, e))
			err = match_shadowed(x, c, e);
	}
	return err;
}

static const struct settings_file *file_of(const struct go_command *c, enum source source)
{
	for (size_t i = 0; i < c->settings->file_cnt; i++)
		if (c->settings->files[i].source == source)
			return &c->settings->files[i];
	return NULL;
}

static int match_env_file_line_ignored(struct matching *x, const struct go_command *c)
{
	const struct settings_file *f = file_of(c, SOURCE_ENV_FILE);
	int err = 0;

	if (f && (f->state == FILE_GONE || f->state == FILE_STALE))
		return cannot_tell(x, "what was in %s when go read it", f->path ?: "the env file");
	for (size_t i = 0; f && f->path && i < c->settings->ignored_cnt && !err; i++) {
		const struct ignored_line *l = &c->settings->ignored[i];
		__free_str struct str at = {};

		if (!l->path || !str_eq(l->path, f->path))
			continue;
		str__addf(&at, "%s:%u", l->path, l->line);
		err = found(x, &(struct found){ PROVEN, c->proc, at.s, rule__at(f->ts),
						.is_note = strstr(l->why, "yet"),
						.at = &(struct origin){ .path = l->path, .line = l->line } },
			    "\"%s\" %s", l->text, l->why);
	}
	return err;
}

static int match_env_empty_ignored(struct matching *x, const struct go_command *c)
{
	int err = 0;

	for (size_t i = 0; i < c->settings->cnt && !err; i++) {
		const struct effective *e = &c->settings->list[i];
		__free_str struct str from = {};

		if (!e->is_empty_in_env || !e->won.value || !*e->won.value || is_by_go(x->m, e))
			continue;
		rule__origin(&e->won, &from);
		err = found(x, &(struct found){ e->confidence, c->proc, e->name, rule__proof_of(e), .at = &e->won },
			    "set, but empty: %s counts (%s)", e->won.value, from.s ?: "");
	}
	return err;
}

static int match_goenv_names_no_file(struct matching *x, const struct go_command *c)
{
	const char *goenv = go_command__var(c, "GOENV");
	const struct settings_file *f = file_of(c, SOURCE_ENV_FILE);

	/* go env -w makes the file */
	if (!goenv || str_eq(goenv, "off") || !f || f->state != FILE_MISSING ||
	    rule__verb_is(c, "env"))
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, "GOENV", rule__at(f->ts) },
		     "GOENV=%s names a file that is not there (%s): go has no env file", goenv,
		     f->path ?: goenv);
}

static int match_goroot_in_env_file(struct matching *x, const struct go_command *c)
{
	const struct effective *e = rule__set(c, "GOROOT");
	__free_str struct str from = {};

	if (!e || e->won.source != SOURCE_ENV_FILE)
		return 0;
	rule__origin(&e->won, &from);
	return found(x, &(struct found){ e->confidence, c->proc, "GOROOT", rule__proof_of(e), .at = &e->won },
		     "%s comes from %s, for every go of this user", e->won.value, from.s ?: "");
}

/* --- without effect --- */

/* Variables that a version no longer reads. */
static const struct {
	const char *name;
	int until;	/* the last minor version that does */
} gone[] = {
	{ "GOROOT_FINAL", 22 },
	{ "GO15VENDOREXPERIMENT", 6 },
};

static int judge_godebug(struct matching *x, const struct go_command *c, int minor)
{
	const char *value = c->before ? NULL : go_command__var(c, "GODEBUG");	/* it is told of that one */
	int err = 0;

	for (const char *at = value; at && *at && !err; at += strcspn(at, ","), at += *at == ',') {
		const char *key = *at == '#' ? at + 1 : at;
		size_t n = strcspn(key, "=,"), len = strcspn(at, ",");
		int last = godebug__last_minor(key, n);

		if (key[n] != '=' || !rule__is_known(at) || (godebug__is_key(key, n) && (!last || minor <= last)))
			continue;
		err = last ? found(x, &(struct found){ PROVEN, c->proc, "GODEBUG", rule__at(c->p->start) },
				   "%.*s: Go 1.%d does not know it (the last one was 1.%d)", (int)len, at, minor, last) :
			     found(x, &(struct found){ LIKELY, c->proc, "GODEBUG", rule__at(c->p->start) },
				   "%.*s: no Go up to 1.27 knows it", (int)len, at);
	}
	return err;
}

static int match_variable_without_effect(struct matching *x, const struct go_command *c)
{
	int minor = c->settings->version ? go__minor(c->settings->version) : 0;
	int err = 0;

	for (size_t i = 0; minor && i < ARRAY_SIZE(gone) && !err; i++) {
		const char *value = go_command__var(c, gone[i].name);

		if (value && minor > gone[i].until)
			err = found(x, &(struct found){ PROVEN, c->proc, gone[i].name,
							rule__at(c->p->start) },
				    "Go 1.%d does not read it (the last one was 1.%d)", minor, gone[i].until);
	}
	return err || !minor ? err : judge_godebug(x, c, minor);
}

static int match_goexperiment_set(struct matching *x, const struct go_command *c)
{
	const struct effective *e = c->roles[TOOL_COMPILE] ? rule__set(c, "GOEXPERIMENT") : NULL;
	__free_str struct str from = {};

	if (!e || is_by_go(x->m, e))
		return 0;
	rule__origin(&e->won, &from);
	return found(x, &(struct found){ e->confidence, c->proc, "GOEXPERIMENT", rule__proof_of(e) },
		     "%s (%s)", e->won.value, from.s ?: "");
}

/* Keys of GODEBUG that make each build slower, or print into what tools say. */
static const struct {
	const char *key, *what;
} costly[] = {
	{ "gocacheverify",	"nothing is taken from the build cache" },
	{ "gocachetest",	"go test says why each result is used or not" },
	{ "gocachehash",	"go prints all that goes into each cache key" },
	{ "gctrace",		"every Go tool prints a line for each garbage collection" },
	{ "schedtrace",		"every Go tool prints what its scheduler does" },
	{ "inittrace",		"every Go tool prints its initialisation" },
	{ "clobberfree",	"every Go tool overwrites the memory that it frees" },
	{ "gccheckmark",	"every Go tool collects its garbage twice" },
	{ "gcstoptheworld",	"every Go tool stops while it collects garbage" },
};

static int match_godebug_costly(struct matching *x, const struct go_command *c)
{
	const char *value = go_command__var(c, "GODEBUG");
	int err = 0;

	if (!value || !(c->roles[TOOL_COMPILE] || c->roles[TOOL_LINK] ||
			rule__verb_is(c, "build install test run vet list")))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(costly) && !err; i++) {
		size_t n = strlen(costly[i].key);
		const char *at = strstr(value, costly[i].key);

		if (!at || (at != value && at[-1] != ',') || at[n] != '=' || at[n + 1] == '0')
			continue;
		err = found(x, &(struct found){ PROVEN, c->proc, "GODEBUG", rule__at(c->p->start) },
			    "%.*s: %s", (int)strcspn(at, ","), at, costly[i].what);
	}
	return err;
}

/* --- cgo --- */

/* Packages of the standard library that have cgo files and a variant without. */
static bool has_cgo_files(const char *package)
{
	return str_eq(package, "net") || str_eq(package, "os/user") || str_eq(package, "plugin");
}

static int match_cgo_silently_off(struct matching *x, const struct go_command *c)
{
	const struct effective *e = rule__setting(c, "CGO_ENABLED");
	const struct cache_ref *at = NULL;
	struct cache_use u;

	if (!e || !e->why || e->is_set || !str_eq(e->won.value ?: "", "0"))
		return 0;
	while ((at = model__next_use(x->m, c->p, at, &u)))
		if (u.kind == CACHE_PACKAGE && u.package && has_cgo_files(u.package))
			return found(x, &(struct found){
					     e->confidence == PROVEN && u.confidence == PROVEN ?
						     PROVEN : LIKELY,
					     c->proc, "CGO_ENABLED", rule__proof_of(e) },
				     "%s: %s was built without its C part", e->why, u.package);
	return 0;
}

/* A program that the command looked for on PATH, or tried by its path, and did not find. */
static const struct ladder *looked_in_vain(const struct model *m, const struct go_command *c,
					   const char *name)
{
	const char *key = path__base(name);

	for (const struct ladder *l = model__next_ladder(m, NULL); l; l = model__next_ladder(m, l)) {
		struct ladder_verdict v;

		if (l->purpose != LADDER_PROGRAM || !str_eq(l->key, key) ||
		    (*name == '/' && (!l->cnt || !str_eq(l->candidates[0].path, name))) ||
		    model__command_of(m, model__process(m, l->proc)) != c)
			continue;
		ladder__judge(m, l, &v);
		if (!v.won)
			return l;
	}
	return NULL;
}

static int match_c_compiler_missing(struct matching *x, const struct go_command *c)
{
	const struct effective *cgo, *cc = process__has_failed(c->p) ? rule__setting(c, "CC") : NULL;
	const char *name = cc && rule__is_known(cc->won.value) ? cc->won.value : NULL;
	const struct ladder *l;
	__free_str struct str word = {};

	cgo = name ? rule__setting(c, "CGO_ENABLED") : NULL;
	if (!cgo || str_eq(cgo->won.value ?: "", "0"))
		return 0;
	str__add(&word, name, strcspn(name, " "));
	if (!word.s || (!cc->is_set && !cgo->is_set))
		return 0;	/* cgo is off then, in silence */
	l = looked_in_vain(x->m, c, word.s);
	if (!l || !l->cnt)
		return 0;
	return found(x, &(struct found){ LIKELY, c->proc, "CC", rule__at(l->candidates[0].ts) },
		     "%s is %s, and cgo is on", word.s, *word.s == '/' ? "not there" : "in no folder of PATH");
}

/* --- flags --- */

static int match_mod_mod_in_flags(struct matching *x, const struct go_command *c)
{
	const struct effective *e = rule__set(c, "-mod");
	__free_str struct str from = {};

	if (!e || !e->via || !str_eq(e->via, "GOFLAGS") || !str_eq(e->won.value, "mod"))
		return 0;
	rule__origin(&e->won, &from);
	return found(x, &(struct found){ e->confidence, c->proc, "GOFLAGS", rule__proof_of(e), .at = &e->won },
		     "-mod=mod (%s): any go command may change go.mod and go.sum", from.s ?: "");
}

static int match_toolexec_active(struct matching *x, const struct go_command *c)
{
	const struct effective *e = rule__set(c, "-toolexec");
	__free_str struct str from = {};

	if (!e)
		return 0;
	rule__origin(&e->won, &from);
	return found(x, &(struct found){ e->confidence, c->proc, "-toolexec", rule__proof_of(e), .at = &e->won },
		     "%s (%s%s)", e->won.value, from.s ?: "", e->via ? ", by GOFLAGS" : "");
}

#define SETTINGS (EVIDENCE_LIFE | EVIDENCE_ENVIRONMENT)

const struct rule rules_settings[] = {
	{ "goflags-from-file", SEVERITY_WARNING, SETTINGS | EVIDENCE_FILES, NULL,
	  "Flags of a settings file changed the command",
	  "GOFLAGS of the env file or go.env applies to each command of the user, and no command line "
	  "or script shows it: the same command gives something else elsewhere.",
	  "go env -u GOFLAGS, and put the flags where the build is written down",
	  .match_command = match_goflags_from_file },
	{ "env-file-shadowed", SEVERITY_WARNING, SETTINGS | EVIDENCE_FILES, NULL,
	  "The environment hides a value of the env file",
	  "A variable of the environment counts before the env file, so that go env -w seems to have "
	  "no effect.",
	  "unset the variable, or remove the line with go env -u",
	  .match_command = match_env_file_shadowed },
	{ "env-file-line-ignored", SEVERITY_WARNING, SETTINGS | EVIDENCE_FILES, NULL,
	  "A line of the env file has no effect",
	  "go reads lines of the form NAME=value, with names that it knows and that may stand in the "
	  "file; it ignores all others without a word.",
	  "correct or remove the line; go env -w writes lines that count",
	  .match_command = match_env_file_line_ignored },
	{ "env-empty-ignored", SEVERITY_NOTE, SETTINGS, NULL,
	  "A variable is set, but empty, and something else counts",
	  "For go an empty variable is not set: the env file or the default applies.",
	  "give it the value that means nothing to be done (off, none, a space), or unset it",
	  .match_command = match_env_empty_ignored },
	{ "goenv-names-no-file", SEVERITY_WARNING, SETTINGS | EVIDENCE_FILES, NULL,
	  "GOENV names a file that is not there",
	  "go then has no env file at all and says nothing: settings written with go env -w are lost.",
	  "unset GOENV, name the file by its absolute path, or say GOENV=off",
	  .match_command = match_goenv_names_no_file },
	{ "goroot-in-env-file", SEVERITY_ERROR, SETTINGS | EVIDENCE_FILES, NULL,
	  "GOROOT is set in the env file",
	  "Every go command of the user, of whatever version, then uses that one's tools and library; "
	  "when the folder is removed no go command works any more, go env -u included.",
	  "remove the line GOROOT=… from the env file with an editor",
	  .match_command = match_goroot_in_env_file },
	{ "variable-without-effect", SEVERITY_NOTE, SETTINGS, NULL,
	  "A variable is set that this Go does not read",
	  "Somebody relies on what it once did.",
	  "unset it",
	  .match_command = match_variable_without_effect },
	{ "goexperiment-set", SEVERITY_NOTE, SETTINGS, NULL,
	  "GOEXPERIMENT changes what is built",
	  "Compiler and library are others than those of the release, and share nothing in the cache.",
	  "unset GOEXPERIMENT unless it is meant",
	  .match_command = match_goexperiment_set },
	{ "godebug-costly", SEVERITY_WARNING, SETTINGS, NULL,
	  "GODEBUG makes every build slow or noisy",
	  "go and its tools read GODEBUG, too: what was set to look into one program costs all builds.",
	  "unset GODEBUG, or set it for the one program",
	  .match_command = match_godebug_costly },
	{ "cgo-silently-off", SEVERITY_WARNING, SETTINGS | EVIDENCE_FILES | EVIDENCE_ABSENCE, NULL,
	  "cgo is off because no C compiler was found",
	  "Since Go 1.20 go then builds the variants in pure Go without a word: names are resolved and "
	  "users looked up in another way than elsewhere.",
	  "install a C compiler, or set CGO_ENABLED=0 to say that it is meant",
	  .match_command = match_cgo_silently_off },
	{ "c-compiler-missing", SEVERITY_ERROR, SETTINGS | EVIDENCE_FILES | EVIDENCE_ABSENCE, NULL,
	  "The C compiler could not be found",
	  "cgo is on, and the compiler that CC names is not on PATH.",
	  "install it, correct CC, or build with CGO_ENABLED=0",
	  .match_command = match_c_compiler_missing },
	{ "mod-mod-in-flags", SEVERITY_WARNING, SETTINGS, NULL,
	  "GOFLAGS has -mod=mod",
	  "Each go command, go list of an editor included, may then change go.mod and go.sum.",
	  "take it out of GOFLAGS; give -mod=mod to the one command, or use go mod tidy",
	  .match_command = match_mod_mod_in_flags },
	{ "toolexec-active", SEVERITY_NOTE, SETTINGS, NULL,
	  "A program stands between go and its tools",
	  "-toolexec starts every compiler and linker, and can change what is built.",
	  "see that it is meant; its flag is on the command line or in GOFLAGS",
	  .match_command = match_toolexec_active },
	{}
};
