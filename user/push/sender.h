/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_PUSH_SENDER_H
#define GOENVBPF_PUSH_SENDER_H
/*
 * Requests, sent one after the other over a connection that is kept. Certificates are verified,
 * redirects are not followed, no proxy and no .netrc is asked. What may work later (429, 502, 503, 504,
 * a connection that fails) is tried again after a pause that doubles, or that the receiver asked for.
 *
 * Lifecycle: sender__new() → sender__post() each → sender__free().
 */
#include "push/target.h"

enum delivery {
	DELIVERED,
	REFUSED,	/* this one; others may be taken */
	UNREACHABLE,	/* there is no use in sending more */
};

struct answer {
	uint64_t rejected;	/* items of one that was delivered */
	struct str text;	/* what went wrong, or what the receiver said of what it took; may be empty */
};

struct sender_opts {
	const struct target *target;
	const char *cacert;		/* NULL: the system's */
	unsigned int retries;
	uint64_t until;			/* CLOCK_MONOTONIC, ns: no longer */
	bool (*is_stopped)(void);
};

struct sender;

struct sender *sender__new(const struct sender_opts *opts);	/* copied, but borrows target; NULL: out of memory */
/* path: "/v1/traces". The answer is zeroed by the caller, who frees its text. */
enum delivery sender__post(struct sender *s, const char *path, const char *json, size_t n, struct answer *ret);
void sender__free(struct sender *s);	/* NULL is fine */

#endif
