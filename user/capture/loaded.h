/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_LOADED_H
#define GOENVBPF_CAPTURE_LOADED_H
/*
 * The programs and maps of one way to hook in, in the kernel: loaded from an image that an earlier
 * start has left (image_cache.h), or by libbpf.
 *
 * Lifecycle: zero-initialise → loaded__load() → … → loaded__keep(), when nobody waits →
 * loaded__unload().
 */
#include "capture/image_cache.h"
#include "capture/variants.h"

#define RING_MIN_SIZE (64ULL << 10)

struct goenvbpf_bpf;

struct loaded {
	struct variant variant;
	struct programs programs;
	uint64_t ring_size;
	int map_fd[MAP_CNT];		/* -1: not made, nobody uses it */
	const volatile __u64 *adopted_cnt;	/* tasks that the iterator has taken in */
	struct goenvbpf_bpf *skel;	/* libbpf's; NULL: none */
	struct image_key key;
	struct image image;		/* to be kept */
	int image_fds[IMAGE_MAPS_MAX];	/* all maps of an image; the same descriptors as above */
	int image_fd_cnt;
	void *bss;			/* mapped, of an image */
};

/* wanted: bits of enum hook_id. -errno: nothing is left behind. */
int loaded__load(struct loaded *l, const struct hooks_opts *opts, const struct variant *v,
		 unsigned int wanted);
/* The same without an image, and nothing is kept for later. */
int loaded__try(struct loaded *l, const struct hooks_opts *opts, const struct variant *v,
		unsigned int wanted);
/* Keeps what was loaded for the next start, if it can be kept and is not yet. */
void loaded__keep(struct loaded *l);
/* What opts.used is to be for the next one: descriptors that stay its own; none if there is no image. */
void loaded__leave(const struct loaded *l, struct fds *ret);
/* What is attached stays so until its program is detached. */
void loaded__unload(struct loaded *l);

#endif
