/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What user/golang says, for tests that ask a real go the same: one question per line on standard
 * input, one answer per line. Fields are separated by tabs; \N is a field that is not there.
 *
 *   flags MINOR GOFLAGS ARG…   verb, refusal, -C, pkg@version, then flags "name=value(source)",
 *                              those overridden left out, then "|" args "|" rest
 *   cwd CWD PWD CHDIR AFTER    the working directory, certain or not
 *   mainmod MINOR GO111MODULE GOWORK CWD TMPDIR GOROOT GOFLAGS ARG…
 *                              GOMOD, GOWORK, module file, workspace file, mode, error, certain or
 *                              not, ignored files
 *   toolchain LOCAL GOTOOLCHAIN GO111MODULE INVOKED GO.WORK GO.MOD ARG…
 *                              action, name, reason, file, line, lacks, its line, error, path only,
 *                              may switch later, certain or not
 *   action NAME=VALUE…         the key of a compiled package, and its lines
 *   godebug MINOR PLACE FILE LINKED GOFIPS140 ENVIRONMENT
 *                              explained or not, then "key=value source:line changed" for each key
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "golang/action_id.h"
#include "golang/flags.h"
#include "golang/godebug.h"
#include "golang/mainmod.h"
#include "golang/toolchain_select.h"
#include "golang/quote.h"
#include "util/file.h"
#include "util/sha256.h"

#define MAX_FIELDS 4096

static const char *text_of(const char *s)
{
	return s ?: "\\N";
}

static void print_words(const char *const *words, size_t cnt)
{
	size_t i;

	printf("\t|");
	for (i = 0; i < cnt; i++)
		printf("\t%s", words[i]);
}

static void answer_flags(const char **field, size_t cnt)
{
	struct go_flags_facts facts = { .minor = atoi(field[0]), .goflags = field[1] };
	__free_go_flags struct go_flags f = {};
	size_t i;

	field[1] = "go";
	facts.argv = field + 1;
	facts.argc = cnt - 1;
	if (go_flags__parse(&facts, &f))
		exit(1);
	printf("%s\t%d\t%s\t%s\t%d", go_verb__name(f.verb), f.refusal, text_of(f.chdir),
	       text_of(f.at_version), f.is_certain);
	for (i = 0; i < f.cnt && !f.refusal; i++)
		if (!f.flags[i].is_overridden)
			printf("\t%s=%s(%s)", f.flags[i].name, f.flags[i].value,
			       f.flags[i].source == GO_FLAG_GOFLAGS ? "GOFLAGS" : "line");
	print_words((const char *const *)f.args, f.arg_cnt);
	print_words((const char *const *)f.rest, f.rest_cnt);
	printf("\n");
}

/* --- keys of the build cache --- */

#define MAX_INPUTS 4096

struct action_question {
	struct action_inputs in;
	struct action_file files[MAX_INPUTS];
	uint8_t hashes[MAX_INPUTS][SHA256_SZ];
	struct action_import imports[MAX_INPUTS];
};

/* Texts with newlines in them come as Go's literals. */
static const char *literal(const char *s)
{
	size_t n = strlen(s);
	char *out = malloc(n + 1);
	struct quote_place *at = malloc((n + 1) * sizeof(*at));
	size_t len = 0;

	if (!out || !at || quote__literal(s, n, out, at, &len) < 0)
		exit(1);
	free(at);
	out[len] = '\0';
	return out;
}

/* "NAME HEX" */
static void add_file(struct action_question *q, char *value)
{
	char *space = strrchr(value, ' ');
	size_t i = q->in.file_cnt++;

	*space = '\0';
	if (!gocache__bytes(space + 1, SHA256_SZ, q->hashes[i]))
		exit(1);
	q->files[i] = (struct action_file){ value, q->hashes[i] };
}

/* "PATH CONTENT" */
static void add_import(struct action_question *q, char *value)
{
	char *space = strrchr(value, ' ');

	*space = '\0';
	q->imports[q->in.import_cnt++] =
		(struct action_import){ value, space + 1, strlen(space + 1) };
}

static void add_action_field(struct action_question *q, const char *name, char *value)
{
	const struct {
		const char *name, **at;
	} texts[] = {
		{ "go", &q->in.go }, { "tools", &q->in.tools }, { "dir", &q->in.dir },
		{ "module", &q->in.module },
		{ "version", &q->in.version }, { "go_line", &q->in.go_line }, { "goos", &q->in.goos },
		{ "goarch", &q->in.goarch }, { "path", &q->in.path }, { "cover", &q->in.cover },
		{ "gcflags", &q->in.gcflags }, { "asmflags", &q->in.asmflags }, { "arch", &q->in.arch },
		{ "experiment", &q->in.experiment },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!strcmp(name, texts[i].name))
			*texts[i].at = value;
	if (!strcmp(name, "minor"))
		q->in.minor = atoi(value);
	else if (!strcmp(name, "std"))
		q->in.is_std = true;
	else if (!strcmp(name, "trimpath"))
		q->in.is_trimpath = true;
	else if (!strcmp(name, "asm"))
		q->in.has_asm = true;
	else if (!strcmp(name, "modinfo"))
		q->in.modinfo = literal(value);
	else if (!strcmp(name, "cgo"))
		q->in.cgo = literal(value);
	else if (!strcmp(name, "file"))
		add_file(q, value);
	else if (!strcmp(name, "import"))
		add_import(q, value);
}

