/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is going on now, in words. */
#include "output/status.h"

void status__elapsed(struct str *out, int64_t ns)
{
	long long s = ns > 0 ? ns / 1000000000 : 0;

	if (s >= 3600)
		str__addf(out, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else
		str__addf(out, "%lld:%02lld", s / 60, s % 60);
}

static void add_if(struct str *out, uint64_t n, const char *what)
{
	if (!n)
		return;
	str__adds(out, ", ");
	text__count(out, n);
	str__adds(out, what);
}

void status__commands(struct str *out, const struct now_counts *c)
{
	text__plural(out, c->commands, "go command", "go commands");
	add_if(out, c->running, " running");
	add_if(out, c->failed, " failed");
}

void status__cache(struct str *out, const struct now_counts *c)
{
	text__plural(out, c->hits, "hit", "hits");
	str__adds(out, ", ");
	text__plural(out, c->misses, "miss", "misses");
}

void status__lost(struct str *out, const struct now_counts *c)
{
	if (c->lost)
		text__plural(out, c->lost, "event lost", "events lost");
	else
		str__adds(out, "nothing lost");
	add_if(out, c->skipped, " lines not shown");
}

/* A character that takes two columns, or none, would break a line that has to be erased again. */
static void add_ascii(struct str *out, const char *s)
{
	for (; *s; s++)
		if ((*s & 0xc0) != 0x80)
			str__addc(out, *s >= ' ' && *s < 0x7f ? *s : '?');
}

static void add_compiling(const struct now *n, struct str *out)
{
	const struct process *p;
	const char *before = "compiling ";

	for (p = now__next_tool(n, NULL); p; p = now__next_tool(n, p)) {
		if (p->role != TOOL_COMPILE)
			continue;
		str__adds(out, before);
		add_ascii(out, p->subject ?: "?");
		before = ", ";
	}
}

void status__line(const struct now *n, uint64_t boot_ns, size_t width, struct str *out)
{
	static const char gap[] = " | ";
	size_t from = out->len;
	struct now_counts c;

	now__counts(n, &c);
	status__elapsed(out, now__time(n, boot_ns));
	str__adds(out, gap);
	status__commands(out, &c);
	str__adds(out, gap);
	status__cache(out, &c);
	str__adds(out, gap);
	status__lost(out, &c);
	if (c.compiling) {
		str__adds(out, gap);
		add_compiling(n, out);
	}
	if (out->len - from > width)
		str__cut(out, from + width);
}
