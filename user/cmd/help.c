/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf help [VERB] */
#include <stdio.h>

#include "cmd/cmd.h"

static void help_overview(void)
{
	printf("goenvbpf watches Go builds and Go programs from the kernel and tells, with\n"
	       "evidence, which configuration, caches and toolchains they really used.\n\n"
	       "Verbs:\n");
	for (const struct verb *const *v = verb__all(); *v; v++)
		if (*v != &verb_observe)	/* not for people */
			printf("  %-10s %s\n", (*v)->name, (*v)->summary);
	printf("\n"
	       "Without a verb, goenvbpf watches all Go processes of this host until Ctrl-C.\n"
	       "'goenvbpf help VERB' tells more about one of them.\n\n"
	       "Exit status: 0 fine, 1 failed, 2 wrong usage, 3 inconclusive (evidence was lost);\n"
	       "run gives its command's, 128+N when signal N ended it.\n");
}

static void help_verb(const struct verb *v)
{
	printf("goenvbpf %s\n\n%s\n", v->synopsis, v->summary);
	if (v->details)
		printf("\n%s", v->details);
	if (v->more)
		printf("%s", v->more);
}

static int help(int argc, char **argv)
{
	const struct verb *v;

	if (argc > 2)
		return usage_error(&verb_help, "'%s' is one argument too many", argv[2]);
	if (argc == 2) {
		v = verb__find(argv[1]);
		if (!v)
			return verb__unknown(argv[1]);
		help_verb(v);
	} else {
		help_overview();
	}
	return fflush(stdout) ? EXIT_FAILED : EXIT_FINE;
}

const struct verb verb_help = {
	.name = "help",
	.synopsis = "help [VERB]",
	.summary = "all verbs, or one of them",
	.run = help,
};
