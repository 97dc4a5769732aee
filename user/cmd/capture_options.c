/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options that run, attach and watching share. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "capture/hooks.h"
#include "cmd/capture_options.h"
#include "util/log.h"

#define RING_MAX (256ULL << 20)

enum { OPT_FORCE = 256, OPT_TIMELINE, OPT_ALL, OPT_NET, OPT_TAG, OPT_RING, OPT_HOOKS, OPT_STRICT,
       OPT_PID, OPT_CGROUP };

static const struct option options[] = {
	{ "output",   required_argument, NULL, 'o' },
	{ "force",    no_argument,	 NULL, OPT_FORCE },
	{ "timeline", no_argument,	 NULL, OPT_TIMELINE },
	{ "all",      no_argument,	 NULL, OPT_ALL },
	{ "net",      no_argument,	 NULL, OPT_NET },
	{ "tag",      required_argument, NULL, OPT_TAG },
	{ "ring",     required_argument, NULL, OPT_RING },
	{ "hooks",    required_argument, NULL, OPT_HOOKS },
	{ "strict",   no_argument,	 NULL, OPT_STRICT },
	{ "quiet",    no_argument,	 NULL, 'q' },
	{ "verbose",  no_argument,	 NULL, 'v' },
	{ "pid",      required_argument, NULL, OPT_PID },
	{ "cgroup",   required_argument, NULL, OPT_CGROUP },
	{},
};

const char capture_options_help[] =
"Capture options:\n"
"  -o, --output FILE  write the record: FILE.jsonl plain, FILE.jsonl.gz gzip, - standard output\n"
"      --force        replace FILE if it exists\n"
"      --timeline     print the timeline while it happens\n"
"      --all          record fstat-like calls too (they are counted otherwise), and show every\n"
"                     line in the timeline instead of configuration and caches only\n"
"      --net          record connections, too\n"
"      --tag KEY=VALUE  keep this in the record; may be repeated\n"
"      --ring SIZE    memory between kernel and observer, 64K to 256M (16M)\n"
"      --hooks TIER   how to hook into the kernel: " HOOKS_TIERS " (auto)\n"
"      --strict       exit status 3 when anything was lost, could not be read, or\n"
"                     was out of sight (a process had an io_uring)\n"
"  -q, --quiet        say nothing but errors\n"
"  -v, --verbose      say more\n";

/* "16M" in bytes; 0 when it is no size in range. */
static uint64_t parse_size(const char *text)
{
	unsigned long long v;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno)
		return 0;
	switch (*end) {
	case 'G': case 'g':
		return 0;
	case 'M': case 'm':
		if (v > RING_MAX >> 20)
			return 0;
		v <<= 20;
		end++;
		break;
	case 'K': case 'k':
		if (v > RING_MAX >> 10)
			return 0;
		v <<= 10;
		end++;
		break;
	}
	return *end || v < 64 << 10 || v > RING_MAX ? 0 : v;
}

static int take_tag(const struct verb *verb, struct capture_options *o, char *text)
{
	char *eq = strchr(text, '=');

	if (!eq || eq == text)
		return usage_error(verb, "--tag '%s' is not KEY=VALUE", text);
	if (o->tag_cnt == TAGS_MAX)
		return usage_error(verb, "there are more than %d tags", TAGS_MAX);
	*eq = '\0';
	o->tags[o->tag_cnt++] = (struct capture_tag){ text, eq + 1 };
	return 0;
}

static int take_ring(const struct verb *verb, struct capture_options *o, const char *text)
{
	o->ring = text;
	o->ring_size = parse_size(text);
	if (o->ring_size)
		return 0;
	return usage_error(verb, "--ring '%s' is not a size from 64K to 256M", text);
}

static int take_pid(const struct verb *verb, struct capture_options *o, const char *text)
{
	char *end;

	errno = 0;
	o->pid = strtol(text, &end, 10);
	if (errno || *end || o->pid <= 0 || o->pid > 1 << 30)
		return usage_error(verb, "--pid '%s' is not a process id", text);
	return 0;
}

static int take_tier(const struct verb *verb, struct capture_options *o, const char *text)
{
	o->hooks = text;
	if (hooks__is_tier(text))
		return 0;
	return usage_error(verb, "--hooks '%s' is none of " HOOKS_TIERS, text);
}

static int take(const struct verb *verb, struct capture_options *o, int option, char **argv)
{
	switch (option) {
	case 'o':	   o->output = optarg; return 0;
	case 'q':	   o->quiet = true; return 0;
	case 'v':	   o->verbose = true; return 0;
	case OPT_FORCE:	   o->force = true; return 0;
	case OPT_TIMELINE: o->timeline = true; return 0;
	case OPT_ALL:	   o->all = true; return 0;
	case OPT_NET:	   o->net = true; return 0;
	case OPT_STRICT:   o->strict = true; return 0;
	case OPT_HOOKS:	   return take_tier(verb, o, optarg);
	case OPT_CGROUP:   o->cgroup = optarg; return 0;
	case OPT_TAG:	   return take_tag(verb, o, optarg);
	case OPT_RING:	   return take_ring(verb, o, optarg);
	case OPT_PID:	   return take_pid(verb, o, optarg);
	default:	   return option_error(verb, option, argv);
	}
}

int capture_options__parse(const struct verb *verb, int argc, char **argv,
			   struct capture_options *ret, int *ret_next)
{
	bool is_attach = str_eq(verb->name, "attach"), is_observe = str_eq(verb->name, "observe");
	int option, err;

	*ret = (struct capture_options){};
	while ((option = getopt_long(argc, argv, "+:o:qv", options, NULL)) != -1) {
		err = take(verb, ret, option, argv);
		if (err)
			return err;
	}
	*ret_next = optind;
	if ((ret->pid || ret->cgroup) && !is_attach && !is_observe)
		return usage_error(verb, "--pid and --cgroup are options of 'goenvbpf attach'");
	if (ret->force && !ret->output)
		return usage_error(verb, "--force needs -o FILE");
	if (ret->quiet)
		log__set_level(LOG_LEVEL_WARN);
	if (ret->verbose)
		log__set_level(LOG_LEVEL_DEBUG);
	return 0;
}
