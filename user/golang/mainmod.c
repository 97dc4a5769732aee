/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which go.mod and which go.work are in effect for a go command. */
#include <errno.h>
#include <string.h>

#include "golang/mainmod.h"
#include "util/path.h"

enum use {
	USE_NONE,
	USE_AUTO,	/* works without modules, too */
	USE_FORCE,	/* not in GOPATH mode, but perhaps without a main module */
	USE_NEED,	/* not without one */
	USE_INIT,	/* makes it */
};

#define NEVER 255

/* What a verb does with a main module, and the first version in which it knows workspaces. */
static const struct {
	enum use use;
	unsigned char since, work_since;
	bool needs_work;
} verbs[GO_VERB_CNT] = {
	[GO_VERB_BUILD]	       = { USE_AUTO,  0,  18 },
	[GO_VERB_CLEAN]	       = { USE_AUTO,  0,  26 },
	[GO_VERB_DOC]	       = { USE_AUTO,  27, 27 },	/* before, it asks go list */
	[GO_VERB_ENV]	       = { USE_AUTO,  0,  18 },
	[GO_VERB_FIX]	       = { USE_AUTO,  0,  26 },
	[GO_VERB_FMT]	       = { USE_AUTO,  0,  NEVER },
	[GO_VERB_GENERATE]     = { USE_AUTO,  0,  20 },
	[GO_VERB_GET]	       = { USE_FORCE, 16, NEVER },
	[GO_VERB_INSTALL]      = { USE_AUTO,  0,  18 },
	[GO_VERB_LIST]	       = { USE_AUTO,  0,  18 },
	[GO_VERB_MOD_DOWNLOAD] = { USE_FORCE, 0,  18 },
	[GO_VERB_MOD_EDIT]     = { USE_NEED,  0,  NEVER },
	[GO_VERB_MOD_GRAPH]    = { USE_NEED,  0,  18 },
	[GO_VERB_MOD_INIT]     = { USE_INIT,  0,  NEVER },
	[GO_VERB_MOD_TIDY]     = { USE_NEED,  0,  NEVER },
	[GO_VERB_MOD_VENDOR]   = { USE_NEED,  0,  22 },
	[GO_VERB_MOD_VERIFY]   = { USE_NEED,  0,  18 },
	[GO_VERB_MOD_WHY]      = { USE_NEED,  0,  18 },
	[GO_VERB_RUN]	       = { USE_AUTO,  0,  18 },
	[GO_VERB_TEST]	       = { USE_AUTO,  0,  18 },
	[GO_VERB_TOOL]	       = { USE_AUTO,  24, 24 },
	[GO_VERB_VET]	       = { USE_AUTO,  0,  18 },
	[GO_VERB_WORK_EDIT]    = { USE_FORCE, 18, 18, true },
	[GO_VERB_WORK_INIT]    = { USE_INIT,  18, 18 },
	[GO_VERB_WORK_SYNC]    = { USE_FORCE, 18, 18, true },
	[GO_VERB_WORK_USE]     = { USE_FORCE, 18, 18, true },
	[GO_VERB_WORK_VENDOR]  = { USE_FORCE, 22, 22, true },
};

static const char *const why_titles[] = {
#define X(id, title) [MAINMOD_IGNORED_##id] = title,
	MAINMOD_IGNORED_LIST(X)
#undef X
};

const char *mainmod_why__title(enum mainmod_why why)
{
	return why_titles[why];
}

struct search {
	const struct mainmod_facts *f;
	enum go_verb verb;
	enum use use;
	bool is_work_verb;	/* it looks for a workspace */
	const char *modfile;	/* of -modfile; NULL */
	struct str gomod, gowork;	/* what lies upwards; empty: nothing */
	bool is_gomod_certain, is_gowork_certain;	/* of that */
	bool is_in_temp, is_temp_certain;
	struct mainmod *out;
};

static bool is_at_least(const struct search *s, int minor)
{
	return !s->f->minor || s->f->minor >= minor;
}

/* --- looking upwards --- */

/* The length of the parent of dir's first n bytes; n itself for "/". */
static size_t parent_len(const char *dir, size_t n)
{
	const size_t root = dir[0] == '/';

	while (n > root && dir[n - 1] != '/')
		n--;
	while (n > root && dir[n - 1] == '/')
		n--;
	return n;
}

