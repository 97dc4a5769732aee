/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options and a command line as one message; how the two halves of a run trust each other. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cmd/capture_options.h"
#include "cmd/peer.h"
#include "util/request.h"

static int decode_bytes(const char *bytes, size_t n, struct capture_options *o, struct texts *words,
			struct str *why)
{
	*o = (struct capture_options){};
	*words = (struct texts){};
	return request__decode(observer_groups, o, bytes, n, words, why);
}

static void test_round_trip(void **state)
{
	const char *tags[] = { "a=b=c", "empty=", "odd=\xff\n" };
	const char *command[] = { "go", "", "--hooks", "b\xff d", NULL };
	struct capture_options o = {
		.output = "/not/for/others", .force = true, .all = true, .strict = true, .hooks = "fexit",
		.ring = 1 << 20, .tags = { tags, 3 }, .compress = "gzip",
	}, got;
	__free_str struct str text = {}, why = {};
	struct texts words;
	size_t n;

	assert_int_equal(request__encode(observer_groups, &o, command, &text), 0);
	assert_int_equal(request__length((unsigned char *)text.s, &n), 0);
	assert_int_equal(n, text.len - REQUEST_HEAD);
	assert_null(memmem(text.s, text.len, "not/for", 7));
	assert_int_equal(decode_bytes(text.s + REQUEST_HEAD, n, &got, &words, &why), 0);
	assert_null(got.output);
	assert_false(got.force || got.net || got.quiet);
	assert_true(got.all && got.strict);
	assert_string_equal(got.hooks, "fexit");
	assert_string_equal(got.compress, "gzip");
	assert_int_equal(got.ring, 1 << 20);
	assert_int_equal(got.tags.cnt, 3);
	for (int i = 0; i < 3; i++)
		assert_string_equal(got.tags.v[i], tags[i]);
	assert_int_equal(words.cnt, 4);
	for (int i = 0; i < 5; i++)
		assert_true(command[i] ? !strcmp(words.v[i], command[i]) : !words.v[i]);
	options__free(observer_groups, &got);
	free(words.v);
}

static void refused(const char *bytes, size_t n, const char *sentence)
{
	__free_str struct str why = {};
	struct capture_options o;
	struct texts words;

	assert_int_equal(decode_bytes(bytes, n, &o, &words, &why), -EINVAL);
	assert_string_equal(why.s, sentence);
	assert_null(words.v);
	options__free(observer_groups, &o);
}

#define REFUSED(bytes, sentence) refused(bytes, sizeof(bytes) - 1, sentence)

static void test_refused(void **state)
{
	REFUSED("output\0/etc/shadow\0", "there is no such option: 'output'");
	REFUSED("force\0\0", "there is no such option: 'force'");
	REFUSED("pid\0001\0", "there is no such option: 'pid'");
	REFUSED("no-such\0x\0\0go\0", "there is no such option: 'no-such'");
	REFUSED("hook\0auto\0", "there is no such option: 'hook'");	/* no abbreviations here */
	REFUSED("ring\0001024M\0", "--ring '1024M' is not a size from 64K to 256M");
	REFUSED("ring\000268435457\0", "--ring '268435457' is not a size from 64K to 256M");
	REFUSED("compress\0sh -c\0", "--compress 'sh -c' is not one of gzip, zstd");
	REFUSED("all\0yes\0", "'--all' takes no value");
	REFUSED("tag\0\0", "--tag needs a value that is not empty");
	REFUSED("all", "a text has no end: ''");
	REFUSED("all\0", "a text has no end: 'all'");
	REFUSED("all\0\0\0go", "a text has no end: ''");
	REFUSED("hooks\0auto\0hooks\0fexit\0",
		"--hooks was given twice, as 'auto' and as 'fexit': it takes one value");
}

static void test_length(void **state)
{
	static const unsigned char most[] = { 0, 0, 0x80, 0 }, more[] = { 1, 0, 0x80, 0 },
		all[] = { 0xff, 0xff, 0xff, 0xff }, none[4];
	struct capture_options o = {};
	__free_mem char *word = calloc(REQUEST_MAX + 1, 1);
	__free_str struct str text = {};
	size_t n = 7;

	assert_int_equal(request__length(more, &n), -E2BIG);
	assert_int_equal(request__length(all, &n), -E2BIG);
	assert_int_equal(n, 7);
	assert_int_equal(request__length(most, &n), 0);
	assert_int_equal(n, REQUEST_MAX);
	assert_int_equal(request__length(none, &n), 0);
	assert_int_equal(n, 0);
	memset(word, 'x', REQUEST_MAX);
	assert_int_equal(request__encode(observer_groups, &o, (const char *[]){ word, NULL }, &text), -E2BIG);
}

/* --- the two halves --- */

