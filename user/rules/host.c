/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rules about the host: what it refused, and what was not there. */
#include "golang/own.h"
#include "model/effects/effects.h"
#include "model/run.h"
#include "model/search/search.h"
#include "rules/rule.h"

/* The go command that a process works for failed; the process itself, when it works for none. */
static bool has_failed(const struct model *m, const struct process *p)
{
	const struct go_command *c = model__command_of(m, p);

	return process__has_failed(c ? c->p : p);
}

static int found_refusal(struct matching *x, const struct refusal *r, const struct process *p)
{
	const struct go_command *c = model__command_of(x->m, p);
	__free_str struct str who = {};

	process__label(p, &who);
	return found(x, &(struct found){ LIKELY, c ? c->proc : p->proc, r->path, rule__at(r->ts) },
		     "%s by %s: %s", rec_kind__name(r->kind), who.s ?: "a program", r->err);
}

/* One refused folder is one finding: go tries a file in it in several ways. */
static bool is_same_folder(const struct model *m, const struct refusal *r)
{
	size_t n = path__dir_len(r->path);

	if (go_own__is(r->path))
		return true;	/* what was to be moved, and a trial */
	for (const struct refusal *k = model__next_refusal(m, NULL); k != r; k = model__next_refusal(m, k))
		if (k->proc == r->proc && str_eq(k->err, r->err) && path__dir_len(k->path) == n &&
		    !strncmp(k->path, r->path, n))
			return true;
	return false;
}

static int match_refusals(struct matching *x, const char *errs)
{
	int err = 0;

	for (const struct refusal *r = model__next_refusal(x->m, NULL); r && !err; r = model__next_refusal(x->m, r)) {
		const struct process *p = model__process(x->m, r->proc);

		if (p && r->kind != REC_EXEC_FAILED && strstr(errs, r->err) && has_failed(x->m, p) &&
		    !is_same_folder(x->m, r))
			err = found_refusal(x, r, p);
	}
	return err;
}

static int match_permission_denied(struct matching *x)
{
	return match_refusals(x, "EACCES EPERM EROFS");
}

/* Without room nothing is as it should be, whether the command says so or not. */
static int match_no_space(struct matching *x)
{
	int err = 0;

	for (const struct refusal *r = model__next_refusal(x->m, NULL); r && !err; r = model__next_refusal(x->m, r))
		if (str_eq(r->err, "ENOSPC") || str_eq(r->err, "EDQUOT"))
			err = found(x, &(struct found){ PROVEN, r->proc, r->path, rule__at(r->ts) }, "%s: %s",
				    rec_kind__name(r->kind), r->err);
	return err;
}

static int match_exec_refused(struct matching *x)
{
	int err = 0;

	for (const struct refusal *r = model__next_refusal(x->m, NULL); r && !err; r = model__next_refusal(x->m, r)) {
		const struct process *p = model__process(x->m, r->proc);

		if (r->kind == REC_EXEC_FAILED && p && has_failed(x->m, p))
			err = found(x, &(struct found){ PROVEN, r->proc, r->path, rule__at(r->ts) },
				    "could not be started: %s", r->err);
	}
	return err;
}

/* "libz" of libz.so and libz.a: a linker takes either. */
static bool is_same_library(const char *a, const char *b)
{
	size_t n = strcspn(a, ".");

	return n == strcspn(b, ".") && !strncmp(a, b, n);
}

/* It is said of the other kind of file, which was looked for first. */
static bool is_told_before(const struct model *m, const struct ladder *l)
{
	for (const struct ladder *k = model__next_ladder(m, NULL); k != l; k = model__next_ladder(m, k))
		if (k->proc == l->proc && k->purpose == LADDER_LIBRARY && is_same_library(k->key, l->key))
			return true;
	return false;
}

/* go tries what its C compiler can do: such a trial works for no package, and may fail. */
static bool is_searched_in_vain(const struct model *m, const struct ladder *l, const struct process *p)
{
	if (!tool_role__is_c_part(p->role))
		return true;
	return (p->package || !model__command_of(m, p)) && !is_told_before(m, l);
}

