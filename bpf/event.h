/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_EVENT_H
#define GOENVBPF_EVENT_H
/*
 * The contract between the BPF programs and user/capture: what lies in the ring.
 *
 * Every record is a header, fixed fields, then variable bytes whose lengths the fixed fields give.
 * Integers are the host's; structs are padded by hand and their sizes asserted. This is not the
 * record format: it may change at any time, both sides are built together.
 *
 * There is one ring for all of them, so records have one total order: an publication (PATH) always precedes the
 * records that refer to it, a fork the events of the child. Its last EV_LIFE_RESERVE bytes are
 * closed to file events, so that a flood of them can never push out what the process tree and the
 * paths are made of. A second, small one wakes its reader: it has copies of the few records that
 * tell of a file which is read at once or never. Nobody counts those: the first ring has them all.
 */
#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#include "calls.h"

/* The only list of event kinds. Class: what a loss of it is counted as. */
#define EV_LIST(X)						\
	X(FORK,	fork,	LIFE)	/* a process or thread started */	\
	X(EXEC,	exec,	LIFE)	/* a process runs a new program */	\
	X(BLOB,	blob,	LIFE)	/* a piece of its argv or environment */ \
	X(EXIT,	exit,	LIFE)	/* a process ended */			\
	X(ADOPT, adopt,	LIFE)	/* was already running when we came */	\
	X(PATH,	path,	LIFE)	/* the path behind an id */		\
	X(LOST,	lost,	LIFE)	/* events were dropped on this CPU before this one */ \
	X(FILE,	file,	FILE)	/* a system call with a path */		\
	X(CONNECT, connect, FILE)	/* a socket was connected */

enum ev_kind {
	EV_NONE,
#define X(id, name, class) EV_##id,
	EV_LIST(X)
#undef X
	EV_CNT,
};

enum ev_class {
	CLASS_FILE,		/* file and network calls */
	CLASS_LIFE,		/* fork, exec, exit, paths */
	CLASS_CNT,
};

/* What can be lost, in the record's words. The first two are events, the others facts. */
enum ev_loss {
	LOSS_FILE = CLASS_FILE,
	LOSS_LIFE = CLASS_LIFE,
	LOSS_FOLLOW,		/* a child could not be followed: no memory for its state */
	LOSS_READ,		/* a string of a followed process could not be read */
	LOSS_CNT,
};

/* ev_hdr.flags: what is special or incomplete about this event */
enum {
	EVF_COMPAT	= 1 << 0,	/* by a 32-bit program */
	EVF_NO_PATH	= 1 << 1,	/* the path argument was NULL */
	EVF_NO_PATH2	= 1 << 2,
	EVF_BAD_PATH	= 1 << 3,	/* the path could not be read */
	EVF_BAD_PATH2	= 1 << 4,
	EVF_LONG_PATH	= 1 << 5,	/* longer than PATH_MAX: only its beginning is here */
	EVF_LONG_PATH2	= 1 << 6,
	EVF_STAT	= 1 << 7,	/* size, mtime and type are valid; open: a struct ev_state is the second path */
	EVF_BAD_BUF	= 1 << 8,	/* a result buffer could not be read */
	EVF_CUT_ARGS	= 1 << 9,	/* not all arguments of a failed exec are here */
	EVF_THREAD	= 1 << 10,	/* fork: of a thread; namespace: of one of several threads */
	EVF_UNREACHABLE	= 1 << 11,	/* path: not below the process's root */
	EVF_CUT		= 1 << 12,	/* path: deeper than can be told */
	EVF_ARRIVED	= 1 << 13,	/* chdir, open: dir is where the call led to */
	EVF_PROVISIONAL	= 1 << 14,	/* not known yet whether this process is of interest */
	EVF_SOON	= 1 << 15,	/* open: of what may be gone soon; a copy is in the soon ring */
};

#define EV_PATH_MAX	4096		/* a path as given, NUL included */
#define EV_WALK_MAX	32768		/* an absolute path made from directory entries */
#define EV_BLOB_MAX	8192		/* bytes per piece of argv or environment */
#define EV_GROUPS_MAX	256
#define EV_ARGS_MAX	16384		/* bytes of argv kept of a failed exec */
#define EV_LIFE_RESERVE	(1 << 20)	/* or an eighth of a small ring */

struct ev_hdr {
	__u64 ts;		/* boot clock, ns */
	__u32 pid;		/* thread group */
	__u32 tid;
	__u64 proc;		/* program image, unique while we run */
	__u16 kind;
	__u16 flags;
	__u32 len;		/* of the whole record */
};
_Static_assert(sizeof(struct ev_hdr) == 32, "wire");

