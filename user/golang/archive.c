/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The head of a compiled package as it lies in the build cache: whose it is and what made it. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "golang/archive.h"
#include "util/bytes.h"
#include "util/str.h"

#define GLOBAL_HEAD	"!<arch>\n"
#define MEMBER_HEAD_LEN	60
#define SIZE_AT		48	/* of the member's size, ten decimal digits */
#define SIZE_LEN	10
#define MAX_MEMBERS	1024
#define HEAD_LEN	4096	/* of the file: it holds the lines of the first member */
#define CHUNK		(128u << 10)
#define NAME_START	"cuinfo.packagename."

static int read_some(int fd, uint64_t off, void *buf, size_t n, size_t *ret_n)
{
	size_t have = 0;
	ssize_t got;

	while (have < n) {
		got = pread(fd, (char *)buf + have, n - have, off + have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		have += got;
	}
	*ret_n = have;
	return 0;
}

/* A place in the file where n bytes stand, from *at on: 0 and *at, or -ENODATA. */
static int find_bytes(int fd, const void *bytes, size_t n, uint64_t *at)
{
	__free_mem char *buf = malloc(CHUNK);
	uint64_t pos = *at;
	const char *found;
	size_t have;
	int err;

	if (!buf)
		return -ENOMEM;
	for (; pos < ARCHIVE_MAX; pos += have - (n - 1)) {
		err = read_some(fd, pos, buf, CHUNK, &have);
		if (err)
			return err;
		found = memmem(buf, have, bytes, n);
		if (found) {
			*at = pos + (found - buf);
			return 0;
		}
		if (have < CHUNK)
			break;
	}
	return -ENODATA;
}

/* Where the data of the member called name begins. */
static int find_member(int fd, const char *name, uint64_t *ret_off)
{
	char head[MEMBER_HEAD_LEN], *digits = head + SIZE_AT;
	uint64_t off = strlen(GLOBAL_HEAD), size;
	int err, member, i;
	size_t n;

	for (member = 0; member < MAX_MEMBERS && off < ARCHIVE_MAX; member++) {
		err = read_some(fd, off, head, sizeof(head), &n);
		if (err)
			return err;
		if (n < sizeof(head))
			return -ENODATA;
		off += sizeof(head);
		if (!memcmp(head, name, strlen(name))) {
			*ret_off = off;
			return 0;
		}
		for (i = 0, size = 0; i < SIZE_LEN && isdigit((unsigned char)digits[i]); i++)
			size = size * 10 + (digits[i] - '0');
		off += size + (size & 1);
	}
	return -ENODATA;
}

static char *copy(const char *s, size_t n)
{
	return n && !memchr(s, '\0', n) ? strndup(s, n) : NULL;
}

/* "go object linux amd64 go1.22.1 …\nbuild id \"A/C\"\n…" */
static int parse_lines(const char *s, const char *end, struct go_archive *a)
{
	static const char start[] = "go object ", id[] = "build id \"";
	const char *eol = memchr(s, '\n', end - s), *quote;
	char **const words[] = { &a->goos, &a->goarch, &a->version };
	size_t i, n;

	if (!eol || (size_t)(eol - s) < strlen(start) || memcmp(s, start, strlen(start)))
		return -ENODATA;
	s += strlen(start);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		for (n = 0; s + n < eol && s[n] != ' '; n++)
			;
		*words[i] = copy(s, n);
		if (!*words[i])
			return n ? -ENOMEM : -EBADMSG;
		s += n;
		if (s < eol)
			s++;
	}
	s = eol + 1;
	if ((size_t)(end - s) < strlen(id) || memcmp(s, id, strlen(id)))
		return 0;
	s += strlen(id);
	quote = memchr(s, '"', end - s);
	if (quote)
		a->build_id = copy(s, quote - s);
	return 0;
}

/*
 * The object's data starts behind a line of "!". Names are pointed at by pairs of 32-bit numbers,
 * length and offset from here, in little-endian order on every architecture.
 */
static int find_object(int fd, uint64_t member, uint64_t *ret_off)
{
	static const char mark[] = "\n!\n\0go1";
	int err;

	err = find_bytes(fd, mark, sizeof(mark) - 1, &member);
	if (err)
		return err;
	*ret_off = member + 3;
	return 0;
}

/* The length of the name at file offset at, from the reference to it that follows somewhere. */
static int name_length(int fd, uint64_t object, uint64_t at, size_t min, size_t *ret_len)
{
	uint64_t pos = at;
	uint8_t off[4], len[4];
	size_t n;
	int err;

	put_le32(off, at - object);
	for (;; pos++) {
		err = find_bytes(fd, off, sizeof(off), &pos);
		if (err)
			return err;
		err = read_some(fd, pos - 4, len, 4, &n);
		if (err)
			return err;
		if (n == 4 && get_le32(len) > min && get_le32(len) < ARCHIVE_MAX_NAME)
			break;
	}
	*ret_len = get_le32(len);
	return 0;
}

static int read_package(int fd, struct go_archive *a)
{
	const size_t prefix = 3 + strlen(NAME_START);
	char name[ARCHIVE_MAX_NAME];
	uint64_t member, object, at;
	size_t len, n;
	int err;

	err = find_member(fd, "_go_.o ", &member);	/* those of cgo may come before it */
	if (err)
		return err;
	err = find_object(fd, member, &object);
	if (err)
		return err;
	at = object;
	err = find_bytes(fd, NAME_START, strlen(NAME_START), &at);
	if (err)
		return err;
	at -= 3;	/* "go:" or "go." */
	err = name_length(fd, object, at, prefix, &len);
	if (err)
		return err;
	err = read_some(fd, at, name, len, &n);
	if (err)
		return err;
	if (n < len)
		return -EBADMSG;
	a->package = copy(name + prefix, len - prefix);
	return 0;
}

int archive__read_fd(int fd, struct go_archive *ret)
{
	const size_t start = strlen(GLOBAL_HEAD) + MEMBER_HEAD_LEN;
	__free_archive struct go_archive a = {};
	char head[HEAD_LEN];
	size_t n;
	int err;

	err = read_some(fd, 0, head, sizeof(head), &n);
	if (err)
		return err;
	if (n <= start || memcmp(head, GLOBAL_HEAD, strlen(GLOBAL_HEAD)))
		return -ENODATA;
	err = parse_lines(head + start, head + n, &a);
	if (err)
		return err;
	err = read_package(fd, &a);
	if (err && err != -ENODATA)
		return err;
	*ret = a;
	a = (struct go_archive){};
	return 0;
}

void archive__free(struct go_archive *a)
{
	free(a->goos);
	free(a->goarch);
	free(a->version);
	free(a->build_id);
	free(a->package);
	*a = (struct go_archive){};
}
