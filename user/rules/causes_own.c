/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The key of a package is another one: what of its own differs. */
#include <errno.h>

#include "golang/modcache.h"
#include "golang/modinfo.h"
#include "model/files.h"
#include "model/images.h"
#include "rules/causes_store.h"
#include "util/path.h"

static int add(struct comparison *x, struct node *n, enum cause_kind kind, const char *detail,
	       const char *old, const char *new)
{
	return node__add(x, n, &(struct own_cause){ kind, detail, old, new, LIKELY });
}

static bool is_redacted(const char *value)
{
	return value && strstr(value, "[redacted]");
}

/* Redacted values of two runs may be the same or not. */
static bool differ(const char *old, const char *new)
{
	return !str_eq(old ?: "", new ?: "") && !is_redacted(old) && !is_redacted(new);
}

static int compare_setting(struct comparison *x, struct node *n, const char *name, enum cause_kind kind)
{
	const char *old = built__setting(n->then, name), *new = built__setting(n->now, name);

	return commands__differ(n->then->c, n->now->c, name) ? add(x, n, kind, name, old, new) : 0;
}

static int compare_settings(struct comparison *x, struct node *n, const char *const *names,
			    enum cause_kind kind)
{
	int err = 0;

	for (; *names && !err; names++)
		err = compare_setting(x, n, *names, kind);
	return err;
}

/* --- of every package --- */

static const char *arch_variable(const struct built *b)
{
	static const struct {
		const char *arch, *name;
	} all[] = {
		{ "amd64", "GOAMD64" }, { "386", "GO386" }, { "arm", "GOARM" }, { "arm64", "GOARM64" },
		{ "mips", "GOMIPS" }, { "mipsle", "GOMIPS" }, { "mips64", "GOMIPS64" },
		{ "mips64le", "GOMIPS64" }, { "ppc64", "GOPPC64" }, { "ppc64le", "GOPPC64" },
		{ "riscv64", "GORISCV64" }, { "wasm", "GOWASM" },
	};
	const char *arch = built__setting(b, "GOARCH") ?: "amd64";

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (str_eq(all[i].arch, arch))
			return all[i].name;
	return NULL;
}

static int compare_platform(struct comparison *x, struct node *n)
{
	static const char *const names[] = { "GOOS", "GOARCH", NULL };
	static const char *const levels[] = { "GOEXPERIMENT", NULL };
	const char *arch = arch_variable(n->now);
	int err = compare_settings(x, n, names, CAUSE_ENVIRONMENT);

	if (err || n->own_cnt)	/* of another platform all is another, the level's variable, too */
		return err;
	err = arch ? compare_setting(x, n, arch, CAUSE_ENVIRONMENT) : 0;
	return err ?: compare_settings(x, n, levels, CAUSE_ENVIRONMENT);
}

static int compare_list(struct comparison *x, struct node *n, const char *flag)
{
	__free_str struct str old = {}, new = {};

	(void)built__flags_for(n->then, flag, &old);
	(void)built__flags_for(n->now, flag, &new);
	return differ(old.s, new.s) ? add(x, n, CAUSE_FLAG, flag, old.s, new.s) : 0;
}

static bool is_instrumented(const struct built *b)
{
	for (const char *a = b->compiler ? process__next_arg(b->compiler, NULL) : NULL; a;
	     a = process__next_arg(b->compiler, a))
		if (str_has_prefix(a, "-coveragecfg") || str_has_suffix(a, ".cover.go"))
			return true;
	return false;
}

/* Named or not, the default makes the same code. */
static const char *code_mode(const struct built *b)
{
	const char *mode = built__setting(b, "-buildmode") ?: "default";

	return str_eq(mode, "exe") || str_eq(mode, "default") ? "exe" : mode;
}

static int compare_mode(struct comparison *x, struct node *n)
{
	const char *old = code_mode(n->then), *new = code_mode(n->now);

	return str_eq(old, new) ? 0 : add(x, n, CAUSE_FLAG, "-buildmode", old, new);
}

