/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_CONFIG_H
#define GOENVBPF_SERVICE_CONFIG_H
/*
 * What a service is told by its administrator: lines "KEY = VALUE"; '#' begins a comment. The keys are rows
 * of an option table, from which reading, errors and the manual come.
 *
 * Lifecycle: config__read() → read the fields → config__free().
 */
#include <stdio.h>

#include "util/options.h"

#define CONFIG_FILE "/etc/goenvbpf.conf"
#define CONFIG_SOCKET "/run/goenvbpf/socket"
#define CONFIG_RECORDS "/var/lib/goenvbpf"

struct config {
	const char *socket, *group, *records, *state;
	const char *watch_word;		/* yes, no */
	bool watch;
	struct texts cgroups;		/* folders, patterns among them */
	struct texts tags, require_tags;
	uint64_t record_max, total_max;		/* bytes, 0: any */
	uint64_t age_max;			/* days, 0: any */
	uint64_t sessions, user_sessions;
	const char *metrics;		/* a file, NULL: none */
	struct str text;		/* what the rest points into */
};

extern const struct option_group config_group;

/*
 * path NULL: CONFIG_FILE, which need not be there. -errno with a sentence in why, which names file and line;
 * what is not set has its default.
 */
int config__read(const char *path, struct config *ret, struct str *why);
void config__free(struct config *c);

#endif
