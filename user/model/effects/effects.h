/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_EFFECTS_EFFECTS_H
#define GOENVBPF_MODEL_EFFECTS_EFFECTS_H
/*
 * What came of it outside of caches: the programs that go put into their place, what the host
 * refused, and where programs connected to (when that was recorded).
 */
#include "model/model.h"
#include "record/kinds.h"

/* A file that a go command wrote, moved to its place, or found up to date there. */
struct output {
	const char *path;
	uint64_t go;		/* proc of the go command */
	int64_t ts;		/* of the last event */
	bool was_up_to_date;	/* it was only marked as new */
};

/* A call that the host refused: permissions, room, a program that cannot be started. */
struct refusal {
	enum rec_kind kind;	/* REC_OPEN, REC_MKDIR, …, REC_EXEC_FAILED */
	const char *path, *err;
	bool writes;		/* it would have changed something */
	uint64_t proc;
	uint64_t cnt;		/* of the process, alike */
	int64_t ts;		/* of the first one */
};

struct connection {
	const char *addr;
	uint32_t port;
	const char *err;	/* NULL: none; EINPROGRESS: what came of it was not seen */
	uint64_t proc;
	uint64_t cnt;
	int64_t ts;
};

/* For at least ns a process was kept from doing anything. */
struct pause {
	uint64_t proc;
	const char *cgroup;	/* that was frozen; NULL: it was stopped by a signal */
	int64_t ts, ns;
	bool at_end;		/* and was so at the end of the record */
};

/* A file that go read, and that lies in none of Go's own folders. */
struct source_read {
	const char *path;
	uint64_t proc, go;	/* the first one, and the go command that it works for */
	int64_t ts;
};

#define EFFECTS_MAX 512		/* of each, kept */
#define EFFECTS_MAX_READ 16384	/* files read */

/* In the order of the record: start with NULL. */
const struct output *model__next_output(const struct model *m, const struct output *o);
const struct refusal *model__next_refusal(const struct model *m, const struct refusal *r);
const struct source_read *model__next_source_read(const struct model *m, const struct source_read *r);
uint64_t model__source_reads_omitted(const struct model *m);
const struct pause *model__next_pause(const struct model *m, const struct pause *p);
const struct connection *model__next_connection(const struct model *m, const struct connection *c);

#endif
