/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that a package was built from, and which of them differ. */
#include <errno.h>

#include "golang/source.h"
#include "rules/causes_store.h"
#include "util/path.h"

/* --- which they are --- */

static const struct {
	const char *suffix;
	enum file_class class;
} by_suffix[] = {
	{ ".go", CLASS_GO },	 { ".c", CLASS_C },	{ ".cc", CLASS_CXX },	{ ".cpp", CLASS_CXX },
	{ ".cxx", CLASS_CXX },	 { ".m", CLASS_M },	{ ".f", CLASS_F },	{ ".F", CLASS_F },
	{ ".for", CLASS_F },	 { ".f90", CLASS_F },	{ ".h", CLASS_H },	{ ".hh", CLASS_H },
	{ ".hpp", CLASS_H },	 { ".hxx", CLASS_H },	{ ".s", CLASS_S },	{ ".S", CLASS_S },
	{ ".sx", CLASS_S },	 { ".syso", CLASS_SYSO }, { ".swig", CLASS_SWIG },
	{ ".swigcxx", CLASS_SWIG },
};

static enum file_class class_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(by_suffix) && !strchr(name, '/'); i++)
		if (str_has_suffix(name, by_suffix[i].suffix))
			return by_suffix[i].class;
	return CLASS_EMBED;
}

/* What go reads in the folder of a package and does not hash into its key. */
static bool is_beside(const struct source_state *f, const char *name)
{
	return f->is_vcs || str_eq(name, "go.mod") || str_eq(name, "go.work") ||
	       str_has_suffix(name, ".pgo") || (f->error && str_eq(f->error, "a Go program"));
}

static int add(struct inputs_of *i, const char *name, enum file_class class,
	       const struct source_state *state)
{
	struct input_file *all = realloc(i->files, (i->cnt + 1) * sizeof(*all));

	if (!all)
		return -ENOMEM;
	i->files = all;
	i->files[i->cnt++] = (struct input_file){ name, class, state };
	return 0;
}

void inputs_of__free(struct inputs_of *i)
{
	free(i->files);
}

static const struct input_file *find(const struct inputs_of *i, const char *name)
{
	for (size_t k = 0; k < i->cnt; k++)
		if (str_eq(i->files[k].name, name))
			return &i->files[k];
	return NULL;
}

/* As the command found it that b is of; NULL: nobody had read it until that ended. f may be NULL. */
static const struct source_state *as_of(const struct built *b, const struct source_state *f)
{
	int64_t end = b->c->p->finish;

	while (f && end >= 0 && f->ts > end)
		f = f->older;
	return f;
}

/* Those that a tool was given, by name. */
static int add_args(const struct built *b, const struct process *p, enum file_class class,
		    struct inputs_of *ret)
{
	int err = 0;

	for (const char *a = process__next_arg(p, NULL); a && !err; a = process__next_arg(p, a)) {
		__free_str struct str path = {};
		const struct source_state *f;

		if (a[0] == '-' || !str_has_suffix(a, ".go"))
			continue;
		path__add_from(&path, p->cwd ?: "/", a);
		if (str__err(&path))
			return -ENOMEM;
		if (!b->dir || !path__is_directly_in(b->dir, path.s))
			continue;	/* made by cgo, cover */
		f = as_of(b, model__source(b->m, path.s));
		err = add(ret, f ? path__base(f->path) : path__base(a), class, f);
	}
	return err;
}

static int add_compiled(const struct built *b, struct inputs_of *ret)
{
	const struct process *p;
	int err = add_args(b, b->compiler, CLASS_GO, ret);

	for (p = b->is_cgo ? model__next_process(b->m, NULL) : NULL; p && !err;
	     p = model__next_process(b->m, p))
		if (p->role == TOOL_CGO && p->go == b->c->proc && p->package && str_eq(p->package, b->path))
			err = add_args(b, p, CLASS_CGO, ret);
	return err;
}

/*
 * Of a hit: all that go read there but tests, and what it reads to find that it is not meant here. That
 * is not in the record; but the counterpart has read it as well, and not been built from it.
 */
static bool may_be_input(const struct built *b, const struct built *like,
			 const struct inputs_of *of_like, const char *name)
{
	__free_str struct str path = {};

	if (!b->is_variant && str_has_suffix(name, "_test.go"))
		return false;
	if (!like || !like->dir || !of_like->is_certain || find(of_like, name))
		return true;
	str__addf(&path, "%s/%s", like->dir, name);
	return !path.s || !as_of(like, model__source(like->m, path.s));
}

