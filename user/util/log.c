/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages to people: one write per message, so that lines of several threads never mix. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "log.h"

static enum log_level max_level = LOG_LEVEL_INFO;

static const char *const level_prefix[] = {
	[LOG_LEVEL_ERROR] = "goenvbpf: error: ",
	[LOG_LEVEL_WARN]  = "goenvbpf: warning: ",
	[LOG_LEVEL_INFO]  = "goenvbpf: ",
	[LOG_LEVEL_DEBUG] = "goenvbpf: debug: ",
};

static struct {
	pthread_mutex_t lock;
	log_write_fn write;	/* NULL: standard error */
	void *ctx;
} writer = { .lock = PTHREAD_MUTEX_INITIALIZER };

void log__set_writer(log_write_fn write, void *ctx)
{
	pthread_mutex_lock(&writer.lock);
	writer.write = write;
	writer.ctx = ctx;
	pthread_mutex_unlock(&writer.lock);
}

static void put(const char *line, size_t n)
{
	pthread_mutex_lock(&writer.lock);
	if (writer.write)
		writer.write(writer.ctx, line, n);
	else
		/* There is nowhere left to report a failing standard error to. */
		(void)!write(STDERR_FILENO, line, n);
	pthread_mutex_unlock(&writer.lock);
}

void log__set_level(enum log_level level)
{
	max_level = level;
}

enum log_level log__level(void)
{
	return max_level;
}

void log__print(enum log_level level, const char *fmt, ...)
{
	int saved_errno = errno;
	char line[2048];
	va_list ap;
	int n, m;

	if (level > max_level)
		return;
	n = snprintf(line, sizeof(line), "%s", level_prefix[level]);
	errno = saved_errno;	/* for %m */
	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	if (m > 0)
		n += m;
	if (n > (int)sizeof(line) - 2)	/* vsnprintf returns what it would have written */
		n = sizeof(line) - 2;
	line[n++] = '\n';
	put(line, n);
	errno = saved_errno;
}
