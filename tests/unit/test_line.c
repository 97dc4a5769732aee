/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Building record lines: shape, foreign bytes, what is partly known, errno names. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "record/line.h"

static struct line l;

static void expect(const char *expected)
{
	__free_jsonv struct jsonv *root = NULL;

	assert_int_equal(line__end(&l), 0);
	assert_string_equal(l.text.s, expected);
	assert_int_equal(jsonv__parse(l.text.s, l.text.len, &root), 0);
}

static void test_open(void **state)
{
	line__begin(&l, REC_OPEN, 123456789012, 10, 11, 3);
	line__str(&l, "call", "openat");
	line__str(&l, "none", NULL);
	line__bytes(&l, "as", "a\"\\\n\x01z", 6);
	line__bytes(&l, "path", "", 0);
	line__raw(&l, "flags", "[\"RDONLY\"]", 10);
	line__int(&l, "fd", -3);
	line__bool(&l, "yes", true);
	expect("{\"k\":\"open\",\"ts\":123456789012,\"pid\":10,\"tid\":11,\"proc\":3,\"call\":\"openat\","
	       "\"as\":\"a\\\"\\\\\\n\\u0001z\",\"path\":\"\",\"flags\":[\"RDONLY\"],\"fd\":-3,\"yes\":true}");
}

static void test_unknown_ids_are_absent(void **state)
{
	line__begin(&l, REC_LOST, 0, 0, 0, 0);
	expect("{\"k\":\"lost\",\"ts\":0}");
	line__begin_plain(&l, REC_END);
	expect("{\"k\":\"end\"}");
}

static void test_large_numbers(void **state)
{
	line__begin_plain(&l, REC_END);
	line__uint(&l, "a", 1ULL << 53);
	line__uint(&l, "b", (1ULL << 53) + 1);
	line__uint(&l, "c", UINT64_MAX);
	line__int(&l, "d", -(1LL << 53));
	line__int(&l, "e", INT64_MIN);
	expect("{\"k\":\"end\",\"a\":9007199254740992,\"b\":\"9007199254740993\","
	       "\"c\":\"18446744073709551615\",\"d\":-9007199254740992,\"e\":\"-9223372036854775808\"}");
}

static void test_foreign_bytes(void **state)
{
	static const struct {
		const char *in, *json, *hex;
	} cases[] = {
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", NULL },
		{ "\xf0\x9f\x90\xb9", "\xf0\x9f\x90\xb9", NULL },
		{ "a\xff" "b", "a\\ufffdb", "61ff62" },
		{ "\xc0\xaf", "\\ufffd\\ufffd", "c0af" },			/* overlong */
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd", "eda080" },	/* surrogate */
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd", "f4908080" },
		{ "x\xe2\x82", "x\\ufffd\\ufffd", "78e282" },			/* cut */
		{ "\x7f", "\\u007f", NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__free_str struct str s = {};

		line__begin_plain(&l, REC_OPEN);
		line__bytes(&l, "path", cases[i].in, strlen(cases[i].in));
		str__addf(&s, "{\"k\":\"open\",\"path\":\"%s\"", cases[i].json);
		if (cases[i].hex)
			str__addf(&s, ",\"path_hex\":\"%s\"", cases[i].hex);
		str__adds(&s, "}");
		expect(s.s);
	}
}

static void test_args_and_env(void **state)
{
	static const char args[] = "go\0\0b\xff\0";
	static const char env[] = "GOOS=l\xff\0A\xff=1\0GOARCH=\0B=2\0";

	line__begin_plain(&l, REC_EXEC);
	line__args(&l, args, sizeof(args) - 1);
	line__env(&l, env, sizeof(env) - 1);
	expect("{\"k\":\"exec\",\"args\":[\"go\",\"\",\"b\\ufffd\"],\"args_hex\":[null,null,\"62ff\"],"
	       "\"env\":{\"GOOS\":\"l\\ufffd\",\"GOARCH\":\"\"},\"env_hex\":{\"GOOS\":\"6cff\"},"
	       "\"env_names\":[\"A\\ufffd\",\"B\"],\"env_names_hex\":[\"41ff\",null]}");
	line__begin_plain(&l, REC_EXEC);
	line__args(&l, NULL, 0);
	line__env(&l, NULL, 0);
	line__bytes(&l, "cwd", NULL, 0);
	line__file(&l, CONFIG_GO_MOD, NULL, 0, false, 0);
	line__settings(&l, NULL, 0);
	expect("{\"k\":\"exec\",\"args\":[],\"env\":{},\"env_names\":[],\"cwd\":\"\",\"text\":\"\","
	       "\"settings\":{}}");
	assert_int_equal(l.redactions, 0);
}

static void test_incomplete(void **state)
{
	line__begin_plain(&l, REC_OPEN);
	line__incomplete(&l, "path");
	line__incomplete(&l, "as");
	line__incomplete(&l, "path");
	expect("{\"k\":\"open\",\"incomplete\":[\"path\",\"as\"]}");
	line__begin_plain(&l, REC_OPEN);
	expect("{\"k\":\"open\"}");
}

static void test_errno(void **state)
{
	static const struct {
		int err;
		const char *name;
	} cases[] = {
		{ ENOENT, "ENOENT" }, { EAGAIN, "EAGAIN" }, { EDEADLK, "EDEADLK" },
		{ ENOTSUP, "EOPNOTSUPP" }, { EHWPOISON, "EHWPOISON" }, { 134, "EFTYPE" }, { 512, "ERESTARTSYS" },
		{ 524, "ENOTSUPP" }, { 0, NULL }, { -1, NULL }, { 520, NULL }, { 4000, NULL },
	};
	size_t i;
	int e;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (cases[i].name)
			assert_string_equal(errno__name(cases[i].err), cases[i].name);
		else
			assert_null(errno__name(cases[i].err));
	}
	/* All that the C library knows by name */
	for (e = 1; e < 256; e++)
		if (strerrorname_np(e) && e != ENOTSUP)
			assert_string_equal(errno__name(e), strerrorname_np(e));
	line__begin_plain(&l, REC_OPEN);
	line__err(&l, -ENOENT);
	expect("{\"k\":\"open\",\"err\":\"ENOENT\"}");
	line__begin_plain(&l, REC_OPEN);
	line__err(&l, 4000);
	expect("{\"k\":\"open\",\"err\":\"E4000\"}");
	line__begin_plain(&l, REC_OPEN);
	line__err(&l, INT32_MIN);
	expect("{\"k\":\"open\",\"err\":\"E2147483647\"}");
}

