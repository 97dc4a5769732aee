/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_MODEL_FILES_H
#define GOENVBPF_MODEL_FILES_H
/*
 * Configuration files: every text of them that is in the record, parsed once, and who wrote them.
 *
 * A text is captured after the open that it is for. Whether it is what a command read is decided by
 * the writes in the record and by the file's time.
 */
#include "golang/goenv.h"
#include "golang/gomod.h"
#include "model/model.h"

struct file_version {
	int64_t ts;		/* of the open that it was captured for */
	uint64_t proc;		/* who opened it */
	bool is_written;	/* to write it, not to read it */
	bool is_aside;		/* it was not opened: capture looked at it */
	bool is_name_only;	/* of a program's settings: there is no text */
	char *wanted;		/* of those: is_aside, and may have been meant by this name; NULL */
	char *leads_to;		/* what symbolic links made of the path; NULL: nothing else, or not known */
	bool is_of_shell;	/* a start-up file of a shell: only lines about Go are here */
	int64_t mtime;		/* ns since the record's start; INT64_MIN: not known */
	char *text;		/* NULL: it is not in the record */
	struct goenv goenv;	/* as a file of settings */
	struct gomod gomod;	/* as a go.mod or go.work */
	const struct file_version *older;
};

/* From ts on, path may be another file or have another content. */
struct file_write {
	int64_t ts;
	uint64_t proc;
	const struct file_write *before;
};

struct config_file {
	const char *path;
	const struct file_version *versions;	/* newest first; NULL: only written */
	const struct file_write *writes;	/* newest first */
};

/* Those of which texts or writes are in the record: start with NULL. */
const struct config_file *model__next_file(const struct model *m, const struct config_file *f);
/* NULL: no text and no write of it is in the record. */
const struct config_file *model__file(const struct model *m, const char *path);

enum text_state {
	TEXT_MISSING,		/* what was in it is not in the record */
	TEXT_CHANGED,		/* what is in the record may not be what was read */
	TEXT_READ,
};

/* What somebody read who opened path at ts; NULL with TEXT_MISSING. */
const struct file_version *model__text(const struct model *m, const char *path, int64_t ts,
				       enum text_state *ret);
/* The last write before ts; NULL: none in the record. */
const struct file_write *model__last_write(const struct model *m, const char *path, int64_t ts);

#endif
