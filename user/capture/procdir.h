/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_PROCDIR_H
#define GOENVBPF_CAPTURE_PROCDIR_H
/*
 * Processes in /proc, and what they see below their own root. A number there may be that of another
 * process by now, or, in another PID namespace, always have been: nobody else's files are looked at.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/sysmacros.h>

/* A process, by what tells it from a later one of the same number. */
struct viewer {
	uint32_t pid;		/* in our PID namespace, 0: not there */
	uint64_t alive;		/* a time of the boot clock, ns, at which it was there */
};

/*
 * Its directory, which stays that process's while it is open. -ESRCH: it has ended, or cannot be
 * told in this /proc.
 */
int procdir__open(const struct viewer *v);

/*
 * Where its image has its arguments, which is another place after each exec (unless the layout of
 * memory is not random); 0: not known, or for others to see.
 */
uint64_t procdir__args_at(int dir);

/* Its root, to name files below it (O_PATH). */
int procdir__open_root(const struct viewer *v);

/*
 * The device of the file system that fd is on, as programs in the kernel read it and not as
 * stat(2) tells it: they differ with btrfs and overlayfs. dir: the directory of a process in whose
 * mount namespace fd was opened. Encoded as major << 20 | minor.
 */
int procdir__device(int dir, int fd, uint32_t *ret);
/* The C library's number of a device for the kernel's. */
static inline dev_t procdir__dev(uint32_t kernel)
{
	return makedev(kernel >> 20, kernel & ((1 << 20) - 1));
}

#endif
