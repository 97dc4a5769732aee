/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options that run, attach and watching share. */
#include "capture/hooks.h"
#include "cmd/capture_options.h"
#include "cmd/client.h"
#include "cmd/tags.h"
#include "util/log.h"

#define RING_MIN (64ULL << 10)
#define RING_MAX (256ULL << 20)

static const struct option_row rows[] = {
	{ "output", OPT_TEXT(struct capture_options, output), .letter = 'o', .arg = "FILE",
	  .local = true,
	  .help = "write the record: FILE.jsonl plain, .jsonl.gz gzip, .jsonl.zst zstd; standard output "
		  "when it is -; a pipe, a device, /dev/fd/N is written to as it is" },
	{ "force", OPT_FLAG(struct capture_options, force), .with = "output", .local = true,
	  .help = "replace FILE if it exists" },
	{ "timeline", OPT_FLAG(struct capture_options, timeline), .one_of = 2,
	  .help = "print the timeline while it happens" },
	{ "all", OPT_FLAG(struct capture_options, all),
	  .help = "record fstat-like calls, too (they are counted otherwise), and show every line "
		  "in the timeline instead of configuration and caches only" },
	{ "net", OPT_FLAG(struct capture_options, net), .help = "record connections, too" },
	{ "no-hash", OPT_FLAG(struct capture_options, no_hash),
	  .help = "do not record what sources contain (a hash of each), which diff needs" },
	{ "tag", OPT_PAIRS(struct capture_options, tags), .arg = "KEY=VALUE",
	  .help = "keep this in the record" },
	{ "require-tag", OPT_TEXTS(struct capture_options, require_tags), .arg = "KEY", .local = true,
	  .help = "refuse to start without this --tag, which whoever collects records goes by" },
	{ "ring", OPT_SIZE(struct capture_options, ring, RING_MIN, RING_MAX), .arg = "SIZE",
	  .help = "memory between kernel and observer, 64K to 256M (16M)" },
	{ "hooks", OPT_WORD(struct capture_options, hooks, HOOKS_TIERS), .arg = "TIER",
	  .help = "how to hook into the kernel: " HOOKS_TIERS " (auto)" },
	{ "strict", OPT_FLAG(struct capture_options, strict),
	  .help = "exit status 3 when anything was lost, could not be read, or was out of sight (a "
		  "process had an io_uring)" },
	{ "redaction-key", OPT_TEXT(struct capture_options, redaction_key), .arg = "FILE",
	  .local = true,
	  .help = "mark what is redacted as [redacted:XXXXXXXX], eight digits of an HMAC under FILE's "
		  "content: equal for equal values" },
	{ "texts", OPT_WORD(struct capture_options, texts, "own, all"), .arg = "WHOSE",
	  .help = "record what configuration and cache entries say that processes of this user open "
		  "(own, the default), or of all users (all, root only)" },
	{ "quiet", OPT_FLAG(struct capture_options, quiet), .letter = 'q',
	  .help = "say nothing but errors" },
	{ "verbose", OPT_FLAG(struct capture_options, verbose), .letter = 'v', .help = "say more" },
	{}
};

const struct option_group capture_group = { .title = "Capture options", .rows = rows };

static const struct option_row wait_rows[] = {
	{ "wait", OPT_FLAG(struct capture_options, wait),
	  .help = "do not end before all that descends has ended, too; Ctrl-C ends the waiting" },
	{}
};

const struct option_group wait_group = { .rows = wait_rows };

static const struct option_row status_rows[] = {
	{ "status", OPT_FLAG(struct capture_options, status),
	  .help = "show one line of what is going on, on the terminal of standard error: of use while CMD "
		  "writes elsewhere, for what it writes to that terminal comes over the line" },
	{}
};

const struct option_group status_group = { .rows = status_rows };

static const struct option_row service_rows[] = {
	{ "no-service", OPT_FLAG(struct capture_options, no_service), .local = true,
	  .help = "do not ask a service that runs here (goenvbpf help service), but observe by ourselves" },
	{}
};

const struct option_group service_group = { .rows = service_rows };

static const struct option_row client_rows[] = {
	{ "protocol", OPT_NUMBER(struct capture_options, protocol, 1, 1 << 20), .arg = "N",
	  .help = "that is spoken" },
	{ "task", OPT_WORD(struct capture_options, task, TASKS), .arg = "TASK", .help = "what a service is asked for" },
	{ "job", OPT_TEXT(struct capture_options, job), .arg = "NAME", .help = "that is started or stopped" },
	{ "record", OPT_FLAG(struct capture_options, has_record), .help = "its record is wanted" },
	{}
};

static const struct option_group client_group = { .rows = client_rows };

static const struct option_row observer_rows[] = {
	{ "compress", OPT_WORD(struct capture_options, compress, COMPRESSIONS), .arg = "FORMAT",
	  .help = "how the record is written" },
	{ "key", OPT_TEXT(struct capture_options, key), .arg = "HEX",
	  .help = "the content of run's --redaction-key" },
	{}
};

static const struct option_group observer_group = { .rows = observer_rows };

const struct option_group *const observer_groups[] = {
	&client_group, &observer_group, &status_group, &wait_group, &capture_group, NULL
};

static bool same_key(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return n == strcspn(b, "=") && !strncmp(a, b, n);
}

static bool has_value(const struct texts *tags, const char *key)
{
	const char *tag = tags__find(tags, key);

	return tag && strchr(tag, '=')[1];
}

int capture_options__begin(const struct verb *verb, const struct capture_options *o)
{
	const struct texts *tags = &o->tags;

	for (size_t i = 0; i < tags->cnt; i++)
		for (size_t j = 0; j < i; j++)
			if (same_key(tags->v[i], tags->v[j]))
				return usage_error(
					verb,
					"--tag '%s' and --tag '%s' have one key: a record "
					"keeps one value of it",
					tags->v[j], tags->v[i]);
	for (size_t i = 0; i < o->require_tags.cnt; i++)
		if (!has_value(tags, o->require_tags.v[i]))
			return usage_error(verb, "--require-tag: there is no --tag %s=VALUE", o->require_tags.v[i]);
	if (o->quiet)
		log__set_level(LOG_LEVEL_WARN);
	if (o->verbose)
		log__set_level(LOG_LEVEL_DEBUG);
	return 0;
}
