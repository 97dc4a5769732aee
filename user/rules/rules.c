/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of rules, and its evaluation over a model. */
#include <errno.h>
#include <fnmatch.h>

#include "model/run.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define MAX_OF_RULE 20		/* findings kept of one rule */

struct findings {
	struct finding *first, **tail;
	struct not_evaluated *open, **open_tail;
	uint64_t omitted;
	struct texts_kept *texts;
	/* what is missing of each kind of evidence; NULL: nothing */
	const char *missing_life, *missing_files, *missing_env, *missing_net;
};

/* Memory of strings, in the order in which they came. */
struct texts_kept {
	struct texts_kept *next;
	char text[];
};

static const struct rule *const tables[] = {
	rules_settings, rules_toolchain, rules_modules, rules_proxies, rules_cache, rules_jobs, rules_tests, rules_programs,
	rules_configuration, rules_policy, rules_host,
};

static const char *const severities[] = {
#define X(id, name) [SEVERITY_##id] = name,
	SEVERITY_LIST(X)
#undef X
};

const char *severity__name(enum severity s)
{
	return severities[s];
}

int severity__find(const char *name, enum severity *ret)
{
	for (size_t i = 0; i < SEVERITY_CNT; i++)
		if (str_eq(severities[i], name)) {
			*ret = i;
			return 0;
		}
	return -ENOENT;
}

/* --- the table --- */

const struct rule *rule__next(const struct rule *r)
{
	size_t i = 0;

	if (r && r[1].id)
		return r + 1;
	for (; r && i < ARRAY_SIZE(tables); i++) {
		const struct rule *last = tables[i];

		while (last->id && last != r)
			last++;
		if (last == r) {
			i++;
			break;
		}
	}
	for (; i < ARRAY_SIZE(tables); i++)
		if (tables[i]->id)
			return tables[i];
	return NULL;
}

const struct rule *rule__find(const char *id)
{
	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r))
		if (str_eq(r->id, id))
			return r;
	return NULL;
}

