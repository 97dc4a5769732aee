/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Settings that a program did not find, or that symbolic links led it to. */
#include <ctype.h>

#include "capture/beside.h"
#include "capture/files.h"
#include "capture/relay.h"
#include "capture/snapshot.h"
#include "golang/ladder.h"
#include "util/path.h"

#define MAX_NAMES 2048	/* of a folder */

static void put(const struct inspector_opts *opts, struct line *line, const struct look_at *at, const char *path,
		const char *key, const char *other, bool is_aside)
{
	line__begin(line, REC_FILE, at->ts, at->pid, at->tid, at->proc);
	line__bytes(line, "path", path, strlen(path));
	line__str(line, "what", config_kind__name(CONFIG_PROGRAM));
	if (is_aside)
		line__bool(line, "aside", true);
	line__bytes(line, key, other, strlen(other));
	line__bool(line, "after_fact", true);
	if (!line__end(line))
		record__put(opts->record, line);
}

/* --- names that are much alike --- */

static size_t stem_len(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

static bool is_other_ending(const char *wanted, const char *name)
{
	size_t n = stem_len(wanted);

	return n == stem_len(name) && !strncmp(wanted, name, n) && ladder__is_config(name);
}

/* One letter is another one, too many, missing, or two are exchanged. Digits count things. */
static bool is_misspelt(const char *wanted, const char *name)
{
	size_t a = strlen(wanted), b = strlen(name), from = 0, to = 0;

	while (from < a && from < b && wanted[from] == name[from])
		from++;
	while (to < a - from && to < b - from && wanted[a - 1 - to] == name[b - 1 - to])
		to++;
	a -= from + to;
	b -= from + to;
	wanted += from;
	name += from;
	if (from + to < 4 || (a && !isalpha((unsigned char)wanted[0])) || (b && !isalpha((unsigned char)name[0])))
		return false;
	return (a <= 1 && b <= 1) || (a == 2 && b == 2 && wanted[0] == name[1] && wanted[1] == name[0]);
}

struct search {
	const char *wanted;	/* the name */
	bool is_elsewhere;	/* in another folder: only the very name counts */
	struct str found;
};

static int compare(void *ctx, const char *name)
{
	struct search *s = ctx;

	if (s->is_elsewhere ? !str_eq(s->wanted, name) :
			      str_eq(s->wanted, name) || !(is_other_ending(s->wanted, name) ||
							   !strcasecmp(s->wanted, name) || is_misspelt(s->wanted, name)))
		return 0;
	str__adds(&s->found, name);
	return 1;
}

/* --- folders --- */

/* True: something was found there, and told. */
static bool look_in(const struct inspector_opts *opts, struct line *line, const struct look_at *at, const char *dir,
		    bool is_elsewhere)
{
	struct search s = { .wanted = path__base(at->name.path), .is_elsewhere = is_elsewhere };
	struct file_name name = at->name;
	__free_str struct str path = {};
	bool is_there;

	name.path = dir;
	if (!files__leave(at))
		return true;
	(void)file_name__list(&name, at->who, MAX_NAMES, compare, &s);	/* a folder that cannot be read has nothing for them */
	relay__return();
	is_there = s.found.len;
	if (is_there)
		str__addf(&path, "%s/%s", str_eq(dir, "/") ? "" : dir, s.found.s);
	if (is_there && path.s)
		put(opts, line, at, path.s, "wanted", at->name.path, true);
	str__free(&s.found);
	return is_there;
}

static void look_near(const struct inspector_opts *opts, struct line *line, const struct look_at *at)
{
	static const char *const folders[] = { "config", "configs", "conf", "etc", "settings" };
	size_t n = path__dir_len(at->name.path);
	__free_str struct str dir = {}, other = {};

	str__add(&dir, at->name.path, n ?: 1);
	if (!dir.s || look_in(opts, line, at, dir.s, false))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		str__cut(&other, 0);
		str__addf(&other, "%s/%s", dir.s, folders[i]);
		if (other.s && look_in(opts, line, at, other.s, true))
			return;
	}
	n = path__dir_len(dir.s);
	if (!n)
		return;
	str__cut(&dir, n);
	(void)look_in(opts, line, at, dir.s, true);
}

static void look_behind(const struct inspector_opts *opts, struct line *line, const struct look_at *at)
{
	__free_snapshot struct snapshot s = {};

	if (!files__leave(at))
		return;
	snapshot__take(&at->name, at->who, 0, &s);
	relay__return();
	if (s.leads_to.len)
		put(opts, line, at, at->name.path, "leads_to", s.leads_to.s, false);
}

void beside__inspect(const struct inspector_opts *opts, struct line *line, const struct look_at *at)
{
	if (opener__check(at->who, opts->owner))
		return;
	if (at->use == FILE_MISSED)
		look_near(opts, line, at);
	else
		look_behind(opts, line, at);
}
