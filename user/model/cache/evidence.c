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

/* What the linker makes is known by its build ID: test results are kept under keys made of it. */
static int see_link(struct model *m, const struct process *p, const char *build_id)
{
	const char *file = pool__get(m->pool, arg_value(p, "-o"));
	struct cache_link *l = file ? hash_get(&m->caches->links, file, &file) : NULL;
	size_t n;

	if (!file)
		return arg_value(p, "-o") ? -ENOMEM : 0;
	if (!l)
		return -ENOMEM;
	build_id = build_id__element(build_id, 0, &n);
	l->package = p->package;
	l->id = build_id ? pool__get_n(m->pool, build_id, n) : NULL;
	return l->id ? 0 : -ENOMEM;
}

bool process__action(const struct process *p, uint8_t *ret_action)
{
	const char *build_id = arg_value(p, "-buildid");
	char hex[GOCACHE_PREFIX_LEN + 1];

	return build_id && !gocache__action_prefix(build_id, hex) &&
	       gocache__bytes(hex, ACTION_KEY_SZ, ret_action);
}

/* A compiler or linker runs: its build ID begins with the action that was missed. */
static int see_builder(struct model *m, const struct process *p, struct cache_command *cmd)
{
	bool is_link = p->role == TOOL_LINK;
	uint8_t id[ACTION_KEY_SZ];
	struct cache_action *a;
	struct cache_ref *u;
	const char *object;

	if (!process__action(p, id))
		return 0;
	a = caches__action(m->caches, id, sizeof(id));
	u = a ? cache_command__use(cmd, a, p->start) : NULL;
	if (!u)
		return -ENOMEM;
	/*
	 * Without TOOLEXEC_IMPORTPATH the name is that of -p, "main" for every program, and the same for a
	 * package and what is made of it for a test.
	 */
	cache_action__set(a, is_link ? CACHE_LINK : CACHE_PACKAGE, p->subject,
			  p->package ? NAME_EXEC :
			  str_eq(p->subject ?: "main", "main") ? NAME_ARCHIVE : NAME_CONFIG);
	u->tool = p->proc;
	/* What the compiler makes, or the linker is given, is called by its package in importcfg files. */
	object = is_link ? last_arg(p) : arg_value(p, "-o");
	a->object = pool__get(m->pool, object);
	if (object && !a->object)
		return -ENOMEM;
	return is_link ? see_link(m, p, arg_value(p, "-buildid")) : 0;
}

/* vet runs, with a configuration that go wrote for it. */
static int see_vet(struct model *m, const struct process *p, struct cache_command *cmd)
{
	const char *path = last_arg(p), *kept;
	struct cache_vet *v;

	if (!path || !str_has_suffix(path, "/vet.cfg"))
		return 0;
	kept = pool__get(m->pool, path);
	v = kept ? hash_get(&m->caches->vets, path, &kept) : NULL;
	if (!v)
		return -ENOMEM;
	if (v->tool)
		return 0;
	v->cmd = cmd;
	v->tool = p->proc;
	v->package = p->package;
	return 0;
}

int cache__add_exec(struct model *m, const struct rec *rec)
{
	const struct process *p = model__process(m, rec->proc);
	struct cache_command *cmd;

	if (!p || !p->go || p->probe)
		return 0;
	if (p->role != TOOL_GO && p->role != TOOL_COMPILE && p->role != TOOL_LINK &&
	    p->role != TOOL_VET && p->role != TOOL_CACHEPROG)
		return 0;
	cmd = caches__command(m->caches, p->go);
	if (!cmd)
		return -ENOMEM;
	cmd->cacheprog |= p->role == TOOL_CACHEPROG;
	if (p->role == TOOL_GO || p->role == TOOL_CACHEPROG)
		return 0;
	return p->role == TOOL_VET ? see_vet(m, p, cmd) : see_builder(m, p, cmd);
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
	a->written = rec__uint(rec, "time", 0);
	a->indexed = indexed;
	a->is_read |= content != NULL;
	a->broken = !broken ? NULL : str_eq(broken, "size") || str_eq(broken, "malformed") ?
		    pool__get(m->pool, broken) : "absent";
	for (size_t i = 0; content && i < ARRAY_SIZE(kinds); i++)
		if (str_eq(content, kinds[i].content))
			cache_action__set(a, kinds[i].kind, package, NAME_ARCHIVE);
	if (str_eq(content ?: "", "tool_output"))
		a->said = package;
	m->caches->tells_tests |= str_eq(content ?: "", "test_output");
	return 0;
}

/* file, that the command in question has made itself, is the object of package. */
static int add_object(struct model *m, struct cache_name **set, const char *file, const char *package)
{
	const char *kept = pool__get(m->pool, file);
	struct cache_name *n = kept ? hash_get(set, name, &kept) : NULL;

	if (!n)
		return -ENOMEM;
	n->value = pool__get(m->pool, package);
	return n->value ? 0 : -ENOMEM;
}

static int add_output(struct model *m, const uint8_t *id, const char *package)
{
	struct cache_package *p = hash_get(&m->caches->packages, output, id);

	if (p && !p->path)
		p->path = pool__get(m->pool, package);
	return p && p->path ? 0 : -ENOMEM;
}

/* A package lies in the cache, in the work folder of this command, or precompiled elsewhere. */
static int add_package(struct model *m, struct cache_command *cmd, const struct importcfg_package *p)
{
	uint8_t id[GOCACHE_ID_SZ];
	char which;

	if (cache_path__id(p->file, id, &which))
		return which == 'd' ? add_output(m, id, p->path) : 0;
	if (str_has_suffix(p->file, "/_pkg_.a"))
		return add_object(m, &m->caches->objects, p->file, p->path);
	return cmd && str_has_suffix(p->file, ".a") ?
	       add_object(m, &cmd->archives, p->file, p->path) : 0;
}

static int add_importcfg(struct model *m, const struct rec *rec, const char *text)
{
	__free_importcfg struct importcfg cfg = {};
	const struct process *p = model__process_of(m, rec);
	struct cache_command *cmd = p && p->go ? caches__command(m->caches, p->go) : NULL;
	int err;

	if (p && p->go && !cmd)
		return -ENOMEM;
	err = importcfg__parse(text, strlen(text), &cfg);
	if (err)
		return err == -ENOMEM ? err : 0;	/* beyond the limit: other evidence may name them */
	for (size_t i = 0; i < cfg.package_cnt && !err; i++)
		err = add_package(m, cmd, &cfg.packages[i]);
	return err;
}

static int add_module(struct model *m, const char *path, const char *text)
{
	__free_gomod struct gomod mod = {};
	struct cache_name *n;
	const char *dir;

	if (gomod__parse(text, strlen(text), &mod) || !gomod__word(&mod, "module"))
		return 0;
	dir = pool__get_n(m->pool, path, strlen(path) - strlen("/go.mod"));
	n = dir ? hash_get(&m->caches->modules, name, &dir) : NULL;
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
	       add_importcfg(m, rec, text) : 0;
}
