/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a path is tried for: tables of the places where Go programs look. */
#include "golang/ladder.h"
#include "util/str.h"

static const struct {
	const char *name, *title;
} purposes[LADDER_CNT] = {
	[LADDER_NONE] = { "none", "" },
#define X(id, purpose_name, purpose_title) [LADDER_##id] = { purpose_name, purpose_title },
	LADDER_LIST(X)
#undef X
};

const char *ladder_purpose__name(enum ladder_purpose purpose)
{
	return purposes[purpose].name;
}

const char *ladder_purpose__title(enum ladder_purpose purpose)
{
	return purposes[purpose].title;
}

/* Paths that end so, whole names only. */
static const struct {
	const char *end;
	enum ladder_purpose purpose;
} ends[] = {
	{ "/go.work",		 LADDER_GO_WORK },
	{ "/go.mod",		 LADDER_GO_MOD },
	{ "/go/env",		 LADDER_GO_ENV },
	{ "/go.env",		 LADDER_GOROOT_ENV },
	{ "/vendor/modules.txt", LADDER_VENDOR },
	{ "/.netrc",		 LADDER_NETRC },
};

/* The lists of crypto/x509, mime and net (Linux). */
static const struct {
	const char *path;
	enum ladder_purpose purpose;
} places[] = {
	{ "/etc/ssl/certs/ca-certificates.crt",			LADDER_CERTIFICATES },
	{ "/etc/pki/tls/certs/ca-bundle.crt",			LADDER_CERTIFICATES },
	{ "/etc/ssl/ca-bundle.pem",				LADDER_CERTIFICATES },
	{ "/etc/pki/tls/cacert.pem",				LADDER_CERTIFICATES },
	{ "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",	LADDER_CERTIFICATES },
	{ "/etc/ssl/cert.pem",					LADDER_CERTIFICATES },
	{ "/etc/ssl/certs",					LADDER_CERTIFICATES },
	{ "/etc/pki/tls/certs",					LADDER_CERTIFICATES },
	{ "/usr/local/share/mime/globs2",			LADDER_MIME },
	{ "/usr/share/mime/globs2",				LADDER_MIME },
	{ "/etc/mime.types",					LADDER_MIME },
	{ "/etc/apache2/mime.types",				LADDER_MIME },
	{ "/etc/apache/mime.types",				LADDER_MIME },
	{ "/etc/httpd/conf/mime.types",				LADDER_MIME },
	{ "/etc/resolv.conf",					LADDER_RESOLVER },
	{ "/etc/nsswitch.conf",					LADDER_RESOLVER },
	{ "/etc/hosts",						LADDER_RESOLVER },
	{ "/etc/mdns.allow",					LADDER_RESOLVER },
};

/* What follows is the zone's name (time/zoneinfo_unix.go). */
static const char *const zone_folders[] = {
	"/usr/share/zoneinfo/",
	"/usr/share/lib/zoneinfo/",
	"/usr/lib/locale/TZ/",
	"/etc/zoneinfo/",
};

/* Endings of files that people write settings into; the key is the name without it. */
static const char *const config_endings[] = {
	".yaml", ".yml", ".toml", ".json", ".ini", ".env", ".conf", ".cfg", ".config", ".properties", ".hcl",
};

/* Programs of which gcc's collect2 takes the first that is there. */
static const struct {
	const char *name, *group;
} alternatives[] = {
	{ "collect-ld",	 "ld" },
	{ "gnm",	 "nm" },
	{ "gstrip",	 "strip" },
	{ "ld",		 "ld" },
	{ "nm",		 "nm" },
	{ "real-ld",	 "ld" },
	{ "strip",	 "strip" },
};

static bool set(struct ladder_step *ret, enum ladder_purpose purpose, const char *key, size_t n)
{
	*ret = (struct ladder_step){ .purpose = purpose, .key = key, .key_len = n };
	return true;
}

