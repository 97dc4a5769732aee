/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The head of a compiled package as it lies in the build cache: whose it is and what made it. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "golang/archive.h"
#include "golang/elf.h"
#include "golang/goobj.h"
#include "util/file.h"
#include "util/str.h"

#define GLOBAL_HEAD	"!<arch>\n"
#define MEMBER_HEAD_LEN	60
#define SIZE_AT		48	/* of the member's size, ten decimal digits */
#define SIZE_LEN	10
#define MAX_MEMBERS	1024
#define MAX_OBJECTS	64	/* of C, that are asked for their compiler */
#define CC_MAX		256
#define HEAD_LEN	4096	/* of the file: it holds the lines of the first member */
#define MAX_LINES	(1u << 20)	/* before an object's data, cgo's included */

struct member {
	char head[MEMBER_HEAD_LEN];	/* begins with its name */
	uint64_t off, size;		/* of its data */
};

/* Begin with {}; -ENODATA: there is no further one. */
static int next_member(int fd, struct member *m)
{
	uint64_t off = m->off ? m->off + m->size + (m->size & 1) : strlen(GLOBAL_HEAD);
	const char *digits = m->head + SIZE_AT;
	size_t n;
	int err;

	if (off >= ARCHIVE_MAX)
		return -ENODATA;
	err = file__read_at(fd, off, m->head, sizeof(m->head), &n);
	if (err)
		return err;
	if (n < sizeof(m->head))
		return -ENODATA;
	m->off = off + sizeof(m->head);
	m->size = 0;
	for (int i = 0; i < SIZE_LEN && isdigit((unsigned char)digits[i]); i++)
		m->size = m->size * 10 + (digits[i] - '0');
	return 0;
}

/* Where the data of the member called name begins. */
static int find_member(int fd, const char *name, uint64_t *ret_off)
{
	struct member m = {};
	int err = 0;

	for (int i = 0; i < MAX_MEMBERS && !err; i++) {
		err = next_member(fd, &m);
		if (!err && !memcmp(m.head, name, strlen(name))) {
			*ret_off = m.off;
			return 0;
		}
	}
	return err ?: -ENODATA;
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
 * The object's data starts behind a line of "!". Before it stand the lines of the head and, for a
 * package with cgo, what it says to the linker, as JSON in one line: no other line is "!".
 */
static int find_object(int fd, uint64_t member, uint64_t *ret_off)
{
	static const size_t sizes[] = { HEAD_LEN, MAX_LINES };	/* the first one does, mostly */
	static const char mark[] = "\n!\n";
	size_t i, n;
	int err;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		__free_mem char *buf = malloc(sizes[i]);
		const char *found;

		if (!buf)
			return -ENOMEM;
		err = file__read_at(fd, member, buf, sizes[i], &n);
		if (err)
			return err;
		found = memmem(buf, n, mark, strlen(mark));
		if (found) {
			*ret_off = member + (found - buf) + strlen(mark);
			return 0;
		}
		if (n < sizes[i])
			break;
	}
	return -ENODATA;
}

static int read_package(int fd, struct go_archive *a)
{
	uint64_t member, object;
	int err;

	err = find_member(fd, "_go_.o ", &member);	/* those of cgo may come before it */
	if (err)
		return err;
	err = find_object(fd, member, &object);
	if (err)
		return err;
	err = goobj__imports(fd, object, &a->imports);
	a->has_imports = !err;
	return err && err != -ENODATA ? err : goobj__package(fd, object, &a->package);
}

/* ".comment" holds texts, each ended by a zero; the first one may be empty. */
static int read_comment(int fd, const struct member *m, char **ret)
{
	__close_elf struct elf e = {};
	struct elf_section s;
	char text[CC_MAX + 2];
	size_t n, start = 0;
	int err = elf__open_at(fd, m->off, m->size, &e) ?: elf__section(&e, ".comment", &s);

	if (err)
		return err;
	n = s.size < sizeof(text) - 1 ? s.size : sizeof(text) - 1;
	err = elf__pread(&e, s.off, text, n);
	if (err)
		return err;
	text[n] = '\0';
	while (start < n && !text[start])
		start++;
	if (strlen(text + start) == n - start && s.size > n)
		return -ENODATA;	/* it is longer */
	for (size_t i = start; text[i]; i++)
		if (text[i] < ' ' || text[i] > '~')
			return -ENODATA;
	*ret = copy(text + start, strlen(text + start));
	return *ret ? 0 : -ENODATA;
}

/* An object that says nothing of it may be of an assembler, or with -fno-ident. */
static int read_cc(int fd, char **ret)
{
	struct member m = {};
	int err = 0;

	for (int i = 0, objects = 0; i < MAX_MEMBERS && objects < MAX_OBJECTS && !err; i++) {
		err = next_member(fd, &m);
		if (err || memcmp(m.head, "_", 1) || !memcmp(m.head, "__", 2) || !memcmp(m.head, "_go_", 4))
			continue;
		objects++;
		if (!read_comment(fd, &m, ret))
			return 0;
	}
	return err == -ENODATA ? 0 : err;
}

int archive__read_fd(int fd, struct go_archive *ret)
{
	const size_t start = strlen(GLOBAL_HEAD) + MEMBER_HEAD_LEN;
	__free_archive struct go_archive a = {};
	char head[HEAD_LEN];
	size_t n;
	int err;

	err = file__read_at(fd, 0, head, sizeof(head), &n);
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
	err = read_cc(fd, &a.cc);
	if (err)
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
	free(a->cc);
	str__free(&a->imports);
	*a = (struct go_archive){};
}
