/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records in numbers: those of several are the sums, and have the names of one. */
#include "model_of.h"

#include "answers/figures.h"
#include "output/export/prometheus.h"

static const char *const good[] = {
	GO_EXEC(0, 5, 1, ""),
	EXIT(2000, 5, 1, 0),
	COMPLETE,
};

static const char *const bad[] = {
	LINE("exec", 0, 5, 1, "\"exe\":\"/go/bin/go\",\"args\":[\"go\",\"build\"],\"cwd\":\"/w\",\"env\":{\"GODEBUG\":\"gctrace=1\"}"),
	LINE("buildinfo", 0, 5, 1, "\"exe\":\"/go/bin/go\",\"go\":\"go1.26.1\",\"path\":\"cmd/go\""),
	EXIT(1000, 5, 1, 1),
	GO_EXEC(2000, 6, 2, ""),
	EXIT(3000, 6, 2, 0),
	COMPLETE,
};

static void add(struct figures *f, const char *const *lines, size_t n)
{
	__free_model struct model *m = model_of(lines, n, NULL, 0);
	__free_findings struct findings *found = rules__evaluate(m);

	assert_non_null(found);
	figures__add(f, m, found);
}

static const char *text_of(const struct figures *f, bool is_total)
{
	static struct str out;

	str__cut(&out, 0);
	prometheus__figures(&out, f, is_total);
	assert_int_equal(str__err(&out), 0);
	return out.s;
}

static void has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no '%s' in: %s", line, text);
}

static void test_sum(void **state)
{
	struct figures f = {}, one = {};
	const char *text;

	add(&f, good, ARRAY_SIZE(good));
	add(&f, bad, ARRAY_SIZE(bad));
	f.with_cache = 2;
	f.hits = 7;
	f.spent_ns = 1500000000;
	assert_int_equal(f.records[OUTCOME_OK], 1);
	assert_int_equal(f.records[OUTCOME_FAILED], 1);
	assert_int_equal(f.commands, 3);
	assert_int_equal(f.commands_failed, 1);
	text = text_of(&f, true);
	has(text, "# TYPE goenvbpf_records_total counter\ngoenvbpf_records_total{outcome=\"ok\"} 1\n"
		  "goenvbpf_records_total{outcome=\"failed\"} 1\n");
	has(text, "goenvbpf_go_commands_failed_total 1\n");
	has(text, "goenvbpf_packages_total{outcome=\"hit\"} 7\n");
	has(text, "goenvbpf_compile_seconds_total 1.5\n");
	has(text, "goenvbpf_findings_total{rule=\"godebug-costly\",severity=\"warning\"} 1\n");
	/* Of one record, what no cache was seen of is not said to be 0. */
	add(&one, good, ARRAY_SIZE(good));
	text = text_of(&one, false);
	has(text, "# TYPE goenvbpf_go_commands gauge\ngoenvbpf_go_commands 1\n");
	assert_null(strstr(text, "packages"));
	assert_null(strstr(text, "_total"));
}

/* What was never found is 0 from the start: an increase from nothing is none for Prometheus. */
static void test_all_rules(void **state)
{
	const struct figures none = {};
	const char *text = text_of(&none, true);
	unsigned int cnt = 0;
	char line[160];

	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r), cnt++) {
		snprintf(line, sizeof(line), "\ngoenvbpf_findings_total{rule=\"%s\",severity=\"%s\"} 0\n", r->id,
			 severity__name(r->severity));
		has(text, line);
	}
	assert_true(cnt && cnt <= FIGURES_RULES_MAX);
	has(text, "goenvbpf_packages_total{outcome=\"made\"} 0\n");
}

/* The last rule's findings are counted as the first one's are, and in a severity that is not the rule's. */
static void test_order(void **state)
{
	const struct rule *last = NULL;
	struct figures f = {};
	unsigned int nth = 0;
	char line[160];

	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r), nth++)
		last = r;
	for (int s = 0; s < SEVERITY_CNT; s++)
		f.findings[nth - 1][s] = 40 + s;
	for (int s = 0; s < SEVERITY_CNT; s++) {
		snprintf(line, sizeof(line), "goenvbpf_findings_total{rule=\"%s\",severity=\"%s\"} %d\n", last->id,
			 severity__name(s), 40 + s);
		has(text_of(&f, true), line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_all_rules),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
