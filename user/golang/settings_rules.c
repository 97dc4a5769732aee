/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the defaults of Go's settings follow from other settings and from the host. */
#include <errno.h>

#include "golang/settings_table.h"

static bool is_at_least(const struct setting_facts *facts, int minor)
{
	return !facts->minor || facts->minor >= minor;
}

/* os.UserConfigDir and os.UserCacheDir: false and *why when there is none. */
static bool user_dir(const struct setting_facts *facts, const char *xdg, const char *below_home,
		     struct str *out, const char **why)
{
	const char *dir = settings__env(facts, xdg), *home = settings__env(facts, "HOME");

	if (*dir && *dir != '/' && is_at_least(facts, 24)) {
		*why = str_eq(xdg, "XDG_CONFIG_HOME") ? "XDG_CONFIG_HOME is relative" :
							"XDG_CACHE_HOME is relative";
		return false;
	}
	if (!*dir && !*home) {
		*why = "HOME is not set";
		return false;
	}
	str__adds(out, *dir ? dir : home);
	if (!*dir) {
		str__addc(out, '/');
		str__adds(out, below_home);
	}
	return true;
}

int setting__user_file(const struct setting_facts *facts, struct str *ret_path, const char **ret_why)
{
	const char *goenv = settings__env(facts, "GOENV");

	if (str_eq(goenv, "off")) {
		*ret_why = "GOENV=off";
		return -ENOENT;
	}
	if (*goenv) {
		str__adds(ret_path, goenv);
		return str__err(ret_path);
	}
	if (!user_dir(facts, "XDG_CONFIG_HOME", ".config", ret_path, ret_why))
		return -ENOENT;
	str__adds(ret_path, "/go/env");
	path__clean(ret_path, 0);
	return str__err(ret_path);
}

static bool derive_host_os(const struct setting_facts *facts, struct str *out)
{
	str__adds(out, facts->host_os ?: "linux");
	return true;
}

static bool derive_host_arch(const struct setting_facts *facts, struct str *out)
{
	if (facts->host_arch)
		str__adds(out, facts->host_arch);
	return facts->host_arch;
}

static bool derive_gocache(const struct setting_facts *facts, struct str *out)
{
	const char *why;

	if (!user_dir(facts, "XDG_CACHE_HOME", ".cache", out, &why)) {
		str__adds(out, "off");
		return true;
	}
	str__adds(out, "/go-build");
	path__clean(out, 0);
	return true;
}

static bool derive_goenv(const struct setting_facts *facts, struct str *out)
{
	const char *why;

	(void)setting__user_file(facts, out, &why);	/* without a file go env says "" */
	return true;
}

static bool derive_gopath(const struct setting_facts *facts, struct str *out)
{
	const char *home = settings__env(facts, "HOME");

	if (!*home)
		return true;
	path__add_from(out, home, "go");
	if (facts->goroot && out->s && str_eq(out->s, facts->goroot))
		str__cut(out, 0);	/* go leaves it empty rather than warn about itself */
	return true;
}

/* The first element of GOPATH with something below it; nothing when GOPATH is empty. */
static bool below_gopath(const struct setting_facts *facts, const char *below, struct str *out)
{
	if (!settings__value_of(facts, "GOPATH", out))
		return false;
	if (out->s)
		str__cut(out, strcspn(out->s, ":"));
	if (!out->len)
		return true;
	str__addc(out, '/');
	str__adds(out, below);
	path__clean(out, 0);
	return true;
}

static bool derive_gomodcache(const struct setting_facts *facts, struct str *out)
{
	return below_gopath(facts, "pkg/mod", out);
}

static bool derive_gobin(const struct setting_facts *facts, struct str *out)
{
	return !is_at_least(facts, 27) || below_gopath(facts, "bin", out);
}

static bool derive_goprivate(const struct setting_facts *facts, struct str *out)
{
	return settings__value_of(facts, "GOPRIVATE", out);
}

static bool derive_goroot(const struct setting_facts *facts, struct str *out)
{
	if (facts->goroot)
		str__adds(out, facts->goroot);
	return facts->goroot;
}

static bool derive_goexe(const struct setting_facts *facts, struct str *out)
{
	__free_str struct str goos = {};

	if (settings__value_of(facts, "GOOS", &goos) && goos.s && str_eq(goos.s, "windows"))
		str__adds(out, ".exe");
	return true;
}

