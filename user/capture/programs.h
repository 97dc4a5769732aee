/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_PROGRAMS_H
#define GOENVBPF_CAPTURE_PROGRAMS_H
/*
 * The BPF programs that each tier consists of: the table of hooks, and the choice before loading.
 *
 * Lifecycle: programs__choose() → programs__find_targets() → libbpf loads → programs__take(); or all of
 * it comes from an image (image.h). Then each is attached and detached by itself.
 */
#include <bpf/libbpf.h>

#include "capture/hooks.h"

#define PROGRAMS_MAX (CALL_CNT + 2 * HOOK_CNT)
#define SECTION_SZ 48

/*
 * A hook, what it tells, what is unknown without it, and its programs in each tier. pair: those of
 * the last tier on kernels that do not give them a task's storage and registers.
 */
struct hook_desc {
	const char *name, *what, *without;
	bool required;
	const char *programs[TIER_CNT][2];
	const char *pair[2];
};

const struct hook_desc *program__hook(enum hook_id id);

/* One program in use. */
struct program {
	enum hook_id hook;
	struct bpf_program *prog;	/* libbpf's; NULL: it came from an image */
	int fd;			/* -1 until it is loaded */
	int link_fd;		/* -1 until it is attached */
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
	char section[SECTION_SZ];	/* that says what it is attached to */
	bool is_body;		/* called by others, not attached */
	bool is_gated;		/* does nothing without the body */
	uint64_t missed;	/* runs that the kernel skipped, before it was ours */
};

struct programs {
	struct program list[PROGRAMS_MAX];
	int cnt;
	enum hook_state state[HOOK_CNT];
};

/* What is chosen, with the bits of enum hook_id that are wanted. */
struct choice {
	enum tier tier;
	bool hash;		/* states of tasks are in a hash, not in task storage */
	bool net;
	unsigned int wanted;
};

/* What is not chosen will not be loaded. */
int programs__choose(struct programs *p, struct bpf_object *obj, const struct choice *c);
/*
 * Finds what the programs are attached to, for which libbpf reads the kernel's types: it takes
 * milliseconds.
 */
int programs__find_targets(struct programs *p);
/* When they are loaded: what is needed to attach them. The descriptors stay libbpf's. */
void programs__take(struct programs *p);

int program__attach(struct program *p);		/* -errno */
void program__detach(struct program *p);
/* Runs the iterator over all tasks once. -ENOTSUP: none was chosen; -errno. */
int programs__iterate(struct programs *p);
/* Runs that the kernel skipped because another program was running on that CPU. */
uint64_t program__missed(const struct program *p);

#endif
