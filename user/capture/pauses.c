/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes that do nothing because somebody else keeps them from it: stopped by a signal, or frozen with
 * their control group. No call tells of that, so they are looked at once a second, some of them at a time.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "capture/decoder.h"
#include "util/clock.h"

#define CHECK_NS  NSEC_PER_SEC
#define CHECK_MAX 32		/* processes at a time, beside those that are known to be paused */
#define TELL_NS	  (2 * NSEC_PER_SEC)	/* a shorter one is not worth a line */
#define STAT_MAX  1024

struct pause {
	uint64_t since, until;	/* boot clock: when it was seen so first, and last */
	struct str cgroup;	/* "": stopped */
};

void pause__free(struct pause *p)
{
	if (!p)
		return;
	str__free(&p->cgroup);
	free(p);
}

/* "T" is stopped; "t" is held by a debugger, whose user knows. */
static char state_of(int dir)
{
	__close_fd int fd = openat(dir, "stat", O_RDONLY | O_CLOEXEC);
	char text[STAT_MAX];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *rest;

	text[n > 0 ? n : 0] = '\0';
	rest = strrchr(text, ')');	/* its name may be anything */
	return rest && rest[1] == ' ' ? rest[2] : 'X';
}

/* True: it is paused, and the group is why, or no group. */
static bool is_paused(const struct decoder *d, const struct proc *p, uint64_t now, struct str *ret_cgroup)
{
	__close_fd int dir = procdir__open(&(struct viewer){ p->local_pid, now });
	char state = dir < 0 ? 'X' : state_of(dir);

	if (state == 'T')
		return true;
	return (state == 'S' || state == 'D') && cgroups__is_frozen(d->cgroups, dir, ret_cgroup);
}

void pauses__end(struct decoder *d, struct proc *p, bool at_end)
{
	struct pause *k = STEAL(p->pause);
	uint64_t start = d->opts.boot_ns;

	if (k && k->until - k->since >= TELL_NS) {
		line__begin(&d->line, REC_PAUSED, k->since > start ? k->since - start : 0, p->pid, p->pid, p->id);
		line__str(&d->line, "what", k->cgroup.len ? "frozen" : "stopped");
		line__uint(&d->line, "ns", k->until - k->since);
		if (k->cgroup.len)
			line__bytes(&d->line, "cgroup", k->cgroup.s, k->cgroup.len);
		if (at_end)
			line__bool(&d->line, "at_end", true);
		decoder__put(d, p);
	}
	pause__free(k);
}

static void check(struct decoder *d, struct proc *p, uint64_t now)
{
	__free_str struct str cgroup = {};

	if (!is_paused(d, p, now, &cgroup)) {
		pauses__end(d, p, false);
		return;
	}
	if (p->pause && !str_eq(p->pause->cgroup.s ?: "", cgroup.s ?: ""))
		pauses__end(d, p, false);
	if (!p->pause) {
		p->pause = calloc(1, sizeof(*p->pause));
		if (!p->pause)
			return;		/* the next time */
		p->pause->since = now;
		str__adds(&p->pause->cgroup, cgroup.s ?: "");
	}
	p->pause->until = now;
}

void pauses__check(struct decoder *d, uint64_t now)
{
	size_t i = 0, from = d->next_pause;

	if (now - d->looked_for_pauses < CHECK_NS)
		return;
	d->looked_for_pauses = now;
	d->next_pause = from + CHECK_MAX;
	for (struct proc *p = procs__first(d->procs); p; p = p->hh.next) {
		if (p->exited || p->exec || p->follow == FOLLOW_NO || !p->local_pid)
			continue;
		if (p->pause || (i >= from && i < from + CHECK_MAX))
			check(d, p, now);
		i++;
	}
	if (d->next_pause >= i)
		d->next_pause = 0;
}
