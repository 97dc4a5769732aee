/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events in orders that are rare, so that each process has one number and one end; and rings. */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <cmocka.h>

#include "capture/decode.h"
#include "capture/procdir.h"
#include "record/reader.h"
#include "util/clock.h"
#include "util/str.h"

struct capture {
	struct record *record;
	struct decoder *decoder;
	struct inspector *inspector;
	struct str lines;
	uint64_t ts;
};

static void keep_lines(void *ctx, const char *lines, size_t n)
{
	str__add(ctx, lines, n);
}

static void begin_for(struct capture *c, size_t queue_max, const struct identity *only_owner)
{
	struct record_opts out = { .fd = -1, .tap = keep_lines };
	uint64_t now = clock__boot_ns();
	struct decoder_opts opts = { .boot_ns = now, .exes_fd = -1, .verdicts_fd = -1,
				     .only_own = only_owner, .owner = only_owner };

	*c = (struct capture){ .ts = now };
	out.tap_ctx = &c->lines;
	assert_int_equal(record__create(&out, &c->record), 0);
	opts.record = c->record;
	if (queue_max) {
		struct inspector_opts look = { .record = c->record, .queue_max = queue_max };

		assert_int_equal(inspector__new(&look, &c->inspector), 0);
		opts.inspector = c->inspector;
	}
	assert_int_equal(decoder__new(&opts, &c->decoder), 0);
}

static void begin_with(struct capture *c, size_t queue_max)
{
	begin_for(c, queue_max, NULL);
}

static void begin(struct capture *c)
{
	begin_with(c, 0);
}

static void feed(struct capture *c, struct ev_hdr *h, enum ev_kind kind, uint64_t proc, size_t n)
{
	h->ts = ++c->ts;
	h->pid = h->tid = getpid();
	h->proc = proc;
	h->kind = kind;
	h->len = n;
	assert_int_equal(decoder__event(c->decoder, h, n), 0);
}

static void feed_exit(struct capture *c, uint64_t proc)
{
	struct ev_exit ev = {};

	feed(c, &ev.h, EV_EXIT, proc, sizeof(ev));
}

static void feed_thread(struct capture *c, uint64_t proc)
{
	struct ev_fork ev = { .h.flags = EVF_THREAD, .child = 2 };

	feed(c, &ev.h, EV_FORK, proc, sizeof(ev));
}

/* The lines, each as its kind and its process's number in the record: "fork 1,exit 1". */
static void expect(struct capture *c, const char *want)
{
	__free_str struct str got = {};
	const char *s, *end, *next;

	decoder__finish(c->decoder);
	assert_int_equal(record__finish(c->record), 0);
	end = c->lines.s + c->lines.len;
	for (s = c->lines.s; s < end; s = next + 1) {
		__free_jsonv struct jsonv *root = NULL;
		struct rec rec;

		next = memchr(s, '\n', end - s);
		assert_non_null(next);
		assert_int_equal(rec__parse(NULL, s, next - s, &rec, &root), 0);
		str__addf(&got, "%s%s %llu", got.len ? "," : "", rec_kind__name(rec.kind),
			  (unsigned long long)rec.proc);
	}
	assert_string_equal(got.s, want);
	assert_int_equal(decoder__lost(c->decoder), 0);
	decoder__free(c->decoder);
	record__free(c->record);
	str__free(&c->lines);
}

/* Both last threads of a process saw nobody beside themselves. */
static void test_ends_once(void **state)
{
	struct capture c;

	begin(&c);
	feed_thread(&c, 7);
	feed_thread(&c, 8);
	feed_exit(&c, 7);
	feed_exit(&c, 8);
	feed_exit(&c, 7);
	expect(&c, "fork 1,fork 2,exit 1,exit 2");
}

