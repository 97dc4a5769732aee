/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Look-up ladders: which lines of a record are attempts, and with what result. */
#include <errno.h>

#include "model/search/store.h"
#include "record/facts.h"

static enum candidate_result result_of(const struct rec *rec, const char *err, enum ladder_purpose purpose)
{
	const char *type;

	if (err)
		return err__is_absent(err) ? CANDIDATE_ABSENT : CANDIDATE_REFUSED;
	if (rec->kind == REC_OPEN)
		return CANDIDATE_USED;
	type = rec__str(rec, "type");
	if (type && str_eq(type, "dir") && purpose != LADDER_NONE)
		return CANDIDATE_UNFIT;
	return CANDIDATE_FOUND;
}

static bool is_inside(const char *path, const char *dir, size_t n)
{
	return path && n && !strncmp(path, dir, n) && (!path[n] || path[n] == '/' || n == 1);
}

/* The file lies in the working directory or above it: go's own search, not that for a dependency. */
static bool is_above(const struct searcher *c, const char *path)
{
	size_t n = strrchr(path, '/') - path;

	n = n ? n : 1;
	return is_inside(c->cwd, path, n) || is_inside(c->pwd, path, n);
}

/* Cheap: most paths of a build are sources and cache entries, which nobody looks for. */
static bool is_worth_a_look(const struct searcher *c, enum rec_kind kind, const char *path)
{
	size_t n = strlen(path);

	if (n < 4 || (path[n - 2] == '-' && (path[n - 1] == 'a' || path[n - 1] == 'd')) ||
	    !memcmp(path + n - 3, ".go", 3) || (kind == REC_OPEN && !memcmp(path, "/sys/", 5)) ||
	    !strncmp(path, "/proc/", 6))
		return false;
	return kind != REC_OPEN || !tool_role__is_go_tool(c->role) || c->role == TOOL_GO;
}

static bool is_wanted(const struct searcher *c, const struct ladder_step *step, const char *path)
{
	switch (step->purpose) {
	case LADDER_GO_WORK:
	case LADDER_GO_MOD:
		return !tool_role__is_go_tool(c->role) && is_above(c, path);
	case LADDER_CONFIG:
		return c->role != TOOL_GO && !tool_role__is_go_tool(c->role) &&
		       !tool_role__is_c_part(c->role);
	case LADDER_VENDOR:
		return is_above(c, path) || c->role == TOOL_GO;
	default:
		return true;
	}
}

/* A link on a ladder: what it leads to belongs to the same candidate. */
static int add_link(struct model *m, struct searcher *c, struct ladder_entry *e, unsigned int candidate, const char *target)
{
	const char *path = e->candidates[candidate].path;
	__free_str struct str full = {};

	if (c->link_cnt == LADDER_MAX_LINKS)
		return 0;
	c->links = c->links ?: calloc(LADDER_MAX_LINKS, sizeof(*c->links));
	if (!c->links)
		return -ENOMEM;
	if (target[0] != '/') {
		str__add(&full, path, strrchr(path, '/') + 1 - path);
		while (str_has_prefix(target, "../") && full.len > 1) {
			str__cut(&full, full.len - 1);
			str__cut(&full, strrchr(full.s, '/') + 1 - full.s);
			target += 3;
		}
	}
	str__adds(&full, target);
	if (str__err(&full))
		return -ENOMEM;
	path = pool__get(m->pool, full.s);
	if (!path)
		return -ENOMEM;
	c->links[c->link_cnt++] = (struct ladder_link){ path, e, candidate };
	return 0;
}

/* True when path is where a link of a ladder leads; then it was that candidate which was tried. */
static bool follow(struct searcher *c, const struct rec *rec, const char *path, const char *err)
{
	for (unsigned int i = 0; i < c->link_cnt; i++) {
		struct candidate *r = &c->links[i].e->candidates[c->links[i].candidate];
		enum candidate_result result;

		if (!str_eq(c->links[i].path, path))
			continue;
		result = result_of(rec, err, c->links[i].e->l.purpose);
		/* A link that leads nowhere is no find. */
		if (result > r->result || (err && r->result == CANDIDATE_FOUND)) {
			r->result = result;
			r->ts = rec->ts;
		}
		return true;
	}
	return false;
}

