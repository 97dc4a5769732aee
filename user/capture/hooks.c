/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF programs in the kernel: which are used, loaded, attached. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "capture/hooks.h"
#include "capture/host.h"
#include "capture/leave.h"
#include "capture/loaded.h"
#include "util/log.h"
#include "util/str.h"

#define LINKS_FEW 8	/* are closed at once */

struct hooks {
	struct loaded loaded;
};

static bool is_wanted(enum hook_id id, const struct hooks_opts *opts)
{
	if (id == HOOK_ADOPT)
		return opts->adopt;
	return id != HOOK_CGROUP || opts->cgroup;
}

static void destroy_links(struct hooks *h, bool gated)
{
	int i;

	for (i = h->loaded.programs.cnt - 1; i >= 0; i--)
		if (h->loaded.programs.list[i].is_gated == gated)
			program__detach(&h->loaded.programs.list[i]);
}

/*
 * Each link of the fexit tier waits for a grace period of its own, 6 s in all. Without the body
 * they lead nowhere, so they can go when the record is done.
 */
void hooks__detach(struct hooks *h)
{
	uint32_t zero = 0;

	if (h->loaded.variant.tier == TIER_FEXIT && h->loaded.programs.cnt)
		(void)bpf_map_delete_elem(h->loaded.map_fd[MAP_BODIES], &zero);
	destroy_links(h, false);
}

/* What waits longest of all is for nobody to wait for. */
static void leave_links(struct hooks *h)
{
	int *fds[PROGRAMS_MAX], cnt = 0;

	for (int i = h->loaded.programs.cnt - 1; i >= 0; i--)
		if (h->loaded.programs.list[i].link_fd >= 0)
			fds[cnt++] = &h->loaded.programs.list[i].link_fd;
	if (cnt > LINKS_FEW)
		leave_closing(fds, cnt);
}

static void unload(struct hooks *h)
{
	hooks__detach(h);
	destroy_links(h, true);
	loaded__unload(&h->loaded);
}

/* sample: of programs that are all alike one is enough */
static int attach_hook(struct hooks *h, enum hook_id id, bool sample)
{
	int err, i;

	for (i = 0; i < h->loaded.programs.cnt; i++) {
		struct program *s = &h->loaded.programs.list[i];

		if (s->hook != id || s->is_body || s->link_fd >= 0)
			continue;
		err = program__attach(s);
		if (err)
			return err;
		if (sample && s->is_gated)
			break;
	}
	return 0;
}

/* Without the optional hooks when they are what does not load. */
static int load_variant(struct hooks *h, const struct hooks_opts *opts, const struct variant *v)
{
	unsigned int wanted = 0, optional = 0;
	int err, i;

	for (i = 0; i < HOOK_CNT; i++) {
		if (is_wanted(i, opts))
			wanted |= 1U << i;
		if (!program__hook(i)->required)
			optional |= 1U << i;
	}
	err = loaded__load(&h->loaded, opts, v, wanted);
	if (err && wanted & optional) {
		err = loaded__load(&h->loaded, opts, v, wanted & ~optional);
		for (i = 0; i < HOOK_CNT && !err; i++)
			if (wanted & optional & 1U << i)
				h->loaded.programs.state[i] = HOOK_FAILED;
	}
	/* The place where tiers differ, and where nothing happens until somebody is followed. */
	err = err ?: attach_hook(h, HOOK_FILES, false);
	if (err)
		unload(h);
	return err;
}

/* The hash goes by the host's numbers of tasks, which are not known in a PID namespace. */
static int has_foreign_ids(const struct variant *v)
{
	return v->hash && host__pid_ns() ? -EXDEV : 0;
}

bool hooks__is_tier(const char *name)
{
	return variant__next(NULL, name);
}

int hooks__load(const struct hooks_opts *opts, struct hooks **ret, const char **ret_why)
{
	__free_hooks struct hooks *h = calloc(1, sizeof(*h));
	const struct variant *v = NULL;
	int err, first = 0;

	if (!h)
		return -ENOMEM;
	if (!hooks__is_tier(opts->tier)) {
		*ret_why = "there is no such tier, only " HOOKS_TIERS;
		return -EINVAL;
	}
	host__hush_libbpf();
	while ((v = variant__next(v, opts->tier))) {
		err = has_foreign_ids(v) ?: load_variant(h, opts, v);
		if (!err) {
			*ret = STEAL(h);
			return 0;
		}
		log_debug("tier %s%s: %s", tier__name(v->tier),
			  v->hash ? " without task storage" : "", strerror(-err));
		first = first ?: err;
		if (!privileges__are_enough())
			break;
	}
	*ret_why = host__load_error(first);
	return first;
}

