/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A module index: whose it is. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "golang/modindex.h"
#include "util/bytes.h"

#define MAGIC		"go index v"
#define MAGIC_LEN	12	/* with the version's digit and the line's end */
#define MAX_VARINT	10

/* Little-endian numbers behind the first line. */
enum { STRINGS_AT = MAGIC_LEN, PACKAGES_AT = 16, DIR_AT = 20, HEAD_LEN = 24 };

/* Go's encoding/binary.Uvarint: 7 bits a byte, the lowest first. Its length; 0: none. */
static size_t uvarint(const uint8_t *p, size_t n, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n && i < MAX_VARINT; i++) {
		v |= (uint64_t)(p[i] & 0x7f) << 7 * i;
		if (p[i] < 0x80) {
			*ret = v;
			return i + 1;
		}
	}
	return 0;
}

int modindex__read_dir(int fd, char ret[MODINDEX_MAX_DIR])
{
	uint8_t buf[MAX_VARINT + MODINDEX_MAX_DIR];
	uint64_t len;
	ssize_t n;
	size_t at;

	n = pread(fd, buf, HEAD_LEN, 0);
	if (n < 0)
		return -errno;
	if (n < HEAD_LEN || memcmp(buf, MAGIC, strlen(MAGIC)) || get_le32(buf + PACKAGES_AT) != 1)
		return -ENODATA;
	/* A string is told by where it stands among the strings: its length, then itself. */
	n = pread(fd, buf, sizeof(buf), (off_t)get_le32(buf + STRINGS_AT) + get_le32(buf + DIR_AT));
	if (n < 0)
		return -errno;
	at = uvarint(buf, n, &len);
	if (!at || len >= MODINDEX_MAX_DIR || len > n - at || memchr(buf + at, '\0', len))
		return -EBADMSG;
	memcpy(ret, buf + at, len);
	ret[len] = '\0';
	return 0;
}
