/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_STATUS_H
#define GOENVBPF_OUTPUT_STATUS_H
/*
 * What is going on now, in words: one line, and the parts of it that a larger view shows, too.
 */
#include "model/now/now.h"
#include "output/text.h"

/* One line of at most width columns, all of them ASCII; boot_ns: the time on the boot clock. */
void status__line(const struct now *n, uint64_t boot_ns, size_t width, struct str *out);

/* "0:42", "61:05:09" */
void status__elapsed(struct str *out, int64_t ns);
/* "3 go commands, 1 running, 1 failed" */
void status__commands(struct str *out, const struct now_counts *c);
/* "1,204 hits, 87 misses" */
void status__cache(struct str *out, const struct now_counts *c);
/* "nothing lost", "12 events lost", "nothing lost, 900 lines not shown" */
void status__lost(struct str *out, const struct now_counts *c);

#endif
