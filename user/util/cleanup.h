/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_CLEANUP_H
#define GOENVBPF_UTIL_CLEANUP_H
/*
 * Scope-bound ownership.
 *
 * A local declared with one of these attributes is released when it leaves scope, on every path.
 * Ownership leaves by STEAL() only, so that a reader sees the hand-over where it happens.
 * A module with an object type declares its own attribute with DEFINE_CLEANUP next to its __free().
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFINE_CLEANUP(name, type, fn)			\
	static inline void name##_cleanup(type *p)	\
	{						\
		fn(*p);					\
	}						\
	struct name##_cleanup_needs_semicolon

#define __cleanup_with(name) __attribute__((cleanup(name##_cleanup)))

/* Returns the value of x and leaves NULL behind: the caller's new owner is the receiver. */
#define STEAL(x)			\
	({				\
		__typeof__(x) *_p = &(x); \
		__typeof__(x) _v = *_p;	\
		*_p = NULL;		\
		_v;			\
	})

/* The same for file descriptors, which are owned while >= 0. */
static inline int steal_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

static inline void free_mem_cleanup(void *p)
{
	free(*(void **)p);
}

static inline void close_fd_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void close_file_cleanup(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define __free_mem  __attribute__((cleanup(free_mem_cleanup)))
#define __close_fd  __attribute__((cleanup(close_fd_cleanup)))
#define __close_file __attribute__((cleanup(close_file_cleanup)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#ifndef container_of
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - __builtin_offsetof(type, member)))
#endif

#endif
