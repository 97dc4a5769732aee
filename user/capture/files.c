/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was in the files that were used. */
#include <errno.h>
#include <fcntl.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(elt) ((elt)->hash_failed = true)
#include <uthash.h>

#include "capture/cache_output.h"
#include "capture/files.h"
#include "capture/relay.h"
#include "golang/gocache.h"

#define TEXT_MAX   (4u << 20)	/* of a larger configuration file the beginning is recorded */
#define HEAD_MAX   4096		/* of those whose beginning says it all */
#define KNOWN_MAX  65536

/* A file that is in the record as it is now. */
struct known_file {
	struct file_state state;
	UT_hash_handle hh;
	bool hash_failed;
	char path[];
};

struct files {
	struct inspector_opts opts;
	struct known_file *known;	/* oldest first */
	struct line line;
};

struct files *files__new(const struct inspector_opts *opts)
{
	struct files *f = calloc(1, sizeof(*f));

	if (f)
		f->opts = *opts;
	return f;
}

static void forget(struct files *f, struct known_file *k)
{
	HASH_DEL(f->known, k);
	free(k);
}

void files__free(struct files *f)
{
	struct known_file *k, *next;

	if (!f)
		return;
	HASH_ITER(hh, f->known, k, next)
		forget(f, k);
	line__free(&f->line);
	free(f);
}

/* --- what the record has --- */

static struct known_file *find_known(struct files *f, const char *path)
{
	struct known_file *k;

	HASH_FIND(hh, f->known, path, strlen(path), k);
	return k;
}

static bool is_known(struct files *f, const char *path, const struct file_state *state)
{
	const struct known_file *k = find_known(f, path);

	return k && !memcmp(&k->state, state, sizeof(*state));
}

/* Without memory it is recorded once more the next time. */
static void remember(struct files *f, const char *path, const struct file_state *state)
{
	struct known_file *k = find_known(f, path);
	size_t n = strlen(path);

	if (!k && HASH_COUNT(f->known) >= KNOWN_MAX)
		forget(f, f->known);
	if (k)
		forget(f, k);
	k = calloc(1, sizeof(*k) + n + 1);
	if (!k)
		return;
	memcpy(k->path, path, n);
	k->state = *state;
	HASH_ADD(hh, f->known, path[0], n, k);
	if (k->hash_failed)
		free(k);
}

/* --- reading, which may hang --- */

bool files__leave(const struct look_at *at)
{
	if (relay__is_stuck(at->who->identity.uid))
		return false;
	relay__leave((void *)at, at->who->identity.uid);
	return true;
}

static void take_snapshot(const struct look_at *at, size_t max, struct snapshot *ret)
{
	if (!files__leave(at)) {
		*ret = (struct snapshot){ .err = -ETIMEDOUT };
		return;
	}
	snapshot__take(&at->name, at->who, max, ret);
	relay__return();
}

/* --- configuration --- */

