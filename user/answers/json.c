/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any object of an answer as JSON. */
#include <stdio.h>

#include "answers/answer.h"

static void write_uint(struct json *j, uint64_t v)
{
	char digits[24];

	if (v <= JSON_EXACT_MAX) {
		json__uint(j, v);
		return;
	}
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	json__str(j, digits);
}

static void write_int(struct json *j, int64_t v)
{
	if (v < 0 && v >= -(int64_t)JSON_EXACT_MAX)
		json__int(j, v);
	else
		write_uint(j, v);
}

static void write_hex(struct json *j, const void *bytes, size_t n)
{
	__free_str struct str hex = {};

	str__addhex(&hex, bytes, n);
	json__str(j, hex.s ?: "");
	j->out->oom |= hex.oom;
}

static void write_bytes(struct json *j, const struct field *f, const char *s)
{
	char key[64];

	if (json__bytes(j, s, strlen(s)))
		return;
	snprintf(key, sizeof(key), "%s_hex", f->key);
	json__key(j, key);
	write_hex(j, s, strlen(s));
}

static void write_fields(struct answer *a, struct json *j, const struct field *f, const void *data);

static const void *open_item(struct answer *a, const struct object *o, const void *item)
{
	return o->open ? o->open(a, item) : item;
}

int answer__write(struct answer *a, struct json *j, const struct object *o, const void *data)
{
	size_t owned_cnt = a->owned_cnt;

	json__obj(j);
	data = open_item(a, o, data);
	if (data)
		write_fields(a, j, o->fields(), data);
	json__end(j);
	answer__release(a, owned_cnt);
	return a->err ?: str__err(j->out);
}

static void write_field(struct answer *a, struct json *j, const struct field *f, const void *data);

/* Of a map: the first field is the key; a single one beside it is the value itself. */
static void write_member(struct answer *a, struct json *j, const struct object *o, const void *item)
{
	size_t owned_cnt = a->owned_cnt;
	const void *data = open_item(a, o, item);
	const char *key = data ? field__value(a, &o->fields()[0], data).s : NULL;

	if (key) {
		json__key_bytes(j, key, strlen(key));
		if (o->fields()[2].key) {
			json__obj(j);
			write_fields(a, j, o->fields() + 1, data);
			json__end(j);
		} else {
			write_field(a, j, &o->fields()[1], data);
		}
	}
	answer__release(a, owned_cnt);
}

static void write_item(struct answer *a, struct json *j, const struct field *f, const void *item)
{
	if (f->type == FIELD_MAP)
		write_member(a, j, f->object, item);
	else if (f->of == FIELD_OBJECT)
		(void)answer__write(a, j, f->object, item);	/* errors are sticky */
	else if (f->of == FIELD_STRING)
		json__str(j, item);
	else
		write_int(j, *(const int64_t *)item);
}

static void write_items(struct answer *a, struct json *j, const struct field *f, const void *data)
{
	const void *outer = a->of;
	struct cursor c = {};

	if (f->type == FIELD_MAP)
		json__obj(j);
	else
		json__arr(j);
	for (field__next(a, f, data, &c); c.item && !a->err; field__next(a, f, data, &c)) {
		a->of = data;
		write_item(a, j, f, c.item);
		a->of = outer;
	}
	json__end(j);
}

static void write_table(struct json *j, const struct field *f, const void *table)
{
	const char *const *strings = table;
	const uint64_t *counts = table;

	json__obj(j);
	for (unsigned int i = f->first; i < f->end; i++) {
		if (f->of == FIELD_STRING && strings[i]) {
			json__key(j, f->name(i));
			json__str(j, strings[i]);
		} else if (f->of != FIELD_STRING && counts[i]) {
			json__key(j, f->name(i));
			write_uint(j, counts[i]);
		}
	}
	json__end(j);
}

static void write_value(struct answer *a, struct json *j, const struct field *f, struct value v)
{
	switch (f->type) {
	case FIELD_STRING:
		json__str(j, v.s);
		break;
	case FIELD_BYTES:
		write_bytes(j, f, v.s);
		break;
	case FIELD_HEX:
		write_hex(j, v.p, v.n);
		break;
	case FIELD_BOOL:
		json__bool(j, v.b);
		break;
	case FIELD_NAME:
		json__str(j, f->name(v.u));
		break;
	case FIELD_ID:
	case FIELD_COUNT:
	case FIELD_SIZE:
		write_uint(j, v.u);
		break;
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_DURATION:
	case FIELD_EPOCH:
		write_int(j, v.i);
		break;
	case FIELD_TABLE:
		write_table(j, f, v.p);
		break;
	default:
		(void)answer__write(a, j, f->object, v.p);	/* errors are sticky */
	}
}

static void write_field(struct answer *a, struct json *j, const struct field *f, const void *data)
{
	bool is_list = f->type == FIELD_LIST || f->type == FIELD_MAP;
	struct value v = {};

	if (is_list) {
		write_items(a, j, f, data);
		return;
	}
	v = field__value(a, f, data);
	if (f->need == OR_NULL && !field__is_known(f, v))
		json__null(j);
	else
		write_value(a, j, f, v);
}

/* Something stands in a list that may be absent. */
static bool has_items(struct answer *a, const struct field *f, const void *data)
{
	struct cursor c = {};

	field__next(a, f, data, &c);
	return c.item;
}

static bool is_there(struct answer *a, const struct field *f, const void *data)
{
	if (f->need != MAY)
		return true;
	if (f->type == FIELD_LIST || f->type == FIELD_MAP)
		return has_items(a, f, data);
	return field__is_known(f, field__value(a, f, data));
}

static void write_fields(struct answer *a, struct json *j, const struct field *f, const void *data)
{
	for (; f->key && !a->err; f++) {
		if (f->type == FIELD_INLINE) {
			const void *inner = field__value(a, f, data).p;

			if (inner)
				write_fields(a, j, f->object->fields(), inner);
		} else if (is_there(a, f, data)) {
			json__key(j, f->key);
			write_field(a, j, f, data);
		}
	}
}

int answer__json(struct answer *a, const struct object *o, const void *data, struct str *out)
{
	struct json j;
	int err;

	json__init(&j, out);
	err = answer__write(a, &j, o, data);
	str__addc(out, '\n');
	return err ?: str__err(out);
}
