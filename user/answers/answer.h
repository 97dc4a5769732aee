/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_ANSWER_H
#define GOENVBPF_ANSWERS_ANSWER_H
/*
 * What verbs say, as data: each answer is an object of fields (field.h), and here is what any object
 * becomes.
 *
 * A struct answer says of what is asked; one may be used for several objects, one after the other.
 */
#include "answers/field.h"
#include "util/json.h"

/* Readers that take numbers for doubles get them unchanged up to here; larger ones are strings. */
#define JSON_EXACT_MAX (1ULL << 53)

/* An answer that a verb gives with --json, and that "schema NAME" describes. */
struct answer_kind {
	const char *name;	/* of the verb */
	const struct object *object;
	const struct object *other;	/* the answer is an array of these two; NULL: it is one object */
};

const struct answer_kind *answer_kind__find(const char *name);	/* NULL when there is none */
const struct answer_kind *answer_kind__next(const struct answer_kind *k);	/* from NULL to NULL */

/* Appends one object to what is open in j: a->err, 0 or -ENOMEM. */
int answer__write(struct answer *a, struct json *j, const struct object *o, const void *data);
/* The object as one line. */
int answer__json(struct answer *a, const struct object *o, const void *data, struct str *out);
/* The JSON Schema (draft 2020-12), laid out for people. 0 or -ENOMEM. */
int answer__schema(const struct answer_kind *k, struct str *out);

#endif
