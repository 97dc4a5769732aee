/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this host allows an observer, as far as it says so without trying. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "capture/host.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/str.h"

bool privileges__are_enough(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	uint64_t caps;

	if (syscall(SYS_capget, &head, data))
		return false;
	caps = (uint64_t)data[1].effective << 32 | data[0].effective;
	if (caps & 1ULL << CAP_SYS_ADMIN)
		return true;
	return caps & 1ULL << CAP_BPF && caps & 1ULL << CAP_PERFMON;
}

const char *host__lockdown(void)
{
	static const char *const modes[] = { "none", "integrity", "confidentiality" };
	char text[64] = "", word[24];
	__close_file FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	size_t i;

	if (!f || !fgets(text, sizeof(text), f))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		snprintf(word, sizeof(word), "[%s]", modes[i]);
		if (strstr(text, word))
			return modes[i];
	}
	return NULL;
}

bool host__has_btf(void)
{
	return !access("/sys/kernel/btf/vmlinux", R_OK);
}

/* libbpf's own messages help with -v only: for people there is host__load_error(). */
static int __attribute__((format(printf, 2, 0)))
print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	__free_mem char *text = NULL;
	char *line, *next;

	if (log__level() < LOG_LEVEL_DEBUG)
		return 0;
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;	/* undefined then; libbpf cannot use an error */
		return 0;
	}
	/* The verifier's log comes as one message of many lines, the reason at its end. */
	for (next = text; (line = strsep(&next, "\n"));)
		if (*line)
			log_debug("%s", line);
	return 0;
}

void host__hush_libbpf(void)
{
	libbpf_set_print(print_libbpf);
}

int host__try_ring(uint64_t size)
{
	__close_fd int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, size, NULL);

	return fd < 0 ? -errno : 0;
}

int host__try_fanotify(void)
{
	__close_fd int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC, AT_FDCWD, "/"))
		return -errno;
	return 0;
}

const char *host__tracefs(void)
{
	static const char *const dirs[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/events/raw_syscalls/sys_enter/id", dirs[i]);
		if (!access(path, R_OK))
			return dirs[i];
	}
	return NULL;
}

const char *host__cgroups(void)
{
	struct statfs fs;

	if (statfs("/sys/fs/cgroup", &fs))
		return "none";
	if (fs.f_type == CGROUP2_SUPER_MAGIC)
		return "v2";
	if (!statfs("/sys/fs/cgroup/unified", &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
		return "hybrid";
	return access("/sys/fs/cgroup/memory", F_OK) ? "none" : "v1";
}

#define PROC_PID_INIT_INO 0xeffffffc	/* include/linux/proc_ns.h */

uint32_t host__pid_ns(void)
{
	struct stat ns;

	return stat("/proc/self/ns/pid", &ns) || ns.st_ino == PROC_PID_INIT_INO ? 0 : ns.st_ino;
}

/* It tells our number in its own namespace, then in those below, down to ours. */
bool host__proc_is_ours(void)
{
	__close_file FILE *f = fopen("/proc/self/status", "re");
	int first, more, n = 0;
	char line[256];

	while (f && !n && fgets(line, sizeof(line), f))
		n = str_has_prefix(line, "NSpid:") ? sscanf(line, "NSpid: %d %d", &first, &more) : 0;
	return n == 1;
}

const char *host__load_error(int err)
{
	const char *lockdown = host__lockdown();

	if (!privileges__are_enough())
		return "loading eBPF programs needs root (or CAP_BPF and CAP_PERFMON): use sudo";
	if (lockdown && str_eq(lockdown, "confidentiality"))
		return "the kernel is locked down for confidentiality, which forbids eBPF to read "
		       "kernel memory: boot with lockdown=integrity or without it";
	if (!host__has_btf())
		return "the kernel does not describe its types (/sys/kernel/btf/vmlinux is missing): "
		       "it needs CONFIG_DEBUG_INFO_BTF, as distributions have since 2020";
	if (err == -EXDEV)
		return "in a container's PID namespace processes cannot be told by the host's numbers, "
		       "which this tier and kernels before 5.13 need: start the container with "
		       "--pid=host";
	if (err == -EPERM || err == -EACCES)
		return "the kernel refuses the programs although privileges look sufficient: "
		       "run with -v to see its reason, and in a container allow bpf(2)";
	if (err == -ENOMEM)
		return "there is not enough memory, not even for a small ring";
	return "the kernel did not accept the programs: run with -v to see its reason";
}

int host__cpu_numbers(void)
{
	__close_file FILE *f = fopen("/sys/devices/system/cpu/possible", "re");
	int c, n = 0, highest = -1;

	/* "0-3,8-11" */
	while (f && (c = getc(f)) != EOF && n < INT_MAX / 10) {
		n = c >= '0' && c <= '9' ? n * 10 + c - '0' : 0;
		highest = n > highest ? n : highest;
	}
	return highest < 0 ? libbpf_num_possible_cpus() : highest + 1;
}

#define OWN_NS "/proc/self/ns/mnt"
#define FIRST_NS "/proc/1/ns/mnt"
#define FIRST_ROOT "/proc/1/root"

static uint32_t first_ns;	/* that of the first process, when we see files as it does; 0: as ourselves */

/* A root that lies in another namespace's mounts: from there on names lead through those. */
int host__enter_view(void)
{
	struct stat own, first;

	if (stat(OWN_NS, &own) || stat(FIRST_NS, &first))
		return -errno;
	if (own.st_ino == first.st_ino)
		return 0;
	if (chroot(FIRST_ROOT) || chdir("/"))
		return -errno;
	first_ns = first.st_ino;
	return 0;
}

const char *host__mountinfo(void)
{
	return first_ns ? "/proc/1/mountinfo" : "/proc/self/mountinfo";
}

const char *host__mounts(void)
{
	return first_ns ? "/proc/1/mounts" : "/proc/self/mounts";
}

uint32_t host__mnt_ns(void)
{
	struct stat st;

	if (first_ns)
		return first_ns;
	return stat(OWN_NS, &st) ? 0 : st.st_ino;
}
