/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_TOOLCHAIN_TOOLCHAIN_H
#define GOENVBPF_MODEL_TOOLCHAIN_TOOLCHAIN_H
/*
 * Which toolchains really ran: where a tool's GOROOT is, when one go command handed over to another
 * one and why, what was downloaded for it, and where tools of different versions worked together.
 * The tools themselves are images (images.h).
 */
#include "model/images.h"
#include "model/model.h"
#include "model/process.h"
#include "model/settings/settings.h"

/* The GOROOT that an executable of the toolchain lies in: length of that part of exe, 0: in none. */
size_t toolchain__goroot_len(const char *exe);
/* go, its tools, and the C compiler's programs. */
bool image__is_toolchain(const struct image *i);

/* A go command handed over to another Go, or should have. */
struct toolchain_switch {
	uint64_t from, to;	/* procs; to 0: it did not come to that */
	int64_t ts;
	const char *version;	/* of the new one: "go1.24.4"; NULL: not known */
	const struct toolchain_pick *pick;	/* who asked for it (settings.h); NULL: not known */
	const char *failure;	/* why there was none: static; NULL: it was made, or runs still */
	struct proof proof;	/* of who asked for it, and of what came of it */
};

/* Files were written of a toolchain that came from a module proxy. */
struct toolchain_download {
	const char *version;	/* "go1.24.4" */
	uint64_t proc;		/* the first process that wrote */
	uint64_t writes;
	int64_t ts;
	bool is_done;		/* it was unpacked, or ran */
};

/* In the order of the record: start with NULL. */
const struct toolchain_switch *model__next_switch(const struct model *m,
						  const struct toolchain_switch *s);
const struct toolchain_download *model__next_download(const struct model *m,
						      const struct toolchain_download *d);
/*
 * The Go versions of a go command and of the tools that worked for it; returns how many there are,
 * GO_VERSIONS_MAX at most. More than one: a GOROOT or a -toolexec that does not fit.
 */
#define GO_VERSIONS_MAX 16
size_t model__go_versions(const struct model *m, const struct process *go, const char *const **ret);

#endif
