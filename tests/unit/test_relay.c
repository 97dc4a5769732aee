/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A job that goes on although the thread that does it hangs. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/relay.h"
#include "util/clock.h"

/* Each piece reads a byte of todo: 'h' hangs in a read that nobody answers until told, 'w' works. */
struct job {
	struct relay *relay;
	int todo[2], server[2];
	int stop_fd;
	unsigned int done, hung, left;	/* atomic */
	bool is_stuck;
};

static void work(void *ctx)
{
	struct job *j = ctx;
	struct pollfd fds[] = { { .fd = j->todo[0], .events = POLLIN }, { .fd = j->stop_fd, .events = POLLIN } };
	char what, byte;

	relay__pause();
	(void)poll(fds, 2, -1);
	relay__return();
	if (!(fds[0].revents & POLLIN) || read(j->todo[0], &what, 1) != 1)
		return;
	if (what == 'h') {
		relay__leave(j, 7);
		assert_int_equal(read(j->server[0], &byte, 1), 1);
		relay__return();
	}
	j->is_stuck = relay__is_stuck(7);
	__atomic_add_fetch(&j->done, 1, __ATOMIC_RELEASE);
}

static void hangs(void *ctx, void *piece)
{
	struct job *j = ctx;

	assert_ptr_equal(piece, j);
	j->hung++;
}

static void left(void *ctx, void *piece)
{
	struct job *j = ctx;

	assert_ptr_equal(piece, j);
	j->left++;
}

static int setup(void **state)
{
	struct job *j = calloc(1, sizeof(*j));

	assert_int_equal(pipe(j->todo) || pipe(j->server), 0);
	j->stop_fd = eventfd(0, 0);
	j->relay = relay__new(&(struct relay_opts){ .work = work, .hangs = hangs, .ctx = j });
	assert_int_equal(relay__start(j->relay), 0);
	*state = j;
	return 0;
}

static void add(struct job *j, const char *what)
{
	assert_int_equal(write(j->todo[1], what, strlen(what)), strlen(what));
}

static void wait_until(struct job *j, unsigned int done, unsigned int hung)
{
	for (int i = 0; i < 500; i++) {
		relay__check(j->relay);
		if (__atomic_load_n(&j->done, __ATOMIC_ACQUIRE) >= done && relay__hung_cnt(j->relay) == hung)
			return;
		usleep(10000);
	}
	fail_msg("%u done and %u hang, not %u and %u", j->done, relay__hung_cnt(j->relay), done, hung);
}

static void end_job(struct job *j)
{
	(void)eventfd_write(j->stop_fd, 1);
	relay__stop(j->relay, left);
}

static void test_goes_on(void **state)
{
	struct job *j = *state;

	add(j, "whw");
	wait_until(j, 2, 1);
	assert_int_equal(j->hung, 1);
	assert_false(j->is_stuck);
	add(j, "hw");
	wait_until(j, 3, 2);
	assert_true(j->is_stuck);
	/* The server answers: who hung ends what it had begun, and one goes on. */
	assert_int_equal(write(j->server[1], "ab", 2), 2);
	wait_until(j, 5, 0);
	add(j, "www");
	wait_until(j, 8, 0);
	assert_false(j->is_stuck);
	end_job(j);
	assert_int_equal(j->left, 0);
	assert_true(relay__free(j->relay));
	free(j);
}

static void test_end(void **state)
{
	struct job *j = *state;
	uint64_t start;

	add(j, "hh");
	wait_until(j, 0, 2);
	start = clock__ns(CLOCK_MONOTONIC);
	end_job(j);
	assert_true(clock__ns(CLOCK_MONOTONIC) - start < NSEC_PER_SEC);
	assert_int_equal(j->left, 2);
	assert_false(relay__free(j->relay));
	/* Who comes back now does nothing any more. */
	assert_int_equal(write(j->server[1], "ab", 2), 2);
	usleep(50000);
	assert_int_equal(j->done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_goes_on, setup),
		cmocka_unit_test_setup(test_end, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
