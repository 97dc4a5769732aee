/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an entry of the build cache points at. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/cache_output.h"
#include "golang/archive.h"
#include "golang/modindex.h"
#include "util/str.h"

#define HEAD_LEN 256
#define PACKAGE_MAX 4096	/* of what is read to find a package's name in a text */

static const char *const contents[] = {
	[GOCACHE_CONTENT_OTHER]    = "other",
	[GOCACHE_CONTENT_ARCHIVE]  = "archive",
	[GOCACHE_CONTENT_INDEX]    = "index",
	[GOCACHE_CONTENT_ELF]      = "elf",
	[GOCACHE_CONTENT_TEST_LOG] = "test_log",
	[GOCACHE_CONTENT_CC]       = "cc",
	[GOCACHE_CONTENT_CC_FLAG]  = "cc_flag",
	[GOCACHE_CONTENT_TOOL_OUTPUT] = "tool_output",
	[GOCACHE_CONTENT_TEST_OUTPUT] = "test_output",
};

static void add_string(struct line *line, const char *key, const char *s)
{
	if (s)
		line__bytes(line, key, s, strlen(s));
}

static void add_imports(struct line *line, const struct str *paths)
{
	__free_str struct str text = {};
	struct json j;

	json__init(&j, &text);
	json__arr(&j);
	for (size_t at = 0; at < paths->len; at += strlen(paths->s + at) + 1)
		line__element(line, &j, paths->s + at);
	json__end(&j);
	if (!str__err(&text))
		line__raw(line, "imports", text.s, text.len);
}

static void add_archive(struct line *line, int fd)
{
	__free_archive struct go_archive a = {};

	if (archive__read_fd(fd, &a)) {
		line__incomplete(line, "package");
		return;
	}
	add_string(line, "package", a.package);
	add_string(line, "build_id", a.build_id);
	add_string(line, "go", a.version);
	add_string(line, "cc", a.cc);
	if (a.has_imports)
		add_imports(line, &a.imports);
}

static void add_index(struct line *line, int fd)
{
	char dir[MODINDEX_MAX_DIR];

	if (!modindex__read_dir(fd, dir))
		add_string(line, "dir", dir);
}

/* Adds the content when the text names a package: at its end, or else at its start. */
static bool add_text(struct line *line, int fd, uint64_t size)
{
	enum gocache_content content = GOCACHE_CONTENT_TEST_OUTPUT;
	size_t len = size < PACKAGE_MAX ? size : PACKAGE_MAX, n;
	char buf[PACKAGE_MAX];
	const char *package;

	if (!len || pread(fd, buf, len, size - len) != (ssize_t)len)
		return false;
	package = gocache__test_package(buf, len, &n);
	if (!package && (len == size || pread(fd, buf, len, 0) == (ssize_t)len)) {
		content = GOCACHE_CONTENT_TOOL_OUTPUT;
		package = gocache__tool_package(buf, len, &n);
	}
	if (!package)
		return false;
	line__str(line, "content", contents[content]);
	line__bytes(line, "package", package, n);
	return true;
}

void cache_output__add(struct line *line, int fd, const struct gocache_entry *e)
{
	enum gocache_content content;
	char head[HEAD_LEN];
	struct stat st;
	ssize_t n;

	if (fd == -ENOENT)
		line__str(line, "broken", "absent");
	if (fd == -EISDIR)	/* of one executable: go run, go tool */
		line__str(line, "content", contents[GOCACHE_CONTENT_ELF]);
	if (fd < 0 || fstat(fd, &st))
		return;
	if ((uint64_t)st.st_size != e->size) {
		line__str(line, "broken", "size");
		return;
	}
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		return;
	content = gocache__content(head, n);
	if (content == GOCACHE_CONTENT_OTHER && add_text(line, fd, e->size))
		return;
	line__str(line, "content", contents[content]);
	if (content == GOCACHE_CONTENT_ARCHIVE)
		add_archive(line, fd);
	else if (content == GOCACHE_CONTENT_INDEX)
		add_index(line, fd);
}
