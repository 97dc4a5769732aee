/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A record of one user's own processes: for somebody who may observe them without being root. Of a program
 * that runs with other rights (set-user-ID, another user's) he may know what everybody may, that it
 * ran and when. What it was started with and what it opens is not told, and that it is not told, is.
 *
 * The rule is the kernel's for who may trace a process. So it holds for an image: a program that is run
 * with its caller's own rights again is its caller's.
 */
#include "capture/decoder.h"

static bool is_own(const struct decoder *d, const struct proc *p)
{
	return p->opener && !p->opener->is_setid && p->opener->identity.uid == d->opts.owner->uid;
}

void foreign__exec(struct decoder *d, struct proc *p, const struct proc *before)
{
	p->is_foreign = d->opts.only_own && !is_own(d, p);
	/* Who starts a program names it: that is his own to know, but not from whom nobody knows. */
	p->is_foreigners = d->opts.only_own && (!before || before->is_foreign);
}

void foreign__fork(struct proc *child, const struct proc *p)
{
	child->is_foreign = p->is_foreign;
	child->is_foreigners = p->is_foreign;
}

void foreign__adopt(struct decoder *d, struct proc *p, const struct ev_adopt *ev, bool is_there, uid_t dir_uid)
{
	if (!d->opts.only_own)
		return;
	/* What the kernel says holds also for one that has ended before anybody looked. */
	p->is_foreign = ev->uid != d->opts.owner->uid || ev->rights & EV_SETID ||
			(is_there && (dir_uid != d->opts.owner->uid || !is_own(d, p)));
	p->is_foreigners = p->is_foreign;
	/* What it did before it was announced. */
	if (!p->is_foreign)
		d->lost += p->withheld;
}

void foreign__unknown(const struct decoder *d, struct proc *p)
{
	p->is_foreign = p->is_foreigners = d->opts.only_own;
}

void foreign__tell(struct decoder *d, const struct ev_hdr *h, struct proc *p)
{
	if (!p->is_foreign)
		return;
	decoder__begin(d, REC_BLIND, h, p);
	line__str(&d->line, "what", BLIND_OTHER_USER);
	if (p->adopted)
		line__bool(&d->line, "adopted", true);
	decoder__put(d, p);
}

bool foreign__withholds(struct proc *p, enum rec_kind kind)
{
	if (!p->is_foreign || kind == REC_EXEC || kind == REC_FORK || kind == REC_EXIT || kind == REC_BLIND)
		return false;
	p->withheld++;
	return true;
}
