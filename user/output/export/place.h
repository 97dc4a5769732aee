/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_OUTPUT_EXPORT_PLACE_H
#define GOENVBPF_OUTPUT_EXPORT_PLACE_H
/*
 * Where reviewers of a repository are shown a finding: they look at nothing but its files. One that
 * a file of it says is there; one about a file of it, at its beginning; every other one at the
 * go.mod of the module, which says whose build it was.
 */
#include "rules/rules.h"
#include "util/str.h"

/*
 * Adds the path, relative to root: the repository's folder, NULL for the module's. The line,
 * from 1. A module elsewhere has no file in the repository: go.mod then stands for its own.
 */
unsigned int place__add(struct str *path, const struct model *m, const struct finding *f,
			const char *root);

#endif
