/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verbs: the only list of them. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "util/log.h"
#include "util/str.h"

/* In the order of help. */
static const struct verb *const verbs[] = {
	&verb_watch,
	&verb_run,
	&verb_attach,
	&verb_report,
	&verb_timeline,
	&verb_env,
	&verb_buildinfo,
	&verb_doctor,
	&verb_schema,
	&verb_version,
	&verb_help,
	&verb_observe,
	NULL,
};

const struct verb *const *verb__all(void)
{
	return verbs;
}

const struct verb *verb__find(const char *name)
{
	for (const struct verb *const *v = verbs; *v; v++)
		if (str_eq((*v)->name, name))
			return *v;
	return NULL;
}

#define MAX_NAME 32

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Characters to change, insert, remove or swap with their neighbour to make b from a. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), d[MAX_NAME + 1][MAX_NAME + 1];

	if (n > MAX_NAME || m > MAX_NAME)
		return MAX_NAME;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[n][m];
}

static const struct verb *nearest(const char *name)
{
	const struct verb *best = NULL;
	size_t best_distance = 3, d;	/* further away it is another word, not a slip */

	for (const struct verb *const *v = verbs; *v; v++) {
		d = distance(name, (*v)->name);
		/* "time" for timeline */
		if (strlen(name) >= 3 && str_has_prefix((*v)->name, name))
			d = 0;
		if (d < best_distance && d < strlen((*v)->name)) {
			best = *v;
			best_distance = d;
		}
	}
	return best;
}

int verb__unknown(const char *name)
{
	const struct verb *v = nearest(name);

	if (v)
		log_error("'%s' is not a verb of goenvbpf; did you mean '%s'? "
			  "'goenvbpf help' lists all verbs", name, v->name);
	else
		log_error("'%s' is not a verb of goenvbpf; 'goenvbpf help' lists all verbs", name);
	return EXIT_USAGE;
}

int cannot_read(const char *record, int err)
{
	if (err == -EINVAL)
		log_error("'%s' is not a record of goenvbpf: its first line is no header", record);
	else if (err == -ENODATA)
		log_error("'%s' is not a record: it is empty, or ends within its first line", record);
	else
		log_error("cannot read the record '%s': %s", record, strerror(-err));
	return EXIT_FAILED;
}

int option_error(const struct verb *verb, int found, char **argv)
{
	const char *option = argv[optind - 1];

	if (found == ':')
		return usage_error(verb, "option '%s' needs a value", option);
	return usage_error(verb, "'%s' is not an option that it knows", option);
}

int usage_error(const struct verb *verb, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);	/* a message that is too long is cut */
	va_end(ap);
	if (verb)
		log_error("%s: %s; see 'goenvbpf help %s'", verb->name, text, verb->name);
	else
		log_error("%s; see 'goenvbpf help'", text);
	return EXIT_USAGE;
}
