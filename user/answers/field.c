/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading what a field's row says: a member or what a function gives. */
#include <errno.h>
#include <stdlib.h>

#include "answers/field.h"

struct owned {
	void *p;
	void (*destroy)(void *);
};

void *answer__own(struct answer *a, void *p, void (*destroy)(void *))
{
	struct owned *grown = NULL;

	if (p)
		grown = realloc(a->owned, (a->owned_cnt + 1) * sizeof(*grown));
	if (!grown) {
		a->err = -ENOMEM;
		if (p)
			destroy(p);
		return NULL;
	}
	a->owned = grown;
	a->owned[a->owned_cnt++] = (struct owned){ p, destroy };
	return p;
}

void answer__release(struct answer *a, size_t owned_cnt)
{
	while (a->owned_cnt > owned_cnt) {
		const struct owned *o = &a->owned[--a->owned_cnt];

		o->destroy(o->p);
	}
	if (owned_cnt)
		return;
	free(a->owned);
	a->owned = NULL;
}

static uint64_t read_uint(const void *at, size_t size)
{
	return size == sizeof(uint64_t) ? *(const uint64_t *)at : *(const uint32_t *)at;
}

static int64_t read_int(const void *at, size_t size)
{
	return size == sizeof(int64_t) ? *(const int64_t *)at : *(const int32_t *)at;
}

static const void *read_pointer(const void *at)
{
	return *(const void *const *)at;
}

struct value field__value(struct answer *a, const struct field *f, const void *data)
{
	const void *at = (const char *)data + f->at;

	if (f->get)
		return f->get(a, data);
	switch (f->type) {
	case FIELD_STRING:
	case FIELD_BYTES:
		return (struct value){ .s = read_pointer(at) };
	case FIELD_BOOL:
		return (struct value){ .b = *(const bool *)at };
	case FIELD_NAME:
	case FIELD_ID:
	case FIELD_COUNT:
	case FIELD_SIZE:
		return (struct value){ .u = read_uint(at, f->size) };
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_DURATION:
	case FIELD_EPOCH:
		return (struct value){ .i = read_int(at, f->size) };
	case FIELD_HEX:
		return (struct value){ .p = at, .n = read_uint((const char *)data + f->cnt_at, f->cnt_size) };
	default:
		return (struct value){ .p = f->is_pointer ? read_pointer(at) : at };
	}
}

bool field__is_known(const struct field *f, struct value v)
{
	switch (f->type) {
	case FIELD_BOOL:
		return v.b;
	case FIELD_NAME:
		return v.u >= f->first && v.u < f->end;
	case FIELD_ID:
	case FIELD_COUNT:
	case FIELD_SIZE:
		return v.u;
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_DURATION:
		return v.i >= 0;
	case FIELD_EPOCH:
		return v.i;
	case FIELD_HEX:
		return v.n;
	default:
		return v.p;
	}
}

void field__next(struct answer *a, const struct field *f, const void *data, struct cursor *c)
{
	const char *at = (const char *)data + f->at;

	if (f->next) {
		c->item = f->next(a, data, c->item);
		return;
	}
	if (c->i >= read_uint((const char *)data + f->cnt_at, f->cnt_size)) {
		c->item = NULL;
		return;
	}
	if (f->is_pointer)
		at = read_pointer(at);
	c->item = at + c->i++ * f->stride;
	if (f->of == FIELD_STRING)
		c->item = read_pointer(c->item);
}
