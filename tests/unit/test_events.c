/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The review page's parts in C: base64, and the events as columns, read back here. */
#include "feed.h"

#include "output/export/events.h"
#include "util/base64.h"

static void base64_of(const char *bytes, size_t n, size_t piece, const char *expected)
{
	__free_str struct str out = {};
	struct base64 b = {};

	for (size_t at = 0; at < n; at += piece)
		base64__add(&b, bytes + at, n - at < piece ? n - at : piece, &out);
	base64__end(&b, &out);
	assert_string_equal(out.s ?: "", expected);
}

/* RFC 4648, section 10 */
static void test_base64(void **state)
{
	for (size_t piece = 1; piece < 7; piece++) {
		base64_of("", 0, piece, "");
		base64_of("f", 1, piece, "Zg==");
		base64_of("fo", 2, piece, "Zm8=");
		base64_of("foo", 3, piece, "Zm9v");
		base64_of("foob", 4, piece, "Zm9vYg==");
		base64_of("fooba", 5, piece, "Zm9vYmE=");
		base64_of("foobar", 6, piece, "Zm9vYmFy");
		base64_of("\xff\xfe\xfd\x00", 4, piece, "//79AA==");
	}
}

struct both {
	struct model *m;
	struct events *e;
};

static int add(void *ctx, const struct rec *rec)
{
	struct both *b = ctx;

	return model__add(b->m, rec) ?: events__add(b->e, rec);
}

static int collect(void *ctx, const void *bytes, size_t n)
{
	str__add(ctx, bytes, n);
	return str__err(ctx);
}

/* What was written, and where its columns begin. */
struct written {
	struct str head, columns;
	struct jsonv *root;
	size_t rows;
	const unsigned char *wide[3], *narrow[4];	/* time, path, proc; kind, outcome, area, error */
};

static void write_all(const char *const *lines, size_t n, size_t max, struct written *w)
{
	struct both b = { .m = model__new(MODEL_ALL) };
	const unsigned char *at;
	struct json j;

	memset(w, 0, sizeof(*w));
	b.e = events__new(b.m, max);
	feed(lines, n, add, &b);
	assert_int_equal(model__finish(b.m, &(struct pass_end){}), 0);
	assert_int_equal(events__finish(b.e), 0);
	json__init(&j, &w->head);
	events__head(b.e, &j);
	assert_int_equal(events__columns(b.e, collect, &w->columns), 0);
	events__free(b.e);
	model__free(b.m);
	assert_int_equal(jsonv__parse(w->head.s, w->head.len, &w->root), 0);
	w->rows = jsonv__kint(w->root, "rows", -1);
	at = (const unsigned char *)w->columns.s + jsonv__kint(w->root, "path_bytes", -1);
	for (int i = 0; i < 3; i++, at += 4 * w->rows)
		w->wide[i] = at;
	for (int i = 0; i < 4; i++, at += w->rows)
		w->narrow[i] = at;
	assert_ptr_equal(at, (const unsigned char *)w->columns.s + w->columns.len);
}

static void forget(struct written *w)
{
	jsonv__free(w->root);
	str__free(&w->head);
	str__free(&w->columns);
}

static uint32_t wide(const struct written *w, int column, size_t row)
{
	uint32_t v = 0;

	for (int b = 0; b < 4; b++)
		v |= (uint32_t)w->wide[column][b * w->rows + row] << 8 * b;
	return v;
}

static const char *name(const struct written *w, const char *names, const unsigned char *column, size_t row)
{
	const struct jsonv *v = jsonv__first(jsonv__get(w->root, names));

	for (unsigned int i = 0; i < column[row]; i++)
		v = jsonv__next(v);
	return jsonv__string(v);
}

/* Each path is what it shares with the one before, and the rest. */
static void path(const struct written *w, uint32_t id, char *ret)
{
	const unsigned char *at = (const unsigned char *)w->columns.s;

	*ret = '\0';
	for (uint32_t i = 0; i <= id; i++) {
		size_t same = *at++, rest = *at++;	/* of less than 128 bytes */

		memcpy(ret + same, at, rest);
		ret[same + rest] = '\0';
		at += rest;
	}
}

