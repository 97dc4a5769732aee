// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Absolute paths of directories and programs: walked once, published in the ring, then referred to
 * by id. Walking at every event would cost as much as the system call itself.
 *
 * A publication is keyed by the directory entry, its name and inode, the mount by a number that is
 * not given again and the root it was seen from, and by an epoch that any successful rename, rmdir,
 * mount or chroot that is seen on the host advances: entries are reused, and directories move. As
 * many publications as the table holds advance it, too: a task keeps the id of its working
 * directory by itself, and user space must not forget it before. The walk takes no locks; one that
 * runs while a directory above it is renamed can mix old and new names for that one event, the
 * rename's epoch then invalidates it.
 */
#include "ge.h"

#define PATHS_MAX 4096

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PATHS_MAX);
	__type(key, struct path_key);
	__type(value, __u64);
} paths SEC(".maps");

__u32 path_epoch = 1;
/* Announcements, and how many there had been when the table was last full of them. */
__u64 path_cnt = 0, path_mark = 0;

__hidden void path__new_epoch(void)
{
	ATOMIC_ADD(&path_epoch, 1);
}

/* Puts "/name" before what is there. */
static int prepend(struct slot *slot, struct dentry *dentry)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	struct walk *w = &slot->walk;
	__u32 len, pos;

	len = BPF_CORE_READ(dentry, d_name.len);
	if (len >= WALK_NAME || w->pos < len + 1 || w->pos > EV_WALK_MAX) {
		w->flags |= EVF_CUT;
		return -1;
	}
	pos = (w->pos - len) & (EV_WALK_MAX - 1);
	if (bpf_probe_read_kernel(&slot->path[WALK_LEAD + pos], len & (WALK_NAME - 1), name)) {
		w->flags |= EVF_CUT;
		return -1;
	}
	pos = (w->pos - len - 1) & (EV_WALK_MAX - 1);
	slot->path[WALK_LEAD + pos] = '/';
	w->pos = pos;
	return 0;
}

/*
 * A removed directory keeps its place among its ancestors, but is no longer found there: whatever
 * is at its path now is another one.
 */
static bool is_gone(struct dentry *dentry)
{
	return !BPF_CORE_READ(dentry, d_hash.pprev);
}

/* One step up; 1 ends the walk. Weak, or the number that it does not need is not passed at all. */
__weak int walk_up(__u32 slot_id, __u32 i)
{
	struct slot *slot = emit__slot_of(slot_id);
	struct dentry *parent, *dentry;
	struct mount *above, *mnt;
	struct walk *w;

	if (!slot)
		return 1;
	w = &slot->walk;
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
	if (prepend(slot, dentry))
		return 1;
	w->below_gone = w->below_gone && is_gone(dentry);
	if (w->below_gone)
		w->gone = EV_WALK_MAX - 1 - w->pos;
	if (parent == dentry) {		/* not below any mount: a memfd, a detached tree */
		w->flags |= EVF_UNREACHABLE;
		return 1;
	}
	w->dentry = parent;
	return 0;
}

DEFINE_LOOP(walk, walk_up)

static void count_announcement(void)
{
	ATOMIC_ADD(&path_cnt, 1);
	if (path_cnt - path_mark < PATHS_MAX)
		return;
	path_mark = path_cnt;
	path__new_epoch();
}

static __always_inline int publish(struct slot *slot, __u32 slot_id, __u64 id)
{
	struct walk *w = &slot->walk;
	struct ev_path *ev;
	__u32 off, len;

	w->pos = EV_WALK_MAX - 1;
	w->flags = w->gone = 0;
	w->below_gone = true;
	if (!walk(slot_id))
		w->flags |= EVF_CUT;
	off = w->pos & (EV_WALK_MAX - 1);
	len = (EV_WALK_MAX - 1 - off) & (EV_WALK_MAX - 1);
	ev = (void *)&slot->path[WALK_LEAD + off - sizeof(*ev)];
	emit__head(&ev->h, EV_PATH, NULL);
	ev->h.flags = w->flags;
	ev->id = id;
	ev->gone = w->gone;
	ev->len = len;
	return emit__put(&ev->h, sizeof(*ev) + len, CLASS_LIFE);
}

/* As struct path, whose order differs between kernels, of our own: so it needs no relocation. */
struct place {
	struct dentry *dentry;
	struct vfsmount *mnt;
};

#define READ_PLACE(ret, in, path)				\
do {								\
	(ret)->dentry = BPF_CORE_READ(in, path.dentry);		\
	(ret)->mnt = BPF_CORE_READ(in, path.mnt);		\
} while (0)

/* Where the base is; false when it has no place (a closed descriptor, an exiting task). */
static bool find_base(enum path_base base, int fd, struct task_struct *task, struct place *ret)
{
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct file *file = NULL;

	switch (base) {
	case BASE_CWD:
	case BASE_CWD_BEFORE:
		READ_PLACE(ret, fs, pwd);
		return ret->dentry;
	case BASE_ROOT:
		READ_PLACE(ret, fs, root);
		return ret->dentry;
	case BASE_EXE:
		file = BPF_CORE_READ(task, mm, exe_file);
		break;
	case BASE_FD:
		file = file_of(task, fd);
		break;
	}
	if (!file)
		return false;
	READ_PLACE(ret, file, f_path);
	return ret->dentry;
}

