/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Images that are kept from one start to the next: checked, not trusted. */
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "capture/image_cache.h"
#include "util/build_id.h"
#include "util/file.h"

#define FILE_MAX (8u << 20)
#define MAGIC "goenvp1"		/* to be raised with the layout, although the build id says it, too */

/* A file is this, the image's head and its blob. */
struct file_head {
	unsigned char digest[SHA256_DIGEST_LENGTH];	/* of all that follows */
	struct image_key key;
};

#define BLOB_OFF (sizeof(struct file_head) + sizeof(struct image_head))

/* --- the key --- */

static int read_boot_id(char *ret, size_t size)
{
	__free_str struct str text = {};
	int err = file__read("/proc/sys/kernel/random/boot_id", size - 1, &text);

	if (err || text.len < 36)
		return err ?: -ENOENT;
	memcpy(ret, text.s, 36);
	return 0;
}

int image_key__make(const struct image_choice *choice, struct image_key *ret)
{
	*ret = (struct image_key){ .magic = MAGIC, .choice = *choice };
	if (geteuid())
		return -ENOENT;
	return build_id__own(ret->program) ?: read_boot_id(ret->boot, sizeof(ret->boot));
}

/* --- the file --- */

/* One for each choice, whatever program and boot it is of: so there are never many. */
static void name_file(const struct image_key *key, char *ret, size_t size)
{
	const struct image_choice *c = &key->choice;

	snprintf(ret, size, "%s%s-%x%s%s%s", tier__name(c->tier), c->hash ? "-hash" : "", c->wanted,
		 c->net ? "-net" : "", c->watch ? "-watch" : "", c->adopt ? "-adopt" : "");
}

static bool is_roots(const struct stat *st, mode_t type, mode_t forbidden)
{
	return (st->st_mode & S_IFMT) == type && !st->st_uid && !(st->st_mode & forbidden);
}

static int open_folder(const char *path)
{
	__close_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	return is_roots(&st, S_IFDIR, 077) ? steal_fd(&fd) : -EACCES;
}

/* Nobody else may put another folder into its place. */
static int check_parent(const char *path)
{
	__free_mem char *parent = strndup(path, strrchr(path, '/') - path);
	struct stat st;

	if (!parent)
		return -ENOMEM;
	if (lstat(parent, &st))
		return -errno;
	return is_roots(&st, S_IFDIR, 022) ? 0 : -EACCES;
}

static void digest_file(const struct str *file, unsigned char *ret)
{
	SHA2_CTX hash;

	SHA256Init(&hash);
	SHA256Update(&hash, (const uint8_t *)file->s + SHA256_DIGEST_LENGTH, file->len - SHA256_DIGEST_LENGTH);
	SHA256Final(ret, &hash);
}

static int take(const struct str *file, const struct image_key *key, struct image *ret)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct file_head head;

	if (file->len < BLOB_OFF)
		return -EBADMSG;
	memcpy(&head, file->s, sizeof(head));
	if (memcmp(&head.key, key, sizeof(*key)))
		return -ESTALE;
	digest_file(file, digest);
	if (memcmp(digest, head.digest, sizeof(digest)))
		return -EBADMSG;
	memcpy(&ret->head, file->s + sizeof(head), sizeof(ret->head));
	str__add(&ret->blob, file->s + BLOB_OFF, file->len - BLOB_OFF);
	return str__err(&ret->blob) ?: image__check(ret);
}

int image_cache__find(const char *folder, const struct image_key *key, struct image *ret)
{
	__close_fd int dir = -1, fd = -1;
	__free_str struct str file = {};
	struct stat st;
	char name[64];
	int err;

	*ret = (struct image){};
	err = check_parent(folder);
	if (err)
		return err;
	dir = open_folder(folder);
	if (dir < 0)
		return dir;
	name_file(key, name, sizeof(name));
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!is_roots(&st, S_IFREG, 077) || st.st_nlink != 1)
		return -EACCES;
	err = file__read_fd(fd, FILE_MAX, &file) ?: take(&file, key, ret);
	if (err)
		image__free(ret);
	return err;
}

static int write_file(int dir, const char *name, const struct str *file)
{
	__close_fd int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t done = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (done < file->len) {
		n = write(fd, file->s + done, file->len - done);
		if (n < 0)
			return -errno;
		done += n;
	}
	return 0;
}

/* It gets its name when it is whole. One at a time: who comes second has nothing to add. */
static int replace(int dir, const char *name, const struct str *file)
{
	char part[80];
	int err;

	if (flock(dir, LOCK_EX | LOCK_NB))
		return -errno;
	snprintf(part, sizeof(part), "%s.part", name);
	(void)unlinkat(dir, part, 0);	/* of one who was killed */
	err = write_file(dir, part, file);
	if (!err && renameat(dir, part, dir, name))
		err = -errno;
	if (err)
		(void)unlinkat(dir, part, 0);
	return err;
}

int image_cache__store(const char *folder, const struct image_key *key, const struct image *im)
{
	struct file_head head = { .key = *key };
	__free_str struct str file = {};
	__close_fd int dir = -1;
	char name[64];
	int err = check_parent(folder);

	if (err)
		return err;
	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	dir = open_folder(folder);
	if (dir < 0)
		return dir;
	str__add(&file, &head, sizeof(head));
	str__add(&file, &im->head, sizeof(im->head));
	str__add(&file, im->blob.s, im->blob.len);
	if (str__err(&file))
		return str__err(&file);
	digest_file(&file, (unsigned char *)file.s);
	name_file(key, name, sizeof(name));
	return replace(dir, name, &file);
}
