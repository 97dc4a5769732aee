/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What one go command did with the build cache, as data. */
#include "answers/objects.h"
#include "model/cache/cache.h"

struct use_walk {
	const struct cache_ref *at;
	struct cache_use use;
};

struct cache_answer {
	const struct process *go;
	struct cache_sum sum;
	struct use_walk *walk;	/* the use that is shown */
};

const void *cache__of(struct answer *a, const struct process *go)
{
	struct cache_answer *c = answer__own(a, calloc(1, sizeof(*c)), free);

	if (!c || !model__cache(a->m, go, &c->sum))
		return NULL;
	c->go = go;
	c->walk = answer__own(a, calloc(1, sizeof(*c->walk)), free);
	return c->walk ? c : NULL;
}

/* --- what was used --- */

static const void *next_use(struct answer *a, const struct cache_answer *c, const void *item, bool packages)
{
	struct use_walk *w = c->walk;

	if (!item)
		w->at = NULL;
	do {
		w->at = model__next_use(a->m, c->go, w->at, &w->use);
	} while (w->at && (w->use.kind == CACHE_PACKAGE) != packages);
	return w->at ? &w->use : NULL;
}

NEXT(next_package, struct cache_answer, next_use(a, o, item, true))
NEXT(next_other, struct cache_answer, next_use(a, o, item, false))

static struct value output(struct answer *a, const void *data)
{
	const struct cache_use *use = data;

	return (struct value){ .p = use->output, .n = use->has_output ? sizeof(use->output) : 0 };
}

GET(confidence, struct cache_use, u, o->confidence == PROVEN ? PROVEN : LIKELY)

OBJECT(use_common, struct cache_use, NULL,
	F_NAME("outcome",	MUST, outcome, cache_outcome__name, 0, CACHE_OUTCOME_CNT, "what came of it"),
	F_STRING("reason",	MAY, reason, "of what was not a hit"),
	F_STRING("file",	MAY, file, "that was used instead of the cache"),
	F_HEX("action",		MAY, action, action_sz, "the entry's key, or the part of it that is known"),
	F_GET("output",		FIELD_HEX, MAY, output, "hash of what is in the entry"),
	F_SIZE("bytes",		MAY, bytes, "size of the output"),
	F_COUNT("lookups",	MUST, lookups, "how often it was looked up"),
	F_BOOL("put",		MAY, put, "it was written"),
	F_BOOL("refreshed",	MAY, refreshed, "its time was set anew"),
	F_DURATION("wall_ns",	MAY, wall_ns, "the time in which a tool ran for it"),
	F_COUNT("tools",	MAY, tools, "tools that ran for it"),
	F_ID("tool",		MAY, tool, "proc of the compiler, linker, vet or test that ran"),
	F_ID("also_made_by",	MAY, also, "proc of another go command that made the same at that time"),
	F_ID("removed_by",	MAY, removed_by, "proc that removed the entry while the command went on"),
	CONFIDENCE_OF(MUST, confidence),
	F_TIME("ts",		MUST, ts, "the first event"))

GET(use, struct cache_use, p, o)

OBJECT(package, struct cache_use, "A package that the command asked the cache for.",
	F_STRING("path",	MAY, package, "the package"),
	F_DURATION("compile_ns", MAY, work_ns, "sum of the times of all tools that go ran for it"),
	F_GET_INLINE(MUST, use, use_common))

OBJECT(cache_use, struct cache_use, "Something else that the command asked the cache for.",
	F_STRING("package",	MAY, package, "the package that it is about"),
	F_NAME("kind",		MUST, kind, cache_kind__name, 0, CACHE_KIND_CNT, "what it is"),
	F_DURATION("work_ns",	MAY, work_ns, "what making it took"),
	F_GET_INLINE(MUST, use, use_common))

/* --- in all --- */

static const void *next_kind(struct answer *a, const void *data, const void *item)
{
	const uint64_t (*rows)[CACHE_OUTCOME_CNT] = ((const struct cache_answer *)data)->sum.by_kind;
	const uint64_t (*row)[CACHE_OUTCOME_CNT] = item;

	for (row = row ? row + 1 : rows; row < rows + CACHE_KIND_CNT; row++)
		for (int i = 0; i < CACHE_OUTCOME_CNT; i++)
			if ((*row)[i])
				return row;
	return NULL;
}

static struct value kind_name(struct answer *a, const void *data)
{
	const struct cache_answer *c = a->of;
	const uint64_t (*row)[CACHE_OUTCOME_CNT] = data;

	return (struct value){ .s = cache_kind__name(row - c->sum.by_kind) };
}

GET(outcomes, void, p, o)

OBJECT(kind, void, NULL,
	F_GET("kind",		FIELD_STRING, MUST, kind_name, "what is looked up"),
	F_GET_TABLE("outcomes",	MUST, outcomes, FIELD_COUNT, cache_outcome__name, 0, CACHE_OUTCOME_CNT, "by outcome"))

