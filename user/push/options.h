/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_PUSH_OPTIONS_H
#define GOENVBPF_PUSH_OPTIONS_H
/*
 * What push is told: the same table for the verb, which people call, and for goenvbpf-push, which the
 * verb becomes. That is a program of its own so that goenvbpf itself has nothing to do with a network.
 */
#include "util/options.h"

struct push_options {
	const char *url, *headers, *cacert, *spool, *retries;
	uint64_t timeout;		/* seconds; 0: the default */
	bool insecure_http;
	bool accesses, metrics, spooled;	/* the verb's alone */
};

#define PUSH_PROGRAM "goenvbpf-push"
#define PUSH_EXPORTER "GOENVBPF_PUSH_EXPORTER"	/* a variable: the child that writes what is sent */

extern const struct option_group push_options;

/* How often a request is sent again, at most; -EINVAL. */
int push_options__retries(const struct push_options *o, unsigned int *ret);

#endif
