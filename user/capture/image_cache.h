/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_IMAGE_CACHE_H
#define GOENVBPF_CAPTURE_IMAGE_CACHE_H
/*
 * Images that are kept from one start to the next, in files of root's (kept.h).
 *
 * What is in the file is of this boot of the kernel, of this very program, of what is to be loaded, and whole.
 * Anything else is as good as no file, and is replaced.
 */
#include "capture/image.h"
#include "capture/kept.h"
#include "capture/variants.h"
#include "util/build_id.h"

/* What an image depends on beside the kernel and the program. */
struct image_choice {
	uint32_t tier, hash, wanted, net, watch, adopt;
};

struct image_key {
	char magic[8];
	unsigned char program[BUILD_ID_MAX];
	char boot[KEPT_BOOT_SZ];
	struct image_choice choice;
	uint32_t reserved;
};

/* -ENOENT: images cannot be kept, as for who is not root. */
int image_key__make(const struct image_choice *choice, struct image_key *ret);

/* -ENOENT: there is none; -ESTALE: it is of another key; -EACCES, -EBADMSG: it is not to be trusted. */
int image_cache__find(const char *folder, const struct image_key *key, struct image *ret);
int image_cache__store(const char *folder, const struct image_key *key, const struct image *im);

#endif