/* Length of the folder of certificates that path is, or lies in; 0: none. */
static size_t certificate_folder(const struct searcher *c, const char *path)
{
	static const char *const usual[] = { "/etc/ssl/certs", "/etc/pki/tls/certs" };
	size_t n;

	for (const char *dir = c->cert_dirs; dir && *dir; dir += n + (dir[n] == ':')) {
		n = strcspn(dir, ":");
		if (n && is_inside(path, dir, n))
			return n;
	}
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (is_inside(path, usual[i], strlen(usual[i])))
			return strlen(usual[i]);
	return 0;
}

/*
 * Certificates: a folder of them is worth something only when a file in it is read. Returns what is
 * tried by path, the folder or itself, in *ret; false: nothing of certificates.
 */
static bool find_certificates(const struct searcher *c, const struct rec *rec, const char *path, struct str *ret,
			      enum candidate_result *ret_result)
{
	size_t n = certificate_folder(c, path);
	struct ladder_step step;

	*ret_result = result_of(rec, rec->err, LADDER_CERTIFICATES);
	if (n && !path[n] && !rec->err)
		*ret_result = CANDIDATE_UNFIT;
	if ((c->cert_file && str_eq(path, c->cert_file)) || (n && !path[n])) {
		str__adds(ret, path);
		return true;
	}
	if (ladder__classify(path, NULL, &step) && step.purpose == LADDER_CERTIFICATES) {
		str__adds(ret, path);
		return true;
	}
	if (n && *ret_result == CANDIDATE_USED)
		str__add(ret, path, n);
	return ret->len;
}

static int add_certificates(struct model *m, const struct rec *rec, struct searcher *c, const char *path,
			    enum candidate_result result)
{
	struct ladder_entry *e;
	const char *key = pool__get(m->pool, "");
	int err = key ? ladder__get(m, c, LADDER_CERTIFICATES, key, &e) : -ENOMEM;

	if (err || !e)
		return err;
	return ladder__add(m, e, &(struct attempt){ .path = path, .err = rec->err, .ts = rec->ts, .result = result },
			   NULL);
}

