/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of one timeline line: a function for each kind of line, in one table. */
#include <string.h>

#include "model/run.h"
#include "output/timeline_line.h"
#include "record/facts.h"

#define MAX_ARG_BYTES 160	/* of arguments shown, when not whole */

/* What a person calls an error; others keep their name. */
static const char *error_word(const char *err)
{
	static const struct {
		const char *err, *word;
	} words[] = {
		{ "ENOENT", "absent" },
		{ "EACCES", "denied" },
		{ "EPERM",  "denied" },
		{ "EEXIST", "exists" },
		{ "EROFS",  "read-only" },
		{ "ENOSPC", "disk full" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(err, words[i].err))
			return words[i].word;
	return err;
}

static void add_what(struct str *what, const char *verb, const char *result)
{
	size_t from = what->len;

	text__safes(what, verb);
	text__pad(what, from, 8);
	str__addc(what, ' ');
	text__safes(what, result);
}

/* The bytes behind a path that is not UTF-8 are in "<key>_hex". */
static bool add_hex(struct str *out, const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	__free_str struct str bytes = {};
	const char *hi, *lo;

	for (; hex[0] && hex[1]; hex += 2) {
		hi = strchr(digits, hex[0]);
		lo = strchr(digits, hex[1]);
		if (!hi || !lo)
			return false;
		str__addc(&bytes, (char)((hi - digits) << 4 | (lo - digits)));
	}
	if (!bytes.len)
		return false;
	text__safe(out, bytes.s, bytes.len);
	return true;
}

static void add_path(const struct line_facts *f, const struct rec *rec, const char *key,
		     const char *hex_key, struct str *text)
{
	const char *path = rec__str(rec, key), *hex = rec__str(rec, hex_key);

	if (hex && add_hex(text, hex))
		return;
	if (!path)
		str__adds(text, "(path unknown)");
	else if (f->whole)
		text__safes(text, path);
	else
		text__path(text, f->roots, path);
}

static const char *open_word(const struct rec *rec, const char *err)
{
	const char *path = rec__str(rec, "path");
	bool writes = rec__opens_to_write(rec);
	char which = 0;

	/* An index entry that is not there is the cache's answer: a miss. */
	if (path && cache_entry__hash(path, &which) && which == 'a') {
		if (err && str_eq(err, "ENOENT") && !writes)
			return "miss";
		if (!err)
			return writes ? "put" : "entry";
	}
	if (err)
		return error_word(err);
	if (writes)
		return "write";
	return rec->flags & REC_FLAG_DIRECTORY ? "dir" : "read";
}

static void words_access(const struct line_facts *f, const struct rec *rec, struct str *what,
			 struct str *text, enum tone *ret_tone)
{
	const char *err = rec__str(rec, "err"), *target = rec__str(rec, "target");
	const char *result = err ? error_word(err) : "ok";

	if (rec->flags & REC_FLAG_NO_OUTCOME)
		result = rec__str(rec, "answered") ? "answered" : "interrupted";
	else if (rec->kind == REC_OPEN)
		result = open_word(rec, err);
	else if (rec->kind == REC_STAT && !err)
		result = rec__str(rec, "type") ?: "ok";
	add_what(what, rec_kind__name(rec->kind), result);
	add_path(f, rec, "path", "path_hex", text);
	if (rec__str(rec, "path2")) {
		str__adds(text, " -> ");
		add_path(f, rec, "path2", "path2_hex", text);
	} else if (target) {
		str__adds(text, " -> ");
		text__safes(text, target);
	}
	if (err)
		*ret_tone = str_eq(err, "ENOENT") ? TONE_WARN : TONE_BAD;
}

static bool is_go_tool(const struct process *p)
{
	return p && tool_role__is_go_tool(p->role) && !p->probe;
}

/* A path from its root, anything else as it is. */
static void add_arg(const struct line_facts *f, const char *arg, struct str *text)
{
	const char *rest = arg;
	enum root root = arg[0] == '/' && !f->whole ? roots__find(f->roots, arg, &rest) : ROOT_CNT;

	if (root != ROOT_CNT)
		str__adds(text, root__name(root));
	if (*rest || root == ROOT_CNT)
		text__arg(text, rest);
}

/* Arguments behind the program's name, as many as fit. */
static void add_args(const struct line_facts *f, const struct rec *rec, struct str *text)
{
	const struct jsonv *v = jsonv__first(jsonv__get(rec->root, "args"));
	/* What a go tool works on is in its label; its flags are machinery. */
	size_t room = f->whole ? SIZE_MAX : is_go_tool(f->process) ? 0 : MAX_ARG_BYTES;
	size_t from = text->len, left = 0;

	for (v = v ? jsonv__next(v) : NULL; v; v = jsonv__next(v)) {
		const char *arg = jsonv__string(v) ?: "";

		if (left || (text->len - from) + strlen(arg) + 1 > room) {
			left++;
			continue;
		}
		str__addc(text, ' ');
		add_arg(f, arg, text);
	}
	if (!left)
		return;
	str__adds(text, " (");
	if (text->len > from + 2)
		str__addc(text, '+');
	text__plural(text, left, "argument)", "arguments)");
}

static void words_exec(const struct line_facts *f, const struct rec *rec, struct str *what,
		       struct str *text, enum tone *ret_tone)
{
	const struct process *prev = f->process ? model__process(f->model, f->process->prev) : NULL;
	const char *interp = rec__str(rec, "interp");

	add_what(what, "exec", f->process && f->process->was_running ? "running" :
			       prev && prev->has_exec ? "replace" : "");
	add_path(f, rec, rec__str(rec, "exe") ? "exe" : "file", "exe_hex", text);
	add_args(f, rec, text);
	if (interp) {
		str__adds(text, " (script of ");
		text__safes(text, interp);
		str__addc(text, ')');
	}
	if (f->process && f->process->role == TOOL_GO && rec__str(rec, "cwd")) {
		str__adds(text, " (in ");
		add_path(f, rec, "cwd", "cwd_hex", text);
		str__addc(text, ')');
	}
	*ret_tone = TONE_STRONG;
}

static void words_exec_failed(const struct line_facts *f, const struct rec *rec, struct str *what,
			      struct str *text, enum tone *ret_tone)
{
	const char *err = rec__str(rec, "err");

	if (rec->flags & REC_FLAG_NO_OUTCOME)
		add_what(what, "exec", rec__str(rec, "answered") ? "answered" : "interrupted");
	else
		add_what(what, "exec", err ? error_word(err) : "failed");
	add_path(f, rec, rec__str(rec, "path") ? "path" : "file", "path_hex", text);
	add_args(f, rec, text);
	*ret_tone = err && str_eq(err, "ENOENT") ? TONE_WARN : TONE_BAD;
}

static void words_fork(const struct line_facts *f, const struct rec *rec, struct str *what,
		       struct str *text, enum tone *ret_tone)
{
	bool thread = jsonv__bool(jsonv__get(rec->root, "thread"), false);

	add_what(what, "fork", thread ? "thread" : "process");
	str__addu(text, rec__uint(rec, "child", 0));
	*ret_tone = TONE_DIM;
}

static void words_exit(const struct line_facts *f, const struct rec *rec, struct str *what,
		       struct str *text, enum tone *ret_tone)
{
	int64_t sig = rec__int(rec, "signal", 0), code = rec__int(rec, "code", 0);
	int64_t duration = f->process ? process__duration(f->process) : -1;
	const char *name = sig > 0 && sig < 256 ? sigabbrev_np((int)sig) : NULL;

	if (sig && name)
		str__addf(what, "exit     SIG%s", name);
	else
		str__addf(what, "exit     %s%lld", sig ? "signal " : "", (long long)(sig ?: code));
	if (duration >= 0) {
		str__adds(text, "after ");
		text__duration(text, duration);
	}
	*ret_tone = sig || code ? TONE_BAD : TONE_PLAIN;
}

static void words_connect(const struct line_facts *f, const struct rec *rec, struct str *what,
			  struct str *text, enum tone *ret_tone)
{
	const char *err = rec__str(rec, "err");
	uint64_t port = rec__uint(rec, "port", 0);

	add_what(what, "connect", err ? error_word(err) : "ok");
	if (rec__str(rec, "path"))
		add_path(f, rec, "path", "path_hex", text);	/* a socket of this host */
	else
		text__safes(text, rec__str(rec, "addr") ?: "(address unknown)");
	if (port)
		str__addf(text, " port %llu", (unsigned long long)port);
	/* The usual answer of a socket that does not wait. */
	*ret_tone = err && !str_eq(err, "EINPROGRESS") ? TONE_BAD : TONE_PLAIN;
}

static void words_buildinfo(const struct line_facts *f, const struct rec *rec, struct str *what,
			    struct str *text, enum tone *ret_tone)
{
	const struct jsonv *main = jsonv__get(rec->root, "main");
	const char *go = rec__str(rec, "go"), *error = rec__str(rec, "error");
	const char *version = jsonv__kstr(main, "version");

	add_what(what, "built by", go ?: "?");
	add_path(f, rec, "exe", "exe_hex", text);
	if (rec__str(rec, "path")) {
		str__adds(text, ": ");
		text__safes(text, rec__str(rec, "path"));
	}
	if (version) {
		str__addc(text, ' ');
		text__safes(text, version);
	}
	if (error) {
		str__adds(text, ": ");
		text__safes(text, error);
	}
	*ret_tone = TONE_DIM;
}

static void words_snapshot(const struct line_facts *f, const struct rec *rec, struct str *what,
			   struct str *text, enum tone *ret_tone)
{
	const char *id = rec__str(rec, "action");
	__free_str struct str size = {};

	if (rec->kind != REC_FILE || jsonv__get(rec->root, "size"))
		text__size(&size, rec__uint(rec, "size", 0));
	add_what(what, rec_kind__name(rec->kind), size.s ?: "");
	if (rec->kind == REC_CACHE && id)
		text__safes(text, id);
	else
		add_path(f, rec, "path", "path_hex", text);
	if (rec__str(rec, "leads_to")) {
		str__adds(text, " -> ");
		add_path(f, rec, "leads_to", "leads_to_hex", text);
	}
	if (rec__str(rec, "wanted")) {
		str__adds(text, ", near ");
		add_path(f, rec, "wanted", "wanted_hex", text);
	}
	*ret_tone = TONE_DIM;
}

static void words_lost(const struct line_facts *f, const struct rec *rec, struct str *what,
		       struct str *text, enum tone *ret_tone)
{
	int64_t since = rec__int(rec, "since", -1);

	str__adds(what, "lost     ");
	text__count(what, rec__uint(rec, "count", 0));
	text__safes(text, rec__str(rec, "what") ?: "unknown");
	str__adds(text, " events are missing here");
	if (since >= 0)
		str__addf(text, ", since %.6f", since / 1e9);
	*ret_tone = TONE_BAD;
}

static void words_blind(const struct line_facts *f, const struct rec *rec, struct str *what,
			struct str *text, enum tone *ret_tone)
{
	bool before = jsonv__bool(jsonv__get(rec->root, "adopted"), false);

	add_what(what, rec_kind__name(rec->kind), "");
	*ret_tone = TONE_BAD;
	if (str_eq(rec__str(rec, "what") ?: "", BLIND_OTHER_USER)) {
		str__adds(text, "runs with other rights than the record's owner has: what it does is not told");
		return;
	}
	text__safes(text, rec__str(rec, "what") ?: "unknown");
	str__adds(text, before ? " was there before: what goes through it is not seen" :
				 " was set up: what goes through it is not seen");
}

static void words_paused(const struct line_facts *f, const struct rec *rec, struct str *what,
			 struct str *text, enum tone *ret_tone)
{
	add_what(what, rec_kind__name(rec->kind), "");
	text__safes(text, rec__str(rec, "what") ?: "unknown");
	if (rec__str(rec, "cgroup")) {
		str__adds(text, " with ");
		add_path(f, rec, "cgroup", "cgroup_hex", text);
	}
	str__adds(text, " for at least ");
	text__duration(text, rec__int(rec, "ns", 0));
	*ret_tone = TONE_WARN;
}

static void words_end(const struct line_facts *f, const struct rec *rec, struct str *what,
		      struct str *text, enum tone *ret_tone)
{
	const struct run *r = model__run(f->model);
	bool complete = run__is_complete(r);

	add_what(what, "end", "");
	str__adds(text, complete ? "complete: " : "NOT complete: ");
	text__plural(text, r->sent, "event", "events");
	str__adds(text, " in ");
	text__duration(text, r->duration);
	if (run__lost(r)) {
		str__adds(text, ", ");
		text__count(text, run__lost(r));
		str__adds(text, " lost");
	} else if (complete) {
		str__adds(text, ", nothing lost");
	}
	if (r->alive_cnt && !complete) {
		str__adds(text, ", ");
		text__plural(text, r->alive_cnt + r->alive_omitted, "process", "processes");
		str__adds(text, " still running");
	}
	*ret_tone = complete ? TONE_GOOD : TONE_BAD;
}

static void words_header(const struct line_facts *f, const struct rec *rec, struct str *what,
			 struct str *text, enum tone *ret_tone)
{
	const struct run *r = model__run(f->model);
	const struct {
		const char *before, *value;
	} facts[] = {
		{ "host ",   r->host },
		{ ", Linux ", r->kernel },
		{ ", ",      r->arch },
		{ ", from ", r->start },
	};

	add_what(what, "record", r->mode ?: "");
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (!facts[i].value)
			continue;
		str__adds(text, facts[i].before);
		/* the time without its fraction */
		text__safe(text, facts[i].value, strcspn(facts[i].value, i == 3 ? "." : ""));
	}
	*ret_tone = TONE_DIM;
}

typedef void (*words_fn)(const struct line_facts *, const struct rec *, struct str *, struct str *,
			 enum tone *);

static const words_fn words[REC_CNT] = {
	[REC_HEADER]      = words_header,
	[REC_EXEC]        = words_exec,
	[REC_EXEC_FAILED] = words_exec_failed,
	[REC_FORK]        = words_fork,
	[REC_EXIT]        = words_exit,
	[REC_OPEN ... REC_CHDIR] = words_access,
	[REC_CONNECT]     = words_connect,
	[REC_BUILDINFO]   = words_buildinfo,
	[REC_FILE]        = words_snapshot,
	[REC_CACHE]       = words_snapshot,
	[REC_SOURCE]      = words_snapshot,
	[REC_PAUSED]      = words_paused,
	[REC_LOST]        = words_lost,
	[REC_BLIND]       = words_blind,
	[REC_END]         = words_end,
};

void timeline_line__words(const struct line_facts *f, const struct rec *rec, struct str *what,
			  struct str *text, enum tone *ret_tone)
{
	*ret_tone = TONE_PLAIN;
	if (words[rec->kind])
		words[rec->kind](f, rec, what, text, ret_tone);
}
