/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * goenvbpf-push: sends the lines of "goenvbpf export --format otlp", which come on standard input, to a
 * receiver, after what an earlier push could not deliver. The verb push becomes this program.
 */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "push/options.h"
#include "push/sender.h"
#include "push/spool.h"
#include "util/clock.h"
#include "util/log.h"

#define TIMEOUT_S 300
#define MAX_TOLD 3	/* refusals and warnings: more of them say the same */

enum {
	EXIT_ACCEPTED = 0,
	EXIT_NOT_ALL = 1,
	EXIT_USAGE = 2,
};

enum item {
	SPANS,
	LOGS,
	POINTS,
	ITEM_CNT,
};

/* mark: each has one, and no text can have it: its quotes would be escaped. */
static const struct {
	const char *begins, *path, *name, *mark;
} items[] = {
	[SPANS] = { "{\"resourceSpans\":", "/v1/traces", "spans", "\"traceId\":\"" },
	[LOGS] = { "{\"resourceLogs\":", "/v1/logs", "log records", "\"traceId\":\"" },
	[POINTS] = { "{\"resourceMetrics\":", "/v1/metrics", "data points", "\"timeUnixNano\":\"" },
};

struct push {
	struct target target;
	struct sender *sender;
	struct spool spool;
	bool is_over;			/* nothing more is sent */
	uint64_t accepted[ITEM_CNT], rejected[ITEM_CNT], kept[ITEM_CNT];
	unsigned int told;
	bool has_failed;		/* what is not among the numbers */
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	stopped = sig;
}

static bool is_stopped(void)
{
	return stopped;
}