OBJECT(cache_removal, struct cache_removal, "Entries removed by somebody else while they were in use.",
	F_ID("by",		MAY, by, "proc of who removed them"),
	F_COUNT("entries",	MUST, entries, "entries that the command had found or written"),
	F_COUNT("tools",	MUST, tools, "tools that did not find what they were told to read"),
	F_COUNT("failed",	MUST, failed, "of these, that failed"),
	SURE,
	PROOF_IN(MUST, proof))

OBJECT(lookups, struct cache_answer, "Look-ups in the build cache.",
	F_COUNT("all",		MUST, sum.lookups, "entries that were opened to see whether they are there"),
	F_COUNT("named",	MUST, sum.named, "those that say their package, or need none"),
	F_MAP("kinds",		MUST, next_kind, kind, "by kind and outcome"))

GET(unwritten, struct cache_answer, p, o->sum.unwritten.cnt ? o : NULL)
GET(unwritten_is_sure, struct cache_answer, u, o->sum.unwritten.err ? PROVEN : LIKELY)
NEXT(next_removal, struct cache_answer, model__next_removal(a->m, o->go, item))

OBJECT(unwritten, struct cache_answer, "What could not be put into the cache.",
	F_COUNT("count",	MUST, sum.unwritten.cnt, "entries"),
	F_STRING("err",		MAY, sum.unwritten.err, "of the first one; absent: it was opened, and not finished"),
	CONFIDENCE_OF(MUST, unwritten_is_sure),
	PROOF_IN(MUST, sum.unwritten.proof))

GET(saved, struct cache_answer, i, o->sum.saved ? o->sum.saved_ns : -1)
GET(lookups, struct cache_answer, p, o)

PUBLIC_OBJECT(cache, struct cache_answer, "What a go command did with the build cache.",
	F_COUNT("hit",		MUST, sum.by_kind[CACHE_PACKAGE][CACHE_HIT], "packages that were there"),
	F_COUNT("miss",		MUST, sum.by_kind[CACHE_PACKAGE][CACHE_MISS], "packages that were not"),
	F_COUNT("broken",	MUST, sum.by_kind[CACHE_PACKAGE][CACHE_BROKEN], "packages whose entry is of no use"),
	F_COUNT("built",	MUST, sum.by_kind[CACHE_PACKAGE][CACHE_BUILT], "packages that were made without asking"),
	F_COUNT("asked",	MUST, sum.by_kind[CACHE_PACKAGE][CACHE_ASKED], "packages that GOCACHEPROG's program was asked for"),
	F_COUNT("unseen",	MUST, sum.by_kind[CACHE_PACKAGE][CACHE_UNSEEN], "packages made whose look-up is not in the record"),
	F_COUNT("goroot",	MUST, sum.by_kind[CACHE_PACKAGE][CACHE_GOROOT], "packages precompiled in GOROOT/pkg"),
	F_COUNT("up_to_date",	MUST, sum.by_kind[CACHE_PACKAGE][CACHE_UP_TO_DATE], "packages whose file needed no work"),
	F_COUNT("put",		MUST, sum.put, "entries written"),
	F_COUNT("refreshed",	MUST, sum.refreshed, "entries whose time was set anew"),
	F_COUNT("trimmed",	MUST, sum.trimmed, "files removed"),
	F_SIZE("hit_bytes",	MUST, sum.hit_bytes, "size of the packages that were there"),
	F_COUNT("hits_of_unknown_size", MUST, sum.unsized, "packages that were there and whose size is not known"),
	F_SIZE("put_bytes",	MUST, sum.put_bytes, "size of what was written"),
	F_DURATION("spent_ns",	MUST, sum.spent_ns, "sum of the times of all tools that made packages"),
	F_DURATION("spent_wall_ns", MUST, sum.spent_wall_ns, "the time in which one of them ran"),
	F_COUNT("made_twice",	MUST, sum.also, "packages that another command made at that time, too"),
	F_DURATION("made_twice_ns", MUST, sum.also_ns, "what this one spent on them"),
	F_GET_OBJECT("unwritten", MAY, unwritten, unwritten, "entries that could not be written"),
	F_LIST("removed",	MUST, next_removal, cache_removal, "entries removed by others meanwhile"),
	F_GET("saved_ns",	FIELD_DURATION, MAY, saved, "compile time saved: what hits took elsewhere in this record"),
	F_BOOL("cacheprog",	MAY, sum.cacheprog, "a program is asked over a pipe, unseen"),
	F_GET_OBJECT("lookups",	MUST, lookups, lookups, "look-ups of any kind"),
	F_LIST("packages",	MUST, next_package, package, "by package"),
	F_LIST("others",	MUST, next_other, cache_use, "what are not packages"))