static void test_columns(void **state)
{
	static const char *const lines[] = {
		"{\"k\":\"header\",\"schema\":\"goenvbpf/1\",\"mode\":\"run\"}",
		GO_EXEC(10, 5, 1, ""),
		OPEN(6000000010, 5, 1, "/b/later", ENOENT_),
		OPEN(20, 5, 1, "/b/go.mod", ""),
		"{\"k\":\"rename\",\"ts\":30,\"pid\":5,\"tid\":5,\"proc\":1,\"as\":\"x\",\"path\":\"/b/x\",\"as2\":\"y\",\"path2\":\"/b/y\"}",
		"{\"k\":\"readlink\",\"ts\":6000000015,\"pid\":5,\"tid\":5,\"proc\":1,\"as\":\"x\",\"path\":\"/b/x\",\"err\":\"EINVAL\"}",
		"{\"k\":\"exit\",\"ts\":6000000020,\"pid\":5,\"tid\":5,\"proc\":1,\"code\":3}",
	};
	static const char *const kinds[] = { "exec", "open", "rename", "open", "readlink", "exit" };
	static const char *const outcomes[] = { "done", "done", "written", "absent", "done", "failed" };
	static const char *const paths[] = { "/usr/lib/go/bin/go", "/b/go.mod", "/b/x", "/b/later", "/b/x", "" };
	struct written w;
	char text[256];
	const struct jsonv *gap, *second;

	write_all(lines, ARRAY_SIZE(lines), 100, &w);
	assert_int_equal(w.rows, 6);
	for (size_t i = 0; i < w.rows; i++) {
		assert_string_equal(name(&w, "kinds", w.narrow[0], i), kinds[i]);
		assert_string_equal(name(&w, "outcomes", w.narrow[1], i), outcomes[i]);
		path(&w, wide(&w, 1, i), text);
		assert_string_equal(text, paths[i]);
		assert_int_equal(wide(&w, 2, i), 1);
	}
	assert_string_equal(name(&w, "areas", w.narrow[2], 1), "configuration");
	assert_string_equal(name(&w, "errors", w.narrow[3], 3), "ENOENT");
	assert_int_equal(wide(&w, 0, 0), 10);
	assert_int_equal(wide(&w, 0, 1), 10);
	assert_int_equal(wide(&w, 0, 3), UINT32_MAX);	/* six seconds are more than it holds */
	gap = jsonv__first(jsonv__first(jsonv__get(w.root, "gaps")));
	assert_int_equal(jsonv__int(gap, -1), 3);
	assert_int_equal(jsonv__int(jsonv__next(gap), -1), 5999999980);
	second = jsonv__first(jsonv__first(jsonv__get(w.root, "second")));
	assert_int_equal(jsonv__int(second, -1), 2);
	path(&w, jsonv__int(jsonv__next(second), -1), text);
	assert_string_equal(text, "/b/y");
	forget(&w);
}

/* Nothing is lost of the number: what is not shown alone is counted. */
static void test_too_many(void **state)
{
	enum { N = 5000, MAX = 400 };
	char (*text)[200] = calloc(N, sizeof(*text));
	const char **lines = calloc(N, sizeof(*lines));
	uint64_t sum = 0, merged = 0;
	struct written w;

	for (int i = 0; i < N; i++) {
		snprintf(text[i], sizeof(*text), "{\"k\":\"open\",\"ts\":%d,\"pid\":5,\"tid\":5,\"proc\":1,\"as\":\"f\",\"path\":\"/d/%d\"%s}",
			 i * 1000, i, i % 3 ? "" : ",\"err\":\"ENOENT\"");
		lines[i] = text[i];
	}
	write_all(lines, N, MAX, &w);
	assert_true(w.rows >= MAX / 2 && w.rows <= MAX);
	for (const struct jsonv *v = jsonv__first(jsonv__get(w.root, "merged")); v; v = jsonv__next(v)) {
		sum += jsonv__int(jsonv__next(jsonv__first(v)), 0);
		merged++;
	}
	assert_int_equal(sum + w.rows - merged, N);
	for (size_t i = 0; i < w.rows; i++)	/* the newest are as they were */
		assert_int_equal(wide(&w, 1, i) != 0, i >= (size_t)jsonv__kint(w.root, "merged_rows", 0));
	forget(&w);
	free(text);
	free(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
