/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_CAPTURE_FRAME_H
#define GOENVBPF_CAPTURE_FRAME_H
/*
 * The first and the last line of a record: who observed, where and how; what came of it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "capture/capture.h"
#include "capture/decode.h"
#include "capture/hooks.h"

struct frame {
	const struct capture_opts *opts;
	const struct hooks *hooks;
	uint64_t boot_ns;		/* the record's start on the boot clock */
	bool has_descriptors;		/* of what is executed, from fanotify */
};

/* Negative errno. */
int frame__put_header(const struct frame *f);
/* status: of the command, -1: none. */
int frame__put_end(const struct frame *f, struct decoder *d, int status,
		   const struct capture_totals *t);

#endif
