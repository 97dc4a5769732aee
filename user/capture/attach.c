/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs are hooked in, and run, by what their section says, whoever has loaded them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "capture/programs.h"
#include "util/file.h"

/* target: "sched/sched_process_exit" */
static int read_event_id(const char *target, uint64_t *ret)
{
	const char *tracefs = host__tracefs();
	__free_str struct str text = {};
	char path[128], *end;
	int err;

	if (!tracefs)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/events/%s/id", tracefs, target);
	err = file__read(path, 32, &text);
	if (err || !text.len)
		return err ?: -ENOENT;
	errno = 0;
	*ret = strtoull(text.s, &end, 10);
	return errno || end == text.s ? -EINVAL : 0;
}

/* A link (since 5.15) would do the same. The program is with one CPU's event and runs on all. */
static int attach_classic(int fd, const char *target)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	__close_fd int event = -1;
	uint64_t id = 0;
	int err = read_event_id(target, &id);

	if (err)
		return err;
	attr.config = id;
	event = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, fd) || ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return steal_fd(&event);
}

int program__attach(struct program *p)
{
	const char *target = strchr(p->section, '/');
	int fd;

	if (p->type == BPF_PROG_TYPE_TRACEPOINT)
		fd = target ? attach_classic(p->fd, target + 1) : -EINVAL;
	else if (p->type == BPF_PROG_TYPE_RAW_TRACEPOINT)
		fd = target ? bpf_raw_tracepoint_open(target + 1, p->fd) : -EINVAL;
	else
		fd = bpf_link_create(p->fd, 0, p->attach_type, NULL);
	if (fd < 0)
		return fd;
	p->link_fd = fd;
	return 0;
}

void program__detach(struct program *p)
{
	close_fd_cleanup(&p->link_fd);
	p->link_fd = -1;
}

/* Reading the iterator to its end is what runs it over all tasks; it writes nothing. */
int programs__iterate(struct programs *all)
{
	struct program *p = all->list, *end = p + all->cnt;
	__close_fd int fd = -1;
	char buf[64];
	int err;

	while (p < end && p->hook != HOOK_ADOPT)
		p++;
	if (p == end)
		return -ENOTSUP;
	err = program__attach(p);
	if (err)
		return err;
	fd = bpf_iter_create(p->link_fd);
	if (fd < 0)
		err = fd;
	while (!err && read(fd, buf, sizeof(buf)) > 0)
		;
	program__detach(p);
	return err;
}

uint64_t program__missed(const struct program *p)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(p->fd, &info, &len) ? 0 : info.recursion_misses - p->missed;
}
