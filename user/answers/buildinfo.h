/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_BUILDINFO_H
#define GOENVBPF_ANSWERS_BUILDINFO_H
/* The answer of "goenvbpf buildinfo", an array: what a file has embedded, or why that is not known. */
#include "answers/answer.h"
#include "golang/buildinfo.h"

struct embedded_file {
	const char *file;
	const struct buildinfo *info;	/* NULL: see err */
	int err;			/* of buildinfo__read_fd() */
};

extern const struct object buildinfo_object, buildinfo_error_object;	/* of a struct embedded_file */

/* The one that tells of this file. */
static inline const struct object *embedded_file__object(const struct embedded_file *f)
{
	return f->info ? &buildinfo_object : &buildinfo_error_object;
}

#endif
