/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any texts, cut at NUL, as the user's file, go.env, go.mod, a variable, an argument and what a tool
 * received; then the settings of the command, as text and as JSON.
 */
#include <stdint.h>
#include <string.h>

#include "output/env.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { USER, ROOT, MOD, VALUE, ARG, TOOL, PARTS };

static const char *parts[PARTS];

static void key_file(struct json *j, const char *kind, const char *path)
{
	json__obj(j);
	json__kstr(j, "k", kind);
	json__kint(j, "ts", 2);
	json__kint(j, "pid", 7);
	json__kint(j, "tid", 7);
	json__kint(j, "proc", 1);
	json__kstr(j, "as", path);
	json__kstr(j, "path", path);
}

static void add(struct model *m, struct str *line)
{
	struct jsonv *root = NULL;
	struct rec rec;

	if (!rec__parse(NULL, line->s, line->len, &rec, &root))
		(void)model__add(m, &rec);	/* it is out of memory, or fine */
	jsonv__free(root);
	str__cut(line, 0);
}

static void add_file(struct model *m, struct str *line, const char *path, const char *text)
{
	static const char *const kinds[] = { "stat", "open", "file" };
	struct json j;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		json__init(&j, line);
		key_file(&j, kinds[i], path);
		json__kstr(&j, "text", text);
		json__end(&j);
		add(m, line);
	}
}

static void add_exec(struct model *m, struct str *line, int proc, const char *exe, const char *value)
{
	static const char *const names[] = { "GOFLAGS", "GOENV", "GOROOT", "GOPROXY", "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION" };
	struct json j;

	json__init(&j, line);
	json__obj(&j);
	json__kstr(&j, "k", "exec");
	json__kint(&j, "ts", proc);
	json__kint(&j, "pid", 6 + proc);
	json__kint(&j, "proc", proc);
	json__kint(&j, proc == 2 ? "parent" : "prev", proc - 1);
	json__kstr(&j, "exe", exe);
	json__kstr(&j, "cwd", "/w");
	json__key(&j, "args");
	json__arr(&j);
	json__str(&j, "go");
	json__str(&j, "test");
	json__str(&j, parts[ARG]);
	json__str(&j, value);
	json__end(&j);
	json__key(&j, "env");
	json__obj(&j);
	json__kstr(&j, "HOME", "/h");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (i == 0 || value[0] % ARRAY_SIZE(names) == i)
			json__kstr(&j, names[i], value);
	json__end(&j);
	json__end(&j);
	add(m, line);
}

static void show(const struct model *m)
{
	static const struct env_view view = { .all = true };
	__free_str struct str out = {};

	(void)env__text(m, &view, &out);
	str__cut(&out, 0);
	(void)env__json(m, &view, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	__free_mem char *text = calloc(n + PARTS + 1, 1);
	__free_model struct model *m = model__new(MODEL_ALL);
	__free_str struct str line = {};
	char *p = text;

	if (!text || !m)
		return 0;
	memcpy(text, data, n);
	for (int i = 0; i < PARTS; i++) {
		parts[i] = p;
		if (p < text + n)
			p += strlen(p) + 1;
	}
	add_exec(m, &line, 1, "/go/bin/go", parts[VALUE]);
	add_file(m, &line, "/h/.config/go/env", parts[USER]);
	add_file(m, &line, "/go/go.env", parts[ROOT]);
	add_file(m, &line, "/w/go.mod", parts[MOD]);
	add_exec(m, &line, 2, "/go/pkg/tool/linux_amd64/link", parts[TOOL]);
	add_exec(m, &line, 3, "/go/bin/go", parts[TOOL]);
	if (!model__finish(m, &(struct pass_end){}))
		show(m);
	return 0;
}
