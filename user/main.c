/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf: finds the verb and lets it work. */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "util/str.h"

static bool is_help(const char *arg)
{
	return str_eq(arg, "-h") || str_eq(arg, "--help");
}

/* Without a verb, goenvbpf watches; what people try first is understood, too. */
static const char *verb_name(const char *first)
{
	if (!first)
		return "watch";
	if (is_help(first))
		return "help";
	if (str_eq(first, "-V") || str_eq(first, "--version"))
		return "version";
	return first[0] == '-' ? "watch" : first;
}

/*
 * A caller may have closed some of 0 to 2: what we open must not take their place, or words for
 * people end up in a record. A command that we start finds them closed, as its caller meant.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	const char *name = verb_name(argc > 1 ? argv[1] : NULL);
	const struct verb *verb = verb__find(name);
	/* The verb's name may be missing from the command line, never from what the verb gets. */
	int skip = argc > 1 && (argv[1][0] != '-' || verb == &verb_help || verb == &verb_version);

	fill_standard_descriptors();
	if (!verb)
		return verb__unknown(name);
	if (argc > 0)
		argv[skip] = (char *)verb->name;
	return verb__run(verb, argc - skip, argv + skip);
}
