/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_JSON_H
#define GOENVBPF_UTIL_JSON_H
/*
 * JSON: a streaming writer of our own and a reader over cJSON.
 *
 * The writer exists because a record line is written for every system call: it appends to a
 * struct str and allocates nothing per value. cJSON, which nobody else may include, reads.
 *
 * Writer: json__init(&j, &out); json__obj(&j); json__key(&j, "k"); json__str(&j, …); json__end(&j).
 * Nesting is limited to 63 levels; the caller controls it, deeper is a programming error (assert).
 * Errors are those of struct str (sticky -ENOMEM).
 *
 * Reader: jsonv__parse() gives an immutable tree, freed by jsonv__free(). Numbers are doubles
 * (exact up to 2^53: larger values are strings in our formats); names are compared exactly.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct json {
	struct str *out;
	uint64_t arrays;	/* bit d: level d is an array */
	uint64_t first;		/* bit d: nothing was written at level d yet */
	unsigned int depth;
	bool after_key;
};

void json__init(struct json *j, struct str *out);
void json__obj(struct json *j);
void json__arr(struct json *j);
void json__end(struct json *j);		/* closes the innermost object or array */
void json__key(struct json *j, const char *key);	/* key must need no escaping */
void json__key_bytes(struct json *j, const char *key, size_t n);	/* any bytes */
/* Bytes that are not UTF-8 come out as U+FFFD, one each; false tells that there were any. */
bool json__bytes(struct json *j, const void *bytes, size_t n);
void json__str(struct json *j, const char *s);		/* NULL gives null */
void json__int(struct json *j, int64_t v);
void json__uint(struct json *j, uint64_t v);
void json__double(struct json *j, double v);
void json__bool(struct json *j, bool v);
void json__null(struct json *j);
void json__raw(struct json *j, const char *text, size_t n);	/* text is one valid JSON value */

/* key and value in one call */
void json__kstr(struct json *j, const char *key, const char *s);
void json__kint(struct json *j, const char *key, int64_t v);
void json__kuint(struct json *j, const char *key, uint64_t v);
void json__kbool(struct json *j, const char *key, bool v);

/* True when the bytes are valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool utf8__is_valid(const void *bytes, size_t n);

/* --- reading --- */

struct jsonv;	/* one value of a parsed tree; borrowed from the root */

/* The line (from 1) of the text in which v begins; root: what the text was parsed to. 0: not there. */
unsigned int jsonv__line(const char *text, size_t n, const struct jsonv *root, const struct jsonv *v);
/* The line of a text that does not parse in which that shows. */
unsigned int jsonv__bad_line(const char *text, size_t n);
/* Parses exactly one JSON value; -EINVAL when malformed, -ENOMEM. */
int jsonv__parse(const char *text, size_t n, struct jsonv **ret_root);
void jsonv__free(struct jsonv *root);	/* NULL is fine */

/*
 * Memory for one tree at a time, kept from parse to parse: reading a million lines then costs no
 * allocation per value. The tree is valid until the next parse in the same arena and is never
 * given to jsonv__free(). One arena belongs to one thread at a time.
 */
struct jsonv_arena;
struct jsonv_arena *jsonv_arena__new(void);	/* NULL when memory ran out */
void jsonv_arena__free(struct jsonv_arena *a);	/* NULL is fine */
int jsonv__parse_in(struct jsonv_arena *a, const char *text, size_t n, const struct jsonv **ret_root);

const struct jsonv *jsonv__get(const struct jsonv *obj, const char *key);	/* NULL when absent */
const char *jsonv__string(const struct jsonv *v);	/* NULL when v is NULL or not a string */
bool jsonv__is_number(const struct jsonv *v);
double jsonv__number(const struct jsonv *v, double absent);
int64_t jsonv__int(const struct jsonv *v, int64_t absent);
bool jsonv__bool(const struct jsonv *v, bool absent);
bool jsonv__is_obj(const struct jsonv *v);
bool jsonv__is_arr(const struct jsonv *v);
const struct jsonv *jsonv__first(const struct jsonv *v);	/* first member or item, or NULL */
const struct jsonv *jsonv__next(const struct jsonv *v);
const char *jsonv__name(const struct jsonv *v);	/* key of an object's member */

/* obj.key as a string, integer … : the usual way to read a record line */
static inline const char *jsonv__kstr(const struct jsonv *obj, const char *key)
{
	return jsonv__string(jsonv__get(obj, key));
}

static inline int64_t jsonv__kint(const struct jsonv *obj, const char *key, int64_t absent)
{
	return jsonv__int(jsonv__get(obj, key), absent);
}

DEFINE_CLEANUP(jsonv, struct jsonv *, jsonv__free);
#define __free_jsonv __cleanup_with(jsonv)

#endif
