/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GOENVBPF_GOLANG_ACTION_ID_H
#define GOENVBPF_GOLANG_ACTION_ID_H
/*
 * The key under which go keeps a compiled package (cmd/go/internal/work, buildActionID): SHA-256 of
 * lines that name all inputs. What is given here says what go was given; equal keys prove that nothing
 * is missing. Go 1.15 and 1.18 to 1.27 of the gc toolchain; GODEBUG=gocachehash=1 prints what they hash.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/gocache.h"
#include "util/str.h"

/* X(id, name): what a line is about, in go's order. */
#define ACTION_PART_LIST(X)				\
	X(VERSION,	"go version")			\
	X(DIR,		"directory")			\
	X(MODULE,	"module")	/* -trimpath */	\
	X(GO_LINE,	"go line")			\
	X(PLATFORM,	"platform")			\
	X(PATH,		"import path")			\
	X(TRIMPATH,	"-trimpath")			\
	X(LIBRARY,	"what is made for a test")	\
	X(CGO,		"cgo")				\
	X(COVER,	"coverage")			\
	X(MODINFO,	"build information")		\
	X(COMPILE,	"compiler and its flags")	\
	X(ASM,		"assembler and its flags")	\
	X(ARCH,		"architecture level")		\
	X(EXPERIMENT,	"GOEXPERIMENT")			\
	X(FILE,		"file")				\
	X(IMPORT,	"import")			\
	X(PGO,		"profile")

enum action_part {
#define X(id, name) ACTION_##id,
	ACTION_PART_LIST(X)
#undef X
	ACTION_PART_CNT,
};

const char *action_part__name(enum action_part part);

struct action_file {
	const char *name;		/* below the package's directory */
	const uint8_t *sha256;		/* 32 bytes of its content */
};

struct action_import {
	const char *path;
	const char *content;		/* content ID of its archive, 20 characters; "" of unsafe */
	size_t content_n;
};

struct action_inputs {
	const char *go;			/* "go1.26.11", the version of the go command */
	const char *tools;		/* the version that its tools tell, "… X:exp"; NULL: the same */
	unsigned int minor;		/* 26 */
	bool is_std, is_trimpath;
	bool is_library;		/* "p [p.test]", but not "p_test [p.test]" */
	const char *dir;		/* of the package */
	const char *module, *version;	/* version "" for the main module; NULL: of no module */
	const char *go_line;		/* of the module's go.mod; NULL: of no module */
	const char *goos, *goarch;
	const char *path;		/* without " [p.test]" */
	const char *cgo;		/* its lines, each with its newline; NULL: no cgo */
	const char *cover;		/* the rest of its line; NULL */
	const char *modinfo;		/* of a program; NULL */
	const char *gcflags;		/* both lists as go prints them, "[] []"; NULL: that */
	bool has_asm;
	const char *asmflags;		/* the same */
	const char *arch;		/* "GOAMD64=v1" */
	const char *experiment;		/* GOEXPERIMENT as far as it differs; NULL */
	const struct action_file *files;
	size_t file_cnt;
	const struct action_import *imports;
	size_t import_cnt;
	const uint8_t *pgo;		/* 32 bytes of the profile's content; NULL */
};

/* Every line with its newline, but for the first one; returns what it is stopped with, or 0. */
typedef int (*action_line_fn)(void *ctx, enum action_part part, const char *line, size_t n);
/* -EOPNOTSUPP: the recipe of that version is not known; -ENOMEM. */
int action__lines(const struct action_inputs *in, action_line_fn fn, void *ctx);
int action__id(const struct action_inputs *in, uint8_t ret[GOCACHE_ID_SZ]);

/* A string as Go's %q prints it, and a byte of ASCII in one. */
void go__quote(struct str *out, const char *s);
void go__quote_byte(struct str *out, unsigned char c);

/* Hashes as build IDs and lines of keys have them: base64url of the first 15 bytes. */
#define GO_HASH_LEN 20
void go__hash_text(const uint8_t *sha256, char ret[GO_HASH_LEN + 1]);

#endif
