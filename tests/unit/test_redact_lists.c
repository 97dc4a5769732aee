/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lists of tests/data: each secret is cut out as far as its marks say and no further, public
 * texts stay to the byte. A line is ["PLACE NAME", TEXT…]; between « and » is the secret.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "record/redact.h"
#include "util/file.h"
#include "util/json.h"

#define FROM "\xc2\xab"
#define TO   "\xc2\xbb"

/* One text without its marks, and as it has to come out. Returns how many secrets. */
static unsigned int prepare(const char *text, struct str *in, struct str *expected)
{
	unsigned int cnt = 0;
	bool secret = false;

	for (; *text; text++) {
		if (!strncmp(text, FROM, 2) || !strncmp(text, TO, 2)) {
			secret = !strncmp(text, FROM, 2);
			cnt += secret;
			if (secret)
				str__adds(expected, REDACTED);
			text++;
			continue;
		}
		str__addc(in, *text);
		if (!secret)
			str__addc(expected, *text);
	}
	return cnt;
}

/* "@": a kind that has no name */
static enum config_kind kind_of(const char *name)
{
	enum config_kind kind;

	for (kind = CONFIG_NONE + 1; kind < CONFIG_CNT; kind++)
		if (str_eq(config_kind__name(kind), name))
			return kind;
	assert_string_equal(name, "@");
	return CONFIG_NONE;
}

static unsigned int redact(const char *place, struct redact_argv *a, const struct str *in,
			   struct str *out)
{
	const char *name = strchr(place, ' ');
	const char *s = in->s ? in->s : "";

	name = name ? name + 1 : "";
	if (str_has_prefix(place, "argv"))
		return redact__arg(a, s, in->len, out);
	if (str_has_prefix(place, "env "))
		return redact__env_value(name, strlen(name), s, in->len, out);
	if (str_has_prefix(place, "setting "))
		return redact__setting(name, strlen(name), s, in->len, out);
	if (str_has_prefix(place, "file "))
		return redact__file(kind_of(name), s, in->len, out);
	if (!redact__path_is_suspect(s, in->len)) {
		str__add(out, s, in->len);
		return 0;
	}
	return redact__path(s, in->len, out);
}

/* Counts the secrets of one line; false: it did not come out as it has to. */
static bool check_line(const char *text, size_t n, unsigned int *secrets, unsigned int *texts)
{
	__free_str struct str all_out = {}, all_expected = {};
	__free_jsonv struct jsonv *root = NULL;
	struct redact_argv a = {};
	const struct jsonv *v;
	unsigned int cnt = 0;
	const char *place;

	assert_int_equal(jsonv__parse(text, n, &root), 0);
	v = jsonv__first(root);
	place = jsonv__string(v);
	while ((v = jsonv__next(v))) {
		__free_str struct str in = {}, expected = {}, out = {};

		cnt += prepare(jsonv__string(v), &in, &expected);
		redact(place, &a, &in, &out);
		str__addf(&all_out, "%s | ", out.s ? out.s : "");
		str__addf(&all_expected, "%s | ", expected.s ? expected.s : "");
	}
	*secrets += cnt;
	*texts += !cnt;
	if (str_eq(all_out.s, all_expected.s))
		return true;
	print_error("%s\n  came:     %s\n  expected: %s\n", place, all_out.s, all_expected.s);
	return false;
}

static void check_list(const char *path, unsigned int *secrets, unsigned int *texts)
{
	__free_str struct str list = {};
	unsigned int failed = 0;
	char *line, *end;

	if (file__read(path, 1 << 20, &list))
		fail_msg("%s cannot be read", path);
	for (line = list.s; *line; line = end + 1) {
		end = strchr(line, '\n');
		failed += !check_line(line, end - line, secrets, texts);
	}
	print_message("%s: %u secrets, %u public texts, %u lines wrong\n", path, *secrets, *texts,
		      failed);
	assert_int_equal(failed, 0);
}

static void test_secrets(void **state)
{
	unsigned int secrets = 0, texts = 0;

	check_list("tests/data/secrets.jsonl", &secrets, &texts);
	assert_true(secrets >= 1400);
	assert_int_equal(texts, 0);	/* each line has one */
}

static void test_public(void **state)
{
	unsigned int secrets = 0, texts = 0;

	check_list("tests/data/public.jsonl", &secrets, &texts);
	assert_true(texts >= 700);
	assert_int_equal(secrets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
