/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_PAGE_H
#define GOENVBPF_OUTPUT_PAGE_H
/*
 * A page of text in columns (80, unless a terminal has another number), and the sections that the summary is made of.
 *
 * Strings from a record must have passed text__safe() before they get here.
 */
#include "golang/tools.h"
#include "model/model.h"
#include "output/text.h"

#define PAGE_WIDTH 80		/* of a page that nobody says more of */
#define PAGE_PROBES "version probes"

struct env_view;
struct findings;
struct roots;

struct page {
	const struct model *m;
	struct str *out;
	bool color;
	size_t width;		/* columns; 0: PAGE_WIDTH */
	bool is_first;		/* the first screen: what has nothing to say is not there */
	const struct findings *findings;	/* NULL: to be evaluated by who needs them */
	/* on the page of settings: what is shown of them, and where the command works */
	const struct env_view *view;
	const struct roots *roots;
};

static inline size_t page__width(const struct page *p)
{
	return p->width ?: PAGE_WIDTH;
}

/* What a column that has n of 80 gets of this page: it takes all that is more, or bears what is less. */
static inline size_t page__column(const struct page *p, size_t n)
{
	size_t width = page__width(p), least = n < 16 ? n : 16;

	return n + width < PAGE_WIDTH + least ? least : n + width - PAGE_WIDTH;
}

/* An empty line and a heading. */
void page__heading(struct page *p, const char *text);
/*
 * Appends text and ends the line. It is broken between words where a line would pass the page's
 * width; column is where it starts, indent where its further lines do.
 */
void page__wrap(struct page *p, size_t indent, size_t column, const char *text);
/* Text in one tone, indented, wrapped. */
void page__paragraph(struct page *p, size_t indent, enum tone tone, const char *text);
/* "  and 5 more (--json has all)", of n the first ones were shown; what: "", " switches" */
void page__more(struct page *p, uint64_t n, uint64_t shown, const char *what);
/* "  name        text", wrapped below text */
void page__field(struct page *p, const char *name, const char *text);
/* The same; text is a scratch string that is emptied. */
void page__field_str(struct page *p, const char *name, struct str *text);

/* A role where programs are counted by it. */
const char *page__role(enum tool_role role);

/*
 * A section of the summary appends itself, with its heading, to the page; 0 or -ENOMEM. A new one
 * is a file summary_<topic>.c, a row here and its place in the table of summary.c.
 */
int summary__verdict(struct page *p);		/* summary.c: whether all was seen, and what not */
int summary__commands(struct page *p);		/* summary_commands.c */
int summary__settings(struct page *p);		/* summary_settings.c */
int summary__toolchains(struct page *p);	/* summary_toolchains.c */
int summary__cache(struct page *p);		/* summary_cache.c */
int summary__programs(struct page *p);		/* summary_programs.c */
int summary__accesses(struct page *p);		/* summary_paths.c */
int summary__images(struct page *p);		/* summary_programs.c */
int summary__ladders(struct page *p);		/* summary_ladders.c */
int summary__modules(struct page *p);		/* summary_modules.c */
int summary__tests(struct page *p);		/* summary_tests.c */
int summary__embedded(struct page *p);		/* summary_embedded.c */
int summary__failures(struct page *p);		/* summary_failures.c: which program, and why */
int summary__findings(struct page *p);		/* summary_effects.c */
int summary__outputs(struct page *p);		/* the same, as the following */
int summary__refusals(struct page *p);
int summary__connections(struct page *p);

#endif
