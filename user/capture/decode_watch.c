/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Watching a whole host: which program images are of interest is known only after their files were
 * looked at, while their first events are already here. Those are held back, then recorded or
 * dropped; the programs in the kernel are told, so that they stop or go on.
 */
#include <errno.h>
#include <signal.h>

#include <bpf/bpf.h>

#include "capture/decoder.h"
#include "util/clock.h"

/* A dropped image's last events are still on their way for a while. */
#define FORGET_AFTER_NS (5 * NSEC_PER_SEC)

static void tell_kernel(const struct decoder *d, const struct proc *p)
{
	uint32_t verdict = p->follow;

	/* A failure costs events that are dropped again here, or a new look at the next exec. */
	if (d->opts.verdicts_fd >= 0)
		(void)bpf_map_update_elem(d->opts.verdicts_fd, &p->key, &verdict, BPF_ANY);
}

static void release_held(struct decoder *d, struct proc *p)
{
	struct held *all = proc__take_held(p), *h;

	for (h = all; h && p->follow == FOLLOW_YES; h = h->next) {
		if (h->kind != REC_UNKNOWN)
			record__put_text(d->opts.record, h->kind, h->text, h->len, h->redactions);
		else
			decoder__look_now(d, p, &h->at);
	}
	held__free(all);
}

static void decide(struct decoder *d, struct proc *p, enum follow follow, uint64_t now)
{
	if (p->follow != FOLLOW_MAYBE)
		return;
	p->follow = follow;
	p->ended = now;
	p->inherits = 0;
	d->undecided--;
	if (follow == FOLLOW_YES)
		d->lost += p->held_lost;
	tell_kernel(d, p);
	release_held(d, p);
}

/* Decides whatever can be decided now, until nothing changes: a verdict is handed down. */
static void settle_all(struct decoder *d, uint64_t now)
{
	struct proc *p, *from;
	bool again = true;

	while (again && d->undecided) {
		again = false;
		for (p = procs__first(d->procs); p; p = p->hh.next) {
			if (p->follow != FOLLOW_MAYBE)
				continue;
			from = p->inherits ? procs__find(d->procs, p->inherits) : NULL;
			/* Also what is Go itself waits: its thread's earlier lines come first. */
			if (from && from->follow == FOLLOW_MAYBE)
				continue;
			if ((from && from->follow == FOLLOW_YES) || p->own == FOLLOW_YES)
				decide(d, p, FOLLOW_YES, now);
			else if (p->own == FOLLOW_NO)
				decide(d, p, FOLLOW_NO, now);
			else
				continue;
			again = true;
		}
	}
}

static void forget(struct decoder *d, uint64_t now)
{
	struct proc *p, *next;

	for (p = procs__first(d->procs); p; p = next) {
		next = p->hh.next;
		if (p->follow == FOLLOW_MAYBE)
			continue;
		if (p->exited || (p->follow == FOLLOW_NO && now - p->ended > FORGET_AFTER_NS))
			procs__drop(d->procs, p);
	}
}

void watch__new_image(struct decoder *d, struct proc *p, const struct proc *from, enum follow own)
{
	bool from_undecided = from && from->follow == FOLLOW_MAYBE;

	if (p->follow == FOLLOW_YES && !from_undecided)
		return;
	p->follow = FOLLOW_MAYBE;
	p->own = own;
	p->inherits = from_undecided ? from->key : 0;
	d->undecided++;
	if (from && from->follow == FOLLOW_YES)
		decide(d, p, FOLLOW_YES, 0);
	else if (!from_undecided && own != FOLLOW_MAYBE)
		decide(d, p, own, 0);
}

void watch__gone(struct decoder *d, struct proc *p)
{
	/* While something is undecided, it may still inherit from this one. */
	p->exited = true;
	if (p->follow != FOLLOW_MAYBE && !d->undecided)
		procs__drop(d->procs, p);
}

/*
 * Who ended just before it was followed has no end in the ring: it is not alive. Who is gone when
 * somebody looks may have one that was not read yet; not any more at the next look, or at_end.
 */
static void drop_gone(struct decoder *d, bool at_end)
{
	struct proc *p, *next;

	for (p = procs__first(d->procs); p; p = next) {
		next = p->hh.next;
		if (!p->adopted || p->exited || p->follow != FOLLOW_YES || !p->local_pid ||
		    !kill(p->local_pid, 0) || errno != ESRCH)
			continue;
		if (p->gone || at_end)
			procs__drop(d->procs, p);
		else
			p->gone = true;
	}
}

void decoder__settle(struct decoder *d)
{
	uint64_t now = clock__boot_ns();
	struct look_verdict v;
	struct proc *p;

	if (__atomic_exchange_n(&d->counts, false, __ATOMIC_ACQ_REL))
		drop_gone(d, false);
	pauses__check(d, now);
	if (d->opts.sources)
		sources__wake(d->opts.sources);
	if (!d->opts.watch)
		return;
	while (inspector__next_verdict(d->opts.inspector, &v)) {
		uint32_t follow = v.is_go ? FOLLOW_YES : FOLLOW_NO;

		if (!v.is_fresh)
			(void)bpf_map_update_elem(d->opts.exes_fd, &v.exe, &follow, BPF_ANY);
		p = procs__find(d->procs, v.key);
		if (p)
			p->own = follow;
	}
	settle_all(d, now);
	forget(d, now);
}

void decoder__finish(struct decoder *d)
{
	struct proc *p;

	decoder__settle(d);
	for (p = procs__first(d->procs); p; p = p->hh.next) {
		if (p->exec)
			decode__exec_complete(d, p);
		pauses__end(d, p, true);
		decide(d, p, FOLLOW_YES, 0);
	}
	drop_gone(d, true);
}
