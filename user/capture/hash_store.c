/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hashes of the host's files, for all observers. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "capture/hash_store.h"
#include "capture/kept.h"
#include "util/cleanup.h"

#define NAME  "hashes"
#define MAGIC "goenvh2"		/* to be raised with the layout */
#define WAYS  4			/* places that one file may have */
#define SETS  16384

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U		/* since 6.8 */
#endif
#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

#define SLOT_WORDS ((sizeof(struct content_key) + SHA256_SZ) / sizeof(uint64_t))

/*
 * Written by one at a time and read by anybody meanwhile: version is odd while it is written, and another one
 * afterwards. Who is killed in between leaves it odd, and that place is lost.
 */
struct slot {
	uint64_t version;	/* 0: empty */
	uint64_t words[SLOT_WORDS];
};

union content {
	struct {
		struct content_key key;
		uint8_t digest[SHA256_SZ];
	};
	uint64_t words[SLOT_WORDS];
};

struct table {
	struct {
		char magic[8];
		char boot[KEPT_BOOT_SZ];
	} head;
	struct slot slots[SETS][WAYS];
};

struct hash_store {
	struct table *table;
	uint64_t local;		/* a mount of which states may be kept: the last one that was asked for; atomic */
};

static int make(int folder, const char *boot)
{
	__free_str struct str content = {};

	str__add(&content, MAGIC, sizeof(MAGIC));
	str__add(&content, boot, KEPT_BOOT_SZ);
	return str__err(&content) ?: kept__replace(folder, NAME, &content, sizeof(struct table));
}

/* -ESTALE: of another boot or layout. */
static int map(int folder, const char *boot, struct table **ret)
{
	__close_fd int fd = kept__open(folder, NAME, O_RDWR);
	struct stat st;
	void *p;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_size != sizeof(struct table))
		return -ESTALE;
	p = mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret = p;
	if (!memcmp((*ret)->head.magic, MAGIC, sizeof(MAGIC)) && !memcmp((*ret)->head.boot, boot, KEPT_BOOT_SZ))
		return 0;
	munmap(p, sizeof(struct table));
	return -ESTALE;
}

int hash_store__open(const char *path, struct hash_store **ret)
{
	struct hash_store *s;
	__close_fd int folder = -1;
	struct table *table = NULL;
	char boot[KEPT_BOOT_SZ];
	int err;

	if (geteuid())
		return -EACCES;
	folder = kept__open_folder(path, true);
	err = folder < 0 ? folder : kept__read_boot(boot);
	if (err)
		return err;
	err = map(folder, boot, &table);
	if (err)	/* none, or none that is to be trusted */
		err = make(folder, boot) ?: map(folder, boot, &table);
	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s) {
		munmap(table, sizeof(*table));
		return -ENOMEM;
	}
	s->table = table;
	*ret = s;
	return 0;
}

void hash_store__close(struct hash_store *s)
{
	if (!s)
		return;
	munmap(s->table, sizeof(*s->table));
	free(s);
}

/* --- places --- */

static struct slot *set_of(const struct hash_store *s, const struct content_key *key)
{
	uint64_t h = key->ino * 0x9e3779b97f4a7c15ULL ^ key->dev ^ key->mount << 20;

	return s->table->slots[(h ^ h >> 29) % SETS];
}

/* Whole, as one writer left it; or there is nothing. */
static bool read_slot(const struct slot *slot, union content *ret)
{
	uint64_t version = __atomic_load_n(&slot->version, __ATOMIC_ACQUIRE);

	if (!version || version & 1)
		return false;
	for (size_t i = 0; i < SLOT_WORDS; i++)
		ret->words[i] = __atomic_load_n(&slot->words[i], __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&slot->version, __ATOMIC_RELAXED) == version;
}

static void write_slot(struct slot *slot, const union content *c)
{
	uint64_t version = __atomic_load_n(&slot->version, __ATOMIC_RELAXED);

	/* Somebody else is at it: what he writes is as good. */
	if (version & 1 || !__atomic_compare_exchange_n(&slot->version, &version, version + 1, false,
							__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	for (size_t i = 0; i < SLOT_WORDS; i++)
		__atomic_store_n(&slot->words[i], c->words[i], __ATOMIC_RELAXED);
	__atomic_store_n(&slot->version, version + 2, __ATOMIC_RELEASE);
}

bool hash_store__find(const struct hash_store *s, const struct content_key *key, uint8_t ret[static SHA256_SZ])
{
	const struct slot *set = s && key->mount ? set_of(s, key) : NULL;
	union content c = {};

	for (size_t i = 0; set && i < WAYS; i++) {
		if (!read_slot(&set[i], &c) || memcmp(&c.key, key, sizeof(*key)))
			continue;
		memcpy(ret, c.digest, SHA256_SZ);
		return true;
	}
	return false;
}

void hash_store__put(struct hash_store *s, const struct content_key *key, const uint8_t digest[static SHA256_SZ])
{
	struct slot *set = s && key->mount ? set_of(s, key) : NULL, *at;
	union content c, old = {};

	if (!set)
		return;
	c.key = *key;
	memcpy(c.digest, digest, SHA256_SZ);
	/* An earlier state of the same file makes way, then an empty place is taken, then any. */
	at = &set[key->ctime / 1000 % WAYS];
	for (size_t i = WAYS; i--;) {
		if (!__atomic_load_n(&set[i].version, __ATOMIC_RELAXED))
			at = &set[i];
		if (!read_slot(&set[i], &old) || old.key.ino != key->ino || old.key.dev != key->dev ||
		    old.key.mount != key->mount || old.key.name != key->name)
			continue;
		at = &set[i];
		break;
	}
	write_slot(at, &c);
}

/* --- mounts --- */

/*
 * A change by way of a mapping shows in the change time when a page of it is first written to after it was
 * written back: never again on tmpfs, and overlayfs may lie on one.
 */
static bool is_local(int fd)
{
	static const uint32_t local[] = {
		EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(local); i++)
		if ((uint32_t)fs.f_type == local[i])
			return true;
	return false;
}

uint64_t hash_store__mount(struct hash_store *s, int fd)
{
	struct statx st;

	if (!s || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID_UNIQUE, &st) ||
	    !(st.stx_mask & STATX_MNT_ID_UNIQUE))
		return 0;
	if (st.stx_mnt_id == __atomic_load_n(&s->local, __ATOMIC_RELAXED))
		return st.stx_mnt_id;
	if (!is_local(fd))
		return 0;
	__atomic_store_n(&s->local, st.stx_mnt_id, __ATOMIC_RELAXED);
	return st.stx_mnt_id;
}
