/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any file as an output of the build cache, and as an entry. */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "golang/archive.h"
#include "golang/gocache.h"
#include "golang/modindex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	const char *text = (const char *)data;
	size_t len;
	struct gocache_entry e;
	char dir[MODINDEX_MAX_DIR];
	struct go_archive a;

	sink += gocache__content(data, n) + !gocache__parse_entry((const char *)data, n, &e);
	if (gocache__tool_package(text, n, &len))
		sink += text[2 + len];
	if (gocache__test_package(text, n, &len))
		sink += len;
	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(fd, 0) || pwrite(fd, data, n, 0) != (ssize_t)n)
		return 0;
	if (!modindex__read_dir(fd, dir))
		sink += strlen(dir);
	if (archive__read_fd(fd, &a))
		return 0;
	sink += strlen(a.goos) + strlen(a.version) + (a.package ? strlen(a.package) : 0);
	archive__free(&a);
	return 0;
}
