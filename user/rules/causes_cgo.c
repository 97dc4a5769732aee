/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lines of a package with cgo in its key: what cgo was told, and which C compiler go found.
 *
 *	cgo "cgo version go1.26.11"
 *	CC=["gcc"] [] ["-O2" "-g" "-DX=a b"] ["-O2" "-g" "-lm"]
 *	CC ID="gcc version 12.2.0 (Debian 12.2.0-14+deb12u1) "
 *
 * go asks the compiler for its version over a pipe. Of what it answers, the objects that it makes have
 * the parts: "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0"; what clang writes there is its whole answer. The
 * flags stand in cgo's command line, in front of and behind the folder that go adds to them:
 *
 *	cgo -objdir /b003/ … -ldflags="-O2" "-g" "-lm" -- [cppflags] -I /b003/ -O2 -g "-DX=a b" c.go
 *
 * Up to Go 1.22 those for the linker are in a variable; then the call that links the objects to see what
 * they import has them, behind the objects.
 */
#include <string.h>

#include "rules/causes_store.h"
#include "util/path.h"

/* A call of cgo that translates sources: not the one that reads what was linked. */
static const struct process *translator_of(const struct built *b)
{
	const struct process *p = b ? model__next_process(b->m, NULL) : NULL;

	for (; p; p = model__next_process(b->m, p)) {
		if (p->role != TOOL_CGO || p->probe || p->go != b->c->proc || !p->package ||
		    !str_eq(p->package, b->path))
			continue;
		for (const char *a = process__next_arg(p, NULL); a; a = process__next_arg(p, a))
			if (str_eq(a, "--"))
				return p;
	}
	return NULL;
}

/* Its flags are given to cgo among the others, and are in no key. */
static bool asks_pkg_config(const struct built *b)
{
	const char *name = built__setting(b, "PKG_CONFIG") ?: "pkg-config";
	const struct process *p;

	for (p = model__next_process(b->m, NULL); p; p = model__next_process(b->m, p))
		if (p->exe && p->package && str_eq(p->package, b->path) && str_eq(path__base(p->exe), path__base(name)))
			return true;
	return false;
}

static const char *value_of(const struct process *p, const char *flag)
{
	for (const char *a = process__next_arg(p, NULL); a; a = process__next_arg(p, a))
		if (str_eq(a, flag))
			return process__next_arg(p, a);
	return NULL;
}

static void add_word(struct str *out, size_t start, const char *word)
{
	str__adds(out, out->len > start ? " " : "");
	go__quote(out, word);
}

/* The list from a, which may be NULL, up to end. */
static void add_list(struct str *out, const struct process *p, const char *a, const char *end)
{
	size_t start;

	str__addc(out, '[');
	start = out->len;
	for (; a && a != end; a = process__next_arg(p, a))
		add_word(out, start, a);
	str__addc(out, ']');
}

/* The linking of what cgo's objects are, to "/b003/_cgo_.o". */
static const struct process *linking_of(const struct built *b)
{
	const struct process *p;
	const char *object;

	for (p = model__next_process(b->m, NULL); p; p = model__next_process(b->m, p)) {
		object = p->role == TOOL_CC && p->go == b->c->proc && p->package && str_eq(p->package, b->path) ?
			 value_of(p, "-o") : NULL;
		if (object && str_eq(path__base(object), "_cgo_.o"))
			return p;
	}
	return NULL;
}

/* As they are quoted in cgo's option they stand in the key. */
static bool add_linker_flags(struct str *out, const struct built *b, const struct process *p)
{
	const char *first = NULL;

	for (const char *a = process__next_arg(p, NULL); a && !str_eq(a, "--"); a = process__next_arg(p, a))
		if (str_has_prefix(a, "-ldflags=")) {
			str__addf(out, "[%s]\n", a + strlen("-ldflags="));
			return true;
		}
	p = linking_of(b);
	for (const char *a = p ? process__next_arg(p, NULL) : NULL; a; a = process__next_arg(p, a))
		if (str_has_suffix(a, ".o"))
			first = process__next_arg(p, a);
	add_list(out, p, first, NULL);
	str__addc(out, '\n');
	return p;
}

