/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GE_H
#define GOENVBPF_GE_H
/*
 * What the BPF files share. A map is defined in one file; the others reach it through that file's
 * functions, declared here in the order in which an event meets them.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "event.h"

#define CALL_ARGS (ARG_NONE + 1)	/* a power of two, for the verifier */

#ifndef true	/* an anonymous enum in the kernel, left out of our type headers */
#define true 1
#define false 0
#endif

extern const volatile struct ev_config cfg;
/* By system call number. */
extern const volatile struct call_ids calls[EV_NR_MAX];
/* By enum call_id, and for whatever else a byte can be: no bound to check. */
extern const volatile struct call_desc descs[256];

/* In a register from here on: or its address is computed again for each of its fields. */
static __always_inline const struct call_desc *desc_of(__u32 id)
{
	const struct call_desc *d = (const struct call_desc *)&descs[(__u8)id];

	barrier_var(d);
	return d;
}

/* From headers that cannot be included here. */
#define AT_FDCWD	-100
#define EFAULT		14
#define ENOSYS		38
#define INT_MAX		0x7fffffff
#define NSEC_PER_SEC	1000000000LL
#define O_ACCMODE	3

/*
 * Without a result, which would be an instruction that 5.10 does not know; newer compilers choose
 * it for the __sync builtins even when nobody wants the result.
 */
#define ATOMIC_ADD(p, v) ((void)__atomic_fetch_add(p, v, __ATOMIC_RELAXED))

/*
 * What we read of an inode, in all kernels: its change time has moved twice. Everywhere the same
 * type, for libbpf goes through all types of the kernel for each of ours, which takes it most of a
 * millisecond.
 */
struct inode___any {
	unsigned long i_ino;
	struct super_block *i_sb;
	long long i_size;
	umode_t i_mode;
	struct timespec64 i_ctime;	/* up to 6.5 */
	struct timespec64 __i_ctime;	/* up to 6.10 */
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
	struct timespec64 i_mtime;	/* up to 6.6 */
	struct timespec64 __i_mtime;	/* up to 6.10 */
	__s64 i_mtime_sec;
	__u32 i_mtime_nsec;
} __attribute__((preserve_access_index));

/* Since 6.13 the top bit says that somebody has looked at the time (multigrain timestamps). */
#define CTIME_QUERIED (1U << 31)

static __always_inline __s64 inode_ctime(const struct inode___any *inode)
{
	if (bpf_core_field_exists(inode->i_ctime_sec))
		return BPF_CORE_READ(inode, i_ctime_sec) * NSEC_PER_SEC +
		       (BPF_CORE_READ(inode, i_ctime_nsec) & ~CTIME_QUERIED);
	if (bpf_core_field_exists(inode->__i_ctime))
		return BPF_CORE_READ(inode, __i_ctime.tv_sec) * NSEC_PER_SEC +
		       BPF_CORE_READ(inode, __i_ctime.tv_nsec);
	return BPF_CORE_READ(inode, i_ctime.tv_sec) * NSEC_PER_SEC +
	       BPF_CORE_READ(inode, i_ctime.tv_nsec);
}

/* --- emit.bpf.c: room to work in, the ring, and event accounting --- */

/* A system call of a followed task. */
struct call {
	__u64 args[CALL_ARGS];
	__s64 ret;
	__u64 regs;		/* where they are, 0: not known */
	__u32 id;		/* enum call_id */
	__u16 compat;
	__u16 notes;		/* EVN_… */
	__u64 fresh;		/* base that was told for this call */
	__u32 uses;		/* USES_… of the first path; of the second one bit further */
	int fd;			/* the descriptor that was used last */
};

enum { USES_CWD = 1 << 0, USES_FD = 1 << 2 };

/* What a long loop works on: its turns cannot be told. */
struct span {
	__u64 ptr;
	__u32 off;
	__u32 len;
	__u32 which;
};

/* From a directory entry up to the root. */
struct walk {
	struct path_key key;	/* where it started */
	struct dentry *dentry;
	struct mount *mnt;
	struct dentry *root;	/* NULL: up to the root of the mount tree */
	struct vfsmount *root_mnt;
	__u32 pos;
	__u32 flags;
	__u32 gone;		/* bytes of removed directories, from the end */
	bool below_gone;	/* all so far were removed */
	bool is_known;		/* the path was published */
	bool is_old;		/* before it was asked for */
};

/* One look at each thread of a process. */
struct scan {
	__u64 task;
	__u64 first;
	__u64 regs;		/* distance from a task's stack to its registers */
	bool has_found;
};

#define RECORD_SIZE (2 * (EV_PATH_MAX + EV_ARGS_MAX))

/*
 * Paths grow from the end towards the front; the record's header is then put before the first
 * byte. The margins let the verifier see that an offset and a length, each below EV_WALK_MAX,
 * stay inside.
 */
