/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Images that are kept from one start to the next: checked, not trusted. */
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>

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

int image_key__make(const struct image_choice *choice, struct image_key *ret)
{
	*ret = (struct image_key){ .magic = MAGIC, .choice = *choice };
	if (geteuid())
		return -ENOENT;
	return build_id__own(ret->program) ?: kept__read_boot(ret->boot);
}

/* --- the file --- */

/* One for each choice, whatever program and boot it is of: so there are never many. */
static void name_file(const struct image_key *key, char *ret, size_t size)
{
	const struct image_choice *c = &key->choice;

	snprintf(ret, size, "%s%s-%x%s%s%s", tier__name(c->tier), c->hash ? "-hash" : "", c->wanted,
		 c->net ? "-net" : "", c->watch ? "-watch" : "", c->adopt ? "-adopt" : "");
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
	__close_fd int dir = kept__open_folder(folder, false), fd = -1;
	__free_str struct str file = {};
	char name[64];
	int err;

	*ret = (struct image){};
	if (dir < 0)
		return dir;
	name_file(key, name, sizeof(name));
	fd = kept__open(dir, name, O_RDONLY);
	if (fd < 0)
		return fd;
	err = file__read_fd(fd, FILE_MAX, &file) ?: take(&file, key, ret);
	if (err)
		image__free(ret);
	return err;
}

int image_cache__store(const char *folder, const struct image_key *key, const struct image *im)
{
	struct file_head head = { .key = *key };
	__free_str struct str file = {};
	__close_fd int dir = kept__open_folder(folder, true);
	char name[64];

	if (dir < 0)
		return dir;
	str__add(&file, &head, sizeof(head));
	str__add(&file, &im->head, sizeof(im->head));
	str__add(&file, im->blob.s, im->blob.len);
	if (str__err(&file))
		return str__err(&file);
	digest_file(&file, (unsigned char *)file.s);
	name_file(key, name, sizeof(name));
	return kept__replace(dir, name, &file, file.len);
}
