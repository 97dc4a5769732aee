/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules over hand-written records: what is found, what cannot be told, the verdict. */
#include <errno.h>

#include "model_of.h"

#include "rules/policy.h"
#include "rules/verdict.h"

#define GIVEN_GO(env) \
	LINE("exec", 1000, 10, 1, "\"exe\":\"/go/bin/go\",\"args\":[\"go\",\"build\",\".\"],\"cwd\":\"/w\",\"env\":{" env "}")
#define GO_INFO LINE("buildinfo", 1000, 10, 1, "\"exe\":\"/go/bin/go\",\"go\":\"go1.26.1\",\"path\":\"cmd/go\"")
#define HEADER "{\"k\":\"header\",\"schema\":\"goenvbpf/1\",\"version\":\"1\",\"start\":\"2026-01-01T00:00:00.000000000Z\"}"
#define LOST "{\"k\":\"lost\",\"ts\":1500,\"what\":\"file\",\"count\":3,\"since\":1200}"

static const struct finding *find(const struct findings *f, const char *id)
{
	const struct finding *k = findings__next(f, NULL);

	while (k && !str_eq(k->rule->id, id))
		k = findings__next(f, k);
	return k;
}

static const struct not_evaluated *find_open(const struct findings *f, const char *id)
{
	const struct not_evaluated *k = findings__next_open(f, NULL);

	while (k && !str_eq(k->rule->id, id))
		k = findings__next_open(f, k);
	return k;
}

static void test_table(void **state)
{
	size_t n = 0;

	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r)) {
		assert_ptr_equal(rule__find(r->id), r);	/* no id twice */
		assert_true(r->needs);
		assert_true(!r->match != !r->match_command);
		assert_true(*r->title && *r->why && *r->remedy && rule__example(r));
		assert_true(*rule__example(r)->commands && *rule__example(r)->detail);
		n++;
	}
	assert_true(n > 40);
	assert_null(rule__find("no-such-rule"));
}

static void test_found(void **state)
{
	static const char *const lines[] = { HEADER, GIVEN_GO("\"GODEBUG\":\"gocacheverify=1,x=2\""), GO_INFO,
					     EXIT(2000, 10, 1, 0), COMPLETE };
	static const char *const off[] = { HEADER, GIVEN_GO("\"GODEBUG\":\"gocacheverify=0,xgctrace=1\""), GO_INFO,
					   EXIT(2000, 10, 1, 0), COMPLETE };
	__free_model struct model *m = MODEL_OF(lines);
	__free_model struct model *other = MODEL_OF(off);
	__free_findings struct findings *f = rules__evaluate(m);
	__free_findings struct findings *none = rules__evaluate(other);
	const struct finding *k = find(f, "godebug-costly");

	assert_non_null(k);
	assert_string_equal(k->detail, "gocacheverify=1: nothing is taken from the build cache");
	assert_int_equal(k->severity, SEVERITY_WARNING);
	assert_int_equal(k->proc, 1);
	assert_int_equal(k->proof.ts[0], 1000);
	assert_null(find(none, "godebug-costly"));
	assert_null(find_open(none, "godebug-costly"));
}

/* What was lost makes a rule not evaluated; one that found something all the same says so. */
static void test_lost(void **state)
{
	static const char *const lines[] = { HEADER, GIVEN_GO("\"GODEBUG\":\"gctrace=1\""), GO_INFO, LOST,
					     EXIT(2000, 10, 1, 0),
					     "{\"k\":\"end\",\"ts\":9,\"complete\":false,\"lost\":{\"file\":3}}" };
	__free_model struct model *m = MODEL_OF(lines);
	__free_findings struct findings *f = rules__evaluate(m);
	const struct not_evaluated *n = find_open(f, "permission-denied");
	struct verdict v = {};

	assert_non_null(find(f, "godebug-costly"));
	assert_null(find_open(f, "godebug-costly"));
	assert_non_null(n);
	assert_string_equal(n->missing, "events of files were lost");
	assert_true(n->was_asked);
	assert_int_equal(verdict__make(f, &(struct verdict_choice){ .fail_on = SEVERITY_ERROR }, &v), 0);
	assert_int_equal(v.kind, VERDICT_INCONCLUSIVE);
	verdict__free(&v);
	assert_int_equal(verdict__make(f, &(struct verdict_choice){ .fail_on = SEVERITY_WARNING }, &v), 0);
	assert_int_equal(v.kind, VERDICT_FINDINGS);
	verdict__free(&v);
}