#define WALK_LEAD 64
#define WALK_NAME 256
#define WALK_SIZE (WALK_LEAD + 2 * EV_WALK_MAX + WALK_NAME)
/* No record is longer than one with a path of EV_WALK_MAX. */
#define RECORD_MAX (EV_WALK_MAX + WALK_NAME)

/*
 * What one program has for itself while it runs. A record is built here and copied out at its true
 * length: reserving in the ring needs a constant one. Programs can be preempted (those on functions
 * everywhere, those on tracepoints since 7.0), and others then run on the same CPU: so there are
 * several slots for each CPU, and nothing is kept by CPU but counters.
 */
struct slot {
	__u32 id;
	__u32 busy;		/* programs that want it: whoever finds 1 has it */
	__u64 made;		/* unique numbers */
	struct call call;
	struct span span;
	struct scan scan;
	struct walk walk;
	char record[RECORD_SIZE];	/* first: a store tells 16 bits of an offset */
	char path[WALK_SIZE];
};

/* A slot until emit__done(). NULL: all are taken; then what was to be done is lost. */
struct slot *emit__slot(void) __hidden;
/* The slot of that id, for global functions: they can be told a number only. */
struct slot *emit__slot_of(__u32 id) __hidden;

static __always_inline void emit__done(struct slot *slot)
{
	ATOMIC_ADD(&slot->busy, -1);
}

/* A number that no other call returns; above all that user space gives. */
static __always_inline __u64 emit__unique(struct slot *slot)
{
	return ++slot->made << 14 | slot->id;
}

/* Fills the header's common part. */
static __always_inline void emit__head(struct ev_hdr *h, __u32 kind, const struct task_state *s)
{
	__u64 id = bpf_get_current_pid_tgid();

	h->ts = bpf_ktime_get_boot_ns();
	h->pid = id >> 32;
	h->tid = (__u32)id;
	h->proc = s ? s->proc : 0;
	h->kind = kind;
	h->flags = s && s->follow == FOLLOW_MAYBE ? EVF_PROVISIONAL : 0;
}

#define SHORT_PATH 160

/* A record that fits on the stack. */
union short_file {
	struct ev_file ev;
	char bytes[sizeof(struct ev_file) + SHORT_PATH];
};

/* Copies len bytes to the ring. 0, or -1 when they were lost, which is counted. */
int emit__put(struct ev_hdr *h, __u32 len, enum ev_class class) __hidden;
int emit__put_short(union short_file *f, __u32 len) __hidden;
void emit__count_loss(enum ev_loss what) __hidden;
/* The same of an event that is not even built: it is seen and lost at once. */
void emit__count_unseen(enum ev_loss what) __hidden;
void emit__count_fstat(void) __hidden;

/* --- what a descriptor is --- */

