/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_UTIL_LOG_H
#define GOENVBPF_UTIL_LOG_H
/*
 * Messages to people, on standard error.
 *
 * Only main.c, user/capture, user/service and user/cmd log; every other folder returns an error and lets its
 * caller, who knows why it asked, say it once. A message states what, 'which', why, and what
 * happens next or what to do. errno is preserved.
 */

#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,		/* the default: a person wants to know this */
	LOG_LEVEL_DEBUG,	/* -v */
};

void log__set_level(enum log_level level);
enum log_level log__level(void);

/*
 * Messages go to write, whole lines with their newline, by any thread and one at a time, as long as
 * something of ours is on the terminal that they would be written over; NULL: to standard error again.
 */
typedef void (*log_write_fn)(void *ctx, const char *line, size_t n);
void log__set_writer(log_write_fn write, void *ctx);

void log__print(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log__print(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log__print(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log__print(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log__print(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