static void answer_action(const char **field, size_t cnt)
{
	struct action_question *q = calloc(1, sizeof(*q));
	uint8_t id[GOCACHE_ID_SZ];
	char hex[SHA256_HEX];

	if (!q)
		exit(1);
	q->in.files = q->files;
	q->in.imports = q->imports;
	for (size_t i = 0; i < cnt; i++) {
		char *value = (char *)strchr(field[i], '=');	/* of main's line, which is not const */

		*value++ = '\0';
		add_action_field(q, field[i], value);
	}
	if (action__id(&q->in, id)) {
		printf("unknown\n");
		free(q);
		return;
	}
	sha256__hex(id, hex);
	printf("%s\n", hex);
	free(q);
}

static enum path_kind exists(void *ctx, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return PATH_ABSENT;
	return S_ISDIR(st.st_mode) ? PATH_DIR : PATH_FILE;
}

static enum tristate is_same_dir(void *ctx, const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino ? YES : NO;
}

static void answer_cwd(const char **field, size_t cnt)
{
	struct go_cwd_facts facts = {
		.cwd = field[0], .pwd = field[1], .chdir = field[2], .after_chdir = field[3],
		.is_same_dir = is_same_dir,
	};
	__free_str struct str dir = {};
	bool certain;

	if (go_cwd__find(&facts, &dir, &certain))
		exit(1);
	printf("%s\t%d\n", dir.s, certain);
}

static void answer_mainmod(const char **field, size_t cnt)
{
	struct go_flags_facts flags = { .minor = atoi(field[0]), .goflags = field[6] };
	__free_go_flags struct go_flags f = {};
	struct mainmod_facts facts = {
		.minor = flags.minor, .flags = &f, .go111module = field[1], .gowork = field[2],
		.cwd = field[3], .temp_dir = field[4], .goroot = field[5], .exists = exists,
		.is_same_dir = is_same_dir,
	};
	__free_mainmod struct mainmod m = {};
	size_t i;

	field[6] = "go";
	flags.argv = field + 6;
	flags.argc = cnt - 6;
	if (go_flags__parse(&flags, &f) || mainmod__find(&facts, &m))
		exit(1);
	printf("%s\t%s\t%s\t%s\t%d\t%s\t%d", text_of(m.env_gomod), text_of(m.env_gowork),
	       text_of(m.module_file), text_of(m.workspace_file), m.mode, text_of(m.error),
	       m.is_gomod_certain && m.is_gowork_certain);
	for (i = 0; i < m.ignored_cnt; i++)
		printf("\t%s: %s", m.ignored[i].path, mainmod_why__title(m.ignored[i].why));
	printf("\n");
}

static struct toolchain_file read_text(const char *path, struct str *text)
{
	if (!path || file__read(path, 1 << 20, text))
		return (struct toolchain_file){};
	return (struct toolchain_file){ .path = path, .text = text->s ?: "", .size = text->len };
}

static void answer_toolchain(const char **field, size_t cnt)
{
	__free_str struct str work = {}, mod = {};
	struct toolchain_facts facts = {
		.local = field[0], .gotoolchain = field[1], .go111module = field[2],
		.invoked_for = field[3], .work = read_text(field[4], &work),
		.mod = read_text(field[5], &mod), .argv = field + 5, .argc = cnt - 5,
	};
	__free_toolchain_choice struct toolchain_choice c = {};

	field[5] = "go";
	if (toolchain__select(&facts, &c))
		exit(1);
	printf("%d\t%s\t%s\t%s\t%u\t%s\t%u\t%s\t%d\t%d\t%d\n", c.action, text_of(c.name),
	       toolchain_reason__title(c.reason), text_of(c.file), c.line, text_of(c.lacks),
	       c.lacks_line, text_of(c.error), c.is_path_only, c.may_switch_later, c.is_certain);
}

static void answer_godebug(const char **field, size_t cnt)
{
	__free_str struct str text = {};
	const struct toolchain_file file = read_text(field[2], &text);
	struct godebug_facts facts = {
		.minor = atoi(field[0]), .place = atoi(field[1]), .path = file.path, .text = file.text,
		.size = file.size, .linked = field[3], .gofips140 = field[4], .environment = field[5],
	};
	__free_godebug struct godebug g = {};
	size_t i;

	if (godebug__attribute(&facts, &g))
		exit(1);
	printf("%d", g.is_explained);
	for (i = 0; i < g.cnt; i++)
		if (!g.entries[i].is_overridden)
			printf("\t%s=%s %d:%u %d", g.entries[i].key, g.entries[i].value, g.entries[i].source,
			       g.entries[i].line, g.entries[i].is_changed);
	printf("\n");
}

static const struct {
	const char *name;
	size_t min_fields;
	void (*answer)(const char **field, size_t cnt);
} questions[] = {
	{ "flags", 2, answer_flags },
	{ "cwd", 4, answer_cwd },
	{ "action", 1, answer_action },
	{ "mainmod", 7, answer_mainmod },
	{ "toolchain", 6, answer_toolchain },
	{ "godebug", 6, answer_godebug },
};

static void ask(char *line)
{
	const char *field[MAX_FIELDS];
	size_t cnt = 0, i;
	bool is_known = false;
	char *word;

	line[strcspn(line, "\n")] = '\0';
	while (cnt < MAX_FIELDS && (word = strsep(&line, "\t")))
		field[cnt++] = strcmp(word, "\\N") ? word : NULL;
	for (i = 0; i < ARRAY_SIZE(questions); i++)
		if (cnt > questions[i].min_fields && field[0] && !strcmp(field[0], questions[i].name)) {
			questions[i].answer(field + 1, cnt - 1);
			is_known = true;
		}
	if (!is_known)
		printf("?\n");
	fflush(stdout);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		ask(line);
	free(line);
	return 0;
}