/* NULL: it is not open. */
static __always_inline struct file *file_of(struct task_struct *task, int fd)
{
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(fdt, fd), *file = NULL;

	if (fd >= 0 && (__u32)fd < BPF_CORE_READ(fdt, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

/* As the kernel's real_mount(): container_of() alone would not be relocated. */
static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* --- whose rights --- */

/*
 * Capabilities that the program brought: those of its file, for what is ambient came from who called it. Root
 * has them all, and whoever is root in a user namespace of his own has none that counts outside.
 */
static __always_inline bool has_file_capabilities(const struct cred *cred)
{
	__u64 permitted = 0, ambient = 0;	/* its type has changed, and not its bits */

	if (!BPF_CORE_READ(cred, euid.val) || BPF_CORE_READ(cred, user_ns, level))
		return false;
	bpf_core_read(&permitted, sizeof(permitted), &cred->cap_permitted);
	bpf_core_read(&ambient, sizeof(ambient), &cred->cap_ambient);
	return permitted & ~ambient;
}

/* --- follow.bpf.c: which tasks are of interest --- */

/*
 * The state of the current task when it is followed, NULL for all others. Settles a provisional one
 * when it can.
 */
struct task_state *follow__get(void) __hidden;
/* What that has found for the current task, again: cheaper in time and stack. */
struct task_state *follow__own(void) __hidden;
/* The same with its pending call; only where the hash is in use. */
struct task_entry *follow__entry(void) __hidden;
/* At exec: state of the task, made now when its new program or cgroup makes it interesting. */
struct task_state *follow__at_exec(const struct ev_exe *exe, struct slot *slot) __hidden;
/* At exec, first: a thread that replaces its process takes over the leader's id. */
void follow__at_exec_by(__u32 old_tid) __hidden;
/*
 * A task, by thread id, will begin its next call behind these changes; only where the hash is in
 * use.
 */
void follow__see(__u32 tid, __u32 fs_seq, __u32 fd_seq) __hidden;
/* The process's number in the PID namespace of user space; 0 when it has none there. */
__u32 follow__local_pid(struct task_struct *leader) __hidden;
/* At exit, last: the task's id may be given to another one. */
void follow__forget(void) __hidden;

/* --- share.bpf.c: what threads change for each other while a call is under way --- */

/*
 * At the exit of a call of the current task, behind the last look at what it used: USES_… of what
 * another task may have changed during it. slot: the caller's, of whom the current task is followed.
 * Not hidden, like share__tell(), so that both are verified once.
 */
__u32 share__changed(__u32 slot);
/* The current task begins such a call, or (-1) ends it; only where both are seen. */
void share__in_dup(int by) __hidden;
/* After it has changed one of them itself: who is in a call that does not use them knows of it. */
int share__tell(__u32 slot);
/* The state that a new task begins with. */
void share__begin(struct task_struct *task, struct task_state *s) __hidden;
/* The same without a call for each pointer: false when it has to be asked in full. */
bool share__is_same(struct task_state *s) __hidden;

/* May the current task have waited since this was asked last, while other threads ran? */
bool share__has_slept(struct task_state *s) __hidden;
/* The FIFO that is open as fd, NULL: it is none that has a name. */
struct dentry *share__fifo(int fd) __hidden;

/* --- path.bpf.c: what a relative path is relative to --- */

enum path_base {
	BASE_CWD,		/* of the current task */
	BASE_CWD_BEFORE,	/* the same, as it was called before this call */
	BASE_ROOT,		/* of the current task, seen from the mount tree's root */
	BASE_FD,		/* an open descriptor */
	BASE_EXE,		/* the program file */
};

/*
 * The id of the path, published in the ring before this returns; 0 when there is none. slot: the
 * caller's. Not hidden like the others: a global function is verified once, not at each of its
 * calls, and this is the largest by far.
 */
__u64 path__id(__u32 slot, enum path_base base, int fd);
/* Was the last path of path__id() published before it was asked for? */
static __always_inline bool path__is_old(const struct slot *slot)
{
	return slot->walk.is_old;
}

/* What it was for BASE_CWD while the directory stays what it was; else 0. s: the current task's */
__u64 path__known_cwd(const struct task_state *s) __hidden;
/* Some directory's path may have changed: all publications so far are invalid. */
void path__new_epoch(void) __hidden;

/* --- answer.bpf.c: who answered a system call --- */

/* Of the current task's: EVN_… for the result of a call that a filter or a tracer may have made. */
__u32 answer__notes(__u64 nr, __s64 ret, bool compat) __hidden;
/* False for most tasks: neither filtered nor traced, the kernel answers them. */
bool answer__is_doubtful(void) __hidden;

/* --- file.bpf.c: the record of a system call --- */

/*
 * Of the call in the slot, by the current task, which is followed. Not hidden, so that it is verified
 * once, and not for each way that leads to it.
 */
int file__put(__u32 slot);
/* Was a file opened to read what is in it? */
static __always_inline bool is_read(const struct call_desc *d, __s64 ret, __u64 flags)
{
	return d->kind == KIND_OPEN && ret >= 0 && !(flags & O_ACCMODE);
}

/* What a 64-bit call of the stat family has left at buf. */
void file__read_stat(struct ev_file *ev, __u64 buf) __hidden;

/* No argument reads as 0: nobody sets that one. */
static __always_inline __u64 arg_of(const __u64 *args, unsigned char n)
{
	return args[n & ARG_NONE];
}

/* --- opened.bpf.c: what was opened --- */

/*
 * More on a file that was opened to be read (is_read), whose path is at ptr: its state, for which there is room
 * behind a path of path_max, and that it may be gone within milliseconds. False: that room is too small.
 */
bool opened__add(struct ev_file *ev, __u64 ptr, __u32 path_max) __hidden;

/* --- long loops --- */

/*
 * bpf_loop() came with 5.17, and an older verifier follows every turn of a plain loop. But a global
 * function is verified once, whoever calls it: a loop over one, in another one, in a third one, is
 * three short loops for the verifier and LOOP_MAX turns at run time. A turn is told its slot and
 * its number; a value other than 0 says that it was the last one.
 */
#define LOOP_PART 16
#define LOOP_MAX (LOOP_PART * LOOP_PART * LOOP_PART)

/*
 * LOOP_PART calls of step, which are told numbers that are stride apart. Not unrolled: the verifier
 * would look for the deepest stack in each of LOOP_MAX branches.
 */
#define LOOP_LEVEL(step, slot, from, stride)				\
	__u32 i;							\
									\
	_Pragma("clang loop unroll(disable)")				\
	for (i = 0; i < LOOP_PART; i++)					\
		if (step(slot, from + i * (stride)))			\
			return 1;					\
	return 0

#define DEFINE_LOOP(name, step)						\
	__noinline int name##_part(__u32 slot, __u32 from)		\
	{								\
		LOOP_LEVEL(step, slot, from, 1);			\
	}								\
									\
	__noinline int name##_parts(__u32 slot, __u32 from)		\
	{								\
		LOOP_LEVEL(name##_part, slot, from, LOOP_PART);		\
	}								\
									\
	/* 0 when all turns were taken and more would be needed. */	\
	static __always_inline int name(__u32 slot)			\
	{								\
		LOOP_LEVEL(name##_parts, slot, 0, LOOP_PART * LOOP_PART); \
	}

#endif
