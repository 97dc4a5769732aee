/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CALLS_H
#define GOENVBPF_CALLS_H
/*
 * The system calls that are recorded: the only list. Both sides expand it; user space maps the
 * numbers of the running architecture (and of 32-bit programs) to these ids before loading.
 *
 *   kind        the record kind it becomes (KIND_…)
 *   path, dir   argument numbers of a path and the directory descriptor it is relative to
 *   path2, dir2 the same for a second path; -1 is none
 *   flags, mode argument numbers of flags and mode; buf: of a result that is read back
 *   epoch       a success can change what the path of a directory is, for every process
 */
#define CALL_LIST(X)									\
/*	  id		name		kind	 path dir path2 dir2 flags mode buf epoch */ \
	X(OPEN,		open,		OPEN,	 0,  -1, -1, -1,  1,  2, -1, NEVER)	\
	X(OPENAT,	openat,		OPEN,	 1,   0, -1, -1,  2,  3, -1, NEVER)	\
	X(OPENAT2,	openat2,	OPEN,	 1,   0, -1, -1, -1, -1,  2, NEVER)	\
	X(CREAT,	creat,		OPEN,	 0,  -1, -1, -1, -1,  1, -1, NEVER)	\
	X(STAT,		stat,		STAT,	 0,  -1, -1, -1, -1, -1,  1, NEVER)	\
	X(LSTAT,	lstat,		STAT,	 0,  -1, -1, -1, -1, -1,  1, NEVER)	\
	X(FSTAT,	fstat,		STAT,	-1,   0, -1, -1, -1, -1,  1, NEVER)	\
	X(NEWFSTATAT,	newfstatat,	STAT,	 1,   0, -1, -1,  3, -1,  2, NEVER)	\
	X(STATX,	statx,		STAT,	 1,   0, -1, -1,  2, -1,  4, NEVER)	\
	X(ACCESS,	access,		ACCESS,	 0,  -1, -1, -1, -1,  1, -1, NEVER)	\
	X(FACCESSAT,	faccessat,	ACCESS,	 1,   0, -1, -1, -1,  2, -1, NEVER)	\
	X(FACCESSAT2,	faccessat2,	ACCESS,	 1,   0, -1, -1,  3,  2, -1, NEVER)	\
	X(READLINK,	readlink,	READLINK, 0, -1, -1, -1, -1, -1,  1, NEVER)	\
	X(READLINKAT,	readlinkat,	READLINK, 1,  0, -1, -1, -1, -1,  2, NEVER)	\
	X(MKDIR,	mkdir,		MKDIR,	 0,  -1, -1, -1, -1,  1, -1, NEVER)	\
	X(MKDIRAT,	mkdirat,	MKDIR,	 1,   0, -1, -1, -1,  2, -1, NEVER)	\
	X(UNLINK,	unlink,		UNLINK,	 0,  -1, -1, -1, -1, -1, -1, NEVER)	\
	X(UNLINKAT,	unlinkat,	UNLINK,	 1,   0, -1, -1,  2, -1, -1, RMDIR)	\
	X(RMDIR,	rmdir,		UNLINK,	 0,  -1, -1, -1, -1, -1, -1, ALWAYS)	\
	X(RENAME,	rename,		RENAME,	 0,  -1,  1, -1, -1, -1, -1, ALWAYS)	\
	X(RENAMEAT,	renameat,	RENAME,	 1,   0,  3,  2, -1, -1, -1, ALWAYS)	\
	X(RENAMEAT2,	renameat2,	RENAME,	 1,   0,  3,  2,  4, -1, -1, ALWAYS)	\
	X(LINK,		link,		LINK,	 0,  -1,  1, -1, -1, -1, -1, NEVER)	\
	X(LINKAT,	linkat,		LINK,	 1,   0,  3,  2,  4, -1, -1, NEVER)	\
	X(SYMLINK,	symlink,	SYMLINK, 0,  -1,  1, -1, -1, -1, -1, NEVER)	\
	X(SYMLINKAT,	symlinkat,	SYMLINK, 0,  -1,  2,  1, -1, -1, -1, NEVER)	\
	X(TRUNCATE,	truncate,	TRUNCATE, 0, -1, -1, -1, -1, -1, -1, NEVER)	\
	X(UTIME,	utime,		UTIMES,	 0,  -1, -1, -1, -1, -1, -1, NEVER)	\
	X(UTIMES,	utimes,		UTIMES,	 0,  -1, -1, -1, -1, -1, -1, NEVER)	\
	X(FUTIMESAT,	futimesat,	UTIMES,	 1,   0, -1, -1, -1, -1, -1, NEVER)	\
	X(UTIMENSAT,	utimensat,	UTIMES,	 1,   0, -1, -1,  3, -1, -1, NEVER)	\
	X(CHMOD,	chmod,		CHMOD,	 0,  -1, -1, -1, -1,  1, -1, NEVER)	\
	X(FCHMODAT,	fchmodat,	CHMOD,	 1,   0, -1, -1, -1,  2, -1, NEVER)	\
	X(FCHMODAT2,	fchmodat2,	CHMOD,	 1,   0, -1, -1,  3,  2, -1, NEVER)	\
	X(CHDIR,	chdir,		CHDIR,	 0,  -1, -1, -1, -1, -1, -1, NEVER)	\
	X(FCHDIR,	fchdir,		CHDIR,	-1,   0, -1, -1, -1, -1, -1, NEVER)	\
	X(CHROOT,	chroot,		CHDIR,	 0,  -1, -1, -1, -1, -1, -1, ALWAYS)	\
	X(EXECVE,	execve,		EXEC,	 0,  -1, -1, -1, -1, -1,  1, NEVER)	\
	X(EXECVEAT,	execveat,	EXEC,	 1,   0, -1, -1,  4, -1,  2, NEVER)	\
	X(CONNECT,	connect,	CONNECT, -1, -1, -1, -1, -1, -1,  1, NEVER)	\
	X(IO_URING_SETUP, io_uring_setup, RING, -1, -1, -1, -1, -1, -1, -1, NEVER)	\
	X(IO_URING_ENTER, io_uring_enter, RING, -1, -1, -1, -1, -1, -1, -1, NEVER)	\
	X(UNSHARE,	unshare,	NS,	-1,  -1, -1, -1, -1, -1, -1, ALWAYS)	\
	X(SETNS,	setns,		NS,	-1,  -1, -1, -1, -1, -1, -1, ALWAYS)	\
	X(DUP2,		dup2,		DUP,	-1,   1, -1, -1, -1, -1, -1, NEVER)	\
	X(DUP3,		dup3,		DUP,	-1,   1, -1, -1, -1, -1, -1, NEVER)	\
	X(MOUNT,	mount,		NONE,	-1,  -1, -1, -1, -1, -1, -1, ALWAYS)	\
	X(UMOUNT2,	umount2,	NONE,	-1,  -1, -1, -1, -1, -1, -1, ALWAYS)	\
	X(MOVE_MOUNT,	move_mount,	NONE,	-1,  -1, -1, -1, -1, -1, -1, ALWAYS)	\
	X(PIVOT_ROOT,	pivot_root,	NONE,	-1,  -1, -1, -1, -1, -1, -1, ALWAYS)