static int match_library_missing(struct matching *x)
{
	int err = 0;

	for (const struct ladder *l = model__next_ladder(x->m, NULL); l && !err; l = model__next_ladder(x->m, l)) {
		const struct process *p = l->purpose == LADDER_LIBRARY ? model__process(x->m, l->proc) : NULL;
		struct ladder_verdict v;

		if (!p || !l->cnt || !process__has_failed(p) || !has_failed(x->m, p) || !is_searched_in_vain(x->m, l, p))
			continue;
		ladder__judge(x->m, l, &v);
		if (!v.won && v.surprise == SURPRISE_NOTHING)
			err = found(x, &(struct found){ v.confidence == PROVEN ? PROVEN : LIKELY, l->proc, l->key,
							rule__at(l->candidates[0].ts) },
				    "%s looked for it in %u places and found it in none", l->exe ?: "a program",
				    l->cnt + l->omitted);
	}
	return err;
}

static const struct connection *connection_of(const struct model *m, uint64_t proc)
{
	const struct connection *k = model__next_connection(m, NULL);

	while (k && (k->proc != proc || !*k->addr))
		k = model__next_connection(m, k);
	return k;
}

/* Certificates are looked for when a server shows its own: what follows is refused, or not checked. */
static int match_certificates_missing(struct matching *x)
{
	int err = 0;

	for (const struct ladder *l = model__next_ladder(x->m, NULL); l && !err; l = model__next_ladder(x->m, l)) {
		const struct process *p = l->purpose == LADDER_CERTIFICATES ? model__process(x->m, l->proc) : NULL;
		struct ladder_verdict v;

		if (!p || !l->cnt)
			continue;
		ladder__judge(x->m, l, &v);
		if (v.won)
			continue;
		if (!process__has_failed(p) && !connection_of(x->m, l->proc)) {
			err = model__run(x->m)->has_net ? 0 : not_asked(x, "connections were not recorded (--net)");
			continue;
		}
		err = found(x, &(struct found){ v.confidence, l->proc, l->exe ?: "a program",
						rule__at(l->candidates[0].ts) },
			    "looked for CA certificates in %u places and found them in none", l->cnt + l->omitted);
	}
	return err;
}

/* --- libraries --- */

static bool is_in_list(const char *list, const char *dir, size_t n)
{
	for (const char *at = list; at && *at; at += strcspn(at, ":"), at += *at == ':')
		if (strcspn(at, ":") == n && !strncmp(at, dir, n))
			return true;
	return false;
}

/* Why the folder of the library should not be one; NULL: it is fine, or what a virtual environment has. */
static const char *unexpected_place(const struct ladder *l, const struct process *p, const char *path)
{
	static const char *const writable[] = { "/tmp", "/var/tmp", "/dev/shm" };
	size_t n = path__dir_len(path);

	if (library__is_of_system(path) || !str_has_prefix(l->key, "lib"))
		return NULL;
	if (is_in_list(environment__get(p->env, "LD_LIBRARY_PATH"), path, n))
		return "by LD_LIBRARY_PATH";
	for (size_t i = 0; i < ARRAY_SIZE(writable); i++)
		if (rule__is_in(path, writable[i]))
			return "where anybody may write";
	/* RPATH "." or "lib": another one in each working directory. */
	return l->cwd && (path__is_directly_in(l->cwd, path) || str_has_prefix(path__below(l->cwd, path) ?: "", "lib/")) ?
		       "by a path that begins in the working directory" : NULL;
}

static int match_library_unexpected(struct matching *x)
{
	int err = 0;

	for (const struct ladder *l = model__next_ladder(x->m, NULL); l && !err; l = model__next_ladder(x->m, l)) {
		const struct process *p = l->purpose == LADDER_LIBRARY ? model__process(x->m, l->proc) : NULL;
		struct ladder_verdict v;
		const char *why;

		/* A linker takes what it is told to. */
		if (!p || tool_role__is_c_part(p->role))
			continue;
		ladder__judge(x->m, l, &v);
		why = v.won && v.won->result == CANDIDATE_USED ? unexpected_place(l, p, v.won->path) : NULL;
		if (why)
			err = found(x, &(struct found){ LIKELY, l->proc, l->key, rule__at(v.won->ts) },
				    "%s took %s, %s", l->exe ?: "a program", v.won->path, why);
	}
	return err;
}