/* dir: cleaned, n bytes of it count. stop_at: not stepped up into; NULL. True: *out is the file. */
static bool look_in(const struct search *s, const char *dir, size_t n, const char *name, struct str *out,
		    bool *certain)
{
	enum path_kind kind;

	str__cut(out, 0);
	str__add(out, dir, n);
	if (!n || dir[n - 1] != '/')
		str__addc(out, '/');
	str__adds(out, name);
	if (str__err(out))
		return false;
	kind = s->f->exists(s->f->ctx, out->s);
	if (kind == PATH_UNKNOWN)
		*certain = false;
	return kind == PATH_FILE;
}

static void look_up(const struct search *s, const char *name, const char *stop_at, struct str *out,
		    bool *ret_certain)
{
	__free_str struct str dir = {};
	size_t n, up;

	*ret_certain = true;
	str__adds(&dir, s->f->cwd);
	path__clean(&dir, 0);
	if (str__err(&dir)) {
		out->oom = true;
		return;
	}
	for (n = dir.len;; n = up) {
		if (look_in(s, dir.s, n, name, out, ret_certain))
			return;
		up = parent_len(dir.s, n);
		if (up == n || (stop_at && strlen(stop_at) == up && !memcmp(stop_at, dir.s, up)))
			break;
	}
	str__cut(out, 0);
}

static bool is_found(const struct str *path)
{
	return path->s && path->len;
}

/* The go.mod found lies in the temporary folder itself. */
static void check_temp_dir(struct search *s)
{
	__free_str struct str dir = {}, temp = {};
	const char *name = s->f->temp_dir ?: "/tmp";
	enum tristate is_same;

	s->is_temp_certain = true;
	if (!is_found(&s->gomod) || *name != '/')	/* a relative one never compares equal */
		return;
	str__add(&dir, s->gomod.s, path__dir_len(s->gomod.s));
	str__adds(&temp, name);
	path__clean(&temp, 0);
	if (str__err(&dir) || str__err(&temp)) {
		s->gomod.oom = true;
		return;
	}
	s->is_in_temp = str_eq(dir.s, temp.s);
	if (s->is_in_temp)
		return;
	is_same = s->f->is_same_dir ? s->f->is_same_dir(s->f->ctx, dir.s, temp.s) : UNKNOWN;
	s->is_in_temp = is_same == YES;
	s->is_temp_certain = is_same != UNKNOWN;
}

/* --- results --- */

static int set_path(char **ret, const char *path)
{
	*ret = strdup(path);
	return *ret ? 0 : -ENOMEM;
}

/* A path that was given on the command line. */
static int set_given(const struct search *s, char **ret, const char *path)
{
	__free_str struct str out = {};

	path__add_from(&out, s->f->cwd, path);
	if (str__err(&out))
		return -ENOMEM;
	*ret = str__steal(&out);
	return 0;
}

static int ignore(struct search *s, const struct str *path, enum mainmod_why why)
{
	struct mainmod_ignored *i = &s->out->ignored[s->out->ignored_cnt];
	int err;

	if (!is_found(path) || s->out->ignored_cnt == ARRAY_SIZE(s->out->ignored))
		return 0;
	err = set_path(&i->path, path->s);
	if (err)
		return err;
	i->why = why;
	s->out->ignored_cnt++;
	return 0;
}

static int stop(struct search *s, const char *why)
{
	s->out->error = why;
	return 0;
}

/* --- GO111MODULE --- */

enum module_env { ENV_ON, ENV_AUTO, ENV_OFF, ENV_BAD };

static enum module_env module_env(const struct search *s)
{
	const char *value = s->f->go111module ?: "";

	if (!*value)
		return is_at_least(s, 16) ? ENV_ON : ENV_AUTO;
	return str_eq(value, "on") ? ENV_ON : str_eq(value, "auto") ? ENV_AUTO :
	       str_eq(value, "off") ? ENV_OFF : ENV_BAD;
}

/* --- what go env prints --- */

static bool is_gowork_path(const struct search *s)
{
	const char *gowork = s->f->gowork ?: "";

	return *gowork && !str_eq(gowork, "off") && !str_eq(gowork, "auto");
}

static int set_env_gomod(struct search *s)
{
	const enum module_env env = module_env(s);
	const bool has_one = is_found(&s->gomod) && !s->is_in_temp;

	s->out->is_gomod_certain = env == ENV_OFF || (s->is_gomod_certain && s->is_temp_certain);
	if (env == ENV_OFF || env == ENV_BAD)
		return set_path(&s->out->env_gomod, "");
	if (has_one)
		return set_path(&s->out->env_gomod, s->gomod.s);
	return set_path(&s->out->env_gomod, env == ENV_ON ? "/dev/null" : "");
}

