/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_TOOLCHAINS_H
#define GOENVBPF_ANSWERS_TOOLCHAINS_H
/* Which executables are toolchains and which are other Go programs: for data and pages alike. */
#include "model/images.h"

/* From NULL to NULL. */
const struct image *toolchains__next(const struct model *m, const struct image *i);
const struct image *executables__next(const struct model *m, const struct image *i);
/* The Go version that it is of; a C compiler's own; NULL: not known. */
const char *image__version(const struct image *i);

#endif
