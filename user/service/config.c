/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a service is told by its administrator. */
#include <ctype.h>
#include <errno.h>

#include "service/config.h"
#include "util/file.h"
#include "util/nearest.h"

#define FILE_SZ (1 << 20)

static const struct option_row rows[] = {
	{ "records", OPT_TEXT(struct config, records), .arg = "DIR",
	  .help = "the folder of the records (" CONFIG_RECORDS ")" },
	{ "watch", OPT_WORD(struct config, watch_word, "yes, no"), .arg = "YES|NO",
	  .help = "record all Go programs of this host, as the job 'host' (no)" },
	{ "cgroup", OPT_TEXTS(struct config, cgroups), .arg = "DIR",
	  .help = "each control group with this folder is a job, as long as it is there; a pattern "
		  "means all that match (/sys/fs/cgroup/system.slice/docker-*.scope)" },
	{ "group", OPT_TEXT(struct config, group), .arg = "NAME",
	  .help = "whose members may have their own processes observed (goenvbpf)" },
	{ "socket", OPT_TEXT(struct config, socket), .arg = "PATH",
	  .help = "where clients are served, unless systemd hands over a socket (" CONFIG_SOCKET ")" },
	{ "state", OPT_TEXT(struct config, state), .arg = "DIR",
	  .help = "where jobs are kept while they last (/run/goenvbpf/jobs)" },
	{ "tag", OPT_PAIRS(struct config, tags), .arg = "KEY=VALUE",
	  .help = "keep this in the record of every job that has no other value of it" },
	{ "require-tag", OPT_TEXTS(struct config, require_tags), .arg = "KEY",
	  .help = "refuse jobs of clients without this tag" },
	{ "record-size", OPT_SIZE(struct config, record_max, 1 << 20, 1ULL << 40), .arg = "SIZE",
	  .help = "begin another part of a job's record when it is larger (1G)" },
	{ "total-size", OPT_SIZE(struct config, total_max, 1 << 20, 1ULL << 44), .arg = "SIZE",
	  .help = "remove the oldest records when all are larger (20G)" },
	{ "age", OPT_NUMBER(struct config, age_max, 1, 36500), .arg = "DAYS",
	  .help = "remove records that are older (30)" },
	{ "sessions", OPT_NUMBER(struct config, sessions, 1, 256), .arg = "N",
	  .help = "observe for so many at once: each has programs of its own in the kernel (32)" },
	{ "user-sessions", OPT_NUMBER(struct config, user_sessions, 1, 256), .arg = "N",
	  .help = "the same of one user; root has no such limit (8)" },
	{ "metrics", OPT_TEXT(struct config, metrics), .arg = "FILE",
	  .help = "write figures of the service, and of what jobs built, for node_exporter's textfile collector: "
		  "a name that ends in .prom" },
	{}
};

const struct option_group config_group = { .title = "Settings", .rows = rows };
static const struct option_group *const groups[] = { &config_group, NULL };

static const char *nearest(const char *name)
{
	struct nearest n = { .name = name };

	for (const struct option_row *r = rows; r->name; r++)
		nearest__try(&n, r->name);
	return n.best;
}

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

struct place {
	const char *path;
	unsigned int line;
};

static int __attribute__((format(printf, 3, 4))) wrong(const struct place *at, struct str *why, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	str__cut(why, 0);
	str__addf(why, "%s:%u: %s", at->path, at->line, text);
	return str__err(why) ?: -EINVAL;
}

static int take_line(const struct place *at, char *line, struct config *c, struct str *why)
{
	char *key = trim(line), *eq = strchr(key, '='), *value;
	const struct option_row *row;
	__free_str struct str what = {};
	int err;

	if (!*key || *key == '#')
		return 0;
	if (!eq)
		return wrong(at, why, "'%.100s' is no setting: it has to be KEY = VALUE", key);
	*eq = '\0';
	key = trim(key);
	value = trim(eq + 1);
	row = options__find(groups, key);
	if (!row && nearest(key))
		return wrong(at, why, "there is no setting '%.100s': '%s' may be meant", key, nearest(key));
	if (!row)
		return wrong(at, why, "there is no setting '%.100s': goenvbpf help service lists them", key);
	if (!*value)
		return wrong(at, why, "'%s' has no value", key);
	err = options__set(row, c, value, &what);
	if (!err)
		return 0;
	return wrong(at, why, "%s", !what.s ? "out of memory" : what.s + (strncmp(what.s, "--", 2) ? 0 : 2));
}

static int take_lines(const char *path, struct config *c, struct str *why)
{
	struct place at = { path, 0 };
	char *line = c->text.s, *next;
	int err = 0;

	for (; line && !err; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		at.line++;
		err = take_line(&at, line, c, why);
	}
	return err;
}

static int check(const char *path, const struct config *c, struct str *why)
{
	const char *const folders[] = { c->records, c->state, c->socket, c->metrics };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (folders[i] && *folders[i] != '/') {
			str__addf(why, "%s: '%.200s' is no absolute path", path, folders[i]);
			return -EINVAL;
		}
	for (size_t i = 0; i < c->cgroups.cnt; i++)
		if (*c->cgroups.v[i] != '/') {
			str__addf(why, "%s: the control group '%.200s' is no absolute path", path, c->cgroups.v[i]);
			return -EINVAL;
		}
	if (c->metrics && !str_has_suffix(c->metrics, ".prom")) {
		str__addf(why, "%s: the collector reads no file '%.200s': its name has to end in .prom", path, c->metrics);
		return -EINVAL;
	}
	return 0;
}

static void set_defaults(struct config *c)
{
	c->records = c->records ?: CONFIG_RECORDS;
	c->state = c->state ?: "/run/goenvbpf/jobs";
	c->socket = c->socket ?: CONFIG_SOCKET;
	c->group = c->group ?: "goenvbpf";
	c->watch = c->watch_word && str_eq(c->watch_word, "yes");
	c->record_max = c->record_max ?: 1ULL << 30;
	c->total_max = c->total_max ?: 20ULL << 30;
	c->age_max = c->age_max ?: 30;
	c->sessions = c->sessions ?: 32;
	c->user_sessions = c->user_sessions ?: 8;
}

int config__read(const char *path, struct config *ret, struct str *why)
{
	int err;

	*ret = (struct config){};
	err = file__read(path ?: CONFIG_FILE, FILE_SZ, &ret->text);
	if (err == -ENOENT && !path)
		err = 0;
	if (err)
		str__addf(why, "cannot read '%s' (%s)", path ?: CONFIG_FILE, strerror(-err));
	else if (ret->text.s && strlen(ret->text.s) != ret->text.len)
		err = -EINVAL, str__addf(why, "%s is no text: it has a NUL byte", path ?: CONFIG_FILE);
	err = err ?: take_lines(path ?: CONFIG_FILE, ret, why) ?: check(path ?: CONFIG_FILE, ret, why);
	if (err)
		config__free(ret);
	else
		set_defaults(ret);
	return err;
}

void config__free(struct config *c)
{
	options__free(groups, c);
	str__free(&c->text);
}
