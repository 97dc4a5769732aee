/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_HASH_H
#define GOENVBPF_UTIL_HASH_H
/*
 * Hash tables: uthash, set up so that running out of memory is an answer instead of an exit().
 *
 * A table is a pointer to its elements, NULL when it is empty; an element has a member
 * "UT_hash_handle hh" and its key in one member of plain bytes. Pooled strings are equal exactly
 * when their pointers are, so that a pointer to one is a key like any other. Elements come in the
 * order in which they were added: head, then hh.next.
 *
 *	struct thing { uint64_t id; …; UT_hash_handle hh; } *things = NULL;
 *
 *	struct thing *t = hash_find(things, id, &id);		NULL: none
 *	t = hash_get(&things, id, &id);				made when there is none; NULL: no memory
 *	hash_remove(&things, t);				t is the caller's
 *	hash_free(&things, free);				all of them, and the table
 */
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* The element whose member key equals *value; NULL: none. */
#define hash_find(head, key, value) ({						\
	__typeof__((head) + 0) found_ = NULL;	/* + 0: without const */		\
	HASH_FIND(hh, head, value, sizeof(found_->key), found_);		\
	found_;									\
})

/* Adds an element that is not in the table yet; false: out of memory, it is still the caller's. */
#define hash_add(headp, key, element) ({					\
	HASH_ADD(hh, *(headp), key, sizeof((element)->key), element);		\
	(element)->hh.tbl != NULL;						\
})

/* The element whose member key equals *value, else a new one, zero but for its key. NULL: out of memory. */
#define hash_get(headp, key, value) ({						\
	__typeof__(*(headp)) el_ = hash_find(*(headp), key, value);		\
	if (!el_) {								\
		el_ = calloc(1, sizeof(*el_));					\
		if (el_) {							\
			memcpy(&el_->key, value, sizeof(el_->key));		\
			if (!hash_add(headp, key, el_)) {			\
				free(el_);					\
				el_ = NULL;					\
			}							\
		}								\
	}									\
	el_;									\
})

#define hash_remove(headp, element) HASH_DEL(*(headp), element)

/* Takes every element out and gives it to destroy(). */
#define hash_free(headp, destroy) do {						\
	__typeof__(*(headp)) el_, next_;					\
	HASH_ITER(hh, *(headp), el_, next_) {					\
		HASH_DEL(*(headp), el_);					\
		destroy(el_);							\
	}									\
} while (0)

#define hash_each(head, element) \
	for (element = (head); element; element = (element)->hh.next)

#endif
