/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The toolchains of the summary: which tools ran, from where, and why another go took over. */
#include "answers/toolchains.h"
#include "model/commands.h"
#include "model/toolchain/toolchain.h"
#include "output/page.h"
#include "output/text.h"

#define MAX_TOOLS	24
#define MAX_SWITCHES	10
#define PATH_WIDTH	43

static void add_tool(struct page *p, const struct image *i)
{
	const char *role = tool_role__name(image__role(i));
	__free_str struct str path = {}, runs = {};
	size_t from;

	text__safes(&path, i->exe);
	text__count(&runs, i->runs);
	str__addf(p->out, "  %-17s ", role);
	from = p->out->len;
	text__fit(p->out, path.s ?: "", page__column(p, PATH_WIDTH));
	text__pad(p->out, from, page__column(p, PATH_WIDTH));
	str__addc(p->out, ' ');
	from = p->out->len;
	text__safes(p->out, image__version(i) ?: "-");
	text__pad(p->out, from, 10);
	str__addf(p->out, " %4s\n", runs.s ?: "");
}

/* A compiler that nothing was compiled with, only asked about itself. */
static void add_likely(struct page *p, const struct image *i)
{
	__free_str struct str text = {};

	text__safes(&text, i->exe);
	str__adds(&text, " was not seen to compile; its version is that of the folder that it looked into, at ");
	str__addf(&text, "%.3f s", i->cc.ts / 1e9);
	page__field_str(p, "likely", &text);
}

static void add_reason(struct str *text, const struct toolchain_pick *p)
{
	if (!p) {
		str__adds(text, "; why is not in this record");
		return;
	}
	str__adds(text, p->is_by_name ? " because of GOTOOLCHAIN=" : " because of \"");
	text__safes(text, p->text ?: "");
	str__adds(text, p->is_by_name ? " in " : "\" in ");
	if (p->by.path) {
		text__safes(text, p->by.path);
		str__addf(text, ":%u", p->by.line);
	} else {
		str__adds(text, p->by.source == SOURCE_ENVIRONMENT ? "the environment" : source__name(p->by.source));
	}
	if (p->confidence != PROVEN)
		str__adds(text, " (likely)");
}

static void add_switch(struct page *p, const struct toolchain_switch *s)
{
	const struct process *from = model__process(p->m, s->from);
	const struct process *to = model__process(p->m, s->to);
	__free_str struct str text = {};

	str__addf(&text, "pid %u: ", to ? to->pid : from ? from->pid : 0);
	text__safes(&text, from && from->exe ? from->exe : "go");
	str__adds(&text, s->failure ? " should have handed over to " : " handed over to ");
	if (!s->failure)
		text__safes(&text, to && to->exe ? to->exe : "another go");
	if (s->version) {
		str__adds(&text, s->failure ? "" : " (");
		text__safes(&text, s->version);
		str__adds(&text, s->failure ? "" : ")");
	} else if (s->failure) {
		str__adds(&text, "a newer Go");
	}
	add_reason(&text, s->pick);
	if (s->failure)
		str__addf(&text, "; %s", s->failure);
	page__field_str(p, "switch", &text);
}

static void add_switches(struct page *p)
{
	const struct toolchain_switch *s;
	size_t n = 0;

	for (s = model__next_switch(p->m, NULL); s; s = model__next_switch(p->m, s))
		if (n++ < MAX_SWITCHES)
			add_switch(p, s);
	page__more(p, n, MAX_SWITCHES, " switches");
}

static void add_downloads(struct page *p)
{
	const struct toolchain_download *d;
	__free_str struct str text = {};

	for (d = model__next_download(p->m, NULL); d; d = model__next_download(p->m, d)) {
		text__safes(&text, d->version);
		str__adds(&text, d->is_done ? " was downloaded: " : " was asked for and did not come whole: ");
		text__plural(&text, d->writes, "file or folder", "files and folders");
		str__adds(&text, " written in the module cache");
		page__field_str(p, "download", &text);
	}
}

/* A go command whose tools are of another version than itself. */
static void add_mixed(struct page *p)
{
	const struct go_command *c;
	__free_str struct str text = {};
	const char *const *versions;
	size_t cnt;

	for (c = model__next_command(p->m, NULL); c; c = model__next_command(p->m, c)) {
		cnt = model__go_versions(p->m, c->p, &versions);
		if (cnt < 2)
			continue;
		str__addf(&text, "pid %u ran tools of several versions: ", c->p->pid);
		for (size_t k = 0; k < cnt; k++) {
			str__adds(&text, k ? ", " : "");
			text__safes(&text, versions[k]);
		}
		page__field_str(p, "mixed", &text);
	}
}

int summary__toolchains(struct page *p)
{
	const struct image *i;
	size_t n = 0;

	for (i = toolchains__next(p->m, NULL); i; i = toolchains__next(p->m, i)) {
		if (!n)
			page__heading(p, "Toolchains");
		if (!n)
			str__addf(p->out, "  %-17s %-*s %-10s %4s\n", "", (int)page__column(p, PATH_WIDTH), "", "version", "runs");
		if (n++ < MAX_TOOLS)
			add_tool(p, i);
	}
	page__more(p, n, MAX_TOOLS, "");
	n = 0;
	for (i = toolchains__next(p->m, NULL); i && n++ < MAX_TOOLS; i = toolchains__next(p->m, i))
		if (i->cc.version && i->cc.confidence == LIKELY)
			add_likely(p, i);
	add_switches(p);
	add_downloads(p);
	add_mixed(p);
	return 0;
}
