/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_SETTINGS_TABLE_H
#define GOENVBPF_GOLANG_SETTINGS_TABLE_H
/*
 * How a default follows from other settings. Internal to the settings_*.c files.
 */
#include "golang/settings.h"
#include "util/path.h"

struct setting_rule {
	/* Appends the default; false: it cannot be known from the facts. -ENOMEM shows in out. */
	bool (*derive)(const struct setting_facts *facts, struct str *out);
};

extern const struct setting_rule rule_host_os, rule_host_arch, rule_gocache, rule_goenv, rule_gomodcache,
	rule_gopath, rule_goroot, rule_gobin, rule_goprivate, rule_goexe, rule_gotooldir, rule_goversion,
	rule_gotelemetrydir, rule_cgo_enabled, rule_cflags, rule_goproxy, rule_gosumdb, rule_go386,
	rule_goarm;

/* The value of another setting, resolved; appended to out. False when it is not known. */
bool settings__value_of(const struct setting_facts *facts, const char *name, struct str *out);
const char *settings__env(const struct setting_facts *facts, const char *name);	/* never NULL */

#endif
