/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What push is told. */
#include <errno.h>

#include "push/options.h"

#define RETRIES 5
#define MAX_RETRIES 100

int push_options__retries(const struct push_options *o, unsigned int *ret)
{
	char *end;
	unsigned long n;

	if (!o->retries) {
		*ret = RETRIES;
		return 0;
	}
	n = strtoul(o->retries, &end, 10);
	if (*o->retries < '0' || *o->retries > '9' || *end || n > MAX_RETRIES)
		return -EINVAL;
	*ret = n;
	return 0;
}

static const struct option_row rows[] = {
	{ "otlp", OPT_TEXT(struct push_options, url), .arg = "URL", .one_of = 1, .needed = true,
	  .help = "an OTLP/HTTP receiver: it is sent to URL/v1/traces, URL/v1/logs and URL/v1/metrics" },
	{ "accesses", OPT_FLAG(struct push_options, accesses), .local = true,
	  .help = "with a log for every access" },
	{ "metrics", OPT_FLAG(struct push_options, metrics), .local = true,
	  .help = "with the record in numbers, as sums to be added up" },
	{ "spooled", OPT_FLAG(struct push_options, spooled), .local = true,
	  .help = "no RECORD: only what an earlier push could not deliver" },
	{ "headers", OPT_TEXT(struct push_options, headers), .arg = "FILE",
	  .help = "lines \"Name: value\" to send along, such as a token; nobody else may read it" },
	{ "cacert", OPT_TEXT(struct push_options, cacert), .arg = "FILE",
	  .help = "certificates (PEM) to trust in place of the system's" },
	{ "timeout", OPT_NUMBER(struct push_options, timeout, 1, 86400), .arg = "SECONDS",
	  .help = "for all of it, waits included (300)" },
	{ "retries", OPT_TEXT(struct push_options, retries), .arg = "N",
	  .help = "how often a request is sent again, 0 to 100 (5)" },
	{ "spool", OPT_TEXT(struct push_options, spool), .arg = "FILE",
	  .help = "where to keep what was not accepted; by default one for each URL, in "
		  "$XDG_STATE_HOME/goenvbpf or ~/.local/state/goenvbpf" },
	{ "insecure-http", OPT_FLAG(struct push_options, insecure_http),
	  .help = "allow http:// to other hosts than this one: whoever is on the way can read it, headers included" },
	{}
};

const struct option_group push_options = { .rows = rows };
