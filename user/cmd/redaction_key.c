/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The key of redacted values, from the caller's file to where lines are made. */
#include <errno.h>
#include <fcntl.h>

#include "cmd/cmd.h"
#include "cmd/redaction_key.h"
#include "record/redact.h"
#include "util/file.h"
#include "util/log.h"

#define KEY_MAX 4096

void redaction_key__wipe(struct str *hex)
{
	if (hex->s)
		explicit_bzero(hex->s, hex->cap);
	str__free(hex);
}

static int open_and_read(const char *path, struct str *ret)
{
	__close_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (!str__grow(ret, KEY_MAX + 1))	/* in one piece, to be wiped */
		return -ENOMEM;
	return file__read_fd(fd, KEY_MAX, ret);
}

static int read_as(const char *path, const struct identity *owner, struct str *ret)
{
	struct identity_scope scope;
	int err = identity__enter(owner, &scope);

	if (err)
		return err;
	err = open_and_read(path, ret);
	identity__leave(&scope);
	return err;
}

int redaction_key__read(const char *path, const struct identity *owner, struct str *ret_hex)
{
	struct str key = {};
	int err = read_as(path, owner, &key);

	errno = -err;
	if (err == -EFBIG)
		log_error("--redaction-key '%s': a key has no more than %d bytes", path, KEY_MAX);
	else if (err)
		log_error("--redaction-key '%s' cannot be read (%m)", path);
	else if (!key.len)
		log_error("--redaction-key '%s' is empty: with no key marks would be no secret", path);
	if (!err)
		str__addhex(ret_hex, key.s, key.len);
	err = err || !key.len || str__err(ret_hex);
	redaction_key__wipe(&key);
	return err ? EXIT_FAILED : 0;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int redaction_key__use(const char *hex)
{
	unsigned char key[KEY_MAX];
	size_t i, n = strlen(hex);

	for (i = 0; i + 1 < n && i / 2 < KEY_MAX; i += 2) {
		if (digit(hex[i]) < 0 || digit(hex[i + 1]) < 0)
			break;
		key[i / 2] = digit(hex[i]) << 4 | digit(hex[i + 1]);
	}
	if (!n || i != n) {
		log_error("the redaction key is malformed");
		return EXIT_FAILED;
	}
	redact__set_key(key, n / 2);
	explicit_bzero(key, sizeof(key));
	return 0;
}