static int compare_flags(struct comparison *x, struct node *n)
{
	static const char *const all[] = {
		"-race", "-msan", "-asan", "-trimpath", "-compiler", "-linkshared", NULL
	};
	static const char *const cover[] = { "-cover", "-covermode", "-coverpkg", "-coverprofile", NULL };
	int err = compare_settings(x, n, all, CAUSE_FLAG) ?: compare_mode(x, n) ?:
		  compare_list(x, n, "-gcflags");
	if (!err && (is_instrumented(n->now) || is_instrumented(n->then)))
		err = compare_settings(x, n, cover, CAUSE_FLAG);
	return err ?: compare_list(x, n, "-asmflags");
}

/* --- where it lies --- */

/* Module and version of a folder in a module cache, "path" and "version". */
static bool module_of(const struct built *b, struct modcache_path *ret)
{
	const char *root = b->c->roots.dir[ROOT_GOMODCACHE];

	*ret = (struct modcache_path){};
	return root && b->dir && !modcache__classify(root, b->dir, ret) &&
	       ret->kind == MODCACHE_SOURCE && ret->module.s && ret->version.s;
}

/* "v1.2.3": of the module in a vendor folder, by its modules.txt, whose lines are "# path version". */
static bool vendored_version(const struct built *b, struct str *ret_module, struct str *ret_version)
{
	const char *vendor = b->dir ? strstr(b->dir, "/vendor/") : NULL, *line, *end;
	__free_str struct str path = {};
	const struct config_file *f;

	str__add(&path, b->dir ?: "", vendor ? vendor - b->dir : 0);
	str__adds(&path, "/vendor/modules.txt");
	f = vendor && !str__err(&path) ? model__file(b->m, path.s) : NULL;
	for (line = f && f->versions ? f->versions->text : NULL; line && *line; line = *end ? end + 1 : end) {
		size_t n;

		end = strchrnul(line, '\n');
		if (!str_has_prefix(line, "# "))
			continue;
		line += 2;
		n = strcspn(line, " \n");
		if (line[n] != ' ' || n < ret_module->len || strncmp(b->plain, line, n) ||
		    (b->plain[n] && b->plain[n] != '/'))
			continue;
		str__cut(ret_module, 0);
		str__cut(ret_version, 0);
		str__add(ret_module, line, n);
		str__add(ret_version, line + n + 1, strcspn(line + n + 1, " \n"));
	}
	return ret_version->len;
}

static int compare_vendored(struct comparison *x, struct node *n)
{
	__free_str struct str module = {}, old = {}, new = {}, same = {};

	if (!vendored_version(n->then, &same, &old) || !vendored_version(n->now, &module, &new) ||
	    str_eq(old.s, new.s))
		return 0;
	return add(x, n, CAUSE_MODULE, module.s, old.s, new.s);
}

static bool is_trimmed(const struct built *b)
{
	return str_eq(built__setting(b, "-trimpath") ?: "false", "true");
}

static int compare_place(struct comparison *x, struct node *n)
{
	struct modcache_path old, new;
	bool was_in_cache = module_of(n->then, &old), is_in_cache = module_of(n->now, &new);
	bool in_cache = was_in_cache && is_in_cache;
	int err = 0;

	if (in_cache && !str_eq(old.version.s, new.version.s))
		err = add(x, n, CAUSE_MODULE, new.module.s, old.version.s, new.version.s);
	else if (!n->now->is_std && n->then->dir && n->now->dir && !str_eq(n->then->dir, n->now->dir) &&
		 !is_trimmed(n->now))
		err = add(x, n, CAUSE_DIRECTORY, in_cache ? "GOMODCACHE" : "the folder of the sources",
			  in_cache ? n->then->c->roots.dir[ROOT_GOMODCACHE] : n->then->dir,
			  in_cache ? n->now->c->roots.dir[ROOT_GOMODCACHE] : n->now->dir);
	modcache_path__free(&old);
	modcache_path__free(&new);
	return err ?: compare_vendored(x, n);
}

/* Its files are those of that version. */
static bool has_other_version(const struct node *n)
{
	for (size_t i = 0; i < n->own_cnt; i++)
		if (n->own[i].kind == CAUSE_MODULE)
			return true;
	return false;
}

