/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary's modules: for each go command, where they came from and what was downloaded. */
#include "model/modules/modules.h"
#include "output/page.h"
#include "output/summary_model.h"
#include "output/text.h"

#define MAX_COMMANDS	12
#define MAX_MODULES	10	/* named; the others are counted */

typedef bool (*filter_fn)(const struct module_use *u);

static bool is_cached(const struct module_use *u)
{
	return u->origin == MODULE_CACHE && u->reads && !u->is_toolchain;
}

static bool is_vendored(const struct module_use *u)
{
	return u->origin == MODULE_VENDOR;
}

static bool is_folder(const struct module_use *u)
{
	return u->origin == MODULE_REPLACED || u->origin == MODULE_WORKSPACE || u->origin == MODULE_FOLDER;
}

static bool is_local(const struct module_use *u)
{
	return is_folder(u) && u->reads;
}

static bool is_downloaded(const struct module_use *u)
{
	return u->downloads & DOWNLOADED_ZIP;
}

static bool is_partial(const struct module_use *u)
{
	return u->extraction == EXTRACTION_LEFT || u->extraction == EXTRACTION_FOUND;
}

static void add_module(struct str *text, const struct module_use *u)
{
	text__safes(text, *u->path ? u->path : u->dir ?: "?");
	if (u->version) {
		str__addc(text, '@');
		text__safes(text, u->version);
	}
	if (!is_folder(u) || !u->dir)
		return;
	if (!str_eq(u->path, u->dir)) {
		str__adds(text, " in ");
		text__safes(text, u->dir);
	}
	if (u->declared_in) {
		str__addf(text, " (%s, line %u of ", module_origin__name(u->origin), u->line);
		text__safes(text, u->declared_in);
		str__addc(text, ')');
	}
}

/* "name  3 modules: a@v1, b@v2, c@v3" */
static void add_list(struct page *p, const struct module_set *s, const char *name, const char *one,
		     const char *many, filter_fn filter)
{
	__free_str struct str text = {}, list = {};
	uint64_t n = 0;

	for (const struct module_use *u = module_set__next(s, NULL); u; u = module_set__next(s, u)) {
		if (!filter(u))
			continue;
		if (n++ >= MAX_MODULES)
			continue;
		str__adds(&list, n > 1 ? ", " : ": ");
		add_module(&list, u);
	}
	if (!n)
		return;
	text__plural(&text, n, one, many);
	str__adds(&text, list.s ?: "");
	if (n > MAX_MODULES)
		str__addf(&text, ", and %llu more", (unsigned long long)(n - MAX_MODULES));
	page__field_str(p, name, &text);
}

static void add_file(struct page *p, const char *name, const struct module_file *f, const char *far)
{
	__free_str struct str text = {};

	if (!f->path)
		return;
	text__safes(&text, f->path);
	if (f->above) {
		str__adds(&text, ", ");
		text__plural(&text, f->above, "directory above", "directories above");
		str__adds(&text, " the working directory");
		str__adds(&text, far);
	}
	text__proof(&text, &f->proof, f->confidence);
	page__field_str(p, name, &text);
}

static bool is_worth_a_line(const struct module_set *s, const struct module_file *work)
{
	if (work->path || s->vendor || s->cache_reads || s->sumdb)
		return true;
	for (const struct module_use *u = module_set__next(s, NULL); u; u = module_set__next(s, u))
		if (is_local(u) || is_downloaded(u) || is_partial(u))
			return true;
	return false;
}

static void add_set(struct page *p, const struct module_set *s, const struct module_file *work)
{
	__free_str struct str text = {};
	struct module_file mod;
	enum confidence sure;

	module_set__go_mod(s, &mod);
	str__adds(&text, "  ");
	text__process(&text, p->m, s->go);
	str__addc(&text, '\n');
	str__adds(p->out, text.s ?: "");
	str__cut(&text, 0);
	add_file(p, "go.mod", &mod, "");
	add_file(p, "go.work", work, ": it decides which folders are used (GOWORK=off ignores it)");
	if (s->vendor && module_set__is_auto_vendor(s, &sure)) {
		text__safes(&text, s->vendor);
		str__adds(&text, " was read and no module of the module cache, though nothing asked for "
			  "-mod=vendor: the folder is there, and go.mod says go 1.14 or later");
		text__proof(&text, &s->vendor_read, sure);
		page__field_str(p, "vendor", &text);
	} else if (s->vendor && module_set__is_vendor_asked(s)) {
		text__safes(&text, s->vendor);
		str__adds(&text, ", by -mod=vendor");
		text__proof(&text, &s->vendor_read, PROVEN);
		page__field_str(p, "vendor", &text);
	}
	add_list(p, s, "vendored", "package read", "packages read", is_vendored);
	add_list(p, s, "cached", "module read", "modules read", is_cached);
	add_list(p, s, "local", "folder read instead of a module", "folders read instead of modules", is_local);
	add_list(p, s, "downloaded", "module", "modules", is_downloaded);
	add_list(p, s, "incomplete", "module whose extraction did not end (.partial is there)", "modules whose extraction did not end (.partial is there)",
		 is_partial);
	if (s->sumdb) {
		text__plural(&text, s->sumdb, "access", "accesses");
		str__adds(&text, " to what is kept of the checksum database");
		text__proof(&text, &s->sumdb_use, PROVEN);
		page__field_str(p, "sumdb", &text);
	}
}

int summary__modules(struct page *p)
{
	struct module_file work;
	uint64_t n = 0;

	for (const struct module_set *s = model__next_module_set(p->m, NULL); s; s = model__next_module_set(p->m, s)) {
		module_set__go_work(s, &work);
		if (!is_worth_a_line(s, &work))
			continue;
		if (!n)
			page__heading(p, "Modules");
		if (n++ < MAX_COMMANDS)
			add_set(p, s, &work);
	}
	page__more(p, n, MAX_COMMANDS, " go commands");
	return 0;
}
