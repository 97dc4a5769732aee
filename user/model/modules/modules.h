/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_MODULES_MODULES_H
#define GOENVBPF_MODEL_MODULES_MODULES_H
/*
 * Where each go command, with the tools that worked for it, took its modules from: the module cache,
 * a vendor folder, a folder of the workspace or of a replace line; and what it downloaded.
 */
#include "model/model.h"
#include "model/proof.h"
#include "model/settings/settings.h"

enum module_origin {
	MODULE_MAIN,
	MODULE_CACHE,		/* GOMODCACHE/<path>@<version> */
	MODULE_VENDOR,		/* vendor/<path>; here path is that of a package */
	MODULE_REPLACED,	/* a local folder, by a replace line of go.mod or go.work */
	MODULE_WORKSPACE,	/* a folder of go.work */
	MODULE_FOLDER,		/* a folder with a go.mod; no line that names it was seen */
};

enum module_extraction {
	EXTRACTION_NONE,
	EXTRACTION_DONE,	/* .partial was made and removed */
	EXTRACTION_LEFT,	/* .partial was made and not removed */
	EXTRACTION_FOUND,	/* .partial was there from before: the folder is not complete */
};

/* What was fetched, or copied from a proxy that is a folder */
enum module_download {
	DOWNLOADED_INFO = 1 << 0,
	DOWNLOADED_MOD = 1 << 1,
	DOWNLOADED_ZIP = 1 << 2,
};

struct module_use {
	const char *path, *version;	/* version NULL: of a folder */
	const char *dir;		/* NULL: nothing was looked at in it */
	enum module_origin origin;
	bool is_toolchain;		/* a Go that was downloaded as a module */
	const char *declared_in;	/* the go.mod or go.work that names the folder; NULL */
	unsigned int line;		/* there */
	uint64_t reads;			/* files opened */
	struct proof read;
	unsigned int downloads;		/* enum module_download */
	struct proof download;
	enum module_extraction extraction;
	bool was_partial;	/* it was not unpacked to the end by an earlier command */
	struct proof partial;
};

/* A module that the module cache did not have. */
struct module_wanted {
	const char *path;
	bool is_had;		/* it came, or was there in another version */
	int64_t ts;
};

#define MODULES_MAX_WANTED 64

/* One go command's */
struct module_set {
	uint64_t go;
	const struct go_command *c;	/* the same; since model__finish() */
	const char *main_path;		/* of the main module; NULL unknown */
	const char *vendor;		/* the modules.txt that was read; NULL: none */
	struct proof vendor_read;
	uint64_t cache_reads;		/* files opened in the module cache, toolchains apart */
	uint64_t std_reads;		/* sources of the standard library */
	uint64_t sumdb;			/* accesses to what is kept of the checksum database */
	struct proof sumdb_use;
	struct module_wanted wanted[MODULES_MAX_WANTED];
	size_t wanted_cnt;
	uint64_t vcs;			/* accesses to clones of repositories */
	uint64_t omitted;		/* modules beyond what is kept */
};

/* In the order of the record: start with NULL. */
const struct module_set *model__next_module_set(const struct model *m, const struct module_set *s);
const struct module_use *module_set__next(const struct module_set *s, const struct module_use *u);

/* The vendored module that a package belongs to, by modules.txt: "path version"; NULL: not known. */
const char *module_set__vendored(const struct module_set *s, const struct module_use *u);

/* modules.txt has that module in that version. */
bool module_set__has_vendored(const struct module_set *s, const char *path, const char *version);

struct module_file {
	const char *path;	/* of the file in effect; NULL: none */
	unsigned int above;	/* directories above the working directory */
	struct proof proof;
	enum confidence confidence;
};

/* What the settings GOMOD and GOWORK say, as files. */
void module_set__go_mod(const struct module_set *s, struct module_file *ret);
void module_set__go_work(const struct module_set *s, struct module_file *ret);

/* By -mod=vendor, as the command takes it. */
bool module_set__is_vendor_asked(const struct module_set *s);
/* The modules of a vendor folder were used though nobody asked for that. */
bool module_set__is_auto_vendor(const struct module_set *s, enum confidence *ret);

const char *module_origin__name(enum module_origin o);
const char *module_extraction__name(enum module_extraction e);	/* "none", "done", "left", "found" */

#endif
