/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_IMAGES_H
#define GOENVBPF_MODEL_IMAGES_H
/*
 * The executables that ran, with what is embedded in them: one entry for each file.
 */
#include "golang/tools.h"
#include "model/model.h"
#include "model/proof.h"

struct process;

struct image {
	const char *exe;
	const char *dev;	/* "254:1"; NULL unknown */
	uint64_t ino;
	uint64_t runs;
	uint64_t probes;	/* runs that only asked for its version or its capabilities */
	uint64_t role_runs[TOOL_CNT];
	/* of its buildinfo line; NULL: not known or none */
	const char *go;		/* "go1.22.3" */
	const char *package;	/* "cmd/go" */
	const char *version;	/* of the main module */
	const char *build_id;
	const char *error;	/* why there is none */
	int64_t looked_at;	/* ts of that line */
	/* of a C compiler, and what shows it */
	struct {
		const char *version;	/* "12", "14.0.6"; NULL: not known */
		enum confidence confidence;
		int64_t ts;
	} cc;
};

/* In the order of the record: start with NULL. */
const struct image *model__next_image(const struct model *m, const struct image *i);

/* The image that a process ran; NULL when that is not known. */
const struct image *model__image_of(const struct model *m, const struct process *p);

/* The role it had most often. */
enum tool_role image__role(const struct image *i);

#endif