static bool by_place(const char *path, struct ladder_step *ret)
{
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (str_has_suffix(path, ends[i].end))
			return set(ret, ends[i].purpose, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (str_eq(path, places[i].path))
			return set(ret, places[i].purpose, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(zone_folders); i++) {
		n = strlen(zone_folders[i]);
		if (!strncmp(path, zone_folders[i], n) && path[n])
			return set(ret, LADDER_TIME_ZONE, path + n, strlen(path + n));
	}
	return false;
}

static bool set_program(struct ladder_step *ret, const char *name)
{
	set(ret, LADDER_PROGRAM, name, strlen(name));
	for (size_t i = 0; i < ARRAY_SIZE(alternatives); i++) {
		if (!str_eq(alternatives[i].name, name))
			continue;
		ret->group = alternatives[i].group;
		ret->group_len = strlen(ret->group);
	}
	return true;
}

/* "libz.so" and "libz.a" are both -lz; with a version behind it, it is the loader's. */
static bool by_link_library(const char *name, struct ladder_step *ret)
{
	const size_t n = strlen(name), end = str_has_suffix(name, ".so") ? 3 : str_has_suffix(name, ".a") ? 2 : 0;

	if (!end || n <= 3 + end || memcmp(name, "lib", 3))
		return false;
	set(ret, LADDER_LIBRARY, name, n);
	ret->group = name;
	ret->group_len = n - end;
	return true;
}

/* "libc.so.6", "libfoo.so" */
static bool by_library(const char *name, struct ladder_step *ret)
{
	const char *so = strstr(name, ".so");

	if (!so || so == name || (so[3] && so[3] != '.') || str_has_prefix(name, "ld.so."))
		return false;
	return set(ret, LADDER_LIBRARY, name, strlen(name));
}

/* The folder is one of PATH's; empty elements mean the working folder, which is not known here. */
static bool by_program(const char *path, const char *name, const char *path_list, struct ladder_step *ret)
{
	const char *dir = path_list;
	size_t n, len = name - 1 - path;

	if (!len)
		return false;
	for (; dir && *dir; dir += n + (dir[n] == ':')) {
		n = strcspn(dir, ":");
		if (n == len && !memcmp(dir, path, n))
			return set_program(ret, name);
		/* PATH elements are often written with a slash at their end. */
		if (n == len + 1 && dir[n - 1] == '/' && !memcmp(dir, path, len))
			return set_program(ret, name);
	}
	return false;
}

static bool by_config(const char *name, struct ladder_step *ret)
{
	size_t i, n = strlen(name), len;

	for (i = 0; i < ARRAY_SIZE(config_endings); i++) {
		len = strlen(config_endings[i]);
		if (n < len || !str_has_suffix(name, config_endings[i]))
			continue;
		/* ".env" alone is a name, not an ending */
		return set(ret, LADDER_CONFIG, name, n > len ? n - len : n);
	}
	/* ".toolrc" */
	if (n > 3 && name[0] == '.' && str_has_suffix(name, "rc"))
		return set(ret, LADDER_CONFIG, name, n);
	return false;
}

bool ladder__classify(const char *path, const char *path_list, struct ladder_step *ret)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	*ret = (struct ladder_step){ .purpose = LADDER_NONE };
	if (path[0] != '/' || !*name)
		return false;
	return by_place(path, ret) || by_program(path, name, path_list, ret) || by_link_library(name, ret) ||
	       by_library(name, ret) || by_config(name, ret);
}

bool ladder__is_config(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct ladder_step step;

	return *name && by_config(name, &step);
}

bool library__is_of_system(const char *path)
{
	static const char *const folders[] = {
		"/lib", "/usr/lib", "/usr/libexec/", "/usr/local/lib", "/opt/", "/nix/store/", "/gnu/store/", "/snap/",
	};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (str_has_prefix(path, folders[i]))
			return true;
	return false;
}
