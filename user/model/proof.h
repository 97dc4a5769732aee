/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_PROOF_H
#define GOENVBPF_MODEL_PROOF_H
/*
 * What a statement rests on: the times of the events that show it, and whether they leave room for
 * another reading.
 */
#include <stdint.h>

enum confidence {
	NOT_EVALUATED,	/* what it takes was not captured */
	LIKELY,
	PROVEN,
};

#define PROOF_MAX 8	/* events kept: the first ones */

struct proof {
	int64_t ts[PROOF_MAX];
	unsigned int cnt;
};

static inline const char *confidence__name(enum confidence c)
{
	return c == PROVEN ? "proven" : c == LIKELY ? "likely" : "not evaluated";
}

static inline void proof__add(struct proof *p, int64_t ts)
{
	for (unsigned int i = 0; i < p->cnt; i++)
		if (p->ts[i] == ts)
			return;
	if (p->cnt < PROOF_MAX)
		p->ts[p->cnt++] = ts;
}

#endif
