/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records as the verbs read them. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "cmd/session.h"
#include "record/pass.h"
#include "util/file.h"
#include "util/log.h"

#define MAX_SINKS 3

/* A line on a terminal for records that take long, and nothing of it afterwards. */
struct progress {
	bool on, drawn;
	uint64_t lines;
	time_t last;
};

static int progress__step(void *ctx, const struct rec *rec)
{
	struct progress *p = ctx;
	time_t now;

	if (!p->on || ++p->lines % 65536)
		return 0;
	now = time(NULL);
	if (now == p->last)
		return 0;
	p->last = now;
	p->drawn = true;
	fprintf(stderr, "\r%llu lines read", (unsigned long long)p->lines);
	return 0;
}

int read_lines(const char *path, const char *name, const struct sink_of_lines *sinks, size_t n)
{
	struct progress progress = { .on = isatty(STDERR_FILENO), .last = time(NULL) };
	struct sink_of_lines all[MAX_SINKS + 1] = { { .line = progress__step, .ctx = &progress } };
	int err;

	if (n > MAX_SINKS)
		return EXIT_FAILED;
	memcpy(all + 1, sinks, n * sizeof(*sinks));
	err = pass__file(path, all, n + 1);
	if (progress.drawn)
		fprintf(stderr, "\r\033[K");
	return err ? cannot_read(name, err) : EXIT_FINE;
}

int read_model(const char *path, const char *name, enum model_scope scope, struct model **ret)
{
	__free_model struct model *m = model__new(scope);
	struct sink_of_lines sink;
	int status;

	if (!m)
		return cannot_read(name, -ENOMEM);
	sink = model__sink(m);
	status = read_lines(path, name, &sink, 1);
	if (!status)
		*ret = STEAL(m);
	return status;
}

const char *rereadable(const char *record, struct spool *spool)
{
	bool is_stdin = str_eq(record, "-");
	__close_fd int own = -1;
	struct stat st;
	int to, err;

	if (!is_stdin && !stat(record, &st) && S_ISREG(st.st_mode))
		return record;
	if (!is_stdin) {
		own = open(record, O_RDONLY | O_CLOEXEC);
		if (own < 0) {
			(void)cannot_read(record, -errno);
			return NULL;
		}
	}
	to = session__open_spool(NULL);
	err = to < 0 ? to : file__copy(is_stdin ? STDIN_FILENO : own, to);
	if (err) {
		(void)cannot_read(record, err);
		return NULL;
	}
	snprintf(spool->path, sizeof(spool->path), "/proc/self/fd/%d", to);
	return spool->path;
}

int print_answer(const struct str *answer, FILE *to)
{
	errno = 0;
	if (fwrite(answer->s, 1, answer->len, to) != answer->len || fflush(to))
		return errno ? -errno : -EIO;
	return 0;
}
