/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Causes of rebuilds, as data. */
#include "answers/diff.h"
#include "answers/objects.h"

OBJECT(setting_change, struct setting_change, "A setting or flag that differs between two go commands that are alike.",
	F_STRING("name",	MUST, name, "GOFLAGS, or -tags for a flag"),
	F_STRING("old",		OR_NULL, old, "its value in the old run; null: not set, or not known"),
	F_STRING("new",		OR_NULL, new, "its value in the new run, likewise"),
	F_STRING("old_origin",	MAY, old_origin, "where that came from"),
	F_STRING("new_origin",	MAY, new_origin, "where that came from"))

PUBLIC_OBJECT(cause, struct cause, "Why packages were built again.",
	F_NAME("kind",		MUST, kind, cause_kind__name, 0, CAUSE_KIND_CNT, "what changed"),
	F_STRING("detail",	MUST, detail, "the file, the variable, the flag; of unknown: what would tell"),
	F_STRING("old",		MAY, old, "what it was"),
	F_STRING("new",		MAY, new, "what it is"),
	F_STRING("first",	MUST, first, "a package whose own input it is"),
	CONFIDENCE(MUST, confidence),
	F_STRINGS("packages",	MUST, packages, package_cnt, "that package and those built because of it"),
	F_DURATION("ns",	MUST, ns, "of all tools that ran for these packages; one may have several causes"))

OBJECT(diff_sum, struct causes, "What became of the packages, old and new.",
	F_COUNT("old_made",	MUST, old_made, "packages that the old run built"),
	F_COUNT("old_hits",	MUST, old_hits, "packages that it found"),
	F_COUNT("made",		MUST, made, "packages that the new run built"),
	F_COUNT("hits",		MUST, hits, "packages that it found"),
	F_DURATION("old_ns",	MUST, old_made_ns, "of all tools that the old run needed for packages"),
	F_DURATION("ns",	MUST, made_ns, "of the new run"))

GET(cause_sum, struct causes, p, o)
GET(no_sources, struct causes, b, !o->has_sources)

PUBLIC_OBJECT(diff, struct causes, "What differs between two runs, what was built again, and why.",
	F_ARRAY("settings",	MUST, settings, setting_cnt, setting_change, "that differ, whether they count or not"),
	F_ARRAY("causes",	MUST, list, cnt, cause, "the costliest first"),
	F_GET_OBJECT("packages", MUST, cause_sum, diff_sum, "how many were built and found"),
	F_GET("no_sources",	FIELD_BOOL, MAY, no_sources, "a record has no hashes of sources, so that edits are not known"))

int diff__json(const struct causes *c, struct str *out)
{
	return answer__json(&(struct answer){}, &diff_object, c, out);
}
