/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_NEAREST_H
#define GOENVBPF_UTIL_NEAREST_H
/*
 * Which of some names was meant by one that is not among them: initialise .name, nearest__try()
 * each, read .best, NULL when all are too far away to be more than another word.
 */
#include <stddef.h>

struct nearest {
	const char *name;
	const char *best;
	size_t distance;	/* of best */
};

void nearest__try(struct nearest *n, const char *candidate);

#endif
