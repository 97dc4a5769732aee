/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_ANSWERS_FIELD_H
#define GOENVBPF_ANSWERS_FIELD_H
/*
 * Answers as data: an object is a table of fields, and a field says its key, its type, where its
 * value is, and what it means. JSON, the schemas and columns are made from the tables alone, and
 * pages for people read what is behind the same getters: so no two views can disagree.
 *
 * The data of an object is a struct of the model, as it is, or one that open() makes of it:
 *
 *	OBJECT(module_file, struct module_file, "A go.mod or go.work.",
 *		F_STRING("path",		MUST, path, "the file"),
 *		F_COUNT("directories_above",	MUST, above, "directories above the working directory"),
 *		F_TIMES("proof",		MUST, proof.ts, proof.cnt, PROOF))
 *
 * defines module_file_object, which rows of other tables call module_file.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct model;
struct object;

/* X(id, unit): integers, which are strings above 2^53 */
#define NUMBER_LIST(X)						\
	X(COUNT,	NULL)					\
	X(SIZE,		"bytes")				\
	X(TIME,		"ns since the start of the record")	\
	X(DURATION,	"ns")					\
	X(EPOCH,	"ns since 1970")

enum field_type {
	FIELD_STRING,
	FIELD_BYTES,	/* a name that need not be UTF-8: then KEY_hex is beside it */
	FIELD_HEX,	/* bytes as hexadecimal digits */
	FIELD_BOOL,
	FIELD_NAME,	/* of an enum's value */
	FIELD_ID,	/* proc, pid, line: a number that stays below 2^53 */
	FIELD_INT,
#define X(id, unit) FIELD_##id,
	NUMBER_LIST(X)
#undef X
	FIELD_OBJECT,
	FIELD_INLINE,	/* an object whose fields stand among ours; MAY: all of them, or none */
	FIELD_LIST,
	FIELD_MAP,	/* a list of objects whose first field is the key */
	FIELD_TABLE,	/* an array by an enum's value: those that are not 0 or NULL, by name */
};

/*
 * A value is not known when it is NULL, 0, negative (times, durations, FIELD_INT) or empty, and a
 * flag when it is false. MUST: the key is there in any case. MAY: absent says that it is not known,
 * does not apply, or (flags) is not so. OR_NULL: null says so.
 */
enum field_need {
	MUST,
	MAY,
	OR_NULL,
};

struct answer;

struct value {
	union {
		const void *p;	/* OBJECT, INLINE, HEX, TABLE */
		const char *s;
		uint64_t u;	/* ID, COUNT, SIZE, NAME */
		int64_t i;
		bool b;
	};
	size_t n;		/* HEX: bytes */
};

struct field {
	const char *key;
	const char *meaning;
	enum field_type type, of;	/* of: the items of LIST and TABLE */
	enum field_need need;
	size_t at, size;		/* the member */
	size_t cnt_at, cnt_size;	/* of LIST, HEX: how many */
	size_t stride;			/* of an array's items */
	bool is_pointer;		/* to an object, to the first item */
	struct value (*get)(struct answer *a, const void *data);	/* instead of a member */
	const void *(*next)(struct answer *a, const void *data, const void *item);	/* of an array */
	const char *(*name)(unsigned int value);	/* NAME, TABLE: from first on, below end */
	unsigned int first, end;
	const struct object *object;	/* OBJECT, INLINE, items of LIST and MAP */
};

struct object {
	const char *name;		/* among the schema's definitions */
	const char *meaning;
	const struct field *(*fields)(void);	/* the last one has no key */
	/* What the fields read, when that is more than the item; its memory is answer__own()'s. */
	const void *(*open)(struct answer *a, const void *item);	/* NULL: see a->err */
};

/* What is asked: of which record, with which choice. */
struct answer {
	const struct model *m;		/* NULL: not of a record */
	const void *choice;		/* of the verb, see its header; NULL */
	/* the rest is the walk's: zero before it */
	const void *of;			/* the data whose list or map is walked */
	int err;			/* 0, -ENOMEM, or what an object's open() says */
	struct owned *owned;
	size_t owned_cnt;
};

/*
 * Gives memory to the walk, which frees it after the object that is open. NULL, and a->err, when
 * p is NULL or memory ran out; then it is freed at once.
 */
void *answer__own(struct answer *a, void *p, void (*destroy)(void *));
void answer__release(struct answer *a, size_t owned_cnt);	/* all but the first ones */

struct value field__value(struct answer *a, const struct field *f, const void *data);
bool field__is_known(const struct field *f, struct value v);