/* Behind "--", up to the folder and behind it; false: it is called otherwise than is known here. */
static bool add_flags(struct str *out, const struct built *b, const struct process *p)
{
	const char *dir = value_of(p, "-objdir"), *first = value_of(p, "--"), *a = first, *next, *own, *end;

	for (; a; a = next) {
		next = process__next_arg(p, a);
		if (next && dir && str_eq(a, "-I") && str_eq(next, dir))
			break;
	}
	if (!a)
		return false;
	add_list(out, p, first, a);
	str__addc(out, ' ');
	own = process__next_arg(p, process__next_arg(p, a));
	end = own;
	for (a = own; a; a = process__next_arg(p, a))	/* the sources come last */
		if (!str_has_suffix(a, ".go"))
			end = process__next_arg(p, a);
	add_list(out, p, own, end);
	str__addc(out, ' ');
	return add_linker_flags(out, b, p);
}

static bool add_compiler(struct str *out, const char *cc)
{
	size_t start;

	str__adds(out, "CC=[");
	start = out->len;
	while (*cc) {
		__free_str struct str word = {};
		size_t n = strcspn(cc, " ");

		str__add(&word, cc, n);
		cc += n + strspn(cc + n, " ");
		if (word.len)
			add_word(out, start, word.s);
	}
	str__adds(out, "] ");
	return out->len > start + 2;
}

/* false: its development versions are told by the hash of a file. */
static bool add_version(struct str *out, const char *comment)
{
	static const char gcc[] = "GCC: (";
	const char *end = strrchr(comment, ')');
	__free_str struct str id = {};

	if (str_has_prefix(comment, gcc) && end && end[1] == ' ')
		str__addf(&id, "gcc version %s %.*s ", end + 2, (int)(end + 1 - (comment + strlen("GCC: "))),
			  comment + strlen("GCC: "));
	else if (strstr(comment, "clang version "))
		str__adds(&id, comment);
	if (!id.len || strstr(comment, "experimental"))
		return false;
	str__adds(out, "CC ID=");
	go__quote(out, id.s);
	str__addc(out, '\n');
	return true;
}

static bool has_others(const struct inputs_of *files)
{
	for (size_t i = 0; i < files->cnt; i++)
		if (files->files[i].class == CLASS_CXX || files->files[i].class == CLASS_F ||
		    files->files[i].class == CLASS_M || files->files[i].class == CLASS_SWIG)
			return true;
	return false;
}

const char *built__cgo(const struct built *b, const struct built *like, const struct inputs_of *files,
		       const struct action_inputs *in, struct str *out)
{
	const struct built *by = translator_of(b) ? b : like;
	const struct process *p = translator_of(by);
	const char *cc = built__setting(b, "CC") ?: like ? built__setting(like, "CC") : NULL;
	const char *comment = b->use.action_sz ? model__archive_cc(b->m, b->use.action) : NULL;
	bool asks_version = in->minor >= 20 || !in->is_std;

	if (!p)
		return "what cgo was told";
	if (asks_pkg_config(by))
		return "which flags are of pkg-config";
	if (has_others(files))
		return "the recipe of other compilers than that of C";
	if (!cc || strpbrk(cc, "'\""))
		return "the name of the C compiler";
	str__addf(out, "cgo \"cgo version %s\"\n", in->tools ?: in->go);
	if (!add_compiler(out, cc) || !add_flags(out, by, p) || (out->s && strstr(out->s, "[redacted")))
		return "what cgo was told";
	if (asks_version && (!comment || !add_version(out, comment)))
		return "what the C compiler says of itself";
	return NULL;
}
