/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that tell of a file whose content explains what the program did next, or did before. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/calls.h"
#include "capture/decoder.h"
#include "golang/gocache.h"

static uint64_t flags_of_open(const struct ev_file *ev)
{
	return ev->call == CALL_CREAT ? O_CREAT | O_WRONLY | O_TRUNC : ev->flags;
}

/* The names of what the call left behind under one: as it was given, and absolute. */
struct used {
	const char *as;
	size_t as_len;
	enum file_use use;
};

/* False: nothing was read or written by that name. */
static bool find_use(const struct ev_file *ev, enum call_kind kind, struct used *ret)
{
	uint64_t flags = flags_of_open(ev);

	*ret = (struct used){ ev->data, ev->path_len, FILE_WRITTEN };
	switch (kind) {
	case KIND_OPEN:
		if (flags & (O_PATH | O_DIRECTORY) || ev->h.flags & EVF_BAD_BUF)
			return false;
		if (flags & O_EXCL)
			ret->use = FILE_CREATED;
		else if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_TRUNC))
			ret->use = FILE_READ;
		return true;
	case KIND_RENAME:
		ret->as = ev->data + ev->path_len;
		ret->as_len = ev->path2_len;
		return true;
	case KIND_TRUNCATE:
		return true;
	default:
		return false;
	}
}

/* Those whose every content matters, for they are there before and after who reads them. */
static bool is_kept(enum config_kind kind)
{
	return kind != CONFIG_IMPORTCFG && kind != CONFIG_IMPORTCFG_LINK && kind != CONFIG_VET_CFG;
}

/* An entry that was looked up, or written: to set its time is the last that go does to it. */
static void inspect_entry(struct decoder *d, struct proc *p, const struct ev_file *ev,
			  enum call_kind kind, struct look_at *at)
{
	if (kind != KIND_UTIMES &&
	    (kind != KIND_OPEN || (flags_of_open(ev) & O_ACCMODE) != O_RDONLY))
		return;
	at->what = LOOK_CACHE;
	decoder__look(d, p, at);
}

/* False: it is known to be none that has a content. */
static bool take_state(const struct ev_file *ev, struct look_at *at)
{
	struct ev_state state;

	if (!(ev->h.flags & EVF_STAT) || ev->path2_len != sizeof(state))
		return true;
	memcpy(&state, ev->data + ev->path_len, sizeof(state));
	at->mount = state.mount;
	at->state = (struct file_state){
		procdir__dev(state.dev), state.ino, state.size, state.mtime, state.ctime,
	};
	return !S_ISDIR(state.mode);
}

/* What a go command or one of its tools builds from. */
static void inspect_source(struct decoder *d, struct proc *p, const struct ev_file *ev, struct look_at *at)
{
	if (!d->opts.sources ||
	    !source__is_input(configs__reader(p->configs), d->path.s, d->path.len))
		return;
	at->what = LOOK_SOURCE;
	if (take_state(ev, at))
		decoder__look(d, p, at);
}

/* --- programs that are built --- */

static bool has(const char *s, size_t n, const char *part)
{
	return memmem(s, n, part, strlen(part));
}

static bool is_own_file(const char *path, size_t n)
{
	return has(path, n, "/go-build") || has(path, n, "/telemetry/") || has(path, n, "/@v/") || has(path, n, "/cache/") ||
	       has(path, n, "/pkg/mod/") || gocache__is_action(path, n) || (n > 2 && path[n - 2] == '-' && path[n - 1] == 'd');
}

/* go moves it there, finds it up to date, or (to another file system) writes it bit by bit. */
static void see_output(struct decoder *d, struct proc *p, const struct ev_file *ev, enum call_kind kind,
		       struct look_at *at)
{
	bool is_written = kind == KIND_OPEN && (flags_of_open(ev) & O_ACCMODE) != O_RDONLY;
	bool is_put = kind == KIND_UTIMES || (kind == KIND_RENAME && has(ev->data, ev->path_len, "/go-build"));

	if ((!is_written && !is_put) || is_own_file(d->path.s, d->path.len))
		return;
	if (is_written) {
		free(p->output);
		p->output = strdup(d->path.s);
	} else {
		at->what = LOOK_OUTPUT;
		decoder__look(d, p, at);
	}
}

void decode__outputs(struct decoder *d, struct proc *p, const struct ev_hdr *h)
{
	struct look_at at;

	if (!p->output)
		return;
	at = decoder__look_at(d, p, h);
	at.what = LOOK_OUTPUT;
	at.name.path = p->output;
	decoder__look(d, p, &at);
}

void decode__used(struct decoder *d, struct proc *p, const struct ev_file *ev)
{
	enum call_kind kind = call__desc(ev->call)->kind;
	struct look_at at = decoder__look_at(d, p, &ev->h);
	struct used used;

	if (ev->ret < 0 || !d->path.len)
		return;
	at.name.path = d->path.s;
	if (gocache__is_action(d->path.s, d->path.len)) {
		inspect_entry(d, p, ev, kind, &at);
		return;
	}
	if (configs__reader(p->configs) == SOURCE_READER_GO)
		see_output(d, p, ev, kind, &at);
	if (!find_use(ev, kind, &used))
		return;
	if (used.use == FILE_READ)
		inspect_source(d, p, ev, &at);
	at.what = LOOK_CONFIG;
	at.use = used.use;
	at.config = configs__find(p->configs, used.as, used.as_len, d->path.s, d->path.len);
	if (at.config && (at.use == FILE_READ || is_kept(at.config)))
		decoder__look(d, p, &at);
}
