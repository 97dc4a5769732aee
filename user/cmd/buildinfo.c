/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* goenvbpf buildinfo: what executables have embedded, as text like go version -m, or as JSON. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "golang/buildinfo.h"
#include "util/json.h"
#include "util/log.h"

struct printer {
	bool as_json;
	struct str out;
	struct json j;
};

static void text_module(struct str *out, const char *word, const struct go_module *m)
{
	str__addf(out, "\t%s\t%s\t%s", word, m->path, m->version);
	if (!m->replace) {
		str__addf(out, "\t%s\n", m->sum);
		return;
	}
	/* The lone tab after a replacement is what go version -m prints since 1.18. */
	str__addf(out, "\n\t=>\t%s\t%s\t%s\n\t\n", m->replace->path, m->replace->version,
		  m->replace->sum);
}

static void text_info(struct str *out, const char *file, const struct buildinfo *b)
{
	size_t i;

	str__addf(out, "%s: %s\n", file, b->go);
	if (*b->path)
		str__addf(out, "\tpath\t%s\n", b->path);
	if (b->has_main)
		text_module(out, "mod", &b->main);
	for (i = 0; i < b->dep_cnt; i++)
		text_module(out, "dep", &b->deps[i]);
	for (i = 0; i < b->setting_cnt; i++) {
		if (b->settings[i].quoted)
			str__addf(out, "\tbuild\t%s\n", b->settings[i].quoted);
		else
			str__addf(out, "\tbuild\t%s=%s\n", b->settings[i].key, b->settings[i].value);
	}
}

static void json_module(struct json *j, const struct go_module *m)
{
	json__obj(j);
	json__kstr(j, "path", m->path);
	json__kstr(j, "version", m->version);
	if (*m->sum)
		json__kstr(j, "sum", m->sum);
	if (m->replace) {
		json__key(j, "replace");
		json_module(j, m->replace);
	}
	json__end(j);
}

static void json_file(struct json *j, const char *file)
{
	size_t n = strlen(file), i;
	struct str hex = {};

	json__key(j, "file");
	if (json__bytes(j, file, n))
		return;
	for (i = 0; i < n; i++)
		str__addf(&hex, "%02x", (unsigned char)file[i]);
	json__kstr(j, "file_hex", hex.s);
	str__free(&hex);
}

static void json_info(struct json *j, const char *file, const struct buildinfo *b)
{
	size_t i;

	json__obj(j);
	json_file(j, file);
	json__kstr(j, "go", b->go);
	if (*b->path)
		json__kstr(j, "path", b->path);
	if (b->has_main) {
		json__key(j, "main");
		json_module(j, &b->main);
	}
	json__key(j, "deps");
	json__arr(j);
	for (i = 0; i < b->dep_cnt; i++)
		json_module(j, &b->deps[i]);
	json__end(j);
	json__key(j, "settings");
	json__obj(j);
	for (i = 0; i < b->setting_cnt; i++) {
		json__key_bytes(j, b->settings[i].key, strlen(b->settings[i].key));
		json__str(j, b->settings[i].value);
	}
	json__end(j);
	if (b->build_id)
		json__kstr(j, "build_id", b->build_id);
	json__kstr(j, "format", buildinfo_format__name(b->format));
	json__end(j);
}

static void json_error(struct json *j, const char *file, int err)
{
	json__obj(j);
	json_file(j, file);
	json__kstr(j, "error", buildinfo__strerror(err));
	json__end(j);
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

	if (err && !is_named)
		return 0;
	if (err && !p->as_json)
		log_error("cannot read build information of '%s': %s", file, buildinfo__strerror(err));
	else if (err)
		json_error(&p->j, file, err);
	else if (p->as_json)
		json_info(&p->j, file, b);
	else
		text_info(&p->out, file, b);
	return err ? err : flush(p);
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
