/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The half of a session that has the caller's rights and no others. */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "cmd/client.h"
#include "cmd/half.h"
#include "cmd/redaction_key.h"
#include "cmd/report.h"
#include "cmd/session.h"
#include "output/text.h"
#include "util/log.h"
#include "util/request.h"

bool half__has_service(const struct capture_options *opts)
{
	return !opts->no_service && !getenv("SUDO_UID") && client__is_there();
}

int half__begin(struct half *h, const struct capture_options *opts)
{
	h->opts = opts;
	if (caller__get(&h->caller)) {
		log_error(CALLER_UNCLEAR);
		return EXIT_FAILED;
	}
	if (opts->redaction_key && redaction_key__read(opts->redaction_key, &h->caller.identity, &h->key))
		return EXIT_FAILED;
	h->signal_fd = session__catch_signals(&h->signals);
	return 0;
}

void half__free(struct half *h)
{
	observer__free(&h->observer);
	outfile__close(&h->file);
	close_fd_cleanup(&h->signal_fd);
	redaction_key__wipe(&h->key);
	caller__free(&h->caller);
}

/* --- the record's file --- */

int half__open_record(struct half *h)
{
	const char *name = h->opts->output;
	int err;

	if (name)
		err = outfile__open(&h->file, name, h->opts->force, &h->caller.identity);
	else
		err = h->file.fd = session__open_spool(&h->caller.identity);
	if (err >= 0)
		return 0;
	session__output_error(name, err);
	return EXIT_FAILED;
}

static void keep_record(struct half *h)
{
	const char *name = h->opts->output;
	struct stat st;
	int err;

	/* The observer was killed before it wrote anything: never nothing in place of a record. */
	if (h->file.part && !fstat(h->file.fd, &st) && !st.st_size) {
		outfile__discard(&h->file);
		log_error("nothing was recorded: '%s' is what it was before", name);
		return;
	}
	err = outfile__keep(&h->file);
	errno = -err;
	if (err)
		log_error("cannot replace '%s' (%m): the record is beside it, in '%s'", name,
			  h->file.part);
}

static void show_record(const struct half *h)
{
	if (!h->opts->output)
		(void)report__page_fd(h->file.fd, stderr);
	else if (h->file.is_new)
		log_info("next: goenvbpf report %s", h->opts->output);
}

/* --- the observer --- */

/* The options that we were given, as the observer wants them. */
static int make_request(const struct half *h, char *const *command, bool for_service, struct str *ret)
{
	static char *const none[] = { NULL };
	struct capture_options o = *h->opts;

	o.quiet |= !o.output;	/* we print the report */
	o.compress = o.output ? compression__name(compression__of_path(o.output)) : NULL;
	o.status &= text__is_screen(STDERR_FILENO);	/* sudo may take TERM away */
	o.key = h->key.s;
	if (for_service)
		client__fill(&o, command ? TASK_RUN : TASK_ATTACH);
	return request__encode(observer_groups, &o, (const char *const *)(command ?: none), ret);
}

static int wait_ready(struct half *h, int pidfd, char *const *command)
{
	int fds[PEER_FD_CNT] = {
		[PEER_RECORD] = h->file.fd, [PEER_CHILD] = pidfd, [PEER_TALK] = STDERR_FILENO,
	};
	__free_str struct str request = {};
	int err = make_request(h, command, h->observer.is_service, &request);

	return err ?: observer__wait_ready(&h->observer, &request, fds, h->signal_fd);
}

int half__start(struct half *h, int pidfd, char *const *command, bool may_elevate)
{
	int err;

	if (half__has_service(h->opts) && !observer__ask_service(&h->observer)) {
		err = wait_ready(h, pidfd, command);
		if (err != -ECONNREFUSED)
			return err;
		if (!may_elevate)
			log_error("the service refuses: %s", h->observer.why.s ?: "it does not say why");
		else
			log_info("the service refuses (%s): the observer is started without it",
				 h->observer.why.s ?: "it does not say why");
		observer__free(&h->observer);
		if (!may_elevate)
			return -ECHILD;
	}
	if (!may_elevate)
		return -ENOENT;
	return observer__start(&h->observer) ?: wait_ready(h, pidfd, command);
}

/* Its exit status; above EXIT_INCONCLUSIVE: it was ended before what it observed. */
static int finish_observer(struct half *h, int status)
{
	struct peer_verdict verdict = { .status = EXIT_FAILED };
	int err = observer__finish(&h->observer, status, h->signal_fd, &verdict);

	if (err == -EINTR) {
		log_warn("the observer does not answer, and a signal says not to wait for it: the record "
			 "may be cut short, what was written before is good");
		return EXIT_FAILED;
	}
	if (verdict.record_err)
		session__cut_error(h->opts->output, verdict.record_err);
	if (verdict.status > EXIT_INCONCLUSIVE)
		log_warn("the observer was ended before the command (status %d): the record is cut "
			 "short, what was written before is good", verdict.status);
	return verdict.status;
}

int half__finish(struct half *h, int status)
{
	int observer = finish_observer(h, status);

	keep_record(h);
	if (observer <= EXIT_INCONCLUSIVE && !h->opts->quiet)
		show_record(h);
	return observer;
}
