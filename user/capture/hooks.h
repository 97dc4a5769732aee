/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_HOOKS_H
#define GOENVBPF_CAPTURE_HOOKS_H
/*
 * The BPF programs in the kernel: which are used, loaded, attached.
 *
 * Lifecycle: hooks__load() → hooks__attach() → (maps are used) → hooks__detach() → hooks__free().
 * Loading follows nothing yet; who is followed is said through the maps.
 *
 * A tier is a way of reaching the kernel. The first one whose every required hook loads and
 * attaches is taken; hooks that are optional and missing are named with what is not known then.
 */
#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"
#include "util/cleanup.h"

enum tier {
	TIER_TP_BTF,
	TIER_CNT,
};

enum hook_id {
	HOOK_FILES,
	HOOK_FORK,
	HOOK_EXEC,
	HOOK_EXIT,
	HOOK_CGROUP,
	HOOK_ADOPT,
	HOOK_CNT,
};

enum hook_state {
	HOOK_OFF,		/* not needed for what was asked */
	HOOK_ON,
	HOOK_FAILED,
};

struct hook_info {
	const char *name;	/* "files" */
	const char *what;	/* "system calls with a path" */
	const char *without;	/* what is not known when it is missing */
	const char *program;	/* the BPF program in use, NULL when none */
	enum hook_state state;
};

struct hooks_opts {
	uint64_t ring_size;	/* bytes, rounded up to a power of two; 0: 16 MiB */
	const char *tier;	/* "auto" or a tier's name; NULL is auto */
	uint64_t cgroup;	/* id of the cgroup to follow, 0: none */
	bool all;		/* fstat-like calls too */
	bool net;		/* connect too */
	bool watch;		/* decide by program at exec */
	bool adopt;		/* hooks__adopt() will be called */
};

struct hooks;

/* Is there a tier of that name? "auto" counts. */
bool hooks__is_tier(const char *name);
#define HOOKS_TIERS "auto, tp_btf"

/*
 * -EINVAL: no such tier; -EPERM: not enough privileges or refused by lockdown; -ENOENT: no kernel
 * BTF; -ENOMEM: not even a small ring fits; others as libbpf gives them. *ret_why, when not NULL,
 * gets a sentence for people (static).
 */
int hooks__load(const struct hooks_opts *opts, struct hooks **ret, const char **ret_why);
int hooks__attach(struct hooks *h, const char **ret_why);
/* No program runs any more when it returns; the maps stay. */
void hooks__detach(struct hooks *h);
void hooks__free(struct hooks *h);

const char *hooks__tier_name(const struct hooks *h);
struct hook_info hooks__info(const struct hooks *h, enum hook_id id);
uint64_t hooks__ring_size(const struct hooks *h);

enum hooks_map { MAP_EVENTS, MAP_STATS, MAP_TASKS, MAP_EXES, MAP_VERDICTS, MAP_TARGETS, MAP_CNT };
int hooks__map_fd(const struct hooks *h, enum hooks_map map);

/* Sum over CPUs. */
int hooks__stats(const struct hooks *h, struct ev_stats *ret);
/* Runs of programs that the kernel skipped because another was running on that CPU. */
uint64_t hooks__missed(const struct hooks *h);

/* Takes in the targets and everything below them; returns when nothing is left out. */
int hooks__adopt(struct hooks *h);

/* True when this process may load programs: CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN. */
bool privileges__are_enough(void);

DEFINE_CLEANUP(hooks, struct hooks *, hooks__free);
#define __free_hooks __cleanup_with(hooks)

#endif
