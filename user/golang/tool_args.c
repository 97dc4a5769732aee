/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the command lines of Go's tools say. */
#include <errno.h>

#include "golang/tools.h"

static const char *flag_name(const char *arg)
{
	if (arg[0] != '-' || !arg[1])
		return NULL;
	return arg + 1 + (arg[1] == '-');
}

static const struct {
	const char *word;
	bool is_c;
} probes[] = {
	{ "-V=full" },
	{ "-V" },
	{ "-flags" },
	{ "-###", true },
	{ "--version", true },
	{ "-dumpversion", true },
	{ "-dumpmachine", true },
	{ "-print-prog-name=", true },
};

bool tool__is_probe(enum tool_role role, const char *const *argv, size_t argc)
{
	const bool is_c = tool_role__is_c_part(role);
	size_t i, k;

	/* A wrapper is asked with the tool's path before it. */
	if (!is_c && !tool_role__is_go_tool(role) && role != TOOL_TOOLEXEC)
		return false;
	for (i = 1; i < argc; i++)
		for (k = 0; k < ARRAY_SIZE(probes); k++)
			if (probes[k].is_c == is_c && str_eq(argv[i], probes[k].word))
				return true;
	return false;
}

/* Flags with a value, "-flag value" or "-flag=value". */
static const struct {
	const char *name;
	size_t at;
} valued[] = {
	{ "p",		offsetof(struct tool_args, package) },
	{ "importpath",	offsetof(struct tool_args, package) },
	{ "buildid",	offsetof(struct tool_args, build_id) },
	{ "o",		offsetof(struct tool_args, output) },
	{ "importcfg",	offsetof(struct tool_args, importcfg) },
	{ "trimpath",	offsetof(struct tool_args, trimpath) },
	{ "lang",	offsetof(struct tool_args, lang) },
	{ "goversion",	offsetof(struct tool_args, go_version) },
	{ "buildmode",	offsetof(struct tool_args, build_mode) },
	{ "extld",	offsetof(struct tool_args, extld) },
};

/* Returns how many arguments were used up: 0 when it is none of ours. */
static size_t take_valued(const char *name, const char *next, struct tool_args *ret)
{
	const char *value = NULL;
	size_t i, n, used = 1;

	for (i = 0; i < ARRAY_SIZE(valued); i++) {
		n = strlen(valued[i].name);
		if (strncmp(name, valued[i].name, n) || (name[n] && name[n] != '='))
			continue;
		value = name[n] ? name + n + 1 : next;
		used = name[n] || !next ? 1 : 2;
		*(const char **)((char *)ret + valued[i].at) = value;
		return used;
	}
	return 0;
}

static void take_source(const char *arg, struct tool_args *ret)
{
	if (!str_has_suffix(arg, ".go"))
		return;
	ret->sources++;
	ret->test_sources += str_has_suffix(arg, "_test.go");
}

static void take_switch(const char *name, struct tool_args *ret)
{
	static const char godebug[] = "X=runtime.godebugDefault=";

	if (str_eq(name, "std"))
		ret->is_std = true;
	else if (str_eq(name, "gensymabis"))
		ret->is_symabis = true;
	else if (str_has_prefix(name, godebug))
		ret->godebug = name + strlen(godebug);
}

void tool__args(enum tool_role role, const char *const *argv, size_t argc, struct tool_args *ret)
{
	struct tool_args a = {};
	size_t i = 1, used;
	const char *name;

	for (; i < argc; i += used) {
		used = 1;
		name = flag_name(argv[i]);
		a.has_response_file |= argv[i][0] == '@';
		if (!name) {
			take_source(argv[i], &a);
			continue;
		}
		used = take_valued(name, i + 1 < argc ? argv[i + 1] : NULL, &a);
		if (!used) {
			used = 1;
			take_switch(name, &a);
		}
	}
	if (role == TOOL_VET && argc > 1 && str_has_suffix(argv[argc - 1], ".cfg"))
		a.vet_cfg = argv[argc - 1];
	if (role == TOOL_LINK && argc > 1 && argv[argc - 1][0] != '-')
		a.main_archive = argv[argc - 1];
	*ret = a;
}

int tool_args__package(const struct tool_args *a, struct str *ret)
{
	size_t n = a->package ? strlen(a->package) : 0;

	if (!n)
		return -ENOENT;
	str__adds(ret, a->package);
	if (a->test_sources) {
		if (a->test_sources == a->sources && str_has_suffix(a->package, "_test"))
			n -= strlen("_test");
		str__addf(ret, " [%.*s.test]", (int)n, a->package);
	}
	return str__err(ret);
}

/* Index of the verb, behind -C DIR or -C=DIR; argc when there is none. */
static size_t verb_index(const char *const *argv, size_t argc)
{
	const char *name = argc > 1 ? flag_name(argv[1]) : NULL;

	if (!name)
		return 1;
	if (str_eq(name, "C"))
		return 3;
	return str_has_prefix(name, "C=") ? 2 : argc;
}

/* DIR when the argument at i says -C DIR or -C=DIR. */
static const char *chdir_at(const char *const *argv, size_t argc, size_t i)
{
	const char *name = i < argc ? flag_name(argv[i]) : NULL;

	if (!name)
		return NULL;
	if (str_has_prefix(name, "C="))
		return name + 2;
	return str_eq(name, "C") && i + 1 < argc ? argv[i + 1] : NULL;
}

const char *go__chdir(const char *const *argv, size_t argc)
{
	/* Before the verb, or as the first flag behind it. */
	return chdir_at(argv, argc, 1) ?: chdir_at(argv, argc, verb_index(argv, argc) + 1);
}

const char *go__verb(const char *const *argv, size_t argc, const char **ret_sub)
{
	static const char *const with_sub[] = { "mod", "work", "tool", "help", "telemetry" };
	size_t i = verb_index(argv, argc), k;

	*ret_sub = NULL;
	if (i >= argc)
		return NULL;
	for (k = 0; k < ARRAY_SIZE(with_sub); k++)
		if (str_eq(argv[i], with_sub[k]) && i + 1 < argc && argv[i + 1][0] != '-')
			*ret_sub = argv[i + 1];
	return argv[i];
}
