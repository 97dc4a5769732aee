/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON reader: the one file that includes cJSON. struct jsonv is cJSON's node by another name. */
#include <errno.h>

#include <cjson/cJSON.h>

#include "json.h"

static const cJSON *node(const struct jsonv *v)
{
	return (const cJSON *)v;
}

int jsonv__parse(const char *text, size_t n, struct jsonv **ret_root)
{
	const char *end;
	cJSON *root;

	root = cJSON_ParseWithLengthOpts(text, n, &end, 0);
	if (!root)
		return -EINVAL;
	for (; end < text + n; end++) {
		if (!memchr(" \t\r\n", *end, 4)) {
			cJSON_Delete(root);
			return -EINVAL;
		}
	}
	*ret_root = (struct jsonv *)root;
	return 0;
}

void jsonv__free(struct jsonv *root)
{
	cJSON_Delete((cJSON *)root);
}

const struct jsonv *jsonv__get(const struct jsonv *obj, const char *key)
{
	return obj ? (const struct jsonv *)cJSON_GetObjectItemCaseSensitive(node(obj), key) : NULL;
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
