/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Are the inputs that the records have all that there were? The key that follows from them is computed,
 * as go does it; if it is the one that go looked up, nothing is missing. SHA-256 does not let it be so by
 * chance, so what is not certain may be tried: the imports of a hit are those of its counterpart, until
 * the key says so.
 */
#include <errno.h>
#include <stdio.h>

#include "rules/causes_store.h"
#include "util/path.h"

/* What the inputs point into. */
struct recipe {
	struct action_inputs in;
	struct action_file *files;
	struct action_import *imports;	/* one more than there are: for unsafe */
	struct str gcflags, asmflags, arch, go_line, module, version, tools, cgo;
};

static void recipe__free(struct recipe *r)
{
	free(r->files);
	free(r->imports);
	str__free(&r->gcflags);
	str__free(&r->asmflags);
	str__free(&r->arch);
	str__free(&r->go_line);
	str__free(&r->module);
	str__free(&r->version);
	str__free(&r->tools);
	str__free(&r->cgo);
}

/* --- flags --- */

/* ["-N" "-l"]; false: with quotes in it, which is not done here. */
static bool add_words(struct str *out, const char *text)
{
	const char *sep = "";

	str__addc(out, '[');
	while (*text) {
		__free_str struct str word = {};
		size_t n = strcspn(text, " ");

		str__add(&word, text, n);
		text += n + strspn(text + n, " ");
		if (!word.len)
			continue;
		str__adds(out, sep);
		go__quote(out, word.s ?: "");
		sep = " ";
	}
	str__addc(out, ']');
	return !strpbrk(text, "'\"");
}

static bool set_flags(const struct built *b, struct recipe *r)
{
	static const char *const refused[] = { "-msan", "-asan", "-linkshared", "-cover" };
	const char *mode = built__setting(b, "-buildmode") ?: "default";
	__free_str struct str own = {}, forced = {};
	bool is_shared = str_eq(mode, "pie");

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (built__is_on(b, refused[i]))
			return false;
	if (!is_shared && !str_eq(mode, "default") && !str_eq(mode, "exe"))
		return false;
	str__addf(&forced, "%s%s", is_shared ? "-shared " : "", built__is_on(b, "-race") ? "-race" : "");
	if (!add_words(&r->gcflags, forced.s ?: ""))
		return false;
	str__addc(&r->gcflags, ' ');
	if (!add_words(&r->gcflags, built__flags_for(b, "-gcflags", &own)))
		return false;
	(void)add_words(&r->asmflags, is_shared ? "-shared" : "");
	str__addc(&r->asmflags, ' ');
	if (!add_words(&r->asmflags, built__flags_for(b, "-asmflags", &own)))
		return false;
	r->in.gcflags = r->gcflags.s;
	r->in.asmflags = r->asmflags.s;
	return r->gcflags.s && r->asmflags.s;
}

/* --- the package --- */

/* What no tool told is tried as it was in the other run: the key says whether that is so. */
static const char *setting(const struct built *b, const struct built *like, const char *name)
{
	const char *value = built__setting(b, name);

	return value || !like ? value : built__setting(like, name);
}

/* As far as it differs from what that Go has anyway; its tools tell it beside their version. */
static bool set_experiment(const struct built *b, struct recipe *r)
{
	const char *value = built__setting(b, "GOEXPERIMENT") ?: "";

	if (!*value)
		return true;
	str__addf(&r->tools, "%s X:%s", r->in.go, value);
	r->in.tools = r->tools.s;
	r->in.experiment = value;
	return r->tools.s;
}

/* With -trimpath a module stands for the folder: as its go.mod, modules.txt or the module cache calls it. */
static bool set_module(const struct built *b, struct recipe *r)
{
	if (!built__module(b, &r->module, &r->version) || !r->module.len)
		return false;
	r->in.module = r->module.s;
	r->in.version = r->version.s ?: "";
	return true;
}