static int set_env_gowork(struct search *s)
{
	const char *gowork = s->f->gowork ?: "";

	s->out->is_gowork_certain = true;
	if (!is_at_least(s, 18))
		return 0;
	if (str_eq(gowork, "off") || is_gowork_path(s))
		return set_path(&s->out->env_gowork, gowork);
	s->out->is_gowork_certain = s->is_gowork_certain;
	return set_path(&s->out->env_gowork, is_found(&s->gowork) ? s->gowork.s : "");
}

/* --- what the command uses --- */

/* The workspace of a verb that looks for one, NULL: none is in effect. */
static const char *workspace_of(const struct search *s)
{
	if (!s->is_work_verb || str_eq(s->f->gowork ?: "", "off"))
		return NULL;
	if (is_gowork_path(s))
		return s->f->gowork;
	return is_found(&s->gowork) ? s->gowork.s : NULL;
}

static int ignore_gowork(struct search *s)
{
	const char *gowork = s->f->gowork ?: "";

	if (!is_at_least(s, 18))
		return 0;
	if (str_eq(gowork, "off"))
		return ignore(s, &s->gowork, MAINMOD_IGNORED_GOWORK_OFF);
	if (is_gowork_path(s) && is_found(&s->gowork) && !str_eq(s->gowork.s, gowork))
		return ignore(s, &s->gowork, MAINMOD_IGNORED_GOWORK_PATH);
	if (s->use != USE_NONE && !s->is_work_verb)
		return ignore(s, &s->gowork, MAINMOD_IGNORED_VERB);
	return 0;
}

static int ignore_all(struct search *s, enum mainmod_why why)
{
	int err = ignore(s, &s->gomod, why);

	if (err || !is_at_least(s, 18))
		return err;
	return ignore(s, &s->gowork, str_eq(s->f->gowork ?: "", "off") ? MAINMOD_IGNORED_GOWORK_OFF : why);
}

static int use_gopath(struct search *s)
{
	s->out->mode = MAINMOD_GOPATH;
	if (s->use >= USE_FORCE)
		s->out->error = "modules are disabled by GO111MODULE=off";
	return ignore_all(s, MAINMOD_IGNORED_GO111MODULE);
}

static bool is_from_goflags(const struct search *s)
{
	const struct go_flag *f = go_flags__get(s->f->flags, "-modfile", NULL);

	return f && f->source == GO_FLAG_GOFLAGS;
}

static int use_no_root(struct search *s)
{
	s->out->mode = MAINMOD_MODULE;
	if (s->modfile && !is_from_goflags(s))
		s->out->error = "-modfile is refused where the current module is ignored";
	return ignore_all(s, MAINMOD_IGNORED_AT_VERSION);
}

static int use_workspace(struct search *s, const char *path)
{
	int err;

	if (*path != '/')
		return stop(s, "GOWORK is not an absolute path");
	s->out->mode = MAINMOD_MODULE;
	err = set_path(&s->out->workspace_file, path);
	if (err)
		return err;
	if (s->modfile)
		s->out->error = "-modfile cannot be used in workspace mode";
	if (s->verb == GO_VERB_MOD_VENDOR)
		s->out->error = "go mod vendor cannot be run in workspace mode";
	return ignore(s, &s->gomod, MAINMOD_IGNORED_WORKSPACE);
}

static int use_modfile(struct search *s)
{
	int err;

	if (!str_has_suffix(s->modfile, ".mod"))
		return stop(s, "-modfile has no .mod extension");
	err = set_given(s, &s->out->module_file, s->modfile);
	if (err || (is_found(&s->gomod) && str_eq(s->out->module_file, s->gomod.s)))
		return err;
	return ignore(s, &s->gomod, MAINMOD_IGNORED_MODFILE);
}

/* No go.mod, or one in the temporary folder. */
static int use_none(struct search *s)
{
	const bool is_auto = module_env(s) == ENV_AUTO;
	int err = s->is_in_temp ? ignore(s, &s->gomod, MAINMOD_IGNORED_TEMP_DIR) : 0;

	s->out->mode = is_auto && s->use < USE_FORCE ? MAINMOD_GOPATH : MAINMOD_MODULE;
	if (s->modfile && !s->is_in_temp)
		s->out->error = "-modfile is given, but there is no main module";
	else if (s->use == USE_NEED)
		s->out->error = "there is no main module";
	return err;
}