/* The go.mod that its folder belongs to; NULL: not in the record. */
static const struct gomod *gomod_of(const struct built *b)
{
	__free_str struct str path = {};
	size_t n = b->dir ? strlen(b->dir) : 0;
	const char *cache = b->c->roots.dir[ROOT_GOMODCACHE];

	/* The go.mod of such a module is somewhere else, if anywhere; not the one above. */
	if (n && ((cache && path__is_in(cache, b->dir)) || strstr(b->dir, "/vendor/")))
		return NULL;
	while (n) {
		const struct config_file *f;

		str__cut(&path, 0);
		str__add(&path, b->dir, n);
		str__adds(&path, "/go.mod");
		f = str__err(&path) ? NULL : model__file(b->m, path.s);
		if (f && f->versions)
			return &f->versions->gomod;
		while (n && b->dir[n - 1] != '/')
			n--;
		n -= n > 0;
	}
	return NULL;
}

const char *built__go_line(const struct built *b)
{
	const struct gomod *mod = gomod_of(b);

	return mod ? gomod__word(mod, "go") : NULL;
}

bool built__module(const struct built *b, struct str *ret_path, struct str *ret_version)
{
	const struct gomod *mod = gomod_of(b);
	struct modcache_path at;
	const char *path = mod ? gomod__word(mod, "module") : NULL;

	if (path) {
		str__adds(ret_path, path);
		return true;
	}
	if (module_of(b, &at)) {
		str__adds(ret_path, at.module.s);
		str__adds(ret_version, at.version.s);
	} else {
		(void)vendored_version(b, ret_path, ret_version);
	}
	modcache_path__free(&at);
	return ret_path->len;
}

static int compare_go_line(struct comparison *x, struct node *n)
{
	const char *old = built__go_line(n->then), *new = built__go_line(n->now);

	if (n->now->is_std || !old || !new || str_eq(old, new))
		return 0;
	return add(x, n, CAUSE_MODULE, "the go line of go.mod", old, new);
}

/* --- profiles --- */

static int compare_profiles(struct comparison *x, struct node *n)
{
	const struct source_state *f, *old;

	for (f = model__next_source(x->new.m, NULL); f; f = model__next_source(x->new.m, f)) {
		if (!str_has_suffix(f->path, ".pgo"))
			continue;
		old = model__source(x->old.m, f->path);
		if (old && old->has_hash && f->has_hash && memcmp(old->sha256, f->sha256, SOURCE_HASH_SZ))
			return add(x, n, CAUSE_SOURCE_FILE, f->path, NULL, NULL);
	}
	return 0;
}

static bool has_profile(const struct built *b)
{
	for (const char *a = b->compiler ? process__next_arg(b->compiler, NULL) : NULL; a;
	     a = process__next_arg(b->compiler, a))
		if (str_has_prefix(a, "-pgoprofile"))
			return true;
	return false;
}

/* --- with cgo --- */

/* "gcc 12": the C compilers of a record; NULL: none is known. */
static const char *c_compiler(const struct model *m)
{
	for (const struct image *i = model__next_image(m, NULL); i; i = model__next_image(m, i))
		if (i->cc.version && image__role(i) == TOOL_CC)
			return i->cc.version;
	return NULL;
}

/* The one that made what is kept of the package. */
static const char *compiler_of(const struct built *b)
{
	return b->use.action_sz ? model__archive_cc(b->m, b->use.action) : NULL;
}

static int compare_cgo(struct comparison *x, struct node *n)
{
	static const char *const names[] = {
		"CC", "CXX", "FC", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS",
		NULL
	};
	const char *old = compiler_of(n->then), *new = compiler_of(n->now);
	int err = compare_settings(x, n, names, CAUSE_ENVIRONMENT);

	if (err || commands__differ(n->then->c, n->now->c, "CC"))
		return err;	/* another one by its name is another one in itself */
	if (!old || !new) {
		old = c_compiler(x->old.m);
		new = c_compiler(x->new.m);
	}
	if (!old || !new || str_eq(old, new))
		return 0;
	return add(x, n, CAUSE_COMPILER, "the version of the C compiler", old, new);
}

/* --- programs: what is embedded into them --- */

static enum cause_kind kind_of_key(const char *key)
{
	if (str_has_prefix(key, "vcs"))
		return CAUSE_VCS;
	if (str_eq(key, "DefaultGODEBUG"))
		return CAUSE_MODULE;
	return key[0] == '-' ? CAUSE_FLAG : CAUSE_ENVIRONMENT;
}

static const char *value_of(const struct modinfo *i, const char *key)
{
	for (size_t k = 0; k < i->setting_cnt; k++)
		if (str_eq(i->settings[k].key, key))
			return i->settings[k].value;
	return NULL;
}

