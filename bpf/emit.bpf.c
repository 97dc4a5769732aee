// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The ring, and event accounting: every event is counted as seen, then as sent or as lost. */
#include "ge.h"

const volatile struct ev_config cfg = {};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} events SEC(".maps");

/* Copies of records about files that may be gone before the first ring's reader comes to them. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 << 10);
} soon SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ev_stats);
} stats SEC(".maps");

/* A plain array with SLOTS_PER_CPU for each CPU: per-CPU values end at 32 KiB. Sized at load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS_PER_CPU);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

static struct ev_stats *own_stats(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&stats, &zero);
}

static void unclaim(volatile __u32 *busy)
{
	ATOMIC_ADD(busy, -1);
}

/*
 * A claim with nothing but an addition, which is all that 5.10 has: of those that add themselves at
 * the same time, at most one finds itself alone.
 */
static bool claim(volatile __u32 *busy)
{
	if (*busy)
		return false;
	ATOMIC_ADD(busy, 1);
	if (*busy == 1)
		return true;
	unclaim(busy);
	return false;
}

__hidden struct slot *emit__slot_of(__u32 id)
{
	return bpf_map_lookup_elem(&slots, &id);
}

static struct slot *claim_slot(__u32 id)
{
	struct slot *slot = emit__slot_of(id);

	if (!slot || !claim(&slot->busy))
		return NULL;
	slot->id = id;
	return slot;
}

__hidden struct slot *emit__slot(void)
{
	__u32 id = bpf_get_smp_processor_id() * SLOTS_PER_CPU;

	_Static_assert(SLOTS_PER_CPU == 2, "all of them are tried");
	return claim_slot(id) ?: claim_slot(id + 1);
}

/* One of the counters of this CPU. Another program may be in the middle of the same. */
static __always_inline void count(__u64 *counter, __u64 by)
{
	ATOMIC_ADD(counter, by);
}

static void count_loss(struct ev_stats *st, enum ev_loss what)
{
	count(&st->lost[what], 1);
	if (!st->first_lost)
		st->first_lost = bpf_ktime_get_boot_ns();
}

__hidden void emit__count_loss(enum ev_loss what)
{
	struct ev_stats *st = own_stats();

	if (st && (unsigned int)what < LOSS_CNT)
		count_loss(st, what);
}

__hidden void emit__count_unseen(enum ev_loss what)
{
	struct ev_stats *st = own_stats();

	if (!st || (unsigned int)what >= CLASS_CNT)
		return;
	count(&st->seen[what], 1);
	count_loss(st, what);
}

__hidden void emit__count_fstat(void)
{
	struct ev_stats *st = own_stats();

	if (st)
		count(&st->fstat, 1);
}

/*
 * Tells what was lost on this CPU, just before the next event that gets through: so the gap is
 * seen where it is. The accounts are closed only when the telling itself got through.
 */
static int tell_loss(struct ev_stats *st)
{
	struct ev_lost lost = { .since = st->first_lost };
	int i;

	/* Before the counters are read: what is lost from here on is told the next time. */
	st->first_lost = 0;
	emit__head(&lost.h, EV_LOST, NULL);
	lost.h.len = sizeof(lost);
	for (i = 0; i < LOSS_CNT; i++)
		lost.cnt[i] = st->lost[i] - st->told[i];
	count(&st->seen[CLASS_LIFE], 1);
	if (bpf_ringbuf_output(&events, &lost, sizeof(lost), BPF_RB_NO_WAKEUP)) {
		count(&st->seen[CLASS_LIFE], -1);
		st->first_lost = lost.since;
		return -1;
	}
	for (i = 0; i < LOSS_CNT; i++)
		count(&st->told[i], lost.cnt[i]);
	return 0;
}

/*
 * Somebody else who is telling already does it for this one, too. Global, so that the verifier goes
 * through it once and not at each event that may be the next one.
 */
__noinline int told_loss(void)
{
	struct ev_stats *st = own_stats();
	int err;

	if (!st || !claim(&st->telling))
		return 0;
	err = tell_loss(st);
	unclaim(&st->telling);
	return err;
}

/*
 * Nobody is woken: a wakeup costs more than all the rest of an event (1.2 us against 0.8). The
 * consumer looks every few milliseconds, and the ring holds many times what can come in between.
 * But for what cannot wait, which is rare, somebody is.
 */
static __always_inline int put(struct ev_hdr *h, __u32 len, __u32 max, enum ev_class class)
{
	struct ev_stats *st = own_stats();

	if (!st || (unsigned int)class >= CLASS_CNT)
		return -1;
	h->len = len;
	count(&st->seen[class], 1);
	if (class == CLASS_FILE && bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > cfg.file_limit)
		goto lost;
	if (st->first_lost && told_loss())
		goto lost;
	/* 6.1 forgets a bound at a spill, so it is proven on the register that is passed. */
	barrier_var(len);
	if (len > max || bpf_ringbuf_output(&events, h, len, BPF_RB_NO_WAKEUP))
		goto lost;
	if (h->flags & EVF_SOON)
		(void)bpf_ringbuf_output(&soon, h, len, BPF_RB_FORCE_WAKEUP);
	return 0;
lost:
	count_loss(st, (enum ev_loss)class);
	return -1;
}

__hidden int emit__put(struct ev_hdr *h, __u32 len, enum ev_class class)
{
	return put(h, len, RECORD_MAX, class);
}

__hidden int emit__put_short(union short_file *f, __u32 len)
{
	return put(&f->ev.h, len, sizeof(*f), CLASS_FILE);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
