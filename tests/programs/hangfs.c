// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hangfs MOUNTPOINT NAME CONTENT PROGRAM: a file system of one directory with one file, whose server
 * never answers when a program of that name reads the file. It ends when it is unmounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT 1
#define FILE_ID 2
#define MTIME 1700000000

static char buf[1 << 20], content[64 << 20];
static size_t size;
static int fd;

static void answer(const struct fuse_in_header *in, int err, const void *data, size_t n)
{
	struct fuse_out_header *out = malloc(sizeof(*out) + n);

	*out = (struct fuse_out_header){ .len = sizeof(*out) + n, .error = -err, .unique = in->unique };
	if (n)
		memcpy(out + 1, data, n);
	if (write(fd, out, out->len) < 0 && errno != ENOENT)
		perror("hangfs: answer");
	free(out);
}

static struct fuse_attr attr_of(uint64_t id)
{
	return (struct fuse_attr){
		.ino = id, .mode = id == ROOT ? S_IFDIR | 0755 : S_IFREG | 0755, .nlink = 1,
		.size = id == ROOT ? 0 : size, .blksize = 4096, .mtime = MTIME, .ctime = MTIME,
	};
}

static int is_by(uint32_t tid, const char *program)
{
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", tid);
	f = fopen(path, "r");
	if (!f || !fgets(comm, sizeof(comm), f))
		return 0;
	fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	return !strcmp(comm, program);
}

static void serve(const struct fuse_in_header *in, const void *arg, char **argv)
{
	const struct fuse_read_in *r = arg;
	const struct fuse_init_in *asked = arg;
	struct fuse_init_out init = { .major = 7, .minor = 31, .max_write = 131072 };
	struct fuse_entry_out entry = { .nodeid = FILE_ID, .attr_valid = 60, .entry_valid = 60 };
	struct fuse_attr_out attr = { .attr_valid = 60 };
	struct fuse_open_out opened = { .fh = 1, .open_flags = FOPEN_DIRECT_IO };

	switch (in->opcode) {
	case FUSE_INIT:
		init.max_readahead = asked->max_readahead;
		return answer(in, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		entry.attr = attr_of(FILE_ID);
		return strcmp(arg, argv[2]) ? answer(in, ENOENT, NULL, 0) :
					      answer(in, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
		attr.attr = attr_of(in->nodeid);
		return answer(in, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		return answer(in, 0, &opened, sizeof(opened));
	case FUSE_READ:
		if (is_by(in->pid, argv[4]))
			return;
		if (r->offset >= size)
			return answer(in, 0, NULL, 0);
		return answer(in, 0, content + r->offset, r->size < size - r->offset ? r->size :
			      size - r->offset);
	case FUSE_STATFS:
		return answer(in, 0, &(struct fuse_statfs_out){ .st = { .bsize = 4096 } },
			      sizeof(struct fuse_statfs_out));
	case FUSE_FLUSH:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		return answer(in, 0, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		return answer(in, ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	char opts[128];
	FILE *f;

	f = argc == 5 ? fopen(argv[3], "r") : NULL;
	if (!f)
		return fprintf(stderr, "usage: hangfs MOUNTPOINT NAME CONTENT PROGRAM\n"), 2;
	size = fread(content, 1, sizeof(content), f);
	fd = open("/dev/fuse", O_RDWR);
	snprintf(opts, sizeof(opts), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (fd < 0 || mount("hangfs", argv[1], "fuse.hangfs", 0, opts))
		return perror("hangfs: mount"), 1;
	printf("mounted\n");
	fflush(stdout);
	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == ENODEV)
			return 0;
		if (n > 0)
			serve((void *)buf, buf + sizeof(struct fuse_in_header), argv);
	}
}
