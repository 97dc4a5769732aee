/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Redaction is linear: whatever a text is made of, twice as much of it takes about twice as long.
 */
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "record/redact.h"
#include "util/cleanup.h"

#define SMALL	  (8 << 10)
#define DOUBLINGS 3		/* between two measurements: more than a busy machine can feign */
#define MAX_NS	  4000		/* per byte, under sanitizers and on a busy machine, too */
#define MAX_RATIO 2.5		/* for each doubling; 2 would be exact, 4 is quadratic */
/* What a sanitizer looks at beside each access, whole strings among it, is not ours to bound. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#undef MAX_RATIO
#define MAX_RATIO INFINITY
#endif
#endif
#define ROUNDS	  3

/* A text of n bytes: head once, middle again and again, tail as often as both have room. */
struct shape {
	const char *head, *middle, *tail;
};

static const struct shape shapes[] = {
	{ "", "a", "://;;;;" },
	{ "", "a://;;;;", "" },
	{ "", "a:", " " },
	{ "", "a:/ ", "" },
	{ "", "a:/", "" },
	{ " ", "\"x", "" },
	{ " ", "\"", "" },
	{ " ", "'", "" },
	{ "", "\"'", "" },
	{ "", "\"\\", "" },
	{ "", "\\\"", "" },
	{ "", "\\", "\"" },
	{ "x=\"", "\\", "\"" },
	{ "x=", "\\\\\"", "" },
	{ "it's a ", "user's ", "" },
	{ "", "e-eyJ", "" },
	{ "", "-eyJ", "" },
	{ "", "eyJ.", "" },
	{ "", "ghp_", "" },
	{ "", "ghp_aaaaaaaaaaaaaaaaaaaa ", "" },
	{ "a", "=", " " },
	{ "", "a=", " " },
	{ "-", "a=-", "" },
	{ "", "-a=", "" },
	{ "", "token=", "" },
	{ "", "token=/", "" },
	{ "", "key=/", "" },
	{ "", "key=a.pem/", "" },
	{ "", "--token ", "" },
	{ "", "--token=", "" },
	{ "", "TOKEN=$(", "" },
	{ "", "TOKEN=${", "" },
	{ "", "token: ", "" },
	{ "", "token:", "" },
	{ "x ", "token: a ", "" },
	{ "", "name=", "" },
	{ "", "name=\"name=\\\"", "" },
	{ "", "\"name\":", "" },
	{ "", "Authorization: a\"", "" },
	{ "", "Authorization:", "" },
	{ "", "Authorization:'", "" },
	{ "", "Authorization: a=\"", "" },
	{ "", "Authorization: a=\"b\" ", "" },
	{ "", "token = '''", "" },
	{ "", "token='''a\"\"\"", "" },
	{ "", "token: |\n ", "" },
	{ "", "token: |\n  token: |\n", "" },
	{ "", "value=\"", "" },
	{ "", "value=\\\"", "" },
	{ "", "value=\"a\" key=\"token\" ", "" },
	{ "", "value=a key=token ", "" },
	{ "", "\"A_TOKEN\",", "" },
	{ "", "\"A_TOKEN\",\"b\",", "" },
	{ "", "token:=", "" },
	{ "", "_AKIA", "" },
	{ "", "-ghp_", "" },
	{ "", "x:y@z@", "" },
	{ ":", "@", "" },
	{ "", "a=b/", "" },
	{ "", "token=b/", "" },
	{ "expect -c '", "send \"a\\r\"; ", "'" },
	{ "send \"a", "\\r", "\"" },
	{ "", "gh secret set ", "" },
	{ "", "echo a | gh secret set ", "" },
	{ "docker login --password-stdin ", "<<E ", "" },
	{ "docker login --password-stdin ", "<<E\nE\n", "" },
	{ "docker login --password-stdin <<E", "\n", "" },
	{ "", "<a name=\"token\">", "" },
	{ "<a ", "name=\"token\" ", "" },
	{ "", "<a ", "" },
	{ "curl -d ", "a=b&", "" },
	{ "curl -d ", "&", "" },
	{ "", "hooks/aaaaaaa", "" },
	{ "sh ", "-c ", "" },
	{ "", "password '", "" },
	{ "login ", "password ", "" },
	{ "", "IDENTIFIED BY ", "" },
	{ "", "Bearer ", "" },
	{ "", "<token>", "" },
	{ "", "<token><", "" },
	{ "", "http://a:b", "" },
	{ "", "http://a/", "" },
	{ "", "http://a@b?", "" },
	{ "", "http://a:b@", "" },
	{ "http://", ",", "" },
	{ "http://", "x,", "" },
	{ "", "http:/", "" },
	{ "", "a@", "" },
	{ "", "a:b@", "" },
	{ "a:b", "@", "" },
	{ "", "@a:", "" },
	{ "", "https://u:p,", "@h" },
	{ "", "-----BEGIN ", "" },
	{ "", "-----BEGIN A", "-----END " },
	{ "", "--u", "" },
	{ "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-us", "" },
	{ "", "123456789:", "" },
	{ "", "aaaaaaa.", "" },
	{ "", "h1:", "" },
	{ "", "echo a | ", "" },
	{ "echo a ", "b ", "| chpasswd" },
	{ "echo a ", "| chpasswd ", "" },
	{ "", "curl -u a:b ", "" },
	{ "curl -", "s", "" },
	{ "curl ", "-sssss ", "" },
	{ "vault kv put ", "a=b ", "" },
	{ "", "sh -c '", "" },
	{ "", "sh -c \"", "" },
	{ "", "(", "" },
	{ "", "$(", "" },
	{ "", "`", "" },
	{ "", ";", "" },
	{ "", "-X a.b=c ", "" },
	{ "", "-ldflags=", "" },
	{ "", "'-ldflags=\"-X ", "" },
	{ "", "%3D", "" },
	{ "", "[a]=", "" },
	{ "", "-D", "" },
	{ "", "a_", "=b" },
	{ "", "Ab", "=b" },
	{ "", " ", "=" },
	{ "", "=  ", "" },
	{ "", "\n", "" },
	{ "", "a=b\n", "" },
	{ "", "# 'a\n", "" },
	{ "modinfo \"", "build\\t-ldflags=\\\"-X a.b=c\\\"\\n", "\"" },
	{ "modinfo \"", "build\\tA=\\\"", "\"" },
	{ "", "modinfo \"a\"\n", "" },
	{ "", "netrc;", "" },
	{ "", "// ", "" },
	{ "", "\xff", "" },
	{ "", "\xc2\xab", "" },
};

