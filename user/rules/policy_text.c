/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading a policy, with errors that name the line. */
#include <errno.h>
#include <stdlib.h>

#include "model/settings/settings.h"
#include "rules/policy.h"
#include "util/embed.h"
#include "util/nearest.h"

EMBED(policy, "user/rules/policy.schema.json");

const char *policy__schema(size_t *ret_len)
{
	*ret_len = policy_end - policy_begin;
	return policy_begin;
}

struct reading {
	struct policy *p;
	const char *text;
	size_t n;
	struct str *why;
};

static unsigned int line_of(const struct reading *r, const struct jsonv *v)
{
	return jsonv__line(r->text, r->n, r->p->root, v);
}

static int wrong(const struct reading *r, const struct jsonv *v, const char *what, const char *is)
{
	str__addf(r->why, "line %u: %s %s", line_of(r, v), what, is);
	return -EINVAL;
}

static int read_list(const struct reading *r, const struct jsonv *v, struct policy_list *ret)
{
	size_t n = 0;

	if (!jsonv__is_arr(v))
		return wrong(r, v, jsonv__name(v), "has to be a list of strings");
	for (const struct jsonv *i = jsonv__first(v); i; i = jsonv__next(i), n++)
		if (!jsonv__string(i))
			return wrong(r, i, jsonv__name(v), "has to be a list of strings");
	ret->line = line_of(r, v);
	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (const struct jsonv *i = jsonv__first(v); i; i = jsonv__next(i))
		ret->v[ret->cnt++] = jsonv__string(i);
	return 0;
}

static int check_origins(const struct reading *r, const struct jsonv *v)
{
	for (const struct jsonv *i = jsonv__first(v); i; i = jsonv__next(i)) {
		bool is_known = false;

		for (unsigned int s = 0; s < SOURCE_CNT; s++)
			is_known |= str_eq(source__name(s), jsonv__string(i));
		if (!is_known)
			return wrong(r, i, jsonv__string(i), "is no origin; there are environment, env file, go.env, "
				     "go.mod, go.work, command line, telemetry mode, default, computed");
	}
	return 0;
}

static int read_setting(const struct reading *r, const struct jsonv *v, struct policy_setting *ret)
{
	int err = 0;

	*ret = (struct policy_setting){ .name = jsonv__name(v), .line = line_of(r, v) };
	if (!jsonv__is_obj(v))
		return wrong(r, v, ret->name, "has to be an object with origins, values or both");
	for (const struct jsonv *i = jsonv__first(v); i && !err; i = jsonv__next(i)) {
		if (str_eq(jsonv__name(i), "origins"))
			err = read_list(r, i, &ret->origins) ?: check_origins(r, i);
		else if (str_eq(jsonv__name(i), "values"))
			err = read_list(r, i, &ret->values);
		else
			err = wrong(r, i, jsonv__name(i), "is nothing that a setting can have: origins, values");
	}
	return err;
}

static int read_settings(const struct reading *r, const struct jsonv *v)
{
	size_t n = 0;
	int err = 0;

	if (!jsonv__is_obj(v))
		return wrong(r, v, "settings", "has to be an object: a name for each setting");
	for (const struct jsonv *i = jsonv__first(v); i; i = jsonv__next(i))
		n++;
	r->p->settings = calloc(n + 1, sizeof(*r->p->settings));
	if (!r->p->settings)
		return -ENOMEM;
	for (const struct jsonv *i = jsonv__first(v); i && !err; i = jsonv__next(i))
		err = read_setting(r, i, &r->p->settings[r->p->setting_cnt++]);
	return err;
}

static int read_limit(const struct reading *r, const struct jsonv *v, double *ret, unsigned int *ret_line)
{
	*ret = jsonv__number(v, -1);
	*ret_line = line_of(r, v);
	return *ret < 0 ? wrong(r, v, jsonv__name(v), "has to be a number, 0 or more") : 0;
}

static int read_key(const struct reading *r, const struct jsonv *v)
{
	struct policy *p = r->p;
	const struct {
		const char *key;
		struct policy_list *list;
	} lists[] = {
		{ "toolchains", &p->toolchains }, { "roots", &p->roots },
		{ "goflags", &p->goflags },	  { "godebug", &p->godebug },
		{ "forbidden_files", &p->forbidden }, { "required_tags", &p->tags },
	};
	static const char *const others[] = { "settings", "max_misses", "max_compile_seconds" };
	struct nearest nearest = { .name = jsonv__name(v) };
	__free_str struct str is = {};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (str_eq(nearest.name, lists[i].key))
			return read_list(r, v, lists[i].list);
		nearest__try(&nearest, lists[i].key);
	}
	if (str_eq(nearest.name, "settings"))
		return read_settings(r, v);
	if (str_eq(nearest.name, "max_misses"))
		return read_limit(r, v, &p->max_misses, &p->misses_line);
	if (str_eq(nearest.name, "max_compile_seconds"))
		return read_limit(r, v, &p->max_compile_seconds, &p->seconds_line);
	if (str_eq(nearest.name, "$schema"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		nearest__try(&nearest, others[i]);
	str__addf(&is, "is no key of a policy%s%s%s", nearest.best ? "; did you mean " : "", nearest.best ?: "",
		  nearest.best ? "?" : "");
	return wrong(r, v, nearest.name, is.s ?: "");
}

int policy__parse(const char *name, const char *text, size_t n, struct policy *ret, struct str *why)
{
	const struct reading r = { ret, text, n, why };
	int err;

	*ret = (struct policy){ .name = name };
	err = jsonv__parse(text, n, &ret->root);
	if (err == -EINVAL)
		str__addf(why, "line %u: this is not JSON", jsonv__bad_line(text, n));
	if (err)
		return err;
	if (!jsonv__is_obj(ret->root))
		return wrong(&r, ret->root, "a policy", "has to be an object");
	for (const struct jsonv *v = jsonv__first(ret->root); v && !err; v = jsonv__next(v))
		err = read_key(&r, v);
	return err;
}

void policy__free(struct policy *p)
{
	for (size_t i = 0; i < p->setting_cnt; i++) {
		free(p->settings[i].origins.v);
		free(p->settings[i].values.v);
	}
	free(p->settings);
	free(p->toolchains.v);
	free(p->roots.v);
	free(p->goflags.v);
	free(p->godebug.v);
	free(p->forbidden.v);
	free(p->tags.v);
	jsonv__free(p->root);
	*p = (struct policy){};
}
