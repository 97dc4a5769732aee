/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Settings with which go does not even begin. */
#include "model/failures/store.h"
#include "model/settings/settings.h"
#include "util/path.h"

static const char *const systems[] = {
	"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd", "plan9",
	"solaris", "wasip1", "windows", "nacl", "zos",
};

static const char *const machines[] = {
	"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
	"s390x", "wasm", "sparc64", "riscv", "ppc", "amd64p32", "mips64p32", "mips64p32le",
};

static bool is_listed(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], name))
			return true;
	return false;
}

/* "go1.24.4", "local", "auto", "path", each also as "X+auto" and "X+path", "go1.24.4-suffix". */
static bool is_toolchain(const char *value)
{
	size_t n = strcspn(value, "+");
	const char *tail = value + n;

	if (*tail && !str_eq(tail, "+auto") && !str_eq(tail, "+path"))
		return false;
	if (str_has_prefix(value, "go1") || (n == 7 && !strncmp(value, "default", n)))
		return true;
	return (n == 5 && !strncmp(value, "local", n)) || str_eq(value, "auto") || str_eq(value, "path");
}

static bool tell(struct failure *f, const struct effective *e, const char *value, const char *why)
{
	f->reason = REASON_SETTING;
	f->paths[f->path_cnt++] = e->name;
	f->value = value ?: "";
	f->why = why;
	f->confidence = LIKELY;
	for (size_t i = 0; i < e->proof_cnt; i++)
		proof__add(&f->proof, e->proof[i]);
	return true;
}

static bool is_on(const struct command_settings *s, const char *flag)
{
	const struct effective *e = command_settings__find(s, flag);

	return e && e->won.value && str_eq(e->won.value, "true");
}

static bool tell_unknown(const struct go_command *c, const char *name, bool (*is_known)(const char *value),
			 struct failure *f)
{
	const struct effective *e = command_settings__find(c->settings, name);

	return e && e->is_set && e->won.value && *e->won.value && !is_known(e->won.value) &&
	       tell(f, e, e->won.value, "is nothing that go knows");
}

static bool is_system(const char *value)
{
	return is_listed(value, systems, ARRAY_SIZE(systems));
}

static bool is_machine(const char *value)
{
	return is_listed(value, machines, ARRAY_SIZE(machines));
}

static bool tell_instrumented(const struct go_command *c, struct failure *f)
{
	static const char *const flags[] = { "-race", "-msan", "-asan" };
	const struct effective *cgo = command_settings__find(c->settings, "CGO_ENABLED");

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (is_on(c->settings, flags[i]) && cgo && str_eq(cgo->won.value ?: "", "0"))
			return tell(f, cgo, "0", flags[i]);
	return false;
}

static bool has_looked_for_module(const struct go_command *c)
{
	for (size_t i = 0; i < c->lookup_cnt; i++)
		if (path__is_named(c->lookups[i].path, "go.mod"))
			return true;
	return str_eq(go_command__var(c, "GO111MODULE") ?: "", "off");
}

/* go checks these before it looks for a module: it ended before that. */
static bool tell_early(const struct go_command *c, struct failure *f)
{
	static const char *const names[] = { "GOEXPERIMENT", "GO111MODULE", "GOFLAGS", "GOFIPS140", "GOAMD64", "GOARM",
					     "GOARM64", "GO386", "GOPATH" };

	if (has_looked_for_module(c))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct effective *e = command_settings__find(c->settings, names[i]);

		if (e && e->is_set && e->won.value && *e->won.value)
			return tell(f, e, e->won.value, "is set, and go stopped before it looked for a module");
	}
	return false;
}

bool failure__setting(const struct go_command *c, struct failure *ret)
{
	const struct command_settings *s = c->settings;

	for (size_t i = 0; i < s->cnt; i++)
		if (s->list[i].why && strstr(s->list[i].why, "refuses"))
			return tell(ret, &s->list[i], go_command__var(c, s->list[i].name), s->list[i].why);
	return tell_unknown(c, "GOTOOLCHAIN", is_toolchain, ret) || tell_unknown(c, "GOOS", is_system, ret) ||
	       tell_unknown(c, "GOARCH", is_machine, ret) || tell_instrumented(c, ret) || tell_early(c, ret);
}
