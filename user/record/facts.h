/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_RECORD_FACTS_H
#define GOENVBPF_RECORD_FACTS_H
/*
 * What a line of a record says, where more than one key has to be read for it. Whoever asks
 * "was it written", "was it there", "when was that" asks here.
 */
#include "record/reader.h"

/* Lines that tell of a call on a path: open, stat, access, readlink and what changes names. */
static inline bool kind__is_access(enum rec_kind kind)
{
	return kind >= REC_OPEN && kind <= REC_CHDIR;
}

/* The ones among them that only look, and change nothing. */
static inline bool kind__is_lookup(enum rec_kind kind)
{
	return kind >= REC_OPEN && kind <= REC_READLINK;
}

/* Opened so that its content may change: for writing, or made, or cut. Whether it worked or not. */
static inline bool rec__opens_to_write(const struct rec *rec)
{
	return rec->kind == REC_OPEN && rec->flags & REC_FLAG_WRITE;
}

/* Opened for its content: not to be written, not only as a name. Whether it worked or not. */
static inline bool rec__opens_to_read(const struct rec *rec)
{
	return rec->kind == REC_OPEN && !(rec->flags & (REC_FLAG_WRITE | REC_FLAG_PATH));
}

/* A file was opened to be read, and that worked. */
static inline bool rec__reads_file(const struct rec *rec)
{
	return rec__opens_to_read(rec) && !rec->err && !(rec->flags & REC_FLAG_DIRECTORY);
}

/*
 * Content or name of path (or path2) may be another one from here on: opened to be written, cut,
 * renamed, removed, linked … Only calls that worked.
 */
static inline bool rec__changes_path(const struct rec *rec)
{
	if (rec->err)
		return false;
	return rec__opens_to_write(rec) ||
	       (kind__is_access(rec->kind) && !kind__is_lookup(rec->kind) && rec->kind != REC_CHDIR);
}

/* There is no such file: not one that could not be reached. */
static inline bool err__is_absent(const char *err)
{
	return err && (str_eq(err, "ENOENT") || str_eq(err, "ENOTDIR"));
}

/* The path was found to be a directory. */
bool rec__is_directory(const struct rec *rec);
/* The line says that it knows the fact only in part. */
bool rec__is_incomplete(const struct rec *rec, const char *fact);
/* The file's mtime, ns since the epoch; 0 when the line has none. */
int64_t rec__mtime(const struct rec *rec);
/* RFC 3339 with any offset as ns since the epoch; 0 when it is none. NULL is fine. */
int64_t rfc3339__ns(const char *time);
/* ns since the epoch in UTC, with nine digits behind the second. */
#define RFC3339_SZ 64
void rfc3339__utc(int64_t ns, char ret[RFC3339_SZ]);

#endif
