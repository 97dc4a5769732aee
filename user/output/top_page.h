/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_TOP_PAGE_H
#define GOENVBPF_OUTPUT_TOP_PAGE_H
/*
 * What the top view shows, as lines of text: no terminal is needed to make it. All of it is safe to
 * be written to one.
 */
#include "model/now/now.h"
#include "output/text.h"

#define TOP_MIN_ROWS	24
#define TOP_MIN_COLUMNS	80
#define TOP_MAX_ROWS	200
#define TOP_FILTER_SZ	64

/* X(id, in words): "failed go command, longest" */
#define TOP_SORT_LIST(X)		\
	X(NEWEST,	"newest")	\
	X(LONGEST,	"longest")	\
	X(MISSES,	"misses")

#define TOP_SHOWN_LIST(X)		\
	X(ALL,		"")		\
	X(RUNNING,	"running ")	\
	X(FAILED,	"failed ")

#define TOP_MISSED_LIST(X)		\
	X(BOTH,		"miss or failed look-up") \
	X(CACHE,	"miss in the build cache") \
	X(PATHS,	"failed look-up")

#define X(id, name) TOP_SORT_##id,
enum top_sort { TOP_SORT_LIST(X) TOP_SORT_CNT };
#undef X
#define X(id, name) TOP_SHOWN_##id,
enum top_shown { TOP_SHOWN_LIST(X) TOP_SHOWN_CNT };
#undef X
#define X(id, name) TOP_MISSED_##id,
enum top_missed { TOP_MISSED_LIST(X) TOP_MISSED_CNT };
#undef X

struct top_choice {
	enum top_sort sort;
	enum top_shown shown;		/* of the commands */
	enum top_missed missed;
	char filter[TOP_FILTER_SZ];	/* part of what is shown; "": all */
};

struct top_page {
	struct str text[TOP_MAX_ROWS];
	enum tone tone[TOP_MAX_ROWS];
	size_t cnt;
};

/* Makes the page anew in so many rows and columns; its memory is used again. 0 or -ENOMEM. */
int top_page__make(struct top_page *page, const struct now *n, uint64_t boot_ns,
		   const struct top_choice *choice, size_t rows, size_t columns);
void top_page__free(struct top_page *page);

#endif