struct ev_fork {
	struct ev_hdr h;
	__u32 child;		/* pid, or tid of a thread */
	__u32 mnt_ns;		/* its mount namespace, by inode */
	__u64 child_proc;
};
_Static_assert(sizeof(struct ev_fork) == 48, "wire");

/* An executable file: enough to tell whether it is still the same one. */
struct ev_exe {
	__u64 ino;
	__s64 ctime;		/* ns since the epoch */
	__u64 size;
	__u32 dev;		/* kernel's encoding: major << 20 | minor */
	__u32 pad;
};
_Static_assert(sizeof(struct ev_exe) == 32, "wire");

struct ev_exec {
	struct ev_hdr h;
	struct ev_exe exe;
	__u64 exe_path;		/* path ids, published before */
	__u64 cwd;
	__u64 root;		/* 0: the first process's root */
	__u64 parent;		/* program image that forked this process */
	__u64 prev;		/* program image that this process was before */
	__u64 cgroup;		/* id in the unified hierarchy */
	__u32 ppid;
	__u32 old_tid;		/* the thread that called exec */
	__u32 uid;		/* effective, which at an exec are those of files */
	__u32 gid;
	__u32 args_len;		/* bytes that follow in BLOB events */
	__u32 env_len;
	__u16 file_len;		/* as called; then the interpreter; both without NUL */
	__u16 interp_len;
	__u32 mnt_ns;		/* inode of the mount namespace */
	__u32 local_pid;	/* in ev_config's PID namespace; 0: not there, or none given */
	__u16 group_cnt;	/* supplementary groups, four bytes each, behind the names */
	__u16 rights;
	char data[];
};
_Static_assert(sizeof(struct ev_exec) == 152, "wire");

/* ev_exec.rights */
enum {
	EV_SETID	= 1 << 0,	/* not those of who called it */
	EV_MANY_GROUPS	= 1 << 1,	/* more than EV_GROUPS_MAX, none is here */
};

enum { BLOB_ARGS, BLOB_ENV, BLOB_CNT };

struct ev_blob {
	struct ev_hdr h;
	__u32 which;
	__u32 off;
	__u32 len;
	__u32 pad;
	char data[];
};
_Static_assert(sizeof(struct ev_blob) == 48, "wire");

struct ev_exit {
	struct ev_hdr h;
	__s32 status;		/* as wait(2) reports it */
	__u32 pad;
};
_Static_assert(sizeof(struct ev_exit) == 40, "wire");

struct ev_adopt {
	struct ev_hdr h;
	__u64 parent;
	__u32 ppid;
	__u32 local_pid;	/* as in ev_exec */
	__u32 uid;		/* effective */
	__u32 rights;		/* EV_SETID */
	__u64 exe_ino;		/* what its image can be told by from a later one */
	__u64 args_at;		/* where its arguments are */
};
_Static_assert(sizeof(struct ev_adopt) == 72, "wire");

struct ev_path {
	struct ev_hdr h;
	__u64 id;
	__u32 gone;		/* bytes at its end that are names of removed directories */
	__u32 len;
	char data[];		/* as the process sees it; "" is its root */
};
_Static_assert(sizeof(struct ev_path) == 48, "wire");

struct ev_lost {
	struct ev_hdr h;
	__u64 since;		/* first of them, boot clock */
	__u64 cnt[LOSS_CNT];
};
_Static_assert(sizeof(struct ev_lost) == 72, "wire");

struct ev_file {
	struct ev_hdr h;
	__s64 ret;
	__u64 dir;		/* path id of the base of a relative path, 0: none or absolute */
	union {
		__u64 dir2;
		struct {	/* EVF_SOON: as whom it opens files */
			__u32 fsuid;
			__u32 fsgid;
		};
		__s64 ctime;		/* EVF_STAT: s since the epoch */
	};
	union {
		struct {
			__u64 flags;
			__u64 mode;
		};
		struct {	/* EVF_STAT */
			__s64 size;
			__s64 mtime;	/* ns since the epoch */
		};
	};
	union {
		__u32 st_mode;
		__u32 local_pid;	/* EVF_SOON: as in ev_exec */
	};
	union {
		__u32 at_flags;		/* AT_… of stat-like calls */
		__u32 resolve;		/* RESOLVE_… of openat2 */
	};
	__u16 call;		/* enum call_id */
	__u16 path_len;		/* without NUL; path, then second path or result or arguments */
	__u16 path2_len;	/* of an open of a FIFO: its name in its directory; of one to be read: its state */
	__u16 notes;		/* EVN_… */
	char data[];
};
_Static_assert(sizeof(struct ev_file) == 88, "wire");

