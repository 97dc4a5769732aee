/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who called, and how to become root. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/hooks.h"
#include "cmd/caller.h"
#include "cmd/cmd.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/privileges.h"

static int number(const char *name, unsigned int *ret)
{
	const char *text = getenv(name);
	unsigned long v;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || *end || v >= (uid_t)-1)
		return -EINVAL;
	*ret = v;
	return 0;
}

int caller__get(struct caller *ret)
{
	const char *name = getenv("SUDO_USER");
	struct passwd *pw;

	*ret = (struct caller){ .uid = (uid_t)-1, .gid = (gid_t)-1 };
	/* Somebody else's variable could say anything: it counts only for root. */
	if (geteuid() || !getenv("SUDO_UID"))
		return 0;
	if (number("SUDO_UID", &ret->uid) || number("SUDO_GID", &ret->gid) || !name || !*name)
		return -EINVAL;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	pw = getpwuid(ret->uid);
	if (pw)
		snprintf(ret->home, sizeof(ret->home), "%s", pw->pw_dir);
	/* Root itself may call sudo; there is nothing to give back then. */
	if (!ret->uid)
		return 0;
	ret->is_other = true;
	return identity__of_user(ret->name, ret->uid, ret->gid, &ret->identity);
}

void caller__free(struct caller *c)
{
	identity__free(&c->identity);
}

int caller__give_up_privileges(void)
{
	struct caller c;
	int err;

	if (caller__get(&c))
		return -EINVAL;
	if (c.is_other)
		err = privileges__become(&c.identity);
	else
		err = privileges__keep(geteuid() ? 0 : CAP_BIT(CAP_DAC_READ_SEARCH));
	caller__free(&c);
	return err ?: privileges__no_new();
}

const char *caller__elevator(void)
{
	static const char *const programs[] = { "/usr/bin/sudo", "/usr/local/bin/sudo", "/bin/sudo" };
	size_t i;

	if (privileges__are_enough())
		return "";
	for (i = 0; i < ARRAY_SIZE(programs); i++)
		if (!access(programs[i], X_OK))
			return programs[i];
	return NULL;
}

bool caller__is_privileged(void)
{
	return privileges__are_enough();
}

int caller__elevate(char **argv)
{
	const char *sudo = caller__elevator();
	__free_mem char **args = NULL;
	char self[4096];
	ssize_t n;
	int i;

	if (!sudo) {
		log_error("observing needs root (or CAP_BPF and CAP_PERFMON), and there is no sudo to "
			  "get it: call goenvbpf as root");
		return EXIT_FAILED;
	}
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return EXIT_FAILED;
	self[n] = '\0';
	for (i = 0; argv[i]; i++)
		;
	args = calloc(i + 4, sizeof(*args));
	if (!args)
		return EXIT_FAILED;
	args[0] = "sudo";
	args[1] = "--";
	args[2] = self;
	for (i = 0; argv[i]; i++)
		args[i + 3] = argv[i];
	execv(sudo, args);
	log_error("cannot start '%s' (%m)", sudo);
	return EXIT_FAILED;
}
