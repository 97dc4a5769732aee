/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_HOOKS_H
#define GOENVBPF_CAPTURE_HOOKS_H
/*
 * The BPF programs in the kernel: which are used, loaded, attached.
 *
 * Lifecycle: hooks__load() → hooks__attach() → hooks__follow() and the maps are used →
 * hooks__detach() → hooks__free(). Nothing is followed until somebody says whom.
 *
 * A tier is a way of reaching the kernel. The first one whose every required hook loads, and which
 * attaches where tiers differ, is taken; hooks that are optional and missing are named with what is
 * not known then.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include "bpf/event.h"
#include "capture/host.h"
#include "util/cleanup.h"
#include "util/fds.h"

enum tier {
	TIER_FEXIT,		/* at the exit of each call's own function */
	TIER_TP_BTF,		/* at the one exit of all calls */
	TIER_TRACEPOINT,	/* classic events at the exit of all calls; at their entry, too, before 5.15 */
	TIER_CNT,
};

enum hook_id {
	HOOK_FILES,
	HOOK_FILES32,
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
	bool required;		/* a tier without it is none */
	enum hook_state state;
};

struct hooks_opts {
	uint64_t ring_size;	/* bytes, rounded up to a power of two; 0: 16 MiB */
	const char *tier;	/* "auto" or a tier's name; NULL is auto */
	uint64_t cgroup;	/* id of the cgroup to follow, 0: none */
	uint32_t cgroup_tree;	/* of its hierarchy */
	bool all;		/* fstat-like calls too */
	bool net;		/* connect too */
	bool watch;		/* decide by program at exec */
	bool adopt;		/* hooks__adopt() will be called */
	/*
	 * What earlier hooks have left in the kernel, hooks__leave(): taken whatever comes, and used if it is what
	 * is asked for. NULL: nothing.
	 */
	struct fds *used;
};

struct hooks;

/* Is there a tier of that name? "auto" counts. */
bool hooks__is_tier(const char *name);
#define HOOKS_TIERS "auto, fexit, tp_btf, tracepoint"

/*
 * -EINVAL: no such tier; -EPERM: not enough privileges or refused by lockdown; -ENOENT: no kernel
 * BTF; -ENOMEM: not even a small ring fits; others as libbpf gives them. *ret_why gets a sentence
 * for people (static).
 */
int hooks__load(const struct hooks_opts *opts, struct hooks **ret, const char **ret_why);
int hooks__attach(struct hooks *h, const char **ret_why);
/*
 * Detached until hooks__attach(), for who loads ahead of time: nobody pays for programs that follow nobody.
 * Those of the fexit tier stay attached, since detaching takes seconds and they cost next to nothing.
 */
void hooks__rest(struct hooks *h);
/*
 * Loads and attaches one hook of one tier, and removes it again: negative errno tells why it does
 * not work here, -ENOTSUP that this tier does not have it.
 */
int hooks__try(enum tier tier, enum hook_id id);
/* Keeps what was loaded for the next start: to be called when nobody waits. */
void hooks__keep(struct hooks *h);
/*
 * Descriptors of what is loaded, which stay the hooks': who has copies of them can have it all used anew when
 * these hooks are gone, and their process with them. None: it has to be loaded again.
 */
void hooks__leave(const struct hooks *h, struct fds *ret);
/* No program starts any more when it returns; the maps stay. */
void hooks__detach(struct hooks *h);
void hooks__free(struct hooks *h);

const char *hooks__tier_name(const struct hooks *h);
/* Are the states of tasks in a hash of limited size, as on kernels before 5.13? */
bool hooks__uses_hash(const struct hooks *h);
const char *tier__name(enum tier tier);
/* The same for all: h may be NULL, the state is HOOK_OFF then. */
struct hook_info hooks__info(const struct hooks *h, enum hook_id id);
uint64_t hooks__ring_size(const struct hooks *h);

enum hooks_map {
	MAP_EVENTS, MAP_SOON, MAP_STATS, MAP_EXES, MAP_VERDICTS, MAP_TARGETS, MAP_TASKS, MAP_TASK_HASH,
	MAP_BODIES, MAP_CNT
};

int hooks__map_fd(const struct hooks *h, enum hooks_map map);

/* Runs of programs that the kernel skipped because another was running on that CPU. */
uint64_t hooks__missed(const struct hooks *h);

/* Follows a task that does nothing at the moment. */
int hooks__follow(const struct hooks *h, pid_t pid, const struct task_state *state);
/* Takes in the targets and everything below them; returns when nothing is left out. */
int hooks__adopt(struct hooks *h);

DEFINE_CLEANUP(hooks, struct hooks *, hooks__free);
#define __free_hooks __cleanup_with(hooks)

#endif