/* Keeps what it reads for the next push; a second one ends it as always. */
static void catch_signals(void)
{
	const struct sigaction catching = { .sa_handler = stop, .sa_flags = SA_RESTART | SA_RESETHAND };
	const int ending[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaction(ending[i], &catching, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* --- requests --- */

static int item_of(const char *line)
{
	for (int i = 0; i < ITEM_CNT; i++)
		if (str_has_prefix(line, items[i].begins))
			return i;
	return -1;
}

static uint64_t count(const char *line, int item)
{
	const char *const mark = items[item].mark;
	uint64_t n = 0;

	for (; (line = strstr(line, mark)); line += strlen(mark))
		n++;
	return n;
}

static void tell(struct push *p, const char *what, const struct answer *answer)
{
	if (p->told++ < MAX_TOLD)
		log_error("%s%s%s", what, answer->text.len ? ": " : "", answer->text.len ? answer->text.s : "");
}

static void tell_partial(struct push *p, int item, const struct answer *answer)
{
	__free_str struct str what = {};

	if (!answer->rejected && answer->text.len && p->told++ < MAX_TOLD)
		log_warn("the receiver accepted all, and says: %s", answer->text.s);
	if (!answer->rejected)
		return;
	str__addf(&what, "the receiver rejected %llu %s of a request, which it will not take again",
		  (unsigned long long)answer->rejected, items[item].name);
	tell(p, what.s ?: "", answer);
}

/* True: the receiver has it. */
static bool send_line(struct push *p, const char *line, size_t n, int item)
{
	struct answer answer = {};
	enum delivery got;
	uint64_t cnt = count(line, item);

	if (stopped && !p->is_over)
		log_error("stopped by a signal");
	if (p->is_over || stopped) {
		p->is_over = true;
		return false;
	}
	got = sender__post(p->sender, items[item].path, line, n, &answer);
	if (got == DELIVERED) {
		tell_partial(p, item, &answer);
		p->rejected[item] += answer.rejected < cnt ? answer.rejected : cnt;
		p->accepted[item] += cnt - (answer.rejected < cnt ? answer.rejected : cnt);
	} else if (got == REFUSED) {
		tell(p, "a request was refused", &answer);
	} else if (!stopped) {
		log_error("cannot send to '%s': %s", p->target.url, answer.text.s ?: "out of memory");
		p->is_over = true;
	}
	str__free(&answer.text);
	return got == DELIVERED;
}

static int send_spooled(struct push *p)
{
	__free_mem char *line = NULL;
	size_t room = 0, n = 0;
	int err;

	while ((err = spool__next(&p->spool, &line, &room, &n)) > 0) {
		int item = item_of(line);

		if (item < 0) {		/* not ours to throw away */
			p->has_failed = true;
			err = spool__keep(&p->spool);
		} else if (!send_line(p, line, n - 1, item)) {
			p->kept[item] += count(line, item);
			err = spool__keep(&p->spool);
		}
		if (err < 0)
			break;
	}
	return err;
}

static int take_line(struct push *p, char *line, size_t n)
{
	int item = item_of(line), err;

	if (item < 0 || line[n - 1] != '\n') {
		log_error(item < 0 ? "a line that is no request of OTLP/JSON was skipped" :
				     "the last request is cut, and was not sent");
		p->has_failed = true;
		return 0;
	}
	if (send_line(p, line, n - 1, item))
		return 0;
	err = spool__add(&p->spool, line, n);
	if (!err)
		p->kept[item] += count(line, item);
	return err;
}

static int send_input(struct push *p)
{
	__free_mem char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int err = 0;

	while (!err && (n = getline(&line, &room, stdin)) > 0)
		err = take_line(p, line, n);
	return err ?: ferror(stdin) ? -EIO : 0;
}

/* When the verb has started one. */
static void await_exporter(struct push *p)
{
	const char *pid = getenv(PUSH_EXPORTER);
	int status;

	if (pid && waitpid(atoi(pid), &status, 0) > 0)
		p->has_failed |= status != 0;
}

/* --- the end --- */

static void add_counts(struct str *out, const uint64_t cnt[ITEM_CNT])
{
	const char *between = cnt[POINTS] ? "," : " and";

	str__addf(out, "%llu %s%s %llu %s", (unsigned long long)cnt[SPANS], items[SPANS].name, between,
		  (unsigned long long)cnt[LOGS], items[LOGS].name);
	if (cnt[POINTS])
		str__addf(out, " and %llu %s", (unsigned long long)cnt[POINTS], items[POINTS].name);
}

static uint64_t sum(const uint64_t cnt[ITEM_CNT])
{
	return cnt[SPANS] + cnt[LOGS] + cnt[POINTS];
}

static void sum_up(struct push *p)
{
	__free_str struct str text = {};

	add_counts(&text, p->accepted);
	printf("%s were accepted\n", text.s ?: "");
	str__cut(&text, 0);
	add_counts(&text, p->rejected);
	if (sum(p->rejected))
		log_error("%s were rejected", text.s ?: "");
	str__cut(&text, 0);
	add_counts(&text, p->kept);
	if (sum(p->kept))
		log_error("%s were not accepted: they are kept in '%s'; the next push to this URL sends them first, "
			  "one with --spooled nothing else", text.s ?: "", p->spool.path);
}

static int finish(struct push *p, int err)
{
	if (err)
		log_error("cannot read or keep what is to be sent: %s; what is missing is in the record", strerror(-err));
	sum_up(p);
	if (fflush(stdout)) {
		err = -errno;
		log_error("cannot write to standard output: %s", strerror(errno));
	}
	p->has_failed |= err || sum(p->rejected) || sum(p->kept);
	err = spool__close(&p->spool);
	if (err)
		log_error("cannot write what was not accepted to its file: %s", strerror(-err));
	return p->has_failed || err ? EXIT_NOT_ALL : EXIT_ACCEPTED;
}

/* --- the beginning --- */

static int open_spool(struct push *p, const struct push_options *o, uint64_t until)
{
	__free_str struct str place = {};
	int err = o->spool ? 0 : spool__place(p->target.url, &place);
	const char *path = o->spool ?: place.s ?: "";

	err = err ?: spool__open(&p->spool, path, until);
	if (err == -EBUSY)
		log_error("another push has '%s', where what is not accepted would go; nothing was sent", path);
	else if (err == -EPERM)
		log_error("'%s' is no file of yours alone: name another one with --spool; nothing was sent", path);
	else if (err)
		log_error("cannot open '%s' for what is not accepted: %s; name another file with --spool; nothing "
			  "was sent", path, strerror(-err));
	return err;
}

static int push_all(struct push *p, const struct push_options *o, unsigned int retries)
{
	uint64_t until = clock__ns(CLOCK_MONOTONIC) + (o->timeout ?: TIMEOUT_S) * NSEC_PER_SEC;
	const struct sender_opts opts = {
		.target = &p->target, .cacert = o->cacert, .retries = retries, .until = until, .is_stopped = is_stopped,
	};
	int err;

	catch_signals();
	p->sender = sender__new(&opts);
	if (!p->sender) {
		log_error("cannot prepare to send: out of memory, or of a libcurl without TLS");
		return EXIT_NOT_ALL;
	}
	err = open_spool(p, o, until);
	if (err) {
		(void)spool__close(&p->spool);
		return EXIT_NOT_ALL;
	}
	err = send_spooled(p) ?: send_input(p);
	if (!err)
		await_exporter(p);
	return finish(p, err);
}

static int check(struct push *p, const struct push_options *o, unsigned int *retries, struct str *why)
{
	int err = push_options__retries(o, retries);

	if (err)
		str__adds(why, "--retries has to be a number from 0 to 100");
	err = err ?: target__set_url(&p->target, o->url, o->insecure_http, why);
	if (!err && o->headers)
		err = target__read_headers(&p->target, o->headers, why);
	if (!err && o->cacert && access(o->cacert, R_OK)) {
		str__addf(why, "cannot read the file of --cacert, '%s': %s", o->cacert, strerror(errno));
		err = -EINVAL;
	}
	return err;
}

int main(int argc, char **argv)
{
	const struct option_group *const groups[] = { &push_options, NULL };
	struct push p = { .spool = { .fd = -1 } };
	struct push_options o = {};
	__free_str struct str why = {};
	unsigned int retries = 0;
	int err, next, status;

	err = options__parse(groups, &o, argc, argv, false, &next, &why);
	if (err == OPTIONS_HELP || (!err && next < argc)) {
		log_error(PUSH_PROGRAM " reads requests from standard input: call 'goenvbpf push'");
		return EXIT_USAGE;
	}
	err = err ?: curl_global_init(CURL_GLOBAL_DEFAULT) ? -ENOMEM : check(&p, &o, &retries, &why);
	if (err) {
		log_error("push: %s; see 'goenvbpf help push'", why.len ? why.s : strerror(-err));
		status = err == -EINVAL ? EXIT_USAGE : EXIT_NOT_ALL;
	} else {
		status = push_all(&p, &o, retries);
	}
	sender__free(p.sender);
	target__free(&p.target);
	curl_global_cleanup();
	return status;
}
