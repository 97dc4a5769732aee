/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_NEW_RING_H
#define GOENVBPF_CAPTURE_NEW_RING_H
/*
 * The ring's memory, made while something else is done: the kernel takes milliseconds for it, and
 * so does libbpf for the kernel's types.
 */
#include <pthread.h>
#include <stdint.h>

struct new_ring {
	uint64_t size;
	pthread_t thread;
	int fd;			/* or negative errno */
};

/* Not to be moved until it is taken. */
int new_ring__start(struct new_ring *r, uint64_t size);
/* Its descriptor, which is the caller's then; or negative errno. */
int new_ring__take(struct new_ring *r);

#endif
