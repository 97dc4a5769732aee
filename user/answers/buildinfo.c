/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What executables have embedded, as data. */
#include "answers/buildinfo.h"

static const char *unless_empty(const char *s)
{
	return s && *s ? s : NULL;
}

/* --- modules --- */

static const struct object module_object;

GET(sum, struct go_module, s, unless_empty(o->sum))

OBJECT(module, struct go_module, "A module.",
	F_STRING("path",	MUST, path, "its path"),
	F_STRING("version",	MUST, version, "its version; \"(devel)\" or empty without one"),
	F_GET("sum",		FIELD_STRING, MAY, sum, "its checksum, as in go.sum"),
	F_OBJECT_POINTER("replace", MAY, replace, module, "what was used instead"))

OBJECT(setting, struct go_setting, "A build setting.",
	F_STRING("key",		MUST, key, "name of the setting"),
	F_STRING("value",	MUST, value, "its value"))

/* --- a file --- */

GET(path, struct buildinfo, s, unless_empty(o->path))
GET(main_module, struct buildinfo, p, o->has_main ? &o->main : NULL)

OBJECT(info, struct buildinfo, NULL,
	F_STRING("go",		MUST, go, "the Go version that built it"),
	F_GET("path",		FIELD_STRING, MAY, path, "of the main package"),
	F_GET_OBJECT("main",	MAY, main_module, module, "the main module"),
	F_ARRAY("deps",		MUST, deps, dep_cnt, module, "the modules that it was built with"),
	F_ARRAY_MAP("settings",	MUST, settings, setting_cnt, setting, "the build settings"),
	F_STRING("build_id",	MAY, build_id, "its build ID"),
	F_NAME("format",	MUST, format, buildinfo_format__name, BUILDINFO_POINTER, BUILDINFO_INLINE + 1,
	       "how it is embedded: pointer up to Go 1.17, inline since 1.18"))

PUBLIC_OBJECT(buildinfo, struct embedded_file, "What an executable has embedded.",
	F_BYTES("file",		MUST, file, "the file"),
	F_INLINE_POINTER(info, info))

GET(error, struct embedded_file, s, buildinfo__strerror(o->err))

PUBLIC_OBJECT(buildinfo_error, struct embedded_file, "A file whose build information could not be read.",
	F_BYTES("file",		MUST, file, "the file"),
	F_GET("error",		FIELD_STRING, MUST, error, "why nothing is known of it"))
