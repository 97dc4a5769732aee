// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The ring, and the books about it: every event is counted as seen, then as sent or as lost. */
#include "ge.h"

const volatile struct ev_config cfg = {};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ev_stats);
} stats SEC(".maps");

/*
 * Records are built here and copied out at their true length: reserving needs a constant size.
 * Three slots, because where tracepoints may be preempted or interrupted a second program can run
 * on this CPU before the first is done.
 */
struct scratch {
	char bytes[SCRATCH_SIZE];
};

/* A plain array with an entry per CPU and slot: per-CPU values end at 32 KiB. Sized at load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SCRATCH_SLOTS);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} scratch_depth SEC(".maps");

__hidden struct ev_stats *emit__stats(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&stats, &zero);
}

__hidden void *emit__scratch(void)
{
	__u32 zero = 0, slot;
	__u32 *depth = bpf_map_lookup_elem(&scratch_depth, &zero);

	if (!depth)
		return NULL;
	if (*depth >= SCRATCH_SLOTS)
		return NULL;
	slot = bpf_get_smp_processor_id() * SCRATCH_SLOTS + (*depth)++;
	return bpf_map_lookup_elem(&scratch, &slot);
}

__hidden void *emit__scratch_top(void)
{
	__u32 zero = 0, slot;
	__u32 *depth = bpf_map_lookup_elem(&scratch_depth, &zero);

	if (!depth || !*depth)
		return NULL;
	slot = bpf_get_smp_processor_id() * SCRATCH_SLOTS + *depth - 1;
	return bpf_map_lookup_elem(&scratch, &slot);
}

__hidden void emit__scratch_done(void)
{
	__u32 zero = 0;
	__u32 *depth = bpf_map_lookup_elem(&scratch_depth, &zero);

	if (depth && *depth)
		(*depth)--;
}

__hidden void emit__head(struct ev_hdr *h, __u32 kind, const struct task_state *s)
{
	__u64 id = bpf_get_current_pid_tgid();

	h->ts = bpf_ktime_get_boot_ns();
	h->pid = id >> 32;
	h->tid = (__u32)id;
	h->proc = s ? s->proc : 0;
	h->kind = kind;
	h->flags = s && s->follow == FOLLOW_MAYBE ? EVF_PROVISIONAL : 0;
	h->len = 0;
}

static void count_loss(struct ev_stats *st, enum ev_loss what)
{
	st->lost[what]++;
	if (!st->first_lost)
		st->first_lost = bpf_ktime_get_boot_ns();
}

__hidden void emit__count_loss(enum ev_loss what)
{
	struct ev_stats *st = emit__stats();

	if (st && (unsigned int)what < LOSS_CNT)
		count_loss(st, what);
}

__hidden void emit__count_unseen(enum ev_loss what)
{
	struct ev_stats *st = emit__stats();

	if (!st || (unsigned int)what >= CLASS_CNT)
		return;
	st->seen[what]++;
	count_loss(st, what);
}

/*
 * Tells what was lost on this CPU, just before the next event that gets through: so the gap is
 * seen where it is. The books are closed only when the telling itself got through.
 */
static int tell_loss(struct ev_stats *st)
{
	struct ev_lost lost = { .since = st->first_lost };
	int i;

	emit__head(&lost.h, EV_LOST, NULL);
	lost.h.len = sizeof(lost);
	for (i = 0; i < LOSS_CNT; i++)
		lost.cnt[i] = st->lost[i] - st->told[i];
	st->seen[CLASS_LIFE]++;
	if (bpf_ringbuf_output(&events, &lost, sizeof(lost), BPF_RB_NO_WAKEUP)) {
		st->seen[CLASS_LIFE]--;
		return -1;
	}
	for (i = 0; i < LOSS_CNT; i++)
		st->told[i] += lost.cnt[i];
	st->first_lost = 0;
	return 0;
}

/*
 * Nobody is woken: a wakeup costs more than all the rest of an event (1.2 us against 0.8). The
 * consumer looks every few milliseconds, and the ring holds many times what can come in between.
 */
__hidden int emit__put(struct ev_hdr *h, __u32 len, enum ev_class class)
{
	struct ev_stats *st = emit__stats();

	if (!st || (unsigned int)class >= CLASS_CNT)
		return -1;
	h->len = len;
	st->seen[class]++;
	if (class == CLASS_FILE && bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >
					   cfg.ring_size - cfg.life_reserve)
		goto lost;
	if (st->first_lost && tell_loss(st))
		goto lost;
	/* 6.1 forgets a bound at a spill, so it is proven on the register that is passed. */
	barrier_var(len);
	if (len > SCRATCH_SIZE || bpf_ringbuf_output(&events, h, len, BPF_RB_NO_WAKEUP))
		goto lost;
	return 0;
lost:
	count_loss(st, (enum ev_loss)class);
	return -1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