/* The items of a LIST or MAP: start with zero, until item is NULL. */
struct cursor {
	const void *item;
	size_t i;
};

void field__next(struct answer *a, const struct field *f, const void *data, struct cursor *c);

/* --- tables --- */

/* The table stands in a function, where THIS can be the struct that its rows are about. */
#define OBJECT_AS(storage, name_, struct_, open_, meaning_, ...)				\
	static const struct field *name_##_fields(void)						\
	{											\
		typedef struct_ THIS __attribute__((unused));					\
		static const struct field fields[] = { __VA_ARGS__, { } };			\
												\
		return fields;									\
	}											\
	storage const struct object name_##_object = {						\
		.name = #name_, .meaning = meaning_, .fields = name_##_fields, .open = open_ };
#define OBJECT(name, struct_, meaning, ...) OBJECT_AS(static, name, struct_, NULL, meaning, __VA_ARGS__)
#define OPENED_OBJECT(name, struct_, open, meaning, ...) OBJECT_AS(static, name, struct_, open, meaning, __VA_ARGS__)
#define PUBLIC_OBJECT(name, struct_, meaning, ...) OBJECT_AS(, name, struct_, NULL, meaning, __VA_ARGS__)
#define PUBLIC_OPENED_OBJECT(name, struct_, open, meaning, ...) OBJECT_AS(, name, struct_, open, meaning, __VA_ARGS__)

/* An expression of 0 that does not compile when the member has none of the types. */
#define MEMBER(m) (((THIS *)NULL)->m)
#define IS_STRING(m) (0 * _Generic(MEMBER(m), const char *: 1, char *: 1))
#define IS_BOOL(m) (0 * _Generic(MEMBER(m), bool: 1))
#define IS_UINT(m) (0 * _Generic(MEMBER(m), uint64_t: 1, uint32_t: 1))
#define IS_INT(m) (0 * _Generic(MEMBER(m), int64_t: 1, int32_t: 1))
#define IS_EITHER(m) (0 * _Generic(MEMBER(m), uint64_t: 1, uint32_t: 1, int64_t: 1, int32_t: 1))
#define IS_POINTER(m) (__builtin_types_compatible_p(__typeof__(MEMBER(m)), __typeof__(&MEMBER(m)[0])))

#define F_AT(key_, type_, need_, check, m, meaning_)	\
	.key = key_, .type = type_, .need = need_, .meaning = meaning_,	\
	.at = offsetof(THIS, m) + check, .size = sizeof(MEMBER(m))
#define F_ITEMS(key_, type_, need_, m, cnt_, meaning_)	\
	F_AT(key_, type_, need_, 0, m, meaning_), .is_pointer = IS_POINTER(m),	\
	.stride = sizeof(MEMBER(m)[0]),						\
	.cnt_at = offsetof(THIS, cnt_) + IS_UINT(cnt_), .cnt_size = sizeof(MEMBER(cnt_))

/* members */
#define F_STRING(key, need, m, meaning)   { F_AT(key, FIELD_STRING, need, IS_STRING(m), m, meaning) }
#define F_BYTES(key, need, m, meaning)    { F_AT(key, FIELD_BYTES, need, IS_STRING(m), m, meaning) }
#define F_BOOL(key, need, m, meaning)     { F_AT(key, FIELD_BOOL, need, IS_BOOL(m), m, meaning) }
#define F_ID(key, need, m, meaning)       { F_AT(key, FIELD_ID, need, IS_UINT(m), m, meaning) }
#define F_COUNT(key, need, m, meaning)    { F_AT(key, FIELD_COUNT, need, IS_UINT(m), m, meaning) }
#define F_SIZE(key, need, m, meaning)     { F_AT(key, FIELD_SIZE, need, IS_UINT(m), m, meaning) }
#define F_INT(key, need, m, meaning)      { F_AT(key, FIELD_INT, need, IS_INT(m), m, meaning) }
#define F_TIME(key, need, m, meaning)     { F_AT(key, FIELD_TIME, need, IS_INT(m), m, meaning) }
#define F_DURATION(key, need, m, meaning) { F_AT(key, FIELD_DURATION, need, IS_INT(m), m, meaning) }
#define F_NAME(key, need, m, name_, first_, end_, meaning)		\
	{ F_AT(key, FIELD_NAME, need, IS_EITHER(m), m, meaning), .name = name_, .first = first_, .end = end_ }
