/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why packages were built again, as a page. */
#include "output/diff.h"

#define MAX_PACKAGES 6
#define MAX_CAUSES   20
#define MAX_SETTINGS 20

/* What to do about a kind of cause, where there is something. */
static const char *const remedies[CAUSE_KIND_CNT] = {
	[CAUSE_DIRECTORY] = "build in the same folder, or with -trimpath",
	[CAUSE_VCS] = "-buildvcs=false when nobody reads it; only programs are concerned",
	[CAUSE_TRIMMED] = "restore a cache with its times refreshed, or use it at least every five days",
	[CAUSE_CACHE_ABSENT] = "keep GOCACHE from run to run, in one place",
	[CAUSE_CACHE_REMOVED] = "keep what removes entries away from the cache that builds use",
	[CAUSE_TOOLCHAIN] = "pin the toolchain where both runs take it from",
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_value(struct str *out, const char *value)
{
	if (value && *value)
		text__safes(out, value);
	else
		str__adds(out, "not set");
}

static void add_change(struct str *out, const char *old, const char *new)
{
	add_value(out, old);
	str__adds(out, " -> ");
	add_value(out, new);
}

static void add_head(struct page *p, const struct cause *c)
{
	__free_str struct str time = {};

	text__tone(p->out, p->color, TONE_STRONG, cause_kind__name(c->kind));
	str__addf(p->out, " (%s", confidence__name(c->confidence));
	if (c->confidence != PROVEN && c->proven_cnt) {
		str__adds(p->out, ", proven for ");
		text__count(p->out, c->proven_cnt);
	}
	str__adds(p->out, "): ");
	text__plural(p->out, c->package_cnt, "package", "packages");
	if (c->ns > 0) {
		text__duration(&time, c->ns);
		str__addf(p->out, ", %s", time.s ?: "");
	}
	str__addc(p->out, '\n');
}

static void add_packages(struct page *p, const struct cause *c)
{
	__free_str struct str text = {};
	size_t shown = 1;

	text__safes(&text, c->first);
	for (size_t i = 0; i < c->package_cnt && shown < MAX_PACKAGES; i++) {
		if (c->packages[i] == c->first)
			continue;
		str__adds(&text, shown++ == 1 ? "; because of it " : ", ");
		text__safes(&text, c->packages[i]);
	}
	if (c->package_cnt > shown) {
		str__adds(&text, " and ");
		text__plural(&text, c->package_cnt - shown, "more", "more");
	}
	page__field_str(p, "packages", &text);
}

/* "with GOAMD64=v1 62 packages are in the cache" */
static void add_would_hit(struct page *p, const struct cause *c)
{
	bool is_set = c->kind == CAUSE_FLAG || c->kind == CAUSE_ENVIRONMENT;
	__free_str struct str text = {};

	if (!c->would_hit_cnt)
		return;
	if (!is_set || (!c->old && !c->new)) {	/* the latter: from package to package another one */
		str__adds(&text, "as it was");
	} else {
		str__adds(&text, c->old && *c->old ? "with " : "without ");
		text__safes(&text, c->detail);
		str__adds(&text, c->old && *c->old ? "=" : "");
		text__safes(&text, c->old ?: "");
	}
	str__addc(&text, ' ');
	text__count(&text, c->would_hit_cnt);
	str__adds(&text, " of them would have been found in the cache");
	page__field_str(p, "would hit", &text);
}

static void add_cause(struct page *p, const struct cause *c)
{
	__free_str struct str text = {};

	str__addc(p->out, '\n');
	add_head(p, c);
	text__safes(&text, c->detail ?: "");
	page__field_str(p, c->kind == CAUSE_UNKNOWN ? "would tell" : "what", &text);
	if (c->old || c->new) {
		add_change(&text, c->old, c->new);
		page__field_str(p, "changed", &text);
	}
	if (c->evidence) {
		text__safes(&text, c->evidence);
		page__field_str(p, "evidence", &text);
	}
	add_packages(p, c);
	add_would_hit(p, c);
	if (remedies[c->kind])
		page__field(p, "do", remedies[c->kind]);
}

static void add_causes(struct page *p, const struct causes *c)
{
	size_t n = c->cnt < MAX_CAUSES ? c->cnt : MAX_CAUSES;

	for (size_t i = 0; i < n; i++)
		add_cause(p, &c->list[i]);
	if (c->cnt > n)
		page__more(p, c->cnt, n, " causes");
}

static void add_counts(struct page *p, const char *name, uint64_t made, uint64_t hits, int64_t ns)
{
	__free_str struct str text = {};

	text__plural(&text, made, "package built", "packages built");
	if (ns > 0) {
		str__adds(&text, " in ");
		text__duration(&text, ns);
	}
	str__adds(&text, ", ");
	text__count(&text, hits);
	str__adds(&text, " found in the cache");
	page__field_str(p, name, &text);
}

static void add_settings(struct page *p, const struct causes *c)
{
	size_t n = c->setting_cnt < MAX_SETTINGS ? c->setting_cnt : MAX_SETTINGS;

	if (!n)
		return;
	page__heading(p, "Settings that differ");
	for (size_t i = 0; i < n; i++) {
		const struct setting_change *s = &c->settings[i];
		__free_str struct str text = {}, name = {};

		add_change(&text, s->old, s->new);
		if (s->new_origin || s->old_origin)
			str__addf(&text, " (%s)", s->new_origin ?: s->old_origin);
		text__safes(&name, s->name);
		page__field_str(p, name.s ?: "", &text);
	}
	page__more(p, c->setting_cnt, n, " settings");
}

/* Packages that have a cause; one may have several. */
static uint64_t caused(const struct causes *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->cnt; i++)
		for (size_t k = 0; k < c->list[i].package_cnt; k++) {
			bool is_new = true;

			for (size_t j = 0; j < i && is_new; j++)
				is_new = !bsearch(&c->list[i].packages[k], c->list[j].packages,
						  c->list[j].package_cnt, sizeof(char *), by_name);
			n += is_new;
		}
	return n;
}

