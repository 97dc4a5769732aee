/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hashes of files. */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "capture/hash_store.h"
#include "capture/source_hash.h"
#include "util/clock.h"
#include "util/hash.h"

#define KNOWN_MAX 65536
#define CHUNK	  (128u << 10)
#define TRIES	  3		/* of reading what somebody writes */
/* By then what was written by way of a mapping is on the disk (vm.dirty_expire_centisecs: 30 s), and the next shows. */
#define SETTLED_NS (120 * (int64_t)NSEC_PER_SEC)

struct known_content {
	struct content_key key;
	uint8_t digest[SHA256_SZ];
	UT_hash_handle hh;
};

struct source_hashes {
	uint64_t size_max;
	bool (*may_go_on)(void *ctx);
	void *ctx;
	struct hash_store *store;	/* NULL: none */
	pthread_mutex_t lock;		/* what follows */
	struct known_content *known;	/* oldest first */
};

struct source_hashes *source_hashes__new(uint64_t size_max, struct hash_store *store, bool (*may_go_on)(void *ctx),
					 void *ctx)
{
	struct source_hashes *h = calloc(1, sizeof(*h));

	if (h) {
		h->size_max = size_max;
		h->store = store;
		h->may_go_on = may_go_on;
		h->ctx = ctx;
		pthread_mutex_init(&h->lock, NULL);
	}
	return h;
}

void source_hashes__free(struct source_hashes *h)
{
	if (!h)
		return;
	hash_free(&h->known, free);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* --- what is known --- */

static struct content_key key_of(const struct file_state *s, uint64_t mount)
{
	return (struct content_key){ mount, s->dev, s->ino, s->size, s->ctime, 0 };
}

/*
 * With the path: who is only told what somebody had open as a descriptor takes no other file's hash for it, by
 * whatever trick, but that of one that it has been.
 */
static struct content_key named(const struct content_key *key, const struct file_name *name)
{
	struct content_key ret = *key;
	uint8_t digest[SHA256_SZ];
	struct sha256 sha;

	sha256__init(&sha);
	sha256__add(&sha, name->path, strlen(name->path));
	sha256__end(&sha, digest);
	memcpy(&ret.name, digest, sizeof(ret.name));
	return ret;
}

/* Without memory it is hashed once more the next time. */
static void remember(struct source_hashes *h, const struct content_key *key, const uint8_t *digest)
{
	struct known_content *k;

	pthread_mutex_lock(&h->lock);
	while (HASH_COUNT(h->known) >= KNOWN_MAX) {
		k = h->known;
		hash_remove(&h->known, k);
		free(k);
	}
	k = hash_get(&h->known, key, key);
	if (k)
		memcpy(k->digest, digest, sizeof(k->digest));
	pthread_mutex_unlock(&h->lock);
}

static bool find(struct source_hashes *h, const struct content_key *key, const struct file_name *name, uint8_t *ret)
{
	const struct known_content *k;

	pthread_mutex_lock(&h->lock);
	k = hash_find(h->known, key, key);
	if (k)
		memcpy(ret, k->digest, sizeof(k->digest));
	pthread_mutex_unlock(&h->lock);
	return k || hash_store__find(h->store, &(struct content_key[]){ named(key, name) }[0], ret);
}

bool source_hashes__recall(struct source_hashes *h, const struct file_name *name, const struct file_state *state,
			   uint64_t mount, uint8_t ret[static SHA256_SZ])
{
	struct content_key key = key_of(state, mount);

	if (name->own_root)
		return false;
	key = named(&key, name);
	return hash_store__find(h->store, &key, ret);
}

/* --- reading --- */

/*
 * go looks into the file that it is about to replace, to see whether it is up to date. Its build ID
 * stands near the beginning.
 */
static bool is_go_program(const uint8_t *head, size_t n)
{
	static const uint8_t note[] = { 4, 0, 0, 0, 'G', 'o', 0, 0 };	/* type 4, the owner's name */

	return n > 64 && !memcmp(head, "\177ELF", 4) && (head[16] == 2 || head[16] == 3) &&
	       memmem(head, n < 8192 ? n : 8192, note, sizeof(note));
}

/* Of size bytes, so that nobody has to ask whether there are more; who looks afterwards sees that. */
static int read_all(struct source_hashes *h, int fd, uint64_t size, uint8_t *ret)
{
	uint8_t chunk[CHUNK];
	struct sha256 sha;
	uint64_t all = 0;
	ssize_t n;

	sha256__init(&sha);
	while (all < size) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		if (!all && is_go_program(chunk, n))
			return -ENOEXEC;
		all += n;
		if (all > h->size_max)
			return -EFBIG;
		if (!h->may_go_on(h->ctx))
			return -ETIME;
		sha256__add(&sha, chunk, n);
	}
	sha256__end(&sha, ret);
	return 0;
}

/* -EAGAIN: it was changed meanwhile. */
static int hash_once(struct source_hashes *h, int fd, struct source_hash *r)
{
	struct file_state now;
	struct stat st;
	int err;

	if (r->state.size > h->size_max)
		return -EFBIG;
	err = read_all(h, fd, r->state.size, r->digest);
	if (err)
		return err;
	if (fstat(fd, &st))
		return -errno;
	now = file_state__of(&st);
	if (!memcmp(&r->state, &now, sizeof(now)))
		return 0;
	r->state = now;
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : -EAGAIN;
}

int source_hashes__of(struct source_hashes *h, const struct file_name *name, const struct opener *who,
		      struct source_hash *ret)
{
	struct stat st = {};
	__close_fd int fd = file_name__open(name, who, &st);
	struct content_key key;
	int err = -EAGAIN;
	int64_t age;

	*ret = (struct source_hash){ .taken = clock__boot_ns() };
	if (fd < 0)
		return fd;
	ret->has_state = true;
	ret->state = file_state__of(&st);
	/* Before it is read: what is changed within the same tick after that bears the same time. */
	age = file_state__is_fresh(&ret->state) ? -1 : file_state__age(&ret->state);
	ret->mount = hash_store__mount(h->store, fd);
	key = key_of(&ret->state, ret->mount);
	if (age >= 0 && find(h, &key, name, ret->digest))
		return 0;
	for (int i = 0; i < TRIES && err == -EAGAIN; i++)
		err = hash_once(h, fd, ret);
	ret->taken = clock__boot_ns();
	if (!err && age >= 0 && !memcmp(&key, &(struct content_key[]){ key_of(&ret->state, key.mount) }, sizeof(key))) {
		remember(h, &key, ret->digest);
		if (age > SETTLED_NS && !name->own_root)
			hash_store__put(h->store, &(struct content_key[]){ named(&key, name) }[0], ret->digest);
	}
	return err == -EAGAIN ? -ESTALE : err;
}
