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

#define THIS struct go_module
static const struct field module_fields[] = {
	F_STRING("path",	MUST, path, "its path"),
	F_STRING("version",	MUST, version, "its version; \"(devel)\" or empty without one"),
	F_GET("sum",		FIELD_STRING, MAY, sum, "its checksum, as in go.sum"),
	F_OBJECT_POINTER("replace", MAY, replace, &module_object, "what was used instead"),
	{ }
};
#undef THIS

static const struct object module_object = {
	.name = "module", .meaning = "A module.", .fields = module_fields,
};

#define THIS struct go_setting
static const struct field setting_fields[] = {
	F_STRING("key",		MUST, key, "name of the setting"),
	F_STRING("value",	MUST, value, "its value"),
	{ }
};
#undef THIS

static const struct object setting_object = {
	.name = "setting", .meaning = "A build setting.", .fields = setting_fields,
};

/* --- a file --- */

GET(path, struct buildinfo, s, unless_empty(o->path))
GET(main_module, struct buildinfo, p, o->has_main ? &o->main : NULL)

#define THIS struct buildinfo
static const struct field info_fields[] = {
	F_STRING("go",		MUST, go, "the Go version that built it"),
	F_GET("path",		FIELD_STRING, MAY, path, "of the main package"),
	F_GET_OBJECT("main",	MAY, main_module, &module_object, "the main module"),
	F_ARRAY("deps",		MUST, deps, dep_cnt, &module_object, "the modules that it was built with"),
	F_ARRAY_MAP("settings",	MUST, settings, setting_cnt, &setting_object, "the build settings"),
	F_STRING("build_id",	MAY, build_id, "its build ID"),
	F_NAME("format",	MUST, format, buildinfo_format__name, BUILDINFO_POINTER, BUILDINFO_INLINE + 1,
	       "how it is embedded: pointer up to Go 1.17, inline since 1.18"),
	{ }
};
#undef THIS

static const struct object info_object = { .fields = info_fields };

#define THIS struct embedded_file
static const struct field file_fields[] = {
	F_BYTES("file",		MUST, file, "the file"),
	F_INLINE_POINTER(info, &info_object),
	{ }
};

GET(error, struct embedded_file, s, buildinfo__strerror(o->err))

static const struct field error_fields[] = {
	F_BYTES("file",		MUST, file, "the file"),
	F_GET("error",		FIELD_STRING, MUST, error, "why nothing is known of it"),
	{ }
};
#undef THIS

const struct object buildinfo_object = {
	.name = "file", .meaning = "What an executable has embedded.", .fields = file_fields,
};

const struct object buildinfo_error_object = {
	.name = "unreadable", .meaning = "A file whose build information could not be read.",
	.fields = error_fields,
};
