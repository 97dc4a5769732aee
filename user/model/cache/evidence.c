/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What names cache entries: the tools that ran, the entries that capture read, importcfg files. */
#include <errno.h>

#include "golang/gomod.h"
#include "golang/importcfg.h"
#include "model/cache/store.h"
#include "model/process.h"

static const char *arg_value(const struct process *p, const char *flag)
{
	size_t n = strlen(flag);
	const char *a;

	for (a = process__next_arg(p, NULL); a; a = process__next_arg(p, a)) {
		if (strncmp(a, flag, n))
			continue;
		if (a[n] == '=')
			return a + n + 1;
		if (!a[n])
			return process__next_arg(p, a);
	}
	return NULL;
}

static const char *last_arg(const struct process *p)
{
	const char *a = NULL, *next;

	while ((next = process__next_arg(p, a)))
		a = next;
	return a;
}

/* A compiler or linker runs: its build ID begins with the action that was missed. */
static int see_builder(struct model *m, const struct process *p, struct cache_command *cmd)
{
	bool is_link = p->role == TOOL_LINK;
	const char *build_id = arg_value(p, "-buildid");
	char hex[GOCACHE_PREFIX_LEN + 1];
	uint8_t id[ACTION_KEY_SZ];
	struct cache_action *a;
	const char *package;
	struct cache_ref *u;

	if (!build_id || gocache__action_prefix(build_id, hex) ||
	    !gocache__bytes(hex, sizeof(id), id))
		return 0;
	a = caches__action(m->caches, id, sizeof(id));
	u = a ? cache_command__use(cmd, a, p->start) : NULL;
	if (!u)
		return -ENOMEM;
	/* "a [a.test]" is a, compiled anew for its own test. */
	package = p->subject ? pool__get_n(m->pool, p->subject, strcspn(p->subject, " ")) : NULL;
	if (p->subject && !package)
		return -ENOMEM;
	/* Without TOOLEXEC_IMPORTPATH the name is that of -p, "main" for every program. */
	cache_action__set(a, is_link ? CACHE_LINK : CACHE_PACKAGE, package,
			  p->package || !package || !str_eq(package, "main") ?
			  NAME_EXEC : NAME_ARCHIVE);
	u->tool = p->proc;
	if (is_link)
		return 0;
	a->tool = p->proc;
	a->object = pool__get(m->pool, arg_value(p, "-o"));
	return a->object || !arg_value(p, "-o") ? 0 : -ENOMEM;
}

/* vet runs, with a configuration that go wrote for it. */
static int see_vet(struct model *m, const struct process *p)
{
	const char *path = last_arg(p), *kept, *package;
	struct cache_vet *v;

	if (!path || !str_has_suffix(path, "/vet.cfg"))
		return 0;
	kept = pool__get(m->pool, path);
	if (!kept)
		return -ENOMEM;
	HASH_FIND(hh, m->caches->vets, &kept, sizeof(kept), v);
	if (!v || v->tool)
		return 0;
	package = p->package ? pool__get_n(m->pool, p->package, strcspn(p->package, " ")) : NULL;
	if (p->package && !package)
		return -ENOMEM;
	v->tool = p->proc;
	v->package = package;
	return 0;
}

int cache__add_exec(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process(m, rec->proc);
	const char *prog = jsonv__kstr(jsonv__get(rec->root, "env"), "GOCACHEPROG");
	struct cache_command *cmd;

	if (!p || !p->go || p->probe)
		return 0;
	if (p->role != TOOL_GO && p->role != TOOL_COMPILE && p->role != TOOL_LINK &&
	    p->role != TOOL_VET && p->role != TOOL_CACHEPROG)
		return 0;
	cmd = caches__command(m->caches, p->go);
	if (!cmd)
		return -ENOMEM;
	if (p->role == TOOL_GO || p->role == TOOL_CACHEPROG) {
		cmd->cacheprog |= p->role == TOOL_CACHEPROG || (prog && *prog);
		return 0;
	}
	return p->role == TOOL_VET ? see_vet(m, p) : see_builder(m, p, cmd);
}

/* --- what capture read --- */

