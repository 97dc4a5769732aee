/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_CAPTURE_OPTIONS_H
#define GOENVBPF_CMD_CAPTURE_OPTIONS_H
/*
 * The options that run, attach and watching share: read once, read only then.
 */
#include "capture/capture.h"
#include "cmd/cmd.h"

struct capture_options {
	const char *output;	/* -o, NULL: none */
	bool force;
	bool timeline;
	bool all;
	bool net;
	bool no_hash;
	bool strict;
	bool quiet;
	bool verbose;
	const char *hooks;
	uint64_t ring;		/* bytes, 0: the default */
	struct texts tags;	/* KEY=VALUE */
	struct texts require_tags;	/* KEY */
	const char *redaction_key;	/* a file, NULL: none */
	bool wait;		/* run, attach --pid: for all that descends */
	bool status;		/* run: the status line, asked for */
	bool top;		/* watch */
	const char *texts;	/* own, all; NULL: as much as the caller may see */
	/* attach */
	struct numbers pids;
	const char *cgroup;
	/* observe */
	const char *compress;	/* NULL: not */
	const char *key;	/* of redaction, hexadecimal; NULL: none */
	/* of a service's client */
	bool no_service;	/* run, attach */
	uint64_t protocol;
	const char *task;	/* run, attach, job-start, job-stop */
	const char *job;
	bool has_record;	/* job-stop: the record is wanted */
};

extern const struct option_group capture_group;
extern const struct option_group wait_group;	/* of those that end with a process */
extern const struct option_group status_group;	/* of run */
extern const struct option_group service_group;	/* of those that a service does, too */
/* What run hands on to its observer: those that are not local, and what it makes of the others. */
extern const struct option_group *const observer_groups[];

/* Says as much as was asked for from now on. 0, or an exit status after having said what is wrong. */
int capture_options__begin(const struct verb *verb, const struct capture_options *o);

#endif
