/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first and the last line of a record. */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "capture/frame.h"
#include "capture/host.h"
#include "capture/needs.h"
#include "record/facts.h"
#include "util/clock.h"

static void add_start(struct line *l, uint64_t boot_ns)
{
	uint64_t wall = clock__ns(CLOCK_REALTIME) - (clock__boot_ns() - boot_ns);
	char text[RFC3339_SZ];

	rfc3339__utc(wall, text);
	line__str(l, "start", text);
	line__uint(l, "boot_ns", boot_ns);
}

static void add_host(struct line *l, struct str *text)
{
	struct utsname u;
	struct json j;

	if (uname(&u))
		return;
	str__cut(text, 0);
	json__init(&j, text);
	json__obj(&j);
	json__kstr(&j, "name", u.nodename);
	json__kstr(&j, "kernel", u.release);
	json__kstr(&j, "arch", u.machine);
	json__kint(&j, "cpus", sysconf(_SC_NPROCESSORS_ONLN));
	json__end(&j);
	line__raw(l, "host", text->s, text->len);
}

static void add_tags(struct line *l, const struct capture_opts *opts, struct str *text)
{
	size_t i;

	if (!opts->tag_cnt)
		return;
	str__cut(text, 0);
	for (i = 0; i < opts->tag_cnt; i++) {
		str__addf(text, "%s=%s", opts->tags[i].key, opts->tags[i].value);
		str__addc(text, '\0');
	}
	line__tags(l, text->s, text->len);
}

static void add_hooks(const struct frame *f, struct line *l, struct str *text)
{
	static const char *const states[] = {
		[HOOK_OFF] = "off", [HOOK_ON] = "on", [HOOK_FAILED] = "failed",
	};
	struct json j;
	int i;

	str__cut(text, 0);
	json__init(&j, text);
	json__obj(&j);
	json__kstr(&j, "tier", hooks__tier_name(f->hooks));
	json__kstr(&j, "states", hooks__uses_hash(f->hooks) ? "hash" : "task");
	for (i = 0; i < HOOK_CNT; i++) {
		struct hook_info info = hooks__info(f->hooks, i);

		json__kstr(&j, info.name, states[info.state]);
	}
	json__kstr(&j, "fanotify", f->has_descriptors ? "on" : "failed");
	json__end(&j);
	line__raw(l, "hooks", text->s, text->len);
}

static void add_limits(const struct frame *f, struct line *l, struct str *text)
{
	struct json j;

	str__cut(text, 0);
	json__init(&j, text);
	json__obj(&j);
	json__kuint(&j, "ring", hooks__ring_size(f->hooks));
	json__kuint(&j, "path", EV_PATH_MAX);
	json__kuint(&j, "directory", EV_WALK_MAX);
	json__kuint(&j, "failed_exec_args", EV_ARGS_MAX);
	json__end(&j);
	line__raw(l, "limits", text->s, text->len);
}

static void add_missing(const struct frame *f, struct line *l, struct str *text)
{
	struct need_missing m;
	unsigned int i = 0;
	struct json j;

	if (!needs__next_missing(&i, f->opts->adopt, &m))
		return;
	str__cut(text, 0);
	json__init(&j, text);
	json__arr(&j);
	do {
		json__obj(&j);
		json__kstr(&j, "name", m.name);
		json__kstr(&j, "without", m.without);
		json__end(&j);
	} while (needs__next_missing(&i, f->opts->adopt, &m));
	json__end(&j);
	line__raw(l, "missing", text->s, text->len);
}

static int put(const struct frame *f, struct line *l)
{
	int err = line__end(l);

	if (!err)
		record__put(f->opts->record, l);
	return err;
}

int frame__put_header(const struct frame *f)
{
	__free_line struct line line = {};
	__free_str struct str text = {};
	struct line *l = &line;

	line__begin_plain(l, REC_HEADER);
	line__str(l, "schema", "goenvbpf/1");
	line__str(l, "version", GOENVBPF_VERSION);
	add_start(l, f->boot_ns);
	add_host(l, &text);
	line__str(l, "mode", f->opts->mode);
	if (f->opts->command)
		line__argv(l, "command", f->opts->command);
	add_tags(l, f->opts, &text);
	add_hooks(f, l, &text);
	add_limits(f, l, &text);
	add_missing(f, l, &text);
	if (f->opts->net)
		line__bool(l, "net", true);
	if (f->opts->no_hash)
		line__bool(l, "no_hash", true);
	if (host__pid_ns())
		line__uint(l, "pid_ns", host__pid_ns());
	return str__err(&text) ?: put(f, l);
}

#define MAX_ALIVE 100	/* named in the end line */

static void add_alive(struct decoder *d, struct line *l, uint64_t cnt, struct str *text)
{
	struct alive a = {};
	struct json j;

	str__cut(text, 0);
	json__init(&j, text);
	json__arr(&j);
	for (int i = 0; i < MAX_ALIVE && decoder__next_alive(d, &a); i++) {
		json__obj(&j);
		json__kuint(&j, "proc", a.proc);
		json__kuint(&j, "pid", a.pid);
		json__end(&j);
	}
	json__end(&j);
	line__raw(l, "alive", text->s, text->len);
	if (cnt > MAX_ALIVE)
		line__uint(l, "alive_omitted", cnt - MAX_ALIVE);
}

int frame__put_end(const struct frame *f, struct decoder *d, int status,
		   const struct capture_totals *t)
{
	__free_line struct line line = {};
	__free_str struct str text = {};
	struct line *l = &line;
	struct json j;
	int i;

	line__begin_plain(l, REC_END);
	line__uint(l, "ts", t->duration);
	json__init(&j, &text);
	json__obj(&j);
	for (i = REC_HEADER; i < REC_CNT; i++)
		if (record__count(f->opts->record, i))
			json__kuint(&j, rec_kind__name(i), record__count(f->opts->record, i));
	json__end(&j);
	line__raw(l, "events", text.s, text.len);
	line__uint(l, "seen", t->seen);
	line__uint(l, "sent", t->sent);
	str__cut(&text, 0);
	json__init(&j, &text);
	json__obj(&j);
	json__kuint(&j, "file", t->lost_file);
	json__kuint(&j, "life", t->lost_life);
	json__kuint(&j, "follow", t->lost_follow);
	json__kuint(&j, "read", t->lost_read);
	json__end(&j);
	line__raw(l, "lost", text.s, text.len);
	line__bool(l, "complete", t->complete);
	if (t->alive)
		add_alive(d, l, t->alive, &text);
	line__uint(l, "duration", t->duration);
	if (status >= 0)
		line__int(l, "status", status);
	line__uint(l, "redactions", record__redactions(f->opts->record));
	line__uint(l, "fstat", t->fstat);
	return str__err(&text) ?: put(f, l);
}
