/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The recorded system calls on this machine.
 *
 * A number that an architecture does not have, or that the headers do not know yet, is left out:
 * the call then cannot happen, or is too new for the programs at hand to make it.
 */
#include <stddef.h>
#include <sys/syscall.h>

#include "capture/calls.h"

struct call_nr {
	enum call_id id;
	int nr;
};

/* Numbers that are the same on every architecture since 5.0, newer than some C libraries. */
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#ifndef SYS_io_uring_enter
#define SYS_io_uring_enter 426
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static const struct call_nr native_nrs[] = {
#ifdef SYS_open	/* what newer architectures express by the …at calls */
	{ CALL_OPEN, SYS_open },
	{ CALL_CREAT, SYS_creat },
	{ CALL_STAT, SYS_stat },
	{ CALL_LSTAT, SYS_lstat },
	{ CALL_ACCESS, SYS_access },
	{ CALL_READLINK, SYS_readlink },
	{ CALL_MKDIR, SYS_mkdir },
	{ CALL_UNLINK, SYS_unlink },
	{ CALL_RMDIR, SYS_rmdir },
	{ CALL_RENAME, SYS_rename },
	{ CALL_LINK, SYS_link },
	{ CALL_SYMLINK, SYS_symlink },
	{ CALL_UTIME, SYS_utime },
	{ CALL_UTIMES, SYS_utimes },
	{ CALL_FUTIMESAT, SYS_futimesat },
	{ CALL_CHMOD, SYS_chmod },
#endif
#ifdef SYS_renameat
	{ CALL_RENAMEAT, SYS_renameat },
#endif
	{ CALL_OPENAT, SYS_openat },
	{ CALL_OPENAT2, SYS_openat2 },
	{ CALL_FSTAT, SYS_fstat },
	{ CALL_NEWFSTATAT, SYS_newfstatat },
	{ CALL_STATX, SYS_statx },
	{ CALL_FACCESSAT, SYS_faccessat },
	{ CALL_FACCESSAT2, SYS_faccessat2 },
	{ CALL_READLINKAT, SYS_readlinkat },
	{ CALL_MKDIRAT, SYS_mkdirat },
	{ CALL_UNLINKAT, SYS_unlinkat },
	{ CALL_RENAMEAT2, SYS_renameat2 },
	{ CALL_LINKAT, SYS_linkat },
	{ CALL_SYMLINKAT, SYS_symlinkat },
	{ CALL_TRUNCATE, SYS_truncate },
	{ CALL_UTIMENSAT, SYS_utimensat },
	{ CALL_FCHMODAT, SYS_fchmodat },
	{ CALL_FCHMODAT2, SYS_fchmodat2 },
	{ CALL_CHDIR, SYS_chdir },
	{ CALL_FCHDIR, SYS_fchdir },
	{ CALL_CHROOT, SYS_chroot },
	{ CALL_EXECVE, SYS_execve },
	{ CALL_EXECVEAT, SYS_execveat },
	{ CALL_CONNECT, SYS_connect },
	{ CALL_IO_URING_SETUP, SYS_io_uring_setup },
	{ CALL_IO_URING_ENTER, SYS_io_uring_enter },
	{ CALL_UNSHARE, SYS_unshare },
	{ CALL_SETNS, SYS_setns },
#ifdef SYS_dup2
	{ CALL_DUP2, SYS_dup2 },
#endif
	{ CALL_DUP3, SYS_dup3 },
	{ CALL_MOUNT, SYS_mount },
	{ CALL_UMOUNT2, SYS_umount2 },
	{ CALL_MOVE_MOUNT, SYS_move_mount },
	{ CALL_PIVOT_ROOT, SYS_pivot_root },
};

/* 32-bit programs: i386 on x86-64, EABI on arm64 */
#if defined(__x86_64__)
#define COMPAT(i386, eabi) i386
#else
#define COMPAT(i386, eabi) eabi
#endif

