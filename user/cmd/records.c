/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * goenvbpf records: the records of a service, or of any folder.
 *
 * What is said is read from the records themselves. Reading all of them takes a while, so what came of it is
 * kept beside them, for who may write there; it counts as long as a file's size and time are those of then.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "answers/records.h"
#include "cmd/cmd.h"
#include "cmd/read.h"
#include "output/text.h"
#include "record/compress.h"
#include "record/pass.h"
#include "service/config.h"
#include "util/file.h"
#include "util/hash.h"
#include "util/log.h"

#define INDEX ".index.jsonl"
#define INDEX_MAX (256u << 20)

struct records_options {
	bool json;
};

/* A record, with what its texts belong to. */
struct row {
	struct record_entry e;
	struct model *model;
	char *name;
};

/* What was found out before. */
struct known {
	char file[256];
	struct record_entry e;
	UT_hash_handle hh;
	bool hash_failed;
};

struct index {
	struct known *by_file;
	struct jsonv **trees;
	size_t tree_cnt;
	bool is_stale;		/* something is missing in it, or too much */
};

struct folder {
	const char *path;
	struct row *rows;
	size_t cnt, room;
	struct index index;
};

static void free_all(struct folder *f)
{
	for (size_t i = 0; i < f->cnt; i++) {
		model__free(f->rows[i].model);
		free(f->rows[i].name);
	}
	free(f->rows);
	hash_free(&f->index.by_file, free);
	for (size_t i = 0; i < f->index.tree_cnt; i++)
		jsonv__free(f->index.trees[i]);
	free(f->index.trees);
}

/* --- what was found out before --- */

static int add_known(struct index *x, struct jsonv *tree)
{
	struct record_entry e;
	struct jsonv **v = reallocarray(x->trees, x->tree_cnt + 1, sizeof(struct jsonv *));
	struct known *k;
	char file[sizeof(k->file)] = "";

	if (!v) {
		jsonv__free(tree);
		return -ENOMEM;
	}
	x->trees = v;
	v[x->tree_cnt++] = tree;
	if (!record_entry__parse(&e, tree) || !str_eq(e.version, GOENVBPF_VERSION) || strlen(e.file) >= sizeof(file))
		return 0;
	strcpy(file, e.file);
	k = hash_get(&x->by_file, file, file);
	if (!k)
		return -ENOMEM;
	k->e = e;
	return 0;
}

