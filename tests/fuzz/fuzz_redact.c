/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fuzz target: redaction of any bytes. Lines stay valid, planted secrets stay inside. */
#include <stdio.h>

#include "record/line.h"
#include "record/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must_be_clean(const struct str *out)
{
	if (out->s && memmem(out->s, out->len, "CANARY", 6)) {
		fprintf(stderr, "leaks: %.*s\n", (int)out->len, out->s);
		abort();
	}
}

static void check_line(struct line *l)
{
	__free_jsonv struct jsonv *root = NULL;

	if (line__end(l))
		return;	/* out of memory */
	if (!utf8__is_valid(l->text.s, l->text.len) || jsonv__parse(l->text.s, l->text.len, &root))
		abort();
}

static void whole_line(const char *data, size_t n)
{
	struct line l = {};

	line__begin(&l, REC_EXEC, 1, 2, 3, 4);
	line__args(&l, data, n);
	line__env(&l, data, n);
	line__bytes(&l, "path", data, n);
	line__settings(&l, data, n);
	line__tags(&l, data, n);
	line__file(&l, CONFIG_GO_ENV, data, n, true, 100);
	check_line(&l);
	line__begin(&l, REC_FILE, 1, 2, 3, 4);
	line__file(&l, CONFIG_GO_MOD, data, n, false, 0);
	check_line(&l);
	line__free(&l);
}

static void as_args(const char *prog, const struct str *in)
{
	__free_str struct str out = {};
	struct redact_argv a = {};

	redact__arg(&a, prog, strlen(prog), &out);
	redact__arg(&a, in->s, in->len, &out);
	str__addc(&out, '\n');	/* pieces of two arguments are no secret */
	redact__arg(&a, in->s, in->len, &out);
	must_be_clean(&out);
}

static void as_line(const struct str *in)
{
	struct line l = {};

	line__begin_plain(&l, REC_EXEC);
	line__env(&l, in->s, in->len);
	line__settings(&l, in->s, in->len);
	line__tags(&l, in->s, in->len);
	line__args(&l, in->s, in->len);
	line__bytes(&l, "path", in->s, in->len);
	must_be_clean(&l.text);
	line__free(&l);
}

/* Whatever stands around it: credentials of a URL and a token do not pass. */
static void planted(const char *data, size_t n, const char *secret)
{
	static const char *const names[] = { "GOFLAGS", "GOPROXY", "GOAUTH", "CGO_CFLAGS",
					     "HOME", "GODEBUG" };
	static const char *const progs[] = { "sh", "go", "curl", "vault", "mysql" };
	__free_str struct str in = {}, out = {};
	size_t half = n / 2, i;

	str__add(&in, data, half);
	str__addf(&in, " %s ", secret);
	str__add(&in, data + half, n - half);
	if (str__err(&in) || memmem(data, n, "CANARY", 6))
		return;
	redact__text(in.s, in.len, &out);
	must_be_clean(&out);
	for (i = CONFIG_NONE; i < CONFIG_CNT; i++) {
		str__cut(&out, 0);
		redact__file(i, in.s, in.len, &out);
		must_be_clean(&out);
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		str__cut(&out, 0);
		redact__env_value(names[i], strlen(names[i]), in.s, in.len, &out);
		must_be_clean(&out);
	}
	for (i = 0; i < ARRAY_SIZE(progs); i++)
		as_args(progs[i], &in);
	as_line(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	whole_line((const char *)data, n);
	planted((const char *)data, n, "https://user:CANARY@host/x");
	planted((const char *)data, n, "https://host/x?k=CANARY");
	planted((const char *)data, n, "ghp_0123456789CANARY0123456789");
	return 0;
}