static int use_module(struct search *s)
{
	if (!is_found(&s->gomod) || s->is_in_temp)
		return use_none(s);
	s->out->mode = MAINMOD_MODULE;
	return s->modfile ? use_modfile(s) : set_path(&s->out->module_file, s->gomod.s);
}

/* go mod init, go work init: in the working directory, whatever lies above. */
static int use_init(struct search *s)
{
	const bool is_work = s->verb == GO_VERB_WORK_INIT;
	const char *found = is_work ? workspace_of(s) : s->modfile;

	s->out->mode = MAINMOD_MODULE;
	if (is_work) {
		s->out->is_gomod_certain = true;
		return set_given(s, &s->out->workspace_file, found ?: "go.work");
	}
	s->out->is_gomod_certain = true;
	return set_given(s, &s->out->module_file, found ?: "go.mod");
}

/* go mod edit FILE, go work edit FILE */
static bool edits_argument(const struct search *s)
{
	return (s->verb == GO_VERB_MOD_EDIT || s->verb == GO_VERB_WORK_EDIT) && s->f->flags->arg_cnt == 1;
}

static int use_argument(struct search *s)
{
	const bool is_work = s->verb == GO_VERB_WORK_EDIT;

	s->out->mode = MAINMOD_MODULE;
	return set_given(s, is_work ? &s->out->workspace_file : &s->out->module_file, s->f->flags->args[0]);
}

static int decide(struct search *s)
{
	const enum module_env env = module_env(s);
	const char *workspace;

	if (s->use == USE_NONE)
		return 0;
	if (edits_argument(s))
		return use_argument(s);
	if (env == ENV_BAD)
		return stop(s, "GO111MODULE has a value that go does not know");
	if (env == ENV_OFF && !verbs[s->verb].needs_work)
		return use_gopath(s);
	if (s->f->flags->at_version)
		return use_no_root(s);
	if (s->use == USE_INIT)
		return use_init(s);
	workspace = workspace_of(s);
	if (!workspace && verbs[s->verb].needs_work)
		return stop(s, "no go.work file is found");
	return workspace ? use_workspace(s, workspace) : use_module(s);
}

static void init(struct search *s)
{
	const struct go_flags *flags = s->f->flags;

	s->verb = flags->refusal ? GO_VERB_NONE : flags->verb;
	s->use = is_at_least(s, verbs[s->verb].since) ? verbs[s->verb].use : USE_NONE;
	/* go get of 1.15 goes on in GOPATH mode. */
	if (s->verb == GO_VERB_GET && !is_at_least(s, 16))
		s->use = USE_AUTO;
	s->is_work_verb = s->use != USE_NONE && is_at_least(s, verbs[s->verb].work_since) &&
			  is_at_least(s, 18) && verbs[s->verb].work_since != NEVER;
	s->modfile = go_flags__value(flags, "-modfile");
}

static int find(struct search *s)
{
	int err;

	init(s);
	look_up(s, "go.mod", NULL, &s->gomod, &s->is_gomod_certain);
	check_temp_dir(s);
	if (is_at_least(s, 18))
		look_up(s, "go.work", s->f->goroot, &s->gowork, &s->is_gowork_certain);
	err = str__err(&s->gomod) ?: str__err(&s->gowork);
	err = err ?: set_env_gomod(s);
	err = err ?: set_env_gowork(s);
	err = err ?: decide(s);
	if (!err && s->use != USE_NONE && !s->out->error && s->out->mode == MAINMOD_MODULE)
		err = s->f->flags->at_version ? 0 : ignore_gowork(s);
	/* go asks the overlay's files first, and they are not known here. */
	if (go_flags__value(s->f->flags, "-overlay"))
		s->out->is_gomod_certain = s->out->is_gowork_certain = false;
	return err;
}

int mainmod__find(const struct mainmod_facts *facts, struct mainmod *ret)
{
	__free_mainmod struct mainmod out = {};
	struct search s = { .f = facts, .out = &out };
	int err = find(&s);

	str__free(&s.gomod);
	str__free(&s.gowork);
	if (err)
		return err;
	*ret = out;
	out = (struct mainmod){};
	return 0;
}

void mainmod__free(struct mainmod *m)
{
	size_t i;

	free(m->env_gomod);
	free(m->env_gowork);
	free(m->module_file);
	free(m->workspace_file);
	for (i = 0; i < m->ignored_cnt; i++)
		free(m->ignored[i].path);
	*m = (struct mainmod){};
}
