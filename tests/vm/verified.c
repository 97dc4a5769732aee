// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Preloaded into the observer: writes what the kernel's verifier had to process for each program
 * that is loaded, "NAME INSTRUCTIONS", to the file $VERIFIED. When all are loaded and the first is
 * attached it adds "loaded" and ends the process: nothing has happened yet that takes time to undo.
 *
 * bpf_prog_info tells the number since 5.16 only; its log does since 5.2, for programs that load.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARG_CNT 6
#define LOG_STATS 4	/* BPF_LOG_STATS of the kernel's bpf_verifier.h */

static char text[1 << 16];

static void say(const char *name, const char *number)
{
	int fd = open(getenv("VERIFIED"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0 || dprintf(fd, "%s%s%.*s\n", name, *number ? " " : "",
			      (int)strspn(number, "0123456789"), number) < 0)
		_exit(1);
	close(fd);
}

static long pass(long nr, const long *a)
{
	static long (*next)(long, ...);

	if (!next)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return next(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* With a log when the caller wants none; what fails then is loaded again as the caller wanted. */
static long load(long nr, const long *a)
{
	static const char before[] = "processed ";
	union bpf_attr *attr = (union bpf_attr *)a[1];
	char *found;
	long fd;

	if (attr->log_level)
		return pass(nr, a);
	text[0] = '\0';
	attr->log_level = LOG_STATS;
	attr->log_buf = (unsigned long)text;
	attr->log_size = sizeof(text);
	fd = pass(nr, a);
	attr->log_level = 0;
	attr->log_buf = 0;
	attr->log_size = 0;
	if (fd < 0)
		return pass(nr, a);
	found = strstr(text, before);
	if (found && *attr->prog_name)
		say(attr->prog_name, found + strlen(before));
	return fd;
}

static int is_attaching(long nr, long cmd)
{
	return nr == SYS_perf_event_open ||
	       (nr == SYS_bpf && (cmd == BPF_RAW_TRACEPOINT_OPEN || cmd == BPF_LINK_CREATE));
}

/* libbpf has no other way into the kernel. */
long syscall(long nr, ...)
{
	long a[ARG_CNT];
	va_list ap;
	int i;

	va_start(ap, nr);
	for (i = 0; i < ARG_CNT; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_bpf && a[0] == BPF_PROG_LOAD)
		return load(nr, a);
	if (is_attaching(nr, a[0])) {
		say("loaded", "");
		_exit(0);
	}
	return pass(nr, a);
}
