// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Absolute paths of directories and programs: walked once, announced in the ring, then referred to
 * by id. Walking at every event would cost as much as the system call itself.
 *
 * An announcement is keyed by the directory entry, its name and inode and the root it was seen from,
 * and by an epoch that any successful rename, rmdir or mount on the host advances: entries are reused, and
 * directories move. The walk takes no locks; one that runs while a directory above it is renamed
 * can mix old and new names for that one event, the rename's epoch then voids it.
 */
#include "ge.h"

struct path_key {
	__u64 dentry;
	__u64 mnt;
	__u64 root;
	__u64 ino;
	__u64 name;		/* hash and length: a file's links come and go without an epoch */
	__u32 dev;
	__u32 epoch;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct path_key);
	__type(value, __u64);
} paths SEC(".maps");

/*
 * Paths grow from the end towards the front; the record's header is then put before the first
 * byte. The margins let the verifier see that an offset and a length, each below EV_WALK_MAX,
 * stay inside.
 */
#define WALK_LEAD 64
#define WALK_NAME 256

struct walk {
	struct dentry *dentry;
	struct mount *mnt;
	struct dentry *root;		/* NULL: up to the root of the mount tree */
	struct vfsmount *root_mnt;
	__u32 pos;
	__u32 flags;
};

struct walk_buf {
	struct walk walk;
	char bytes[WALK_LEAD + 2 * EV_WALK_MAX + WALK_NAME];
};

/* One per CPU: sized at load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct walk_buf);
} walk_bufs SEC(".maps");

__u32 path_epoch = 1;

__hidden void path__new_epoch(void)
{
	__sync_fetch_and_add(&path_epoch, 1);
}

/* As the kernel's real_mount(): container_of() alone would not be relocated. */
static struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

static struct walk_buf *walk_buf(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&walk_bufs, &cpu);
}

/* Puts "/name" before what is there. */
static int prepend(struct walk_buf *buf, struct dentry *dentry)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	struct walk *w = &buf->walk;
	__u32 len, pos;

	len = BPF_CORE_READ(dentry, d_name.len);
	if (len >= WALK_NAME || w->pos < len + 1 || w->pos > EV_WALK_MAX) {
		w->flags |= EVF_CUT;
		return -1;
	}
	pos = (w->pos - len) & (EV_WALK_MAX - 1);
	bpf_probe_read_kernel(&buf->bytes[WALK_LEAD + pos], len & (WALK_NAME - 1), name);
	pos = (w->pos - len - 1) & (EV_WALK_MAX - 1);
	buf->bytes[WALK_LEAD + pos] = '/';
	w->pos = pos;
	return 0;
}

/* One step up; 1 ends the walk. */
__noinline int walk_up(__u32 i)
{
	struct walk_buf *buf = walk_buf();
	struct dentry *parent, *dentry;
	struct mount *above, *mnt;
	struct walk *w;

	if (!buf)
		return 1;
	w = &buf->walk;
	dentry = w->dentry;
	mnt = w->mnt;
	if (dentry == w->root && &mnt->mnt == w->root_mnt)
		return 1;
	if (dentry == BPF_CORE_READ(mnt, mnt.mnt_root)) {
		above = BPF_CORE_READ(mnt, mnt_parent);
		if (above == mnt) {	/* the top of this mount tree */
			if (w->root)
				w->flags |= EVF_UNREACHABLE;
			return 1;
		}
		w->dentry = BPF_CORE_READ(mnt, mnt_mountpoint);
		w->mnt = above;
		return 0;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (prepend(buf, dentry))
		return 1;
	if (parent == dentry) {		/* not below any mount: a memfd, a detached tree */
		w->flags |= EVF_UNREACHABLE;
		return 1;
	}
	w->dentry = parent;
	return 0;
}

DEFINE_LOOP(walk, walk_up)

static int announce(struct walk_buf *buf, __u64 id, __u32 epoch)
{
	struct walk *w = &buf->walk;
	struct ev_path *ev;
	__u32 off, len;

	w->pos = EV_WALK_MAX - 1;
	w->flags = 0;
	if (!walk())
		w->flags |= EVF_CUT;
	off = w->pos & (EV_WALK_MAX - 1);
	len = (EV_WALK_MAX - 1 - off) & (EV_WALK_MAX - 1);
	ev = (void *)&buf->bytes[WALK_LEAD + off - sizeof(*ev)];
	emit__head(&ev->h, EV_PATH, NULL);
	ev->h.flags = w->flags;
	ev->id = id;
	ev->epoch = epoch;
	ev->len = len;
	return emit__put(&ev->h, sizeof(*ev) + len, CLASS_LIFE);
}

/* Where the base is; false when it has no place (a closed descriptor, an exiting task). */
static bool find_base(enum path_base base, int fd, struct task_struct *task, struct path *ret)
{
	struct file *file = NULL;

	switch (base) {
	case BASE_CWD:
		BPF_CORE_READ_INTO(ret, task, fs, pwd);
		return ret->dentry;
	case BASE_ROOT:
		BPF_CORE_READ_INTO(ret, task, fs, root);
		return ret->dentry;
	case BASE_EXE:
		file = BPF_CORE_READ(task, mm, exe_file);
		break;
	case BASE_FD: {
		struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
		struct file **slots = BPF_CORE_READ(fdt, fd);

		if (fd < 0 || (__u32)fd >= BPF_CORE_READ(fdt, max_fds))
			return false;
		bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
		break;
	}
	}
	if (!file)
		return false;
	BPF_CORE_READ_INTO(ret, file, f_path);
	return ret->dentry;
}

__noinline __u64 path__id(enum path_base base, int fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct ev_stats *st = emit__stats();
	struct path at = {}, root = {};
	struct walk_buf *buf = walk_buf();
	struct path_key key = {};
	struct inode *inode;
	__u64 *known, id;

	if (!st || !buf || !find_base(base, fd, task, &at))
		return 0;
	if (base != BASE_ROOT)
		BPF_CORE_READ_INTO(&root, task, fs, root);
	inode = BPF_CORE_READ(at.dentry, d_inode);
	key.dentry = (__u64)at.dentry;
	key.mnt = (__u64)at.mnt;
	key.root = (__u64)root.dentry;
	key.ino = BPF_CORE_READ(inode, i_ino);
	key.name = BPF_CORE_READ(at.dentry, d_name.hash_len);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	key.epoch = path_epoch;
	known = bpf_map_lookup_elem(&paths, &key);
	if (known)
		return *known;

	buf->walk.dentry = at.dentry;
	buf->walk.mnt = mount_of(at.mnt);
	buf->walk.root = root.dentry;
	buf->walk.root_mnt = root.mnt;
	id = ++st->next_path << 12 | bpf_get_smp_processor_id();
	/* A lost announcement is tried again by the next event that needs it. */
	if (!announce(buf, id, key.epoch))
		bpf_map_update_elem(&paths, &key, &id, BPF_ANY);
	return id;
}