#define F_HEX(key_, need_, m, cnt_, meaning_)				\
	{ F_AT(key_, FIELD_HEX, need_, 0, m, meaning_),			\
	  .cnt_at = offsetof(THIS, cnt_) + IS_UINT(cnt_), .cnt_size = sizeof(MEMBER(cnt_)) }
#define F_INLINE(m, object_)						\
	{ F_AT("", FIELD_INLINE, MUST, 0, m, NULL), .object = &object_##_object }
#define F_INLINE_POINTER(m, object_)					\
	{ F_AT("", FIELD_INLINE, MUST, 0, m, NULL), .object = &object_##_object, .is_pointer = true }
#define F_OBJECT_POINTER(key, need, m, object_, meaning)		\
	{ F_AT(key, FIELD_OBJECT, need, 0, m, meaning), .object = &object_##_object, .is_pointer = true }
/* arrays, with the member that counts; or all of an array by an enum's value */
#define F_ARRAY(key, need, m, cnt, object_, meaning)			\
	{ F_ITEMS(key, FIELD_LIST, need, m, cnt, meaning), .of = FIELD_OBJECT, .object = &object_##_object }
#define F_STRINGS(key, need, m, cnt, meaning)				\
	{ F_ITEMS(key, FIELD_LIST, need, m, cnt, meaning), .of = FIELD_STRING }
#define F_TIMES(key, need, m, cnt, meaning)				\
	{ F_ITEMS(key, FIELD_LIST, need, m, cnt, meaning), .of = FIELD_TIME }
#define F_ARRAY_MAP(key_, need_, m, cnt, object_, meaning_)		\
	{ F_ITEMS(key_, FIELD_MAP, need_, m, cnt, meaning_), .of = FIELD_OBJECT, .object = &object_##_object }
#define F_TABLE(key, need, m, of_, name_, first_, end_, meaning)	\
	{ F_AT(key, FIELD_TABLE, need, 0, m, meaning), .of = of_, .name = name_, .first = first_, .end = end_ }
/* what a function gives */
#define F_GET(key_, type_, need_, get_, meaning_)			\
	{ .key = key_, .type = type_, .need = need_, .get = get_, .meaning = meaning_ }
#define F_GET_NAME(key_, need_, get_, name_, first_, end_, meaning_)	\
	{ .key = key_, .type = FIELD_NAME, .need = need_, .get = get_, .meaning = meaning_,	\
	  .name = name_, .first = first_, .end = end_ }
#define F_GET_TABLE(key_, need_, get_, of_, name_, first_, end_, meaning_)	\
	{ .key = key_, .type = FIELD_TABLE, .of = of_, .need = need_, .get = get_, .meaning = meaning_,	\
	  .name = name_, .first = first_, .end = end_ }
#define F_GET_OBJECT(key_, need_, get_, object_, meaning_)		\
	{ .key = key_, .type = FIELD_OBJECT, .need = need_, .get = get_, .object = &object_##_object, .meaning = meaning_ }
#define F_GET_INLINE(need_, get_, object_)				\
	{ .key = "", .type = FIELD_INLINE, .need = need_, .get = get_, .object = &object_##_object }
#define F_LIST(key_, need_, next_, object_, meaning_)			\
	{ .key = key_, .type = FIELD_LIST, .of = FIELD_OBJECT, .need = need_, .next = next_,	\
	  .object = &object_##_object, .meaning = meaning_ }
#define F_TIME_LIST(key_, need_, next_, meaning_)			\
	{ .key = key_, .type = FIELD_LIST, .of = FIELD_TIME, .need = need_, .next = next_, .meaning = meaning_ }
#define F_STRING_LIST(key_, need_, next_, meaning_)			\
	{ .key = key_, .type = FIELD_LIST, .of = FIELD_STRING, .need = need_, .next = next_, .meaning = meaning_ }
#define F_MAP(key_, need_, next_, object_, meaning_)			\
	{ .key = key_, .type = FIELD_MAP, .of = FIELD_OBJECT, .need = need_, .next = next_,	\
	  .object = &object_##_object, .meaning = meaning_ }

/* Getters of one expression: o is the data; v the member of struct value. */
#define GET(function, type, v, expression)						\
	static struct value function(struct answer *a, const void *data)		\
	{										\
		const type *o = data;							\
		(void)o;	/* some ask the model alone */				\
		return (struct value){ .v = (expression) };				\
	}
/* What follows item in the list of o; the first one for NULL. */
#define NEXT(function, type, expression)						\
	static const void *function(struct answer *a, const void *data, const void *item)	\
	{										\
		const type *o = data;							\
		(void)o;								\
		return (expression);							\
	}

#endif
