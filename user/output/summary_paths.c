/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The path accesses of the summary, by kind and by error. */
#include "model/counts.h"
#include "output/page.h"
#include "output/text.h"

#define MAX_ERRORS	6

static int by_count(const void *a, const void *b)
{
	uint64_t x = ((const struct error_count *)a)->count;
	uint64_t y = ((const struct error_count *)b)->count;

	return x > y ? -1 : x < y;
}

int summary__accesses(struct page *p)
{
	const struct counts *c = model__counts(p->m);
	struct error_count errors[COUNTS_MAX_ERRORS];
	__free_str struct str text = {};
	bool first = true;

	page__heading(p, "Path accesses");
	text__count(&text, counts__accesses(c));
	for (int k = REC_OPEN; k <= REC_CHDIR; k++) {
		if (!c->by_kind[k])
			continue;
		str__adds(&text, first ? ": " : ", ");
		first = false;
		str__adds(&text, rec_kind__name(k));
		str__addc(&text, ' ');
		text__count(&text, c->by_kind[k]);
	}
	page__field_str(p, "all", &text);
	text__count(&text, counts__failed_accesses(c));
	memcpy(errors, c->errors, sizeof(errors));
	qsort(errors, c->error_cnt, sizeof(errors[0]), by_count);
	for (size_t i = 0; i < c->error_cnt && i < MAX_ERRORS; i++) {
		str__adds(&text, i ? ", " : ": ");
		text__safes(&text, errors[i].err);
		str__addc(&text, ' ');
		text__count(&text, errors[i].count);
	}
	if (c->error_cnt > MAX_ERRORS)
		str__addf(&text, ", and %zu other errors", c->error_cnt - MAX_ERRORS);
	page__field_str(p, "failed", &text);
	return 0;
}
