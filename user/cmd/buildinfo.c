/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf buildinfo: what executables have embedded, as text like go version -m, or as JSON. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>

#include "answers/buildinfo.h"
#include "cmd/cmd.h"
#include "output/text.h"
#include "util/log.h"

struct printer {
	bool as_json;
	struct str out;
	struct json j;
};

/* What stands in a file is not for the terminal to obey. */
static void add_field(struct str *out, const char *s)
{
	str__addc(out, '\t');
	text__safes(out, s);
}

static void add_fields(struct str *out, const char *word, const struct go_module *m)
{
	add_field(out, word);
	add_field(out, m->path);
	add_field(out, m->version);
}

static void text_module(struct str *out, const char *word, const struct go_module *m)
{
	add_fields(out, word, m);
	if (!m->replace) {
		add_field(out, m->sum);
		str__addc(out, '\n');
		return;
	}
	str__addc(out, '\n');
	add_fields(out, "=>", m->replace);
	add_field(out, m->replace->sum);
	/* The lone tab after a replacement is what go version -m prints since 1.18. */
	str__adds(out, "\n\t\n");
}

static void text_info(struct str *out, const char *file, const struct buildinfo *b)
{
	size_t i;

	text__safes(out, file);
	str__adds(out, ": ");
	text__safes(out, b->go);
	str__addc(out, '\n');
	if (*b->path) {
		str__adds(out, "\tpath");
		add_field(out, b->path);
		str__addc(out, '\n');
	}
	if (b->has_main)
		text_module(out, "mod", &b->main);
	for (i = 0; i < b->dep_cnt; i++)
		text_module(out, "dep", &b->deps[i]);
	for (i = 0; i < b->setting_cnt; i++) {
		const struct go_setting *s = &b->settings[i];

		str__adds(out, "\tbuild");
		add_field(out, s->quoted ?: s->key);
		if (!s->quoted) {
			str__addc(out, '=');
			text__safes(out, s->value);
		}
		str__addc(out, '\n');
	}
}

static int read_file(const char *file, struct buildinfo **ret)
{
	/* A FIFO must not stop us; only regular files are read. */
	__close_fd int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : buildinfo__read_fd(fd, ret);
}

/* Streams: what is printed leaves memory with every file. */
static int flush(struct printer *p)
{
	int err = str__err(&p->out);

	if (!err && p->out.len && fwrite(p->out.s, 1, p->out.len, stdout) != p->out.len)
		err = -EIO;
	str__cut(&p->out, 0);
	return err;
}

/* is_named: the user asked for this very file, so that a failure must be told. */
static int print_file(struct printer *p, const char *file, bool is_named)
{
	__free_buildinfo struct buildinfo *b = NULL;
	int err = read_file(file, &b);
	struct embedded_file data = { file, b, err };

	if (err && !is_named)
		return 0;
	if (p->as_json)
		(void)answer__write(&(struct answer){}, &p->j, embedded_file__object(&data), &data);
	else if (err)
		log_error("cannot read build information of '%s': %s", file, buildinfo__strerror(err));
	else
		text_info(&p->out, file, b);
	return flush(p) ?: err;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_file_link(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* In the order and with the choice of go version: regular files, and links to regular files. */
static int print_dir(struct printer *p, char *dir)
{
	char *roots[] = { dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	int err = 0;
	FTSENT *ent;

	if (!fts)
		return -errno;
	while (!err && (ent = fts_read(fts)))
		if (ent->fts_info == FTS_F || (ent->fts_info == FTS_SL && is_file_link(ent->fts_path)))
			err = print_file(p, ent->fts_path, false);
	fts_close(fts);
	return err;
}

static int print_arg(struct printer *p, char *arg)
{
	size_t n = strlen(arg);
	struct stat st;

	if (stat(arg, &st) || !S_ISDIR(st.st_mode))
		return print_file(p, arg, true);
	while (n > 1 && arg[n - 1] == '/')	/* the paths below are joined with one slash */
		arg[--n] = '\0';
	return print_dir(p, arg);
}

struct buildinfo_options {
	bool json;
};

static int buildinfo(const struct call *call)
{
	const struct buildinfo_options *o = call->options;
	struct printer p = { .as_json = o->json };
	bool failed = false;

	json__init(&p.j, &p.out);
	if (p.as_json)
		json__arr(&p.j);
	for (size_t i = 0; i < call->operand_cnt; i++)
		failed |= print_arg(&p, call->operands[i]) < 0;
	if (p.as_json) {
		json__end(&p.j);
		str__addc(&p.out, '\n');
	}
	failed |= flush(&p) < 0 || fflush(stdout);
	str__free(&p.out);
	return failed ? EXIT_FAILED : EXIT_FINE;
}

static const struct option_row rows[] = {
	{ "json", OPT_FLAG(struct buildinfo_options, json),
	  .help = "an array of objects: file, go, path, main, deps, settings, build_id, or error" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_buildinfo = {
	.name = "buildinfo",
	.operands = "FILE…",
	.min_operands = 1,
	.missing = "which file?",
	.max_operands = ANY_OPERANDS,
	.groups = { &group },
	.options_sz = sizeof(struct buildinfo_options),
	.summary = "what Go executables have embedded: version, modules, settings, build ID",
	.details =
"Prints the lines of go version -m for each FILE; a FILE that is a directory is searched for Go "
"executables and shared libraries. Any Go since 1.13; also files without section headers.",
	.notes = "The exit status is 1 when a named FILE could not be read or is not Go's.",
	.run = buildinfo,
};