static void build(const struct shape *s, size_t n, struct str *out)
{
	size_t tail = strlen(s->tail);

	str__adds(out, s->head);
	while (out->len + tail < (tail > 2 ? n / 2 : n))
		str__adds(out, s->middle);
	while (tail && out->len < n)
		str__adds(out, s->tail);
}

/* "…" around text with its quotes escaped, again and again: a level doubles the backslashes. */
static void nest(struct str *text, unsigned int levels)
{
	while (levels--) {
		__free_str struct str outer = {};

		str__adds(&outer, "sh -c \"");
		for (size_t i = 0; i < text->len; i++) {
			if (text->s[i] == '"' || text->s[i] == '\\')
				str__addc(&outer, '\\');
			str__addc(&outer, text->s[i]);
		}
		str__addc(&outer, '"');
		str__free(text);
		*text = outer;
		outer = (struct str){};
	}
}

typedef void (*use_fn)(const char *s, size_t n, struct str *out);

static void as_arg(const char *s, size_t n, struct str *out)
{
	struct redact_argv a = {};

	redact__arg(&a, "sh", 2, out);
	redact__arg(&a, s, n, out);
}

static void as_curl(const char *s, size_t n, struct str *out)
{
	struct redact_argv a = {};

	redact__arg(&a, "curl", 4, out);
	redact__arg(&a, s, n, out);
}

static void as_flags(const char *s, size_t n, struct str *out)
{
	redact__env_value("GOFLAGS", 7, s, n, out);
}

static void as_urls(const char *s, size_t n, struct str *out)
{
	redact__env_value("GOPROXY", 7, s, n, out);
}

static void as_auth(const char *s, size_t n, struct str *out)
{
	redact__env_value("GOAUTH", 6, s, n, out);
}

static void as_setting(const char *s, size_t n, struct str *out)
{
	redact__setting("-ldflags", 8, s, n, out);
}

static void as_env_file(const char *s, size_t n, struct str *out)
{
	redact__file(CONFIG_ENV, s, n, out);
}

static void as_importcfg(const char *s, size_t n, struct str *out)
{
	redact__file(CONFIG_IMPORTCFG_LINK, s, n, out);
}