static bool derive_gotooldir(const struct setting_facts *facts, struct str *out)
{
	__free_str struct str goroot = {};

	if (!facts->host_arch || !settings__value_of(facts, "GOROOT", &goroot) || !goroot.s)
		return false;
	str__addf(out, "%s/pkg/tool/%s_%s", goroot.s, facts->host_os ?: "linux", facts->host_arch);
	path__clean(out, 0);
	return true;
}

static bool derive_goversion(const struct setting_facts *facts, struct str *out)
{
	if (facts->version)
		str__adds(out, facts->version);
	return facts->version;
}

static bool derive_gotelemetrydir(const struct setting_facts *facts, struct str *out)
{
	const char *why;

	if (!user_dir(facts, "XDG_CONFIG_HOME", ".config", out, &why))
		return true;
	str__adds(out, "/go/telemetry");
	path__clean(out, 0);
	return true;
}

/*
 * Off when cross-compiling; else on where cgo works, but since 1.20 only when the C compiler that is
 * the default is on PATH or CC (of the environment: files do not count here) names another one.
 */
static bool derive_cgo_enabled(const struct setting_facts *facts, struct str *out)
{
	__free_str struct str goos = {}, goarch = {};
	bool is_host;

	if (!facts->host_arch || !settings__value_of(facts, "GOOS", &goos) ||
	    !settings__value_of(facts, "GOARCH", &goarch) || !goos.s || !goarch.s)
		return false;
	is_host = str_eq(goos.s, facts->host_os ?: "linux") && str_eq(goarch.s, facts->host_arch);
	if (is_host && is_at_least(facts, 20) && !*settings__env(facts, "CC")) {
		if (facts->has_cc == UNKNOWN)
			return false;
		is_host = facts->has_cc == YES;
	}
	str__adds(out, is_host ? "1" : "0");
	return true;
}

static bool derive_cflags(const struct setting_facts *facts, struct str *out)
{
	str__adds(out, is_at_least(facts, 20) ? "-O2 -g" : "-g -O2");
	return true;
}

/* Since 1.21 the defaults of these are in GOROOT/go.env only. */
static bool derive_goproxy(const struct setting_facts *facts, struct str *out)
{
	str__adds(out, is_at_least(facts, 21) ? "" : "https://proxy.golang.org,direct");
	return true;
}

static bool derive_gosumdb(const struct setting_facts *facts, struct str *out)
{
	str__adds(out, is_at_least(facts, 21) ? "" : "sum.golang.org");
	return true;
}

static bool derive_go386(const struct setting_facts *facts, struct str *out)
{
	str__adds(out, is_at_least(facts, 16) ? "softfloat" : "387");
	return true;
}

static bool derive_goarm(const struct setting_facts *facts, struct str *out)
{
	str__adds(out, is_at_least(facts, 21) ? "7" : "5");
	/* 1.22 and 1.23 print what they made of it. */
	if (facts->minor == 22 || facts->minor == 23)
		str__adds(out, ",hardfloat");
	return true;
}

const struct setting_rule rule_host_os = { derive_host_os };
const struct setting_rule rule_host_arch = { derive_host_arch };
const struct setting_rule rule_gocache = { derive_gocache };
const struct setting_rule rule_goenv = { derive_goenv };
const struct setting_rule rule_gomodcache = { derive_gomodcache };
const struct setting_rule rule_gopath = { derive_gopath };
const struct setting_rule rule_goroot = { derive_goroot };
const struct setting_rule rule_gobin = { derive_gobin };
const struct setting_rule rule_goprivate = { derive_goprivate };
const struct setting_rule rule_goexe = { derive_goexe };
const struct setting_rule rule_gotooldir = { derive_gotooldir };
const struct setting_rule rule_goversion = { derive_goversion };
const struct setting_rule rule_gotelemetrydir = { derive_gotelemetrydir };
const struct setting_rule rule_cgo_enabled = { derive_cgo_enabled };
const struct setting_rule rule_cflags = { derive_cflags };
const struct setting_rule rule_goproxy = { derive_goproxy };
const struct setting_rule rule_gosumdb = { derive_gosumdb };
const struct setting_rule rule_go386 = { derive_go386 };
const struct setting_rule rule_goarm = { derive_goarm };