static bool set_platform(const struct built *b, const struct built *like, struct recipe *r)
{
	const char *const *name, *value;
	static const char *const levels[] = { "amd64", "GOAMD64", "arm64", "GOARM64", "386", "GO386", "arm",
					      "GOARM", NULL };

	r->in.goos = setting(b, like, "GOOS");
	r->in.goarch = setting(b, like, "GOARCH");
	if (!r->in.goos || !r->in.goarch || !set_experiment(b, r))
		return false;
	for (name = levels; *name; name += 2)
		if (str_eq(*name, r->in.goarch))
			break;
	value = *name ? setting(b, like, name[1]) : NULL;
	if (r->in.minor >= 18 && !value)
		return false;
	str__addf(&r->arch, "%s=%s", r->in.minor >= 18 ? name[1] : "", r->in.minor >= 18 ? value : "");
	r->in.arch = r->arch.s;
	return r->arch.s;
}

/* "1.18" of -lang=go1.18: the line itself when it has no third number. */
static bool set_go_line(const struct built *b, const struct built *like, struct recipe *r)
{
	const char *line = built__go_line(b);
	const struct process *p = b->compiler ?: like ? like->compiler : NULL;

	if (b->is_std)
		return true;
	for (const char *a = p && !line ? process__next_arg(p, NULL) : NULL; a; a = process__next_arg(p, a))
		if (str_has_prefix(a, "-lang=go"))
			line = a + strlen("-lang=go");
	str__adds(&r->go_line, line ?: "");
	r->in.go_line = line ? r->go_line.s : NULL;
	return line;
}

/* NULL, or what it would take. */
static const char *set_package(const struct built *b, const struct built *like, struct recipe *r)
{
	const char *version = go_command__version(b->m, b->c);
	bool is_main = b->is_main || (!b->compiler && like && like->is_main);

	r->in.go = version;
	if (!version || !str_has_prefix(version, "go1."))
		return "the version of go";
	r->in.minor = atoi(version + strlen("go1."));
	r->in.is_std = b->is_std;
	r->in.is_trimpath = built__is_on(b, "-trimpath");
	r->in.dir = b->dir;
	r->in.path = b->plain;
	r->in.is_library = b->is_variant && !str_has_suffix(b->plain, "_test");
	if (!b->dir)
		return "its folder";
	r->in.modinfo = is_main ? model__modinfo(b->m, b->plain) : NULL;
	if (is_main && !r->in.modinfo)
		return "what is stamped into the program";
	if (r->in.is_trimpath && !b->is_std && !set_module(b, r))
		return "the version of its module";
	if (!set_platform(b, like, r))
		return "the platform";
	if (!set_go_line(b, like, r))
		return "the go line of its module";
	return set_flags(b, r) ? NULL : "the recipe of its flags";
}

/* --- files --- */

/* *ret_missing: what it would take; NULL. */
static int set_files(const struct run_side *s, const struct built *b, const struct built *like,
		     struct recipe *r, const char **ret_missing)
{
	bool is_cgo = b->is_cgo || (!b->compiler && like && like->is_cgo), has_all;
	struct inputs_of files = {};
	int err = built__files(s, b, like, &files);

	r->files = err ? NULL : calloc(files.cnt + 1, sizeof(*r->files));
	has_all = files.cnt;
	for (size_t i = 0; r->files && i < files.cnt; i++) {
		const struct input_file *f = &files.files[i];

		has_all &= f->state && f->state->has_hash;
		r->in.has_asm |= f->class == CLASS_S;
		r->files[i] = (struct action_file){ f->name, f->state ? f->state->sha256 : NULL };
	}
	r->in.files = r->files;
	r->in.file_cnt = files.cnt;
	*ret_missing = has_all ? NULL : "hashes of its files";
	if (has_all && is_cgo)
		*ret_missing = built__cgo(b, like, &files, &r->in, &r->cgo);
	r->in.cgo = r->cgo.s;
	inputs_of__free(&files);
	return err ?: r->files && !str__err(&r->cgo) ? 0 : -ENOMEM;
}

