/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The list of Go's settings, from internal/cfg and cmd/go of 1.15 to 1.27. */
#include <stdlib.h>

#include "golang/settings_table.h"
#include "util/str.h"

/* Passed to tools by every version that we know. */
#define ALL 1

#define NO_FILE	 SETTING_NO_FILE
#define COMPUTED SETTING_COMPUTED
#define HIDDEN	 SETTING_HIDDEN
#define ARCH	 (SETTING_ARCH | SETTING_COMPILED)
#define COMPILED SETTING_COMPILED

static const struct setting settings[] = {
	/* name			    since  exported	flags	  default */
	{ "AR",			     0,  ALL, 0,	0,	  "ar" },
	{ "CC",			     0,  ALL, 0,	COMPILED, "gcc" },
	{ "CGO_CFLAGS",		     0,	 0,   0,	0,	  NULL, &rule_cflags },
	{ "CGO_CFLAGS_ALLOW",	     0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_CFLAGS_DISALLOW",     0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_CPPFLAGS",	     0,	 0,   0,	0,	  "" },
	{ "CGO_CPPFLAGS_ALLOW",	     0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_CPPFLAGS_DISALLOW",   0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_CXXFLAGS",	     0,	 0,   0,	0,	  NULL, &rule_cflags },
	{ "CGO_CXXFLAGS_ALLOW",	     0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_CXXFLAGS_DISALLOW",   0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_ENABLED",	     0,  ALL, 0,	SETTING_BOOL, NULL, &rule_cgo_enabled },
	{ "CGO_FFLAGS",		     0,	 0,   0,	0,	  NULL, &rule_cflags },
	{ "CGO_FFLAGS_ALLOW",	     0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_FFLAGS_DISALLOW",     0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_LDFLAGS",	     0,	 0,   0,	0,	  NULL, &rule_cflags },
	{ "CGO_LDFLAGS_ALLOW",	     0,	 0,   0,	HIDDEN,	  "" },
	{ "CGO_LDFLAGS_DISALLOW",    0,	 0,   0,	HIDDEN,	  "" },
	{ "CXX",		     0,  ALL, 0,	COMPILED, "g++" },
	{ "FC",			     0,	 0,   0,	HIDDEN,	  "gfortran" },
	{ "GCCGO",		     0,  ALL, 0,	0,	  "gccgo" },
	{ "GO111MODULE",	     0,  ALL, 0,	0,	  "" },
	{ "GO386",		     0,  ALL, 0,	ARCH,	  NULL, &rule_go386 },
	{ "GOAMD64",		     18, ALL, 0,	ARCH,	  "v1" },
	{ "GOARCH",		     0,  ALL, 0,	0,	  NULL, &rule_host_arch },
	{ "GOARM",		     0,  ALL, 0,	ARCH,	  NULL, &rule_goarm },
	{ "GOARM64",		     23, ALL, 0,	ARCH,	  "v8.0" },
	{ "GOAUTH",		     24, ALL, 0,	0,	  "netrc" },
	{ "GOBIN",		     0,  ALL, 26,	0,	  NULL, &rule_gobin },
	{ "GOCACHE",		     0,  ALL, 0,	0,	  NULL, &rule_gocache },
	{ "GOCACHEPROG",	     21, 24,  0,	0,	  "", .shown = 24 },
	{ "GODEBUG",		     0,	 23,  0,	NO_FILE,  "", .shown = 23 },
	{ "GOENV",		     0,  ALL, 0,	NO_FILE,  NULL, &rule_goenv },
	{ "GOEXE",		     0,  ALL, 0,	COMPUTED, NULL, &rule_goexe },
	{ "GOEXPERIMENT",	     17, ALL, 0,	0,	  "" },
	{ "GOFIPS140",		     24, ALL, 0,	COMPILED, "off" },
	{ "GOFLAGS",		     0,  ALL, 0,	0,	  "" },
	{ "GOGCCFLAGS",		     0,	 0,   0,	COMPUTED },
	{ "GOHOSTARCH",		     0,  ALL, 0,	COMPUTED, NULL, &rule_host_arch },
	{ "GOHOSTOS",		     0,  ALL, 0,	COMPUTED, NULL, &rule_host_os },
	{ "GOINSECURE",		     14, ALL, 0,	0,	  "" },
	{ "GOMIPS",		     0,  ALL, 0,	ARCH,	  "hardfloat" },
	{ "GOMIPS64",		     0,  ALL, 0,	ARCH,	  "hardfloat" },
	{ "GOMOD",		     0,	 0,   0,	COMPUTED },
	{ "GOMODCACHE",		     15, ALL, 0,	0,	  NULL, &rule_gomodcache },
	{ "GONOPROXY",		     0,  ALL, 0,	0,	  NULL, &rule_goprivate },
	{ "GONOSUMDB",		     0,  ALL, 0,	0,	  NULL, &rule_goprivate },
	{ "GOOS",		     0,  ALL, 0,	0,	  NULL, &rule_host_os },
	{ "GOPACKAGESDRIVER",	     27, 27,  0,	NO_FILE,  "" },
	{ "GOPATH",		     0,  ALL, 0,	0,	  NULL, &rule_gopath },
	{ "GOPPC64",		     0,  ALL, 0,	ARCH,	  "power8" },
	{ "GOPRIVATE",		     0,  ALL, 0,	0,	  "" },
	{ "GOPROXY",		     0,  ALL, 0,	0,	  NULL, &rule_goproxy },
	{ "GORISCV64",		     23, ALL, 0,	ARCH,	  "rva20u64" },
	{ "GOROOT",		     0,  ALL, 0,	0,	  NULL, &rule_goroot },
	{ "GOSUMDB",		     0,  ALL, 0,	0,	  NULL, &rule_gosumdb },
	{ "GOTELEMETRY",	     23, 23,  0,	COMPUTED },
	{ "GOTELEMETRYDIR",	     23, 23,  0,	COMPUTED, NULL, &rule_gotelemetrydir },
	{ "GOTMPDIR",		     0,  ALL, 0,	0,	  "" },
	{ "GOTOOLCHAIN",	     21, ALL, 0,	0,	  "" },
	{ "GOTOOLDIR",		     0,  ALL, 0,	COMPUTED, NULL, &rule_gotooldir },
	{ "GOVCS",		     16, ALL, 0,	0,	  "" },
	{ "GOVERSION",		     16, ALL, 0,	COMPUTED, NULL, &rule_goversion },
	{ "GOWASM",		     0,  ALL, 0,	ARCH,	  "" },
	{ "GOWORK",		     18, 0,   0,	0 },
	{ "GO_EXTLINK_ENABLED",	     0,	 0,   0,	HIDDEN,	  "" },
	{ "PKG_CONFIG",		     0,	 0,   0,	COMPILED, "pkg-config" },
};

