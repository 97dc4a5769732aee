/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What else differs between two runs, and what the build cache was worth, as parts of the page. */
#include "output/diff.h"

#define MAX_TOOLS   10
#define MAX_MODULES 20
#define MAX_FILES   10

static void add_side(struct str *out, const char *version, const char *more)
{
	text__safes(out, version ?: "unknown version");
	if (more) {
		str__adds(out, " (");
		text__safes(out, more);
		str__addc(out, ')');
	}
}

static void add_tools(struct page *p, const struct changes *c)
{
	size_t n = c->tool_cnt < MAX_TOOLS ? c->tool_cnt : MAX_TOOLS;

	if (!n)
		return;
	page__heading(p, "Toolchains that differ");
	for (size_t i = 0; i < n; i++) {
		const struct tool_change *t = &c->tools[i];
		bool is_moved = !str_eq(t->old_path ?: "", t->new_path ?: "");
		__free_str struct str text = {}, name = {};

		add_side(&text, t->old, is_moved ? t->old_path : NULL);
		str__adds(&text, " -> ");
		add_side(&text, t->new, is_moved ? t->new_path : NULL);
		if (!is_moved && str_eq(t->old ?: "", t->new ?: ""))
			str__adds(&text, " (another build of it)");
		text__safes(&name, t->name);
		page__field_str(p, name.s ?: "", &text);
	}
	page__more(p, c->tool_cnt, n, " programs");
}

static void add_module_side(struct str *out, const char *version, const char *origin, const char *other)
{
	if (!origin) {
		str__adds(out, "not used");
		return;
	}
	text__safes(out, version ?: origin);
	if (version && other && !str_eq(origin, other))
		str__addf(out, " (%s)", origin);
}

static void add_modules(struct page *p, const struct changes *c)
{
	size_t n = c->module_cnt < MAX_MODULES ? c->module_cnt : MAX_MODULES;

	if (!n)
		return;
	page__heading(p, "Modules that differ");
	for (size_t i = 0; i < n; i++) {
		const struct module_change *m = &c->modules[i];
		__free_str struct str text = {};

		text__safes(&text, m->path);
		str__adds(&text, ": ");
		add_module_side(&text, m->old, m->old_origin, m->new_origin);
		str__adds(&text, " -> ");
		add_module_side(&text, m->new, m->new_origin, m->old_origin);
		page__paragraph(p, 2, TONE_PLAIN, text.s ?: "");
	}
	page__more(p, c->module_cnt, n, " modules");
}

static void add_files(struct page *p, const struct file_changes *f)
{
	size_t n = f->cnt < MAX_FILES ? f->cnt : MAX_FILES;

	if (!n)
		return;
	page__heading(p, "Files read that differ");
	for (size_t i = 0; i < n; i++) {
		__free_str struct str text = {};

		text__safes(&text, f->list[i].path);
		page__field_str(p, file_change_kind__name(f->list[i].kind), &text);
	}
	page__more(p, f->cnt + f->omitted, n, " files");
}

/* --- what the cache was worth --- */

static void add_sized(struct str *out, uint64_t n, const char *one, const char *many, uint64_t bytes)
{
	text__plural(out, n, one, many);
	if (bytes) {
		str__adds(out, " (");
		text__size(out, bytes);
		str__addc(out, ')');
	}
}

static void add_restored(struct str *out, const struct cache_value *v)
{
	if (v->restored || v->restored_bytes || v->restore_ns >= 0) {
		str__adds(out, "restored ");
		if (v->restored)
			add_sized(out, v->restored, "file", "files", v->restored_bytes);
		else if (v->restored_bytes)
			text__size(out, v->restored_bytes);
		if (v->restore_ns >= 0) {
			str__adds(out, v->restored || v->restored_bytes ? " in " : "in ");
			text__duration(out, v->restore_ns);
		}
		str__adds(out, "; ");
	}
	if (v->restored) {
		add_sized(out, v->restored - v->restored_used, "of them was never used", "of them were never used",
			  v->unused_bytes);
		str__adds(out, "; ");
	} else if (v->unused_bytes) {
		text__size(out, v->unused_bytes);
		str__adds(out, " were never used; ");
	}
}

static void add_value(struct page *p, const char *name, const struct cache_value *v)
{
	__free_str struct str text = {};

	add_restored(&text, v);
	add_sized(&text, v->hits, "package found", "packages found", v->hit_bytes);
	if (v->timed) {
		str__adds(&text, ", which saved ");
		text__duration(&text, v->saved_ns);
		str__adds(&text, " of compile time");
		if (v->timed < v->hits) {
			str__addf(&text, " at least (known of ");
			text__count(&text, v->timed);
			str__addc(&text, ')');
		}
	}
	str__adds(&text, "; ");
	add_sized(&text, v->put, "entry written", "entries written", v->put_bytes);
	if (v->saved_files) {
		str__adds(&text, "; ");
		text__plural(&text, v->saved_files, "file saved elsewhere", "files saved elsewhere");
		if (v->save_ns >= 0) {
			str__adds(&text, " in ");
			text__duration(&text, v->save_ns);
		}
	}
	page__field_str(p, name, &text);
}

/* Restoring is paid before the first package is found. */
static void add_balance(struct page *p, const struct cache_value *v)
{
	__free_str struct str text = {};

	if (v->restore_ns < 0 || !v->timed || v->timed < v->hits)
		return;
	text__duration(&text, v->saved_ns);
	str__adds(&text, " of compile time saved, ");
	text__duration(&text, v->restore_ns);
	str__addf(&text, " spent on restoring (%s)", v->is_told ? "--tag restore_ms" : "observed");
	page__field_str(p, "in all", &text);
}

static bool is_of_use(const struct cache_value *v)
{
	return v->hits || v->put || v->restored || v->restored_bytes || v->restore_ns >= 0;
}

static void add_values(struct page *p, const struct changes *c)
{
	if (!is_of_use(&c->old_value) && !is_of_use(&c->new_value))
		return;
	page__heading(p, "What the cache was worth");
	add_value(p, "before", &c->old_value);
	add_value(p, "now", &c->new_value);
	add_balance(p, &c->new_value);
}

void diff__add_changes(struct page *p, const struct changes *c)
{
	add_tools(p, c);
	add_modules(p, c);
	add_files(p, &c->files);
	add_values(p, c);
}
