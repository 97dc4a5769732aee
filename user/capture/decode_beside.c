/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of settings that programs look for: whether it is worth to look around there, once for each. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "capture/calls.h"
#include "capture/decoder.h"
#include "golang/ladder.h"

#define BESIDE_MAX  4096	/* names of a record: what some programs look for has no end */
#define BESIDE_SIZE (2 * BESIDE_MAX)

static uint64_t hash(const char *s, size_t n, uint64_t h)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3;	/* FNV-1a */
	return h ?: 1;
}

/* False: it was seen before, or there are too many. */
static bool is_new(struct decoder *d, uint64_t h)
{
	size_t at = h % BESIDE_SIZE;

	d->beside = d->beside ?: calloc(BESIDE_SIZE, sizeof(*d->beside));
	if (!d->beside || d->beside_cnt == BESIDE_MAX)
		return false;
	for (; d->beside[at]; at = (at + 1) % BESIDE_SIZE)
		if (d->beside[at] == h)
			return false;
	d->beside[at] = h;
	d->beside_cnt++;
	return true;
}

static bool is_to_read(const struct ev_file *ev)
{
	return ev->call != CALL_CREAT && (ev->flags & O_ACCMODE) == O_RDONLY &&
	       !(ev->flags & (O_PATH | O_DIRECTORY | O_CREAT)) && !(ev->h.flags & EVF_BAD_BUF);
}

/* Whatever is there is found by going on to the next name: app.yaml, app.json, app.toml. */
void decode__beside(struct decoder *d, struct proc *p, const struct ev_file *ev)
{
	enum call_kind kind = call__desc(ev->call)->kind;
	bool is_missed = ev->ret == -ENOENT;
	struct look_at at;

	if ((ev->ret < 0 && !is_missed) || ev->notes & EVN_ANSWERED || !d->path.len ||
	    (kind != KIND_OPEN && !(kind == KIND_STAT && is_missed)) || (kind == KIND_OPEN && !is_to_read(ev)) ||
	    configs__reader(p->configs) != SOURCE_READER_NONE || !ladder__is_config(d->path.s) ||
	    config__by_name(d->path.s, d->path.len) ||
	    !is_new(d, hash(d->path.s, d->path.len, is_missed ? 14695981039346656037u : 0x9e3779b97f4a7c15u)))
		return;
	at = decoder__look_at(d, p, &ev->h);
	at.what = LOOK_BESIDE;
	at.use = is_missed ? FILE_MISSED : FILE_READ;
	at.name.path = d->path.s;
	decoder__look(d, p, &at);
}