enum call_id {
	CALL_NONE,
#define X(id, ...) CALL_##id,
	CALL_LIST(X)
#undef X
	CALL_CNT,
};

/* What a number means: to the machine's programs, and to 32-bit programs on it. */
struct call_ids {
	unsigned char native, compat;	/* enum call_id */
};

enum call_kind {
	KIND_NONE,		/* watched for its epoch only */
	KIND_OPEN,
	KIND_STAT,
	KIND_ACCESS,
	KIND_READLINK,
	KIND_MKDIR,
	KIND_UNLINK,
	KIND_RENAME,
	KIND_LINK,
	KIND_SYMLINK,
	KIND_TRUNCATE,
	KIND_UTIMES,
	KIND_CHMOD,
	KIND_CHDIR,
	KIND_EXEC,		/* failed ones: a success has a hook of its own */
	/* the ones from here on are not about a path */
	KIND_CONNECT,
	KIND_RING,		/* what goes through it is no system call, and not seen */
	KIND_NS,		/* another mount namespace: other files have the same paths */
	KIND_DUP,		/* a descriptor becomes that of another directory; not told */
};

enum call_epoch {
	EPOCH_NEVER,
	EPOCH_RMDIR,		/* when flags say AT_REMOVEDIR */
	EPOCH_ALWAYS,
};

#define ARG_NONE 7	/* -1 in three bits; no call has that many arguments */

struct call_desc {
	unsigned char kind, epoch;
	unsigned char plain;		/* see CALL_IS_PLAIN */
	unsigned char path, dir, path2, dir2, flags, mode, buf;	/* argument numbers, or ARG_NONE */
};

/*
 * One path, and behind another pointer nothing or a stat, all of it among the first four arguments:
 * not openat2, which has its flags there, nor statx, whose buffer comes fifth.
 */
#define CALL_IS_PLAIN(k, p, b)								\
	((p) >= 0 && ((k) == KIND_ACCESS || ((k) == KIND_OPEN && (b) < 0) ||		\
		      ((k) == KIND_STAT && (b) < 4)))

/* Elements of an array of them. */
#define CALL_DESC(id, name, k, p, d, p2, d2, f, m, b, e)				\
	[CALL_##id] = { .kind = KIND_##k, .epoch = EPOCH_##e, .path = (p) & ARG_NONE,	\
			.plain = CALL_IS_PLAIN(KIND_##k, p, b),			\
			.dir = (d) & ARG_NONE, .path2 = (p2) & ARG_NONE,		\
			.dir2 = (d2) & ARG_NONE, .flags = (f) & ARG_NONE,		\
			.mode = (m) & ARG_NONE, .buf = (b) & ARG_NONE },

#endif