int hooks__attach(struct hooks *h, const char **ret_why)
{
	/* Whoever decides to follow comes last, after what inherits and ends it. */
	static const enum hook_id order[] = { HOOK_FILES, HOOK_FORK, HOOK_EXIT, HOOK_EXEC, HOOK_CGROUP };
	int i, err;

	for (i = 0; i < (int)ARRAY_SIZE(order); i++) {
		enum hook_id id = order[i];

		if (h->loaded.programs.state[id] != HOOK_ON)
			continue;
		err = attach_hook(h, id, false);
		if (!err)
			continue;
		h->loaded.programs.state[id] = HOOK_FAILED;
		if (program__hook(id)->required) {
			*ret_why = host__load_error(err);
			return err;
		}
		log_warn("the hook '%s' is refused (%s): %s", program__hook(id)->name, strerror(-err),
			 program__hook(id)->without);
	}
	return 0;
}

void hooks__rest(struct hooks *h)
{
	destroy_links(h, false);
}

int hooks__try(enum tier tier, enum hook_id id)
{
	static const struct hooks_opts opts = { .ring_size = RING_MIN_SIZE, .cgroup = 1, .adopt = true };
	__free_hooks struct hooks *h = calloc(1, sizeof(*h));
	const struct variant *v = NULL;
	int err = -ENOTSUP;

	if (!h)
		return -ENOMEM;
	if (!program__hook(id)->programs[tier][0])
		return -ENOTSUP;
	host__hush_libbpf();
	while (err && (v = variant__next(v, tier__name(tier)))) {
		err = has_foreign_ids(v) ?: loaded__try(&h->loaded, &opts, v, 1U << id);
	}
	if (!err && h->loaded.programs.state[id] != HOOK_ON)
		err = -ENOTSUP;
	if (!err)
		err = id == HOOK_ADOPT ? programs__iterate(&h->loaded.programs) : attach_hook(h, id, true);
	return err;
}

void hooks__free(struct hooks *h)
{
	if (!h)
		return;
	hooks__detach(h);
	leave_links(h);
	unload(h);
	free(h);
}

const char *hooks__tier_name(const struct hooks *h)
{
	return tier__name(h->loaded.variant.tier);
}

void hooks__keep(struct hooks *h)
{
	loaded__keep(&h->loaded);
}

/* What takes seconds to detach is attached for too long; tasks that cannot be seen cannot be forgotten. */
void hooks__leave(const struct hooks *h, struct fds *ret)
{
	ret->cnt = 0;
	if (h->loaded.variant.tier != TIER_FEXIT && h->loaded.programs.state[HOOK_ADOPT] == HOOK_ON && !host__pid_ns())
		loaded__leave(&h->loaded, ret);
}

bool hooks__uses_hash(const struct hooks *h)
{
	return h->loaded.variant.hash;
}

struct hook_info hooks__info(const struct hooks *h, enum hook_id id)
{
	const struct hook_desc *d = program__hook(id);

	return (struct hook_info){
		.name = d->name,
		.what = d->what,
		.without = d->without,
		.required = d->required,
		.state = h ? h->loaded.programs.state[id] : HOOK_OFF,
	};
}

uint64_t hooks__ring_size(const struct hooks *h)
{
	return h->loaded.ring_size;
}

int hooks__map_fd(const struct hooks *h, enum hooks_map map)
{
	return h->loaded.map_fd[map];
}

uint64_t hooks__missed(const struct hooks *h)
{
	uint64_t by_hook[HOOK_CNT] = {}, missed = 0;
	bool is_seen[HOOK_CNT] = {};
	int i;

	for (i = 0; i < h->loaded.programs.cnt; i++) {
		const struct program *s = &h->loaded.programs.list[i];
		uint64_t n = program__missed(s);

		/* Second copies are there for what the first ones miss. */
		if (is_seen[s->hook] && (s->hook == HOOK_FORK || s->hook == HOOK_EXEC))
			by_hook[s->hook] = n < by_hook[s->hook] ? n : by_hook[s->hook];
		else
			by_hook[s->hook] += n;
		is_seen[s->hook] = true;
	}
	for (i = 0; i < HOOK_CNT; i++)
		missed += by_hook[i];
	return missed;
}

int hooks__follow(const struct hooks *h, pid_t pid, const struct task_state *state)
{
	const struct task_entry e = { .s = *state, .nr = NR_NONE };
	__close_fd int pidfd = -1;
	uint32_t tid = pid;
	int err;

	if (h->loaded.variant.hash) {
		err = bpf_map_update_elem(h->loaded.map_fd[MAP_TASK_HASH], &tid, &e, BPF_ANY);
		return err ? -errno : 0;
	}
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -errno;
	err = bpf_map_update_elem(h->loaded.map_fd[MAP_TASKS], &pidfd, state, BPF_ANY);
	return err ? -errno : 0;
}

int hooks__adopt(struct hooks *h)
{
	uint64_t before;
	int err;

	if (h->loaded.programs.state[HOOK_ADOPT] != HOOK_ON)
		return -ENOTSUP;
	do {
		before = *h->loaded.adopted_cnt;
		err = programs__iterate(&h->loaded.programs);
	} while (!err && *h->loaded.adopted_cnt != before);
	if (err)
		h->loaded.programs.state[HOOK_ADOPT] = HOOK_FAILED;
	return err;
}
