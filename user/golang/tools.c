/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a process is to a Go build. */
#include <stdbool.h>
#include <string.h>

#include "golang/tools.h"
#include "util/cleanup.h"
#include "util/str.h"

static const struct {
	const char *name, *plural;
} roles[] = {
#define X(id, role_name, role_plural) [TOOL_##id] = { role_name, role_plural },
	TOOL_ROLE_LIST(X)
#undef X
};

const char *tool_role__name(enum tool_role role)
{
	return roles[role].name;
}

const char *tool_role__plural(enum tool_role role)
{
	return roles[role].plural;
}

/* Programs of $GOROOT/pkg/tool, and the flag that names the package they work on. */
static const struct {
	const char *name;
	enum tool_role role;
	const char *package_flag;
} go_tools[] = {
	{ "compile", TOOL_COMPILE, "-p" },
	{ "asm",     TOOL_ASM,     "-p" },
	{ "cgo",     TOOL_CGO,     "-importpath" },
	{ "link",    TOOL_LINK,    NULL },
	{ "vet",     TOOL_VET,     NULL },
};

/* Programs known by the package path that is embedded in them. */
static const struct {
	const char *path;
	enum tool_role role;
} programs[] = {
	{ "cmd/go",                            TOOL_GO },
	{ "golang.org/x/tools/gopls",          TOOL_GOPLS },
	{ "github.com/go-delve/delve/cmd/dlv", TOOL_DLV },
};

/* Programs that a C compiler driver runs, and the driver itself; versions may follow a dash. */
static const char *const c_tools[] = {
	"cc", "c++", "gcc", "g++", "clang", "clang++", "cc1", "cc1plus", "as", "ld", "ld.bfd",
	"ld.gold", "ld.lld", "collect2", "ar", "gfortran",
};

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "gcc" is in "x86_64-linux-gnu-gcc-12", "cc1" is not in "cc1plus". */
static bool is_c_tool(const char *name)
{
	size_t n = strlen(name);
	const char *dash;

	while ((dash = memrchr(name, '-', n)) && dash[1] >= '0' && dash[1] <= '9')
		n = dash - name;
	dash = memrchr(name, '-', n);
	if (dash) {
		n -= dash + 1 - name;
		name = dash + 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(c_tools); i++)
		if (strlen(c_tools[i]) == n && !memcmp(c_tools[i], name, n))
			return true;
	return false;
}

static const char *flag_value(const struct tool_facts *f, const char *flag)
{
	for (size_t i = 1; flag && i + 1 < f->arg_cnt; i++)
		if (str_eq(f->args[i], flag))
			return f->args[i + 1];
	return NULL;
}

static bool has_arg_prefix(const struct tool_facts *f, const char *prefix)
{
	for (size_t i = 1; i < f->arg_cnt; i++)
		if (str_has_prefix(f->args[i], prefix))
			return true;
	return false;
}

/* The verb, behind the one flag that may come before it. */
static const char *go_verb(const struct tool_facts *f)
{
	size_t i = 1;

	if (i < f->arg_cnt && (str_eq(f->args[i], "-C") || str_eq(f->args[i], "--C")))
		i += 2;
	else if (i < f->arg_cnt && (str_has_prefix(f->args[i], "-C=")))
		i++;
	return i < f->arg_cnt ? f->args[i] : NULL;
}

static struct tool go_tool(const struct tool_facts *f, const char *name)
{
	struct tool t = { .role = TOOL_GOTOOL, .name = name, .subject = f->importpath };

	for (size_t i = 0; i < ARRAY_SIZE(go_tools); i++) {
		if (!str_eq(name, go_tools[i].name))
			continue;
		t.role = go_tools[i].role;
		/* "-p main" says less than the import path, which go always sets. */
		if (!t.subject)
			t.subject = flag_value(f, go_tools[i].package_flag);
	}
	if (f->arg_cnt > 1 && str_has_prefix(f->args[1], "-V")) {
		t.role = TOOL_PROBE;
		t.subject = NULL;
	}
	return t;
}

/* A go tool's name when the path is that of one: in a GOROOT, or built on demand into the cache. */
static const char *go_tool_name(const char *exe)
{
	const char *name = base(exe), *dir;

	if (strstr(exe, "/pkg/tool/"))
		return name;
	dir = name - exe >= 3 ? name - 3 : exe;
	if (!memcmp(dir, "-d/", 3))
		for (size_t i = 0; i < ARRAY_SIZE(go_tools); i++)
			if (str_eq(name, go_tools[i].name))
				return name;
	return NULL;
}

static enum tool_role program_role(const struct tool_facts *f, const char *name)
{
	for (size_t i = 0; f->buildinfo_path && i < ARRAY_SIZE(programs); i++)
		if (str_eq(f->buildinfo_path, programs[i].path))
			return programs[i].role;
	if (str_has_suffix(name, ".test") && has_arg_prefix(f, "-test."))
		return TOOL_TEST;
	if (strstr(f->exe, "/go-build") && strstr(f->exe, "/exe/"))
		return TOOL_RUN;
	if (f->buildinfo_path)
		return TOOL_GOPROGRAM;
	if (str_eq(name, "go") && str_has_suffix(f->exe, "/bin/go"))
		return TOOL_GO;
	return is_c_tool(name) ? TOOL_CC : TOOL_OTHER;
}

struct tool tool__classify(const struct tool_facts *f)
{
	struct tool t = { .role = TOOL_OTHER };
	const char *name;

	if (!f->exe)
		return t;
	name = go_tool_name(f->exe);
	if (name)
		return go_tool(f, name);
	name = base(f->exe);
	t.role = program_role(f, name);
	t.name = name;
	if (t.role == TOOL_GO)
		t.subject = go_verb(f);
	else if (t.role == TOOL_OTHER && f->importpath && f->arg_cnt > 1 &&
		 go_tool_name(f->args[1]))
		t.role = TOOL_TOOLEXEC;
	return t;
}
