// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What more is told of a file that was opened to be read: which state it is, and that it may be gone soon. */
#include "ge.h"

#define TAIL(a, b, c, d, e, f, g, h)						\
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 |	\
	 (__u64)(e) << 32 | (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

/*
 * By the last eight bytes of a path: configuration whose reader may end within milliseconds and take it along
 * (importcfg), or which the next command overwrites (go/env). User space, which knows more names, sorts out what
 * only ends alike.
 */
static __always_inline bool is_soon_gone(__u64 tail)
{
	switch (tail) {
	case TAIL('m', 'p', 'o', 'r', 't', 'c', 'f', 'g'):
	case TAIL('c', 'f', 'g', '.', 'l', 'i', 'n', 'k'):
	case TAIL('/', 'v', 'e', 't', '.', 'c', 'f', 'g'):
	case TAIL('/', 'g', 'o', '.', 'w', 'o', 'r', 'k'):
		return true;
	}
	tail >>= 8;
	return tail == TAIL('/', 'g', 'o', '.', 'm', 'o', 'd', 0) ||
	       tail == TAIL('/', 'g', 'o', '.', 'e', 'n', 'v', 0) ||
	       tail == TAIL('/', 'g', 'o', '/', 'e', 'n', 'v', 0);
}

/* Of the build cache, of which many are opened whose state nobody asks for. */
static __always_inline bool is_entry(__u64 tail)
{
	tail >>= 48;
	return tail == ('-' | 'a' << 8) || tail == ('-' | 'd' << 8);
}

static __always_inline void mark_soon(struct ev_file *ev)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	ev->h.flags |= EVF_SOON;
	ev->local_pid = follow__local_pid(BPF_CORE_READ(task, group_leader));
	ev->fsuid = BPF_CORE_READ(task, cred, fsuid.val);
	ev->fsgid = BPF_CORE_READ(task, cred, fsgid.val);
}

static __always_inline __s64 inode_mtime(const struct inode___any *inode)
{
	if (bpf_core_field_exists(inode->i_mtime_sec))
		return BPF_CORE_READ(inode, i_mtime_sec) * NSEC_PER_SEC +
		       BPF_CORE_READ(inode, i_mtime_nsec);
	if (bpf_core_field_exists(inode->__i_mtime))
		return BPF_CORE_READ(inode, __i_mtime.tv_sec) * NSEC_PER_SEC +
		       BPF_CORE_READ(inode, __i_mtime.tv_nsec);
	return BPF_CORE_READ(inode, i_mtime.tv_sec) * NSEC_PER_SEC +
	       BPF_CORE_READ(inode, i_mtime.tv_nsec);
}

/* What is open as fd by now; false: nothing. */
static __always_inline bool read_state(int fd, struct ev_state *ret)
{
	struct inode___any *inode;
	struct mount *mnt;
	struct file *file;

	file = file_of((void *)bpf_get_current_task(), fd);
	inode = (void *)BPF_CORE_READ(file, f_inode);
	if (!inode)
		return false;
	mnt = mount_of(BPF_CORE_READ(file, f_path.mnt));
	ret->mount = BPF_CORE_READ(mnt, mnt_id_unique);
	ret->ino = BPF_CORE_READ(inode, i_ino);
	ret->size = BPF_CORE_READ(inode, i_size);
	ret->mtime = inode_mtime(inode);
	ret->ctime = inode_ctime(inode);
	ret->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	ret->mode = BPF_CORE_READ(inode, i_mode);
	return true;
}

static __always_inline bool add_state(struct ev_file *ev, __u32 path_max)
{
	__u32 off = ev->path_len;
	struct mount *mnt = NULL;
	struct ev_state state;

	/* Since 6.8: without it nobody could tell a mount from all others. */
	if (!bpf_core_field_exists(mnt->mnt_id_unique))
		return true;
	if (off > path_max)
		return false;
	if (ev->path2_len || !read_state(ev->ret, &state))	/* a FIFO's name says more */
		return true;
	ev->h.flags |= EVF_STAT;
	ev->path2_len = sizeof(state);
	bpf_probe_read_kernel(ev->data + off, sizeof(state), &state);
	return true;
}

__hidden bool opened__add(struct ev_file *ev, __u64 ptr, __u32 path_max)
{
	__u64 tail;

	if (ev->path_len < sizeof(tail) ||
	    bpf_probe_read_user(&tail, sizeof(tail), (void *)(ptr + ev->path_len - sizeof(tail))))
		return true;
	if (!is_entry(tail) && !add_state(ev, path_max))
		return false;
	if (is_soon_gone(tail))
		mark_soon(ev);
	return true;
}
