/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The build cache in the summary's JSON object: what one go command did with it. */
#include <errno.h>

#include "model/cache/cache.h"
#include "output/summary_json.h"

static void add_hex(struct json *j, const char *key, const uint8_t *bytes, size_t n)
{
	char hex[2 * GOCACHE_ID_SZ + 1];

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	json__kstr(j, key, hex);
}

static void add_use(struct json *j, const struct cache_use *use)
{
	bool is_package = use->kind == CACHE_PACKAGE;

	json__obj(j);
	json__kknown(j, is_package ? "path" : "package", use->package);
	if (!is_package)
		json__kstr(j, "kind", cache_kind__name(use->kind));
	json__kstr(j, "outcome", cache_outcome__name(use->outcome));
	json__kknown(j, "reason", use->reason);
	add_hex(j, "action", use->action, use->action_sz);
	if (use->has_output)
		add_hex(j, "output", use->output, sizeof(use->output));
	if (use->bytes)
		json__kcount(j, "bytes", use->bytes);
	if (use->work_ns >= 0)
		json__kint(j, is_package ? "compile_ns" : "work_ns", use->work_ns);
	if (use->lookups != 1)
		json__kuint(j, "lookups", use->lookups);
	if (use->put)
		json__kbool(j, "put", true);
	if (use->refreshed)
		json__kbool(j, "refreshed", true);
	json__kstr(j, "known", use->proven ? "proven" : "likely");
	json__kint(j, "ts", use->ts);
	json__end(j);
}

static int add_uses(struct json *j, const char *key, const struct model *m,
		    const struct process *go, bool packages)
{
	const struct cache_ref *at = NULL;
	struct cache_use use;
	int err;

	json__key(j, key);
	json__arr(j);
	for (;;) {
		err = model__next_use(m, go, &at, &use);
		if (err)
			return err;
		if (!at)
			break;
		if ((use.kind == CACHE_PACKAGE) == packages)
			add_use(j, &use);
	}
	json__end(j);
	return 0;
}

static void add_lookups(struct json *j, const struct cache_sum *sum)
{
	json__key(j, "lookups");
	json__obj(j);
	json__kcount(j, "all", sum->lookups);
	json__kcount(j, "named", sum->named);
	json__key(j, "kinds");
	json__obj(j);
	for (int k = 0; k < CACHE_KIND_CNT; k++) {
		const uint64_t *n = sum->by_kind[k];

		if (!n[CACHE_BUILT] && !n[CACHE_HIT] && !n[CACHE_MISS] && !n[CACHE_BROKEN])
			continue;
		json__key(j, cache_kind__name(k));
		json__obj(j);
		for (int o = 0; o < CACHE_OUTCOME_CNT; o++)
			if (n[o])
				json__kcount(j, cache_outcome__name(o), n[o]);
		json__end(j);
	}
	json__end(j);
	json__end(j);
}

int summary_json__cache(struct json *j, const struct model *m, const struct process *go)
{
	const uint64_t *packages;
	struct cache_sum sum;
	int err;

	err = model__cache(m, go, &sum);
	if (err)
		return err == -ENOENT ? 0 : err;
	packages = sum.by_kind[CACHE_PACKAGE];
	json__key(j, "cache");
	json__obj(j);
	json__kcount(j, "hit", packages[CACHE_HIT]);
	json__kcount(j, "miss", packages[CACHE_MISS]);
	json__kcount(j, "broken", packages[CACHE_BROKEN]);
	json__kcount(j, "built", packages[CACHE_BUILT]);
	json__kcount(j, "put", sum.put);
	json__kcount(j, "refreshed", sum.refreshed);
	json__kcount(j, "trimmed", sum.trimmed);
	json__kcount(j, "hit_bytes", sum.hit_bytes);
	json__kcount(j, "put_bytes", sum.put_bytes);
	json__kint(j, "lost_ns", sum.lost_ns);
	if (sum.won)
		json__kint(j, "won_ns", sum.won_ns);
	if (sum.cacheprog)
		json__kbool(j, "cacheprog", true);
	add_lookups(j, &sum);
	err = add_uses(j, "packages", m, go, true);
	err = err ?: add_uses(j, "others", m, go, false);
	json__end(j);
	return err;
}
