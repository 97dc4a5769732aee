/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files opened through an io_uring, and rings that are refused. Status 77: this kernel has none. */
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "expect.h"

static void told_open(const char *as)
{
	long ret = CALL(SYS_openat, AT_FDCWD, as, O_RDONLY);

	told("open", "openat", ret, "as", as, "path", in(as), NULL);
	if (ret >= 0)
		close(ret);
}

static int setup(struct io_uring_params *p)
{
	int fd = syscall(SYS_io_uring_setup, 4, p);

	if (fd < 0) {
		fprintf(stderr, "no io_uring here: %s\n", strerror(errno));
		_exit(77);
	}
	return fd;
}

static char *map(int fd, size_t size, off_t what)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* Opens through the ring what no system call names: its descriptor. */
static int open_through(int fd, const struct io_uring_params *p, const char *path)
{
	char *sq = map(fd, p->sq_off.array + p->sq_entries * sizeof(int), IORING_OFF_SQ_RING);
	char *cq = map(fd, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
		       IORING_OFF_CQ_RING);
	struct io_uring_sqe *sqe = (void *)map(fd, p->sq_entries * sizeof(*sqe), IORING_OFF_SQES);
	const struct io_uring_cqe *cqe = (void *)(cq + p->cq_off.cqes);

	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = AT_FDCWD;
	sqe->addr = (unsigned long)path;
	sqe->open_flags = O_RDONLY;
	*(int *)(sq + p->sq_off.array) = 0;
	__atomic_store_n((int *)(sq + p->sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		die("io_uring_enter");
	errno = cqe->res < 0 ? -cqe->res : 0;
	return cqe->res;
}

static void opens(int argc, char **argv)
{
	struct io_uring_params p = { 0 };
	int fd;

	make_file("seen", "", 0644);
	make_file("unseen", "", 0644);
	EXPECT_BEGIN();
	told_open("seen");
	fd = setup(&p);
	told("blind", "io_uring_setup", 0, "what", "io_uring", "#fd", (long)fd, NULL);
	if (open_through(fd, &p, "unseen") < 0)
		die("unseen");
	told_open("seen");
	EXPECT_END();
}

/* No entries: no kernel gives a ring for that, nor one that has none. */
static void refused(int argc, char **argv)
{
	struct io_uring_params p = { 0 };

	make_file("seen", "", 0644);
	EXPECT_BEGIN();
	if (syscall(SYS_io_uring_setup, 0, &p) >= 0)
		die("a ring without entries was made");
	told_open("seen");
	EXPECT_END();
}

/* Has one, and starts another program with it: of whose set-up nobody knows. */
static void hands_over(int argc, char **argv)
{
	struct io_uring_params p = { 0 };
	int fd = setup(&p), out = open("params", O_CREAT | O_WRONLY, 0600);

	if (write(out, &p, sizeof(p)) != sizeof(p) || fcntl(fd, F_SETFD, 0))
		die("params");
	close(out);
	setenv("RING", (char[]){ '0' + fd / 10, '0' + fd % 10, 0 }, 1);
	execv(argv[0], argv);
	die(argv[0]);
}

static void uses(int argc, char **argv)
{
	struct io_uring_params p;
	int in = open("params", O_RDONLY);

	if (read(in, &p, sizeof(p)) != sizeof(p))
		die("params");
	if (open_through(atoi(getenv("RING")), &p, "/dev/null") < 0)
		die("/dev/null");
}

/* Has one and waits for the file "stop". */
static void holds(int argc, char **argv)
{
	struct io_uring_params p = { 0 };

	told("blind", NULL, 0, "what", "io_uring", "#fd", (long)setup(&p), "?adopted", 1, NULL);
	while (syscall(SYS_faccessat, AT_FDCWD, "stop", F_OK))
		usleep(5000);
}

int main(int argc, char **argv)
{
	static const struct expect_case cases[] = {
		{ "open",	opens },
		{ "refused",	refused },
		{ "hold",	holds },
		{ "hand-over",	hands_over },
		{ "use",	uses },
		{ 0 },
	};

	return expect_main(cases, argc, argv);
}