static const struct call_nr compat_nrs[] = {
	{ CALL_OPEN, COMPAT(5, 5) },
	{ CALL_OPENAT, COMPAT(295, 322) },
	{ CALL_OPENAT2, COMPAT(437, 437) },
	{ CALL_CREAT, COMPAT(8, 8) },
	{ CALL_STAT, COMPAT(195, 195) },
	{ CALL_LSTAT, COMPAT(196, 196) },
	{ CALL_FSTAT, COMPAT(197, 197) },
	{ CALL_NEWFSTATAT, COMPAT(300, 327) },
	{ CALL_STATX, COMPAT(383, 397) },
	{ CALL_ACCESS, COMPAT(33, 33) },
	{ CALL_FACCESSAT, COMPAT(307, 334) },
	{ CALL_FACCESSAT2, COMPAT(439, 439) },
	{ CALL_READLINK, COMPAT(85, 85) },
	{ CALL_READLINKAT, COMPAT(305, 332) },
	{ CALL_MKDIR, COMPAT(39, 39) },
	{ CALL_MKDIRAT, COMPAT(296, 323) },
	{ CALL_UNLINK, COMPAT(10, 10) },
	{ CALL_UNLINKAT, COMPAT(301, 328) },
	{ CALL_RMDIR, COMPAT(40, 40) },
	{ CALL_RENAME, COMPAT(38, 38) },
	{ CALL_RENAMEAT, COMPAT(302, 329) },
	{ CALL_RENAMEAT2, COMPAT(353, 382) },
	{ CALL_LINK, COMPAT(9, 9) },
	{ CALL_LINKAT, COMPAT(303, 330) },
	{ CALL_SYMLINK, COMPAT(83, 83) },
	{ CALL_SYMLINKAT, COMPAT(304, 331) },
	{ CALL_TRUNCATE, COMPAT(92, 92) },
	{ CALL_UTIME, COMPAT(30, -1) },
	{ CALL_UTIMES, COMPAT(271, 269) },
	{ CALL_FUTIMESAT, COMPAT(299, 326) },
	{ CALL_UTIMENSAT, COMPAT(320, 348) },
	{ CALL_CHMOD, COMPAT(15, 15) },
	{ CALL_FCHMODAT, COMPAT(306, 333) },
	{ CALL_FCHMODAT2, COMPAT(452, 452) },
	{ CALL_CHDIR, COMPAT(12, 12) },
	{ CALL_FCHDIR, COMPAT(133, 133) },
	{ CALL_CHROOT, COMPAT(61, 61) },
	{ CALL_EXECVE, COMPAT(11, 11) },
	{ CALL_EXECVEAT, COMPAT(358, 387) },
	{ CALL_CONNECT, COMPAT(362, 283) },
	{ CALL_IO_URING_SETUP, COMPAT(425, 425) },
	{ CALL_IO_URING_ENTER, COMPAT(426, 426) },
	{ CALL_UNSHARE, COMPAT(310, 337) },
	{ CALL_SETNS, COMPAT(346, 375) },
	{ CALL_DUP2, COMPAT(63, 63) },
	{ CALL_DUP3, COMPAT(330, 358) },
	{ CALL_MOUNT, COMPAT(21, 21) },
	{ CALL_UMOUNT2, COMPAT(52, 52) },
	{ CALL_UMOUNT2, COMPAT(22, -1) },	/* umount, without flags */
	{ CALL_MOVE_MOUNT, COMPAT(429, 429) },
	{ CALL_PIVOT_ROOT, COMPAT(217, 218) },
	{ CALL_STAT, COMPAT(106, 106) },
	{ CALL_LSTAT, COMPAT(107, 107) },
	{ CALL_FSTAT, COMPAT(108, 108) },
	{ CALL_TRUNCATE, COMPAT(193, 193) },
	{ CALL_UTIMENSAT, COMPAT(412, 412) },
};

static const struct call_desc descs[CALL_CNT] = { CALL_LIST(CALL_DESC) };

static const char *const names[CALL_CNT] = {
#define X(id, name, ...) [CALL_##id] = #name,
	CALL_LIST(X)
#undef X
};

static const enum rec_kind rec_kinds[] = {
	[KIND_NONE]     = REC_UNKNOWN,
	[KIND_OPEN]     = REC_OPEN,
	[KIND_STAT]     = REC_STAT,
	[KIND_ACCESS]   = REC_ACCESS,
	[KIND_READLINK] = REC_READLINK,
	[KIND_MKDIR]    = REC_MKDIR,
	[KIND_UNLINK]   = REC_UNLINK,
	[KIND_RENAME]   = REC_RENAME,
	[KIND_LINK]     = REC_LINK,
	[KIND_SYMLINK]  = REC_SYMLINK,
	[KIND_TRUNCATE] = REC_TRUNCATE,
	[KIND_UTIMES]   = REC_UTIMES,
	[KIND_CHMOD]    = REC_CHMOD,
	[KIND_CHDIR]    = REC_CHDIR,
	[KIND_EXEC]     = REC_EXEC_FAILED,
	[KIND_CONNECT]  = REC_CONNECT,
	[KIND_RING]     = REC_BLIND,
	[KIND_NS]       = REC_UNKNOWN,
	[KIND_DUP]      = REC_UNKNOWN,
};

static bool is_wanted(const struct call_nr *c, bool net)
{
	return (c->id != CALL_CONNECT || net) && c->nr >= 0 && c->nr < EV_NR_MAX;
}

void calls__fill(struct call_ids *table, bool net)
{
	size_t i;

	for (i = 0; i < sizeof(native_nrs) / sizeof(native_nrs[0]); i++)
		if (is_wanted(&native_nrs[i], net))
			table[native_nrs[i].nr].native = native_nrs[i].id;
	for (i = 0; i < sizeof(compat_nrs) / sizeof(compat_nrs[0]); i++)
		if (is_wanted(&compat_nrs[i], net))
			table[compat_nrs[i].nr].compat = compat_nrs[i].id;
}

const char *call__name(enum call_id id)
{
	return id < CALL_CNT && names[id] ? names[id] : "unknown";
}

const char *call__function(enum call_id id)
{
	/* Where the function is named otherwise than the call. */
	static const char *const functions[CALL_CNT] = {
		[CALL_STAT] = "newstat", [CALL_LSTAT] = "newlstat", [CALL_FSTAT] = "newfstat",
		[CALL_UMOUNT2] = "umount",
	};

	return functions[id] ?: call__name(id);
}

const struct call_desc *call__desc(enum call_id id)
{
	return &descs[id < CALL_CNT ? id : CALL_NONE];
}

enum rec_kind call__rec_kind(enum call_id id)
{
	return rec_kinds[call__desc(id)->kind];
}
