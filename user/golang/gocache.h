/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_GOCACHE_H
#define GOENVBPF_GOLANG_GOCACHE_H
/*
 * Go's build cache (GOCACHE): what a path in it is, what an entry says, and how the build IDs of
 * the tools' command lines name the entries.
 *
 * XX/<64 hex>-a is the entry of an action, XX/<64 hex>-d the data that entries point at. Since
 * 1.24 a -d may be a folder that holds one executable.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GOCACHE_ID_LEN		64	/* hex digits */
#define GOCACHE_ID_SZ		32	/* bytes */
#define GOCACHE_ENTRY_LEN	175
#define GOCACHE_ENTRY_TAIL	(3 + 1 + GOCACHE_ID_LEN + 2)	/* of an entry's path: "/XX/<64 hex>-a" */
#define GOCACHE_PREFIX_LEN	30	/* hex digits of an action that a build ID carries */

enum gocache_kind {
	GOCACHE_OTHER,		/* below GOCACHE, but nothing that we know */
	GOCACHE_ROOT,
	GOCACHE_SUBDIR,		/* 00 to ff */
	GOCACHE_ACTION,		/* -a */
	GOCACHE_DATA,		/* -d */
	GOCACHE_EXECUTABLE,	/* -d/<name> */
	GOCACHE_README,
	GOCACHE_TRIM,		/* trim.txt */
	GOCACHE_TESTEXPIRE,	/* testexpire.txt */
	GOCACHE_FUZZ,		/* fuzz/… */
};

struct gocache_path {
	enum gocache_kind kind;
	char id[GOCACHE_ID_LEN + 1];	/* of actions and data, else "" */
	const char *name;		/* of an executable, else NULL; points into the path */
};

/* -ENOENT: path is not below root (both absolute). */
int gocache__classify(const char *root, const char *path, struct gocache_path *ret);
/*
 * The same without knowing GOCACHE: true for …/XX/<64 hex>-a, -d and -d/<name> where XX are the
 * first two digits. *ret_root_len: length of the part of path that is GOCACHE.
 */
bool gocache__guess(const char *path, struct gocache_path *ret, size_t *ret_root_len);

/* The same question for one kind, cheap, of the n bytes of a path: …/XX/<64 hex>-a. */
bool gocache__is_action(const char *path, size_t n);

struct gocache_entry {
	char action[GOCACHE_ID_LEN + 1];
	char output[GOCACHE_ID_LEN + 1];	/* names the -d file */
	uint64_t size;
	int64_t time;				/* ns since the epoch */
};

/* The content of a -a file. -EBADMSG: not one, which go counts as a miss. */
int gocache__parse_entry(const char *text, size_t n, struct gocache_entry *ret);

/*
 * "A/C", "A/…/C" or "A": the first GOCACHE_PREFIX_LEN digits of A's action ID. -EINVAL: A is not 20
 * characters of base64url.
 */
int gocache__action_prefix(const char *build_id, char ret[GOCACHE_PREFIX_LEN + 1]);
/*
 * The action under which go keeps what belongs to another one: desc is "stdout", "srcfiles", … Both
 * are the GOCACHE_ID_SZ bytes of an action ID.
 */
void gocache__subkey(const uint8_t *action, const char *desc, uint8_t *ret);
/*
 * The action under which go test keeps what a test read, so that it can find the result again.
 * version: "go1.22.12" of go; link: the first element of the build ID that the linker of the test
 * binary was given; args: those of the test binary that count, quoted as Go does, a space between.
 */
void gocache__test_key(const char *version, const char *link, const char *args, uint8_t *ret);
/* Reads 2 * n hex digits; false when there are others. */
bool gocache__bytes(const char *hex, size_t n, uint8_t *ret);

/* Element i of a build ID, its length in *ret_n; NULL when there are fewer. */
const char *build_id__element(const char *build_id, unsigned int i, size_t *ret_n);

enum gocache_content {
	GOCACHE_CONTENT_OTHER,		/* facts of vet, a list of files, a source file */
	GOCACHE_CONTENT_ARCHIVE,	/* a compiled package: see archive.h */
	GOCACHE_CONTENT_INDEX,		/* a module index */
	GOCACHE_CONTENT_ELF,		/* an executable */
	GOCACHE_CONTENT_TEST_LOG,	/* what a test read and which variables it asked for */
	GOCACHE_CONTENT_CC,		/* what identifies a C compiler */
	GOCACHE_CONTENT_CC_FLAG,	/* whether a C compiler takes a flag */
	GOCACHE_CONTENT_TOOL_OUTPUT,	/* what a compiler, a linker or vet said of a package */
	GOCACHE_CONTENT_TEST_OUTPUT,	/* the result of a test */
};

/* What the first bytes (256 suffice, or all) of a -d file say. */
enum gocache_content gocache__content(const void *bytes, size_t n);
/*
 * The package that a tool's output is about, from its first bytes ("# import/path\n"), and the one
 * whose test's result ends with those bytes ("ok  \timport/path\t0.1s\n": go looks there itself).
 * Its start in bytes and its length; NULL: none.
 */
const char *gocache__tool_package(const char *bytes, size_t n, size_t *ret_n);
const char *gocache__test_package(const char *bytes, size_t n, size_t *ret_n);

#endif