/* --- kept from working --- */

/* The group of another pause is the same, or it is the same process again: it was told. */
static bool is_told_pause(const struct model *m, const struct pause *p)
{
	for (const struct pause *k = model__next_pause(m, NULL); k != p; k = model__next_pause(m, k))
		if (p->cgroup && str_eq(k->cgroup ?: "", p->cgroup) && k->ts < p->ts + p->ns && p->ts < k->ts + k->ns)
			return true;
	return false;
}

static int match_job_frozen(struct matching *x)
{
	int err = 0;

	for (const struct pause *p = model__next_pause(x->m, NULL); p && !err; p = model__next_pause(x->m, p)) {
		const struct process *of = is_told_pause(x->m, p) ? NULL : model__process(x->m, p->proc);
		const char *rest = p->at_end ? ", up to the end of the record" : "";
		__free_str struct str who = {};

		if (!of)
			continue;
		process__label(of, &who);
		if (p->cgroup)
			err = found(x, &(struct found){ PROVEN, p->proc, p->cgroup, rule__at(p->ts) },
				    "%s was frozen with its control group for at least %.1f s%s", who.s ?: "a program",
				    p->ns / 1e9, rest);
		else
			err = found(x, &(struct found){ PROVEN, p->proc, who.s ?: "a program", rule__at(p->ts) },
				    "was stopped by a signal for at least %.1f s%s", p->ns / 1e9, rest);
	}
	return err;
}

#define SEEN (EVIDENCE_LIFE | EVIDENCE_FILES)

const struct rule rules_host[] = {
	{ "permission-denied", SEVERITY_WARNING, SEEN, "gobin-unwritable modcache-denied cache-unwritable netrc-unreadable ",
	  "A file was refused, and the command failed",
	  "Owner, mode or mount do not allow what the command wanted.",
	  "ls -ld of the path and the folders above it; give it to the user who builds",
	  .match = match_permission_denied },
	{ "exec-refused", SEVERITY_ERROR, SEEN, NULL,
	  "A program could not be started",
	  "It is not executable, its folder is mounted noexec, or it is for another platform.",
	  "chmod +x, mount with exec (GOTMPDIR for go test and go run), or build for this platform",
	  .match = match_exec_refused },
	{ "job-frozen", SEVERITY_WARNING, EVIDENCE_LIFE, NULL,
	  "A process was stopped, or its control group frozen",
	  "It takes the time, and nothing that the job does can be the reason.",
	  "kill -CONT, or thaw the control group; look for what pauses jobs: a runner, a limit, a terminal (Ctrl-Z)",
	  .match = match_job_frozen },
	{ "no-space", SEVERITY_ERROR, SEEN, NULL,
	  "There was no room",
	  "What was being written is cut or missing, though go may say nothing of a cache.",
	  "df -h of the path; go clean -cache, another GOCACHE or GOTMPDIR",
	  .match = match_no_space },
	{ "library-missing", SEVERITY_ERROR, SEEN | EVIDENCE_ABSENCE, NULL,
	  "A shared library was not found",
	  "The program cannot start.",
	  "install the library, or build with CGO_ENABLED=0",
	  .match = match_library_missing },
	{ "library-unexpected", SEVERITY_WARNING, SEEN, NULL,
	  "A shared library came from an unusual place",
	  "Who can write there decides what the program does; on another host it takes another one.",
	  "unset LD_LIBRARY_PATH, or build with an RPATH below $ORIGIN; install the library for the system",
	  .match = match_library_unexpected },
	{ "certificates-missing", SEVERITY_WARNING, SEEN | EVIDENCE_ABSENCE, NULL,
	  "No CA certificates were found",
	  "No server can prove who it is: every TLS connection fails, or goes on unchecked.",
	  "install ca-certificates (in the image, too), or set SSL_CERT_FILE to a bundle",
	  .match = match_certificates_missing },
	{}
};