/* --- the key --- */

static bool is_key(const struct recipe *r, const struct built *b)
{
	uint8_t id[GOCACHE_ID_SZ];

	return b->use.action_sz && !action__id(&r->in, id) &&
	       !memcmp(id, b->use.action, b->use.action_sz);
}

/* An import of unsafe is in no importcfg: without it, then in each place. */
static bool follows(struct recipe *r, const struct built *b)
{
	static const struct action_import unsafe = { "unsafe", "", 0 };
	size_t n = r->in.import_cnt;

	if (is_key(r, b))
		return true;
	r->in.import_cnt = n + 1;
	for (size_t at = n + 1; at-- > 0;) {
		if (at < n)
			r->imports[at + 1] = r->imports[at];
		r->imports[at] = unsafe;
		if (is_key(r, b))
			return true;
	}
	return false;
}

static int read_recipe(const struct run_side *s, const struct built *b, const struct built *like,
		       struct recipe *r, enum key_state *ret, const char **ret_missing)
{
	const char *missing = set_package(b, like, r);
	int err = missing ? 0 : set_files(s, b, like, r, &missing);

	if (!missing && !err)
		err = built__imports(s, b, like, &r->imports, &r->in.import_cnt);
	r->in.imports = r->imports;
	if (!missing && !err && !r->imports)
		missing = "its imports, or what was made of them";
	*ret = missing ? KEY_UNKNOWN : !err && follows(r, b) ? KEY_EQUAL : KEY_OTHER;
	*ret_missing = missing;
	return err;
}

int built__key(const struct run_side *s, const struct built *b, const struct built *like,
	       enum key_state *ret, const char **ret_missing)
{
	struct recipe r = {};
	int err = read_recipe(s, b, like, &r, ret, ret_missing);

	recipe__free(&r);
	return err;
}

int node__prove(struct comparison *x, struct node *n, bool *ret)
{
	enum key_state now, then = KEY_UNKNOWN;
	const char *missing;
	int err = built__key(&x->new, n->now, n->then, &now, &missing);

	if (!err && now == KEY_EQUAL)
		err = built__key(&x->old, n->then, n->now, &then, &missing);
	*ret = then == KEY_EQUAL;
	return err;
}

/* --- the key that it would have had --- */

/* What of a key follows from a setting: it is given to the inputs of the new run as the old one had it. */
static void set_place(struct action_inputs *in, const struct action_inputs *old)
{
	in->dir = old->dir;
}

static void set_trimming(struct action_inputs *in, const struct action_inputs *old)
{
	in->is_trimpath = old->is_trimpath;
	in->module = old->module;
	in->version = old->version;
}

static void set_compiler_flags(struct action_inputs *in, const struct action_inputs *old)
{
	in->gcflags = old->gcflags;
}

static void set_assembler_flags(struct action_inputs *in, const struct action_inputs *old)
{
	in->asmflags = old->asmflags;
}

static void set_all_flags(struct action_inputs *in, const struct action_inputs *old)
{
	in->gcflags = old->gcflags;
	in->asmflags = old->asmflags;
}

static void set_level(struct action_inputs *in, const struct action_inputs *old)
{
	in->arch = old->arch;
}

static void set_old_experiment(struct action_inputs *in, const struct action_inputs *old)
{
	in->experiment = old->experiment;
	in->tools = old->tools;
}

/* Packages with files for one of the two have other keys then: nothing is said of those. */
static void set_choice(struct action_inputs *in, const struct action_inputs *old)
{
	in->files = old->files;
	in->file_cnt = old->file_cnt;
	in->has_asm = old->has_asm;
}

static void set_version(struct action_inputs *in, const struct action_inputs *old)
{
	in->go = old->go;
	in->tools = old->tools;
	in->minor = old->minor;
}

