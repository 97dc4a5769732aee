/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about caches that jobs restore, save and share. */
#include "model/cache/cache.h"
#include "model/effects/effects.h"
#include "model/modules/modules.h"
#include "model/run.h"
#include "rules/rule.h"

#define MANY_ENTRIES	20
#define MEASURED_LEAST	5	/* packages from whose times those of others are estimated */

/* --- jobs --- */

/* A variable by which a runner tells that it is one; NULL: none. */
static const char *runner_variable(const struct go_command *c)
{
	static const char *const names[] = {
		"GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "TRAVIS", "TEAMCITY_VERSION", "TF_BUILD",
		"JENKINS_HOME", "CI",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = go_command__var(c, names[i]);

		if (value && !str_eq(value, "false") && !str_eq(value, "0"))
			return names[i];
	}
	return NULL;
}

static const char *job_of(const struct model *m, const struct go_command *c)
{
	return run__tag(model__run(m), "job") ? "the record is of a job" : runner_variable(c);
}

/* --- a cache that is not kept --- */

static uint64_t packages_made(const struct cache_sum *sum)
{
	uint64_t n = 0;

	for (unsigned int o = 0; o < CACHE_OUTCOME_CNT; o++)
		n += cache_outcome__is_made(o) ? sum->by_kind[CACHE_PACKAGE][o] : 0;
	return n;
}

static int match_cache_empty(struct matching *x, const struct go_command *c)
{
	const char *job = job_of(x->m, c);
	struct cache_sum sum;
	uint64_t made;

	if (!job || !model__cache(x->m, c->p, &sum) || !sum.created)
		return 0;
	made = packages_made(&sum);
	if (!made || sum.spent_wall_ns <= 0)
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, c->roots.dir[ROOT_GOCACHE] ?: "GOCACHE",
					 rule__at(c->p->start) },
		     "was made by this command, and %llu package%s compiled into it, in %.1f s (%s)",
		     (unsigned long long)made, made == 1 ? " was" : "s were", sum.spent_wall_ns / 1e9, job);
}

/* When the host was started, ns since the epoch; 0: not known. */
static int64_t host_start(const struct run *r)
{
	int64_t epoch = run__epoch(r);

	return epoch && r->boot_ns ? epoch - r->boot_ns : 0;
}

static int match_trimmed_after_restore(struct matching *x, const struct go_command *c)
{
	struct cache_sum sum;

	if (!model__cache(x->m, c->p, &sum) || sum.trimmed < MANY_ENTRIES || sum.aged < MANY_ENTRIES ||
	    sum.aged_at < host_start(model__run(x->m)))
		return 0;
	return found(x, &(struct found){ PROVEN, c->proc, c->roots.dir[ROOT_GOCACHE] ?: "GOCACHE",
					 rule__at(c->p->start) },
		     "%llu entries were removed for their age, and at least %llu had their age put back when "
		     "they were restored", (unsigned long long)sum.trimmed, (unsigned long long)sum.aged);
}

/* --- is it worth it? --- */

/* What packages of the cache took where they were made, as far as the record knows or tells. */
struct worth {
	int64_t saved, measured_ns;
	uint64_t hits, unknown, measured;
};

static void add_worth(const struct model *m, const char *dir, struct worth *w)
{
	for (const struct go_command *c = model__next_command(m, NULL); c; c = model__next_command(m, c)) {
		const struct cache_ref *at = NULL;
		struct cache_use u;
		struct cache_sum sum;

		if (!str_eq(c->roots.dir[ROOT_GOCACHE] ?: "", dir) || !model__cache(m, c->p, &sum))
			continue;
		w->hits += sum.by_kind[CACHE_PACKAGE][CACHE_HIT];
		w->unknown += sum.by_kind[CACHE_PACKAGE][CACHE_HIT] - sum.saved;
		w->saved += sum.saved_ns;
		while ((at = model__next_use(m, c->p, at, &u)))
			if (u.kind == CACHE_PACKAGE && u.work_ns >= 0) {
				w->measured++;
				w->measured_ns += u.work_ns;
			}
	}
}

/* All that restored or saved this cache, and how long it took. */
static int64_t copying(const struct model *m, const char *dir, struct proof *proof)
{
	int64_t ns = 0;

	for (const struct cache_copy *k = model__next_copy(m, NULL); k; k = model__next_copy(m, k)) {
		const struct process *p = str_eq(k->dir, dir) ? model__process(m, k->proc) : NULL;

		if (!p || k->written + k->read < MANY_ENTRIES || process__duration(p) < 0)
			continue;
		ns += process__duration(p);
		proof__add(proof, k->ts);
	}
	return ns;
}

static int match_not_worth(struct matching *x, const struct go_command *c)
{
	const char *dir = c->roots.dir[ROOT_GOCACHE], *job = job_of(x->m, c);
	struct proof proof = {};
	int64_t took = job && dir ? copying(x->m, dir, &proof) : 0;
	struct worth w = {};

	if (!took)
		return 0;
	add_worth(x->m, dir, &w);
	if (w.unknown && w.measured < MEASURED_LEAST)
		return not_asked(x, "what the packages of the cache took where they were made");
	if (w.unknown)
		w.saved += w.measured_ns / (int64_t)w.measured * (int64_t)w.unknown;
	if (took <= w.saved)
		return 0;
	return found(x, &(struct found){ w.unknown ? LIKELY : PROVEN, 0, dir, proof },
		     "restoring and saving took %.1f s, and %llu hits saved %s%.1f s of compile time (%s)",
		     took / 1e9, (unsigned long long)w.hits, w.unknown ? "about " : "", w.saved / 1e9, job);
}

/* --- shared --- */

