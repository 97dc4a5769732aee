/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading records: plain, compressed, cut anywhere, damaged, too long. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "record/reader.h"

static const char lines[] =
	"{\"k\":\"header\",\"schema\":\"goenvbpf/1\",\"version\":\"0\"}\n"
	"{\"k\":\"exec\",\"ts\":10,\"pid\":4,\"tid\":4,\"proc\":1,\"args\":[\"go\"]}\n"
	"{\"k\":\"open\",\"ts\":12,\"pid\":4,\"tid\":5,\"proc\":1,\"path\":\"/a\",\"err\":\"ENOENT\"}\n"
	"{\"k\":\"end\",\"complete\":true}\n";

static char dir[] = "/tmp/goenvbpf-reader-XXXXXX";
static char path[64];

static void put_file(const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	close(fd);
}

/* By the libraries themselves: what others write is read, too. One member, flushed after each line. */
static size_t squeeze_zstd(const char *text, unsigned char *out, size_t cap)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	ZSTD_outBuffer to = { out, cap, 0 };
	const char *nl;

	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)));
	for (; *text; text = nl + 1) {
		nl = strchr(text, '\n');
		assert_int_equal(ZSTD_compressStream2(z, &to, &(ZSTD_inBuffer){ text, nl + 1 - text, 0 },
						      ZSTD_e_flush), 0);
	}
	assert_int_equal(ZSTD_compressStream2(z, &to, &(ZSTD_inBuffer){}, ZSTD_e_end), 0);
	ZSTD_freeCCtx(z);
	return to.pos;
}

static size_t squeeze_gzip(const char *text, unsigned char *out, size_t cap)
{
	z_stream z = {};
	const char *nl;

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 31, 9, 0), Z_OK);
	z.next_out = out;
	z.avail_out = cap;
	for (; *text; text = nl + 1) {
		nl = strchr(text, '\n');
		z.next_in = (unsigned char *)text;
		z.avail_in = nl + 1 - text;
		assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	}
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return cap - z.avail_out;
}

static size_t (*const squeezers[])(const char *text, unsigned char *out, size_t cap) = {
	squeeze_gzip,
	squeeze_zstd,
};

/* Reads all; returns the number of lines. No whole line: there is no record. */
static int count_lines(bool *ret_cut, uint64_t *ret_bad)
{
	__free_reader struct reader *r = NULL;
	struct rec rec;
	int n = 0, err = reader__open(path, &r);

	*ret_cut = true;
	*ret_bad = 0;
	if (err == -ENODATA)
		return 0;
	assert_int_equal(err, 0);
	while ((err = reader__next(r, &rec)) == 1)
		n++;
	assert_int_equal(err, 0);
	assert_true(n > 0);
	assert_int_equal(reader__next(r, &rec), 0);
	*ret_cut = reader__is_cut(r);
	*ret_bad = reader__bad_lines(r);
	return n;
}

static void test_values(void **state)
{
	__free_reader struct reader *r = NULL;
	struct rec rec;

	put_file(lines, sizeof(lines) - 1);
	assert_int_equal(reader__open(path, &r), 0);
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(rec.kind, REC_HEADER);
	assert_int_equal(rec.ts, -1);
	assert_int_equal(rec.proc, 0);
	assert_int_equal(reader__line(r), 1);
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(rec.kind, REC_EXEC);
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(rec.kind, REC_OPEN);
	assert_int_equal(rec.ts, 12);
	assert_int_equal(rec.pid, 4);
	assert_int_equal(rec.tid, 5);
	assert_string_equal(rec__str(&rec, "err"), "ENOENT");
	assert_null(rec__str(&rec, "as"));
	assert_int_equal(reader__line(r), 3);
	assert_true(reader__is_cut(r));
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(reader__next(r, &rec), 0);
	assert_false(reader__is_cut(r));
}

/* Whole lines before the cut; a cut between "}" and the newline leaves the line whole. */
static int whole_lines(size_t cut)
{
	int n = 0;
	size_t i;

	for (i = 0; i < cut; i++)
		n += lines[i] == '\n';
	return n + (cut && cut < sizeof(lines) - 1 && lines[cut] == '\n');
}

static void test_cut_plain(void **state)
{
	uint64_t bad;
	size_t i;
	bool cut;
	int n;

	for (i = 0; i < sizeof(lines); i++) {
		put_file(lines, i);
		n = count_lines(&cut, &bad);
		assert_int_equal(n, whole_lines(i));
		assert_int_equal(bad, 0);
		assert_int_equal(cut, n < 4);
	}
}

static void test_cut_compressed(void **state)
{
	unsigned char gz[2048];
	int n, last;
	uint64_t bad;
	bool cut;

	for (size_t k = 0; k < ARRAY_SIZE(squeezers); k++) {
		size_t len = squeezers[k](lines, gz, sizeof(gz)), i;

		for (i = 0, last = 0; i <= len; i++) {
			put_file(gz, i);
			n = count_lines(&cut, &bad);
			assert_true(n >= last);
			assert_int_equal(bad, 0);
			assert_int_equal(cut, n < 4);
			last = n;
		}
		assert_int_equal(last, 4);
	}
}