/* What the other half makes of what it is handed: the process, or a negative errno. */
static int other_half(const char *name, struct ucred *ret_sender)
{
	__close_fd int fd = peer__connect(name);
	__free_str struct str text = {};
	int fds[PEER_FD_CNT], err, pid;

	if (fd < 0)
		return fd;
	err = peer__receive(fd, &text, fds, ret_sender);
	if (err)
		return err;
	if (text.len != 4 || memcmp(text.s, "all", 4) || write(fds[PEER_RECORD], "x", 1) != 1)
		return -EBADMSG;
	pid = peer__check_child(fds[PEER_CHILD], ret_sender);
	for (int i = 0; i < PEER_FD_CNT; i++)
		close(fds[i]);
	return pid;
}

/* Runs it in a process of its own; true when it says what is expected. */
static bool meets(pid_t expected, int pidfd, size_t fd_cnt)
{
	__free_str struct str request = {};
	int fds[PEER_FD_CNT], pipe_fds[2], listen_fd, fd, status;
	struct ucred sender = {};
	char name[PEER_NAME_SZ];
	pid_t us = getpid(), it;

	listen_fd = peer__listen(name);
	assert_true(listen_fd >= 0);
	assert_int_equal(pipe(pipe_fds), 0);
	it = fork();
	if (!it) {
		pid_t got = other_half(name, &sender);

		_exit(got != expected ? 1 : got > 0 && sender.pid != us ? 2 : 0);
	}
	while ((fd = peer__accept(listen_fd)) == -EAGAIN)
		usleep(1000);
	assert_true(fd >= 0);
	str__add(&request, "\4\0\0\0all", 8);
	fds[PEER_RECORD] = pipe_fds[1];
	fds[PEER_CHILD] = pidfd;
	fds[PEER_TALK] = 2;
	if (fd_cnt == PEER_FD_CNT)
		assert_int_equal(peer__send(fd, &request, fds), 0);
	else	/* as somebody would who means no good */
		assert_int_equal(peer__put(fd, request.s, request.len), 0);
	close(fd);
	close(listen_fd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_int_equal(waitpid(it, &status, 0), it);
	return !status;
}

static int open_pidfd(pid_t pid)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);

	assert_true(fd >= 0);
	return fd;
}

static void test_whose_process(void **state)
{
	pid_t child = fork(), ended, other;
	int fd, status;

	if (!child) {
		pause();
		_exit(0);
	}
	fd = open_pidfd(child);
	assert_true(meets(child, fd, PEER_FD_CNT));
	assert_true(meets(-EPROTO, fd, 0));
	close(fd);
	/* Not a child, no process at all, and one that has ended. */
	fd = open_pidfd(getppid());
	assert_true(meets(-EPERM, fd, PEER_FD_CNT));
	close(fd);
	fd = open_pidfd(getpid());
	assert_true(meets(-EPERM, fd, PEER_FD_CNT));
	close(fd);
	assert_true(meets(-EPERM, 2, PEER_FD_CNT));
	ended = fork();
	if (!ended)
		_exit(0);
	fd = open_pidfd(ended);
	assert_int_equal(waitid(P_PID, ended, &(siginfo_t){}, WEXITED | WNOWAIT), 0);
	assert_true(meets(-ESRCH, fd, PEER_FD_CNT));
	assert_int_equal(waitpid(ended, &status, 0), ended);
	assert_true(meets(-EPERM, fd, PEER_FD_CNT));
	close(fd);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (geteuid())
		return;
	/* Our child, yet somebody else's process. */
	other = fork();
	if (!other) {
		(void)!setuid(65534);
		for (;;)
			pause();
	}
	usleep(50 * 1000);
	fd = open_pidfd(other);
	assert_true(meets(-EPERM, fd, PEER_FD_CNT));
	close(fd);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, &status, 0), other);
}

/* Who is neither root nor the caller is turned away; names that nobody gave are no names. */
static void test_strangers(void **state)
{
	char name[PEER_NAME_SZ], byte;
	int fd = peer__listen(name), mine, status;
	pid_t stranger;

	assert_true(fd >= 0);
	assert_int_equal(peer__accept(fd), -EAGAIN);
	if (!geteuid()) {
		stranger = fork();
		if (!stranger) {
			(void)!setuid(65534);
			mine = peer__connect(name);
			_exit(mine < 0 || peer__get(mine, &byte, 1) != -EPIPE);
		}
		while (!waitpid(stranger, &status, WNOHANG)) {
			assert_int_equal(peer__accept(fd), -EAGAIN);
			usleep(1000);
		}
		assert_int_equal(status, 0);
	}
	mine = peer__connect(name);
	assert_true(mine >= 0);
	close(mine);
	close(fd);
	assert_int_equal(peer__connect(name), -ECONNREFUSED);
	assert_int_equal(peer__connect(""), -EINVAL);
	assert_int_equal(peer__connect("../sock"), -EINVAL);
	assert_int_equal(peer__connect("0123456789abcdef"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length),		cmocka_unit_test(test_whose_process),
		cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
