/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Go's build cache: what a path in it is, what an entry says, and how build IDs name entries. */
#include <errno.h>
#include <sha2.h>
#include <string.h>

#include "golang/gocache.h"
#include "util/path.h"
#include "util/str.h"

#define BUILD_ID_LEN 20	/* characters of one element: 15 bytes in base64url */
#define ENTRY_MIN (3 + GOCACHE_ID_LEN + 2)	/* "XX/<64 hex>-a" */

static bool is_hex(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
			return false;
	return true;
}

static const struct {
	const char *name;
	enum gocache_kind kind;
} known_files[] = {
	{ "README",	    GOCACHE_README },
	{ "trim.txt",	    GOCACHE_TRIM },
	{ "testexpire.txt", GOCACHE_TESTEXPIRE },
	{ "fuzz",	    GOCACHE_FUZZ },
};

/* rest: "XX/<64 hex>-a", "XX/<64 hex>-d" or "XX/<64 hex>-d/name". */
static bool parse_entry_name(const char *rest, struct gocache_path *ret)
{
	const char *id = rest + 3, *end = id + GOCACHE_ID_LEN;

	if (strnlen(rest, ENTRY_MIN) < ENTRY_MIN || rest[2] != '/' ||
	    !is_hex(id, GOCACHE_ID_LEN) || memcmp(rest, id, 2) || end[0] != '-')
		return false;
	if (end[1] == 'a' && !end[2])
		ret->kind = GOCACHE_ACTION;
	else if (end[1] == 'd' && !end[2])
		ret->kind = GOCACHE_DATA;
	else if (end[1] == 'd' && end[2] == '/' && end[3] && !strchr(end + 3, '/'))
		ret->kind = GOCACHE_EXECUTABLE;
	else
		return false;
	memcpy(ret->id, id, GOCACHE_ID_LEN);
	ret->id[GOCACHE_ID_LEN] = '\0';
	ret->name = ret->kind == GOCACHE_EXECUTABLE ? end + 3 : NULL;
	return true;
}

static enum gocache_kind known_kind(const char *rest)
{
	size_t i, n = strcspn(rest, "/");

	if (n == 2 && is_hex(rest, 2) && !rest[2])
		return GOCACHE_SUBDIR;
	for (i = 0; i < ARRAY_SIZE(known_files); i++)
		if (strlen(known_files[i].name) == n && !memcmp(rest, known_files[i].name, n) &&
		    (!rest[n] || known_files[i].kind == GOCACHE_FUZZ))
			return known_files[i].kind;
	return GOCACHE_OTHER;
}

int gocache__classify(const char *root, const char *path, struct gocache_path *ret)
{
	struct gocache_path p = {};

	path = path__below(root, path);
	if (!path)
		return -ENOENT;
	if (!*path)
		p.kind = GOCACHE_ROOT;
	else if (!parse_entry_name(path, &p))
		p.kind = known_kind(path);
	*ret = p;
	return 0;
}

bool gocache__guess(const char *path, struct gocache_path *ret, size_t *ret_root_len)
{
	struct gocache_path p = {};
	size_t n = strlen(path);
	const char *slash;

	/* An entry's name is near the end: only the last slashes that leave room can precede it. */
	if (n < ENTRY_MIN)
		return false;
	for (slash = path + n - ENTRY_MIN; slash > path; slash--) {
		if (slash[-1] != '/' || !parse_entry_name(slash, &p))
			continue;
		*ret = p;
		*ret_root_len = slash - 1 - path;
		return true;
	}
	return false;
}

bool gocache__is_action(const char *path, size_t n)
{
	const char *name;

	if (n < GOCACHE_ID_LEN + 6 || memcmp(path + n - 2, "-a", 2))
		return false;
	name = path + n - (GOCACHE_ID_LEN + 2);
	return name[-1] == '/' && name[-4] == '/' && !memcmp(name - 3, name, 2) &&
	       is_hex(name, GOCACHE_ID_LEN);
}

/* A decimal number right-aligned in 20 columns. */
static bool parse_number(const char *s, int64_t *ret)
{
	int64_t v = 0;
	int i = 0;

	while (i < 19 && s[i] == ' ')
		i++;
	for (; i < 20; i++) {
		if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, s[i] - '0', &v))
			return false;
	}
	*ret = v;
	return true;
}

int gocache__parse_entry(const char *text, size_t n, struct gocache_entry *ret)
{
	const size_t output_at = 3 + GOCACHE_ID_LEN + 1, size_at = output_at + GOCACHE_ID_LEN + 1;
	const size_t time_at = size_at + 20 + 1;
	struct gocache_entry e;
	int64_t size;

	if (n != GOCACHE_ENTRY_LEN || memcmp(text, "v1 ", 3) || !is_hex(text + 3, GOCACHE_ID_LEN) ||
	    text[output_at - 1] != ' ' || !is_hex(text + output_at, GOCACHE_ID_LEN) ||
	    text[size_at - 1] != ' ' || text[time_at - 1] != ' ' || text[n - 1] != '\n' ||
	    !parse_number(text + size_at, &size) || !parse_number(text + time_at, &e.time))
		return -EBADMSG;
	memcpy(e.action, text + 3, GOCACHE_ID_LEN);
	memcpy(e.output, text + output_at, GOCACHE_ID_LEN);
	e.action[GOCACHE_ID_LEN] = e.output[GOCACHE_ID_LEN] = '\0';
	e.size = size;
	*ret = e;
	return 0;
}