/* Running out of memory fails the line, not the next one. */
static void test_out_of_memory(void **state)
{
	line__begin_plain(&l, REC_OPEN);
	l.text.oom = true;
	assert_int_equal(line__end(&l), -ENOMEM);
	line__begin_plain(&l, REC_OPEN);
	expect("{\"k\":\"open\"}");
}

/* 2 MB of argv in strings that each need care */
static void test_large(void **state)
{
	__free_str struct str block = {};
	int i;

	for (i = 0; i < 60000; i++)
		str__add(&block, "-ldflags=-X a.b=c\xff && x=y", 26);
	for (i = 0; i < 60000; i++)
		block.s[26 * i + 25] = i % 7 ? ';' : '\0';
	block.s[block.len - 1] = '\0';
	line__begin_plain(&l, REC_EXEC);
	line__args(&l, block.s, block.len);
	line__env(&l, block.s, block.len);
	assert_int_equal(line__end(&l), 0);
	assert_true(l.redactions > 60000 / 7);
}

/* Whatever a program was started with: no line is longer than a reader takes, and it says what is not there. */
static void test_longest(void **state)
{
	static const unsigned char bytes[] = { 0xff, 0x01, '"', 'x' };
	const size_t arg_len = 130000, cnt = 48;
	__free_str struct str block = {}, env = {};

	for (size_t k = 0; k < sizeof(bytes); k++) {
		str__cut(&block, 0);
		str__cut(&env, 0);
		for (size_t i = 0; i < cnt; i++) {
			assert_non_null(str__room(&block, arg_len));
			memset(block.s + block.len, bytes[k], arg_len);
			block.len += arg_len;
			str__addc(&block, '\0');
			str__adds(&env, "GOFLAGS=-x");
			str__addc(&env, '\0');
		}
		line__begin_plain(&l, REC_EXEC);
		line__args(&l, block.s, block.len);
		line__env(&l, env.s, env.len);
		line__file(&l, CONFIG_GO_MOD, block.s, arg_len * 32, true, 0);
		assert_int_equal(line__end(&l), 0);
		assert_true(l.text.len < LINE_MAX_LEN);
		if (bytes[k] != 'x' && bytes[k] != '"')
			assert_non_null(strstr(l.text.s, "\"incomplete\":[\"args\""));
	}
}

static int teardown(void **state)
{
	line__free(&l);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_unknown_ids_are_absent),
		cmocka_unit_test(test_large_numbers),
		cmocka_unit_test(test_foreign_bytes),
		cmocka_unit_test(test_args_and_env),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