int cache__add_entry(struct model *m, const struct rec *rec)
{
	static const struct {
		const char *content;
		enum cache_kind kind;
	} kinds[] = {
		{ "archive",  CACHE_PACKAGE },
		{ "index",    CACHE_INDEX },
		{ "elf",      CACHE_LINK },
		{ "test_log", CACHE_TEST },
		{ "test_output", CACHE_TEST },
		{ "cc",       CACHE_CC },
		{ "cc_flag",  CACHE_CC_FLAG },
	};
	const char *action = rec__str(rec, "action"), *output = rec__str(rec, "output");
	const char *content = rec__str(rec, "content"), *broken = rec__str(rec, "broken");
	const char *package = pool__get(m->pool, rec__str(rec, "package"));
	const char *indexed = pool__get(m->pool, rec__str(rec, "dir"));
	uint8_t id[GOCACHE_ID_SZ];
	struct cache_action *a;

	if (!action || !gocache__bytes(action, sizeof(id), id))
		return 0;
	a = caches__action(m->caches, id, sizeof(id));
	if (!a || (rec__str(rec, "package") && !package) || (rec__str(rec, "dir") && !indexed))
		return -ENOMEM;
	a->has_output |= output && gocache__bytes(output, GOCACHE_ID_SZ, a->output);
	a->size = rec__uint(rec, "size", 0);
	a->indexed = indexed;
	a->is_read |= content != NULL;
	a->broken = !broken ? NULL : str_eq(broken, "size") ? "size" : "absent";
	for (size_t i = 0; content && i < ARRAY_SIZE(kinds); i++)
		if (str_eq(content, kinds[i].content))
			cache_action__set(a, kinds[i].kind, package, NAME_ARCHIVE);
	if (str_eq(content ?: "", "tool_output"))
		a->said = package;
	m->caches->tells_tests |= str_eq(content ?: "", "test_output");
	return 0;
}

/* file, that the command in question has made itself, is the object of package. */
static int add_object(struct model *m, const char *file, const char *package)
{
	const char *kept = pool__get(m->pool, file);
	struct cache_name *n = kept ? cache_names__get(&m->caches->objects, kept) : NULL;

	if (!n)
		return -ENOMEM;
	n->value = pool__get(m->pool, package);
	return n->value ? 0 : -ENOMEM;
}

static int add_importcfg(struct model *m, const char *text)
{
	__free_importcfg struct importcfg cfg = {};
	uint8_t id[ACTION_KEY_SZ];

	if (importcfg__parse(text, strlen(text), &cfg))
		return 0;	/* beyond the limit: other evidence may name them */
	for (size_t i = 0; i < cfg.package_cnt; i++) {
		const char *file = cfg.packages[i].file;
		size_t n = strlen(file);
		struct cache_package *p;

		if (str_has_suffix(file, "/_pkg_.a") && add_object(m, file, cfg.packages[i].path))
			return -ENOMEM;
		if (n < GOCACHE_ENTRY_TAIL || strcmp(file + n - 2, "-d") ||
		    !gocache__bytes(file + n - 2 - GOCACHE_ID_LEN, sizeof(id), id))
			continue;
		HASH_FIND(hh, m->caches->packages, id, sizeof(id), p);
		if (p)
			continue;
		p = calloc(1, sizeof(*p));
		if (!p)
			return -ENOMEM;
		memcpy(p->output, id, sizeof(id));
		p->path = pool__get(m->pool, cfg.packages[i].path);
		HASH_ADD(hh, m->caches->packages, output, sizeof(p->output), p);
		if (!hash__has(p)) {
			free(p);
			return -ENOMEM;
		}
		if (!p->path)
			return -ENOMEM;
	}
	return 0;
}

static int add_module(struct model *m, const char *path, const char *text)
{
	__free_gomod struct gomod mod = {};
	struct cache_name *n;
	const char *dir;

	if (gomod__parse(text, strlen(text), &mod) || !gomod__word(&mod, "module"))
		return 0;
	dir = pool__get_n(m->pool, path, strlen(path) - strlen("/go.mod"));
	n = dir ? cache_names__get(&m->caches->modules, dir) : NULL;
	if (!n)
		return -ENOMEM;
	n->value = pool__get(m->pool, gomod__word(&mod, "module"));
	return n->value ? 0 : -ENOMEM;
}

int cache__add_file(struct model *m, const struct rec *rec)
{
	const char *path = rec__str(rec, "path"), *text = rec__str(rec, "text");

	if (!path || !text)
		return 0;
	if (str_has_suffix(path, "/go.mod"))
		return add_module(m, path, text);
	return str_has_suffix(path, "/importcfg") || str_has_suffix(path, "/importcfg.link") ?
	       add_importcfg(m, text) : 0;
}
