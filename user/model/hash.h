/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_HASH_H
#define GOENVBPF_MODEL_HASH_H
/* What is left of the older idiom: after HASH_ADD* the element is in the table when hash__has(). */
#include "util/hash.h"

#define hash__has(element) ((element)->hh.tbl != NULL)

#endif