static const struct {
	const char *setting;
	const char *archs[2];
} arch_settings[] = {
	{ "GO386",     { "386" } },
	{ "GOAMD64",   { "amd64" } },
	{ "GOARM",     { "arm" } },
	{ "GOARM64",   { "arm64" } },
	{ "GOMIPS",    { "mips", "mipsle" } },
	{ "GOMIPS64",  { "mips64", "mips64le" } },
	{ "GOPPC64",   { "ppc64", "ppc64le" } },
	{ "GORISCV64", { "riscv64" } },
	{ "GOWASM",    { "wasm" } },
};

const struct setting *setting__all(size_t *ret_cnt)
{
	*ret_cnt = ARRAY_SIZE(settings);
	return settings;
}

static int by_name(const void *name, const void *s)
{
	return strcmp(name, ((const struct setting *)s)->name);
}

const struct setting *setting__find(const char *name)
{
	return bsearch(name, settings, ARRAY_SIZE(settings), sizeof(settings[0]), by_name);
}

bool setting__exists(const struct setting *s, int minor)
{
	return !minor || minor >= s->since;
}

bool setting__is_for_arch(const struct setting *s, const char *goarch)
{
	size_t i, k;

	if (!(s->flags & SETTING_ARCH))
		return true;
	for (i = 0; i < ARRAY_SIZE(arch_settings); i++)
		for (k = 0; k < 2 && str_eq(arch_settings[i].setting, s->name); k++)
			if (arch_settings[i].archs[k] && str_eq(arch_settings[i].archs[k], goarch))
				return true;
	return false;
}

bool setting__is_shown(const struct setting *s, int minor, const char *goarch)
{
	return !(s->flags & SETTING_HIDDEN) && setting__exists(s, minor) &&
	       setting__is_for_arch(s, goarch) && (!minor || minor >= s->shown);
}

bool setting__means(const struct setting *s, int minor, const char *value, const char *exported)
{
	const char *word = value + strspn(value, " \t");
	size_t n = strcspn(word, " \t");

	if (str_eq(value, exported))
		return true;
	return minor && minor < 18 && (str_eq(s->name, "CC") || str_eq(s->name, "CXX")) && n &&
	       strlen(exported) == n && !memcmp(word, exported, n);
}

bool setting__is_exported(const struct setting *s, int minor, const char *goarch)
{
	if (!s->exported || !setting__exists(s, minor) || !setting__is_for_arch(s, goarch))
		return false;
	if (!minor)
		return !s->exported_until;
	return minor >= s->exported && (!s->exported_until || minor <= s->exported_until);
}