static void add_first_line(struct str *out, const struct causes *c, const char *old, const char *new)
{
	uint64_t n = new ? c->made : caused(c);

	text__safes(out, old);
	if (new) {
		str__adds(out, " -> ");
		text__safes(out, new);
	}
	str__adds(out, ": ");
	if (n)
		text__plural(out, n, "package was built", "packages were built");
	else
		str__adds(out, "no package was built");
	str__adds(out, new ? " again\n" : " that the cache could have had\n");
}

int diff__text(const struct diff_answer *d, const char *old, const char *new, bool color, size_t width,
	       struct str *out)
{
	const struct causes *c = d->causes;
	struct page p = { .out = out, .color = color, .width = width };

	add_first_line(out, c, old, new);
	if (new)
		add_counts(&p, "before", c->old_made, c->old_hits, c->old_made_ns);
	add_counts(&p, new ? "now" : "in all", c->made, c->hits, c->made_ns);
	if (!c->has_sources)
		page__field(&p, "missing", "hashes of sources: edits are not known (record both runs without "
					   "--no-hash)");
	add_causes(&p, c);
	add_settings(&p, c);
	if (new)
		diff__add_changes(&p, d->changes);
	return str__err(out);
}

int diff__add_section(struct model *old, struct model *new, bool color, size_t width, struct str *out)
{
	struct page p = { .out = out, .color = color, .width = width };
	__free_causes struct causes *c = NULL;
	int err = causes__find(old, new, NULL, &c);

	if (err || !c->cnt)
		return err;
	page__heading(&p, "Why it was built again");
	add_counts(&p, "before", c->old_made, c->old_hits, c->old_made_ns);
	add_counts(&p, "now", c->made, c->hits, c->made_ns);
	add_causes(&p, c);
	return str__err(out);
}