static int add_read(const struct built *b, const struct built *like, const struct inputs_of *of_like,
		    struct inputs_of *ret)
{
	int err = 0;

	for (const struct source_state *f = model__sources_in(b->m, b->dir); f && !err; f = f->in_dir) {
		const char *name = path__base(f->path);
		const struct input_file *was = find(of_like, name);	/* as its cgo took it, too */

		if (str_has_suffix(name, ".go") && as_of(b, f) && may_be_input(b, like, of_like, name))
			err = add(ret, name, was ? was->class : CLASS_GO, as_of(b, f));
	}
	return err;
}

/* The module index has all files read, those for other platforms, too. */
static bool is_for_platform(const struct built *b, const char *name)
{
	const char *goos = built__setting(b, "GOOS"), *goarch = built__setting(b, "GOARCH");

	return !goos || !goarch || source__is_for(name, goos, goarch);
}

/* What a compiler was told of it; NULL: none ran in either run. */
static const struct built *told(const struct built *b, const struct built *like)
{
	return b->compiler ? b : like && like->compiler ? like : NULL;
}

/*
 * The assembler, or with cgo the C compiler, was given that file: go reads all to see which are meant.
 * True, too, when no compiler ran.
 */
static bool is_given(const struct built *b, const char *name)
{
	const struct process *p;

	if (!b)
		return true;
	for (p = model__next_process(b->m, NULL); p; p = model__next_process(b->m, p)) {
		if ((p->role != TOOL_ASM && (p->role != TOOL_CC || !b->is_cgo)) || p->probe ||
		    p->go != b->c->proc || !p->package || !str_eq(p->package, b->path))
			continue;
		for (const char *a = process__next_arg(p, NULL); a; a = process__next_arg(p, a))
			if (str_eq(path__base(a), name))
				return true;
	}
	return false;
}

/* Without cgo go refuses a package that has them, and reads those that are not meant. */
static bool is_of_cgo(enum file_class class)
{
	return class == CLASS_C || class == CLASS_CXX || class == CLASS_F || class == CLASS_M ||
	       class == CLASS_SWIG;
}

/* Files that are embedded are described to the compiler. */
static bool embeds(const struct built *b)
{
	for (const char *a = b ? process__next_arg(b->compiler, NULL) : NULL; a;
	     a = process__next_arg(b->compiler, a))
		if (str_has_prefix(a, "-embedcfg"))
			return true;
	return !b;
}

/* by: what a compiler was told; NULL: none was. */
static bool is_meant(const struct built *b, const struct built *by, const char *name, enum file_class class)
{
	if (class == CLASS_EMBED)
		return embeds(by);
	if (is_of_cgo(class) && by && !by->is_cgo)
		return false;
	return is_for_platform(b, name) && ((class != CLASS_S && class != CLASS_C) || is_given(by, name));
}

/* Beside Go: of that folder, and of those below it that are no packages. */
static int add_others(const struct run_side *s, const struct built *b, const struct built *like,
		      struct inputs_of *ret)
{
	const struct built *by = told(b, like);
	const struct source_state *f;
	const char *name;
	int err = 0;

	for (f = model__sources_in(b->m, b->dir); f && !err; f = f->in_dir) {
		name = path__base(f->path);
		if (!str_has_suffix(name, ".go") && !f->by_compiler && !is_beside(f, name) &&
		    as_of(b, f) && is_meant(b, by, name, class_of(name)))
			err = add(ret, name, class_of(name), as_of(b, f));
	}
	for (size_t i = 0; i < s->other_cnt && !err && embeds(by); i++) {
		f = as_of(b, s->others[i]);
		if (!f)
			continue;
		name = path__below(b->dir, f->path);
		if (name && strchr(name, '/') && !is_beside(f, path__base(name)))
			err = add(ret, name, CLASS_EMBED, f);
	}
	return err;
}

static int compare_order(const void *a, const void *b)
{
	const struct input_file *x = a, *y = b;

	return x->class != y->class ? (int)x->class - (int)y->class : strcmp(x->name, y->name);
}

int built__files(const struct run_side *s, const struct built *b, const struct built *like,
		 struct inputs_of *ret)
{
	struct inputs_of of_like = {};
	int err = 0;