static void test_members_and_trailing_zeros(void **state)
{
	uint64_t bad;
	bool cut;

	for (size_t k = 0; k < ARRAY_SIZE(squeezers); k++) {
		unsigned char gz[4096] = {};
		size_t len = squeezers[k](lines, gz, sizeof(gz));

		len += squeezers[k](lines, gz + len, sizeof(gz) - len);
		put_file(gz, len);
		assert_int_equal(count_lines(&cut, &bad), 8);
		put_file(gz, sizeof(gz));
		assert_int_equal(count_lines(&cut, &bad), 8);
		assert_int_equal(bad, 0);
		assert_false(cut);
	}
}

static void test_damaged(void **state)
{
	unsigned char gz[2048];
	uint64_t bad;
	bool cut;
	int n;

	for (size_t k = 0; k < ARRAY_SIZE(squeezers); k++) {
		size_t len = squeezers[k](lines, gz, sizeof(gz));

		memset(gz + len * 3 / 4, 0xff, 16);
		put_file(gz, len);
		n = count_lines(&cut, &bad);
		assert_true(n >= 1 && n <= 3);
		assert_true(cut);
		assert_int_equal(bad, 1);
	}
}

static void test_bad_lines(void **state)
{
	static const char text[] =
		"{\"k\":\"header\"}\n\nnot json\n[1]\n{\"k\":\"open\"} x\n{\"k\":\"future\",\"ts\":1}\n"
		"{\"ts\":\"9007199254740993\"}\n{\"k\":\"end\"}\n";
	__free_reader struct reader *r = NULL;
	struct rec rec;

	put_file(text, sizeof(text) - 1);
	assert_int_equal(reader__open(path, &r), 0);
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(rec.kind, REC_UNKNOWN);
	assert_int_equal(rec.ts, 1);
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(rec.kind, REC_UNKNOWN);
	assert_true(rec.ts == 9007199254740993);
	assert_int_equal(reader__next(r, &rec), 1);
	assert_int_equal(rec.kind, REC_END);
	assert_int_equal(reader__next(r, &rec), 0);
	assert_int_equal(reader__bad_lines(r), 3);
}

static void test_not_a_record(void **state)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{ "#!/bin/sh\n", -EINVAL },
		{ "{\"k\":\"exec\"}\n", -EINVAL },
		{ "{}\n", -EINVAL },
		{ "x", -EINVAL },
		{ "garbage\n{\"k\":\"header\"}\n", -EINVAL },
		{ "{\"k\":\"header\",\"schema\":\"goenvbpf/2\"}\n", -EPROTONOSUPPORT },
		{ "{\"k\":\"header\",\"schema\":\"goenvbpf/1\"}", 0 },
		{ "{\"k\":\"hea", -ENODATA },
		{ "", -ENODATA },
		{ "\n", -EINVAL },
		{ "\x1f\x8b\x08", -ENODATA },
	};
	struct reader *r;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = NULL;
		put_file(cases[i].text, strlen(cases[i].text));
		assert_int_equal(reader__open(path, &r), cases[i].err);
		assert_int_equal(!r, cases[i].err != 0);
		reader__free(r);
	}
	unlink(path);
	assert_int_equal(reader__open(path, &r), -ENOENT);
}

/* Longer than the buffer is fine, longer than the bound is skipped and counted. */
static void test_long_lines(void **state)
{
	static const size_t sizes[] = { 300 * 1024, 17 << 20, 40 << 20 };
	static const int expected[] = { 3, 2, 2 };
	__free_str struct str s = {};
	uint64_t bad;
	bool cut;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		str__cut(&s, 0);
		str__adds(&s, "{\"k\":\"header\"}\n{\"k\":\"exec\",\"x\":\"");
		assert_true(str__room(&s, sizes[i]));
		memset(s.s + s.len, 'x', sizes[i]);
		s.len += sizes[i];
		str__adds(&s, "\"}\n{\"k\":\"end\"}\n");
		put_file(s.s, s.len);
		assert_int_equal(count_lines(&cut, &bad), expected[i]);
		assert_int_equal(bad, 3 - expected[i]);
		assert_false(cut);
	}
}

static void test_parse_one(void **state)
{
	static const char text[] = "{\"k\":\"exit\",\"ts\":7,\"proc\":3,\"code\":1,"
				   "\"big\":\"18446744073709551615\",\"neg\":-1,\"junk\":\"12x\"}";
	__free_jsonv struct jsonv *root = NULL;
	struct rec rec;

	assert_int_equal(rec__parse(NULL, text, sizeof(text) - 1, &rec, &root), 0);
	assert_int_equal(rec.kind, REC_EXIT);
	assert_int_equal(rec.proc, 3);
	assert_int_equal(rec__int(&rec, "code", -1), 1);
	assert_true(rec__uint(&rec, "big", 0) == UINT64_MAX);
	assert_int_equal(rec__uint(&rec, "neg", 77), 77);
	assert_int_equal(rec__uint(&rec, "junk", 77), 77);
	assert_int_equal(rec__uint(&rec, "none", 77), 77);
	assert_int_equal(rec__parse(NULL, "[]", 2, &rec, &root), -EINVAL);
	assert_int_equal(rec__parse(NULL, "{", 1, &rec, &root), -EINVAL);
}

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/record", dir);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_cut_plain),
		cmocka_unit_test(test_cut_compressed),
		cmocka_unit_test(test_members_and_trailing_zeros),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_not_a_record),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_parse_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