/* A process that is taken in calls something before its announcement is in the ring. */
static void test_adopted_late(void **state)
{
	struct ev_adopt ev = {};
	struct capture c;

	begin(&c);
	feed_thread(&c, 7);
	feed(&c, &ev.h, EV_ADOPT, 7, sizeof(ev));
	feed_thread(&c, 7);
	feed_exit(&c, 7);
	expect(&c, "fork 1,exec 1,fork 1,exit 1");
}

static void feed_ring(struct capture *c, uint64_t proc, int64_t ret)
{
	struct ev_file ev = { .ret = ret, .call = CALL_IO_URING_SETUP };

	feed(c, &ev.h, EV_FILE, proc, sizeof(ev));
}

/* --- a record of one user's own processes --- */

#define OWNER 1000
#define GONE_PID 0x7ffffffe	/* above what the kernel gives */
#define SECRET "/root/secret"
#define FILE_TRUE "\"file\":\"true\""

/* Of a program that was started with "true" by who forked it, or was prev before. */
static void feed_exec(struct capture *c, uint64_t proc, uint64_t prev, uid_t uid, unsigned int rights)
{
	struct {
		struct ev_exec ev;
		char file[8];
	} e = { .ev = { .uid = uid, .gid = uid, .prev = prev, .rights = rights, .args_len = 6, .env_len = 8,
			.file_len = 4 }, .file = "true" };
	struct {
		struct ev_blob ev;
		char data[8];
	} args = { .ev = { .which = BLOB_ARGS, .len = 6 }, .data = "GIVEN" },
	  env = { .ev = { .which = BLOB_ENV, .len = 8 }, .data = "HIS=own" };

	feed(c, &e.ev.h, EV_EXEC, proc, sizeof(e));
	feed(c, &args.ev.h, EV_BLOB, proc, sizeof(args.ev) + 6);
	feed(c, &env.ev.h, EV_BLOB, proc, sizeof(env.ev) + 8);
}

static void feed_secret(struct capture *c, uint64_t proc)
{
	struct {
		struct ev_file ev;
		char path[16];
	} e = { .ev = { .ret = 3, .call = CALL_OPEN, .path_len = strlen(SECRET) }, .path = SECRET };

	feed(c, &e.ev.h, EV_FILE, proc, sizeof(e.ev) + strlen(SECRET));
}

static void feed_fork(struct capture *c, uint64_t proc, uint64_t child)
{
	struct ev_fork ev = { .child = 9, .child_proc = child };

	feed(c, &ev.h, EV_FORK, proc, sizeof(ev));
}

static void finish_lines(struct capture *c)
{
	decoder__finish(c->decoder);
	assert_int_equal(record__finish(c->record), 0);
}

static void free_lines(struct capture *c)
{
	decoder__free(c->decoder);
	record__free(c->record);
	str__free(&c->lines);
}

static const struct identity owner = { .is_other = true, .uid = OWNER, .gid = OWNER };

/* What a user's own program does is told. */
static void test_own(void **state)
{
	struct capture c;

	begin_for(&c, 0, &owner);
	feed_exec(&c, 7, 0, OWNER, 0);
	feed_secret(&c, 7);
	finish_lines(&c);
	assert_non_null(strstr(c.lines.s, "GIVEN"));
	assert_non_null(strstr(c.lines.s, "HIS"));
	assert_non_null(strstr(c.lines.s, SECRET));
	assert_null(strstr(c.lines.s, "blind"));
	free_lines(&c);
}

/* A record of root has what others' programs do, whoever it is made for. */
static void test_all(void **state)
{
	struct capture c;

	begin(&c);
	feed_exec(&c, 7, 0, OWNER + 1, EV_SETID);
	feed_secret(&c, 7);
	finish_lines(&c);
	assert_non_null(strstr(c.lines.s, SECRET));
	assert_null(strstr(c.lines.s, "blind"));
	free_lines(&c);
}