/*
 * Mounts come and go with their namespaces, many times a second on a busy host and without a call
 * that is seen, and the next one has the address of the last. Since 6.8 they have numbers of their
 * own (2eea9ce4310d); before, their namespaces have.
 */
static __u64 mount_number(struct mount *mnt)
{
	if (bpf_core_field_exists(mnt->mnt_id_unique))
		return BPF_CORE_READ(mnt, mnt_id_unique);
	return (__u64)mnt + (BPF_CORE_READ(mnt, mnt_ns, seq) << 48);
}

static __u64 name_of(struct dentry *dentry)
{
	__u64 name = BPF_CORE_READ(dentry, d_name.hash_len);

	return is_gone(dentry) ? ~name : name;
}

static void make_key(const struct place *at, struct dentry *root, struct path_key *ret)
{
	struct dentry *dentry = at->dentry;	/* or its place in ours would be relocated, too */
	struct inode___any *inode = (void *)BPF_CORE_READ(dentry, d_inode);

	ret->dentry = (__u64)dentry;
	ret->mnt = mount_number(mount_of(at->mnt));
	ret->root = (__u64)root;
	ret->ino = BPF_CORE_READ(inode, i_ino);
	ret->name = name_of(dentry);
	ret->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	ret->epoch = path_epoch;
}

/* The path of a place that is not in the table: told now. */
static __always_inline __u64 tell(struct slot *slot, __u32 slot_id, const struct place *at,
				  const struct place *root)
{
	struct walk *w = &slot->walk;
	__u64 id = emit__unique(slot);

	w->dentry = at->dentry;
	w->mnt = mount_of(at->mnt);
	w->root = root->dentry;
	w->root_mnt = root->mnt;
	if (publish(slot, slot_id, id)) {
		/* Tried again by the next event that needs it. */
		w->is_known = false;
		return id;
	}
	bpf_map_update_elem(&paths, &w->key, &id, BPF_ANY);
	count_announcement();
	return id;
}

/*
 * What the task's working directory was called when it was told last. The call that just succeeded
 * may have renamed it, or have made it the root; other calls of the kind would have moved the
 * epoch.
 */
static __u64 cwd_before(const struct task_state *s, const struct place *at)
{
	struct dentry *dentry = at->dentry;
	struct inode___any *inode = (void *)BPF_CORE_READ(dentry, d_inode);
	const struct path_key *key = &s->cwd;

	return key->dentry == (__u64)dentry && key->mnt == (__u64)at->mnt &&
	       key->ino == BPF_CORE_READ(inode, i_ino) && key->epoch == path_epoch ? s->cwd_id : 0;
}

__noinline __u64 path__id(__u32 slot_id, enum path_base base, int fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	bool is_cwd = base == BASE_CWD || base == BASE_CWD_BEFORE;
	struct task_state *s = is_cwd ? follow__own() : NULL;
	struct slot *slot = emit__slot_of(slot_id);
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct place at = {}, root = {};
	__u64 *known, id;
	struct walk *w;

	if (!slot || !find_base(base, fd, task, &at))
		return 0;
	w = &slot->walk;
	w->is_old = true;
	if (s && base == BASE_CWD_BEFORE) {
		id = cwd_before(s, &at);
		if (id)
			return id;
	}
	if (base != BASE_ROOT)
		READ_PLACE(&root, fs, root);
	make_key(&at, root.dentry, &w->key);
	w->is_known = true;
	known = bpf_map_lookup_elem(&paths, &w->key);
	w->is_old = known;
	id = known ? *known : tell(slot, slot_id, &at, &root);
	if (s) {
		s->cwd = w->key;
		/* Whose working directory it is holds the mount: until it is another one. */
		s->cwd.mnt = (__u64)at.mnt;
		s->cwd_id = w->is_known ? id : 0;
	}
	return id;
}

static bool is_same(const struct path_key *a, const struct path_key *b)
{
	return a->dentry == b->dentry && a->mnt == b->mnt && a->root == b->root &&
	       a->ino == b->ino && a->name == b->name && a->dev == b->dev && a->epoch == b->epoch;
}

/* Read without a call for each pointer. A directory that is not there reads as 0. */
static bool is_still_in(const struct path_key *key)
{
	struct fs_struct *fs = bpf_get_current_task_btf()->fs;
	struct inode___any *inode;
	struct dentry *dentry;
	struct path_key now;

	/* Once: for each pointer in a task the verifier searches the kernel's types. */
	barrier_var(fs);
	dentry = fs->pwd.dentry;
	inode = (void *)dentry->d_inode;
	now = (struct path_key){
		.dentry = (__u64)dentry,
		.mnt = (__u64)fs->pwd.mnt,
		.root = (__u64)fs->root.dentry,
		.ino = inode->i_ino,
		/* hash_len, which 6.1 does not let be read at once: it takes it for its half. */
		.name = (__u64)dentry->d_name.len << 32 | dentry->d_name.hash,
		.dev = inode->i_sb->s_dev,
		.epoch = path_epoch,
	};

	/* A removed one has another name in its key: it is looked at again. */
	return is_same(&now, key);
}

__hidden __u64 path__known_cwd(const struct task_state *s)
{
	/* Where states are in a hash, nothing gives a task that may be read so. */
	return !cfg.hash && s->cwd_id && is_still_in(&s->cwd) ? s->cwd_id : 0;
}
