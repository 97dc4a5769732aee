/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The modules of each go command, as data: where they came from and what was downloaded. */
#include "answers/objects.h"
#include "model/modules/modules.h"

/* --- one module --- */

static const struct {
	unsigned int bit;
	const char *name;
} download_files[] = {
	{ DOWNLOADED_INFO, "info" },
	{ DOWNLOADED_MOD,  "mod" },
	{ DOWNLOADED_ZIP,  "zip" },
};

static const void *next_file(struct answer *a, const void *data, const void *item)
{
	const struct module_use *u = data;

	for (size_t i = 0; i < ARRAY_SIZE(download_files); i++) {
		if (!item && u->downloads & download_files[i].bit)
			return download_files[i].name;
		if (item == download_files[i].name)
			item = NULL;
	}
	return NULL;
}

/* Another go command may be at it, or the record may end before it does. */
GET(extraction_confidence, struct module_use, u, o->extraction == EXTRACTION_DONE ? PROVEN : LIKELY)

OBJECT(downloaded, struct module_use, "What was fetched, or copied from a proxy that is a folder.",
	F_STRING_LIST("files",	MUST, next_file, "what was fetched of it"),
	SURE,
	PROOF_IN(MUST, download))

OBJECT(extraction, struct module_use, "How a module was unpacked.",
	F_NAME("state",		MUST, extraction, module_extraction__name, EXTRACTION_DONE, EXTRACTION_FOUND + 1,
	       "done; left: not ended; found: not ended earlier"),
	CONFIDENCE_OF(MUST, extraction_confidence),
	PROOF_IN(MUST, partial))

static struct value path_of(struct answer *a, const void *data)
{
	const struct module_use *u = data;
	const struct module_set *s = a->of;

	return (struct value){ .s = u->origin == MODULE_MAIN ? s->main_path ?: "" : u->path };
}

GET(vendored, struct module_use, s, o->origin == MODULE_VENDOR ? module_set__vendored(a->of, o) : NULL)
GET(downloaded, struct module_use, p, o->downloads ? o : NULL)
GET(extraction, struct module_use, p, o->extraction ? o : NULL)

OBJECT(module, struct module_use, "A module that a go command used.",
	F_GET("path",		FIELD_STRING, MUST, path_of, "its path; of a vendored package, the package's"),
	F_STRING("version",	MAY, version, "its version"),
	F_NAME("origin",	MUST, origin, module_origin__name, 0, MODULE_FOLDER + 1, "where it came from"),
	F_STRING("dir",		MAY, dir, "the folder that it was read from"),
	F_GET("module",		FIELD_STRING, MAY, vendored, "the module of a vendored package, with its version"),
	F_BOOL("toolchain",	MAY, is_toolchain, "it is a Go that was downloaded as a module"),
	F_STRING("declared_in",	MAY, declared_in, "the go.mod or go.work that names the folder"),
	F_ID("line",		MAY, line, "its line there"),
	F_COUNT("reads",	MUST, reads, "files opened"),
	SURE,
	PROOF_IN(MUST, read),
	F_GET_OBJECT("downloaded", MAY, downloaded, downloaded, "what was fetched of it"),
	F_GET_OBJECT("extraction", MAY, extraction, extraction, "how it was unpacked"))

/* --- those of a command --- */

OBJECT(module_file, struct module_file, "The go.mod or go.work in effect.",
	F_STRING("path",	MUST, path, "the file"),
	F_COUNT("directories_above", MUST, above, "directories above the working directory"),
	CONFIDENCE(MUST, confidence),
	PROOF_IN(MUST, proof))

static const struct module_file *file_of(struct answer *a, const struct module_set *s,
		void (*find)(const struct module_set *, struct module_file *))
{
	struct module_file *f = answer__own(a, calloc(1, sizeof(*f)), free);

	if (f)
		find(s, f);
	return f && f->path ? f : NULL;
}

static bool is_auto_vendor(const struct module_set *s)
{
	enum confidence sure;

	return module_set__is_auto_vendor(s, &sure);
}

static enum confidence vendor_confidence(const struct module_set *s)
{
	enum confidence sure;

	(void)module_set__is_auto_vendor(s, &sure);	/* asked for how sure that is */
	return module_set__is_vendor_asked(s) ? PROVEN : sure;
}

GET(vendor_is_asked, struct module_set, b, module_set__is_vendor_asked(o))
GET(vendor_is_auto, struct module_set, b, is_auto_vendor(o))
GET(vendor_is_sure, struct module_set, u, vendor_confidence(o))
GET(go_mod, struct module_set, p, file_of(a, o, module_set__go_mod))
GET(go_work, struct module_set, p, file_of(a, o, module_set__go_work))
GET(vendor, struct module_set, p, o->vendor ? o : NULL)
GET(sumdb, struct module_set, p, o->sumdb ? o : NULL)
NEXT(next_use, struct module_set, module_set__next(o, item))

OBJECT(vendor, struct module_set, "The vendor folder that was used.",
	F_STRING("path",	MUST, vendor, "the modules.txt that was read"),
	F_GET("auto",		FIELD_BOOL, MUST, vendor_is_auto, "it was used though nobody asked for that"),
	F_GET("asked",		FIELD_BOOL, MUST, vendor_is_asked, "-mod=vendor is in effect"),
	CONFIDENCE_OF(MUST, vendor_is_sure),
	PROOF_IN(MUST, vendor_read))

OBJECT(sumdb, struct module_set, "What is kept of the checksum database was used.",
	F_COUNT("accesses",	MUST, sumdb, "to its files"),
	SURE,
	PROOF_IN(MUST, sumdb_use))

OBJECT(module_set, struct module_set, "The modules of a go command.",
	F_ID("proc",		MUST, go, "the go command"),
	F_STRING("main",	MAY, main_path, "its main module"),
	F_GET_OBJECT("go_mod",	OR_NULL, go_mod, module_file, "the go.mod in effect; null: none, or not known"),
	F_GET_OBJECT("go_work",	OR_NULL, go_work, module_file, "the go.work in effect; null: none, or not known"),
	F_GET_OBJECT("vendor",	MAY, vendor, vendor, "the vendor folder"),
	F_COUNT("std_reads",	MUST, std_reads, "sources of the standard library that were opened"),
	F_GET_OBJECT("sumdb",	MAY, sumdb, sumdb, "the checksum database"),
	F_LIST("modules",	MUST, next_use, module, "the modules"),
	F_COUNT("omitted",	MUST, omitted, "further modules"))

NEXT(next_set, void, model__next_module_set(a->m, item))

PUBLIC_OBJECT(modules_part, void, NULL,
	F_LIST("modules",	MUST, next_set, module_set, "by go command, the modules that it and its tools used"))
