/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which lines a timeline shows, and which of them become one. */
#include <fnmatch.h>

#include "record/facts.h"
#include "output/text.h"
#include "output/timeline_choice.h"

static bool is_special(const struct roots *r, const char *path)
{
	return path && roots__place(r, path) != PLACE_OTHER;
}

/* Shown when nothing else was asked for. */
static bool is_default(const struct rec *rec, const struct process *p, const struct roots *r)
{
	if (kind__is_access(rec->kind))
		return is_special(r, rec__str(rec, "path")) ||
		       is_special(r, rec__str(rec, "path2"));
	switch (rec->kind) {
	case REC_EXIT:
		return p && p->has_exec;	/* not of processes that never became a program */
	case REC_FORK:
	case REC_FILE:
	case REC_CACHE:
	case REC_SOURCE:
		return false;
	default:
		return true;
	}
}

static bool path_matches(const struct roots *r, const char *glob, const char *path)
{
	__free_str struct str shortened = {};
	const char *last, *rest;
	enum root root;

	if (!path)
		return false;
	last = strrchr(path, '/');
	if (!fnmatch(glob, path, 0) || (last && !fnmatch(glob, last + 1, 0)))
		return true;
	root = strchr("$~", glob[0]) ? roots__find(r, path, &rest) : ROOT_CNT;
	if (root == ROOT_CNT)
		return false;
	str__adds(&shortened, root__name(root));
	str__adds(&shortened, rest);
	return shortened.s && !fnmatch(glob, shortened.s, FNM_NOESCAPE);
}

/* Any of its paths, any of the globs. */
static bool any_path_matches(const struct rec *rec, const struct roots *r,
			     const struct texts *globs)
{
	for (size_t i = 0; i < globs->cnt; i++)
		if (path_matches(r, globs->v[i], rec__str(rec, "path")) ||
		    path_matches(r, globs->v[i], rec__str(rec, "path2")) ||
		    path_matches(r, globs->v[i], rec__str(rec, "exe")))
			return true;
	return false;
}

/* Nothing was asked for, or this among others. */
static bool is_wanted(const struct numbers *wanted, uint64_t number)
{
	for (size_t i = 0; i < wanted->cnt; i++)
		if (wanted->v[i] == number)
			return true;
	return !wanted->cnt;
}

static bool has_failed(const struct rec *rec)
{
	if (rec->kind == REC_EXIT)
		return rec__int(rec, "signal", 0) || rec__int(rec, "code", 0);
	return rec->kind == REC_EXEC_FAILED || rec__str(rec, "err") || rec__str(rec, "error");
}

/* Options that choose from all lines, instead of from those of the default. */
static bool chooses(const struct timeline_opts *o)
{
	return o->all || o->kinds || o->paths.cnt || o->failed_only;
}

enum choice timeline_choice__of(const struct timeline_opts *o, const struct rec *rec,
				const struct process *p, const struct roots *r)
{
	if (rec->kind == REC_UNKNOWN || rec->kind >= REC_CNT)
		return CHOICE_NO;
	if (rec->kind == REC_LOST)
		return CHOICE_SHOWN;
	if (!is_wanted(&o->pids, rec->pid) || !is_wanted(&o->procs, rec->proc))
		return CHOICE_NO;
	/* Without it, what is shown of the process would look like all that it did. */
	if (rec->kind == REC_BLIND)
		return CHOICE_SHOWN;
	if ((o->kinds && !(o->kinds & 1u << rec->kind)) || (o->failed_only && !has_failed(rec)) ||
	    (o->paths.cnt && !any_path_matches(rec, r, &o->paths)))
		return CHOICE_NO;
	return chooses(o) || is_default(rec, p, r) ? CHOICE_SHOWN : CHOICE_HIDDEN;
}

static uint64_t mix(uint64_t h, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)bytes[i]) * 0x100000001b3;	/* FNV-1a */
	return h;
}

/* What is asked of one cache entry is one use of it; a miss or a put begins another. */
static struct fold fold_entry(const struct rec *rec, const char *path, uint64_t h,
			      const char *result)
{
	bool failed = rec__str(rec, "err");
	struct fold f = {
		.value = mix(mix(h, failed ? "-" : "+", 1), path, strlen(path)),
		.starts = str_has_suffix(result, "miss") || str_has_suffix(result, "put"),
	};

	/* go looks at all entries, one after the other, when it trims the cache. */
	if (rec->kind == REC_STAT && !failed)
		f.adjacent = mix(h, "stat", 4);
	return f;
}

/*
 * Elsewhere it is the same answer in the same directory; of configuration, which is looked for by
 * name, the same answer about the same file, with nothing in between that may have changed it.
 */
struct fold timeline_choice__fold(const struct timeline_opts *o, const struct rec *rec,
				  const struct roots *r, const char *result)
{
	const char *path = rec__str(rec, "path"), *slash;
	uint64_t h = mix(0xcbf29ce484222325, (const char *)&rec->proc, sizeof(rec->proc));
	char which;

	if (chooses(o) || !path || !kind__is_access(rec->kind) || rec__str(rec, "path2"))
		return (struct fold){};
	if (cache_entry__hash(path, &which))
		return fold_entry(rec, path, h, result);
	h = mix(h, result, strlen(result));
	if (roots__place(r, path) == PLACE_CONFIG)
		return (struct fold){ .adjacent = mix(h, path, strlen(path)) };
	slash = strrchr(path, '/');
	return (struct fold){ .value = mix(h, path, slash ? slash - path : 0) };
}
