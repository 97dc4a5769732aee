/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this host allows an observer, as far as it says so without trying. */
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/host.h"
#include "util/cleanup.h"
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
	if (err == -EPERM || err == -EACCES)
		return "the kernel refuses the programs although privileges look sufficient: "
		       "run with -v to see its reason, and in a container allow bpf(2)";
	if (err == -ENOMEM)
		return "there is not enough memory, not even for a small ring";
	return "the kernel did not accept the programs: run with -v to see its reason";
}
