/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON reader: the one file that includes cJSON. struct jsonv is cJSON's node by another name. */
#include <errno.h>
#include <pthread.h>

#include <cjson/cJSON.h>

#include "json.h"

static const cJSON *node(const struct jsonv *v)
{
	return (const cJSON *)v;
}

/*
 * cJSON's allocator is one for the whole process, so it is ours from the first parse on: malloc(),
 * but while a thread parses into an arena, that arena. There cJSON frees only what a failing parse
 * made, and that is taken back by the next one.
 */
#define CHUNK_SZ (32 * 1024)
#define KEEP_SZ  (1024 * 1024)	/* one huge line must not hold its memory for good */

struct chunk {
	struct chunk *next;
	size_t used, cap;
	_Alignas(16) char data[];
};

struct jsonv_arena {
	struct chunk *chunks;	/* the current one first */
};

static __thread struct jsonv_arena *parsing_in;
static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;

static void *arena_alloc(struct jsonv_arena *a, size_t n)
{
	struct chunk *c = a->chunks;
	size_t cap;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + 15) & ~(size_t)15;
	if (!c || c->cap - c->used < n) {
		cap = n > CHUNK_SZ ? n : CHUNK_SZ;
		c = malloc(sizeof(*c) + cap);
		if (!c)
			return NULL;
		c->used = 0;
		c->cap = cap;
		c->next = a->chunks;
		a->chunks = c;
	}
	c->used += n;
	return c->data + c->used - n;
}

/* Keeps one chunk; a line that needed more is rare and starts afresh. */
static void arena_reset(struct jsonv_arena *a)
{
	struct chunk *c, *next;

	if (a->chunks && !a->chunks->next && a->chunks->cap <= KEEP_SZ) {
		a->chunks->used = 0;
		return;
	}
	for (c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	a->chunks = NULL;
}

static void *hook_malloc(size_t n)
{
	return parsing_in ? arena_alloc(parsing_in, n) : malloc(n);
}

static void hook_free(void *p)
{
	if (!parsing_in)
		free(p);
}

static void set_hooks(void)
{
	cJSON_Hooks hooks = { .malloc_fn = hook_malloc, .free_fn = hook_free };

	cJSON_InitHooks(&hooks);
}

struct jsonv_arena *jsonv_arena__new(void)
{
	return calloc(1, sizeof(struct jsonv_arena));
}

void jsonv_arena__free(struct jsonv_arena *a)
{
	struct chunk *c, *next;

	if (!a)
		return;
	for (c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

static int parse(const char *text, size_t n, cJSON **ret_root)
{
	const char *end;
	cJSON *root;

	pthread_once(&hooks_once, set_hooks);
	root = cJSON_ParseWithLengthOpts(text, n, &end, 0);
	if (!root)
		return -EINVAL;
	for (; end < text + n; end++) {
		if (!memchr(" \t\r\n", *end, 4)) {
			cJSON_Delete(root);
			return -EINVAL;
		}
	}
	*ret_root = root;
	return 0;
}

int jsonv__parse(const char *text, size_t n, struct jsonv **ret_root)
{
	cJSON *root;
	int err;

	err = parse(text, n, &root);
	if (!err)
		*ret_root = (struct jsonv *)root;
	return err;
}

int jsonv__parse_in(struct jsonv_arena *a, const char *text, size_t n, const struct jsonv **ret_root)
{
	cJSON *root;
	int err;

	arena_reset(a);
	parsing_in = a;
	err = parse(text, n, &root);
	parsing_in = NULL;
	if (!err)
		*ret_root = (const struct jsonv *)root;
	return err;
}

unsigned int jsonv__bad_line(const char *text, size_t n)
{
	const char *end = text;
	unsigned int line = 1;

	cJSON_Delete(cJSON_ParseWithLengthOpts(text, n, &end, 0));
	for (const char *p = text; p < end && p < text + n; p++)
		line += *p == '\n';
	return line;
}

void jsonv__free(struct jsonv *root)
{
	cJSON_Delete((cJSON *)root);
}

const struct jsonv *jsonv__get(const struct jsonv *obj, const char *key)
{
	/* Every part of a model asks every line: most names differ in their first two bytes. */
	for (const cJSON *item = obj ? node(obj)->child : NULL; item; item = item->next) {
		const char *name = item->string;

		if (name && name[0] == key[0] && (!key[0] || name[1] == key[1]) && !strcmp(name, key))
			return (const struct jsonv *)item;
	}
	return NULL;
}

const char *jsonv__string(const struct jsonv *v)
{
	return v && cJSON_IsString(node(v)) ? node(v)->valuestring : NULL;
}

bool jsonv__is_number(const struct jsonv *v)
{
	return v && cJSON_IsNumber(node(v));
}

double jsonv__number(const struct jsonv *v, double absent)
{
	return jsonv__is_number(v) ? node(v)->valuedouble : absent;
}

int64_t jsonv__int(const struct jsonv *v, int64_t absent)
{
	double d;

	if (!jsonv__is_number(v))
		return absent;
	d = node(v)->valuedouble;
	/* Converting a double outside int64_t's range is undefined. */
	if (!(d >= -9007199254740992.0 && d <= 9007199254740992.0))
		return absent;
	return (int64_t)d;
}

bool jsonv__bool(const struct jsonv *v, bool absent)
{
	return v && cJSON_IsBool(node(v)) ? cJSON_IsTrue(node(v)) : absent;
}

bool jsonv__is_obj(const struct jsonv *v)
{
	return v && cJSON_IsObject(node(v));
}

bool jsonv__is_arr(const struct jsonv *v)
{
	return v && cJSON_IsArray(node(v));
}

const struct jsonv *jsonv__first(const struct jsonv *v)
{
	return v ? (const struct jsonv *)node(v)->child : NULL;
}

const struct jsonv *jsonv__next(const struct jsonv *v)
{
	return (const struct jsonv *)node(v)->next;
}

const char *jsonv__name(const struct jsonv *v)
{
	return node(v)->string;
}