static void as_mod(const char *s, size_t n, struct str *out)
{
	redact__file(CONFIG_GO_MOD, s, n, out);
}

static void as_response(const char *s, size_t n, struct str *out)
{
	redact__file(CONFIG_NONE, s, n, out);
}

static void as_path(const char *s, size_t n, struct str *out)
{
	if (redact__path_is_suspect(s, n))
		redact__path(s, n, out);
}

static const struct {
	const char *name;
	use_fn use;
} uses[] = {
	{"argument", as_arg},	 {"curl's argument", as_curl},
	{"GOFLAGS", as_flags},	 {"GOPROXY", as_urls},
	{"GOAUTH", as_auth},	 {"-ldflags", as_setting},
	{"go/env", as_env_file}, {"importcfg.link", as_importcfg},
	{"go.mod", as_mod},	 {"response file", as_response},
	{"path", as_path},
};

static struct str result;	/* kept, so that getting memory is not what is measured */

static double ns_of(use_fn use, const struct str *text)
{
	struct timespec from, to;

	str__cut(&result, 0);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	use(text->s, text->len, &result);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	assert_int_equal(str__err(&result), 0);
	return (to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec);
}

/* The least of some rounds: what else the machine does only adds. */
static double least(use_fn use, const struct str *text, double best)
{
	for (int i = 0; i < ROUNDS; i++) {
		double ns = ns_of(use, text);

		best = ns < best ? ns : best;
	}
	return best;
}

static double worst_ratio, worst_ns;

/* How much longer for twice the length, when small grew to large. */
static double growth(double a, double b, const struct str *small, const struct str *large)
{
	double doublings = log2((double)large->len / small->len);

	return pow((b + 20e3) / (a + 20e3), 1 / doublings); /* what is done in 20 us is no matter */
}

static void hold(const char *what, use_fn use, const struct str *small, const struct str *large)
{
	double a = least(use, small, INFINITY), b = least(use, large, INFINITY), ratio;

	/* A machine that others use has slow moments: they pass, and a quadratic text stays one. */
	for (int i = 0; i < 30 && growth(a, b, small, large) > MAX_RATIO; i++) {
		usleep(20000);
		a = least(use, small, a);
		b = least(use, large, b);
	}
	ratio = growth(a, b, small, large);
	worst_ratio = ratio > worst_ratio ? ratio : worst_ratio;
	worst_ns = b / large->len > worst_ns ? b / large->len : worst_ns;
	if (ratio > MAX_RATIO || b / large->len > MAX_NS)
		fail_msg("%s of '%.24s…': %zu bytes %.0f us, %zu bytes %.0f us", what, small->s,
			 small->len, a / 1e3, large->len, b / 1e3);
}

static void test_shapes(void **state)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		__free_str struct str small = {}, large = {};

		build(&shapes[i], SMALL, &small);
		build(&shapes[i], SMALL << DOUBLINGS, &large);
		for (k = 0; k < ARRAY_SIZE(uses); k++)
			hold(uses[k].name, uses[k].use, &small, &large);
	}
	print_message("%zu shapes in %zu uses: at worst %.2f times for twice the length, %.0f ns a "
		      "byte\n",
		      ARRAY_SIZE(shapes), ARRAY_SIZE(uses), worst_ratio, worst_ns);
}

static void test_nesting(void **state)
{
	size_t k;

	for (k = 0; k < ARRAY_SIZE(uses); k++) {
		__free_str struct str small = {}, large = {};

		str__adds(&small, "\"a b\"");
		nest(&small, 10);
		str__adds(&large, "\"a b\"");
		nest(&large, 10 + DOUBLINGS);
		hold(uses[k].name, uses[k].use, &small, &large);
	}
}

/* As much as the kernel takes: sixteen arguments of 128 KB. */
static void test_two_megabytes(void **state)
{
	double worst = 0;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		__free_str struct str text = {};
		double ns = 0;

		build(&shapes[i], 128 << 10, &text);
		for (k = 0; k < 16 && ns < 2e6 * MAX_NS; k++)
			ns += ns_of(as_arg, &text);
		worst = ns > worst ? ns : worst;
	}
	print_message("a command line of 2 MB: at worst %.0f ms\n", worst / 1e6);
	assert_true(worst < 2e6 * MAX_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_two_megabytes),
	};

	/* Memory that was got once stays: it is the redaction that is measured. */
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
