/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_RUN_H
#define GOENVBPF_MODEL_RUN_H
/*
 * The record as a whole: what was observed, where and how, and whether all of it was seen.
 */
#include "model/model.h"

struct tag {
	const char *name;
	const char *value;
};

/* Events that were lost, at one place in time. */
struct loss {
	const char *what;	/* file, life, follow, read */
	uint64_t count;
	int64_t since;		/* ns; -1 unknown */
	int64_t ts;		/* ns; when it was noticed */
};

/* Facts that capture marked as only partly known, by name. */
struct partial {
	const char *name;
	uint64_t count;
};

/* A capability that the observer did not have. */
struct missing {
	const char *name, *without;	/* what is not known for want of it */
};

/* A process that could do things unseen. */
struct blind {
	const char *what;	/* "io_uring", BLIND_OTHER_USER */
	uint64_t proc;
	uint32_t pid;
	int64_t ts;		/* ns; from here on, at the latest */
	bool was_before;	/* it was, when the process began to be followed */
};

#define RUN_MAX_BLINDS 256	/* processes kept; lines of further ones are counted in blinds_cut */
#define RUN_MAX_LOSSES 4096	/* places kept; further ones are counted in losses_cut */
#define RUN_MAX_PARTIALS 64
#define RUN_MAX_MISSING 16

#define RUN_MAX_ALIVE 100

struct run {
	/* header; NULL and 0 when the record did not say */
	bool has_header;
	const char *schema, *version, *start, *mode;
	const char *host, *kernel, *arch, *tier;
	int64_t cpus;
	int64_t boot_ns;	/* of the record's start, on the clock that began with the host; 0 */
	bool has_net;		/* connections were recorded, too */
	const char **command;
	size_t command_cnt;
	struct tag *tags;
	size_t tag_cnt;
	struct missing missing[RUN_MAX_MISSING];
	size_t missing_cnt;

	/* the lines */
	int64_t last_ts;	/* the latest event; 0 when there is none */
	struct loss *losses;
	size_t loss_cnt, losses_cut;
	uint64_t lost_in_lines;
	struct blind *blinds;	/* one for each process and what */
	size_t blind_cnt, blinds_cut;
	struct partial partials[RUN_MAX_PARTIALS];
	size_t partial_cnt;

	/* the end */
	bool has_end, end_complete;
	struct alive_process { uint64_t proc, pid; } alive[RUN_MAX_ALIVE];	/* had not ended */
	size_t alive_cnt;
	uint64_t alive_omitted;
	bool cut;		/* set by who read the record */
	uint64_t bad_lines;
	uint64_t seen, sent, lost, redactions, fstat;
	int64_t duration;	/* ns; of the end line, else last_ts */
	int64_t status;		/* of the command; -1 unknown */
};

/* All was seen and all of it is here. */
bool run__is_complete(const struct run *r);
/* The record's start, ns since 1970; 0: unknown. */
int64_t run__epoch(const struct run *r);
/* The last moment that it tells of, ns: its end, or a line behind that. */
int64_t run__last_moment(const struct run *r);
/* Something that happened may have no line, before the record's end or cut. */
bool run__has_gaps(const struct run *r);
/* What a tag says; NULL: there is none of that name. */
const char *run__tag(const struct run *r, const char *name);
/* Events known to be missing; what is missing behind a cut is not known. */
uint64_t run__lost(const struct run *r);

#endif
