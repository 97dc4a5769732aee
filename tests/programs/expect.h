/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef EXPECT_H
#define EXPECT_H
/*
 * What expectation programs share: a program makes system calls and prints, one JSON object per
 * line on standard output, the record lines that it expects of them.
 *
 *   "who"    [pid, tid] of the thread that caused it
 *   "k" …    the keys of the record line, as far as the program can know them
 *   "_x"     something for the test itself, not a key of the record
 *
 * Strings that are not plain ASCII are printed as {"hex": …}. Lines are made without malloc and go
 * out by one write(2) each, so that they work in a vfork child and in any thread, and cause no
 * record line themselves. Between its exec and EXPECT_BEGIN, and after EXPECT_END, a thread's calls
 * are its libc's and not compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPECT_BEGIN() ((void)syscall(SYS_access, "/expect/begin", F_OK))
#define EXPECT_END()   ((void)syscall(SYS_access, "/expect/end", F_OK))

/* A raw call: 0 or more, or -errno. */
#define CALL(...) call_ret(syscall(__VA_ARGS__))

static inline long call_ret(long ret)
{
	return ret < 0 ? -errno : ret;
}

struct out {
	size_t n;
	char s[65536];
};

static inline void out_char(struct out *o, char c)
{
	if (o->n < sizeof(o->s))
		o->s[o->n++] = c;
}

static inline void out_text(struct out *o, const char *s)
{
	while (*s)
		out_char(o, *s++);
}

static inline void out_num(struct out *o, long v)
{
	char num[32];

	snprintf(num, sizeof(num), "%ld", v);
	out_text(o, num);
}

static inline int is_plain(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || (unsigned char)*s > '~' || *s == '"' || *s == '\\')
			return 0;
	}
	return 1;
}

static inline void out_str(struct out *o, const char *s)
{
	static const char hex[] = "0123456789abcdef";

	if (is_plain(s)) {
		out_char(o, '"');
		out_text(o, s);
		out_char(o, '"');
		return;
	}
	out_text(o, "{\"hex\":\"");
	for (; *s; s++) {
		out_char(o, hex[(unsigned char)*s >> 4]);
		out_char(o, hex[*s & 15]);
	}
	out_text(o, "\"}");
}

static inline void out_list(struct out *o, char *const *list)
{
	out_char(o, '[');
	for (size_t i = 0; list[i]; i++) {
		if (i)
			out_char(o, ',');
		out_str(o, list[i]);
	}
	out_char(o, ']');
}

/*
 * Key, value pairs up to NULL. "key": a string (NULL: no key); "#key": a long; "?key": an int, a
 * truth value; "*key": a NULL-terminated list of strings.
 */
static inline void out_pairs(struct out *o, va_list ap)
{
	const char *key;

	while ((key = va_arg(ap, const char *))) {
		const void *p = NULL;
		long v = 0;
		char type = *key;

		if (type == '#')
			v = va_arg(ap, long);
		else if (type == '?')
			v = va_arg(ap, int);
		else
			p = va_arg(ap, const void *);
		if (!strchr("#?", type) && !p)
			continue;
		out_text(o, ",\"");
		out_text(o, key + (strchr("#?*", type) ? 1 : 0));
		out_text(o, "\":");
		if (type == '#')
			out_num(o, v);
		else if (type == '?')
			out_text(o, v ? "true" : "false");
		else if (type == '*')
			out_list(o, (char *const *)p);
		else
			out_str(o, p);
	}
}

static inline void told_write(const struct out *o)
{
	size_t done = 0;

	if (o->n == sizeof(o->s))
		_exit(99);	/* a line that is cut would be a wrong expectation */
	while (done < o->n) {
		ssize_t n = write(1, o->s + done, o->n - done);

		if (n <= 0)
			_exit(98);
		done += n;
	}
}

static inline void told_va(pid_t pid, pid_t tid, const char *k, const char *call, long ret, va_list ap)
{
	struct out o = { 0 };

	out_text(&o, "{\"who\":[");
	out_num(&o, pid);
	out_char(&o, ',');
	out_num(&o, tid);
	out_text(&o, "],\"k\":\"");
	out_text(&o, k);
	out_char(&o, '"');
	if (call) {
		out_text(&o, ",\"call\":");
		out_str(&o, call);
	}
	if (ret < 0) {
		out_text(&o, ",\"err\":");
		out_str(&o, strerrorname_np(-ret));
	}
	out_pairs(&o, ap);
	out_text(&o, "}\n");
	told_write(&o);
}

/* Of this thread: kind, call (NULL: none), result (negative errno: "err"), then pairs, NULL. */
__attribute__((sentinel)) static inline void told(const char *k, const char *call, long ret, ...)
{
	va_list ap;

	va_start(ap, ret);
	told_va(getpid(), gettid(), k, call, ret, ap);
	va_end(ap);
}

/* The same on behalf of another process's main thread. */
__attribute__((sentinel)) static inline void told_of(pid_t pid, const char *k, const char *call,
						     long ret, ...)
{
	va_list ap;

	va_start(ap, ret);
	told_va(pid, pid, k, call, ret, ap);
	va_end(ap);
}

static inline void die(const char *what)
{
	fprintf(stderr, "expectation program: %s: %s\n", what, strerror(errno));
	_exit(97);
}

/* The directory the program was started in, and a path below it; good for the next 16 calls. */
static char start_dir[4096];

static inline const char *in(const char *name)
{
	static char bufs[16][16384];
	static unsigned int next;
	char *buf = bufs[next++ % 16];

	snprintf(buf, sizeof(bufs[0]), "%s/%s", start_dir, name);
	return buf;
}

static inline void make_file(const char *name, const char *text, mode_t mode)
{
	int fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, mode);
	size_t n = strlen(text);

	if (fd < 0 || (n && write(fd, text, n) != (ssize_t)n) || fchmod(fd, mode))
		die(name);
	close(fd);
}

struct expect_case {
	const char *name;
	void (*run)(int argc, char **argv);	/* the arguments after the case's name */
};

static inline int expect_main(const struct expect_case *cases, int argc, char **argv)
{
	if (!getcwd(start_dir, sizeof(start_dir)))
		die("getcwd");
	for (; argc > 1 && cases->name; cases++) {
		if (!strcmp(cases->name, argv[1])) {
			cases->run(argc - 2, argv + 2);
			return 0;
		}
	}
	fprintf(stderr, "usage: %s CASE [ARG...]\n", argv[0]);
	return 2;
}

#endif