const struct rule_example *rule__example(const struct rule *r)
{
	static const struct rule_example examples[] = {
#define X(...) { __VA_ARGS__ },
		EXAMPLE_LIST(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		if (str_eq(examples[i].rule, r->id))
			return &examples[i];
	return NULL;
}

/* --- what is found --- */

static const char *keep(struct findings *f, const char *text)
{
	size_t n = strlen(text) + 1;
	struct texts_kept *t = malloc(sizeof(*t) + n);

	if (!t)
		return NULL;
	memcpy(t->text, text, n);
	t->next = f->texts;
	f->texts = t;
	return t->text;
}

static void add_proof(struct proof *to, const struct proof *from)
{
	for (unsigned int i = 0; i < from->cnt; i++)
		proof__add(to, from->ts[i]);
}

/* The same was found before: of another command, or shown by another event. */
static bool is_known(struct findings *f, const struct rule *r, const struct found *what,
		     const char *detail, unsigned int *ret_cnt)
{
	*ret_cnt = 0;
	for (struct finding *k = f->first; k; k = k->next) {
		if (k->rule != r)
			continue;
		++*ret_cnt;
		if (!str_eq(k->subject, what->subject ?: "") || !str_eq(k->detail, detail))
			continue;
		k->cnt += k->proc != what->proc;
		if (what->confidence > k->confidence)
			k->confidence = what->confidence;
		add_proof(&k->proof, &what->proof);
		return true;
	}
	return false;
}

static int add_finding(struct findings *f, const struct rule *r, const struct found *what,
		       const char *detail)
{
	struct finding *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	*f->tail = k;
	f->tail = &k->next;
	k->rule = r;
	k->severity = what->is_note ? SEVERITY_NOTE : r->severity;
	k->confidence = what->confidence;
	k->subject = keep(f, what->subject ?: "");
	k->detail = keep(f, detail);
	k->remedy = what->remedy ? keep(f, what->remedy) : r->remedy;
	k->proc = what->proc;
	k->file = what->at ? what->at->path : NULL;
	k->line = what->at ? what->at->line : 0;
	k->cnt = 1;
	k->proof = what->proof;
	return k->subject && k->detail && k->remedy ? 0 : -ENOMEM;
}

int found(struct matching *x, const struct found *what, const char *detail, ...)
{
	__free_str struct str text = {};
	unsigned int cnt;
	char *s;
	va_list ap;
	int n;

	va_start(ap, detail);
	n = vasprintf(&s, detail, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	str__add(&text, s, n);
	free(s);
	if (str__err(&text))
		return -ENOMEM;
	if (is_known(x->out, x->rule, what, text.s, &cnt))
		return 0;
	if (cnt < MAX_OF_RULE)
		return add_finding(x->out, x->rule, what, text.s);
	x->out->omitted++;
	return 0;
}

static int add_open(struct findings *f, const struct rule *r, const char *missing, bool was_asked)
{
	struct not_evaluated *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	*n = (struct not_evaluated){ .rule = r, .missing = missing, .was_asked = was_asked };
	*f->open_tail = n;
	f->open_tail = &n->next;
	return 0;
}

static bool is_open(const struct findings *f, const struct rule *r)
{
	for (const struct not_evaluated *k = f->open; k; k = k->next)
		if (k->rule == r)
			return true;
	return false;
}

int not_asked(struct matching *x, const char *missing)
{
	return is_open(x->out, x->rule) ? 0 : add_open(x->out, x->rule, missing, false);
}

int cannot_tell(struct matching *x, const char *missing, ...)
{
	const char *kept;
	va_list ap;
	char *s;
	int n;

	if (is_open(x->out, x->rule))
		return 0;
	va_start(ap, missing);
	n = vasprintf(&s, missing, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	kept = keep(x->out, s);
	free(s);
	return kept ? add_open(x->out, x->rule, kept, true) : -ENOMEM;
}

/* --- what is missing --- */

static bool lost_any(const struct run *r, const char *what)
{
	for (size_t i = 0; i < r->loss_cnt; i++)
		if (str_eq(r->losses[i].what, what))
			return true;
	return false;
}

static bool lost_of_life(const struct run *r)
{
	return r->losses_cut || r->lost > r->lost_in_lines || lost_any(r, "life") ||
	       lost_any(r, "follow") || lost_any(r, "read");
}

static bool is_partial(const struct run *r, const char *name)
{
	for (size_t i = 0; i < r->partial_cnt; i++)
		if (str_eq(r->partials[i].name, name))
			return true;
	return false;
}

/* goenvbpf job stop … */
static bool is_stop(const struct process *p)
{
	const char *arg = process__next_arg(p, process__next_arg(p, NULL));

	return arg && str_eq(arg, "job") && str_eq(process__next_arg(p, arg) ?: "", "stop");
}

/* The command that has stopped the job, which lives a little longer than its record; NULL: there was none. */
static const struct process *stop_of(const struct model *m, const struct run *r)
{
	for (size_t i = 0; i < r->alive_cnt; i++) {
		const struct process *p = model__process(m, r->alive[i].proc);

		if (p && p->has_exec && p->arg_cnt > 2 && path__is_named(p->exe ?: "", "goenvbpf") && is_stop(p))
			return p;
	}
	return NULL;
}

static bool is_above(const struct model *m, uint64_t proc, const struct process *p)
{
	for (; p; p = p->parent ? model__process(m, p->parent) : NULL)
		if (process__last_image(m, p)->proc == proc)
			return true;
	return false;
}

/*
 * Does anything go on that the record is about? Not who has stopped the job, and what that came from: the
 * runner and its hook, which are there at the end of each job that was stopped.
 */
static bool goes_on(const struct model *m, const struct run *r)
{
	const struct process *stop = stop_of(m, r);

	for (size_t i = 0; i < r->alive_cnt; i++)
		if (!stop || !is_above(m, r->alive[i].proc, stop))
			return true;
	return r->alive_omitted;
}

static void set_missing(struct findings *f, const struct model *m, const struct run *r)
{
	if (r->cut || !r->has_end)
		f->missing_life = "the record is cut short";
	else if (r->bad_lines)
		f->missing_life = "lines of the record could not be read";
	else if (lost_of_life(r))
		f->missing_life = "events were lost";
	else if (goes_on(m, r))
		f->missing_life = "processes went on after the record's end (--wait)";
	else if (!r->end_complete && !run__has_gaps(r))
		f->missing_life = "capture did not see everything";
	f->missing_files = f->missing_life;
	if (!f->missing_files && run__lost(r))
		f->missing_files = "events of files were lost";
	if (!f->missing_files && r->blind_cnt)
		f->missing_files = str_eq(r->blinds[0].what, BLIND_OTHER_USER) ? "a process of another user accessed files unseen" :
						   "a process could access files unseen (io_uring)";
	f->missing_env = f->missing_life;
	if (!f->missing_env && is_partial(r, "env"))
		f->missing_env = "an environment is only partly known";
	if (!r->has_net)
		f->missing_net = "connections were not recorded (--net)";
}

/* *ret_asked: it was meant to be in the record. */
static const char *missing_for(const struct findings *f, unsigned int needs, bool *ret_asked)
{
	*ret_asked = true;
	if (needs & EVIDENCE_LIFE && f->missing_life)
		return f->missing_life;
	if (needs & EVIDENCE_FILES && f->missing_files)
		return f->missing_files;
	if (needs & EVIDENCE_ENVIRONMENT && f->missing_env)
		return f->missing_env;
	*ret_asked = false;
	return needs & EVIDENCE_NET ? f->missing_net : NULL;
}

/* --- evaluation --- */

static int match(struct matching *x)
{
	int err = 0;

	if (x->rule->match)
		return x->rule->match(x);
	for (const struct go_command *c = model__next_command(x->m, NULL); c && !err;
	     c = model__next_command(x->m, c))
		if (c->settings)
			err = x->rule->match_command(x, c);
	return err;
}

static int evaluate(struct matching *x)
{
	struct finding **before = x->out->tail;
	bool was_asked;
	const char *missing = missing_for(x->out, x->rule->needs, &was_asked);
	int err = 0;

	if (x->rule->needs & EVIDENCE_POLICY && !x->policy)
		return 0;
	if (!missing || (was_asked && !(x->rule->needs & EVIDENCE_ABSENCE)))
		err = match(x);
	if (!err && missing && before == x->out->tail)
		err = add_open(x->out, x->rule, missing, was_asked);
	return err;
}

static bool is_explained(const struct findings *f, const struct finding *k)
{
	__free_str struct str id = {};

	for (const struct finding *by = k->rule->explained_by ? f->first : NULL; by; by = by->next) {
		str__cut(&id, 0);
		str__addf(&id, "%s ", by->rule->id);
		if (by->proc == k->proc && id.s && strstr(k->rule->explained_by, id.s))
			return true;
	}
	return false;
}

/* A finding that another one explains is none of its own. */
static void fold(struct findings *f)
{
	for (struct finding **at = &f->first, *k; (k = *at);) {
		if (!is_explained(f, k)) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		free(k);
	}
}

struct findings *rules__evaluate_with(const struct model *m, const struct policy *policy)
{
	__free_findings struct findings *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->tail = &f->first;
	f->open_tail = &f->open;
	set_missing(f, m, model__run(m));
	for (const struct rule *r = rule__next(NULL); r; r = rule__next(r)) {
		struct matching x = { .m = m, .rule = r, .out = f, .policy = policy };

		if (evaluate(&x))
			return NULL;
	}
	fold(f);
	return STEAL(f);
}

void findings__free(struct findings *f)
{
	if (!f)
		return;
	for (struct finding *k = f->first, *next; k; k = next) {
		next = k->next;
		free(k);
	}
	for (struct not_evaluated *n = f->open, *next; n; n = next) {
		next = n->next;
		free(n);
	}
	for (struct texts_kept *t = f->texts, *next; t; t = next) {
		next = t->next;
		free(t);
	}
	free(f);
}

const struct finding *findings__next(const struct findings *f, const struct finding *after)
{
	return after ? after->next : f->first;
}

const struct not_evaluated *findings__next_open(const struct findings *f,
						const struct not_evaluated *after)
{
	return after ? after->next : f->open;
}

uint64_t findings__omitted(const struct findings *f)
{
	return f->omitted;
}

/* --- what matchers share --- */

bool rule__is_known(const char *value)
{
	return value && !strstr(value, "[redacted");
}

const struct effective *rule__setting(const struct go_command *c, const char *name)
{
	return command_settings__find(c->settings, name);
}

const struct effective *rule__set(const struct go_command *c, const char *name)
{
	const struct effective *e = rule__setting(c, name);

	return e && e->is_set && e->won.value && *e->won.value ? e : NULL;
}

void rule__origin(const struct origin *o, struct str *out)
{
	if (!o->path) {
		str__adds(out, source__name(o->source));
		return;
	}
	str__adds(out, o->path);
	if (o->line)
		str__addf(out, ":%u", o->line);
}

struct proof rule__proof_of(const struct effective *e)
{
	struct proof p = {};

	for (size_t i = 0; i < e->proof_cnt; i++)
		proof__add(&p, e->proof[i]);
	return p;
}

bool rule__verb_is(const struct go_command *c, const char *verbs)
{
	const char *verb = c->settings->verb;
	size_t n = verb ? strlen(verb) : 0;

	for (const char *at = verbs; n && (at = strstr(at, verb)); at += n)
		if ((at == verbs || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

/* One of the patterns, separated by commas, names the module or a prefix of it. */
bool rule__matches_module(const char *patterns, const char *path)
{
	for (const char *at = patterns; at && *at; at += strcspn(at, ","), at += *at == ',') {
		__free_str struct str one = {}, head = {};
		size_t parts = 1;
		const char *end = path;

		str__add(&one, at, strcspn(at, ","));
		for (const char *p = one.s; p && *p; p++)
			parts += *p == '/';
		for (; parts && *end; parts--)
			end += strcspn(end, "/") + (parts > 1 && end[strcspn(end, "/")]);
		str__add(&head, path, end - path);
		if (one.len && head.s && !parts && !fnmatch(one.s, head.s, FNM_PATHNAME))
			return true;
	}
	return false;
}
