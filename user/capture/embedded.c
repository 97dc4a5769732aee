/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The line of what a program embeds. */
#include <errno.h>
#include <stdio.h>

#include "capture/embedded.h"
#include "util/json.h"

#define DEPS_MAX   (4u << 20)	/* of a list of modules in the record: 10,000 take 1 MiB */

static void add_module(struct line *l, struct json *j, const struct go_module *m)
{
	json__obj(j);
	line__member(l, j, "path", m->path);
	line__member(l, j, "version", m->version);
	if (m->sum && m->sum[0])
		line__member(l, j, "sum", m->sum);
	if (m->replace) {
		json__key(j, "replace");
		add_module(l, j, m->replace);
	}
	json__end(j);
}

static void add_modules(struct line *line, struct str *text, const struct buildinfo *b)
{
	struct json j;

	str__cut(text, 0);
	json__init(&j, text);
	if (b->has_main) {
		add_module(line, &j, &b->main);
		line__raw(line, "main", text->s, text->len);
	}
	str__cut(text, 0);
	json__init(&j, text);
	json__arr(&j);
	for (size_t i = 0; i < b->dep_cnt; i++) {
		if (text->len > DEPS_MAX) {
			line__incomplete(line, "deps");
			break;
		}
		add_module(line, &j, &b->deps[i]);
	}
	json__end(&j);
	line__raw(line, "deps", text->s, text->len);
}

static void add_settings(struct line *line, struct str *text, const struct buildinfo *b)
{
	str__cut(text, 0);
	for (size_t i = 0; i < b->setting_cnt; i++) {
		str__adds(text, b->settings[i].key);
		str__addc(text, '=');
		str__add(text, b->settings[i].value, strlen(b->settings[i].value) + 1);
	}
	line__settings(line, text->s ?: "", text->len);
}

static void begin_buildinfo(struct line *line, const struct look_at *at)
{
	line__begin(line, REC_BUILDINFO, at->ts, at->pid, at->tid, at->proc);
	line__bytes(line, "exe", at->name.path, strlen(at->name.path));
	line__device(line, procdir__dev(at->exe.dev));
	line__uint(line, "ino", at->exe.ino);
}

/* NULL: it was read, and is no Go program, or of a kind that cannot be read. */
const char *embedded__why_unread(int err)
{
	switch (err) {
	case -EACCES:
		return "the record's owner may run it, but not read it";
	case -ESTALE:
		return "the program was gone or changed before it could be read";
	case -ETIMEDOUT:
		return "the file system does not answer";
	default:
		return NULL;
	}
}

static void add_error(struct line *line, int err)
{
	line__str(line, "error", embedded__why_unread(err) ?: buildinfo__strerror(err));
	if (embedded__why_unread(err))
		line__incomplete(line, "buildinfo");
}

void embedded__begin(struct line *line, const struct look_at *at, const struct executable *x)
{
	const struct buildinfo *b = x->info;
	__free_str struct str text = {};

	begin_buildinfo(line, at);
	if (b) {
		line__bytes(line, "go", b->go, strlen(b->go));
		if (b->path[0])
			line__bytes(line, "path", b->path, strlen(b->path));
		if (b->has_modinfo) {
			add_modules(line, &text, b);
			add_settings(line, &text, b);
		}
		if (b->build_id)
			line__bytes(line, "build_id", b->build_id, strlen(b->build_id));
		line__str(line, "format", buildinfo_format__name(b->format));
	} else {
		add_error(line, x->err);
	}
	if (at->what == LOOK_OUTPUT)
		line__bool(line, "output", true);
}
