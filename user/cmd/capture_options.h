/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CMD_CAPTURE_OPTIONS_H
#define GOENVBPF_CMD_CAPTURE_OPTIONS_H
/*
 * The options that run, attach and watching share: parsed once, read only then.
 */
#include "capture/capture.h"
#include "cmd/cmd.h"

#define TAGS_MAX 64

struct capture_options {
	const char *output;	/* -o, NULL: none */
	bool force;
	bool timeline;
	bool all;
	bool net;
	bool strict;
	bool quiet;
	bool verbose;
	const char *hooks;
	const char *ring;	/* as given */
	uint64_t ring_size;	/* 0: the default */
	struct capture_tag tags[TAGS_MAX];
	size_t tag_cnt;
	/* attach, observe */
	long pid;		/* 0: none */
	const char *cgroup;
};

/* The part of "help VERB" that describes them. */
extern const char capture_options_help[];

/*
 * Parses up to the first word that is no option, or behind "--"; *ret_next is its index. Returns 0 or
 * an exit status after having said what is wrong.
 */
int capture_options__parse(const struct verb *verb, int argc, char **argv,
			   struct capture_options *ret, int *ret_next);

#endif
