/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The import paths in an object file of Go's compiler. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "golang/goobj.h"
#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/file.h"

#define MAGIC_LEN	8
#define OFFSETS_AT	(MAGIC_LEN + 8 + 4)	/* behind magic, fingerprint and flags */
#define NAME_START	"cuinfo.packagename."
#define PREFIX_LEN	(3 + sizeof(NAME_START) - 1)	/* "go:" or "go." before it */
#define TABLE_CHUNK	(64u << 10)
#define WINDOW		1024
#define IMPORT_SIZE	16	/* a name's length, its offset, 8 bytes of a fingerprint */

/*
 * A header holds the offsets of the blocks; symbols that are of no package in particular, and the one
 * looked for is one of them, are records of a fixed size in one block. Both grew after 1.15.
 */
static const struct format {
	char magic[MAGIC_LEN + 1];
	unsigned char block;	/* index of the block of those symbols; it ends where the next begins */
	unsigned char size;	/* of a record: name's length, its offset, … */
} formats[] = {
	{ "\0go115ld", 4, 20 },
	{ "\0go116ld", 6, 21 },
	{ "\0go117ld", 6, 21 },
	{ "\0go118ld", 6, 21 },
	{ "\0go120ld", 6, 21 },
};

struct object {
	int fd;
	uint64_t off;
	const struct format *format;
	uint32_t imports, imports_end;	/* offsets of blocks */
	uint32_t begin, end;
	/* The last piece of names that was read: those of neighbours lie side by side, mostly. */
	uint8_t window[WINDOW];
	uint32_t window_at;
	size_t window_len;
};

static int read_header(struct object *o)
{
	uint8_t header[OFFSETS_AT + 8 * 4];
	size_t n, i;
	int err;

	err = file__read_at(o->fd, o->off, header, sizeof(header), &n);
	if (err)
		return err;
	if (n < sizeof(header))
		return -ENODATA;
	for (i = 0; i < ARRAY_SIZE(formats) && !o->format; i++)
		if (!memcmp(formats[i].magic, header, MAGIC_LEN))
			o->format = &formats[i];
	if (!o->format)
		return -ENODATA;
	o->imports = get_le32(header + OFFSETS_AT);
	o->imports_end = get_le32(header + OFFSETS_AT + 4);
	o->begin = get_le32(header + OFFSETS_AT + 4 * o->format->block);
	o->end = get_le32(header + OFFSETS_AT + 4 * (o->format->block + 1));
	return o->begin <= o->end && (o->end - o->begin) % o->format->size == 0 ? 0 : -EBADMSG;
}

/* n bytes of the object at a place; NULL and no error when it ends before. */
static int read_name(struct object *o, uint32_t at, size_t n, const uint8_t **ret)
{
	int err;

	*ret = NULL;
	if (at < o->window_at || at - o->window_at + n > o->window_len) {
		err = file__read_at(o->fd, o->off + at, o->window, sizeof(o->window), &o->window_len);
		if (err)
			return err;
		o->window_at = at;
	}
	if (at - o->window_at + n <= o->window_len)
		*ret = o->window + (at - o->window_at);
	return 0;
}

static bool is_prefix(const uint8_t *name)
{
	return !memcmp(name, "go", 2) && (name[2] == ':' || name[2] == '.') &&
	       !memcmp(name + 3, NAME_START, PREFIX_LEN - 3);
}

/* What follows the prefix in the name of n bytes. */
static int copy_package(struct object *o, uint32_t at, size_t n, char **ret)
{
	__free_mem char *path = malloc(n - PREFIX_LEN + 1);
	size_t have;
	int err;

	if (!path)
		return -ENOMEM;
	err = file__read_at(o->fd, o->off + at + PREFIX_LEN, path, n - PREFIX_LEN, &have);
	if (err)
		return err;
	if (have < n - PREFIX_LEN || memchr(path, '\0', have))
		return -EBADMSG;
	path[have] = '\0';
	*ret = STEAL(path);
	return 0;
}

/* The symbol of one record: -ENODATA when it is another one. */
static int try_symbol(struct object *o, const uint8_t *record, char **ret)
{
	const uint32_t n = get_le32(record), at = get_le32(record + 4);
	const uint8_t *name;
	int err;

	if (n <= PREFIX_LEN || n > GOOBJ_MAX_NAME)
		return -ENODATA;
	err = read_name(o, at, PREFIX_LEN, &name);
	if (err)
		return err;
	return name && is_prefix(name) ? copy_package(o, at, n, ret) : -ENODATA;
}

static int try_symbols(struct object *o, const uint8_t *records, size_t cnt, char **ret)
{
	int err = -ENODATA;
	size_t i;

	for (i = 0; i < cnt && err == -ENODATA; i++)
		err = try_symbol(o, records + i * o->format->size, ret);
	return err;
}

int goobj__package(int fd, uint64_t off, char **ret)
{
	__free_mem uint8_t *chunk = malloc(TABLE_CHUNK);
	struct object o = { .fd = fd, .off = off };
	size_t cnt, step, left, n;
	uint64_t at;
	int err;

	if (!chunk)
		return -ENOMEM;
	err = read_header(&o);
	if (err)
		return err;
	left = (o.end - o.begin) / o.format->size;
	left = left < GOOBJ_MAX_SYMBOLS ? left : GOOBJ_MAX_SYMBOLS;
	step = TABLE_CHUNK / o.format->size;
	for (at = off + o.begin; left; left -= cnt, at += cnt * o.format->size) {
		err = file__read_at(fd, at, chunk, (left < step ? left : step) * o.format->size, &n);
		if (err)
			return err;
		cnt = n / o.format->size;
		if (!cnt)
			return -EBADMSG;
		err = try_symbols(&o, chunk, cnt, ret);
		if (err != -ENODATA)
			return err;
	}
	return -ENODATA;
}

/* --- what it imports --- */

/* The name of one record of the table, and what ends it. */
static int add_import(struct object *o, const uint8_t *record, struct str *out)
{
	const uint32_t n = get_le32(record), at = get_le32(record + 4);
	const uint8_t *name;
	int err;

	if (!n || n > sizeof(o->window))
		return n ? -ENODATA : -EBADMSG;
	err = read_name(o, at, n, &name);
	if (err)
		return err;
	if (!name || memchr(name, '\0', n))
		return -EBADMSG;
	str__add(out, (const char *)name, n);
	str__addc(out, '\0');
	return 0;
}

int goobj__imports(int fd, uint64_t off, struct str *out)
{
	struct object o = { .fd = fd, .off = off };
	__free_mem uint8_t *table = NULL;
	size_t len, have;
	int err = read_header(&o);

	if (err)
		return err;
	len = o.imports_end - o.imports;
	if (o.imports_end < o.imports || len % IMPORT_SIZE)
		return -EBADMSG;
	if (len / IMPORT_SIZE > GOOBJ_MAX_IMPORTS)
		return -ENODATA;
	table = malloc(len + 1);
	if (!table)
		return -ENOMEM;
	err = file__read_at(fd, off + o.imports, table, len, &have);
	if (!err && have < len)
		err = -EBADMSG;
	for (size_t i = 0; i < len && !err; i += IMPORT_SIZE)
		err = add_import(&o, table + i, out);
	return err ?: str__err(out);
}