	*ret = (struct inputs_of){};
	if (!b->dir)
		return 0;
	if (b->compiler)
		err = add_compiled(b, ret);
	ret->is_certain = ret->cnt;	/* -cover gives it files of the work folder alone */
	if (!ret->is_certain && !err) {
		if (like && like->compiler && like->dir) {
			of_like.is_certain = true;
			err = add_compiled(like, &of_like);
		}
		err = err ?: add_read(b, like, &of_like, ret);
		inputs_of__free(&of_like);
	}
	err = err ?: add_others(s, b, like, ret);
	if (!err && ret->cnt)
		qsort(ret->files, ret->cnt, sizeof(*ret->files), compare_order);
	return err;
}

/* --- which differ --- */

static enum cause_kind kind_of(const struct node *n, const struct input_file *f, enum cause_kind go)
{
	if (f->class == CLASS_EMBED)
		return CAUSE_EMBED;
	if (f->class == CLASS_H && n->now->is_cgo && go == CAUSE_SOURCE_FILE)
		return CAUSE_CGO_HEADER;
	return go;
}

static const char *path_of(const struct built *b, const struct input_file *f, struct str *out)
{
	if (f->state)
		return f->state->path;
	str__addf(out, "%s/%s", b->dir, f->name);
	return out->s ?: f->name;
}

static int add_file(struct comparison *x, struct node *n, const struct built *b,
		    const struct input_file *f, enum cause_kind kind)
{
	__free_str struct str path = {};

	return node__add(x, n, &(struct own_cause){
		.kind = kind_of(n, f, kind), .detail = path_of(b, f, &path), .confidence = LIKELY });
}

/* Without a hash, size is all that tells: times do not enter the key. */
static bool differ(const struct source_state *a, const struct source_state *b)
{
	if (!a || !b)
		return false;
	if (a->has_hash && b->has_hash)
		return memcmp(a->sha256, b->sha256, sizeof(a->sha256));
	return a->size >= 0 && b->size >= 0 && a->size != b->size;
}

/* A setting that decides which files are meant for a build is the cause, not the files. */
int add_choosers(struct comparison *x, struct node *n, bool *ret)
{
	static const struct {
		const char *name;
		enum cause_kind kind;
	} choosers[] = {
		{ "-tags", CAUSE_FLAG }, { "CGO_ENABLED", CAUSE_ENVIRONMENT },
		{ "GOEXPERIMENT", CAUSE_ENVIRONMENT }, { "-race", CAUSE_FLAG }, { "-msan", CAUSE_FLAG },
		{ "-asan", CAUSE_FLAG }, { "-compiler", CAUSE_FLAG },
	};
	int err = 0;

	*ret = false;
	for (size_t i = 0; i < ARRAY_SIZE(choosers) && !err; i++) {
		const char *old = built__setting(n->then, choosers[i].name);
		const char *new = built__setting(n->now, choosers[i].name);

		if (!commands__differ(n->then->c, n->now->c, choosers[i].name))
			continue;
		*ret = true;
		err = node__add(x, n, &(struct own_cause){ choosers[i].kind, choosers[i].name, old, new, LIKELY });
	}
	return err;
}

static int compare(struct comparison *x, struct node *n, const struct inputs_of *now,
		   const struct inputs_of *then)
{
	const struct input_file *f, *other;
	bool is_chosen = false;
	size_t others = 0;
	int err = 0;

	for (size_t i = 0; i < now->cnt; i++)
		others += !find(then, now->files[i].name);
	for (size_t i = 0; i < then->cnt; i++)
		others += !find(now, then->files[i].name);
	if (others)
		err = add_choosers(x, n, &is_chosen);
	for (size_t i = 0; i < now->cnt && !err; i++) {
		f = &now->files[i];
		other = find(then, f->name);
		if (other && differ(f->state, other->state))
			err = add_file(x, n, n->now, f, CAUSE_SOURCE_FILE);
		else if (!other && !is_chosen)
			err = add_file(x, n, n->now, f, CAUSE_FILE_ADDED);
	}
	for (size_t i = 0; i < then->cnt && !err && !is_chosen; i++)
		if (!find(now, then->files[i].name))
			err = add_file(x, n, n->then, &then->files[i], CAUSE_FILE_REMOVED);
	return err;
}

int compare_files(struct comparison *x, struct node *n)
{
	struct inputs_of now = {}, then = {};
	int err = built__files(&x->new, n->now, n->then, &now) ?:
		  built__files(&x->old, n->then, n->now, &then);

	if (!err && now.cnt && then.cnt)
		err = compare(x, n, &now, &then);
	inputs_of__free(&now);
	inputs_of__free(&then);
	return err;
}
