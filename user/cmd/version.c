/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf version */
#include <stdio.h>

#include "cmd/cmd.h"

static int version(const struct call *call)
{
	printf("goenvbpf %s\n", GOENVBPF_VERSION);
	return fflush(stdout) ? EXIT_FAILED : EXIT_FINE;
}

const struct verb verb_version = {
	.name = "version",
	.summary = "the version of goenvbpf",
	.run = version,
};