/* What nobody asked for matters to who asks for the rule. */
static void test_not_asked(void **state)
{
	static const char *const lines[] = { HEADER, GIVEN_GO(""), GO_INFO, EXIT(2000, 10, 1, 0), COMPLETE };
	__free_model struct model *m = MODEL_OF(lines);
	__free_findings struct findings *f = rules__evaluate(m);
	const struct rule *r = rule__find("proxy-chain-stopped");
	struct verdict_choice one = { .rules = &r, .rule_cnt = 1 };
	struct verdict v = {};

	assert_false(find_open(f, "proxy-chain-stopped")->was_asked);
	assert_int_equal(verdict__make(f, &(struct verdict_choice){}, &v), 0);
	assert_int_equal(v.kind, VERDICT_OK);
	verdict__free(&v);
	assert_int_equal(verdict__make(f, &one, &v), 0);
	assert_int_equal(v.kind, VERDICT_INCONCLUSIVE);
	verdict__free(&v);
}

static void test_refused(void **state)
{
	static const char *const lines[] = {
		HEADER, GIVEN_GO(""), GO_INFO,
		LINE("open", 1100, 10, 1, "\"path\":\"/w/go.mod\",\"err\":\"EACCES\""),
		LINE("open", 1200, 10, 1, "\"path\":\"/w/go.mod\",\"err\":\"EACCES\""), EXIT(2000, 10, 1, 1), COMPLETE };
	static const char *const fine[] = {
		HEADER, GIVEN_GO(""), GO_INFO,
		LINE("open", 1100, 10, 1, "\"path\":\"/w/go.mod\",\"err\":\"EIO\""),
		LINE("open", 1200, 10, 1, "\"path\":\"/w/x\",\"err\":\"EACCES\""), EXIT(2000, 10, 1, 0), COMPLETE };
	__free_model struct model *m = MODEL_OF(lines);
	__free_model struct model *other = MODEL_OF(fine);
	__free_findings struct findings *f = rules__evaluate(m);
	__free_findings struct findings *none = rules__evaluate(other);
	const struct finding *k = find(f, "permission-denied");

	assert_non_null(k);
	assert_string_equal(k->subject, "/w/go.mod");
	assert_string_equal(k->detail, "open by go build: EACCES");
	assert_int_equal(k->confidence, LIKELY);
	assert_null(find(none, "permission-denied"));
}

static void test_suppressions(void **state)
{
	static const char text[] = "# x\n\n  no-space /tmp/* 2026-01-01 old\nno-space * never why not\n";
	struct suppressions s = {};
	__free_str struct str why = {};

	assert_int_equal(suppressions__parse(text, strlen(text), "2026-01-02", &s, &why), 0);
	assert_int_equal(s.cnt, 2);
	assert_true(s.v[0].is_over);
	assert_string_equal(s.v[0].subject, "/tmp/*");
	assert_int_equal(s.v[1].line, 4);
	assert_null(s.v[1].until);
	assert_string_equal(s.v[1].reason, "why not");
	suppressions__free(&s);
	static const char *const bad[] = { "no-space", "no-space *", "no-space * never", "no-space * 2026-1-1 x", "x * never x" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		str__cut(&why, 0);
		assert_int_equal(suppressions__parse(bad[i], strlen(bad[i]), "2026-01-02", &s, &why), -EINVAL);
		assert_true(str_has_prefix(why.s, "line 1: "));
		suppressions__free(&s);
	}
}