static void check_foreign(uid_t uid, unsigned int rights)
{
	struct capture c;
	const char *named;

	begin_for(&c, 0, &owner);
	feed_exec(&c, 7, 0, OWNER, 0);
	feed_fork(&c, 7, 8);
	feed_exec(&c, 9, 8, uid, rights);
	feed_secret(&c, 9);
	feed_fork(&c, 9, 10);
	feed_secret(&c, 10);		/* its child is what it is */
	feed_exec(&c, 11, 10, 0, 0);
	feed_secret(&c, 11);
	finish_lines(&c);
	assert_null(strstr(c.lines.s, SECRET));
	assert_non_null(strstr(c.lines.s, "\"what\":\"" BLIND_OTHER_USER "\""));
	/* The owner's own exec before it, once. */
	assert_non_null(strstr(c.lines.s, "GIVEN"));
	assert_null(strstr(strstr(c.lines.s, "GIVEN") + 1, "GIVEN"));
	/* What he started he has named; what that starts he has not. */
	named = strstr(strstr(c.lines.s, FILE_TRUE) + 1, FILE_TRUE);
	assert_non_null(named);
	assert_null(strstr(named + 1, FILE_TRUE));
	free_lines(&c);
}

static void test_foreign(void **state)
{
	check_foreign(0, 0);
	check_foreign(OWNER + 1, 0);
	check_foreign(0, EV_SETID);
	check_foreign(OWNER, EV_SETID);		/* a set-group-ID program */
}

/* Run with its caller's own rights again, a program is his, as it is for who traces processes. */
static void test_own_again(void **state)
{
	struct capture c;

	begin_for(&c, 0, &owner);
	feed_exec(&c, 7, 0, 0, EV_SETID);
	feed_exec(&c, 8, 7, OWNER, 0);
	feed_secret(&c, 8);
	finish_lines(&c);
	assert_non_null(strstr(c.lines.s, SECRET));
	free_lines(&c);
}

/* Of a process that has ended before anybody looked, the kernel has told whose it was. */
static void test_adopted_own(void **state)
{
	struct capture c;

	begin_for(&c, 0, &owner);
	for (unsigned int i = 0; i < 3; i++) {
		static const struct { uid_t uid; unsigned int rights; } of[] = {
			{ OWNER, 0 }, { OWNER, EV_SETID }, { OWNER + 1, 0 } };
		struct ev_adopt ev = { .uid = of[i].uid, .rights = of[i].rights };

		ev.h = (struct ev_hdr){ .ts = ++c.ts, .pid = GONE_PID, .tid = GONE_PID, .proc = 7 + i,
					.kind = EV_ADOPT, .len = sizeof(ev) };
		assert_int_equal(decoder__event(c.decoder, &ev, sizeof(ev)), 0);
	}
	finish_lines(&c);
	assert_int_equal(record__count(c.record, REC_EXEC), 3);
	assert_int_equal(record__count(c.record, REC_BLIND), 2);
	free_lines(&c);
}

/* Whose nobody knows is nobody's to see. */
static void test_unknown(void **state)
{
	struct capture c;

	begin_for(&c, 0, &owner);
	feed_secret(&c, 7);
	finish_lines(&c);
	assert_true(!c.lines.s || !strstr(c.lines.s, SECRET));
	free_lines(&c);
}

/* A ring hides what its process does from then on; one that was refused hides nothing. */
static void test_ring(void **state)
{
	struct capture c;

	begin(&c);
	feed_ring(&c, 7, -ENOSYS);
	feed_ring(&c, 7, -EPERM);
	feed_ring(&c, 7, 0);
	feed_ring(&c, 8, 5);
	assert_int_equal(record__count(c.record, REC_BLIND), 2);
	assert_int_equal(decoder__received(c.decoder, CLASS_FILE), 4);
	expect(&c, "blind 1,blind 2");
}

