/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_KCONFIG_H
#define GOENVBPF_CAPTURE_KCONFIG_H
/*
 * The configuration that a kernel was built with, as far as a file tells it.
 *
 * Lifecycle: kconfig__find() or kconfig__read(), kconfig__value() as often as needed,
 * kconfig__free(). It explains a refusal; what a kernel can do is found out by trying.
 */
#include "util/cleanup.h"

enum kconfig_value {
	KCONFIG_UNKNOWN,	/* the file is cut, and up to there it does not say */
	KCONFIG_OFF,		/* "is not set", or not mentioned: what it depends on is off */
	KCONFIG_MODULE,
	KCONFIG_ON,		/* y, a number or a string */
};

struct kconfig;

/*
 * Plain or gzip, told by its first bytes. -EFBIG: larger than any configuration; -EBADMSG: it is
 * none; -EINVAL: no regular file; others as open() and read() give them. A file that is cut is read
 * up to there.
 */
int kconfig__read(const char *path, struct kconfig **ret);
/* That of the running kernel, from the first of the usual files that is readable; else -ENOENT. */
int kconfig__find(struct kconfig **ret);
void kconfig__free(struct kconfig *k);

/* Where it was read. */
const char *kconfig__path(const struct kconfig *k);
/* option is its name without CONFIG_. */
enum kconfig_value kconfig__value(const struct kconfig *k, const char *option);

DEFINE_CLEANUP(kconfig, struct kconfig *, kconfig__free);
#define __free_kconfig __cleanup_with(kconfig)

#endif