/*
 * Of which file in which state a descriptor is, as of the end of the call that opened it. Another thread may
 * have closed the descriptor before that, and opened another file as it.
 */
struct ev_state {
	__u64 mount;		/* its unique number */
	__u64 ino;
	__u64 size;
	__s64 mtime;		/* ns since the epoch */
	__s64 ctime;
	__u32 dev;		/* kernel's encoding */
	__u32 mode;
};
_Static_assert(sizeof(struct ev_state) == 48, "wire");

/* ev_file.notes: who made the result, and what may have changed during the call */
enum {
	EVN_SECCOMP	= 1 << 0,	/* answered by a filter, the kernel did nothing */
	EVN_TRACER	= 1 << 1,	/* the same by a tracer */
	EVN_MAYBE	= 1 << 2,	/* one of them may have answered */
	EVN_AFTER	= 1 << 3,	/* the base's path was read behind a rename that may have moved it */
	EVN_AFTER2	= 1 << 4,
	EVN_CHANGED	= 1 << 5,	/* what the path is relative to may have changed during the call */
	EVN_CHANGED2	= 1 << 6,
};
#define EVN_ANSWERED	(EVN_SECCOMP | EVN_TRACER)

struct ev_connect {
	struct ev_hdr h;
	__s64 ret;
	__u16 family;
	__u16 notes;		/* as of ev_file */
	__u32 addr_len;
	char addr[128];		/* struct sockaddr_storage's first bytes */
};
_Static_assert(sizeof(struct ev_connect) == 176, "wire");

/* --- what user space tells and reads --- */

enum follow {
	FOLLOW_NO,
	FOLLOW_MAYBE,		/* until user space has looked at its program */
	FOLLOW_YES,
};

/* A directory or program as it is now, seen from a root. */
struct path_key {
	__u64 dentry;
	__u64 mnt;		/* a number that is not given twice; in a task's state its address */
	__u64 root;
	__u64 ino;
	/* Hash and length: a file's links come and go without an epoch. Inverted when it is removed. */
	__u64 name;
	__u32 dev;
	__u32 epoch;
};

/* Per task (thread), in the tasks map. */
struct task_state {
	__u64 proc;
	__u64 parent;		/* proc that forked this process */
	__u16 follow;
	__u16 has_ring;		/* told, since its last exec */
	__u32 exec_id;		/* of the exec that was told last */
	struct path_key cwd;	/* where its last relative path began */
	__u64 cwd_id;		/* the path id of that */
	__u32 fs_seq;		/* of its working directory and root, as of its last call */
	__u32 fd_seq;		/* the same of directories' descriptors */
	__u64 sleeps;		/* how often it had waited, as of the last file that it opened */
};
_Static_assert(sizeof(struct task_state) == 96, "wire");

/*
 * The same where a hash keyed by thread id keeps it, with the arguments of the system call that
 * the task is in: a call of a followed task has its place by being followed.
 */
struct task_entry {
	struct task_state s;
	__u64 args[6];
	__s64 nr;		/* of that call; NR_NONE between calls */
};
_Static_assert(sizeof(struct task_entry) == 152, "wire");

#define NR_NONE -1
#define TASK_HASH_MAX 32768	/* tasks followed at a time, by the hash */

/* Ids below this are user space's to give; the programs count from there. */
#define PROC_FIRST_KERNEL 4096

/* One per CPU. seen = what reached the ring + lost, per class. */
struct ev_stats {
	__u64 seen[CLASS_CNT];
	__u64 lost[LOSS_CNT];
	__u64 told[LOSS_CNT];	/* of lost, what LOST events have reported */
	__u64 first_lost;	/* of those not yet told */
	__u64 fstat;		/* fstat-like calls, counted only */
	__u32 telling;		/* programs that want to tell of losses */
	__u32 pad;
};

/* Written before load. */
struct ev_config {
	__u64 file_limit;	/* bytes of the ring that file events may fill */
	__u64 cgroup;		/* follow tasks that come into this cgroup or below; 0: none */
	__u32 cgroup_tree;	/* the hierarchy whose id that is: others have the same ids */
	__u32 pad;
	__u64 root_ino;		/* the first process's root directory */
	__u32 root_dev;
	__u32 pid_ns;		/* PID namespace of user space, by inode; 0: the host's */
	__u8 all;		/* record fstat-like calls too */
	__u8 net;
	__u8 watch;		/* follow programs that are Go, or unknown, at exec */
	__u8 hash;		/* states are in the hash, not in task storage */
};

#define SLOTS_PER_CPU 2		/* of the slots map */
#define EV_NR_MAX 512		/* system call numbers looked at */

#endif
