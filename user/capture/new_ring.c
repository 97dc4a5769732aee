/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ring's memory, made while something else is done. */
#include <bpf/bpf.h>
#include <errno.h>

#include "capture/new_ring.h"

static void *create(void *ctx)
{
	struct new_ring *r = ctx;

	r->fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, r->size, NULL);
	if (r->fd < 0)
		r->fd = -errno;
	return NULL;
}

int new_ring__start(struct new_ring *r, uint64_t size)
{
	*r = (struct new_ring){ .size = size };
	return -pthread_create(&r->thread, NULL, create, r);
}

int new_ring__take(struct new_ring *r)
{
	pthread_join(r->thread, NULL);
	return r->fd;
}
