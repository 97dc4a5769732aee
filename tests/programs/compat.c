/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A 32-bit program without a libc: gcc -m32 -nostdlib -static. "life compat" tells what it does;
 * "compat ring" sets up an io_uring and nothing else.
 */
enum {
	NR_EXIT = 1, NR_OPEN = 5, NR_EXECVE = 11, NR_ACCESS = 33, NR_MKDIR = 39, NR_READLINK = 85,
	NR_STAT64 = 195, NR_OPENAT = 295, NR_IO_URING_SETUP = 425,
};

#define AT_FDCWD	(-100)
#define O_CLOEXEC	02000000

static int call(int nr, long a, long b, long c)
{
	int ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

__attribute__((used)) static void start(long *stack)
{
	static char buf[256];
	static int params[30];	/* struct io_uring_params */
	char *again[] = { "again", 0 };
	char **env = (char **)(stack + 1 + stack[0] + 1);

	if (stack[0] > 1 && *(char *)stack[2] == 'r')
		call(NR_EXIT, call(NR_IO_URING_SETUP, 4, (long)params, 0) < 0 ? 77 : 32, 0, 0);
	call(NR_ACCESS, (long)"/expect/begin", 0, 0);
	call(NR_OPEN, (long)"f", 0, 0);
	call(NR_OPEN, (long)"none", 0, 0);
	call(NR_OPENAT, AT_FDCWD, (long)"f", O_CLOEXEC);
	call(NR_ACCESS, (long)"none", 0, 0);
	call(NR_STAT64, (long)"f", (long)buf, 0);
	call(NR_READLINK, (long)"again", (long)buf, sizeof(buf));
	call(NR_MKDIR, (long)"d32", 0755, 0);
	call(NR_EXECVE, (long)"none", (long)again, (long)env);
	if (stack[0] > 1)	/* the first time only */
		call(NR_EXECVE, (long)"again", (long)again, (long)env);
	call(NR_EXIT, 32, 0, 0);
}

__asm__(".globl _start\n_start:\n\tmovl %esp, %eax\n\tpushl %eax\n\tcall start\n\thlt\n");