static void begin_config(struct line *line, const struct look_at *at)
{
	line__begin(line, REC_FILE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(line, "path", at->name.path, strlen(at->name.path));
	line__str(line, "what", config_kind__name(at->config));
	if (at->use != FILE_READ)
		line__bool(line, "written", true);
}

static void begin_entry(struct line *line, const struct look_at *at)
{
	const char *path = at->name.path, *id = path + strlen(path) - 2 - GOCACHE_ID_LEN;
	char action[GOCACHE_ID_LEN + 1];

	line__begin(line, REC_CACHE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(line, "path", path, strlen(path));
	snprintf(action, sizeof(action), "%s", id);
	line__str(line, "action", action);
}

void files__begin_unread(struct line *line, const struct look_at *at, int err)
{
	const struct snapshot none = { .err = err };

	if (at->what == LOOK_CACHE)
		begin_entry(line, at);
	else
		begin_config(line, at);
	line__str(line, "error", snapshot__why(&none));
	line__incomplete(line, at->what == LOOK_CACHE ? "output" : "text");
}

static void put(struct files *f, struct line *line)
{
	if (!line__end(line))
		record__put(f->opts.record, line);
}

/* What go writes for one tool, in a directory that it has just made: nobody else knows its name. */
static bool is_for_one_tool(enum config_kind kind)
{
	return kind == CONFIG_IMPORTCFG || kind == CONFIG_IMPORTCFG_LINK || kind == CONFIG_VET_CFG;
}

static const char *doubt_of(const struct files *f, const struct look_at *at, const struct snapshot *s)
{
	if (at->use != FILE_READ || !s->has_state || is_for_one_tool(at->config))
		return NULL;
	return file_state__doubt(&s->state, f->opts.boot_ns + at->ts);
}

static bool has_head_only(enum config_kind kind)
{
	return kind == CONFIG_MODULES || kind == CONFIG_VET_CFG;
}

static void put_config(struct files *f, const struct look_at *at, const struct snapshot *s)
{
	/* The line also has the time when the text was taken, and the record who opened to write before. */
	const char *doubt = doubt_of(f, at, s);
	struct line *line = &f->line;
	bool is_all = false;

	begin_config(line, at);
	if (s->has_state) {
		line__uint(line, "size", s->state.size);
		line__time(line, "mtime", s->state.mtime);
		line__uint(line, "taken", s->taken - f->opts.boot_ns);
	}
	if (!s->err || s->err == -EFBIG)
		is_all = line__file(line, at->config, s->text.s, s->text.len, !s->err,
				    has_head_only(at->config) ? HEAD_MAX : 0);
	if (!is_all || doubt)
		line__incomplete(line, "text");
	if (s->leads_to.len)
		line__bytes(line, "leads_to", s->leads_to.s, s->leads_to.len);
	line__str(line, "error", s->err ? snapshot__why(s) : doubt);
	line__bool(line, "after_fact", true);
	put(f, &f->line);
	/* Whoever reads it after this writer confirms what it wrote. */
	if (!s->err && !doubt && at->use == FILE_READ)
		remember(f, at->name.path, &s->state);
}

static void inspect_config(struct files *f, const struct look_at *at)
{
	__free_snapshot struct snapshot s = {};
	struct known_file *k = at->use != FILE_READ ? find_known(f, at->name.path) : NULL;

	/* Its next content may look the same from outside: two writes within a tick of the clock. */
	if (k)
		forget(f, k);
	if (at->use == FILE_CREATED)
		return;
	s.err = opener__check(at->who, f->opts.owner);
	if (!s.err && (!f->opts.early ||
		       !early__take(f->opts.early, at->key, f->opts.boot_ns + at->ts,
				    at->name.own_root, &s)))
		take_snapshot(at, TEXT_MAX, &s);
	if (s.err == -EISDIR || (!s.err && is_known(f, at->name.path, &s.state)))
		return;
	put_config(f, at, &s);
}

/* --- cache entries --- */

/* What the entry points at; keys of the line. */
static void add_output(struct line *line, const struct look_at *at, const struct gocache_entry *e)
{
	struct file_name data = at->name;
	__free_str struct str path = {};
	struct stat st;
	__close_fd int fd = -1;

	str__add(&path, data.path, strlen(data.path) - GOCACHE_ENTRY_TAIL);
	str__addf(&path, "/%.2s/%s-d", e->output, e->output);
	if (str__err(&path))
		return;
	data.path = path.s;
	fd = file_name__open(&data, at->who, &st);
	cache_output__add(line, fd, e);
}

static void put_entry(struct files *f, const struct look_at *at, const struct gocache_entry *e)
{
	__free_line struct line line = {};	/* as long as we are away, the other is for others */

	begin_entry(&line, at);
	line__str(&line, "output", e->output);
	line__uint(&line, "size", e->size);
	line__time(&line, "time", e->time);
	if (files__leave(at)) {
		add_output(&line, at, e);
		relay__return();
	} else {
		line__incomplete(&line, "output");
	}
	put(f, &line);
}

/* As go reads it: the text in full, of the very action that was looked for. */
static bool is_sound(const struct snapshot *s, const char *path, struct gocache_entry *ret)
{
	return !s->err && !gocache__parse_entry(s->text.s ?: "", s->text.len, ret) &&
	       !memcmp(ret->action, path + strlen(path) - 2 - GOCACHE_ID_LEN, GOCACHE_ID_LEN);
}

static void inspect_entry(struct files *f, const struct look_at *at)
{
	__free_snapshot struct snapshot s = {};
	struct gocache_entry e = {};
	struct file_state state;
	bool sound;

	s.err = opener__check(at->who, f->opts.owner);
	if (!s.err)
		take_snapshot(at, GOCACHE_ENTRY_LEN, &s);
	if (s.err && s.err != -EFBIG) {
		/* Removed since: when the record has what was in it, nothing is missing. */
		if (find_known(f, at->name.path))
			return;
		files__begin_unread(&f->line, at, s.err);
		put(f, &f->line);
		return;
	}
	/* Its own time identifies it: its file's is refreshed with every use. */
	sound = is_sound(&s, at->name.path, &e);
	state = sound ? (struct file_state){ .size = e.size, .mtime = e.time } : s.state;
	if (is_known(f, at->name.path, &state))
		return;
	if (sound) {
		put_entry(f, at, &e);
	} else {
		begin_entry(&f->line, at);
		line__str(&f->line, "broken", "malformed");
		put(f, &f->line);
	}
	remember(f, at->name.path, &state);
}

void files__inspect(struct files *f, const struct look_at *at)
{
	if (at->what == LOOK_CACHE)
		inspect_entry(f, at);
	else
		inspect_config(f, at);
}