static void read_index(struct folder *f, int dir)
{
	__close_fd int fd = openat(dir, INDEX, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	__free_str struct str text = {};
	char *line, *next;
	struct jsonv *tree;

	f->index.is_stale = fd < 0;
	if (fd < 0 || file__read_fd(fd, INDEX_MAX, &text))
		return;
	for (line = text.s; line && *line; line = next) {
		next = strchrnul(line, '\n');
		if (!jsonv__parse(line, next - line, &tree))
			(void)add_known(&f->index, tree);
		next += *next == '\n';
	}
}

/* Only a saving: who may not write has none. */
static void write_index(const struct folder *f, int dir)
{
	__free_str struct str text = {};
	__close_fd int fd = -1;

	for (size_t i = 0; i < f->cnt; i++) {
		if (f->rows[i].e.outcome == OUTCOME_UNFINISHED)
			continue;	/* it may change without a trace in its time */
		(void)answer__json(&(struct answer){}, &record_entry_object, &f->rows[i].e, &text);
		if (text.len && text.s[text.len - 1] != '\n')
			str__addc(&text, '\n');
	}
	(void)unlinkat(dir, INDEX ".part", 0);
	fd = openat(dir, INDEX ".part", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || str__err(&text) || write(fd, text.s ?: "", text.len) != (ssize_t)text.len ||
	    renameat(dir, INDEX ".part", dir, INDEX))
		(void)unlinkat(dir, INDEX ".part", 0);
}

/* --- reading --- */

static bool is_record(const char *name)
{
	return *name != '.' && (str_has_suffix(name, ".jsonl") || str_has_suffix(name, ".jsonl.gz") ||
				str_has_suffix(name, ".jsonl.zst"));
}

static int judge(struct row *r)
{
	__free_findings struct findings *found = rules__evaluate(r->model);
	const struct verdict_choice all = {};
	struct verdict v = {};
	int err = found ? verdict__make(found, &all, &v) : -ENOMEM;

	if (!err)
		record_entry__fill(&r->e, r->model, &v);
	verdict__free(&v);
	return err;
}

static int read_record(const struct folder *f, struct row *r)
{
	__free_str struct str path = {};
	struct sink_of_lines sink;
	int err;

	r->model = model__new(MODEL_ALL);
	str__addf(&path, "%s/%s", f->path, r->name);
	if (!r->model || str__err(&path))
		return -ENOMEM;
	sink = model__sink(r->model);
	err = pass__file(path.s, &sink, 1);
	if (err && err != -ENOMEM) {
		r->e.outcome = OUTCOME_UNREADABLE;
		r->e.version = GOENVBPF_VERSION;
		return 0;
	}
	return err ?: judge(r);
}

static int add_record(struct folder *f, int dir, const char *name)
{
	struct row *v = f->rows, *r;
	const struct known *k;
	char key[sizeof(k->file)] = "";
	struct stat st;

	if (!is_record(name) || strlen(name) >= sizeof(key) || fstatat(dir, name, &st, 0) || !S_ISREG(st.st_mode))
		return 0;
	if (f->cnt == f->room) {
		f->room = f->room ? 2 * f->room : 64;
		v = reallocarray(f->rows, f->room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		f->rows = v;
	}
	r = &v[f->cnt];
	*r = (struct row){ .name = strdup(name) };
	if (!r->name)
		return -ENOMEM;
	f->cnt++;
	strcpy(key, name);
	k = hash_find(f->index.by_file, file, key);
	r->e = (struct record_entry){ .file = r->name, .bytes = st.st_size,
		.written = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec };
	if (k && k->e.bytes == r->e.bytes && k->e.written == r->e.written) {
		r->e = k->e;
		return 0;
	}
	f->index.is_stale = true;
	return read_record(f, r);
}

static int latest_first(const void *a, const void *b)
{
	const struct record_entry *x = a, *y = b;
	int order = strcmp(y->start ?: "", x->start ?: "");

	return order ?: strcmp(x->file, y->file);
}

/* 0 or -errno. */
static int read_folder(struct folder *f)
{
	int dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	struct dirent *e;

	if (!d)
		return -errno;
	read_index(f, dir);
	while (!err && (e = readdir(d)))
		err = add_record(f, dir, e->d_name);
	if (!err && (f->index.is_stale || HASH_COUNT(f->index.by_file) > f->cnt))
		write_index(f, dir);
	closedir(d);
	return err;
}

/* --- showing --- */

static void add_cell(struct str *out, size_t from, size_t column, const char *text)
{
	text__pad(out, from, column);
	str__adds(out, " ");
	text__safes(out, text);
}

static void add_findings(struct str *out, const struct record_entry *e)
{
	const char *between = "";

	if (!e->errors && !e->warnings && !e->notes)
		str__adds(out, "none");
	if (e->errors) {
		text__plural(out, e->errors, "error", "errors");
		between = ", ";
	}
	if (e->warnings) {
		str__adds(out, between);
		text__plural(out, e->warnings, "warning", "warnings");
		between = ", ";
	}
	if (e->notes) {
		str__adds(out, between);
		text__plural(out, e->notes, "note", "notes");
	}
}

static void add_row(struct str *out, bool color, const struct record_entry *e)
{
	static const enum tone tones[OUTCOME_CNT] = {
		[OUTCOME_OK] = TONE_GOOD, [OUTCOME_FAILED] = TONE_BAD,
		[OUTCOME_UNFINISHED] = TONE_WARN, [OUTCOME_UNREADABLE] = TONE_BAD,
	};
	__free_str struct str cell = {};
	size_t from = out->len;

	str__addf(out, "%.19s", e->start ?: "-");
	add_cell(out, from, 20, e->job ?: "-");
	add_cell(out, from, 40, "");
	text__duration(&cell, e->duration);
	str__adds(out, cell.s ?: "");
	add_cell(out, from, 52, "");
	text__pad(out, from, 53);
	text__tone(out, color, tones[e->outcome], outcome__name(e->outcome));
	str__adds(out, "  ");
	add_findings(out, e);
	if (!e->is_complete && e->outcome < OUTCOME_UNFINISHED)
		text__tone(out, color, TONE_WARN, ", not complete");
	str__adds(out, "\n    ");
	text__safes(out, e->file);
	str__addc(out, '\n');
}

static int show(const struct folder *f, const struct records_options *o)
{
	__free_mem struct record_entry *v = calloc(f->cnt + 1, sizeof(*v));
	struct record_list list = { v, f->cnt };
	bool color = text__wants_color(stdout);
	__free_str struct str out = {};
	int err = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < f->cnt; i++)
		v[i] = f->rows[i].e;
	qsort(v, f->cnt, sizeof(*v), latest_first);
	if (o->json)
		err = answer__json(&(struct answer){}, &records_object, &list, &out);
	for (size_t i = 0; !o->json && i < f->cnt; i++)
		add_row(&out, color, &v[i]);
	return err ?: str__err(&out) ?: print_answer(&out, stdout);
}

static int records(const struct call *call)
{
	struct folder f = { .path = call->operands[0] ?: CONFIG_RECORDS };
	int err = read_folder(&f);

	errno = -err;
	if (err == -EACCES && !call->operand_cnt)
		log_error("the records of the service in '%s' are root's: call it as root", f.path);
	else if (err)
		log_error("cannot list the records in '%s' (%m)", f.path);
	if (!err)
		err = show(&f, call->options);
	if (!err && !f.cnt)
		log_info("there are no records in '%s'", f.path);
	free_all(&f);
	return err ? EXIT_FAILED : EXIT_FINE;
}

static const struct option_row rows[] = {
	{ "json", OPT_FLAG(struct records_options, json), .help = "one JSON object instead of text" },
	{}
};

static const struct option_group group = { .rows = rows };

const struct verb verb_records = {
	.name = "records",
	.operands = "[DIR]",
	.max_operands = 1,
	.groups = { &group },
	.options_sz = sizeof(struct records_options),
	.summary = "the records of a service, or of a folder: outcome and findings of each",
	.details =
"DIR is " CONFIG_RECORDS " unless it is given. All is read from the records; what came of it is kept in DIR, "
"if it may be written to, so that only new ones are read the next time.",
	.run = records,
};