static int base64url(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int gocache__action_prefix(const char *build_id, char ret[GOCACHE_PREFIX_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	char out[GOCACHE_PREFIX_LEN + 1];
	unsigned int bits = 0, have = 0;
	size_t i, k = 0;
	int v;

	if (strcspn(build_id, "/") != BUILD_ID_LEN)
		return -EINVAL;
	for (i = 0; i < BUILD_ID_LEN; i++) {
		v = base64url(build_id[i]);
		if (v < 0)
			return -EINVAL;
		bits = (bits << 6 | v) & 0xfff;
		for (have += 6; have >= 4; have -= 4)
			out[k++] = hex[bits >> (have - 4) & 15];
	}
	out[k] = '\0';
	memcpy(ret, out, sizeof(out));
	return 0;
}

void gocache__subkey(const uint8_t *action, const char *desc, uint8_t *ret)
{
	SHA2_CTX hash;

	SHA256Init(&hash);
	SHA256Update(&hash, (const uint8_t *)"subkey:", strlen("subkey:"));
	SHA256Update(&hash, action, GOCACHE_ID_SZ);
	SHA256Update(&hash, (const uint8_t *)desc, strlen(desc));
	SHA256Final(ret, &hash);
}

void gocache__test_key(const char *version, const char *link, const char *args, uint8_t *ret)
{
	/* Experiments are no part of it: "go1.22.12 X:nocoverageredesign". */
	const char *experiments = strstr(version, " X:");
	const char *const rest[] = { "test binary ", link, " args [", args, "] execcmd []" };
	SHA2_CTX hash;

	SHA256Init(&hash);
	SHA256Update(&hash, (const uint8_t *)version,
		     experiments ? (size_t)(experiments - version) : strlen(version));
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		SHA256Update(&hash, (const uint8_t *)rest[i], strlen(rest[i]));
	SHA256Final(ret, &hash);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool gocache__bytes(const char *hex, size_t n, uint8_t *ret)
{
	if (strnlen(hex, 2 * n) < 2 * n || !is_hex(hex, 2 * n))
		return false;
	for (size_t i = 0; i < n; i++)
		ret[i] = hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]);
	return true;
}

const char *build_id__element(const char *build_id, unsigned int i, size_t *ret_n)
{
	for (; i; i--) {
		build_id = strchr(build_id, '/');
		if (!build_id)
			return NULL;
		build_id++;
	}
	*ret_n = strcspn(build_id, "/");
	return build_id;
}

enum gocache_content gocache__content(const void *bytes, size_t n)
{
	static const struct {
		const char *magic;
		enum gocache_content content;
	} magics[] = {
		{ "!<arch>\n",	 GOCACHE_CONTENT_ARCHIVE },
		{ "go index v",	 GOCACHE_CONTENT_INDEX },
		{ "\x7f" "ELF",	 GOCACHE_CONTENT_ELF },
		{ "# test log\n",	 GOCACHE_CONTENT_TEST_LOG },
	};
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(magics); i++) {
		len = strlen(magics[i].magic);
		if (n >= len && !memcmp(bytes, magics[i].magic, len))
			return magics[i].content;
	}
	if ((n == 4 && !memcmp(bytes, "true", n)) || (n == 5 && !memcmp(bytes, "false", n)))
		return GOCACHE_CONTENT_CC_FLAG;
	/* "/usr/bin/gcc\0stat {…}\0…": files, what stat says of them, and a hash */
	if (n && *(const char *)bytes == '/' && memmem(bytes, n, "\0stat ", 6))
		return GOCACHE_CONTENT_CC;
	return GOCACHE_CONTENT_OTHER;
}

/* An import path that stands at the start of the n bytes, up to one of those that may follow. */
static const char *import_path(const char *s, size_t n, const char *ends, size_t *ret_n)
{
	size_t len = 0;

	while (len < n && (unsigned char)s[len] > ' ' && s[len] != 0x7f)
		len++;
	if (!len || len == n || !s[len] || !strchr(ends, s[len]))
		return NULL;
	*ret_n = len;
	return s;
}

const char *gocache__tool_package(const char *bytes, size_t n, size_t *ret_n)
{
	/* "# a [a.test]": a, compiled anew for its own test */
	if (n <= 2 || memcmp(bytes, "# ", 2))
		return NULL;
	return import_path(bytes + 2, n - 2, " \n", ret_n);
}

const char *gocache__test_package(const char *bytes, size_t n, size_t *ret_n)
{
	static const char ok[] = "ok  \t";
	const char *at;

	if (!n || bytes[n - 1] != '\n')
		return NULL;
	at = n > 1 ? memrchr(bytes, '\n', n - 1) : NULL;
	at = at ? at + 1 : bytes;
	n -= at - bytes;
	if (n <= strlen(ok) || memcmp(at, ok, strlen(ok)))
		return NULL;
	return import_path(at + strlen(ok), n - strlen(ok), "\t", ret_n);
}
