/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Look-up ladders as data: what was looked for, in which places, and where it was. */
#include "answers/objects.h"
#include "model/search/search.h"

OBJECT(try, struct candidate, "One place where something was looked for.",
	F_STRING("path",	MUST, path, "where it was looked for"),
	F_NAME("result",	MUST, result, candidate_result__name, 0, CANDIDATE_USED + 1, "what was there"),
	F_STRING("err",		MAY, err, "the error"),
	F_STRING("target",	MAY, target, "where the symbolic link there leads"),
	F_TIME("ts",		MUST, ts, "the event that says so"))

OBJECT(tried, struct ladder, NULL,
	F_NAME("purpose",	MUST, purpose, ladder_purpose__name, 0, LADDER_CNT, "what for"),
	F_STRING("key",		MUST, key, "the name that was looked for"),
	F_ID("proc",		MUST, proc, "who looked first"),
	F_COUNT("processes",	MUST, processes, "how many looked in this way"),
	F_STRING("exe",		MAY, exe, "their executable"),
	F_STRING("cwd",		MAY, cwd, "where they worked"),
	F_ARRAY("tries",	MUST, candidates, cnt, try, "the places, in order"),
	F_COUNT("omitted",	MUST, omitted, "further places"))

/* --- with what came of it --- */

struct judged_ladder {
	const struct ladder *l;
	struct ladder_verdict v;
};

static const void *open_ladder(struct answer *a, const void *item)
{
	struct judged_ladder *j = answer__own(a, calloc(1, sizeof(*j)), free);

	if (!j)
		return NULL;
	j->l = item;
	ladder__judge(a->m, j->l, &j->v);
	return j;
}

/* The places beside the one that won where it was, too. Each place stands once in a ladder. */
static const void *next_shadowed(struct answer *a, const void *data, const void *item)
{
	const struct judged_ladder *j = data;
	unsigned int i = 0;

	for (; item && i < j->l->cnt && j->l->candidates[i].path != item; i++)
		;
	for (i += item != NULL; i < j->l->cnt; i++)
		if (j->l->candidates[i].result >= CANDIDATE_FOUND && &j->l->candidates[i] != j->v.won)
			return j->l->candidates[i].path;
	return NULL;
}

GET(won, struct judged_ladder, s, o->v.won ? o->v.won->path : NULL)

OPENED_OBJECT(ladder, struct judged_ladder, open_ladder, "A process looked for one thing in several places.",
	F_INLINE_POINTER(l, tried),
	F_GET("won",		FIELD_STRING, OR_NULL, won, "the place that counted; null: none"),
	F_STRING_LIST("shadowed", MUST, next_shadowed, "other places where it was"),
	F_NAME("surprise",	MUST, v.surprise, surprise__name, 0, SURPRISE_CNT, "what a person may not expect"),
	CONFIDENCE(MUST, v.confidence))

NEXT(next_ladder, void, model__next_ladder(a->m, item))
GET(omitted, void, u, model__ladders_left_out(a->m))

PUBLIC_OBJECT(search_part, void, NULL,
	F_LIST("ladders",	MUST, next_ladder, ladder, "what was looked for in several places"),
	F_GET("ladders_omitted", FIELD_COUNT, MUST, omitted, "further ones"))