static const struct go_module *dep_of(const struct modinfo *i, const char *path)
{
	for (size_t k = 0; k < i->dep_cnt; k++)
		if (str_eq(i->deps[k].path, path))
			return &i->deps[k];
	return NULL;
}

/* The commit, its time and whether it is modified are one state of the repository. */
static int add_key(struct comparison *x, struct node *n, const char *key, const char *old, const char *new)
{
	enum cause_kind kind = kind_of_key(key);

	if (kind != CAUSE_VCS)
		return add(x, n, kind, key, old, new);
	return add(x, n, kind, "the state of the repository is stamped into programs", NULL, NULL);
}

static int compare_embedded(struct comparison *x, struct node *n, const struct modinfo *old,
			    const struct modinfo *new)
{
	const char *value;
	int err = 0;

	for (size_t i = 0; i < new->setting_cnt && !err; i++) {
		value = value_of(old, new->settings[i].key);
		if (differ(value, new->settings[i].value))
			err = add_key(x, n, new->settings[i].key, value, new->settings[i].value);
	}
	for (size_t i = 0; i < old->setting_cnt && !err; i++)
		if (!value_of(new, old->settings[i].key))
			err = add_key(x, n, old->settings[i].key, old->settings[i].value, NULL);
	for (size_t i = 0; i < new->dep_cnt && !err; i++) {
		const struct go_module *dep = dep_of(old, new->deps[i].path);

		if (dep && !str_eq(dep->version ?: "", new->deps[i].version ?: ""))
			err = add(x, n, CAUSE_MODULE, dep->path, dep->version, new->deps[i].version);
	}
	return err;
}

static int parse(const struct built *b, struct modinfo *ret)
{
	const char *text = model__modinfo(b->m, b->plain);
	char *copy = text ? strdup(text) : NULL;

	if (!text)
		return -ENOENT;
	return copy ? modinfo__parse(copy, strlen(copy), ret) : -ENOMEM;
}

static const char *vcs_change(const struct comparison *x)
{
	const struct source_state *f, *old;

	for (f = model__next_source(x->new.m, NULL); f; f = model__next_source(x->new.m, f)) {
		old = f->is_vcs ? model__source(x->old.m, f->path) : NULL;
		if (old && old->has_hash && f->has_hash && memcmp(old->sha256, f->sha256, SOURCE_HASH_SZ))
			return f->path;
	}
	return NULL;
}

/* Without the text, by what goes into it. */
static int compare_unseen(struct comparison *x, struct node *n)
{
	static const char *const flags[] = { "-ldflags", "-tags", "-gcflags", "-asmflags", NULL };
	static const char *const names[] = {
		"CGO_ENABLED", "GOFIPS140", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS", NULL
	};
	int err = compare_settings(x, n, flags, CAUSE_FLAG) ?:
		  compare_settings(x, n, names, CAUSE_ENVIRONMENT);

	if (!err && vcs_change(x))
		err = add_key(x, n, "vcs", NULL, NULL);
	return err;
}

static int compare_program(struct comparison *x, struct node *n)
{
	struct modinfo old = {}, new = {};
	int err = parse(n->then, &old), err2 = parse(n->now, &new);

	if (err == -ENOMEM || err2 == -ENOMEM)
		err = -ENOMEM;
	else if (err || err2)
		err = compare_unseen(x, n);
	else
		err = compare_embedded(x, n, &old, &new);
	modinfo__free(&old);
	modinfo__free(&new);
	return err;
}

/* --- all of it --- */

int compare_inputs(struct comparison *x, struct node *n)
{
	const char *old = go_command__version(x->old.m, n->then->c);
	const char *new = go_command__version(x->new.m, n->now->c);
	int err;

	if (old && new && !str_eq(old, new))	/* nothing that another Go has made is of use to it */
		return add(x, n, CAUSE_TOOLCHAIN, "another version of Go", old, new);
	err = compare_platform(x, n) ?: compare_flags(x, n) ?: compare_place(x, n);
	if (!err && !has_other_version(n))
		err = compare_files(x, n);
	err = err ?: compare_go_line(x, n);
	if (!err && has_profile(n->now))
		err = compare_profiles(x, n);
	if (!err && (n->now->is_cgo || n->then->is_cgo))
		err = compare_cgo(x, n);
	if (!err && n->now->is_main)
		err = compare_program(x, n);
	return err;
}