static int add_look(struct model *m, const struct process *p, const struct rec *rec)
{
	const char *path = rec__str(rec, "path"), *err, *key;
	__free_str struct str certificates = {};
	struct ladder_step step;
	struct searcher *c;
	struct ladder_entry *e;
	enum candidate_result result;
	unsigned int candidate = UINT32_MAX;
	int status;

	if (!path || path[0] != '/')
		return 0;
	status = searcher__get(m, p, &c);
	if (status || !is_worth_a_look(c, rec->kind, path))
		return status;
	err = rec__str(rec, "err");
	if (c->link_cnt && follow(c, rec, path, err))
		return 0;
	if (str_has_suffix(path, "/.git") && !err && is_above(c, path) && !c->repository) {
		searcher__set_repository(c, pool__get_n(m->pool, path, strlen(path) - strlen("/.git")));
		return c->repository ? 0 : -ENOMEM;
	}
	if ((c->cert_file || c->cert_dirs || str_has_prefix(path, "/etc/")) &&
	    find_certificates(c, rec, path, &certificates, &result))
		return add_certificates(m, rec, c, certificates.s, result);
	if (str_eq(path, "/.git") && err__is_absent(err) && !c->repository)
		searcher__set_no_repository(c);
	if (!ladder__classify(path, rec->kind == REC_OPEN ? NULL : c->path_list, &step) ||
	    !is_wanted(c, &step, path) || (rec->kind == REC_OPEN && !rec__opens_to_read(rec)))
		return 0;
	key = pool__get_n(m->pool, step.key ?: "", step.key_len);
	if (!key)
		return -ENOMEM;
	/* EINVAL: it is no symbolic link, so it is there. */
	if (rec->kind == REC_READLINK && err && str_eq(err, "EINVAL"))
		err = NULL;
	result = result_of(rec, err, step.purpose);
	/* Folders on the way to something else may be called like files. */
	if (result == CANDIDATE_UNFIT && !ladder__find(m->ladders, c->proc, step.purpose, key))
		return 0;
	status = ladder__get(m, c, step.purpose, key, &e);
	if (status || !e)
		return status;
	status = ladder__add(m, e, &(struct attempt){ .path = path, .err = err, .ts = rec->ts,
						.target = rec->kind == REC_READLINK ? rec__str(rec, "target") : NULL,
						.result = result }, &candidate);
	if (status || candidate == UINT32_MAX || !e->candidates[candidate].target || rec->kind != REC_READLINK)
		return status;
	return add_link(m, c, e, candidate, e->candidates[candidate].target);
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A program that could not be run is a candidate, wherever its name came from. */
static int add_exec_failed(struct model *m, const struct process *p, const struct rec *rec)
{
	const char *path = rec__str(rec, "path"), *err = rec__str(rec, "err"), *key;
	struct searcher *c;
	struct ladder_entry *e;
	int status;

	if (!path || path[0] != '/' || !err)
		return 0;
	status = searcher__get(m, p, &c);
	if (status)
		return status;
	key = pool__get(m->pool, last_name(path));
	status = key ? ladder__get(m, c, LADDER_PROGRAM, key, &e) : -ENOMEM;
	if (status || !e)
		return status;
	return ladder__add(m, e, &(struct attempt){ .path = path, .err = err, .ts = rec->ts,
					      .result = result_of(rec, err, LADDER_PROGRAM) }, NULL);
}

/* Who looked for the program that runs now: the process itself before, or its parent. */
static int add_found_program(struct model *m, const struct rec *rec, uint64_t proc, bool may_be_new)
{
	const char *file = rec__str(rec, "file"), *key;
	struct ladder_entry *e;

	if (!proc || !file || file[0] != '/')
		return 0;
	key = pool__get(m->pool, last_name(file));
	if (!key)
		return -ENOMEM;
	e = ladder__find(m->ladders, proc, LADDER_PROGRAM, key);
	if (!e)
		return 0;
	for (unsigned int i = 0; !may_be_new && i < e->l.cnt; i++)
		may_be_new = str_eq(e->candidates[i].path, file);
	return !may_be_new ? 0 :
	       ladder__add(m, e, &(struct attempt){ .path = file, .ts = rec->ts, .result = CANDIDATE_USED }, NULL);
}

static int add_exec(struct model *m, const struct process *p, const struct rec *rec)
{
	const struct jsonv *env = jsonv__get(rec->root, "env");
	const char *path_list = jsonv__kstr(env, "PATH"), *pwd = jsonv__kstr(env, "PWD");
	struct searcher *c;
	int err;

	err = add_found_program(m, rec, p->prev, true) ?: add_found_program(m, rec, p->parent, false) ?:
	      searcher__end(m->ladders, p->prev);
	if (err)
		return err;
	c = searcher__new(m, p);
	if (!c)
		return -ENOMEM;
	if (pool__set(m->pool, &c->cert_file, jsonv__kstr(env, "SSL_CERT_FILE")) ||
	    pool__set(m->pool, &c->cert_dirs, jsonv__kstr(env, "SSL_CERT_DIR")))
		return -ENOMEM;
	c->path_list = pool__get(m->pool, path_list);
	c->pwd = pool__get(m->pool, pwd);
	return (path_list && !c->path_list) || (pwd && !c->pwd) ? -ENOMEM : 0;
}

static int add_chdir(struct model *m, const struct process *p, const struct rec *rec)
{
	const char *path = rec__str(rec, "path");
	struct searcher *c;
	int err;

	if (!path || rec__str(rec, "err"))
		return 0;
	err = searcher__get(m, p, &c);
	if (err)
		return err;
	c->cwd = c->pwd = pool__get(m->pool, path);
	return c->cwd ? 0 : -ENOMEM;
}

int ladders__add(struct model *m, const struct rec *rec)
{
	const struct process *p;

	switch (rec->kind) {
	case REC_EXEC: case REC_EXEC_FAILED: case REC_EXIT: case REC_CHDIR:
	case REC_OPEN: case REC_STAT: case REC_ACCESS: case REC_READLINK:
		break;
	default:
		return 0;
	}
	p = model__process_of(m, rec);
	if (!p)
		return 0;
	switch (rec->kind) {
	case REC_EXEC:
		return add_exec(m, p, rec);
	case REC_EXEC_FAILED:
		return add_exec_failed(m, p, rec);
	case REC_EXIT:
		return searcher__end(m->ladders, p->proc);
	case REC_CHDIR:
		return add_chdir(m, p, rec);
	default:
		return add_look(m, p, rec);
	}
}
