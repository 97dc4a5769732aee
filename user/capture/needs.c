/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which capabilities an observer needs. */
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "capture/needs.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/privileges.h"

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif

#define BY(who) (1u << NEEDS_##who)

static const struct need {
	unsigned int cap;
	const char *name;
	unsigned int who;
	const char *without;	/* NULL: nothing that is not said elsewhere */
	bool is_to_adopt;	/* it only matters for what already runs */
	bool is_of_root;	/* who is not root can do without */
} needs[] = {
	{ CAP_BPF, "CAP_BPF", BY(RING) | BY(WAITING) },
	{ CAP_PERFMON, "CAP_PERFMON", BY(WAITING) },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", BY(INSPECTOR),
	  "programs that end within a millisecond may be recorded without their build information" },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", BY(RING) | BY(INSPECTOR) | BY(EARLY),
	  "what other users' processes that already run were started with is not known, and Go programs "
	  "among them are left out", .is_to_adopt = true },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", BY(RING) | BY(INSPECTOR) | BY(EARLY),
	  "files that only other users may read, and what their processes were started with, stay "
	  "without text", .is_of_root = true },
	{ CAP_SETUID, "CAP_SETUID", BY(INSPECTOR) | BY(EARLY) | BY(WAITING),
	  "files that other users' processes open stay without text", .is_of_root = true },
	{ CAP_SETGID, "CAP_SETGID", BY(INSPECTOR) | BY(EARLY) | BY(WAITING),
	  "files that other users' processes open stay without text", .is_of_root = true },
	{ CAP_SYS_NICE, "CAP_SYS_NICE", BY(INSPECTOR) | BY(WAITING),
	  "the observer does not yield to what it observes" },
	{ CAP_FOWNER, "CAP_FOWNER", BY(INSPECTOR) | BY(EARLY) | BY(WAITING),
	  "reading configuration changes its access time", .is_of_root = true },
	{ CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", BY(WAITING) },	/* root's record in others' folders */
	{ CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", 0 },	/* locked memory, to load before 5.11 */
};

/* What stands in for CAP_BPF where that is not given, as by older container engines. */
static uint64_t instead(void)
{
	return privileges__have(CAP_BPF) ? 0 : CAP_BIT(CAP_SYS_ADMIN);
}

static uint64_t caps_of(enum needs_of who)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if (who == NEEDS_ALL || needs[i].who & 1u << who)
			caps |= CAP_BIT(needs[i].cap);
	return caps | (caps & CAP_BIT(CAP_BPF) ? instead() : 0);
}

int needs__begin(void)
{
	int err = privileges__no_new() ?: privileges__keep(caps_of(NEEDS_ALL));

	errno = -err;
	if (err)
		log_error("cannot give up privileges (%m)");
	return err;
}

void needs__keep(enum needs_of who)
{
	(void)privileges__keep(caps_of(who));	/* what can fail has failed in needs__begin() */
}

bool needs__next_missing(unsigned int *i, bool adopts, struct need_missing *ret)
{
	bool is_root = !geteuid();

	while (*i < ARRAY_SIZE(needs)) {
		const struct need *n = &needs[(*i)++];

		if (!n->without || (n->is_to_adopt && !adopts) || (n->is_of_root && !is_root) ||
		    privileges__have(n->cap))
			continue;
		*ret = (struct need_missing){ n->name, n->without };
		return true;
	}
	return false;
}

void needs__tell_missing(bool adopts)
{
	struct need_missing m;

	for (unsigned int i = 0; needs__next_missing(&i, adopts, &m);)
		log_warn("there is no %s: %s", m.name, m.without);
}
