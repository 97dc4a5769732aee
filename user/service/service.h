/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_SERVICE_SERVICE_H
#define GOENVBPF_SERVICE_SERVICE_H
/*
 * The service: it knows who comes, which jobs there are, and lets workers do the rest, a process for each
 * session. Of what a client sends it reads nothing; it opens no record, and uses no program in the kernel, but
 * keeps those of one worker for another. So what goes wrong in one session, or is made to go wrong, is the end
 * of that one alone.
 *
 * A worker has loaded its programs, or made used ones as new, before it is needed (its start is what a client would
 * wait for), and ends with its session. Lifecycle of one: READY → CLIENT or JOB → BEGIN, if it is a job → FOLLOWING → STOP, or
 * its end by itself → END; see message.h.
 */
#include "service/config.h"
#include "service/metrics.h"

struct service_opts {
	const char *config_path;	/* read again at SIGHUP; NULL: the usual one */
	/* The process of a worker: does what it is told over control and gives an exit status. */
	work_fn work;
	figures_fn tell_figures;	/* for the file of metrics */
};

/* Until SIGTERM or SIGINT; config is the caller's and changes at SIGHUP. 0, or -errno having said why. */
int service__run(const struct service_opts *opts, struct config *config);

#endif
