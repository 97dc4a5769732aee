/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_HOST_H
#define GOENVBPF_CAPTURE_HOST_H
/*
 * What this host allows an observer, as far as it says so without trying.
 */
#include <stdbool.h>
#include <stdint.h>

/* True when this process may load programs: CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN. */
bool privileges__are_enough(void);

/* The kernel's mode of lockdown ("none", "integrity", "confidentiality"); NULL when it has none. */
const char *host__lockdown(void);
bool host__has_btf(void);

/* What libbpf says is for -v only. */
void host__hush_libbpf(void);

/* By trying; 0 or negative errno. */
int host__try_ring(uint64_t size);
int host__try_fanotify(void);
/* Where the ids of classic events are read; NULL when they cannot be. */
const char *host__tracefs(void);
/* "v2", "hybrid" (v2 beside v1), "v1", "none" */
const char *host__cgroups(void);

/*
 * Our PID namespace, by its inode number; 0 when it is the host's, whose numbers the programs in
 * the kernel use.
 */
uint32_t host__pid_ns(void);
/* Does /proc number processes as our PID namespace does? */
bool host__proc_is_ours(void);

/* Why the programs were refused with err, and what helps: a sentence for people (static). */
const char *host__load_error(int err);

/* One more than the highest number that a CPU can have; there may be gaps. Negative errno. */
int host__cpu_numbers(void);

/*
 * For a service in a mount namespace of its own (systemd's sandbox): from here on this process sees files as
 * the host's first process does, in which paths of what is observed are meant. 0 also when there is nothing
 * to do; -errno, and then nothing has changed.
 */
int host__enter_view(void);
/* Where /proc lists the mounts among which our paths are, in its two formats. */
const char *host__mountinfo(void);
const char *host__mounts(void);
/* The mount namespace in which our paths are, by its inode; 0: not known. */
uint32_t host__mnt_ns(void);

#endif
