/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_BUILD_ID_H
#define GOENVBPF_UTIL_BUILD_ID_H
/* What the linker made of this program's content: equal for the same program only. */
#include <stddef.h>

#define BUILD_ID_MAX 32

/* -ENOENT: the program was linked without. The rest of ret is zero. */
int build_id__own(unsigned char ret[static BUILD_ID_MAX]);

#endif