/* We are the process that is taken in: what we hold is found in /proc. */
static void test_adopted_ring(void **state)
{
	struct io_uring_params params = {};
	int fd = syscall(SYS_io_uring_setup, 4, &params);
	struct ev_adopt ev = { .local_pid = getpid() };
	struct capture c;

	begin(&c);
	feed(&c, &ev.h, EV_ADOPT, 7, sizeof(ev));
	if (fd >= 0)
		close(fd);
	expect(&c, fd >= 0 ? "exec 1,blind 1" : "exec 1");
}

static bool is_told_of_adopted(const struct ev_adopt *ev, const char *what)
{
	struct ev_adopt copy = *ev;
	struct capture c;
	bool is_there;

	begin(&c);
	feed(&c, &copy.h, EV_ADOPT, 7, sizeof(copy));
	assert_int_equal(record__finish(c.record), 0);
	is_there = strstr(c.lines.s, what);
	decoder__free(c.decoder);
	record__free(c.record);
	str__free(&c.lines);
	return is_there;
}

/* What it has become since it was taken in is not what it was: then that is not known. */
static void test_adopted_image(void **state)
{
	static const char none[] = "\"incomplete\":[\"exe\",\"args\",\"env\"]";
	__close_fd int dir = open("/proc/self", O_RDONLY | O_DIRECTORY);
	struct ev_adopt ev = { .local_pid = getpid(), .args_at = procdir__args_at(dir) };
	struct stat st;

	assert_int_equal(stat("/proc/self/exe", &st), 0);
	assert_true(ev.args_at);
	ev.exe_ino = st.st_ino;
	assert_true(is_told_of_adopted(&ev, "/test_decode\""));
	assert_false(is_told_of_adopted(&ev, none));
	ev.args_at += 16;
	assert_true(is_told_of_adopted(&ev, none));
	assert_false(is_told_of_adopted(&ev, "/test_decode\""));
	ev.args_at -= 16;
	ev.exe_ino++;
	assert_true(is_told_of_adopted(&ev, none));
}

static void feed_open(struct capture *c, const char *path, uint64_t flags, int64_t ret)
{
	struct {
		struct ev_file ev;
		char path[128];
	} e = { .ev = { .call = CALL_OPENAT, .ret = ret, .flags = flags } };

	e.ev.path_len = strlen(path);
	memcpy(e.ev.data, path, e.ev.path_len);
	feed(c, &e.ev.h, EV_FILE, 7, sizeof(e.ev) + e.ev.path_len);
}

/* More than can wait to be inspected: for each that was opened to read there is a line all the same. */
static void test_too_much_to_inspect(void **state)
{
	enum { MANY = 2000 };
	struct capture c;
	char path[128];

	begin_with(&c, 1);
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/nowhere/%d/go.mod", i);
		feed_open(&c, path, O_RDONLY, 3);
		snprintf(path, sizeof(path), "/nowhere/00/%064d-a", 0);
		feed_open(&c, path, O_RDONLY, 3);
	}
	feed_open(&c, "/nowhere/go.mod", O_RDONLY, -ENOENT);
	feed_open(&c, "/nowhere/go.mod", O_PATH, 3);
	feed_open(&c, "/nowhere/go.mod", O_DIRECTORY, 3);
	feed_open(&c, "/nowhere/go.sum", O_RDONLY, 3);
	feed_open(&c, "/nowhere/importcfg", O_WRONLY | O_CREAT, 3);
	feed_open(&c, "/nowhere/go.work", O_WRONLY | O_CREAT | O_EXCL, 3);
	inspector__finish(c.inspector);
	assert_int_equal(record__count(c.record, REC_FILE), MANY);
	assert_int_equal(record__count(c.record, REC_CACHE), MANY);
	assert_int_equal(decoder__lost(c.decoder), 0);
	decoder__free(c.decoder);
	inspector__free(c.inspector);
	record__free(c.record);
	str__free(&c.lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_once),
		cmocka_unit_test(test_adopted_late),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_own_again),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_adopted_own),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_adopted_ring),
		cmocka_unit_test(test_adopted_image),
		cmocka_unit_test(test_too_much_to_inspect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