/* Errors of a policy name the line in which the wrong value stands. */
static void test_policy(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "{\n\"roots\": [\n}", "line 3: " },
		{ "{\"roots\": [],\n\n\"rots\": []}", "line 3: rots is no key of a policy; did you mean roots?" },
		{ "{\"settings\": {\"A\": {\"values\": [\"x\\\"]\",\n\"y\"]},\n\"B\": {\"origin\": []}}}", "line 3: origin is nothing" },
		{ "{\"roots\": [\"a\", \"b\",\n3]}", "line 2: " },
		{ "{\"max_misses\":\n\n-1}", "line 3: max_misses has to be a number" },
		{ "[]", "line 1: a policy has to be an object" },
	};
	static const char good[] = "{\"settings\": {\"GOFLAGS\": {\"values\": [\"a\"]}},\n\"roots\": [],\n\"max_misses\": 2}";
	struct policy p;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		__free_str struct str why = {};

		assert_int_equal(policy__parse("p", bad[i].text, strlen(bad[i].text), &p, &why), -EINVAL);
		assert_true(str_has_prefix(why.s, bad[i].why));
		policy__free(&p);
	}
	assert_int_equal(policy__parse("p", good, strlen(good), &p, NULL), 0);
	assert_int_equal(p.setting_cnt, 1);
	assert_string_equal(p.settings[0].name, "GOFLAGS");
	assert_int_equal(p.roots.line, 2);
	assert_int_equal(p.misses_line, 3);
	assert_int_equal(p.toolchains.line, 0);
	policy__free(&p);
}

#define RUNNER LINE("exec", 500, 7, 1, "\"adopted\":true,\"exe\":\"/opt/runner\",\"args\":[\"runner\"],\"cwd\":\"/\"")
#define GO_OF(parent) LINE("exec", 1000, 10, 2, "\"parent\":" #parent ",\"exe\":\"/go/bin/go\",\"args\":[\"go\",\"build\",\".\"],\"cwd\":\"/w\"")
#define TOOL(words) LINE("exec", 3000, 12, 4, "\"parent\":1,\"exe\":\"/usr/bin/goenvbpf\",\"args\":[\"goenvbpf\"," words "],\"cwd\":\"/\"")
#define END_WITH(alive) "{\"k\":\"end\",\"ts\":999999,\"complete\":true,\"lost\":{},\"alive\":[" alive "]}"
#define ALIVE(proc, pid) "{\"proc\":" #proc ",\"pid\":" #pid "}"

/* The rules could be evaluated, though these were alive in the end. */
#define IS_TOLD(...) ({									\
	static const char *const lines_[] = { HEADER, __VA_ARGS__ };			\
	__free_model struct model *m_ = MODEL_OF(lines_);				\
	__free_findings struct findings *f_ = rules__evaluate(m_);			\
	!find_open(f_, "go-shadowed-on-path");						\
})

/* Who stops a job, and the runner above it, are alive at its end; anything else that is makes it unsure. */
static void test_stopped_job(void **state)
{
	assert_true(IS_TOLD(RUNNER, GO_OF(1), EXIT(2000, 10, 2, 0), TOOL("\"job\",\"stop\",\"x\""),
			    END_WITH(ALIVE(1, 7) "," ALIVE(4, 12))));
	assert_false(IS_TOLD(RUNNER, GO_OF(1), TOOL("\"job\",\"stop\",\"x\""),
			     END_WITH(ALIVE(1, 7) "," ALIVE(2, 10) "," ALIVE(4, 12))));
	assert_false(IS_TOLD(RUNNER, GO_OF(1), EXIT(2000, 10, 2, 0), TOOL("\"job\",\"start\",\"x\""),
			     END_WITH(ALIVE(1, 7) "," ALIVE(4, 12))));
	assert_false(IS_TOLD(RUNNER, GO_OF(1), EXIT(2000, 10, 2, 0), END_WITH(ALIVE(1, 7))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	   cmocka_unit_test(test_found),
		cmocka_unit_test(test_lost),	   cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_suppressions),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_stopped_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