static bool are_at_once(const struct process *a, const struct process *b)
{
	return a->start >= 0 && b->start >= 0 && (a->finish < 0 || a->finish > b->start) &&
	       (b->finish < 0 || b->finish > a->start);
}

static bool writes_cache(const struct model *m, const struct go_command *c)
{
	struct cache_sum sum;

	return model__cache(m, c->p, &sum) && sum.put;
}

static bool writes_modules(const struct model *m, const struct go_command *c)
{
	for (const struct module_set *s = model__next_module_set(m, NULL); s; s = model__next_module_set(m, s))
		for (const struct module_use *u = s->c == c ? module_set__next(s, NULL) : NULL; u;
		     u = module_set__next(s, u))
			if (u->downloads)
				return true;
	return false;
}

/* The folder that both put programs into by install; NULL: none. */
static const struct output *shared_bin(const struct model *m, const struct go_command *a,
				       const struct go_command *b)
{
	if (!rule__verb_is(a, "install") || !rule__verb_is(b, "install"))
		return NULL;
	for (const struct output *o = model__next_output(m, NULL); o; o = model__next_output(m, o))
		for (const struct output *k = o->go == a->proc ? model__next_output(m, NULL) : NULL; k;
		     k = model__next_output(m, k))
			if (k->go == b->proc && path__dir_len(k->path) == path__dir_len(o->path) &&
			    !strncmp(k->path, o->path, path__dir_len(o->path)))
				return o;
	return NULL;
}

static const char *shared_dir(const struct go_command *a, const struct go_command *b, enum root root)
{
	return a->roots.dir[root] && str_eq(a->roots.dir[root], b->roots.dir[root] ?: "") ? a->roots.dir[root] : NULL;
}

static int compare_jobs(struct matching *x, const struct go_command *a, const struct go_command *b)
{
	const char *dir = shared_dir(a, b, ROOT_GOCACHE);
	const struct output *o = shared_bin(x->m, a, b);
	struct proof proof = rule__at(a->p->start);
	__free_str struct str bin = {};

	proof__add(&proof, b->p->start);
	if (!dir || !writes_cache(x->m, a) || !writes_cache(x->m, b))
		dir = NULL;
	if (o)
		str__add(&bin, o->path, path__dir_len(o->path));
	dir = dir ?: bin.s;
	if (!dir && shared_dir(a, b, ROOT_GOMODCACHE) && writes_modules(x->m, a) && writes_modules(x->m, b))
		dir = a->roots.dir[ROOT_GOMODCACHE];
	if (!dir)
		return 0;
	return found(x, &(struct found){ PROVEN, b->proc, dir, proof },
		     "was written by two jobs at the same time: %s and %s", a->cgroup, b->cgroup);
}

static int match_shared_by_jobs(struct matching *x)
{
	int err = 0;

	for (const struct go_command *a = model__next_command(x->m, NULL); a; a = model__next_command(x->m, a))
		for (const struct go_command *b = model__next_command(x->m, a); b && !err;
		     b = model__next_command(x->m, b)) {
			if (a->p->finish >= 0 && b->p->start > a->p->finish)
				break;	/* they come in the order of their start */
			if (a->cgroup && b->cgroup && a->settings && b->settings &&
			    !str_eq(a->cgroup, b->cgroup) && are_at_once(a->p, b->p))
				err = compare_jobs(x, a, b);
		}
	return err;
}

static int match_foreign(struct matching *x, const struct go_command *c)
{
	struct cache_sum sum;

	if (!model__cache(x->m, c->p, &sum) || !sum.foreign)
		return 0;
	return found(x, &(struct found){ LIKELY, c->proc, c->roots.dir[ROOT_GOCACHE] ?: "GOCACHE", sum.foreign_proof },
		     "%llu package%s taken from it that nobody in the record had put there, meanwhile%s%s",
		     (unsigned long long)sum.foreign, sum.foreign == 1 ? " was" : "s were",
		     sum.foreign_package ? ": " : "", sum.foreign_package ?: "");
}

#define USES (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_jobs[] = {
	{ "cache-empty-at-start", SEVERITY_WARNING, USES | EVIDENCE_ENVIRONMENT, NULL,
	  "A job began with an empty build cache",
	  "Everything is compiled again in each job: nothing of the cache is kept between them.",
	  "keep GOCACHE between jobs: the runner's cache action, or a folder of the runner",
	  .match_command = match_cache_empty },
	{ "cache-trimmed-after-restore", SEVERITY_WARNING, USES, NULL,
	  "go removed entries of a cache that had just been restored",
	  "Archives keep old times, and once a day go removes what seems not to have been used for five days: "
	  "the job restores what it then throws away.",
	  "restore without times (tar -m, cp without -p), or touch the files; keep trim.txt in the cache",
	  .match_command = match_trimmed_after_restore },
	{ "cache-shared-by-jobs", SEVERITY_WARNING, USES, NULL,
	  "Two jobs wrote one cache at the same time",
	  "What one of them trims, cleans or installs changes what the other one does.",
	  "give each job a GOCACHE, GOBIN and GOMODCACHE of its own, or run them one after the other",
	  .match = match_shared_by_jobs },
	{ "cache-foreign-entries", SEVERITY_WARNING, USES | EVIDENCE_ABSENCE, NULL,
	  "Cache entries were used that somebody else had just written",
	  "What is in a cache is believed: who can write it decides what is built.",
	  "let nobody else write the GOCACHE of this build; watch shows who does",
	  .match_command = match_foreign },
	{ "cache-not-worth-it", SEVERITY_WARNING, USES | EVIDENCE_ENVIRONMENT, NULL,
	  "Restoring and saving the cache took longer than it saved",
	  "The job would be faster without.",
	  "keep less (go clean -cache from time to time, one key for each Go version), or do not keep it",
	  .match_command = match_not_worth },
	{}
};
