/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_HASH_H
#define GOENVBPF_MODEL_HASH_H
/*
 * uthash, set up so that running out of memory is an answer instead of an exit(): after HASH_ADD*
 * the element is in the table exactly when hash__has() says so.
 */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define hash__has(element) ((element)->hh.tbl != NULL)

#endif
