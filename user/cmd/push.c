/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * goenvbpf push RECORD… --otlp URL: a child exports, and this process becomes goenvbpf-push, which
 * sends what the child writes. Signals and the exit status are so those of the program that sends.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "cmd/cmd.h"
#include "push/options.h"
#include "util/log.h"
#include "util/privileges.h"

/* Beside goenvbpf, or where make install has it. */
static int find_program(char *path, size_t n)
{
	static const char *const places[] = { "", "../libexec/", "../libexec/goenvbpf/" };
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		return -errno;
	self[len] = '\0';
	dirname(self);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if ((size_t)snprintf(path, n, "%s/%s" PUSH_PROGRAM, self, places[i]) < n && !access(path, X_OK))
			return 0;
	return -ENOENT;
}

/* --- the exporter --- */

static int export(const struct call *call)
{
	const struct push_options *o = call->options;
	__free_mem char **argv = calloc(call->operand_cnt + 7, sizeof(*argv));
	int argc = 0;

	if (!argv)
		return EXIT_FAILED;
	argv[argc++] = (char *)verb_export.name;
	argv[argc++] = (char *)"--format";
	argv[argc++] = (char *)"otlp";
	if (o->accesses)
		argv[argc++] = (char *)"--accesses";
	if (o->metrics)
		argv[argc++] = (char *)"--metrics";
	argv[argc++] = (char *)"--";
	for (size_t i = 0; i < call->operand_cnt; i++)
		argv[argc++] = call->operands[i];
	return verb__run(&verb_export, argc, argv);
}

/* What comes to standard input from here on; without records there is nothing. */
static int start_export(const struct call *call)
{
	int ends[2];
	char text[16];
	pid_t pid;

	unsetenv(PUSH_EXPORTER);
	if (!call->operand_cnt) {
		ends[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return ends[0] < 0 || dup2(ends[0], STDIN_FILENO) < 0 ? -errno : 0;
	}
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		/* Nobody reads what it would still write. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup2(ends[1], STDOUT_FILENO) < 0)
			_exit(EXIT_FAILED);
		close(ends[0]);
		close(ends[1]);
		exit(export(call));
	}
	close(ends[1]);
	snprintf(text, sizeof(text), "%d", (int)pid);
	return setenv(PUSH_EXPORTER, text, 1) || dup2(ends[0], STDIN_FILENO) < 0 ? -errno : 0;
}

/* --- the program that sends --- */

struct words {
	char **v;
	size_t cnt;
};

static int add_word(struct words *w, const char *a, const char *b)
{
	char **v = realloc(w->v, (w->cnt + 2) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	w->v = v;
	v[w->cnt + 1] = NULL;
	return asprintf(&v[w->cnt++], "%s%s", a, b) < 0 ? -ENOMEM : 0;
}

static int add_option(void *ctx, const struct option_row *row, const char *value)
{
	if (row->local)
		return 0;
	return add_word(ctx, "--", row->name) ?: row->type == OPTION_FLAG ? 0 : add_word(ctx, value, "");
}

static int become(const char *program, const struct call *call)
{
	struct words w = {};
	int err = add_word(&w, PUSH_PROGRAM, "") ?: options__each(call->verb->groups, call->options, add_option, &w);

	/* Root may read others' records: what talks to a network need not. */
	err = err ?: privileges__keep(0);
	if (!err) {
		execv(program, w.v);
		err = -errno;
	}
	log_error("cannot start '%s': %s", program, strerror(-err));
	return EXIT_FAILED;
}

static int push(const struct call *call)
{
	const struct push_options *o = call->options;
	char program[PATH_MAX];
	unsigned int retries;
	int err;

	if (!call->operand_cnt && !o->spooled)
		return usage_error(call->verb, "no RECORD was given");
	if (call->operand_cnt && o->spooled)
		return usage_error(call->verb, "--spooled sends no RECORD: leave out '%s'", call->operands[0]);
	if (push_options__retries(o, &retries))
		return usage_error(call->verb, "--retries has to be a number from 0 to 100");
	if (find_program(program, sizeof(program))) {
		log_error(PUSH_PROGRAM " is not beside goenvbpf: it is built where libcurl is (Debian: "
			  "libcurl4-openssl-dev)");
		return EXIT_FAILED;
	}
	err = start_export(call);
	if (err) {
		log_error("cannot start the export: %s", strerror(-err));
		return EXIT_FAILED;
	}
	return become(program, call);
}

const struct verb verb_push = {
	.name = "push",
	.operands = "RECORD…",
	.max_operands = ANY_OPERANDS,
	.groups = { &push_options },
	.options_sz = sizeof(struct push_options),
	.summary = "a record to an OTLP receiver, as spans and logs",
	.details = "RECORD is a file written by goenvbpf, plain, gzip or zstd; - is standard input. It is sent as 'goenvbpf "
		   "export --format otlp' writes it, compressed, without any privilege.",
	.notes =
"What may work later (429, 502, 503, 504, a connection that fails) is tried again after a pause that "
"doubles, or that the receiver asks for (Retry-After). What is not accepted in the end is kept in the "
"spool, a file that only you can read: the next push to this URL sends it first, and --spooled sends "
"nothing else. What a receiver says that it rejected of a request is told and not kept: sent again, the "
"rest of that request would be there twice.\n"
"\n"
"Certificates are verified, redirects are not followed, and variables for proxies have no effect. A "
"token belongs into the file of --headers: command lines are seen by everybody.\n"
"\n"
"Exit status: 0 all was accepted, 1 something was not, 2 wrong usage.",
	.run = push,
};