static const struct {
	enum cause_kind kind;
	const char *detail;		/* NULL: any */
	void (*set)(struct action_inputs *in, const struct action_inputs *old);
} settings[] = {
	{ CAUSE_FLAG, "-trimpath", set_trimming },
	{ CAUSE_FLAG, "-gcflags", set_compiler_flags },
	{ CAUSE_FLAG, "-asmflags", set_assembler_flags },
	{ CAUSE_FLAG, "-race", set_all_flags },
	{ CAUSE_FLAG, "-buildmode", set_all_flags },
	{ CAUSE_FLAG, "-tags", set_choice },
	{ CAUSE_ENVIRONMENT, "GOAMD64", set_level },
	{ CAUSE_ENVIRONMENT, "GOARM64", set_level },
	{ CAUSE_ENVIRONMENT, "GOARM", set_level },
	{ CAUSE_ENVIRONMENT, "GO386", set_level },
	{ CAUSE_ENVIRONMENT, "GOEXPERIMENT", set_old_experiment },
	{ CAUSE_DIRECTORY, NULL, set_place },
	{ CAUSE_TOOLCHAIN, NULL, set_version },
};

/* false: it is nothing that could be set otherwise, or that of which the key cannot be computed. */
static bool set_back(const struct own_cause *cause, struct action_inputs *in, const struct action_inputs *old)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (settings[i].kind == cause->kind &&
		    (!settings[i].detail || str_eq(settings[i].detail, cause->detail ?: ""))) {
			settings[i].set(in, old);
			return true;
		}
	return false;
}

/* The line of a setting in the build information. */
static bool is_line_of(const char *line, const char *detail)
{
	static const char start[] = "build\t";
	size_t n = strlen(detail);

	return str_has_prefix(line, start) && !strncmp(line + strlen(start), detail, n) &&
	       line[strlen(start) + n] == '=';
}

/* The next line that is not of that setting; its length in *ret_n, 0 at the end. */
static const char *next_line(const char *at, const char *detail, size_t *ret_n)
{
	while (*at && is_line_of(at, detail)) {
		at = strchrnul(at, '\n');
		at += *at == '\n';
	}
	*ret_n = strcspn(at, "\n");
	*ret_n += at[*ret_n] == '\n';
	return at;
}

/* What is stamped into two programs differs in that setting alone. */
static bool differ_in(const char *a, const char *b, const char *detail)
{
	size_t n, other;

	do {
		a = next_line(a, detail, &n);
		b = next_line(b, detail, &other);
		if (n != other || memcmp(a, b, n))
			return false;
		a += n;
		b += n;
	} while (n);
	return true;
}

static bool would_have_key(const struct node *n, const struct recipe *now, const struct recipe *then)
{
	struct action_inputs in = now->in;
	uint8_t id[GOCACHE_ID_SZ];

	if (n->own_cnt && !set_back(&n->own[0], &in, &then->in))
		return false;
	if (n->own_cnt && in.modinfo && then->in.modinfo && n->own[0].detail &&
	    differ_in(in.modinfo, then->in.modinfo, n->own[0].detail))
		in.modinfo = then->in.modinfo;
	in.imports = then->in.imports;		/* its dependencies would be found, too */
	in.import_cnt = then->in.import_cnt;
	return !action__id(&in, id) && !memcmp(id, n->then->use.action, n->then->use.action_sz);
}

int node__prove_old_key(struct comparison *x, struct node *n, bool *ret)
{
	struct recipe now = {}, then = {};
	enum key_state state;
	const char *missing;
	int err;

	*ret = false;
	if (!n->then || n->own_cnt > 1)
		return 0;
	err = read_recipe(&x->new, n->now, n->then, &now, &state, &missing);
	if (!err && state == KEY_EQUAL)
		err = read_recipe(&x->old, n->then, n->now, &then, &state, &missing);
	if (!err && state == KEY_EQUAL)
		*ret = would_have_key(n, &now, &then);
	recipe__free(&now);
	recipe__free(&then);
	return err;
}
